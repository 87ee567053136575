package console

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"calla/audio"
	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/event"
	"calla/netsip/loop"
	"calla/netsip/rtc"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
	"calla/phone"
)

// inspectTime bounds what a user agent takes to register in memory and to answer; both take milliseconds.
const inspectTime = 10 * time.Second

// errFlowEnded tells that a frame ends the connection: it is longer than any that is read.
var errFlowEnded = errors.New("the connection is closed")

// specimen is a registered user agent in the program, with the server at the other end of its WebSocket, which goes
// over net.Pipe. It is the one that calls are made with; only that an offer is never refused is its own, so
// that what the offer holds does not hide what the signalling would do.
type specimen struct {
	user      string // of the address that is registered
	loop      *loop.Loop
	ua        *netsip.UserAgent
	server    *sandbox.Server
	media     *lenientMedia
	responses chan *sip.Message // of the user agent
	states    chan netsip.State
	refusals  []netsip.Refusal // since the message came; of the loop
}

// inspect tells what a registered phone makes of a frame that is meant for it.
func inspect(frame []byte, codecs []audio.Codec) (verdict, error) {
	var v verdict
	v.read(frame)
	if strings.Trim(string(frame), "\r\n") == "" {
		v.wrong, v.why, v.rule = nil, "a keep-alive, no message", "RFC 5626 section 4.4.1"
		return v, nil
	}
	p, err := newSpecimen(addressee(v.message), codecs)
	if err != nil {
		return v, err
	}
	defer p.close()
	resp, err := p.provoke(frame, v.message)
	switch {
	case errors.Is(err, errFlowEnded):
		v.why = "closes the connection"
	case err != nil:
		return v, err
	case resp != nil:
		v.answered(resp, p.refusal())
	default:
		v.dropped(p.refusal())
	}
	if refusal := p.media.refusal; refusal != nil {
		v.wrong = append(v.wrong, finding{
			what: fmt.Sprintf("the offer: %s; a call with it is refused with %d", refusal.Reason, refusal.StatusCode),
			rule: rfc3261("13.3.1.3"),
		})
	}
	return v, nil
}

// addressee is the user whose phone is to get the message: the one in its Request-URI.
func addressee(m *sip.Message) string {
	const anybody = "phone"
	if m == nil || !m.IsRequest() {
		return anybody
	}
	user := m.RequestURI.UserDecoded()
	if user == "" || sip.CheckText(user) != nil {
		return anybody
	}
	return user
}

// newSpecimen registers a user agent for a user.
func newSpecimen(user string, codecs []audio.Codec) (*specimen, error) {
	engine, err := rtc.NewEngine(rtc.Config{Codecs: phone.Codecs(codecs)})
	if err != nil {
		return nil, fmt.Errorf("make media: %w", err)
	}
	p := &specimen{
		user: user, loop: loop.New(), server: sandbox.New(sandbox.Options{AnyUser: true}),
		media:     &lenientMedia{Engine: engine},
		responses: make(chan *sip.Message, 64), states: make(chan netsip.State, 64),
	}
	p.server.Observe(func(e sandbox.Event) {
		m := e.Message
		if bad := (*sip.ParseError)(nil); errors.As(e.Err, &bad) { // a refusal repeats the malformed header field
			m = bad.Message
		}
		if !e.Sent && m != nil && !m.IsRequest() {
			p.responses <- m
		}
	})
	cfg := config.Config{
		URI: "sip:" + p.escapedUser() + "@" + p.server.Domain(), WSServers: []config.Server{{WSURI: p.server.URL()}},
	}
	p.loop.Do(func() {
		p.ua, err = netsip.New(netsip.Options{
			Loop: p.loop, Config: cfg, Media: p.media, Dial: p.server.Dial,
			OnState:  func(s netsip.State) { p.states <- s },
			OnInvite: func(*netsip.Session) {}, OnReplace: func(_, _ *netsip.Session) {},
			OnRefer:   func(*netsip.Referral) {},
			OnMessage: func(*netsip.Message) {}, OnMessageSummary: func(event.MessageSummary) {},
			OnRefusal: func(_ *sip.Message, r netsip.Refusal) { p.refusals = append(p.refusals, r) },
		})
		if err == nil {
			p.ua.Start()
		}
	})
	if err == nil {
		err = p.registered()
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *specimen) escapedUser() string {
	return strings.ReplaceAll(url.QueryEscape(p.user), "+", "%20")
}

func (p *specimen) registered() error {
	late := time.After(inspectTime)
	for {
		select {
		case s := <-p.states:
			if s.Registration == netsip.Registered {
				return nil
			}
			if s.Err != nil {
				return fmt.Errorf("register at the sandbox: %w", s.Err)
			}
		case <-late:
			return errors.New("register at the sandbox: takes too long")
		}
	}
}

// provoke sends the frame and after it OPTIONS: what is answered before that one's 200 answers the frame. An INVITE
// that got its 100 is waited for: its offer is looked at aside. The response is nil for none.
func (p *specimen) provoke(frame []byte, m *sip.Message) (*sip.Message, error) {
	const probe = "calla-sip-check"
	p.loop.Do(func() { p.refusals = nil })
	if err := p.server.Send(p.user, frame); err != nil {
		return nil, fmt.Errorf("send message: %w", err)
	}
	address := "sip:" + p.escapedUser() + "@" + p.server.Domain()
	options := "OPTIONS " + address + " SIP/2.0\r\nVia: SIP/2.0/WS sandbox.invalid;branch=z9hG4bK" + probe +
		"\r\nMax-Forwards: 70\r\n" +
		"To: <" + address + ">\r\nFrom: <sip:probe@sandbox.invalid>;tag=" + probe + "\r\nCall-ID: " + probe +
		"\r\nCSeq: 1 OPTIONS\r\n\r\n"
	if err := p.server.Send(p.user, []byte(options)); err != nil {
		return nil, errFlowEnded
	}
	late := time.After(inspectTime)
	trying, probed := false, false
	var answer *sip.Message
	for {
		select {
		case resp := <-p.responses:
			switch {
			case resp.CallID() == probe && (m == nil || m.CallID() != probe):
				probed = true
			case resp.StatusCode == 100:
				trying = true
			case answer == nil:
				answer = resp
			}
		case s := <-p.states:
			if s.Flow != netsip.FlowConnected {
				return nil, errFlowEnded
			}
		case <-late:
			return nil, errors.New("the user agent does not answer any more")
		}
		if probed && (answer != nil || !trying) {
			return answer, nil
		}
	}
}

// refusal is the one the engine told of the message; nil for none.
func (p *specimen) refusal() *netsip.Refusal {
	var told *netsip.Refusal
	p.loop.Do(func() {
		if len(p.refusals) > 0 {
			first := p.refusals[0]
			told = &first
		}
	})
	return told
}

// close ends the user agent and its server.
func (p *specimen) close() {
	if p.ua != nil {
		stopped := make(chan struct{})
		p.loop.Do(func() { p.ua.Stop(func() { close(stopped) }) })
		for waiting := true; waiting; {
			select {
			case <-stopped:
				waiting = false
			case <-p.states:
			case <-p.responses:
			}
		}
	}
	p.server.Close()
	p.loop.Stop()
	_ = p.media.Close()
}

// lenientMedia is the media of real calls, but that it takes every offer and notes what it would have refused.
type lenientMedia struct {
	*rtc.Engine
	refusal *netsip.MediaError // written before the response to the offer's INVITE, read after it
}

// NewMediaSession is NewSession for netsip.
func (m *lenientMedia) NewMediaSession() (netsip.MediaSession, error) {
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	return &lenientSession{Session: s, media: m}, nil
}

type lenientSession struct {
	*rtc.Session
	media *lenientMedia
}

// SetOffer takes any offer.
func (s *lenientSession) SetOffer(ctx context.Context, sdp []byte) (netsip.RemoteMedia, error) {
	remote, err := s.Session.SetOffer(ctx, sdp)
	if err != nil && !errors.As(err, &s.media.refusal) {
		return remote, err
	}
	return remote, nil
}
