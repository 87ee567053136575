package faults

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"calla/test/peers"
)

// role is what the phone whose network changes is in the call.
type role string

const (
	caller role = "as the caller"
	callee role = "as the callee"
	onHold role = "on hold"
)

// blow is what happens to a network.
type blow struct {
	name  string
	away  time.Duration // for which there is none
	takes time.Duration // until it is well
	do    func(n *peers.Network)
	limit time.Duration // of what is silent beyond that
}

// before is how long the two talk before something happens, and apart how long after it the call is resumed.
const (
	before = 2 * time.Second
	apart  = 4 * time.Second
)

// moving is a call between a phone whose network changes, near, and a far end: each sends a tone and records what it
// hears.
type moving struct {
	t     *testing.T
	s     *scene
	near  *peers.Calla
	heard string        // file
	held  time.Duration // from 1 s after the beginning on
	began time.Time
}

// talk has the two talk over link 1.
func (s *scene) talk(t *testing.T, as role, held time.Duration) *moving {
	t.Helper()
	s.net.Reset()
	s.calls++
	user := near(s.calls)
	m := &moving{t: t, s: s, heard: filepath.Join(t.TempDir(), "near.wav"), held: held}
	args := []string{"--config", s.config(t, user), "--tone", "440", "--record", m.heard, "--ladder"}
	if held > 0 {
		args = append(args, "--hold-after", "1s", "--hold-for", held.String())
	}
	s.far.ready(t, user, as == callee)
	if as == callee {
		m.near = peers.RunAt(t, s.net.Near, nil, append([]string{"answer"}, args...)...)
		waitAccount(m.near, "registered")
	} else {
		m.near = peers.RunAt(t, s.net.Near, nil, append([]string{"call", "far"}, args...)...)
	}
	s.far.call()
	waitCall(m.near, "established")
	m.began = time.Now()
	s.far.established()
	return m
}

func waitAccount(c *peers.Calla, status string) {
	for c.WaitFor("account", patience)["status"] != status {
	}
}

func waitCall(c *peers.Calla, phase string) {
	for c.WaitFor("call", patience)["phase"] != phase {
	}
}

// hang has the near phone hang up, and returns the longest silence that either end heard before that and after it
// first heard the other. What is concealed counts as heard.
func (m *moving) hang() time.Duration {
	m.t.Helper()
	m.near.Signal(syscall.SIGINT)
	hung := time.Now()
	if r, code := m.near.Result(patience); code != 0 && code != 7 {
		m.t.Errorf("ended with %d: %v", code, r)
	}
	atFar, farEnd := m.s.far.silence()
	atNear, nearEnd := silenceIn(m.t, m.heard)
	m.t.Logf("silent for %v at the near end, %v at the far end", atNear, atFar)
	ending := 3*time.Second + time.Since(hung) // as long as near took to end, nothing need have come
	for name, end := range map[string]time.Duration{"near": nearEnd, "far": farEnd} {
		if end > ending { // less may be the end itself
			m.t.Errorf("the %s end is silent for the last %v", name, end)
		}
	}
	return max(atNear, atFar)
}

// survives does to the network of a call what is to be done, waits until the two hear each other again, and returns
// how long either was silent beyond what it had to be.
func (s *scene) survives(t *testing.T, as role, b blow) time.Duration {
	t.Helper()
	held := time.Duration(0)
	if as == onHold {
		held = before + b.takes + apart - time.Second
	}
	m := s.talk(t, as, held)
	time.Sleep(time.Until(m.began.Add(before)))
	b.do(s.net)
	if as == onHold {
		time.Sleep(time.Until(m.began.Add(time.Second + held)))
	}
	time.Sleep(1500 * time.Millisecond) // what a recording has may be a second old
	peers.Until(t, patience, "near to hear", func() bool { return loud(m.heard) })
	peers.Until(t, patience, "the far end to hear", s.far.hears)
	time.Sleep(time.Second)
	if as == onHold {
		return max(0, m.hang()-held)
	}
	return max(0, m.hang()-b.away)
}

// cell is a fault of the network in a call with one far end.
func cell(t *testing.T, name string, as role, far string, b blow, quick bool) {
	t.Helper()
	var s *scene
	required := fmt.Sprintf("heard both ways %v after it is back; the call stays", b.limit)
	if as == onHold {
		required = fmt.Sprintf("heard both ways %v after the resuming", b.limit)
	}
	fault{
		name: name, done: fmt.Sprintf("%s, %s, with %s", b.name, as, far), required: required,
		figure: "the longest silence at either end, without what cannot be otherwise", limit: b.limit, quick: 1,
		long: !quick, beside: true, prepare: func(t *testing.T) { s = startScene(t, far) },
	}.try(t, func(t *testing.T) time.Duration { return s.survives(t, as, b) })
}

// TestF09MakeBeforeBreak: a second network is there before the first one goes.
//
// Holds: faults
func TestF09MakeBeforeBreak(t *testing.T) {
	t.Parallel()
	another := blow{
		name:  "another network, and 2 s later the first one goes",
		takes: 2 * time.Second, limit: 300 * time.Millisecond,
		do: func(n *peers.Network) {
			n.Link(2)
			time.Sleep(2 * time.Second)
			n.Unlink(1)
		},
	}
	for _, as := range []role{caller, callee, onHold} {
		for _, far := range []string{withKeeper, withEngine, withBrowser} {
			cell(t, "F09", as, far, another, as == caller && far == withKeeper)
		}
	}
}

// TestF10BreakBeforeMake: the network goes, and is back another, or the same.
//
// Holds: faults
// Holds: sound-returns
func TestF10BreakBeforeMake(t *testing.T) {
	t.Parallel()
	for i, b := range []blow{
		{"the network goes, and another is there 1 s later", time.Second, time.Second, func(n *peers.Network) {
			n.Unlink(1)
			time.Sleep(time.Second)
			n.Link(2)
		}, 2 * time.Second},
		{"another address", 0, 0, func(n *peers.Network) { n.Readdress(1, 77) }, 2 * time.Second},
		{"the link down for 2 s, its address kept", 2 * time.Second, 2 * time.Second, func(n *peers.Network) {
			n.Down(1)
			time.Sleep(2 * time.Second)
			n.Up(1)
		}, 2500 * time.Millisecond},
	} {
		for j, as := range []role{caller, callee, onHold} {
			for k, far := range []string{withKeeper, withEngine, withBrowser} {
				cell(t, "F10", as, far, b, i == j && k == (i+1)%3)
			}
		}
	}
}

// TestF11TheMediaPathDies while signalling goes on.
//
// Holds: faults
// Holds: sound-returns
func TestF11TheMediaPathDies(t *testing.T) {
	t.Parallel()
	for _, away := range []time.Duration{1, 5, 12, 20, 40} {
		away *= time.Second
		limit := time.Second
		if away > 30*time.Second { // the far end's ICE may have failed for good, and takes the next restart
			limit = 11 * time.Second
		}
		b := blow{
			fmt.Sprintf("no UDP for %v", away), away, away, func(n *peers.Network) {
				n.Drop("meta l4proto udp")
				time.Sleep(away)
				n.Heal()
			}, limit,
		}
		for _, as := range []role{caller, callee, onHold} {
			for _, far := range []string{withKeeper, withEngine, withBrowser} {
				// JsSIP ends a call by itself once Chromium has given a path up, after some 30 s.
				kept := far != withBrowser || away < 30*time.Second
				if kept && (away == 12*time.Second || as == caller) {
					cell(t, "F11", as, far, b, away == time.Second && far == withKeeper)
				}
			}
		}
	}
}
