// Package exchange takes configurations in and gives them out, in JsSIP's language.
package exchange

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/account/jssip"
	"calla/netsip/config"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// Window is what the exchange needs of the window that it lies above.
type Window interface {
	ChooseFile(title, near string, then func(path string))
	ChooseNewFile(title, name string, then func(path string))
	// OpenSheet shows content above the window, with buttons below it; fit gives it the height that its content has
	// now.
	OpenSheet(title string, content fyne.CanvasObject, buttons ...*widget.Button) (fit func())
	CloseSheet()
	Focus(o fyne.Focusable)
	Copy(text string) // to the clipboard
	TellError(title string, err error)
}

// Import asks for a configuration in a sheet, and calls use with what the user took over.
func Import(w Window, use func(config.Config)) {
	i := newImporter(w, func(c config.Config) {
		w.CloseSheet()
		use(c)
	})
	i.fit = w.OpenSheet(tell.Word(cause.ExchangeImport), i.object, i.use)
	w.Focus(i.text)
}

// importer takes a pasted JsSIP configuration and tells what was made of it.
type importer struct {
	text    *widget.Entry
	which   *widget.Select  // of several configurations in the text
	choice  *fyne.Container // it, while there are several
	found   *fyne.Container
	file    *widget.Button
	use     *widget.Button
	result  jssip.Imported
	allowed map[string]bool // what the configuration wants of this computer and the user has agreed to, by parameter
	fit     func()          // called when there is more or less to tell
	object  fyne.CanvasObject
}

func newImporter(w Window, use func(config.Config)) *importer {
	i := &importer{found: layout.Column(6), choice: layout.Column(6), fit: func() {}}
	i.text = widget.NewTextArea("{ uri: 'sip:alice@example.com',\n  ws_servers: 'wss://sip.example.com', … }", 6).
		Named(tell.Word(cause.ExchangeConfiguration))
	i.text.TextStyle = fyne.TextStyle{Monospace: true}
	i.text.OnChanged = func(string) {
		i.choose(nil)
		i.read(0)
		i.fit()
	}
	i.which = widget.NewSelect(nil, -1, tell.Word(cause.ExchangeChooseOne), func(n int) {
		i.read(n + 1)
		i.fit()
	})
	i.which.Name = tell.Word(cause.ExchangeConfiguration)
	i.file = widget.NewButton(tell.Word(cause.ExchangeOpenFile), "import", widget.Quiet, func() {
		w.ChooseFile(tell.Word(cause.ExchangeOpen), "", func(path string) {
			text, err := readText(path)
			if err != nil {
				i.say(widget.Cross, unreadWords(err), widget.ColorBad)
				return
			}
			i.text.SetText(text)
		})
	}).High(widget.HeightDense)
	i.use = widget.NewButton(tell.Word(cause.ExchangeUse), "", widget.Filled,
		func() { use(i.config()) }).High(widget.HeightMain)
	i.use.Disable()
	i.object = layout.Column(10,
		widget.NewParagraph(tell.Of(cause.Cause{Kind: cause.ExchangePaste}).Line()).
			Color(widget.ColorMuted).Sized(13), i.text, layout.Border(nil, nil, i.file, nil), i.choice, i.found)
	return i
}

// choose offers the configurations of a text, or nothing where there is one.
func (i *importer) choose(agents []jssip.Agent) {
	i.choice.RemoveAll()
	if len(agents) > 0 {
		names := make([]string, len(agents))
		for n, a := range agents {
			names[n] = tell.WordOf(cause.Cause{
				Kind: cause.ExchangeAtLine, Text: tell.SafeLine(strings.TrimPrefix(a.Name, "sip:")),
				Count: a.Line,
			})
		}
		i.which.SetChoices(names, -1)
		i.choice.Add(markedLine(widget.Triangle,
			tell.WordOf(cause.Cause{Kind: cause.ExchangeSeveral, Count: len(agents)}), widget.ColorText))
		i.choice.Add(i.which)
	}
	i.choice.Refresh()
}

// read makes sense of what is in the field; agent is the configuration chosen, from 1, or 0.
func (i *importer) read(agent int) {
	i.found.RemoveAll()
	i.use.Disable()
	if strings.TrimSpace(i.text.Text) == "" {
		i.found.Refresh()
		return
	}
	result, err := jssip.Import([]byte(i.text.Text), agent)
	var fixable *jssip.FixableError
	var several *jssip.ChoiceError
	switch {
	case errors.As(err, &several):
		i.choose(several.Agents)
	case errors.As(err, &fixable):
		i.say(widget.Triangle, tell.Sentence(err), widget.ColorText)
		i.found.Add(widget.NewButton(fixable.Offer, "", widget.Outlined, func() {
			i.show(fixable.Fixed)
			i.fit()
		}).High(widget.HeightDense))
	case err != nil:
		i.say(widget.Cross, tell.Sentence(err), widget.ColorBad)
	default:
		i.show(result)
	}
	i.found.Refresh()
}

// show tells what was understood, is to be filled in, was changed and ignored.
func (i *importer) show(r jssip.Imported) {
	i.result, i.allowed = r, map[string]bool{}
	local := account.LocalSettings(r.Config)
	elsewhere := func(name string) bool { // told with the question
		return slices.ContainsFunc(local, func(s account.LocalSetting) bool { return s.Name == name })
	}
	i.found.RemoveAll()
	if understood := slices.DeleteFunc(slices.Clone(r.Understood), elsewhere); len(understood) > 0 {
		i.say(widget.Check, tell.WordOf(cause.Cause{
			Kind: cause.ExchangeUnderstood, Text: strings.Join(understood, ", "),
		}), widget.ColorText)
	}
	i.askLocal(local)
	for _, t := range r.ToFill {
		i.say(widget.Triangle, tell.WordOf(cause.Cause{
			Kind: cause.ExchangeToFill, Parameter: t.Parameter, Reason: tell.SafeLine(t.String()),
			Count: t.Line, Phrase: strconv.Itoa(t.Column),
		}), widget.ColorText)
	}
	for _, c := range r.Changed {
		if !elsewhere(c.Name) {
			i.say(widget.Triangle, about(cause.ExchangeChanged, c.Name, c.Reason), widget.ColorText)
		}
	}
	for _, c := range r.Ignored {
		i.say(widget.Dash, about(cause.ExchangeIgnored, tell.SafeLine(c.Name), c.Reason), widget.ColorMuted)
	}
	i.use.Enable()
	i.found.Refresh()
}

// askLocal asks for each thing that the configuration wants of this computer. The answer is no until it is yes.
func (i *importer) askLocal(local []account.LocalSetting) {
	if len(local) == 0 {
		return
	}
	i.say(widget.Triangle, tell.Of(cause.Cause{Kind: cause.ExchangeWantsHere}).Line(), widget.ColorText)
	for _, s := range local {
		value := widget.NewParagraph(tell.SafeLine(s.Value)).Sized(13).Bold()
		yes := widget.NewSwitch(tell.WordOf(cause.Cause{Kind: cause.ExchangeAllow, Parameter: s.Name}), "", false,
			func(on bool) { i.allowed[s.Name] = on })
		i.found.Add(layout.Column(2, widget.NewParagraph(s.Name+" "+s.Does+":").Color(widget.ColorMuted).Sized(13),
			value, yes))
	}
}

// config is what is taken over: the configuration without what the user has not agreed to.
func (i *importer) config() config.Config {
	var allowed []string
	for name, is := range i.allowed {
		if is {
			allowed = append(allowed, name)
		}
	}
	c, _ := account.WithoutLocalSettings(i.result.Config, allowed...)
	return c
}

func (i *importer) say(shape widget.Shape, text string, c fyne.ThemeColorName) {
	i.found.Add(markedLine(shape, text, c))
}

// markedLine is a paragraph with a mark before it.
func markedLine(shape widget.Shape, text string, c fyne.ThemeColorName) fyne.CanvasObject {
	return layout.Border(nil, nil, layout.Border(layout.Padded(3, 0, 0, 8, widget.NewMark(shape, 11)), nil, nil, nil),
		nil, widget.NewParagraph(text).Color(c).Sized(13))
}

// about tells what became of a parameter, and why.
func about(kind cause.Kind, parameter, reason string) string {
	return tell.WordOf(cause.Cause{Kind: kind, Parameter: parameter, Reason: tell.SafeLine(reason)})
}
