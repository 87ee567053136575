package security

import (
	"testing"
	"time"

	"calla/netsip/sip"
)

// TestS17ReferralsAreAskedFor: a far end that wants us to call somebody else is not obeyed (toll fraud by REFER). Out
// of a call it is refused; in one the user is asked, once at a time.
func TestS17ReferralsAreAskedFor(t *testing.T) {
	g := attack(t, nil)
	for _, c := range []struct {
		name, to string
		want     []int
	}{
		{"a premium number", "<sip:+190055512345@hostile.test>", []int{200, 202, 603}},
		{"a telephone", "<tel:+190055512345>", []int{200, 202, 400, 416, 603}},
		{"another domain", "<sip:bob@evil.test>", []int{200, 202, 603}},
		{"sips", "<sips:bob@evil.test>", []int{200, 202, 400, 416, 603}},
		{
			"another call's Replaces", "<sip:bob@hostile.test?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>",
			[]int{200, 202, 603},
		},
		{"another method", "<sip:bob@hostile.test;method=BYE>", []int{400, 403, 405, 501, 603}},
		{"mail", "<mailto:bob@evil.test>", []int{400, 416, 603}},
		{"a web page", "<http://127.0.0.1:1/>", []int{400, 416, 603}},
		{"headers", "<sip:bob@hostile.test?Route=%3Csip:evil.test%3E&X-Evil=1>", []int{200, 202, 400, 603}},
		{"nothing", "", []int{400}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g.wantStatus("outside a call", g.Request("REFER", "Refer-To: "+c.to), 400, 403, 405, 416, 481, 603)
			d := g.talk("bob")
			mark := len(g.Messages())
			g.wantStatus("in a call", d.Request("REFER", "Refer-To: "+c.to), c.want...)
			for range 100 {
				g.Send(d.Request("REFER", "Refer-To: <sip:+190055512345@hostile.test>").Bytes())
			}
			g.Wire.Alive(c.name)
			taken := 0
			for _, m := range g.Messages()[mark:] {
				if seq, _ := m.CSeq(); seq.Method == "REFER" && m.StatusCode/100 == 2 {
					taken++
				}
				if m.Method == "INVITE" && m.ToTag() == "" {
					t.Errorf("called unasked: %s", m)
				}
			}
			if taken > 1 {
				t.Errorf("%d referrals are pending at once", taken)
			}
			g.Say("hangup")
			g.Reply(g.Expect("BYE"), 200)
			g.settled()
		})
	}
	t.Run("while it rings", func(t *testing.T) {
		invite := g.ring()
		m := g.Request("REFER", "Refer-To: <sip:evil@evil.test>", "Call-ID: "+invite.CallID())
		g.wantStatus("while it rings", m, 400, 403, 405, 481, 491, 603)
		g.cancel(invite)
	})
	if m := g.Find(time.Second, func(m *sip.Message) bool {
		return m.Method == "INVITE" &&
			m.ToTag() == ""
	}); m != nil {
		t.Errorf("called unasked: %s", m)
	}
}
