package contacts

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-vcard"

	"calla/phone/cause"
)

const (
	longestCard = 128 << 10 // bytes of a card, without what is passed over: pictures, sounds, keys
	mostOpen    = 4         // cards that have begun and not ended: one in another, or ends that are missing
)

// VCardReader reads contacts from vCards: 4.0 (RFC 6350), 3.0 (RFC 2426), and 2.1 as programs wrote it. It is used by
// one goroutine.
type VCardReader struct {
	Problems
	in   properties
	open []*card // the innermost last
	done []*card // that wait to be returned
	err  error
	from *bufio.Reader
}

// card is one that has begun.
type card struct {
	line     int
	text     bytes.Buffer // mended properties
	full     bool         // longestCard; more is passed over
	isGroup  bool         // a list of others, with nobody in it to be called
	finished bool
}

// NewVCardReader reads r in a code page, "" for what it is in: see newLines. The error is ErrCodePage.
func NewVCardReader(r io.Reader, codePage string) (*VCardReader, error) {
	l, err := newLines(r, codePage)
	if err != nil {
		return nil, err
	}
	return &VCardReader{in: properties{lines: l}, from: bufio.NewReader(nil)}, nil
}

// Next returns a contact and the line that its card begins in. The error is io.EOF after the last one, and otherwise
// the file's: what was read before it stands.
func (v *VCardReader) Next() (Contact, int, error) {
	for {
		for len(v.done) > 0 {
			c := v.done[0]
			v.done = v.done[1:]
			if contact, ok := v.contact(c); ok {
				return contact, c.line, nil
			}
		}
		if v.err != nil {
			return Contact{}, 0, v.err
		}
		v.step()
	}
}

// step reads one property.
func (v *VCardReader) step() {
	p, err := v.in.next()
	if err != nil {
		for range len(v.open) {
			v.end(false)
		}
		v.err = err
		return
	}
	switch {
	case p.is("BEGIN", "VCARD"):
		if len(v.open) == mostOpen {
			v.endAt(0, false)
		}
		v.open = append(v.open, &card{line: p.line})
	case p.is("END", "VCARD"):
		if len(v.open) == 0 {
			v.at(p.line, cause.ContactLineUnreadable, "END:VCARD")
			return
		}
		v.end(true)
	case len(v.open) > 0:
		v.property(v.open[len(v.open)-1], p)
	case p.body != nil && len(bytes.TrimSpace(p.head)) > 0:
		v.at(p.line, cause.ContactLineUnreadable, decoded(p.head))
	}
}

// end closes the innermost card, whole or not.
func (v *VCardReader) end(whole bool) { v.endAt(len(v.open)-1, whole) }

func (v *VCardReader) endAt(i int, whole bool) {
	c := v.open[i]
	v.open = slices.Delete(v.open, i, i+1)
	if c.finished = whole; !whole {
		v.at(c.line, cause.ContactCardUnfinished, "")
	}
	v.done = append(v.done, c)
}

// property takes what a contact is made of.
func (v *VCardReader) property(c *card, p property) {
	name := p.name()
	switch {
	case p.body == nil && !isBase64(p.head): // lines of a picture whose folds are not marked pass
		v.at(p.line, cause.ContactLineUnreadable, decoded(p.head))
		return
	case p.body == nil:
		return
	case name == "KIND" || name == "X-ADDRESSBOOKSERVER-KIND":
		c.isGroup = strings.EqualFold(string(bytes.TrimSpace(p.body)), "group")
		return
	case !isWanted(name, p.body):
		return
	}
	if p.cut {
		v.at(p.line, cause.ContactLineTooLong, name)
	}
	mended := p.mended(v.in.lines)
	if c.text.Len()+len(mended) > longestCard {
		if !c.full {
			v.at(p.line, cause.ContactCardTooLong, name)
		}
		c.full = true
		return
	}
	c.text.WriteString(mended)
	c.text.WriteString("\r\n")
}

// isWanted tells whether a contact is made of a property.
func isWanted(name string, body []byte) bool {
	switch name {
	case "FN", "N", "NICKNAME", "ORG", "UID", "TEL", "IMPP", "NOTE", "CATEGORIES", "X-ABLABEL", "X-EVOLUTION-STARRED",
		"X-FAVORITE", "X-FAVOURITE", "X-STARRED":
		return true
	}
	return isSIP(string(body[:min(len(body), longestText)])) || strings.HasPrefix(name, "X-") &&
		strings.Contains(name, "SIP") && len(body) <= longestText
}

// isSIP tells an address that telephones call by its scheme.
func isSIP(s string) bool {
	scheme, _, ok := strings.Cut(strings.ToLower(strings.TrimSpace(s)), ":")
	return ok && (scheme == "sip" || scheme == "sips" || scheme == "tel")
}

// isBase64 tells a line of a picture, or one without anything.
func isBase64(line []byte) bool {
	return len(bytes.Trim(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t")) == 0 &&
		(len(line) >= 20 || bytes.HasSuffix(line, []byte("=")) || len(bytes.TrimSpace(line)) == 0)
}

// contact makes one of a card, false where nobody can be called by it.
func (v *VCardReader) contact(c *card) (Contact, bool) {
	if c.isGroup {
		return Contact{}, false
	}
	v.from.Reset(io.MultiReader(strings.NewReader("BEGIN:VCARD\r\n"), &c.text, strings.NewReader("END:VCARD\r\n")))
	fields, err := vcard.NewDecoder(v.from).Decode()
	if err != nil {
		v.at(c.line, cause.ContactLineUnreadable, err.Error())
		return Contact{}, false
	}
	b := builder{contact: Contact{
		Name: nameIn(fields), Organisation: strings.Trim(strings.ReplaceAll(structured(fields, vcard.FieldOrganization),
			";", ", "), ", "),
		UID: fields.Value(vcard.FieldUID), Note: plain(fields.Value(vcard.FieldNote)), Favourite: isFavourite(fields),
	}}
	for _, f := range addressFields(fields) {
		value := strings.TrimSpace(plain(f.Value))
		line, _ := strconv.Atoi(f.Params.Get(lineParam))
		if err := b.addRead(labelIn(fields, f), value); err != nil && value != "" {
			v.address(line, value, err)
		}
	}
	contact, ok := b.done()
	if !ok {
		v.at(c.line, cause.ContactWithoutAddress, contact.Name)
	}
	return contact, ok
}

// addressFields are the fields that have addresses, in the order of the file save that preferred ones come first.
func addressFields(fields vcard.Card) []*vcard.Field {
	var all []*vcard.Field
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch name {
		case "FN", "N", "NICKNAME", "ORG", "UID", "NOTE", "CATEGORIES", "X-ABLABEL", "X-EVOLUTION-STARRED",
			"X-FAVORITE",
			"X-FAVOURITE", "X-STARRED":
			continue
		}
		for _, f := range fields[name] {
			if name != vcard.FieldIMPP || isSIP(f.Value) {
				all = append(all, f)
			}
		}
	}
	place := func(f *vcard.Field) int {
		n, err := strconv.Atoi(f.Params.Get(vcard.ParamPreferred))
		switch {
		case err == nil:
			return n
		case f.Params.HasType("pref"):
			return 1
		}
		return 101 // RFC 6350 section 5.3: 1 to 100
	}
	line := func(f *vcard.Field) int {
		n, _ := strconv.Atoi(f.Params.Get(lineParam))
		return n
	}
	slices.SortStableFunc(all, func(a, b *vcard.Field) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return line(a) - line(b)
	})
	return all
}

// nameIn is what people call whom a card is for.
func nameIn(fields vcard.Card) string {
	if fn := strings.TrimSpace(plain(fields.PreferredValue(vcard.FieldFormattedName))); fn != "" {
		return fn
	}
	if n := fields.Name(); n != nil {
		whole := strings.TrimSpace(strings.Join([]string{n.GivenName, n.AdditionalName, n.FamilyName}, " "))
		if whole != "" {
			return plain(strings.ReplaceAll(whole, ",", " "))
		}
	}
	if nick := strings.TrimSpace(plain(fields.Value(vcard.FieldNickname))); nick != "" {
		return nick
	}
	company, _, _ := strings.Cut(structured(fields, vcard.FieldOrganization), ";")
	return company
}

// structured is a value with its parts still parted by semicolons.
func structured(fields vcard.Card, name string) string {
	return strings.ReplaceAll(fields.Value(name), kept, ",")
}

// plain is a value that has no parts.
func plain(s string) string { return strings.ReplaceAll(s, kept, ";") }

// labelIn is the label of an address: the one beside it (Apple's X-ABLabel in the same group), or its types.
func labelIn(fields vcard.Card, f *vcard.Field) string {
	if f.Group != "" {
		for _, label := range fields["X-ABLABEL"] {
			if label.Group == f.Group {
				return strings.TrimSuffix(strings.TrimPrefix(plain(label.Value), "_$!<"), ">!$_")
			}
		}
	}
	var telling []string
	for _, t := range f.Params.Types() {
		switch t {
		case "pref", "voice", "internet", "msg", "text", "video", "sip", "":
		default:
			telling = append(telling, strings.TrimPrefix(t, "x-"))
		}
	}
	return strings.Join(telling, " ")
}

// isFavourite tells whether a card is marked: RFC 6350 has no property for it, so programs use these.
func isFavourite(fields vcard.Card) bool {
	for _, name := range []string{"X-FAVORITE", "X-FAVOURITE", "X-STARRED", "X-EVOLUTION-STARRED"} {
		if isYes(fields.Value(name)) {
			return true
		}
	}
	return slices.ContainsFunc(fields.Values(vcard.FieldCategories), isStarred)
}

// isStarred tells whether one of several categories or groups is that of the favourites.
func isStarred(categories string) bool {
	return slices.ContainsFunc(wordsOf(categories), func(word string) bool {
		switch word {
		case "starred", "favorite", "favorites", "favourite", "favourites", "favoriten", "favoris", "favoritos",
			"preferiti":
			return true
		}
		return false
	})
}

// isYes reads a flag.
func isYes(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "true", "yes", "y", "x", "*", "★", "on", "ja", "oui", "sí", "si", "sim", "tak", "да":
		return true
	}
	return false
}
