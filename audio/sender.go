package audio

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// PacketSamples is how many samples at SampleRate one RTP packet holds: 20 ms.
const PacketSamples = PacketFrames * FrameSamples

const (
	packetTime = 20 * time.Millisecond
	frameTime  = 10 * time.Millisecond
	// stallTime is how late a device may be before a ticker takes its place. Sound servers deliver in
	// bursts of up to 50 ms.
	stallTime = 80 * time.Millisecond
	// maxBacklog is how much captured sound may wait before the oldest is dropped: more is delay
	// that the far end would hear for the rest of the call.
	maxBacklog = 6 * PacketSamples
)

// SenderConfig says what a Sender is made of.
type SenderConfig struct {
	Codec Codec
	// Send is called on the Sender's goroutine every 20 ms with one RTP payload, which it may not
	// keep, and the ticks of the codec's clock that it lasts. An empty payload means that nothing is
	// to be sent for this time (SetSending): the RTP timestamp moves on all the same.
	// Its errors are counted, and the first of a run of them is logged; they do not end the Sender.
	Send func(payload []byte, ticks uint32) error
	// Source, when not nil, is sent in the place of what is captured.
	Source Source
	// Muted and Paused are the state to begin with: see SetMuted and SetSending.
	Muted  bool
	Paused bool
	Log    *slog.Logger // nil: discard
}

// Sender turns captured sound into RTP payloads, one every 20 ms:
//
//	Capture or Source → mute → level, sinks → + what others say (Conference) → encoder → Send
//
// It has the microphone while it is added to a Capture, and keeps the device's time while the device delivers. With no
// device, with one that has stopped delivering, and for a Source, it keeps the time of the system's clock and sends
// silence or the Source's sound, so that the far end hears an unbroken stream. All methods may be called concurrently.
type Sender struct {
	send  func(payload []byte, ticks uint32) error
	log   *slog.Logger
	meter *Meter
	gate  Gain
	stop  chan struct{}
	wake  chan struct{} // an input has changed
	done  chan struct{}

	paused  atomic.Bool
	packets atomic.Uint64
	bytes   atomic.Uint64
	errors  atomic.Uint64

	mu      sync.Mutex
	input   *Ring
	fresh   bool // input has just been set: what it held before is stale
	source  Source
	sinks   []Sink
	others  *elastic // what the others in a Conference say; nil = none
	encoder Encoder
	ticks   uint32
	old     []Encoder // replaced; closed by the goroutine that may still be using them
	closed  bool
}

// SenderStats is what a Sender has done so far.
type SenderStats struct {
	Packets uint64 // handed to Send with a payload
	Bytes   uint64 // of payload
	Errors  uint64 // returned by Send
}

// NewSender starts a Sender. Close ends it.
func NewSender(cfg SenderConfig) (*Sender, error) {
	encoder, err := cfg.Codec.NewEncoder()
	if err != nil {
		return nil, fmt.Errorf("make %s encoder: %w", cfg.Codec.Name(), err)
	}
	s := &Sender{
		send: cfg.Send, log: logger(cfg.Log), meter: NewMeter(),
		stop: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{}),
		source:  cfg.Source,
		encoder: encoder, ticks: packetTicks(cfg.Codec),
	}
	s.gate.Mute(cfg.Muted)
	s.paused.Store(cfg.Paused)
	go s.run()
	return s, nil
}

// setInput makes ring the one that a Capture fills. What it holds already is dropped. The Sender is then the ring's one
// consumer until the next setInput, leaveInput or Close.
func (s *Sender) setInput(ring *Ring) {
	s.mu.Lock()
	s.input, s.fresh = ring, true
	s.mu.Unlock()
	notify(s.wake)
}

// leaveInput goes on without a device, unless another ring than this has become the input.
func (s *Sender) leaveInput(ring *Ring) {
	s.mu.Lock()
	if s.input == ring {
		s.input = nil
	}
	s.mu.Unlock()
	notify(s.wake)
}

// SetSource sends src in the place of the captured sound until it ends or SetSource(nil).
func (s *Sender) SetSource(src Source) {
	s.mu.Lock()
	s.source = src
	s.mu.Unlock()
	notify(s.wake)
}

// SetSinks passes everything sent, after muting, to these and to no others any more.
func (s *Sender) SetSinks(sinks ...Sink) {
	s.mu.Lock()
	s.sinks = sinks
	s.mu.Unlock()
}

// setOthers sends what others holds beside the captured sound; nil = nothing. The Sender is then its one reader until
// the next setOthers.
func (s *Sender) setOthers(others *elastic) {
	s.mu.Lock()
	s.others = others
	s.mu.Unlock()
}

// SetCodec changes the codec from the next packet on.
func (s *Sender) SetCodec(c Codec) error {
	encoder, err := c.NewEncoder()
	if err != nil {
		return fmt.Errorf("make %s encoder: %w", c.Name(), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		encoder.Close()
		return nil
	}
	s.old = append(s.old, s.encoder)
	s.encoder, s.ticks = encoder, packetTicks(c)
	return nil
}

// SetLoss tells the encoder what part of the packets the far end reports lost, in percent.
func (s *Sender) SetLoss(percent int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.encoder.SetLoss(percent)
	}
}

// SetMuted makes the stream silent, without a click, or restores it. Packets go on.
func (s *Sender) SetMuted(on bool) { s.gate.Mute(on) }

// SetSending says whether packets are sent at all: not while the call is held (RFC 3264 section 8.4).
func (s *Sender) SetSending(on bool) { s.paused.Store(!on) }

// Level is the loudness of what is being sent, after muting.
func (s *Sender) Level() Level { return s.meter.Level() }

// Stats tells what has been sent so far.
func (s *Sender) Stats() SenderStats {
	return SenderStats{Packets: s.packets.Load(), Bytes: s.bytes.Load(), Errors: s.errors.Load()}
}

// Close ends the Sender and waits for its goroutine: Send is not called afterwards.
func (s *Sender) Close() {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if !closed {
		close(s.stop)
	}
	<-s.done
}

// run paces the packets.
func (s *Sender) run() {
	defer close(s.done)
	defer s.release()
	packet := newPacketizer(s)
	var pace pace
	pace.start(packetTime)
	defer pace.stop()
	for {
		next := packet.read()
		switch {
		case next.ready:
			packet.finish()
			pace.device()
		case pace.expired(next.device):
			if next.device {
				packet.owed++ // the device may yet deliver what silence stands for
			}
			packet.make(next.source)
			pace.tick()
		default:
			select {
			case <-next.readable:
			case <-pace.wait(next.device):
			case <-s.wake:
			case <-s.stop:
				return
			}
			continue
		}
		select {
		case <-s.stop:
			return
		default:
		}
	}
}

// release closes the encoders.
func (s *Sender) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.encoder.Close()
	for _, e := range s.old {
		e.Close()
	}
	s.old = nil
}

// packetizer is the Sender's work on one packet, with its buffers.
type packetizer struct {
	s       *Sender
	pcm     []int16 // of the microphone, or of what is spoken in its place
	theirs  []int16 // what is said in the conference, and then all that is sent
	sum     []int32
	limit   limiter
	payload []byte
	owed    int // packets of silence sent while the device was late
	failing bool
}

func newPacketizer(s *Sender) *packetizer {
	return &packetizer{
		s: s, pcm: make([]int16, PacketSamples), theirs: make([]int16, PacketSamples),
		sum: make([]int32, PacketSamples), payload: make([]byte, 0, 1500),
	}
}

// input is where the next packet comes from.
type input struct {
	ready    bool // 20 ms from the device are in pcm
	device   bool // a device sets the pace
	source   Source
	readable <-chan struct{}
}

// read takes the next packet from the device's ring if it holds one. It works under the lock, so that
// after setInput the old ring is no longer touched.
func (p *packetizer) read() input {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	in := input{source: s.source}
	ring := s.input
	if ring == nil {
		return in
	}
	in.readable = ring.Readable()
	if s.fresh || s.source != nil { // a Source plays: keep the ring fresh for when it ends
		ring.Discard(ring.Len())
		s.fresh, p.owed = false, 0
	}
	if s.source == nil {
		in.device = true
		in.ready = p.ready(ring)
	}
	return in
}

// ready reads a packet from the ring if it holds one, after dropping what came too late: the sound
// for which silence has been sent already, and whatever is more than maxBacklog.
func (p *packetizer) ready(ring *Ring) bool {
	n := ring.Len()
	for p.owed > 0 && n >= 2*PacketSamples {
		n -= ring.Discard(PacketSamples)
		p.owed--
	}
	if n > maxBacklog {
		n -= ring.Discard(n - PacketSamples)
	}
	if n < PacketSamples {
		return false
	}
	if n < 2*PacketSamples {
		p.owed = 0 // it delivers in time again
	}
	ring.Read(p.pcm)
	return true
}

// make sends 20 ms of source, or of silence.
func (p *packetizer) make(source Source) {
	clear(p.pcm)
	for i := 0; source != nil && i < PacketSamples; i += FrameSamples {
		if !source.Fill(p.pcm[i : i+FrameSamples]) {
			p.s.mu.Lock()
			if p.s.source == source {
				p.s.source = nil
			}
			p.s.mu.Unlock()
			source = nil
		}
	}
	p.finish()
}

func (p *packetizer) finish() {
	s := p.s
	s.gate.Process(p.pcm)
	s.mu.Lock()
	encoder, ticks, sinks := s.encoder, s.ticks, s.sinks
	for i, old := range s.old {
		old.Close()
		s.old[i] = nil
	}
	s.old = s.old[:0]
	payload, err := p.payload[:0], error(nil)
	if !s.paused.Load() {
		payload, err = encoder.Encode(payload, p.mixed(s.others))
	}
	s.mu.Unlock()

	for i := 0; i < PacketSamples; i += FrameSamples {
		frame := p.pcm[i : i+FrameSamples]
		s.meter.Add(frame)
		for _, sink := range sinks {
			sink.Add(frame)
		}
	}
	if err == nil {
		err = s.send(payload, ticks)
	}
	switch {
	case err != nil:
		s.errors.Add(1)
		if !p.failing {
			s.log.Warn("sending sound fails", "error", err)
		}
	case len(payload) > 0:
		s.packets.Add(1)
		s.bytes.Add(uint64(len(payload)))
	}
	p.failing = err != nil
}

// mixed is what is sent of one packet: the microphone with what the others say.
func (p *packetizer) mixed(others *elastic) []int16 {
	if others == nil {
		p.limit = limiter{}
		return p.pcm
	}
	others.read(p.theirs)
	for i, s := range p.theirs {
		p.sum[i] = int32(s) + int32(p.pcm[i])
	}
	p.limit.process(p.theirs, p.sum)
	return p.theirs
}

// packetTicks is how far the RTP timestamp moves in 20 ms.
func packetTicks(c Codec) uint32 { return uint32(c.ClockRate() / 50) }

func logger(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}
