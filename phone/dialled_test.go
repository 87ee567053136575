package phone

import (
	"testing"
	"testing/synctest"

	"calla/phone/cause"
)

// TestADialledTextIsReadOnce: what a text means is told before anybody is called, at the account's own domain, and what
// is called is that address.
func TestADialledTextIsReadOnce(t *testing.T) {
	for _, c := range []struct {
		name, text, uri, after string
		why                    cause.Kind
		toTransfer             cause.Kind
	}{
		{"a user", "bob", "sip:bob@sandbox.invalid", "", "", ""},
		{"a number with separators", "+49 (0)30 / 12-34", "sip:+49301234@sandbox.invalid", "", "", ""},
		{"another domain", "bob@elsewhere.example", "sip:bob@elsewhere.example", "", "", ""},
		{"digits behind it", "4711,,12#", "sip:4711@sandbox.invalid", ",,12#", "", cause.DigitsWithTransfer},
		{"a link", "tel:4711", "sip:4711@sandbox.invalid", "", "", ""},
		{"no text", " ", "", "", cause.NotATarget, cause.NotATarget},
		{"a web page", "http://x/", "", "", cause.NotATarget, cause.NotATarget},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				alice := newWorld(t).phone("alice")
				read := alice.ReadDialled("", c.text)
				if c.why != "" {
					if read.Problem == nil || read.Problem.Kind != c.why || read.Text != "" {
						t.Errorf("read as %+v", read)
					}
				} else if read.Problem != nil || read.To.URI.String() != c.uri || read.PostDial != c.after {
					t.Errorf("read as %s, then %q: %v", read.To.URI, read.PostDial, read.Problem)
				}
				_, why := read.ToTransfer()
				if got := kindOf(why); got != c.toTransfer {
					t.Errorf("to transfer: %q, want %q", got, c.toTransfer)
				}
				if c.why == "" {
					alice.Call("", read.To, CallOptions{After: read.PostDial})
					if s := alice.until("called",
						func(s State) bool { return len(s.Calls) > 0 || s.Ended != nil }); len(s.Calls) > 0 &&
						(s.Calls[0].URI != c.uri || s.Calls[0].After != c.after) {
						t.Errorf("called %s, then %q", s.Calls[0].URI, s.Calls[0].After)
					}
				}
			})
		})
	}
}

// kindOf is the kind of a cause, "" for none.
func kindOf(c *cause.Cause) cause.Kind {
	if c == nil {
		return ""
	}
	return c.Kind
}
