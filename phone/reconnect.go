package phone

import (
	"time"

	"calla/netsip/rtc"
	"calla/phone/cause"
)

// How the change of a network is followed by listening. A connection that goes silent without one is told by its own,
// slower signs.
const (
	lookEvery   = 100 * time.Millisecond
	lookFor     = 2 * time.Second // after the change
	consentTime = 7 * time.Second // by which ICE has noticed that the path is dead (rtc: 5 s), or has proven it
	keptTime    = time.Minute     // that a call whose far end is not heard is kept, from when that is told
)

// secureTime is how long an answered call may be without encryption, and so without sound (RFC 8827 section 6.5).
const secureTime = 30 * time.Second

// mediaChanged follows the media; the call may have ended meanwhile.
func (c *call) mediaChanged(s rtc.MediaState) {
	if !c.kept() {
		return
	}
	c.state = s
	if c.p.call(c.id) != c { // it may be back, and is to have its sound then
		c.everUp = c.everUp || s == rtc.Connected
		c.join()
		return
	}
	c.p.changed()
	switch s {
	case rtc.Connected:
		c.everUp = true
		c.flushDigits()
		c.sendPostDial()
	case rtc.Failed:
		if !c.everUp && (c.incoming || c.confirmed) { // what rings may have its sound later
			c.hangUpAs(c.broken())
			return
		}
	}
	c.watchLost()
	c.join()
	c.gate()
}

// watchSecured ends a call that was answered and has no encryption in time, whatever that waits for. Sound that failed
// while it rang is tried again: a far end may have had none before it answered.
func (c *call) watchSecured() {
	if c.everUp {
		return
	}
	if c.state == rtc.Failed {
		c.session.RestartMedia()
	}
	c.unsecured = c.p.loop.AfterFunc(secureTime, func() {
		if c.p.call(c.id) == c && !c.everUp && !c.ending {
			c.hangUpAs(c.broken())
		}
	})
}

// reconnecting tells whether nothing comes from the far end of a call any more. The engine looks for a new path; while
// one is tried out, the call is no better.
func (c *call) reconnecting() bool {
	if c.phase() != PhaseEstablished {
		return false
	}
	return c.unheard || c.session.Reconnecting() ||
		c.everUp && (c.state == rtc.Disconnected || c.state == rtc.Failed) ||
		!c.lost.IsZero() && c.state < rtc.Connected
}

// watchLost keeps the promise that is made while a call reconnects: it is kept for a minute, whatever the engine tries
// meanwhile, and no longer.
func (c *call) watchLost() {
	switch lost := c.reconnecting(); {
	case !lost:
		c.lost = time.Time{}
		c.dropLost.Stop()
		c.dropLost = nil
	case c.dropLost == nil:
		if c.lost.IsZero() {
			c.lost = time.Now()
		}
		c.dropLost = c.p.loop.AfterFunc(time.Until(c.lost.Add(keptTime)), func() {
			if c.p.call(c.id) == c && c.reconnecting() {
				c.session.DropUnheard()
			}
		})
	}
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
		unheard := expected && c.bridge.silent()
		if unheard && c.state == rtc.Connected && time.Since(changed) > consentTime {
			unheard = false // the path is there: the far end has nothing to say
		}
		if c.unheard != unheard {
			c.unheard = unheard
			c.p.changed()
		}
		c.watchLost()
		if unheard || time.Since(changed) < lookFor {
			c.listenAgain(changed)
		}
	})
}

// problem is what is wrong with a live call.
func (c *call) problem() *cause.Cause {
	switch {
	case c.reconnecting():
		return &cause.Cause{Kind: cause.Reconnecting}
	case c.phase() < PhaseEstablished && c.session.Reconnecting():
		if c.incoming {
			return &cause.Cause{Kind: cause.AnswerLater}
		}
		return &cause.Cause{Kind: cause.SearchingCall}
	case c.phase() != PhaseEstablished:
		return nil
	case c.holdRefused():
		why := &cause.Cause{Kind: cause.ResumeRefused, Detail: c.session.HoldErr().Error()}
		if c.hold {
			why.Kind = cause.HoldRefused
		}
		return why
	case !c.active():
		return nil
	}
	if problem := c.p.sound.problem(); problem != nil {
		return problem
	}
	if silent := c.p.sound.silent(c); silent != nil {
		return silent
	}
	return c.p.sound.standIn()
}

// broken is the end of a call whose sound never came up.
func (c *call) broken() *ending {
	why := cause.Cause{Kind: c.kindOfSilence(), Party: c.who(), Action: cause.ActionCallAgain}
	return &ending{Cause: why, tone: ProgressCongestion}
}

// kindOfSilence tells why nothing comes from the far end.
func (c *call) kindOfSilence() cause.Kind {
	switch c.media.Failure() {
	case rtc.FailureEncryption:
		return cause.NoEncryption
	case rtc.FailureHandshake:
		return cause.EncryptionNotBegun
	case rtc.FailureNoPath:
		return cause.NoPath
	}
	if c.everUp {
		return cause.PathLost
	}
	return cause.NoPath
}
