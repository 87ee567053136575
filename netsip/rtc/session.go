package rtc

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"calla/netsip"
)

// MediaState says how far the media of a call has come.
//
//	New ──Gather, Offer, SetOffer──▶ Gathering ──agreed──▶ Negotiated ──▶ Connecting ──▶ Connected
//	Connected ◀──▶ Disconnected ──▶ Failed          any ──Close──▶ Closed
//
// A restart, or a far end that moves, leads through Connecting again only where the old path is already dead.
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

	turn     chan struct{} // holds one token: the methods of netsip.MediaSession take turns
	exchange               // of the methods that take turns

	agreed  atomic.Pointer[agreement] // nil before the first
	out     outgoing
	packets packetQueue
	events  eventReceiver
	figures figures

	generation atomic.Uint32          // paths made
	relays     atomic.Pointer[relays] // of the last of them
	current    atomic.Pointer[peer]   // where audio goes

	mu      sync.Mutex
	state   MediaState
	failure Failure // why state is Failed, or was what it was when it closed
	next    *peer   // agreed on, not connected yet, while current is in use
	spare   *path   // gathers, not described yet
	held    bool
	restart bool
	presses []press
	callbacks
	work   sync.WaitGroup
	closed chan struct{} // closed when Close is done
}

// exchange is where offer and answer of a session stand.
type exchange struct {
	id, version uint64       // of our o= line
	certificate certificate  // ours; made with the first path
	written     string       // the last body of ours, without o=
	sections    sections     // as the last exchange left them
	numbers     numbering    // of payload types
	understood  []Codec      // the formats of our last offer, by the numbers we understand
	remote      *description // the far end's last in force
	offering    bool         // an offer of ours waits for its answer
	offered     *path        // the new path it is for; nil = the one in use
	wanted      Direction    // what it, or our last answer, asked for
	received    *pendingOffer
	setup       string // our DTLS role in force
}

// pendingOffer is an offer of the far end that is not answered yet.
type pendingOffer struct {
	*description
	agreement *agreement
	path      *path // a new one for it; nil = the one in use stays
}

var _ netsip.MediaSession = (*Session)(nil)

func newSession(e *Engine) *Session {
	s := &Session{
		engine: e, turn: make(chan struct{}, 1), closed: make(chan struct{}),
		exchange: exchange{id: newSessionID()},
	}
	s.out.begin()
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

// Wishes returns how the far end would like our sound; nothing before there is an agreement.
func (s *Session) Wishes() Wishes {
	if a := s.agreed.Load(); a != nil {
		return a.wishes
	}
	return Wishes{}
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

// RestartICE makes the next Offer one for a new path: the network has changed, or the media
// failed. The old one stays in use until the new one is connected.
func (s *Session) RestartICE() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restart = true
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
	var closing sync.WaitGroup
	for _, p := range []*peer{next, s.current.Load()} {
		if p != nil {
			closing.Go(p.close)
		}
	}
	s.turn <- struct{}{} // whoever has the turn returns: s.ended is over
	for _, q := range []*path{spare, s.offered, s.received.transport()} {
		if q != nil {
			closing.Go(q.close)
		}
	}
	<-s.turn
	closing.Wait()
	s.work.Wait()
	s.engine.forget(s)
	close(s.closed)
	return nil
}

func (o *pendingOffer) transport() *path {
	if o == nil {
		return nil
	}
	return o.path
}
