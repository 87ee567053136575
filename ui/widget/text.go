package widget

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"
	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Text is a piece of text in a colour of the theme: one line that ends in an ellipsis where there is
// no room, or a paragraph that wraps. It has no padding of its own.
type Text struct {
	fynewidget.BaseWidget
	text  string
	color fyne.ThemeColorName
	size  float32
	style fyne.TextStyle
	align fyne.TextAlign
	wrap  bool
	min   float32 // least width of one line; 0 = the whole text
	lines []string
	width float32 // the width lines were made for
	large float32 // the factor of type that they were made for
}

// NewText returns one line of body text.
func NewText(s string) *Text {
	t := &Text{text: s, color: ColorText, size: SizeBody}
	t.ExtendBaseWidget(t)
	return t
}

// NewParagraph returns body text that wraps.
func NewParagraph(s string) *Text {
	t := NewText(s)
	t.wrap = true
	return t
}

// Color sets the colour and returns t.
func (t *Text) Color(c fyne.ThemeColorName) *Text { t.color = c; return t }

// Sized sets the size of type and returns t.
func (t *Text) Sized(s float32) *Text { t.size = s; return t }

// Bold makes it bold and returns t.
func (t *Text) Bold() *Text { t.style.Bold = true; return t }

// Mono sets it in the monospaced face and returns t.
func (t *Text) Mono() *Text { t.style.Monospace = true; return t }

// Align sets the alignment and returns t.
func (t *Text) Align(a fyne.TextAlign) *Text { t.align = a; return t }

// Shrink lets one line become as narrow as width, with an ellipsis, and returns t.
func (t *Text) Shrink(width float32) *Text { t.min = width; return t }

// Text returns what is said, whether it has room or not.
func (t *Text) Text() string { return t.text }

// SetText changes what is said.
func (t *Text) SetText(s string) {
	if t.text != s {
		t.text = s
		t.lines = nil
		t.Refresh()
	}
}

// SetColor changes the colour.
func (t *Text) SetColor(c fyne.ThemeColorName) {
	if t.color != c {
		t.color = c
		t.Refresh()
	}
}

// SetSize changes the size of type.
func (t *Text) SetSize(s float32) {
	if t.size != s {
		t.size = s
		t.lines = nil
		t.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (t *Text) AccessibilityLabel() string { return t.text }

// AccessibilityRole implements fyne.Accessible.
func (t *Text) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// Resize implements fyne.CanvasObject: a paragraph wraps anew.
func (t *Text) Resize(s fyne.Size) {
	if s.Width != t.width {
		t.lines = nil
	}
	t.BaseWidget.Resize(s)
	if t.lines == nil {
		t.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	r := &textRenderer{t: t}
	r.Refresh()
	return r
}

func (t *Text) measure(s string) fyne.Size { return measureText(s, Scaled(t.size), t.style) }

// layout breaks the text for the width.
func (t *Text) layout(width float32) {
	t.width, t.large = width, TextFactor()
	if !t.wrap {
		t.lines = []string{ellipsis(t.text, width, t.measure)}
		return
	}
	t.lines = nil
	for _, paragraph := range strings.Split(t.text, "\n") {
		t.lines = append(t.lines, wrapWords(paragraph, width, t.measure)...)
	}
}

// wrapWords breaks s between words, and inside a word that is wider than a line.
func wrapWords(s string, width float32, measure func(string) fyne.Size) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		with := word
		if line != "" {
			with = line + " " + word
		}
		if measure(with).Width <= width || width <= 0 {
			line = with
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for measure(word).Width > width {
			n := fitting(word, width, measure)
			lines = append(lines, word[:n])
			word = word[n:]
		}
		line = word
	}
	return append(lines, line)
}

// fitting returns how many bytes of s fit, at least one character as a person counts them.
func fitting(s string, width float32, measure func(string) fyne.Size) int {
	all := ends(s)
	if len(all) == 0 {
		return 0
	}
	low, high := 0, len(all)-1 // all[low] fits, or is the first
	for low < high {
		mid := (low + high + 1) / 2
		if measure(s[:all[mid]]).Width <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return all[low]
}

// ends are the places in s at which a character ends, as a person counts them: an emoji of several runes, and a letter
// with its marks, stay whole.
func ends(s string) (all []int) {
	for g := graphemes.FromString(s); g.Next(); {
		all = append(all, g.End())
	}
	return all
}

// ellipsis shortens s so that it fits with "…" at its end.
func ellipsis(s string, width float32, measure func(string) fyne.Size) string {
	if width <= 0 || measure(s).Width <= width+0.5 {
		return s
	}
	all := append([]int{0}, ends(s)...)
	cut := func(i int) string { return closed(strings.TrimRight(s[:all[i]], " ") + "…") }
	low, high := 0, len(all)-1
	for low < high {
		mid := (low + high + 1) / 2
		if measure(cut(mid)).Width <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return cut(low)
}

// closed ends what is isolated in s (U+2068, U+2069) and was cut, so that it does not turn what follows.
func closed(s string) string {
	for range strings.Count(s, "\u2068") - strings.Count(s, "\u2069") {
		s += "\u2069"
	}
	return s
}

// Shortened is name followed by rest, the name made so short that all fits into width as text of a size: what stands
// behind a name tells more than its last letters.
func Shortened(name, rest string, width, size float32) string {
	measure := func(s string) fyne.Size { return fyne.MeasureText(s, Scaled(size), fyne.TextStyle{}) }
	if room := width - measure(rest).Width; measure(name).Width > room {
		name = ellipsis(name, max(1, room), measure)
	}
	return name + rest
}

// FittingSize is the first of some sizes of type in which a line has room; 0 where it has in none.
func FittingSize(s string, width float32, bold bool, sizes ...float32) float32 {
	for _, size := range sizes {
		if measureText(s, Scaled(size), fyne.TextStyle{Bold: bold}).Width <= width {
			return size
		}
	}
	return 0
}

type textRenderer struct {
	t    *Text
	objs []fyne.CanvasObject
}

func (r *textRenderer) Destroy()                     {}
func (r *textRenderer) Objects() []fyne.CanvasObject { return r.objs }

func (r *textRenderer) MinSize() fyne.Size {
	t := r.t
	if !t.wrap {
		size := t.measure(t.text)
		if t.min > 0 && size.Width > t.min {
			size.Width = t.min
		}
		return size
	}
	if (t.lines == nil || t.large != TextFactor()) && t.width > 0 {
		t.layout(t.width)
	}
	h := t.measure("M").Height
	return fyne.NewSize(40, h*float32(max(1, len(t.lines))))
}

func (r *textRenderer) Layout(size fyne.Size) {
	if size.Width != r.t.width || r.t.lines == nil || r.t.large != TextFactor() {
		r.Refresh()
		return
	}
	h := r.t.measure("M").Height
	y := float32(0)
	if !r.t.wrap {
		y = (size.Height - h) / 2
	}
	for _, o := range r.objs {
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h
	}
}

func (r *textRenderer) Refresh() {
	t := r.t
	t.layout(t.BaseWidget.Size().Width)
	c := theme.Color(t.color)
	for len(r.objs) < len(t.lines) {
		r.objs = append(r.objs, canvas.NewText("", c))
	}
	r.objs = r.objs[:len(t.lines)]
	for i, o := range r.objs {
		line := o.(*canvas.Text)
		setText(line, t.lines[i], t.style)
		line.Color, line.TextSize, line.Alignment = c, Scaled(t.size), t.align
		line.Refresh()
	}
	r.Layout(t.BaseWidget.Size())
	canvas.Refresh(t)
}
