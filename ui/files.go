package ui

import (
	"net/url"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"calla/phone/cause"
	"calla/ui/tell"
)

// Size of the window in which a file is chosen.
const filesWidth, filesHeight = 760, 520

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
			a.main.tellError(tell.Word(cause.FileNotOpened), err)
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
			a.main.tellError(tell.Word(cause.FileNotWritten), err)
		case f != nil:
			path := f.URI().Path()
			_ = f.Close() // it is empty; who asked writes it
			then(path)
		}
	}, w)
	d.SetFileName(name)
	showFiles(d, w, "")
}

// openFile has the desktop open a file, and tells on Fyne's goroutine where it cannot.
func (a *app) openFile(path string, failed func(error)) {
	a.aside(func() {
		_, err := os.Stat(path)
		if err == nil {
			err = a.fyne.OpenURL(&url.URL{Scheme: "file", Path: filepath.ToSlash(path)})
		}
		if err != nil {
			fyne.Do(func() { failed(err) })
		}
	})
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
