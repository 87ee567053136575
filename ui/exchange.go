package ui

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/netsip"
	"calla/ui/widget"
)

// importer takes a pasted JsSIP configuration and tells what was made of it.
type importer struct {
	text   *widget.Entry
	found  *fyne.Container
	use    *widget.Button
	result account.Import
	object fyne.CanvasObject
}

func newImporter(use func(netsip.Config)) *importer {
	i := &importer{found: column(6)}
	i.text = widget.NewTextArea("{ uri: 'sip:alice@example.com',\n  ws_servers: 'wss://sip.example.com', … }", 8)
	i.text.TextStyle = fyne.TextStyle{Monospace: true}
	i.text.OnChanged = func(string) { i.read() }
	i.use = widget.NewButton("Use this", "", widget.Filled, func() { use(i.result.Config) }).High(widget.HeightMain)
	i.use.Disable()
	i.object = column(10,
		widget.NewParagraph("Paste the object or the whole snippet: JavaScript or JSON, of JsSIP 0.4 or later. Nothing of it is run outside Calla or sent anywhere.").
			Color(widget.ColorMuted).Sized(13), i.text, i.found)
	return i
}

// read makes sense of what is in the field.
func (i *importer) read() {
	i.found.RemoveAll()
	i.use.Disable()
	if strings.TrimSpace(i.text.Text) == "" {
		i.found.Refresh()
		return
	}
	result, err := account.ImportJsSIP([]byte(i.text.Text))
	var fixable *account.FixableError
	switch {
	case errors.As(err, &fixable):
		i.say(widget.Triangle, sentence(err), widget.ColorText)
		i.found.Add(widget.NewButton(fixable.Offer, "", widget.Outlined, func() { i.show(fixable.Fixed) }).High(widget.HeightDense))
	case err != nil:
		i.say(widget.Cross, sentence(err), widget.ColorBad)
	default:
		i.show(result)
	}
	i.found.Refresh()
}

// show tells what was understood, changed and ignored.
func (i *importer) show(r account.Import) {
	i.result = r
	i.found.RemoveAll()
	i.say(widget.Check, "Understood: "+strings.Join(r.Understood, ", ")+".", widget.ColorText)
	for _, c := range r.Changed {
		i.say(widget.Triangle, c.Name+" changed: "+safeLine(c.Reason), widget.ColorText)
	}
	for _, c := range r.Ignored {
		i.say(widget.Dash, c.Name+" ignored: "+safeLine(c.Reason), widget.ColorMuted)
	}
	i.use.Enable()
	i.found.Refresh()
}

func (i *importer) say(shape widget.Shape, text string, c fyne.ThemeColorName) {
	i.found.Add(markedLine(shape, text, c))
}

// openImport asks for a configuration in a sheet.
func (m *mainWindow) openImport(use func(netsip.Config)) {
	i := newImporter(func(c netsip.Config) {
		m.closeSheet()
		use(c)
	})
	m.openSheet("Paste a JsSIP configuration", i.object, i.use)
	m.win.Canvas().Focus(i.text)
}

// openExport shows an account's configuration for JsSIP, without the password, to be copied.
func (m *mainWindow) openExport(c netsip.Config) {
	text := widget.NewTextArea("", 12)
	text.TextStyle = fyne.TextStyle{Monospace: true}
	note := widget.NewParagraph("Password and TURN credentials are left out.").Color(widget.ColorMuted).Sized(13)
	formats := []account.Format{account.FormatJsSIP04, account.FormatJsSIP3, account.FormatJSON}
	show := func(i int) {
		s, err := account.Export(c, formats[i], false)
		if err != nil {
			s = sentence(err)
		}
		text.SetText(s)
	}
	choice := widget.NewSelect([]string{"JsSIP 0.4", "JsSIP 3", "JSON"}, 0, "", show)
	choice.Name = "Form"
	show(0)
	copied := widget.NewButton("Copy", "copy", widget.Filled, nil)
	copied.OnTapped = func() {
		m.app.fyne.Clipboard().SetContent(text.Text)
		copied.Set("Copied", "check")
	}
	m.openSheet("JsSIP configuration", column(10, choice, text, note), copied)
}
