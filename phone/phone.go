// Package phone is the telephone itself, without a window: accounts, calls, sound and devices, and the
// one State that everything shown is drawn from.
//
//	          commands (any goroutine)              State (published on the loop)
//	ui, console ────────────────▶ Phone ──────────────────────────────▶ ui, console
//	                                │ loop.Loop: every field of Phone, line, call, sound
//	            ┌───────────────────┼───────────────────┐
//	       line: one account   call: one call      port: one sound device
//	       netsip.UserAgent    netsip.Session      audio.Stream
//	                                └── bridge: rtc.Session ↔ audio.Sender, Receiver
//
// Every field without a note belongs to the loop; there are no mutexes here.
package phone

import (
	"context"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"calla/account"
	"calla/audio"
	"calla/netsip/loop"
	"calla/netsip/trace"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/phone/logs"
)

// Options are what a Phone is made of.
type Options struct {
	// Dial opens the way to a server, what its WebSocket is spoken over; nil: TCP, TLS and the configured proxy.
	Dial func(ctx context.Context, url string) (net.Conn, error)

	Store    *account.Store  // nil: accounts and settings live in memory only
	Loaded   account.Loaded  // what opening the Store told; becomes notices
	Keeper   *account.Keeper // of the secrets; nil: in memory only
	Host     audio.Host      // the sound devices; nil: none, and nothing is said of it. Close closes it
	Codecs   []audio.Codec   // in order of preference; nil: PCMU and PCMA
	Contacts Contacts        // who far ends are; nil: the contacts of Journal
	Version  string          // of the program, for the User-Agent header
	Journal  string          // folder in which calls, contacts and messages are kept; "": nowhere
	Trace    *trace.Trace    // gets every SIP message of all accounts, secrets masked; nil: nobody looks
	Logger   *slog.Logger    // nil: none

	// Changes calls changed, on any goroutine, whenever the network has changed or the computer woke up, until ctx
	// ends: system.Changes in a program. nil: nobody watches.
	Changes func(ctx context.Context, changed func())
	// Sandbox starts the in-process server for StartSandbox; nil: there is none.
	Sandbox func() (Sandbox, error)
	// Speak, when set, is sent in the place of the microphone once a call is established.
	Speak audio.Source
	// OneCaller refuses calls that come in while there is one as busy: nobody is there to choose.
	OneCaller bool
	// SoundAlone leaves the accounts alone: what is done is about the sound devices.
	SoundAlone bool
	// Heard gets every frame of a call's far end as it is played.
	Heard []audio.Sink

	media func(rtcSettings) (mediaEngine, error) // tests; nil: netsip/rtc
	// createRecording makes a file in a folder, which may have to be made too; tests; nil: the disk.
	createRecording func(folder, name string) (*os.File, error)
}

// Sandbox is a running in-process server with an account for this phone.
type Sandbox struct {
	Account account.Account // with its password joined in Config
	Robots  []Robot         // who can be called there
	Close   func()
}

// closeTime bounds Close: hanging up and unregistering.
const closeTime = 2 * time.Second

// Phone is the call controller. Its methods may be called from any goroutine and return at once unless
// they say otherwise; what they bring about shows in State. done functions are called once, on any
// goroutine.
type Phone struct {
	o    Options
	log  *slog.Logger
	loop *loop.Loop

	state    atomic.Pointer[State]             // latest; any goroutine reads
	accounts atomic.Pointer[[]account.Account] // as stored, without secrets; any goroutine reads
	settings atomic.Pointer[account.Settings]  // any goroutine reads
	meters   atomic.Pointer[map[string]meters] // of the calls with sound, by ID; any goroutine reads
	checking atomic.Pointer[checkLevels]       // of the sound check; any goroutine reads

	lines   []*line
	agents  []*agent // all that are not stopped, those that have been replaced too
	dialing string   // ID of the account that dials
	calls   []*call
	active  callSet // have the sound: see hold.go
	// the calls that hear each other, see conference.go: none, or two at least
	conference callSet
	made       map[**bridge]struct{} // being made for calls, not theirs yet
	ended      *EndedCall
	endTimer   *loop.Timer

	ends       []EndedCall // of the last calls; never changed
	turnedAway []EndedCall // the last calls that did not ring; never changed
	quietTimer *loop.Timer // to the next look at the end of do not disturb
	notices    []Notice

	redirection redirection // of ended
	hidden      []farCall   // the calls of ours that ended last and had options, the last one first
	refusal     *Refusal    // the last one; never changed

	refusalTimer  *loop.Timer
	referrals     []*referral
	journal       *journal.Journal // set by New; nil: nothing is kept
	messages      *MessageMemory   // of this run; see messagekeeping.go
	newestMessage int64            // ID
	journalCounts journal.Counts
	serials       int // of referrals and refusals, for their IDs
	prepared      *prepared
	sandbox       *Sandbox
	sound         *sound
	music         *holdMusic
	speech        *speech // Options.Speak; nil for none
	logFiles      logs.Files
	disk          *loop.Queue // saving, one after the other

	subscribers map[*func(State)]struct{}
	serial      uint64
	stale       *loop.Signal // State is; publish makes it new
	closing     bool
}

// New loads the accounts and starts registering at once.
func New(o Options) (*Phone, error) {
	p := &Phone{
		o: o, log: o.Logger, loop: loop.New(), subscribers: map[*func(State)]struct{}{}, made: map[**bridge]struct{}{},
		messages: NewMessageMemory(),
	}
	p.disk, p.stale = loop.NewQueue(p.loop), loop.NewSignal(p.loop.Post, p.publish)
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.o.Codecs == nil {
		p.o.Codecs = audio.Codecs()
	}
	if p.o.Keeper == nil {
		p.o.Keeper = account.NewKeeper(new(account.Session), new(account.Session), new(account.Session))
	}
	if p.o.Speak != nil {
		p.speech = newSpeech(p.o.Speak)
	}
	if p.o.media == nil {
		p.o.media = newRTCEngine
	}
	if p.o.createRecording == nil {
		p.o.createRecording = createRecording
	}
	settings := account.DefaultSettings()
	var stored []account.Account
	if o.Store != nil {
		settings, _ = o.Store.Settings()
		if !o.SoundAlone {
			stored = o.Store.Accounts()
		}
	}
	p.settings.Store(&settings)
	p.accounts.Store(&stored)
	p.state.Store(&State{})
	p.loop.Do(func() {
		p.sound, p.music = newSound(p), newHoldMusic(p)
		p.openJournal() // on the loop: what it tells waits until all is made
		p.dialing = settings.DefaultAccount
		p.tellLoaded(o.Loaded)
		for _, a := range stored {
			p.lines = append(p.lines, &line{account: a})
			p.follow(p.lines[len(p.lines)-1])
		}
		p.sound.start()
		p.sound.ringtoneChosen("", settings.Tones.Ringtone)
		p.watchQuiet()
		p.publish()
	})
	if o.Changes != nil {
		p.loop.Go(func(ctx context.Context) { o.Changes(ctx, p.NetworkChanged) }, nil)
	}
	return p, nil
}

// Subscribe calls f, on the phone's loop, with the present State and then with each new one. f must
// return quickly and must not call cancel.
func (p *Phone) Subscribe(f func(State)) (cancel func()) {
	key := &f
	p.loop.Post(func() {
		p.subscribers[key] = struct{}{}
		f(*p.state.Load())
	})
	return func() { p.loop.Do(func() { delete(p.subscribers, key) }) }
}

// State returns the latest State.
func (p *Phone) State() State { return *p.state.Load() }

// Close hangs up, unregisters and releases sound devices and sandbox; it blocks for at most little
// more than two seconds. It must not be called on the loop.
func (p *Phone) Close() {
	stopped := make(chan struct{})
	p.loop.Do(func() { p.shutDown(func() { close(stopped) }) })
	select {
	case <-stopped:
	case <-time.After(closeTime):
		p.log.Warn("closing before the server has confirmed")
	}
	released := make(chan struct{})
	go func() { // a stuck sound server holds up nobody
		defer close(released)
		p.loop.Stop()
		for _, a := range p.agents { // those that have not stopped in time
			a.logs.Close()
		}
		p.sound.release()
		if p.sandbox != nil {
			p.sandbox.Close()
		}
		if p.journal != nil {
			p.journal.Close()
		}
	}()
	select {
	case <-released:
	case <-time.After(closeTime):
		p.log.Warn("closing while a sound device does not answer")
	}
}

// shutDown ends calls and registrations; done is called on the loop when all have ended.
func (p *Phone) shutDown(done func()) {
	p.closing = true
	p.quietTimer.Stop()
	p.dropPrepared()
	for _, c := range p.calls {
		c.hangUp()
	}
	left := len(p.agents)
	if left == 0 {
		done()
		return
	}
	for _, a := range slices.Clone(p.agents) {
		p.stopAgent(a, func() {
			if left--; left == 0 {
				done()
			}
		})
	}
}

// changed publishes a new State soon: after what else waits on the loop, so that changes that come
// together are published together.
func (p *Phone) changed() { p.stale.Raise() }

func (p *Phone) publish() {
	p.serial++
	s := p.snapshot()
	before := p.state.Swap(&s)
	p.remark(*before, s)
	p.sound.follow(*before, s)
	for f := range p.subscribers {
		(*f)(s)
	}
}

// snapshot makes the State of this instant; it shares nothing that changes.
func (p *Phone) snapshot() State {
	s := State{
		Serial: p.serial, Account: p.dialingAccount(), Ended: p.ended, Ends: p.ends, Refusal: p.refusal,
		Notices: slices.Clone(p.notices), Devices: p.sound.state(),
		TurnedAway: p.turnedAway, DoNotDisturb: p.quiet(),
	}
	for _, l := range p.lines {
		s.Accounts = append(s.Accounts, l.state(p))
	}
	for _, c := range p.calls {
		s.Calls = append(s.Calls, c.shown())
	}
	s.Conference = p.conferenceIDs()
	for _, f := range p.referrals {
		s.Referrals = append(s.Referrals, f.shown)
	}
	s.Messages, s.Journal = p.messageCounts(), p.journalCounts
	return s
}

// line returns the account's line, nil when there is none; "" is the account that dials.
func (p *Phone) line(accountID string) *line {
	if accountID == "" {
		accountID = p.dialingAccount()
	}
	for _, l := range p.lines {
		if l.account.ID == accountID {
			return l
		}
	}
	return nil
}

// dialingAccount is the chosen account, or the first that is switched on.
func (p *Phone) dialingAccount() string {
	first := ""
	for _, l := range p.lines {
		switch {
		case l.account.ID == p.dialing:
			return p.dialing
		case first == "" && l.account.Enabled:
			first = l.account.ID
		}
	}
	return first
}

// call returns a live call, nil when there is none.
func (p *Phone) call(id string) *call {
	for _, c := range p.calls {
		if c.id == id {
			return c
		}
	}
	return nil
}

// withCall runs f on the loop with a live call; a call that has ended meanwhile is no error.
func (p *Phone) withCall(id string, f func(*call)) {
	p.loop.Post(func() {
		if c := p.call(id); c != nil {
			f(c)
		}
	})
}

// notify shows a notice, in the place of an earlier one with the same ID.
func (p *Phone) notify(id string, what cause.Cause) {
	p.notices = slices.DeleteFunc(p.notices, func(n Notice) bool { return n.ID == id })
	p.notices = append(p.notices, Notice{ID: id, Cause: what})
	p.changed()
}

// withdraw takes a notice away.
func (p *Phone) withdraw(id string) {
	p.notices = slices.DeleteFunc(p.notices, func(n Notice) bool { return n.ID == id })
	p.changed()
}

// DismissNotice takes a notice away.
func (p *Phone) DismissNotice(id string) { p.loop.Post(func() { p.withdraw(id) }) }

// UseAccount says which account dials, and keeps the choice.
func (p *Phone) UseAccount(accountID string) {
	p.loop.Post(func() {
		if p.line(accountID) == nil || accountID == p.dialing {
			return
		}
		p.dialing = accountID
		p.dropPrepared()
		p.changed()
		if accountID != SandboxID {
			s := *p.settings.Load()
			s.DefaultAccount = accountID
			p.keepSettings(s, nil)
		}
	})
}

// Retry connects and registers now instead of at the time set for it.
func (p *Phone) Retry(accountID string) {
	p.loop.Post(func() {
		l := p.line(accountID)
		switch {
		case l == nil:
		case l.agent != nil:
			l.agent.ua.RetryNow()
		default:
			p.follow(l)
		}
	})
}

// AcceptLogin lets an account's server ask for the password in a weaker way than before, which is refused until
// the user has agreed.
func (p *Phone) AcceptLogin(accountID string) {
	p.loop.Post(func() {
		if l := p.line(accountID); l != nil && l.agent != nil {
			l.agent.ua.AcceptWeakerDigest()
		}
	})
}

// UnregisterAll removes the bindings of all devices of an account's address; this one registers again.
func (p *Phone) UnregisterAll(accountID string) {
	p.loop.Post(func() {
		l := p.line(accountID)
		if problem := p.cannotReach(l, accountID); problem != nil {
			p.refused(Refusal{Command: CommandAccount, AccountID: accountID, Cause: *problem})
			return
		}
		l.agent.ua.Unregister(true)
		l.agent.again = true
		p.done()
	})
}

// Settings returns what all accounts share.
func (p *Phone) Settings() account.Settings { return *p.settings.Load() }

// SaveSettings follows s and stores it; devices and volume change at once, in a call too.
func (p *Phone) SaveSettings(s account.Settings, done func(error)) {
	p.loop.Post(func() {
		p.dialing = s.DefaultAccount
		p.keepSettings(s, done)
	})
}

// SetDevice chooses the device of a role; the zero choice follows the system. Those that were chosen before are for
// when it is not there.
func (p *Phone) SetDevice(role account.Role, choice account.DeviceChoice) {
	p.changeDevices(func(d account.Devices) account.Devices { return d.Choose(role, choice) })
}

// ForgetDevice has a device no longer used for a role because it was chosen once.
func (p *Phone) ForgetDevice(role account.Role, choice account.DeviceChoice) {
	p.changeDevices(func(d account.Devices) account.Devices { return d.Forget(role, choice) })
}

func (p *Phone) changeDevices(change func(account.Devices) account.Devices) {
	p.loop.Post(func() {
		s := *p.settings.Load()
		s.Devices = change(s.Devices)
		p.keepSettings(s, nil)
	})
}

func (p *Phone) keepSettings(s account.Settings, done func(error)) {
	before := p.settings.Swap(&s)
	if !before.Devices.Same(s.Devices) {
		p.sound.chosen()
	}
	if before.Tones.Ringtone != s.Tones.Ringtone {
		p.sound.ringtoneChosen(before.Tones.Ringtone, s.Tones.Ringtone)
	}
	p.music.chosen(before.Tones.HoldMusic, s.Tones.HoldMusic)
	p.sound.settle()
	p.watchQuiet()
	p.changed()
	if p.journal != nil {
		p.journal.SetKeepDays(s.KeepDays)
	}
	p.save("settings", func(context.Context) error {
		if p.o.Store == nil {
			return nil
		}
		return p.o.Store.SaveSettings(s)
	}, done)
}

// save runs work after the saves before it, tells its failure in a notice where nobody waits for it, and
// calls done, which may be nil.
func (p *Phone) save(what string, work func(context.Context) error, done func(error)) {
	var err error
	p.disk.Add(func(ctx context.Context) { err = work(ctx) }, func() {
		switch {
		case done != nil:
			done(err)
		case err != nil:
			p.log.Warn("saving failed", "what", what, "error", err)
			p.notify("save "+what, cause.Cause{Kind: cause.SettingsNotSaved}.BySystem(err))
		}
	})
}

// tellLoaded makes notices of what opening the account file told.
func (p *Phone) tellLoaded(found account.Loaded) {
	dir := ""
	if p.o.Store != nil {
		dir = p.o.Store.Dir()
	}
	if found.ReadOnly != "" {
		p.notify("read only", accountsReadOnly(found, dir))
	}
	if found.Damaged != "" && found.FromFile != "" {
		p.notify("damaged", earlierAccounts(found, dir))
	}
	for _, name := range found.Tightened {
		p.notify("tightened "+name, cause.Cause{Kind: cause.FileMadePrivate, File: name})
	}
	for _, wrong := range found.Problems {
		p.notify("value "+wrong, cause.Cause{
			Kind: cause.ValueUnusable, File: "accounts.json", Folder: dir,
			Reason: wrong,
		})
	}
}
