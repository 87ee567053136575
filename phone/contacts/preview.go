package contacts

import (
	"context"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

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
		m.learn(c, c.keys(), i)
	}
	return m
}

// learn makes a contact known, where nobody else is by the same.
func (m *matcher) learn(c Contact, keys []string, place int) {
	know := func(in map[string]int, key string) {
		if _, known := in[key]; !known && key != "" {
			in[key] = place
		}
	}
	know(m.byUID, c.UID)
	know(m.byName, NameKey(c.Name))
	for _, key := range keys {
		know(m.byKey, key)
	}
}

// judge finds the verdict on an item.
func (m *matcher) judge(p *Preview, i int) {
	item := &p.Items[i]
	keys := item.Read.keys()
	place, found := m.byUID[item.Read.UID]
	if !found {
		place, found = m.named(p, item.Read, keys)
	}
	if !found {
		for _, key := range keys {
			other, shared := m.byKey[key]
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
	m.learn(item.Read, keys, -1-i)
}

// named finds a contact of the same name: one that has an address of it too, where there are several.
func (m *matcher) named(p *Preview, read Contact, keys []string) (place int, found bool) {
	key := NameKey(read.Name)
	place, found = m.byName[key]
	if !found {
		return 0, false
	}
	for _, k := range keys {
		other, shared := m.byKey[k]
		if !shared {
			continue
		}
		if c := m.at(p, other); NameKey(c.Name) == key && !differ(c.Organisation, read.Organisation) {
			return other, true
		}
	}
	return place, !differ(m.at(p, place).Organisation, read.Organisation)
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
	if both, _, fits := merged(other, other.keys(), i.Read); fits && same(both, other) {
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

// keys are those of its addresses.
func (c Contact) keys() []string {
	keys := make([]string, len(c.Addresses))
	for i, a := range c.Addresses {
		keys[i] = Key(a.Text)
	}
	return keys
}

// merged is a contact, whose addresses have these keys, with what another knows more of the same person: a name that
// differs goes into the note. Nothing is lost; fits is false where there is no room for all of it.
func merged(c Contact, keys []string, more Contact) (both Contact, all []string, fits bool) {
	note, addresses := c.Note, slices.Clone(c.Addresses)
	all = slices.Clone(keys)
	for _, a := range more.Addresses {
		key := Key(a.Text)
		switch i := slices.Index(all, key); {
		case i >= 0 && addresses[i].Label == "":
			addresses[i].Label = a.Label
		case i >= 0:
		case len(all) >= mostOfOne:
			return c, keys, false
		default:
			all, addresses = append(all, key), append(addresses, a)
		}
	}
	c.Addresses = addresses
	c.Favourite = c.Favourite || more.Favourite
	if c.UID == "" {
		c.UID = more.UID
	}
	if c.Organisation == "" {
		c.Organisation = more.Organisation
	}
	if c.Name != more.Name && NameKey(c.Name) != NameKey(more.Name) && !isAddressOf(more.Name, all) {
		c.Note = withLine(c.Note, more.Name)
	}
	if c.Organisation != more.Organisation {
		c.Note = withLine(c.Note, more.Organisation)
	}
	c.Note = withLine(c.Note, more.Note)
	return c, all, c.Note == note || utf8.RuneCountInString(c.Note) <= longestNote
}

// isAddressOf tells a name that is but one of a contact's addresses, which have these keys.
func isAddressOf(name string, keys []string) bool {
	key := Key(name)
	return key != "" && slices.Contains(keys, key)
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
		changes := changes{
			preview: p, roots: make([]int, len(p.Items)), places: make([]int, len(p.Items)), kept: map[int64]int{},
		}
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
	keys    [][]string    // of the addresses of each of all, nil where nobody has asked yet
	roots   []int         // the item that each is joined to, itself where it is to none
	places  []int         // in all, of each item
	kept    map[int64]int // in all, of whom is kept already
}

// take takes an item, to which others that come after it may be joined.
func (c *changes) take(i int) {
	items := c.preview.Items
	item, root := &items[i], i
	if item.Into >= 0 && !item.Apart {
		root = c.roots[item.Into]
	}
	c.roots[i] = root
	with := items[root].With
	switch {
	case item.Skip:
	case root == i && (item.Apart || item.Verdict == New), item.Verdict == Merge && with.ID == 0 && c.places[root] == 0:
		c.places[root] = c.add(item.Read, nil)
	case item.Verdict != Merge:
	case with.ID == 0 || items[root].Apart:
		c.places[root] = c.join(c.places[root], item.Read, Contact{})
	default:
		c.kept[with.ID] = c.join(c.kept[with.ID], item.Read, with)
	}
}

// join joins more to the contact in a place, or where that is 0 to one that is kept already, and returns where it is:
// where that one is full it is a contact of its own, to which what follows is joined.
func (c *changes) join(place int, more, kept Contact) int {
	to, keys := kept, []string(nil)
	if place > 0 {
		to, keys = c.all[place-1], c.keys[place-1]
	}
	if keys == nil {
		keys = to.keys()
	}
	both, keys, fits := merged(to, keys, more)
	switch {
	case !fits || place == 0 && kept.ID == 0:
		return c.add(more, nil)
	case place == 0:
		return c.add(both, keys)
	}
	c.all[place-1], c.keys[place-1] = both, keys
	return place
}

// add returns the place of one more.
func (c *changes) add(one Contact, keys []string) int {
	c.all, c.keys = append(c.all, one), append(c.keys, keys)
	return len(c.all)
}
