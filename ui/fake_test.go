package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/doctor"
	"calla/phone/journal"
	"calla/ui/uitest"
)

// oneGoroutine is said by a test of minutes in which Fyne's goroutine alone works: the race detector has nothing to
// find in it, and `make test` runs it without.
func oneGoroutine(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("one goroutine alone: run without the race detector")
	}
}

// recorder is a Phone that writes down what it is told and answers what it was given.
type recorder struct {
	*phone.MessageMemory // texts, unless a test has others

	mu       sync.Mutex
	calls    []string
	publish  func(phone.State)
	accounts map[string]account.Account
	settings account.Settings
	steps    []doctor.Step
	saveErr  []error // for each SaveAccount in turn; nil when used up
	saved    account.Account
	kept     account.Secret
	secret   account.Secret
	place    account.SecretPlace
	mic, far float64
	journal  *journal.Journal
	nameOf   func(user string) (name string, contact bool)
	measured func(phone.Latency, *cause.Cause) // that MeasureLatency was given last
}

func (r *recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf(format, args...))
}

// took returns what was told since the last time.
func (r *recorder) took() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls
	r.calls = nil
	return calls
}

func (r *recorder) Subscribe(f func(phone.State)) func() { r.publish = f; return func() {} }
func (r *recorder) Call(id string, to phone.Address, o phone.CallOptions) {
	r.note("dial %s %s", id, textOf(to, o))
}

func (r *recorder) Redial(id, uri, after string) {
	r.note("%s", strings.TrimSpace("redial "+id+" "+uri+" "+after))
}
func (r *recorder) Prepare(string)                  {}
func (r *recorder) Answer(id string)                { r.note("answer %s", id) }
func (r *recorder) Decline(id string)               { r.note("decline %s", id) }
func (r *recorder) Ignore(id string)                { r.note("ignore %s", id) }
func (r *recorder) DeclineBusy(id string)           { r.note("busy %s", id) }
func (r *recorder) DeclineWithText(id, text string) { r.note("decline %s: %s", id, text) }
func (r *recorder) Forward(id string, to phone.Address) {
	r.note("forward %s %s", id, textOf(to, phone.CallOptions{}))
}

func (r *recorder) HangUp(id string)           { r.note("hang up %s", id) }
func (r *recorder) SetMuted(id string, m bool) { r.note("mute %s %t", id, m) }
func (r *recorder) SetHold(id string, on bool) { r.note("hold %s %t", id, on) }
func (r *recorder) Swap(id string)             { r.note("swap %s", id) }
func (r *recorder) Transfer(id string, to phone.Address) {
	r.note("transfer %s %s", id, textOf(to, phone.CallOptions{}))
}

func (r *recorder) AskFirst(id string, to phone.Address, o phone.CallOptions) {
	r.note("ask first %s %s", id, textOf(to, o))
}

// textOf is an address as it would be dialled.
func textOf(to phone.Address, o phone.CallOptions) string {
	return config.Dialled{URI: to.URI, After: o.After}.Text("example.com")
}
func (r *recorder) CompleteTransfer(id string) { r.note("complete %s", id) }
func (r *recorder) Connect(one, other string)  { r.note("connect %s %s", one, other) }
func (r *recorder) Confer(ids ...string)       { r.note("confer %s", strings.Join(ids, " ")) }
func (r *recorder) Split(id string)            { r.note("split %s", id) }
func (r *recorder) HoldConference(on bool)     { r.note("hold conference %t", on) }
func (r *recorder) LeaveConference()           { r.note("leave conference") }
func (r *recorder) Record(id string, on bool)  { r.note("record %s %t", id, on) }
func (r *recorder) PauseRecording(id string, on bool) {
	r.note("pause %s %t", id, on)
}
func (r *recorder) CancelConsult(id string)   { r.note("cancel %s", id) }
func (r *recorder) AcceptReferral(id string)  { r.note("accept %s", id) }
func (r *recorder) DeclineReferral(id string) { r.note("refuse %s", id) }
func (r *recorder) CallRedirect(address string, withAfter bool) {
	r.note("redirect %s%s", address, map[bool]string{true: " with digits"}[withAfter])
}

func (r *recorder) SendMessage(id, address, text string) {
	r.note("message %s %s %q", id, address, text)
}

func (r *recorder) Reply(id, uri, text string) { r.note("reply %s %s %q", id, uri, text) }

func (r *recorder) Resend(m phone.Message) { r.note("resend %d", m.ID) }

func (r *recorder) Correspondent(_, address string) (party, shown string) {
	party = strings.TrimPrefix(address, "sip:")
	return party, party
}

func (r *recorder) DeleteConversation(_ context.Context, id, party string) error {
	r.note("delete %s %s", id, party)
	return nil
}

func (r *recorder) DeleteMessages(context.Context) error { r.note("delete messages"); return nil }

func (r *recorder) MarkRead(id, party string, upTo int64) { r.note("read %s %s %d", id, party, upTo) }
func (r *recorder) UnregisterAll(id string)               { r.note("unregister all %s", id) }
func (r *recorder) SendDTMF(id, digits string)            { r.note("dtmf %s %s", id, digits) }
func (r *recorder) ContinuePostDial(id string)            { r.note("go on %s", id) }
func (r *recorder) CancelPostDial(id string)              { r.note("drop digits %s", id) }
func (r *recorder) ReadDialled(_, text string) phone.Reading {
	return phone.ReadDialled(text, "example.com")
}

func (r *recorder) NameOf(ctx context.Context, _ string, to phone.Address) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.nameOf == nil || ctx.Err() != nil {
		return "", false
	}
	return r.nameOf(to.URI.User)
}

func (r *recorder) Levels(string) (float64, float64)          { r.note("levels"); return r.mic, r.far }
func (r *recorder) SetDoNotDisturb(d account.DoNotDisturb)    { r.note("quiet %t", d.On) }
func (r *recorder) UseAccount(id string)                      { r.note("use %s", id) }
func (r *recorder) Retry(id string)                           { r.note("retry %s", id) }
func (r *recorder) AcceptLogin(id string)                     { r.note("accept login %s", id) }
func (r *recorder) AllowRealm(id, realm string)               { r.note("allow realm %s %q", id, realm) }
func (r *recorder) DismissNotice(id string)                   { r.note("dismiss %s", id) }
func (r *recorder) MarkMissedSeen()                           { r.note("missed calls seen") }
func (r *recorder) DismissEnded()                             { r.note("dismiss ended") }
func (r *recorder) Journal() *journal.Journal                 { return r.journal }
func (r *recorder) Settings() account.Settings                { return r.settings }
func (r *recorder) StartSoundCheck()                          { r.note("sound check") }
func (r *recorder) StopSoundCheck()                           { r.note("sound check ends") }
func (r *recorder) SoundLevels() (float64, float64)           { return r.mic, r.far }
func (r *recorder) PlayTestTone()                             { r.note("tone speaker") }
func (r *recorder) CheckRingtone(string) *cause.Cause         { return nil }
func (r *recorder) PlayTone(t phone.Tone)                     { r.note("tone %s", t) }
func (r *recorder) Account(id string) (account.Account, bool) { a, ok := r.accounts[id]; return a, ok }

func (r *recorder) Secret(string) account.Secret { return r.kept }

func (r *recorder) SaveSettings(s account.Settings, done func(error)) {
	r.settings = s
	r.note("settings")
	done(nil)
}

func (r *recorder) SetDevice(role account.Role, c account.DeviceChoice) {
	r.note("device %s %s", role, c.ID)
}

func (r *recorder) SetCleaning(c account.Cleaning) { r.note("clean %+v", c) }

func (r *recorder) ForgetDevice(role account.Role, c account.DeviceChoice) {
	r.note("forget %s %s", role, c.ID)
}

func (r *recorder) SaveAccount(a account.Account, s account.Secret, p account.SecretPlace, done func(error)) {
	r.note("save %s %s", a.Config.URI, p)
	r.saved, r.secret, r.place = a, s, p
	var err error
	if len(r.saveErr) > 0 {
		err, r.saveErr = r.saveErr[0], r.saveErr[1:]
	}
	done(err)
}

func (r *recorder) StartEmpty(done func(error)) { r.note("start empty"); done(nil) }

func (r *recorder) DeleteAccount(id string, done func(error)) { r.note("delete %s", id); done(nil) }

func (r *recorder) EnterPassword(id string, pw config.Secret, p account.SecretPlace, done func(error)) {
	r.note("password %s %s %s", id, pw.Reveal(), p)
	done(nil)
}

func (r *recorder) TestAccount(ctx context.Context, a account.Account, _ account.Secret, step func(doctor.Step)) {
	r.note("test %s", a.Config.URI)
	for _, s := range r.steps {
		step(s)
	}
}

func (r *recorder) StartSandbox(done func(error)) { r.note("sandbox"); done(nil) }

func (r *recorder) RecordAndPlay(progress func(string, *cause.Cause)) {
	r.note("record")
	progress("recording", nil)
	progress("playing", nil)
	progress("", nil)
}

func (r *recorder) MeasureLatency(done func(phone.Latency, *cause.Cause)) {
	r.note("latency")
	r.measured = done
}

// opened is an interface on Fyne's test driver with a recorder under it.
type opened struct {
	*app
	phone *recorder
	work  []func() // what waits to be done aside
}

// stands lets the dead times pass: what is shown has been there for long, and nothing was pressed of late.
func (o *opened) stands() {
	for _, d := range o.main.spells() {
		d.since = time.Time{}
	}
	if o.main.sheet != nil {
		o.main.sheet.dead.since = time.Time{}
	}
	o.deed, o.main.typist = lastDeed{}, typist{}
	o.main.replaced, o.main.left, o.main.asksSince = time.Time{}, time.Time{}, time.Time{}
}

// tap presses what has stood there for long.
func (o *opened) tap(b fyne.Tappable) {
	o.stands()
	b.Tapped(nil)
}

// finish does what was put aside. Fyne's test driver runs what is handed to its goroutine on the one that
// hands it over, so that real goroutines would race with the test.
func (o *opened) finish() {
	for len(o.work) > 0 {
		work := o.work[0]
		o.work = o.work[1:]
		work()
	}
}

func open(t *testing.T, options Options) *opened {
	t.Helper()
	return openWith(t, options, nil)
}

// openWith is open with what a journal keeps.
func openWith(t *testing.T, options Options, j *journal.Journal) *opened {
	t.Helper()
	r := &recorder{
		journal:       j,
		MessageMemory: phone.NewMessageMemory(texts()...),
		accounts:      map[string]account.Account{"office": officeAccount(t)}, mic: -20, far: -30,
	}
	a := newApp(uitest.App(t), r, options)
	// Time passes when a test says so: see TestPaceIsKept for the pace itself.
	a.pace.do = func(func()) {}
	r.Subscribe(a.update)
	if options.Size == (account.Size{}) {
		a.main.win.Resize(fyne.NewSize(minWidth, minHeight))
	}
	t.Cleanup(func() { a.pace.set(tempo{}) })
	o := &opened{app: a, phone: r}
	a.aside = func(work func()) { o.work = append(o.work, work) }
	return o
}

// expect fails unless exactly these commands were given.
func (o *opened) expect(t *testing.T, want ...string) {
	t.Helper()
	got := slices.DeleteFunc(o.phone.took(), func(s string) bool { return s == "levels" })
	if !slices.Equal(got, want) {
		t.Errorf("commands: %q, want %q", got, want)
	}
}

// key types a key as the driver does: to what has the focus, else to the window.
func (o *opened) key(name fyne.KeyName) {
	c := o.main.win.Canvas()
	ev := &fyne.KeyEvent{Name: name}
	if f := c.Focused(); f != nil {
		f.TypedKey(ev)
	} else {
		c.OnTypedKey()(ev)
	}
	if name == fyne.KeySpace {
		o.char(' ')
	}
}

func (o *opened) char(r rune) {
	c := o.main.win.Canvas()
	if f := c.Focused(); f != nil {
		f.TypedRune(r)
		return
	}
	c.OnTypedRune()(r)
}

func officeAccount(t *testing.T) account.Account {
	a, err := account.New(config.Config{
		URI: "sip:alice@example.com", DisplayName: "Alice ¶€ĸøĸø",
		WSServers: []config.Server{
			{WSURI: "wss://sip-ws-1.example.com", Weight: 10},
			{WSURI: "wss://sip-ws-2.example.com", Weight: 1},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	a.ID, a.Label, a.SecretPlace = "office", "Office", account.SecretKeyring
	return a
}

func office() phone.AccountState {
	return phone.AccountState{
		ID: "office", Label: "Office", Address: "alice@example.com", Status: phone.StatusRegistered,
		Standing: cause.Cause{Kind: cause.Registered},
		Server:   "wss://sip-ws-1.example.com", RegisterTime: 118 * time.Millisecond, Expires: 600 * time.Second,
		SecretKept: account.SecretKeyring,
		Servers: []phone.ServerState{
			{
				URL: "wss://sip-ws-1.example.com", Weight: 10, Connected: true,
				Cause: cause.Cause{Kind: cause.ServerConnected, After: 24 * time.Millisecond},
			},
			{URL: "wss://sip-ws-2.example.com", Weight: 1, Cause: cause.Cause{Kind: cause.ServerStandby}},
		},
	}
}

func devices() phone.DeviceState {
	return phone.DeviceState{
		Capture: []account.DeviceChoice{
			{},
			{ID: "m1", Name: "Jabra Evolve 40 Mono"},
			{ID: "m2", Name: "Built-in microphone"},
		},
		Playback: []account.DeviceChoice{
			{},
			{ID: "s1", Name: "Jabra Evolve 40 Stereo"},
			{ID: "s2", Name: "Built-in loudspeaker"},
		},
		Settings: account.Devices{Microphone: account.DeviceChoice{ID: "m1", Name: "Jabra Evolve 40 Mono"}}, Opus: true,
		Cleaning: phone.CleaningState{
			Cleaning: account.DefaultCleaning(), Microphone: "Jabra Evolve 40 Mono", Speaker: "Jabra Evolve 40 Stereo",
			Headset: true,
		},
	}
}

// idle is the State of a registered phone without a call.
func idle() phone.State {
	return phone.State{Serial: 1, Accounts: []phone.AccountState{office()}, Account: "office", Devices: devices()}
}

// inPhase is the State with one call in a phase.
func inPhase(p phone.Phase) phone.State {
	s := idle()
	c := phone.CallState{
		ID: "c1", AccountID: "office", Account: "Office", Phase: p, Name: "Bob Marsh", Address: "bob@example.com",
		Started: time.Now().Add(-time.Minute), Secure: true, Incoming: p == phone.PhaseIncoming ||
			p == phone.PhaseAnswering,
	}
	if c.Incoming {
		c.Name, c.Address, c.AnswerBy = "Maria Ortiz", "+34 91 555 0142", time.Now().Add(47*time.Second)
	}
	if p == phone.PhaseEstablished {
		c.Connected, c.Encrypted, c.Codec = time.Now().Add(-133*time.Second), true, "opus"
		c.Quality = phone.Quality{
			Known: true, PacketsSent: 6650, Packets: 6648, LossPercent: 0.1, Jitter: 4 * time.Millisecond,
			RoundTrip:   24 * time.Millisecond,
			BufferDelay: 40 * time.Millisecond, SetupTime: 2310 * time.Millisecond, InviteDelay: 12 * time.Millisecond,
			MediaTime: 2340 * time.Millisecond, ConcealedFrac: 0.002,
		}
	}
	s.Calls = []phone.CallState{c}
	return s
}
