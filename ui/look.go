package ui

import (
	"fyne.io/fyne/v2/theme"

	"calla/account"
	"calla/ui/widget"
)

// lookOf is the look that a setting asks for.
func lookOf(t account.Theme) widget.Look {
	switch t {
	case account.ThemeLight:
		return widget.Look{Fixed: true, Variant: theme.VariantLight}
	case account.ThemeDark:
		return widget.Look{Fixed: true, Variant: theme.VariantDark}
	}
	return widget.Look{}
}
