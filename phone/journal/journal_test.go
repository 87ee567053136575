package journal

import (
	"strings"
	"sync"
	"testing"
	"time"

	"calla/phone/cause"
)

// told collects what a journal tells.
type told struct {
	mu      sync.Mutex
	counts  Counts
	trouble []*Trouble
	wake    chan struct{}
}

func (s *told) changed(c Counts) {
	s.mu.Lock()
	s.counts = c
	s.mu.Unlock()
	s.ring()
}

func (s *told) said(t *Trouble) {
	s.mu.Lock()
	s.trouble = append(s.trouble, t)
	s.mu.Unlock()
	s.ring()
}

func (s *told) ring() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// until waits until something has been told for which ok is true.
func (s *told) until(t *testing.T, what string, ok func(Counts, []*Trouble) bool) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		s.mu.Lock()
		done := ok(s.counts, s.trouble)
		s.mu.Unlock()
		if done {
			return
		}
		select {
		case <-s.wake:
		case <-limit:
			t.Fatalf("never %s; told %v", what, s.trouble)
		}
	}
}

func (s *told) faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Fault
	for _, t := range s.trouble {
		if t != nil {
			all = append(all, t.Fault)
		}
	}
	return all
}

// open opens the journal of a folder until the test ends.
func open(t testing.TB, dir string) (*Journal, *told) {
	t.Helper()
	return opened(t, Options{Dir: dir})
}

// opened opens a journal until the test ends.
func opened(t testing.TB, o Options) (*Journal, *told) {
	t.Helper()
	s := &told{wake: make(chan struct{}, 1)}
	o.Changed, o.Told = s.changed, s.said
	j := Open(o)
	t.Cleanup(j.Close)
	return j, s
}

// flush waits until all that was recorded is written.
func flush(t testing.TB, j *Journal) {
	t.Helper()
	if _, err := j.SaveContacts(t.Context(), []Contact{{Name: "flush"}}); err != nil {
		t.Fatal(err)
	}
}

func noon() time.Time { return time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC) }

// call is a call that was answered.
func call(name, address string, began time.Time) Call {
	return Call{
		AccountID: "a1", Account: "Desk", Incoming: true, Outcome: Answered, Name: name, Address: address,
		URI: "sip:" + address, Began: began, Rang: began.Add(time.Second), Answered: began.Add(2 * time.Second),
		Ended: began.Add(time.Minute), Cause: cause.Cause{Kind: cause.HungUpThere}, Code: 200, Codec: "opus",
	}
}

func record(t testing.TB, j *Journal, c Call) int64 {
	t.Helper()
	id, err := j.Record(c)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// names are those of a page of calls.
func names(t testing.TB, j *Journal, q CallQuery) string {
	t.Helper()
	page, _, err := j.Calls(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range page {
		all = append(all, c.Name)
	}
	return strings.Join(all, " ")
}
