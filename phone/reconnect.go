package phone

import (
	"time"

	"calla/netsip/rtc"
)

// How the change of a network is followed by listening. A connection that goes silent without one is told by its own,
// slower signs.
const (
	unheardTime = 200 * time.Millisecond // of nothing, after which the user is told
	lookEvery   = 100 * time.Millisecond
	lookFor     = 2 * time.Second // after the change
)

// mediaChanged follows the media; the call may have ended meanwhile.
func (c *call) mediaChanged(s rtc.MediaState) {
	if c.p.call(c.id) != c {
		return
	}
	c.state = s
	c.p.changed()
	switch s {
	case rtc.Connected:
		c.everUp = true
		c.flushDigits()
		c.sendPostDial()
	case rtc.Failed:
		if !c.everUp {
			c.hangUpAs(&ending{words: "No sound connection", problem: c.brokenProblem(), tone: ProgressCongestion})
			return
		}
	}
	c.join()
	c.gate()
}

// reconnecting tells whether nothing comes from the far end any more. The engine looks for a new path, and gives up
// after a minute.
func (c *call) reconnecting() bool {
	return c.unheard || c.session.Reconnecting() || c.everUp && (c.state == rtc.Disconnected || c.state == rtc.Failed)
}

// NetworkChanged tells that the network is another one or the computer woke up: connections are proven or made
// anew, and the media of calls looks for a new path.
func (p *Phone) NetworkChanged() {
	p.loop.Post(func() {
		for _, a := range p.agents {
			a.ua.NetworkChanged()
		}
		for _, c := range p.calls {
			c.listenAgain(time.Now())
		}
	})
}

// listenAgain looks whether the far end is still heard: for a while after the network has changed, and while it is not.
// One that is on hold, from either side, may be silent.
func (c *call) listenAgain(changed time.Time) {
	c.listening.Stop()
	c.listening = c.p.loop.AfterFunc(lookEvery, func() {
		expected := c.bridge != nil && c.phase() == PhaseEstablished && !c.hold && !c.session.RemoteHeld()
		unheard := expected && time.Since(c.bridge.lastPacket()) >= unheardTime
		if c.unheard != unheard {
			c.unheard = unheard
			c.p.changed()
		}
		if unheard || time.Since(changed) < lookFor {
			c.listenAgain(changed)
		}
	})
}

// problem is what is wrong with a live call.
func (c *call) problem() *Problem {
	switch {
	case c.reconnecting():
		return &Problem{
			Title: "Reconnecting…", Why: "Nothing comes through from the other side.",
			Do: "The call is kept for a minute.", Short: "Reconnecting",
		}
	case c.phase() != PhaseEstablished:
		return nil
	case c.holdRefused():
		return holdRefused(c.hold, c.session.HoldErr())
	case !c.active():
		return nil
	}
	if problem := c.p.sound.problem(); problem != nil {
		return problem
	}
	if b := c.bridge; b != nil && !c.muted && c.p.sound.capturing() && b.silent.lasted() >= deafTime {
		return &Problem{
			Title: "The microphone gives no sound at all.", Why: "It may be switched off at the device, or this program may not be allowed to use it.",
			Do:    "Check the switch on the headset and the system's privacy settings, or choose another microphone.",
			Short: "Microphone is silent", Action: ActionChooseDevice,
		}
	}
	return c.p.sound.standIn()
}

func (c *call) brokenProblem() *Problem {
	p := &Problem{
		Title: "The sound connection broke down.", Why: "The network between the two phones is gone or overloaded.",
		Do: "Call again.", Short: "No sound connection", Action: ActionCallAgain,
	}
	if !c.everUp {
		p.Title, p.Why = "No sound connection to the other side could be made.", "A firewall may block it, or the two networks need a TURN server between them."
		p.Do = "Check the STUN and TURN servers of the account."
	}
	return p
}
