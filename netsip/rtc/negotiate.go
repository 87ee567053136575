package rtc

import (
	"context"
	"errors"
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
		p, err := s.newPeer(s.engine.formats)
		if err != nil {
			s.engine.log.Warn("gather candidates ahead", "err", err)
			return
		}
		s.mu.Lock()
		old := s.spare
		if s.state == Closed {
			old = p
		} else {
			s.spare = p
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
	defer s.mu.Unlock()
	if s.spare != nil {
		return s.spare.fresh() && s.spare.prepared()
	}
	p := s.current.Load()
	return p != nil && p.prepared()
}

func (p *peer) fresh() bool { return p != nil && time.Since(p.begun) < spareAge }

func (s *Session) newPeer(formats []Codec) (*peer, error) {
	id, err := newIdentity()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if s.state == New {
		s.enter(Gathering, FailureNone)
	}
	s.mu.Unlock()
	return newPeer(s, formats, id)
}

// takePeer returns the transport gathered ahead, or a new one.
func (s *Session) takePeer(formats []Codec) (*peer, error) {
	s.mu.Lock()
	p := s.spare
	s.spare = nil
	if p != nil && !p.fresh() && s.state != Closed {
		s.drop(p)
		p = nil
	}
	s.mu.Unlock()
	if p != nil {
		return p, nil
	}
	return s.newPeer(formats)
}

// inUse returns the transport that offer and answer last settled on.
func (s *Session) inUse() *peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		return s.next
	}
	return s.current.Load()
}

// Rollback takes back an Offer or SetOffer that has not been answered: the agreement and the transport
// before it stay (RFC 6141 section 3.1). Without one it does nothing.
func (s *Session) Rollback(ctx context.Context) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.pass()
	for _, p := range []*peer{s.offered, s.received.transport()} {
		if p != nil {
			p.close()
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
	p := s.inUse()
	if restart {
		if s.offered == nil {
			fresh, err := s.takePeer(s.engine.formats)
			if err != nil {
				return nil, err
			}
			s.offered = fresh
			if err := fresh.offer(); err != nil {
				return nil, err
			}
		}
		p = s.offered
	}
	if err := p.await(ctx); err != nil {
		return nil, err
	}
	if err := s.relayed(p); err != nil {
		return nil, err
	}
	s.offering = true
	l := s.describe(p)
	l.mid, l.bundled, l.rtcpMux = "0", true, true
	l.direction, l.setup, l.formats = s.wanted, actpass, s.engine.formats
	s.version++
	return s.write(l), nil
}

// relayed refuses a transport that nobody could reach: sound may go over TURN alone, and no server gave a relay.
func (s *Session) relayed(p *peer) error {
	if s.engine.config.RelayOnly && len(p.candidates()) == 0 {
		return &netsip.MediaError{
			Fault: netsip.MediaFaultNoRelay, StatusCode: 480, Reason: "no relay for the media",
		}
	}
	return nil
}

// describe fills in what is of the transport.
func (s *Session) describe(p *peer) *local {
	return &local{
		ufrag: p.ufrag, pwd: p.pwd, fingerprint: p.fingerprint,
		candidates: p.candidates(), ssrc: p.out.ssrc, cname: p.out.cname,
	}
}

// write makes the description of ours that l says. The o= version grows with every change (RFC 3264
// section 8). Its address is that of no interface, as browsers have it (RFC 8829 section 5.2.1).
func (s *Session) write(l *local) []byte {
	body := l.body()
	if s.version == 0 {
		s.version = 1
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
	if !s.offering && s.remote == nil {
		return netsip.RemoteMedia{}, errAnswerOutOfTurn
	}
	d, err := readDescription(sdp)
	if err != nil {
		return netsip.RemoteMedia{}, err
	}
	a, err := agree(d, s.engine.config.Codecs, s.engine.formats)
	if err != nil {
		return netsip.RemoteMedia{}, err
	}
	a.local = directionOf(s.wanted.Sends() && d.direction.Receives(), s.wanted.Receives() && d.direction.Sends())
	if s.offered == nil && s.remote.sameTransport(d) {
		s.settle(d, a)
		return d.wants(), nil
	}
	if err := d.muxed(true); err != nil {
		return netsip.RemoteMedia{}, err
	}
	p := s.offered
	if p == nil {
		if p, err = newPeer(s, s.engine.formats, s.inUse().identity); err != nil {
			return netsip.RemoteMedia{}, err
		}
		if err := p.offer(); err != nil {
			p.close()
			return netsip.RemoteMedia{}, err
		}
	}
	ours := s.roleByAnswer(d.setup)
	p.passive = ours == passive
	if err := s.install(p, a, func() error { return p.accept(d.forPion(a, p.formats, opposite(ours))) }); err != nil {
		if s.offered == p {
			s.offered = nil
		}
		return netsip.RemoteMedia{}, err
	}
	s.offered, s.setup = nil, ours
	s.mu.Lock()
	s.restart = false
	s.mu.Unlock()
	s.settle(d, a)
	return d.wants(), nil
}

// settle makes an agreement the one in force.
func (s *Session) settle(d *description, a *agreement) {
	s.remote, s.offering = d, false
	if before := s.agreed.Swap(a); before != a {
		s.figures.interval()
	}
}

// install puts a transport into use, starts it, and takes it out again where that fails. The first
// is used at once; a later one when it is connected.
func (s *Session) install(p *peer, a *agreement, start func() error) error {
	s.mu.Lock()
	if s.state == Closed {
		s.mu.Unlock()
		p.close()
		return ErrClosed
	}
	first := s.current.CompareAndSwap(nil, p)
	if first {
		s.agreed.Store(a)
	} else {
		if s.next != nil {
			s.drop(s.next)
		}
		s.next = p
	}
	switch s.state {
	case New, Gathering:
		s.enter(Negotiated, FailureNone)
	case Disconnected, Failed:
		s.enter(Connecting, FailureNone)
	}
	s.mu.Unlock()
	err := start()
	if err == nil {
		if p.answers {
			time.AfterFunc(answerTravels, func() { s.leaveFor(p) })
		} else {
			s.leaveFor(p)
		}
		return nil
	}
	s.mu.Lock()
	if s.next == p {
		s.next = nil
	}
	if first && s.current.CompareAndSwap(p, nil) {
		s.agreed.Store(nil)
	}
	s.mu.Unlock()
	p.close()
	var refused *netsip.MediaError
	if errors.As(err, &refused) || errors.Is(err, ErrClosed) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &netsip.MediaError{StatusCode: 488, Reason: "session description cannot be used", Err: err}
}

// leaveFor sends nothing more on the transport in use where p is to take its place, and gives it up if
// p is not connected soon: the far end has moved, and what answers on the old path would only keep a
// Chromium there, as it prefers the path it last had data on or the best that answers. Where the far
// end opens DTLS, the old transport is given up at once: the ClientHello would go to it.
func (s *Session) leaveFor(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != p {
		return
	}
	s.current.Load().out.setLive(false)
	if p.passive {
		s.moveToNext()
		s.enter(Connecting, FailureNone)
		return
	}
	time.AfterFunc(moveGrace, func() { s.giveUpOld(p) })
}

// SetOffer checks and takes an offer of the far end, tells what it wants, and starts gathering where it needs a
// new transport. Nothing is sent to the far end's addresses before Answer. A refused offer leaves
// everything as it was.
func (s *Session) SetOffer(ctx context.Context, sdp []byte) (netsip.RemoteMedia, error) {
	if err := s.take(ctx); err != nil {
		return netsip.RemoteMedia{}, err
	}
	defer s.pass()
	d, err := readDescription(sdp)
	if err != nil {
		return netsip.RemoteMedia{}, err
	}
	a, err := agree(d, s.engine.config.Codecs, nil)
	if err != nil {
		return netsip.RemoteMedia{}, err
	}
	o := &pendingOffer{description: d, agreement: a}
	switch {
	case s.received.transport() != nil && s.received.sameTransport(d):
		o.peer = s.received.peer
	case s.remote == nil || !s.remote.sameTransport(d):
		if err := d.muxed(false); err != nil {
			return netsip.RemoteMedia{}, err
		}
		if o.peer, err = s.takePeer(slices.Concat(a.audio, a.events)); err != nil {
			return netsip.RemoteMedia{}, err
		}
	}
	if p := s.received.transport(); p != nil && p != o.peer {
		p.close()
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
	p, inForce := s.inUse(), s.setup
	if o.peer != nil {
		p, inForce = o.peer, ""
	}
	setup := s.roleByOffer(o.setup, inForce)
	if o.peer != nil {
		s.received = nil
		p.passive = setup == passive
		err := s.install(p, a, func() error {
			if err := p.answer(o.forPion(a, p.formats, opposite(setup))); err != nil {
				return err
			}
			return p.await(ctx)
		})
		if err != nil {
			return nil, err
		}
	}
	if err := s.relayed(p); err != nil {
		return nil, err
	}
	l := s.describe(p)
	l.media, l.audio, l.mid, l.bundled, l.rtcpMux = o.media, o.audio, o.mid, o.bundled, o.rtcpMux
	l.direction, l.setup, l.formats = a.local, setup, s.answered(a)
	if body := l.body(); body != s.written {
		s.version++
	}
	s.received, s.wanted = nil, directionOf(true, !held)
	if inForce == "" {
		s.setup = setup
	}
	s.settle(o.description, a)
	return s.write(l), nil
}

// answered returns the agreed formats as our answer lists them: the far end's numbers, our fmtp.
func (s *Session) answered(a *agreement) []Codec {
	var all []Codec
	for _, c := range slices.Concat(a.audio, a.events) {
		ours := Codec{Fmtp: "0-15"} // a telephone-event of a clock rate we do not offer
		if i := slices.IndexFunc(s.engine.formats, c.same); i >= 0 {
			ours = s.engine.formats[i]
		}
		c.Fmtp = ours.Fmtp
		all = append(all, c)
	}
	return all
}
