// Package contacts has whom one calls: what a contact is, how two ways to write one address are known to be the same,
// contacts read from vCards and tables and written to them, and what an import would change. It keeps nothing: that is
// the journal's.
//
// All that comes from a file is bounded, and streams: a reader holds one card, or one row, at a time. What can be read
// is read; what cannot is counted, and the first of it named by its line (Problems).
package contacts

import (
	"errors"
	"strings"

	"golang.org/x/text/unicode/norm"

	"calla/netsip/config"
	"calla/phone/safe"
)

// Contact is somebody who can be called. It is a value; its Addresses are never changed in place.
type Contact struct {
	ID           int64     `json:"id,omitempty"`  // where it is kept; 0 = nowhere yet
	UID          string    `json:"uid,omitempty"` // of the vCard it came from
	Name         string    `json:"name"`          // one line, not empty
	Organisation string    `json:"organisation,omitempty"`
	Addresses    []Address `json:"addresses"` // the preferred one first
	Favourite    bool      `json:"favourite,omitempty"`
	Note         string    `json:"note,omitempty"` // may have several lines
	Own          Own       `json:"-"`
}

// Address is a number or a SIP address of a contact.
type Address struct {
	Label string `json:"label,omitempty"` // one of Labels, or the user's own word; "" = none
	Text  string `json:"address"`         // as it was written, and as it is dialled
}

// Bounds of a contact, in characters; what is longer is cut.
const (
	longestName  = 200
	longestLabel = 40
	longestNote  = 4000
	longestText  = 512 // of an address, in bytes: longer ones are refused
	mostOfOne    = 30  // addresses of a contact
)

// Labels lists the labels that every program knows, by the names under which they are kept.
func Labels() []string {
	return []string{"mobile", "work", "home", "main", "fax", "work fax", "home fax", "pager", "other"}
}

// nowhere is the domain of what has none: a contact belongs to no account, and its numbers are called by whichever is
// chosen. No name can end so (RFC 6761 section 6.4).
const nowhere = "nowhere.invalid"

// ReadAddress checks what is written as an address by the rules for what is dialled, and returns how it is kept:
// without scheme and words around it where it had such, as written otherwise. The error is a *config.TargetError.
func ReadAddress(text string) (string, error) {
	if len(text) > longestText {
		return "", &config.TargetError{Text: safe.Line(text, longestName), Reason: "is too long"}
	}
	d, err := config.ParseDialled(text, nowhere)
	if err != nil {
		return "", err
	}
	text = strings.Join(strings.Fields(text), " ")
	if d.Left != "" || strings.ContainsAny(text, `@:<>"'`) || safe.Line(text, longestText) != text {
		text = d.Text(nowhere)
	}
	if safe.Line(text, longestText) != text {
		return "", &config.TargetError{
			Text:   safe.Line(text, longestName),
			Reason: "has characters that cannot be shown",
		}
	}
	return text, nil
}

// Clean returns a contact as it is kept: its texts fit to be shown and within their bounds, each address once, a name
// where it had none. ok is false when nobody could be called by it. why is of the first address that was left out.
func Clean(c Contact) (clean Contact, ok bool, why error) {
	b := builder{contact: c}
	b.contact.Addresses = nil
	for _, a := range c.Addresses {
		if err := b.add(a.Label, a.Text); err != nil && why == nil {
			why = err
		}
	}
	clean, ok = b.done()
	return clean, ok, why
}

// builder makes a contact of what is read.
type builder struct {
	contact Contact
	keys    []string
}

// add takes an address, once.
func (b *builder) add(label, text string) error {
	text, err := ReadAddress(text)
	if err != nil {
		return err
	}
	key := Key(text)
	for i, k := range b.keys {
		if k == key {
			if b.contact.Addresses[i].Label == "" {
				b.contact.Addresses[i].Label = cleanLabel(label)
			}
			return nil
		}
	}
	if len(b.keys) == mostOfOne {
		return tooManyAddresses{}
	}
	b.keys = append(b.keys, key)
	b.contact.Addresses = append(b.contact.Addresses, Address{cleanLabel(label), text})
	return nil
}

// addRead takes an address as it is in a file of another program: an extension that is written behind a number is kept
// as what is sent after the answer.
func (b *builder) addRead(label, text string) error {
	err := b.add(label, text)
	var target *config.TargetError
	if errors.As(err, &target) && target.IsExtension() {
		return b.add(label, target.Instead)
	}
	return err
}

// done returns the contact, false where it has no address.
func (b *builder) done() (Contact, bool) {
	c := b.contact
	if len(c.Addresses) == 0 {
		return c, false
	}
	c.UID = oneLine(c.UID, longestName)
	c.Organisation = oneLine(c.Organisation, longestName)
	c.Name = oneLine(c.Name, longestName)
	if c.Name == "" {
		c.Name = c.Addresses[0].Text
	}
	c.Note = strings.TrimSpace(safe.Text(norm.NFC.String(c.Note), longestNote))
	c.Own = c.Own.Clean()
	return c, true
}

// oneLine is a text of a file in one line that is fit to be shown.
func oneLine(s string, limit int) string {
	s = strings.Join(strings.Fields(norm.NFC.String(strings.ToValidUTF8(s, "\ufffd"))), " ")
	return safe.Line(s, limit)
}

func cleanLabel(s string) string {
	s = oneLine(s, longestLabel)
	if known := labelOf(s); known != "" {
		return known
	}
	return s
}

// labelOf returns which of Labels some words mean, in the languages in which programs write them; "" = none.
func labelOf(s string) string {
	var work, home, mobile, fax, main, pager, other bool
	for _, word := range wordsOf(s) {
		switch word {
		case "work", "business", "office", "company", "geschäftlich", "dienstlich", "arbeit", "firma", "büro",
			"travail",
			"professionnel", "bureau", "trabajo", "oficina", "lavoro", "ufficio", "werk", "trabalho", "praca",
			"работа", "рабочий", "служебный", "służbowy", "comercial", "arbete", "arbejde", "arbeid", "jobb", "iş",
			"i̇ş", "zaměstnání", "diensttelefon", "勤務先", "职场", "公司电话", "직장", "munkahelyi", "serviciu", "posao",
			"робочий", "служебен", "εργασία", "εργασίας", "feina", "kantor", "עבודה", "العمل", "ทำงาน":
			work = true
		case "home", "private", "privat", "personal", "zuhause", "domicile", "privé", "maison", "casa", "particular",
			"thuis", "dom", "домашний", "personnel", "abitazione", "residência", "domowy", "hem", "hjem", "hjemme",
			"ev", "domácí", "privattelefon", "自宅", "住宅", "家庭", "집", "otthoni", "acasă", "kućni", "домашній",
			"домашен", "σπίτι", "οικία", "rumah", "בית", "المنزل", "บ้าน":
			home = true
		case "mobile", "mobil", "cell", "cellular", "handy", "mobiltelefon", "mobilnummer", "iphone", "portable",
			"móvil", "movil", "cellulare", "mobiel", "celular", "komórka", "мобильный", "mobiele", "komórkowy",
			"telemóvel", "telemovel", "переносной", "сотовый", "cep", "mobilní", "携帯", "携帯電話", "携帯番号", "手机", "手机号",
			"手机号码", "手機", "行動電話", "移动电话", "휴대폰", "휴대전화", "핸드폰", "mobitel", "κινητό", "мобільний",
			"мобилен", "mòbil", "ponsel", "động", "נייד", "جوال", "الجوال", "موبايل", "موبایل", "मोबाइल", "มือถือ":
			mobile = true
		case "fax", "telefax", "faxnummer", "télécopie", "факс", "faks", "ファックス", "传真", "傳真", "팩스":
			fax = true
		case "main", "primary", "principal", "hauptnummer", "haupt", "zentrale", "switchboard", "основной",
			"haupttelefon":
			main = true
		case "pager", "beeper", "bleep":
			pager = true
		case "other", "andere", "anderer", "sonstige", "weitere", "autre", "otro", "altro", "overig", "outro", "inne",
			"другой", "weiteres", "weiterer", "annan", "andet", "その他", "其他":
			other = true
		case "phone", "tel", "telephone", "telefon", "voice", "number", "nummer", "no", "telefonu", "téléphone",
			"telefono", "teléfono", "telefone", "telefoon", "tél", "телефон", "festnetz", "telefonszám", "τηλέφωνο",
			"telefón", "telèfon", "telepon", "điện", "thoại", "di", "טלפון", "هاتف", "الهاتف", "تلفن", "โทรศัพท์":
		default:
			return ""
		}
	}
	switch {
	case fax && work:
		return "work fax"
	case fax && home:
		return "home fax"
	case fax:
		return "fax"
	case mobile:
		return "mobile"
	case pager:
		return "pager"
	case main:
		return "main"
	case work:
		return "work"
	case home:
		return "home"
	case other:
		return "other"
	}
	return ""
}
