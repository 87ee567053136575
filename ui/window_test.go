package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
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

// TestDigitsTypedAnywhere: they go to the number field without a click, and Enter calls.
func TestDigitsTypedAnywhere(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	for _, r := range "+49301" {
		o.char(r)
	}
	o.key(fyne.KeyBackspace)
	if got := o.main.dial.number.Text; got != "+4930" {
		t.Errorf("number %q", got)
	}
	o.main.win.Canvas().Focus(o.main.dial.call)
	o.char('5')
	if got := o.main.dial.number.Text; got != "+49305" {
		t.Errorf("number, typed on a button: %q", got)
	}
	o.main.win.Canvas().Unfocus()
	o.key(fyne.KeyReturn)
	o.expect(t, "dial office +49305")
}

// TestEmptyEnterRecalls: Enter in an empty field brings the last number back; only the second one dials.
func TestEmptyEnterRecalls(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.key(fyne.KeyReturn)
	o.expect(t)
	o.main.dial.fill("bob@example.com")
	o.key(fyne.KeyReturn)
	o.expect(t, "dial office bob")
	s := inPhase(phone.PhaseCalling)
	s.Calls[0].URI = "sip:bob@example.com;x=1"
	o.update(s)
	o.update(idle())
	o.key(fyne.KeyReturn)
	o.expect(t)
	if got := o.main.dial.number.Text; got != "bob@example.com" {
		t.Errorf("brought back %q", got)
	}
	o.key(fyne.KeyReturn)
	o.expect(t, "redial office sip:bob@example.com;x=1")
}

// TestKeypadTypes: the keys write digits, and 0 a plus by the other button.
func TestKeypadTypes(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	for _, k := range uitest.LaidOut[*widget.Key](o.main.dial.object) {
		test.Tap(k)
		if k.Second != 0 {
			test.TapSecondary(k)
		}
	}
	if got := o.main.dial.number.Text; got != "123456789*0+#" {
		t.Errorf("typed %q", got)
	}
	test.Tap(o.main.dial.back)
	if got := o.main.dial.number.Text; got != "123456789*0+" {
		t.Errorf("after backspace %q", got)
	}
}

// TestPastedJunk: line ends and invisible characters around a number go; nothing is dialled by itself.
func TestPastedJunk(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.main.dial.number.SetText("\u202d+49 (30) 90\u00a01820\u202c\r\n")
	if got := o.main.dial.number.Text; got != "+49 (30) 90 1820" {
		t.Errorf("kept %q", got)
	}
	o.expect(t)
}

// TestNoCallWithoutConnection: Call is off and says why while the account cannot dial.
func TestNoCallWithoutConnection(t *testing.T) {
	o := open(t, Options{})
	for _, status := range []phone.RegistrationStatus{
		phone.StatusOff, phone.StatusConnecting, phone.StatusRegistering, phone.StatusRetrying, phone.StatusFailed,
		phone.StatusNoPassword,
	} {
		s := idle()
		s.Accounts[0].Status = status
		o.update(s)
		o.main.dial.fill("123")
		if !o.main.dial.call.Disabled() || o.main.dial.note.Text() == "" {
			t.Errorf("status %d: off %t, said %q", status, o.main.dial.call.Disabled(), o.main.dial.note.Text())
		}
		o.key(fyne.KeyReturn)
		o.expect(t, "dial office 123") // the phone says why not
		s.Refusal = &phone.Refusal{
			ID: fmt.Sprint(status), Command: phone.CommandDial,
			Cause: cause.Cause{Kind: cause.MessageEmpty},
		}
		o.update(s)
		if got := o.main.dial.note.Text() +
			o.main.dial.number.Text; got != "The message is empty. Write something.123" {
			t.Errorf("status %d: shown %q", status, got)
		}
		o.main.dial.fill("")
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
}

// TestBannerTellsTheProblem: title, why, what to do, and a button that does it.
func TestBannerTellsTheProblem(t *testing.T) {
	o := open(t, Options{})
	s := idle()
	o.update(s)
	if o.main.banner.object.Visible() {
		t.Error("a banner without a problem")
	}
	s.Accounts[0].Problem = &cause.Cause{
		Kind: cause.ServerNoAnswer, Server: "wss://h", After: 5 * time.Second,
		Action: cause.ActionRetry,
	}
	s.Notices = []phone.Notice{{ID: "n1", Cause: cause.Cause{Kind: cause.BegunEmpty, File: "x"}}}
	o.update(s)
	b := o.main.banner
	if got := b.title.Text() + "|" + b.why.Text() + "|" + b.action.Label(); got != "No answer from h:443 in 5 s.|A "+
		"firewall may block this port; many networks only allow 443. "+
		"Ask your provider for an address with port 443.|Try now" {
		t.Errorf("shown: %s", got)
	}
	o.stands()
	test.Tap(b.action)
	o.expect(t, "retry office")
	s.Accounts[0].Problem = nil
	o.update(s)
	o.stands()
	test.Tap(b.dismiss)
	o.expect(t, "dismiss n1")
}

// TestBannerMakesRoom: a banner that comes later covers nothing, and goes without leaving a gap.
func TestBannerMakesRoom(t *testing.T) {
	o := open(t, Options{})
	s := inPhase(phone.PhaseEstablished)
	o.update(s)
	without := fyne.CurrentApp().Driver().AbsolutePositionForObject(o.main.call.object).Y
	s.Notices = []phone.Notice{{ID: "n", Cause: cause.Cause{
		Kind: cause.BegunEmpty, File: "accounts.json.corrupt",
		Folder: "/home/alice",
	}}}
	o.update(s)
	driver := fyne.CurrentApp().Driver()
	b := o.main.banner.object
	below := driver.AbsolutePositionForObject(b).Y + b.MinSize().Height
	if at := driver.AbsolutePositionForObject(o.main.call.object).Y; at < below {
		t.Errorf("the call begins at %v, the banner ends at %v", at, below)
	}
	s.Notices = nil
	o.update(s)
	if at := driver.AbsolutePositionForObject(o.main.call.object).Y; at != without {
		t.Errorf("the call begins at %v, without a banner it began at %v", at, without)
	}
}

// TestPasswordIsAskedFor: the banner's button opens the question, and what is typed goes where the secret
// is kept.
func TestPasswordIsAskedFor(t *testing.T) {
	o := open(t, Options{})
	s := idle()
	s.Accounts[0].Status = phone.StatusNoPassword
	s.Accounts[0].Problem = &cause.Cause{
		Kind: cause.PasswordNeeded, Account: "alice@example.com",
		Action: cause.ActionEnterPassword,
	}
	o.update(s)
	o.stands()
	test.Tap(o.main.banner.action)
	entry, ok := o.main.win.Canvas().Focused().(*widget.Entry)
	if !ok {
		t.Fatal("the password field has no focus")
	}
	test.Type(entry, "s3cret")
	entry.OnSubmitted(entry.Text)
	o.expect(t, "password office s3cret keyring")
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

// TestNumberFieldByShortcut: Ctrl+L leads to the number field from everywhere.
func TestNumberFieldByShortcut(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.main.openSettings()
	o.main.keys.combos.TypedShortcut(&desktop.CustomShortcut{
		KeyName:  fyne.KeyL,
		Modifier: fyne.KeyModifierShortcutDefault,
	})
	if o.main.page != nil || o.main.win.Canvas().Focused() != o.main.dial.number {
		t.Error("the number field has no focus")
	}
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

// TestDeviceMenu: chosen devices are marked, absent ones named, and a choice goes to the phone.
func TestDeviceMenu(t *testing.T) {
	o := open(t, Options{})
	s := idle()
	s.Devices.Settings.Speaker = account.DeviceChoice{ID: "gone", Name: "Old headset"}
	o.update(s)
	menu := deviceMenu(o.app)
	var got []string
	for _, i := range menu.Items {
		label := i.Label
		if i.Checked {
			label += " ✓"
		}
		got = append(got, label)
	}
	want := []string{
		"Microphone", "Follow the system", "Jabra Evolve 40 Mono ✓", "Built-in microphone", "",
		"Loudspeaker", "Follow the system", "Jabra Evolve 40 Stereo", "Built-in loudspeaker",
		"Old headset (not plugged in) ✓",
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("menu %q, want %q", got, want)
		}
	}
	menu.Items[3].Action()
	menu.Items[6].Action()
	o.expect(t, "device microphone m2", "device speaker ")
}

// TestLoopbacksAreMarkedWhereTheyAreChosen, in the menu of a call, in the settings and in the wizard, which say as well
// that there is no microphone.
//
// Holds: microphone
func TestLoopbacksAreMarkedWhereTheyAreChosen(t *testing.T) {
	const marked = "Monitor of Built-in Audio (records what is played)"
	o := open(t, Options{})
	s := withoutMicrophone()
	o.update(s)
	for _, v := range []struct {
		name string
		show func() *soundPanel
	}{
		{"settings", func() *soundPanel { o.main.openSettings(); return o.main.page.(*settingsPage).sound }},
		{"wizard", func() *soundPanel {
			o.main.openWizardDetails()
			w := o.main.page.(*wizard)
			w.show(stepSound)
			return w.sound
		}},
	} {
		t.Run(v.name, func(t *testing.T) {
			p := v.show()
			o.update(s)
			if got := p.mic.Options; len(got) != 2 || got[1] != marked {
				t.Errorf("microphones %q", got)
			}
			if !p.problem.object.Visible() || !strings.HasPrefix(p.problem.text.Text(), "No microphone") {
				t.Errorf("told %q", p.problem.text.Text())
			}
			well := idle()
			well.Serial = s.Serial + 1
			o.update(well)
			if p.problem.object.Visible() {
				t.Error("told though all is well")
			}
		})
	}
	t.Run("menu of a call", func(t *testing.T) {
		o.update(s)
		menu := deviceMenu(o.app)
		label := menu.Items[2].Label // the name is shortened, the mark is not
		if !strings.HasPrefix(label, "Monitor") || !strings.HasSuffix(label, " (records what is played)") {
			t.Errorf("%q", label)
		}
	})
	t.Run("chosen and gone", func(t *testing.T) {
		gone := s
		gone.Devices.Capture = gone.Devices.Capture[:1]
		gone.Devices.Settings.Microphone = account.DeviceChoice{
			ID: "mon", Name: "Monitor of Built-in Audio",
			Loopback: true,
		}
		if names, _ := deviceNames(gone.Devices, account.RoleMicrophone); len(names) != 2 ||
			names[1] != marked+" (not plugged in)" {
			t.Errorf("%q", names)
		}
	})
	t.Run("microphones are not marked", func(t *testing.T) {
		names, _ := deviceNames(devices(), account.RoleMicrophone)
		if strings.Contains(strings.Join(names, ""), "records") {
			t.Errorf("%q", names)
		}
	})
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
