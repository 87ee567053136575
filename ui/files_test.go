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

// TestWrittenForTheUserAlone: what is exported to a file is readable by nobody else, whatever was there
// before.
func TestWrittenForTheUserAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.js")
	if err := os.WriteFile(path, []byte("something longer than what follows"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeText(path, "text"); err != nil {
		t.Fatal(err)
	}
	got, err := readText(path)
	if info, statErr := os.Stat(path); err != nil || statErr != nil || got != "text" || info.Mode().Perm() != 0o600 {
		t.Errorf("%q, mode %v, %v", got, info.Mode(), err)
	}
	if _, err := readText(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there is read")
	}
}
