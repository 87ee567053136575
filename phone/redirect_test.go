package phone

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sandbox"
	"calla/netsip/sip"
)

// moved makes the server answer a call to user with a 302 naming contacts.
func (w *world) moved(user string, times int, contacts ...string) {
	var headers []sip.Header
	for _, c := range contacts {
		headers = append(headers, sip.Header{Name: "Contact", Value: c})
	}
	w.server.Faults().Add(sandbox.Fault{
		Match: func(e sandbox.Event) bool {
			m := e.Message
			return m != nil && !e.Sent && m.Method == "INVITE" && m.RequestURI.User == user
		},
		Status: 302, Headers: headers, Times: times,
	})
}

func TestRedirectionIsTheUsersToFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, carol := w.phone("alice"), w.phone("carol")
		w.moved("bob", 1, `"Mobile" <sip:dave@elsewhere.example>;q=0.2`, `"Carol" <sip:carol@sandbox.invalid>;q=0.9`,
			`<mailto:bob@x>`)
		alice.Dial("", "bob")
		e := alice.end()
		if len(e.Redirect) != 2 || e.Redirect[0] != (RedirectTarget{"Carol", "carol", "sip:carol@sandbox.invalid"}) ||
			e.Redirect[1] != (RedirectTarget{"Mobile", "dave@elsewhere.example", "sip:dave@elsewhere.example"}) {
			t.Errorf("offers %+v", e.Redirect)
		}
		if tell(e.Cause).Title == "" || tell(e.Cause).Do == "" || !strings.Contains(said(e.Cause), "redirected") {
			t.Errorf("%q %+v", said(e.Cause), e.Cause)
		}
		time.Sleep(10 * time.Second)
		if s := alice.State(); s.Ended == nil || len(s.Calls) != 0 {
			t.Error("the offer went, or was followed without asking")
		}
		alice.CallRedirect("bob", false) // not offered
		alice.CallRedirect("carol", false)
		carol.phase(PhaseIncoming)
		if c := alice.State().Calls[0]; c.Name != "Carol" || c.Address != "carol" {
			t.Errorf("called as %q, %q", c.Name, c.Address)
		}
	})
}

func TestRedirectionInACircleIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice := w.phone("alice")
		w.moved("bob", -1, "<sip:carol@sandbox.invalid>")
		w.moved("carol", -1, "<sip:bob@sandbox.invalid>", "<sip:carol@sandbox.invalid>")
		alice.Dial("", "bob")
		alice.end()
		alice.CallRedirect("carol", false)
		e := alice.until("ended", func(s State) bool {
			return s.Ended != nil && s.Ended.Address == "carol" &&
				len(s.Calls) == 0
		}).Ended
		if len(e.Redirect) != 0 || tell(e.Cause).Title == "" || said(e.Cause) != "The call was redirected in circles" {
			t.Errorf("%+v", e)
		}
	})
}
