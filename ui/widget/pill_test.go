package widget

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// TestANameIsShortenedOnlyWhereItHasNoRoom: what stands beside it goes to the line below first, and is never cut
// itself.
func TestANameIsShortenedOnlyWhereItHasNoRoom(t *testing.T) {
	const address, hebrew = "alice@example.com", "\u05d0\u05dc\u05d9\u05e1 \u05db\u05d4\u05df \u05db\u05d4\u05df"
	for _, v := range []struct {
		name, title, word, line string
		whole, beside           bool
	}{
		{"short", "Office", "Registered", "alice@example.com", true, true},
		{"an address", address, "Password needed", "", true, false},
		{"an address, and more to tell", address, "Password needed", "1 of 3 accounts has trouble", true, false},
		{"longer than the line", strings.Repeat("name ", 20), "Wrong password", "", false, false},
		{"no word", "alice.of.the.office@ex", "", "alice@example.com", true, true},
		{"right to left", hebrew, "Server not found", "", true, false},
	} {
		t.Run(v.name, func(t *testing.T) {
			p := NewPill(nil)
			p.Set(Triangle, v.title, v.word, v.line)
			w := test.NewTempWindow(t, p)
			w.SetPadded(false)
			w.Resize(fyne.NewSize(252, 44)) // as in a window 360 wide
			p.Resize(fyne.NewSize(252, 44))
			r := test.WidgetRenderer(p).(*pillRenderer)
			if whole := r.title.Size().Width >= r.title.MinSize().Width; whole != v.whole {
				t.Errorf("the name is whole: %t", whole)
			}
			if r.word.Size().Width < r.word.MinSize().Width {
				t.Errorf("%q is cut", v.word)
			}
			if beside := r.word.Position().X > r.title.Position().X; v.word != "" && beside != v.beside {
				t.Errorf("beside the name: %t", beside)
			}
			for _, text := range []*Text{r.title, r.word, r.line} {
				if end := text.Position().X + text.Size().Width; text.Text() != "" && end > 252-30 {
					t.Errorf("%q ends at %.0f", text.Text(), end)
				}
			}
		})
	}
}
