package ui

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/history"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// detailsPane is the right pane of a wide window: the call in figures, the account and its servers, the
// devices. It shows what State says and nothing else.
type detailsPane struct {
	app     *app
	recent  *history.RecentList
	none    *widget.Text // where there are none
	call    *figures
	account *figures
	servers *serverLines
	devices *figures
	// what only engineers ask for
	engineers    *figures
	engineersBox *fyne.Container
	callBox      *fyne.Container
	recentBox    *fyne.Container
	srvBox       *fyne.Container
	content      *fyne.Container // of what scrolls
	laid         detailsLayout   // as it was laid out for
	object       fyne.CanvasObject
}

// detailsLayout is what the places of the cards depend on.
type detailsLayout struct {
	call, recent, servers, engineers bool
	height                           float32
}

func newDetailsPane(a *app) *detailsPane {
	p := &detailsPane{
		app: a, call: newFigures().wrapped(), account: newFigures(), servers: newServerLines(),
		devices: newFigures(), engineers: newFigures().wrapped(),
	}
	p.engineersBox = engineersCard(p.engineers)
	p.callBox = container.NewStack(widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.FigureThisCall)),
		p.call.object)))
	p.recent = history.NewRecentList(a.dialRecent)
	p.none = widget.NewParagraph(tell.Of(cause.Cause{Kind: cause.HistoryEmpty}).Line()).Color(widget.ColorMuted)
	p.recentBox = container.NewStack(widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.HistoryRecent)),
		p.none, p.recent.Object)))
	p.srvBox = container.NewStack(widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.AccountServers)),
		p.servers.object)))
	p.content = layout.Padded(12, 0, 0, 0, layout.Column(12, p.callBox, p.recentBox,
		widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.AccountTitle)), p.account.object)), p.srvBox,
		widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.FigureSound)), p.devices.object)),
		p.engineersBox))
	p.object = layout.ScrollPage(p.content)
	return p
}

func (p *detailsPane) update(s phone.State, now time.Time) {
	if !p.app.main.wide {
		return
	}
	c, live := p.app.main.shownCall(s)
	p.callBox.Hidden = !live
	if live {
		p.call.set(callFigures(c))
	}
	p.recentBox.Hidden = !p.app.main.recentsBeside() || p.app.phone.Journal() == nil
	p.recent.Hide(p.recentBox.Hidden)
	p.recent.Show(p.app.recents, len(s.Accounts) > 1, now)
	p.none.Hidden = p.recent.Rows() > 0
	a, ok := currentAccount(s)
	p.account.set(accountFigures(a, ok, now))
	p.servers.update(a.Servers, now)
	p.srvBox.Hidden = len(a.Servers) == 0
	p.devices.set(deviceFigures(s.Devices))
	p.engineers.set(engineerFigures(a))
	p.engineersBox.Hidden = len(p.engineers.shown) == 0
	p.fit()
}

// fit lays the cards out where one came, went or has another height. What wraps knows its height only once it has its
// width, so that it takes a second round.
func (p *detailsPane) fit() {
	for range 3 {
		now := detailsLayout{
			p.callBox.Visible(), p.recentBox.Visible(), p.srvBox.Visible(), p.engineersBox.Visible(),
			p.content.MinSize().Height,
		}
		if now == p.laid {
			return
		}
		p.laid = now
		p.object.Refresh()
	}
}

func (p *detailsPane) tick(now time.Time) {
	if a, ok := currentAccount(p.app.state); ok && p.app.main.wide {
		p.account.set(accountFigures(a, ok, now))
	}
}

// figure is one line: what, and how much.
type figure struct{ what, value string }

// callFigures lists what is known of a call. What is not known is not there.
func callFigures(c phone.CallState) []figure {
	q := c.Quality
	all := []figure{
		{tell.Word(cause.FigureWith), tell.Who(c.Name, c.Address)},
		{tell.Word(cause.FigureAddress), tell.WholeAddress(c.Address, c.URI)},
		{tell.Word(cause.FigureState), tell.Phase(c)},
	}
	add := func(what, value string) { all = append(all, figure{what, value}) }
	signalling, sound := cause.FigureNoWSS, cause.FigureNoSRTP
	if c.Secure {
		signalling = cause.FigureWSS
	}
	if c.Encrypted {
		sound = cause.FigureSRTP
	}
	add(tell.Word(cause.FigureSignalling), tell.Word(signalling))
	add(tell.Word(cause.FigureSound), tell.Word(sound))
	if c.Codec != "" {
		add(tell.Word(cause.HistoryCodec), tell.Codec(c.Codec))
	}
	if q.InviteDelay > 0 {
		add(tell.Word(cause.FigureInvite), tell.Milliseconds(q.InviteDelay))
	}
	if q.SetupTime > 0 {
		add(tell.Word(cause.FigureConnectedAfter), tell.Milliseconds(q.SetupTime))
	}
	if q.MediaTime > 0 {
		add(tell.Word(cause.FigureFirstSound), tell.Milliseconds(q.MediaTime))
	}
	if !q.Known {
		return all
	}
	add(tell.Word(cause.FigureSent), tell.Grouped(int64(q.PacketsSent)))
	add(tell.Word(cause.FigureReceived), tell.Grouped(int64(q.Packets)))
	add(tell.Word(cause.HistoryLost), fmt.Sprintf("%.1f %%", q.LossPercent))
	add(tell.Word(cause.HistoryMadeUp), fmt.Sprintf("%.1f %%", q.ConcealedFrac*100))
	add(tell.Word(cause.HistoryJitter), tell.Milliseconds(q.Jitter))
	if q.RoundTrip > 0 {
		add(tell.Word(cause.HistoryRoundTrip), tell.Milliseconds(q.RoundTrip))
	}
	add(tell.Word(cause.FigureBuffer), tell.Milliseconds(q.BufferDelay))
	add(tell.Word(cause.FigureDelay), tell.Milliseconds(q.Delay()))
	if far := q.FarEnd; far.Known {
		add(tell.Word(cause.FigureLostThere), fmt.Sprintf("%.1f %%", 100*(far.Loss+far.Discard)))
		if far.MOS > 0 {
			add(tell.Word(cause.FigureMOSThere), fmt.Sprintf("%.1f", far.MOS))
		}
	}
	return all
}

func deviceFigures(d phone.DeviceState) []figure {
	name := func(present []string, chosen int) string {
		if chosen >= 0 && chosen < len(present) {
			return present[chosen]
		}
		return tell.Word(cause.FigureNoDevice)
	}
	opus := cause.FigureOpus
	if !d.Opus {
		opus = cause.FigureNoOpus
	}
	return []figure{
		{tell.Word(cause.FigureMicrophone), name(deviceNames(d, "microphone"))},
		{tell.Word(cause.FigureLoudspeaker), name(deviceNames(d, "speaker"))},
		{tell.Word(cause.FigureRinger), name(deviceNames(d, "ringer"))},
		{"libopus", tell.Word(opus)},
	}
}

// figures is a table of two columns.
type figures struct {
	shown  []figure
	values []*widget.Text
	wrap   bool // long values take several lines instead of an ellipsis
	object *fyne.Container
}

func newFigures() *figures { return &figures{object: layout.Column(4)} }

// wrapped gives long values several lines and returns f.
func (f *figures) wrapped() *figures { f.wrap = true; return f }

// set draws a table, changing only what differs.
func (f *figures) set(all []figure) {
	same := len(all) == len(f.shown)
	for i := 0; same && i < len(all); i++ {
		same = all[i].what == f.shown[i].what
	}
	if !same {
		f.object.RemoveAll()
		f.values = nil
		for _, line := range all {
			value := widget.NewText(line.value).Sized(13).Shrink(80)
			if f.wrap {
				value = widget.NewParagraph(line.value).Sized(13)
			}
			f.values = append(f.values, value)
			width := float32(132)
			if f.wrap {
				width = 116
			}
			f.object.Add(layout.Border(nil, nil, figureName(line.what, width), nil, value))
		}
	}
	for i, line := range all {
		f.values[i].SetText(line.value)
	}
	f.shown = all
}

// figureName is what a figure is called, in a column of a width; at the top of it, where the figure has several lines.
func figureName(what string, width float32) fyne.CanvasObject {
	return container.New(layout.Func{
		Min: func(o []fyne.CanvasObject) fyne.Size {
			return fyne.NewSize(width, max(18, o[0].MinSize().Height))
		},
		Place: func(o []fyne.CanvasObject, size fyne.Size) {
			o[0].Resize(fyne.NewSize(width-4, 0)) // a paragraph knows its height by its width
			o[0].Resize(fyne.NewSize(width-4, o[0].MinSize().Height))
		},
	}, widget.NewParagraph(what).Color(widget.ColorMuted).Sized(13))
}

// openQuality shows a call's figures in a sheet, where there is no right pane.
func (m *mainWindow) openQuality() {
	table := newFigures().wrapped()
	table.set(callFigures(m.call.call))
	c := m.call.call
	m.openSheet(tell.Word(cause.FigureQuality), layout.Column(10, table.object,
		widget.NewParagraph(m.call.bars.AccessibilityLabel()+".").Color(widget.ColorMuted).Sized(13)))
	m.sheet.call, m.sheet.phase = c.ID, c.Phase
}
