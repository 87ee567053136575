package jssip

import (
	"html"
	"slices"
	"strings"
)

// value returns what an expression amounts to.
func (f *folder) value(n node, s *scope) any {
	if n == nil {
		return nil
	}
	if f.spent(1) || f.depth > maxDepth {
		return &unknown{at: n.where().start}
	}
	f.depth++
	defer func() { f.depth-- }()
	at := n.where().start
	switch n := n.(type) {
	case literal:
		if text, is := n.value.(string); is && strings.HasPrefix(text, "{") && strings.Contains(text, "uri") {
			f.parsedText(html.UnescapeString(text), n.span) // an attribute of an element
		}
		return n.value
	case tagged:
		return &unknown{at, CauseTemplate, n.holds}
	case name:
		return f.named(n, s)
	case joined:
		return f.join(n, s)
	case member:
		return f.member(n, s)
	case call:
		return f.call(n, s)
	case object:
		return f.object(n, s)
	case array:
		return f.array(n, s)
	case spread:
		f.value(n.of, s)
	case unary:
		return f.unary(n, s)
	case binary:
		return f.binary(n, s)
	case choice:
		return f.choice(n, s)
	case assignment:
		return f.assigned(n, s)
	case function:
		c := f.closure(n, s)
		if n.id != "" {
			if _, is := s.find(n.id); !is {
				f.declare(s, n.id, c)
			}
		}
		return c
	case class:
		c := &classValue{class: &n, scope: s}
		f.classes = append(f.classes, c)
		return c
	case loose:
		return f.loose(n, s)
	default:
		f.statement(n, s)
	}
	return &unknown{at: at}
}

func (f *folder) loose(n loose, s *scope) any {
	var last any = &unknown{at: n.start, from: f.described(n)}
	for _, part := range n.parts {
		switch part.(type) {
		case block, branch, declaration, giving, imported:
			f.statement(part, s)
		default:
			last = f.value(part, s)
		}
	}
	return last
}

// named is what a name stands for: where it is declared, else what it is given anywhere, if that is one thing.
func (f *folder) named(n name, s *scope) any {
	if n.id == "this" && s.this != nil {
		return s.this
	}
	if place, is := s.find(n.id); is {
		v := place.names[n.id]
		if lost, is := v.(*unknown); is && lost.from == "" {
			return &unknown{lost.at, lost.cause, n.id}
		}
		return v
	}
	if n.id == "self" && s.this != nil { // Python's
		return s.this
	}
	switch n.id {
	case "JsSIP", "SIP", "jssip", "SIPjs":
		return &library{}
	case "UA", "UserAgent", "WebSocketInterface", "SimpleUser", "NodeWebSocket":
		return &library{n.id}
	}
	if all := f.every[n.id]; len(all) == 1 {
		return all[0]
	}
	if isPage(n.id) {
		return &unknown{n.start, CausePage, n.id}
	}
	return &unknown{at: n.start, from: shortened(n.id)}
}

func (f *folder) join(n joined, s *scope) any {
	var b strings.Builder
	var lost *unknown
	for _, part := range n.parts {
		text, why := textOfValue(f.value(part, s), part.where().start)
		lost = moreTelling(lost, why)
		if b.Len()+len(text) > maxString {
			return &unknown{at: n.start}
		}
		b.WriteString(text)
	}
	if lost != nil {
		return &unknown{n.start, lost.cause, lost.from}
	}
	return b.String()
}

// moreTelling is the one of two reasons that says more; either may be nil.
func moreTelling(a, b *unknown) *unknown {
	if a == nil || b != nil && (b.cause == CausePage || a.from == "") {
		if b != nil {
			return b
		}
	}
	return a
}

func (f *folder) member(n member, s *scope) any {
	if of, is := n.of.(name); is && isGlobal(of.id, s) && (n.id == "window" || len(f.every[n.id]) == 1) {
		return f.named(name{n.span, n.id}, s)
	}
	path := f.described(n)
	if isPage(path) {
		return &unknown{n.start, CausePage, path}
	}
	of := f.value(n.of, s)
	id := n.id
	if id == "" && n.key != nil {
		key := f.value(n.key, s)
		if l, is := of.(*list); is {
			if i, is := key.(float64); is && i >= 0 && int(i) < len(l.items) {
				return l.items[int(i)]
			}
		}
		id, _ = textOfValue(key, n.start)
	}
	return f.memberOf(of, id, n.start, n)
}

// memberOf is the member of a value; n is the expression, for what is told, or nil.
func (f *folder) memberOf(of any, id string, at int, n node) any {
	path := id
	if n != nil {
		path = f.described(n)
	}
	switch of := of.(type) {
	case *record:
		if v, is := of.members[id]; is {
			if getter, is := v.value.(*closure); is && getter.getter {
				return f.enter(getter, nil, false)
			}
			return v.value
		}
		if v, is := f.stateOf(of, id); is {
			return v
		}
		switch {
		case id == "value" || id == "current": // of ref({…})
			return of
		case of.kind == recordAgent && (id == "configuration" || id == "_configuration") && len(of.args) > 0:
			return of.args[0]
		case of.kind == recordPlain && len(of.lost) == 0 && path != "this."+id:
			return nil
		}
	case *classValue:
		return f.memberOf(f.statics(of), id, at, n)
	case *list:
		if id == "length" {
			return float64(len(of.items))
		}
	case string:
		switch id {
		case "length":
			return float64(len(of))
		case "value", "current": // of computed(() => "…")
			return of
		}
	case *library:
		switch id {
		case "default", "Web", "JsSIP", "SIP":
			return of
		}
		return &library{id}
	case *unknown:
		if variable, is := environmentName(path); is {
			return &unknown{at, CauseEnvironment, variable}
		}
		if of.cause != CauseProgram {
			return &unknown{at, of.cause, of.from}
		}
	}
	if variable, is := environmentName(path); is {
		return &unknown{at, CauseEnvironment, variable}
	}
	if path == "this."+id {
		if all := f.ofThis[id]; len(all) == 1 {
			for _, v := range all {
				return v
			}
		}
		f.lostThis = true
	}
	return &unknown{at: at, from: path}
}

func (f *folder) object(n object, s *scope) any {
	r := newRecord(n.span, f.maybe)
	r.of = n
	if len(f.records) < maxRecords {
		f.records = append(f.records, r)
	}
	for _, m := range n.members {
		if m.spread {
			f.spreadInto(r, f.value(m.value, s), m.value)
			continue
		}
		key := m.key
		if m.named != nil {
			text, lost := textOfValue(f.value(m.named, s), m.start)
			if key = text; lost != nil {
				f.value(m.value, s)
				continue
			}
		}
		v := f.value(m.value, s)
		if c, is := v.(*closure); is && !c.arrow {
			c.this, c.getter = r, m.getter
		}
		r.set(key, v, m.start)
	}
	for _, part := range n.loose {
		f.value(part, s)
	}
	for _, id := range []string{"methods", "actions", "computed", "watch", "getters"} {
		if group, is := r.members[id].value.(*record); is && group != r {
			group.outer = r
		}
	}
	return r
}

// spreadInto puts the members of a value into a record.
func (f *folder) spreadInto(r *record, v any, from node) {
	switch v := v.(type) {
	case *record:
		if f.spent(len(v.names)) {
			return
		}
		for _, name := range v.names {
			r.set(name, v.members[name].value, v.members[name].at)
		}
		r.lost = append(r.lost, v.lost...)
	case *unknown:
		if len(r.lost) < 8 {
			r.lost = append(r.lost, &unknown{from.where().start, v.cause, v.from})
		}
	}
}

func (f *folder) array(n array, s *scope) any {
	l := &list{span: n.span}
	if n.pairs {
		r := newRecord(n.span, f.maybe)
		for _, item := range n.items {
			if one, is := f.value(item, s).(*record); is {
				f.spreadInto(r, one, item)
			}
		}
		f.records = append(f.records, r)
		return r
	}
	for _, item := range n.items {
		if of, is := item.(spread); is {
			v := f.value(of.of, s)
			switch v := v.(type) {
			case *list:
				l.items = append(l.items, v.items...)
			default:
				l.items = append(l.items, &unknown{at: item.where().start, from: f.described(of.of)})
			}
		} else {
			l.items = append(l.items, f.value(item, s))
		}
		if len(l.items) > maxItems || f.spent(1) {
			break
		}
	}
	return l
}

func (f *folder) unary(n unary, s *scope) any {
	if id, is := n.of.(name); is && n.operator == "typeof" {
		if _, is := s.find(id.id); !is {
			return "undefined"
		}
	}
	if m, is := n.of.(member); is && n.operator == "delete" {
		if r, is := f.value(m.of, s).(*record); is && f.maybe <= r.level {
			r.remove(m.id)
		}
		return true
	}
	v := f.value(n.of, s)
	lost, isLost := v.(*unknown)
	switch n.operator {
	case "await", "yield":
		return v
	case "void", "delete":
		return nil
	case "typeof":
		return typeName(v, n.start)
	}
	if isLost {
		return &unknown{n.start, lost.cause, lost.from}
	}
	switch n.operator {
	case "!":
		is, _ := truth(v)
		return !is
	case "-", "+":
		if number, is := numeric(v); is {
			if n.operator == "-" {
				return -number
			}
			return number
		}
	}
	return &unknown{at: n.start, from: f.described(n)}
}

func isLost(v any) bool { _, is := v.(*unknown); return is }

func (f *folder) binary(n binary, s *scope) any {
	left := f.value(n.left, s)
	lost, isLost := left.(*unknown)
	switch n.operator {
	case "||", "??", "&&":
		right := f.value(n.right, s)
		is, known := truth(left)
		if n.operator == "??" {
			is = left != nil
		}
		switch {
		case known && is == (n.operator != "&&"):
			return left
		case known:
			return right
		case n.operator == "&&":
			if _, is := right.(*record); is { // ready && {…}
				return right
			}
			return left
		case !hollow(right):
			if _, is := right.(*unknown); !is {
				return right // the default
			}
		}
		return left
	}
	right := f.value(n.right, s)
	if lostRight, is := right.(*unknown); is {
		if isLost {
			lostRight = moreTelling(lost, lostRight)
		}
		return &unknown{n.start, lostRight.cause, lostRight.from}
	}
	if isLost {
		return &unknown{n.start, lost.cause, lost.from}
	}
	switch n.operator {
	case "==", "===", "!=", "!==":
		if equal, known := same(left, right); known {
			return equal == strings.HasPrefix(n.operator, "=")
		}
		return &unknown{at: n.start, from: f.described(n)}
	case "+":
		a, isA := left.(float64)
		b, isB := right.(float64)
		if isA && isB {
			return a + b
		}
		return f.join(joined{n.span, []node{literalOf(left, n.left), literalOf(right, n.right)}}, s)
	}
	a, isA := numeric(left)
	b, isB := numeric(right)
	if isA && isB {
		if v := arithmetic(n.operator, a, b); v != nil {
			return v
		}
	}
	return &unknown{at: n.start, from: f.described(n)}
}

// literalOf is a node that amounts to a value already found.
func literalOf(v any, from node) node {
	switch v.(type) {
	case nil, bool, float64, string:
		return literal{from.where(), v}
	}
	text, lost := textOfValue(v, from.where().start)
	if lost != nil {
		return loose{span: from.where()}
	}
	return literal{from.where(), text}
}

func (f *folder) choice(n choice, s *scope) any {
	is, known := truth(f.value(n.test, s))
	yes, no := f.value(n.yes, s), f.value(n.no, s)
	if known {
		if is {
			return yes
		}
		return no
	}
	if equal, known := same(yes, no); known && equal {
		return yes
	}
	_, objectYes := yes.(*record)
	_, objectNo := no.(*record)
	if !hollow(no) && !isLost(no) && f.described(n.test) == f.described(n.yes) { // env.X ? env.X : default
		return no
	}
	switch {
	case hollow(no) && objectYes:
		return yes
	case hollow(yes) && objectNo:
		return no
	}
	return &unknown{n.start, CauseChoice, f.described(n.test)}
}

func (f *folder) assigned(n assignment, s *scope) any {
	v := f.value(n.from, s)
	switch n.operator {
	case "=":
	case "||=", "??=":
		old := f.value(n.to, s)
		if is, known := truth(old); known && (is || n.operator == "??=" && old != nil) {
			return old
		}
	case "+=":
		v = f.binary(binary{n.span, "+", n.to, literalOrSelf(v, n.from)}, s)
	default:
		v = &unknown{at: n.start, from: f.described(n.to)}
	}
	f.assign(n.to, v, s, n.start)
	return v
}

func literalOrSelf(v any, n node) node {
	if slices.Contains([]string{"string", "number", "boolean"}, typeNameText(v)) {
		return literal{n.where(), v}
	}
	return n
}

func typeNameText(v any) string {
	text, _ := typeName(v, 0).(string)
	return text
}
