package widget

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// Fyne reads fonts anew for each style of type, and with each that of emoji, which takes more memory than all others
// together. So a text that is bold or monospaced is set in the one font of its style where that has all of it.

// fontOf is the font that a text is set in alone; nil: in those that Fyne has for its style, one after the other.
func fontOf(s string, style fyne.TextStyle) fyne.Resource {
	if style == (fyne.TextStyle{}) || strings.ContainsFunc(s, isRare) {
		return nil
	}
	return theme.Font(style)
}

// isRare tells what not each of Fyne's fonts has: all but Latin, Greek and Cyrillic, punctuation and currencies.
func isRare(r rune) bool { return r >= 0x530 && r < 0x1E00 || r >= 0x20C0 }

// setText has an object show a text in a style, in the font for that.
func setText(o *canvas.Text, s string, style fyne.TextStyle) {
	o.Text, o.TextStyle, o.FontSource = s, style, fontOf(s, style)
}

// measureText is fyne.MeasureText for what setText sets.
func measureText(s string, size float32, style fyne.TextStyle) fyne.Size {
	bounds, _ := fyne.CurrentApp().Driver().RenderedTextSize(s, size, style, fontOf(s, style))
	return bounds
}
