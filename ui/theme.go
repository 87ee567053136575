package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"calla/account"
	"calla/ui/widget"
)

// look is Calla's theme: warm paper and leaf green. It follows the system between light and dark
// unless the user chose one.
type look struct {
	choice account.Theme
}

// tokens are the colours of one variant. Where the sketch's green and red would give white words less
// than 4.5:1 they are a shade darker here.
type tokens struct {
	background, surface, surface2, text, muted, line uint32
	accent, onAccent, accentSoft, attention          uint32
	call, end, bad                                   uint32
	menu                                             uint32
}

func lightTokens() tokens {
	return tokens{
		background: 0xF6F5F1, surface: 0xFFFFFF, surface2: 0xEDEBE3, text: 0x1B2321, muted: 0x5A6561, line: 0xDDD9CE,
		accent: 0x1E6F5C, onAccent: 0xFFFFFF, accentSoft: 0xDCEBE4, attention: 0xB67A12,
		call: 0x1D8350, end: 0xC8372D, bad: 0xB92F26, menu: 0xFFFFFF,
	}
}

func darkTokens() tokens {
	return tokens{
		background: 0x101615, surface: 0x182220, surface2: 0x22302C, text: 0xECF1EE, muted: 0x9DAEA8, line: 0x2C3A36,
		accent: 0x5CBB9F, onAccent: 0x101615, accentSoft: 0x1D3932, attention: 0xE2B154,
		call: 0x23835A, end: 0xCD4237, bad: 0xF0857B, menu: 0x1E2A27,
	}
}

// variant returns the variant to draw, given the system's.
func (l look) variant(system fyne.ThemeVariant) fyne.ThemeVariant {
	switch l.choice {
	case account.ThemeLight:
		return theme.VariantLight
	case account.ThemeDark:
		return theme.VariantDark
	}
	return system
}

// Color implements fyne.Theme.
func (l look) Color(name fyne.ThemeColorName, system fyne.ThemeVariant) color.Color {
	variant := l.variant(system)
	t := lightTokens()
	if variant == theme.VariantDark {
		t = darkTokens()
	}
	if rgb, ok := t.solid(name); ok {
		return opaque(rgb)
	}
	switch name {
	case theme.ColorNameHover:
		return faint(t.text, 0x0D)
	case theme.ColorNamePressed:
		return faint(t.text, 0x1E)
	case theme.ColorNameFocus, theme.ColorNameSelection:
		return faint(t.accent, 0x40)
	case theme.ColorNameScrollBar:
		return faint(t.muted, 0x80)
	case theme.ColorNameScrollBarBackground:
		return color.Transparent
	case theme.ColorNameShadow:
		if variant == theme.VariantDark {
			return color.NRGBA{A: 0x70}
		}
		return color.NRGBA{A: 0x2A}
	}
	return theme.DefaultTheme().Color(name, variant)
}

// solid returns the token for a name.
func (t tokens) solid(name fyne.ThemeColorName) (uint32, bool) {
	switch name {
	case theme.ColorNameBackground, theme.ColorNameInputBackground:
		return t.background, true
	case widget.ColorSurface, theme.ColorNameButton, theme.ColorNameHeaderBackground, theme.ColorNameOverlayBackground:
		return t.surface, true
	case theme.ColorNameMenuBackground:
		return t.menu, true
	case widget.ColorSurface2, theme.ColorNameDisabledButton:
		return t.surface2, true
	case theme.ColorNameForeground:
		return t.text, true
	case widget.ColorMuted, theme.ColorNamePlaceHolder, theme.ColorNameDisabled:
		return t.muted, true
	case widget.ColorLine, theme.ColorNameSeparator, theme.ColorNameInputBorder:
		return t.line, true
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return t.accent, true
	case theme.ColorNameForegroundOnPrimary:
		return t.onAccent, true
	case widget.ColorAccentSoft:
		return t.accentSoft, true
	case widget.ColorAttention, theme.ColorNameWarning:
		return t.attention, true
	case widget.ColorCall, theme.ColorNameSuccess:
		return t.call, true
	case widget.ColorEnd:
		return t.end, true
	case theme.ColorNameError:
		return t.bad, true
	case widget.ColorOnCall, widget.ColorOnEnd, theme.ColorNameForegroundOnError, theme.ColorNameForegroundOnSuccess:
		return 0xFFFFFF, true
	}
	return 0, false
}

func opaque(rgb uint32) color.NRGBA { return faint(rgb, 0xFF) }

func faint(rgb uint32, alpha uint8) color.NRGBA {
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: alpha}
}

// Font implements fyne.Theme. The figures of Fyne's own face are all of one width, so that timers
// stand still.
func (l look) Font(style fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(style) }

// Icon implements fyne.Theme.
func (l look) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size implements fyne.Theme.
func (l look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return widget.SizeBody
	case theme.SizeNameCaptionText:
		return widget.SizeCaption
	case theme.SizeNameSubHeadingText:
		return widget.SizeStrong
	case theme.SizeNameHeadingText:
		return widget.SizeTitle
	case theme.SizeNameInputRadius:
		return widget.RadiusInput
	case theme.SizeNameButtonRadius:
		return widget.RadiusButton
	case theme.SizeNameCardRadius, theme.SizeNameDialogRadius:
		return widget.RadiusCard
	case theme.SizeNamePopupRadius, theme.SizeNameMenuRadius:
		return widget.RadiusInput
	case theme.SizeNameSelectionRadius:
		return widget.Step
	case theme.SizeNameModalBlurRadius:
		return 0
	case theme.SizeNameScrollBarSmall:
		return widget.Step
	}
	return theme.DefaultTheme().Size(name)
}
