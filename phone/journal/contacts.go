package journal

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"calla/phone/contacts"
)

// Contact is a person, or a thing with a number.
type Contact struct {
	ID           int64 // 0 for one that is not kept yet
	UID          string
	Name         string
	Organisation string
	Note         string
	Favourite    bool
	Addresses    []ContactAddress // in the order in which they are shown
	Own          contacts.Own     // for its calls
}

// ContactAddress is a number or an address of a contact.
type ContactAddress struct {
	Address string // as it was entered
	Label   string // home, work, …; "" for none
}

// Limits of what is kept of contacts.
const (
	mostAddresses  = 50 // of a contact
	contactsAtOnce = 500
)

// SaveContact keeps a contact, in the place of the one with its ID, and returns its ID: ErrNoRow where that one is
// gone.
func (j *Journal) SaveContact(ctx context.Context, c Contact) (id int64, err error) {
	err = j.do(ctx, job{part: partContacts, do: func(tx *sql.Tx) (err error) {
		id, err = saveContact(tx, c)
		return err
	}})
	return id, err
}

// SaveContacts keeps many contacts, in portions between which others' changes go on. It returns how many were kept,
// all of them or those before the error.
func (j *Journal) SaveContacts(ctx context.Context, all []Contact) (kept int, err error) {
	for portion := range slices.Chunk(all, contactsAtOnce) {
		err := j.do(ctx, job{part: partContacts, do: func(tx *sql.Tx) error {
			for _, c := range portion {
				if _, err := saveContact(tx, c); err != nil {
					return err
				}
			}
			return nil
		}})
		if err != nil {
			return kept, err
		}
		kept += len(portion)
	}
	return kept, nil
}

func saveContact(tx *sql.Tx, c Contact) (int64, error) {
	c = c.bounded()
	addresses, digits := c.searched()
	values := []any{
		whole(c.UID, longestURI), c.Name, c.Organisation, c.Note, c.Favourite, sorted(c), addresses, digits,
		c.Own.Ringtone, c.Own.Answer, c.Own.After, c.Own.Record,
	}
	if c.ID == 0 {
		r, err := tx.Exec(`INSERT INTO contacts (uid, name, organisation, note, favourite, sorted, addresses, digits,
			ringtone, answer, after, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, values...)
		if err != nil {
			return 0, err
		}
		if c.ID, err = r.LastInsertId(); err != nil {
			return 0, err
		}
	} else {
		err := one(tx.Exec(`UPDATE contacts SET uid = ?, name = ?, organisation = ?, note = ?, favourite = ?,
			sorted = ?, addresses = ?, digits = ?, ringtone = ?, answer = ?, after = ?, record = ? WHERE id = ?`,
			append(values, c.ID)...))
		if err != nil {
			return 0, err
		}
		if _, err := tx.Exec("DELETE FROM contact_addresses WHERE contact = ?", c.ID); err != nil {
			return 0, err
		}
	}
	for i, a := range c.Addresses {
		_, err := tx.Exec(`INSERT INTO contact_addresses (contact, place, address, label, person)
			VALUES (?, ?, ?, ?, ?)`, c.ID, i, a.Address, a.Label, Person(a.Address))
		if err != nil {
			return 0, err
		}
	}
	return c.ID, nil
}

// bounded is a contact as it is kept.
func (c Contact) bounded() Contact {
	c.Name, c.Organisation = cut(c.Name, longestName), cut(c.Organisation, longestName)
	c.Note = cut(c.Note, longestNote)
	c.Own = c.Own.Clean()
	var kept []ContactAddress
	for _, a := range c.Addresses {
		if address := cut(strings.TrimSpace(a.Address), longestAddress); address != "" && len(kept) < mostAddresses {
			kept = append(kept, ContactAddress{address, cut(a.Label, longestName)})
		}
	}
	c.Addresses = kept
	return c
}

// searched is what the index has of the addresses, and other spellings of the texts.
func (c Contact) searched() (addresses, digits string) {
	var all, ends []string
	for _, a := range c.Addresses {
		all, ends = append(all, a.Address), append(ends, digitsOf(a.Address))
	}
	return strings.Join(all, " "), foundBy(strings.Join(ends, " "), c.Name, c.Organisation, c.Note)
}

// sorted is the name as lists are sorted by it; those without a name come by what else they have.
func sorted(c Contact) string {
	name := strings.TrimSpace(c.Name)
	if name == "" {
		name = strings.TrimSpace(c.Organisation)
	}
	if name == "" && len(c.Addresses) > 0 {
		name = c.Addresses[0].Address
	}
	return strings.ToLower(name)
}

// DeleteContact deletes a contact. Nothing of it stays in the file.
func (j *Journal) DeleteContact(ctx context.Context, id int64) error {
	return j.do(ctx, job{part: partContacts, after: emptyLog, do: func(tx *sql.Tx) error {
		return one(tx.Exec("DELETE FROM contacts WHERE id = ?", id))
	}})
}

// DeleteContacts deletes all contacts. Nothing of them stays in the file.
func (j *Journal) DeleteContacts(ctx context.Context) error {
	return j.do(ctx, job{part: partContacts, after: compact, do: func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM contact_addresses"); err != nil {
			return err
		}
		return clearSearchable(tx, "contacts")
	}})
}

// MergeContacts puts others into one: it gets the addresses that it has not, their notes, and what it lacks; they go.
func (j *Journal) MergeContacts(ctx context.Context, into int64, others ...int64) error {
	return j.do(ctx, job{part: partContacts, after: emptyLog, do: func(tx *sql.Tx) error {
		whole, err := contactIn(tx, into)
		if err != nil {
			return err
		}
		for _, id := range others {
			if id == into {
				continue
			}
			other, err := contactIn(tx, id)
			if err != nil {
				return err
			}
			whole = whole.With(other)
			if err := one(tx.Exec("DELETE FROM contacts WHERE id = ?", id)); err != nil {
				return err
			}
		}
		_, err = saveContact(tx, whole)
		return err
	}})
}

// With is a contact with what another has beyond it.
func (c Contact) With(other Contact) Contact {
	c.Addresses = slices.Clone(c.Addresses)
	for _, a := range other.Addresses {
		same := func(b ContactAddress) bool { return Person(b.Address) == Person(a.Address) }
		if !slices.ContainsFunc(c.Addresses, same) {
			c.Addresses = append(c.Addresses, a)
		}
	}
	for _, part := range []struct {
		to   *string
		from string
	}{{&c.UID, other.UID}, {&c.Name, other.Name}, {&c.Organisation, other.Organisation}} {
		if *part.to == "" {
			*part.to = part.from
		}
	}
	switch {
	case c.Note == "":
		c.Note = other.Note
	case other.Note != "" && !strings.Contains(c.Note, other.Note):
		c.Note += "\n" + other.Note
	}
	c.Favourite = c.Favourite || other.Favourite
	c.Own = c.Own.With(other.Own)
	return c
}

// ContactQuery says which contacts are asked for, by name; those that match a text in that order too.
type ContactQuery struct {
	Text      string   // as it is typed: names, organisations, notes, addresses, numbers in any spelling
	Favourite bool     // favourites alone
	After     *Contact // behind this one, the last of the page before; nil = the first page
	Limit     int      // at most 500; 0 = 50
}

const contactColumns = "c.id, c.uid, c.name, c.organisation, c.note, c.favourite <> 0, c.ringtone, c.answer, " +
	"c.after, c.record"

// Contacts returns a page of contacts, and whether there are more behind it.
func (j *Journal) Contacts(ctx context.Context, q ContactQuery) (page []Contact, more bool, err error) {
	defer j.examine(&err)
	db, err := j.reading(ctx)
	if err != nil {
		return nil, false, err
	}
	s := selection{from: "contacts c", id: "c.id"}
	if q.Text != "" {
		match, ok := matching(q.Text, "name note")
		if !ok {
			return nil, false, nil
		}
		s.where("c.id IN (SELECT rowid FROM contacts_text WHERE contacts_text MATCH ?)", match)
	}
	if q.Favourite {
		s.where("c.favourite = ?", 1)
	}
	if q.After != nil {
		// by what its row says, which another program may have made of its name
		s.terms = append(s.terms, "(c.sorted, c.id) > (ifnull((SELECT sorted FROM contacts WHERE id = ?), ?), ?)")
		s.values = append(s.values, q.After.ID, sorted(*q.After), q.After.ID)
	}
	n := limit(q.Limit)
	if page, err = contactRows(ctx, db, s.sorted("c.sorted, c.id", n+1), s.values...); err != nil {
		return nil, false, err
	}
	if more = len(page) > n; more {
		page = page[:n]
	}
	return page, more, nil
}

// Contact returns one contact: ErrNoRow where there is none.
func (j *Journal) Contact(ctx context.Context, id int64) (c Contact, err error) {
	defer j.examine(&err)
	db, err := j.reading(ctx)
	if err != nil {
		return Contact{}, err
	}
	return first(contactRows(ctx, db, " FROM contacts c WHERE c.id = ?", id))
}

// ContactOf returns the contact that an address belongs to, in whatever spelling, the one that was made first where
// several have it: ErrNoRow where nobody has it.
func (j *Journal) ContactOf(ctx context.Context, address string) (Contact, error) {
	return j.contactWith(ctx, Person(address))
}

// contactWith returns the contact that has an address with a key.
func (j *Journal) contactWith(ctx context.Context, key string) (c Contact, err error) {
	defer j.examine(&err)
	db, err := j.reading(ctx)
	if err != nil {
		return Contact{}, err
	}
	return first(contactRows(ctx, db, ` FROM contacts c WHERE c.id IN
		(SELECT contact FROM contact_addresses WHERE person = ?) ORDER BY c.id LIMIT 1`, key))
}

// ContactsWith returns the contacts that share an address, the UID or the name with c, at most 10 of them and none
// with its ID: they may be the same person.
func (j *Journal) ContactsWith(ctx context.Context, c Contact) (found []Contact, err error) {
	defer j.examine(&err)
	db, err := j.reading(ctx)
	if err != nil {
		return nil, err
	}
	c = c.bounded()
	terms, values := []string{"(c.uid <> '' AND c.uid = ?)"}, []any{c.ID, c.UID}
	if c.Name != "" {
		terms, values = append(terms, "(c.sorted = ? AND c.name <> '')"), append(values, sorted(c))
	}
	for _, a := range c.Addresses {
		terms = append(terms, "c.id IN (SELECT contact FROM contact_addresses WHERE person = ?)")
		values = append(values, Person(a.Address))
	}
	return contactRows(ctx, db, " FROM contacts c WHERE c.id <> ? AND ("+strings.Join(terms, " OR ")+
		") ORDER BY c.id LIMIT 10", values...)
}

func first(found []Contact, err error) (Contact, error) {
	if err == nil && len(found) == 0 {
		err = ErrNoRow
	}
	if err != nil {
		return Contact{}, err
	}
	return found[0], nil
}

// asker is a connection, or a transaction.
type asker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func contactIn(tx *sql.Tx, id int64) (Contact, error) {
	return first(contactRows(context.Background(), tx, " FROM contacts c WHERE c.id = ?", id))
}

// contactRows reads contacts with their addresses.
func contactRows(ctx context.Context, db asker, rest string, values ...any) ([]Contact, error) {
	rows, err := db.QueryContext(ctx, "SELECT "+contactColumns+rest, values...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Contact
	at := map[int64]int{}
	for rows.Next() {
		var c Contact
		if err := rows.Scan(&c.ID, &c.UID, &c.Name, &c.Organisation, &c.Note, &c.Favourite, &c.Own.Ringtone,
			&c.Own.Answer, &c.Own.After, &c.Own.Record); err != nil {
			return nil, err
		}
		c.Own = c.Own.Clean() // whoever wrote it
		at[c.ID] = len(found)
		found = append(found, c)
	}
	if err := errorsOf(rows); err != nil || len(found) == 0 {
		return nil, err
	}
	ids := make([]any, 0, len(found))
	for _, c := range found {
		ids = append(ids, c.ID)
	}
	addresses, err := db.QueryContext(ctx, "SELECT contact, address, label FROM contact_addresses WHERE contact IN (?"+
		strings.Repeat(", ?", len(ids)-1)+") ORDER BY contact, place", ids...)
	if err != nil {
		return nil, err
	}
	defer addresses.Close()
	for addresses.Next() {
		var id int64
		var a ContactAddress
		if err := addresses.Scan(&id, &a.Address, &a.Label); err != nil {
			return nil, err
		}
		c := &found[at[id]]
		c.Addresses = append(c.Addresses, a)
	}
	return found, addresses.Err()
}

// errorsOf ends rows and returns what went wrong in them.
func errorsOf(rows *sql.Rows) error {
	if err := rows.Err(); err != nil {
		return err
	}
	return rows.Close()
}
