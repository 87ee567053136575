package netsip

import (
	"strings"
	"testing"

	"calla/netsip/sip"
)

func TestRejectAndDefaults(t *testing.T) {
	for _, c := range []struct {
		code   int
		reason string
		want   string
	}{
		{603, "", "603 Decline"},
		{486, "In a meeting", "486 In a meeting"},
		{200, "", "480 Temporarily Unavailable"},
		{480, "a\r\nX: y", "480 Temporarily Unavailable"},
	} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			s, f := b.ringing(w)
			b.do(func() { s.Reject(c.code, c.reason) })
			m := w.expect(c.want[:3] + " INVITE")
			if m.Reason != c.want[4:] {
				t.Errorf("reason %q", m.Reason)
			}
			w.send(f.ackOf(m))
			b.ended(s, Local, CauseRejected)
			b.clean()
		})
	}
}

// ackOf is the ACK of a refusal, in the INVITE's transaction.
func (f *far) ackOf(refusal *sip.Message) *sip.Message {
	m := f.request("ACK")
	m.Set("To", refusal.Get("To"))
	return m
}

func TestRejectInOnInviteDoesNotRing(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.do(func() { b.onInvite = func(s *Session) { s.Reject(486, "") } })
		w.send(w.caller().request("INVITE", farContact, offerSDP))
		w.expect("100 INVITE")
		w.expect("486 INVITE")
		w.quiet(pingInterval)
	})
}

func TestRefusalIsSentAgainForARetransmittedInvite(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		invite := f.ring(farContact, offerSDP)
		s := b.lastInvite()
		b.do(func() { s.Reject(603, "") })
		w.expect("603 INVITE")
		w.send(invite)
		w.expect("603 INVITE")
		b.clean() // timer H: no ACK ever came
	})
}

// TestDeclineTellsWhy: in a Reason header field of the refusal, which nobody can write another header into.
func TestDeclineTellsWhy(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":   {"", ""},
		"a text":    {"In a meeting", `Q.850 ;cause=21 ;text="In a meeting"`},
		"quotes":    {`the "boss" \ calls`, `Q.850 ;cause=21 ;text="the \"boss\" \\ calls"`},
		"two lines": {"a\r\nX-Evil: 1", ""},
		"too long":  {strings.Repeat("x", maxPhrase+1), ""},
		"umlauts":   {"später", `Q.850 ;cause=21 ;text="später"`},
	} {
		t.Run(name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, f := b.ringing(w)
				b.do(func() { s.Decline(c.text) })
				m := w.expect("603 INVITE")
				if got := m.Get("Reason"); got != c.want || m.Has("X-Evil") {
					t.Errorf("Reason: %s", got)
				}
				w.send(f.ackOf(m))
				b.ended(s, Local, CauseRejected)
				b.clean()
			})
		})
	}
}

// TestWhyACallIsDeclinedIsHeard: the words of a refusal's Reason, bounded.
func TestWhyACallIsDeclinedIsHeard(t *testing.T) {
	for name, c := range map[string]struct{ lines, want string }{
		"none":      {"", ""},
		"Q.850":     {`Reason: Q.850 ;cause=21 ;text="In a meeting"`, "In a meeting"},
		"SIP":       {`Reason: SIP;cause=603;text="Not now"`, "Not now"},
		"both":      {`Reason: Q.850;cause=21;text="a", SIP;cause=603;text="b"`, "b"},
		"no text":   {`Reason: Q.850;cause=21`, ""},
		"very long": {`Reason: SIP;text="` + strings.Repeat("x", 4000) + `"`, strings.Repeat("x", maxPhrase) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				var lines []string
				if c.lines != "" {
					lines = []string{c.lines}
				}
				w.reply(invite, 603, lines...)
				w.expect("ACK")
				b.ended(s, Remote, CauseRejected)
				b.do(func() {
					if s.End().Told != c.want {
						t.Errorf("%q", s.End().Told)
					}
				})
				b.clean()
			})
		})
	}
}
