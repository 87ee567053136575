package ui

import (
	"testing"

	"fyne.io/fyne/v2"

	"calla/ui/widget"
)

// TestEveryIconCanTellWhatItDoes: on every screen, each button without words has a name, and a layer that can show it.
func TestEveryIconCanTellWhatItDoes(t *testing.T) {
	oneGoroutine(t)
	people := knowing(t, "Bob Marsh")
	for name, draw := range screens() {
		t.Run(name, func(t *testing.T) {
			o := openWith(t, Options{Version: "0.1.0"}, people)
			o.update(idle())
			win := draw(o)
			if win == nil {
				win = o.main.win
			}
			all := []fyne.CanvasObject{win.Content()}
			if o.main.sheet != nil {
				all = append(all, o.main.sheet.layer.object)
			}
			for _, shown := range all {
				for _, s := range inSight(shown, fyne.Position{}) {
					b, is := s.CanvasObject.(*widget.Button)
					if !is || b.Label() != "" {
						continue
					}
					if b.AccessibilityLabel() == "" {
						t.Error("a button has neither words nor a name")
					}
					if widget.TipsIn(shown) == nil {
						t.Errorf("nothing can tell what %q does", b.AccessibilityLabel())
					}
				}
			}
		})
	}
}
