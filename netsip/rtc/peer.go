package rtc

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	answerTravels = 200 * time.Millisecond // before a far end that moves can know where we moved to
	moveGrace     = 500 * time.Millisecond // for the far end to leave what we have left
	recently      = 2 * time.Second        // of RTP, before a path was lost: the far end was speaking
)

// peer is the transport to one far end: a DTLS association with it, and the ICE paths below.
//
//	one path ──connected, or opened by the far end──▶ handshake ──▶ secured
//	secured ──ICE restart, by either end──▶ another path is tried ──connected──▶ it is used, the old one closed
//	                                              └──failed, or the restart rolled back──▶ as before
//
// Packets come by every path that is open; they go by the one in use. So a restart breaks off nothing that still works,
// and the RTP goes on with the SSRC, the sequence numbers and the keys it had.
type peer struct {
	*association
	session     *Session
	controlling bool // of ICE; kept in restarts (RFC 8445 section 6.1.1)
	answers     bool // it was the far end that offered
	later       bool // the session had another one before
	agreedAt    time.Time

	used  atomic.Pointer[path] // what is sent goes here
	tried *path                // takes its place once connected; guarded by session.mu

	spoken   atomic.Int64 // nanoseconds from agreedAt to the last RTP of the far end; 0 = none yet
	speaking bool         // it was, when the last path that it used was left; guarded by session.mu

	opened     atomic.Bool  // the far end has begun the handshake
	begun      atomic.Bool  // we have
	secured    atomic.Bool  // it is over, and there are keys
	failure    atomic.Int32 // a Failure: what no path can mend
	connectsIn atomic.Int64 // nanoseconds from agreement to secured

	alive   context.Context // until close
	cancel  context.CancelFunc
	mu      sync.Mutex
	closed  bool
	work    sync.WaitGroup // goroutines of ours that end with the paths
	keeping sync.WaitGroup // the one that has the DTLS connection
	done    chan struct{}  // closed when close is done
}

// newPeer returns the transport to the far end of a description, with a path that is yet to be connected.
func newPeer(s *Session, q *path, d *description, client bool) *peer {
	p := &peer{
		association: newAssociation(s.certificate, d.fingerprints, client), session: s,
		agreedAt: time.Now(), done: make(chan struct{}),
	}
	p.alive, p.cancel = context.WithCancel(context.Background())
	p.send = func(packet []byte) { p.used.Load().write(packet) }
	p.heard = func(h *rtp.Header, payload []byte, arrival time.Time) { s.arrived(h, payload, arrival) }
	p.reported = func(packets []rtcp.Packet) { s.figures.incoming(packets, s.out.ssrc, time.Now()) }
	p.used.Store(q)
	return p
}

// talksTo tells whether a description is of the same DTLS association: the same certificates at both ends, and no
// tls-id that has changed (RFC 8842 section 4).
func (p *peer) talksTo(d, before *description) bool {
	return p != nil && slices.Equal(p.announced, d.fingerprints) &&
		p.certificate.fingerprint == p.session.certificate.fingerprint && !before.otherAssociation(d)
}

// connect checks a path to the far end of a description, and has what comes by it read.
func (p *peer) connect(q *path, d *description) error {
	if err := q.connect(d, p.controlling, func() { p.session.follow(p, q) }); err != nil {
		return err
	}
	p.run(func() { q.read(func(data []byte) { p.receive(q, data) }) })
	p.run(func() { q.hurry(func() { p.session.untaken(p) }) })
	return nil
}

func (p *peer) receive(q *path, data []byte) {
	if err := p.take(data, time.Now()); err != nil {
		p.fail(FailureSources)
	}
	if media, rtp := isMedia(data); media {
		q.used.Store(true)
		if rtp {
			p.spoken.Store(int64(max(1, time.Since(p.agreedAt))))
		}
	}
	if !p.client && isRecord(data) && p.used.Load() == q && p.opened.CompareAndSwap(false, true) {
		p.run(func() { p.secureOver(q) })
	}
}

// secureOver makes the keys with a far end that opens DTLS before a pair has been nominated, as Chromium does: any that
// works will do for that (RFC 8445 section 12.1). Until there is one, what has come waits, and need not come again.
func (p *peer) secureOver(q *path) {
	for !p.begun.Load() && !q.answered() {
		select {
		case <-time.After(iceLook):
		case <-q.ended:
			return
		}
	}
	p.secure()
}

// left notes, of a path that another is to take the place of, whether the far end was speaking at its end. One that it
// did not use says nothing. The caller holds session.mu.
func (p *peer) left(q *path) {
	if !q.used.Load() {
		return
	}
	spoken := p.spoken.Load()
	p.speaking = spoken != 0 && q.lostAt().Sub(p.agreedAt.Add(time.Duration(spoken))) < iceDisconnected+recently
}

// heardOver sees whether a far end that was speaking does so over the path of a restart, until something comes by it.
// Asterisk, whose checks have failed, answers ours, and sends its sound to where nobody is until it is restarted.
func (p *peer) heardOver(q *path) {
	for wait := pathUnused; ; wait = iceCheck {
		select {
		case <-time.After(wait):
		case <-q.ended:
			return
		}
		if q.used.Load() {
			return
		}
		p.session.unused(p, q)
	}
}

// fail notes what no path can mend.
func (p *peer) fail(f Failure) {
	if p.failure.CompareAndSwap(int32(FailureNone), int32(f)) {
		p.session.follow(p, nil)
	}
}

// secure makes the keys, by a handshake that begins once.
func (p *peer) secure() {
	if !p.begun.CompareAndSwap(false, true) {
		return
	}
	p.keep(func() {
		ctx, cancel := context.WithTimeout(p.alive, dtlsWait)
		defer cancel()
		if !p.client && p.later {
			p.run(p.drawOver)
		}
		conn, err := p.handshake(ctx, &pionLog{to: p.session.engine.log})
		switch {
		case err == nil:
		case p.alive.Err() != nil:
			return
		case errors.Is(err, context.DeadlineExceeded):
			p.fail(FailureHandshake)
			return
		default:
			p.session.engine.log.Info("no encryption", "err", err)
			p.fail(FailureEncryption)
			return
		}
		p.connectsIn.Store(int64(max(1, time.Since(p.agreedAt))))
		p.secured.Store(true)
		p.run(p.sendReports)
		p.run(func() { drain(conn) })
		p.session.follow(p, nil)
		<-p.alive.Done()
		if err := conn.Close(); err != nil {
			p.session.engine.log.Debug("close DTLS", "err", err)
		}
	})
}

// drawOver draws a far end that moved to this transport and is to open DTLS off its old path: a
// controlled Chromium sends its ClientHello on whatever path it last had data on, so it gets some: a datagram that is
// neither STUN, DTLS nor RTP (RFC 7983 section 7).
func (p *peer) drawOver() {
	for range 3 {
		p.send([]byte{0xFF})
		select {
		case <-time.After(20 * time.Millisecond):
		case <-p.alive.Done():
			return
		}
	}
}

// standing is how far the transport has come. The caller holds session.mu.
func (p *peer) standing() (MediaState, Failure) {
	state := p.used.Load().standing()
	switch {
	case p.failure.Load() != int32(FailureNone):
		return Failed, p.lacks()
	case state == ice.ConnectionStateFailed && p.tried == nil:
		return Failed, p.lacks()
	case state == ice.ConnectionStateDisconnected:
		return Disconnected, FailureNone
	case state != ice.ConnectionStateConnected || !p.secured.Load():
		return Connecting, FailureNone
	}
	return Connected, FailureNone
}

// run starts a goroutine that close waits for; none once closing.
func (p *peer) run(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.work.Go(f)
	}
}

func (p *peer) keep(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.keeping.Go(f)
	}
}

// close ends the association, its paths and all goroutines. It must not be called from one of pion's or of the peer's.
// pion is not waited for longer than closeWait each.
func (p *peer) close() {
	p.mu.Lock()
	again := p.closed
	p.closed = true
	p.mu.Unlock()
	if again {
		<-p.done
		return
	}
	defer close(p.done)
	p.cancel()
	p.within(p.keeping.Wait) // the path carries its last word
	p.session.mu.Lock()
	tried := p.tried
	p.session.mu.Unlock()
	for _, q := range []*path{p.used.Load(), tried} {
		if q != nil {
			q.close()
		}
	}
	p.within(p.work.Wait)
}

func (p *peer) within(wait func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		wait()
	}()
	late := time.NewTimer(closeWait)
	defer late.Stop()
	select {
	case <-ended:
	case <-late.C:
		p.session.engine.log.Warn("media transport does not close")
	}
}
