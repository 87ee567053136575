package rtc

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"calla/netsip"
)

// spareAge is how long a transport that was gathered ahead may wait to be used: then NAT bindings
// may be gone and the network another.
const spareAge = 30 * time.Second

// newSessionID returns the sess-id of an o= line: numeric, and below 2^62 for those who read it
// signed (RFC 8829 section 5.2.1).
func newSessionID() uint64 { return rand.Uint64() >> 2 }

// take waits for the turn of a method. Whoever has it calls s.pass.
func (s *Session) take(ctx context.Context) error {
	select {
	case <-s.ended.Done():
		return ErrClosed
	default:
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.ended.Done():
		return ErrClosed
	}
	if s.ended.Err() != nil {
		s.pass()
		return ErrClosed
	}
	return nil
}

func (s *Session) pass() { <-s.turn }

// Gather starts to look for candidates ahead of Offer or Answer: the user types, or the call rings.
// It returns at once; what it gathered is used within 30 s. It does nothing where there is a
// transport already.
func (s *Session) Gather() {
	select {
	case s.turn <- struct{}{}:
	default:
		return // whoever has the turn needs a transport anyway
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == Closed || s.current.Load() != nil || s.offered != nil || s.received != nil || s.spare.fresh() {
		s.pass()
		return
	}
	s.work.Go(func() {
		defer s.pass()
		q, err := s.newPath(newCredentials())
		if err != nil {
			s.engine.log.Warn("gather candidates ahead", "err", err)
			return
		}
		s.mu.Lock()
		old := s.spare
		if s.state == Closed {
			old = q
		} else {
			s.spare = q
		}
		s.mu.Unlock()
		if old != nil {
			old.close()
		}
	})
}

// Prepared tells whether Offer or Answer would not have to wait for candidates.
func (s *Session) Prepared() bool {
	s.mu.Lock()
	q := s.spare
	s.mu.Unlock()
	if q != nil {
		return q.fresh() && q.prepared()
	}
	q = s.pathInUse()
	return q != nil && q.prepared()
}

// newPath begins to gather for a path of those credentials.
func (s *Session) newPath(c credentials) (*path, error) {
	if s.certificate.fingerprint == "" {
		made, err := newCertificate()
		if err != nil {
			return nil, err
		}
		s.certificate = made
	}
	s.mu.Lock()
	if s.state == New {
		s.enter(Gathering, FailureNone)
	}
	s.mu.Unlock()
	q, err := newPath(s.engine, c, s.generation.Add(1)-1, s.pathInUse().addresses(), s.relayLost)
	if err == nil {
		s.relays.Store(q.relays)
	}
	return q, err
}

// takePath returns the path gathered ahead, or a new one.
func (s *Session) takePath() (*path, error) {
	s.mu.Lock()
	q := s.spare
	s.spare = nil
	if q != nil && !q.fresh() && s.state != Closed {
		s.drop(q.close)
		q = nil
	}
	s.mu.Unlock()
	if q != nil {
		return q, nil
	}
	return s.newPath(newCredentials())
}

// Rollback takes back an Offer or SetOffer that has not been answered: the agreement and the transport
// before it stay (RFC 6141 section 3.1). Without one it does nothing.
func (s *Session) Rollback(ctx context.Context) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.pass()
	for _, q := range []*path{s.offered, s.received.transport()} {
		if q != nil {
			q.close()
		}
	}
	s.offering, s.offered, s.received = false, nil, nil
	return nil
}

// Offer returns a local offer with the candidates there are when gathering ends or its cap is
// reached. While a transport is in use the offer is for that one, unless it failed or RestartICE was
// called. Each offer has the next o= version.
func (s *Session) Offer(ctx context.Context) ([]byte, error) {
	if err := s.take(ctx); err != nil {
		return nil, err
	}
	defer s.pass()
	s.mu.Lock()
	restart := s.remote == nil || s.restart || s.state == Failed
	s.wanted = directionOf(true, !s.held) // our wish alone, whatever theirs is (RFC 6337 section 5.1)
	s.mu.Unlock()
	q := s.pathInUse()
	if restart {
		if s.offered == nil {
			var err error
			if s.offered, err = s.restartPath(); err != nil {
				return nil, err
			}
		}
		q = s.offered
	}
	if err := q.await(ctx, s.ended.Done()); err != nil {
		return nil, err
	}
	if err := q.reachable(); err != nil {
		return nil, err
	}
	s.offering = true
	l := s.describe(q)
	l.sections, l.rtcpMux, l.muxOnly, l.metrics = s.offeredSections(), true, true, true
	l.direction, l.setup, l.formats = s.wanted, actpass, s.offeredFormats()
	s.understood = l.formats
	return s.write(l), nil
}

// restartPath returns the path for an offer that is for a new one. Where what failed is the encryption, nothing but a
// new association mends it, which another certificate asks for (RFC 8842 section 3.1).
func (s *Session) restartPath() (*path, error) {
	if p := s.inUse(); p != nil && p.failure.Load() != int32(FailureNone) {
		made, err := newCertificate()
		if err != nil {
			return nil, err
		}
		s.certificate = made
	}
	return s.takePath()
}

// describe fills in what is of the transport.
func (s *Session) describe(q *path) *local {
	return &local{
		ufrag: q.ufrag, pwd: q.pwd, fingerprint: s.certificate.fingerprint,
		candidates: q.candidates(), ssrc: s.out.ssrc, cname: s.out.cname,
	}
}

// write makes the description of ours that l says. The o= version grows with every change, and with nothing else (RFC
// 3264 section 8, RFC 4028 section 7.4). Its address is that of no interface, as browsers have it (RFC 8829 section
// 5.2.1).
func (s *Session) write(l *local) []byte {
	s.numbers.said(l.formats)
	body := l.body()
	if body != s.written {
		s.version++
	}
	s.written = body
	return fmt.Appendf(nil, "v=0\r\no=- %d %d IN IP4 127.0.0.1\r\n%s", s.id, s.version, body)
}

// SetAnswer applies the far end's answer to the last Offer, and tells what it wants. One that repeats the
// answer in force (a 200 with the description of its 183) changes at most the direction. One of another far
// end (a 200 of a fork that did not send the 183, a server that moved the call) gets a new transport with the
// ICE credentials and certificate that were offered, which takes over when it is connected.
func (s *Session) SetAnswer(ctx context.Context, sdp []byte) (netsip.RemoteMedia, error) {
	if err := s.take(ctx); err != nil {
		return netsip.RemoteMedia{}, err
	}
	defer s.pass()
	if s.remote == nil && s.offered == nil {
		return netsip.RemoteMedia{}, errAnswerOutOfTurn
	}
	lines := s.offeredSections()
	d, a, err := s.read(sdp, lines.inAnswer, s.understood)
	if err != nil {
		return netsip.RemoteMedia{}, err
	}
	a.local = directionOf(s.wanted.Sends() && d.direction.Receives(), s.wanted.Receives() && d.direction.Sends())
	if s.offered == nil && s.remote.sameTransport(d) {
		s.settle(d, a, lines)
		return d.wants(), nil
	}
	if err := d.muxed(true); err != nil {
		return netsip.RemoteMedia{}, err
	}
	if err := s.toAnswerer(d, a); err != nil {
		return netsip.RemoteMedia{}, err
	}
	s.offered = nil
	s.mu.Lock()
	s.restart = false
	s.mu.Unlock()
	s.settle(d, a, lines)
	return d.wants(), nil
}

// toAnswerer connects to where an answer says. The path is the one that was offered; where none was, a restart that the
// far end answers unasked, or another far end's answer to the same offer, gets one with the credentials that were
// offered.
func (s *Session) toAnswerer(d *description, a *agreement) error {
	p, q := s.inUse(), s.offered
	same := p.talksTo(d, s.remote)
	if q == nil {
		var err error
		if q, err = s.newPath(s.pathInUse().credentials); err != nil {
			return err
		}
	}
	s.offered = nil
	if same { // the DTLS roles are those that were agreed on, whatever it says
		return s.move(p, q, d)
	}
	s.setup = s.roleByAnswer(d.setup)
	p = newPeer(s, q, d, s.setup == active)
	p.controlling = true // RFC 8445 section 6.1.1
	return s.install(p, a, d)
}

// read reads a description of the far end and what we have in common with it; formats we offered, if any, are
// understood by their own numbers.
func (s *Session) read(
	sdp []byte, order func([]mediaLine) []int, offered []Codec,
) (d *description, a *agreement, err error) {
	d, err = readDescription(sdp, order, func(d *description) (err error) {
		a, err = agree(d, s.engine.config.Codecs, offered)
		return err
	})
	if err == nil && d.odd != "" {
		s.engine.log.Warn("packet time that there is not ignored", "attribute", d.odd)
	}
	return d, a, err
}

// settle makes an agreement the one in force, with the lines of its offer.
func (s *Session) settle(d *description, a *agreement, lines sections) {
	s.remote, s.offering, s.sections = d, false, lines
	s.numbers.heard(d)
	if before := s.agreed.Swap(a); before != a {
		s.figures.interval()
	}
}

// SetOffer checks and takes an offer of the far end, tells what it wants, and starts gathering where it needs a
// new transport. Nothing is sent to the far end's addresses before Answer. A refused offer leaves
// everything as it was.
func (s *Session) SetOffer(ctx context.Context, sdp []byte) (netsip.RemoteMedia, error) {
	if err := s.take(ctx); err != nil {
		return netsip.RemoteMedia{}, err
	}
	defer s.pass()
	d, a, err := s.read(sdp, s.sections.inOffer, nil)
	if err != nil {
		return netsip.RemoteMedia{}, err
	}
	o := &pendingOffer{description: d, agreement: a}
	switch {
	case s.received.transport() != nil && s.received.sameTransport(d):
		o.path = s.received.path
	case s.remote == nil || !s.remote.sameTransport(d):
		if err := d.muxed(false); err != nil {
			return netsip.RemoteMedia{}, err
		}
		if o.path, err = s.takePath(); err != nil {
			return netsip.RemoteMedia{}, err
		}
	}
	if q := s.received.transport(); q != nil && q != o.path {
		q.close()
	}
	s.received = o
	return d.wants(), nil
}

// Answer returns the answer to the offer last set, with the direction that RFC 3264 section 6.1
// allows and our hold leaves, and starts connecting where the far end is new. An offer for the
// transport in use is answered from our own state.
func (s *Session) Answer(ctx context.Context) ([]byte, error) {
	if err := s.take(ctx); err != nil {
		return nil, err
	}
	defer s.pass()
	o := s.received
	if o == nil {
		return nil, errOfferOutOfTurn
	}
	s.mu.Lock()
	held := s.held
	s.mu.Unlock()
	a := o.agreement
	a.local = directionOf(o.direction.Receives(), o.direction.Sends() && !held)
	q := s.pathInUse()
	if o.path != nil {
		if err := s.toOfferer(ctx, o); err != nil {
			return nil, err
		}
		q = o.path
	}
	setup := s.roleByOffer(o.setup, s.setup)
	l := s.describe(q)
	l.sections, l.rtcpMux, l.metrics = o.sections(), o.rtcpMux, o.wishes.Metrics
	l.direction, l.setup, l.formats = a.local, setup, s.answered(a)
	s.received, s.wanted = nil, directionOf(true, !held)
	s.settle(o.description, a, l.sections)
	return s.write(l), nil
}

// toOfferer connects to where an offer says, over the path that was begun for it.
func (s *Session) toOfferer(ctx context.Context, o *pendingOffer) error {
	q := o.path
	if err := q.await(ctx, s.ended.Done()); err != nil {
		return err
	}
	if err := q.reachable(); err != nil {
		return err
	}
	p := s.inUse()
	s.received = nil
	if p.talksTo(o.description, s.remote) {
		return s.move(p, q, o.description)
	}
	s.setup = s.roleByOffer(o.setup, "")
	p = newPeer(s, q, o.description, s.setup == active)
	p.answers, p.controlling = true, o.lite // RFC 8445 section 6.1.1
	return s.install(p, o.agreement, o.description)
}

// answered returns the agreed formats as our answer lists them: the far end's numbers, our fmtp.
func (s *Session) answered(a *agreement) []Codec {
	var all []Codec
	for _, c := range slices.Concat(a.listed, a.events) {
		ours := Codec{Fmtp: "0-15"} // a telephone-event of a clock rate we do not offer
		if i := slices.IndexFunc(s.engine.formats, c.same); i >= 0 {
			ours = s.engine.formats[i]
		}
		c.Fmtp = ours.Fmtp
		all = append(all, c)
	}
	return numbered(all)
}
