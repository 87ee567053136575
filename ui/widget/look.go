package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Look is Calla's theme: warm paper and leaf green. It follows the system between light and dark unless Fixed says that
// the user chose Variant.
type Look struct {
	Fixed   bool
	Variant fyne.ThemeVariant
	Text    float32 // how much larger than usual type is; 0 = 1
}

// factor is that of type.
func (l Look) factor() float32 {
	if l.Text > 0 {
		return l.Text
	}
	return 1
}

// tokens are the colours of one variant. Where the sketch's green and red would give white words less
// than 4.5:1 they are a shade darker here.
type tokens struct {
	background, surface, surface2, text, muted, line uint32
	accent, onAccent, accentSoft, attention          uint32
	call, end, bad                                   uint32
	menu, outline                                    uint32
}

func lightTokens() tokens {
	return tokens{
		background: 0xF6F5F1, surface: 0xFFFFFF, surface2: 0xEDEBE3, text: 0x1B2321, muted: 0x5A6561, line: 0xDDD9CE,
		accent: 0x1E6F5C, onAccent: 0xFFFFFF, accentSoft: 0xDCEBE4, attention: 0xB67A12,
		call: 0x1D8350, end: 0xC8372D, bad: 0xB92F26, menu: 0xFFFFFF, outline: 0x7D8883,
	}
}

func darkTokens() tokens {
	return tokens{
		background: 0x101615, surface: 0x182220, surface2: 0x22302C, text: 0xECF1EE, muted: 0x9DAEA8, line: 0x2C3A36,
		accent: 0x5CBB9F, onAccent: 0x101615, accentSoft: 0x1D3932, attention: 0xE2B154,
		call: 0x23835A, end: 0xCD4237, bad: 0xF0857B, menu: 0x1E2A27, outline: 0x74857F,
	}
}

// variant returns the variant to draw, given the system's.
func (l Look) variant(system fyne.ThemeVariant) fyne.ThemeVariant {
	if l.Fixed {
		return l.Variant
	}
	return system
}

// Color implements fyne.Theme.
func (l Look) Color(name fyne.ThemeColorName, system fyne.ThemeVariant) color.Color {
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
	case ColorSurface, theme.ColorNameButton, theme.ColorNameHeaderBackground, theme.ColorNameOverlayBackground:
		return t.surface, true
	case theme.ColorNameMenuBackground:
		return t.menu, true
	case ColorSurface2, theme.ColorNameDisabledButton:
		return t.surface2, true
	case theme.ColorNameForeground:
		return t.text, true
	case ColorMuted, theme.ColorNamePlaceHolder, theme.ColorNameDisabled:
		return t.muted, true
	case ColorLine, theme.ColorNameSeparator:
		return t.line, true
	case ColorOutline, theme.ColorNameInputBorder:
		return t.outline, true
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return t.accent, true
	case theme.ColorNameForegroundOnPrimary:
		return t.onAccent, true
	case ColorAccentSoft:
		return t.accentSoft, true
	case ColorAttention, theme.ColorNameWarning:
		return t.attention, true
	case ColorCall, theme.ColorNameSuccess:
		return t.call, true
	case ColorEnd:
		return t.end, true
	case theme.ColorNameError:
		return t.bad, true
	case ColorOnCall, ColorOnEnd, theme.ColorNameForegroundOnError, theme.ColorNameForegroundOnSuccess:
		return 0xFFFFFF, true
	}
	return 0, false
}

func opaque(rgb uint32) color.NRGBA { return faint(rgb, 0xFF) }

func faint(rgb uint32, alpha uint8) color.NRGBA {
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: alpha}
}

// Font implements fyne.Theme. The figures of Fyne's own face are all of one width, so that timers
// stand still. The style for symbols is in Calla the usual face without that of emoji (Entry.Plain).
func (l Look) Font(style fyne.TextStyle) fyne.Resource {
	if style.Symbol {
		return theme.DefaultTextFont()
	}
	return theme.DefaultTheme().Font(style)
}

// Icon implements fyne.Theme.
func (l Look) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size implements fyne.Theme.
func (l Look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case sizeText:
		return l.factor()
	case theme.SizeNameText:
		return l.factor() * SizeBody
	case theme.SizeNameCaptionText:
		return l.factor() * SizeCaption
	case theme.SizeNameSubHeadingText:
		return l.factor() * SizeStrong
	case theme.SizeNameHeadingText:
		return l.factor() * SizeTitle
	case theme.SizeNameInputRadius:
		return RadiusInput
	case theme.SizeNameButtonRadius:
		return RadiusButton
	case theme.SizeNameCardRadius, theme.SizeNameDialogRadius:
		return RadiusCard
	case theme.SizeNamePopupRadius, theme.SizeNameMenuRadius:
		return RadiusInput
	case theme.SizeNameSelectionRadius:
		return Step
	case theme.SizeNameModalBlurRadius:
		return 0
	case theme.SizeNameScrollBarSmall:
		return Step
	}
	return theme.DefaultTheme().Size(name)
}
