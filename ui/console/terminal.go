package console

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"unicode/utf8"

	"calla/phone/safe"
)

// terminal is the gate: all that the program prints goes through one for standard output or one for standard error, and
// nothing else in this package writes there. What came from the network, from files and from the command line may
// stand in all of it; a terminal shows such text and never obeys it.
//
//   - Controls, marks of direction and bytes that are no text become escapes (safe.Visible). In JSON they are JSON's
//     own: what is read back is what was there.
//   - Only the program begins lines: a line break within a line becomes an escape as well, and text that has
//     several is given to item or message, which say how its lines look.
//
// Its methods may be called from any goroutine; each writes its lines together.
type terminal struct {
	mu   sync.Mutex
	out  io.Writer
	rest []byte // the beginning of a character whose other octets have not been written yet
	gone func() // called when nobody reads any more; nil: that is no matter
}

func newTerminal(out io.Writer) *terminal { return &terminal{out: out} }

// Gate returns the gate to w, for what prints beside the subcommands.
func Gate(w io.Writer) io.Writer { return newTerminal(w) }

// through has what passes the gate go to w from now on, which shows it where the gate did before: the line editor.
// back undoes it.
func (t *terminal) through(w io.Writer) (back func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.out
	t.out = w
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.out = before
	}
}

// terminal is the terminal behind the gate, false where there is none.
func (t *terminal) terminal() (*os.File, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return terminalOf(t.out)
}

// Write implements io.Writer, for what makes lines of its own: logs, JSON, the help.
func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := append(t.rest, p...)
	t.rest = nil
	whole := len(text)
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if tail := text[len(text)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				whole -= i
				t.rest = append([]byte(nil), tail...)
			}
			break
		}
	}
	if _, err := t.out.Write(safe.Visible(nil, text[:whole])); err != nil {
		if t.gone != nil && errors.Is(err, syscall.EPIPE) {
			t.gone()
		}
		return 0, err
	}
	return len(p), nil
}

// oneLine is text with its line breaks escaped.
func oneLine(text string) string {
	return strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(text)
}

// line prints words with blanks between them, as one line.
func (t *terminal) line(words ...any) {
	t.item(strings.TrimSuffix(fmt.Sprintln(words...), "\n"))
}

// linef is line for a format.
func (t *terminal) linef(format string, values ...any) { t.item(fmt.Sprintf(format, values...)) }

// fail prints an error. What errors.Join put on several lines is one.
func (t *terminal) fail(err error) {
	t.item("calla: " + strings.ReplaceAll(err.Error(), "\n", "; "))
}

// item prints a line and others that belong to it, which are indented.
func (t *terminal) item(first string, more ...string) { t.indented("  ", first, more) }

func (t *terminal) indented(by, first string, more []string) {
	var b strings.Builder
	b.WriteString(oneLine(first) + "\n")
	for _, line := range more {
		b.WriteString(by + oneLine(line) + "\n")
	}
	_, _ = io.WriteString(t, b.String())
}

// lines prints lines of equal rank.
func (t *terminal) lines(all []string) {
	if len(all) > 0 {
		t.indented("", all[0], all[1:])
	}
}

// ownLine tells whether a line looks like one that the program begins on standard error.
func ownLine(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "calla:") || strings.HasPrefix(line, "refused:") ||
		strings.HasPrefix(line, "time=") || strings.Contains(line, " <<< ") || strings.Contains(line, " >>> ")
}

// message prints a heading and below it a SIP message line by line, without an indent, so that it can be
// copied. A line that would look like one of the program's own is set apart.
func (t *terminal) message(heading, text string, more ...string) {
	all := []string{heading}
	for _, line := range linesOf(text) {
		if ownLine(line) {
			line = "| " + line
		}
		all = append(all, line)
	}
	t.lines(append(all, more...))
}

// linesOf is a text's lines, whatever ends them.
func linesOf(text string) []string {
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
}
