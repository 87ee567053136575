package ui

import (
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/tell"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestNewestStateWins: however many States come while Fyne is busy, one drawing is pending, and it draws
// the newest.
func TestNewestStateWins(t *testing.T) {
	var drawn []uint64
	var pending []func()
	r := newRenderer(func(s phone.State) { drawn = append(drawn, s.Serial) })
	r.do = func(f func()) { pending = append(pending, f) }
	for i := range uint64(5) {
		r.publish(phone.State{Serial: i + 1})
	}
	if len(pending) != 1 {
		t.Fatalf("%d drawings pending, want 1", len(pending))
	}
	pending[0]()
	r.publish(phone.State{Serial: 6})
	pending[1]()
	if len(drawn) != 2 || drawn[0] != 5 || drawn[1] != 6 {
		t.Errorf("drawn %v, want [5 6]", drawn)
	}
}

// TestStatusIsShapeAndWord: no status is told by colour alone.
func TestStatusIsShapeAndWord(t *testing.T) {
	type look struct {
		shape widget.Shape
		word  string
	}
	seen := map[look]phone.RegistrationStatus{}
	for status := phone.StatusOff; status <= phone.StatusNoPassword; status++ {
		standing := cause.Cause{Kind: []cause.Kind{
			cause.Off, cause.Connecting, cause.Registering, cause.Registered, cause.Connected, cause.NoConnection,
			cause.WrongPassword, cause.PasswordNeeded,
		}[status]}
		l := look{
			tell.StatusShape(status),
			tell.Status(phone.AccountState{Status: status, Standing: standing}, time.Now()),
		}
		if l.word == "" {
			t.Errorf("status %d has no word", status)
		}
		if other, ok := seen[l]; ok {
			t.Errorf("statuses %d and %d look the same", status, other)
		}
		seen[l] = status
	}
	if tell.StatusShape(phone.StatusRegistered) == tell.StatusShape(phone.StatusRetrying) ||
		tell.StatusShape(phone.StatusRetrying) == tell.StatusShape(phone.StatusFailed) {
		t.Error("registered, retrying and failed share a shape")
	}
}

// TestRetryCountsDown: the status counts to the next try.
func TestRetryCountsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		s := idle()
		s.Accounts[0].Status, s.Accounts[0].RetryAt = phone.StatusRetrying, time.Now().Add(8*time.Second)
		o.update(s)
		if got := o.main.head.pill.Word(); got != "Retry in 8 s" {
			t.Errorf("status %q", got)
		}
		if o.pace.tempo.beats != 1 {
			t.Error("the count-down stands still")
		}
		o.main.tick(time.Now().Add(5 * time.Second))
		if got := o.main.head.pill.Word(); got != "Retry in 3 s" {
			t.Errorf("status five seconds later %q", got)
		}
	})
}

// TestWelcome: without an account the first page offers the three ways to begin.
func TestWelcome(t *testing.T) {
	o := open(t, Options{})
	o.update(phone.State{})
	if !o.main.welcome.object.Visible() || o.main.dial.object.Visible() {
		t.Fatal("the first page is not shown")
	}
	labels := map[string]*widget.Button{}
	for _, b := range uitest.LaidOut[*widget.Button](o.main.welcome.object) {
		labels[b.Label()] = b
	}
	for _, want := range []string{"Try it now", "Paste a JsSIP configuration", "Enter address and password"} {
		if labels[want] == nil {
			t.Errorf("no %q", want)
		}
	}
	test.Tap(labels["Try it now"])
	o.expect(t, "sandbox")
	sandbox := phone.AccountState{ID: "sandbox", Sandbox: true, Status: phone.StatusRegistering}
	o.update(phone.State{Accounts: []phone.AccountState{sandbox}, Account: "sandbox"})
	o.expect(t)
	sandbox.Status = phone.StatusRegistered
	for range 2 {
		o.update(phone.State{Accounts: []phone.AccountState{sandbox}, Account: "sandbox"})
	}
	o.expect(t, "dial sandbox echo")
}

// TestFocusLeavesWithItsPane: a key pressed after a pane has gone does not press a button on it.
func TestFocusLeavesWithItsPane(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.main.dial.fill("123")
	o.main.win.Canvas().Focus(o.main.dial.call)
	o.stands()
	o.key(fyne.KeyReturn)
	o.expect(t, "dial office 123")
	o.update(inPhase(phone.PhaseCalling))
	o.key(fyne.KeyReturn)
	o.key(fyne.KeySpace)
	o.expect(t)
}

// TestWindowRemembersItsSize: the size is kept, and never smaller than the least.
func TestWindowRemembersItsSize(t *testing.T) {
	if got := startSize(account.Size{}, account.Size{Width: 500, Height: 700}); got != fyne.NewSize(500, 700) {
		t.Errorf("remembered size: %v", got)
	}
	if got := startSize(account.Size{}, account.Size{Width: 10, Height: 10}); got != fyne.NewSize(minWidth, minHeight) {
		t.Errorf("least size: %v", got)
	}
	o := open(t, Options{})
	o.main.rememberPlace()
	if got := o.phone.settings.Window; got != (account.Size{Width: minWidth, Height: minHeight}) {
		t.Errorf("kept %v", got)
	}
}

// TestWideHasARightPane: from 900 px the details stand beside the telephone, with real figures.
func TestWideHasARightPane(t *testing.T) {
	o := open(t, Options{Size: account.Size{Width: 1000, Height: 700}})
	o.update(inPhase(phone.PhaseEstablished))
	m := o.main
	if !m.home.Visible() || !m.side.Visible() {
		t.Fatal("not two panes")
	}
	facts := map[string]string{}
	for _, f := range m.details.call.shown {
		facts[f.what] = f.value
	}
	for what, want := range map[string]string{
		"Codec": "Opus", "Lost": "0.1 %", "Round trip": "24 ms",
		"INVITE sent after": "12 ms", "Packets sent": "6\u202f650",
	} {
		if facts[what] != want {
			t.Errorf("%s: %q, want %q", what, facts[what], want)
		}
	}
	m.openSettings()
	if !m.home.Visible() {
		t.Error("a page hides the telephone where there is room for both")
	}
	m.win.Resize(fyne.NewSize(400, 600))
	if m.home.Visible() || !m.side.Visible() {
		t.Error("in one column the page does not take the whole window")
	}
}

// TestThemeChoice: the choice takes effect and is kept.
func TestThemeChoice(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.main.openSettings()
	p := o.main.page.(*settingsPage)
	test.Tap(p.themes[account.ThemeDark])
	if o.phone.settings.Theme != account.ThemeDark || o.theme != account.ThemeDark ||
		!p.themes[account.ThemeDark].On() {
		t.Errorf("kept %q, shown %q", o.phone.settings.Theme, o.theme)
	}
}

// TestSoundCheck: it runs while asked for and ends with the page.
func TestSoundCheck(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.main.openSettings()
	p := o.main.page.(*settingsPage)
	test.Tap(p.sound.check)
	o.beat(false)
	if p.sound.micLevel.Fraction() == 0 {
		t.Error("the meter stands still")
	}
	test.Tap(p.sound.record)
	if got := p.sound.outcome.Text(); got == "" {
		t.Error("nothing is said of the recording")
	}
	o.main.closePage()
	o.expect(t, "sound check", "record", "sound check ends")
}

// TestKeyboardReachesEverything: going round with Tab meets every button of the keypad page, top to
// bottom.
func TestKeyboardReachesEverything(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.main.dial.fill("1")
	c := o.main.win.Canvas()
	met := map[fyne.Focusable]int{}
	for i := range 40 {
		c.FocusNext()
		if f := c.Focused(); f != nil && met[f] == 0 {
			met[f] = i + 1
		}
	}
	order := []fyne.Focusable{
		o.main.head.pill, o.main.head.more, o.main.dial.number, o.main.dial.call,
		o.main.dial.back,
	}
	for i, f := range order {
		if met[f] == 0 {
			t.Errorf("%T is never met", f)
		}
		if i > 0 && met[f] < met[order[i-1]] {
			t.Errorf("%T is met before %T", f, order[i-1])
		}
	}
	keys := 0
	for f := range met {
		if _, ok := f.(*widget.Key); ok {
			keys++
		}
	}
	if keys != 12 {
		t.Errorf("%d keys are met, want 12", keys)
	}
}
