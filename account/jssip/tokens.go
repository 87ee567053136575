package jssip

import (
	"strings"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"
)

// maxRescanned bounds what is read twice of a text in which strings and comments have no end, in octets.
const maxRescanned = 4 << 20

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

// tokenize reads code as JavaScript's tokens. What is none is passed over: prose, a broken string.
func tokenize(v view) []token {
	in := parse.NewInputBytes(append(make([]byte, 0, len(v.code)+1), v.code...))
	lexer := js.NewLexer(in)
	var all []token
	newline, rescanned := true, 0
	again := func(at int) { // goes on with the octet after at
		rescanned += in.Offset() - at
		if rescanned < maxRescanned {
			in.Move(at + 1 - in.Offset())
		}
		in.Skip()
		lexer = js.NewLexer(in)
	}
	for in.Offset() < len(v.code) {
		start := in.Offset()
		kind, _ := lexer.Next()
		if (kind == js.DivToken || kind == js.DivEqToken) && regExpMayFollow(v, all) {
			if kind, _ = lexer.RegExp(); kind == js.ErrorToken {
				again(start)
				continue
			}
		}
		end := in.Offset()
		t := token{kind: kindOf(kind), newline: newline, start: int32(start), end: int32(end), match: -1}
		switch {
		case kind == js.LineTerminatorToken || kind == js.CommentLineTerminatorToken:
			newline = true
			continue
		case kind == js.WhitespaceToken || kind == js.CommentToken:
			continue
		case kind == js.ErrorToken || kind == js.PrivateIdentifierToken && end-start == 1:
			if end := v.broken(start, &t); end > 0 {
				in.Move(end - in.Offset())
				in.Skip()
			} else {
				again(start)
			}
			if t.kind == tokenEnd {
				continue
			}
		case t.kind == tokenName:
			if tag, is := v.tagIn(start, end); is && tag.start == start {
				t.kind = tokenTag
			}
		case kind == js.GtGtToken || kind == js.GtGtGtToken: // of types within types
			for i := start; i < end; i++ {
				all = append(all, token{kind: tokenMark, start: int32(i), end: int32(i + 1), match: -1})
			}
			continue
		}
		all = append(all, t)
		newline = false
	}
	all = append(all, token{kind: tokenEnd, newline: true, start: int32(len(v.code)), end: int32(len(v.code)), match: -1})
	matchBrackets(v, all)
	return all
}

// broken makes sense of what is no token of JavaScript: text in curly quotes becomes a string, and a comment of
// Python or a shell goes. It returns where to go on, or 0.
func (v view) broken(start int, t *token) int {
	t.kind = tokenEnd
	rest := string(v.code[start:min(len(v.code), start+maxTag)])
	line, _, _ := strings.Cut(rest, "\n")
	switch rest[0] {
	case '#':
		return start + len(line)
	case '@': // of a decorator
		t.kind, t.end = tokenMark, int32(start+1)
		return start + 1
	}
	closers := map[rune]string{'‘': "’‘", '’': "’", '‚': "‘’", '“': "”“", '”': "”", '„': "“”", '«': "»", '‹': "›"}
	r, n := utf8.DecodeRuneInString(rest)
	if closer, is := closers[r]; is {
		if i := strings.IndexAny(line[n:], closer); i >= 0 {
			_, m := utf8.DecodeRuneInString(line[n+i:])
			t.kind, t.end = tokenString, int32(start+n+i+m)
			return int(t.end)
		}
	}
	if r >= utf8.RuneSelf {
		return start + n
	}
	return 0
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
