package widget

import (
	"cmp"
	"errors"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Entry is Fyne's text field that lets the window's shortcuts through.
type Entry struct {
	fynewidget.Entry
	OnFocus  func(bool)                        // focus came or went
	OnKey    func(*fyne.KeyEvent) (taken bool) // sees each key first
	TakesTab func() bool                       // whether OnKey wants the Tab key now; nil: it moves the focus
	OnPaste  func(text string) string          // makes what is pasted fit into the field; nil: blanks for line ends
	Name     string                            // for screen readers: what it is for; "" = the placeholder says it
}

// NewEntry returns an empty one-line field.
func NewEntry(placeholder string) *Entry {
	e := &Entry{}
	e.PlaceHolder = placeholder
	e.Scroll = container.ScrollHorizontalOnly
	e.Wrapping = fyne.TextWrapOff
	e.ExtendBaseWidget(e)
	return e
}

// NewPasswordEntry returns a field that shows dots, with an eye to look under them.
func NewPasswordEntry(placeholder string) *Entry {
	e := NewEntry(placeholder)
	e.Password = true
	e.ActionItem = nil
	return e
}

// NewTextArea returns a field of several lines.
func NewTextArea(placeholder string, rows int) *Entry {
	e := &Entry{}
	e.PlaceHolder = placeholder
	e.MultiLine = true
	e.Wrapping = fyne.TextWrapBreak
	e.SetMinRowsVisible(rows)
	e.ExtendBaseWidget(e)
	return e
}

// Named says what it is for, for screen readers, and returns e. A field of a form has its label.
func (e *Entry) Named(name string) *Entry { e.Name = name; return e }

// Plain has the text set without Fyne's font for emoji, and returns e. A field under a theme of its own has fonts of
// its own, of which that one takes more memory than all others together.
func (e *Entry) Plain() *Entry { e.TextStyle.Symbol = true; return e }

// Put sets the text without telling OnChanged.
func (e *Entry) Put(s string) {
	if e.Text == s {
		return
	}
	changed := e.OnChanged
	e.OnChanged = nil
	e.SetText(s)
	e.OnChanged = changed
}

// Fill sets the text and puts the cursor behind it, as if it had been typed.
func (e *Entry) Fill(s string) {
	e.SetText(s)
	e.CursorColumn = utf8.RuneCountInString(e.Text) // what was made of it: OnChanged may have changed it again
	e.Refresh()
}

// Line is the line of a field of several in which the cursor stands, and where in that, in characters.
func (e *Entry) Line() (line string, at int) {
	text := []rune(e.Text)
	at = max(0, min(e.CursorTextOffset(), len(text)))
	begin, end := at, at
	for begin > 0 && text[begin-1] != '\n' {
		begin--
	}
	for end < len(text) && text[end] != '\n' {
		end++
	}
	return string(text[begin:end]), at - begin
}

// FillLine puts a text in the place of that line, with the cursor behind it.
func (e *Entry) FillLine(s string) {
	line, at := e.Line()
	for range utf8.RuneCountInString(line) - at {
		e.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	}
	for range at {
		e.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	}
	for _, r := range s {
		if r != '\n' { // which would make two of it
			e.TypedRune(r)
		}
	}
}

// SetBad draws the border red, or not.
func (e *Entry) SetBad(reason string) {
	var err error
	if reason != "" {
		err = errors.New(reason)
	}
	e.AlwaysShowValidationError = err != nil
	e.SetValidationError(err)
	e.Refresh()
}

// FocusGained implements fyne.Focusable.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	Reveal(e)
	if e.OnFocus != nil {
		e.OnFocus(true)
	}
}

// FocusLost implements fyne.Focusable.
func (e *Entry) FocusLost() {
	e.Entry.FocusLost()
	if e.OnFocus != nil {
		e.OnFocus(false)
	}
}

// TypedKey implements fyne.Focusable: function keys and Esc are the window's.
func (e *Entry) TypedKey(ev *fyne.KeyEvent) {
	if e.OnKey != nil && e.OnKey(ev) {
		return
	}
	switch ev.Name {
	case fyne.KeyEscape, fyne.KeyF1, fyne.KeyF2, fyne.KeyF3, fyne.KeyF4, fyne.KeyF5, fyne.KeyF6,
		fyne.KeyF7, fyne.KeyF8, fyne.KeyF9, fyne.KeyF10, fyne.KeyF11, fyne.KeyF12:
		passKey(e, ev)
	default:
		e.Entry.TypedKey(ev)
	}
}

// PastePrimary asks a window to paste what was selected last, in any program, into a field: what the middle button of
// the mouse does on X11.
type PastePrimary struct{ Into *Entry }

// ShortcutName implements fyne.Shortcut.
func (*PastePrimary) ShortcutName() string { return "callaPastePrimary" }

// MouseUp implements desktop.Mouseable. The cursor has gone to where the button was pressed.
func (e *Entry) MouseUp(ev *desktop.MouseEvent) {
	e.Entry.MouseUp(ev)
	if ev.Button != desktop.MouseButtonTertiary || e.Disabled() {
		return
	}
	if c, ok := canvasOf(e).(fyne.Shortcutable); ok {
		c.TypedShortcut(&PastePrimary{Into: e})
	}
}

// Paste puts text where the cursor is, as if it were pasted from the clipboard.
func (e *Entry) Paste(text string) {
	if text != "" && !e.Disabled() {
		e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: fixed(text)})
	}
}

// fixed is a clipboard with a text.
type fixed string

// Content implements fyne.Clipboard.
func (f fixed) Content() string { return string(f) }

// SetContent implements fyne.Clipboard: it has what it has.
func (fixed) SetContent(string) {}

// AcceptsTab implements fyne.Tabbable: Tab leaves a field of several lines, too, so that the keyboard is
// never caught in one. A field with a choice marked below it takes that by Tab.
func (e *Entry) AcceptsTab() bool { return e.TakesTab != nil && e.TakesTab() }

// TypedShortcut implements fyne.Shortcutable: combinations that a text field does not know are the
// window's.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	if custom, ok := s.(*desktop.CustomShortcut); ok && !isTextShortcut(custom) {
		if c, ok := canvasOf(e).(fyne.Shortcutable); ok {
			c.TypedShortcut(s)
		}
		return
	}
	if paste, ok := s.(*fyne.ShortcutPaste); ok && e.OnPaste != nil {
		s = &fyne.ShortcutPaste{Clipboard: fitted{paste.Clipboard, e.OnPaste}}
	}
	e.Entry.TypedShortcut(s)
}

// fitted is a clipboard whose text has been made to fit.
type fitted struct {
	fyne.Clipboard
	fit func(string) string
}

// Content implements fyne.Clipboard.
func (f fitted) Content() string { return f.fit(f.Clipboard.Content()) }

// isTextShortcut tells the combinations by which a cursor moves.
func isTextShortcut(s *desktop.CustomShortcut) bool {
	switch s.KeyName {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown, fyne.KeyHome, fyne.KeyEnd,
		fyne.KeyBackspace, fyne.KeyDelete:
		return true
	}
	return false
}

// AccessibilityRole implements fyne.Accessible.
func (e *Entry) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel implements fyne.Accessible. What is typed into a password field is not told.
func (e *Entry) AccessibilityLabel() string {
	switch name := cmp.Or(e.Name, e.PlaceHolder); {
	case e.Text == "" || e.Password:
		return name
	case e.Name == "":
		return e.Text
	default:
		return name + ", " + e.Text
	}
}

// Field is one field of a form: the human label, the parameter's name on the JsSIP page, the input,
// what is wrong with it in red, or else a line of help.
type Field struct {
	Box   fyne.CanvasObject
	Help  *Text
	bad   *Text
	badIn *fyne.Container
	input fyne.CanvasObject
}

// NewField puts a field together. page and help may be "". An Entry that has no name yet is called label.
func NewField(label, page, help string, input fyne.CanvasObject) *Field {
	f := &Field{
		Help:  NewParagraph(help).Color(ColorMuted).Sized(SizeCaption),
		bad:   NewParagraph("").Color(ColorBad).Sized(SizeCaption),
		input: input,
	}
	if e, ok := input.(*Entry); ok && e.Name == "" {
		e.Name = label
	}
	head := fieldHead(label, page)
	f.badIn = container.NewBorder(nil, nil, container.NewCenter(NewMark(Cross, 8)), nil, f.bad)
	f.badIn.Hide()
	f.Help.Hidden = help == ""
	f.Box = container.New(layout.NewCustomPaddedVBoxLayout(Step), head, input, f.badIn, f.Help)
	return f
}

// fieldHead puts the parameter's name at the end of the line, or under the label where a narrow window has
// no room for both.
func fieldHead(label, page string) fyne.CanvasObject {
	words, name := NewParagraph(label).Sized(13), NewText(page).Mono().Color(ColorMuted).Sized(11).Shrink(60)
	const most = 290
	narrow := func() bool {
		return words.measure(label).Width+name.measure(page).Width > most
	}
	return container.New(&headLayout{narrow}, words, name)
}

// headLayout sets a parameter's name behind the label, or below it where there is no room for both.
type headLayout struct{ narrow func() bool }

func (l *headLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	words, name := o[0].MinSize(), o[1].MinSize()
	if l.narrow() {
		return fyne.NewSize(max(words.Width, name.Width), words.Height+name.Height)
	}
	return fyne.NewSize(words.Width+name.Width, max(words.Height, name.Height))
}

func (l *headLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	if l.narrow() {
		o[0].Resize(fyne.NewSize(size.Width, o[0].MinSize().Height))
		height := o[0].MinSize().Height // a paragraph knows its height by its width
		o[0].Resize(fyne.NewSize(size.Width, height))
		o[1].Move(fyne.NewPos(0, height))
		o[1].Resize(fyne.NewSize(size.Width, o[1].MinSize().Height))
		return
	}
	name := o[1].(*Text)
	wide := name.measure(name.text).Width
	o[0].Resize(fyne.NewSize(size.Width-wide, size.Height))
	o[1].Move(fyne.NewPos(size.Width-wide, 0))
	o[1].Resize(fyne.NewSize(wide, size.Height))
}

// SetBad shows in red what is wrong, or with "" that nothing is.
func (f *Field) SetBad(reason string) {
	if e, ok := f.input.(interface{ SetBad(string) }); ok {
		e.SetBad(reason)
	}
	f.bad.SetText(reason)
	f.badIn.Hidden = reason == ""
	f.Help.Hidden = reason != "" || f.Help.Text() == ""
	f.Box.Refresh()
}

// Bad returns what is wrong.
func (f *Field) Bad() string { return f.bad.Text() }
