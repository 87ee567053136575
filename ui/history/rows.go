package history

import (
	"slices"
	"time"

	"calla/phone/journal"
)

const (
	pageRows = 60  // that are asked for at once
	mostRows = 300 // that are held, however long the history is
	nearEnd  = 15  // rows from an end at which more are asked for
)

// entry is what the list shows of a call. The rest is asked for when it is wanted.
type entry struct {
	id             int64
	accountID      string
	account        string // label
	incoming       bool
	outcome        journal.Outcome
	name, address  string
	uri, after     string
	began          time.Time
	length         time.Duration
	recorded, note bool
}

func entryOf(c journal.Call) entry {
	return entry{
		id: c.ID, accountID: c.AccountID, account: c.Account, incoming: c.Incoming, outcome: c.Outcome, name: c.Name,
		address: c.Address, uri: c.URI, after: c.After, began: c.Began, length: c.Length(), recorded: c.Recording != "",
		note: c.Note != "",
	}
}

// end is an end of what is held.
type end int

const (
	first end = iota // none: begin anew
	older
	newer
	again // what is held, as it is now
)

// rows is the part of the history that is held: newest first, with whether there is more at its ends.
type rows struct {
	all           []entry
	newer, older  bool
	asked, loaded bool // a page of them is on its way; one has come
}

// query is what to ask for at an end.
func (r *rows) query(q journal.CallQuery, at end) journal.CallQuery {
	q.Before, q.After, q.Limit = 0, 0, pageRows
	switch {
	case at == older && len(r.all) > 0:
		q.Before = r.all[len(r.all)-1].id
	case at == newer && len(r.all) > 0:
		q.After = r.all[0].id
	case at == again:
		q.Limit = max(pageRows, len(r.all))
		if r.newer {
			q.Before = r.all[0].id + 1
		}
	}
	return q
}

// take takes in a page that was asked for at an end. It returns how many rows have come above what was there; less than
// 0: so many have gone.
func (r *rows) take(page []journal.Call, more bool, at end) (above int) {
	fresh := make([]entry, len(page))
	for i, c := range page {
		fresh[i] = entryOf(c)
	}
	r.asked, r.loaded = false, true
	switch at {
	case first:
		*r = rows{all: fresh, older: more, loaded: true}
	case older:
		r.all, r.older = append(r.all, fresh...), more
		if gone := len(r.all) - mostRows; gone > 0 {
			r.all, r.newer = slices.Clone(r.all[gone:]), true
			return -gone
		}
	case newer:
		r.all, r.newer = append(fresh, r.all...), more
		if len(r.all) > mostRows {
			r.all, r.older = slices.Clone(r.all[:mostRows]), true
		}
		return len(fresh)
	case again:
		before := r.all
		r.all, r.older = fresh, more
		if len(before) > 0 {
			return max(0, slices.IndexFunc(fresh, func(e entry) bool { return e.id <= before[0].id }))
		}
	}
	return 0
}

// wants tells at which end more is to be asked for, where row i is in view.
func (r *rows) wants(i int) (end, bool) {
	switch {
	case r.asked:
	case r.older && i >= len(r.all)-nearEnd:
		return older, true
	case r.newer && i < nearEnd:
		return newer, true
	}
	return first, false
}

// at returns the row of a call, -1 where it is not held.
func (r *rows) at(id int64) int {
	return slices.IndexFunc(r.all, func(e entry) bool { return e.id == id })
}
