package account

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"runtime/metrics"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
	"github.com/titanous/json5"
)

// Bounds of what is read as a pasted configuration.
const (
	maxSnippet      = 64 << 10 // octets
	maxSnippetDepth = 100      // brackets within brackets
	snippetTime     = 200 * time.Millisecond
	snippetCalls    = 64       // calls within calls
	snippetMemory   = 64 << 20 // octets the heap may grow by
)

// SyntaxError tells that a text is no configuration: neither JSON, nor a JavaScript object, nor a snippet
// that makes one.
type SyntaxError struct {
	Reason string // for people, with the line where it is known
}

func (e *SyntaxError) Error() string { return "configuration: " + e.Reason }

// Values that a snippet can have beside JSON's.
type (
	// recordedSocket is what new JsSIP.WebSocketInterface(url) makes.
	recordedSocket struct {
		url    string
		via    any // its via_transport, where the snippet sets it
		origin any // of what makes a connection outside of a browser
	}
	// function is a JavaScript function.
	function struct{}
)

// pasted is what a text holds, before any of it is checked.
type pasted struct {
	values map[string]any // the configuration
	calls  []any          // options of ua.call() and the like, which hold pcConfig
	notes  []Finding      // what of the text was passed over
}

// readPasted reads JSON, JSON5, a JavaScript object or a snippet.
func readPasted(data []byte) (pasted, error) {
	if len(data) > maxSnippet {
		return pasted{}, &SyntaxError{fmt.Sprintf("is longer than %d kB", maxSnippet>>10)}
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff"))
	if text == "" {
		return pasted{}, &SyntaxError{"is empty"}
	}
	if depth(text) > maxSnippetDepth {
		return pasted{}, &SyntaxError{"has too many brackets within each other"}
	}
	var values map[string]any
	if err := json5.Unmarshal([]byte(text), &values); err == nil && values != nil {
		return pasted{values: values}, nil
	}
	return runSnippet(text)
}

// depth returns how deep brackets stand within each other, at most: strings are not told apart.
func depth(text string) int {
	deepest, now := 0, 0
	for _, c := range text {
		switch c {
		case '(', '[', '{':
			now++
			deepest = max(deepest, now)
		case ')', ']', '}':
			now--
		}
	}
	return deepest
}

// snippet is one run of a pasted program.
type snippet struct {
	vm      *goja.Runtime
	sockets map[*goja.Object]recordedSocket
	configs []goja.Value // arguments of new JsSIP.UA
	calls   []goja.Value // options given to methods of a user agent
}

// runSnippet evaluates a text as JavaScript that can see JsSIP and nothing else. The engine has no clock,
// no network, no files; loops and what else could run long in one step are refused beforehand.
func runSnippet(text string) (p pasted, err error) {
	defer func() {
		if r := recover(); r != nil { // the interpreter's own: a getter that throws, an interrupt
			p, err = pasted{}, &SyntaxError{"cannot be evaluated"}
		}
	}()
	s := &snippet{vm: goja.New(), sockets: make(map[*goja.Object]recordedSocket)}
	s.vm.SetMaxCallStackSize(snippetCalls)
	if err := s.prepare(); err != nil {
		return pasted{}, err
	}
	text = scripts(text)
	s.alias(text)
	defer s.watch()()
	result, runErr := s.run(text)
	var syntax *SyntaxError
	if errors.As(runErr, &syntax) {
		return pasted{}, syntax
	}
	found, err := s.configuration(text, result)
	if err != nil && runErr != nil {
		return pasted{}, &SyntaxError{"cannot be evaluated: " + firstLine(runErr.Error())}
	}
	if err != nil {
		return pasted{}, err
	}
	if runErr != nil {
		p.notes = append(p.notes, Finding{"program", "stops after the configuration: " + firstLine(runErr.Error())})
	}
	if len(s.configs) > 1 {
		p.notes = append(p.notes, Finding{"JsSIP.UA", "is made more than once: the first is taken"})
	}
	p.values = s.object(found, 0)
	for _, options := range s.calls {
		p.calls = append(p.calls, s.value(options, 0))
	}
	return p, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// moduleLines are the lines of an ES module that load or offer others.
func moduleLines() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[ \t]*(import\b[^(\n]*$|export[ \t]+(default[ \t]+)?)`)
}

// run evaluates text as an expression where it is one, as a program, or as the inside of an object.
func (s *snippet) run(text string) (goja.Value, error) {
	text = moduleLines().ReplaceAllString(text, "")
	var first error
	for _, form := range []string{"(" + strings.TrimRight(text, "; \t\r\n") + "\n)", text, "({" + text + "\n})"} {
		program, err := parser.ParseFile(nil, "configuration", form, 0)
		if err != nil {
			if form == text {
				first = &SyntaxError{"is not JSON and not JavaScript: " + firstLine(err.Error())}
			}
			continue
		}
		if what := forbidden(reflect.ValueOf(program.Body)); what != "" {
			return nil, &SyntaxError{"has " + what + ", which a configuration needs not: paste the configuration alone"}
		}
		compiled, err := goja.CompileAST(program, false)
		if err != nil {
			return nil, &SyntaxError{"is not JavaScript: " + firstLine(err.Error())}
		}
		return s.vm.RunProgram(compiled)
	}
	return nil, first
}

// forbidden names the first construct in a program whose running time or memory nobody can bound.
func forbidden(v reflect.Value) string {
	if !v.IsValid() {
		return ""
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		if what := forbiddenNode(v.Interface()); what != "" {
			return what
		}
		if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct && !strings.HasSuffix(v.Elem().Type().PkgPath(), "goja/ast") {
			return "" // positions and the like
		}
		return forbidden(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if what := forbidden(v.Index(i)); what != "" {
				return what
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// DeclarationList repeats what stands in the body.
			if f := v.Type().Field(i); !f.IsExported() || f.Name == "DeclarationList" {
				continue
			}
			if what := forbidden(v.Field(i)); what != "" {
				return what
			}
		}
	}
	return ""
}

func forbiddenNode(node any) string {
	switch node.(type) {
	case *ast.ForStatement, *ast.ForInStatement, *ast.ForOfStatement, *ast.WhileStatement, *ast.DoWhileStatement:
		return "a loop"
	case *ast.SpreadElement, *ast.ArrayPattern, *ast.ObjectPattern:
		return "a spread or pattern"
	case *ast.RegExpLiteral:
		return "a regular expression"
	case *ast.ClassLiteral, *ast.YieldExpression, *ast.AwaitExpression, *ast.WithStatement:
		return "a class, generator or other construct"
	}
	return ""
}

// prepare leaves of the language what configurations use, and adds the recorders.
func (s *snippet) prepare() error {
	global := s.vm.GlobalObject()
	protos, err := s.vm.RunString("[[].__proto__, (function(){}).__proto__, ''.__proto__, (0).__proto__, true.__proto__, ({}).__proto__]")
	if err != nil {
		return fmt.Errorf("prepare interpreter: %w", err)
	}
	list := protos.ToObject(s.vm)
	for i := range 6 {
		strip(list.Get(fmt.Sprint(i)).ToObject(s.vm), "toLowerCase", "toUpperCase", "trim", "push")
	}
	strip(global, "undefined", "NaN", "Infinity")
	jssip := s.vm.NewObject()
	socket := s.vm.ToValue(func(call goja.ConstructorCall) *goja.Object {
		made := recordedSocket{url: call.Argument(0).String()}
		if options, is := call.Argument(1).(*goja.Object); is {
			made.origin = s.value(options.Get("origin"), 0)
		}
		s.sockets[call.This] = made
		return nil
	})
	agent := s.vm.ToValue(func(call goja.ConstructorCall) *goja.Object {
		s.configs = append(s.configs, call.Argument(0))
		return s.vm.NewDynamicObject(recorder{s})
	})
	_ = agent.ToObject(s.vm).Set("makeURI", func(call goja.FunctionCall) goja.Value { return call.Argument(0) }) // of SIP.js
	for name, v := range map[string]any{
		"WebSocketInterface": socket, "UA": agent, "UserAgent": agent, "debug": s.vm.NewDynamicObject(recorder{s}),
	} {
		_ = jssip.Set(name, v)
		if name != "debug" {
			_ = global.Set(name, v)
		}
	}
	return errors.Join(global.Set("JsSIP", jssip), global.Set("SIP", jssip),
		global.Set("console", s.vm.NewDynamicObject(recorder{nil})),
		global.Set("require", func(call goja.FunctionCall) goja.Value {
			if strings.HasSuffix(call.Argument(0).String(), "websocket") { // jssip-node-websocket
				return socket
			}
			return jssip
		}))
}

// alias gives the names that a module's imports have the things of JsSIP.
func (s *snippet) alias(text string) {
	jssip := s.vm.GlobalObject().Get("JsSIP").ToObject(s.vm)
	set := func(name string, v goja.Value) {
		if name != "" && v != nil {
			_ = s.vm.GlobalObject().Set(name, v)
		}
	}
	whole := regexp.MustCompile(`(?m)^[ \t]*import[ \t]+(?:\*[ \t]+as[ \t]+)?([A-Za-z_$][\w$]*)[ \t]*(?:,[^'"\n]*)?from[ \t]+['"]([^'"\n]+)['"]`)
	for _, m := range whole.FindAllStringSubmatch(text, 16) {
		if strings.HasSuffix(m[2], "websocket") {
			set(m[1], jssip.Get("WebSocketInterface"))
			continue
		}
		set(m[1], jssip)
	}
	parts := regexp.MustCompile(`(?m)^[ \t]*import[^'"{\n]*\{([^}\n]*)\}[ \t]*from\b`)
	for _, m := range parts.FindAllStringSubmatch(text, 16) {
		for part := range strings.SplitSeq(m[1], ",") {
			name, as, renamed := strings.Cut(strings.TrimSpace(part), " as ")
			if renamed {
				set(strings.TrimSpace(as), jssip.Get(strings.TrimSpace(name)))
			}
		}
	}
}

// scripts takes the JavaScript out of a pasted page.
func scripts(text string) string {
	bodies := regexp.MustCompile(`(?is)<script[^>]*>(.*?)</script>`).FindAllStringSubmatch(text, -1)
	if bodies == nil {
		return text
	}
	var all []string
	for _, b := range bodies {
		all = append(all, b[1])
	}
	return strings.Join(all, "\n")
}

// strip deletes an object's own properties but some.
func strip(o *goja.Object, but ...string) {
	for _, name := range o.GetOwnPropertyNames() {
		if !slices.Contains(but, name) {
			_ = o.Delete(name)
		}
	}
	for _, symbol := range o.Symbols() {
		_ = o.DeleteSymbol(symbol)
	}
}

// recorder stands for an object of JsSIP: it has every method, none does anything. Options given to
// a method are kept for what they say of pcConfig.
type recorder struct{ s *snippet }

// Get returns a method.
func (r recorder) Get(string) goja.Value {
	if r.s == nil {
		return nil
	}
	return r.s.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		for _, argument := range call.Arguments {
			if _, is := argument.(*goja.Object); is && len(r.s.calls) < 16 {
				r.s.calls = append(r.s.calls, argument)
			}
		}
		return r.s.vm.NewDynamicObject(r)
	})
}

// Set changes nothing.
func (r recorder) Set(string, goja.Value) bool { return true }

// Has tells that there is every property.
func (r recorder) Has(string) bool { return true }

// Delete changes nothing.
func (r recorder) Delete(string) bool { return true }

// Keys lists nothing.
func (r recorder) Keys() []string { return nil }

// watch interrupts the snippet when it takes too long or too much memory, until the returned function
// is called.
func (s *snippet) watch() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	limit := heap[0].Value.Uint64() + snippetMemory
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		late := time.NewTimer(snippetTime)
		defer late.Stop()
		for {
			select {
			case <-done:
				return
			case <-late.C:
				s.vm.Interrupt("it takes too long")
				return
			case <-tick.C:
				if metrics.Read(heap); heap[0].Value.Uint64() > limit {
					s.vm.Interrupt("it takes too much memory")
					return
				}
			}
		}
	}()
	return func() { close(done); <-ended }
}

// configuration returns the object that is the configuration: the argument of new JsSIP.UA, else the
// value of the text, else the first variable that looks like one.
func (s *snippet) configuration(text string, result goja.Value) (*goja.Object, error) {
	candidates := append(slices.Clone(s.configs), result)
	if program, err := parser.ParseFile(nil, "", moduleLines().ReplaceAllString(text, ""), 0); err == nil {
		for _, name := range declared(program) {
			v, err := s.vm.RunString(name)
			if err != nil {
				continue
			}
			candidates = append(candidates, v)
			if o, is := v.(*goja.Object); is && slices.Contains(o.Keys(), "pcConfig") && !slices.Contains(s.configs, v) {
				s.calls = append(s.calls, v)
			}
		}
	}
	for i, v := range candidates {
		o, is := v.(*goja.Object)
		if !is || o.ClassName() != "Object" {
			continue
		}
		keys := o.Keys()
		has := func(name string) bool { return slices.Contains(keys, name) }
		if i < len(s.configs) || has("uri") || has("ws_servers") || has("sockets") || v == result {
			return o, nil
		}
	}
	return nil, &SyntaxError{"holds no configuration: no object with uri and ws_servers or sockets"}
}

// declared lists the variables that a program declares or assigns outside of functions.
func declared(program *ast.Program) []string {
	var names []string
	bind := func(list []*ast.Binding) {
		for _, b := range list {
			if id, ok := b.Target.(*ast.Identifier); ok {
				names = append(names, id.Name.String())
			}
		}
	}
	for _, statement := range program.Body {
		switch st := statement.(type) {
		case *ast.VariableStatement:
			bind(st.List)
		case *ast.LexicalDeclaration:
			bind(st.List)
		case *ast.ExpressionStatement:
			if assign, ok := st.Expression.(*ast.AssignExpression); ok {
				if id, ok := assign.Left.(*ast.Identifier); ok {
					names = append(names, id.Name.String())
				}
			}
		}
	}
	return names
}

// object turns a JavaScript object into its members.
func (s *snippet) object(o *goja.Object, depth int) map[string]any {
	values := make(map[string]any)
	for _, key := range o.Keys() {
		values[key] = s.value(o.Get(key), depth+1)
	}
	return values
}

// value turns a JavaScript value into JSON's types, recordedSocket or function.
func (s *snippet) value(v goja.Value, depth int) any {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) || depth > 8 {
		return nil
	}
	o, is := v.(*goja.Object)
	if !is {
		return v.Export()
	}
	if socket, is := s.sockets[o]; is {
		socket.via = s.value(o.Get("via_transport"), depth+1)
		return socket
	}
	if _, is := goja.AssertFunction(o); is {
		return function{}
	}
	if o.ClassName() != "Array" {
		return s.object(o, depth)
	}
	n := o.Get("length").ToInteger()
	list := make([]any, 0, min(n, 64))
	for i := range min(n, 1000) {
		list = append(list, s.value(o.Get(fmt.Sprint(i)), depth+1))
	}
	return list
}

// showable turns a value into one that JSON can hold, for messages.
func showable(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return strings.NewReplacer("+Inf", "Infinity", "-Inf", "-Infinity").Replace(fmt.Sprint(v))
		}
	case recordedSocket:
		return v.url
	case function:
		return "function"
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = showable(v[i])
		}
		return list
	case map[string]any:
		o := make(map[string]any, len(v))
		for name := range v {
			o[name] = showable(v[name])
		}
		return o
	}
	return v
}
