package widget

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// over is a colour with a translucent one on it.
func over(veil, ground color.Color) color.NRGBA {
	v := color.NRGBAModel.Convert(veil).(color.NRGBA)
	g := color.NRGBAModel.Convert(ground).(color.NRGBA)
	mix := func(a, b uint8) uint8 { return uint8((int(a)*int(v.A) + int(b)*(255-int(v.A))) / 255) }
	return color.NRGBA{R: mix(v.R, g.R), G: mix(v.G, g.G), B: mix(v.B, g.B), A: 255}
}

// TestButtonsCanBeRead: the words of each kind of button have 4.5:1 (WCAG 1.4.3) on what they lie on, also when the
// button is on, off or under the pointer, on the page and on a card.
func TestButtonsCanBeRead(t *testing.T) {
	kinds := map[string]ButtonKind{
		"outlined": Outlined, "filled": Filled, "call": Call, "end": End, "quiet": Quiet, "danger": Danger,
	}
	states := map[string]func(*Button){
		"as it is": func(*Button) {}, "on": func(b *Button) { b.SetOn(true) }, "off": func(b *Button) { b.Disable() },
		"heading": func(b *Button) { b.Heading() }, "under the pointer": func(b *Button) { b.MouseIn(nil) },
	}
	for _, variant := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
		look := Look{Fixed: true, Variant: variant}
		for _, kind := range names(kinds) {
			for _, state := range names(states) {
				for _, below := range []fyne.ThemeColorName{theme.ColorNameBackground, ColorSurface} {
					b := NewButton("Words", "", kinds[kind], nil)
					states[state](b)
					fill, _, text := b.colors()
					ground := look.Color(below, variant)
					if fill != "" {
						ground = look.Color(fill, variant)
					}
					if b.hovered && !b.disabled {
						ground = over(look.Color(theme.ColorNameHover, variant), ground)
					}
					least := 4.5
					if b.hovered && (kinds[kind] == Call || kinds[kind] == End) {
						least = 3 // their words are large and bold: 3:1 is enough for these
					}
					if got := contrast(look.Color(text, variant), ground); got < least {
						t.Errorf("variant %d, %s, %s on %s: contrast %.2f", variant, kind, state, below, got)
					}
				}
			}
		}
	}
}

// TestOutlinesCanBeSeen: what is pressed or typed into stands out from what is around it and from what it is filled
// with, at the 3:1 of WCAG 1.4.11, in light and dark.
func TestOutlinesCanBeSeen(t *testing.T) {
	for _, c := range []struct {
		name    string
		outline fyne.ThemeColorName
		against []fyne.ThemeColorName
	}{
		{"a button", outlineOf(NewButton("A", "", Outlined, nil)), []fyne.ThemeColorName{
			theme.ColorNameBackground, ColorSurface, ColorSurface2,
		}},
		{"a button that deletes", outlineOf(NewButton("A", "", Danger, nil)), []fyne.ThemeColorName{
			theme.ColorNameBackground, ColorSurface, ColorSurface2,
		}},
		{"a choice", outlineOf(&NewSelect([]string{"A"}, 0, "", nil).Button), []fyne.ThemeColorName{
			theme.ColorNameBackground, ColorSurface,
		}},
		{"a field", theme.ColorNameInputBorder, []fyne.ThemeColorName{
			theme.ColorNameBackground, theme.ColorNameInputBackground, ColorSurface,
		}},
		{"a key, a row, an account", ColorOutline, []fyne.ThemeColorName{theme.ColorNameBackground, ColorSurface}},
		{"a switch", ColorMuted, []fyne.ThemeColorName{ColorSurface, ColorSurface2, theme.ColorNameBackground}},
		{"what has the keyboard", ColorAccent, []fyne.ThemeColorName{
			theme.ColorNameBackground, ColorSurface, ColorSurface2,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, variant := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
				look := Look{Fixed: true, Variant: variant}
				for _, ground := range c.against {
					if got := contrast(look.Color(c.outline, variant), look.Color(ground, variant)); got < 3 {
						t.Errorf("variant %d: %s on %s has %.2f", variant, c.outline, ground, got)
					}
				}
			}
		})
	}
}

func outlineOf(b *Button) fyne.ThemeColorName {
	_, line, _ := b.colors()
	return line
}

// TestSelectedTextCanBeRead: words on what is selected in a field, and on an entry of a menu under the pointer.
func TestSelectedTextCanBeRead(t *testing.T) {
	for _, variant := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
		look := Look{Fixed: true, Variant: variant}
		for veil, ground := range map[fyne.ThemeColorName]fyne.ThemeColorName{
			theme.ColorNameSelection: theme.ColorNameInputBackground,
			theme.ColorNameFocus:     theme.ColorNameMenuBackground,
			theme.ColorNameHover:     theme.ColorNameMenuBackground, theme.ColorNamePressed: ColorSurface,
		} {
			on := over(look.Color(veil, variant), look.Color(ground, variant))
			if got := contrast(look.Color(ColorText, variant), on); got < 4.5 {
				t.Errorf("variant %d: text on %s over %s has a contrast of %.2f", variant, veil, ground, got)
			}
		}
	}
}

// TestEveryColourHasOneOfTheLook: none of ours is left to Fyne, which draws what it does not know in nothing.
func TestEveryColourHasOneOfTheLook(t *testing.T) {
	for _, variant := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
		other := theme.VariantDark
		if variant == other {
			other = theme.VariantLight
		}
		same := 0
		ours := []fyne.ThemeColorName{
			ColorSurface, ColorSurface2, ColorMuted, ColorLine, ColorOutline, ColorAccentSoft, ColorAttention,
			ColorCall, ColorEnd,
			ColorOnCall, ColorOnEnd, ColorText, ColorAccent, ColorOnAccent, ColorBad, theme.ColorNameBackground,
			theme.ColorNameMenuBackground, theme.ColorNamePlaceHolder,
		}
		for _, name := range ours {
			c := color.NRGBAModel.Convert(Look{Fixed: true, Variant: variant}.Color(name, 0)).(color.NRGBA)
			if c.A != 0xFF {
				t.Errorf("variant %d: %s is %v", variant, name, c)
			}
			if c == color.NRGBAModel.Convert(Look{Fixed: true, Variant: other}.Color(name, 0)).(color.NRGBA) {
				same++
			}
		}
		if same > 2 { // white on green and on red
			t.Errorf("%d colours are the same in light and dark", same)
		}
	}
}

// TestLookHasSizesOfItsOwn: what Fyne draws is as large as what we draw.
func TestLookHasSizesOfItsOwn(t *testing.T) {
	for name, want := range map[fyne.ThemeSizeName]float32{
		theme.SizeNameText: SizeBody, theme.SizeNameCaptionText: SizeCaption, theme.SizeNameSubHeadingText: SizeStrong,
		theme.SizeNameHeadingText: SizeTitle, theme.SizeNameInputRadius: RadiusInput,
		theme.SizeNameButtonRadius: RadiusButton, theme.SizeNameDialogRadius: RadiusCard,
		theme.SizeNameMenuRadius: RadiusInput, theme.SizeNameModalBlurRadius: 0,
	} {
		if got := (Look{}).Size(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	for _, name := range []fyne.ThemeSizeName{
		theme.SizeNamePadding, theme.SizeNameInlineIcon, theme.SizeNameSeparatorThickness,
	} {
		if got := (Look{}).Size(name); got != theme.DefaultTheme().Size(name) || got <= 0 {
			t.Errorf("%s is %v", name, got)
		}
	}
}
