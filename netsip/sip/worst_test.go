package sip

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// worstMessages gives, by name, messages of a size that cost the most to read: floods of header fields, folds, long
// comma lists, quotes without an end. Each has an accessor that reads the hostile part.
func worstMessages(size int) map[string]worst {
	fill := func(prefix, unit string) string {
		return prefix + strings.Repeat(unit, (size-600-len(prefix))/len(unit))
	}
	all := map[string]worst{
		"one long value":   {fill("X: ", "a"), values("X")},
		"folds":            {fill("X: a", "\r\n a"), values("X")},
		"empty folds":      {fill("X: a", "\r\n "), values("X")},
		"via list":         {fill("Via: SIP/2.0/WS a", ",SIP/2.0/WS a"), vias},
		"via parameters":   {fill("Via: SIP/2.0/WS a", ";a"), vias},
		"route list":       {fill("Route: <sip:a>", ",<sip:a>"), addresses("Route")},
		"record-route":     {fill("Record-Route: <sip:a>", ",<sip:a>"), values("Record-Route")},
		"contact list":     {fill("Contact: <sip:a>", ",<sip:a>"), contacts},
		"bare contacts":    {fill("Contact: sip:a", ",sip:a"), contacts},
		"quotes":           {fill("Contact: ", `"`), contacts},
		"escapes":          {fill(`Contact: "`, `\"`), contacts},
		"brackets":         {fill("Contact: ", "<"), contacts},
		"commas":           {fill("Contact: ", ","), contacts},
		"commas of values": {fill("Require: ", ","), values("Require")},
		"option tags":      {fill("Require: a", ",a"), values("Require")},
		"parameters":       {fill("Contact: <sip:a@b>", ";a"), contacts},
		"URI parameters":   {fill("Contact: <sip:a@b", ";a") + ">", contacts},
		"lines":            {fill("X: a", "\r\nX: a"), values("X")}, // more than 10,000
		"empty lines":      {fill("X:", "\r\nX:"), values("X")},
		"compact names":    {fill("m: <sip:a>", "\r\nm: <sip:a>"), contacts},
		"headers of a URI": {fill("Contact: <sip:a@b?", "a=%41&") + ">", contacts},
		"challenge":        {fill("WWW-Authenticate: Digest ", "a=b,"), challenges},
		"schemes":          {fill("WWW-Authenticate: ", "a,"), challenges},
		"content type":     {fill("Content-Type: a/b", ";a=b"), func(m *Message) { _, _ = m.ContentType() }},
		"a number":         {fill("Expires: ", "1"), func(m *Message) { _, _, _ = m.Uint("Expires") }},
	}
	for name, w := range all {
		w.text = strings.Replace(validRequest("INVITE").String(), "Content-Length", w.text+"\r\nContent-Length", 1)
		all[name] = w
	}
	long := strings.Replace(validRequest("INVITE").String(), "sip:bob@example.com", fill("sip:b@h", ";a"), 1)
	all["request URI"] = worst{long, func(m *Message) { _ = m.RequestURI.Equal(m.RequestURI) }}
	return all
}

type worst struct {
	text string
	read func(*Message)
}

func values(name string) func(*Message)    { return func(m *Message) { _ = m.Values(name) } }
func addresses(name string) func(*Message) { return func(m *Message) { _, _ = m.Addresses(name) } }
func vias(m *Message)                      { _, _ = m.Vias() }
func contacts(m *Message)                  { _, _ = m.Contacts() }
func challenges(m *Message)                { _, _ = ParseChallenges(m.Get("WWW-Authenticate")) }

// tolerant parses a message whatever is wrong with it, and gives what could be read.
func tolerant(data []byte) *Message {
	m, err := Parse(data)
	if err == nil {
		return m
	}
	return err.(*ParseError).Message
}

// The largest messages are read like any other: parsed or refused, without harm. How long that takes is for
// BenchmarkParseWorst to tell.
func TestLargestMessagesAreRead(t *testing.T) {
	for name, w := range worstMessages(MaxMessageSize) {
		if n := len(w.text); n > MaxMessageSize || n < MaxMessageSize-600 {
			t.Errorf("%s: %d octets", name, n)
		}
		m := tolerant([]byte(w.text))
		if m == nil {
			t.Errorf("%s: nothing could be read", name)
			continue
		}
		w.read(m)
	}
}

func BenchmarkParseWorst(b *testing.B) {
	all := worstMessages(MaxMessageSize)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			data := []byte(all[name].text)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				_ = tolerant(data)
			}
		})
	}
}

func BenchmarkReadWorst(b *testing.B) {
	all := worstMessages(MaxMessageSize)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m := tolerant([]byte(all[name].text))
		if m == nil {
			continue
		}
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				all[name].read(m)
			}
		})
	}
}
