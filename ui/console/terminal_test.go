package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"calla/account"
	"calla/audio"
	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
	"calla/netsip/trace"
	"calla/phone"
	"calla/phone/cause"
)

// obeyed are texts that a terminal would obey, hide or turn round, by what they do.
func obeyed() map[string]string {
	return map[string]string{
		"clear":         "bob\x1b[2J\x1b[H",
		"title":         "bob\x1b]0;you are root\x07",
		"clipboard":     "bob\x1b]52;c;cm0gLXJmIC8=\x1b\\",
		"C1 as UTF-8":   "bob\u009b31mred\u009d0;title\u009c",
		"C1 raw":        "bob\x9b31mred\x9c",
		"override":      "bob\u202eexe.txt",
		"isolate":       "bob\u2067abc\u2069",
		"backspace":     "bob\b\b\beve",
		"delete":        "bob\x7f\x7f\x7f",
		"back to start": "bob\rcalla: registered",
		"fake line":     "bob\ncalla: registered",
		"fake lines":    "bob\r\n12:00:00.000 <<< wss://example.com\r\nSIP/2.0 200 OK",
		"separators":    "bob\u2028calla: registered\u2029\u0085x",
		"shift out":     "bob\x0e\x0f",
		"tags":          "bob\U000e0041\U000e007f",
		"hidden":        "b\u200bo\ufeffb",
		"NUL":           "bob\x00",
		"cut UTF-8":     "bob\xe2\x80",
	}
}

// harmless fails for what a terminal must not be given; the joiner of emoji may stay.
func harmless(t *testing.T, what, printed string) {
	t.Helper()
	if !utf8.ValidString(printed) {
		t.Errorf("%s: bytes that are no text: %q", what, printed)
	}
	for _, r := range printed {
		if r != '\n' && r != '\t' && r != '\u200d' && (unicode.IsControl(r) ||
			unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			t.Errorf("%s: %U is printed: %q", what, r, printed)
			return
		}
	}
}

// TestTerminalIsGivenNothingThatItObeys: whatever method of the gate prints it, a text is shown, on the line that the
// program began.
//
// Holds: terminal
func TestTerminalIsGivenNothingThatItObeys(t *testing.T) {
	for _, v := range []struct {
		name  string
		print func(g *terminal, text string)
		lines int
	}{
		{"line", func(g *terminal, text string) { g.line("calla:", text) }, 1},
		{"format", func(g *terminal, text string) { g.linef("%s is registered", text) }, 1},
		{"error", func(g *terminal, text string) { g.fail(errors.Join(errors.New(text), errors.New(text))) }, 1},
		{"item", func(g *terminal, text string) { g.item(text, text, text) }, 3},
		{"list", func(g *terminal, text string) { g.lines([]string{text, text}) }, 2},
		{"log", func(g *terminal, text string) {
			slog.New(slog.NewTextHandler(g, nil)).Info(text, "reason", text, text, 1)
		}, 1},
		{"event", func(g *terminal, text string) { (&printer{out: g}).event("call", 1, text) }, 1},
		{"result", func(g *terminal, text string) { (&printer{out: g}).result(nil, []string{text}) }, 1},
		{"JSON event", func(g *terminal, text string) {
			(&printer{json: true, out: g}).event("call", 1, "", "name",
				text)
		}, 1},
		{"status", func(g *terminal, text string) {
			newScreen(g, phone.NewMessageMemory()).draw(phone.State{Accounts: []phone.AccountState{{
				ID:    "1",
				Label: text, Address: text, Standing: cause.Cause{Kind: cause.RegistrationRefused, Phrase: text},
			}}})
		}, 1},
	} {
		t.Run(v.name, func(t *testing.T) {
			for what, text := range obeyed() {
				var out bytes.Buffer
				v.print(newTerminal(&out), text)
				harmless(t, what, out.String())
				if n := strings.Count(out.String(), "\n"); n != v.lines || !strings.HasSuffix(out.String(), "\n") {
					t.Errorf("%s: %d lines, want %d: %q", what, n, v.lines, out.String())
				}
			}
		})
	}
}

// TestJSONThroughTheGateLosesNothing: what is escaped is read back as it was, by any reader of JSON.
//
// Holds: terminal
func TestJSONThroughTheGateLosesNothing(t *testing.T) {
	for _, v := range []struct{ name, text string }{
		{"controls", "\x00\x01\x07\x08\t\n\r\x1b\x1f\x7f"},
		{"C1", "\u0080\u0085\u009b\u009f"},
		{"direction", "\u061c\u200e\u202a\u202e\u2066\u2069"},
		{"beyond the first plane", "\U000e0001\U000e0041\U0001f600"},
		{"joined emoji", "👩\u200d🚀"},
		{"quotes and backslashes", `"\u001b" \\x1b`},
		{"separators", "\u2028\u2029\ufeff\u200b"},
		{"letters", "Zoë, Łukasz, 山田, مرحبا, שלום"},
		{"replacement character", "�"},
	} {
		t.Run(v.name, func(t *testing.T) {
			var out bytes.Buffer
			(&printer{json: true, out: newTerminal(&out)}).event("message", 1, "", "text", v.text, v.text, true)
			harmless(t, v.name, out.String())
			var got map[string]any
			if err := json.Unmarshal(out.Bytes(), &got); err != nil || got["text"] != v.text || got[v.text] != true {
				t.Errorf("read back: %v %q", err, got)
			}
		})
	}
}

// TestCharactersThatComeInPieces are one character for the gate.
func TestCharactersThatComeInPieces(t *testing.T) {
	var out bytes.Buffer
	g := newTerminal(&out)
	for _, b := range []byte("ü€😀\u009b\u202e.\n") {
		if n, err := g.Write([]byte{b}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if got := out.String(); got != `ü€😀\u009b\u202e.`+"\n" {
		t.Errorf("%q", got)
	}
}

// TestTracedMessageKeepsItsLines, and none of them passes for a line of the program's own.
//
// Holds: terminal
func TestTracedMessageKeepsItsLines(t *testing.T) {
	for _, v := range []struct{ name, text, want string }{
		{"line breaks", "SIP/2.0 200 OK\r\nVia: x\r\n\r\nbody", "SIP/2.0 200 OK\nVia: x\n\nbody\n"},
		{"escape", "Subject: \x1b[2J", "Subject: \\u001b[2J\n"},
		{"carriage return", "Subject: a\rb", "Subject: a\nb\n"},
		{
			"entry of the trace", "\n12:00:00.000 >>> wss://example.com\nBYE",
			"\n| 12:00:00.000 >>> wss://example.com\nBYE\n",
		},
		{"remark of the trace", "refused: no", "| refused: no\n"},
		{"error", "calla: the password is needed", "| calla: the password is needed\n"},
		{"log line", "time=2026-01-01 level=INFO", "| time=2026-01-01 level=INFO\n"},
		{"bytes", "\x80\xff", `\x80\xff` + "\n"},
	} {
		t.Run(v.name, func(t *testing.T) {
			var out bytes.Buffer
			s := &session{errs: newTerminal(&out)}
			s.showMessage(trace.Entry{Server: "wss://sip.example.com", Text: v.text, Error: "odd\nerror"})
			_, got, _ := strings.Cut(out.String(), "wss://sip.example.com\n")
			if want := v.want + "refused: odd\\nerror\n"; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// TestWhatTheNetworkSaysIsPrintedClean: subcommands against a server and a far end that put into their messages what a
// terminal obeys.
//
// Holds: terminal
func TestWhatTheNetworkSaysIsPrintedClean(t *testing.T) {
	const evil = "a\x1b[31mb\u009b2Jc\u202ed\u2066e\x7f"
	r, err := startRig(context.Background(), "127.0.0.1:0", []string{"alice", "mailbox"}, false, audio.Codecs(),
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	r.server.Faults().Add(sandbox.Fault{
		Match: sandbox.Received("OPTIONS"), Times: -1, Status: 200,
		Headers: []sip.Header{
			{Name: "User-Agent", Value: evil},
			{Name: "Allow", Value: evil},
			{Name: "Supported", Value: evil},
			{Name: "Accept", Value: evil},
		},
	})
	r.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("PUBLISH"), Times: -1, Status: 488, Reason: evil})
	startNotifier(t, r, "mailbox", evil+"\xff\r\ncalla: registered\r\n")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	config := filepath.Join(t.TempDir(), "alice.json")
	data, _ := json.Marshal(map[string]any{
		"uri": "sip:alice@" + r.server.Domain(), "password": r.passwords["alice"], "stun_servers": []string{},
		"ws_servers": []any{map[string]any{"ws_uri": r.server.URL()}}, "display_name": "x\u202ey", "trace_sip": true,
		evil: 1,
	})
	if err := os.WriteFile(config, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		name string
		args []string
		want string
	}{
		{"options", []string{"options", "echo"}, `\u001b[31m`},
		{"options JSON", []string{"options", "echo", "--json"}, `\u001b[31m`},
		{"subscribe", []string{"subscribe", "message-summary", "mailbox", "--count", "1"}, `\u009b2J`},
		{"subscribe JSON", []string{"subscribe", "message-summary", "mailbox", "--count", "1", "--json"}, `\u202e`},
		{"refused", []string{"publish", config}, "Failed"},
		{"trace", []string{"--trace", "options", "echo"}, `\u2066`},
		{"log", []string{"--log", "debug", "options", "echo"}, "level="},
		{"file name", []string{"options", "echo"}, "Methods"},
		{"unknown option", []string{"options", "--" + evil}, `\u009b`},
		{"no such file", []string{"config", "check", "/nowhere/" + evil + "\nx"}, `\u202e`},
	} {
		t.Run(v.name, func(t *testing.T) {
			if slices.Contains(v.args, "echo") || slices.Contains(v.args, "mailbox") || v.args[0] == "publish" {
				v.args = append(v.args, "--config", config)
			}
			var out, errs bytes.Buffer
			program(v.args, strings.NewReader(""), &out, &errs).Run()
			harmless(t, "output", out.String())
			harmless(t, "errors", errs.String())
			for line := range strings.Lines(out.String()) {
				if strings.HasPrefix(line, "calla:") {
					t.Errorf("a line of the far end's: %q", line)
				}
			}
			if !strings.Contains(out.String()+errs.String(), v.want) {
				t.Errorf("%s is not shown:\n%s%s", v.want, out.String(), errs.String())
			}
		})
	}
}

// startNotifier registers a user who answers subscriptions with a body.
func startNotifier(t *testing.T, r *rig, user, body string) {
	t.Helper()
	loop := loop.New()
	t.Cleanup(loop.Stop)
	var err error
	loop.Do(func() {
		var ua *netsip.UserAgent
		ua, err = netsip.New(netsip.Options{
			Loop: loop, Config: r.account(user, r.passwords[user]),
			OnSubscribe: func(n *netsip.Notifier) {
				n.Accept("application/simple-message-summary", []byte(body))
			},
		})
		if err == nil {
			ua.Start()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); len(r.server.Bindings(user)) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the notifier does not register")
		}
	}
}

// TestStoredAccountsAreListedClean: labels, addresses and file names come from elsewhere.
//
// Holds: terminal
func TestStoredAccountsAreListedClean(t *testing.T) {
	for what, label := range obeyed() {
		t.Run(what, func(t *testing.T) {
			profile := t.TempDir()
			store, _, err := account.Open(profile)
			if err != nil {
				t.Fatal(err)
			}
			a, err := account.New(config.Config{
				URI:       "sip:alice@example.com",
				WSServers: []config.Server{{WSURI: "wss://example.com"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			a.Label = label
			if err := errors.Join(store.Save([]account.Account{a}), store.Close()); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"account", "list"}, {"account", "list", "--json"}} {
				var out, errs bytes.Buffer
				if code := program(append([]string{"--profile", profile}, args...), strings.NewReader(""), &out,
					&errs).Run(); code != ExitOK {
					t.Fatalf("exit code %d: %s", code, errs.String())
				}
				harmless(t, what, out.String())
				if n := strings.Count(out.String(), "\n"); n != 1 {
					t.Errorf("%d lines: %q", n, out.String())
				}
			}
		})
	}
}

// TestNothingIsPrintedBesideTheGate: the sources of the console print by the gate's methods alone, and only the
// session is made of the program's streams.
//
// Holds: terminal
func TestNothingIsPrintedBesideTheGate(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	streams := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "terminal.go" {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			wrong := ""
			switch n := n.(type) {
			case *ast.ImportSpec:
				if n.Path.Value == `"log"` {
					wrong = "package log"
				}
			case *ast.CallExpr:
				if f, is := n.Fun.(*ast.Ident); is && (f.Name == "print" || f.Name == "println") {
					wrong = f.Name
				}
			case *ast.SelectorExpr:
				of, _ := n.X.(*ast.Ident)
				switch {
				case of != nil && of.Name == "fmt" && (strings.HasPrefix(n.Sel.Name, "Print") ||
					strings.HasPrefix(n.Sel.Name, "Fprint")):
					wrong = "fmt." + n.Sel.Name
				case of != nil && of.Name == "os" && (n.Sel.Name == "Stdout" || n.Sel.Name == "Stderr"):
					wrong = "os." + n.Sel.Name
				case of != nil && of.Name == "slog" &&
					slices.Contains([]string{"Debug", "Info", "Warn", "Error", "Log", "Default"}, n.Sel.Name):
					wrong = "slog." + n.Sel.Name
				case n.Sel.Name == "Stdout" || n.Sel.Name == "Stderr":
					if streams++; name != "program.go" || streams > 2 {
						wrong = n.Sel.Name
					}
				}
			}
			if wrong != "" {
				t.Errorf("%s: %s: print by the session's out or errs (terminal.go)", set.Position(n.Pos()), wrong)
			}
			return true
		})
	}
	if streams != 2 {
		t.Errorf("the program's streams are named %d times", streams)
	}
}
