package compare

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"calla/netsip/sip"

	peer "github.com/emiago/sipgo/sip"
)

func BenchmarkWriteInvite(b *testing.B) {
	data := invite(b)
	b.Run("calla", func(b *testing.B) {
		m, err := sip.Parse(data)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			_ = m.Bytes()
		}
	})
	b.Run("sipgo", func(b *testing.B) {
		m, err := peer.ParseMessage(data)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			_ = m.String()
		}
	})
}

// worst are messages of 64 kB made to keep a parser busy.
func worst() map[string][]byte {
	const size = 64 << 10
	head := "OPTIONS sip:bob@example.test SIP/2.0\r\nVia: SIP/2.0/WS h.invalid;branch=z9hG4bKx\r\nFrom: " +
		"<sip:a@b.c>;tag=1\r\n" +
		"To: <sip:bob@example.test>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
	fill := func(before, unit, after string) []byte {
		n := (size - len(head) - len(before) - len(after) - 2) / len(unit)
		return []byte(head + before + strings.Repeat(unit, n) + after + "\r\n")
	}
	return map[string][]byte{
		"headers":  fill("", "a:\r\n", ""),
		"vias":     fill("", "v:SIP/2.0/WS h;branch=z9hG4bKy\r\n", ""),
		"folding":  fill("Subject: a", "\r\n ", "\r\n"),
		"commas":   fill("Route: <sip:r;lr>", ",<sip:r;lr>", "\r\n"),
		"empties":  fill("Supported: ", ",", "\r\n"),
		"quotes":   fill(`Contact: "`, `\"`, "\" <sip:a@b>\r\n"),
		"openings": fill("Contact: ", "<", "\r\n"),
		"params":   fill("Contact: <sip:a@b", ";p", ">\r\n"),
		"escapes":  fill("Contact: <sip:", "%61", "@b>\r\n"),
		"contacts": fill("", "m:<sip:a@b>\r\n", ""),
		"realms":   fill("WWW-Authenticate: Digest ", `a="b",`, "realm=\"r\"\r\n"),
	}
}

// read is all that a user agent may ask of a message.
func read(m *sip.Message) {
	_, _ = m.Vias()
	_, _ = m.Contacts()
	_, _ = m.From()
	_, _ = m.To()
	_, _ = m.CSeq()
	_ = m.Values("Route")
	_ = m.Values("Supported")
	_, _ = sip.ParseChallenges(m.Get("WWW-Authenticate"))
}

func BenchmarkWorst(b *testing.B) {
	for name, data := range worst() {
		b.Run(fmt.Sprintf("calla/%s", name), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if m, err := sip.Parse(data); err == nil {
					read(m)
				}
			}
		})
		b.Run(fmt.Sprintf("sipgo/%s", name), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = peer.ParseMessage(bytes.Clone(data))
			}
		})
	}
}
