package contacts

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"

	"calla/phone/cause"
	"calla/phone/contacts"
	"calla/ui/tell"
	"calla/ui/widget"
)

// exportTime bounds an export.
const exportTime = 5 * time.Minute

// export writes all contacts into a file: whole, or not at all.
func (l *List) export(path string, form contacts.Form) {
	l.window.Aside(func() {
		ctx, cancel := context.WithTimeout(context.Background(), exportTime)
		defer cancel()
		n, err := exportAll(ctx, l.book, path, form)
		fyne.Do(func() {
			if err != nil {
				l.window.TellError(tell.Word(cause.ContactsNotExported), err)
				return
			}
			words := tell.WordOf(cause.Cause{
				Kind: cause.ContactsExported, Count: n,
				File: tell.SafeLine(filepath.Base(path)),
			})
			l.window.OpenSheet(tell.Word(cause.ContactsExportDone), widget.NewParagraph(words),
				widget.NewButton(tell.Word(cause.ContactsOK), "", widget.Filled, l.window.CloseSheet))
		})
	})
}

func exportAll(ctx context.Context, b Book, path string, form contacts.Form) (n int, err error) {
	all, err := b.Everybody(ctx)
	if err != nil {
		return 0, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".calla-export-*") // for the user alone
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(file.Name()) }() // where it has its name, there is none
	out := bufio.NewWriter(file)
	err = errors.Join(contacts.WriteAll(out, form, all), out.Flush(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return len(all), err
}
