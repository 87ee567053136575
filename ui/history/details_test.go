package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/uitest"
)

// detailed opens the details of a call.
func detailed(t *testing.T, c journal.Call) *opened {
	t.Helper()
	o := open(t, c)
	o.key(fyne.KeyRight)
	if o.page.details == nil {
		t.Fatal("no details")
	}
	uitest.Settle(o.win)
	return o
}

// TestDetailsTellWhatHappened: in order, in words, with whom, how it ended, and how it sounded.
func TestDetailsTellWhatHappened(t *testing.T) {
	moment := func(s int, w journal.What, who string) journal.Moment {
		return journal.Moment{At: began().Add(time.Duration(s) * time.Second), What: w, Who: who}
	}
	for _, v := range []struct {
		name   string
		change func(c *journal.Call)
		says   []string // in this order
	}{
		{"talked, held and handed on", func(c *journal.Call) {
			c.Timeline = []journal.Moment{
				moment(1, journal.Rang, ""), moment(3, journal.WasAnswered, ""), moment(5, journal.Held, ""),
				moment(7, journal.Resumed, ""), moment(9, journal.Transferring, "Carol"),
				moment(11, journal.Transferred, "Carol"),
			}
		}, []string{
			"Rang", "Answered", "Put on hold", "Resumed", "Transfer to Carol begun", "Transferred to Carol", "Ended",
		}},
		{"held there, a transfer failed", func(c *journal.Call) {
			c.Timeline = []journal.Moment{
				moment(3, journal.HeldThere, ""), moment(4, journal.ResumedThere, ""),
				moment(5, journal.NotHandedOn, "Carol"),
				moment(6, journal.Joined, ""),
			}
		}, []string{
			"Put on hold by the other side", "Resumed by the other side", "Transfer to Carol failed",
			"Brought together",
		}},
		{"recorded", func(c *journal.Call) {
			c.Timeline = []journal.Moment{moment(3, journal.RecordingOn, ""), moment(9, journal.RecordingOff, "")}
			c.Recording = "/home/a/x.wav"
		}, []string{"Recording begun", "Recording ended", "/home/a/x.wav", "Open"}},
		{"a moment of a newer version", func(c *journal.Call) {
			c.Timeline = []journal.Moment{moment(3, "teleported", "")}
		}, []string{"Ended"}},
		{"missed", func(c *journal.Call) {
			c.Outcome, c.Cause, c.Code = journal.Missed, cause.Cause{Kind: cause.Missed}, 487
		}, []string{"Missed", "SIP 487"}},
		{"quality", func(c *journal.Call) {
			c.Codec, c.Quality = "opus", journal.Quality{
				LossPercent: 1.25, Concealed: 0.02, Jitter: 3 * time.Millisecond, RoundTrip: 40 * time.Millisecond,
			}
		}, []string{"Opus", "1.2 %", "2.0 %", "3.0 ms", "40 ms"}},
		{"the whole address", func(c *journal.Call) {
			c.URI = "sip:+4930;phone-context=x.example@gw.example:5070"
		}, []string{"+4930;phone-context=x.example@gw.example:5070"}},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := called("Bob", "bob@example.com", true, journal.Answered)
			v.change(&c)
			o := detailed(t, c)
			var says []string
			for _, obj := range found[fyne.CanvasObject](o) {
				switch obj := obj.(type) {
				case interface{ Text() string }:
					says = append(says, obj.Text())
				case interface{ Label() string }:
					says = append(says, obj.Label())
				}
			}
			rest := strings.Join(says, "\n")
			for _, want := range v.says {
				_, after, found := strings.Cut(rest, want)
				if !found {
					t.Fatalf("%q is not said, or not in its place, in %q", want, says)
				}
				rest = after
			}
		})
	}
}

// TestNotesAreKept: whatever is typed, however it is left.
func TestNotesAreKept(t *testing.T) {
	for _, v := range []struct {
		name string
		text string
		do   func(o *opened)
	}{
		{"typed", "asks for an offer", func(o *opened) { o.finish() }},
		{"left while it is written", "until Friday", func(o *opened) { o.page.Close(); o.finish() }},
		{"back to the list", "two\nlines", func(o *opened) { o.page.Back(); o.finish() }},
		{"taken away again", "", func(o *opened) { o.finish() }},
		{"hostile", "\x1b[31m \u202e =cmd()", func(o *opened) { o.finish() }},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := called("Bob", "bob@example.com", true, journal.Answered)
			c.Note = "before"
			o := detailed(t, c)
			d := o.page.details
			d.note.SetText("first")
			d.note.SetText(v.text)
			v.do(o)
			got, err := o.journal.Call(t.Context(), d.call.ID)
			if err != nil || got.Note != v.text {
				t.Errorf("%q is kept, %v", got.Note, err)
			}
		})
	}
	t.Run("of a call that was deleted meanwhile", func(t *testing.T) {
		o := detailed(t, called("Bob", "bob@example.com", true, journal.Answered))
		if err := o.journal.DeleteCalls(t.Context()); err != nil {
			t.Fatal(err)
		}
		o.page.details.note.SetText("late")
		o.finish()
		o.page.details.note.SetText("later")
		o.finish()
		if got := o.took(); !slices.Equal(got, []string{"tell This call is not in the history any more: "}) {
			t.Errorf("told %q", got)
		}
	})
}

// TestCallersAreBlockedByWhoTheyAre: by number, or by address and host; nobody has others blocked by what he calls
// himself.
func TestCallersAreBlockedByWhoTheyAre(t *testing.T) {
	for _, v := range []struct{ name, address, uri, want string }{
		{"a number", "+49 30 123", "sip:+4930123@gw.example", "+49 30 123"},
		{"a user of our own domain", "bob", "sip:bob@example.com", "bob@example.com"},
		{"an address", "bob@elsewhere.example", "sip:bob@elsewhere.example;transport=ws", "bob@elsewhere.example"},
		{"who hides", "anonymous", "", "anonymous"},
		{"a sign for all", "*", "sip:*@evil.example", "?@evil.example"},
		{"a sign for all in a name", "b*b@evil.example", "sip:b*b@evil.example", "b?b@evil.example"},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := called("", v.address, true, journal.Missed)
			c.URI = v.uri
			o := detailed(t, c)
			o.settings.Incoming.Blocked = []string{"before"}
			o.press(t, "Block")
			if got := o.settings.Incoming.Blocked; !slices.Equal(got, []string{"before", v.want}) {
				t.Errorf("blocked are %q", got)
			}
			if got := o.took(); len(got) != 1 || !strings.HasPrefix(got[0], "ask Block ") {
				t.Errorf("told %q", got)
			}
		})
	}
	t.Run("no more than can be", func(t *testing.T) {
		o := detailed(t, called("Bob", "bob@example.com", true, journal.Missed))
		for i := range account.MaxCallers {
			o.settings.Incoming.Blocked = append(o.settings.Incoming.Blocked, fmt.Sprint(i))
		}
		o.press(t, "Block")
		if got := o.took(); len(got) != 1 || !strings.HasPrefix(got[0], "tell ") ||
			len(o.settings.Incoming.Blocked) != account.MaxCallers {
			t.Errorf("told %q", got)
		}
	})
}

// TestWhoCalledIsAddedToTheContactsOnce: with the address whole; who is one is told so, until he is one no longer.
func TestWhoCalledIsAddedToTheContactsOnce(t *testing.T) {
	for _, v := range []struct{ name, address, uri, want string }{
		{"a number", "+49 30 123", "sip:+4930123@gw.example", "+49 30 123"},
		{"an address", "bob@elsewhere.example", "sip:bob@elsewhere.example", "sip:bob@elsewhere.example"},
		{"our own domain", "bob", "sip:bob@example.com", "sip:bob@example.com"},
		{"a port", "bob@e.example:5070", "sip:bob@e.example:5070", "sip:bob@e.example:5070"},
		{"a number with a name before", "030 123", "sip:030123@gw.example", "030 123"},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := called("Bob", v.address, true, journal.Answered)
			c.URI = v.uri
			o := detailed(t, c)
			o.took()
			o.press(t, "Add to contacts")
			o.expect(t, "add Bob "+v.want)
			ids, err := o.journal.SaveContact(t.Context(), journal.Contact{
				Name: "Bob Marsh", Addresses: []journal.ContactAddress{{Address: v.want}},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range []struct {
				do    func()
				label string
				can   bool
			}{
				{func() {}, "In your contacts as Bob Marsh", false},
				{func() { o.page.Back(); o.key(fyne.KeyRight) }, "In your contacts as Bob Marsh", false},
				{func() { _ = o.journal.DeleteContact(t.Context(), ids) }, "Add to contacts", true},
			} {
				step.do()
				o.update(1)
				if b := o.page.details.contact; b.Label() != step.label || b.Disabled() == step.can {
					t.Errorf("says %q, want %q; it can be pressed: %t", b.Label(), step.label, !b.Disabled())
				}
			}
		})
	}
}

// TestNumbersAreCopiedAndWrittenTo: as they are shown, and whole.
func TestNumbersAreCopiedAndWrittenTo(t *testing.T) {
	for _, v := range []struct{ name, press, want string }{
		{"copied", "Copy number", "copy bob@example.com"},
		{"written to", "Message", "message office sip:bob@example.com;transport=ws"},
		{"recording", "Open", "open /tmp/x.wav"},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := called("Bob", "bob@example.com", true, journal.Answered)
			c.Recording = "/tmp/x.wav"
			o := detailed(t, c)
			o.press(t, v.press)
			o.expect(t, v.want)
		})
	}
}
