package faults

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calla/test/peers"
)

// relayed is a call whose sound goes over a TURN server only, at one end or both: each sends a tone and records what it
// hears.
type relayed struct {
	t           *testing.T
	server      *server
	turn        *peers.TURN
	alice, bob  *peers.Calla
	heard       [2]string // files of alice and bob
	established time.Time
}

// relaying are the ends that have no other way than the relay.
type relaying struct {
	transport string // "" or "?transport=tcp"
	both      bool
	called    bool // alice, who has no other way, is called
}

// talkOver has alice and bob talk over a coturn with more arguments of its command line.
func talkOver(t *testing.T, over relaying, more ...string) *relayed {
	t.Helper()
	r := &relayed{t: t, server: startServer(t, "127.0.0.1:0"), turn: peers.StartTURN(t, peers.Loopback(), more...)}
	only := map[string]any{
		"turn_servers": map[string]any{
			"urls": "turn:" + r.turn.Address + over.transport, "username": "u", "credential": "p",
		},
		"calla": map[string]any{"ice_transport_policy": "relay"},
	}
	dir := t.TempDir()
	r.heard = [2]string{filepath.Join(dir, "alice.wav"), filepath.Join(dir, "bob.wav")}
	near := []string{"--config", r.server.config(t, "alice", only), "--tone", "440", "--record", r.heard[0], "--ladder"}
	if !over.both {
		only = nil
	}
	far := []string{"--config", r.server.config(t, "bob", only), "--tone", "1000", "--record", r.heard[1]}
	if over.called {
		r.alice = peers.Run(t, nil, append([]string{"answer"}, near...)...)
		r.server.registered(t, "alice", true)
		r.bob = peers.Run(t, nil, append([]string{"call", "alice"}, far...)...)
	} else {
		r.bob = peers.Run(t, nil, append([]string{"answer"}, far...)...)
		r.server.registered(t, "bob", true)
		r.alice = peers.Run(t, nil, append([]string{"call", "bob"}, near...)...)
	}
	waitCall(r.alice, "established")
	waitCall(r.bob, "established")
	peers.Until(t, patience, "sound", r.sounds)
	r.established = time.Now()
	return r
}

// sounds tells whether both hear each other, as of the last second.
func (r *relayed) sounds() bool { return loud(r.heard[0]) && loud(r.heard[1]) }

// hang ends the call, and returns the longest silence at either end.
func (r *relayed) hang() time.Duration {
	r.t.Helper()
	r.alice.Interrupt()
	hung := time.Now()
	r.bob.WaitFor("ended", patience)
	if res, code := r.alice.Result(patience); code != 0 && code != 7 {
		r.t.Errorf("ended with %d: %v", code, res)
	}
	r.bob.Result(patience)
	atAlice, aliceEnd := silenceIn(r.t, r.heard[0])
	atBob, bobEnd := silenceIn(r.t, r.heard[1])
	if ending := 3*time.Second + time.Since(hung); aliceEnd > ending || bobEnd > ending {
		r.t.Errorf("silent for the last %v and %v", aliceEnd, bobEnd)
	}
	r.t.Logf("silent for %v at the relayed end, %v at the other", atAlice, atBob)
	return max(atAlice, atBob)
}

// TestF24TheRelay is lost or asks for more in a call that has no other way.
//
// Holds: faults
// Holds: sound-returns
// Holds: relay-only
func TestF24TheRelay(t *testing.T) {
	for _, v := range []struct {
		name string
		over relaying
		away time.Duration
	}{
		{"over UDP", relaying{}, 0},
		{"over UDP, called", relaying{called: true}, 0},
		{"over UDP, both ends", relaying{both: true}, 0},
		{"over UDP, away for 2 s", relaying{}, 2 * time.Second},
		{"over TCP", relaying{transport: "?transport=tcp"}, 0},
		{"over TCP, away for 2 s", relaying{transport: "?transport=tcp"}, 2 * time.Second},
	} {
		fault{
			name: "F24", done: "coturn is killed and started again, in a call over it only: " + v.name,
			required: "sound is back within 5 s of its return, by an ICE restart",
			figure:   "silent beyond that it was away", limit: 5 * time.Second, quick: 1, beside: true,
		}.try(t, func(t *testing.T) time.Duration {
			r := talkOver(t, v.over)
			time.Sleep(time.Until(r.established.Add(before)))
			began := time.Now()
			r.turn.Kill()
			time.Sleep(v.away)
			r.turn.Restart()
			away := time.Since(began)
			time.Sleep(2 * time.Second) // what a recording has may be a second old
			peers.Until(t, patience, "sound again", r.sounds)
			if silent := r.hang() - away; silent > 0 {
				return silent
			}
			return 0
		})
	}
	const silently = "10 s: a relay that drops without a word is noticed as any path is, after 5 s, and left 3 s later"
	for _, v := range []struct {
		name    string
		over    relaying
		args    string
		said    string // by coturn, at least twice
		limit   time.Duration
		missing string
	}{
		{
			"the nonce lives for 2 s, the allocation for 8 s",
			relaying{},
			"--stale-nonce=2 --max-allocate-lifetime=8", "Stale nonce", time.Second, "",
		},
		{
			"the nonce lives for 2 s, the allocation for 8 s, over TCP",
			relaying{transport: "?transport=tcp"},
			"--stale-nonce=2 --max-allocate-lifetime=8", "Stale nonce", time.Second, "",
		},
		{
			"the nonce lives for 1 s, both ends",
			relaying{both: true},
			"--stale-nonce=1 --max-allocate-lifetime=8", "Stale nonce", time.Second, "",
		},
		{
			"the allocation lives for 6 s, and is refreshed",
			relaying{called: true},
			"--max-allocate-lifetime=6", "refreshed", time.Second, "",
		},
		{
			"the server drops permissions and channels after 4 s",
			relaying{},
			"--permission-lifetime=4 --channel-lifetime=4", "CREATE_PERMISSION", 12 * time.Second, silently,
		},
	} {
		fault{
			name: "F24", done: "in a call over coturn only, " + v.name,
			required: "sound is heard all the time, but for 5 s where the relay itself is lost",
			figure:   "the longest silence", limit: v.limit, quick: 1, beside: true, missing: v.missing,
		}.try(t, func(t *testing.T) time.Duration {
			r := talkOver(t, v.over, strings.Fields(v.args)...)
			time.Sleep(time.Until(r.established.Add(15 * time.Second)))
			if n := strings.Count(r.turn.Output.String(), v.said); n < 2 {
				t.Errorf("coturn said %q %d times: %s", v.said, n, r.turn.Output)
			}
			// The server takes the way away again and again: the call is not ended in the middle of that.
			peers.Until(t, patience, "sound", r.sounds)
			return r.hang()
		})
	}
}
