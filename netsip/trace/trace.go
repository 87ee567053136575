// Package trace keeps the last messages that went over the wire, secrets masked, for whoever wants to see them: the
// log, the console, a ladder.
//
//	user agents ── Add ──▶ a ring, bounded in entries and octets ──▶ Subscriptions, each at its own pace
//
// Who adds never waits. A reader that is too slow finds its next entries overwritten, and is told how many.
package trace

import (
	"context"
	"sync"
	"time"
)

// Entry is one message or keep-alive on the wire.
type Entry struct {
	Time     time.Time
	Account  string // whose it is: the name of its Source
	Outgoing bool
	Server   string // URL of the flow
	Text     string // the message, secrets masked; bytes that are not text as they came
	Error    string // why an incoming message was refused; "" if it was not
}

// size is what an entry counts of the octets that a Trace may hold.
func (e *Entry) size() int { return len(e.Text) + len(e.Error) }

// Trace is the ring. Its methods may be called from any goroutine.
type Trace struct {
	entries, octets int // at most
	longest         int // octets of a message that are kept; 0 = all

	mu      sync.Mutex
	kept    []kept        // oldest first
	first   uint64        // serial number of kept[0]
	size    int           // octets in kept
	more    chan struct{} // closed with the next entry
	awaited bool          // somebody waits for more
}

// kept is an entry and who added it.
type kept struct {
	Entry
	source *Source
}

// New returns a Trace that keeps this many entries and octets of them at most, both above 0.
func New(entries, octets int) *Trace {
	return &Trace{entries: entries, octets: octets, more: make(chan struct{})}
}

// Cut has whoever adds keep the first lines of a message alone, of this many octets: a ladder shows no more, and
// strangers decide how long messages are. It is called before anything is added.
func (t *Trace) Cut(longest int) *Trace {
	t.longest = longest
	return t
}

// Longest is how many octets of a message are wanted; 0 = all.
func (s *Source) Longest() int { return s.trace.longest }

// Source is who adds entries: one user agent.
type Source struct {
	trace   *Trace
	account string
}

// Source returns a new one, whose entries name this account.
func (t *Trace) Source(account string) *Source { return &Source{t, account} }

// Add keeps an entry and wakes the readers. It does not wait for any. An entry that is larger than all that may be kept
// is missed by everybody.
func (s *Source) Add(e Entry) {
	t := s.trace
	e.Account = s.account
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, kept{e, s})
	t.size += e.size()
	n := 0
	for n < len(t.kept) && (len(t.kept)-n > t.entries || t.size > t.octets) {
		t.size -= t.kept[n].size()
		t.kept[n] = kept{} // the array may live on for a while
		n++
	}
	t.kept, t.first = t.kept[n:], t.first+uint64(n)
	if t.awaited {
		close(t.more)
		t.more, t.awaited = make(chan struct{}), false
	}
}

// Entries returns what is kept, oldest first.
func (t *Trace) Entries() []Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Entry, len(t.kept))
	for i := range t.kept {
		all[i] = t.kept[i].Entry
	}
	return all
}

// Subscription reads a Trace, one goroutine at a time. It is a place in it, which the Trace does not know of: who has
// read enough forgets it.
type Subscription struct {
	trace *Trace
	only  *Source // whose entries; nil = all
	next  uint64  // serial number of the entry to be read
}

// Subscribe reads what is added from now on and, with past, what is kept already before it.
func (t *Trace) Subscribe(past bool) *Subscription { return t.subscribe(nil, past) }

// Subscribe is that of the Trace, of this Source's entries alone.
func (s *Source) Subscribe(past bool) *Subscription { return s.trace.subscribe(s, past) }

func (t *Trace) subscribe(only *Source, past bool) *Subscription {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &Subscription{trace: t, only: only, next: t.first}
	if !past {
		s.next += uint64(len(t.kept))
	}
	return s
}

// Take returns the next entry and how many before it were missed, because they were overwritten before they were read;
// these may have been others' than the Subscription is for. Where there is none it returns false; missed may be above 0
// all the same.
func (s *Subscription) Take() (e Entry, missed int, ok bool) {
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	return s.take()
}

func (s *Subscription) take() (e Entry, missed int, ok bool) {
	t := s.trace
	if s.next < t.first {
		missed = int(t.first - s.next)
		s.next = t.first
	}
	for ; s.next < t.first+uint64(len(t.kept)); s.next++ {
		if k := &t.kept[s.next-t.first]; s.only == nil || k.source == s.only {
			s.next++
			return k.Entry, missed, true
		}
	}
	return Entry{}, missed, false
}

// Next is Take that waits for an entry. It returns the context's error when that ends.
func (s *Subscription) Next(ctx context.Context) (e Entry, missed int, err error) {
	t := s.trace
	for {
		t.mu.Lock()
		e, n, ok := s.take()
		more := t.more
		t.awaited = t.awaited || !ok
		t.mu.Unlock()
		missed += n
		if ok {
			return e, missed, nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return Entry{}, missed, ctx.Err()
		}
	}
}
