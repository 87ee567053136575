package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"

	"calla/audio"
)

// Keys as terminals send them.
const (
	up, down, right, left = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
	home, end, del        = "\x1b[H", "\x1b[F", "\x1b[3~"
	ctrlC, ctrlD          = "\x03", "\x04"
	ctrlU, ctrlW, rub     = "\x15", "\x17", "\x7f"
	enter, tab            = "\r", "\t"
)

// newTextPhone is a text phone in a terminal, without an account.
func newTextPhone(t *testing.T, width int) (g *glass, ended func() int) {
	g = newGlass(t, width)
	ended = g.runs("console", "--no-sound")
	g.shows("help shows the commands")
	g.shows("No account.")
	g.endsWith("\n>")
	return g, ended
}

// TestLineOfTheTextPhoneIsEdited: what was typed is what runs, after whatever keys.
func TestLineOfTheTextPhoneIsEdited(t *testing.T) {
	g, ended := newTextPhone(t, 80)
	for _, v := range []struct{ name, keys, line string }{
		{"as it is", "help plain", "plain"},
		{"letters of others", "help Zoë山", "Zoë山"},
		{"rubbed out", "help onex" + rub, "one"},
		{"put in before", "help wo" + left + left + "t", "two"},
		{"put in at the start", "three" + home + "help ", "three"},
		{"and back to the end", "elp fou" + home + "h" + end + "r", "four"},
		{"deleted under the cursor", "help xfive" + strings.Repeat(left, 5) + del, "five"},
		{"a word rubbed out", "help no good" + ctrlW + ctrlW + "six", "six"},
		{"all rubbed out", "nothing of this" + ctrlU + "help seven", "seven"},
		{
			"left of the line and right of it", strings.Repeat(left, 5) + "help eight" + strings.Repeat(right, 5),
			"eight",
		},
		{"Ctrl-D within it", "help nninee" + left + ctrlD + strings.Repeat(left, 5) + ctrlD, "nine"},
		{"called back", up, "nine"},
		{"the one before that", up + up, "eight"},
		{"there and back", up + up + up + down + down, "eight"},
		{"called back and changed", up + rub + "d", "eighd"},
		{"not lost by looking back", "help ten" + up + up + down + down, "ten"},
		{"before the first", strings.Repeat(up, 100) + ctrlU + "help eleven", "eleven"},
		{"after the last", down + down + "help twelve", "twelve"},
		{"a key that means nothing", "help thir" + "\x1b[15~" + "\x1bOP" + "\x00" + "teen", "thirteen"},
		{
			"arrows of an older kind", "help furteen" + "\x1bOH" + strings.Repeat("\x1bOC", 6) + "o" + "\x1bOF",
			"fourteen",
		},
	} {
		g.types(v.keys + enter)
		g.endsWith("Unknown command: " + v.line + ". help shows the commands.\n>")
	}
	g.types("quit" + enter)
	if code := ended(); code != ExitOK {
		t.Errorf("exit code %d", code)
	}
}

// TestTextPhoneGivesTheTerminalBack: however it ends, with 0, and the terminal is as it was.
func TestTextPhoneGivesTheTerminalBack(t *testing.T) {
	for _, v := range []struct {
		name string
		end  func(g *glass)
	}{
		{"quit", func(g *glass) { g.types("quit" + enter) }},
		{"Ctrl-C", func(g *glass) { g.types(ctrlC) }},
		{"Ctrl-C behind text", func(g *glass) { g.types("call bob" + ctrlC) }},
		{"Ctrl-D", func(g *glass) { g.types(ctrlD) }},
		{"the program is told to end", func(g *glass) { _ = syscall.Kill(os.Getpid(), syscall.SIGTERM) }},
		{"the program is told to end while somebody types", func(g *glass) {
			g.types("call b")
			g.endsWith("> call b")
			_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		}},
	} {
		t.Run(v.name, func(t *testing.T) {
			g, ended := newTextPhone(t, 80)
			if g.echoes() {
				t.Error("the terminal is not taken over")
			}
			v.end(g)
			if code := ended(); code != ExitOK {
				t.Errorf("exit code %d", code)
			}
			if !g.echoes() {
				t.Error("the terminal is not given back")
			}
			g.until("no marks around a paste any more", func(string) bool { return !g.paste })
			_, _ = g.program.WriteString("$ ")
			g.until("a line of its own for what comes next",
				func(screen string) bool { return strings.HasSuffix(screen, "\n$") })
		})
	}
}

// TestPasteIsText: it runs nothing, ends nothing and orders the terminal nothing, until somebody presses Enter.
//
// Holds: terminal
func TestPasteIsText(t *testing.T) {
	g, ended := newTextPhone(t, 200)
	for _, v := range []struct{ name, before, paste, after, line string }{
		{"a word", "help ", "bob", "", "bob"},
		{"a line with its end", "help ", "alice\n", "", "alice"},
		{"lines", "help ", "good\r\nmorning\n\nquit\n", "", "good morning quit"},
		{"line ends alone", "help x", "\r\n\n", "y", "xy"},
		{"tabs", "help ", "\tcal\tl\t", "", "cal l"},
		{"keys", "help ", "a\x03b\x04c\x15d\x7fe", "", "abcde"},
		{"escapes", "help ", "a\x1b[2Jb\x1b]0;title\x07c", "", "a[2Jb]0;titlec"},
		{"C1", "help ", "a\u009b2Jb\u0085c", "", "a2Jbc"},
		{"direction", "help ", "exe\u202etxt\u2066.", "", "exetxt."},
		{"hidden", "help ", "b\u200bo\ufeffb", "", "bob"},
		{"bytes", "help ", "a\xff\x9bb", "", "ab"},
		{"a mark of its own", "help ", "a\x1b[200~b", "", "a[200~b"},
		{"half a mark", "help ", "a\x1b[20b", "", "a[20b"},
		{"in the middle", "help (" + ")" + left, "it", "", "(it)"},
	} {
		g.types(v.before)
		g.pastes(v.paste)
		g.types(v.after + enter)
		g.endsWith("Unknown command: " + v.line + ". help shows the commands.\n>")
	}
	g.types("quit" + enter)
	if code := ended(); code != ExitOK {
		t.Errorf("exit code %d", code)
	}
}

// newEdited is an editor whose lines nobody takes, and the gate before it.
func newEdited(t *testing.T, g *glass) (*terminal, *editor) {
	t.Helper()
	gate := newTerminal(g.program)
	e, err := newEditor(g.program, g.program, "> ")
	if err != nil {
		t.Fatal(err)
	}
	e.line.History = &history{}
	t.Cleanup(gate.through(e))
	go func() { // ends with the terminal
		for {
			if _, err := e.readLine(); err != nil {
				return
			}
		}
	}()
	return gate, e
}

// TestTypedLineStaysWhole: what is printed while somebody types, or is asked for a secret, stands above it.
//
// Holds: terminal
func TestTypedLineStaysWhole(t *testing.T) {
	long := strings.Repeat("0123456789", 7)
	for _, v := range []struct{ name, typed, more, above, below string }{
		{"nothing typed", "", "", "event\n", ">"},
		{"half a word", "call bo", "", "event\n", "> call bo"},
		{"the cursor within", "call bo" + left + left, "o", "event\n", "> call obo"},
		{
			"longer than the terminal is wide", "call " + long, "", "event\n",
			"> call 012345678901234567890123456789012\n3456789012345678901234567890123456789",
		},
		{"just as wide", "call " + long[:33], "", "event\n", "> call 012345678901234567890123456789012"},
		{"several lines", "call bo", "", "one\n  two\n  three\n", "> call bo"},
		{"a long line", "call bo", "", long + "\n", "> call bo"},
		{"orders for the terminal", "call bo", "", "a\x1b[2J\u009b31m\u202e\n", "> call bo"},
		{"many", "call bo", "", strings.Repeat("event\n", 50), "> call bo"},
		{"called back", "first" + enter + up, "", "event\n", "> first"},
	} {
		t.Run(v.name, func(t *testing.T) {
			g := newGlass(t, 40)
			gate, e := newEdited(t, g)
			g.endsWith(">")
			before := strings.Split(v.typed, enter)
			g.types(v.typed)
			if !strings.Contains(v.typed, left) {
				g.until("what was typed", func(screen string) bool {
					shown := strings.ReplaceAll(screen, "\n", "")
					return strings.HasSuffix(shown, strings.ReplaceAll(before[len(before)-1], up, "> first"))
				})
			} else {
				g.endsWith("> call bo")
				g.until("the cursor", func(string) bool { return g.x == len("> call ") })
			}
			if _, err := gate.Write([]byte(v.above)); err != nil {
				t.Fatal(err)
			}
			g.types(v.more)
			g.endsWith(v.below)
			g.until("the events as they are", func(screen string) bool {
				shown, _ := strings.CutSuffix(screen, v.below)
				want := strings.NewReplacer("\x1b", `\u001b`, "\u009b", `\u009b`, "\u202e", `\u202e`).Replace(v.above)
				return strings.HasSuffix(strings.ReplaceAll(shown, "\n", ""), strings.ReplaceAll(want, "\n", ""))
			})
			if err := e.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTextPhoneFollowsTheWidth of its terminal, from the next key on.
func TestTextPhoneFollowsTheWidth(t *testing.T) {
	g, ended := newTextPhone(t, 80)
	for _, v := range []struct {
		name   string
		width  int
		rows   string
		before string
	}{
		{"narrower", 30, "> help 01234567890123456789012\n34567890123456789", ""},
		{"wider", 60, "> help 0123456789012345678901234567890123456789", ""},
		{"very narrow", 20, "> help 0123456789012\n34567890123456789012\n3456789", ""},
		{"wider while a line is typed", 100, "> help 0123456789012345678901234567890123456789", "help 01234567"},
		{"as wide as the line", 47, "> help 0123456789012345678901234567890123456789", ""},
	} {
		g.types(v.before)
		g.endsWith(strings.TrimRight("> "+v.before, " "))
		g.resize(v.width)
		g.types("help 0123456789012345678901234567890123456789"[len(v.before):])
		g.endsWith(v.rows)
		g.types(ctrlU)
		g.endsWith("\n>")
	}
	g.types("quit" + enter)
	ended()
}

// bareConfig is the configuration of a user of a sandbox without its password, and that.
func bareConfig(t *testing.T) (file, password string) {
	t.Helper()
	r, err := startRig(t.Context(), "127.0.0.1:0", []string{"alice"}, false, audio.Codecs(),
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	text := `{"uri":"sip:alice@%s","ws_servers":[%q],"stun_servers":[]}`
	return inFile(t, fmt.Sprintf(text, r.server.Domain(), r.server.URL())), r.passwords["alice"]
}

// refusesPassword tells no password at the start.
func (g *glass) refusesPassword() {
	g.Helper()
	g.types(enter)
	g.shows("A password is needed")
}

// asksPassword has the text phone ask for it.
func (g *glass) asksPassword() {
	g.Helper()
	g.types("password" + enter)
	g.endsWith("\nPassword:")
}

// givesPassword types the right one, with whatever keys.
func (g *glass) givesPassword(keys string) {
	g.Helper()
	g.types(keys + enter)
	g.shows("alice@sandbox.invalid: Registered")
}

// TestPasswordIsNeitherShownNorKept: asked for at the start or later, given or not, whatever happens meanwhile.
//
// Holds: kept-secrets
func TestPasswordIsNeitherShownNorKept(t *testing.T) {
	config, password := bareConfig(t)
	const ask = "Password of alice@sandbox.invalid:"
	for _, v := range []struct {
		name string
		run  func(g *glass)
		code int
	}{
		{"typed at the start", func(g *glass) { g.givesPassword(password) }, ExitOK},
		{
			"pasted with its line end", func(g *glass) { g.givesPassword("\x1b[200~" + password + "\r\n\x1b[201~") },
			ExitOK,
		},
		{"corrected", func(g *glass) { g.givesPassword("hunter2" + rub + rub + ctrlU + password) }, ExitOK},
		{"typed later", func(g *glass) { g.refusesPassword(); g.asksPassword(); g.givesPassword(password) }, ExitOK},
		{"the terminal changes its width meanwhile", func(g *glass) {
			g.refusesPassword()
			g.asksPassword()
			g.types(password[:8])
			g.resize(60)
			g.givesPassword(password[8:])
		}, ExitOK},
		{"given up, then typed", func(g *glass) {
			g.refusesPassword()
			for _, key := range []string{ctrlC, ctrlD} {
				g.asksPassword()
				g.types(password[:8] + key)
				g.endsWith("\n>")
			}
			g.asksPassword()
			g.givesPassword(password)
		}, ExitOK},
		{"typed where a file belongs", func(g *glass) {
			g.refusesPassword()
			g.types("password hunter2" + enter)
			g.shows("Write: password FILE")
			g.types("help other" + enter)
			g.shows("Unknown command: other")
			g.types(up + up)
			g.endsWith("\n> help other")
			g.types(ctrlU)
		}, ExitOK},
		{"refused by Ctrl-C at the start", func(g *glass) { g.types(password[:8] + ctrlC) }, ExitInterrupted},
		{"refused by Ctrl-D at the start", func(g *glass) { g.types(password[:8] + ctrlD) }, ExitInvalid},
	} {
		t.Run(v.name, func(t *testing.T) {
			g := newGlass(t, 120)
			ended := g.runs("console", "--no-sound", "--config", config)
			g.endsWith(ask)
			v.run(g)
			if v.code == ExitOK {
				g.endsWith("\n>")
				g.types(up + ctrlU + "quit" + enter) // the last line is never the password
			}
			code, seen := ended(), g.everything()
			if code != v.code || strings.Contains(seen, password[:6]) || !g.echoes() {
				t.Errorf("exit code %d, want %d; given back %t; %q is shown", code, v.code, g.echoes(), seen)
			}
		})
	}
}

// TestSecretIsAskedForUntilTheProgramEnds: a program that is told to end does not wait for it.
func TestSecretIsAskedForUntilTheProgramEnds(t *testing.T) {
	g := newGlass(t, 80)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := askPassword(ctx, g.program, newTerminal(g.program), "Password of \x1b[2Jbob\nx: ")
		failed <- err
	}()
	g.endsWith(`Password of \u001b[2Jbob\nx:`)
	cancel()
	if err := <-failed; !errors.Is(err, errInterrupted) {
		t.Error(err)
	}
	if !g.echoes() {
		t.Error("the terminal is not given back")
	}
}

// TestWhatIsNoTerminalGetsPlainLines: no prompt and no keys for pipes, files and terminals that move no cursor.
func TestWhatIsNoTerminalGetsPlainLines(t *testing.T) {
	for _, v := range []struct {
		name string
		open func(t *testing.T) (in io.Reader, out io.Writer, seen func() string)
	}{
		{"a pipe", func(t *testing.T) (io.Reader, io.Writer, func() string) {
			out := &display{wake: make(chan struct{}, 1)}
			return strings.NewReader("help nobody\nquit\n"), out, func() string { return out.text.String() }
		}},
		{"a terminal and a pipe behind it", func(t *testing.T) (io.Reader, io.Writer, func() string) {
			g := newGlass(t, 80)
			g.types("help nobody\nquit\n")
			out := &display{wake: make(chan struct{}, 1)}
			return g.program, out, func() string { return out.text.String() }
		}},
		{"a pipe and a terminal behind it", func(t *testing.T) (io.Reader, io.Writer, func() string) {
			g := newGlass(t, 80)
			return strings.NewReader("help nobody\nquit\n"), g.program, g.everything
		}},
		{"a terminal that moves no cursor", func(t *testing.T) (io.Reader, io.Writer, func() string) {
			g := newGlass(t, 80)
			t.Setenv("TERM", "dumb")
			g.types("help nobody\nquit\n")
			return g.program, g.program, g.everything
		}},
		{"a terminal of no kind", func(t *testing.T) (io.Reader, io.Writer, func() string) {
			g := newGlass(t, 80)
			t.Setenv("TERM", "")
			g.types("help nobody\nquit\n")
			return g.program, g.program, g.everything
		}},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Setenv("HOME", t.TempDir())
			t.Setenv("XDG_CONFIG_HOME", t.TempDir())
			in, out, seen := v.open(t)
			if code := program([]string{"console", "--no-sound"}, in, out, io.Discard).Run(); code != ExitOK {
				t.Errorf("exit code %d", code)
			}
			if text := seen(); strings.ContainsAny(text, "\x1b") || strings.Contains(text, "> ") {
				t.Errorf("it shows %q", text)
			}
		})
	}
}
