package ui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"github.com/go-gl/glfw/v3.4/glfw"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// Sizes of the main window.
const (
	minWidth, minHeight     = 360, 560
	firstWidth, firstHeight = 380, 640
	wideFrom                = 900 // from this width there is a right pane
	homeWidth               = 400 // width of the left pane then
)

// page is what opens over the home pane, or beside it where there is room: a form, the settings.
type page interface {
	Title() string
	Object() fyne.CanvasObject
	Update(s phone.State, now time.Time)
	Close() bool // may refuse, to ask first
}

// acting is a page with buttons at the right of its title.
type acting interface{ Actions() fyne.CanvasObject }

// metering is a page with meters.
type metering interface {
	Meters() bool // whether there is one to move now
	Levels()      // moves them, some times a second while there is
}

// mainWindow is the one-column telephone, with a right pane where it is wide.
type mainWindow struct {
	app     *app
	win     fyne.Window
	head    *header
	banner  *banner
	welcome *welcomePane
	dial    *dialPane
	call    *callPane
	ended   *endedPane
	details *detailsPane
	callBar *callBar
	others  *otherCalls
	float   *incomingCard
	refer   *referralCard
	adding  bool           // the keypad is open to add a call to the one that is up
	front   string         // ID of the call to show where none has the sound
	seen    string         // ID of the ended call that is not to be shown any longer
	above   string         // ID of the ended call that is told above the number that is being typed
	kept    string         // ID of the call that answered itself over the number that was being typed
	refused string         // ID of the refusal that was told in a sheet last
	back    *widget.Button // from the page
	page    page
	beneath []page // that the open one was opened from, and so on: Back leads to the last
	sheet   *sheet
	waiting []*told // to be told when that is closed
	handed  string  // a link, or what a second start was given, to be shown when the page is left; "" = none
	keys    *shortcuts
	wide    bool
	shown   fyne.CanvasObject // the pane of home that is shown

	typist    typist
	drawn     []string  // IDs of the calls as they were drawn last
	left      time.Time // when one of them went
	hungUp    []string  // IDs of those that the user has ended
	replaced  time.Time // when another one came to the front in its place
	asks      string    // ID of the call, or request, that the keys to answer and to decline are for
	asksSince time.Time // since when, where they were for another one before

	home, side, overlay *fyne.Container
	floating, asking    *fyne.Container // in overlay: a call that rings, a request to call somebody
	top                 *fyne.Container // of home: header, banner and other calls
	topHeight           float32         // as home was last laid out for
	line                *canvas.Rectangle
	tips                *widget.Tips
	painted             *glfw.Window // nil until it was for the first time
}

func newMainWindow(a *app, settings account.Settings) *mainWindow {
	m := &mainWindow{app: a, win: a.fyne.NewWindow("Calla")}
	a.main = m
	m.head = newHeader(a)
	m.back = widget.NewButton("", "chevron-left", widget.Quiet, m.goBack).Named(tell.Word(cause.WindowBack))
	m.banner = newBanner(a)
	m.welcome = newWelcomePane(a)
	m.dial = newDialPane(a)
	m.call = newCallPane(a)
	m.ended = newEndedPane(a)
	m.details = newDetailsPane(a)
	m.callBar = newCallBar(a)
	m.others = newOtherCalls(a)
	m.float = newIncomingCard(a)
	m.refer = newReferralCard(a)

	m.top = layout.Column(0, layout.Padded(8, 0, 12, 8, m.head.object),
		layout.Limited(m.mostAbove, layout.Column(0, m.banner.object, m.others.object)))
	m.home = layout.Border(m.top, nil, nil, nil,
		container.NewStack(m.welcome.object, m.dial.object, m.call.object, m.ended.object))
	m.side = container.NewStack()
	m.line = canvas.NewRectangle(theme.Color(widget.ColorLine))
	m.floating = container.NewStack(widget.NewCard(m.float.object).Floating())
	m.asking = container.NewStack(widget.NewCard(m.refer.object).Floating())
	m.overlay = layout.Padded(8, 0, 8, 8, layout.Column(8, m.floating, m.asking))
	m.overlay.Hide()
	m.tips = widget.NewTips()
	frame := container.New(layout.Func{
		Min: func([]fyne.CanvasObject) fyne.Size {
			a.painting()
			return fyne.NewSize(minWidth, minHeight)
		},
		Place: m.place,
	}, m.home, m.line, m.side, m.overlay, m.tips)
	m.win.SetPadded(false)
	m.win.SetContent(frame)
	m.win.Resize(startSize(a.options.Size, settings.Window))
	m.restorePlace(settings.Places)
	m.win.SetMaster()
	m.win.SetCloseIntercept(a.closeMain)
	m.keys = &shortcuts{app: a, canvas: m.win.Canvas()}
	m.keys.install()
	m.update(phone.State{}, time.Now())
	m.openFirst(a.options)
	return m
}

func startSize(asked, remembered account.Size) fyne.Size {
	s := asked
	if s == (account.Size{}) {
		s = remembered
	}
	if s == (account.Size{}) {
		s = account.Size{Width: firstWidth, Height: firstHeight}
	}
	return fyne.NewSize(max(s.Width, minWidth), max(s.Height, minHeight))
}

func (m *mainWindow) openFirst(o Options) {
	switch o.Page {
	case StartWizard:
		m.openWizard()
	case StartSettings:
		m.openSettings()
	case StartAccounts:
		m.openAccounts()
	case StartAbout:
		m.openAbout()
	}
}

// place lays out the window: one column, or from wideFrom on two.
func (m *mainWindow) place(_ []fyne.CanvasObject, size fyne.Size) {
	wide := size.Width >= wideFrom
	if wide != m.wide {
		m.wide = wide
		if c := m.win.Canvas(); !wide && m.page != nil && c != nil && c.Focused() == m.dial.number {
			c.Unfocus() // the page covers it: what is in it stays, and nothing is typed unseen
		}
		m.showSide()
		if m.app.main != nil { // not while the window is made
			m.dial.update(m.app.state)
			m.details.update(m.app.state, time.Now())
		}
	}
	left := size.Width
	if wide {
		left = homeWidth
	}
	m.home.Hidden = !wide && m.page != nil
	m.side.Hidden = !wide && m.page == nil
	m.line.Hidden = !wide
	m.line.FillColor = theme.Color(widget.ColorLine)
	m.home.Move(fyne.NewPos(0, 0))
	m.home.Resize(fyne.NewSize(left, size.Height))
	m.line.Move(fyne.NewPos(left, 0))
	m.line.Resize(fyne.NewSize(1, size.Height))
	if wide {
		m.side.Move(fyne.NewPos(left+1, 0))
		m.side.Resize(fyne.NewSize(size.Width-left-1, size.Height))
	} else {
		m.side.Move(fyne.NewPos(0, 0))
		m.side.Resize(size)
	}
	m.tips.Resize(size)
	m.overlay.Move(fyne.NewPos(0, 0))
	for range 2 { // a paragraph knows its height by its width
		m.overlay.Resize(fyne.NewSize(min(left, 480), m.overlay.MinSize().Height))
	}
}

// update draws a State.
func (m *mainWindow) update(s phone.State, now time.Time) {
	m.head.update(s, now)
	m.dial.follow(s)
	m.ended.follow(s)
	if m.sheet != nil && m.sheet.follow != nil {
		m.sheet.follow(s)
	}
	m.tellRefusal(s)
	m.banner.update(s)
	m.dial.update(s)
	pane := m.dial.object
	c, live := m.shownCall(s)
	m.followCalls(s, c, now)
	m.keepNumber(s, c)
	m.adding = m.adding && live && c.Phase == phone.PhaseEstablished
	if live {
		m.front = c.ID
		m.call.update(c, now)
	}
	switch {
	case live && m.adding:
	case live && (c.Phase == phone.PhaseIncoming || c.Phase == phone.PhaseAnswering && c.ByItself) &&
		m.dial.inUse(): // what is typed stays, and goes on
	case live:
		pane = m.call.object
	case s.Ended != nil && s.Ended.CallID == m.above:
	case s.Ended != nil && s.Ended.CallID != m.seen:
		m.ended.update(*s.Ended)
		pane = m.ended.object
	case len(s.Accounts) == 0:
		pane = m.welcome.object
	}
	m.others.update(s, c, live, m.adding, now)
	m.show(pane, now)
	m.fitTop()
	m.updateOverlay(s, now)
	m.closeStale(s, now)
	if m.sheet != nil {
		m.sheet.layer.followEnd()
	}
	m.reach(now)
	bar, before := live && m.page != nil && !m.wide, m.callBar.object.Visible()
	m.callBar.update(c, slices.Contains(s.Conference, c.ID), bar, now)
	if bar != before {
		m.side.Refresh()
	}
	m.details.update(s, now)
	if m.page != nil {
		m.page.Update(s, now)
	}
}

// tellRefusal tells in a sheet of a command that was refused where nothing on the screen tells it.
func (m *mainWindow) tellRefusal(s phone.State) {
	if r := s.Refusal; r != nil && !m.tells(*r) && m.page != nil && !m.wide {
		m.refused = r.ID
		told := tell.Of(r.Cause)
		m.tell(told.Title, told.Below())
	}
}

// tells tells whether a refusal is told where it was typed or pressed, or was in a sheet.
func (m *mainWindow) tells(r phone.Refusal) bool {
	c, live := m.shownCall(m.app.state)
	return r.ID == m.dial.told || r.ID == m.ended.told || r.ID == m.refused ||
		live && c.ID == r.CallID && !m.adding && (m.page == nil || m.wide)
}

// mostAbove is the height that banner and other calls may take above the pane, which is left what it cannot do without.
func (m *mainWindow) mostAbove() float32 {
	least, most := float32(300), float32(minHeight/6)
	if m.call.object.Visible() {
		least = m.call.least()
		if m.call.keys {
			most = 0 // they may take all of it
		}
	}
	return max(most, m.home.Size().Height-m.head.object.MinSize().Height-8-least)
}

// fitTop makes room for a banner that came, went or says more. What it says wraps only once it has its
// width, so that it takes a second round.
func (m *mainWindow) fitTop() {
	for range 3 {
		h := m.top.MinSize().Height
		if h == m.topHeight {
			return
		}
		m.topHeight = h
		m.home.Refresh()
	}
}

// shownCall returns the call to show: the one that has the sound, else the one that was shown, else one
// that is up before one that rings.
func (m *mainWindow) shownCall(s phone.State) (phone.CallState, bool) {
	best, rank := phone.CallState{}, 0
	for _, c := range s.Calls {
		r := 1
		switch {
		case c.Phase == phone.PhaseIncoming:
		case c.Active:
			r = 5
		case c.Phase == phone.PhaseEnding:
			r = 2
		case c.ID == m.front:
			r = 4
		default:
			r = 3
		}
		if r > rank {
			best, rank = c, r
		}
	}
	return best, rank > 0
}

// setAdding opens the keypad to add a call to the one that is up, or goes back to that.
func (m *mainWindow) setAdding(on bool) {
	c, live := m.shownCall(m.app.state)
	m.adding = on && live && c.Phase == phone.PhaseEstablished
	m.redraw()
	if m.adding {
		m.dial.focus()
	}
}

// leaveEnded goes on from the card of an ended call to the keypad.
func (m *mainWindow) leaveEnded() {
	if m.ended.object.Visible() {
		m.seen = m.ended.ended.CallID
		m.app.phone.DismissEnded()
		m.redraw()
	}
}

// show puts a pane of home on top. The focus does not stay on what is gone.
func (m *mainWindow) show(pane fyne.CanvasObject, now time.Time) {
	for _, o := range []fyne.CanvasObject{m.welcome.object, m.dial.object, m.call.object, m.ended.object} {
		if (o == pane) != o.Visible() {
			if o == pane {
				o.Show()
			} else {
				o.Hide()
			}
		}
	}
	if m.shown != pane {
		if m.shown != nil && m.page == nil && m.sheet == nil {
			widget.Beneath(m.win.Canvas(), func() { m.unfocus(now) })
		}
		m.shown = pane
	}
}

// unfocus takes the keyboard from what has gone.
func (m *mainWindow) unfocus(now time.Time) {
	if _, number := m.win.Canvas().Focused().(*widget.Entry); !number && m.win.Canvas().Focused() != nil {
		m.typist.left = now
	}
	m.win.Canvas().Unfocus()
}

func (m *mainWindow) tick(now time.Time) {
	m.head.update(m.app.state, now)
	if m.call.object.Visible() {
		m.call.tick(now)
	}
	m.callBar.tick(now)
	m.others.tick(now)
	m.float.tick(now)
	m.refer.tick(now)
	m.details.tick(now)
}

// showsLevels tells whether there is a meter to move.
func (m *mainWindow) showsLevels() bool {
	metered, is := m.page.(metering)
	return is && metered.Meters() ||
		m.talking() && m.home.Visible() && m.call.meters.Visible()
}

func (m *mainWindow) levels() {
	if metered, is := m.page.(metering); is {
		metered.Levels()
	}
	if m.talking() {
		m.call.levels()
	}
}

// dialling tells whether the number field is what typing is for.
func (m *mainWindow) dialling() bool {
	return m.dial.object.Visible() && (m.page == nil || m.wide) && m.sheet == nil
}

func (m *mainWindow) inCall() bool { return m.call.object.Visible() && m.home.Visible() }

func (m *mainWindow) talking() bool {
	return m.inCall() && m.call.call.Phase == phone.PhaseEstablished
}

func (m *mainWindow) redraw() {
	m.win.Content().Refresh()
	m.update(m.app.state, time.Now())
	m.app.keepPace()
}

// showSide fills the right pane, or in one column the page.
func (m *mainWindow) showSide() {
	m.side.RemoveAll()
	if m.page == nil {
		m.side.Add(m.details.object)
		return
	}
	var right fyne.CanvasObject
	if acts, is := m.page.(acting); is {
		right = container.NewCenter(acts.Actions())
	}
	head := layout.Border(nil, nil, m.back, right,
		widget.NewText(m.page.Title()).Sized(widget.SizeStrong).Bold().Shrink(80))
	m.side.Add(layout.Border(layout.Column(0, m.callBar.object, layout.Padded(8, 4, 4, 8, head)), nil, nil, nil,
		m.page.Object()))
}

// escape closes what is on top: a sheet, or the page. It never touches a call.
func (m *mainWindow) escape() {
	switch {
	case m.sheet != nil:
		m.closeSheet()
	case m.page != nil:
		m.goBack()
	case m.adding:
		m.setAdding(false)
	case m.call.object.Visible() && m.call.keys:
		m.call.toggleKeypad()
	default:
		m.win.Canvas().Unfocus()
	}
}

// rememberPlace keeps how large the window is, and where.
func (m *mainWindow) rememberPlace() {
	size := m.win.Canvas().Size()
	s := m.app.phone.Settings()
	before := s
	s.Window = account.Size{Width: size.Width, Height: size.Height}
	if p, ok := m.placeNow(); ok {
		s.PlaceWindow(p)
	}
	if m.app.options.Size == (account.Size{}) && (s.Window != before.Window || !slices.Equal(s.Places, before.Places)) {
		m.app.phone.SaveSettings(s, func(error) {})
	}
}

// callBar is the line above an open page that leads back to the call.
type callBar struct {
	app    *app
	call   phone.CallState
	name   *widget.Text
	time   *widget.Text
	object *fyne.Container
}

func newCallBar(a *app) *callBar {
	b := &callBar{app: a, name: widget.NewText("").Bold().Shrink(60), time: widget.NewText("")}
	back := widget.NewButton(tell.Word(cause.BackToCall), "", widget.Outlined, func() { a.main.closePage() }).
		High(widget.HeightDense)
	line := layout.Border(nil, nil, nil, layout.Row(8, container.NewCenter(b.time), back), b.name)
	b.object = layout.Padded(8, 0, 8, 8, widget.NewPanel(line, widget.ColorAccentSoft, "", widget.RadiusCard, 12, 4))
	b.object.Hide()
	return b
}

func (b *callBar) update(c phone.CallState, together, show bool, now time.Time) {
	b.call = c
	b.object.Hidden = !show
	b.name.SetText(tell.Who(c.Name, c.Address))
	if together {
		b.name.SetText(tell.Word(cause.ConferenceTitle))
	}
	b.tick(now)
}

func (b *callBar) tick(now time.Time) {
	b.time.SetText(tell.Call(b.call, now))
}
