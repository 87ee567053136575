package contacts

import (
	"context"
	"io"
	"iter"
	"slices"
	"strings"

	"calla/phone/cause"
)

// mostRead bounds the contacts of one import.
const mostRead = 250_000

// Verdict says what an import would do with a contact.
type Verdict string

// The verdicts.
const (
	New   Verdict = "new"   // nobody is like it
	Same  Verdict = "same"  // all that it has is there already
	Merge Verdict = "merge" // somebody is like it, and would get what is new
)

// Item is a contact of a file, and what would be done with it.
type Item struct {
	Read    Contact // as the file has it
	Line    int
	Verdict Verdict
	With    Contact // whom it is the same as, or merges with; its ID is 0 where that is one of the same file
	Into    int     // the place of that among the items, -1 where it is kept already
	Shares  string  // the name of another contact with one of its addresses, that it is not taken for; "" = none

	// What the user has chosen instead.
	Skip  bool // leave it out
	Apart bool // keep it as a contact of its own
}

// Preview is what an import would change. Nothing is changed by it: Changes is what is to be kept once the user agrees.
type Preview struct {
	Items    []Item
	Unread   Problems // what of the file could not be read
	Cut      error    // why the file ended early; nil: it did not
	existing []Contact
}

// Counts of the verdicts.
func (p *Preview) Counts() map[Verdict]int {
	counts := map[Verdict]int{}
	for i := range p.Items {
		counts[p.Items[i].Verdict]++
	}
	return counts
}

// ReadPreview reads a file to its end and compares it with all contacts there are. It takes as long as the file is
// large, so it is not for the loop; ctx ends it early, with its error.
//
// A contact is taken for another that has the same UID, or the same name (NameKey), or the same address (Key). An
// address alone says less than a name: several people share a switchboard's number. So contacts of one file with
// different names stay apart, and so does one that shares an address with somebody kept when others of the file do.
func ReadPreview(ctx context.Context, r Reader, existing []Contact) (*Preview, error) {
	p := &Preview{existing: existing}
	m := newMatcher(existing)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c, line, err := r.Next()
		if err == io.EOF {
			break
		} else if err != nil {
			p.Cut = err // such as that the disk cannot be read: what has come stands
			break
		}
		if len(p.Items) == mostRead {
			r.Unread().at(line, cause.ContactsTooMany, c.Name)
			break
		}
		c.ID = 0
		p.Items = append(p.Items, Item{Read: c, Line: line, Into: -1})
		m.judge(p, len(p.Items)-1)
	}
	m.settle(p)
	p.Unread = *r.Unread()
	return p, nil
}

// matcher finds whom a contact is like. Places from 0 on are contacts that are kept, those below items: -1 the first.
type matcher struct {
	byUID, byName, byKey map[string]int
	alone                map[int][]int // items that share but an address with somebody kept
}

func newMatcher(existing []Contact) *matcher {
	m := &matcher{map[string]int{}, map[string]int{}, map[string]int{}, map[int][]int{}}
	for i, c := range existing {
		m.learn(c, i)
	}
	return m
}

// learn makes a contact known, where nobody else is by the same.
func (m *matcher) learn(c Contact, place int) {
	know := func(in map[string]int, key string) {
		if _, known := in[key]; !known && key != "" {
			in[key] = place
		}
	}
	know(m.byUID, c.UID)
	know(m.byName, NameKey(c.Name))
	for _, a := range c.Addresses {
		know(m.byKey, Key(a.Text))
	}
}

// judge finds the verdict on an item.
func (m *matcher) judge(p *Preview, i int) {
	item := &p.Items[i]
	place, found := m.byUID[item.Read.UID]
	if !found {
		place, found = m.byName[NameKey(item.Read.Name)]
		found = found && !differ(m.at(p, place).Organisation, item.Read.Organisation)
	}
	if !found {
		for _, a := range item.Read.Addresses {
			other, shared := m.byKey[Key(a.Text)]
			if !shared {
				continue
			}
			item.Shares = m.at(p, other).Name
			if other >= 0 && !found {
				place, found = other, true
				m.alone[other] = append(m.alone[other], i)
			}
		}
	}
	if found {
		item.with(m.at(p, place), place)
	} else {
		item.Verdict = New
	}
	m.learn(item.Read, -1-i)
}

// differ tells names of two organisations: the reception of one is not that of the other.
func differ(a, b string) bool { return a != "" && b != "" && NameKey(a) != NameKey(b) }

// at is the contact in a place.
func (m *matcher) at(p *Preview, place int) Contact {
	if place >= 0 {
		return p.existing[place]
	}
	return p.Items[-1-place].Read
}

// with is that an item is taken for a contact.
func (i *Item) with(other Contact, place int) {
	i.With, i.Into, i.Shares = other, -1, ""
	if place < 0 {
		i.Into = -1 - place
	}
	i.Verdict = Merge
	if same(merged(other, i.Read), other) {
		i.Verdict = Same
	}
}

// settle keeps those apart who share an address with somebody kept, and have names of their own, where they are
// several.
func (m *matcher) settle(p *Preview) {
	for place, items := range m.alone {
		if len(items) < 2 {
			continue
		}
		for _, i := range items {
			item := &p.Items[i]
			item.Verdict, item.With, item.Into, item.Shares = New, Contact{}, -1, p.existing[place].Name
		}
	}
}

// merged is a contact with what another knows more of the same person. Nothing is lost: a name that differs goes into
// the note.
func merged(c, more Contact) Contact {
	b := builder{contact: c}
	b.contact.Addresses = nil
	for _, a := range slices.Concat(c.Addresses, more.Addresses) {
		_ = b.add(a.Label, a.Text) // each has been read before, save those over mostOfOne
	}
	c.Addresses = b.contact.Addresses
	c.Favourite = c.Favourite || more.Favourite
	if c.UID == "" {
		c.UID = more.UID
	}
	if c.Organisation == "" {
		c.Organisation = more.Organisation
	}
	if NameKey(c.Name) != NameKey(more.Name) && !isAddressOf(more.Name, c) {
		c.Note = withLine(c.Note, more.Name)
	}
	if c.Organisation != more.Organisation {
		c.Note = withLine(c.Note, more.Organisation)
	}
	c.Note = withLine(c.Note, more.Note)
	return c
}

// isAddressOf tells a name that is but one of a contact's addresses.
func isAddressOf(name string, c Contact) bool {
	key := Key(name)
	return key != "" && slices.ContainsFunc(c.Addresses, func(a Address) bool { return Key(a.Text) == key })
}

// withLine is a note with a text, where it has not got it yet.
func withLine(note, text string) string {
	if text == "" || strings.Contains(note, text) {
		return note
	}
	return strings.TrimSpace(note + "\n" + text)
}

// same tells whether two contacts say the same, but for their IDs.
func same(a, b Contact) bool {
	return a.Name == b.Name && a.UID == b.UID && a.Organisation == b.Organisation && a.Favourite == b.Favourite &&
		a.Note == b.Note && slices.Equal(a.Addresses, b.Addresses)
}

// Changes are the contacts to be kept: those with an ID take the place of the one that has it, the others are new.
func (p *Preview) Changes() iter.Seq[Contact] {
	return func(yield func(Contact) bool) {
		changes := changes{preview: p, places: make([]int, len(p.Items)), kept: map[int64]int{}}
		for i := range p.Items {
			changes.take(i)
		}
		for _, c := range changes.all {
			c, ok, _ := Clean(c)
			if ok && !yield(c) {
				return
			}
		}
	}
}

// changes are what becomes of the items of a preview. Places count from 1; 0 is nowhere.
type changes struct {
	preview *Preview
	all     []Contact
	places  []int         // in all, of each item
	kept    map[int64]int // in all, of whom is kept already
}

// take takes an item, to which others that come after it may be joined.
func (c *changes) take(i int) {
	items := c.preview.Items
	item, root := &items[i], i
	for items[root].Into >= 0 && !items[root].Apart {
		root = items[root].Into
	}
	with := items[root].With
	switch {
	case item.Skip:
	case root == i && (item.Apart || item.Verdict == New), item.Verdict == Merge && with.ID == 0 && c.places[root] == 0:
		c.all = append(c.all, item.Read)
		c.places[root] = len(c.all)
	case item.Verdict != Merge:
	case with.ID == 0 || items[root].Apart:
		c.join(c.places[root], item.Read)
	default:
		if c.kept[with.ID] == 0 {
			c.all = append(c.all, with)
			c.kept[with.ID] = len(c.all)
		}
		c.join(c.kept[with.ID], item.Read)
	}
}

func (c *changes) join(place int, more Contact) { c.all[place-1] = merged(c.all[place-1], more) }
