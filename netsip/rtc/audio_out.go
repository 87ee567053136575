package rtc

import (
	"crypto/rand"
	randv2 "math/rand/v2"
	"sync"
	"time"

	"github.com/pion/rtp"
)

// silence is how long no audio may be written before the timestamps jump to where the clock is, and
// the next packet begins a talkspurt.
const silence = 200 * time.Millisecond

// outgoing is the one RTP stream of a session, over whichever transport carries it: audio and telephone-events share
// its SSRC and sequence numbers (RFC 4733 section 2.5), which go on through ICE restarts.
type outgoing struct {
	ssrc  uint32
	cname string

	mu      sync.Mutex
	to      rtpSender  // nil while nothing carries it
	header  rtp.Header // of the packet being written
	clock   uint32     // of the codec last written
	next    uint32     // timestamp of the next audio packet
	written time.Time  // when audio was last written, or an event ended
	covered uint32     // ticks before next that were for the time after written
	marker  bool       // the next audio packet begins a talkspurt
	event   bool       // a telephone-event is being sent: no audio
	ended   bool       // it has been sent
	ends    uint32     // when it is over: its end, before which no audio is sent
	red     redWriter

	packets, octets uint64
	lastTimestamp   uint32 // of the packet last sent, at lastSent
	lastSent        time.Time
}

// rtpSender sends RTP: a *peer.
type rtpSender interface {
	sendRTP(h *rtp.Header, payload []byte) error
}

// begin chooses what RFC 3550 section 5.1 wants to be random.
func (o *outgoing) begin() {
	o.ssrc, o.cname, o.next, o.marker = randv2.Uint32(), rand.Text(), randv2.Uint32(), true
	o.header.Version, o.header.SSRC = 2, o.ssrc
	o.header.SequenceNumber = uint16(randv2.Uint32N(1 << 15)) // RFC 3711 section 3.3.1: away from the wrap
}

// over has the stream go over a transport, or nowhere.
func (o *outgoing) over(p *peer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = nil
	if p != nil {
		o.to = p
	}
}

// audio sends one packet that covers that many ticks, as RED where that is wanted and agreed on, unless muted by the
// direction agreed or by an event; the time it covers passes all the same.
func (o *outgoing) audio(a *agreement, payload []byte, samples uint32, red bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := a.audio[0]
	timestamp := o.advance(c.ClockRate, samples)
	if !a.local.Sends() || o.event || len(payload) == 0 {
		o.marker = true
		return nil
	}
	marker := o.marker
	o.marker = false
	if !red || !a.sendsRED() {
		o.red.forget()
		return o.send(c.PayloadType, timestamp, marker, payload)
	}
	return o.send(a.red.PayloadType, timestamp, marker, o.red.wrap(c.PayloadType, timestamp, payload))
}

// rest sends what there is in a pause, if anything is told, for a packet's time. The next packet of audio begins a
// talkspurt (RFC 3551 section 4.1), this does not.
func (o *outgoing) rest(a *agreement, payload []byte, samples uint32) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := a.audio[0]
	timestamp := o.advance(c.ClockRate, samples)
	o.marker = true
	if !a.local.Sends() || o.event || len(payload) == 0 {
		return nil
	}
	if a.comfort.Name != "" {
		c = a.comfort
	}
	o.red.forget()
	return o.send(c.PayloadType, timestamp, false, payload)
}

// advance returns the timestamp of a packet of so many ticks.
func (o *outgoing) advance(clock, samples uint32) uint32 {
	o.pass(clock)
	timestamp := o.next
	o.next += samples
	o.covered = samples
	if o.ended && int32(timestamp-o.ends) >= 0 {
		o.event, o.ended = false, false
	}
	return timestamp
}

// pass lets the time go by that nobody wrote audio for.
func (o *outgoing) pass(clock uint32) {
	now := time.Now()
	if gap := now.Sub(o.written); !o.written.IsZero() && gap > silence {
		o.next += uint32(gap.Seconds()*float64(clock)) - o.covered
		o.marker = true
	}
	o.written, o.covered = now, 0
	o.clock = clock
}

// lasting is how long the packets of audio are. The caller holds mu.
func (o *outgoing) lasting() time.Duration {
	if o.covered == 0 || o.clock == 0 {
		return usualPacket
	}
	return time.Duration(o.covered) * time.Second / time.Duration(o.clock)
}

// beginEvent stops the audio and returns the timestamp of the event.
func (o *outgoing) beginEvent(clock uint32) uint32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pass(clock)
	if o.ended && int32(o.ends-o.next) > 0 {
		o.next = o.ends // of one right before
	}
	o.event, o.ended = true, false
	o.red.forget()
	return o.next
}

// endEvent lets audio through again, from the end of an event of that many audio ticks on. Of audio that goes on
// meanwhile, packets as long as an event may have that end within them: these are left out as well.
func (o *outgoing) endEvent(timestamp, ticks uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended, o.ends = true, timestamp+ticks
	o.marker = true
	if o.next == timestamp { // nobody writes audio
		o.next = o.ends
		o.written, o.covered = time.Now(), 0
	}
}

func (o *outgoing) sendEvent(payloadType uint8, timestamp uint32, marker bool, payload []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.send(payloadType, timestamp, marker, payload)
}

// send writes a packet; before the transport is connected it is dropped.
func (o *outgoing) send(payloadType uint8, timestamp uint32, marker bool, payload []byte) error {
	if o.to == nil {
		o.marker = true
		return nil
	}
	o.header.PayloadType = payloadType
	o.header.Timestamp = timestamp
	o.header.Marker = marker
	o.header.SequenceNumber++
	if err := o.to.sendRTP(&o.header, payload); err != nil {
		return err
	}
	o.packets++
	o.octets += uint64(len(payload))
	o.lastTimestamp, o.lastSent = timestamp, time.Now()
	return nil
}

// WriteAudio sends one packet: payload is the encoded audio and samples the RTP ticks it covers (960
// for 20 ms of Opus, 160 of G.711 and G.722). Sequence number, timestamp and marker are made here. Before the
// call is connected, while a telephone-event is sent, and while the agreed direction does not let us
// send, the packet is dropped without error. It allocates nothing; payload is not kept.
func (s *Session) WriteAudio(payload []byte, samples uint32) error {
	a, err := s.sends()
	if a == nil {
		return err
	}
	return s.out.audio(a, payload, samples, s.figures.wantRED())
}

// WritePause is WriteAudio for a packet's time of a pause that is left out. payload is what tells of it: comfort noise
// where that was agreed on (Wishes.Comfort), else of the codec itself, or empty for nothing.
func (s *Session) WritePause(payload []byte, samples uint32) error {
	a, err := s.sends()
	if a == nil {
		return err
	}
	return s.out.rest(a, payload, samples)
}

// sends returns what was agreed on, nil where nothing can be sent.
func (s *Session) sends() (*agreement, error) {
	if s.ended.Err() != nil {
		return nil, ErrClosed
	}
	return s.agreed.Load(), nil
}
