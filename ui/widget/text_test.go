package widget

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// writings are texts of others' that widgets have to show, by what is hard about them.
func writings() map[string]string {
	return map[string]string{
		"long words": "Oberdonaudampfschifffahrtsgesellschaftskapitänspatentprüfungskommission " +
			"of the whole Danube",
		"no blanks": strings.Repeat("0123456789", 20),
		"an address": "wss://sip-ws-1.very-long-name-of-a-provider.example.com:8443" +
			"/ws/with/a/long/path?and=query",
		"Hebrew":             strings.Repeat("שלום עולם ", 20),
		"Arabic":             strings.Repeat("مرحبا بالعالم ", 20),
		"Chinese, no blanks": strings.Repeat("电话会议", 30),
		"combining marks":    strings.Repeat("é̂ñ ", 40),
		"emoji":              strings.Repeat("👩‍👩‍👧‍👦", 20),
		"mixed directions":   "Call from שלום +49 30 123456 at مرحبا bob@example.com " + strings.Repeat("x", 60),
		"short":              "Bob",
	}
}

// written are the pieces of text that a widget draws, with where they are in it.
func written(o fyne.CanvasObject) []*canvas.Text {
	var all []*canvas.Text
	for _, obj := range test.LaidOutObjects(o) {
		if text, ok := obj.(*canvas.Text); ok && !text.Hidden {
			all = append(all, text)
		}
	}
	return all
}

// squeezed is a text without its blanks.
func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

// TestParagraphsLoseNothing: all of a text is drawn, no line is wider than there is room, and the paragraph asks for
// the height of its lines.
func TestParagraphsLoseNothing(t *testing.T) {
	all := writings()
	all["several lines"] = "one\ntwo three\n\nfour"
	for _, name := range names(all) {
		for _, width := range []float32{60, 200, narrow, 900} {
			p := NewParagraph(all[name]).Sized(13)
			show(t, p)
			p.Resize(fyne.NewSize(width, 400))
			var lines []string
			for _, line := range written(p) {
				lines = append(lines, line.Text)
				got := fyne.MeasureText(line.Text, 13, fyne.TextStyle{}).Width
				if got > width && len([]rune(line.Text)) > 1 {
					t.Errorf("%s at %v: a line is %v wide", name, width, got)
				}
			}
			if got := squeezed(strings.Join(lines, "")); got != squeezed(all[name]) {
				t.Errorf("%s at %v: drawn as %q", name, width, lines)
			}
			if got := p.MinSize().Height; got < float32(len(lines))*fyne.MeasureText("M", 13, fyne.TextStyle{}).Height {
				t.Errorf("%s at %v: %d lines in %v", name, width, len(lines), got)
			}
		}
	}
}

// TestOneLineEndsInAnEllipsisWhereThereIsNoRoom: what is drawn is the beginning of the text and fits; who asks or
// listens gets all of it.
func TestOneLineEndsInAnEllipsisWhereThereIsNoRoom(t *testing.T) {
	all := writings()
	for _, name := range names(all) {
		text := NewText(all[name]).Bold().Shrink(40)
		show(t, text)
		for _, width := range []float32{40, 120, narrow} {
			text.Resize(fyne.NewSize(width, 20))
			drawn := written(text)
			if len(drawn) != 1 {
				t.Fatalf("%s: %d lines", name, len(drawn))
			}
			got := drawn[0].Text
			begin, cut := strings.CutSuffix(got, "…")
			if !strings.HasPrefix(all[name], begin) || !cut && got != all[name] {
				t.Errorf("%s at %v: %q", name, width, got)
			}
			if w := fyne.MeasureText(got, SizeBody, fyne.TextStyle{Bold: true}).Width; w > width+0.5 {
				t.Errorf("%s: %q is %v wide in %v", name, got, w, width)
			}
		}
		if text.MinSize().Width > 40 {
			t.Errorf("%s asks for %v", name, text.MinSize().Width)
		}
		if text.Text() != all[name] || text.AccessibilityLabel() != all[name] {
			t.Errorf("%s: who listens gets %q", name, text.AccessibilityLabel())
		}
	}
}

// TestTextFollowsWhatIsSet: words, colour and size are drawn anew, and the height follows.
func TestTextFollowsWhatIsSet(t *testing.T) {
	text := NewText("one").Color(ColorMuted).Mono().Align(fyne.TextAlignCenter)
	show(t, text)
	text.Resize(fyne.NewSize(200, 20))
	low := text.MinSize().Height
	text.SetText("two")
	text.SetColor(ColorBad)
	text.SetSize(SizeTitle)
	line := written(text)[0]
	if line.Text != "two" || line.Color != theme.Color(ColorBad) || line.TextSize != SizeTitle ||
		!line.TextStyle.Monospace || line.Alignment != fyne.TextAlignCenter {
		t.Errorf("drawn %q in %v, %v px", line.Text, line.Color, line.TextSize)
	}
	if text.MinSize().Height <= low {
		t.Errorf("as high at %v px as at %v", SizeTitle, SizeBody)
	}
	p := NewParagraph("one two three")
	show(t, p)
	p.Resize(fyne.NewSize(60, 100))
	if p.SetText("one"); len(written(p)) != 1 {
		t.Error("lines of the old words stay")
	}
}

// TestNoWidgetIsWiderThanTheNarrowestTelephone: whatever it has to show, at 360 px it has room, and what it draws stays
// inside it.
func TestNoWidgetIsWiderThanTheNarrowestTelephone(t *testing.T) {
	kinds := map[string]func(s string) fyne.CanvasObject{
		"row": func(s string) fyne.CanvasObject {
			r := NewRow("person", nil)
			r.Set("person", s, s, "yesterday", 120)
			return r
		},
		"row that does something": func(s string) fyne.CanvasObject {
			r := NewRow("person", nil).Does()
			r.Set("person", s, s, "Call", 0)
			return r
		},
		"pill": func(s string) fyne.CanvasObject {
			p := NewPill(nil)
			p.Set(Triangle, s, "Next try in 12 s", s)
			return p
		},
		"switch":    func(s string) fyne.CanvasObject { return NewSwitch(s, "", true, nil) },
		"parameter": func(s string) fyne.CanvasObject { return NewSwitch(s, s, false, nil) },
		"choice":    func(s string) fyne.CanvasObject { return NewSelect([]string{s}, 0, "", nil) },
		"field":     func(s string) fyne.CanvasObject { return NewField(s, s, s, NewEntry(s)).Box },
		"field, bad": func(s string) fyne.CanvasObject {
			f := NewField("URI", "uri", "", NewEntry(""))
			f.SetBad(s)
			return f.Box
		},
		"card":          func(s string) fyne.CanvasObject { return NewCard(NewParagraph(s)) },
		"leading words": func(s string) fyne.CanvasObject { return NewButton(s, "check", Outlined, nil).Leading() },
	}
	all := writings()
	for _, kind := range names(kinds) {
		if kind == "leading words" {
			continue // asks for all its words: see the next test
		}
		for _, name := range names(all) {
			o := kinds[kind](all[name])
			w := show(t, column(o))
			w.Resize(fyne.NewSize(narrow, 560))
			if got := o.MinSize().Width; got > narrow {
				t.Errorf("%s with %s asks for %v of %v", kind, name, got, narrow)
				continue
			}
			driver := fyne.CurrentApp().Driver()
			for _, text := range written(o) {
				left := driver.AbsolutePositionForObject(text).X
				wide := fyne.MeasureText(text.Text, text.TextSize, text.TextStyle).Width
				if text.Text != "" && (left < -0.5 || left+wide > narrow+1 && !ownScroll(o, text)) {
					t.Errorf("%s with %s: %q from %v to %v", kind, name, text.Text, left, left+wide)
				}
			}
		}
	}
}

// ownScroll tells whether a text is inside a field, which scrolls.
func ownScroll(o fyne.CanvasObject, text *canvas.Text) bool {
	for _, obj := range test.LaidOutObjects(o) {
		if e, ok := obj.(*Entry); ok && slices.Contains(written(e), text) {
			return true
		}
	}
	return false
}

// TestLeadingWordsAreCut: a button of a list, whose words begin at its left edge, is given less room than its words
// need.
func TestLeadingWordsAreCut(t *testing.T) {
	for _, name := range names(writings()) {
		for _, icon := range []string{"", "check"} {
			b := NewButton(writings()[name], icon, Outlined, nil).Leading()
			show(t, b)
			b.Resize(fyne.NewSize(160, HeightTarget))
			drawn := written(b)[0]
			if right := drawn.Position().X + drawn.MinSize().Width; right > 160 || drawn.Position().X < 12 {
				t.Errorf("%s: %q ends at %v", name, drawn.Text, right)
			}
			if b.AccessibilityLabel() != writings()[name] {
				t.Errorf("%s: who listens gets %q", name, b.AccessibilityLabel())
			}
		}
	}
}

// TestNothingOverlapsInARow: name, line, what a press does, and the count have each their room.
func TestNothingOverlapsInARow(t *testing.T) {
	for _, name := range names(writings()) {
		r := NewRow("person", nil)
		r.Set("person", writings()[name], writings()[name], "10:42", 7)
		show(t, r)
		r.Resize(fyne.NewSize(narrow, heightRow))
		w := test.WidgetRenderer(r).(*rowRenderer)
		title, end, count := w.title, w.end, w.count.ground
		if right := title.Position().X + title.Size().Width; right > end.Position().X {
			t.Errorf("%s: the name ends at %v, the time begins at %v", name, right, end.Position().X)
		}
		if right := end.Position().X + end.Size().Width; right > count.Position().X {
			t.Errorf("%s: the time ends at %v, the count begins at %v", name, right, count.Position().X)
		}
		if icon := w.icon; icon.Position().X+icon.Size().Width > title.Position().X {
			t.Errorf("%s: the icon is on the name", name)
		}
		if w.line.Position().Y+w.line.Size().Height > heightRow || w.line.Position().Y <= title.Position().Y {
			t.Errorf("%s: the line under the name is at %v", name, w.line.Position())
		}
	}
}
