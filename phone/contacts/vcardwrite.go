package contacts

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-vcard"
)

// Version is one of vCard.
type Version string

// The versions that are written. All programs read 3.0; 4.0 says more exactly what an address is.
const (
	VCard3 Version = "3.0" // RFC 2426
	VCard4 Version = "4.0" // RFC 6350
)

// VCardWriter writes contacts as vCards.
type VCardWriter struct {
	to      io.Writer
	version Version
	buf     bytes.Buffer
}

// NewVCardWriter writes to w, which the caller buffers and closes.
func NewVCardWriter(w io.Writer, version Version) *VCardWriter {
	return &VCardWriter{to: w, version: version}
}

// Write writes one contact.
func (v *VCardWriter) Write(c Contact) error {
	fields := vcard.Card{}
	fields.SetValue(vcard.FieldVersion, string(v.version))
	fields.SetValue(vcard.FieldFormattedName, c.Name)
	// RFC 2426 section 3.1.2 wants N. Which part of a name is the family's nobody can tell, so all of it is given:
	// programs that show N show the whole name.
	fields.SetName(&vcard.Name{GivenName: withoutParts(c.Name)})
	setText(fields, vcard.FieldOrganization, withoutParts(c.Organisation))
	setText(fields, vcard.FieldUID, c.UID)
	setText(fields, vcard.FieldNote, c.Note)
	if c.Favourite {
		fields.SetValue(vcard.FieldCategories, "starred") // as Google writes it, and reads it
	}
	for i, a := range c.Addresses {
		f := &vcard.Field{Value: a.Text, Params: vcard.Params{}}
		name := vcard.FieldTelephone
		if strings.ContainsAny(a.Text, "@:") {
			name = vcard.FieldIMPP // RFC 4770, RFC 6350 section 6.4.3
			if !isSIP(a.Text) {
				f.Value = "sip:" + a.Text
			}
		}
		types, own := typesOf(a.Label)
		for _, t := range types {
			f.Params.Add(vcard.ParamType, t)
		}
		if own {
			f.Group = fmt.Sprintf("item%d", i+1)
			fields.Add("X-ABLabel", &vcard.Field{Value: a.Label, Group: f.Group})
		}
		switch {
		case len(c.Addresses) == 1:
		case i == 0 && v.version == VCard3:
			f.Params.Add(vcard.ParamType, "pref") // RFC 2426 section 3.3.1
		default:
			// RFC 6350 section 5.3; 3.0 passes over what it does not know
			f.Params.Set(vcard.ParamPreferred, fmt.Sprint(i+1))
		}
		fields.Add(name, f)
	}
	v.buf.Reset()
	if err := vcard.NewEncoder(&v.buf).Encode(fields); err != nil {
		return fmt.Errorf("write vCard: %w", err)
	}
	if _, err := v.to.Write(folded(v.buf.Bytes())); err != nil {
		return fmt.Errorf("write vCard: %w", err)
	}
	return nil
}

func setText(fields vcard.Card, name, value string) {
	if value != "" {
		fields.SetValue(name, value)
	}
}

// withoutParts is a text as one part of a value that semicolons part.
func withoutParts(s string) string { return strings.ReplaceAll(s, ";", ",") }

// typesOf returns the TYPEs of a label (RFC 6350 section 6.4.1); own tells that none say it.
func typesOf(label string) (types []string, own bool) {
	switch label {
	case "":
		return nil, false
	case "mobile":
		return []string{vcard.TypeCell}, false
	case "work", "home", "fax", "pager":
		return []string{label}, false
	case "work fax", "home fax":
		return strings.Fields(label), false
	}
	return nil, true
}

// folded folds the lines of a card after 75 octets, between characters (RFC 6350 section 3.2).
func folded(text []byte) []byte {
	const longest = 75
	out := make([]byte, 0, len(text)+len(text)/longest*3)
	for line := range bytes.Lines(text) {
		for room := longest; len(bytes.TrimRight(line, "\r\n")) > room; room = longest - 1 {
			end := room
			for end > 1 && !utf8.RuneStart(line[end]) {
				end--
			}
			out = append(append(out, line[:end]...), "\r\n "...)
			line = line[end:]
		}
		out = append(out, line...)
	}
	return out
}
