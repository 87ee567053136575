package phone

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/config"
	"calla/netsip/sip"
	"calla/phone/cause"
)

// TestEachWayToRefuseACallMeansWhatItSays: what the caller is told, what becomes of the other phone of the address, and
// how the user's own list has it.
//
// Holds: who-ended
func TestEachWayToRefuseACallMeansWhatItSays(t *testing.T) {
	long := strings.Repeat("ä ", 400)
	for _, c := range []struct {
		name  string
		do    func(p *testPhone, id string)
		here  cause.Kind
		there string // what the caller is told; "" = it rings on at the other phone
		text  string // of the message that the caller gets after it
	}{
		{
			"decline", func(p *testPhone, id string) { p.Decline(id) },
			cause.DeclinedHere, "Declined by the other side", "",
		},
		{"busy at this phone", func(p *testPhone, id string) { p.DeclineBusy(id) }, cause.BusyHere, "", ""},
		{
			"with a text",
			func(p *testPhone, id string) { p.DeclineWithText(id, " In a meeting; call at 3 \"sharp\" ") },
			cause.DeclinedHere, `The other side declined and says: In a meeting; call at 3 "sharp"`,
			`In a meeting; call at 3 "sharp"`,
		},
		{
			"with a text of several lines and headers",
			func(p *testPhone, id string) { p.DeclineWithText(id, "Later\r\nX-Evil: 1\r\n\r\nv=0") },
			cause.DeclinedHere, "The other side declined and says: Later X-Evil: 1 v=0", "Later X-Evil: 1 v=0",
		},
		{
			"with a text that is very long", func(p *testPhone, id string) { p.DeclineWithText(id, long) },
			cause.DeclinedHere, "The other side declined and says: ä ä", "ä ä",
		},
		{
			"with an empty text", func(p *testPhone, id string) { p.DeclineWithText(id, " \n ") },
			cause.DeclinedHere, "Declined by the other side", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, desk := w.phone("alice"), w.phone("bob")
				other := w.phone("bob")
				alice.Dial("", "bob")
				rings := other.phase(PhaseIncoming)
				c.do(desk, desk.phase(PhaseIncoming).ID)
				if e := desk.end(); e.Cause.Kind != c.here || e.Elsewhere {
					t.Errorf("here: %+v", e)
				}
				if c.there == "" {
					synctest.Wait()
					other.Answer(rings.ID)
					alice.phase(PhaseEstablished)
					return
				}
				if e := alice.end(); !strings.HasPrefix(said(e.Cause), c.there) || e.Code != 603 {
					t.Errorf("the caller is told %q, %+v", said(e.Cause), e)
				}
				other.end()
				time.Sleep(time.Second)
				got := alice.Recent()
				switch {
				case c.text == "" && len(got) != 0:
					t.Errorf("came %+v", got)
				case c.text != "" && (len(got) != 1 || !strings.HasPrefix(got[0].Text, c.text) ||
					strings.Contains(got[0].Text, "\n")):
					t.Errorf("came %+v", got)
				}
				if kept := desk.Recent(); len(kept) != len(got) || len(kept) > 0 && kept[0].Status != MessageSent {
					t.Errorf("kept %+v", kept)
				}
			})
		})
	}
}

// TestWhoHidesIsDeclinedWithATextAllTheSame: nobody can write to such a caller; the refusal says it.
func TestWhoHidesIsDeclinedWithATextAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.DialWith("", "bob", CallOptions{Anonymous: true})
		bob.DeclineWithText(bob.phase(PhaseIncoming).ID, "Not now")
		if e := alice.end(); said(e.Cause) != "The other side declined and says: Not now" {
			t.Errorf("%+v", e.Cause)
		}
		if kept := bob.Recent(); len(kept) != 0 {
			t.Errorf("written %+v", kept)
		}
	})
}

// address is whom a text means at the tests' server.
func (w *world) address(text string) Address {
	w.t.Helper()
	u, err := config.DialTarget(text, w.server.Domain())
	if err != nil {
		w.t.Fatal(err)
	}
	return Address{URI: u}
}

func TestACallIsForwardedToWhomTheUserNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob, carol := w.phone("alice"), w.phone("bob"), w.phone("carol")
		alice.Dial("", "bob")
		bob.Forward(bob.phase(PhaseIncoming).ID, w.address("carol"))
		if e := bob.end(); e.Cause.Kind != cause.ForwardedHere || said(e.Cause) != "You sent the call to carol" ||
			e.Code != 302 {
			t.Errorf("%+v", e)
		}
		e := alice.end()
		if len(e.Redirect) != 1 || e.Redirect[0].Address != "carol" {
			t.Fatalf("the caller is told %+v", e)
		}
		alice.CallRedirect(e.Redirect[0].URI, false)
		carol.phase(PhaseIncoming)
	})
}

// TestACallIsNotForwardedInACircle: what would lead back is refused with the reason, and the call rings on.
//
// Holds: told-refusals
func TestACallIsNotForwardedInACircle(t *testing.T) {
	for _, c := range []struct {
		name string
		to   string
		why  cause.Kind
	}{
		{"to itself", "sip:bob@sandbox.invalid", cause.ForwardToItself},
		{"to itself, in capitals", "sip:bob@SANDBOX.INVALID", cause.ForwardToItself},
		{"to itself, with a port and parameters", "sip:bob@sandbox.invalid:5060;transport=ws", cause.ForwardToItself},
		{"to itself, with escapes", "sip:%62o%62@sandbox.invalid", cause.ForwardToItself},
		{"to the caller", "sip:alice@sandbox.invalid", cause.ForwardToCaller},
		{"to the caller, with a user parameter", "sip:alice@sandbox.invalid;user=phone", cause.ForwardToCaller},
		{"to a telephone link", "tel:+4930123", cause.ForwardNowhere},
		{"to a page", "https:bob@sandbox.invalid", cause.ForwardNowhere},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				alice.Dial("", "bob")
				call := bob.phase(PhaseIncoming)
				to, err := sip.ParseURI(c.to)
				if err != nil {
					to = sip.URI{Scheme: "https", User: "bob", Host: "sandbox.invalid"}
				}
				bob.Forward(call.ID, Address{URI: to})
				r := bob.until("refused", func(s State) bool { return s.Refusal != nil }).Refusal
				if r.Command != CommandForward || r.CallID != call.ID || r.Cause.Kind != c.why ||
					!strings.HasSuffix(tell(r.Cause).Title, ".") {
					t.Errorf("%+v", r)
				}
				bob.Answer(call.ID)
				alice.phase(PhaseEstablished)
			})
		})
	}
}

// TestAnAnsweredCallIsNotRefusedAnyMore: neither is one that ended meanwhile.
func TestAnAnsweredCallIsNotRefusedAnyMore(t *testing.T) {
	for name, do := range map[string]func(w *world, p *testPhone, id string){
		"decline":   func(_ *world, p *testPhone, id string) { p.Decline(id) },
		"busy":      func(_ *world, p *testPhone, id string) { p.DeclineBusy(id) },
		"with text": func(_ *world, p *testPhone, id string) { p.DeclineWithText(id, "no") },
		"forward":   func(w *world, p *testPhone, id string) { p.Forward(id, w.address("carol")) },
		"unknown":   func(_ *world, p *testPhone, _ string) { p.DeclineBusy("no such call") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				_, theirs := alice.talk(bob)
				do(w, bob, theirs.ID)
				synctest.Wait()
				if s := bob.State(); len(s.Calls) != 1 || s.Calls[0].Phase != PhaseEstablished || s.Refusal != nil {
					t.Errorf("%+v", s)
				}
				if kept := bob.Recent(); len(kept) != 0 {
					t.Errorf("written %+v", kept)
				}
			})
		})
	}
}
