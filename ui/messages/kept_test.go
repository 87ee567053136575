package messages

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// brings has one more message come, as the phone tells it.
func (d *desk) brings(update func(phone.State, time.Time), all ...phone.Message) {
	d.MessageMemory = phone.NewMessageMemory(all...)
	s := d.state()
	s.Messages.Revision = uint64(1000 + len(all))
	update(s, time.Now())
	d.finish()
}

func with(party string) func(*phone.Message) {
	return func(m *phone.Message) { m.Party, m.Address, m.URI = party, party, "sip:"+party }
}

// TestAPressOpensTheConversationThatStoodThere: a message brings another one to the top, under the pointer; the
// keyboard stays with the one that it is at.
func TestAPressOpensTheConversationThatStoodThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bob, carol := said(1, "from bob", came, with("bob@x")), said(2, "from carol", came, with("carol@x"))
		d := newDesk(t, bob, carol)
		l := d.list()
		rows := func() []*widget.Row { return uitest.LaidOut[*widget.Row](l.Object()) }
		d.Focus(rows()[0]) // carol's
		time.Sleep(time.Hour)
		d.brings(l.Update, bob, carol, said(3, "bob again", came, with("bob@x")))
		d.took()
		first := rows()[0]
		if first.Title() != "bob@x" {
			t.Fatalf("the first is %q", first.Title())
		}
		first.Tapped(nil)
		time.Sleep(widget.DeadTime - time.Millisecond)
		first.Tapped(nil)
		d.expect()
		time.Sleep(time.Millisecond)
		first.Tapped(nil)
		d.expect("open office bob@x")
		d.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		d.expect("open office carol@x")
	})
}

// TestWhatIsReadStaysWhereItIs: a message that comes is shown to whoever is at the end, and moves nobody who reads what
// is older.
func TestWhatIsReadStaysWhereItIs(t *testing.T) {
	for _, v := range []struct {
		name   string
		before int
		atEnd  bool
		own    bool
		moves  bool // to the end
	}{
		{"at the end", 20, true, false, true},
		{"reading", 20, false, false, false},
		{"reading, the oldest has no room any more", pageRows, false, false, false},
		{"an answer of one's own", 20, false, true, true},
	} {
		t.Run(v.name, func(t *testing.T) {
			var some []phone.Message
			for i := range v.before {
				some = append(some, said(int64(i+1), fmt.Sprint("text ", i), came))
			}
			d := newDesk(t, some...)
			p := d.talk("bob@x")
			uitest.Settle(d.win)
			p.scroll.ScrollToBottom()
			if !v.atEnd {
				p.scroll.ScrollToOffset(fyne.NewPos(0, 400))
			}
			read := p.bubbles.Objects[10]
			place := fyne.CurrentApp().Driver().AbsolutePositionForObject
			before := place(read).Y
			last := said(int64(v.before+1), "the last one", came)
			if v.own {
				last = said(int64(v.before+1), "the last one")
			}
			d.brings(p.Update, append(some, last)...)
			uitest.Settle(d.win)
			if moved := place(read).Y - before; (moved > 1 || moved < -1) != v.moves {
				t.Errorf("what is read moved by %.0f", moved)
			}
			if v.moves && !p.atEnd() {
				t.Error("the new message is not in view")
			}
		})
	}
}

// TestARefusedTextIsNotLost: it comes back into the field, below what is written there by then.
func TestARefusedTextIsNotLost(t *testing.T) {
	for _, v := range []struct{ name, typed, want string }{
		{"nothing else is typed", "", "the first"},
		{"blanks", " ", "the first"},
		{"something else is", "the second", "the second\nthe first"},
		{"it was typed again", "the first one", "the first one"},
	} {
		t.Run(v.name, func(t *testing.T) {
			d := newDesk(t, said(1, "x"))
			p := d.talk("bob@x")
			p.text.SetText("the first")
			p.say()
			p.text.SetText(v.typed)
			s := d.state()
			s.Refusal = &phone.Refusal{
				ID: "r1", Command: phone.CommandMessage, Cause: cause.Cause{Kind: cause.NoConnection},
			}
			for range 2 {
				p.Update(s, time.Now())
				if p.text.Text != v.want {
					t.Fatalf("%q, want %q", p.text.Text, v.want)
				}
			}
		})
	}
}

// TestWhatWasBegunIsThereWhenThePageOpensAgain, for each conversation its own, until it is sent.
func TestWhatWasBegunIsThereWhenThePageOpensAgain(t *testing.T) {
	d := newDesk(t, said(1, "x"), said(2, "y", with("carol@x")))
	p := d.talk("bob@x")
	p.text.SetText("half a sen")
	p.Close()
	if other := d.talk("carol@x"); other.text.Text != "" || !other.send.Disabled() {
		t.Errorf("in another conversation there is %q", other.text.Text)
	}
	p = d.talk("bob@x")
	if p.text.Text != "half a sen" || p.send.Disabled() {
		t.Fatalf("there is %q, can be sent: %v", p.text.Text, !p.send.Disabled())
	}
	p.say()
	if p = d.talk("bob@x"); p.text.Text != "" {
		t.Errorf("what was sent is there: %q", p.text.Text)
	}
}
