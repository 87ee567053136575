package widget

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// TestIconsTellWhatTheyDo: below the button, or above it at the edge of the window, and within the window; not once the
// pointer has gone or pressed.
func TestIconsTellWhatTheyDo(t *testing.T) {
	const width, height = 300, 200
	for _, c := range []struct {
		name  string
		label string
		words string
		at    fyne.Position
		then  func(b *Button)
		want  string
	}{
		{"in the middle", "", "Menu", fyne.NewPos(150, 80), nil, "Menu"},
		{"at the left", "", "Back to all that there is", fyne.NewPos(0, 80), nil, "Back to all that there is"},
		{"at the right", "", "Quality in figures", fyne.NewPos(width-44, 80), nil, "Quality in figures"},
		{
			"at the bottom", "", "Delete the last character", fyne.NewPos(100, height-44), nil,
			"Delete the last character",
		},
		{
			"longer than the window", "", strings.Repeat("long ", 40), fyne.NewPos(100, 50), nil,
			strings.Repeat("long ", 40),
		},
		{"nameless", "", " ", fyne.NewPos(100, 50), nil, ""},
		{"the pointer goes", "", "Menu", fyne.NewPos(100, 50), func(b *Button) { b.MouseOut() }, ""},
		{"it is pressed", "", "Menu", fyne.NewPos(100, 50), func(b *Button) { b.Tapped(&fyne.PointEvent{}) }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			tips := NewTips()
			b := NewButton(c.label, "more", Quiet, nil).Named(c.words)
			show(t, container.NewWithoutLayout(b, tips))
			tips.Resize(fyne.NewSize(width, height))
			b.Move(c.at)
			b.Resize(b.MinSize())
			b.MouseIn(&desktop.MouseEvent{})
			if waits := b.tip.timer != nil; waits != (strings.TrimSpace(c.words) != "") {
				t.Fatalf("waits: %t", waits)
			}
			if b.tip.timer != nil {
				b.tip.timer.Stop() // it is told now
				b.tip.tell(strings.TrimSpace(c.words), b)
			}
			if c.then != nil {
				c.then(b)
			}
			if strings.TrimSpace(tips.Words()) != strings.TrimSpace(c.want) {
				t.Fatalf("tells %q", tips.Words())
			}
			if c.want == "" {
				return
			}
			r := test.WidgetRenderer(tips).(*tipsRenderer)
			box := r.ground
			right, bottom := box.Position().X+box.Size().Width, box.Position().Y+box.Size().Height
			if box.Position().X < 0 || box.Position().Y < 0 || right > width || bottom > height {
				t.Errorf("at %v of %v", box.Position(), box.Size())
			}
			if top := box.Position().Y; top < c.at.Y+b.Size().Height && bottom > c.at.Y {
				t.Errorf("covers the button: from %v to %v", top, bottom)
			}
		})
	}
}

// TestWordsNeedNoTip: what a button says is not told again.
func TestWordsNeedNoTip(t *testing.T) {
	for name, b := range map[string]*Button{
		"words": NewButton("Save", "", Filled, nil), "words and icon": NewButton("Call", "phone", Call, nil),
		"a name beside": NewButton("A+", "", Outlined, nil).Named("Larger text"),
		"above":         NewButton("Mute", "mic", Outlined, nil).Tall(),
		"a choice":      &NewSelect([]string{"One"}, 0, "", nil).Button,
	} {
		t.Run(name, func(t *testing.T) {
			show(t, b)
			b.MouseIn(&desktop.MouseEvent{})
			if b.tip.timer != nil {
				t.Error("waits")
			}
		})
	}
}
