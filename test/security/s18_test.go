package security

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/test/peers"
)

// TestS18InviteFloods: thousands of calls, of provisional answers, and of answers (unbounded transactions, ringing
// bombs, caller-id bombs). A few are presented, the rest refused; memory is bounded and goes on being so, and a call
// that is up stays up.
func TestS18InviteFloods(t *testing.T) {
	for _, c := range []struct {
		name  string
		flood func(g *target, d *peers.Dialog)
		limit int64
	}{
		{"calls", func(g *target, _ *peers.Dialog) {
			for range 3000 {
				g.Send(g.Request("INVITE", offer).Bytes())
			}
		}, 30 << 20},
		{"calls with long names", func(g *target, _ *peers.Dialog) {
			for i := range 500 {
				g.Send(g.Request("INVITE", offer,
					fmt.Sprintf("From: \"%s\" <sip:m%d@h>;tag=t%d", strings.Repeat("n", 30<<10), i, i)).Bytes())
			}
		}, 40 << 20},
		{"refusals that are not acknowledged", func(g *target, _ *peers.Dialog) {
			for range 3000 {
				g.Send(g.Request("INVITE", session+"m=video 9 RTP/AVP 0\r\n").Bytes())
			}
		}, 30 << 20},
		{"provisional answers", func(g *target, _ *peers.Dialog) {
			for range 5000 {
				g.Send(g.Request("OPTIONS").Bytes())
			}
		}, 20 << 20},
		{"answers to nothing", func(g *target, d *peers.Dialog) {
			for range 5000 {
				g.Send(sip.NewResponse(d.Request("INVITE"), 200, "").Bytes())
			}
		}, 20 << 20},
		{"offers in the call", func(g *target, d *peers.Dialog) {
			for range 1000 {
				g.Send(d.Request("INVITE", offer).Bytes())
			}
		}, 30 << 20},
		{"digits in the call", func(g *target, d *peers.Dialog) {
			for range 2000 {
				g.Send(d.Request("INFO", "Content-Type: application/dtmf-relay",
					"Body: Signal=1\r\nDuration=100\r\n").Bytes())
			}
		}, 30 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := attack(t, nil)
			d := g.talk("bob")
			mark := len(g.Messages())
			before := g.memory()
			c.flood(g, d)
			g.wantStatus(c.name, g.Request("OPTIONS"), 200, 503) // 503: too much is going on
			if grown := g.memory() - before; grown > c.limit {
				t.Errorf("memory grew by %d", grown)
			}
			var rang int
			var codes []int
			for _, m := range g.Messages()[mark:] {
				if seq, _ := m.CSeq(); seq.Method == "INVITE" && m.CallID() != d.CallID() {
					if m.StatusCode == 180 {
						rang++
					} else if m.StatusCode >= 200 && !slices.Contains(codes, m.StatusCode) {
						codes = append(codes, m.StatusCode)
					}
				}
			}
			if rang > 4 || slices.Contains(codes, 200) {
				t.Errorf("%d rang, statuses %v", rang, codes)
			}
			t.Logf("%d rang, statuses %v", rang, codes)
			if strings.Count(g.Output.String(), "declined") > 100 || g.Exited() {
				t.Error("the phone told each")
			}
			g.Send(d.Request("BYE").Bytes())
			if m := g.Find(15*time.Second, func(m *sip.Message) bool {
				seq, _ := m.CSeq()
				return seq.Method == "BYE" && m.CallID() == d.CallID()
			}); m == nil || m.StatusCode != 200 && m.Method != "BYE" {
				t.Errorf("the call that was up: %v", m)
			}
		})
	}
}
