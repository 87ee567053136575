package journal

import (
	"context"
	"errors"

	"calla/phone/contacts"
)

// Journal answers the phone's questions for people (phone.Contacts), and an import's.

// Who returns the contact that has an address with one of keys (contacts.Key), the first of them that anybody has; one
// without a name where nobody has.
func (j *Journal) Who(ctx context.Context, keys []string) (contacts.Contact, error) {
	for _, key := range keys {
		c, err := j.contactWith(ctx, key)
		if err == nil {
			return c.Person(), nil
		} else if !errors.Is(err, ErrNoRow) {
			return contacts.Contact{}, err
		}
	}
	return contacts.Contact{}, nil
}

// Alike tells whether a contact's name is like claimed (contacts.LooksLike).
func (j *Journal) Alike(ctx context.Context, claimed string) (bool, error) {
	for _, text := range []string{claimed, contacts.Plain(claimed)} {
		for _, word := range words(text) {
			found, err := j.named(ctx, word, claimed)
			if found || err != nil {
				return found, err
			}
		}
	}
	return false, nil
}

// named tells whether a contact with a word in its name is like claimed.
func (j *Journal) named(ctx context.Context, word, claimed string) (found bool, err error) {
	defer j.examine(&err)
	db, err := j.reading(ctx)
	if err != nil {
		return false, err
	}
	rows, err := db.QueryContext(ctx, `SELECT name FROM contacts WHERE id IN
		(SELECT rowid FROM contacts_text WHERE contacts_text MATCH ?)`, "{name digits} : "+word)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() && !found {
		var name string
		if err := rows.Scan(&name); err != nil {
			return false, err
		}
		found = contacts.LooksLike(claimed, name)
	}
	return found, errorsOf(rows)
}

// Everybody returns all contacts, for what compares them or writes them all.
func (j *Journal) Everybody(ctx context.Context) ([]contacts.Contact, error) {
	var all []contacts.Contact
	for q := (ContactQuery{Limit: 500}); ; {
		page, more, err := j.Contacts(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			all = append(all, c.Person())
		}
		if !more {
			return all, nil
		}
		q.After = &page[len(page)-1]
	}
}

// Person is the contact as it is read, written and compared.
func (c Contact) Person() contacts.Contact {
	p := contacts.Contact{
		ID: c.ID, UID: c.UID, Name: c.Name, Organisation: c.Organisation, Favourite: c.Favourite, Note: c.Note,
		Own: c.Own,
	}
	for _, a := range c.Addresses {
		p.Addresses = append(p.Addresses, contacts.Address{Label: a.Label, Text: a.Address})
	}
	return p
}

// ContactFor is a contact as it is kept.
func ContactFor(p contacts.Contact) Contact {
	c := Contact{
		ID: p.ID, UID: p.UID, Name: p.Name, Organisation: p.Organisation, Favourite: p.Favourite, Note: p.Note,
		Own: p.Own,
	}
	for _, a := range p.Addresses {
		c.Addresses = append(c.Addresses, ContactAddress{Address: a.Text, Label: a.Label})
	}
	return c
}
