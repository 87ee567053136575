package form

import (
	"cmp"

	"fyne.io/fyne/v2"

	"calla/netsip/config"
	"calla/phone/journal"
	"calla/ui/layout"
	"calla/ui/widget"
)

// takesPerson tells whether a parameter is whom to call.
func takesPerson(p config.Parameter) bool {
	switch p.Name {
	case "calla.forward_always", "calla.forward_busy", "calla.forward_no_answer":
		return true
	}
	return false
}

// asPerson is a text field with whom the text may mean below it. Whoever was called before is put into it in full:
// that is kept, and is not to mean another one at this account. fit lays the page out anew.
func (f *formField) asPerson(w Window, entry *widget.Entry, touched, fit func()) {
	people := w.Suggestions(func(s journal.Suggestion) {
		entry.Fill(cmp.Or(s.URI, s.Address))
		if c := fyne.CurrentApp().Driver().CanvasForObject(entry); c != nil {
			c.Focus(entry)
		}
	})
	f.around(entry, layout.Column(4, entry, people.Object), func() {
		touched()
		people.Follow(entry.Text)
	})
	people.Below(entry)
	people.OnSize = fit
}
