package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/ui/layout"
	"calla/ui/widget"
)

// keyGap is what is between two keys.
const keyGap = 8

// keyGrid lays twelve keys in four rows of three, as high as there is room.
func keyGrid(keys []fyne.CanvasObject) *fyne.Container {
	const gap = keyGap
	return container.New(layout.Func{
		Min: func(os []fyne.CanvasObject) fyne.Size {
			m := os[0].MinSize()
			return fyne.NewSize(3*m.Width+2*gap, 4*m.Height+3*gap)
		},
		Place: func(os []fyne.CanvasObject, size fyne.Size) {
			w, h := (size.Width-2*gap)/3, (size.Height-3*gap)/4
			for i, o := range os {
				o.Move(fyne.NewPos(float32(i%3)*(w+gap), float32(i/3)*(h+gap)))
				o.Resize(fyne.NewSize(w, h))
			}
		},
	}, keys...)
}

// keypad makes the twelve keys of a telephone.
func keypad(plus bool, onDigit func(rune)) []fyne.CanvasObject {
	keys := make([]fyne.CanvasObject, 0, 12)
	for _, k := range []struct {
		digit   rune
		letters string
	}{
		{'1', ""},
		{'2', "ABC"},
		{'3', "DEF"},
		{'4', "GHI"},
		{'5', "JKL"},
		{'6', "MNO"},
		{'7', "PQRS"},
		{'8', "TUV"},
		{'9', "WXYZ"},
		{'*', ""},
		{'0', ""},
		{'#', ""},
	} {
		key := widget.NewKey(k.digit, k.letters, onDigit)
		if k.digit == '0' && plus {
			key.Letters, key.Second = "+", '+'
		}
		keys = append(keys, key)
	}
	return keys
}
