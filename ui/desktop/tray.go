package desktop

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"fyne.io/systray"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/words"
)

// TrayDeed is what somebody does in the tray.
type TrayDeed int

// The deeds.
const (
	TrayShow    TrayDeed = iota // the window is to be seen
	TrayQuiet                   // do not disturb is switched: to TrayPress.On
	TrayAccount                 // TrayPress.Account is to dial
	TrayCall                    // TrayPress.To is to be called
	TrayQuit
)

// TrayPress is a deed with what it is done to.
type TrayPress struct {
	Deed    TrayDeed
	On      bool
	Account string
	To      Recent
}

// Recent is somebody whom a call was with lately.
type Recent struct {
	Name      string // or address, for people
	AccountID string
	URI       string // in full
	After     string // digits behind it
}

// Shape is the form of the mark that the tray shows, by the name of its drawing in package icons.
type Shape string

// The shapes.
const (
	ShapeRegistered   Shape = "status-registered"
	ShapeUnregistered Shape = "status-unregistered"
	ShapeCall         Shape = "status-call"
)

// TrayOptions are how the tray is used. Its functions are called on goroutines of the tray's, and must return soon.
type TrayOptions struct {
	Do    func(TrayPress)
	There func(bool) // a tray has come, or gone
	// PNG of 64 pixels square, on Windows ICO; missed: with a sign that there are missed calls
	Icon func(s Shape, missed bool) []byte
	Log  *slog.Logger // nil = none
}

// Tray is Calla's place in the desktop's tray, with a menu. A process has one at most.
type Tray struct {
	options TrayOptions
	latest  atomic.Pointer[trayState]
	recent  atomic.Pointer[[]Recent]
	wake    chan struct{} // one token: latest has changed
	there   chan bool
	cancel  context.CancelFunc
	ended   chan struct{}
}

// How many the menu lists.
const (
	mostAccounts = 20
	mostRecent   = 5
)

// trayState is what the tray shows.
type trayState struct {
	shape    Shape
	missed   bool   // there are missed calls that nobody has looked at
	line     string // in one line: how it stands
	quiet    bool
	accounts []trayAccount // empty where there is nothing to choose
	recent   []Recent
	since    time.Time // when others came to stand there; zero = there were none before
}

// seenTime is how long it takes to see that a menu that is open lists others than it did.
const seenTime = time.Second

// pressed is what a press on one of whom the last calls were with means: a call, or where another one stood there a
// moment ago, a look. The latter is false where nobody stands there.
func (s trayState) pressed(i int) (TrayPress, bool) {
	switch {
	case i >= len(s.recent):
		return TrayPress{}, false
	case time.Since(s.since) < seenTime:
		return TrayPress{Deed: TrayShow}, true
	}
	return TrayPress{Deed: TrayCall, To: s.recent[i]}, true
}

// after says since when a state is what it is, where another one was shown before.
func (s trayState) after(before trayState) trayState {
	s.since = before.since
	if len(before.recent) > 0 && !slices.Equal(before.recent, s.recent) {
		s.since = time.Now()
	}
	return s
}

type trayAccount struct {
	id, label string
	dials     bool
}

// OpenTray finds out whether there is a tray, and uses it whenever there is one. It returns at once.
func OpenTray(o TrayOptions) *Tray {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t := &Tray{
		options: o, wake: make(chan struct{}, 1), there: make(chan bool, 1), cancel: cancel,
		ended: make(chan struct{}),
	}
	t.latest.Store(&trayState{shape: ShapeUnregistered, line: short(cause.Cause{Kind: cause.NoAccount})})
	t.recent.Store(&[]Recent{})
	go t.serve(ctx)
	return t
}

// Follow takes in a State and returns at once. It may be called on any goroutine.
func (t *Tray) Follow(s phone.State) {
	now := trayOf(s)
	t.latest.Store(&now)
	t.awake()
}

// SetRecent says whom the last calls were with, the last one first, and returns at once. It may be called on any
// goroutine; all is not changed any more.
func (t *Tray) SetRecent(all []Recent) {
	t.recent.Store(&all)
	t.awake()
}

func (t *Tray) awake() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// now is what is to be shown.
func (t *Tray) now() trayState {
	s := *t.latest.Load()
	all := *t.recent.Load()
	s.recent = all[:min(len(all), mostRecent)]
	return s
}

// Close takes the icon away, as far as the desktop answers within endTime.
func (t *Tray) Close() {
	t.cancel()
	waitEnd(t.ended, endTime)
}

// serve follows the desktop and the State until ctx ends.
func (t *Tray) serve(ctx context.Context) {
	defer close(t.ended)
	go followTray(ctx, func(there bool) {
		select {
		case t.there <- there:
		case <-ctx.Done():
		}
	}, t.options.Log)
	var menu *trayMenu
	for {
		select {
		case <-ctx.Done():
			if menu != nil {
				menu.stop()
			}
			return
		case there := <-t.there:
			if there && menu == nil {
				menu = newTrayMenu(ctx, t.options, t.now())
			}
			if menu != nil {
				menu.show(t.now())
			}
			t.options.Log.Info("tray", "there", there)
			t.options.There(there)
		case <-t.wake:
		}
		if menu != nil {
			menu.show(t.now())
		}
	}
}

// trayOf is a State in the tray.
func trayOf(s phone.State) trayState {
	now := trayState{
		shape: ShapeUnregistered, line: trayLine(s), quiet: s.DoNotDisturb.On, missed: s.Journal.Missed > 0,
	}
	for _, a := range s.Accounts {
		if a.ID == s.Account && (a.Status == phone.StatusRegistered || a.Status == phone.StatusConnected) {
			now.shape = ShapeRegistered
		}
	}
	if slices.ContainsFunc(s.Calls, func(c phone.CallState) bool { return c.Phase != phone.PhaseIncoming }) {
		now.shape = ShapeCall
	}
	if len(s.Accounts) > 1 {
		for _, a := range s.Accounts[:min(len(s.Accounts), mostAccounts)] {
			now.accounts = append(now.accounts, trayAccount{a.ID, line(a.Label), a.ID == s.Account})
		}
	}
	return now
}

// trayLine is how things stand, in one line.
func trayLine(s phone.State) string {
	if len(s.Calls) > 0 {
		c := s.Calls[0]
		for _, other := range s.Calls {
			if other.Active {
				c = other
			}
		}
		kind := cause.TrayInCall
		if c.Phase == phone.PhaseIncoming && len(s.Calls) == 1 {
			kind = cause.CallRings
		}
		who := line(c.Name)
		if who == "" {
			who = line(bare(c.Address))
		}
		return words.English().Tell(cause.Cause{Kind: kind, Party: who, Count: len(s.Calls)}).Headline()
	}
	if n := s.Journal.Missed; n > 0 {
		return short(cause.Cause{Kind: cause.MissedCalls, Count: n})
	}
	for _, a := range s.Accounts {
		if a.ID == s.Account {
			stands := short(a.Standing)
			if len(s.Accounts) > 1 {
				stands = line(a.Label) + ": " + stands
			}
			return stands
		}
	}
	return short(cause.Cause{Kind: cause.NoAccount})
}

func short(c cause.Cause) string { return words.English().Short(c) }

// same tells whether two states look the same.
func (s trayState) same(other trayState) bool {
	return s.shape == other.shape && s.missed == other.missed && s.line == other.line && s.quiet == other.quiet &&
		slices.Equal(s.accounts, other.accounts) && slices.Equal(s.recent, other.recent)
}

// trayMenu is the icon and its menu. Its items are made once, for systray forgets none: what there is not is hidden. It
// belongs to serve's goroutine.
type trayMenu struct {
	options  TrayOptions
	ctx      context.Context
	ready    chan struct{} // closed once the items are made
	stop     func()
	shown    *trayState
	status   *systray.MenuItem
	quiet    *systray.MenuItem
	account  *systray.MenuItem
	accounts [mostAccounts]*systray.MenuItem
	recent   *systray.MenuItem
	recents  [mostRecent]*systray.MenuItem
	now      atomic.Pointer[trayState] // what presses are about
}

func newTrayMenu(ctx context.Context, o TrayOptions, first trayState) *trayMenu {
	m := &trayMenu{options: o, ctx: ctx, ready: make(chan struct{})}
	m.now.Store(&trayState{})
	systray.SetOnTapped(func() { o.Do(TrayPress{Deed: TrayShow}) })
	systray.SetTitle(trayTitle)
	systray.SetIcon(o.Icon(first.shape, first.missed))
	start, stop := systray.RunWithExternalLoop(m.build, nil)
	m.stop = stop
	start()
	return m
}

// build makes the items.
func (m *trayMenu) build() {
	m.status = systray.AddMenuItem("", "")
	m.status.Disable()
	m.on(systray.AddMenuItem(short(cause.Cause{Kind: cause.TrayShow}), ""),
		func() { m.options.Do(TrayPress{Deed: TrayShow}) })
	systray.AddSeparator()
	m.quiet = systray.AddMenuItemCheckbox(short(cause.Cause{Kind: cause.TrayQuiet}), "", false)
	m.on(m.quiet, func() { m.options.Do(TrayPress{Deed: TrayQuiet, On: !m.now.Load().quiet}) })
	m.account = systray.AddMenuItem(short(cause.Cause{Kind: cause.TrayAccount}), "")
	for i := range m.accounts {
		m.accounts[i] = m.account.AddSubMenuItemCheckbox("", "", false)
		m.accounts[i].Hide()
		m.on(m.accounts[i], func() {
			if all := m.now.Load().accounts; i < len(all) {
				m.options.Do(TrayPress{Deed: TrayAccount, Account: all[i].id})
			}
		})
	}
	m.account.Hide()
	m.recent = systray.AddMenuItem(short(cause.Cause{Kind: cause.HistoryRecent}), "")
	for i := range m.recents {
		m.recents[i] = m.recent.AddSubMenuItem("", "")
		m.recents[i].Hide()
		m.on(m.recents[i], func() {
			if press, ok := m.now.Load().pressed(i); ok {
				m.options.Do(press)
			}
		})
	}
	m.recent.Hide()
	systray.AddSeparator()
	m.on(systray.AddMenuItem(short(cause.Cause{Kind: cause.TrayQuit}), ""),
		func() { m.options.Do(TrayPress{Deed: TrayQuit}) })
	close(m.ready)
}

// on does something whenever an item is chosen.
func (m *trayMenu) on(item *systray.MenuItem, do func()) {
	go func() {
		for {
			select {
			case <-m.ctx.Done():
				return
			case _, ok := <-item.ClickedCh:
				if !ok {
					return
				}
				do()
			}
		}
	}()
}

// show draws a state.
func (m *trayMenu) show(s trayState) {
	select {
	case <-m.ready:
	case <-m.ctx.Done():
		return
	}
	before := m.shown
	if before != nil && before.same(s) {
		return
	}
	if before != nil {
		s = s.after(*before)
	}
	m.shown = &s
	m.now.Store(&s)
	if before == nil || before.shape != s.shape || before.missed != s.missed {
		systray.SetIcon(m.options.Icon(s.shape, s.missed))
	}
	if before == nil || before.line != s.line {
		m.status.SetTitle(itemText(s.line))
		systray.SetTooltip(trayTitle + " · " + s.line)
	}
	check(m.quiet, s.quiet)
	if before == nil || !slices.Equal(before.accounts, s.accounts) {
		m.showAccounts(s)
	}
	if before == nil || !slices.Equal(before.recent, s.recent) {
		m.showRecent(s)
	}
}

// showRecent lists whom the last calls were with.
func (m *trayMenu) showRecent(s trayState) {
	for i, item := range m.recents {
		if i >= len(s.recent) {
			item.Hide()
			continue
		}
		item.SetTitle(itemText(line(s.recent[i].Name)))
		item.Show()
	}
	if len(s.recent) > 0 {
		m.recent.Show()
	} else {
		m.recent.Hide()
	}
}

// showAccounts lists the accounts to dial with.
func (m *trayMenu) showAccounts(s trayState) {
	for i, item := range m.accounts {
		if i >= len(s.accounts) {
			item.Hide()
			continue
		}
		item.SetTitle(itemText(s.accounts[i].label))
		check(item, s.accounts[i].dials)
		item.Show()
	}
	if len(s.accounts) > 0 {
		m.account.Show()
	} else {
		m.account.Hide()
	}
}

// trayTitle names the icon.
const trayTitle = "Calla"

// check sets an item's mark.
func check(item *systray.MenuItem, on bool) {
	switch {
	case on == item.Checked():
	case on:
		item.Check()
	default:
		item.Uncheck()
	}
}
