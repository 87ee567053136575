// Package ui is Calla's window, drawn with Fyne.
//
// The interface is a function of phone.State: each window and pane has an update method that draws a
// State and keeps nothing of its own but what the user is typing. Commands go down as calls of Phone
// that return at once.
//
//	phone's goroutine ── State ──▶ renderer (newest wins, one pending fyne.Do) ──▶ app.update
//	Fyne's goroutine: app.update → mainWindow, incomingWindow, the open page;  taps → Phone
//
// All widgets belong to Fyne's goroutine, and so does every field here that has no note.
package ui

import (
	"cmp"
	"errors"
	"io"
	"log"
	"log/slog"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/desktop"
	"calla/ui/history"
	"calla/ui/messages"
	"calla/ui/tell"
	"calla/ui/widget"
)

// AppID names the program to the desktop.
const AppID = "app.calla.Calla"

// StartPage is the page that is open first, "" for the usual one.
type StartPage string

// The pages that the window can open with.
const (
	StartWizard   StartPage = "wizard"
	StartSettings StartPage = "settings"
	StartAccounts StartPage = "accounts"
	StartAbout    StartPage = "about"
)

// Options are how the window is opened. The zero value is what a user wants.
type Options struct {
	Version  string
	Icon     []byte // PNG of the window's icon; nil = Fyne's
	Logger   *slog.Logger
	Page     StartPage
	Theme    account.Theme         // overrides the setting; "" = the setting
	TextSize int                   // percent; overrides the setting; 0 = the setting
	Size     account.Size          // overrides the remembered size; zero = remembered
	Started  time.Time             // when the process started; zero = when Run was called
	Shown    func(d time.Duration) // called on Fyne's goroutine when the window first shows
	Ready    func(w fyne.Window)   // called once the main window exists; for screenshots
	Dial     string                // put into the number field
	Hidden   bool                  // start without showing the window
	// has this computer start Calla at log-in; nil = nothing can be chosen
	Autostart Autostart
	Links     Links // has the desktop open links with Calla; nil = nothing can be chosen
	// Handed is called once, when the window is there, with how it shows what a second start of the program was given;
	// show may be called on any goroutine but Fyne's. nil: nobody hands anything over.
	Handed func(show func(dial, token string))
	// Lost is called on a goroutine of its own when the display has gone for good; it is to end the program, for Run
	// does not return then. nil: the windowing system ends it as it does.
	Lost func()
}

// app is the running interface.
type app struct {
	fyne      fyne.App
	phone     Phone
	options   Options
	log       *slog.Logger
	theme     account.Theme
	textSize  int // percent
	state     phone.State
	main      *mainWindow
	ringing   map[string]*incomingWindow // by call ID
	spare     []*incomingWindow          // hidden ones, to be used again
	desk      *windowing
	deed      lastDeed
	menu      callMenu
	aside     func(work func()) // runs what blocks on a goroutine of its own
	pace      *pace             // moves what moves by itself
	doze      *dozer            // has Fyne's goroutine sleep while nothing happens
	lull      lull              // gives memory back
	figures   bool              // State has figures of calls that are not shown yet
	tray      bool              // there is one, with our icon in it
	inTray    *desktop.Tray     // nil while it has not been opened
	missed    int               // missed calls that are shown as such
	recents   []history.Recent  // whom the last calls were with
	recentOf  uint64            // revision of the calls that they are of
	recentAt  time.Time         // when others have come
	front     bool              // a window of ours is what the user works with
	hidden    bool              // the main window is: in the tray, or because Calla was started so
	iconified bool              // it is minimised
	follows   bool              // and whether it is, the windowing system tells
	starting  bool              // hidden, and it is not known yet whether there is a tray
	drafts    map[string]string // messages that were begun, by conversation
	wantEcho  bool              // "Try it now" was pressed: call the echo once registered
}

// ErrNoWindow is returned by Run where the windowing system cannot make a window, for want of OpenGL above all.
var ErrNoWindow = errors.New("the windowing system has made no window")

// Run opens the window and returns when the program is to end. It must be called from the main
// goroutine. p stays the caller's to close.
func Run(p Phone, o Options) error {
	if o.Started.IsZero() {
		o.Started = time.Now()
	}
	quietLocale()
	if dir, err := os.UserCacheDir(); err == nil {
		_ = os.MkdirAll(dir, 0o700) // Fyne makes its own folder in it, and complains where it is not there
	}
	scaleAsTheDesktop()
	// Else Fyne looks for a FyneApp.toml where it was started, and asks at each change on which goroutine it is, at the
	// price of a stack trace.
	fyneapp.SetMetadata(fyne.AppMetadata{ID: AppID, Name: "Calla", Migrations: map[string]bool{"fyneDo": true}})
	f := fyneapp.NewWithID(AppID)
	if o.Icon != nil {
		f.SetIcon(fyne.NewStaticResource("calla.png", o.Icon))
	}
	a := newApp(f, p, o)
	f.Lifecycle().SetOnStarted(func() {
		d := time.Since(o.Started)
		a.doze.start(a.main.win)
		debug.SetGCPercent(gcPercent)
		a.lull.free = debug.FreeOSMemory
		a.lull.begin()
		if o.Hidden {
			a.log.Info("started without its window", "ms", d.Milliseconds())
			return
		}
		a.log.Info("window shown", "ms", d.Milliseconds())
		if o.Shown != nil {
			o.Shown(d)
		}
	})
	render := newRenderer(a.update)
	render.do = a.doze.do
	cancel := p.Subscribe(render.publish)
	defer cancel()
	if o.Hidden {
		a.startHidden()
	} else {
		a.main.win.Show()
		if !hasWindow(a.main.win) {
			return ErrNoWindow
		}
	}
	defer a.notify()()
	defer a.openTray()()
	if o.Lost != nil {
		stop, err := watchDisplay(o.Lost)
		if err != nil {
			a.log.Warn("when the display goes, calls are not ended in order", "error", err)
		} else {
			defer stop()
		}
	}
	if o.Handed != nil {
		o.Handed(func(dial, token string) { a.doze.doAndWait(func() { a.handed(dial, token) }) })
	}
	if o.Ready != nil {
		o.Ready(a.main.win)
	}
	f.Run()
	a.pace.set(tempo{})
	return nil
}

// quietLocale gives a locale to Fyne where the environment has one it cannot read: it would print an
// error for each of them.
func quietLocale() {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if len(v) < 2 || v[:2] == "C." || v == "POSIX" {
				_ = os.Setenv(name, "en_US.UTF-8")
			}
			return
		}
	}
}

func newApp(f fyne.App, p Phone, o Options) *app {
	a := &app{fyne: f, phone: p, options: o, log: o.Logger, ringing: map[string]*incomingWindow{}}
	a.drafts = map[string]string{}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	settings := p.Settings()
	a.theme = cmp.Or(o.Theme, settings.Theme)
	a.textSize = cmp.Or(o.TextSize, settings.TextSize, 100)
	f.Settings().SetTheme(lookOf(a.theme, a.textSize))
	a.aside = func(work func()) { go work() }
	a.doze = &dozer{seen: func() bool { return a.seen() || len(a.ringing) > 0 }}
	a.pace = newPace(a.beat)
	a.pace.do = a.doze.doAndWait
	a.main = newMainWindow(a, settings)
	a.desk = newWindowing(a.main.win, a.log)
	f.Lifecycle().SetOnExitedForeground(a.leave)
	f.Lifecycle().SetOnEnteredForeground(a.enter)
	// Fyne redraws everything when the look changes but what has a theme of its own.
	f.Settings().AddListener(func(fyne.Settings) {
		a.main.dial.big.Refresh()
		a.main.win.Content().Refresh()
	})
	return a
}

// update draws a State.
func (a *app) update(s phone.State) {
	now := time.Now()
	before := a.state
	a.state = s
	if figuresAlone(before, s) {
		a.figures = true
		return
	}
	a.showMissed(before.Journal, s.Journal)
	a.findRecents(s)
	a.updateIncoming(s, now)
	if a.seen() {
		a.main.update(s, now)
	}
	if first := a.options.Dial; first != "" { // what it means is known by the account that dials
		a.options.Dial = ""
		a.main.showDialled(first)
	}
	a.callEcho(s)
	a.keepPace()
	switch {
	case len(s.Calls) > 0:
		a.lull.end()
	case len(before.Calls) > 0:
		a.lull.begin()
	}
}

// goesWithTime tells whether something in a State is drawn differently a second later.
func goesWithTime(s phone.State) bool {
	if len(s.Calls) > 0 || len(s.Referrals) > 0 {
		return true
	}
	for _, a := range s.Accounts {
		if !a.RetryAt.IsZero() {
			return true
		}
	}
	return false
}

// leave is called when a window of ours has lost the keyboard. A window manager may give it back unasked,
// when another program closes its window: until somebody clicks or tabs into it again, plain keys then do
// nothing to a call that rings.
func (a *app) leave() {
	a.front = false
	if a.doze.native {
		a.main.rememberPlace() // a session may end the program without a word to it
	}
	if b, ok := a.main.win.Canvas().Focused().(*widget.Button); ok && !b.HasKeyboard() {
		a.main.leave()
	}
	for _, w := range a.ringing {
		// A click into another of them may have come before the news that this one lost the keyboard.
		if b, ok := w.win.Canvas().Focused().(*widget.Button); ok && !b.HasKeyboard() {
			w.win.Canvas().Unfocus()
		}
	}
}

// enter is called when a window of ours has got the keyboard.
func (a *app) enter() {
	a.front = true
	if h, is := a.main.page.(*history.Page); is {
		h.Look()
	}
	if t, is := a.main.page.(*messages.Talk); is {
		t.Look()
	}
}

// setTheme changes the look at once and for good.
func (a *app) setTheme(t account.Theme) {
	a.theme = t
	a.applyLook()
	s := a.phone.Settings()
	s.Theme = t
	a.phone.SaveSettings(s, a.tellError(tell.Word(cause.SettingNotSaved)))
}

// tellError returns a function that shows an error, for commands that call back from any goroutine.
func (a *app) tellError(title string) func(error) {
	return func(err error) {
		if err != nil {
			fyne.Do(func() { a.main.tellError(title, err) })
		}
	}
}

// askQuit ends the program, after a question where a call would end with it.
func (a *app) askQuit() {
	if len(a.state.Calls) == 0 {
		a.askUnsaved()
		return
	}
	told := tell.Of(a.endsByQuitting())
	a.main.ask(told.Title, told.Why, told.Short, true, a.askUnsaved)
	a.main.sheet.follow = func(s phone.State) {
		switch {
		case len(s.Calls) == 0: // there is nothing to ask any more
			a.main.closeSheet()
		case tell.Of(a.endsByQuitting()) != told: // another call, or one more
			a.askQuit()
		}
	}
}

// endsByQuitting tells which calls there are to end.
func (a *app) endsByQuitting() cause.Cause {
	first := a.state.Calls[0]
	why := cause.Cause{Kind: cause.AskQuit, Party: tell.Who(first.Name, first.Address), Count: len(a.state.Calls)}
	switch {
	case len(a.state.Calls) > 1:
		why.Kind = cause.AskQuitSeveral
	case first.Phase == phone.PhaseIncoming:
		why.Kind = cause.AskQuitRinging
	case first.Phase == phone.PhaseCalling || first.Phase == phone.PhaseRinging:
		why.Kind = cause.AskQuitCalling
	}
	return why
}

// askUnsaved ends the program, after a question where something would go with it that somebody has typed.
func (a *app) askUnsaved() {
	if !a.unsaved() {
		a.quit()
		return
	}
	a.main.toFront("") // there it is asked
	told := tell.Of(cause.Cause{Kind: cause.AskQuitUnsaved})
	a.main.ask(told.Title, told.Why, told.Short, true, a.quit)
}

// unsaved tells whether the program has text that nobody has saved or sent: in the page, in a sheet that is open or
// waits for another one, or begun in a conversation.
func (a *app) unsaved() bool {
	page, is := a.main.page.(interface{ Unsaved() bool })
	begun := slices.ContainsFunc(slices.Collect(maps.Keys(a.drafts)), func(of string) bool { return of != "" })
	typed := func(s *sheet) bool { return s != nil && s.typed() }
	return is && page.Unsaved() || begun || typed(a.main.sheet) ||
		slices.ContainsFunc(a.main.waiting, func(t *told) bool { return typed(t.sheet) })
}

func (a *app) quit() {
	a.main.rememberPlace()
	log.SetOutput(io.Discard) // Fyne writes its preferences now and complains of reading them half-written
	a.fyne.Quit()
}
