// Package words has all sentences that the phone and its checks tell people: what happened, most likely why, what to
// do. It tells the causes of package cause in a language; the texts of one are in its files, one entry for each kind.
// Whoever shows something, the window or the console, asks for the words at the last moment: State carries none.
package words

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"calla/phone/cause"
)

// Told is a cause in words. What is a mere fact, such as "Busy", has only Short.
type Told struct {
	Title string // one sentence, ends with a full stop; "" where there is nothing to explain
	Why   string // may be ""
	Do    string // may be ""
	Short string // for one line: "Wrong password", "Server not found"
}

// Headline is the title without its full stop, or Short where there is none.
func (t Told) Headline() string {
	if t.Title == "" {
		return t.Short
	}
	return strings.TrimSuffix(t.Title, ".")
}

// Line is all that is to be read, in one line.
func (t Told) Line() string { return joined(t.Title, t.Why, t.Do) }

// Below is what stands under the title: why, and what to do.
func (t Told) Below() string { return joined(t.Why, t.Do) }

// Advice is the title and what to do, for where there is little room.
func (t Told) Advice() string { return joined(t.Title, t.Do) }

func joined(parts ...string) string {
	var all []string
	for _, p := range parts {
		if p != "" {
			all = append(all, p)
		}
	}
	return strings.Join(all, " ")
}

// Language is one that people are told things in. It is a value that anybody may use at any time; it costs nothing to
// make.
type Language struct {
	texts  []string                                                                // in their written form: see entry
	system string                                                                  // by cause.System
	fact   func(l Language, name string, c cause.Cause) (value string, known bool) // writes a fact by its name in texts
}

// text is the sentences of a kind, with {names} for facts.
type text struct{ title, why, do, short string }

// Tell tells a cause. Each kind has an entry; what a variant of it leaves out, the kind's entry says.
func (l Language) Tell(c cause.Cause) Told {
	t := l.entry(string(c.Kind))
	for _, variant := range variants(c) {
		t = t.with(l.entry(string(c.Kind) + "/" + variant))
	}
	if c.Stopped && c.Action == cause.ActionRetry { // nothing may be promised
		t.do = l.entry(stoppedEntry).do
	}
	told := Told{
		Title: ended(l.fill(t.title, c)), Why: l.fill(t.why, c), Do: l.fill(t.do, c),
		Short: l.fill(t.short, c),
	}
	if told.Short == "" {
		told.Short = told.Headline()
	}
	return told
}

// Short is a cause in a few words.
func (l Language) Short(c cause.Cause) string { return l.Tell(c).Short }

// System tells why the system could not do a thing, "" where nobody but a programmer can tell.
func (l Language) System(s cause.System, exitCode int) string {
	return l.fill(entry(l.system, string(s)).why, cause.Cause{Exit: exitCode})
}

// OfError tells why the system could not do a thing, by its error.
func (l Language) OfError(err error) string { return l.System(cause.OfSystem(err)) }

// ended is a title without the full stop behind a question.
func ended(title string) string { return strings.Replace(title, "?.", "?", 1) }

// stoppedEntry says what to do where nobody tries again by itself.
const stoppedEntry = "stopped"

// variants are the names by which a kind may have words of its own for the facts of a cause, the most telling last.
func variants(c cause.Cause) []string {
	var all []string
	add := func(is bool, name string) {
		if is {
			all = append(all, name)
		}
	}
	add(c.To != "", "to")
	add(c.Server != "", "server")
	add(c.After > 0, "after")
	add(!c.At.IsZero(), "at")
	add(c.File != "", "file")
	add(c.Phrase != "", "phrase")
	add(c.Offer != "", "offer")
	add(len(c.Used) > 0, "used")
	add(c.Action == cause.ActionStartEmpty, "start-empty")
	add(c.Code != 0, strconv.Itoa(c.Code))
	add(c.Count == 1, "one")
	add(c.Count > 1, "several")
	if c.Because != nil {
		all = append(all, "because", string(c.Because.Kind))
	}
	return all
}

// with is a text with what a variant says otherwise.
func (t text) with(variant text) text {
	for _, part := range []struct {
		to   *string
		with string
	}{{&t.title, variant.title}, {&t.why, variant.why}, {&t.do, variant.do}, {&t.short, variant.short}} {
		if part.with != "" {
			*part.to = part.with
		}
	}
	return t
}

// fill puts the facts in their places. A fact that is not there takes the blank behind it along.
func (l Language) fill(s string, c cause.Cause) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "{")
		b.WriteString(before)
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return strings.TrimSpace(b.String())
		}
		value, _ := l.fact(l, name, c)
		b.WriteString(value)
		if s = after; value == "" {
			s = strings.TrimPrefix(s, " ")
		}
	}
}

// entry finds the texts of a kind, or of a kind/variant.
func (l Language) entry(name string) text {
	for _, written := range l.texts {
		if t := entry(written, name); t != (text{}) {
			return t
		}
	}
	return text{}
}

// entry finds texts in their written form: [name], and under it lines that begin with title, why, do or short. Lines
// that begin with # are for who writes them.
func entry(written, name string) text {
	var t text
	_, rest, _ := strings.Cut(written, "["+name+"]\n") // by a bracket, which is found faster than the end of a line
	for line := range strings.Lines(rest) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch value = strings.TrimSpace(value); key {
		case "title":
			t.title = value
		case "why":
			t.why = value
		case "do":
			t.do = value
		case "short":
			t.short = value
		default:
			return t
		}
	}
	return t
}

// sentence writes words with a capital first and a full stop last.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	s = string(unicode.ToUpper(r)) + s[n:]
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}
