package jssip

// stateOf is what a component's methods find at this: a member of what its data() or state() returns, a computed value,
// another method (Vue's options, Pinia's stores).
func (f *folder) stateOf(r *record, id string) (any, bool) {
	component := r
	if r.outer != nil {
		component = r.outer
	}
	if component.state == nil {
		for _, part := range []string{"data", "state"} {
			of := component.members[part].value
			if c, is := of.(*closure); is && !f.spent(1) {
				component.state = newRecord(c.span, f.maybe) // while it is being found out
				of = f.enter(c, nil, true)
			}
			if state, is := of.(*record); is && (component.state != nil || r != component) {
				component.state = state
				break
			}
		}
	}
	if component.state != nil {
		if m, is := component.state.members[id]; is {
			return m.value, true
		}
	}
	for _, group := range []string{"computed", "getters"} {
		if of, is := component.members[group].value.(*record); is {
			if c, is := of.members[id].value.(*closure); is {
				return f.enter(c, []any{component.state}, true), true
			}
		}
	}
	if props, is := component.members["props"].value.(*record); is {
		if p, is := props.members[id].value.(*record); is && p.has("default") {
			return p.members["default"].value, true
		}
	}
	if r != component {
		if m, is := component.members[id]; is && id != "data" {
			return m.value, true
		}
	}
	return nil, false
}

// isGlobal tells whether a name is the object that holds all global names.
func isGlobal(id string, s *scope) bool {
	switch id {
	case "window", "globalThis", "global", "self", "root":
		_, declared := s.find(id)
		return !declared && (id != "self" && id != "root" || s.this == nil)
	}
	return false
}
