package contacts

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"

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
				l.window.TellError("The contacts could not be exported.", err)
				return
			}
			words := fmt.Sprintf("%s in %s.", many(n, "contact is", "contacts are"), tell.SafeLine(filepath.Base(path)))
			l.window.OpenSheet("Exported", widget.NewParagraph(words),
				widget.NewButton("OK", "", widget.Filled, l.window.CloseSheet))
		})
	})
}

// many counts things.
func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return tell.Grouped(int64(n)) + " " + more
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
