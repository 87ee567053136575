package console

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// glass is a terminal with somebody in front of it: a pseudo terminal, and a screen that obeys what a line editor needs
// and takes everything else for an attack.
type glass struct {
	*testing.T
	keyboard *os.File // the master
	program  *os.File // what the program reads and writes

	mu     sync.Mutex
	width  int
	rows   [][]rune
	x, y   int
	escape string
	partly []byte // of a character
	seen   strings.Builder
	wrong  []string
	paste  bool // it puts marks around what is pasted
	wake   chan struct{}
}

// newGlass opens a terminal.
func newGlass(t *testing.T, width int) *glass {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo terminals: ", err)
	}
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TERM", "xterm")
	g := &glass{T: t, keyboard: master, program: slave, wake: make(chan struct{}, 1)}
	g.resize(width)
	go func() { // ends with the terminal
		var b [4096]byte
		for {
			n, err := master.Read(b[:])
			if err != nil {
				return
			}
			g.mu.Lock()
			g.show(b[:n])
			g.mu.Unlock()
			select {
			case g.wake <- struct{}{}:
			default:
			}
		}
	}()
	t.Cleanup(func() {
		_ = slave.Close()
		_ = master.Close()
	})
	return g
}

// resize gives the terminal another width.
func (g *glass) resize(width int) {
	g.Helper()
	g.mu.Lock()
	g.width = width
	g.mu.Unlock()
	if err := unix.IoctlSetWinsize(int(g.keyboard.Fd()), unix.TIOCSWINSZ,
		&unix.Winsize{Row: 24, Col: uint16(width)}); err != nil {
		g.Fatal(err)
	}
}

// show obeys what the program writes.
func (g *glass) show(p []byte) {
	g.seen.Write(p)
	text := append(g.partly, p...)
	whole := len(text)
	for whole > 0 && len(text)-whole < utf8.UTFMax && !utf8.RuneStart(text[whole-1]) {
		whole--
	}
	if whole > 0 && !utf8.FullRune(text[whole-1:]) {
		whole--
	} else {
		whole = len(text)
	}
	g.partly = append([]byte(nil), text[whole:]...)
	for _, r := range string(text[:whole]) {
		switch {
		case g.escape != "":
			g.escape += string(r)
			if g.escape != "\x1b[" && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') || len(g.escape) > 12 {
				g.obey(g.escape)
				g.escape = ""
			}
		case r == '\x1b':
			g.escape = "\x1b"
		case r == '\r':
			g.x = 0
		case r == '\n':
			g.y++
		case r < ' ' || r >= 0x7f && r < 0xa0:
			g.wrong = append(g.wrong, fmt.Sprintf("control %U", r))
		default:
			g.put(r)
		}
	}
}

func (g *glass) put(r rune) {
	if g.x == g.width {
		g.x, g.y = 0, g.y+1
	}
	for len(g.rows) <= g.y {
		g.rows = append(g.rows, nil)
	}
	for len(g.rows[g.y]) <= g.x {
		g.rows[g.y] = append(g.rows[g.y], ' ')
	}
	g.rows[g.y][g.x] = r
	g.x++
}

func (g *glass) obey(escape string) {
	n, err := strconv.Atoi(strings.Trim(escape[2:], "ABCDKhl?"))
	if err != nil {
		n = 1
	}
	switch last := escape[len(escape)-1]; {
	case escape == "\x1b[?2004h" || escape == "\x1b[?2004l":
		g.paste = last == 'h'
	case last == 'A':
		g.y = max(0, g.y-n)
	case last == 'B':
		g.y += n
	case last == 'C':
		g.x = min(g.width-1, g.x+n)
	case last == 'D':
		g.x = max(0, min(g.x, g.width-1)-n)
	case escape == "\x1b[K":
		if g.y < len(g.rows) && g.x < len(g.rows[g.y]) {
			g.rows[g.y] = g.rows[g.y][:g.x]
		}
	default:
		g.wrong = append(g.wrong, fmt.Sprintf("%q", escape))
	}
}

// text is what stands on the screen, without the blanks at the ends of its lines.
func (g *glass) text() string {
	var b strings.Builder
	for i, row := range g.rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimRight(string(row), " "))
	}
	return strings.TrimRight(b.String(), "\n")
}

// types presses keys.
func (g *glass) types(keys string) {
	g.Helper()
	if _, err := g.keyboard.WriteString(keys); err != nil {
		g.Fatal(err)
	}
}

// pastes puts a text in as a terminal does.
func (g *glass) pastes(text string) {
	g.Helper()
	g.until("marks around what is pasted", func(string) bool { return g.paste })
	g.types("\x1b[200~" + text + "\x1b[201~")
}

// until waits for what is to stand on the screen.
func (g *glass) until(what string, there func(screen string) bool) {
	g.Helper()
	deadline := time.After(20 * time.Second)
	for {
		g.mu.Lock()
		text, wrong := g.text(), g.wrong
		ok := there(text)
		g.mu.Unlock()
		if len(wrong) > 0 {
			g.Fatalf("the terminal is told %q", wrong)
		}
		if ok {
			return
		}
		select {
		case <-g.wake:
		case <-deadline:
			g.Fatalf("never shows %s, but\n%s", what, text)
		}
	}
}

// shows waits for a text.
func (g *glass) shows(text string) {
	g.Helper()
	g.until(fmt.Sprintf("%q", text), func(screen string) bool { return strings.Contains(screen, text) })
}

// endsWith waits for what the screen ends with: the line that is being typed.
func (g *glass) endsWith(text string) {
	g.Helper()
	g.until(fmt.Sprintf("%q last", text), func(screen string) bool { return strings.HasSuffix(screen, text) })
}

// everything is what the program has written since the beginning, once it is all there.
func (g *glass) everything() string {
	g.Helper()
	_, _ = g.program.WriteString("\r\n$ ")
	g.endsWith("\n$")
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.TrimSuffix(g.seen.String(), "\r\n$ ")
}

// echoes tells whether the terminal itself shows what is typed and waits for whole lines: it is not taken over.
func (g *glass) echoes() bool {
	g.Helper()
	mode, err := unix.IoctlGetTermios(int(g.program.Fd()), unix.TCGETS)
	if err != nil {
		g.Fatal(err)
	}
	return mode.Lflag&(unix.ECHO|unix.ICANON|unix.ISIG) == unix.ECHO|unix.ICANON|unix.ISIG && mode.Oflag&unix.OPOST != 0
}

// runs starts the program on the terminal and gives its exit code when it ends.
func (g *glass) runs(args ...string) (ended func() int) {
	g.Helper()
	g.Setenv("HOME", g.TempDir())
	g.Setenv("XDG_CONFIG_HOME", g.TempDir())
	code := make(chan int, 1)
	go func() { code <- program(args, g.program, g.program, g.program).Run() }()
	return func() int {
		g.Helper()
		select {
		case got := <-code:
			return got
		case <-time.After(20 * time.Second):
			g.Fatal("it does not end")
			return -1
		}
	}
}
