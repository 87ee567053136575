package jssip

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
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
	case slices.Contains([]string{"WebSocketInterface", "NodeWebSocket", "NodeWebSocketInterface", "WebSocketTransport"}, part):
		r.kind = recordSocket
	case slices.Contains([]string{"UA", "UserAgent", "SimpleUser", "Simple"}, part) && (len(args) > 0 || callee != nil && isLibrary(callee)):
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

// methodOf is a method of a text, a list or an agent.
func (f *folder) methodOf(of any, id string, args []any, n call, s *scope) (any, bool) {
	switch of := of.(type) {
	case string:
		return textMethod(of, id, args)
	case *list:
		return f.listMethod(of, id, args, n)
	case *record:
		if of.kind == recordAgent && id == "set" && len(args) == 2 && len(of.args) > 0 {
			key, is := args[0].(string)
			if r, isRecord := of.args[0].(*record); is && isRecord {
				r.set(key, f.either(r.members[key].value, args[1], n.start, r.level), n.start)
			}
			return nil, true
		}
		if id == "get" && len(args) > 0 {
			if key, is := args[0].(string); is && of.has(key) {
				return of.members[key].value, true
			}
		}
	case float64:
		if id == "toString" && len(args) == 0 {
			return numberText(of), true
		}
	}
	return nil, false
}

func textMethod(of, id string, args []any) (any, bool) {
	arg := func(i int) (string, bool) {
		if i >= len(args) {
			return "", false
		}
		text, is := args[i].(string)
		return text, is
	}
	first, isText := arg(0)
	second, areTexts := arg(1)
	switch id {
	case "toLowerCase", "lower":
		return strings.ToLower(of), true
	case "toUpperCase", "upper":
		return strings.ToUpper(of), true
	case "trim", "strip":
		return strings.TrimSpace(of), true
	case "toString", "valueOf", "trimEnd", "trimStart":
		return of, true
	case "concat":
		for i := range args {
			text, is := arg(i)
			if !is || len(of)+len(text) > maxString {
				return nil, false
			}
			of += text
		}
		return of, true
	case "replace":
		return strings.Replace(of, first, second, 1), isText && areTexts && len(of)+len(second) < maxString
	case "replaceAll":
		return strings.ReplaceAll(of, first, second), isText && areTexts && first != "" && len(of)*(len(second)+1) < maxString
	case "split":
		l := &list{}
		for _, part := range strings.SplitN(of, first, 50) {
			l.items = append(l.items, part)
		}
		return l, isText && first != ""
	case "startsWith":
		return strings.HasPrefix(of, first), isText
	case "endsWith":
		return strings.HasSuffix(of, first), isText
	case "includes":
		return strings.Contains(of, first), isText
	}
	return nil, false
}

func (f *folder) listMethod(of *list, id string, args []any, n call) (any, bool) {
	if f.spent(len(of.items)) {
		return nil, false
	}
	each, _ := append(args, nil)[0].(*closure)
	switch id {
	case "push", "append", "unshift":
		if len(of.items)+len(args) <= maxItems {
			if id == "unshift" {
				of.items = append(slices.Clone(args), of.items...)
			} else {
				of.items = append(of.items, args...)
			}
		}
		return float64(len(of.items)), true
	case "concat":
		all := slices.Clone(of.items)
		for _, a := range args {
			if l, is := a.(*list); is {
				all = append(all, l.items...)
			} else {
				all = append(all, a)
			}
		}
		return &list{of.span, all[:min(len(all), maxItems)]}, true
	case "filter", "slice", "sort", "flat":
		if len(args) > 0 && id == "slice" {
			return nil, false
		}
		return of, true
	case "map", "forEach":
		if each == nil {
			return nil, false
		}
		l := &list{span: of.span}
		for i, item := range of.items {
			l.items = append(l.items, f.enter(each, []any{item, float64(i)}, true))
		}
		return l, true
	case "join":
		by, is := append(args, ",")[0].(string)
		parts, size := make([]string, len(of.items)), 0
		for i, item := range of.items {
			text, lost := textOfValue(item, n.start)
			if size += len(text) + len(by); lost != nil || size > maxString {
				return nil, false
			}
			parts[i] = text
		}
		return strings.Join(parts, by), is
	}
	return nil, false
}

// knownFunction is a function of the language or of a framework that is about its argument alone.
func (f *folder) knownFunction(path, id string, args []any, n call) (any, bool) {
	var first any
	if len(args) > 0 {
		first = args[0]
	}
	text, isText := first.(string)
	switch id {
	case "assign", "extend", "merge", "defaultsDeep", "defaults", "mergeDeep", "dict", "array_merge":
		return f.mergedRecords(id, args, n), true
	case "freeze", "seal", "useState", "useRef", "ref", "reactive", "readonly", "shallowRef", "shallowReactive", "signal", "markRaw", "toRaw",
		"structuredClone", "cloneDeep", "clone", "observable", "createContext", "defineConfig", "resolve", "json_encode", "json", "stringify",
		"writable", "atom", "from", "of", "preventExtensions", "array":
		_, isRecord := first.(*record)
		_, isList := first.(*list)
		return first, isRecord || isList || isText && (id == "useState" || id == "ref" || id == "useRef")
	case "values", "keys":
		if r, is := first.(*record); is && strings.HasPrefix(path, "Object.") && !f.spent(len(r.names)) {
			l := &list{span: n.span}
			for _, name := range r.names {
				if id == "keys" {
					l.items = append(l.items, name)
				} else {
					l.items = append(l.items, r.members[name].value)
				}
			}
			return l, true
		}
	case "useMemo", "computed", "useCallback", "memo", "once":
		if c, is := first.(*closure); is {
			if id == "useCallback" || id == "once" || id == "memo" {
				return c, true
			}
			return f.enter(c, nil, true), true
		}
	case "require", "import":
		switch {
		case isText && strings.HasSuffix(text, "websocket"):
			return &library{"WebSocketInterface"}, true
		case isText && strings.Contains(text, "sip") && !strings.HasPrefix(text, "."):
			return &library{}, true
		}
		return &unknown{at: n.start, from: shortened(text)}, isText
	case "getenv", "env", "get", "config", "requireEnv":
		return f.environment(path, id, args, n)
	case "String", "Number", "parseInt", "parseFloat", "Boolean", "encodeURIComponent", "str", "int":
		return converted(id, first)
	case "parse", "loads":
		if isText && strings.HasPrefix(strings.TrimSpace(text), "{") && f.calls < maxCalls {
			return f.parsedText(text, n.span)
		}
	}
	return nil, false
}

// environment is a function that reads a variable of the environment, and its default.
func (f *folder) environment(path, id string, args []any, n call) (any, bool) {
	if len(args) == 0 {
		return nil, false
	}
	variable, isText := args[0].(string)
	of := strings.TrimSuffix(path, "()")
	of = strings.TrimSuffix(of, "(…)")
	isPlace := slices.Contains([]string{"Deno.env.get", "os.environ.get", "os.getenv", "getenv", "env", "requireEnv", "ENV.get"}, of)
	if !isText || !isPlace {
		return nil, false
	}
	if len(args) > 1 && !hollow(args[1]) {
		return args[1], true
	}
	return &unknown{n.start, CauseEnvironment, variable}, true
}

func (f *folder) mergedRecords(id string, args []any, n call) any {
	if len(args) > 0 {
		if _, is := args[0].(bool); is { // jQuery's deep
			args = args[1:]
		}
	}
	var into *record
	if len(args) > 0 && id != "dict" && id != "array_merge" && id != "defaults" {
		into, _ = args[0].(*record)
	}
	if into == nil {
		into = newRecord(n.span, f.maybe)
		f.records = append(f.records, into)
	} else {
		args = args[1:]
	}
	if id == "defaults" {
		args = slices.Clone(args)
		slices.Reverse(args)
	}
	for _, a := range args {
		f.spreadInto(into, a, n)
	}
	return into
}

// converted is what a function of the language makes of a plain value.
func converted(id string, v any) (any, bool) {
	switch v.(type) {
	case string, float64, bool:
	default:
		return nil, false
	}
	text, _ := textOfValue(v, 0)
	switch id {
	case "String", "str":
		return text, true
	case "encodeURIComponent":
		return strings.ReplaceAll(url.QueryEscape(text), "+", "%20"), true
	case "Boolean":
		is, known := truth(v)
		return is, known
	}
	number, is := numeric(v)
	return number, is
}

// parsedText is JSON.parse of a known text.
func (f *folder) parsedText(text string, where span) (any, bool) {
	var v any
	if f.spent(len(text)/8) || json.Unmarshal([]byte(text), &v) != nil {
		return nil, false
	}
	made := f.made(v, where, 0)
	return made, made != nil
}

// made is a value of JSON as one of a program.
func (f *folder) made(v any, where span, depth int) any {
	if depth > shownNesting || f.spent(1) {
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		r := newRecord(where, f.maybe)
		for name, m := range v {
			r.set(name, f.made(m, where, depth+1), where.start)
		}
		slices.Sort(r.names)
		f.records = append(f.records, r)
		return r
	case []any:
		l := &list{span: where}
		for _, item := range v[:min(len(v), maxItems)] {
			l.items = append(l.items, f.made(item, where, depth+1))
		}
		return l
	}
	return v
}
