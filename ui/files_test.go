package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestBrowse: the button beside a field for a file opens a window with the files of the folder named there.
func TestBrowse(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "client.pem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o, f := openForm(t, uitest.FullConfig(t))
	f.ShowAll()
	uitest.Settle(o.main.win)
	uitest.Type(t, f.Object(), "calla.tls_ca", filepath.Join(dir, "ca.pem"))
	before := len(fyne.CurrentApp().Driver().AllWindows())
	for _, b := range uitest.LaidOut[*widget.Button](f.Object()) {
		if b.AccessibilityLabel() == "Browse for Additional authorities" {
			test.Tap(b)
		}
	}
	windows := o.fyne.Driver().AllWindows()
	if len(windows) != before+1 {
		t.Fatalf("%d windows, before there were %d", len(windows), before)
	}
	w := windows[len(windows)-1]
	if w.Canvas().Overlays().Top() == nil || !strings.HasPrefix(w.Title(), "Additional authorities") {
		t.Errorf("%q shows no files", w.Title())
	}
}
