package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"calla/audio"
	"calla/netsip"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
)

func program(args []string, in io.Reader, out, errs io.Writer) Program {
	return Program{
		Version: "test", Started: time.Now(), Args: args, Stdin: in, Stdout: out, Stderr: errs,
		Codecs: func(*slog.Logger) []audio.Codec { return audio.Codecs() },
		Host: func(*slog.Logger) (audio.Host, error) {
			return nil, errors.New("no sound in tests")
		},
	}
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"calla": func() { os.Exit(program(os.Args[1:], os.Stdin, os.Stdout, os.Stderr).Run()) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Values["rig"] = new(*rig)
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			e.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(e.WorkDir, "no-bus"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sandbox": sandboxCommand, "exits": exitsCommand, "result": resultCommand, "tone": toneCommand,
			"online": onlineCommand, "notifier": notifierCommand,
		},
	})
}

// sandboxCommand starts a sandbox, with --fault=NAME … of its scripts, with the users named and writes a configuration
// NAME.json for each.
func sandboxCommand(ts *testscript.TestScript, _ bool, users []string) {
	var faults []string
	for len(users) > 0 && strings.HasPrefix(users[0], "--fault=") {
		faults, users = append(faults, strings.TrimPrefix(users[0], "--fault=")), users[1:]
	}
	r, err := startRig(context.Background(), "127.0.0.1:0", users, false, audio.Codecs(), slog.New(slog.DiscardHandler))
	ts.Check(err)
	ts.Defer(r.close)
	*ts.Value("rig").(**rig) = r
	for _, name := range faults {
		if name == "publications" { // the server takes them, and does nothing with them
			r.server.Faults().Add(sandbox.Fault{
				Match: sandbox.Received("PUBLISH"), Times: -1, Status: 200,
				Headers: []sip.Header{{Name: "SIP-ETag", Value: "1"}, {Name: "Expires", Value: "900"}},
			})
			continue
		}
		ts.Check(r.server.RunScript(name))
	}
	ts.Setenv("URL", r.server.URL())
	for name, password := range r.passwords {
		c := map[string]any{
			"uri": "sip:" + name + "@" + r.server.Domain(), "password": password, "stun_servers": []string{},
			"ws_servers": []any{map[string]any{"ws_uri": r.server.URL()}},
		}
		data, err := json.Marshal(c)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name+".json"), data, 0o600))
		delete(c, "password")
		data, err = json.Marshal(c)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name+".bare.json"), data, 0o600))
		ts.Check(os.WriteFile(ts.MkAbs(name+".password"), []byte(password+"\n"), 0o600))
	}
}

// onlineCommand waits until users are registered at the sandbox: online USER …
func onlineCommand(ts *testscript.TestScript, _ bool, users []string) {
	r := *ts.Value("rig").(**rig)
	for _, name := range users {
		deadline := time.Now().Add(20 * time.Second)
		for ; len(r.server.Bindings(name)) == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				ts.Fatalf("%s does not register", name)
			}
		}
	}
}

// notifierCommand registers a user who tells whoever asks, twice, of messages that wait: notifier USER
func notifierCommand(ts *testscript.TestScript, _ bool, args []string) {
	r, loop := *ts.Value("rig").(**rig), loop.New()
	r.server.AddUser(args[0], "secret")
	const summary = "application/simple-message-summary"
	var ua *netsip.UserAgent
	var err error
	loop.Do(func() {
		ua, err = netsip.New(netsip.Options{
			Loop: loop, Config: r.account(args[0], "secret"),
			OnSubscribe: func(n *netsip.Notifier) {
				if n.Event() != "message-summary" {
					n.Reject(489)
					return
				}
				n.Accept(summary, []byte("Messages-Waiting: yes\r\nVoice-Message: 1/2\r\n"))
				loop.AfterFunc(100*time.Millisecond, func() { n.Notify(summary, []byte("Messages-Waiting: no\r\n")) })
			},
		})
		if err == nil {
			ua.Start()
		}
	})
	ts.Check(err)
	ts.Defer(loop.Stop)
	onlineCommand(ts, false, args)
}

// exitsCommand runs a program and compares its exit code: exits CODE PROGRAM ARG…
func exitsCommand(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs("out"), []byte(ts.ReadFile("stdout")), 0o600))
	if code != want {
		ts.Fatalf("exit code %d, want %d\n%s%s", code, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// resultCommand compares members of the last JSON line of a file: result FILE NAME=REGEXP or NAME=MIN..MAX …
func resultCommand(ts *testscript.TestScript, _ bool, args []string) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n")
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			ts.Fatalf("not JSON: %s", line)
		}
	}
	var got map[string]any
	ts.Check(json.Unmarshal([]byte(lines[len(lines)-1]), &got))
	for _, arg := range args[1:] {
		name, want, _ := strings.Cut(arg, "=")
		value, there := got[name]
		if lowest, highest, isRange := strings.Cut(want, ".."); isRange {
			n, isNumber := value.(float64)
			from, err := strconv.ParseFloat(lowest, 64)
			ts.Check(err)
			to, err := strconv.ParseFloat(highest, 64)
			ts.Check(err)
			if !isNumber || n < from || n > to {
				ts.Fatalf("%s is %v, want %s\n%s", name, value, want, lines[len(lines)-1])
			}
			continue
		}
		if !there && want != "" || !regexp.MustCompile("^(?:"+want+")$").MatchString(fmt.Sprint(value)) && there {
			ts.Fatalf("%s is %v, want %s\n%s", name, value, want, lines[len(lines)-1])
		}
	}
}

// toneCommand measures the tone of a WAV file: tone FILE MIN..MAX
func toneCommand(ts *testscript.TestScript, _ bool, args []string) {
	pcm, err := audio.ReadWAVFile(ts.MkAbs(args[0]))
	ts.Check(err)
	lowest, highest, _ := strings.Cut(args[1], "..")
	from, err := strconv.ParseFloat(lowest, 64)
	ts.Check(err)
	to, err := strconv.ParseFloat(highest, 64)
	ts.Check(err)
	if got := audio.MeasureTone(pcm); got.Frequency < from || got.Frequency > to {
		ts.Fatalf("%s holds %v, want %s Hz", args[0], got, args[1])
	}
}

// display collects what a program writes and lets a test wait for it.
type display struct {
	mu   sync.Mutex
	text bytes.Buffer
	wake chan struct{}
}

func (d *display) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
	return d.text.Write(b)
}

func (d *display) until(t *testing.T, what string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		d.mu.Lock()
		text := d.text.String()
		if i := strings.Index(text, what); i >= 0 {
			d.text.Next(i + len(what))
			d.mu.Unlock()
			return
		}
		d.mu.Unlock()
		select {
		case <-d.wake:
		case <-deadline:
			t.Fatalf("never shows %q, but\n%s", what, text)
		}
	}
}

// rest is what is shown and has not been waited for.
func (d *display) rest() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

func TestConsoleCallsTheBuiltInEcho(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	in, type_ := io.Pipe()
	out := &display{wake: make(chan struct{}, 1)}
	code := make(chan int, 1)
	go func() { code <- program([]string{"console", "--no-sound"}, in, out, out).Run() }()
	say := func(line string) {
		if _, err := fmt.Fprintln(type_, line); err != nil {
			t.Error(err)
		}
	}
	out.until(t, "No account")
	say("call bob")
	out.until(t, "There is no account to call with.")
	say("nonsense")
	out.until(t, "Unknown command")
	say("try")
	out.until(t, "you@sandbox.invalid): Registered")
	say("call echo")
	out.until(t, "Connected with echo")
	say("dtmf 12#")
	out.until(t, "digits heard: 12#")
	say("mute")
	out.until(t, "muted")
	say("hangup")
	out.until(t, "You hung up")
	say("quit")
	select {
	case got := <-code:
		if got != ExitOK {
			t.Errorf("exit code %d", got)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("quit does not end it")
	}
}

// docs/commands.md and --help name every exit code.
func TestExitCodesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	for code := ExitOK; code <= ExitInterrupted; code++ {
		if !strings.Contains(string(page), fmt.Sprintf("\n| %d | ", code)) ||
			!strings.Contains(description, fmt.Sprintf(" %d ", code)) {
			t.Errorf("exit code %d is not told", code)
		}
	}
}

// typed is a console on the built-in server, and somebody who types.
type typed struct {
	*testing.T
	in   io.Writer
	out  *display
	code chan int
}

func newTyped(t *testing.T, flags ...string) *typed {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	in, type_ := io.Pipe()
	c := &typed{t, type_, &display{wake: make(chan struct{}, 1)}, make(chan int, 1)}
	go func() { c.code <- program(append([]string{"console", "--no-sound"}, flags...), in, c.out, c.out).Run() }()
	return c
}

// newTried is a console that is registered at the built-in server.
func newTried(t *testing.T) *typed {
	c := newTyped(t)
	c.does("try", "you@sandbox.invalid): Registered")
	return c
}

// does types a line and waits for each of what is to be shown, in order.
func (c *typed) does(line string, shows ...string) {
	c.Helper()
	if _, err := fmt.Fprintln(c.in, line); err != nil {
		c.Error(err)
	}
	for _, what := range shows {
		c.out.until(c.T, what)
	}
}

// soon types a line until it shows something: what is on its way to the disk counts when it is there.
func (c *typed) soon(line, shows string) {
	c.Helper()
	for began := time.Now(); !strings.Contains(c.out.rest(), shows) && time.Since(began) < 20*time.Second; {
		c.does(line)
		for answer := time.Now(); !strings.Contains(c.out.rest(), shows) && time.Since(answer) < time.Second; {
			time.Sleep(10 * time.Millisecond)
		}
	}
	c.out.until(c.T, shows)
}

func (c *typed) quits() {
	c.Helper()
	c.does("quit")
	select {
	case got := <-c.code:
		if got != ExitOK {
			c.Errorf("exit code %d", got)
		}
	case <-time.After(20 * time.Second):
		c.Fatal("quit does not end it")
	}
}

func TestConsoleHoldsAndSwaps(t *testing.T) {
	c := newTried(t)
	c.does("hold", "There is no call.")
	c.does("call echo", "Connected with echo")
	c.does("hold", "Connected with echo", "on hold")
	c.does("resume", "Connected with echo")
	c.does("call tone", "echo", "on hold", "Connected with tone")
	c.does("calls", "1 ↔ Connected with echo", "on hold", "2 ↔ Connected with tone", "[has the sound]")
	c.does("swap", "Connected with tone", "on hold")
	c.does("hangup 2", "You hung up")
	c.does("hangup 7", "There is no call 7.")
	c.does("again", "echo", "on hold", "Connected with tone")
	c.does("hangup 2", "You hung up")
	c.does("hangup", "You hung up")
	c.does("calls", "There is no call.")
	c.quits()
}

func TestConsoleTransfers(t *testing.T) {
	c := newTried(t)
	c.does("complete", "Nobody is asked.")
	c.does("call echo", "Connected with echo")
	c.does("ask tone", "echo", "on hold", "Connected with tone")
	c.does("cancel", "You hung up", "Connected with echo")
	c.does("transfer tone", "declined") // robots go nowhere
	c.does("hangup", "You hung up")
	c.does("accept", "Nobody asks for another call.")
	c.does("call transfer", "asks you to call echo: accept, or decline transfer?")
	c.does("decline transfer")
	c.does("hangup", "You hung up")
	c.does("call transfer", "asks you to call echo: accept, or decline transfer?")
	c.does("accept", "Connected with echo")
	c.does("hangup", "You hung up")
	c.does("call echo", "Connected with echo")
	c.does("connect", "There is no other call")
	c.does("call tone", "Connected with tone")
	c.does("connect", "declined to be transferred") // robots go nowhere
	c.does("connect 2 1", "declined to be transferred")
	c.does("connect 1 7", "There is no call 7.")
	c.does("hangup 2", "You hung up")
	c.does("hangup", "You hung up")
	c.does("call forward", "Call echo instead: redirect 1")
	c.does("redirect 2", "There is nobody to call instead.")
	c.does("redirect", "Connected with Echo <echo>")
	c.quits()
}

// TestConsoleRecords into a folder in the user's home.
func TestConsoleRecords(t *testing.T) {
	c := newTried(t)
	c.does("record", "There is no call.")
	c.does("call tone", "Connected with tone")
	c.does("record pause", "is not recorded.")
	c.does("record", "recorded in "+filepath.Join(os.Getenv("HOME"), "Calla Recordings"))
	c.does("record pause", "recording paused")
	c.does("record on", "recorded in ")
	c.does("record stop", "Connected with tone")
	c.does("hangup", "You hung up")
	c.quits()
	files, err := filepath.Glob(filepath.Join(os.Getenv("HOME"), "Calla Recordings", "* tone.wav"))
	if err != nil || len(files) != 1 {
		t.Fatalf("recorded %q, %v", files, err)
	}
	if _, err := audio.ReadWAVFile(files[0]); err != nil {
		t.Error(err)
	}
}

// TestConsoleConference: echo hears the tone, and the console tells who is in it.
func TestConsoleConference(t *testing.T) {
	c := newTried(t)
	c.does("conference leave", "There is no conference.")
	c.does("conference hold", "There is no conference.")
	c.does("call echo", "Connected with echo")
	c.does("conference", "There are no two calls to bring together.")
	c.does("call tone", "echo", "on hold", "Connected with tone")
	c.does("conference 1 9", "There is no call 9.")
	c.does("conference", "Connected with echo", "In the conference: echo, tone")
	c.does("calls", "[in the conference]  [has the sound]", "[in the conference]  [has the sound]")
	c.does("conference hold", "on hold", "on hold")
	c.does("conference resume", "Connected with echo", "Connected with tone")
	c.does("conference leave", "declined to be transferred") // robots go nowhere
	c.does("conference split 1", "Connected with tone", "on hold")
	c.does("calls", "1 ↔ Connected with echo", "[has the sound]", "2 ↔ Connected with tone", "on hold")
	c.does("conference 2 1", "In the conference: echo, tone")
	c.does("hangup 2", "You hung up")
	c.does("calls", "1 ↔ Connected with echo", "[has the sound]")
	c.does("hangup", "You hung up")
	c.quits()
}

func TestConsoleWritesAndTells(t *testing.T) {
	c := newTried(t)
	c.does("messages", "There is no message.")
	c.does("message message", "Write: message ADDRESS TEXT")
	c.does("message message good morning", "✉ message: You wrote: good morning")
	c.does("messages message", "to message: good morning  ✓", "✉ message: You wrote: good morning")
	c.does("bindings", "you@sandbox.invalid: this device")
	c.does("status", "server ws://", "connected since", "registered within", "public GRUU", "device this device")
	c.soon("status", "Messages: 0 unread")
	c.does("call hold", "held by the other side")
	c.does("status", "Call with hold: sent")
	c.does("ladder", "calla", "hold", "INVITE 1 (offer)", "200 INVITE 1 (answer)", "INVITE 1 (offer, sendonly)")
	c.does("ladder all", "server", "REGISTER 1", "INVITE 1 (offer)")
	c.does("sign-out-everywhere", "Registered")
	c.does("help", "sign-out-everywhere")
	c.does("check", "There is no account to check.") // the built-in server's is nobody's to edit
	c.does("devices", "speaker")
	c.does("microphone 99", "There is no device 99.")
	c.does("forget ringer 1", "There is no such device.")
	c.does("password nowhere", "Write: password FILE")
	c.does("ignore", "Nobody calls.")
	c.quits()
}

func TestConsoleChecksAnAccount(t *testing.T) {
	r, err := startRig(t.Context(), "127.0.0.1:0", []string{"alice"}, false, audio.Codecs(),
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	file, password := filepath.Join(t.TempDir(), "alice.json"), filepath.Join(t.TempDir(), "alice.password")
	text := fmt.Sprintf(`{"uri":"sip:alice@%s","ws_servers":[%q],"stun_servers":[]}`, r.server.Domain(), r.server.URL())
	if err := errors.Join(os.WriteFile(file, []byte(text), 0o600),
		os.WriteFile(password, []byte(r.passwords["alice"]+"\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	c := newTyped(t, "--config", file)
	c.out.until(t, "A password is needed")
	c.does("password "+password, "alice@sandbox.invalid: Registered")
	c.does("check", "✓ WebSocket", "✓ SIP", "✓ Registration")
	c.quits()
}
