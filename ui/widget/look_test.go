package widget

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// TestContrast holds every pair of words and ground to the 4.5:1 of WCAG 1.4.3, and marks to the 3:1
// of 1.4.11.
func TestContrast(t *testing.T) {
	pairs := []struct {
		text, ground fyne.ThemeColorName
		least        float64
	}{
		{ColorText, theme.ColorNameBackground, 7},
		{ColorText, ColorSurface, 7},
		{ColorText, ColorSurface2, 7},
		{ColorMuted, theme.ColorNameBackground, 4.5},
		{ColorMuted, ColorSurface, 4.5},
		{ColorMuted, ColorSurface2, 4.5},
		{ColorBad, theme.ColorNameBackground, 4.5},
		{ColorBad, ColorSurface, 4.5},
		{ColorOnCall, ColorCall, 4.5},
		{ColorOnEnd, ColorEnd, 4.5},
		{ColorOnAccent, ColorAccent, 4.5},
		{ColorAccent, theme.ColorNameBackground, 4.5},
		{ColorAccent, ColorAccentSoft, 4.5},
		{ColorAttention, theme.ColorNameBackground, 3},
		{ColorCall, theme.ColorNameBackground, 3},
	}
	for choice, variant := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
		l := Look{Fixed: true, Variant: variant}
		for _, p := range pairs {
			got := contrast(l.Color(p.text, 0), l.Color(p.ground, 0))
			if got < p.least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", choice, p.text, p.ground, got, p.least)
			}
		}
	}
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(c color.Color) float64 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	linear := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(n.R) + 0.7152*linear(n.G) + 0.0722*linear(n.B)
}

// TestThemeFollowsSystem: without a choice the system's variant is drawn, with one the chosen.
func TestThemeFollowsSystem(t *testing.T) {
	light, dark := Look{}.Color(theme.ColorNameBackground, theme.VariantLight),
		Look{}.Color(theme.ColorNameBackground, theme.VariantDark)
	if light == dark {
		t.Error("light and dark have the same ground")
	}
	fixed := Look{Fixed: true, Variant: theme.VariantDark}
	if got := fixed.Color(theme.ColorNameBackground, theme.VariantLight); got != dark {
		t.Errorf("dark chosen on a light system: %v", got)
	}
	if got := (Look{}).Color(theme.ColorNameBackground, theme.VariantDark); got != dark {
		t.Errorf("system chosen on a dark system: %v", got)
	}
}
