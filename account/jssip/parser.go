package jssip

import (
	"slices"
	"unicode/utf8"
)

// maxNesting bounds how deep a program is read: what stands deeper is passed over.
const maxNesting = 100

// maxLooked bounds the search for types, in tokens.
const maxLooked = 100000

// parser reads a program without ever giving up: TypeScript's types are passed over, and what is no program (elements,
// prose, other languages) is looked through for expressions. Each token is read once, so that reading takes time in
// proportion to the text.
type parser struct {
	view
	all   []token
	at    int
	end   int // of the brackets being read
	depth int
	open  int // choices whose second part has not begun

	looked int // tokens looked at for types that may not have been any
}

// parseProgram returns the statements of a view.
func parseProgram(v view) []node {
	all := tokenize(v)
	p := &parser{view: v, all: all, end: len(all) - 1}
	return p.statements()
}

func (p *parser) peek() token { return p.ahead(0) }

// ahead returns the token n after the next one; the end, where the brackets being read hold no more.
func (p *parser) ahead(n int) token {
	if p.at+n >= p.end {
		return token{kind: tokenEnd, newline: true, start: p.all[p.end].start, end: p.all[p.end].start}
	}
	return p.all[p.at+n]
}

func (p *parser) textOf(t token) string {
	text := string(p.code[t.start:t.end])
	if t.kind == tokenMark && text[0] >= utf8.RuneSelf { // of East Asian keyboards
		return map[string]string{"：": ":", "，": ","}[text]
	}
	return text
}

// is tells whether the nth token from here is one of these marks.
func (p *parser) is(n int, marks ...string) bool {
	t := p.ahead(n)
	return t.kind == tokenMark && slices.Contains(marks, p.textOf(t))
}

// isWord tells whether the nth token from here is one of these names.
func (p *parser) isWord(n int, words ...string) bool {
	t := p.ahead(n)
	return t.kind == tokenName && slices.Contains(words, p.textOf(t))
}

func (p *parser) more() bool { return p.at < p.end }

// take passes over the next token if it is this mark.
func (p *parser) take(mark string) bool {
	if p.is(0, mark) {
		p.at++
		return true
	}
	return false
}

func (p *parser) takeWord(words ...string) bool {
	if p.isWord(0, words...) {
		p.at++
		return true
	}
	return false
}

// within reads what the bracket that is next holds. What read leaves of it is looked through for expressions.
func (p *parser) within(read func()) (left []node) {
	opener := p.all[p.at]
	outer, close := p.end, min(int(opener.match), p.end)
	p.at++
	p.end = close
	if p.depth < maxNesting {
		p.depth++
		open := p.open
		p.open = 0
		read()
		if p.at < p.end {
			left = p.statements()
		}
		p.open = open
		p.depth--
	}
	p.at, p.end = close, outer
	if p.at < p.end && int(p.all[close].match) == p.openerOf(close) {
		p.at++
	}
	return left
}

// openerOf is the other half of a closing bracket, or a number that no bracket has.
func (p *parser) openerOf(close int) int {
	if t := p.all[close]; t.kind == tokenEnd || t.match < 0 || int(p.all[t.match].match) != close {
		return -2
	}
	return int(p.all[close].match)
}

// from is the span from an octet to the last token that was read.
func (p *parser) from(start int32) span {
	end := start
	if p.at > 0 {
		end = max(end, p.all[p.at-1].end)
	}
	return span{int(start), int(end)}
}

// deeper reads with one level more of nesting, or passes a token over where there are too many.
func (p *parser) deeper(read func() node) node {
	start := p.peek().start
	if p.depth >= maxNesting {
		if next := p.all[p.at]; next.match > int32(p.at) {
			p.at = min(int(next.match), p.end)
		}
		if p.at < p.end {
			p.at++
		}
		return loose{span: p.from(start)}
	}
	p.depth++
	n := read()
	p.depth--
	return n
}

// skipType passes over a type of TypeScript, or nothing.
func (p *parser) skipType() {
	if p.depth >= maxNesting {
		return
	}
	p.depth++
	defer func() { p.depth-- }()
	for p.more() {
		for p.takeWord("keyof", "typeof", "readonly", "unique", "infer", "asserts", "new", "abstract") ||
			p.take("|") || p.take("&") || p.take("-") {
		}
		if !p.skipSimpleType() {
			return
		}
		for p.is(0, "[") && !p.peek().newline {
			p.jump()
		}
		switch {
		case p.is(0, "|", "&"):
		case p.isWord(0, "is", "extends", "in") && !p.peek().newline:
			p.at++
		default:
			return
		}
	}
}

// skipSimpleType passes over a type that is not made of others by operators.
func (p *parser) skipSimpleType() bool {
	t := p.peek()
	switch {
	case p.is(0, "("):
		p.jump()
		if p.take("=>") {
			p.skipType()
		}
	case p.is(0, "{", "["):
		p.jump()
	case t.kind == tokenString || t.kind == tokenNumber || t.kind == tokenTemplate:
		p.at++
	case t.kind == tokenName:
		p.at++
		for p.is(0, ".") && p.ahead(1).kind == tokenName {
			p.at += 2
		}
		if p.is(0, "<") && !p.peek().newline {
			p.skipGenerics()
		}
	default:
		return false
	}
	return true
}

// skipGenerics passes over <…> with types in it and tells whether it was that.
func (p *parser) skipGenerics() bool {
	p.at++ // <
	for p.more() {
		before := p.at
		p.skipType()
		for p.take("=") || p.take("?") || p.take(":") { // a default, a conditional type
			p.skipType()
		}
		if p.take(">") {
			return true
		}
		if !p.take(",") || p.at == before {
			return false
		}
	}
	return false
}

// genericsThen tells whether <…> is next with one of the marks behind it, and passes over it then.
func (p *parser) genericsThen(marks ...string) bool {
	if !p.is(0, "<") || p.looked > maxLooked {
		return false
	}
	at, end := p.at, p.end
	p.end = min(end, at+60)
	ok := p.skipGenerics()
	p.looked += p.at - at
	p.end = end
	text := p.peek().kind == tokenTemplate || p.peek().kind == tokenHead
	if ok && (len(marks) == 0 || p.is(0, marks...) || text && slices.Contains(marks, "`")) {
		return true
	}
	p.at = at
	return false
}

// jump passes over a bracket and what it holds.
func (p *parser) jump() {
	close := min(int(p.all[p.at].match), p.end)
	p.at = close
	if close < p.end {
		p.at++
	}
}

// pattern reads what is declared: a name, or a pattern of names.
func (p *parser) pattern() node {
	switch t := p.peek(); {
	case p.is(0, "{"):
		return p.deeper(p.object)
	case p.is(0, "["):
		return p.deeper(p.array)
	case t.kind == tokenName || t.kind == tokenTag:
		p.at++
		return name{p.from(t.start), p.textOf(t)}
	}
	return nil
}

// parameters reads (…) of a function.
func (p *parser) parameters() (all []parameter) {
	p.within(func() {
		for p.more() {
			var one parameter
			p.skipDecorators()
			for p.isWord(0, "public", "private", "protected", "readonly", "override") && p.ahead(1).kind == tokenName {
				p.at++
				one.field = true
			}
			one.rest = p.take("...")
			if one.to = p.pattern(); one.to == nil {
				return
			}
			p.take("?")
			if p.take(":") {
				p.skipType()
			}
			if p.take("=") {
				one.def = p.expression()
			}
			all = append(all, one)
			if !p.take(",") {
				return
			}
		}
	})
	return all
}

// skipDecorators passes over @Injectable() and the like.
func (p *parser) skipDecorators() {
	for p.is(0, "@") && p.ahead(1).kind == tokenName {
		p.at += 2
		for p.is(0, ".") && p.ahead(1).kind == tokenName {
			p.at += 2
		}
		if p.is(0, "(") && !p.peek().newline {
			p.jump()
		}
	}
}

// function reads a function from its parameters on.
func (p *parser) function(start int32, id string) node {
	return p.deeper(func() node {
		f := function{id: id}
		p.genericsThen("(")
		if p.is(0, "(") {
			f.parameters = p.parameters()
		}
		if p.take(":") {
			p.skipType()
		}
		if p.is(0, "{") {
			p.within(func() { f.body = p.statements() })
		}
		f.span = p.from(start)
		return f
	})
}

// class reads a class from its name on.
func (p *parser) class(start int32) node {
	return p.deeper(func() node {
		c := class{}
		if t := p.peek(); t.kind == tokenName && !p.isWord(0, "extends", "implements") {
			c.id = p.textOf(t)
			p.at++
		}
		p.genericsThen()
		if p.takeWord("extends") {
			c.extends = p.postfix(p.primary())
			p.genericsThen()
		}
		for p.more() && !p.is(0, "{") { // implements …
			p.at++
		}
		if p.is(0, "{") {
			p.within(func() { c.members = p.classMembers() })
		}
		c.span = p.from(start)
		return c
	})
}

func (p *parser) classMembers() (all []property) {
	words := []string{
		"public", "private", "protected", "readonly", "static", "abstract", "override", "declare", "accessor", "async",
		"get", "set",
	}
	for p.more() {
		p.skipDecorators()
		start := p.peek().start
		getter, static := false, false
		for p.isWord(0, words...) && !p.is(1, "=", "(", ":", ";", "?", "!") && !p.ahead(1).newline {
			getter = getter || p.isWord(0, "get")
			static = static || p.isWord(0, "static")
			p.at++
		}
		p.take("*")
		t := p.peek()
		m := property{getter: getter, static: static}
		switch {
		case t.kind == tokenName || t.kind == tokenNumber:
			m.key = p.textOf(t)
			p.at++
		case t.kind == tokenString:
			m.key, _ = p.unquoted(t)
			p.at++
		case p.is(0, "["):
			p.jump()
		case p.is(0, "{"): // static { … }
			all = append(all, property{value: block{body: p.within(func() {})}})
			continue
		default:
			p.at++
			continue
		}
		_ = p.take("?") || p.take("!")
		if p.is(0, "(", "<") {
			m.value = p.function(start, m.key)
		} else {
			if p.take(":") {
				p.skipType()
			}
			if p.take("=") {
				m.value = p.expression()
			}
		}
		m.span = p.from(start)
		all = append(all, m)
	}
	return all
}

// unquoted is the text of a string, and whether a template fills a part of it in.
func (p *parser) unquoted(t token) (text string, tagged bool) {
	_, tagged = p.tagIn(int(t.start), int(t.end))
	return unescape(trimQuotes(p.textOf(t))), tagged
}
