package ui

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"calla/ui/tell"
)

// Size of the window in which a file is chosen.
const filesWidth, filesHeight = 760, 520

// maxOpened is how much of a file that is opened is read, in octets.
const maxOpened = 1 << 20

// chooseFile lets the user choose a file, in a window of its own: the telephone's is too narrow for a list of
// files. The folder of near is shown first.
func (a *app) chooseFile(title, near string, then func(path string)) {
	w := a.fyne.NewWindow(title)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(filesWidth, filesHeight))
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		w.Close()
		switch {
		case err != nil:
			a.main.tellError("The file cannot be opened.", err)
		case r != nil:
			path := r.URI().Path()
			_ = r.Close() // only its path is wanted
			then(path)
		}
	}, w)
	showFiles(d, w, near)
}

// chooseNewFile lets the user name a file to write.
func (a *app) chooseNewFile(title, name string, then func(path string)) {
	w := a.fyne.NewWindow(title)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(filesWidth, filesHeight))
	d := dialog.NewFileSave(func(f fyne.URIWriteCloser, err error) {
		w.Close()
		switch {
		case err != nil:
			a.main.tellError("The file cannot be written.", err)
		case f != nil:
			path := f.URI().Path()
			_ = f.Close() // it is empty; who asked writes it
			then(path)
		}
	}, w)
	d.SetFileName(name)
	showFiles(d, w, "")
}

// showFiles opens a dialog that fills its window.
func showFiles(d *dialog.FileDialog, w fyne.Window, near string) {
	dir := filepath.Dir(near)
	if home, err := os.UserHomeDir(); near == "" && err == nil {
		dir = home
	}
	if l, err := storage.ListerForURI(storage.NewFileURI(dir)); err == nil {
		d.SetLocation(l)
	}
	d.SetView(dialog.ListView)
	w.Show()
	d.Show()
	d.Resize(fyne.NewSize(filesWidth, filesHeight)) // it can be resized only once it is shown
}

// readText reads a file that the user chose.
func readText(path string) (string, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return "", errors.New("what was chosen is not a file") // a pipe would be waited for
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("open file: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxOpened+1))
	if err != nil {
		return "", fmt.Errorf("read file: %w", err)
	}
	if len(data) > maxOpened {
		return "", fmt.Errorf("the file is longer than %d MB", maxOpened>>20)
	}
	return string(data), nil
}

// writeText writes a file that the user named, for the user alone.
func writeText(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	err = f.Chmod(0o600) // before there is anything in it
	if _, writeErr := f.WriteString(text); err == nil {
		err = writeErr
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

// unreadWords words an error of readText.
func unreadWords(err error) string {
	if errors.Unwrap(err) == nil { // one of its own
		return tell.Sentence(err)
	}
	return strings.TrimSpace("The file cannot be read. " + tell.BySystem(err))
}
