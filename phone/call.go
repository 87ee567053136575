package phone

import (
	"context"
	"slices"
	"strings"
	"time"

	"calla/netsip"
	"calla/netsip/rtc"
	"calla/netsip/sip"
)

const (
	figuresTime = time.Second      // between two looks at the figures of a call
	endedTime   = 5 * time.Second  // that the card of an ended call stays
	brokenTime  = 30 * time.Second // that a call is kept whose sound connection is given up
	deafTime    = 2 * time.Second  // of nothing but zeros, after which the user is told
	dtmfLength  = 100 * time.Millisecond
	dtmfGap     = 100 * time.Millisecond
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
	speaking  bool // Options.Speak is being sent
	ending    bool // hung up here
	muted     bool
	byInfo    bool
	digits    string // sent, as shown
	early     string // of them, waiting for the sound connection
	heard     string
	clicked   time.Time // Dial, or the INVITE came
	answered  time.Time // Answer
	connected time.Time
	answerBy  time.Time
	codec     rtc.Codec
	state     rtc.MediaState
	everUp    bool // the sound connection was up once
	quality   Quality
	tick      *netsip.Timer
	broken    *netsip.Timer
	info      *infoDigits
}

// Dial calls target (a number, a user or an address, as typed) with an account; "" is the one that dials.
// What cannot be called is told by State.Ended with a Problem, or, during a call, by a Notice.
func (p *Phone) Dial(accountID, target string) {
	clicked := time.Now()
	p.loop.Post(func() { p.dial(accountID, target, clicked) })
}

func (p *Phone) dial(accountID, target string, clicked time.Time) {
	if p.closing {
		return
	}
	if len(p.calls) >= maxCalls {
		p.notify("dial", Problem{
			Title: "You are in a call already.", Why: "Calla holds one call at a time.", Do: "End it before you call " + safeLine(target, shownText) + ".",
			Short: "In a call",
		})
		return
	}
	p.withdraw("dial")
	l := p.line(accountID)
	if problem := p.cannotDial(l); problem != nil {
		p.refuse(l, target, problem)
		return
	}
	uri, err := netsip.DialTarget(target, l.agent.config.Domain())
	if err != nil {
		p.refuse(l, target, refusal(err, target))
		return
	}
	media, err := p.takePrepared(l.agent)
	if err != nil {
		p.refuse(l, target, refusal(err, target))
		return
	}
	c := &call{p: p, agent: l.agent, media: media, clicked: clicked}
	c.watchMedia()
	c.session, err = l.agent.ua.Call(uri.String(), netsip.CallOptions{Media: media, OnChange: c.sessionChanged})
	if err != nil {
		p.closeMedia(media)
		p.refuse(l, target, refusal(err, target))
		return
	}
	p.begin(c)
}

// cannotDial words why an account cannot call at all, nil when it can.
func (p *Phone) cannotDial(l *line) *Problem {
	switch {
	case l == nil:
		return &Problem{Title: "There is no account to call with.", Do: "Add an account first.", Short: "No account", Action: ActionEditAccount}
	case l.agent == nil && l.problem != nil:
		return l.problem
	case l.agent == nil && l.account.Enabled:
		return &Problem{
			Title: "The account " + l.account.Name() + " is not ready yet.", Why: "It is just being set up or changed.",
			Do: "Call again in a moment.", Short: "Not ready", Action: ActionCallAgain,
		}
	case l.agent == nil:
		return &Problem{
			Title: "The account " + l.account.Name() + " is off.", Do: "Switch it on to call with it.",
			Short: "Account is off", Action: ActionEditAccount,
		}
	}
	return nil
}

// refuse shows that a call could not be tried.
func (p *Phone) refuse(l *line, target string, problem *Problem) {
	e := EndedCall{Address: safeLine(target, shownText), Words: strings.TrimSuffix(problem.Title, "."), Problem: problem, At: time.Now()}
	if l != nil {
		e.Account = l.account.Name()
	}
	p.showEnded(e)
}

// begin adds a call that exists now.
func (p *Phone) begin(c *call) {
	c.id = c.session.ID()
	c.session.OnInfo(c.infoReceived)
	p.calls = append(p.calls, c)
	p.endTimer.Stop()
	p.ended = nil
	c.tick = p.loop.AfterFunc(figuresTime, c.measure)
	p.changed()
}

// incoming is a call that came in: refused as busy, or ringing from now on.
func (p *Phone) incoming(a *agent, s *netsip.Session) {
	if p.closing || len(p.calls) >= maxCalls {
		s.Reject(486, "Busy Here")
		return
	}
	media, ok := s.Media().(mediaSession)
	if !ok {
		s.Reject(500, "")
		return
	}
	p.dropPrepared()
	c := &call{p: p, agent: a, session: s, media: media, incoming: true, clicked: time.Now()}
	c.answerBy = c.clicked.Add(time.Duration(a.config.NoAnswerTimeout) * time.Second)
	s.OnChange(c.sessionChanged)
	c.watchMedia()
	p.begin(c)
}

// watchMedia follows the media from here on.
func (c *call) watchMedia() {
	loop := c.p.loop
	c.media.OnChange(func(s rtc.MediaState) { loop.Post(func() { c.mediaChanged(s) }) })
	c.media.OnDTMF(func(digit rune, _ time.Duration) {
		loop.Post(func() {
			c.heard += string(digit)
			c.p.changed()
		})
	})
}

// sessionChanged follows the engine.
func (c *call) sessionChanged(s *netsip.Session) {
	c.session = s
	c.p.changed()
	if s.State() == netsip.SessionEnded {
		c.finish()
		return
	}
	if s.State() == netsip.SessionEstablished && c.connected.IsZero() {
		c.connected = s.Times().Confirmed
		if c.connected.IsZero() {
			c.connected = time.Now()
		}
		c.times()
	}
	c.join()
	c.gate()
}

// mediaChanged follows the media; the call may have ended meanwhile.
func (c *call) mediaChanged(s rtc.MediaState) {
	if c.p.call(c.id) != c {
		return
	}
	c.state = s
	c.p.changed()
	if s == rtc.Connected {
		c.everUp = true
		c.broken.Stop()
		c.broken = nil
		c.flushDigits()
	}
	if s == rtc.Failed && c.broken == nil {
		wait := time.Duration(0)
		if c.everUp {
			wait = brokenTime
		}
		c.broken = c.p.loop.AfterFunc(wait, func() {
			if c.state == rtc.Failed {
				c.hangUpAs(&ending{words: "The sound connection broke down", problem: c.brokenProblem(), tone: ProgressCongestion})
			}
		})
	}
	c.join()
	c.gate()
}

// join makes the bridge once a codec is agreed on, and follows a change of codec.
func (c *call) join() {
	codec, ok := c.media.SendCodec()
	if !ok || c.joining {
		return
	}
	if c.bridge != nil {
		if codec.Name != c.codec.Name {
			if err := c.bridge.use(codec); err != nil {
				c.p.log.Warn("codec not changed", "error", err)
			}
		}
		c.codec = codec
		return
	}
	c.joining = true
	p, muted := c.p, c.muted
	made := new(*bridge)
	p.made[made] = struct{}{}
	var err error
	p.loop.Go(func(context.Context) {
		*made, err = newBridge(c.media, codec, p.o.Codecs, muted, p.o.Heard, p.log)
	}, func() {
		c.joining = false
		delete(p.made, made)
		b := *made
		switch {
		case err != nil:
			p.log.Error("no sound", "error", err)
			return
		case p.call(c.id) != c:
			p.loop.Go(func(context.Context) { _ = c.media.Close(); b.close() }, nil)
			return
		}
		c.bridge, c.codec = b, codec
		b.sender.SetMuted(c.muted)
		p.meters.Store(&meters{c.id, b.sender, b.receiver})
		c.gate()
		p.changed()
	})
}

// gate opens and closes the sound in both directions as the call stands.
func (c *call) gate() {
	b := c.bridge
	if b == nil {
		return
	}
	established := c.session.State() == netsip.SessionEstablished || c.session.State() == netsip.SessionAnswering
	direction := c.media.LocalDirection()
	b.sender.SetSending(established && (direction == rtc.SendRecv || direction == rtc.SendOnly))
	if established || c.session.State() == netsip.SessionEarlyMedia {
		c.p.sound.attach(c)
	}
}

// shown is the call as State has it.
func (c *call) shown() CallState {
	remote := c.session.Remote()
	s := CallState{
		ID: c.id, AccountID: c.agent.accountID, Account: c.agent.label, Incoming: c.incoming, Phase: c.phase(),
		Name: safeLine(remote.Display, shownText), Address: shownAddress(remote, c.agent.config.Domain()),
		Started: c.clicked, Connected: c.connected,
		Muted: c.muted, RemoteHeld: c.session.RemoteHeld(), Digits: c.digits, ByInfo: c.byInfo, Heard: c.heard,
		EarlyMedia: c.session.State() == netsip.SessionEarlyMedia, Silenced: c.silenced,
		Secure: c.agent.secure(), Encrypted: c.state == rtc.Connected, Codec: c.codec.Name,
		Quality: c.quality, Problem: c.problem(),
	}
	if s.Phase == PhaseIncoming {
		s.AnswerBy = c.answerBy
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
	case netsip.SessionIncoming:
		if !c.answered.IsZero() {
			return PhaseAnswering
		}
		return PhaseIncoming
	case netsip.SessionAnswering:
		return PhaseAnswering
	case netsip.SessionEnded:
		return PhaseEnding
	}
	return PhaseEstablished
}

// shownAddress is the far end's number, or its address where that is elsewhere.
func shownAddress(a sip.Address, domain string) string {
	u := a.URI
	if u.Scheme != "sip" && u.Scheme != "sips" {
		return safeLine(u.String(), 2*shownText)
	}
	user := u.UserDecoded()
	switch {
	case user == "":
		return safeLine(u.Host, 2*shownText)
	case u.Host == domain || u.HostPort() == domain:
		return safeLine(user, 2*shownText)
	}
	return safeLine(user+"@"+u.HostPort(), 2*shownText)
}

// problem is what is wrong with a live call.
func (c *call) problem() *Problem {
	switch {
	case c.broken != nil:
		return c.brokenProblem()
	case c.state == rtc.Disconnected:
		return &Problem{Title: "Reconnecting…", Why: "Nothing is heard from the other side.", Short: "Reconnecting"}
	case c.phase() != PhaseEstablished:
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
	return nil
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

// finish takes an ended call out and shows how it ended.
func (c *call) finish() { c.finishAs(nil) }

func (c *call) finishAs(e *ending) {
	p := c.p
	if p.call(c.id) != c {
		return
	}
	shown := c.shown()
	at := time.Now()
	code := 0
	if end := c.session.End(); end != nil {
		if e == nil {
			words := explainEnd(end, shown)
			e = &words
		}
		at, code = end.At, end.StatusCode
	}
	if e == nil {
		e = &ending{words: "The call has ended"}
	}
	c.figures()
	p.calls = slices.DeleteFunc(p.calls, func(o *call) bool { return o == c })
	c.tick.Stop()
	c.broken.Stop()
	c.info.stop()
	p.meters.Store(nil)
	p.sound.detach(c)
	if c.bridge != nil {
		b, media := c.bridge, c.media
		p.loop.Go(func(context.Context) { _ = media.Close(); b.close() }, nil)
	}
	ended := EndedCall{
		CallID: c.id, Account: shown.Account, Incoming: c.incoming, Name: shown.Name, Address: shown.Address,
		Words: e.words, Problem: e.problem, Tone: e.tone, Code: code, At: at, Quality: c.quality,
	}
	if !c.connected.IsZero() {
		ended.Duration = at.Sub(c.connected)
	}
	p.showEnded(ended)
	p.stopIdle(c.agent)
}

// showEnded shows the card of a call that has ended, for a while.
func (p *Phone) showEnded(e EndedCall) {
	p.endTimer.Stop()
	p.ended = &e
	p.endTimer = p.loop.AfterFunc(endedTime, p.dismissEnded)
	p.changed()
}

// Answer takes an incoming call.
func (p *Phone) Answer(callID string) {
	clicked := time.Now()
	p.withCall(callID, func(c *call) {
		if c.phase() != PhaseIncoming {
			return
		}
		c.answered = clicked
		c.session.Answer() // first: no device may delay the 200
		p.changed()
	})
}

// Decline refuses an incoming call: the caller hears that it is not wanted (603).
func (p *Phone) Decline(callID string) {
	p.withCall(callID, func(c *call) {
		if c.phase() == PhaseIncoming {
			c.ending = true
			c.session.Reject(603, "Decline")
			p.changed()
		}
	})
}

// Ignore stops the ringing here; the caller hears it go on.
func (p *Phone) Ignore(callID string) {
	p.withCall(callID, func(c *call) {
		c.silenced = true
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

// SetMuted silences the microphone of a call.
func (p *Phone) SetMuted(callID string, muted bool) {
	p.withCall(callID, func(c *call) {
		c.muted = muted
		if c.bridge != nil {
			c.bridge.sender.SetMuted(muted)
			c.bridge.silent.frames.Store(0)
		}
		p.changed()
	})
}
