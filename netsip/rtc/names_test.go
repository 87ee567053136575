package rtc

import (
	"context"
	"testing"
	"time"

	"calla/netsip/ws/wstest"
)

// A STUN or TURN server whose name cannot be looked up is asked where it was; one that moved is asked where it is.
//
// Holds: old-addresses
func TestMediaServersAreAskedWhereTheyWere(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(n *names, server *wstest.Names)
		want  string // "" = nowhere
	}{
		{"no such name", func(_ *names, s *wstest.Names) { s.Break(wstest.NoSuch) }, "192.0.2.1:3478"},
		{"the name server fails", func(_ *names, s *wstest.Names) { s.Break(wstest.Fails) }, "192.0.2.1:3478"},
		{"the name server refuses", func(_ *names, s *wstest.Names) { s.Break(wstest.Refuses) }, "192.0.2.1:3478"},
		{"the name server says nothing", func(_ *names, s *wstest.Names) { s.Break(wstest.Silent) }, "192.0.2.1:3478"},
		{
			"the name server is not there", func(_ *names, s *wstest.Names) { s.Break(wstest.Unreached) },
			"192.0.2.1:3478",
		},
		{"it moved", func(_ *names, s *wstest.Names) { s.Set("turn.test", "192.0.2.9") }, "192.0.2.9:3478"},
		{"it was looked up too long ago", func(n *names, s *wstest.Names) {
			for name, known := range n.known {
				known.at = known.at.Add(-knownFor - time.Minute)
				n.known[name] = known
			}
			s.Break(wstest.Fails)
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := &wstest.Names{}
			t.Cleanup(server.Close)
			server.Set("turn.test", "192.0.2.1")
			n := &names{resolver: server.Resolver()}
			system, err := newSystemNet(context.Background(), n)
			if err != nil {
				t.Fatal(err)
			}
			at, err := system.ResolveUDPAddr("udp4", "turn.test:3478")
			if err != nil || at.String() != "192.0.2.1:3478" {
				t.Fatalf("at first %v: %v", at, err)
			}
			c.spoil(n, server)
			at, err = system.ResolveUDPAddr("udp4", "TURN.test:3478")
			if c.want == "" && err == nil || c.want != "" && (err != nil || at.String() != c.want) {
				t.Errorf("then %v: %v", at, err)
			}
		})
	}
}
