package sip

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// sample is one message of testdata/corpus.txt.
type sample struct {
	name, want string
	data       []byte
}

func readCorpus(tb testing.TB) []sample {
	tb.Helper()
	text, err := os.ReadFile("testdata/corpus.txt")
	if err != nil {
		tb.Fatal(err)
	}
	notation := strings.NewReplacer("␀", "\x00", "␍", "\r", "→", "\t")
	var list []sample
	for section := range strings.SplitSeq(string(text), "\n== ") {
		head, message, _ := strings.Cut(section, "\n")
		name, want, ok := strings.Cut(head, " ")
		if !ok || len(list) == 0 && !strings.HasSuffix(section, "\n.") {
			continue // the explanation above the first message
		}
		message = strings.TrimSuffix(strings.TrimSuffix(message, "\n"), ".")
		if !strings.HasSuffix(name, "-lf") {
			message = strings.ReplaceAll(message, "\n", "\r\n")
		}
		list = append(list, sample{name, want, []byte(notation.Replace(message))})
	}
	if len(list) < 60 {
		tb.Fatalf("only %d messages in the corpus", len(list))
	}
	return list
}

// outcome says what Parse made of a message in the words of the corpus.
func outcome(err error) string {
	var pe *ParseError
	switch {
	case err == nil:
		return "ok"
	case !errors.As(err, &pe):
		return "not a ParseError: " + err.Error()
	case pe.StatusCode == 0:
		return "drop"
	}
	return fmt.Sprint(pe.StatusCode)
}

func TestParseCorpus(t *testing.T) {
	for _, s := range readCorpus(t) {
		t.Run(s.name, func(t *testing.T) {
			m, err := Parse(s.data)
			if got := outcome(err); got != s.want {
				t.Fatalf("got %s (%v), want %s", got, err, s.want)
			}
			if err == nil {
				checkRoundTrip(t, m)
			} else {
				checkAnswer(t, err.(*ParseError))
			}
		})
	}
}

// Each refusal names the section of RFC 3261 that rules it; only our own limits have none.
func TestRefusalsNameTheirSection(t *testing.T) {
	sections := map[string]bool{}
	for _, s := range readCorpus(t) {
		var pe *ParseError
		if _, err := Parse(s.data); errors.As(err, &pe) {
			sections[pe.Section] = true
			if len(pe.Faults) == 0 || len(pe.Faults) > maxFaults || pe.Faults[0] != (Fault{pe.Reason, pe.Section}) {
				t.Errorf("%s: %q of the faults %q", s.name, pe.Reason, pe.Faults)
			}
			if pe.Section == "" && !strings.Contains(pe.Reason, "too many") {
				t.Errorf("%s: %q names no section", s.name, pe.Reason)
			}
		}
	}
	for _, section := range []string{
		"7.1", "7.2", "7.3.1", "8.1.1", "8.1.1.5", "18.3", "19.1.1", "20.10", "20.14",
		"20.16", "20.42",
	} {
		if !sections[section] {
			t.Errorf("nothing is refused by section %s", section)
		}
	}
}

// checkRoundTrip holds that what is written is read as the same message, and written as the same octets.
func checkRoundTrip(tb testing.TB, m *Message) {
	tb.Helper()
	wire := m.Bytes()
	again, err := Parse(wire)
	if err != nil {
		tb.Fatalf("cannot read what was written: %v\n%q", err, wire)
	}
	if !m.Has("Content-Length") {
		again.Del("Content-Length")
	}
	m, again = m.Clone(), again.Clone()
	m.Oddities, again.Oddities = nil, nil // what was passed over is not written
	if len(again.Headers) != len(m.Headers) {
		tb.Fatalf("%d header fields became %d", len(m.Headers), len(again.Headers))
	}
	if !reflect.DeepEqual(m, again) {
		tb.Fatalf("changed by the round trip:\n%q\n%q", wire, again.Bytes())
	}
	if twice := again.Bytes(); m.Has("Content-Length") && !bytes.Equal(wire, twice) {
		tb.Fatalf("not byte-stable:\n%q\n%q", wire, twice)
	}
}

// checkAnswer holds that the response to a refused request is itself a message, and echoes what it must.
func checkAnswer(tb testing.TB, pe *ParseError) {
	tb.Helper()
	if pe.StatusCode == 0 {
		return
	}
	answer := NewResponse(pe.Message, pe.StatusCode, pe.Reason)
	for _, name := range []string{"Via", "To", "From", "Call-ID", "CSeq"} {
		if got, want := answer.Get(name), pe.Message.Get(name); got != want || got == "" {
			tb.Errorf("answer has %s %q, request %q", name, got, want)
		}
	}
	if answer.Has("Route") {
		tb.Error("answer has a Route")
	}
	wire := answer.Bytes()
	if n := bytes.Count(wire, []byte("\n")); n != len(answer.Headers)+3 {
		tb.Errorf("answer has %d lines for %d header fields:\n%q", n, len(answer.Headers), wire)
	}
}

func TestParseSurvivesTruncationAndFlips(t *testing.T) {
	var samples [][]byte
	for _, s := range readCorpus(t) {
		samples = append(samples, s.data)
	}
	for _, s := range readTorture(t, "rfc4475") {
		samples = append(samples, s.data)
	}
	for _, s := range readTorture(t, "rfc5118") {
		samples = append(samples, s.data)
	}
	start, n := time.Now(), 0
	step := 1
	if testing.Short() || raceDetector {
		step = 17
	}
	for _, data := range samples {
		for i := 0; i < len(data); i += step {
			tryAll(t, data[:i])
			flipped := bytes.Clone(data)
			for _, c := range []byte{0x00, 0x0d, 0xff} {
				flipped[i] = c
				tryAll(t, flipped)
			}
			n += 4
		}
	}
	t.Logf("%d messages in %v", n, time.Since(start))
}

// tryAll parses data and, where that gives a message, reads every typed value of it.
func tryAll(tb testing.TB, data []byte) {
	m, err := Parse(data)
	if err != nil {
		checkAnswer(tb, err.(*ParseError))
		return
	}
	readEverything(m)
	checkRoundTrip(tb, m)
}

func readEverything(m *Message) {
	_, _ = m.From()
	_, _ = m.To()
	_, _, _, _ = m.FromTag(), m.ToTag(), m.CallID(), m.IsRequest()
	_, _ = m.CSeq()
	_, _ = m.TopVia()
	_, _ = m.Vias()
	_, _ = m.Contacts()
	_, _ = m.ContentType()
	for _, h := range m.Headers {
		_, _ = m.Addresses(h.Name)
		_, _, _ = m.Uint(h.Name)
		_ = m.Values(h.Name)
		_, _ = ParseChallenges(h.Value)
	}
	_, _ = m.RequestURI.UserDecoded(), m.RequestURI.Equal(m.RequestURI)
}
