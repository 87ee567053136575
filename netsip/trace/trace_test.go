package trace_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/trace"
)

// take reads all that can be read now: the texts, with how many were missed before each where there were any.
func take(s *trace.Subscription) string {
	var all []string
	for {
		e, missed, ok := s.Take()
		if missed > 0 {
			all = append(all, fmt.Sprintf("(%d)", missed))
		}
		if !ok {
			return strings.Join(all, " ")
		}
		all = append(all, e.Text)
	}
}

func add(s *trace.Source, texts ...string) {
	for _, text := range texts {
		s.Add(trace.Entry{Text: text})
	}
}

// TestReadersOfATraceReadEachForItself: what one has read, missed or left unread changes nothing for another.
func TestReadersOfATraceReadEachForItself(t *testing.T) {
	for _, c := range []struct {
		name            string
		entries, octets int
		add             string // a digit: that many octets of it by the first source; a letter by the second
		early, late     string // what they read in the end who subscribed before and after
		of              string // what a reader of the second source alone reads
	}{
		{"all is kept", 10, 100, "1 2 a 3", "1 22 a 333", "1 22 a 333", "a"},
		{"nothing", 10, 100, "", "", "", ""},
		{"more than its entries", 3, 100, "1 2 3 a 4", "(2) 333 a 4444", "333 a 4444", "(2) a"},
		{"more than its octets", 10, 8, "1 2 3 4", "(2) 333 4444", "333 4444", "(2)"},
		{"one that fills it", 10, 9, "1 2 9", "(2) 999999999", "999999999", "(2)"},
		{"one that is larger than all", 10, 8, "1 2 9", "(3)", "", "(3)"},
		{"after one that is larger than all", 10, 8, "1 9 b", "(2) b", "b", "(2) b"},
		{"one entry", 1, 100, "1 a b 2", "(3) 22", "22", "(3)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := trace.New(c.entries, c.octets)
			first, second := tr.Source("first"), tr.Source("second")
			early, of, now := tr.Subscribe(false), second.Subscribe(true), tr.Subscribe(false)
			for _, word := range strings.Fields(c.add) {
				if n := word[0] - '0'; n <= 9 {
					add(first, strings.Repeat(word, int(n)))
				} else {
					add(second, word)
				}
				take(now) // which keeps up, and takes nothing from the others
			}
			late, none := tr.Subscribe(true), tr.Subscribe(false)
			for _, r := range []struct {
				name string
				s    *trace.Subscription
				want string
			}{
				{"early", early, c.early},
				{"late", late, c.late},
				{"of one source", of, c.of},
				{"of what is to come", none, ""},
				{"early, again", early, ""},
			} {
				if got := take(r.s); got != r.want {
					t.Errorf("%s reads %q, want %q", r.name, got, r.want)
				}
			}
			if got := len(tr.Entries()); got != len(strings.Fields(c.late)) {
				t.Errorf("%d entries are kept", got)
			}
			add(second, "x")
			for _, s := range []*trace.Subscription{early, late, of, none, now} {
				if e, missed, ok := s.Take(); !ok || missed != 0 || e.Text != "x" || e.Account != "second" {
					t.Errorf("then %+v, %d missed, %v", e, missed, ok)
				}
			}
		})
	}
}

// TestNobodyWaitsForASlowReader: one reader sleeps a second over each entry, one keeps up, one never reads; who adds
// needs no time, and the slow one is told exactly what it missed.
func TestNobodyWaitsForASlowReader(t *testing.T) {
	const all = 1000
	synctest.Test(t, func(t *testing.T) {
		tr := trace.New(50, 1<<20)
		source := tr.Source("a")
		_ = tr.Subscribe(false)
		ctx, cancel := context.WithCancel(t.Context())
		var reading sync.WaitGroup
		read := func(wait time.Duration) (got, missed *int) {
			got, missed = new(int), new(int)
			s := tr.Subscribe(false)
			reading.Go(func() {
				for {
					e, n, err := s.Next(ctx)
					*missed += n
					if err != nil {
						return
					}
					if want := fmt.Sprint(*got + *missed); e.Text != want {
						t.Errorf("entry %s, want %s", e.Text, want)
					}
					*got++
					time.Sleep(wait)
				}
			})
			return got, missed
		}
		slow, slowMissed := read(time.Second)
		quick, quickMissed := read(0)
		start := time.Now()
		for i := range all {
			add(source, fmt.Sprint(i))
			if i%10 == 9 {
				synctest.Wait()
			}
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("adding took %v", d)
		}
		time.Sleep(2 * time.Minute)
		cancel()
		reading.Wait()
		if *quick != all || *quickMissed != 0 {
			t.Errorf("who keeps up read %d and missed %d", *quick, *quickMissed)
		}
		if *slow+*slowMissed != all || *slow < 50 || *slowMissed == 0 {
			t.Errorf("who is slow read %d and missed %d", *slow, *slowMissed)
		}
	})
}

func TestReaderEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := trace.New(1, 1).Subscribe(true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}
