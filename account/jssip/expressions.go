package jssip

import (
	"math"
	"strings"
)

// expression reads up to a comma.
func (p *parser) expression() node {
	return p.deeper(func() node {
		start := p.peek().start
		n := p.binary(0)
		if p.is(0, "?") {
			p.at++
			p.open++
			yes := p.expression()
			p.open--
			if !p.take(":") {
				return loose{p.from(start), []node{n, yes}}
			}
			no := p.expression()
			return choice{p.from(start), n, yes, no}
		}
		if p.is(0, "=", "+=", "||=", "??=", "&&=", "-=", "*=", "/=") {
			operator := p.textOf(p.peek())
			p.at++
			from := p.expression()
			return assignment{p.from(start), operator, n, from}
		}
		return n
	})
}

// strength is how strong an operator of two binds; 0 for what is none.
func (p *parser) strength() int {
	t := p.peek()
	if t.kind == tokenName {
		if p.isWord(0, "instanceof", "in") {
			return 7
		}
		return 0
	}
	if t.kind != tokenMark {
		return 0
	}
	switch p.textOf(t) {
	case "??", "||":
		return 1
	case "&&":
		return 2
	case "|":
		return 3
	case "^":
		return 4
	case "&":
		return 5
	case "==", "!=", "===", "!==":
		return 6
	case "<", ">", "<=", ">=":
		return 7
	case "<<":
		return 8
	case "+", "-":
		return 9
	case "*", "/", "%":
		return 10
	case "**":
		return 11
	}
	return 0
}

// binary reads operators that bind stronger than least.
func (p *parser) binary(least int) node {
	start := p.peek().start
	left := p.unary()
	for p.more() {
		strength := p.strength()
		if strength == 0 || strength <= least {
			return left
		}
		operator := p.textOf(p.peek())
		p.at++
		right := p.deeper(func() node { return p.binary(strength) })
		left = binary{p.from(start), operator, left, right}
	}
	return left
}

func (p *parser) unary() node {
	t := p.peek()
	operator := p.textOf(t)
	switch {
	case p.is(0, "!", "-", "+", "~", "++", "--"),
		p.isWord(0, "typeof", "void", "delete", "await", "yield") && !p.is(1, ":", ",", "="):
		p.at++
		of := p.deeper(p.unary)
		return unary{p.from(t.start), operator, of}
	case p.is(0, "<") && !p.jsx: // <any>x, as long as there are no elements
		return p.cast()
	case p.is(0, "<") && p.castAhead():
		return p.cast()
	case p.is(0, "@"): // of a page's template
		p.at++
		of := p.deeper(p.unary)
		return tagged{p.from(t.start), shortened(p.text[t.start:of.where().end])}
	}
	return p.postfix(p.primary())
}

// castAhead tells whether <T>{ key: … follows.
func (p *parser) castAhead() bool {
	at := p.at
	ok := p.genericsThen("{") && p.objectAhead()
	p.at = at
	return ok
}

func (p *parser) cast() node {
	start := p.peek().start
	if !p.genericsThen() {
		p.at++
		return loose{span: p.from(start)}
	}
	return p.deeper(p.unary)
}

// postfix reads what may follow an expression: members, calls, and TypeScript's remarks.
func (p *parser) postfix(n node) node {
	start := int32(n.where().start)
	for p.more() {
		t := p.peek()
		switch {
		case p.is(0, ".", "?.") && (p.ahead(1).kind == tokenName || p.ahead(1).kind == tokenTag):
			id := p.textOf(p.ahead(1))
			p.at += 2
			n = member{span: p.from(start), of: n, id: id}
		case p.is(0, "?.") && p.is(1, "(", "["):
			p.at++
		case p.is(0, "[") && !(t.newline && p.is(0, "[")):
			var key node
			left := p.within(func() { key = p.expression() })
			if lit, is := key.(literal); is && len(left) == 0 {
				if id, is := lit.value.(string); is {
					n = member{span: p.from(start), of: n, id: id}
					continue
				}
			}
			n = member{span: p.from(start), of: n, key: key}
		case p.is(0, "(") && !(t.newline && isLiteral(n)):
			args, left := p.arguments()
			n = call{span: p.from(start), callee: n, args: args}
			if len(left) > 0 {
				n = loose{p.from(start), append([]node{n}, left...)}
			}
		case p.is(0, "<") && !t.newline && p.genericsThen("(", "`"):
		case t.kind == tokenTemplate || t.kind == tokenHead: // String.raw`…`
			if t.newline || isLiteral(n) {
				return n
			}
			n = call{span: p.from(start), callee: n, args: []node{p.primary()}}
		case p.isWord(0, "as", "satisfies") && !t.newline:
			p.at++
			p.skipType()
		case p.is(0, "!") && !t.newline && !p.is(1, "=", "=="):
			p.at++
		case p.is(0, "++", "--") && !t.newline:
			p.at++
			n = loose{p.from(start), []node{n}}
		default:
			return n
		}
	}
	return n
}

func isLiteral(n node) bool {
	switch n.(type) {
	case literal, object, array, joined, function:
		return true
	}
	return false
}

// arguments reads (…) of a call.
func (p *parser) arguments() (args, left []node) {
	left = p.within(func() {
		for p.more() {
			before := p.at
			if p.take("...") {
				of := p.expression()
				args = append(args, spread{of.where(), of})
			} else if !p.is(0, ",") {
				args = append(args, p.expression())
			}
			if !p.take(",") {
				if p.at == before {
					return
				}
				if p.more() {
					args = append(args, p.untilComma()...)
				}
			}
		}
	})
	return args, left
}

// untilComma looks through what should not be there, up to a comma of these brackets.
func (p *parser) untilComma() []node {
	start := p.peek().start
	var parts []node
	for p.more() && !p.is(0, ",") {
		before := p.at
		parts = append(parts, p.expression())
		if p.at == before {
			p.at++
		}
	}
	p.take(",")
	if len(parts) == 0 {
		return nil
	}
	return []node{loose{p.from(start), parts}}
}

// primary reads an expression that no operator stands in.
func (p *parser) primary() node {
	t := p.peek()
	switch t.kind {
	case tokenTag:
		p.at++
		found, _ := p.tagIn(int(t.start), int(t.end))
		return tagged{p.from(t.start), found.holds}
	case tokenString:
		p.at++
		return p.quoted(t, p.code[t.start:t.end])
	case tokenNumber:
		p.at++
		return literal{p.from(t.start), number(p.textOf(t))}
	case tokenTemplate:
		p.at++
		return p.quoted(t, p.code[t.start:t.end])
	case tokenHead:
		return p.template()
	case tokenName:
		return p.word()
	case tokenMark:
		switch p.textOf(t) {
		case "(":
			return p.parenthesis()
		case "[":
			return p.deeper(p.array)
		case "{":
			return p.deeper(p.object)
		}
	}
	if p.more() && !p.is(0, ",", ";", ")", "]", "}", ":") {
		p.at++
	}
	return loose{span: p.from(t.start)}
}

// quoted is a string: a literal, or joined where a template fills a part of it in.
func (p *parser) quoted(t token, text []byte) node {
	if found, is := p.tagIn(int(t.start), int(t.end)); is {
		return tagged{p.from(t.start), found.holds}
	}
	return literal{p.from(t.start), unescape(trimQuotes(string(text)))}
}

// template reads `…${…}…`.
func (p *parser) template() node {
	start := p.peek().start
	last := min(int(p.peek().match), p.end)
	n := joined{}
	outer := p.end
	for p.at <= last && p.at < outer {
		t := p.all[p.at]
		text := strings.TrimLeft(p.textOf(t), "`}")
		text = strings.TrimSuffix(strings.TrimSuffix(text, "`"), "${")
		n.parts = append(n.parts, literal{span{int(t.start), int(t.end)}, unescape(text)})
		p.at++
		if t.kind != tokenHead && t.kind != tokenMiddle {
			break
		}
		p.end = min(last, outer)
		n.parts = append(n.parts, p.deeper(p.expression))
		p.end = outer
		for p.at < last && p.all[p.at].kind != tokenMiddle {
			p.at = max(p.at+1, min(int(p.all[p.at].match), last))
		}
	}
	n.span = p.from(start)
	return n
}

// parenthesis reads an arrow function or (…).
func (p *parser) parenthesis() node {
	t := p.peek()
	if p.arrowAhead() {
		return p.arrow(t.start, func() []parameter { return p.parameters() })
	}
	var parts []node
	left := p.within(func() {
		for p.more() {
			before := p.at
			parts = append(parts, p.expression())
			if !p.take(",") || p.at == before {
				return
			}
		}
	})
	if len(parts) == 1 && len(left) == 0 {
		return parts[0]
	}
	return loose{p.from(t.start), append(parts, left...)}
}

// arrowAhead tells whether the bracket that is next holds an arrow function's parameters.
func (p *parser) arrowAhead() bool {
	at := p.at
	defer func() { p.at = at }()
	p.jump()
	if p.is(0, "=>") {
		return true
	}
	if p.open > 0 || !p.take(":") {
		return false
	}
	end := p.end
	p.end = min(end, p.at+60)
	p.skipType()
	p.end = end
	return p.is(0, "=>")
}

func (p *parser) arrow(start int32, parameters func() []parameter) node {
	return p.deeper(func() node {
		f := function{arrow: true, parameters: parameters()}
		if p.take(":") {
			p.skipType()
		}
		p.take("=>")
		if p.is(0, "{") {
			p.within(func() { f.body = p.statements() })
		} else {
			f.result = p.expression()
		}
		f.span = p.from(start)
		return f
	})
}

// word reads an expression that begins with a name.
func (p *parser) word() node {
	t := p.peek()
	id := p.textOf(t)
	p.at++
	one := func() []parameter { return []parameter{{to: name{span{int(t.start), int(t.end)}, id}}} }
	switch {
	case p.is(0, "=>"):
		return p.arrow(t.start, one)
	case id == "async" && p.ahead(0).kind == tokenName && p.is(1, "=>"):
		return p.word()
	case id == "async" && p.is(0, "(") && p.arrowAhead():
		return p.parenthesis()
	case id == "async" && p.isWord(0, "function"):
		return p.word()
	case id == "function":
		p.take("*")
		fn := ""
		if p.peek().kind == tokenName {
			fn = p.textOf(p.peek())
			p.at++
		}
		return p.function(t.start, fn)
	case id == "class" && (p.peek().kind == tokenName || p.is(0, "{")):
		return p.class(t.start)
	case id == "new" && !p.is(0, ".", ":", ",", "="):
		return p.make(t.start)
	case strings.HasPrefix(id, "\\"):
		return loose{span: p.from(t.start)}
	}
	switch id {
	case "true", "True":
		return literal{p.from(t.start), true}
	case "false", "False":
		return literal{p.from(t.start), false}
	case "null", "undefined", "None", "nil":
		return literal{p.from(t.start), nil}
	case "NaN":
		return literal{p.from(t.start), math.NaN()}
	case "Infinity":
		return literal{p.from(t.start), math.Inf(1)}
	}
	return name{p.from(t.start), id}
}

// make reads what follows new.
func (p *parser) make(start int32) node {
	return p.deeper(func() node {
		callee := p.primary()
		for p.is(0, ".", "?.") && p.ahead(1).kind == tokenName {
			id := p.textOf(p.ahead(1))
			p.at += 2
			callee = member{span: p.from(start), of: callee, id: id}
		}
		p.genericsThen("(")
		n := call{callee: callee, made: true}
		if p.is(0, "(") {
			var left []node
			n.args, left = p.arguments()
			n.args = append(n.args, left...)
		}
		n.span = p.from(start)
		return n
	})
}

// array reads […], PHP's with keys too.
func (p *parser) array() node {
	start := p.peek().start
	n := array{}
	left := p.within(func() {
		for p.more() {
			before := p.at
			switch {
			case p.take("..."):
				if p.more() && !p.is(0, ",") {
					of := p.expression()
					n.items = append(n.items, spread{of.where(), of})
				}
			case p.is(0, ","):
			case p.ahead(0).kind == tokenName && p.is(1, ":") && p.is(2, "{"): // as it is printed: [configuration:{…}]
				p.at += 2
				n.items = append(n.items, p.expression())
			default:
				item := p.expression()
				if lit, is := item.(literal); is && p.is(0, "=>", ":") {
					key, _ := lit.value.(string)
					p.at++
					one := property{span: lit.span, key: key, value: p.expression()}
					item, n.pairs = object{span: lit.span, members: []property{one}}, true
				}
				n.items = append(n.items, item)
			}
			if !p.take(",") {
				if p.at == before {
					return
				}
				if p.more() {
					n.items = append(n.items, p.untilComma()...)
				}
			}
		}
	})
	n.span = p.from(start)
	if len(left) > 0 {
		return loose{n.span, append([]node{n}, left...)}
	}
	return n
}
