package contacts

import (
	"fmt"
	"io"
)

// Form is a form in which contacts are written.
type Form string

// The forms.
const (
	FormVCard4 Form = "vcard-4"
	FormVCard3 Form = "vcard-3"
	FormCSV    Form = "csv"
)

// WriteAll writes contacts to w, which the caller buffers and closes.
func WriteAll(w io.Writer, form Form, all []Contact) error {
	var write func(Contact) error
	switch form {
	case FormVCard4:
		write = NewVCardWriter(w, VCard4).Write
	case FormVCard3:
		write = NewVCardWriter(w, VCard3).Write
	case FormCSV:
		most := 1
		for _, c := range all {
			most = max(most, len(c.Addresses))
		}
		table, err := NewCSVWriter(w, most)
		if err != nil {
			return err
		}
		write = table.Write
	default:
		return fmt.Errorf("write contacts: no form %q", form)
	}
	for _, c := range all {
		if err := write(c); err != nil {
			return err
		}
	}
	return nil
}
