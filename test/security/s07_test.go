package security

import (
	"strings"
	"testing"
)

// TestS07IntegerFields: numbers at and beyond their ends (scalar02 and scalarlg of RFC 4475). They are refused or
// clamped, and no CSeq of ours wraps.
func TestS07IntegerFields(t *testing.T) {
	g := attack(t, nil)
	for _, value := range []struct{ name, text string }{
		{"2^31", "2147483648"},
		{"2^32", "4294967296"},
		{"2^64", "18446744073709551616"},
		{"10^100", "1" + strings.Repeat("0", 100)},
		{"minus nought", "-0"},
		{"minus one", "-1"},
		{"plus one", "+1"},
		{"a fraction", "1.5"},
		{"hexadecimal", "0x10"},
		{"nothing", ""},
	} {
		t.Run(value.name, func(t *testing.T) {
			g.bounded(value.name, 4<<20, func() {
				for _, field := range []string{
					"Max-Forwards", "Expires", "Min-SE", "Session-Expires", "RSeq", "CSeq",
					"Timestamp", "Retry-After",
				} {
					text := value.text
					if field == "CSeq" {
						text += " INVITE"
					}
					m := g.Request("INVITE", offer)
					m.Set(field, text)
					if code := g.try(m); code == 100 || code == 200 {
						t.Errorf("%s: answered with %d", field, code)
					}
				}
				invite := g.call("bob")
				g.Reply(invite, 503, "Retry-After: "+value.text, "Expires: "+value.text, "RSeq: "+value.text)
				g.Expect("ACK")
			})
		})
	}
	last := map[string]uint32{}
	for _, m := range g.Messages() {
		seq, err := m.CSeq()
		if !m.IsRequest() || err != nil || m.Method == "ACK" || m.Method == "CANCEL" {
			continue
		}
		if seq.Seq <= last[m.CallID()] || seq.Seq >= 1<<31 {
			t.Errorf("CSeq %d of %s after %d", seq.Seq, m.Method, last[m.CallID()])
		}
		last[m.CallID()] = seq.Seq
	}
}
