// Package widget holds Calla's own widgets: what Fyne's do not look like or do not tell. They know
// nothing of accounts or calls; they are given values and call back.
//
// Every widget that takes the keyboard passes on the keys it does not use (see passKey), so that the
// window's shortcuts work wherever the focus is, and implements fyne.Accessible.
package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// TextFactor is how much larger than usual type is drawn, as the user wants it.
func TextFactor() float32 {
	if f := theme.Size(sizeText); f > 0 {
		return f
	}
	return 1 // another theme, in tests
}

// Scaled is a size of type, or a measure that goes with it, as the user wants it.
func Scaled(size float32) float32 { return size * TextFactor() }

// Colours beside those that Fyne names. The theme of package ui defines them all.
const (
	ColorSurface    fyne.ThemeColorName = "callaSurface"    // cards, keys
	ColorSurface2   fyne.ThemeColorName = "callaSurface2"   // tracks, pills, what is disabled
	ColorMuted      fyne.ThemeColorName = "callaMuted"      // text that is not the point
	ColorLine       fyne.ThemeColorName = "callaLine"       // around and between what is only read
	ColorOutline    fyne.ThemeColorName = "callaOutline"    // around what is pressed and typed into
	ColorAccentSoft fyne.ThemeColorName = "callaAccentSoft" // behind avatars, hovered quiet buttons
	ColorAttention  fyne.ThemeColorName = "callaAttention"  // gold: what waits
	ColorCall       fyne.ThemeColorName = "callaCall"       // green: call and answer, nothing else
	ColorEnd        fyne.ThemeColorName = "callaEnd"        // red: end, decline, errors
	ColorOnCall     fyne.ThemeColorName = "callaOnCall"     // text on ColorCall
	ColorOnEnd      fyne.ThemeColorName = "callaOnEnd"      // text on ColorEnd

	ColorText     = theme.ColorNameForeground
	ColorAccent   = theme.ColorNamePrimary
	ColorOnAccent = theme.ColorNameForegroundOnPrimary
	ColorBad      = theme.ColorNameError // red as a text
)

// Sizes of type, in device-independent pixels.
const (
	SizeCaption float32 = 12
	SizeBody    float32 = 14
	SizeStrong  float32 = 16
	SizeTitle   float32 = 20
	SizeNumber  float32 = 28
)

// sizeText is the factor of type: how much larger it is drawn than the sizes above.
const sizeText fyne.ThemeSizeName = "callaText"

// widestText is the factor of type up to which a button is made wider for its words; for larger type they are set as
// large as there is room, so that rows of buttons still stand side by side in a narrow window.
const widestText = 1.25

// Measures, in device-independent pixels.
const (
	Step         float32 = 4 // everything is spaced in steps of 4
	Margin       float32 = 16
	RadiusCard   float32 = 14
	RadiusButton float32 = 16
	RadiusInput  float32 = 10
	HeightMain   float32 = 54 // the main action of a screen
	HeightTarget float32 = 44 // the least height of what is clicked
	HeightDense  float32 = 36 // the same in dense lists and headers
)
