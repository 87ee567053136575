package widget

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"

	"calla/phone/cause"
)

// Switch is a line with words and a switch at its end.
type Switch struct {
	pressable
	OnChanged func(bool)
	label     string
	page      string // parameter name, small, under the words
	on        bool
}

// NewSwitch returns a switch; page may be "".
func NewSwitch(label, page string, on bool, changed func(bool)) *Switch {
	s := &Switch{label: label, page: page, on: on, OnChanged: changed}
	s.OnTapped = func() {
		s.SetOn(!s.on)
		if s.OnChanged != nil {
			s.OnChanged(s.on)
		}
	}
	s.ExtendBaseWidget(s)
	return s
}

// Page returns the parameter's name.
func (s *Switch) Page() string { return s.page }

// On tells how it stands.
func (s *Switch) On() bool { return s.on }

// SetLabel changes the words.
func (s *Switch) SetLabel(label string) {
	if s.label != label {
		s.label = label
		s.Refresh()
	}
}

// SetOn moves it without telling OnChanged.
func (s *Switch) SetOn(on bool) {
	if s.on != on {
		s.on = on
		s.Refresh()
	}
}

// FocusGained implements fyne.Focusable.
func (s *Switch) FocusGained() { s.gainFocus(s) }

// TypedKey implements fyne.Focusable.
func (s *Switch) TypedKey(ev *fyne.KeyEvent) { s.typedKey(s, ev) }

// TypedRune implements fyne.Focusable.
func (s *Switch) TypedRune(r rune) {
	if s.space.typed(r) {
		s.press()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (s *Switch) AccessibilityLabel() string {
	if s.on {
		return s.label + ", " + word(cause.WidgetOn)
	}
	return s.label + ", " + word(cause.WidgetOff)
}

// CreateRenderer implements fyne.Widget.
func (s *Switch) CreateRenderer() fyne.WidgetRenderer {
	r := &switchRenderer{
		s: s, box: newBox(RadiusInput), label: NewParagraph(s.label).Sized(13),
		page:  NewText(s.page).Mono().Color(ColorMuted).Sized(11).Shrink(80),
		state: NewText("").Color(ColorMuted).Sized(SizeCaption),
		track: canvas.NewRectangle(color.Transparent), knob: canvas.NewCircle(color.Transparent),
	}
	r.track.CornerRadius = 10
	r.Refresh()
	return r
}

type switchRenderer struct {
	s                  *Switch
	box                *box
	label, page, state *Text
	track              *canvas.Rectangle
	knob               *canvas.Circle
}

func (r *switchRenderer) Destroy() {}

func (r *switchRenderer) Objects() []fyne.CanvasObject {
	return append(r.box.objects(), r.label, r.page, r.state, r.track, r.knob)
}

func (r *switchRenderer) MinSize() fyne.Size {
	h := r.label.MinSize().Height
	if r.s.page != "" {
		h += r.page.MinSize().Height
	}
	return fyne.NewSize(160, max(HeightTarget, h+8))
}

// setting is how wide On and Off are.
func (r *switchRenderer) setting() float32 { return Scaled(26) }

func (r *switchRenderer) Layout(size fyne.Size) {
	r.box.resize(size)
	room := size.Width - 36 - r.setting() - 10
	r.label.Resize(fyne.NewSize(room, r.label.MinSize().Height)) // a paragraph knows its height by its width
	h := r.label.MinSize().Height
	if r.s.page == "" {
		r.label.Move(fyne.NewPos(0, (size.Height-h)/2))
		r.label.Resize(fyne.NewSize(room, h))
	} else {
		y := (size.Height - h - r.page.MinSize().Height) / 2
		r.label.Move(fyne.NewPos(0, y))
		r.label.Resize(fyne.NewSize(room, h))
		r.page.Move(fyne.NewPos(0, y+h))
		r.page.Resize(fyne.NewSize(room, r.page.MinSize().Height))
	}
	r.state.Move(fyne.NewPos(size.Width-36-4-r.setting(), 0))
	r.state.Resize(fyne.NewSize(r.setting(), size.Height))
	r.track.Resize(fyne.NewSize(36, 20))
	r.track.Move(fyne.NewPos(size.Width-36, (size.Height-20)/2))
	x := size.Width - 36 + 3
	if r.s.on {
		x += 16
	}
	r.knob.Resize(fyne.NewSquareSize(14))
	r.knob.Move(fyne.NewPos(x, (size.Height-14)/2))
}

func (r *switchRenderer) Refresh() {
	r.label.SetText(r.s.label)
	r.box.paint(&r.s.pressable, "", "")
	r.box.veil.FillColor = color.Transparent
	r.state.SetText(word(cause.WidgetIsOff))
	r.track.FillColor, r.track.StrokeColor, r.track.StrokeWidth = theme.Color(ColorSurface2), theme.Color(ColorMuted), 1
	r.knob.FillColor = theme.Color(ColorMuted)
	if r.s.on {
		r.state.SetText(word(cause.WidgetIsOn))
		r.track.FillColor, r.track.StrokeWidth = theme.Color(ColorAccent), 0
		r.knob.FillColor = theme.Color(ColorOnAccent)
	}
	r.track.Refresh()
	r.Layout(r.s.BaseWidget.Size())
	canvas.Refresh(r.s)
}

// Select is a choice of one of several, opened as a menu.
type Select struct {
	Button
	Options  []string
	OnChosen func(int)
	// Bind returns what a choice of those that are offered now does, whatever is offered by the time that it is made;
	// nil: OnChosen.
	Bind     func() func(int)
	chosen   int
	unchosen string
}

// NewSelect returns a choice; unchosen is shown while nothing is.
func NewSelect(options []string, chosen int, unchosen string, onChosen func(int)) *Select {
	s := &Select{Options: options, chosen: chosen, unchosen: unchosen, OnChosen: onChosen}
	s.icon, s.kind, s.height, s.trailing, s.leading = "chevron-down", Outlined, 40, true, true
	s.label = s.words()
	s.OnTapped = s.open
	s.ExtendBaseWidget(s)
	return s
}

// Chosen returns the index chosen, or -1.
func (s *Select) Chosen() int { return s.chosen }

// SetChoices changes what there is to choose and what is chosen, without telling OnChosen.
func (s *Select) SetChoices(options []string, chosen int) {
	s.Options, s.chosen = options, chosen
	s.Set(s.words(), s.icon)
}

func (s *Select) words() string {
	if s.chosen < 0 || s.chosen >= len(s.Options) {
		return s.unchosen
	}
	return s.Options[s.chosen]
}

// Choose takes one option as a person would.
func (s *Select) Choose(i int) { s.choosing()(i) }

// choosing takes one of the options as they are now.
func (s *Select) choosing() func(int) {
	options, do := s.Options, s.OnChosen
	if s.Bind != nil {
		do = s.Bind()
	}
	return func(i int) {
		if s.chosen = i; i >= len(s.Options) || s.Options[i] != options[i] { // another one has its place by now
			s.chosen = slices.Index(s.Options, options[i])
		}
		s.Set(options[i], s.icon)
		if do != nil {
			do(i)
		}
	}
}

func (s *Select) open() {
	c := canvasOf(s)
	if c == nil || len(s.Options) == 0 {
		return
	}
	items := make([]*fyne.MenuItem, len(s.Options))
	choose := s.choosing()
	for i, o := range s.Options {
		items[i] = fyne.NewMenuItem(o, func() { choose(i) })
		items[i].Checked = i == s.chosen
	}
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(s)
	fynewidget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, pos.AddXY(0, s.BaseWidget.Size().Height+2))
}

// FocusGained implements fyne.Focusable.
func (s *Select) FocusGained() { s.gainFocus(s) }

// TypedKey implements fyne.Focusable.
func (s *Select) TypedKey(ev *fyne.KeyEvent) {
	if ev.Name == fyne.KeyDown {
		s.press()
		return
	}
	s.typedKey(s, ev)
}

// TypedRune implements fyne.Focusable.
func (s *Select) TypedRune(r rune) {
	if s.space.typed(r) {
		s.press()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (s *Select) AccessibilityLabel() string {
	if s.Name == "" {
		return s.label
	}
	return s.Name + ", " + s.label
}

// Slider is Fyne's slider that lets the window's shortcuts through.
type Slider struct {
	fynewidget.Slider
	Name string
}

// NewSlider returns a slider from 0 to 100 in steps of 5.
func NewSlider(name string, changed func(float64)) *Slider {
	s := &Slider{Name: name}
	s.Min, s.Max, s.Step = 0, 100, 5
	s.OnChangeEnded = changed
	s.ExtendBaseWidget(s)
	return s
}

// TypedKey implements fyne.Focusable.
func (s *Slider) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown:
		s.Slider.TypedKey(ev)
	default:
		passKey(s, ev)
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (s *Slider) AccessibilityLabel() string { return s.Name }

// AccessibilityRole implements fyne.Accessible.
func (s *Slider) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
