package interop

import (
	"testing"
	"time"

	"calla/test/peers"
)

// far is a phone of a peer, as a flow drives it. A step that does not come about ends the test.
type far interface {
	call(user string)                   // begins a call
	answer()                            // waits for a call and takes it
	established()                       // waits until its call is up
	hangUp()                            // ends its call
	ended()                             // waits until it has no call
	hears(hz float64)                   // waits until it hears that; 0 is nothing
	hold(on bool)                       // holds or resumes, and waits until that is agreed on
	send(digits string)                 // presses keys
	listen() func(digits string) string // from now on; what it returns waits for the digits, and tells all it has heard
	transfer(user string)               // hands its call over
	consult(user string)                // calls somebody while its call is held
	connect()                           // waits for that call, and hands the first one over to it
	handed()                            // waits until a transfer of its own is done, and leaves the call
	offerAgain(restart bool)            // sends a new offer, with ICE restarted or not, and waits until it is taken
	hearsWithin(d time.Duration, hz float64)
}

// ground is a server with phones around it.
type ground struct {
	at                    *peers.Place
	url, domain, password string
	version               string
	more                  map[string]any  // for Calla's configuration
	relayed               bool            // while UDP is lost there is no other relay; no offer goes out without one
	outages               []time.Duration // how much longer its media is lost, each in a call of its own; nil: none
	halfHeard             string          // why the far end's hearing cannot be measured after a hold
	users                 []string        // who there is at the server; the first is us
	phone                 func(t *testing.T, user string, hz float64) far
	distant               func(t *testing.T, user string, hz float64) far // a phone on the peers' side; nil: all are
	lateCaller            func(t *testing.T, user string, hz float64) far // whose calls make no offer
	reliableCallee        func(t *testing.T, user string, hz float64) far // who makes them where wanted; nil: all do
	reliableCaller        func(t *testing.T, user string, hz float64) far // who wants reliable provisional responses
}

// page is a phone in Chromium.
type page struct {
	*peers.Page
	t      *testing.T
	domain string
	hz     float64
	late   bool
}

func (g *ground) page(t *testing.T, c *peers.Chromium, user string, hz float64, options map[string]any) *page {
	t.Helper()
	p := &page{Page: c.Open(t, user), t: t, domain: g.domain, hz: hz}
	p.Register(g.url, user, g.domain, g.password, options)
	return p
}

func (p *page) target(user string) string { return "sip:" + user + "@" + p.domain }

func (p *page) call(user string) {
	p.t.Helper()
	p.Do("call", map[string]any{"target": p.target(user), "hz": p.hz, "late": p.late})
}

func (p *page) answer() {
	p.t.Helper()
	p.Wait("incoming", patience)
	p.Do("answer", map[string]any{"hz": p.hz})
}

func (p *page) established() {
	p.t.Helper()
	p.Wait("confirmed", patience)
}

func (p *page) hangUp() {
	p.t.Helper()
	p.Do("hangup", nil)
}

func (p *page) ended() {
	p.t.Helper()
	p.Wait("ended", patience)
}

func (p *page) hears(hz float64) {
	p.t.Helper()
	p.hearsWithin(patience, hz)
}

func (p *page) hearsWithin(limit time.Duration, hz float64) {
	p.t.Helper()
	p.WaitTone(hz, limit)
}

// until does what may have to wait for its turn, until it is done.
func (p *page) until(op string, args map[string]any) {
	p.t.Helper()
	peers.Until(p.t, patience, "the page to do "+op, func() bool { return string(p.Do(op, args)) == "true" })
}

func (p *page) hold(on bool) {
	p.t.Helper()
	if on {
		p.until("hold", nil)
	} else {
		p.until("unhold", nil)
	}
}

func (p *page) send(digits string) {
	p.t.Helper()
	p.Do("dtmf", map[string]any{"tones": digits, "transport": "RFC2833"})
}

// listen reads the digits out of what the page hears.
func (p *page) listen() func(digits string) string {
	return func(digits string) string {
		p.t.Helper()
		return p.Keys(digits, 10*time.Second)
	}
}

func (p *page) transfer(user string) {
	p.t.Helper()
	p.Do("refer", map[string]any{"target": p.target(user)})
}

func (p *page) consult(user string) {
	p.t.Helper()
	p.hold(true)
	p.call(user)
}

func (p *page) connect() {
	p.t.Helper()
	p.established()
	p.Do("select", map[string]any{"index": 0})
	p.Do("refer", map[string]any{"index": 1})
}

func (p *page) handed() {
	p.t.Helper()
	p.Wait("referAccepted", patience)
	p.Do("leave", nil) // libraries leave that to their programs
}

func (p *page) offerAgain(restart bool) {
	p.t.Helper()
	p.until("renegotiate", map[string]any{"iceRestart": restart})
	p.Wait("renegotiated", patience)
}

var _ far = (*page)(nil)
