package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/journal"
	"calla/ui/history"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// recentCalls is a journal with a call with each of so many, the newest first of the last hour.
func recentCalls(t *testing.T, n int) *journal.Journal {
	t.Helper()
	j := journalOf(t)
	for i := range n {
		keepCall(t, j, fmt.Sprintf("Person %d", n-1-i), fmt.Sprintf("p%d@example.com", n-1-i))
	}
	return j
}

// keepCall keeps a call with somebody, and waits until it is in the file.
func keepCall(t *testing.T, j *journal.Journal, name, address string) {
	t.Helper()
	if _, err := j.Record(journal.Call{
		AccountID: "office", Account: "Office", Name: name, Address: address, URI: "sip:" + address + ";transport=ws",
		Incoming: true, Outcome: journal.Missed, Began: time.Now(),
	}); err != nil {
		t.Fatal(err)
	}
	_ = j.SetNote(t.Context(), -1, "") // done after what was put in before it
}

// told is a State in which the journal tells of what is kept.
func (o *opened) told(s phone.State) phone.State {
	s.Journal = o.phone.journal.Counts()
	return s
}

// shownRecents are the two lists that may be in view.
func (o *opened) shownRecents() (keypad, beside int) {
	uitest.Settle(o.main.win)
	if o.main.dial.object.Visible() && o.main.dial.recent.Object.Visible() && o.main.home.Visible() {
		keypad = o.main.dial.recent.Rows()
	}
	if d := o.main.details; o.main.side.Visible() && o.main.wide && o.main.page == nil && d.recentBox.Visible() {
		beside = d.recent.Rows()
	}
	return keypad, beside
}

// TestLastCallsStandWhereThereIsRoom: above the keys, which keep their size, or in the pane beside them, and never in
// both.
func TestLastCallsStandWhereThereIsRoom(t *testing.T) {
	call := func(*opened) phone.State { return inPhase(phone.PhaseEstablished) }
	for _, v := range []struct {
		name           string
		width, height  float32
		calls          int
		state          func(*opened) phone.State
		do             func(*opened)
		keypad, beside int
	}{
		{"the smallest window", 360, 560, 8, nil, nil, 0, 0},
		{"the first window", 380, 640, 8, nil, nil, 2, 0},
		{"a higher one", 400, 740, 8, nil, nil, 5, 0},
		{"a very high one", 400, 1200, 20, nil, nil, 8, 0},
		{"nobody", 400, 1200, 0, nil, nil, 0, 0},
		{"one", 400, 1200, 1, nil, nil, 1, 0},
		{"wide", 1200, 800, 20, nil, nil, 0, 8},
		{"wide, nobody", 1200, 800, 0, nil, nil, 0, 0},
		{"wide, in a call", 1200, 800, 8, call, nil, 0, 0},
		{"wide, a call is added", 1200, 800, 8, call, func(o *opened) { o.main.setAdding(true) }, 5, 0},
		{"wide, with a page", 1200, 800, 8, nil, func(o *opened) { o.main.openSettings() }, 0, 0},
		{"with a page", 400, 740, 8, nil, func(o *opened) { o.main.openSettings() }, 0, 0},
		{"much to tell of the number", 380, 640, 8, nil, func(o *opened) {
			o.main.dial.fill("please call Bob Marsh tomorrow")
			o.main.dial.dial()
		}, 2, 0},
		{"all accounts in trouble", 380, 640, 8, func(*opened) phone.State { return many(20, 20) }, nil, 2, 0},
		{"made wider", 400, 740, 8, nil, func(o *opened) { o.main.win.Resize(fyne.NewSize(1000, 740)) }, 0, 8},
		{"made narrower", 1000, 740, 8, nil, func(o *opened) { o.main.win.Resize(fyne.NewSize(400, 740)) }, 5, 0},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := openWith(t, Options{Size: account.Size{Width: v.width, Height: v.height}}, recentCalls(t, v.calls))
			o.update(idle())
			uitest.Settle(o.main.win)
			keys := o.main.dial.object.(*fyne.Container).Objects[2].Size()
			s := idle()
			if v.state != nil {
				s = v.state(o)
			}
			o.update(o.told(s))
			o.finish()
			if v.do != nil {
				v.do(o)
				o.update(o.told(s))
			}
			if keypad, beside := o.shownRecents(); keypad != v.keypad || beside != v.beside {
				t.Errorf("%d above the keys and %d beside, want %d and %d", keypad, beside, v.keypad, v.beside)
			}
			if now := o.main.dial.object.(*fyne.Container).Objects[2].Size(); v.do == nil && now != keys {
				t.Errorf("the keys are %v, and were %v", now, keys)
			}
			o.apart(t)
		})
	}
}

// apart fails where the parts of the keypad cover each other.
func (o *opened) apart(t *testing.T) {
	t.Helper()
	below := float32(0)
	all := o.main.dial.object.(*fyne.Container).Objects
	for _, i := range []int{0, 1, 4, 2, 3} { // from the top
		if !all[i].Visible() {
			continue
		}
		if y := all[i].Position().Y; y < below {
			t.Errorf("part %d begins at %.0f, above the end of the one before it (%.0f)", i, y, below)
		}
		below = all[i].Position().Y + all[i].Size().Height
	}
}

// recents is a window with the last calls in view, narrow or wide.
func recents(t *testing.T, wide bool, j *journal.Journal) *opened {
	t.Helper()
	size := account.Size{Width: 400, Height: 740}
	if wide {
		size = account.Size{Width: 1200, Height: 800}
	}
	o := openWith(t, Options{Size: size}, j)
	o.update(o.told(idle()))
	o.finish()
	uitest.Settle(o.main.win)
	o.recentAt = time.Time{} // they have been there for long
	return o
}

// list is the list of last calls that is in view.
func (o *opened) list() *history.RecentList {
	if o.main.wide {
		return o.main.details.recent
	}
	return o.main.dial.recent
}

// press clicks a row of it.
func (o *opened) press(i int) {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o.list().Object)
	test.TapCanvas(o.main.win.Canvas(), at.AddXY(100, 20+44*float32(i)))
}

// reach brings the keyboard to it by Tab, from the start.
func (o *opened) reach(t *testing.T) {
	t.Helper()
	o.main.win.Canvas().Unfocus()
	for range 60 {
		o.main.win.Canvas().FocusNext()
		if f, is := o.main.win.Canvas().Focused().(*widget.List); is && f.Visible() {
			return
		}
	}
	t.Fatal("Tab does not reach it")
}

// TestLastCallsAreCalledAgain: a click fills the number field, Enter calls, each with the account and the whole
// address.
func TestLastCallsAreCalledAgain(t *testing.T) {
	const text = "p1@example.com"
	second := []string{"redial office sip:p1@example.com;transport=ws"}
	down := func(t *testing.T, o *opened) { o.reach(t); o.key(fyne.KeyDown) }
	for _, v := range []struct {
		name string
		do   func(*testing.T, *opened)
		want []string
		text string // in the field
	}{
		{"a click", func(_ *testing.T, o *opened) { o.press(1) }, nil, text},
		{"a click, and Enter", func(_ *testing.T, o *opened) { o.press(1); o.key(fyne.KeyReturn) }, second, text},
		{"a click, and Call", func(_ *testing.T, o *opened) { o.press(1); o.tap(o.main.dial.call) }, second, text},
		{"Enter", func(t *testing.T, o *opened) { down(t, o); o.key(fyne.KeyReturn) }, second, text},
		{"Space", func(t *testing.T, o *opened) { down(t, o); o.key(fyne.KeySpace) }, nil, text},
		{"digits over it", func(t *testing.T, o *opened) { o.reach(t); o.char('7') }, nil, "7"},
		{"Enter as others come", func(t *testing.T, o *opened) {
			o.reach(t)
			o.showRecents(o.recents[3:])
			if o.recentAt.IsZero() {
				t.Error("nobody knows when they came")
			}
			o.recentAt = time.Now().Add(time.Hour) // however slow this computer is, they have just come
			o.key(fyne.KeyReturn)
		}, nil, ""},
	} {
		for _, wide := range []bool{false, true} {
			t.Run(fmt.Sprint(v.name, ", wide: ", wide), func(t *testing.T) {
				o := recents(t, wide, recentCalls(t, 8))
				o.phone.took()
				v.do(t, o)
				o.expect(t, v.want...)
				if got := o.main.dial.number.Text; got != v.text {
					t.Errorf("the field has %q, want %q", got, v.text)
				}
			})
		}
	}
}

// TestTheKeyboardStaysWithWhomItIsAt as calls come and go, and leaves what is hidden.
func TestTheKeyboardStaysWithWhomItIsAt(t *testing.T) {
	j := recentCalls(t, 8)
	o := recents(t, false, j)
	o.reach(t)
	o.key(fyne.KeyDown)
	keepCall(t, j, "Somebody else", "new@example.com")
	o.update(o.told(idle()))
	o.finish()
	o.recentAt = time.Time{}
	o.phone.took()
	o.key(fyne.KeyReturn)
	o.expect(t, "redial office sip:p1@example.com;transport=ws")
	for name, hide := range map[string]func(){
		"no room":  func() { o.main.win.Resize(fyne.NewSize(360, 560)) },
		"wide":     func() { o.main.win.Resize(fyne.NewSize(1000, 740)) },
		"a page":   func() { o.main.openSettings() },
		"a call":   func() { o.update(inPhase(phone.PhaseEstablished)) },
		"no calls": func() { o.showRecents(nil) },
		"a message": func() {
			o.main.dial.fill("please call Bob")
			o.main.dial.dial()
			o.main.win.Resize(fyne.NewSize(380, 600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			o = recents(t, false, recentCalls(t, 8))
			o.reach(t)
			hide()
			uitest.Settle(o.main.win)
			o.phone.took()
			if f, is := o.main.win.Canvas().Focused().(*widget.List); is {
				t.Errorf("the keyboard is at %q", f.Name)
			}
		})
	}
}

// TestLastCallsOfHostileNames: each in its row, within the window, with the account where there are several.
func TestLastCallsOfHostileNames(t *testing.T) {
	for _, v := range []struct{ name, who, address string }{
		{"endless", strings.Repeat("A very long name ", 40), "a@example.com"},
		{"without spaces", strings.Repeat("x", 500), strings.Repeat("y", 300) + "@example.com"},
		{"right to left", "\u05d0\u05dc\u05d9\u05e1 \u05db\u05d4\u05df", "+972 3 555"},
		{"turned", "\u202eevil\u202c\u2066", "b@example.com"},
		{"of several lines", "Bob\nCall me\r\n\x1b[31m", "c@example.com"},
		{"pictures", strings.Repeat("\U0001f468\u200d\U0001f469\u200d\U0001f467", 60), "d@example.com"},
		{"no name", "", "e@example.com"},
		{"blanks", " \u00a0\t", "f@example.com"},
	} {
		t.Run(v.name, func(t *testing.T) {
			for _, wide := range []bool{false, true} {
				j := journalOf(t)
				keepCall(t, j, v.who, v.address)
				keepCall(t, j, v.who, "other."+v.address)
				o := recents(t, wide, j)
				o.update(o.told(many(20, 3)))
				uitest.Settle(o.main.win)
				if o.list().Rows() != 2 {
					t.Fatalf("%d rows", o.list().Rows())
				}
				rows := 0
				for _, text := range uitest.LaidOut[*widget.Text](o.list().Object) {
					if strings.ContainsAny(text.Text(), "\n\r\x1b\u202e") {
						t.Errorf("%q is shown", text.Text())
					}
					if strings.HasSuffix(text.Text(), "Office") {
						rows++
					}
				}
				if rows != 2 {
					t.Errorf("the account is told in %d rows", rows)
				}
				o.apart(t)
			}
		})
	}
}

// TestLastCallsFollowTheHistory: what is deleted goes, what comes stands first, and a phone that keeps nothing shows
// none.
func TestLastCallsFollowTheHistory(t *testing.T) {
	j := recentCalls(t, 3)
	o := recents(t, false, j)
	for _, step := range []struct {
		name string
		do   func()
		want int
	}{
		{"three", func() {}, 3},
		{"one more", func() { keepCall(t, j, "New", "new@example.com") }, 4},
		{"the same once more", func() { keepCall(t, j, "New", "new@example.com") }, 4},
		{"all deleted", func() {
			if err := j.DeleteCalls(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"the first", func() { keepCall(t, j, "New", "new@example.com") }, 1},
	} {
		step.do()
		o.update(o.told(idle()))
		o.finish()
		if got, _ := o.shownRecents(); got != step.want {
			t.Errorf("%s: %d rows, want %d", step.name, got, step.want)
		}
	}
	none := open(t, Options{Size: account.Size{Width: 1200, Height: 800}})
	none.update(idle())
	if none.main.details.recentBox.Visible() {
		t.Error("a phone that keeps nothing has a place for calls")
	}
}

// recentScreens are the pictures of the last calls.
func recentScreens() map[string]func(*opened) fyne.Window {
	draw := func(s phone.State, width, height float32) func(*opened) fyne.Window {
		return func(o *opened) fyne.Window {
			if !o.main.wide {
				o.main.win.Resize(fyne.NewSize(width, height))
			}
			for _, c := range []journal.Call{
				{
					Name: strings.Repeat("A very long name ", 9), Address: "+49 30 1234567", Outcome: journal.Answered,
					Incoming: true,
				},
				{Name: "\u05d0\u05dc\u05d9\u05e1 \u05db\u05d4\u05df", Address: "+972 3 5", Outcome: journal.Cancelled},
				{
					Address: "reception.of.the.northern.building@telephony.example.com", Outcome: journal.Elsewhere,
					Incoming: true,
				},
				{
					Name:    "\U0001f468\u200d\U0001f469\u200d\U0001f467 Family",
					Address: "home@example.com", Outcome: journal.Unanswered,
				},
				{Name: "Maria Ortiz", Address: "+34 91 555 0142", Outcome: journal.Missed, Incoming: true},
				{Name: "Bob Marsh", Address: "bob@example.com", Outcome: journal.Answered},
			} {
				c.AccountID, c.Account, c.URI = "office", "Office", "sip:"+c.Address
				c.Began, c.Ended = time.Now().Add(-100*time.Second), time.Now()
				c.Answered = c.Began
				_, _ = o.phone.journal.Record(c)
			}
			_ = o.phone.journal.SetNote(context.Background(), -1, "")
			o.update(o.told(s))
			o.finish()
			return nil
		}
	}
	return map[string]func(*opened) fyne.Window{
		"recents":        draw(idle(), firstWidth, firstHeight),
		"recents-higher": draw(many(20, 3), 400, 900),
		"recents-beside": draw(inPhase(phone.PhaseEstablished), 400, 740),
	}
}
