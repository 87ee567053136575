package interop

import (
	"testing"
	"time"

	"calla/test/peers"
)

// extension is a Calla at an Asterisk, which speaks to its far end for it: that has a call with Asterisk alone.
type extension struct {
	*calla
	pbx   *peers.Asterisk
	other string // whose call with Asterisk is offered anew
}

// asterisk ends the calls of its users; they are Callas.
func asterisk(t *testing.T, at *peers.Place) *ground {
	users := []string{"alice", "bob", "carol"}
	a := peers.StartAsteriskAt(t, at, users...)
	g := &ground{
		at: at, url: a.URL, domain: a.Domain, password: a.Password, version: a.Version, users: users,
		// Its checks are over some 8 s after the restart that asked for them: what it makes of that is tried.
		outages: []time.Duration{5 * time.Second, 6 * time.Second, 7 * time.Second, 8 * time.Second, 20 * time.Second},
	}
	g.phone = func(t *testing.T, user string, hz float64) far {
		return &extension{g.calla(t, user, hz, nil), a, users[0]}
	}
	g.distant = g.program
	g.reliableCaller = func(t *testing.T, user string, hz float64) far {
		a.RequireReliable(t, users[0])
		return g.phone(t, user, hz)
	}
	return g
}

// offerAgain has Asterisk do it, in its call with who talks to this one.
func (e *extension) offerAgain(bool) {
	e.t.Helper()
	e.pbx.OfferAgain(e.t, e.other)
}
