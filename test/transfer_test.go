package test

import (
	"math"
	"testing"
	"time"

	"calla/test/peers"
)

// TestTransfersWithJsSIP judges hold, both kinds of transfer with the program in each of the three parts, and
// messages, against JsSIP in Chromium over Kamailio.
func TestTransfersWithJsSIP(t *testing.T) {
	r := &rig{Kamailio: peers.StartKamailio(t), chromium: peers.StartChromium(t)}
	for _, c := range []struct {
		name string
		run  func(*testing.T, *rig)
	}{
		{"HeldByCalla", heldByCalla},
		{"HeldFromBothSides", heldFromBothSides},
		{"BlindTransferByCalla", blindByCalla},
		{"BlindTransferOfCalla", blindOfCalla},
		{"BlindTransferToCalla", blindToCalla},
		{"AttendedTransferByCalla", attendedByCalla},
		{"AttendedTransferOfCalla", attendedOfCalla},
		{"AttendedTransferToCalla", attendedToCalla},
		{"TransferRefusedByCalla", transferRefusedByCalla},
		{"TransferRefusedByJsSIP", transferRefusedByJsSIP},
		{"MessageToJsSIP", messageToJsSIP},
		{"MessageFromJsSIP", messageFromJsSIP},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r) })
	}
}

// answered calls who by the built program and has JsSIP answer with hz.
func (r *rig) answered(t *testing.T, page *peers.Page, who string, hz float64, more ...string) *peers.Calla {
	t.Helper()
	calla := r.taken(t, page, who, hz, more...)
	page.WaitTone(440, 30*time.Second)
	return calla
}

// taken is answered for a call that may be over before anything is heard.
func (r *rig) taken(t *testing.T, page *peers.Page, who string, hz float64, more ...string) *peers.Calla {
	t.Helper()
	calla := peers.Run(t, nil, append([]string{"call", who, "--config", r.config(t, "alice", nil), "--tone", "440"},
		more...)...)
	page.Wait("incoming", 30*time.Second)
	page.Do("answer", map[string]any{"hz": hz})
	return calla
}

// callee runs the built program as user, which answers every call with a tone of 440 Hz.
func (r *rig) callee(t *testing.T, user string, more ...string) *peers.Calla {
	t.Helper()
	calla := peers.Run(t, nil, append([]string{
		"answer", "--config", r.config(t, user, nil), "--wait", "120s", "--tone",
		"440",
	}, more...)...)
	waitRegistered(t, calla)
	return calla
}

// wantHeard asserts on the strongest tone of the program's last call.
func wantHeard(t *testing.T, result map[string]any, hz float64) {
	t.Helper()
	if got := number(t, result, "tone_hz"); math.Abs(got-hz) > hz*0.01 {
		t.Errorf("Calla heard %v Hz, want %v", got, hz)
	}
}

func heldByCalla(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	calla := r.answered(t, bob, "bob", 1000, "--hold-after", "6s", "--hold-for", "6s")
	if e := bob.Wait("hold", 30*time.Second); e.Originator != "remote" {
		t.Errorf("JsSIP is held by %s", e.Originator)
	}
	bob.WaitTone(0, 30*time.Second)
	if e := bob.Wait("unhold", 30*time.Second); e.Originator != "remote" {
		t.Errorf("JsSIP is resumed by %s", e.Originator)
	}
	bob.WaitTone(440, 30*time.Second)
	bob.Do("hangup", nil)
	wantResult(t, calla, 0, map[string]any{"ok": true})
}

// heldFromBothSides: each end holds and resumes by its own wish, and hears that of the other. When Calla resumes it
// offers sound both ways (RFC 6337 section 5.1), and JsSIP, which puts its own hold into offers alone, answers the same
// though it holds still: the call is no longer held by it.
func heldFromBothSides(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	calla := r.answered(t, bob, "bob", 1000, "--hold-after", "6s", "--hold-for", "8s")
	bob.Wait("hold", 30*time.Second)
	bob.WaitTone(0, 30*time.Second)
	peers.Until(t, 30*time.Second, "JsSIP to hold too", func() bool { return string(bob.Do("hold", nil)) == "true" })
	if held := calla.WaitFor("held", 30*time.Second)["held"]; held != true {
		t.Errorf("held = %v", held)
	}
	bob.Wait("unhold", 30*time.Second)
	if held := calla.WaitFor("held", 30*time.Second)["held"]; held != false {
		t.Errorf("held = %v", held)
	}
	bob.WaitTone(440, 30*time.Second)
	peers.Until(t, 30*time.Second, "JsSIP to resume", func() bool { return string(bob.Do("unhold", nil)) == "true" })
	bob.WaitTone(440, 30*time.Second)
	bob.Do("hangup", nil)
	wantResult(t, calla, 0, map[string]any{"ok": true})
}

func blindByCalla(t *testing.T, r *rig) {
	bob, carol := r.jssip(t, "bob"), r.jssip(t, "carol")
	calla := r.answered(t, bob, "bob", 1000, "--transfer-to", "carol")
	if e := bob.Wait("refer", 30*time.Second); e.Target != "sip:carol@"+r.Domain {
		t.Errorf("JsSIP is to call %s", e.Target)
	}
	if e := carol.Wait("incoming", 30*time.Second); e.From != "sip:bob@"+r.Domain {
		t.Errorf("carol is called by %s", e.From)
	}
	carol.Do("answer", map[string]any{"hz": 700})
	carol.WaitTone(1000, 30*time.Second)
	bob.WaitTone(700, 30*time.Second)
	wantResult(t, calla, 0, map[string]any{"ok": true, "transferred": true})
}

func blindOfCalla(t *testing.T, r *rig) {
	bob, carol := r.jssip(t, "bob"), r.jssip(t, "carol")
	calla := r.answered(t, bob, "bob", 1000, "--answer-transfer", "yes")
	bob.Do("refer", map[string]any{"target": "sip:carol@" + r.Domain})
	bob.Wait("referTaken", 30*time.Second)
	if e := carol.Wait("incoming", 30*time.Second); e.From != "sip:alice@"+r.Domain {
		t.Errorf("carol is called by %s", e.From)
	}
	carol.Do("answer", map[string]any{"hz": 700})
	bob.Wait("referAccepted", 30*time.Second)
	bob.Do("hangup", nil) // JsSIP leaves that to its program
	carol.WaitTone(440, 30*time.Second)
	pauseForSound()
	carol.Do("hangup", nil)
	wantHeard(t, wantResult(t, calla, 0, map[string]any{"ok": true}), 700)
}

func blindToCalla(t *testing.T, r *rig) {
	bob, dave := r.jssip(t, "bob"), r.jssip(t, "dave")
	calla := r.callee(t, "carol")
	r.pages(t, bob, dave, "dave")
	bob.Do("refer", map[string]any{"target": "sip:carol@" + r.Domain})
	bob.Wait("referAccepted", 30*time.Second)
	dave.WaitTone(440, 30*time.Second)
	pauseForSound()
	dave.Do("hangup", nil)
	wantHeard(t, wantResult(t, calla, 0, map[string]any{"ok": true, "address": "dave"}), 1000)
}

// pages has two pages in a call with each other: the callee speaks 1000 Hz.
func (r *rig) pages(t *testing.T, caller, callee *peers.Page, name string) {
	t.Helper()
	caller.Do("call", map[string]any{"target": "sip:" + name + "@" + r.Domain, "hz": 600})
	callee.Wait("incoming", 30*time.Second)
	callee.Do("answer", map[string]any{"hz": 1000})
	caller.Wait("confirmed", 30*time.Second)
	caller.WaitTone(1000, 30*time.Second)
}

func attendedByCalla(t *testing.T, r *rig) {
	bob, carol := r.jssip(t, "bob"), r.jssip(t, "carol")
	calla := r.answered(t, bob, "bob", 1000, "--ask-first", "carol", "--ask-for", "6s")
	bob.Wait("hold", 30*time.Second)
	carol.Wait("incoming", 30*time.Second)
	carol.Do("answer", map[string]any{"hz": 700})
	carol.WaitTone(440, 30*time.Second)
	bob.Wait("refer", 30*time.Second)
	carol.Wait("replaces", 30*time.Second)
	carol.WaitTone(1000, 30*time.Second)
	bob.WaitTone(700, 30*time.Second)
	wantResult(t, calla, 0, map[string]any{"ok": true, "transferred": true})
}

func attendedOfCalla(t *testing.T, r *rig) {
	bob, carol := r.jssip(t, "bob"), r.jssip(t, "carol")
	calla := r.answered(t, bob, "bob", 1000, "--answer-transfer", "yes")
	r.pages(t, bob, carol, "carol")
	bob.Do("select", map[string]any{"index": 0})
	bob.Do("refer", map[string]any{"index": 1})
	carol.Wait("replaces", 30*time.Second)
	bob.Wait("referAccepted", 30*time.Second)
	bob.Do("hangup", nil)
	carol.WaitTone(440, 30*time.Second)
	pauseForSound()
	carol.Do("hangup", nil)
	wantHeard(t, wantResult(t, calla, 0, map[string]any{"ok": true}), 1000)
}

func attendedToCalla(t *testing.T, r *rig) {
	bob, dave := r.jssip(t, "bob"), r.jssip(t, "dave")
	calla := r.callee(t, "carol")
	r.pages(t, bob, dave, "dave")
	bob.Do("call", map[string]any{"target": "sip:carol@" + r.Domain, "hz": 600})
	bob.Wait("confirmed", 30*time.Second)
	bob.WaitTone(440, 30*time.Second)
	bob.Do("select", map[string]any{"index": 0})
	bob.Do("refer", map[string]any{"index": 1})
	bob.Wait("referAccepted", 30*time.Second)
	dave.WaitTone(440, 30*time.Second)
	pauseForSound()
	dave.Do("hangup", nil)
	wantResult(t, calla, 0, map[string]any{"ok": true, "address": "dave"})
}

func transferRefusedByCalla(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	calla := r.answered(t, bob, "bob", 1000)
	bob.Do("refer", map[string]any{"target": "sip:carol@" + r.Domain})
	bob.Wait("referFailed", 30*time.Second)
	bob.WaitTone(440, 30*time.Second)
	bob.Do("hangup", nil)
	wantResult(t, calla, 0, map[string]any{"ok": true})
}

func transferRefusedByJsSIP(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	bob.Do("refuseTransfers", nil)
	calla := r.taken(t, bob, "bob", 1000, "--transfer-to", "carol")
	bob.Wait("refer", 30*time.Second)
	wantResult(t, calla, 5, map[string]any{"ok": false, "transferred": false, "established": true})
}

func messageToJsSIP(t *testing.T, r *rig) {
	bob := r.jssip(t, "bob")
	const text = "Grüße <b>&\nzwei Zeilen ☎"
	calla := peers.Run(t, nil, "message", "send", "bob", text, "--config", r.config(t, "alice", nil))
	if e := bob.Wait("message", 30*time.Second); e.Text != text || e.From != "sip:alice@"+r.Domain {
		t.Errorf("JsSIP got %q from %s", e.Text, e.From)
	}
	wantResult(t, calla, 0, map[string]any{"ok": true})
}

func messageFromJsSIP(t *testing.T, r *rig) {
	calla := peers.Run(t, nil, "message", "wait", "--config", r.config(t, "carol", nil), "--wait", "120s")
	waitRegistered(t, calla)
	bob := r.jssip(t, "bob")
	const text = "Grüße <b>&\nzwei Zeilen ☎"
	bob.Do("message", map[string]any{"target": "sip:carol@" + r.Domain, "text": text})
	bob.Wait("messageSent", 30*time.Second)
	if m := calla.WaitFor("message", 30*time.Second); m["text"] != text || m["address"] != "bob" {
		t.Errorf("the message is %v", m)
	}
	wantResult(t, calla, 0, map[string]any{"ok": true})
}

// pauseForSound lets a tone be heard for long enough to be measured.
func pauseForSound() { time.Sleep(2 * time.Second) }
