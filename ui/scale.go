package ui

import (
	"math"
	"os"
	"strconv"
	"strings"
)

// What the environment says of how large things are drawn.
const (
	fyneScale    = "FYNE_SCALE"                 // Fyne's own: it is left as it is
	fyneNoDPI    = "FYNE_DISABLE_DPI_DETECTION" // has Fyne take FYNE_SCALE alone, not times what the monitor has
	gdkScale     = "GDK_SCALE"                  // GTK's: a whole number
	usualDPI     = 96                           // dots per inch at which everything has its own size
	leastScale   = 0.5
	largestScale = 4
)

// scaleAsTheDesktop has Fyne draw as large as the desktop wants it on X11, where the user has not told Fyne itself
// (FYNE_SCALE): by GDK_SCALE, else by Xft.dpi in the resources of the X server. Without both Fyne goes by the size of
// the monitor. Under Wayland the compositor scales. It is called before Fyne is there.
func scaleAsTheDesktop() {
	if os.Getenv("DISPLAY") == "" || os.Getenv("WAYLAND_DISPLAY") != "" {
		return
	}
	scale, ok := desktopScale(os.Getenv, func() string {
		server, err := connectX11()
		if err != nil {
			return "" // the window will tell of it
		}
		defer server.conn.Close()
		return server.resources()
	})
	if ok {
		_ = os.Setenv(fyneScale, strconv.FormatFloat(scale, 'f', 2, 64))
		_ = os.Setenv(fyneNoDPI, "1")
	}
}

// desktopScale is how large the desktop wants things drawn; false where it does not tell, or Fyne has been told.
func desktopScale(env func(string) string, resources func() string) (float64, bool) {
	if env(fyneScale) != "" {
		return 0, false
	}
	if n, err := strconv.ParseFloat(strings.TrimSpace(env(gdkScale)), 64); err == nil {
		return bounded(n)
	}
	dpi, ok := 0.0, false
	for line := range strings.Lines(resources()) {
		name, value, found := strings.Cut(line, ":")
		if !found || strings.TrimSpace(name) != "Xft.dpi" {
			continue
		}
		if n, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
			dpi, ok = n, true // the last one counts
		}
	}
	if !ok {
		return 0, false
	}
	return bounded(dpi / usualDPI)
}

// bounded is a scale that makes sense; false for what is none.
func bounded(scale float64) (float64, bool) {
	if math.IsNaN(scale) || scale <= 0 || math.IsInf(scale, 0) {
		return 0, false
	}
	return max(leastScale, min(scale, largestScale)), true
}
