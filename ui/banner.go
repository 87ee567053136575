package ui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// refusalNotice begins the ID of the notice that stands for a refusal.
const refusalNotice = "refusal "

// banner is the full-width strip that tells the most important problem: what happened, why, what to do,
// and one button.
type banner struct {
	app     *app
	shown   cause.Cause
	notice  string // ID of the notice shown; "" for a problem that lasts
	account string // ID of the account concerned
	at, of  int    // which of how many things to tell is shown, from 0
	realm   string // of ActionAllowRealm
	closed  string // ID of the refusal that was dismissed last
	dead    deadSpell

	mark    *widget.Mark
	title   *widget.Text
	why     *widget.Text
	action  *widget.Button
	next    *widget.Button // shows the next thing to tell
	dismiss *widget.Button
	panel   *widget.Panel
	object  *fyne.Container
}

func newBanner(a *app) *banner {
	b := &banner{app: a}
	b.mark = widget.NewMark(widget.Cross, 12)
	b.title = widget.NewParagraph("").Bold()
	b.why = widget.NewParagraph("").Sized(13)
	b.action = widget.NewButton("", "", widget.Filled, b.meant("act-on", b.act)).High(widget.HeightDense)
	b.next = widget.NewButton("", "", widget.Quiet, b.turn).High(widget.HeightDense)
	b.dismiss = widget.NewButton("", "cross", widget.Quiet,
		b.meant("dismiss", b.close)).High(widget.HeightDense).Named(tell.Word(cause.BannerDismiss))
	b.action.Hide()
	b.next.Hide()
	b.dismiss.Hide()
	// The button stands beside the title alone: the words below have all of the width.
	words := layout.Column(2, layout.Border(nil, nil, nil, layout.Border(b.dismiss, nil, nil, nil), b.title), b.why)
	buttons := layout.Row(8, b.action, b.next)
	b.panel = widget.NewPanel(layout.Border(nil, nil, layout.Border(layout.Padded(4, 0, 0, 6, b.mark), nil, nil, nil),
		nil, layout.Column(8, words, buttons)), widget.ColorSurface, widget.ColorLine, widget.RadiusCard, 12, 10)
	b.object = layout.Padded(8, 0, widget.Margin, widget.Margin, b.panel)
	b.object.Hide()
	return b
}

// meant makes a press do something only where it was meant for what is told.
func (b *banner) meant(deed string, f func()) func() {
	return func() {
		if b.app.meant(&b.dead, deed+" "+b.standing()) {
			f()
			b.app.main.reach(time.Now())
		}
	}
}

// standing names what is told.
func (b *banner) standing() string { return b.notice + " " + b.title.Text() + " " + b.action.Label() }

// problems lists what there is to tell, most important first.
func problems(s phone.State) []phone.Notice {
	var all []phone.Notice
	if a, ok := currentAccount(s); ok && a.Problem != nil {
		all = append(all, phone.Notice{Cause: *a.Problem})
	}
	if r := s.Refusal; r != nil {
		all = append(all, phone.Notice{ID: refusalNotice + r.ID, Cause: r.Cause})
	}
	all = append(all, s.Notices...)
	if s.Devices.Problem != nil && len(s.Calls) == 0 { // in a call, the call tells it
		all = append(all, phone.Notice{Cause: *s.Devices.Problem})
	}
	return all
}

func (b *banner) update(s phone.State) {
	if r := s.Refusal; r != nil && (b.app.main.tells(*r) || b.closed == r.ID) {
		s.Refusal = nil // told elsewhere
	}
	all := problems(s)
	if len(all) != b.of {
		b.at, b.of = 0, len(all) // the most important thing again
	}
	if len(all) == 0 {
		b.shown, b.notice = cause.Cause{}, ""
		b.title.SetText("")
		b.object.Hide()
		return
	}
	a, _ := currentAccount(s)
	b.shown, b.notice, b.account = all[b.at].Cause, all[b.at].ID, a.ID
	if b.realm = all[b.at].Realm; all[b.at].AccountID != "" {
		b.account = all[b.at].AccountID
	}
	told := tell.Of(b.shown)
	b.title.SetText(told.Title)
	b.why.SetText(told.Below())
	b.why.Hidden = told.Below() == ""
	if r := s.Refusal; r != nil && r.AccountID != "" && b.notice == refusalNotice+r.ID {
		b.account = r.AccountID
	}
	label := tell.ProblemAction(b.shown)
	b.action.Set(label, "")
	b.action.Hidden = label == ""
	b.next.Set(tell.WordOf(cause.Cause{Kind: cause.BannerNext, Count: b.at + 1, Of: b.of}), "")
	b.next.Hidden = b.of < 2
	b.dismiss.Hidden = b.notice == "" || b.shown.Action == cause.ActionStartEmpty // that is so until something is done
	b.mark.Set(widget.Cross)
	if a.Status == phone.StatusRetrying || a.Status == phone.StatusNoPassword || b.notice != "" {
		b.mark.Set(widget.Triangle)
	}
	b.object.Show()
	b.object.Refresh()
}

func (b *banner) act() {
	if b.shown.Action == cause.ActionStartEmpty {
		b.app.main.askStartEmpty()
		return
	}
	if b.shown.Action == cause.ActionAllowRealm {
		b.app.phone.AllowRealm(b.account, b.realm)
		b.close()
		return
	}
	b.app.main.act(b.shown, b.account)
	b.close()
}

// turn shows the next thing to tell.
func (b *banner) turn() {
	b.at = (b.at + 1) % max(1, b.of)
	b.update(b.app.state)
	b.app.main.reach(time.Now())
}

// askStartEmpty asks before the damaged account file is put aside.
func (m *mainWindow) askStartEmpty() {
	told := tell.Of(cause.Cause{Kind: cause.AskStartEmpty})
	m.ask(told.Title, told.Below(), told.Short, false, func() {
		m.app.phone.StartEmpty(m.app.tellError(tell.Word(cause.StartEmptyFailed)))
	})
}

func (b *banner) close() {
	if id, refused := strings.CutPrefix(b.notice, refusalNotice); refused {
		b.closed = id
		b.update(b.app.state)
		b.app.main.fitTop()
	} else if b.notice != "" {
		b.app.phone.DismissNotice(b.notice)
	}
}
