package audio

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// PacketSamples is how many samples at SampleRate one RTP packet holds where nobody asks for more or less: 20 ms.
const PacketSamples = PacketFrames * FrameSamples

const (
	packetTime = 20 * time.Millisecond
	frameTime  = 10 * time.Millisecond
	// longestSent is the most sound that one packet of ours holds: 60 ms.
	longestSent = 6 * FrameSamples
	// stallTime is how late a device may be before a ticker takes its place. Sound servers deliver in
	// bursts of up to 50 ms.
	stallTime = 80 * time.Millisecond
	// maxBacklog is how much captured sound may wait before the oldest is dropped: more is delay
	// that the far end would hear for the rest of the call.
	maxBacklog = 6 * PacketSamples
)

// SenderConfig says what a Sender is made of.
type SenderConfig struct {
	Format
	// Send is called on the Sender's goroutine with one RTP payload after the other, which it may not
	// keep, and the ticks of the codec's clock that it lasts. An empty payload means that nothing is
	// to be sent for this time (SetSending): the RTP timestamp moves on all the same.
	// Its errors are counted, and the first of a run of them is logged; they do not end the Sender.
	Send func(payload []byte, ticks uint32) error
	// SendPause is called in the place of Send in pauses, where the Format leaves these out. A payload tells what there
	// is in the pause: it is in the Codec's format, or with PausesTold comfort noise (RFC 3389).
	SendPause func(payload []byte, ticks uint32) error
	// Source, when not nil, is sent in the place of what is captured.
	Source Source
	// Muted and Paused are the state to begin with: see SetMuted and SetSending.
	Muted  bool
	Paused bool
	Log    *slog.Logger // nil: discard
}

// Format is how sound is sent.
type Format struct {
	Codec  Codec
	Packet time.Duration // how much of it a packet holds, one of the Codec's PacketTimes; 0 = 20 ms
	Pauses Pauses
}

// samples is how many at SampleRate a packet has.
func (f Format) samples() int {
	if f.Packet == 0 {
		return PacketSamples
	}
	return int(samples(f.Packet))
}

// ticks is how far the RTP timestamp moves with a packet.
func (f Format) ticks() uint32 { return uint32(f.samples() * f.Codec.ClockRate() / SampleRate) }

// Sender turns captured sound into RTP payloads, one for each packet's time:
//
//	Capture or Source → mute → level, sinks → + what others say (Conference) → encoder → Send
//	music on hold, in the place of all that ───────────────────────────────────────┘
//
// It has the microphone while it is added to a Capture, and keeps the device's time while the device delivers. With no
// device, with one that has stopped delivering, and for a Source, it keeps the time of the system's clock and sends
// silence or the Source's sound, so that the far end hears an unbroken stream. All methods may be called concurrently.
type Sender struct {
	send  func(payload []byte, ticks uint32) error
	pause func(payload []byte, ticks uint32) error
	log   *slog.Logger
	meter *Meter
	gate  Gain
	stop  chan struct{}
	wake  chan struct{} // an input has changed
	done  chan struct{}

	paused  atomic.Bool
	spoken  atomic.Bool // by the Capture: somebody speaks
	packets atomic.Uint64
	bytes   atomic.Uint64
	errors  atomic.Uint64

	mu     sync.Mutex
	input  *Ring
	fresh  bool // input has just been set: what it held before is stale
	source Source
	music  Source // sent in the place of all else; nil = none
	sinks  []Sink
	others *elastic // what the others in a Conference say; nil = none
	way    Channel
	next   *sending // takes the place of what encodes, with the next packet; nil = nothing does
	closed bool
}

// sending is a Format with its encoder.
type sending struct {
	Format
	encoder Encoder
}

func newSending(f Format) (*sending, error) {
	encoder, err := f.Codec.NewEncoder()
	if err != nil {
		return nil, fmt.Errorf("make %s encoder: %w", f.Codec.Name(), err)
	}
	return &sending{f, encoder}, nil
}

// SenderStats is what a Sender has done so far.
type SenderStats struct {
	Packets uint64 // handed to Send with a payload
	Bytes   uint64 // of payload
	Errors  uint64 // returned by Send
}

// NewSender starts a Sender. Close ends it.
func NewSender(cfg SenderConfig) (*Sender, error) {
	first, err := newSending(cfg.Format)
	if err != nil {
		return nil, err
	}
	s := &Sender{
		send: cfg.Send, pause: cfg.SendPause, log: logger(cfg.Log), meter: NewMeter(),
		stop: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{}),
		source: cfg.Source,
	}
	s.gate.Mute(cfg.Muted)
	s.paused.Store(cfg.Paused)
	go s.run(first)
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

// SetMusic sends src, which begins softly and has no end, in the place of all else, muted or not: it is heard on hold.
// From the next packet on nothing of the microphone is sent, or of the others in a Conference, until SetMusic(nil); the
// music then fades out within a packet. Sinks and Level have silence meanwhile.
func (s *Sender) SetMusic(src Source) {
	s.mu.Lock()
	s.music = src
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

// SetFormat changes the format from the next packet on.
func (s *Sender) SetFormat(f Format) error {
	next, err := newSending(f)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		s.next.encoder.Close()
	}
	s.next = next
	if s.closed {
		s.dropNext()
	}
	return nil
}

// dropNext closes an encoder that is not used any more. The caller holds mu.
func (s *Sender) dropNext() {
	if s.next != nil {
		s.next.encoder.Close()
		s.next = nil
	}
}

// Follow tells the encoder what the way to the far end is like.
func (s *Sender) Follow(c Channel) {
	s.mu.Lock()
	s.way = c
	s.mu.Unlock()
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
func (s *Sender) run(first *sending) {
	defer close(s.done)
	packet := newPacketizer(s, first)
	defer packet.release()
	var pace pace
	pace.start(packet.pace())
	defer pace.stop()
	for {
		next := packet.read()
		pace.change(packet.pace())
		switch {
		case next.ready:
			packet.finish()
			pace.device()
		case pace.expired(next.device):
			if next.device {
				packet.owed++ // the device may yet deliver what silence stands for
			}
			packet.make(next)
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

func logger(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}
