package jssip

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"
)

// maxScanned bounds what is looked at in search of an end that is not there, in octets: of strings, comments,
// templates. The lexer's own errors count too, for each finds out its line from the beginning.
const maxScanned = 8 << 20

// tokenKind is what a token is.
type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenString   // in straight or curly quotes
	tokenTemplate // `…` without parts to be put in
	tokenHead     // `…${
	tokenMiddle   // }…${
	tokenTail     // }…`
	tokenNumber
	tokenRegExp
	tokenTag  // of a page's template
	tokenMark // operators and brackets
)

// token is a word of a program.
type token struct {
	kind       tokenKind
	newline    bool // the first of its line
	start, end int32
	match      int32 // of a bracket: the other one, or where what it holds ends
}

// tokenizer turns code into tokens. The lexer is asked only about what it knows.
type tokenizer struct {
	view
	in      *parse.Input
	lexer   *js.Lexer
	all     []token
	newline bool
	scanned int
	open    bool // a comment has no end
}

// tokenize reads code as JavaScript's tokens. What is none is passed over: prose, a broken string.
func tokenize(v view) []token {
	z := &tokenizer{view: v, newline: true}
	z.in = parse.NewInputBytes(append(make([]byte, 0, len(v.code)+1), v.code...))
	z.lexer = js.NewLexer(z.in)
	for z.in.Offset() < len(v.code) && z.scanned < 2*maxScanned {
		if !z.odd() {
			z.next()
		}
	}
	end := int32(len(v.code))
	all := append(z.all, token{kind: tokenEnd, newline: true, start: end, end: end, match: -1})
	matchBrackets(v, all)
	return all
}

// add notes a token.
func (z *tokenizer) add(kind tokenKind, start, end int) {
	z.all = append(z.all, token{kind: kind, newline: z.newline, start: int32(start), end: int32(end), match: -1})
	z.newline = false
}

// skip goes on n octets further.
func (z *tokenizer) skip(n int) bool {
	z.in.Move(n)
	z.in.Skip()
	return true
}

// next reads one token of the lexer.
func (z *tokenizer) next() {
	start := z.in.Offset()
	kind, _ := z.lexer.Next()
	if (kind == js.DivToken || kind == js.DivEqToken) && regExpMayFollow(z.view, z.all) && z.ends(start, '/') {
		kind, _ = z.lexer.RegExp()
	}
	end := z.in.Offset()
	switch {
	case kind == js.LineTerminatorToken || kind == js.CommentLineTerminatorToken:
		z.newline = true
	case kind == js.WhitespaceToken || kind == js.CommentToken:
	case kind == js.ErrorToken:
		z.scanned += end
		z.skip(start + 1 - end)
		z.lexer = js.NewLexer(z.in)
	case kind == js.GtGtToken || kind == js.GtGtGtToken: // of types within types
		for i := start; i < end; i++ {
			z.add(tokenMark, i, i+1)
		}
	default:
		kind := kindOf(kind)
		if found, is := z.tagIn(start, end); is && found.start == start && kind == tokenName {
			kind = tokenTag
		}
		z.add(kind, start, end)
		if kind == tokenNumber { // 8px
			for end < len(z.code) && isWordOctet(z.code[end]) {
				end++
			}
			z.skip(end - z.in.Offset())
		}
	}
}

func isWordOctet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$'
}

// ends tells whether what begins at start with a quote, a back quote or a slash has an end.
func (z *tokenizer) ends(start int, with byte) bool {
	class := false
	for i := start + 1; i < len(z.code) && z.scanned < maxScanned; i++ {
		z.scanned++
		switch c := z.code[i]; {
		case c == '\\':
			i++
		case c == with && !class:
			z.scanned -= i - start
			return true
		case with == '`' && c == '$' && i+1 < len(z.code) && z.code[i+1] == '{':
			z.scanned -= i - start
			return true
		case with != '`' && (c == '\n' || c == '\r'):
			return false
		case with == '/' && (c == '[' || c == ']'):
			class = c == '['
		}
	}
	return false
}

// odd passes over what is no token of JavaScript and tells whether there was such: text in curly quotes becomes a
// string, and a comment of Python or a shell goes.
func (z *tokenizer) odd() bool {
	start := z.in.Offset()
	c := z.code[start]
	ahead := func(i int) byte {
		if start+i < len(z.code) {
			return z.code[start+i]
		}
		return 0
	}
	switch {
	case c == '\'' || c == '"' || c == '`':
		return !z.ends(start, c) && z.skip(1)
	case c == '@': // of a decorator
		z.add(tokenMark, start, start+1)
		return z.skip(1)
	case c == '#' && !isWordOctet(ahead(1)):
		line, _, _ := bytes.Cut(z.code[start:], []byte("\n"))
		return z.skip(len(line))
	case c == '/' && ahead(1) == '*':
		z.open = z.open || !bytes.Contains(z.code[start+2:], []byte("*/"))
		return z.open && z.skip(2)
	case c == '0' && ahead(1) >= '0' && ahead(1) <= '9':
		n := 1
		for ahead(n) >= '0' && ahead(n) <= '9' {
			n++
		}
		z.add(tokenNumber, start, start+n)
		return z.skip(n)
	case c >= utf8.RuneSelf:
		return z.curly(start)
	case c == '\\' || c == 0x7F || c < ' ' && !bytes.ContainsRune([]byte("\t\n\v\f\r"), rune(c)):
		return z.skip(1)
	}
	return false
}

// curly is odd for what is not ASCII.
func (z *tokenizer) curly(start int) bool {
	r, n := utf8.DecodeRune(z.code[start:])
	if unicode.IsLetter(r) || unicode.IsSpace(r) || unicode.Is(unicode.Zs, r) || r == '\u2028' || r == '\u2029' {
		return false
	}
	if r == '：' || r == '，' {
		z.add(tokenMark, start, start+n)
		return z.skip(n)
	}
	closer := map[rune]string{'‘': "’‘", '’': "’", '‚': "‘’", '“': "”“", '”': "”", '„': "“”", '«': "»", '‹': "›"}[r]
	line, _, _ := bytes.Cut(z.code[start+n:min(len(z.code), start+maxTag)], []byte("\n"))
	if i := bytes.IndexAny(line, closer); i >= 0 && closer != "" {
		_, m := utf8.DecodeRune(line[i:])
		z.add(tokenString, start, start+n+i+m)
		return z.skip(n + i + m)
	}
	return z.skip(n)
}

func kindOf(kind js.TokenType) tokenKind {
	switch {
	case kind == js.StringToken:
		return tokenString
	case kind == js.TemplateToken:
		return tokenTemplate
	case kind == js.TemplateStartToken:
		return tokenHead
	case kind == js.TemplateMiddleToken:
		return tokenMiddle
	case kind == js.TemplateEndToken:
		return tokenTail
	case kind == js.RegExpToken:
		return tokenRegExp
	case js.IsNumeric(kind):
		return tokenNumber
	case js.IsIdentifierName(kind) || kind == js.PrivateIdentifierToken:
		return tokenName
	}
	return tokenMark
}

// regExpMayFollow tells whether a slash begins a regular expression rather than divides.
func regExpMayFollow(v view, all []token) bool {
	if len(all) == 0 {
		return true
	}
	last := all[len(all)-1]
	text := string(v.code[last.start:last.end])
	switch last.kind {
	case tokenMark:
		return text != ")" && text != "]" && text != "}" && text != "<"
	case tokenName:
		return text == "return" || text == "typeof" || text == "case"
	case tokenHead, tokenMiddle:
		return true
	}
	return false
}

// matchBrackets pairs brackets. One without its other half holds what is left of what holds it.
func matchBrackets(v view, all []token) {
	var open []int32
	for i := range all {
		t := &all[i]
		text := "`"
		if t.kind == tokenMark {
			text = string(v.code[t.start:t.end])
		} else if t.kind != tokenHead && t.kind != tokenTail {
			continue
		}
		if t.kind == tokenHead || text == "(" || text == "[" || text == "{" {
			open = append(open, int32(i))
			continue
		}
		if t.kind != tokenTail && text != ")" && text != "]" && text != "}" {
			continue
		}
		for j := len(open) - 1; j >= max(0, len(open)-64); j-- {
			if !closes(v, all[open[j]], text) {
				continue
			}
			for _, o := range open[j:] {
				all[o].match = int32(i)
			}
			t.match = open[j]
			open = open[:j]
			break
		}
	}
	for _, o := range open {
		all[o].match = int32(len(all) - 1)
	}
}

func closes(v view, opener token, closer string) bool {
	if opener.kind == tokenHead {
		return closer == "`"
	}
	return map[byte]string{'(': ")", '[': "]", '{': "}"}[v.code[opener.start]] == closer
}
