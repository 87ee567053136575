package ui

import "testing"

// TestTheDesktopSaysHowLargeThingsAre: GDK_SCALE before Xft.dpi, neither where Fyne has been told, and nothing that
// makes no sense.
func TestTheDesktopSaysHowLargeThingsAre(t *testing.T) {
	for _, c := range []struct {
		name      string
		fyne, gdk string
		resources string
		want      float64 // 0 = Fyne finds out by itself
	}{
		{"nothing is said", "", "", "", 0},
		{"Xft.dpi", "", "", "Xft.antialias:\t1\nXft.dpi:\t144\nXft.rgba: none\n", 1.5},
		{"Xft.dpi as usual", "", "", "Xft.dpi: 96", 1},
		{"Xft.dpi with a fraction", "", "", "Xft.dpi:120.0\n", 1.25},
		{"two of them", "", "", "Xft.dpi: 96\nXft.dpi: 192\n", 2},
		{"GDK_SCALE", "", "2", "", 2},
		{"both say two: not four", "", "2", "Xft.dpi: 192", 2},
		{"FYNE_SCALE", "1.3", "2", "Xft.dpi: 192", 0},
		{"FYNE_SCALE is auto", "auto", "2", "", 0},
		{"GDK_SCALE is no number", "", "two", "Xft.dpi: 144", 1.5},
		{"Xft.dpi is no number", "", "", "Xft.dpi: many", 0},
		{"Xft.dpi is nothing", "", "", "Xft.dpi: 0", 0},
		{"a negative GDK_SCALE", "", "-1", "", 0},
		{"no number at all", "", "NaN", "", 0},
		{"endless", "", "Inf", "", 0},
		{"huge", "", "", "Xft.dpi: 100000", largestScale},
		{"tiny", "", "", "Xft.dpi: 1", leastScale},
		{"another resource", "", "", "*.Xft.dpi.old: 300\nXft.dpix: 200\n", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := func(name string) string { return map[string]string{fyneScale: c.fyne, gdkScale: c.gdk}[name] }
			got, ok := desktopScale(env, func() string { return c.resources })
			if ok != (c.want != 0) || got != c.want {
				t.Errorf("%v, %t", got, ok)
			}
		})
	}
}
