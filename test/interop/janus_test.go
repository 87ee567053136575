package interop

import (
	"fmt"
	"testing"

	"calla/test/peers"
)

// janus has a page in Chromium, whose phone is a Janus that Kamailio and rtpengine stand before.
func janus(t *testing.T, at *peers.Place) *ground {
	k := peers.StartRTPEngineAt(t, at)
	j, c := peers.StartJanusAt(t, at, k), peers.StartChromiumAt(t, at, "janus")
	g := &ground{
		at: at, url: k.URL, domain: k.Domain, password: k.Password, users: []string{"alice", "bob", "carol"},
		version: fmt.Sprintf("%s, rtpengine %s", version(t, "janus", "-V"), version(t, "rtpengine", "--version")),
	}
	g.phone = func(t *testing.T, user string, hz float64) far {
		return g.page(t, c, user, hz, map[string]any{"janus": j.URL, "proxy": j.Proxy})
	}
	return g
}
