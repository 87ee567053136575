package audio

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Packet is one received RTP packet of sound.
type Packet struct {
	SSRC      uint32
	Sequence  uint16
	Timestamp uint32 // of the codec's clock
	Payload   []byte // copied where it is kept
	Noise     bool   // it is comfort noise (RFC 3389), which begins a pause
	Arrival   time.Time
	// Again tells that this is the frame of an earlier packet as the one that has just come carries it once more (RFC
	// 2198). It counts where that packet has not come.
	Again bool
}

// ReceiverConfig says what a Receiver is made of.
type ReceiverConfig struct {
	Codec Codec
	// Delay bounds the jitter buffer; the zero value is right for calls.
	Delay DelayLimits
	Log   *slog.Logger // nil: discard
}

// ReceiverStats is the figures of a received stream.
type ReceiverStats struct {
	JitterStats
	DecodeErrors uint64 // payloads the decoder refused
	// How loud the far end's speech is, and its pauses, in dBFS, RMS, of the last minute; 0 = not known.
	Speech, Pauses float64
}

// Receiver turns RTP packets into sound:
//
//	Push → jitter buffer → decode, forward error correction or concealment → time-stretch → gain → level, sinks → Fill
//
// It is a Source: a Playout pulls Frames from it at the pace of the playing device, or of the system's
// clock where there is none. All methods may be called concurrently.
type Receiver struct {
	log   *slog.Logger
	meter *Meter

	mu     sync.Mutex
	play   *playbuffer
	sinks  []Sink
	closed bool
}

// NewReceiver returns a Receiver, which has no goroutine of its own. Close releases the decoder.
func NewReceiver(cfg ReceiverConfig) (*Receiver, error) {
	decoder, err := cfg.Codec.NewDecoder()
	if err != nil {
		return nil, fmt.Errorf("make %s decoder: %w", cfg.Codec.Name(), err)
	}
	return &Receiver{
		log: logger(cfg.Log), meter: NewMeter(),
		play: newPlaybuffer(NewJitterBuffer(cfg.Codec.ClockRate(), cfg.Delay), decoder),
	}, nil
}

// Push hands over a packet as it comes from the network.
func (r *Receiver) Push(p Packet) {
	r.mu.Lock()
	if !r.closed {
		r.play.jitter.Put(p)
	}
	r.mu.Unlock()
}

// SetCodec changes the codec of the packets pushed from now on. Packets still waiting are dropped.
func (r *Receiver) SetCodec(c Codec) error {
	decoder, err := c.NewDecoder()
	if err != nil {
		return fmt.Errorf("make %s decoder: %w", c.Name(), err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		decoder.Close()
		return nil
	}
	r.play.leaveOff()
	r.play.decoder.Close()
	r.play.setDecoder(decoder)
	r.play.jitter.SetClockRate(c.ClockRate())
	return nil
}

// Break tells that nothing is to be heard for a time, as on hold: silence until the next packet, which follows nothing.
func (r *Receiver) Break() {
	r.mu.Lock()
	if !r.closed {
		r.play.jitter.Break()
	}
	r.mu.Unlock()
}

// SetSinks passes everything received to these and to no others any more. They get silence where
// there is nothing to play.
func (r *Receiver) SetSinks(sinks ...Sink) {
	r.mu.Lock()
	r.sinks = sinks
	r.mu.Unlock()
}

// Level is the loudness of what is heard.
func (r *Receiver) Level() Level { return r.meter.Level() }

// Stats tells the figures so far.
func (r *Receiver) Stats() ReceiverStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := ReceiverStats{JitterStats: r.play.jitter.Stats(), DecodeErrors: r.play.refused}
	s.Speech, s.Pauses = r.play.levels.tell()
	return s
}

// Fill implements Source. It never ends before Close.
func (r *Receiver) Fill(frame Frame) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		clear(frame)
		return false
	}
	refused := r.play.refused
	r.play.fill(frame, time.Now())
	if refused == 0 && r.play.refused > 0 {
		r.log.Warn("received sound cannot be decoded", "error", r.play.lastErr)
	}
	r.meter.Add(frame)
	for _, sink := range r.sinks {
		sink.Add(frame)
	}
	return true
}

// Close ends the stream and releases the decoder. It is safe to call twice.
func (r *Receiver) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		r.play.decoder.Close()
	}
}
