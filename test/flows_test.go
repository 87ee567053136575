package test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calla/audio"
	"calla/test/peers"
)

// TestFlowsWithJsSIP judges what happens inside calls, and beside them, against JsSIP in Chromium and SIP over
// Kamailio.
func TestFlowsWithJsSIP(t *testing.T) {
	r := &rig{Kamailio: peers.StartKamailio(t), chromium: peers.StartChromium(t)}
	for _, c := range []struct {
		name string
		run  func(*testing.T, *rig)
	}{
		{"EarlyMediaIsHeardBeforeTheAnswer", earlyMedia},
		{"CancelledDuringEarlyMedia", cancelDuringEarlyMedia},
		{"ForkedCallIsAnsweredByOne", forkedCall},
		{"JsSIPOffersAnew", jssipOffersAnew},
		{"SessionRefreshedByJsSIP", sessionRefreshedByJsSIP},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r) })
	}
}

// earlyMedia: an announcement is heard before the call is answered, and goes on after.
func earlyMedia(t *testing.T, r *rig) {
	callee := peers.StartAnnouncer(t, r.Kamailio, "news", 440)
	heard := filepath.Join(t.TempDir(), "calla.wav")
	calla := peers.Run(t, nil, "call", "news", "--config", r.config(t, "alice", nil), "--codec", "PCMU",
		"--tone", "1000", "--record", heard, "--duration", "2s")
	wantEnd(t, callee.Playing, "the announcement to play")
	waitRecorded(t, heard, 1)
	callee.Answer()
	wantEnd(t, callee.Ended, "the call to end")
	got := wantResult(t, calla, 0, map[string]any{"ok": true, "codec": "PCMU", "lost": 0.0})
	if hz := number(t, got, "tone_hz"); math.Abs(hz-440) > 5 {
		t.Errorf("Calla heard %v Hz", hz)
	}
	wantTone(t, heard, 440)
}

// cancelDuringEarlyMedia: hanging up while the announcement plays cancels the call.
func cancelDuringEarlyMedia(t *testing.T, r *rig) {
	callee := peers.StartAnnouncer(t, r.Kamailio, "weather", 440)
	calla := peers.Run(t, nil, "call", "weather", "--config", r.config(t, "alice", nil), "--codec", "PCMU")
	wantEnd(t, callee.Playing, "the announcement to play")
	calla.Interrupt()
	wantEnd(t, callee.Ended, "CANCEL to come")
	wantResult(t, calla, 5, map[string]any{"established": false})
}

// forkedCall: two phones of one user ring; one answers, the other stops.
func forkedCall(t *testing.T, r *rig) {
	desk, mobile := r.chromium.Open(t, "desk"), r.chromium.Open(t, "mobile")
	desk.Register(r.URL, "bob", r.Domain, r.Password, nil)
	mobile.Register(r.URL, "bob", r.Domain, r.Password, nil)
	calla := peers.Run(t, nil, "call", "bob", "--config", r.config(t, "alice", nil), "--tone", "440")
	desk.Wait("incoming", 30*time.Second)
	mobile.Wait("incoming", 30*time.Second)
	mobile.Do("answer", map[string]any{"hz": 1000})
	if e := desk.Wait("failed", 30*time.Second); e.Originator != "remote" || e.Cause != "Canceled" {
		t.Errorf("the phone that was not taken ended by %s with %s", e.Originator, e.Cause)
	}
	mobile.WaitTone(440, 30*time.Second)
	pauseForSound()
	calla.Interrupt()
	mobile.Wait("ended", 30*time.Second)
	got := wantResult(t, calla, 0, map[string]any{"ok": true})
	if hz := number(t, got, "tone_hz"); math.Abs(hz-1000) > 10 {
		t.Errorf("Calla heard %v Hz", hz)
	}
}

// jssipOffersAnew: a re-INVITE and an UPDATE of JsSIP, and one with new ICE credentials, leave the sound as it was.
func jssipOffersAnew(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	calla := peers.Run(t, nil, "call", "bob", "--config", r.config(t, "alice", nil), "--tone", "440")
	bob.Wait("incoming", 30*time.Second)
	bob.Do("answer", map[string]any{"hz": 1000})
	bob.WaitTone(440, 30*time.Second)
	for _, offer := range []map[string]any{
		{"useUpdate": false},
		{"useUpdate": true},
		{"useUpdate": false, "iceRestart": true},
		{"useUpdate": true, "iceRestart": true},
	} {
		peers.Until(t, 30*time.Second, "JsSIP to be ready",
			func() bool { return string(bob.Do("renegotiate", offer)) == "true" })
		bob.Wait("renegotiated", 30*time.Second)
		bob.WaitTone(440, 30*time.Second)
	}
	bob.Do("hangup", nil)
	got := wantResult(t, calla, 0, map[string]any{"ok": true})
	if hz := number(t, got, "tone_hz"); math.Abs(hz-1000) > 10 {
		t.Errorf("Calla heard %v Hz", hz)
	}
}

// sessionRefreshedByJsSIP: JsSIP refreshes its calls at 45 s, by UPDATE or re-INVITE, and ends one whose refresh
// fails.
func sessionRefreshedByJsSIP(t *testing.T, r *rig) {
	calla := peers.Run(t, nil, "answer", "--config", r.config(t, "carol", nil), "--wait", "120s", "--tone", "440",
		"--trace")
	byInvite := peers.Run(t, nil, "answer", "--config", r.config(t, "dora", nil), "--wait", "120s", "--tone", "440",
		"--trace")
	waitRegistered(t, calla)
	waitRegistered(t, byInvite)
	bob, eve := r.chromium.Open(t, "bob"), r.chromium.Open(t, "eve")
	bob.Register(r.URL, "bob", r.Domain, r.Password, map[string]any{"session_timers": true})
	eve.Register(r.URL, "eve", r.Domain, r.Password,
		map[string]any{"session_timers": true, "session_timers_refresh_method": "INVITE"})
	bob.Do("call", map[string]any{"target": "sip:carol@" + r.Domain, "hz": 1000})
	eve.Do("call", map[string]any{"target": "sip:dora@" + r.Domain, "hz": 1000})
	bob.Wait("confirmed", 30*time.Second)
	eve.Wait("confirmed", 30*time.Second)
	for _, c := range []struct {
		calla  *peers.Calla
		page   *peers.Page
		method string
		seen   int // requests of that method, the one that makes the call among them
	}{{calla, bob, "UPDATE", 1}, {byInvite, eve, "INVITE", 2}} {
		peers.Until(t, 60*time.Second, c.method+" that refreshes", func() bool {
			return strings.Count(c.calla.Output.String(), c.method+" sip:") >= c.seen
		})
		c.page.WaitTone(440, 30*time.Second)
		c.page.Do("hangup", nil)
		wantResult(t, c.calla, 0, map[string]any{"ok": true})
	}
}

// waitRecorded waits until a recording is that many seconds long.
func waitRecorded(t *testing.T, file string, seconds int) {
	t.Helper()
	peers.Until(t, 30*time.Second, "a recording of some length", func() bool {
		s, err := os.Stat(file)
		return err == nil && s.Size() > int64(44+seconds*2*audio.SampleRate)
	})
}

// wantEnd waits until done is closed.
func wantEnd(t *testing.T, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatalf("waited in vain for %s", what)
	}
}
