package interop

import (
	"fmt"
	"testing"

	"calla/test/peers"
)

// atKamailio is a Kamailio; its far ends are Callas.
func atKamailio(t *testing.T, at *peers.Place) *ground {
	t.Helper()
	k := peers.StartKamailioAt(t, at)
	g := &ground{
		at: at, url: k.URL, domain: k.Domain, password: k.Password, version: version(t, "kamailio", "-v"),
		users: []string{"alice", "bob", "carol"},
	}
	g.phone = func(t *testing.T, user string, hz float64) far { return g.calla(t, user, hz, nil) }
	g.distant = g.program
	g.lateCaller = func(t *testing.T, user string, hz float64) far {
		p := g.calla(t, user, hz, nil)
		p.late = true
		return p
	}
	g.reliableCaller = func(t *testing.T, user string, hz float64) far {
		return g.calla(t, user, hz, map[string]any{"calla": map[string]any{"reliable_provisional": "required"}})
	}
	return g
}

func kamailio(t *testing.T, at *peers.Place) *ground { return atKamailio(t, at) }

// coturn has all sound go over a relay.
func coturn(t *testing.T, at *peers.Place) *ground {
	g, turn := atKamailio(t, at), peers.StartTURN(t, at)
	g.version, g.relayed = version(t, "turnserver", "--version"), true
	g.more = map[string]any{
		"turn_servers": map[string]any{"urls": "turn:" + turn.Address, "username": "u", "credential": "p"},
		"calla":        map[string]any{"ice_transport_policy": "relay"},
	}
	return g
}

// jssip has JsSIP in Chromium at a Kamailio.
func jssip(t *testing.T, at *peers.Place) *ground {
	g, c := inChromium(t, at, "jssip")
	g.version = fmt.Sprintf("%s, Chromium %s", library(t, "jssip", "jssip"), c.Version)
	return g
}

// sipjs has SIP.js there.
func sipjs(t *testing.T, at *peers.Place) *ground {
	g, c := inChromium(t, at, "sipjs")
	g.version = fmt.Sprintf("%s, Chromium %s", library(t, "sipjs", "sip.js"), c.Version)
	g.lateCaller = func(t *testing.T, user string, hz float64) far {
		p := g.page(t, c, user, hz, nil)
		p.late = true
		return p
	}
	// SIP.js takes a Require for a Supported where both are there, and then its program has to ask for it.
	g.reliableCallee = func(t *testing.T, user string, hz float64) far {
		p := g.page(t, c, user, hz, nil)
		p.Do("answerReliably", map[string]any{"hz": hz})
		return p
	}
	g.reliableCaller = func(t *testing.T, user string, hz float64) far {
		return g.page(t, c, user, hz, map[string]any{"sipExtension100rel": "Required"})
	}
	return g
}

func inChromium(t *testing.T, at *peers.Place, library string) (*ground, *peers.Chromium) {
	t.Helper()
	g, c := atKamailio(t, at), peers.StartChromiumAt(t, at, library)
	g.phone = func(t *testing.T, user string, hz float64) far { return g.page(t, c, user, hz, nil) }
	g.distant, g.lateCaller, g.reliableCaller = nil, nil, nil
	return g, c
}
