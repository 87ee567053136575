package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestPeersTalkToEachOther proves the instruments before they judge anything: JsSIP calls JsSIP
// through Kamailio, and each hears the other's tone and digits.
func TestPeersTalkToEachOther(t *testing.T) {
	k := StartKamailio(t)
	c := StartChromium(t)
	a, b := c.Open(t, "alice"), c.Open(t, "bob")
	a.Register(k.URL, "alice", k.Domain, k.Password, nil)
	b.Register(k.URL, "bob", k.Domain, k.Password, nil)
	a.Do("call", map[string]any{"target": "sip:bob@" + k.Domain, "hz": 440})
	b.Wait("incoming", 10*time.Second)
	b.Do("answer", map[string]any{"hz": 1000})
	a.Wait("confirmed", 10*time.Second)
	a.WaitTone(1000, 10*time.Second)
	b.WaitTone(440, 10*time.Second)
	b.Do("mute", map[string]any{"on": true})
	a.WaitTone(0, 10*time.Second)
	a.Do("mute", map[string]any{"on": true})
	heard := ""
	for try := 0; try < 3 && !strings.HasSuffix(heard, "12#0"); try++ { // a loaded machine may spoil what is heard
		a.Do("dtmf", map[string]any{"tones": "12#0", "transport": "RFC2833"})
		heard = b.Keys("12#0", 10*time.Second)
	}
	if !strings.HasSuffix(heard, "12#0") {
		t.Errorf("bob heard the digits %q", heard)
	}
	b.Do("mute", map[string]any{"on": false})
	a.Do("hangup", nil)
	if e := b.Wait("ended", 10*time.Second); e.Cause != "Terminated" {
		t.Errorf("ended with %q", e.Cause)
	}
}

func TestPulseHearsWhatIsPlayed(t *testing.T) {
	Need(t, "sox")
	p := StartPulse(t)
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.wav"), filepath.Join(dir, "out.wav")
	if b, err := exec.Command("sox", "-n", "-r", "48000", "-c", "1", in, "synth", "2", "sine",
		"440").CombinedOutput(); err != nil {
		t.Fatalf("sox: %v: %s", err, b)
	}
	stop := p.Record(t, Mouth, out)
	Until(t, 30*time.Second, "the recorder",
		func() bool { s, err := os.Stat(out); return err == nil && s.Size() > 4096 })
	play := p.Play(t, Mouth, in)
	if err := play.Wait(t, 30*time.Second); err != nil {
		t.Fatal(err)
	}
	stop()
	s, err := os.Stat(out)
	if err != nil || s.Size() < 48000*2 {
		t.Fatalf("recorded %v, %v", s, err)
	}
}

func TestKeyringKeeps(t *testing.T) {
	env := StartKeyring(t)
	cmd := exec.Command("secret-tool", "lookup", "probe", "probe")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if string(out) != "probe" {
		t.Errorf("looked up %q, %v", out, err)
	}
}

func TestDesktopShows(t *testing.T) {
	d := StartDesktop(t, 640, 480)
	f := filepath.Join(t.TempDir(), "x.png")
	d.Screenshot("root", f)
	if s, err := os.Stat(f); err != nil || s.Size() == 0 {
		t.Errorf("screenshot: %v, %v", s, err)
	}
}
