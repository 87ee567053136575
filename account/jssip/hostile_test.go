package jssip

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestHostileTextsEndSoon: whatever is pasted is read in a bounded time, with bounded memory, and nothing in it is run.
//
// Holds: pasted-configuration
func TestHostileTextsEndSoon(t *testing.T) {
	long := func(part string) string { return strings.Repeat(part, maxText/2/len(part)) }
	const end = "\nnew JsSIP.UA({ uri: 'a@b', ws_servers: 'ws://h' })"
	for _, test := range []struct{ name, text string }{
		{"square brackets", long("[")},
		{"braces", long("{")},
		{"parentheses", long("(")},
		{"members within members", long("{a:")},
		{"closers", long("]})")},
		{"pairs", long("[]{}()")},
		{"brackets that cross", long("([{)]}")},
		{"templates within templates", long("`${")},
		{"back quotes", long("`")},
		{"escaped back quotes", long("\\`")},
		{"open strings", long("'\\'\"\\\"")},
		{"open strings, a line each", long("'\n")},
		{"open comments", long("/* ")},
		{"slashes", long("= /a")},
		{"generics", long("a<")},
		{"generics within calls", long("a<b(")},
		{"casts", long("<a>")},
		{"arrows", long("a=>")},
		{"arrows with types", long("(a):b=>")},
		{"choices", long("a?")},
		{"signs", long("!-")},
		{"new", long("new ")},
		{"async", long("async ")},
		{"additions", "var a = 1" + strings.Repeat("+1", maxText/3)},
		{"members", "a" + strings.Repeat(".b", maxText/3)},
		{"calls", "a" + strings.Repeat("()", maxText/3)},
		{"assignments", long("a=")},
		{"conditions", long("if(a)")},
		{"otherwise", long("else ")},
		{"functions", long("function f(){")},
		{"parameters", long("function f(a=")},
		{"classes", long("class A{b=")},
		{"decorators", long("@a(")},
		{"types", "type A = " + strings.Repeat("{a:(", maxText/5)},
		{"template tags", long("{{")},
		{"tags of PHP", long("<? ")},
		{"tags that are closed", long("{{a}}")},
		{"script elements", long("<script>")},
		{"fences", long("```\n")},
		{"entries of a list", long("- a: b\n")},
		{"names", long("uri ")},
		{"names of the prototype", "new JsSIP.UA({ __proto__: {uri: 'x'}, constructor: 1, hasOwnProperty: 2, " +
			"toString: 3, uri: 'a@b', ws_servers: 'ws://h' })"},
		{"doubled text", "var s = 'x';" + strings.Repeat("s += s;", 2000) + end},
		{"doubled lists", "var l = [1];" + strings.Repeat("l = l.concat(l);", 200) + end},
		{"tower of lists", "var l0 = [1,2,3,4,5,6,7,8];" + tower("var l%d = [l%e,l%e,l%e,l%e,l%e,l%e,l%e,l%e];") +
			"new JsSIP.UA({uri: l30, ws_servers: l30})"},
		{"tower of objects", "var l0 = {};" + tower("var l%d = {a: l%e, b: l%e, c: l%e, d: l%e};") +
			"new JsSIP.UA({uri: l30, ws_servers: l30, log: l30})"},
		{"circles", "var a = {uri: 'a@b'}; a.a = a; a.log = a; var l = []; l.push(l, a); a.sockets = l; " +
			"a.ws_servers = l; new JsSIP.UA(a)"},
		{"circle of sockets", "var a = {socket: 1}; a.socket = a; new JsSIP.UA({uri: 'a@b', sockets: [a]})"},
		{"recursion", "function f(n) { return f(n) + f(n) } new JsSIP.UA({uri: f(1), ws_servers: f(2)})"},
		{"recursion of classes", "class A { b = new A(); c = new A() } class B extends B {} new JsSIP.UA({uri: new " +
			"A(), ws_servers: new B()})"},
		{"methods that call themselves", "var o = { a() { return this.a() + this.b() }, b() { return this.a() + " +
			"this.b() } }; new JsSIP.UA({uri: o.a(), ws_servers: o.b()})"},
		{"getters", "var o = { get uri() { return this.uri + this.uri }, ws_servers: 'ws://h' }; new JsSIP.UA(o)"},
		{"many functions", long("()=>{},")},
		{"many agents", long("new UA({uri:'a@b',ws_servers:'ws://h'+i++});")},
		{"many objects", long("{uri:'a@b',ws_servers:a},")},
		{"many spreads", "var o = {" + strings.Repeat("a,", 500) + "};" + strings.Repeat("o={...o,...o};", 10000)},
		{"many replacements", "var s = 'aaaaaaaa';" + strings.Repeat("s = s.replaceAll('a', 'aaaa');", 5000) + end},
		{"JSON within JSON", "var s = '{\"a\":" + strings.Repeat("[", 20000) + "';" + strings.Repeat("JSON.parse(s);",
			2000) + end},
		{"zeros", long("\x00")},
		{"broken UTF-8", long("\xff\xfe{")},
		{"other scripts", long("“‘«")},
	} {
		t.Run(test.name, func(t *testing.T) {
			if len(test.text) > maxText {
				test.text = test.text[:maxText]
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			r := Check([]byte(test.text), 0)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			if made := (after.TotalAlloc - before.TotalAlloc) >> 20; made > 600 {
				t.Errorf("made %d MB", made)
			}
			if !r.OK && r.Reason == "" {
				t.Error("refused without a reason")
			}
			t.Logf("%v, %d MB: %v %s", took, (after.TotalAlloc-before.TotalAlloc)>>20, r.OK, r.Reason)
		})
	}
}

// tower repeats a line of which %d is its number and %e the one before.
func tower(line string) string {
	var b strings.Builder
	for i := 1; i <= 30; i++ {
		b.WriteString(strings.NewReplacer("%d", itoa(i), "%e", itoa(i-1)).Replace(line))
	}
	return b.String()
}

func itoa(i int) string { return numberText(float64(i)) }
