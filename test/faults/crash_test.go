package faults

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/netsip/sandbox"
	"calla/test/peers"
)

// boundUnheard is how long a call is kept whose far end is not heard, by the program itself.
const boundUnheard = keptFor + toldWithin + 3*time.Second

// crashing is the built program with a profile of its own, which is killed and started again.
type crashing struct {
	*peers.Console
	t       *testing.T
	server  *server
	profile string
	files   map[string][]byte // of the profile before the crash
	binding sandbox.Binding   // before it
	far     *peers.Calla      // of the call
}

// startCrashing has alice registered from a stored account.
func startCrashing(t *testing.T) *crashing {
	t.Helper()
	c := &crashing{t: t, server: startServer(t, "127.0.0.1:0"), profile: filepath.Join(t.TempDir(), "profile")}
	c.store(c.server.config(t, "alice", nil))
	c.start()
	peers.Until(t, patience, "who asked for the password to be stored", func() bool {
		c.files = c.configuration()
		return bytes.Contains(c.files["accounts.json"], []byte(`"realms"`))
	})
	c.binding = c.server.Bindings("alice")[0]
	return c
}

// store stores an account.
func (c *crashing) store(config string) {
	c.t.Helper()
	add := peers.RunPlain(c.t, nil, "account", "add", "--profile", c.profile, "--config", config, "--secret", "file")
	if err := add.Wait(c.t, patience); err != nil {
		c.t.Fatalf("account add: %v: %s", err, add.Output)
	}
}

// start starts the program, and waits until it is registered.
func (c *crashing) start() time.Duration {
	c.t.Helper()
	began := time.Now()
	c.Console = peers.StartConsoleOf(c.t, c.profile)
	c.WaitText("Registered", 1, patience)
	return time.Since(began)
}

// configuration reads what is stored of accounts and passwords.
func (c *crashing) configuration() map[string][]byte {
	c.t.Helper()
	files := map[string][]byte{}
	for _, name := range []string{"accounts.json", "secrets.json"} {
		data, err := os.ReadFile(filepath.Join(c.profile, name))
		if err != nil {
			c.t.Fatal(err)
		}
		files[name] = data
	}
	return files
}

// crash ends the program as a crash does.
func (c *crashing) crash() {
	c.t.Helper()
	c.Signal(syscall.SIGKILL)
	_ = c.Wait(c.t, patience)
}

// again judges the program that was started again: nothing is lost, it is where it was, and whoever calls it rings one
// phone, once.
func (c *crashing) again() {
	c.t.Helper()
	for name, now := range c.configuration() {
		if !bytes.Equal(now, c.files[name]) {
			c.t.Errorf("%s was\n%s\nand is\n%s", name, c.files[name], now)
		}
	}
	bindings := c.server.Bindings("alice")
	if len(bindings) != 1 || bindings[0].Instance != c.binding.Instance || bindings[0].RegID != c.binding.RegID ||
		c.binding.Instance == "" || c.binding.RegID == "" {
		c.t.Errorf("bound to %+v, before to %+v", bindings, c.binding)
	}
	if text := c.Output.String(); strings.Contains(text, "Call from") || strings.Contains(text, "Connected with") {
		c.t.Errorf("a call is there from the start: %s", text)
	}
	began := time.Now()
	carol := peers.Run(c.t, nil, "call", "alice", "--config", c.server.config(c.t, "carol", nil))
	c.WaitText("Call from", 1, patience)
	c.Say("answer")
	c.WaitText("Connected with carol", 1, patience)
	waitCall(carol, "established")
	c.Say("hangup")
	carol.WaitFor("ended", patience)
	rang := c.server.count(began, func(e sandbox.Event) bool { return sandbox.Sent("INVITE")(e) && e.User == "alice" })
	if n := strings.Count(c.Output.String(), "Call from"); n != 1 || rang != 1 {
		c.t.Errorf("%d INVITEs, and it rang %d times", rang, n)
	}
}

// made has alice call bob.
func (c *crashing) made(args ...string) {
	c.t.Helper()
	c.far = c.server.answering(c.t, "bob", append([]string{"--tone", "440"}, args...)...)
	c.Say("call bob")
	if len(args) > 0 {
		c.WaitText("Ringing", 1, patience)
		return
	}
	c.WaitText("encrypted", 1, patience)
}

// TestF22OurOwnCrash in a call: the next start is where the last one was, and the far end is not left with a call.
//
// Holds: faults
// Holds: ends-on-its-own
func TestF22OurOwnCrash(t *testing.T) {
	for _, v := range []struct {
		name  string
		begin func(c *crashing)
		twice bool // the next start crashes too, at once
	}{
		{"in a call it made", func(c *crashing) { c.made() }, false},
		{"in a call it took", func(c *crashing) {
			c.far = peers.Run(c.t, nil, "call", "alice", "--config", c.server.config(c.t, "bob", nil), "--tone", "440")
			c.WaitText("Call from", 1, patience)
			c.Say("answer")
			c.WaitText("encrypted", 1, patience)
		}, false},
		{"in a call on hold", func(c *crashing) {
			c.made()
			since := time.Now()
			c.Say("hold")
			c.server.until(c.t, since, "the hold", sandbox.Received("ACK"))
		}, false},
		{"in a call, and again when it starts", func(c *crashing) { c.made() }, true},
		{"while it rings at the far end", func(c *crashing) { c.made("--after", "5s") }, false},
	} {
		fault{
			name: "F22", done: "the program is killed " + v.name + ", and started again",
			required: "nothing of the configuration is lost; registered in the place of the last start, and a call " +
				"to it rings once; the far end's call ends within 68 s",
			figure: "until the far end's call ends", limit: boundUnheard, quick: 1, beside: true,
		}.try(t, func(t *testing.T) time.Duration {
			c := startCrashing(t)
			v.begin(c)
			began := time.Now()
			c.crash()
			if v.twice {
				since := time.Now()
				c.Console = peers.StartConsoleOf(t, c.profile)
				c.server.until(t, since, "its REGISTER", sandbox.Received("REGISTER"))
				c.crash()
			}
			c.start()
			c.again()
			c.far.WaitFor("ended", boundUnheard+10*time.Second)
			return time.Since(began)
		})
	}
	fault{
		name: "F22", done: "the program is killed in a call, and not started again",
		required: "the far end's call ends within 68 s",
		figure:   "until it ends", limit: boundUnheard, long: true, soak: 3, beside: true,
	}.try(t, func(t *testing.T) time.Duration {
		c := startCrashing(t)
		c.made()
		began := time.Now()
		c.crash()
		c.far.WaitFor("ended", boundUnheard+10*time.Second)
		return time.Since(began)
	})
}
