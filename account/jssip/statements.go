package jssip

import "strings"

// statements reads to the end of what is being read.
func (p *parser) statements() (all []node) {
	var bare []property // members without braces around them
	end := func() {
		if len(bare) > 0 {
			all = append(all, object{span: bare[0].span, members: bare})
			bare = nil
		}
	}
	for p.more() {
		before := p.at
		if p.depth >= maxNesting {
			p.at = p.end
			break
		}
		if m, is := p.bareMember(); is {
			bare = append(bare, m)
			p.take(",")
			continue
		}
		if p.take(";") || p.take(",") {
			continue
		}
		end()
		if n := p.statement(); n != nil {
			all = append(all, n)
		}
		if p.at == before {
			p.at++
		}
	}
	end()
	return all
}

// bareMember reads key: value that stands where a statement may.
func (p *parser) bareMember() (property, bool) {
	t := p.peek()
	if t.kind != tokenName && t.kind != tokenString || !p.is(1, ":") || p.isWord(0, "default", "case", "else") {
		return property{}, false
	}
	if p.is(2, ":") || p.isWord(2, "for", "while", "do", "switch") {
		return property{}, false
	}
	m := property{key: p.textOf(t)}
	if t.kind == tokenString {
		m.key, _ = p.unquoted(t)
	}
	p.at += 2
	m.value = p.expression()
	m.span = p.from(t.start)
	return m, true
}

// statement reads one; nil for what leaves nothing.
func (p *parser) statement() node {
	t := p.peek()
	p.skipDecorators()
	if p.is(0, "{") && !p.objectAhead() {
		return p.block(false)
	}
	if t.kind != tokenName {
		return p.expression()
	}
	word := p.textOf(t)
	next := p.ahead(1)
	nextIsName := next.kind == tokenName && !next.newline
	switch word {
	case "var", "let", "const", "using":
		if nextIsName || p.is(1, "{", "[") {
			return p.declarations(word)
		}
	case "export", "declare", "abstract", "default":
		if !p.is(1, ".", "(", "=") || word == "export" {
			p.at++
			p.take("=")
			p.take(":") // default: of a switch
			return nil
		}
	case "import":
		return p.importing()
	case "interface", "enum", "namespace", "module":
		if nextIsName || next.kind == tokenString && word == "module" {
			return p.named(word)
		}
	case "type":
		if nextIsName && p.typeAhead() {
			return nil
		}
	case "return", "throw":
		p.at++
		g := giving{}
		if p.more() && !p.is(0, ";", "}") && !p.peek().newline {
			g.of = p.expression()
		}
		g.span = p.from(t.start)
		if word == "throw" && g.of != nil {
			return loose{g.span, []node{g.of}}
		}
		return g
	case "case":
		p.at++
		p.expression()
		p.take(":")
		return nil
	}
	return p.control(word)
}

// control reads a statement that decides or repeats, or else an expression.
func (p *parser) control(word string) node {
	t := p.peek()
	switch {
	case word == "if" && p.is(1, "("):
		return p.deeper(p.branch)
	case (word == "for" || word == "while" || word == "switch" || word == "with") && (p.is(1, "(") ||
		p.isWord(1, "await")):
		p.at++
		p.takeWord("await")
		var test node
		head := p.within(func() {
			if word == "switch" {
				test = p.expression()
			}
		})
		body := p.deeper(func() node { return p.maybe() })
		return block{p.from(t.start), append(head, body), true, test}
	case word == "do" && p.is(1, "{"):
		p.at++
		return p.block(true)
	case (word == "try" || word == "finally") && p.is(1, "{"):
		p.at++
		return p.block(false)
	case word == "else":
		p.at++
		return p.deeper(func() node { return p.maybe() })
	case word == "catch" && p.is(1, "(", "{"):
		p.at++
		if p.is(0, "(") {
			p.jump()
		}
		if p.is(0, "{") {
			return p.block(true)
		}
		return nil
	case word == "function" || word == "class" || word == "async" && p.isWord(1, "function"):
		return p.word()
	}
	return p.expression()
}

// maybe reads a statement that depends on what the program does.
func (p *parser) maybe() node {
	if p.is(0, "{") {
		return p.block(true)
	}
	start := p.peek().start
	if n := p.statement(); n != nil {
		return block{span: p.from(start), body: []node{n}, maybe: true}
	}
	return block{span: p.from(start)}
}

func (p *parser) block(maybe bool) node {
	start := p.peek().start
	b := block{maybe: maybe}
	p.within(func() { b.body = p.statements() })
	b.span = p.from(start)
	return b
}

func (p *parser) branch() node {
	start := p.peek().start
	p.at++ // if
	b := branch{}
	left := p.within(func() { b.test = p.expression() })
	part := func() node {
		if p.is(0, "{") {
			return p.block(false)
		}
		return p.deeper(p.oneStatement)
	}
	b.yes = part()
	p.take(";")
	if p.takeWord("else") {
		b.no = part()
	}
	b.span = p.from(start)
	if len(left) > 0 {
		b.test = loose{b.span, append(left, b.test)}
	}
	return b
}

func (p *parser) oneStatement() node {
	start := p.peek().start
	if n := p.statement(); n != nil {
		return n
	}
	return block{span: p.from(start)}
}

// objectAhead tells whether the brace that is next is an object's rather than a block's.
func (p *parser) objectAhead() bool {
	if !p.is(0, "{") {
		return false
	}
	inside := p.ahead(1)
	switch {
	case p.is(1, "..."), p.is(1, "}"):
		return true
	case inside.kind == tokenString:
		return p.is(2, ":", "=>", "=")
	case inside.kind == tokenName || inside.kind == tokenNumber:
		return p.is(2, ":", ",") || p.is(2, "}") && inside.kind == tokenName && !p.isWord(1, "return", "break",
			"continue")
	}
	return false
}

// declarations reads var a = …, b = ….
func (p *parser) declarations(kind string) node {
	start := p.peek().start
	p.at++
	if p.isWord(0, "enum") {
		return p.named("enum")
	}
	all := block{}
	for p.more() {
		t := p.peek()
		to := p.pattern()
		if to == nil {
			break
		}
		d := declaration{kind: kind, to: to}
		p.take("!")
		if p.take(":") {
			p.skipType()
		}
		if p.take("=") {
			d.from = p.expression()
		} else if p.takeWord("of", "in") {
			of := p.expression()
			d.from = member{span: of.where(), of: of, key: literal{of.where(), 0.0}}
		}
		d.span = p.from(t.start)
		all.body = append(all.body, d)
		if !p.take(",") {
			break
		}
	}
	all.span = p.from(start)
	return all
}

// named passes over an interface or looks through a namespace.
func (p *parser) named(word string) node {
	for p.more() && !p.is(0, "{", ";") {
		p.at++
	}
	last := p.all[max(p.at-1, 0)]
	if !p.is(0, "{") {
		return nil
	}
	if word == "namespace" || word == "module" {
		return p.namespace(last)
	}
	if word == "enum" {
		id := p.all[p.at-1]
		members := p.deeper(p.object)
		return declaration{members.where(), "const", name{members.where(), p.textOf(id)}, members}
	}
	p.jump()
	return nil
}

// namespace reads what a namespace holds, which is also an object of its name.
func (p *parser) namespace(id token) node {
	body := p.block(false)
	members := object{span: body.where()}
	b, is := body.(block)
	if !is || id.kind != tokenName {
		return body
	}
	for _, n := range b.body {
		all := []node{n}
		if several, is := n.(block); is && len(several.body) > 0 && isDeclaration(several.body[0]) {
			all = several.body
		}
		for _, n := range all {
			if d, is := n.(declaration); is && d.from != nil {
				if to, is := d.to.(name); is {
					members.members = append(members.members, property{span: d.span, key: to.id, value: to})
				}
			}
		}
	}
	own := declaration{members.span, "var", name{members.span, p.textOf(id)}, members}
	return block{span: members.span, body: append(b.body, own)}
}

// typeAhead passes over type T = …, if it is that.
func (p *parser) typeAhead() bool {
	at := p.at
	p.at += 2
	p.genericsThen("=")
	if !p.take("=") {
		p.at = at
		return false
	}
	p.skipType()
	return true
}

// importing reads the import of a module.
func (p *parser) importing() node {
	t := p.peek()
	if p.is(1, "(", ".") {
		return p.expression()
	}
	p.at++
	n := imported{names: map[string]string{}}
	if p.isWord(0, "type") && !p.isWord(1, "from") {
		p.at++
	}
	for p.more() && !p.peek().newline || p.is(0, "{", "*") {
		switch part := p.peek(); {
		case part.kind == tokenString:
			n.from, _ = p.unquoted(part)
			p.at++
			n.span = p.from(t.start)
			return n
		case p.takeWord("from") || p.take(",") || p.take("*") || p.takeWord("as"):
		case p.is(0, "="): // import JsSIP = require('jssip')
			p.at++
			for id := range n.names {
				return declaration{p.from(t.start), "const", name{p.from(part.start), id}, p.expression()}
			}
		case p.is(0, "{"):
			p.within(func() { p.importedNames(n.names) })
		case part.kind == tokenName:
			p.at++
			n.names[p.textOf(part)] = ""
		default:
			return nil
		}
	}
	return nil
}

func (p *parser) importedNames(names map[string]string) {
	for p.more() {
		there := p.peek()
		p.at++
		here := there
		if p.takeWord("as") {
			here = p.peek()
			p.at++
		}
		if there.kind == tokenName && here.kind == tokenName {
			names[strings.TrimSpace(p.textOf(here))] = p.textOf(there)
		}
		p.take(",")
	}
}

// object reads {…}.
func (p *parser) object() node {
	start := p.peek().start
	n := object{}
	left := p.within(func() {
		for p.more() {
			before := p.at
			p.objectMember(&n)
			if p.at == before {
				p.at++
			}
		}
	})
	n.loose = append(n.loose, left...)
	n.span = p.from(start)
	return n
}

// objectMember reads one member, or passes over what is none.
func (p *parser) objectMember(n *object) {
	t := p.peek()
	switch {
	case p.is(0, ",", ";"):
		p.at++
		return
	case p.take("..."):
		if p.more() && !p.is(0, ",") {
			of := p.expression()
			n.members = append(n.members, property{span: of.where(), value: of, spread: true})
		}
		return
	case p.is(0, "{", "("):
		n.loose = append(n.loose, p.expression())
		return
	}
	m := property{}
	for p.isWord(0, "async", "get", "set", "static") &&
		(p.ahead(1).kind == tokenName || p.ahead(1).kind == tokenString || p.is(1, "*", "[")) {
		m.getter = m.getter || p.isWord(0, "get")
		p.at++
	}
	p.take("*")
	if p.is(0, ":") && p.ahead(1).kind == tokenName && p.is(2, "=>") { // Ruby
		p.at++
	}
	key := p.peek()
	switch {
	case key.kind == tokenName:
		m.key = p.textOf(key)
	case key.kind == tokenString || key.kind == tokenTemplate:
		m.key, _ = p.unquoted(key)
	case key.kind == tokenNumber:
		m.key = p.textOf(key)
	case p.is(0, "["):
		n.loose = append(n.loose, p.within(func() { m.named = p.expression() })...)
		p.at--
	default:
		return
	}
	p.at++
	p.objectValue(n, m, key, t.start)
}

// objectValue reads what stands behind a member's name.
func (p *parser) objectValue(n *object, m property, key token, start int32) {
	if p.is(0, "?") && p.is(1, ":") {
		p.at++
	}
	switch {
	case p.is(0, ":", "=>"):
		p.at++
		m.value = p.expression()
	case p.is(0, "=") && m.named == nil:
		p.at++
		from := p.expression()
		m.value = assignment{p.from(start), "=", name{span{int(key.start), int(key.end)}, m.key}, from}
	case p.is(0, "("):
		m.value = p.function(start, m.key)
	case p.is(0, "<") && key.kind == tokenName:
		m.value = p.function(start, m.key)
	case key.kind == tokenName && m.named == nil && (!p.more() || p.is(0, ",") || p.peek().newline):
		m.value = name{span{int(key.start), int(key.end)}, m.key}
	default:
		return
	}
	m.span = p.from(start)
	n.members = append(n.members, m)
}
