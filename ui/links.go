package ui

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"

	"calla/phone/cause"
	"calla/phone/links"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// Links has the desktop open links with Calla. *links.Program is the real one; tests use their own. The methods read
// and write files.
type Links interface {
	Status() (links.Status, error)
	Register() error
	Unregister() error
}

// linksPanel chooses whether links are opened with Calla, and what happens then.
type linksPanel struct {
	app    *app
	opens  *widget.Switch // how the system has it; hidden until that is known
	state  *widget.Text   // who else opens them, or why nothing can be done here
	object fyne.CanvasObject
}

func newLinksPanel(a *app) *linksPanel {
	p := &linksPanel{app: a, state: widget.NewParagraph("").Color(widget.ColorMuted).Sized(13)}
	p.opens = widget.NewSwitch(tell.Word(cause.LinksOpen), "", false, p.choose)
	p.opens.Hide()
	p.state.Hide()
	atOnce := widget.NewSwitch(tell.Word(cause.LinksAtOnce), "", a.phone.Settings().DialLinks, func(on bool) {
		s := a.phone.Settings()
		s.DialLinks = on
		a.phone.SaveSettings(s, a.tellError(tell.Word(cause.LinksNotSaved)))
	})
	p.object = widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.LinksTitle)), p.opens, p.state, atOnce,
		widget.NewParagraph(tell.Of(cause.Cause{Kind: cause.LinksExplained}).Line()).
			Color(widget.ColorMuted).Sized(13)))
	if a.options.Links != nil {
		a.aside(func() { p.read(nil) })
	}
	return p
}

// choose has the system do as the switch says, and shows what it does then.
func (p *linksPanel) choose(on bool) {
	change := p.app.options.Links.Unregister
	if on {
		change = p.app.options.Links.Register
	}
	p.opens.Disable()
	p.app.aside(func() { p.read(change()) })
}

// read shows how the system has it. failed is why it is not as the user wants it. It is not for Fyne's goroutine.
func (p *linksPanel) read(failed error) {
	status, err := p.app.options.Links.Status()
	fyne.Do(func() {
		p.opens.Enable()
		p.show(status, err, failed)
	})
}

func (p *linksPanel) show(status links.Status, unread, failed error) {
	p.opens.Hidden = unread != nil
	p.opens.SetOn(status.All())
	words := othersWords(status)
	var elsewhere *links.ElsewhereError
	color := widget.ColorMuted
	switch {
	case errors.Is(unread, links.ErrPackage):
		words = tell.Sentence(links.ErrPackage)
	case unread != nil:
		words, color = tell.Sentence(unread), widget.ColorBad
	case errors.As(failed, &elsewhere):
		words, color = tell.Sentence(elsewhere), widget.ColorBad
	case failed != nil:
		words, color = tell.Sentence(failed), widget.ColorBad
	}
	p.state.SetColor(color)
	p.state.SetText(tell.SafeLine(words))
	p.state.Hidden = words == ""
	p.object.Refresh()
	p.app.main.win.Content().Refresh()
}

// othersWords tells which links others open, "" for none.
func othersWords(status links.Status) string {
	var words []string
	for _, o := range status {
		if o.Name != "" && !o.Ours {
			words = append(words, tell.WordOf(cause.Cause{Kind: cause.LinksOpenedBy, Text: o.Scheme, Party: o.Name}))
		}
	}
	return strings.Join(words, " ")
}
