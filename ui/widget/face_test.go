package widget

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// TestWordsInOneFontLookAsEver: what is bold or monospaced takes the same room in the font of its style alone as with
// all the fonts that Fyne has beside it; what that one may lack has all of them.
func TestWordsInOneFontLookAsEver(t *testing.T) {
	show(t, NewText("")) // the look is Calla's
	bold, mono := fyne.TextStyle{Bold: true}, fyne.TextStyle{Monospace: true}
	for _, words := range []string{
		"Call", "Zoë Ångström-Łukasiewicz", "+49 30 123\u2009456 (7) *8#", "Ἀθῆναι Αθήνα", "Щедрость и їжа",
		"“Yes” – no… ‘€ 5’", "99+", "",
	} {
		for _, style := range []fyne.TextStyle{bold, mono} {
			if fontOf(words, style) != theme.Font(style) {
				t.Errorf("%q in %+v is set in all fonts", words, style)
			}
			if one, all := measureText(words, 15, style), fyne.MeasureText(words, 15, style); one != all {
				t.Errorf("%q in %+v: %v in one font, %v in all", words, style, one, all)
			}
		}
	}
	for _, words := range []string{"Zoë 😀", "שלום", "陳", "ఆనందం", "Enter ⌘", "☎ 1", "1️⃣", "№ 5"} {
		if fontOf(words, bold) != nil {
			t.Errorf("%q is set in one font", words)
		}
	}
	if fontOf("Call", fyne.TextStyle{}) != nil {
		t.Error("usual type is set in one font")
	}
}

// TestWidgetsSetBoldWordsInOneFont: each that has any, and again once its words are others.
func TestWidgetsSetBoldWordsInOneFont(t *testing.T) {
	avatar, countdown, text := NewAvatar(40, 20), NewCountdown(), NewText("Zoë").Bold()
	button := NewButton("Call", "phone", Call, nil)
	avatar.SetName("Zoë")
	countdown.Set(3, 5)
	for _, w := range []fyne.CanvasObject{avatar, countdown, text, button, NewText("uri").Mono()} {
		show(t, w)
		w.Resize(fyne.NewSize(200, 60))
		for _, o := range written(w) {
			if o.FontSource == nil && o.Text != "" {
				t.Errorf("%T sets %q in all fonts", w, o.Text)
			}
		}
	}
	text.SetText("Zoë 😀")
	button.Set("Call 😀", "")
	for _, w := range []fyne.CanvasObject{text, button} {
		all := 0
		for _, o := range written(w) {
			if o.Text != "" && o.FontSource == nil {
				all++
			}
		}
		if all == 0 {
			t.Errorf("%T sets an emoji in the font of letters", w)
		}
	}
}
