package jssip

import (
	"slices"
	"strings"
)

// Bounds of what is made of a program.
const (
	maxSteps     = 300000 // nodes looked at
	maxDepth     = 400    // nodes within each other
	maxCalls     = 24     // calls within calls
	maxPutAside  = 5000   // functions to be looked at later
	maxAgents    = 64
	maxRecords   = 20000
	shownNesting = 12 // of a name that is told
)

// folder finds out what a program's parts amount to, without running it: literals, constants, what is put together of
// those, and functions of which the arguments are known. What only a running program knows is an *unknown, with the
// reason. Loops are looked at once; every function that nothing calls is looked at in the end, with unknown arguments.
type folder struct {
	view
	steps, depth, calls int
	maybe               int  // within what depends on the running program
	test                node // on which that depends

	agents  []*record        // of new JsSIP.UA(…), with their arguments
	records []*record        // every object that stands in the text
	aside   []*closure       // functions that nothing has called yet
	classes []*classValue    // likewise
	every   map[string][]any // what a name is given anywhere

	ofThis   map[string]map[int]any // what a member of this is given outside of a class, by where
	lostThis bool                   // such a member was asked for and not known yet
}

// folded looks at a program, and once more where it asks for members of this that are given further down.
func folded(v view) (*folder, any) {
	f := &folder{view: v, ofThis: map[string]map[int]any{}}
	program := parseProgram(v)
	own := f.fold(program)
	if f.lostThis && len(f.ofThis) > 0 && !f.spent(0) {
		f = &folder{view: v, ofThis: f.ofThis}
		own = f.fold(program)
	}
	return f, own
}

// scope is where names are looked up.
type scope struct {
	outer    *scope
	names    map[string]any
	this     *record
	deriving *classValue // the class whose constructor this is
	function bool
	level    int // of maybe, when it was made
	returns  *[]any
}

func (s *scope) inner(level int) *scope {
	return &scope{
		outer: s, names: map[string]any{}, this: s.this, deriving: s.deriving, level: level,
		returns: s.returns,
	}
}

func (s *scope) find(id string) (*scope, bool) {
	for ; s != nil; s = s.outer {
		if _, is := s.names[id]; is {
			return s, true
		}
	}
	return nil, false
}

// fold looks at a whole program. The text's own value is returned where it is one expression.
func (f *folder) fold(program []node) any {
	f.every = map[string][]any{}
	global := &scope{names: map[string]any{}, function: true}
	var own any
	f.hoist(program, global)
	for i, n := range program {
		v := f.statement(n, global)
		if i == 0 && len(program) == 1 {
			own = v
		}
	}
	f.maybe++
	for len(f.aside) > 0 || len(f.classes) > 0 {
		for len(f.classes) > 0 {
			c := f.classes[0]
			f.classes = f.classes[1:]
			if !c.made {
				f.instance(c, nil, span{})
			}
		}
		if len(f.aside) > 0 {
			c := f.aside[0]
			f.aside = f.aside[1:]
			if !c.called {
				f.enter(c, nil, false)
			}
		}
	}
	return own
}

// spent counts a step and tells whether there are none left.
func (f *folder) spent(n int) bool {
	f.steps += n
	return f.steps > maxSteps
}

// hoist declares functions and classes before anything else.
func (f *folder) hoist(body []node, s *scope) {
	for _, n := range body {
		switch n := n.(type) {
		case function:
			if n.id != "" {
				f.declare(s, n.id, f.closure(n, s))
			}
		case imported:
			for here, there := range n.names {
				switch {
				case strings.HasSuffix(n.from, "websocket"):
					f.declare(s, here, &library{"WebSocketInterface"})
				case strings.Contains(n.from, "sip") && !strings.HasPrefix(n.from, "."):
					f.declare(s, here, &library{strings.Replace(there, "default", "", 1)})
				default:
					f.declare(s, here, &unknown{at: n.start, from: here + " of " + shortened(n.from)})
				}
			}
		}
	}
}

func (f *folder) closure(n function, s *scope) *closure {
	c := &closure{function: &n, scope: s, this: s.this}
	if len(f.aside) < maxPutAside {
		f.aside = append(f.aside, c)
	}
	return c
}

// declare gives a name a value in a scope.
func (f *folder) declare(s *scope, id string, v any) {
	s.names[id] = v
	if len(f.every[id]) < 8 {
		f.every[id] = append(f.every[id], v)
	}
}

func (f *folder) body(body []node, s *scope) {
	f.hoist(body, s)
	returned := 0
	for _, n := range body {
		f.statement(n, s)
		if s.returns != nil && len(*s.returns) > returned {
			if _, is := n.(giving); is {
				return
			}
			returned = len(*s.returns)
		}
	}
}

// statement looks at a statement; the value is an expression's.
func (f *folder) statement(n node, s *scope) any {
	if f.spent(1) || f.depth > maxDepth {
		return &unknown{at: n.where().start}
	}
	f.depth++
	defer func() { f.depth-- }()
	switch n := n.(type) {
	case declaration:
		var v any
		if n.from != nil {
			v = f.value(n.from, s)
		}
		f.bind(n.to, v, n.kind, s)
	case block:
		if len(n.body) > 0 && isDeclaration(n.body[0]) { // var a, b
			for _, d := range n.body {
				f.statement(d, s)
			}
			return nil
		}
		if n.maybe {
			f.maybe++
			outer := f.test
			if n.test != nil {
				f.value(n.test, s)
				f.test = n.test
			}
			defer func() { f.maybe, f.test = f.maybe-1, outer }()
		}
		f.body(n.body, s.inner(f.maybe))
	case branch:
		f.branch(n, s)
	case giving:
		var v any
		if n.of != nil {
			v = f.value(n.of, s)
		}
		if s.returns != nil && len(*s.returns) < maxItems {
			*s.returns = append(*s.returns, v)
		}
	case imported:
	case function:
		if n.id == "" {
			return f.value(n, s)
		}
	case class:
		c := f.value(n, s)
		if n.id != "" {
			f.declare(s, n.id, c)
		}
	default:
		return f.value(n, s)
	}
	return nil
}

func isDeclaration(n node) bool { _, is := n.(declaration); return is }

// branch looks at the part that a known test chooses, or at both.
func (f *folder) branch(n branch, s *scope) {
	test := f.value(n.test, s)
	is, known := truth(test)
	if known && n.test != nil && !isLoose(n.test) {
		if is {
			f.statement(n.yes, s)
		} else if n.no != nil {
			f.statement(n.no, s)
		}
		return
	}
	outer := f.test
	f.maybe++
	f.test = n.test
	f.statement(n.yes, s)
	if n.no != nil {
		f.statement(n.no, s)
	}
	f.maybe--
	f.test = outer
}

func isLoose(n node) bool { _, is := n.(loose); return is }

// bind gives the names of a pattern their parts of a value.
func (f *folder) bind(to node, v any, kind string, s *scope) {
	if f.spent(1) || to == nil || f.depth > maxDepth {
		return
	}
	f.depth++
	defer func() { f.depth-- }()
	switch to := to.(type) {
	case name:
		place := s
		for kind == "var" && !place.function && place.outer != nil {
			place = place.outer
		}
		f.declare(place, to.id, v)
	case assignment: // a default
		if v == nil {
			v = f.value(to.from, s)
		} else if lost, is := v.(*unknown); is {
			if def := f.value(to.from, s); !hollow(def) && lost.cause == CauseProgram {
				v = def
			}
		}
		f.bind(to.to, v, kind, s)
	case object:
		for _, m := range to.members {
			switch {
			case m.spread:
				f.bind(m.value, v, kind, s)
			case m.key != "":
				f.bind(m.value, f.memberOf(v, m.key, m.start, nil), kind, s)
			}
		}
	case array:
		for i, item := range to.items {
			if isSpread(item) {
				continue
			}
			part := v // of useState({…})
			if l, is := v.(*list); is {
				part = nil
				if i < len(l.items) {
					part = l.items[i]
				}
			} else if i > 0 {
				part = &unknown{at: item.where().start}
			}
			f.bind(item, part, kind, s)
		}
	}
}

func isSpread(n node) bool { _, is := n.(spread); return is }

// assign carries to = v out. What is assigned depending on the running program is unknown, unless there was nothing.
func (f *folder) assign(to node, v any, s *scope, at int) {
	switch to := to.(type) {
	case name:
		place, is := s.find(to.id)
		if !is {
			for place = s; place.outer != nil; place = place.outer {
			}
		}
		f.declare(place, to.id, f.either(place.names[to.id], v, at, place.level))
	case member:
		if of, is := to.of.(name); is && to.id != "" && isGlobal(of.id, s) {
			f.assign(name{to.span, to.id}, v, s, at)
			return
		}
		of := f.value(to.of, s)
		id := to.id
		if id == "" && to.key != nil {
			key := f.value(to.key, s)
			if l, is := of.(*list); is {
				if i, is := key.(float64); is && i == float64(len(l.items)) && len(l.items) < maxItems {
					l.items = append(l.items, v)
				}
				return
			}
			id, _ = textOfValue(key, at)
		}
		if id == "exports" || id == "default" {
			return
		}
		if l, is := of.(*library); is && l.part == "" {
			return
		}
		if this, is := to.of.(name); is && this.id == "this" && s.this == nil && len(f.ofThis) < maxItems {
			if f.ofThis[id] == nil {
				f.ofThis[id] = map[int]any{}
			}
			f.ofThis[id][at] = v
		}
		if r, is := of.(*record); is && id != "" && !f.spent(1) {
			r.set(id, f.either(r.members[id].value, v, at, r.level), at)
		}
	case object, array:
		f.bind(to, v, "", s)
	}
}

// either is what stands where v may have been put in the place of old.
func (f *folder) either(old, v any, at, level int) any {
	switch {
	case f.maybe <= level || hollow(old):
		return v
	case v == nil:
		return old
	}
	if equal, known := same(old, v); known && equal {
		return v
	}
	if _, is := old.(*unknown); is {
		if _, is := v.(*unknown); !is && f.test == nil {
			return v
		}
		return old
	}
	if f.test == nil { // later on: what is there from the beginning counts
		return old
	}
	return &unknown{at: at, cause: CauseChoice, from: f.described(f.test)}
}

// merged is the value of a function that returns one of these.
func (f *folder) merged(all []any, at int) any {
	if len(all) == 0 {
		return nil
	}
	v := all[0]
	for _, other := range all[1:] {
		if v == nil {
			v = other
			continue
		}
		if equal, known := same(v, other); other != nil && (!known || !equal) {
			return &unknown{at: at, cause: CauseChoice, from: "what the program finds"}
		}
	}
	return v
}

// described is an expression as it is told: by names, without any value in it, which may be a secret.
func (f *folder) described(n node) string { return describedNode(n, 0) }

func describedNode(n node, depth int) string {
	if depth > shownNesting {
		return "…"
	}
	tell := func(n node) string { return describedNode(n, depth+1) }
	switch n := n.(type) {
	case name:
		return shortened(n.id)
	case member:
		if n.id == "" {
			return tell(n.of) + "[…]"
		}
		return shortened(tell(n.of) + "." + n.id)
	case call:
		text := tell(n.callee) + "()"
		if len(n.args) > 0 {
			text = tell(n.callee) + "(…)"
		}
		if n.made {
			return "new " + text
		}
		return text
	case unary:
		return tell(n.of)
	case binary:
		if left := tell(n.left); left != "…" {
			return left
		}
		return tell(n.right)
	case choice:
		return tell(n.test)
	case assignment:
		return tell(n.from)
	case tagged:
		return n.holds
	case joined:
		for _, part := range n.parts {
			if text := tell(part); text != "…" {
				return text
			}
		}
	case loose:
		for i := len(n.parts) - 1; i >= 0; i-- {
			if text := tell(n.parts[i]); text != "…" {
				return text
			}
		}
	}
	return "…"
}

// isPage tells whether a name is the address of the page that a program stands in.
func isPage(path string) bool {
	for _, prefix := range []string{"window.", "document.", "self.", "globalThis.", "top.", "parent."} {
		path = strings.TrimPrefix(path, prefix)
	}
	part, is := strings.CutPrefix(path, "location.")
	return path == "domain" || path == "location" ||
		is && slices.Contains([]string{"host", "hostname", "origin", "href", "protocol", "port", "search", "pathname"},
			part)
}

// environmentName returns the variable of the environment that an expression reads: process.env.SIP_PASSWORD.
func environmentName(path string) (string, bool) {
	for _, prefix := range []string{
		"process.env.", "import.meta.env.", "Deno.env.", "Bun.env.", "os.environ.", "env.", "ENV.", "$_ENV.",
		"$_SERVER.",
		"window.env.", "window._env_.", "window.__ENV.", "environment.", "globalThis.process.env.",
	} {
		if rest, is := strings.CutPrefix(path, prefix); is && rest != "" && !strings.Contains(rest, "(") {
			return rest, true
		}
	}
	return "", false
}
