package console

import (
	"bufio"
	"io"
	"strings"
	"sync/atomic"
)

// keys is what is typed, on its way to the line editor, which shows it as it is: so characters that a terminal would
// obey or hide do not pass, but for the keys themselves.
//
// A paste is text and never keys: what it holds of line breaks and tabs becomes one blank between words, and nothing
// runs before somebody presses Enter. Terminals put marks around it (bracketed paste), which end here.
type keys struct {
	in    *bufio.Reader
	ready []byte // for the editor
	mark  string // the beginning of what may be a mark of a paste, or a key

	pasting bool
	begun   bool // the paste has had text
	gap     bool // and then a line break or tab

	asking atomic.Bool // for a secret: Ctrl-C and Ctrl-D give up, and end nothing
	gaveUp error       // how, since it was asked for
}

// Marks that terminals put around what is pasted.
const (
	pasteBegins = "\x1b[200~"
	pasteEnds   = "\x1b[201~"
)

// Control keys that give a secret up, and what clears the line and enters it.
const (
	keyCtrlC  = 3
	keyCtrlD  = 4
	clearLine = "\x05\x15\r" // to the end of the line, erase it, enter it
)

func newKeys(in io.Reader) *keys { return &keys{in: bufio.NewReader(in)} }

// Read implements io.Reader. It blocks until there is at least one octet for the editor.
func (k *keys) Read(p []byte) (int, error) {
	for len(k.ready) == 0 {
		r, size, err := k.in.ReadRune()
		if err != nil {
			return 0, err
		}
		if r != '\uFFFD' || size > 1 { // else an octet that is no text
			k.take(r)
		}
	}
	n := copy(p, k.ready)
	k.ready = k.ready[n:]
	return n, nil
}

// take looks for marks of a paste and keys of several characters, and hands the rest on.
func (k *keys) take(r rune) {
	want := pasteBegins
	if k.pasting {
		want = pasteEnds
	}
	k.mark += string(r)
	switch {
	case k.mark == want:
		k.mark, k.pasting, k.begun, k.gap = "", !k.pasting, false, false
	case strings.HasPrefix(want, k.mark), !k.pasting && k.mark == "\x1bO":
	case !k.pasting && strings.HasPrefix(k.mark, "\x1bO"): // keys of the VT220's other mode, which x/term does not know
		k.mark = ""
		k.pass("\x1b[" + string(r))
	case r == '\x1b' && len(k.mark) > 1: // another mark may begin here
		before := strings.TrimSuffix(k.mark, "\x1b")
		k.mark = "\x1b"
		k.pass(before)
	default:
		before := k.mark
		k.mark = ""
		k.pass(before)
	}
}

// pass hands keys or pasted text on to the editor.
func (k *keys) pass(text string) {
	for _, r := range text {
		switch {
		case k.pasting:
			k.paste(r)
		case (r == keyCtrlC || r == keyCtrlD) && k.asking.Load():
			k.gaveUp = errInterrupted
			if r == keyCtrlD {
				k.gaveUp = io.EOF
			}
			k.ready = append(k.ready, clearLine...)
		case r < ' ' || r == '\x7f' || allVisible(string(r)):
			k.ready = append(k.ready, string(r)...)
		}
	}
}

// paste hands a character of a paste on.
func (k *keys) paste(r rune) {
	switch {
	case r == '\r' || r == '\n' || r == '\t':
		k.gap = k.begun
	case r < ' ' || r == '\x7f' || !allVisible(string(r)):
	default:
		if k.gap {
			k.ready = append(k.ready, ' ')
		}
		k.begun, k.gap = true, false
		k.ready = append(k.ready, string(r)...)
	}
}
