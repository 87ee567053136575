package form

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"calla/netsip/config"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// formField is the input of one parameter of config.Config.
type formField struct {
	param  config.Parameter
	object fyne.CanvasObject
	focus  fyne.Focusable
	read   func() any                          // what is typed, in the types that Parameter.Set takes; nil = nothing
	put    func(c *config.Config, v any) error // checks what is read and puts it into c
	write  func(v any)
	setBad func(reason string)
	bad    string
	help   *widget.Text // nil where there is none
	forget *forgetting  // nil where it is no secret
	list   *rowList     // nil where it is none
	offer  func(string) // puts a value in the place of the one that does not work; nil where there is none

	differs bool // from the default
}

// choiceWords tells what a value of a choice means, or "" where it speaks for itself.
func choiceWords(parameter, value string) string {
	switch parameter + "=" + value {
	case "calla.ice_transport_policy=all":
		return ": " + tell.Word(cause.FormDirectly)
	case "calla.ice_transport_policy=relay":
		return ": " + tell.Word(cause.FormRelayOnly)
	case "calla.reliable_provisional=supported":
		return ": " + tell.Word(cause.FormWherePossible)
	case "calla.reliable_provisional=required":
		return ": " + tell.Word(cause.FormOrNoCall)
	case "calla.reliable_provisional=off":
		return ": " + tell.Word(cause.FormNever)
	}
	return ""
}

// newFormField makes the input for a parameter. changed is called when something is typed, fit when it takes another
// height.
func newFormField(w Window, p config.Parameter, changed func(*formField), fit func()) *formField {
	f := &formField{param: p, put: p.Set, setBad: func(string) {}}
	touched := func() { changed(f) }
	switch p.Kind {
	case config.KindBoolean:
		f.asSwitch(touched)
	case config.KindLevel:
		f.asLevel(touched)
	case config.KindConnector:
		f.asConnector()
	case config.KindServers:
		f.asServers(touched)
	case config.KindStunServers:
		f.asStun(touched)
	case config.KindTurnServers:
		f.asTurn(touched)
	case config.KindHeaders:
		f.asHeaders(touched)
	case config.KindLines:
		f.asLines(touched)
	case config.KindChoice:
		f.asChoice(touched)
	case config.KindFile:
		f.asFile(w, touched)
	default:
		f.asText(w, touched, fit)
	}
	return f
}

// set validates what is typed and puts it into c.
func (f *formField) set(c *config.Config) error { return f.put(c, f.read()) }

// tellBad shows what is wrong under the field, or with "" takes it away.
func (f *formField) tellBad(reason string) {
	f.bad = reason
	f.setBad(f.sentence(reason))
	if f.list != nil {
		f.list.markBad(f.put, reason != "")
	}
}

// placeholder is what stands in an empty field: what is then so.
func placeholder(p config.Parameter) string {
	switch {
	case p.Name == "uri":
		return "alice@example.com"
	case p.Kind == config.KindSecret, p.Default == "", p.Default == "none":
		return tell.Word(cause.FormNoValue)
	case longDefault(p):
		return tell.Word(cause.FormDefaultAlone)
	}
	return tell.Of(cause.Cause{Kind: cause.FormDefault, Text: p.Default}).Short
}

// defaultIs tells what holds where nothing is typed, as a sentence.
func defaultIs(p config.Parameter) string {
	return tell.Of(cause.Cause{Kind: cause.FormDefaultIs, Text: p.Default}).Title
}

// longDefault tells that the default has no room in the field and stands below it.
func longDefault(p config.Parameter) bool {
	return len(p.Default) > 28 || p.Kind == config.KindFile && len(p.Default) > 14
}

// sentence is what is told of a bad field, the default included.
func (f *formField) sentence(reason string) string {
	if words := tell.SentenceOf(reason); words == "" || f.param.Default == "" || f.param.Kind == config.KindSecret {
		return words
	} else {
		return words + " " + defaultIs(f.param)
	}
}

func (f *formField) asText(w Window, touched, fit func()) {
	p := f.param
	entry := widget.NewEntry(placeholder(p)).Named(p.Label)
	if takesPerson(p) {
		f.asPerson(w, entry, touched, fit)
		return
	}
	if p.Kind != config.KindSecret {
		f.around(entry, entry, touched)
		return
	}
	entry = widget.NewPasswordEntry(placeholder(p)).Named(p.Label)
	f.forget = newForgetting(entry, touched)
	f.around(entry, layout.Border(nil, nil, nil, f.forget.box, entry), touched)
}

// forgetting lets a secret that is kept be forgotten.
type forgetting struct {
	on     bool // it is to be forgotten when the form is saved
	entry  *widget.Entry
	button *widget.Button
	box    *fyne.Container
}

func newForgetting(entry *widget.Entry, touched func()) *forgetting {
	f := &forgetting{entry: entry}
	f.button = widget.NewButton(tell.Word(cause.FormForget), "", widget.Outlined, func() {
		f.set(!f.on)
		touched()
	}).High(widget.HeightDense)
	f.box = layout.Padded(0, 0, 8, 0, f.button)
	f.box.Hide()
	return f
}

// set says whether the secret is to be forgotten.
func (f *forgetting) set(on bool) {
	f.on = on
	f.entry.SetPlaceHolder(tell.Word(cause.FormUnchanged))
	f.button.Set(tell.Word(cause.FormForget), "")
	if on {
		f.entry.Put("")
		f.entry.SetPlaceHolder(tell.Word(cause.FormForgotten))
		f.button.Set(tell.Word(cause.FormKeep), "")
	}
}

// wanted tells whether the secret is to be forgotten: not when another one is typed.
func (f *forgetting) wanted() bool { return f.on && f.entry.Text == "" }

// around makes a field of an entry and of what stands in the form for it.
func (f *formField) around(entry *widget.Entry, input fyne.CanvasObject, touched func()) {
	entry.OnChanged = func(string) { touched() }
	help := f.param.Help
	if longDefault(f.param) {
		help += " " + defaultIs(f.param)
	}
	field := widget.NewField(f.param.Label, f.param.Name, help, input)
	f.object, f.focus, f.help = field.Box, entry, field.Help
	f.setBad = func(reason string) {
		entry.SetBad(reason)
		field.SetBad(reason)
	}
	f.read = func() any {
		if f.param.Kind == config.KindSecret {
			if entry.Text == "" {
				return nil
			}
			return entry.Text
		}
		if text := strings.TrimSpace(entry.Text); text != "" {
			return text
		}
		return nil
	}
	f.write = func(v any) {
		if s, ok := v.(config.Secret); ok {
			entry.Put(s.Reveal())
			return
		}
		entry.Put(tell.Value(v))
	}
}

// asFile is a text field with a button that lets one choose the file.
func (f *formField) asFile(w Window, touched func()) {
	entry := widget.NewEntry(placeholder(f.param)).Named(f.param.Label)
	browse := widget.NewButton(tell.Word(cause.FormBrowse), "", widget.Outlined, func() {
		w.ChooseFile(f.param.Label, strings.TrimSpace(entry.Text), entry.SetText)
	}).High(widget.HeightDense).Named(tell.Of(cause.Cause{Kind: cause.FormBrowseFor, Text: f.param.Label}).Short)
	f.around(entry, layout.Border(nil, nil, nil, layout.Padded(0, 0, 8, 0, browse), entry), touched)
}

// asChoice is a choice of the parameter's values, the default first.
func (f *formField) asChoice(touched func()) {
	p := f.param
	words := make([]string, len(p.Choices))
	for i, c := range p.Choices {
		words[i] = c
		if i == 0 {
			words[i] = byDefault(words[i])
		}
		words[i] += choiceWords(p.Name, c)
	}
	given := false // the default is written in the configuration
	s := widget.NewSelect(words, 0, "", func(int) { touched() })
	s.Name = p.Label
	field := widget.NewField(p.Label, p.Name, p.Help, s)
	f.object, f.focus, f.help, f.setBad = field.Box, s, field.Help, field.SetBad
	f.read = func() any {
		if s.Chosen() == 0 && !given {
			return nil
		}
		return p.Choices[s.Chosen()]
	}
	f.write = func(v any) {
		given = v != nil
		s.SetChoices(words, max(0, slices.Index(p.Choices, tell.Value(v))))
	}
}

// byDefault marks a choice as the one that holds where none is made.
func byDefault(choice string) string {
	return tell.Of(cause.Cause{Kind: cause.FormIsDefault, Text: choice}).Short
}

func (f *formField) asSwitch(touched func()) {
	def := f.param.Default == "true" || f.param.Default == "on"
	words := tell.Word(cause.FormDefaultOff)
	if def {
		words = tell.Word(cause.FormDefaultOn)
	}
	s := widget.NewSwitch(f.param.Label, f.param.Name, def, func(bool) { touched() })
	f.help = widget.NewParagraph(f.param.Help + " " + words).Color(widget.ColorMuted).Sized(widget.SizeCaption)
	f.object, f.focus = layout.Column(0, s, f.help), s
	f.read = func() any { return s.On() }
	f.write = func(v any) {
		on, ok := v.(bool)
		s.SetOn(on || !ok && def)
	}
}

func (f *formField) asLevel(touched func()) {
	levels := []config.LogLevel{config.LogError, config.LogWarn, config.LogNormal, config.LogDebug}
	words := []string{"error (0)", "warn (1)", byDefault("log (2)"), "debug (3)"}
	const normal = 2
	given := false // the default is written in the configuration
	s := widget.NewSelect(words, normal, "", func(int) { touched() })
	s.Name = f.param.Label
	field := widget.NewField(f.param.Label, f.param.Name, f.param.Help, s)
	f.object, f.focus, f.help = field.Box, s, field.Help
	f.read = func() any {
		if s.Chosen() == normal && !given {
			return nil
		}
		return string(levels[s.Chosen()])
	}
	f.write = func(v any) {
		given = v != nil
		chosen := normal
		for i, l := range levels {
			if tell.Value(v) == string(l) {
				chosen = i
			}
		}
		s.SetChoices(words, chosen)
	}
}

// asConnector tells where this parameter went: a function cannot be typed into a form.
func (f *formField) asConnector() {
	field := widget.NewField(f.param.Label, f.param.Name, f.param.Help,
		widget.NewParagraph(tell.Of(cause.Cause{Kind: cause.FormConnector}).Line()).
			Color(widget.ColorMuted).Sized(13))
	f.object, f.help = field.Box, field.Help
	f.read = func() any { return nil }
	f.write = func(any) {}
}
