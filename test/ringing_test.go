package test

import (
	"testing"
	"time"

	"calla/test/peers"
)

// ringing is a call from a phone in text, by way of a relay, to somebody who rings.
type ringing struct {
	*rig
	relay *peers.Relay
	calla *peers.Console
}

// rings lets a phone whose connection can be cut call name, who is to ring then.
func (r *rig) rings(t *testing.T, name string) ringing {
	t.Helper()
	relay := peers.StartRelay(t, r.URL)
	calla := peers.StartConsole(t, r.config(t, "alice", map[string]any{"ws_servers": relay.URL}))
	calla.WaitText("Registered", 1, 30*time.Second)
	calla.Say("call " + name)
	calla.WaitText("Ringing", 1, 30*time.Second)
	return ringing{r, relay, calla}
}

// TestRingingCallAtKamailio: the WebSocket of the caller is cut while somebody rings, and the server lives on. It has
// kept the INVITE, but its responses find nobody: another Calla is found again, JsSIP stops ringing.
//
// Holds: call-found-again
func TestRingingCallAtKamailio(t *testing.T) {
	chromium := peers.StartChromium(t)
	for name, start := range map[string]func(testing.TB) *peers.Kamailio{
		"GRUU": peers.StartKamailio, "Plain": peers.StartPlainKamailio,
	} {
		r := &rig{Kamailio: start(t), chromium: chromium}
		for _, c := range []struct {
			name string
			run  func(t *testing.T, c ringing, callee *peers.Console)
		}{
			{"rings on", func(t *testing.T, c ringing, callee *peers.Console) {
				c.relay.Cut()
				c.calla.WaitText("Reconnecting", 1, 30*time.Second)
				c.relay.Mend()
				c.calla.WaitText("Registered", 2, 30*time.Second)
				time.Sleep(time.Second)
				callee.Say("answer")
				c.talks(t, callee)
			}},
			{"is answered meanwhile", func(t *testing.T, c ringing, callee *peers.Console) {
				c.relay.Cut()
				c.calla.WaitText("Reconnecting", 1, 30*time.Second)
				callee.Say("answer")
				time.Sleep(time.Second)
				c.relay.Mend()
				c.talks(t, callee)
			}},
			{"is declined meanwhile", func(t *testing.T, c ringing, callee *peers.Console) {
				c.relay.Cut()
				c.calla.WaitText("Reconnecting", 1, 30*time.Second)
				callee.Say("decline")
				callee.WaitText("You declined", 1, 30*time.Second)
				c.relay.Mend()
				c.calla.WaitText("was lost while it rang", 1, 30*time.Second)
			}},
			{"is given up meanwhile", func(t *testing.T, c ringing, callee *peers.Console) {
				c.relay.Cut()
				c.calla.WaitText("Reconnecting", 1, 30*time.Second)
				c.calla.Say("hangup")
				c.calla.WaitText("You cancelled the call", 1, 20*time.Second)
				c.relay.Mend()
				callee.WaitText("Missed call", 1, 30*time.Second)
			}},
			{"is given up afterwards", func(t *testing.T, c ringing, callee *peers.Console) {
				c.relay.Cut()
				c.calla.WaitText("Reconnecting", 1, 30*time.Second)
				c.relay.Mend()
				c.calla.WaitText("Registered", 2, 30*time.Second)
				time.Sleep(time.Second)
				c.calla.Say("hangup")
				callee.WaitText("Missed call", 1, 30*time.Second)
			}},
			{"survives the server", func(t *testing.T, c ringing, callee *peers.Console) {
				c.Kill(t)
				c.calla.WaitText("Reconnecting", 1, 30*time.Second)
				c.Restart(t)
				callee.WaitText("Registered", 2, 30*time.Second)
				c.calla.WaitText("Registered", 2, 30*time.Second)
				time.Sleep(5 * time.Second)
				callee.Say("answer")
				c.talks(t, callee)
			}},
		} {
			t.Run(name+" "+c.name, func(t *testing.T) {
				callee := peers.StartConsole(t, r.config(t, "carol", nil))
				callee.WaitText("Registered", 1, 30*time.Second)
				c.run(t, r.rings(t, "carol"), callee)
			})
		}
		t.Run(name+" JsSIP rings", func(t *testing.T) {
			page := r.jssip(t, "bob")
			c := r.rings(t, "bob")
			page.Wait("incoming", 30*time.Second)
			c.relay.Cut()
			c.calla.WaitText("Reconnecting", 1, 30*time.Second)
			c.relay.Mend()
			c.calla.WaitText("was lost while it rang", 1, 30*time.Second)
			if e := page.Wait("failed", 30*time.Second); e.Cause != "Canceled" {
				t.Errorf("JsSIP: %+v", e)
			}
		})
		t.Run(name+" JsSIP answered meanwhile", func(t *testing.T) {
			page := r.jssip(t, "bob")
			c := r.rings(t, "bob")
			page.Wait("incoming", 30*time.Second)
			c.relay.Cut()
			c.calla.WaitText("Reconnecting", 1, 30*time.Second)
			page.Do("answer", map[string]any{"hz": 1000})
			page.Wait("accepted", 30*time.Second)
			time.Sleep(time.Second)
			c.relay.Mend()
			c.calla.WaitText("was lost while it rang", 1, 30*time.Second)
			page.Wait("ended", 30*time.Second)
		})
	}
}

// talks waits until both ends talk, and hangs up.
func (c ringing) talks(t *testing.T, callee *peers.Console) {
	t.Helper()
	callee.WaitText("Connected", 1, 30*time.Second)
	c.calla.WaitText("Connected", 1, 30*time.Second)
	c.calla.Say("hangup")
	callee.WaitText("The other side hung up", 1, 30*time.Second)
}

// TestCallThatRingsHereAtKamailio: the WebSocket of the callee is cut while it rings. Kamailio knows our responses by
// its own Via, whichever flow they come on.
//
// Holds: call-found-again
func TestCallThatRingsHereAtKamailio(t *testing.T) {
	chromium := peers.StartChromium(t)
	r := &rig{Kamailio: peers.StartKamailio(t), chromium: chromium}
	for _, c := range []struct {
		name string
		run  func(t *testing.T, relay *peers.Relay, calla *peers.Console, page *peers.Page)
	}{
		{"answered afterwards", func(t *testing.T, relay *peers.Relay, calla *peers.Console, page *peers.Page) {
			relay.Cut()
			calla.WaitText("Reconnecting", 1, 30*time.Second)
			relay.Mend()
			calla.WaitText("Registered", 2, 30*time.Second)
			calla.Say("answer")
			page.Wait("confirmed", 30*time.Second)
		}},
		{"answered meanwhile", func(t *testing.T, relay *peers.Relay, calla *peers.Console, page *peers.Page) {
			relay.Cut()
			calla.WaitText("Reconnecting", 1, 30*time.Second)
			calla.Say("answer")
			relay.Mend()
			page.Wait("confirmed", 30*time.Second)
		}},
		{"declined meanwhile", func(t *testing.T, relay *peers.Relay, calla *peers.Console, page *peers.Page) {
			relay.Cut()
			calla.WaitText("Reconnecting", 1, 30*time.Second)
			calla.Say("decline")
			relay.Mend()
			page.Wait("failed", 30*time.Second)
		}},
		{"taken back meanwhile", func(t *testing.T, relay *peers.Relay, calla *peers.Console, page *peers.Page) {
			relay.Cut()
			calla.WaitText("Reconnecting", 1, 30*time.Second)
			page.Do("hangup", nil)
			relay.Mend()
			calla.WaitText("Missed call", 1, 30*time.Second)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			relay := peers.StartRelay(t, r.URL)
			calla := peers.StartConsole(t, r.config(t, "carol", map[string]any{"ws_servers": relay.URL}))
			calla.WaitText("Registered", 1, 30*time.Second)
			page := r.jssip(t, "bob")
			page.Do("call", map[string]any{"target": "sip:carol@" + r.Domain, "hz": 600})
			calla.WaitText("Call from", 1, 30*time.Second)
			page.Wait("progress", 30*time.Second) // a caller whom the 180 has not reached knows no dialog to go on with
			c.run(t, relay, calla, page)
		})
	}
}
