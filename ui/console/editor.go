package console

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/term"

	"calla/netsip/config"
	"calla/phone/safe"
)

// editor reads lines from a terminal, with history and completion, and keeps the line that is being typed whole while
// others are printed: these pass the gate first and are written to it. While it is open the terminal hands keys over
// one by one and obeys none, Ctrl-C included.
type editor struct {
	in     *os.File
	sized  *os.File // where the width is asked for; the same terminal
	out    io.Writer
	before *term.State
	keys   *keys
	line   *term.Terminal
	typing atomic.Bool // the prompt stands on the screen
}

// wire joins the two directions of a terminal.
type wire struct {
	io.Reader
	io.Writer
}

// terminalOf is the terminal that a stream is; false for files, pipes and what is no file at all.
func terminalOf(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// newEditor takes a terminal over, until close. out is the other end of the gate that it will be written to by.
func newEditor(in *os.File, out io.Writer, prompt string) (*editor, error) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("edit lines: %w", err)
	}
	e := &editor{in: in, sized: in, out: out, before: before, keys: newKeys(in)}
	if f, ok := terminalOf(out); ok {
		e.sized = f
	}
	e.line = term.NewTerminal(wire{resized{e}, out}, prompt)
	e.resize()
	return e, nil
}

// close gives the terminal back. It may be called while a line is read; what is typed then is not for us any more.
func (e *editor) close() error {
	var err error
	if e.typing.Load() { // whoever prints next begins a line
		_, err = io.WriteString(e.out, "\r\n")
	}
	if restored := term.Restore(int(e.in.Fd()), e.before); restored != nil {
		return fmt.Errorf("give the terminal back: %w", restored)
	}
	return err
}

// Write implements io.Writer: whole lines, above the one that is typed.
func (e *editor) Write(p []byte) (int, error) {
	e.resize()
	return e.line.Write(p)
}

// resized reads keys and looks after each whether the terminal has another width now.
type resized struct{ *editor }

func (r resized) Read(p []byte) (int, error) {
	n, err := r.keys.Read(p)
	r.resize()
	return n, err
}

// resize follows the terminal's width, but while a secret is typed: x/term shows what is typed when it draws it anew.
func (e *editor) resize() {
	if e.keys.asking.Load() {
		return
	}
	if width, height, err := term.GetSize(int(e.sized.Fd())); err == nil && width > 0 {
		_ = e.line.SetSize(width, height)
	}
}

// readLine reads a line. It returns io.EOF when there is none, or when Ctrl-C or Ctrl-D ends them.
func (e *editor) readLine() (string, error) {
	e.typing.Store(true)
	line, err := e.line.ReadLine()
	e.typing.Store(err != nil)
	return line, err
}

// readSecret reads what is not shown and not kept in the history. It returns errInterrupted after Ctrl-C, and io.EOF
// after Ctrl-D.
func (e *editor) readSecret(question string) (config.Secret, error) {
	e.keys.gaveUp = nil
	e.keys.asking.Store(true)
	e.typing.Store(true)
	typed, err := e.line.ReadPassword(string(safe.Visible(nil, []byte(oneLine(question)))))
	e.keys.asking.Store(false)
	e.typing.Store(err != nil)
	if e.keys.gaveUp != nil {
		err = e.keys.gaveUp
	}
	return config.Secret(typed), err
}

// maxHistory bounds how many lines can be called back.
const maxHistory = 500

// history is what was typed, the newest last. What may be secret is not kept, nor a line twice running.
type history struct{ lines []string }

// Add implements term.History.
func (h *history) Add(line string) {
	said := readLine(line)
	if strings.TrimSpace(line) == "" || said.verb != nil && said.verb.unrecorded || h.Len() > 0 && h.At(0) == line {
		return
	}
	h.lines = append(h.lines, line)
	h.lines = slices.Delete(h.lines, 0, max(0, len(h.lines)-maxHistory))
}

// Len implements term.History.
func (h *history) Len() int { return len(h.lines) }

// At implements term.History: 0 is the newest.
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }

// openInput gives how the text phone reads its lines: from a terminal with an editor, and else as they come. closed
// gives the terminal back.
func (s *session) openInput(t *textPhone) (read func() (string, error), closed func()) {
	in, ok := terminalOf(s.Stdin)
	screen, shown := s.out.terminal()
	if !ok || !shown {
		return plainLines(s.Stdin), func() {}
	}
	restore, ok := obeysEscapes(screen)
	if !ok {
		return plainLines(s.Stdin), func() {}
	}
	e, err := newEditor(in, screen, "> ")
	if err != nil {
		restore()
		s.log.Warn("lines cannot be edited", "error", err)
		return plainLines(s.Stdin), func() {}
	}
	e.line.History = &history{}
	e.line.AutoCompleteCallback = t.complete
	e.line.SetBracketedPasteMode(true)
	t.secret = e.readSecret
	back := s.out.through(e)
	backToo := func() {}
	if _, same := s.errs.terminal(); same {
		backToo = s.errs.through(e)
	}
	return e.readLine, func() {
		back()
		backToo()
		e.line.SetBracketedPasteMode(false)
		if err := e.close(); err != nil {
			s.log.Warn("terminal not restored", "error", err)
		}
		restore()
	}
}
