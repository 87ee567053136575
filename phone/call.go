package phone

import (
	"context"
	"slices"
	"time"

	"calla/netsip"
	"calla/netsip/loop"
	"calla/netsip/rtc"
	"calla/netsip/sip"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/phone/safe"
)

const (
	figuresTime  = time.Second      // between two looks at the figures of a call
	endedTime    = 5 * time.Second  // that the card of an ended call stays
	redirectTime = 30 * time.Second // that it stays when there is somebody else to call
	deafTime     = 5 * time.Second  // of no sound at all from the microphone, after which the user is told
	dtmfLength   = 100 * time.Millisecond
	dtmfGap      = 100 * time.Millisecond
)

// call is one live call. Its phases are drawn in state.go.
type call struct {
	p       *Phone
	id      string
	agent   *agent
	session *netsip.Session
	media   mediaSession
	bridge  *bridge

	incoming  bool
	joining   bool // the bridge is being made
	silenced  bool
	speaking  bool    // Options.Speak is being sent
	confirmed bool    // it was seen established
	ending    bool    // hung up here
	declined  *ending // how it was refused here, where the status does not say it all; nil = it does
	muted     bool
	hold      bool // it is to be on hold: at once here, and as soon as signalling allows at the far end
	aside     bool // held alone, of a conference
	byInfo    bool
	digits    string // sent, as shown
	early     string // of them, waiting for the sound connection
	heard     string
	clicked   time.Time // Dial, or the INVITE came
	answered  time.Time // Answer
	byItself  byItself  // what becomes of it while it rings and nobody does anything
	connected time.Time
	codec     rtc.Codec
	state     rtc.MediaState
	everUp    bool // the sound connection was up once
	quality   Quality
	counts    []count // of the last measurements, for Quality.Lately
	tick      *loop.Timer
	info      *infoDigits
	postDial  postDial    // to be sent from the answer on
	unheard   bool        // since the network changed
	lost      time.Time   // since when nothing comes from the far end, as is told; zero while something does
	dropLost  *loop.Timer // ends the call then
	unsecured *loop.Timer // ends the call that has no encryption
	listening *loop.Timer // to the next look at that

	taping     *taping          // its recording; nil for none
	tapingSaid bool             // the user has said whether it is recorded
	person     person           // who the far end is
	unnamed    *EndedCall       // how it ended, while that is not known; nil = it is, or it has not ended
	consultFor *call            // that this one was made for
	transfer   *transfer        // of this call to somebody else
	redirected []string         // tried before, of a call that follows a redirection
	moments    []journal.Moment // what has happened in it since the answer
	options    CallOptions

	spokenInto time.Time // since when the far end is to hear the microphone

	digitsUntil time.Time // when the last of the digits that the media were given will have been sent; zero for none

	after      string // digits that were dialled behind the number, sent or not
	referred   string // whom we call in its place, as its far end asked; "" = nobody
	referredBy *call  // whose far end asked for this one
	replaces   *call  // whose place it takes, until its own sound is there
}

// begin adds a call that exists now.
func (p *Phone) begin(c *call) {
	c.id = c.session.ID()
	c.session.OnInfo(c.infoReceived)
	c.identify()
	p.calls = append(p.calls, c)
	p.endTimer.Stop()
	p.ended = nil
	c.tick = p.loop.AfterFunc(figuresTime, c.measure)
	p.changed()
}

// incoming is a call that came in: turned away, or ringing from now on.
func (p *Phone) incoming(a *agent, s *netsip.Session) {
	if p.screen(a, s) {
		return
	}
	media, ok := s.Media().(mediaSession)
	if !ok {
		s.Reject(500, "")
		return
	}
	p.dropPrepared()
	c := &call{p: p, agent: a, session: s, media: media, incoming: true, clicked: time.Now()}
	s.OnChange(c.sessionChanged)
	c.watchMedia()
	p.begin(c)
	for _, other := range p.calls[:len(p.calls)-1] { // it is the user's to choose now
		other.answersNot()
	}
	c.waitForUser()
}

// watchMedia follows the media from here on.
func (c *call) watchMedia() {
	loop := c.p.loop
	c.media.OnChange(func(s rtc.MediaState) { loop.Post(func() { c.mediaChanged(s) }) })
	c.media.OnRelayLost(func() { loop.Post(c.relayLost) })
	c.media.OnDTMF(func(digit rune, _ time.Duration) {
		loop.Post(func() { c.hear(string(digit)) })
	})
}

// sessionChanged follows the engine.
func (c *call) sessionChanged(s *netsip.Session) {
	c.session = s
	c.identify()
	c.p.changed()
	if s.State() == netsip.SessionEnded {
		c.finish()
		return
	}
	if s.State() == netsip.SessionEstablished && !c.confirmed {
		c.confirmed = true
		c.established()
	}
	c.watchLost()
	c.join()
	c.gate()
	c.leavePlace()
}

// established is told that the call was answered, once.
func (c *call) established() {
	if c.connected.IsZero() {
		c.connected = c.session.Times().Confirmed
	}
	if c.connected.IsZero() {
		c.connected = time.Now()
	}
	c.times()
	c.tellHold() // another call took the sound while this one rang
	c.takeSeat()
	c.recordByItself()
	c.sendPostDial()
	c.watchSecured()
}

// join makes the bridge once a codec is agreed on, and follows a change of codec.
func (c *call) join() {
	codec, ok := c.media.SendCodec()
	if !ok || c.joining {
		return
	}
	if c.bridge != nil {
		if err := c.bridge.use(codec); err != nil {
			c.p.log.Warn("codec not changed", "error", err)
		}
		c.codec = codec
		return
	}
	c.joining = true
	p, muted, dtx := c.p, c.muted, c.agent.config.Calla.DTX
	made := new(*bridge)
	p.made[made] = struct{}{}
	var err error
	p.loop.Go(func(context.Context) {
		*made, err = newBridge(c.media, codec, p.o.Codecs, dtx, muted, p.o.Heard, p.log)
	}, func() {
		c.joining = false
		delete(p.made, made)
		b := *made
		switch {
		case err != nil:
			p.log.Error("no sound", "error", err)
			return
		case !c.kept():
			p.loop.Go(func(context.Context) { _ = c.media.Close(); b.close() }, nil)
			return
		}
		c.bridge, c.codec = b, codec
		b.sender.SetMuted(c.muted)
		c.gate()
		c.leavePlace()
		p.changed()
	})
}

// shown is the call as State has it.
func (c *call) shown() CallState {
	remote := c.session.Party()
	name, known, claims := c.person.name(remote)
	s := CallState{
		ID: c.id, AccountID: c.agent.accountID, Account: c.agent.label, Incoming: c.incoming, Phase: c.phase(),
		Name: name, Known: known, Claims: claims, Finding: c.person.asked, Own: c.person.own,
		Address: shownAddress(remote, c.agent.config.Domain()),
		Before:  c.before(), URI: callable(remote), Started: c.clicked, Connected: c.connected,
		Muted: c.muted, MutedTalking: c.mutedTalking(), Active: c.active(), Held: c.hold,
		Holding: c.session.HoldPending(), RemoteHeld: c.session.RemoteHeld(),
		Recording: c.taping.shown(),
		Transfer:  c.transfer.shown(), Digits: c.digits, PostDial: c.postDial.PostDial, After: c.after,
		ByInfo: c.byInfo, Heard: c.heard, Sounds: c.p.robotSounds(c.agent.accountID, remote),
		EarlyMedia: c.session.State() == netsip.SessionEarlyMedia, Silenced: c.silenced,
		ByItself: c.byItself.answered, Secure: c.agent.secure(), Encrypted: c.state == rtc.Connected,
		Codec: c.codec.Name, Quality: c.quality, Problem: c.problem(), Remarks: c.remarks(),
	}
	if s.Phase == PhaseIncoming {
		s.AnswerBy, s.AnswersAt = c.session.AnswerBy(), c.byItself.answersAt
		s.Waiting = len(c.p.active) > 0
	}
	if o := c.consultFor; o != nil && c.p.call(o.id) == o {
		s.ConsultFor = o.id
	}
	return s
}

func (c *call) phase() Phase {
	if c.ending {
		return PhaseEnding
	}
	switch c.session.State() {
	case netsip.SessionCalling:
		return PhaseCalling
	case netsip.SessionRinging, netsip.SessionEarlyMedia:
		return PhaseRinging
	case netsip.SessionIncoming, netsip.SessionAnswering:
		if !c.connected.IsZero() { // it takes the place of one that is up
			return PhaseEstablished
		}
		if c.session.State() == netsip.SessionAnswering || !c.answered.IsZero() {
			return PhaseAnswering
		}
		return PhaseIncoming
	case netsip.SessionEnded:
		return PhaseEnding
	}
	return PhaseEstablished
}

// who is the far end in one line: its name, or its address.
func (c *call) who() string {
	party := c.session.Party()
	if name, _, _ := c.person.name(party); name != "" {
		return name
	}
	return shownAddress(party, c.agent.config.Domain())
}

// before is who the far end was first, where it is another now.
func (c *call) before() string {
	first := c.session.Remote()
	if first.URI.Equal(c.session.Party().URI) {
		return ""
	}
	return c.line(first)
}

func (c *call) line(remote sip.Address) string {
	if name := safe.Line(remote.Display, shownText); name != "" {
		return name
	}
	return shownAddress(remote, c.agent.config.Domain())
}

// shownAddress is the far end's number, or its address where that is elsewhere.
func shownAddress(a sip.Address, domain string) string {
	u := a.URI
	if u.Scheme != "sip" && u.Scheme != "sips" {
		return safe.Line(u.String(), 2*shownText)
	}
	user := u.UserDecoded()
	switch {
	case user == "":
		return safe.Line(u.Host, 2*shownText)
	case u.Host == domain || u.HostPort() == domain:
		return safe.Line(user, 2*shownText)
	}
	return safe.Line(user+"@"+u.HostPort(), 2*shownText)
}

// finish takes an ended call out and shows how it ended.
func (c *call) finish() { c.finishAs(nil) }

func (c *call) finishAs(e *ending) {
	p := c.p
	if p.call(c.id) != c {
		return
	}
	if c.putBack() {
		return
	}
	shown := c.shown()
	at := time.Now()
	end := c.session.End()
	if end == nil { // it is being hung up for a reason of this program's
		end = &netsip.End{By: netsip.System, At: at}
	}
	if e == nil {
		e = c.causeOfEnd(end, shown)
	}
	at = end.At
	c.figures()
	recording := c.passRecording()
	c.release()
	p.calls = slices.DeleteFunc(p.calls, func(o *call) bool { return o == c })
	p.active = p.active.without(c)
	p.leaveConference(c)
	p.dropReferrals(c)
	ended := EndedCall{
		CallID: c.id, AccountID: shown.AccountID, Account: shown.Account, Incoming: c.incoming,
		Name: shown.Name, Known: shown.Known, Claims: shown.Claims, Address: shown.Address,
		Before: shown.Before, URI: shown.URI, After: shown.After,
		Cause: e.Cause, Elsewhere: e.elsewhere, Tone: e.tone, Code: end.StatusCode, At: at, Quality: c.quality,
		Recording: recording,
	}
	if !c.connected.IsZero() {
		ended.Duration = at.Sub(c.connected)
	}
	if len(end.Redirect) > 0 && !c.incoming {
		ended.Redirect = p.redirect(c, end.Redirect)
	}
	p.ends = withEnd(p.ends, ended)
	p.changed()
	if c.person.asked && !p.closing {
		c.unnamed = &ended
	} else {
		p.record(c, ended)
	}
	p.remember(c, shown.URI)
	if c.referred == "" || p.ended == nil || len(p.ended.Redirect) == 0 {
		p.showEnded(ended)
	} // whom it went to has been seen, and what was asked since stays
	p.foreignRealm(c.agent, end.Err)
	p.resumeFirst(c, end.By)
	p.backToReferrer(c)
	p.stopIdle(c.agent)
}

// causeOfEnd finds the cause of the end of a call, that of one which went to somebody else too.
func (c *call) causeOfEnd(end *netsip.End, shown CallState) *ending {
	declined := c.declinedHere(end)
	switch {
	case declined != nil:
		return declined
	case c.transfer.handed(end.By) && !c.connected.IsZero():
		return &ending{Cause: cause.Cause{Kind: cause.Transferred, To: c.transfer.to}}
	case c.referred != "" && end.By == netsip.Remote:
		return &ending{Cause: cause.Cause{Kind: cause.WasTransferred, To: c.referred}}
	case end.Cause == netsip.CauseRedirected && len(end.Redirect) == 0 && len(c.redirected) > 0:
		return &ending{Cause: refusal(netsip.ErrRedirectLoop, shown.Address), tone: ProgressCongestion}
	}
	e := explainEnd(end, shown)
	if silence := c.kindOfSilence(); !c.everUp && (e.Kind == cause.NothingHeard || e.Kind == cause.NoPath) {
		e.Kind = silence
	}
	return &e
}

// release takes the call's sound away and closes its media.
func (c *call) release() {
	c.stopTimers()
	c.p.sound.detach(c)
	if b, media := c.bridge, c.media; b != nil {
		c.bridge = nil
		c.p.loop.Go(func(context.Context) { _ = media.Close(); b.close() }, nil)
	}
}

func (c *call) stopTimers() {
	c.tick.Stop()
	c.listening.Stop()
	c.byItself.stop()
	c.dropLost.Stop()
	c.unsecured.Stop()
	c.dropLost = nil
	c.info.stop()
	c.postDial.stop()
}

// showEnded shows the card of a call that has ended, for a while.
func (p *Phone) showEnded(e EndedCall) {
	p.endTimer.Stop()
	p.ended = &e
	shown := endedTime
	if len(e.Redirect) > 0 {
		shown = redirectTime
	}
	p.endTimer = p.loop.AfterFunc(shown, p.dismissEnded)
	p.changed()
}

// DismissEnded takes the card of the ended call away.
func (p *Phone) DismissEnded() { p.loop.Post(p.dismissEnded) }

func (p *Phone) dismissEnded() {
	p.endTimer.Stop()
	p.ended = nil
	p.changed()
}

// Answer takes an incoming call.
func (p *Phone) Answer(callID string) {
	clicked := time.Now()
	p.withCall(callID, func(c *call) {
		if c.phase() != PhaseIncoming {
			return
		}
		c.answer(clicked)
	})
}

func (c *call) answer(at time.Time) {
	c.answered = at
	c.byItself.stop()
	c.session.Answer() // first: no device may delay the 200
	c.p.activate(c)
}

// Ignore stops the ringing here; the caller hears it go on.
func (p *Phone) Ignore(callID string) {
	p.withCall(callID, func(c *call) {
		c.silenced = true
		c.answersNot()
		p.changed()
	})
}

// HangUp ends a call in whatever phase it is.
func (p *Phone) HangUp(callID string) { p.withCall(callID, func(c *call) { c.hangUp() }) }

func (c *call) hangUp() {
	c.ending = true
	c.figures() // the last, before the media closes
	c.session.HangUp()
	c.p.changed()
}

// hangUpAs ends a call for a reason of this program's.
func (c *call) hangUpAs(e *ending) {
	c.finishAs(e)
	c.session.HangUp()
}

// SetMuted silences the microphone of a call, in a conference of all of it.
func (p *Phone) SetMuted(callID string, muted bool) {
	p.withCall(callID, func(c *call) {
		if !p.conference.has(c) {
			c.mute(muted)
			return
		}
		for _, m := range p.conference {
			m.mute(muted)
		}
	})
}

func (c *call) mute(on bool) {
	c.muted, c.spokenInto = on, time.Now()
	if c.bridge != nil {
		c.bridge.sender.SetMuted(on)
	}
	c.p.changed()
}
