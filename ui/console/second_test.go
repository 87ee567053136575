package console

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/account"
	"calla/audio"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/instance"
)

// pane stands in for the window: it tells what it is opened with and what it is handed.
type pane struct {
	opened chan Window
	handed chan string
	close  chan error
}

func newPane() *pane {
	return &pane{make(chan Window, 1), make(chan string, 10), make(chan error, 1)}
}

func (p *pane) open(_ *phone.Phone, w Window) error {
	p.opened <- w
	return <-p.close
}

// shows has the pane show what it is handed.
func (p *pane) shows(w Window) {
	w.Handed(func(dial, token string) { p.handed <- dial + " by " + token })
}

// starts runs a program that has a window, with what it prints.
func starts(t *testing.T, open func(*phone.Phone, Window) error,
	args ...string,
) (ended func() (code int, out, errs string)) {
	t.Helper()
	var out, errs bytes.Buffer
	p := program(args, strings.NewReader(""), &out, &errs)
	p.Window = open
	code := make(chan int, 1)
	go func() { code <- p.Run() }()
	return func() (int, string, string) {
		t.Helper()
		select {
		case got := <-code:
			return got, out.String(), errs.String()
		case <-time.After(20 * time.Second):
			t.Fatal("it does not end")
			return 0, "", ""
		}
	}
}

// atHome gives the test a home of its own, with short names for its sockets.
func atHome(t *testing.T) {
	t.Helper()
	run, err := os.MkdirTemp("", "run")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(run) })
	t.Setenv("XDG_RUNTIME_DIR", run)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XDG_ACTIVATION_TOKEN", "")
	t.Setenv("DESKTOP_STARTUP_ID", "")
}

// TestSecondStartHandsOver what it was given to the window that is there, with the desktop's token, and ends with 0.
func TestSecondStartHandsOver(t *testing.T) {
	for _, v := range []struct {
		name  string
		args  []string
		token map[string]string
		want  string
	}{
		{"nothing", nil, nil, " by "},
		{"a number", []string{"--", "+49 30 1234"}, nil, "+49 30 1234 by "},
		{"a link", []string{"--", "tel:+4930"}, nil, "tel:+4930 by "},
		{"by its name", []string{"window", "bob"}, nil, "bob by "},
		{"a token of Wayland", []string{"--", "bob"}, map[string]string{"XDG_ACTIVATION_TOKEN": "w"}, "bob by w"},
		{"a token of X11", []string{"--", "bob"}, map[string]string{"DESKTOP_STARTUP_ID": "x"}, "bob by x"},
		{"a token of both", nil, map[string]string{"DESKTOP_STARTUP_ID": "x", "XDG_ACTIVATION_TOKEN": "w"}, " by w"},
		{"a token without end", nil, map[string]string{"XDG_ACTIVATION_TOKEN": strings.Repeat("w", 4000)}, " by "},
	} {
		t.Run(v.name, func(t *testing.T) {
			atHome(t)
			first := newPane()
			firstEnded := starts(t, first.open, "--", "alice")
			w := <-first.opened
			if w.Dial != "alice" || w.Version != "test" || w.Context.Err() != nil {
				t.Errorf("opened with %+v", w)
			}
			first.shows(w)
			for name, token := range v.token {
				t.Setenv(name, token)
			}
			code, out, errs := starts(t, newPane().open, v.args...)()
			if got := <-first.handed; code != ExitOK || got != v.want || out+errs != "" {
				t.Errorf("exit code %d, handed %q, %s%s", code, got, out, errs)
			}
			first.close <- nil
			if code, _, errs := firstEnded(); code != ExitOK {
				t.Errorf("the first: exit code %d, %s", code, errs)
			}
		})
	}
}

// TestSecondStartIsToldWhyNothingIsShown, with exit code 1, and soon.
func TestSecondStartIsToldWhyNothingIsShown(t *testing.T) {
	for _, v := range []struct {
		name  string
		first func(t *testing.T) (end func())
		want  string
	}{
		{"it hangs", func(t *testing.T) func() {
			p := newPane()
			ended := starts(t, p.open)
			hangs := make(chan struct{})
			(<-p.opened).Handed(func(string, string) { <-hangs })
			return func() { close(hangs); p.close <- nil; ended() }
		}, "its window does not answer"},
		{"it is not there yet", func(t *testing.T) func() {
			p := newPane()
			ended := starts(t, p.open)
			<-p.opened
			return func() { p.close <- nil; ended() }
		}, "its window is not there yet"},
		{
			"it runs in a terminal", func(t *testing.T) func() {
				return textPhoneRuns(t, nil, "console",
					"--no-sound")
			},
			noWindow,
		},
		{"it was built without a window", func(t *testing.T) func() { return textPhoneRuns(t, nil) }, noWindow},
		{"it has no display", func(t *testing.T) func() {
			return textPhoneRuns(t, func(*phone.Phone, Window) error {
				return NoWindow{cause.Cause{Kind: cause.NoDisplay}}
			})
		}, noWindow},
	} {
		t.Run(v.name, func(t *testing.T) {
			atHome(t)
			end := v.first(t)
			began := time.Now()
			code, out, errs := starts(t, newPane().open, "--", "bob")()
			for range 5 { // on a busy computer what the first says may come too late
				if !strings.Contains(errs, instance.ErrNoAnswer.Error()) {
					break
				}
				began = time.Now()
				code, out, errs = starts(t, newPane().open, "--", "bob")()
			}
			if code != ExitInvalid || out != "" || !strings.HasPrefix(errs, "calla: Calla runs already: "+v.want) {
				t.Errorf("exit code %d, %s%s", code, out, errs)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it takes %v", took)
			}
			end()
		})
	}
}

// textPhoneRuns starts a text phone, with args and a window or none, and waits until it is there.
func textPhoneRuns(t *testing.T, open func(*phone.Phone, Window) error, args ...string) (end func()) {
	t.Helper()
	in, type_ := io.Pipe()
	out := &display{wake: make(chan struct{}, 1)}
	p := program(args, in, out, out)
	p.Window = open
	code := make(chan int, 1)
	go func() { code <- p.Run() }()
	out.until(t, "help shows the commands")
	return func() {
		_, _ = io.WriteString(type_, "quit\n")
		if got := <-code; got != ExitOK {
			t.Errorf("exit code %d", got)
		}
	}
}

// TestWindowThatFailsIsTold, and a program that is told to end tells its window.
func TestWindowThatFailsIsTold(t *testing.T) {
	atHome(t)
	p := newPane()
	p.close <- errors.New("no OpenGL\nat all")
	if code, _, errs := starts(t, p.open)(); code != ExitInvalid || errs != "calla: no OpenGL; at all\n" {
		t.Errorf("exit code %d, %q", code, errs)
	}
	ended := starts(t, func(_ *phone.Phone, w Window) error {
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		<-w.Context.Done()
		return nil
	})
	if code, _, errs := ended(); code != ExitOK {
		t.Errorf("told to end: exit code %d, %s", code, errs)
	}
}

// TestProfileThatNobodyServesIsWaitedFor: its owner may be about to listen; and the wait ends.
func TestProfileThatNobodyServesIsWaitedFor(t *testing.T) {
	for _, v := range []struct {
		name   string
		serves bool
		code   int
		told   string
	}{
		{"it listens at last", true, ExitOK, ""},
		{"it never listens", false, ExitInvalid, "another Calla has this profile"},
	} {
		t.Run(v.name, func(t *testing.T) {
			atHome(t)
			dir := t.TempDir()
			store, _, err := account.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = store.Close() }()
			ended := starts(t, newPane().open, "--profile", dir, "--", "bob")
			if v.serves {
				take := func(r instance.Request) instance.Answer { return instance.Answer{Shown: r.Dial == "bob"} }
				l, err := instance.Listen(dir, slog.New(slog.DiscardHandler), take)
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
			}
			if code, _, errs := ended(); code != v.code || !strings.Contains(errs, v.told) {
				t.Errorf("exit code %d, %s", code, errs)
			}
		})
	}
}

// configsOf starts a sandbox with users, and gives the file of each one's configuration.
func configsOf(t *testing.T, users ...string) map[string]string {
	t.Helper()
	r, err := startRig(t.Context(), "127.0.0.1:0", users, false, audio.Codecs(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	configs := map[string]string{}
	for _, name := range users {
		configs[name] = inFile(t, `{"uri":"sip:`+name+"@"+r.server.Domain()+`","password":"`+r.passwords[name]+
			`","ws_servers":"`+r.server.URL()+`","stun_servers":[]}`)
	}
	return configs
}

// TestTextPhoneTakesCalls: what is typed to a call that rings is what its caller meets.
func TestTextPhoneTakesCalls(t *testing.T) {
	configs := configsOf(t, "alice", "bob")
	const answered, not = `"established":true`, `"established":false`
	// Whether sound comes before somebody hangs up is not asked here.
	takes := []int{ExitOK, ExitMedia}
	for _, v := range []struct {
		name  string
		does  func(c *typed, caller *display)
		flags []string
		codes []int
		want  string
	}{
		{"answer", func(c *typed, caller *display) {
			c.does("answer", "Connected with bob")
			caller.until(t, `"phase":"established"`)
			c.does("hangup", "You hung up")
		}, nil, takes, answered},
		{"its short name", func(c *typed, caller *display) {
			c.does("A", "Connected with bob")
			caller.until(t, `"phase":"established"`)
			c.does("hangup", "You hung up")
		}, nil, takes, answered},
		{"answer and hang up", func(c *typed, caller *display) {
			c.does("answer", "Connected with bob")
			caller.until(t, `"event":"media"`)
			c.does("h 1", "You hung up")
		}, nil, takes, answered},
		{"answer and hold", func(c *typed, caller *display) {
			c.does("answer", "Connected with bob")
			caller.until(t, `"event":"media"`)
			c.does("hold", "on hold")
			caller.until(t, `"held":true`)
			c.does("resume")
			caller.until(t, `"held":false`)
			c.does("hangup", "You hung up")
		}, nil, takes, answered},
		{"decline", func(c *typed, _ *display) { c.does("decline") }, nil, []int{ExitCall}, not},
		{"decline by its short name", func(c *typed, _ *display) { c.does("d") }, nil, []int{ExitCall}, not},
		{"ignore", func(c *typed, _ *display) { c.does("ignore") }, []string{"--ring", "3s"}, []int{ExitCall}, not},
		{"nothing for it", func(c *typed, _ *display) {
			c.does("accept", "Nobody asks for another call.")
			c.does("complete", "Nobody is asked.")
			c.does("resume", "There is no call on hold.")
			c.does("calls", "1 ← Call from bob")
			c.does("decline")
		}, nil, []int{ExitCall}, not},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := newTyped(t, "--config", configs["alice"])
			c.out.until(c.T, "Registered")
			caller := &display{wake: make(chan struct{}, 1)}
			code := make(chan int, 1)
			go func() {
				args := append([]string{"call", "alice", "--json", "--config", configs["bob"]}, v.flags...)
				code <- program(args, strings.NewReader(""), caller, caller).Run()
			}()
			c.out.until(c.T, "answer or decline?")
			v.does(c, caller)
			caller.until(t, v.want)
			if got := <-code; !slices.Contains(v.codes, got) {
				t.Errorf("the caller: exit code %d, want %d\n%s", got, v.codes, caller.rest())
			}
			c.quits()
		})
	}
}

// TestTextPhoneDialsWithTheAccountThatIsChosen, by its ID, label or address.
func TestTextPhoneDialsWithTheAccountThatIsChosen(t *testing.T) {
	atHome(t)
	dir := t.TempDir()
	store, _, err := account.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := []account.Account{}
	for label, config := range map[string]string{"Work": "sip:me@work.example", "At home": "sip:me@home.example"} {
		in := inFile(t, `{"uri":"`+config+`","ws_servers":"ws://127.0.0.1:1","register":false,"stun_servers":[]}`)
		s := &session{errs: newTerminal(io.Discard), cli: &cli{}}
		a, err := s.importConfig(in, 0, false)
		if err != nil {
			t.Fatal(err)
		}
		a.Label, a.Enabled = label, true
		all = append(all, a)
	}
	if err := errors.Join(store.Save(all), store.Close()); err != nil {
		t.Fatal(err)
	}
	c := newTyped(t, "--profile", dir)
	c.out.until(c.T, "[dials]")
	for _, v := range []struct{ name, typed, shows string }{
		{"one", "Work", "Work (me@work.example)"},
		{"the other, by its label", "At home", "At home (me@home.example)"},
		{"by its address", "me@work.example", "Work (me@work.example)"},
		{"by its ID", all[0].ID, all[0].Label + " (" + all[0].Address() + ")"},
		{"nobody", "nobody", "There is no account nobody."},
	} {
		c.does("account "+v.typed, "")
		if v.name == "nobody" {
			c.out.until(c.T, v.shows)
			continue
		}
		for told := false; !told; {
			c.does("status", v.shows)
			line, _, _ := strings.Cut(c.out.rest(), "\n")
			told = strings.Contains(line, "[dials]")
		}
	}
	c.quits()
}

// TestFailureIsToldInOurWords first, and what the system said of it is small print, whatever it holds.
//
// Holds: terminal
func TestFailureIsToldInOurWords(t *testing.T) {
	for _, v := range []struct {
		name  string
		err   error
		first string
		below string
	}{
		{
			"a file that is not there", &os.PathError{Op: "open", Path: "/x", Err: os.ErrNotExist},
			"It did not start. It does not exist.", "open /x: file does not exist",
		},
		{
			"a file of another user's", &os.PathError{Op: "open", Path: "/x", Err: os.ErrPermission},
			"It did not start. This user may not use it.", "open /x: permission denied",
		},
		{
			"a time that is over", context.DeadlineExceeded, "It did not start. It does not answer.",
			"context deadline exceeded",
		},
		{"what nobody knows", errors.New("xyzzy"), "It did not start.", "xyzzy"},
		{"orders for the terminal", errors.New("a\x1b[2Jb\u202ec"), "It did not start.", `a\u001b[2Jb\u202ec`},
		{"several lines", errors.New("a\ncalla: b"), "It did not start.", `a\ncalla: b`},
		{"without end", errors.New(strings.Repeat("ä", 9000)), "It did not start.", strings.Repeat("ä", smallPrint)},
	} {
		t.Run(v.name, func(t *testing.T) {
			var out bytes.Buffer
			(&screen{out: newTerminal(&out)}).tellError("It did not start.", v.err)
			if want := v.first + "\n  " + v.below + "\n"; out.String() != want {
				t.Errorf("%q, want %q", out.String(), want)
			}
		})
	}
}

// TestACommandWaitsForWhoHasALookAtTheProfile: whoever is about to let go of it is waited for, and who keeps it is
// named.
func TestACommandWaitsForWhoHasALookAtTheProfile(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.json")
	text := []byte(`{"uri": "sip:alice@example.com", "ws_servers": "wss://h"}`)
	if err := os.WriteFile(config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		held time.Duration // by another; 0 = for ever
		code int
	}{
		{"one that was killed", 100 * time.Millisecond, ExitOK},
		{"one that is slow to end", 400 * time.Millisecond, ExitOK},
		{"one that runs", 0, ExitInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			other, _, err := account.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if c.held > 0 {
				time.AfterFunc(c.held, func() { _ = other.Close() })
			} else {
				defer other.Close()
			}
			out, errs, code := ran(t, "", "--profile", dir, "account", "add", "--config", config, "--secret", "session")
			if code != c.code || code != ExitOK && !strings.Contains(errs, "another Calla uses this profile") {
				t.Errorf("exit code %d: %s%s", code, out, errs)
			}
		})
	}
}

// TestASecondHiddenStartRaisesNothing: what starts hidden, as at log-in, does not bring up the window of the Calla that
// runs; with something to dial somebody wants to see it.
func TestASecondHiddenStartRaisesNothing(t *testing.T) {
	for _, v := range []struct {
		name    string
		request instance.Request
		shows   bool
	}{
		{"a second start", instance.Request{}, true},
		{"with the desktop's token", instance.Request{Token: "t_TIME1"}, true},
		{"with a number", instance.Request{Dial: "bob"}, true},
		{"hidden", instance.Request{Hidden: true}, false},
		{"hidden, with a token", instance.Request{Hidden: true, Token: "t_TIME1"}, false},
		{"hidden, with a number", instance.Request{Hidden: true, Dial: "tel:4711"}, true},
	} {
		t.Run(v.name, func(t *testing.T) {
			f, shown := newFront(), make(chan string, 1)
			f.open(func(dial, _ string) { shown <- dial })
			if answer := f.take(v.request); !answer.Shown {
				t.Fatalf("%+v", answer)
			}
			if got := len(shown) == 1; got != v.shows {
				t.Errorf("the window is brought up: %t", got)
			}
		})
	}
	f := newFront()
	f.close(noWindow)
	if answer := f.take(instance.Request{Hidden: true}); answer.Shown || answer.Why != noWindow {
		t.Errorf("without a window: %+v", answer)
	}
}
