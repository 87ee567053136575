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
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			e.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(e.WorkDir, "no-bus"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sandbox": sandboxCommand, "exits": exitsCommand, "result": resultCommand, "tone": toneCommand,
		},
	})
}

// sandboxCommand starts a sandbox with the users named and writes a configuration NAME.json for each.
func sandboxCommand(ts *testscript.TestScript, _ bool, users []string) {
	r, err := startRig(context.Background(), "127.0.0.1:0", users, false, audio.Codecs(), slog.New(slog.DiscardHandler))
	ts.Check(err)
	ts.Defer(r.close)
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
