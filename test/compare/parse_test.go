// Package compare measures Calla's parts beside other people's, in one run.
package compare

import (
	"os"
	"testing"

	"calla/netsip/sip"

	peer "github.com/emiago/sipgo/sip"
)

func invite(b *testing.B) []byte {
	b.Helper()
	data, err := os.ReadFile("../bench/testdata/invite.sip")
	if err != nil {
		b.Fatal(err)
	}
	return data
}

func BenchmarkParseInvite(b *testing.B) {
	data := invite(b)
	b.Run("calla", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m, err := sip.Parse(data)
			if err != nil {
				b.Fatal(err)
			}
			// The typed values a dispatcher reads, so that lazy reading is no advantage.
			if _, err := m.TopVia(); err != nil {
				b.Fatal(err)
			}
			if _, err := m.CSeq(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sipgo", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := peer.ParseMessage(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
