package phone

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"calla/netsip"
	"calla/netsip/rtc"
)

// wire carries the media of all phones of a world.
type wire struct {
	mu       sync.Mutex
	sessions map[string]*fakeSession
	next     int
	refusal  error       // of every answer
	fails    bool        // the media of no caller comes up
	stalls   bool        // the same, and says nothing
	failure  rtc.Failure // why
	noEvents bool        // nobody takes telephone-event
	prepared int         // sessions that were asked to gather
	open     int
}

func (w *wire) engine(s rtcSettings) (mediaEngine, error) {
	var names []string
	for _, c := range Codecs(s.codecs) {
		names = append(names, c.Name)
	}
	return fakeEngine{w, names}, nil
}

// count returns how many sessions have gathered and how many are open.
func (w *wire) count() (prepared, open int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.prepared, w.open
}

type fakeEngine struct {
	wire   *wire
	codecs []string // by name, the best first
}

func (e fakeEngine) Close() error { return nil }

func (e fakeEngine) NewMediaSession() (netsip.MediaSession, error) {
	e.wire.mu.Lock()
	defer e.wire.mu.Unlock()
	e.wire.next++
	e.wire.open++
	s := &fakeSession{
		wire: e.wire, id: "m" + string(rune('A'+e.wire.next)),
		packets: make(chan rtc.Packet, 64), closed: make(chan struct{}), codecs: e.codecs,
	}
	e.wire.sessions[s.id] = s
	return s, nil
}

// fakeSession is one end of a call's media. Its descriptions name it, so that the other end finds it.
type fakeSession struct {
	wire    *wire
	id      string
	packets chan rtc.Packet
	closed  chan struct{}
	codecs  []string // of its phone

	mu          sync.Mutex
	peer        *fakeSession
	state       rtc.MediaState
	onChange    func(rtc.MediaState)
	onDTMF      func(rune, time.Duration)
	onPath      func(bool)
	onRelayLost func()
	relays      []rtc.RelayFailure
	held        bool          // we hold
	offered     rtc.Direction // by the far end, what waits for our answer
	local       rtc.Direction
	restarts    int
	deaf        bool                     // what is sent to it is lost
	loses       func(packet uint64) bool // of what is sent to it; nil = nothing
	sent        uint64
	received    uint64
	timestamp   uint32
}

func (s *fakeSession) sdp(d rtc.Direction) []byte {
	return []byte("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=" + s.id + "\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=" +
		d.String() + "\r\n")
}

// direction reads the one of a description.
func direction(sdp []byte) rtc.Direction {
	for _, d := range []rtc.Direction{rtc.SendOnly, rtc.RecvOnly, rtc.Inactive} {
		if strings.Contains(string(sdp), "a="+d.String()) {
			return d
		}
	}
	return rtc.SendRecv
}

// both is the direction of who may send and receive.
func both(sends, receives bool) rtc.Direction {
	switch {
	case sends && receives:
		return rtc.SendRecv
	case sends:
		return rtc.SendOnly
	case receives:
		return rtc.RecvOnly
	}
	return rtc.Inactive
}

// link joins the session to the one that a description names.
func (s *fakeSession) link(sdp []byte) error {
	_, rest, _ := strings.Cut(string(sdp), "\r\ns=")
	id, _, _ := strings.Cut(rest, "\r\n")
	s.wire.mu.Lock()
	peer := s.wire.sessions[id]
	s.wire.mu.Unlock()
	if peer == nil {
		return &netsip.MediaError{StatusCode: 488, Reason: "no such peer"}
	}
	s.mu.Lock()
	s.peer = peer
	s.mu.Unlock()
	return nil
}

func (s *fakeSession) become(state rtc.MediaState) {
	s.mu.Lock()
	s.state = state
	f, path := s.onChange, s.onPath
	s.mu.Unlock()
	if path != nil {
		path(state != rtc.Disconnected && state != rtc.Failed)
	}
	if f != nil {
		f(state)
	}
}

// agreed connects what was not; a path that is lost stays so until the test has it back.
func (s *fakeSession) agreed() {
	s.mu.Lock()
	fresh := s.state < rtc.Connected
	s.mu.Unlock()
	if fresh {
		s.become(rtc.Negotiated)
		s.become(rtc.Connected)
	}
}

func (s *fakeSession) Offer(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sdp(both(true, !s.held)), nil
}

func (s *fakeSession) SetOffer(_ context.Context, sdp []byte) (netsip.RemoteMedia, error) {
	d := direction(sdp)
	s.mu.Lock()
	s.offered = d
	s.mu.Unlock()
	return netsip.RemoteMedia{Direction: d, Held: !d.Receives()}, s.link(sdp)
}

func (s *fakeSession) SetAnswer(_ context.Context, sdp []byte) (netsip.RemoteMedia, error) {
	if s.wire.refusal != nil {
		return netsip.RemoteMedia{}, s.wire.refusal
	}
	if err := s.link(sdp); err != nil {
		return netsip.RemoteMedia{}, err
	}
	d := direction(sdp)
	remote := netsip.RemoteMedia{Direction: d, Held: !d.Receives()}
	s.mu.Lock()
	s.local = both(d.Receives(), d.Sends() && !s.held)
	s.mu.Unlock()
	if s.wire.stalls {
		s.become(rtc.Negotiated)
		s.become(rtc.Connecting)
		return remote, nil
	}
	if s.wire.fails {
		s.become(rtc.Negotiated)
		s.become(rtc.Failed)
		return remote, nil
	}
	s.agreed()
	return remote, nil
}

func (s *fakeSession) Answer(context.Context) ([]byte, error) {
	s.mu.Lock()
	s.local = both(s.offered.Receives(), s.offered.Sends() && !s.held)
	d := s.local
	s.mu.Unlock()
	s.agreed()
	return s.sdp(d), nil
}

func (s *fakeSession) Rollback(context.Context) error { return nil }

func (s *fakeSession) SetHold(held bool) {
	s.mu.Lock()
	s.held = held
	s.mu.Unlock()
}

func (s *fakeSession) RestartICE() {
	s.mu.Lock()
	s.restarts++
	s.mu.Unlock()
}

// lose loses what the far end sends, or does no more.
func (s *fakeSession) lose(on bool) {
	s.mu.Lock()
	s.deaf = on
	s.mu.Unlock()
}

// restarted is how often a new transport was asked for.
func (s *fakeSession) restarted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.restarts
}

func (s *fakeSession) OnRelayLost(f func()) {
	s.mu.Lock()
	s.onRelayLost = f
	s.mu.Unlock()
}

// RelayFailures are those that a test has made.
func (s *fakeSession) RelayFailures() []rtc.RelayFailure {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.relays
}

func (*fakeSession) OnUntaken(func()) {}

func (s *fakeSession) OnPath(f func(bool)) {
	s.mu.Lock()
	s.onPath = f
	s.mu.Unlock()
}

func (s *fakeSession) Close() error {
	s.wire.mu.Lock()
	defer s.wire.mu.Unlock()
	select {
	case <-s.closed:
	default:
		close(s.closed)
		s.wire.open--
	}
	return nil
}

func (s *fakeSession) Gather() {
	s.wire.mu.Lock()
	s.wire.prepared++
	s.wire.mu.Unlock()
}

func (s *fakeSession) OnChange(f func(rtc.MediaState)) {
	s.mu.Lock()
	s.onChange = f
	s.mu.Unlock()
}

func (s *fakeSession) OnDTMF(f func(rune, time.Duration)) {
	s.mu.Lock()
	s.onDTMF = f
	s.mu.Unlock()
}

func (s *fakeSession) SendCodec() (rtc.Codec, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rtc.Codec{Name: s.agreedOn(), ClockRate: 8000}, s.state >= rtc.Negotiated
}

func (*fakeSession) Tell(rtc.Heard) {}

func (s *fakeSession) Wishes() rtc.Wishes { return rtc.Wishes{} }

func (s *fakeSession) ReceiveCodec(payloadType uint8) (rtc.Codec, bool) {
	if payloadType == 13 {
		return rtc.Codec{Name: rtc.ComfortNoise, ClockRate: 8000}, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return rtc.Codec{Name: s.agreedOn(), ClockRate: 8000}, true
}

// agreedOn is the codec of both ends: of those of the end that has fewer, the best that the other has.
func (s *fakeSession) agreedOn() string {
	if s.peer == nil {
		return "PCMU"
	}
	few, more := s.codecs, s.peer.codecs
	if len(more) < len(few) {
		few, more = more, few
	}
	for _, name := range few {
		if slices.Contains(more, name) {
			return name
		}
	}
	return "PCMU"
}

func (s *fakeSession) LocalDirection() rtc.Direction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.local
}

func (s *fakeSession) WriteAudio(payload []byte, samples uint32) error {
	s.mu.Lock()
	peer := s.peer
	s.timestamp += samples
	if len(payload) == 0 || peer == nil {
		s.mu.Unlock()
		return nil
	}
	s.sent++
	p := rtc.Packet{
		SequenceNumber: uint16(s.sent), Timestamp: s.timestamp, Payload: append([]byte(nil), payload...),
		Arrival: time.Now(),
	}
	s.mu.Unlock()
	peer.mu.Lock()
	deaf := peer.deaf || peer.loses != nil && peer.loses(uint64(p.SequenceNumber))
	peer.mu.Unlock()
	if deaf {
		return nil
	}
	select {
	case peer.packets <- p:
	default: // nobody reads: lost
	}
	return nil
}

// WritePause implements mediaSession: nobody wishes pauses left out.
func (s *fakeSession) WritePause(_ []byte, samples uint32) error { return s.WriteAudio(nil, samples) }

func (s *fakeSession) ReadAudio(p *rtc.Packet) error {
	select {
	case *p = <-s.packets:
		s.mu.Lock()
		s.received++
		s.mu.Unlock()
		return nil
	case <-s.closed:
		return io.EOF
	}
}

func (s *fakeSession) SendDTMF(digits string, length, _ time.Duration) error {
	if s.wire.noEvents {
		return errors.New("telephone-event not negotiated")
	}
	s.mu.Lock()
	peer := s.peer
	s.mu.Unlock()
	peer.mu.Lock()
	f := peer.onDTMF
	peer.mu.Unlock()
	for _, digit := range digits {
		f(digit, length)
	}
	return nil
}

// Failure is why the media failed.
func (s *fakeSession) Failure() rtc.Failure {
	return s.wire.failure
}

func (s *fakeSession) Stats() rtc.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rtc.Stats{PacketsSent: s.sent, PacketsReceived: s.received, RoundTrip: 20 * time.Millisecond}
}

// session returns the media of a phone's first call.
func (p *testPhone) session() *fakeSession {
	var s *fakeSession
	p.loop.Do(func() { s = p.calls[0].media.(*fakeSession) })
	return s
}
