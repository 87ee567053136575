package phone

import (
	"strings"
	"testing"
	"testing/synctest"

	"calla/netsip/trace"
)

func TestOneCallerIsBusyForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, carol := w.phone("alice"), w.phone("carol")
		bob := w.phone("bob", func(o *Options) { o.OneCaller = true })
		alice.up(bob)
		carol.Dial("", "bob")
		carol.until("busy", func(s State) bool { return s.Ended != nil && s.Ended.Code == 486 })
		if calls := bob.State().Calls; len(calls) != 1 {
			t.Errorf("bob has %d calls", len(calls))
		}
	})
}

// A call with options goes out as they say, and follows a redirection as it began.
func TestDialWithOptionsAlsoAfterARedirection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		wire := newTrace()
		alice := w.phone("alice", func(o *Options) { o.Trace = wire })
		w.phone("carol")
		w.server.Faults().Redirect("bob", "sip:carol@"+w.server.Domain())
		alice.DialWith("", "bob", CallOptions{Anonymous: true, Headers: []string{"X-Team: blue"}, LateOffer: true})
		alice.until("redirected", func(s State) bool { return s.Ended != nil && len(s.Ended.Redirect) == 1 })
		alice.CallRedirect(alice.State().Ended.Redirect[0].Address, false)
		alice.until("ringing", func(s State) bool { return len(s.Calls) == 1 && s.Calls[0].Phase == PhaseRinging })
		alice.loop.Do(func() {
			sent := invitesOf(wire)
			if len(sent) != 2 {
				t.Errorf("%d INVITEs", len(sent))
			}
			for _, invite := range sent {
				if !strings.Contains(invite, "From: \"Anonymous\" <sip:anonymous@") ||
					!strings.Contains(invite, "\r\nX-Team: blue\r\n") || strings.Contains(invite, "v=0") {
					t.Errorf("goes out as\n%s", invite)
				}
			}
		})
	})
}

// newTrace is one that keeps all that a test brings about.
func newTrace() *trace.Trace { return trace.New(10_000, 64<<20) }

// invitesOf are the INVITEs that were sent.
func invitesOf(wire *trace.Trace) (sent []string) {
	for _, e := range wire.Entries() {
		if e.Outgoing && strings.HasPrefix(e.Text, "INVITE ") {
			sent = append(sent, e.Text)
		}
	}
	return sent
}
