package phone

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestPostDialDigitsAreSentAfterTheAnswer: what was dialled behind a number goes one digit after the other once the
// call is answered, with its pauses, and State has what is left.
//
// Holds: dialled-text
func TestPostDialDigitsAreSentAfterTheAnswer(t *testing.T) {
	for _, test := range []struct {
		name, dialled, heard string
		byInfo               bool
		took                 time.Duration
	}{
		{"a comma is two seconds", "4711,123", "123", false, 2 * time.Second},
		{"two commas are four", "4711,,345#", "345#", false, 4 * time.Second},
		{"a link with an extension", "tel:4711;ext=89", "89", false, 2 * time.Second},
		{"a link with post-dial digits", "tel:4711;postd=p1p2", "12", false, 4*time.Second + 200*time.Millisecond},
		{"as INFO", "4711,123", "123", true, 2 * time.Second},
		{"with words around", "Tel.: 4711,123 (work)", "123", false, 2 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.wire.noEvents = test.byInfo
				alice, bob := w.phone("alice"), w.phone("4711")
				alice.Dial("", test.dialled)
				in := bob.phase(PhaseIncoming)
				time.Sleep(3 * time.Second)
				if c := alice.State().Calls[0]; c.PostDial.Digits == "" || c.Digits != "" {
					t.Errorf("before the answer %q was sent, %q is left", c.Digits, c.PostDial.Digits)
				}
				bob.Answer(in.ID)
				alice.until("first digit", func(s State) bool { return len(s.Calls) > 0 && s.Calls[0].Digits != "" })
				c := alice.State().Calls[0]
				if first := time.Since(c.Connected); first < 2*time.Second ||
					first > 4*time.Second+200*time.Millisecond {
					t.Errorf("the first digit after %v", first)
				}
				bob.until("heard", func(s State) bool { return len(s.Calls) > 0 && s.Calls[0].Heard == test.heard })
				if all := time.Since(c.Connected); all < test.took || all > test.took+2*time.Second {
					t.Errorf("all digits after %v, want %v", all, test.took)
				}
				alice.until("nothing left", func(s State) bool { return s.Calls[0].PostDial == PostDial{} })
			})
		})
	}
}

// TestPostDialDigitsCanBeStopped: the user, a hold and the end of the call stop the digits; a semicolon waits.
//
// Holds: dialled-text
func TestPostDialDigitsCanBeStopped(t *testing.T) {
	talk := func(t *testing.T, dialled string) (alice, bob *testPhone, id string) {
		w := newWorld(t)
		alice, bob = w.phone("alice"), w.phone("4711")
		alice.Dial("", dialled)
		bob.Answer(bob.phase(PhaseIncoming).ID)
		return alice, bob, alice.phase(PhaseEstablished).ID
	}
	left := func(p *testPhone) PostDial { return p.State().Calls[0].PostDial }
	for _, test := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"cancelled", func(t *testing.T) {
			alice, _, id := talk(t, "4711,12,34")
			alice.until("12", func(s State) bool { return s.Calls[0].Digits == "12" })
			alice.CancelPostDial(id)
			alice.until("nothing left", func(State) bool { return left(alice) == PostDial{} })
			time.Sleep(10 * time.Second)
			if sent := alice.State().Calls[0].Digits; sent != "12" {
				t.Errorf("%q was sent", sent)
			}
		}},
		{"the call ends", func(t *testing.T) {
			alice, bob, id := talk(t, "4711,123")
			alice.HangUp(id)
			bob.until("over", func(s State) bool { return len(s.Calls) == 0 })
			time.Sleep(5 * time.Second)
		}},
		{"a semicolon waits for the user", func(t *testing.T) {
			alice, bob, id := talk(t, "4711;12")
			alice.until("waits", func(State) bool { return left(alice) == PostDial{"12", true} })
			time.Sleep(time.Minute)
			if left(alice) != (PostDial{"12", true}) {
				t.Errorf("left %+v", left(alice))
			}
			alice.ContinuePostDial(id)
			bob.until("heard", func(s State) bool { return s.Calls[0].Heard == "12" })
		}},
		{"on hold they stand still", func(t *testing.T) {
			alice, bob, id := talk(t, "4711,,12")
			alice.SetHold(id, true)
			alice.until("held", func(s State) bool { return s.Calls[0].Held })
			time.Sleep(time.Minute)
			if sent := alice.State().Calls[0].Digits; sent != "" {
				t.Errorf("%q was sent on hold", sent)
			}
			alice.SetHold(id, false)
			bob.until("heard", func(s State) bool { return s.Calls[0].Heard == "12" })
		}},
		{"pasted into the call", func(t *testing.T) {
			alice, bob, id := talk(t, "4711")
			alice.SendDTMF(id, "１2,,3 4#")
			alice.until("some are left", func(State) bool { return left(alice).Digits == ",34#" })
			bob.until("heard", func(s State) bool { return s.Calls[0].Heard == "1234#" })
		}},
		{"a key goes at once, before what waits", func(t *testing.T) {
			alice, bob, id := talk(t, "4711;12")
			alice.until("waits", func(State) bool { return left(alice).Waits })
			alice.SendDTMF(id, "9")
			bob.until("heard", func(s State) bool { return s.Calls[0].Heard == "9" })
			alice.ContinuePostDial(id)
			bob.until("the rest", func(s State) bool { return s.Calls[0].Heard == "912" })
		}},
	} {
		t.Run(test.name, func(t *testing.T) { synctest.Test(t, test.run) })
	}
}

// TestDigitsTakenFromText: digits are sent, words are not.
func TestDigitsTakenFromText(t *testing.T) {
	for text, want := range map[string]string{
		"1 2-#x": "12#", "abcd": "ABCD", "code 12": "12", "PIN: 123 456#": "123456#", "12p34w5": "12,34;5", "٣٤": "34",
		"1\n2": "", ",": "", "bad luck": "",
		strings.Repeat("1", longestDTMF): strings.Repeat("1", longestDTMF), strings.Repeat("1", 200): "",
	} {
		if got, why := dtmfDigits(text); got != want || (why == "") != (want != "") {
			t.Errorf("%.20q: %q, %q, want %q", text, got, why, want)
		}
	}
}

// TestDigitsBehindTheNumberComeAgain: who is called again is sent them again, all of them, and who is named in the
// other's place only where the user says so.
//
// Holds: dialled-text
// Holds: call-again
func TestDigitsBehindTheNumberComeAgain(t *testing.T) {
	again := func(alice *testPhone) { e := alice.State().Ended; alice.Redial(e.AccountID, e.URI, e.After) }
	for _, test := range []struct {
		name, dialled string
		before        func(w *world, alice, bob *testPhone) // leaves an ended call
		call          func(alice *testPhone)
		after         string // what State has of it
		heard         string
	}{
		{"after no answer", "4711,123", func(_ *world, alice, bob *testPhone) {
			bob.Decline(bob.phase(PhaseIncoming).ID)
		}, again, ",123", "123"},
		{"after some were sent", "4711,1,,2", func(_ *world, alice, bob *testPhone) {
			bob.Answer(bob.phase(PhaseIncoming).ID)
			c := alice.until("a digit", func(s State) bool {
				return len(s.Calls) == 1 &&
					s.Calls[0].Digits == "1"
			}).Calls[0]
			alice.HangUp(c.ID)
		}, again, ",1,,2", "12"},
		{"after they were cancelled", "4711,123", func(_ *world, alice, bob *testPhone) {
			bob.Answer(bob.phase(PhaseIncoming).ID)
			c := alice.phase(PhaseEstablished)
			alice.CancelPostDial(c.ID)
			alice.HangUp(c.ID)
		}, again, ",123", "123"},
		{"of a link", "tel:4711;ext=89", func(_ *world, alice, bob *testPhone) {
			bob.Decline(bob.phase(PhaseIncoming).ID)
		}, again, ",89", "89"},
		{"there were none", "4711", func(_ *world, alice, bob *testPhone) {
			bob.Decline(bob.phase(PhaseIncoming).ID)
		}, again, "", ""},
		{"keys pressed in the call do not", "4711,123", func(_ *world, alice, bob *testPhone) {
			bob.Answer(bob.phase(PhaseIncoming).ID)
			c := alice.phase(PhaseEstablished)
			alice.SendDTMF(c.ID, "99")
			alice.HangUp(c.ID)
		}, again, ",123", "123"},
		{
			"to another, as the user says", "0800,123", nil,
			func(alice *testPhone) { alice.CallRedirect("4711", true) },
			",123", "123",
		},
		{"to another, unasked", "0800,123", nil, func(alice *testPhone) { alice.CallRedirect("4711", false) }, "", ""},
		{"to another, and again", "0800,123", func(w *world, alice, bob *testPhone) {
			alice.until("moved", func(s State) bool { return s.Ended != nil })
			alice.CallRedirect("4711", true)
			bob.Decline(bob.phase(PhaseIncoming).ID)
			alice.until("declined", func(s State) bool { return s.Ended != nil && s.Ended.Address == "4711" })
		}, again, ",123", "123"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("4711")
				w.moved("0800", -1, "<sip:4711@sandbox.invalid>")
				alice.Dial("", test.dialled)
				if test.before != nil {
					test.before(w, alice, bob)
				}
				alice.until("over", func(s State) bool { return s.Ended != nil && len(s.Calls) == 0 })
				bob.until("over there", func(s State) bool { return len(s.Calls) == 0 })
				test.call(alice)
				in := bob.phase(PhaseIncoming)
				if c := alice.State().Calls[0]; c.After != test.after || c.PostDial.Digits != test.after {
					t.Errorf("%q are kept and %q are to be sent, want %q", c.After, c.PostDial.Digits, test.after)
				}
				bob.Answer(in.ID)
				bob.phase(PhaseEstablished)
				time.Sleep(15 * time.Second)
				if c := bob.State().Calls; len(c) != 1 || c[0].Heard != test.heard {
					t.Errorf("heard %+v, want %q", c, test.heard)
				}
			})
		})
	}
}
