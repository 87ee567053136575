package phone

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/phone/cause"
)

// TestDigitsAreSentAllOrNone: more than can wait to be sent, or what is no line of digits, is refused with why, and
// what was to be sent before it goes on.
//
// Holds: told-refusals
func TestDigitsAreSentAllOrNone(t *testing.T) {
	ones, twos := strings.Repeat("1", 100), strings.Repeat("2", 100)
	for _, c := range []struct {
		name    string
		dialled string // behind the number
		byInfo  bool
		before  string // sent first
		pasted  string
		why     cause.Kind // "" = it is sent
		heard   string     // in the end
	}{
		{"as many as can wait", "", false, "", strings.Repeat("5", 128), "", strings.Repeat("5", 128)},
		{"one more", "", false, "", strings.Repeat("5", 129), cause.DigitsTooMany, ""},
		{"one more, in groups", "", false, "", strings.Repeat("555-", 43), cause.DigitsTooMany, ""},
		{"as many, in groups", "", false, "", strings.Repeat("5555 - ", 32), "", strings.Repeat("5", 128)},
		{"one more, with pauses", "", false, "", strings.Repeat("5", 128) + ",5", cause.DigitsTooMany, ""},
		{"a hundred behind a hundred", "", false, ones, twos, cause.DigitsWaiting, ones},
		{"a hundred behind a hundred, as INFO", "", true, ones, twos, cause.DigitsWaiting, ones},
		{"28 behind a hundred", "", false, ones, twos[:28], "", ones + twos[:28]},
		{"28 behind a hundred, as INFO", "", true, ones, twos[:28], "", ones + twos[:28]},
		{"behind others with pauses", "", false, "1,1" + ones, "2," + twos, cause.DigitsWaiting, "11" + ones},
		{"behind what was dialled", ",,,,,,,,,,12", false, "", strings.Repeat("5", 120), cause.DigitsWaiting, "12"},
		{"several lines", "", false, "12", "3\n4", cause.DigitsSeveralLines, "12"},
		{"several lines of another system", "", false, "", "3\u20294", cause.DigitsSeveralLines, ""},
		{"one line with its end", "", false, "", "34\r\n", "", "34"},
		{"no digit", "", false, "12", "hello", cause.NoDigits, "12"},
		{"a book", "", false, "", strings.Repeat("all is quiet. ", 1<<20), cause.DigitsTooMany, ""},
		{
			"a digit behind a book", "", false, "", strings.Repeat(" ", 16<<10) + "x" + strings.Repeat("y", 1<<20) +
				"5",
			cause.DigitsTooMany, "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			takes := time.Duration(len(c.heard))*(dtmfLength+dtmfGap) + 5*time.Second
			takes += time.Duration(strings.Count(c.dialled+c.before+c.pasted, ",")%100) * postDialPause
			if raceDetector && takes > 20*time.Second {
				t.Skip("much sound: run without the race detector")
			}
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.wire.noEvents = c.byInfo
				alice, bob := w.phone("alice"), w.phone("4711")
				alice.Dial("", "4711"+c.dialled)
				bob.Answer(bob.phase(PhaseIncoming).ID)
				id := alice.phase(PhaseEstablished).ID
				time.Sleep(time.Second)
				if c.before != "" {
					alice.SendDTMF(id, c.before)
				}
				alice.SendDTMF(id, c.pasted)
				synctest.Wait()
				r := alice.State().Refusal
				if (r == nil) != (c.why == "") || r != nil && (r.Cause.Kind != c.why || r.Command != CommandDigits) {
					t.Errorf("refused: %+v", r)
				}
				if r != nil {
					if said := tell(r.Cause); said.Title == "" || strings.Contains(said.Why, "{") ||
						len(r.Text) > 1000 {
						t.Errorf("said %+v", said)
					}
				}
				time.Sleep(takes)
				if heard := bob.State().Calls[0].Heard; heard != c.heard {
					t.Errorf("heard %q, want %q", heard, c.heard)
				}
				if sent := alice.State().Calls[0].Digits; sent != c.heard {
					t.Errorf("shows %q as sent", sent)
				}
				if c.why == cause.DigitsWaiting { // later there is room
					alice.SendDTMF(id, "7")
					time.Sleep(time.Second)
					if heard := bob.State().Calls[0].Heard; heard != c.heard+"7" || alice.State().Refusal != nil {
						t.Errorf("heard %q in the end, refused: %+v", heard, alice.State().Refusal)
					}
				}
			})
		})
	}
}

// TestDigitsOfAFloodAreBounded: a far end that sends digits without an end takes no memory without one.
func TestDigitsOfAFloodAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.talk(bob)
		bob.loop.Do(func() {
			for range mostHeard + 100 {
				bob.calls[0].infoReceived("application/dtmf", []byte("1"))
			}
		})
		synctest.Wait()
		if heard := bob.State().Calls[0].Heard; len(heard) != mostHeard {
			t.Errorf("%d digits kept", len(heard))
		}
	})
}
