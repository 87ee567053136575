package jssip

import (
	"slices"
)

// call is what a call amounts to, where its function is one of the text's or known.
func (f *folder) call(n call, s *scope) any {
	callee, id, of := f.callee(n, s)
	args := make([]any, 0, min(len(n.args), maxItems))
	for _, a := range n.args {
		if sp, is := a.(spread); is {
			if l, is := f.value(sp.of, s).(*list); is {
				args = append(args, l.items...)
			}
			continue
		}
		if as, is := a.(assignment); is && id == "dict" {
			args = append(args, f.keyword(as, s))
			continue
		}
		args = append(args, f.value(a, s))
	}
	if n.made {
		return f.make(n, callee, id, args)
	}
	switch callee := callee.(type) {
	case *closure:
		return f.enter(callee, args, true)
	case *library:
		return f.libraryCall(n, callee, args)
	case *classValue:
		if id == "super" && s.this != nil {
			f.construct(callee, s.this, args)
			return s.this
		}
	}
	if id == "super" && s.deriving != nil {
		return f.superOf(n, s, args)
	}
	if v, is := f.methodOf(of, id, args, n, s); is {
		return v
	}
	if v, is := f.knownFunction(f.described(n.callee), id, args, n); is {
		return v
	}
	if lost, is := of.(*unknown); is && lost.cause != CauseProgram {
		return lost
	}
	return &unknown{at: n.start, from: f.described(n)}
}

// callee is what is called, its last name, and what it is a method of.
func (f *folder) callee(n call, s *scope) (callee any, id string, of any) {
	switch c := n.callee.(type) {
	case member:
		of = f.value(c.of, s)
		id = c.id
		if v, is := of.(*record); is {
			return v.members[id].value, id, of
		}
		if lib, is := of.(*library); is {
			return f.memberOf(lib, id, c.start, nil), id, of
		}
		if lost, is := of.(*unknown); is && id != "" {
			return &unknown{lost.at, lost.cause, lost.from}, id, of
		}
		return nil, id, of
	case name:
		if c.id == "super" && s.deriving != nil && s.deriving.extends != nil {
			return f.value(s.deriving.extends, s.deriving.scope), "super", nil
		}
		return f.value(c, s), c.id, nil
	}
	v := f.value(n.callee, s)
	return v, "", nil
}

// keyword is an argument of Python's dict(uri='…').
func (f *folder) keyword(a assignment, s *scope) any {
	r := newRecord(a.span, f.maybe)
	if to, is := a.to.(name); is {
		r.set(to.id, f.value(a.from, s), a.start)
	}
	return r
}

// enter looks at a function with these arguments; where they are not given, what its parameters are is unknown.
func (f *folder) enter(c *closure, args []any, given bool) any {
	if f.calls >= maxCalls || f.spent(1) || f.depth > maxDepth {
		return &unknown{at: c.start}
	}
	c.called = true
	f.calls++
	defer func() { f.calls-- }()
	var returns []any
	s := c.scope.inner(f.maybe)
	s.function, s.this, s.returns, s.deriving = true, c.this, &returns, c.deriver
	if c.arrow {
		s.this, s.deriving = c.scope.this, c.scope.deriving
	}
	for i, p := range c.parameters {
		var v any
		switch {
		case p.rest && given:
			v = &list{items: slices.Clone(args[min(i, len(args)):])}
		case i < len(args):
			v = args[i]
		case !given:
			v = &unknown{at: p.to.where().start}
		}
		if p.def != nil && (v == nil || !given) {
			if def := f.value(p.def, s); given || !hollow(def) {
				v = def
			}
		}
		f.bind(p.to, v, "let", s)
		if id, is := p.to.(name); is && p.field && s.this != nil {
			s.this.set(id.id, s.names[id.id], p.to.where().start)
		}
	}
	if c.result != nil {
		return f.value(c.result, s)
	}
	f.body(c.function.body, s)
	return f.merged(returns, c.start)
}

// make is new callee(…).
func (f *folder) make(n call, callee any, id string, args []any) any {
	part := id
	switch c := callee.(type) {
	case *library:
		part = c.part
	case *classValue:
		return f.instance(c, args, n.span)
	case *closure:
		r := newRecord(n.span, f.maybe)
		r.kind, c.this = recordOther, r
		f.enter(c, args, true)
		return r
	}
	r := newRecord(n.span, f.maybe)
	r.args, r.kind, r.of = args, recordOther, n
	switch {
	case slices.Contains([]string{"WebSocketInterface", "NodeWebSocket", "NodeWebSocketInterface"}, part):
		r.kind = recordSocket
	case slices.Contains([]string{"UA", "UserAgent", "SimpleUser", "Simple"}, part) && (len(args) > 0 ||
		isLibrary(callee)):
		f.agent(r, part, args)
	case part == "URI" || part == "NameAddrHeader":
		return f.madeURI(n, args)
	case part == "Map" || part == "Proxy" || part == "Array":
		if len(args) > 0 {
			return args[0]
		}
	case part == "String" || part == "URL":
		if len(args) == 1 {
			return args[0]
		}
	}
	return r
}

func isLibrary(v any) bool { _, is := v.(*library); return is }

// agent notes a new JsSIP.UA; SimpleUser of SIP.js takes the server first.
func (f *folder) agent(r *record, part string, args []any) {
	r.kind = recordAgent
	if len(f.agents) >= maxAgents {
		return
	}
	if options, is := append(args, nil)[0].(*record); is && part == "Simple" && options.has("ua") {
		r.args = []any{options.members["ua"].value}
	}
	if part == "SimpleUser" && len(args) > 0 {
		simple := newRecord(r.span, f.maybe)
		if len(args) > 1 {
			f.spreadInto(simple, args[1], r.of)
		}
		if options, is := simple.members["userAgentOptions"].value.(*record); is {
			simple.remove("userAgentOptions")
			f.spreadInto(simple, options, r.of)
		}
		if aor, is := simple.members["aor"]; is {
			simple.remove("aor")
			simple.set("uri", aor.value, aor.at)
		}
		simple.set("wsServers", args[0], r.start)
		r.args = []any{simple}
	}
	f.agents = append(f.agents, r)
}

// madeURI is new JsSIP.URI('sip', 'alice', 'example.com', 5060) as text.
func (f *folder) madeURI(n call, args []any) any {
	texts := make([]string, 4)
	for i := range min(len(args), len(texts)) {
		if args[i] == nil {
			continue
		}
		text, lost := textOfValue(args[i], n.start)
		if lost != nil {
			return &unknown{n.start, lost.cause, lost.from}
		}
		texts[i] = text
	}
	if len(args) < 3 {
		return texts[0]
	}
	if texts[0] == "" {
		texts[0] = "sip"
	}
	uri := texts[0] + ":" + texts[1] + "@" + texts[2]
	if texts[3] != "" {
		uri += ":" + texts[3]
	}
	return uri
}

// libraryCall is a function of JsSIP or SIP.js, or require('jssip').
func (f *folder) libraryCall(n call, of *library, args []any) any {
	switch of.part {
	case "makeURI", "parse":
		if len(args) > 0 {
			return args[0]
		}
	}
	return &unknown{at: n.start, from: f.described(n)}
}

// instance makes an object of a class and looks at its methods.
func (f *folder) instance(c *classValue, args []any, where span) any {
	if f.calls >= maxCalls || f.spent(1) {
		return &unknown{at: c.start}
	}
	c.made = true
	r := newRecord(c.span, f.maybe)
	r.kind = recordOther
	f.calls++
	f.construct(c, r, args)
	f.calls--
	return r
}

// construct sets the fields and methods of a class on an object, and looks at its constructor.
func (f *folder) construct(c *classValue, r *record, args []any) {
	if f.calls >= maxCalls || f.spent(1) {
		return
	}
	c.made = true
	s := c.scope.inner(f.maybe)
	s.this, s.deriving = r, c
	var constructor *closure
	if c.extends != nil {
		if base, is := f.value(c.extends, c.scope).(*classValue); is && base != c {
			f.calls++
			f.construct(base, r, nil)
			f.calls--
		}
	}
	for _, m := range c.members {
		if fn, is := m.value.(function); is && !fn.arrow && m.key != "" {
			method := f.closure(fn, s)
			method.this, method.getter = r, m.getter
			if m.key == "constructor" {
				constructor, method.deriver = method, c
				continue
			}
			r.set(m.key, method, m.start)
		}
	}
	for _, m := range c.members {
		if fn, is := m.value.(function); is && !fn.arrow && m.key != "" {
			continue
		}
		v := f.value(m.value, s)
		if m.key != "" && m.value != nil {
			r.set(m.key, v, m.start)
		}
	}
	if constructor != nil {
		f.enter(constructor, args, args != nil)
	}
}

// statics are the members of a class itself.
func (f *folder) statics(c *classValue) *record {
	if c.own != nil {
		return c.own
	}
	c.own = newRecord(c.span, f.maybe)
	s := c.scope.inner(f.maybe)
	s.this = c.own
	for _, m := range c.members {
		if !m.static || m.key == "" || m.value == nil {
			continue
		}
		v := f.value(m.value, s)
		if method, is := v.(*closure); is && !method.arrow {
			method.this, method.getter = c.own, m.getter
		}
		c.own.set(m.key, v, m.start)
	}
	return c.own
}

// superOf is super(…) of a class that extends what is not in the text.
func (f *folder) superOf(n call, s *scope, args []any) any {
	base := s.deriving.extends
	if base == nil {
		return nil
	}
	id := ""
	switch base := base.(type) {
	case name:
		id = base.id
	case member:
		id = base.id
	}
	return f.make(n, f.value(base, s.deriving.scope), id, args)
}
