package test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calla/audio"
	"calla/test/peers"
)

// rig is a Kamailio, a Chromium, and what to write into configurations.
type rig struct {
	*peers.Kamailio
	chromium *peers.Chromium
}

// config writes a configuration for user and returns its file.
func (r *rig) config(t *testing.T, user string, more map[string]any) string {
	t.Helper()
	c := map[string]any{
		"uri": "sip:" + user + "@" + r.Domain, "password": r.Password,
		"ws_servers": r.URL, "stun_servers": []string{},
	}
	for k, v := range more {
		c[k] = v
	}
	return writeJSON(t, c)
}

func writeJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// jssip opens a page registered as user.
func (r *rig) jssip(t *testing.T, user string) *peers.Page {
	t.Helper()
	p := r.chromium.Open(t, user)
	p.Register(r.URL, user, r.Domain, r.Password, nil)
	return p
}

// wantTone asserts that a recording holds hz for at least a second.
func wantTone(t *testing.T, file string, hz float64) {
	t.Helper()
	pcm, err := audio.ReadWAVFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := audio.MeasureTone(pcm); math.Abs(got.Frequency-hz) > hz*0.01 || got.Seconds < 1 {
		t.Errorf("%s (%.1f s): heard %v, want %v Hz", filepath.Base(file), float64(len(pcm))/audio.SampleRate, got, hz)
	}
}

func number(t *testing.T, o map[string]any, key string) float64 {
	t.Helper()
	v, ok := o[key].(float64)
	if !ok {
		t.Errorf("%s is %v in %v", key, o[key], o)
	}
	return v
}

func wantResult(t *testing.T, c *peers.Calla, exit int, want map[string]any) map[string]any {
	t.Helper()
	r, code := c.Result(30 * time.Second)
	if code != exit {
		t.Errorf("exit code %d, want %d: %v", code, exit, r)
	}
	for k, v := range want {
		if r[k] != v {
			t.Errorf("%s = %v, want %v in %v", k, r[k], v, r)
		}
	}
	return r
}

// waitRegistered waits until the program can be called.
func waitRegistered(t *testing.T, c *peers.Calla) {
	t.Helper()
	for c.WaitFor("account", 30*time.Second)["status"] != "registered" {
	}
}

// TestCallsWithJsSIP judges the built program against JsSIP in Chromium through Kamailio, by what is
// heard at either end.
func TestCallsWithJsSIP(t *testing.T) {
	r := &rig{Kamailio: peers.StartKamailio(t), chromium: peers.StartChromium(t)}
	for _, c := range []struct {
		name string
		run  func(*testing.T, *rig)
	}{
		{"CallOutIsHeardBothWays", callOut},
		{"CallInIsHeardBothWays", callIn},
		{"PCMUCarriesTheCall", callOutPCMU},
		{"DeclinedByJsSIP", declinedByJsSIP},
		{"BusyJsSIP", busyJsSIP},
		{"DeclinedByCalla", declinedByCalla},
		{"CancelledByCalla", cancelledByCalla},
		{"CancelledByJsSIP", cancelledByJsSIP},
		{"SecondCallIsBusy", secondCallIsBusy},
		{"DigitsToJsSIP", digitsToJsSIP},
		{"DigitsFromJsSIP", digitsFromJsSIP},
		{"MuteSilences", muteSilences},
		{"HeldByJsSIP", heldByJsSIP},
		{"UnknownUser", unknownUser},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r) })
	}
}

func callOut(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	heard := filepath.Join(t.TempDir(), "calla.wav")
	calla := peers.Run(t, nil, "call", "bob", "--config",
		r.config(t, "alice", map[string]any{"display_name": "Alice \"the\" Æ"}),
		"--tone", "440", "--record", heard, "--duration", "8s")
	in := bob.Wait("incoming", 30*time.Second)
	if in.Name != `Alice "the" Æ` || in.From != "sip:alice@"+r.Domain {
		t.Errorf("JsSIP sees the call from %q <%s>", in.Name, in.From)
	}
	bob.Do("answer", map[string]any{"hz": 1000})
	bob.WaitTone(440, 30*time.Second)
	if e := bob.Wait("ended", 30*time.Second); e.Cause != "Terminated" || e.Originator != "remote" {
		t.Errorf("JsSIP's call ended by %s with %s", e.Originator, e.Cause)
	}
	far := filepath.Join(t.TempDir(), "jssip.wav")
	bob.Record(far)
	wantTone(t, far, 440)
	got := wantResult(t, calla, 0, map[string]any{"ok": true, "codec": "opus", "encrypted": true, "lost": 0.0})
	if hz := number(t, got, "tone_hz"); math.Abs(hz-1000) > 10 {
		t.Errorf("Calla heard %v Hz", hz)
	}
	wantTone(t, heard, 1000)
}

func callIn(t *testing.T, r *rig) {
	heard := filepath.Join(t.TempDir(), "calla.wav")
	calla := peers.Run(t, nil, "answer", "--config", r.config(t, "carol", nil), "--tone", "1000", "--record", heard,
		"--wait", "120s")
	waitRegistered(t, calla)
	bob := r.jssip(t, "bob")
	bob.Do("call", map[string]any{"target": "sip:carol@" + r.Domain, "hz": 440})
	bob.Wait("confirmed", 30*time.Second)
	bob.WaitTone(1000, 30*time.Second)
	// Two more seconds of sound for the recording, told by its length.
	peers.Until(t, 30*time.Second, "two seconds of recording", func() bool {
		s, err := os.Stat(heard)
		return err == nil && s.Size() > 44+3*2*audio.SampleRate
	})
	bob.Do("hangup", nil)
	got := wantResult(t, calla, 0, map[string]any{"ok": true, "codec": "opus", "incoming": true})
	if hz := number(t, got, "tone_hz"); math.Abs(hz-440) > 5 {
		t.Errorf("Calla heard %v Hz", hz)
	}
	wantTone(t, heard, 440)
	far := filepath.Join(t.TempDir(), "jssip.wav")
	bob.Record(far)
	wantTone(t, far, 1000)
}

// callOutPCMU offers G.711 alone, as a machine without libopus does.
func callOutPCMU(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	calla := peers.Run(t, nil, "call", "bob", "--config", r.config(t, "alice", nil), "--codec", "pcmu", "--tone", "440")
	bob.Wait("incoming", 30*time.Second)
	bob.Do("answer", map[string]any{"hz": 1000})
	bob.WaitTone(440, 30*time.Second)
	pauseForSound()
	calla.Interrupt()
	got := wantResult(t, calla, 0, map[string]any{"ok": true, "codec": "PCMU"})
	if hz := number(t, got, "tone_hz"); math.Abs(hz-1000) > 10 {
		t.Errorf("Calla heard %v Hz", hz)
	}
}

func declinedByJsSIP(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	calla := peers.Run(t, nil, "call", "bob", "--config", r.config(t, "alice", nil))
	bob.Wait("incoming", 30*time.Second)
	bob.Do("decline", map[string]any{"code": 603})
	wantResult(t, calla, 5, map[string]any{"ok": false, "code": 603.0})
}

func busyJsSIP(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	calla := peers.Run(t, nil, "call", "bob", "--config", r.config(t, "alice", nil))
	bob.Wait("incoming", 30*time.Second)
	bob.Do("decline", map[string]any{"code": 486})
	got := wantResult(t, calla, 5, map[string]any{"ok": false, "code": 486.0})
	if words, _ := got["ended"].(string); !strings.Contains(strings.ToLower(words), "busy") {
		t.Errorf("ended in the words %q", words)
	}
}

func declinedByCalla(t *testing.T, r *rig) {
	calla := peers.Run(t, nil, "answer", "--decline", "--config", r.config(t, "carol", nil), "--wait", "120s")
	waitRegistered(t, calla)
	bob := r.jssip(t, "bob")
	bob.Do("call", map[string]any{"target": "sip:carol@" + r.Domain, "hz": 440})
	if e := bob.Wait("failed", 30*time.Second); e.Status != 603 {
		t.Errorf("JsSIP was refused with %d %s", e.Status, e.Cause)
	}
	wantResult(t, calla, 0, map[string]any{"established": false}) // declining is what it was told to do
}

func cancelledByCalla(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	calla := peers.Run(t, nil, "call", "bob", "--config", r.config(t, "alice", nil), "--ring", "1500ms")
	bob.Wait("incoming", 30*time.Second)
	if e := bob.Wait("failed", 30*time.Second); e.Cause != "Canceled" || e.Originator != "remote" {
		t.Errorf("JsSIP's call failed by %s with %s", e.Originator, e.Cause)
	}
	wantResult(t, calla, 5, map[string]any{"established": false})
}

func cancelledByJsSIP(t *testing.T, r *rig) {
	calla := peers.Run(t, nil, "answer", "--after", "60s", "--config", r.config(t, "carol", nil), "--wait", "120s")
	waitRegistered(t, calla)
	bob := r.jssip(t, "bob")
	bob.Do("call", map[string]any{"target": "sip:carol@" + r.Domain, "hz": 440})
	bob.Wait("progress", 30*time.Second)
	bob.Do("hangup", nil)
	calla.WaitFor("ended", 30*time.Second)
	wantResult(t, calla, 5, map[string]any{"established": false})
}

func secondCallIsBusy(t *testing.T, r *rig) {
	calla := peers.Run(t, nil, "answer", "--config", r.config(t, "carol", nil), "--wait", "120s", "--tone", "440")
	waitRegistered(t, calla)
	bob, dave := r.jssip(t, "bob"), r.jssip(t, "dave")
	bob.Do("call", map[string]any{"target": "sip:carol@" + r.Domain, "hz": 440})
	bob.Wait("confirmed", 30*time.Second)
	dave.Do("call", map[string]any{"target": "sip:carol@" + r.Domain, "hz": 440})
	if e := dave.Wait("failed", 30*time.Second); e.Status != 486 {
		t.Errorf("the second caller got %d %s", e.Status, e.Cause)
	}
	bob.WaitTone(440, 30*time.Second)
	bob.Do("hangup", nil)
	wantResult(t, calla, 0, map[string]any{"ok": true})
}

func digitsToJsSIP(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	heard := ""
	for try := 0; try < 3 && heard != "159#"; try++ { // a loaded machine may spoil what is heard
		calla := peers.Run(t, nil, "call", "bob", "--config", r.config(t, "alice", nil), "--dtmf",
			",159#") // 3 s after the answer
		bob.Wait("incoming", 30*time.Second)
		bob.Do("answer", map[string]any{"hz": 0})
		bob.Wait("track", 30*time.Second)
		heard = bob.Keys("159#", 15*time.Second)
		calla.Interrupt()
		wantResult(t, calla, 0, map[string]any{"ok": true, "dtmf_sent": "159#"})
	}
	if heard != "159#" {
		t.Errorf("JsSIP heard the digits %q", heard)
	}
}

func digitsFromJsSIP(t *testing.T, r *rig) {
	for _, transport := range []string{"RFC2833", "INFO"} {
		t.Run(transport, func(t *testing.T) {
			calla := peers.Run(t, nil, "answer", "--config", r.config(t, "carol", nil), "--wait", "120s", "--tone",
				"440")
			waitRegistered(t, calla)
			bob := r.jssip(t, "bob")
			bob.Do("call", map[string]any{"target": "sip:carol@" + r.Domain, "hz": 440})
			bob.Wait("confirmed", 30*time.Second)
			bob.WaitTone(440, 30*time.Second)
			bob.Do("dtmf", map[string]any{"tones": "1770*", "transport": transport})
			heard := ""
			peers.Until(t, 30*time.Second, "five digits", func() bool {
				heard += calla.WaitFor("dtmf", 30*time.Second)["digits"].(string)
				return len(heard) >= 5
			})
			bob.Do("hangup", nil)
			wantResult(t, calla, 0, map[string]any{"ok": true, "dtmf_received": "1770*"})
		})
	}
}

func muteSilences(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	calla := peers.Run(t, nil, "call", "bob", "--config", r.config(t, "alice", nil), "--tone", "440", "--mute-after",
		"8s")
	bob.Wait("incoming", 30*time.Second)
	bob.Do("answer", map[string]any{"hz": 1000})
	bob.WaitTone(440, 30*time.Second)
	bob.WaitTone(0, 30*time.Second)
	bob.Do("hangup", nil)
	wantResult(t, calla, 0, map[string]any{"ok": true})
}

func heldByJsSIP(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	calla := peers.Run(t, nil, "call", "bob", "--config", r.config(t, "alice", nil), "--tone", "440")
	bob.Wait("incoming", 30*time.Second)
	bob.Do("answer", map[string]any{"hz": 1000})
	bob.WaitTone(440, 30*time.Second)
	if got := string(bob.Do("hold", nil)); got != "true" {
		t.Fatalf("JsSIP's hold() says %s", got)
	}
	if held := calla.WaitFor("held", 30*time.Second)["held"]; held != true {
		t.Errorf("held = %v", held)
	}
	// JsSIP refuses until its own side of the re-INVITE is done.
	peers.Until(t, 30*time.Second, "JsSIP to resume", func() bool { return string(bob.Do("unhold", nil)) == "true" })
	if held := calla.WaitFor("held", 30*time.Second)["held"]; held != false {
		t.Errorf("held = %v", held)
	}
	bob.WaitTone(440, 30*time.Second)
	bob.Do("hangup", nil)
	wantResult(t, calla, 0, map[string]any{"ok": true})
}

func unknownUser(t *testing.T, r *rig) {
	calla := peers.Run(t, nil, "call", "nobody", "--config", r.config(t, "alice", nil))
	got := wantResult(t, calla, 5, map[string]any{"ok": false, "code": 404.0})
	if words, _ := got["ended"].(string); words == "" || strings.Contains(words, "null") {
		t.Errorf("ended in the words %q", words)
	}
}
