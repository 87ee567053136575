package phone

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sandbox"
	"calla/phone/cause"
)

// away keeps a user, "" for all, from the server for a while.
func (w *world) away(user string, d time.Duration) {
	w.server.Faults().OnConnect(-1, sandbox.ConnectFault{Refuse: true})
	w.server.Faults().Cut(user)
	time.Sleep(d)
	w.server.Faults().Clear()
}

// cutOff waits until a call of the phone is shown as cut off while it rings.
func (p *testPhone) cutOff(want cause.Kind) {
	p.t.Helper()
	p.until("told that it reconnects", func(s State) bool {
		return len(s.Calls) == 1 && s.Calls[0].Problem != nil && s.Calls[0].Problem.Kind == want
	})
}

// A connection that is lost while it rings is told at once, and the call never rings for ever: it ends for who cannot
// have it any more, with what really happened.
//
// Holds: call-found-again
func TestConnectionLostWhileItRings(t *testing.T) {
	for _, c := range []struct {
		name       string
		who        string        // loses it
		away       time.Duration // for so long
		shows      cause.Kind    // meanwhile
		alice, bob cause.Kind    // at the end; "" = it is talked
	}{
		{"the caller, for a second", "alice", time.Second, cause.SearchingCall, cause.LostWhileRinging, cause.Missed},
		{"the caller, for a minute", "alice", time.Minute, cause.SearchingCall, cause.LostWhileRinging, cause.Missed},
		{"the callee, for a second", "bob", time.Second, cause.AnswerLater, cause.NotReachedJustNow, cause.Missed},
		{"both, for a second", "", time.Second, cause.SearchingCall, "", ""},
		{"both, for 20 seconds", "", 20 * time.Second, cause.SearchingCall, "", ""},
		{"both, for a minute", "", 70 * time.Second, cause.SearchingCall, cause.LostWhileRinging, cause.Missed},
	} {
		t.Run(c.name, func(t *testing.T) {
			long(t, c.away)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				time.Sleep(2 * time.Minute)
				alice.Dial("", "bob")
				call := bob.phase(PhaseIncoming)
				alice.phase(PhaseRinging)
				gone := make(chan struct{})
				go func() {
					w.away(c.who, c.away)
					close(gone)
				}()
				if c.shows == cause.AnswerLater {
					bob.cutOff(c.shows)
				} else {
					alice.cutOff(c.shows)
				}
				<-gone
				if c.alice == "" {
					alice.until("found", func(s State) bool { return len(s.Calls) == 1 && s.Calls[0].Problem == nil })
					bob.Answer(call.ID)
					bob.phase(PhaseEstablished)
					alice.phase(PhaseEstablished)
					alice.HangUp(alice.State().Calls[0].ID)
					c.alice, c.bob = cause.HungUpHere, cause.HungUpThere
				}
				if e := alice.end(); e.Cause.Kind != c.alice {
					t.Errorf("alice: %+v", e.Cause)
				}
				if e := bob.end(); e.Cause.Kind != c.bob {
					t.Errorf("bob: %+v", e.Cause)
				}
			})
		})
	}
}

// Who hangs up or declines while the connection is gone is done at once, and the other side hears of it.
//
// Holds: call-found-again
func TestWhatIsDecidedWithoutAConnectionIsDone(t *testing.T) {
	for _, c := range []struct {
		name       string
		do         func(alice, bob *testPhone)
		alice, bob cause.Kind
	}{
		{
			"the caller hangs up", func(alice, _ *testPhone) { alice.HangUp(alice.State().Calls[0].ID) },
			cause.CancelledHere, cause.Missed,
		},
		{
			"the callee declines", func(_, bob *testPhone) { bob.Decline(bob.State().Calls[0].ID) },
			cause.LostWhileRinging, cause.DeclinedHere,
		},
		{"both", func(alice, bob *testPhone) {
			alice.HangUp(alice.State().Calls[0].ID)
			bob.Decline(bob.State().Calls[0].ID)
		}, cause.CancelledHere, cause.DeclinedHere},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				time.Sleep(2 * time.Minute)
				alice.Dial("", "bob")
				bob.phase(PhaseIncoming)
				alice.phase(PhaseRinging)
				w.server.Faults().OnConnect(-1, sandbox.ConnectFault{Refuse: true})
				w.server.Faults().Cut("")
				synctest.Wait()
				c.do(alice, bob)
				time.Sleep(time.Second)
				w.server.Faults().Clear()
				if e := alice.end(); e.Cause.Kind != c.alice {
					t.Errorf("alice: %+v", e.Cause)
				}
				if e := bob.end(); e.Cause.Kind != c.bob {
					t.Errorf("bob: %+v", e.Cause)
				}
			})
		})
	}
}
