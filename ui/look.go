package ui

import (
	"fyne.io/fyne/v2/theme"

	"calla/account"
	"calla/ui/widget"
)

// lookOf is the look that settings ask for: the theme, and the size of text in percent, 0 = the usual one.
func lookOf(t account.Theme, textSize int) widget.Look {
	look := widget.Look{Text: float32(textSize) / 100}
	switch t {
	case account.ThemeLight:
		look.Fixed, look.Variant = true, theme.VariantLight
	case account.ThemeDark:
		look.Fixed, look.Variant = true, theme.VariantDark
	}
	return look
}
