package widget

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"calla/phone/words"
)

// TestMarksDifferInShape: a state can be told by whoever sees no colours.
func TestMarksDifferInShape(t *testing.T) {
	seen := map[string]Shape{}
	for shape := Ring; shape <= Dots; shape++ {
		drawing := string(shape.drawing(color.Black).Content())
		if other, is := seen[drawing]; is {
			t.Errorf("shapes %d and %d look alike without colour", shape, other)
		}
		seen[drawing] = shape
		if !strings.Contains(drawing, "#000000") {
			t.Errorf("shape %d has no colour: %s", shape, drawing)
		}
		m := NewMark(Ring, 12)
		show(t, m)
		m.Set(shape)
		image := test.WidgetRenderer(m).(*drawnRenderer).image
		want := shape.drawing(theme.Color(shape.color())).Name()
		if image.Resource.Name() != want || m.Shape() != shape {
			t.Errorf("shape %d is drawn as %s", shape, image.Resource.Name())
		}
	}
	if len(seen) != 7 {
		t.Errorf("%d shapes", len(seen))
	}
}

// TestBarsTellTheQuality: in words, in how many are lit, and in another colour where it is bad.
func TestBarsTellTheQuality(t *testing.T) {
	b := NewBars()
	show(t, b)
	r := test.WidgetRenderer(b).(*barsRenderer)
	lit := func() (n int, c color.Color) {
		for _, o := range r.bars {
			if fill := o.(*canvas.Rectangle).FillColor; fill != theme.Color(ColorLine) {
				n, c = n+1, fill
			}
		}
		return n, c
	}
	if n, _ := lit(); n != 0 || b.AccessibilityLabel() != "Quality not known yet" {
		t.Errorf("before there are figures: %d bars, %q", n, b.AccessibilityLabel())
	}
	for n, want := range []struct {
		words string
		color fyne.ThemeColorName
	}{
		{"No sound arrives", ""},
		{"Poor quality", ColorEnd},
		{"Fair quality", ColorAttention},
		{"Good quality", ColorCall},
		{"Very good quality", ColorCall},
	} {
		b.Set(n, true)
		got, c := lit()
		if got != n || b.AccessibilityLabel() != want.words || n > 0 && c != theme.Color(want.color) {
			t.Errorf("%d: %d bars of %v, %q", n, got, c, b.AccessibilityLabel())
		}
	}
	if b.Set(4, false); b.AccessibilityLabel() != "Quality not known yet" {
		t.Errorf("no figures any more: %q", b.AccessibilityLabel())
	}
}

// TestMeterBarIsAsLongAsItsLevel: and the bar is gone in silence, whatever comes as a level.
func TestMeterBarIsAsLongAsItsLevel(t *testing.T) {
	m := NewMeter("Microphone level")
	show(t, m)
	m.Resize(fyne.NewSize(200, 4))
	bar := test.WidgetRenderer(m).(*meterRenderer).bar
	for _, c := range []struct{ level, fraction float64 }{
		{-30, 0.5}, {0, 1}, {-60, 0}, {-15, 0.75}, {math.Inf(-1), 0}, {math.NaN(), 0}, {math.Inf(1), 1},
	} {
		m.Reset()
		m.SetLevel(c.level)
		if got := float64(bar.Size().Width); math.Abs(got-200*c.fraction) > 4 || bar.Hidden != (c.fraction == 0) {
			t.Errorf("%v dBFS: %v of 200, hidden %t", c.level, got, bar.Hidden)
		}
	}
	if m.Reset(); m.Fraction() != 0 || !bar.Hidden {
		t.Error("it is not empty")
	}
}

// TestAvatarHasTheFirstLetterOfAName: of any script; who has none is drawn as a person.
func TestAvatarHasTheFirstLetterOfAName(t *testing.T) {
	for name, want := range map[string]string{
		"Bob Marsh": "B", "ångström": "Å", "+49 30": "4", "«maria»": "M", "שלום": "ש", "电话": "电", "éa": "É",
		"": "", "…": "", "👋": "", " - ": "",
	} {
		a := NewAvatar(64, 40)
		show(t, a)
		a.SetName("Somebody")
		a.SetName(name)
		r := test.WidgetRenderer(a).(*avatarRenderer)
		if r.text.Text != want || r.icon.Hidden != (want != "") {
			t.Errorf("%q: %q, a person %t", name, r.text.Text, !r.icon.Hidden)
		}
		for _, size := range []fyne.Size{fyne.NewSize(200, 64), fyne.NewSize(40, 40), fyne.NewSize(100, 30)} {
			a.Resize(size)
			if d := r.disc.Size(); d.Width != d.Height || d.Width > min(size.Width, size.Height, 64) {
				t.Errorf("%q in %v: a disc of %v", name, size, d)
			}
		}
	}
}

// TestCountdownShowsWhatIsLeft: as a number, and as a share of the ring.
func TestCountdownShowsWhatIsLeft(t *testing.T) {
	c := NewCountdown()
	show(t, c)
	r := test.WidgetRenderer(c).(*countdownRenderer)
	for _, step := range []struct {
		left, whole int
		angle       float32
	}{{60, 60, 360}, {30, 60, 180}, {1, 60, 6}, {0, 60, 0}, {5, 0, 0}} {
		c.Set(step.left, step.whole)
		if r.text.Text != fmt.Sprint(step.left) || r.arc.EndAngle != step.angle || c.Left() != step.left {
			t.Errorf("%d of %d: %q, an arc to %v", step.left, step.whole, r.text.Text, r.arc.EndAngle)
		}
	}
}

// TestCounterIsSeenWhereThereIsSomethingNew: with room for its figures, and in words.
func TestCounterIsSeenWhereThereIsSomethingNew(t *testing.T) {
	b := NewButton("", "message", Quiet, nil).Named("Messages")
	show(t, b)
	r := test.WidgetRenderer(b).(*buttonRenderer)
	for n, want := range map[int]string{0: "", 1: "1", 12: "12", 99: "99", 100: "99+", 12345: "99+"} {
		b.SetCount(n)
		if r.count.text.Hidden != (n == 0) || n > 0 && r.count.text.Text != want || b.Count() != n {
			t.Errorf("%d new: %q, hidden %t", n, r.count.text.Text, r.count.text.Hidden)
		}
		if r.count.size().Width < r.count.text.MinSize().Width {
			t.Errorf("%d new: the figures are wider than their ground", n)
		}
		says := "Messages"
		if n > 0 {
			says = "Messages, " + words.Grouped(int64(n)) + " new"
		}
		if b.AccessibilityLabel() != says {
			t.Errorf("%d new: says %q", n, b.AccessibilityLabel())
		}
	}
}

// TestListsSayAllForEars: what a row and a pill show to the eye.
func TestListsSayAllForEars(t *testing.T) {
	r := NewRow("person", nil)
	r.Set("person", "Bob", "See you", "10:42", 2)
	if got := r.AccessibilityLabel(); got != "Bob, See you, 2 new, 10:42" {
		t.Errorf("a row says %q", got)
	}
	r.Set("voicemail", "Mailbox", "1 new", "", 0)
	if got := r.AccessibilityLabel(); got != "Mailbox, 1 new" || r.Title() != "Mailbox" || r.Line() != "1 new" ||
		r.End() != "" || r.Count() != 0 {
		t.Errorf("a row says %q", got)
	}
	p := NewPill(nil)
	p.Set(Cross, "Office", "Not registered", "alice@example.com")
	if got := p.AccessibilityLabel(); got != "Account Office, Not registered, alice@example.com" ||
		p.Word() != "Not registered" {
		t.Errorf("a pill says %q", got)
	}
	for digit, want := range map[rune]string{'1': "1", '*': "star", '#': "hash"} {
		if got := NewKey(digit, "", nil).AccessibilityLabel(); got != want {
			t.Errorf("key %c says %q", digit, got)
		}
	}
	toggle := NewButton("Mute", "mic", Outlined, nil)
	toggle.SetOn(true)
	if got := toggle.AccessibilityLabel(); got != "Mute, on" {
		t.Errorf("a toggle says %q", got)
	}
}

// TestPillLeadsOrOpens: its arrow says which, and its word is not written over its title.
func TestPillLeadsOrOpens(t *testing.T) {
	for _, name := range names(writings()) {
		p := NewPill(nil)
		p.Set(Disc, writings()[name], "Registered", "line")
		show(t, p)
		p.Resize(fyne.NewSize(narrow, HeightTarget))
		r := test.WidgetRenderer(p).(*pillRenderer)
		if r.chevron.Name() != "chevron-down" {
			t.Errorf("a menu is announced by %s", r.chevron.Name())
		}
		below := r.word.Position().Y > r.title.Position().Y+r.title.Size().Height-6
		if right := r.title.Position().X + r.title.Size().Width; !below && right > r.word.Position().X {
			t.Errorf("%s: the title ends at %v, the word begins at %v", name, right, r.word.Position().X)
		}
		if right := r.word.Position().X + r.word.Size().Width; right > r.chevron.Position().X {
			t.Errorf("%s: the word ends at %v, the arrow begins at %v", name, right, r.chevron.Position().X)
		}
		p.Leads()
		if p.Refresh(); r.chevron.Name() != "chevron-right" {
			t.Errorf("a page is announced by %s", r.chevron.Name())
		}
	}
}

// TestButtonFollowsWhatIsSet: words, icon, kind and state are drawn anew.
func TestButtonFollowsWhatIsSet(t *testing.T) {
	b := NewButton("Copy", "copy", Outlined, nil)
	show(t, b)
	r := test.WidgetRenderer(b).(*buttonRenderer)
	b.Set("Copied", "check")
	b.SetKind(Filled)
	if r.label.Text != "Copied" || r.icon.Name() != "check" || r.box.ground.FillColor != theme.Color(ColorAccent) ||
		!r.label.TextStyle.Bold || b.Label() != "Copied" {
		t.Errorf("drawn %q with %s on %v", r.label.Text, r.icon.Name(), r.box.ground.FillColor)
	}
	b.SetEnabled(false)
	if r.box.ground.FillColor != theme.Color(ColorSurface2) || r.label.Color != theme.Color(ColorMuted) ||
		!b.Disabled() {
		t.Errorf("off: %v on %v", r.label.Color, r.box.ground.FillColor)
	}
	b.SetEnabled(true)
	b.SetKind(Outlined)
	if b.SetOn(true); r.box.ground.FillColor != theme.Color(ColorAccent) || !b.On() {
		t.Error("a toggle that is on looks as if it were off")
	}
	for name, c := range map[string]struct {
		b      *Button
		behind bool // the icon, behind the words
	}{
		"before":            {NewButton("Call", "phone", Outlined, nil), false},
		"behind":            {NewButton("Call", "phone", Outlined, nil).Trailing(), true},
		"behind, at an end": {NewButton("Call", "phone", Outlined, nil).Trailing().Leading(), true},
	} {
		show(t, c.b)
		c.b.Resize(fyne.NewSize(200, HeightTarget))
		r := test.WidgetRenderer(c.b).(*buttonRenderer)
		if (r.icon.Position().X > r.label.Position().X) != c.behind {
			t.Errorf("%s: icon at %v, words at %v", name, r.icon.Position().X, r.label.Position().X)
		}
	}
}

// TestIconsAreInTheColourOfTheirWords: each drawing of the family is there, and nothing in it is left uncoloured.
func TestIconsAreInTheColourOfTheirWords(t *testing.T) {
	for _, name := range []string{
		"phone", "mic", "chevron-down", "person", "gear", "check", "cross", "more", "message",
	} {
		svg := string(Drawing(name, color.NRGBA{R: 0x12, G: 0x34, B: 0x56, A: 0xFF}).Content())
		if !strings.Contains(svg, "#123456") || strings.Contains(svg, "currentColor") {
			t.Errorf("%s: %.120s", name, svg)
		}
	}
	i := NewIcon("mic", ColorText, 20)
	show(t, i)
	image := test.WidgetRenderer(i).(*drawnRenderer).image
	before := image.Resource.Name()
	i.Set("mic", ColorBad)
	red := image.Resource.Name()
	i.Set("phone", ColorBad)
	if before == red || red == image.Resource.Name() || i.Name() != "phone" {
		t.Errorf("drawn %s, %s, %s", before, red, image.Resource.Name())
	}
}

// TestPanelPutsAGroundUnderWhatItHolds: with room around it; one that floats has a shadow.
func TestPanelPutsAGroundUnderWhatItHolds(t *testing.T) {
	inner := NewButton("Save", "", Filled, nil)
	p := NewPanel(inner, ColorSurface, ColorLine, RadiusCard, 12, 8)
	show(t, p)
	p.Resize(fyne.NewSize(200, 100))
	if inner.Position() != fyne.NewPos(12, 8) || inner.Size() != fyne.NewSize(176, 84) {
		t.Errorf("holds it at %v in %v", inner.Position(), inner.Size())
	}
	if got, want := p.MinSize(), inner.MinSize().AddWidthHeight(24, 16); got != want {
		t.Errorf("asks for %v, want %v", got, want)
	}
	ground := test.WidgetRenderer(p).(*panelRenderer).ground
	if ground.FillColor != theme.Color(ColorSurface) || ground.StrokeColor != theme.Color(ColorLine) ||
		ground.Shadow.BlurRadius != 0 {
		t.Errorf("ground %+v", ground)
	}
	floating := NewCard(NewText("x")).Floating()
	show(t, floating)
	if test.WidgetRenderer(floating).(*panelRenderer).ground.Shadow.BlurRadius == 0 {
		t.Error("what floats has no shadow")
	}
	if empty := NewPanel(nil, "", "", 0, 12, 12); empty.MinSize() != fyne.NewSize(0, 0) {
		t.Errorf("nothing asks for %v", empty.MinSize())
	}
}

// TestSecondOfAKey: the other mouse button writes it, a key without one has none, and one that is off is deaf.
func TestSecondOfAKey(t *testing.T) {
	typed := ""
	zero := NewKey('0', "+", func(r rune) { typed += string(r) })
	one := NewKey('1', "", func(r rune) { typed += string(r) })
	zero.Second = '+'
	show(t, column(zero, one))
	test.TapSecondary(zero)
	test.TapSecondary(one)
	test.Tap(zero)
	if typed != "+0" {
		t.Errorf("typed %q", typed)
	}
	zero.Disable()
	test.TapSecondary(zero)
	test.Tap(zero)
	zero.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	if typed != "+0" {
		t.Errorf("a key that is off types: %q", typed)
	}
}

// TestKeyShowsWhatItTypes: the digit alone where there is no room for its letters, and inside itself always.
func TestKeyShowsWhatItTypes(t *testing.T) {
	k := NewKey('7', "PQRS", nil)
	show(t, k)
	r := test.WidgetRenderer(k).(*keyRenderer)
	for _, height := range []float32{30, 42, 56, 80} {
		k.Resize(fyne.NewSize(90, height))
		if r.letters.Hidden != (height < 38) {
			t.Errorf("%v high: letters hidden %t", height, r.letters.Hidden)
		}
		if r.digit.Position().Y < -4 || !r.letters.Hidden && r.letters.Position().Y+r.letters.Size().Height > height+4 {
			t.Errorf("%v high: digit at %v, letters to %v", height, r.digit.Position().Y,
				r.letters.Position().Y+r.letters.Size().Height)
		}
	}
}

// TestWheelAndGround: the wheel scrolls the page wherever the pointer is, and a click on nothing is told.
func TestWheelAndGround(t *testing.T) {
	long := column()
	for range 50 {
		long.Add(NewText("one of many lines"))
	}
	scroll := container.NewVScroll(long)
	wheel := NewWheel(scroll)
	show(t, container.NewStack(scroll, wheel))
	wheel.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -120)})
	if scroll.Offset.Y != 120 {
		t.Errorf("scrolled to %v", scroll.Offset.Y)
	}
	clicked := 0
	g := NewGround(func() { clicked++ })
	w := show(t, g)
	w.Resize(fyne.NewSize(360, 560))
	if test.TapCanvas(w.Canvas(), fyne.NewPos(180, 300)); clicked != 1 {
		t.Errorf("clicked %d times", clicked)
	}
}
