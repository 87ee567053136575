package rtc

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"

	"calla/netsip"
)

// MediaState says how far the media of a call has come.
//
//	New ──Gather, Offer, SetOffer──▶ Gathering ──agreed──▶ Negotiated ──▶ Connecting ──▶ Connected
//	Connected ◀──▶ Disconnected ──▶ Failed          any ──Close──▶ Closed
//
// A far end that moves leads through Connecting again only where the old path is already dead.
type MediaState int

const (
	New          MediaState = iota
	Gathering               // candidates are looked for
	Negotiated              // offer and answer are agreed
	Connecting              // ICE checks or the DTLS handshake run
	Connected               // encrypted audio flows
	Disconnected            // nothing is heard from the far end; may return by itself
	Failed                  // no connection; a new offer after RestartICE may bring it back
	Closed
)

// String returns the state in a word.
func (m MediaState) String() string {
	return [...]string{
		"new", "gathering", "negotiated", "connecting", "connected", "disconnected", "failed", "closed",
	}[m]
}

// Why offers and answers are not taken.
var (
	errOfferOutOfTurn  = errors.New("no offer to answer")
	errAnswerOutOfTurn = errors.New("answer without an offer")
)

// Session is the media of one call. It is safe for concurrent use.
type Session struct {
	engine *Engine
	ended  context.Context // until Close
	end    context.CancelFunc

	turn chan struct{} // holds one token: the methods of netsip.MediaSession take turns

	// Of the methods that take turns.
	id, version uint64       // of our o= line
	written     string       // the last body of ours, without o=
	remote      *description // the far end's last in force
	offering    bool         // an offer of ours waits for its answer
	offered     *peer        // the new transport it is for; nil = the one in use
	wanted      Direction    // what it, or our last answer, asked for
	received    *pendingOffer
	setup       string // our DTLS role in force

	generation atomic.Uint32 // transports made

	current atomic.Pointer[peer]      // where audio goes
	agreed  atomic.Pointer[agreement] // nil before the first
	packets packetQueue
	events  eventReceiver
	figures figures

	mu        sync.Mutex
	state     MediaState
	failure   Failure // why state is Failed, or was what it was when it closed
	next      *peer   // agreed on, not connected yet, while current is in use
	spare     *peer   // gathers, not described yet
	held      bool
	restart   bool
	presses   []press
	onChange  func(MediaState)
	onDTMF    func(rune, time.Duration)
	onPath    func(alive bool)
	pathDead  bool     // as told last
	everUp    bool     // connected once
	reports   []func() // callbacks not made yet
	reporting bool
	work      sync.WaitGroup
	closed    chan struct{} // closed when Close is done
}

// pendingOffer is an offer of the far end that is not answered yet.
type pendingOffer struct {
	*description
	agreement *agreement
	peer      *peer // a new transport for it; nil = the one in use stays
}

var _ netsip.MediaSession = (*Session)(nil)

func newSession(e *Engine) *Session {
	s := &Session{engine: e, turn: make(chan struct{}, 1), closed: make(chan struct{}), id: newSessionID()}
	s.ended, s.end = context.WithCancel(context.Background())
	s.packets.filled.L = &s.packets.mu
	s.events.report = func(digit rune, duration time.Duration) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if f := s.onDTMF; f != nil {
			s.call(func() { f(digit, duration) })
		}
	}
	return s
}

// OnChange sets what is told each new state. All callbacks of a session come one after the other from
// a goroutine of its own; they may call any method.
func (s *Session) OnChange(f func(MediaState)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onChange = f
}

// OnDTMF sets what is told each digit of the far end, once, when it ends.
func (s *Session) OnDTMF(f func(digit rune, duration time.Duration)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onDTMF = f
}

// OnPath sets what is told when the far end, once connected, is not heard any more, and when it is again.
func (s *Session) OnPath(f func(alive bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onPath = f
}

// tellPath tells of a path that has died or come back. The caller holds mu.
func (s *Session) tellPath(state MediaState) {
	s.everUp = s.everUp || state == Connected
	dead := s.pathDead
	switch state {
	case Connected:
		dead = false
	case Disconnected, Failed:
		dead = s.everUp
	}
	if dead == s.pathDead {
		return
	}
	s.pathDead = dead
	if f := s.onPath; f != nil {
		s.call(func() { f(!dead) })
	}
}

// call queues a callback. The caller holds mu.
func (s *Session) call(f func()) {
	s.reports = append(s.reports, f)
	if s.reporting {
		return
	}
	s.reporting = true
	go func() {
		for {
			s.mu.Lock()
			if len(s.reports) == 0 {
				s.reporting = false
				s.mu.Unlock()
				return
			}
			f := s.reports[0]
			s.reports = s.reports[1:]
			s.mu.Unlock()
			f()
		}
	}()
}

// State returns how far the media has come.
func (s *Session) State() MediaState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// enter changes the state. The caller holds mu.
func (s *Session) enter(state MediaState, failure Failure) {
	if s.state == state || s.state == Closed {
		return
	}
	if state == Closed {
		failure = s.failed()
	}
	s.state, s.failure = state, failure
	s.tellPath(state)
	if f := s.onChange; f != nil {
		s.call(func() { f(state) })
	}
}

// SendCodec returns the codec WriteAudio sends, with the far end's payload type and fmtp; false
// before there is an agreement.
func (s *Session) SendCodec() (Codec, bool) {
	if a := s.agreed.Load(); a != nil {
		return a.audio[0], true
	}
	return Codec{}, false
}

// ReceiveCodec returns the codec of a payload type that comes in.
func (s *Session) ReceiveCodec(payloadType uint8) (Codec, bool) {
	a := s.agreed.Load()
	if a == nil || payloadType > 127 {
		return Codec{}, false
	}
	c := a.receive[payloadType]
	return c, c.Name != ""
}

// LocalDirection returns the agreed direction as we see it: RecvOnly or Inactive while the far end
// holds the call. SendRecv before there is an agreement.
func (s *Session) LocalDirection() Direction {
	if a := s.agreed.Load(); a != nil {
		return a.local
	}
	return SendRecv
}

// RemoteDirection returns what the far end last stated of itself: SendOnly or Inactive is hold.
func (s *Session) RemoteDirection() Direction {
	if a := s.agreed.Load(); a != nil {
		return a.remote
	}
	return SendRecv
}

// SetHold says whether we hold the call: the next Offer or Answer tells the far end.
func (s *Session) SetHold(held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = held
}

// RestartICE makes the next Offer one for a new transport: the network has changed, or the media
// failed. The old one stays in use until the new one is connected.
func (s *Session) RestartICE() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restart = true
}

// peerChanged follows a transport. It comes from pion's goroutines.
func (s *Session) peerChanged(p *peer, state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnected:
		s.peerConnected(p)
	case webrtc.PeerConnectionStateFailed:
		s.peerFailed(p, p.lacks())
	case webrtc.PeerConnectionStateConnecting, webrtc.PeerConnectionStateDisconnected:
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case s.current.Load() != p || s.state == Failed:
		case state == webrtc.PeerConnectionStateConnecting:
			s.enter(Connecting, FailureNone)
		case s.next != nil:
			s.enter(Connecting, FailureNone)
		default:
			s.enter(Disconnected, FailureNone)
		}
	}
}

// peerConnected lets audio through, and switches to p if it is the next.
func (s *Session) peerConnected(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == Closed {
		return
	}
	if agreed := p.agreedAt.Load(); agreed != 0 {
		p.connectsIn.CompareAndSwap(0, max(1, time.Now().UnixNano()-agreed))
	}
	if s.next == p {
		s.moveToNext()
	}
	if s.current.Load() == p {
		p.out.setLive(true)
		s.enter(Connected, FailureNone)
	}
}

// giveUpOld goes over to p where it is still the next, connected or not: the far end may keep to the
// old path as long as that answers.
func (s *Session) giveUpOld(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == p {
		s.moveToNext()
		s.enter(Connecting, FailureNone)
	}
}

// moveToNext puts the next transport in the place of the one in use. The caller holds mu.
func (s *Session) moveToNext() {
	old := s.current.Swap(s.next)
	s.next = nil
	s.figures.retire(old.out)
	s.figures.interval()
	s.drop(old)
}

func (s *Session) peerFailed(p *peer, failure Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state == Closed:
	case s.next == p:
		s.next = nil
		s.drop(p)
		if s.state != Connected && s.state != Disconnected {
			s.enter(Failed, failure)
			break
		}
		s.current.Load().out.setLive(true)
	case s.current.Load() != p:
	case s.next != nil:
		s.enter(Connecting, FailureNone)
	default:
		p.out.setLive(false)
		s.enter(Failed, failure)
	}
}

// drop closes a transport on a goroutine of its own. The caller holds mu and has seen that the
// session is not closed.
func (s *Session) drop(p *peer) {
	s.work.Go(p.close)
}

// Close ends the media and releases its sockets. It may be called at any time, also while another
// method blocks, which then returns ErrClosed, and more than once; it waits at most some seconds.
func (s *Session) Close() error {
	s.mu.Lock()
	if s.state == Closed {
		s.mu.Unlock()
		<-s.closed
		return nil
	}
	s.enter(Closed, FailureNone)
	next, spare := s.next, s.spare
	s.next, s.spare = nil, nil
	s.mu.Unlock()

	s.end()
	s.packets.close()
	s.events.close()
	var peers sync.WaitGroup
	for _, p := range []*peer{next, spare, s.current.Load()} {
		if p != nil {
			peers.Go(p.close)
		}
	}
	s.turn <- struct{}{} // whoever has the turn returns: s.ended is over and its transport closed
	for _, p := range []*peer{s.offered, s.received.transport()} {
		if p != nil {
			peers.Go(p.close)
		}
	}
	<-s.turn
	peers.Wait()
	s.work.Wait()
	s.engine.forget(s)
	close(s.closed)
	return nil
}

func (o *pendingOffer) transport() *peer {
	if o == nil {
		return nil
	}
	return o.peer
}
