package netsip

import (
	"cmp"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"calla/netsip/sip"
)

// Ladders: call flows drawn from what is on the wire, in virtual time, and compared octet by octet with the golden
// text in testdata/ladders. `go test ./netsip -run RFC -update` draws them again; docs/flows.md is made from them.

const ladderFolder = "testdata/ladders"

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the golden ladders instead of comparing with them")
	os.Exit(m.Run())
}

// plan is what stands on top of a ladder.
type plan struct {
	name  string   // of the file
	title string   // "RFC 3665 section 3.1, as caller: successful session establishment"
	rule  string   // what is held, in a line
	lanes []string // left to right, after Alice; nil = Bob
	show  []string // header fields shown beside those that always are
}

// sheet collects the rows of a ladder. It may be written to from any goroutine.
type sheet struct {
	plan
	start time.Time
	names *strings.Replacer // what is random → what is shown

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

func newSheet(p plan) *sheet {
	if p.lanes == nil {
		p.lanes = []string{"Bob"}
	}
	p.lanes = append([]string{"Alice"}, p.lanes...)
	return &sheet{
		plan: p, start: time.Now(), names: strings.NewReplacer(),
		seqs: make(map[string]uint32), offered: make(map[string]bool), rseqs: make(map[string]uint32),
	}
}

func (s *sheet) lane(name string) int { return slices.Index(s.lanes, name) }

// message draws m on its way.
func (s *sheet) message(at time.Time, from, to int, m *sip.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.calls, m.CallID()) {
		s.calls = append(s.calls, m.CallID())
	}
	s.rows = append(s.rows, row{at, from, to, s.label(m), s.beside(m)})
}

// note draws what happens at one lane.
func (s *sheet) note(at time.Time, lane int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, row{at: at, from: lane, to: lane, label: text})
}

// label is what stands on the arrow: "INVITE 1 (offer)", "200 INVITE 1 (answer)". CSeq counts from the first one seen of
// its sender.
func (s *sheet) label(m *sip.Message) string {
	seq, _ := m.CSeq()
	key := m.CallID() + " " + m.FromTag() // From names who asks, in responses too
	if seq.Method == "REGISTER" {         // which takes a new tag each time
		key = m.CallID()
	}
	first, known := s.seqs[key]
	if !known {
		first = seq.Seq
		s.seqs[key] = first
	}
	what := fmt.Sprintf("%s %d", seq.Method, int64(seq.Seq)-int64(first)+1)
	if !m.IsRequest() {
		what = fmt.Sprintf("%d %s", m.StatusCode, what)
	}
	if mark := s.description(m, seq); mark != "" {
		what += " (" + mark + ")"
	}
	return what
}

// description tells offers from answers (RFC 3264, RFC 3261 section 13.2.1, RFC 3262, RFC 3311) and shows a direction
// that is not sendrecv.
func (s *sheet) description(m *sip.Message, seq sip.CSeq) string {
	key := fmt.Sprint(m.CallID(), " ", seq.Seq)
	if seq.Method == "PRACK" || seq.Method == "UPDATE" {
		key += seq.Method
	}
	if !isSDP(m) {
		return ""
	}
	kind := "answer"
	switch {
	case m.IsRequest() && m.Method == "ACK":
	case m.IsRequest() && m.Method == "PRACK" && s.offered[m.CallID()+" reliable"]:
		s.offered[m.CallID()+" reliable"] = false
	case m.IsRequest():
		kind = "offer"
		s.offered[key] = true
	case !s.offered[key]:
		kind = "offer"
		s.offered[m.CallID()+" reliable"] = m.StatusCode < 200
	}
	for _, direction := range []string{"sendonly", "recvonly", "inactive"} {
		if strings.Contains(string(m.Body), "a="+direction) {
			kind += ", " + direction
		}
	}
	return kind
}

// beside gives the header fields that matter to a flow.
func (s *sheet) beside(m *sip.Message) string {
	names := []string{
		"Require", "RSeq", "RAck", "Reason", "Retry-After", "Min-Expires", "Unsupported",
		"Refer-To", "Replaces", "Event", "Subscription-State", "Record-Route", "Route", "Warning",
	}
	if seq, _ := m.CSeq(); seq.Method == "REGISTER" && (m.IsRequest() || m.StatusCode < 300) {
		names = append(names, "Contact")
	}
	var parts []string
	for _, name := range append(names, s.show...) {
		for _, value := range m.Lines(name) {
			parts = append(parts, name+": "+s.names.Replace(s.tame(m, name, value)))
		}
	}
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		if n := len(m.Lines(name)); n == 1 {
			parts = append(parts, name)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d × %s", n, name))
		}
	}
	if mediaType, _ := m.ContentType(); mediaType == "message/sipfrag" {
		line, _, _ := strings.Cut(string(m.Body), "\r\n")
		parts = append(parts, "“"+line+"”")
	}
	return strings.Join(parts, " · ")
}

// tame replaces what is drawn at random by what it stands for: tags are left out, numbers count from the first one seen,
// Replaces names a call of this ladder by its place.
func (s *sheet) tame(m *sip.Message, name, value string) string {
	counted := func(text string, first uint32) string {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return text
		}
		return strconv.FormatInt(int64(n)-int64(first)+1, 10)
	}
	switch name {
	case "RSeq":
		if n, err := strconv.ParseUint(value, 10, 32); err == nil && s.rseqs[m.CallID()] == 0 {
			s.rseqs[m.CallID()] = uint32(n)
		}
		return counted(value, s.rseqs[m.CallID()])
	case "RAck":
		if f := strings.Fields(value); len(f) == 3 {
			return counted(f[0], s.rseqs[m.CallID()]) + " " + counted(f[1], s.seqs[m.CallID()+" "+m.FromTag()]) + " " + f[2]
		}
	case "Event":
		if event, id, ok := strings.Cut(value, ";id="); ok {
			return event + ";id=" + counted(id, s.seqs[m.CallID()+" "+m.ToTag()])
		}
	case "Replaces", "Refer-To":
		head, named, ok := strings.Cut(value, "?Replaces=")
		if name == "Replaces" {
			head, named, ok = "", value, true
		}
		if !ok {
			return value
		}
		if text, err := url.PathUnescape(named); err == nil {
			named = text
		}
		early := ""
		if strings.Contains(named, "early-only") {
			early = ";early-only"
		}
		for i, id := range s.calls {
			if strings.HasPrefix(named, id+";") {
				named = fmt.Sprintf("call %d%s", i+1, early)
			}
		}
		if head != "" {
			return head + "?Replaces=" + strings.TrimSuffix(named, ">") + ">"
		}
		return named
	}
	value, _, _ = strings.Cut(value, ";tag=")
	return value
}

const laneWidth = 40

// sort orders rows that several goroutines wrote: by time, messages before what follows from them.
func (s *sheet) sort() {
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

// text draws all.
func (s *sheet) text(test string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out strings.Builder
	fmt.Fprintf(&out, "%s\nRule: %s\nTest: %s\n\n", s.title, s.rule, test)
	heads := blank(len(s.lanes))
	for i, name := range s.lanes {
		put(heads, i*laneWidth-min(i, 1)*len(name)/2, name)
	}
	fmt.Fprintf(&out, "    time  %s\n", strings.TrimRight(string(heads), " "))
	for _, r := range s.rows {
		fmt.Fprintf(&out, "%8.3f  %s\n", r.at.Sub(s.start).Seconds(), s.line(r))
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

func (s *sheet) line(r row) string {
	line := blank(len(s.lanes))
	for i := range s.lanes {
		put(line, i*laneWidth, "│")
	}
	if r.from == r.to {
		if last := len(s.lanes) - 1; r.from == last && last > 0 {
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

// compare holds the sheet against its golden file, or writes that.
func (s *sheet) compare(t *testing.T) {
	t.Helper()
	file := filepath.Join(ladderFolder, s.name+".txt")
	got := s.text(t.Name())
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.MkdirAll(ladderFolder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; draw it with -update:\n%s", err, got)
	}
	if got != string(want) {
		t.Errorf("%s is not what happened (draw it again with -update if that is right):\n%s\nwant\n%s", file, got, want)
	}
}
