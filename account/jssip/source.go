package jssip

import (
	"fmt"
	stdhtml "html"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/html"
)

// Bounds of what is read as a pasted configuration.
const (
	maxText      = 256 << 10 // octets
	maxTemplates = 10000     // tags of a template
	maxTag       = 2000      // octets of one
)

// SyntaxError tells that a text is no configuration: neither JSON, nor a JavaScript object, nor a snippet
// that makes one.
type SyntaxError struct {
	Reason string // for people, with the line where it is known
}

func (e *SyntaxError) Error() string { return "configuration: " + e.Reason }

// source is a pasted text.
type source struct {
	text string
	tags []tag // of the template that it is, in the text's order
	jsx  bool  // it has elements, or an HTML end tag
}

// tag is a place that a template fills in before a browser sees it: <?= $secret ?>.
type tag struct {
	start, end int    // octets of the text
	holds      string // "$secret"
}

// view is a source of which only a part is read as code, the rest is blank; it is as long as the text.
type view struct {
	*source
	code []byte
}

// newSource looks at a pasted text: what is too long or empty is refused.
func newSource(data []byte) (*source, error) {
	if len(data) > maxText {
		return nil, &SyntaxError{fmt.Sprintf("is longer than %d kB", maxText>>10)}
	}
	text := strings.TrimPrefix(strings.ToValidUTF8(fromUTF16(data), "\uFFFD"), "\ufeff")
	text = strings.NewReplacer("\u200b", "", "\u2060", "", "\ufeff", "").Replace(text)
	if isEscaped(text) {
		text = stdhtml.UnescapeString(text)
	}
	if strings.TrimSpace(text) == "" {
		return nil, &SyntaxError{"is empty"}
	}
	return &source{text: text, jsx: strings.Contains(text, "</") || strings.Contains(text, "/>")}, nil
}

// views are the ways to read the text, the likeliest first: what stands in fences, in script elements, all of it.
func (s *source) views() []view {
	masked := s.maskTags()
	var views []view
	if inside, is := fenced(s.text); is {
		code := only(masked, inside)
		if inside, is := scripts(code); is {
			code = only(code, inside)
		}
		views = append(views, view{s, code})
	}
	if inside, is := scripts(masked); is {
		views = append(views, view{s, only(masked, inside)})
	}
	if regexp.MustCompile(`(?i)<br\s*/?>|<span class=`).MatchString(s.text) { // copied from a page's source
		bare := slices.Clone(masked)
		elements := regexp.MustCompile(`(?i)</?(?:br|span|code|pre|p|div|b|i|em|strong|td|tr)(?:\s[^<>\n]*)?/?>`)
		for _, m := range elements.FindAllIndex(bare, -1) {
			fill(bare[m[0]:m[1]], silentTag)
		}
		views = append(views, view{s, bare})
	}
	views = append(views, view{s, masked})
	if spans := inlineCode(s.text); len(spans) > 0 {
		views = append(views, view{s, only(masked, spans)})
	}
	return views
}

// isEscaped tells whether a text was copied as a page's source has it: quotes are &quot;.
func isEscaped(text string) bool {
	for _, entity := range []string{"&quot;", "&#39;", "&#x27;", "&apos;", "&#34;"} {
		if strings.Contains(text, entity) {
			return !regexp.MustCompile(`(?i)<script|=\s*["']{&`).MatchString(text)
		}
	}
	return false
}

// inlineCode finds what stands between single back quotes within a line.
func inlineCode(text string) (spans []span) {
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatchIndex(text, 1000) {
		spans = append(spans, span{m[2], m[3]})
	}
	return spans
}

// maskTags returns the text with each tag of a template as one JavaScript name of the same length, or as blanks
// where it only decides or loops.
func (s *source) maskTags() []byte {
	code := []byte(s.text)
	if quoted := regexp.MustCompile(`(?m)^(>+|\.\.\. )`).FindAllIndex(code, -1); len(quoted) > 2 { // of a mail
		for _, q := range quoted {
			fill(code[q[0]:q[1]], silentTag)
		}
	}
	if regexp.MustCompile(`(?m)^@@ .*@@`).Match(code) { // of a change
		for _, line := range regexp.MustCompile(`(?m)^(?:-.*|\+\+\+ .*|\+|@@ .*|diff .*|index .*)`).FindAllIndex(code,
			-1) {
			fill(code[line[0]:line[1]], silentTag)
		}
	}
	for _, printed := range regexp.MustCompile(`\[configuration:`).FindAllIndex(code, -1) { // JsSIP's own log
		fill(code[printed[0]:printed[1]], silentTag)
		code[printed[0]] = ';'
	}
	closers := map[string]string{"<?": "?>", "<%": "%>", "{{": "}}", "{%": "%}", "{!": "!!}", "{#": "#}"}
	for i := 0; i+1 < len(s.text) && len(s.tags) < maxTemplates; i++ {
		if s.text[i] != '<' && s.text[i] != '{' {
			continue
		}
		closer, is := closers[s.text[i:i+2]]
		if !is {
			continue
		}
		if n := strings.Index(s.text[i+2:min(len(s.text), i+maxTag)], closer); n >= 0 {
			end := i + 2 + n + len(closer)
			if kind := tagKind(s.text[i:end], before(s.text, i)); kind != noTag {
				fill(code[i:end], kind)
				if kind == filledTag {
					s.tags = append(s.tags, tag{i, end, held(s.text[i:end])})
				}
				i = end - 1
				continue
			}
		}
		if strings.HasPrefix(s.text[i:], "<?php") {
			fill(code[i:i+5], silentTag)
		}
	}
	return code
}

// before is the last octet in front of i that is not blank.
func before(text string, i int) byte {
	text = strings.TrimRight(text[max(0, i-20):i], " \t\r\n")
	if text == "" {
		return 0
	}
	return text[len(text)-1]
}

// What a tag of a template does.
const (
	noTag     = iota // it is none
	silentTag        // it leaves nothing
	filledTag        // it leaves text
)

// tagKind tells what a text in the brackets of a template is; after is what stands before it.
func tagKind(text string, after byte) int {
	switch text[:2] {
	case "<?":
		inner := strings.TrimSpace(strings.TrimSuffix(text[2:], "?>"))
		switch {
		case strings.Contains(inner, "=>") && strings.Contains(inner, "uri"):
			return noTag // a configuration in PHP's own words
		case strings.HasPrefix(inner, "="), strings.Contains(inner, "echo"), strings.Contains(inner, "print"):
			return filledTag
		}
		return silentTag
	case "<%":
		if strings.HasPrefix(text, "<%=") || strings.HasPrefix(text, "<%-") {
			return filledTag
		}
		return silentTag
	case "{%":
		return silentTag
	case "{#":
		if strings.HasPrefix(text, "{# ") && !strings.Contains(text, "\n") {
			return silentTag
		}
		return noTag
	case "{!":
		if strings.HasPrefix(text, "{!!") {
			return filledTag
		}
		return noTag
	}
	inner := strings.Trim(text, "{} \t\r\n")
	object := regexp.MustCompile(`^(\.\.\.|['"]?[\w$-]+['"]?\s*:)|[;{]|,\s*[\w$]+\s*[,}:]`)
	if inner == "" || object.MatchString(inner) || after == '=' && strings.Contains(inner, ",") {
		return noTag
	}
	return filledTag
}

// held is what a tag of a template holds, without its brackets.
func held(text string) string {
	for _, word := range []string{
		"<?php", "<?=", "<?", "?>", "<%==", "<%=", "<%-", "%>", "{{{", "{{", "}}}", "}}",
		"{!!", "!!}",
	} {
		text = strings.ReplaceAll(text, word, " ")
	}
	text = strings.TrimSpace(text)
	for _, word := range []string{"echo ", "print "} {
		text = strings.TrimSpace(strings.TrimPrefix(text, word))
	}
	return shortened(strings.TrimRight(text, "; "))
}

// shortened is a text as one short line.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > 40 {
		text = string([]rune(text)[:39]) + "…"
	}
	return text
}

func fill(code []byte, kind int) {
	with := byte(' ')
	if kind == filledTag {
		with = '$'
	}
	for i := range code {
		if with == '$' || code[i] != '\n' {
			code[i] = with
		}
	}
}

// tagIn returns the first tag of a template within a part of the text.
func (s *source) tagIn(start, end int) (tag, bool) {
	i := sort.Search(len(s.tags), func(i int) bool { return s.tags[i].end > start })
	if i < len(s.tags) && s.tags[i].start < end {
		return s.tags[i], true
	}
	return tag{}, false
}

// place returns the line and column of an octet, both from 1, the column in characters.
func (s *source) place(at int) (line, column int) {
	at = min(max(at, 0), len(s.text))
	line = 1 + strings.Count(s.text[:at], "\n")
	return line, 1 + utf8.RuneCountInString(s.text[strings.LastIndexByte(s.text[:at], '\n')+1:at])
}

// span is a part of a text, in octets.
type span struct{ start, end int }

// only returns code that is blank outside of the spans.
func only(code []byte, spans []span) []byte {
	out := make([]byte, len(code))
	for i := range out {
		out[i] = ' '
		if code[i] == '\n' {
			out[i] = '\n'
		}
	}
	for _, s := range spans {
		copy(out[s.start:s.end], code[s.start:s.end])
	}
	return out
}

// fenced finds what stands between Markdown's fences, ``` and ~~~; a last one may be open.
func fenced(text string) (spans []span, is bool) {
	open, at := -1, 0
	for line := range strings.Lines(text) {
		if isFence(line) {
			if open < 0 {
				open = at + len(line)
			} else {
				spans, open = append(spans, span{open, at}), -1
			}
		}
		at += len(line)
	}
	if open >= 0 && open < len(text) {
		spans = append(spans, span{open, len(text)})
	}
	return spans, len(spans) > 0
}

// isFence tells whether a line is a fence, with or without the name of a language.
func isFence(line string) bool {
	line = strings.TrimSpace(strings.TrimPrefix(strings.TrimLeft(line, " \t"), ">"))
	language := strings.TrimLeft(line, "`~")
	return (strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~")) && !strings.ContainsAny(language,
		"`~;(= ")
}

// scripts finds what stands in the script elements of a page.
func scripts(page []byte) (spans []span, is bool) {
	if !regexp.MustCompile(`(?i)<script[\s>]`).Match(page) {
		return nil, false
	}
	in := parse.NewInputBytes(append(make([]byte, 0, len(page)+1), page...))
	lexer := html.NewLexer(in)
	inside := false
	for {
		kind, data := lexer.Next()
		switch kind {
		case html.ErrorToken:
			return spans, len(spans) > 0
		case html.StartTagToken:
			inside = strings.EqualFold(strings.TrimPrefix(string(data), "<"), "script")
		case html.EndTagToken:
			inside = false
		case html.TextToken:
			if inside {
				spans = append(spans, span{in.Offset() - len(data), in.Offset()})
			}
		}
	}
}

// fromUTF16 is the text of a file of Windows, which begins with the mark of UTF-16; other texts are as they are.
func fromUTF16(data []byte) string {
	if len(data) < 2 || !(data[0] == 0xFF && data[1] == 0xFE || data[0] == 0xFE && data[1] == 0xFF) {
		return string(data)
	}
	low := int(data[0]&1) ^ 1 // which of two octets is the lower one
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, uint16(data[i+low])|uint16(data[i+1-low])<<8)
	}
	return string(utf16.Decode(units))
}
