// Package ladder draws call flows: who sent which message to whom, and when, as text.
//
//	 time  Alice                                   Bob
//	0.000  │── INVITE 1 (offer) ──────────────────▶│
//	0.010  │◀─ 180 INVITE 1 ───────────────────────│
//	0.020  ● ringing                               │
//
// What is drawn at random on the wire (tags, first numbers, Call-IDs) is left out or counted from the first one seen,
// so that the same flow looks the same each time: the golden ladders of netsip are compared octet by octet.
package ladder

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"calla/netsip/sip"
)

// Sheet collects the rows of a ladder. Rows may be added from any goroutine; its exported fields are set before.
type Sheet struct {
	Lanes []string          // left to right
	Start time.Time         // what times are counted from
	Show  []string          // header fields shown beside those that always are
	Names *strings.Replacer // what is random in header fields → what is shown; nil = nothing

	mu      sync.Mutex
	rows    []row
	seqs    map[string]uint32 // first CSeq of who asks in a Call-ID
	offered map[string]bool   // INVITEs by Call-ID and CSeq: had an offer
	rseqs   map[string]uint32 // first RSeq of a Call-ID
	calls   []string          // Call-IDs as first seen
}

// row is a message between two lanes, or a note at one.
type row struct {
	at       time.Time
	from, to int // equal: a note
	label    string
	beside   string
}

// New returns an empty Sheet.
func New(start time.Time, lanes ...string) *Sheet {
	return &Sheet{
		Lanes: lanes, Start: start,
		seqs: make(map[string]uint32), offered: make(map[string]bool), rseqs: make(map[string]uint32),
	}
}

// Lane is the place of a lane; -1 where there is none of that name.
func (s *Sheet) Lane(name string) int { return slices.Index(s.Lanes, name) }

// Message draws m on its way between two lanes.
func (s *Sheet) Message(at time.Time, from, to int, m *sip.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.calls, m.CallID()) {
		s.calls = append(s.calls, m.CallID())
	}
	s.rows = append(s.rows, row{at, from, to, s.label(m), s.beside(m)})
}

// Note draws what happens at one lane.
func (s *Sheet) Note(at time.Time, lane int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, row{at: at, from: lane, to: lane, label: text})
}

const laneWidth = 40 // characters

// Sort orders rows that several goroutines wrote: by time, messages before what follows from them.
func (s *Sheet) Sort() {
	s.mu.Lock()
	defer s.mu.Unlock()
	note := func(r row) int {
		if r.from == r.to {
			return 1 + r.from
		}
		return 0
	}
	slices.SortStableFunc(s.rows, func(a, b row) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(note(a), note(b)))
	})
}

// Keep leaves the rows in the order in which they were added: one that comes after a later one gets its time.
func (s *Sheet) Keep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 1; i < len(s.rows); i++ {
		if s.rows[i].at.Before(s.rows[i-1].at) {
			s.rows[i].at = s.rows[i-1].at
		}
	}
}

// Text draws the lanes and all rows.
func (s *Sheet) Text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out strings.Builder
	heads := blank(len(s.Lanes))
	for i, name := range s.Lanes {
		put(heads, i*laneWidth-min(i, 1)*len(name)/2, name)
	}
	fmt.Fprintf(&out, "    time  %s\n", strings.TrimRight(string(heads), " "))
	for _, r := range s.rows {
		fmt.Fprintf(&out, "%8.3f  %s\n", r.at.Sub(s.Start).Seconds(), s.line(r))
	}
	return out.String()
}

func blank(lanes int) []rune {
	return []rune(strings.Repeat(" ", (lanes-1)*laneWidth+60))
}

func put(line []rune, at int, text string) {
	for i, c := range []rune(text) {
		if at+i < len(line) {
			line[at+i] = c
		}
	}
}

// bullet marks a state; what a user does has its own mark.
func bullet(text string) string {
	if strings.HasPrefix(text, "»") {
		return text
	}
	return "● " + text
}

func (s *Sheet) line(r row) string {
	line := blank(len(s.Lanes))
	for i := range s.Lanes {
		put(line, i*laneWidth, "│")
	}
	if r.from == r.to {
		if last := len(s.Lanes) - 1; r.from == last && last > 0 {
			text := []rune(r.label + " ●")
			put(line, r.from*laneWidth-len(text)+1, string(text))
		} else {
			put(line, r.from*laneWidth, bullet(r.label))
		}
		return strings.TrimRight(string(line), " ")
	}
	left, right := min(r.from, r.to), max(r.from, r.to)
	for i := left*laneWidth + 1; i < right*laneWidth; i++ {
		line[i] = '─'
	}
	if r.to > r.from {
		line[right*laneWidth-1] = '▶'
	} else {
		line[left*laneWidth+1] = '◀'
	}
	put(line, left*laneWidth+3, " "+r.label+" ")
	text := strings.TrimRight(string(line), " ")
	if r.beside != "" {
		text += "  " + r.beside
	}
	return text
}
