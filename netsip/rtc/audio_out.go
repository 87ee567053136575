package rtc

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// silence is how long no audio may be written before the timestamps jump to where the clock is, and
// the next packet begins a talkspurt.
const silence = 200 * time.Millisecond

// outgoing is the one RTP stream of a peer: audio and telephone-events share its SSRC and sequence
// numbers (RFC 4733 section 2.5). It is the TrackLocal that pion binds, whatever the codec.
type outgoing struct {
	ssrc  uint32
	cname string

	mu      sync.Mutex
	writer  webrtc.TrackLocalWriter // nil while not bound
	header  rtp.Header              // of the packet being written
	live    bool                    // the transport is connected
	clock   uint32                  // of the codec last written
	next    uint32                  // timestamp of the next audio packet
	written time.Time               // when audio was last written, or an event ended
	covered uint32                  // ticks before next that were for the time after written
	marker  bool                    // the next audio packet begins a talkspurt
	event   bool                    // a telephone-event is being sent: no audio

	packets, octets uint64
	lastTimestamp   uint32 // of the packet last sent, at lastSent
	lastSent        time.Time
}

var _ webrtc.TrackLocal = (*outgoing)(nil)

func newOutgoing(cname string) *outgoing {
	o := &outgoing{cname: cname, next: rand.Uint32(), marker: true}
	o.header.Version = 2
	o.header.SequenceNumber = uint16(rand.Uint32N(1 << 15)) // RFC 3711 section 3.3.1: away from the wrap
	return o
}

// Bind implements webrtc.TrackLocal. Which codec pion takes does not matter: each packet carries the
// payload type of the agreement.
func (o *outgoing) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writer = c.WriteStream()
	o.header.SSRC = uint32(c.SSRC())
	return c.CodecParameters()[0], nil
}

// Unbind implements webrtc.TrackLocal.
func (o *outgoing) Unbind(webrtc.TrackLocalContext) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writer = nil
	return nil
}

// ID implements webrtc.TrackLocal.
func (o *outgoing) ID() string { return "audio" }

// RID implements webrtc.TrackLocal.
func (o *outgoing) RID() string { return "" }

// StreamID implements webrtc.TrackLocal.
func (o *outgoing) StreamID() string { return o.cname }

// Kind implements webrtc.TrackLocal.
func (o *outgoing) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }

func (o *outgoing) setLive(live bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.live = live
}

// audio sends one packet of c that covers that many ticks, unless muted by the direction agreed or
// by an event; the time it covers passes all the same.
func (o *outgoing) audio(c Codec, payload []byte, samples uint32, send bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pass(c.ClockRate)
	timestamp := o.next
	o.next += samples
	o.covered = samples
	if !send || o.event || len(payload) == 0 {
		o.marker = true
		return nil
	}
	marker := o.marker
	o.marker = false
	return o.send(c.PayloadType, timestamp, marker, payload)
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

// beginEvent stops the audio and returns the timestamp of the event.
func (o *outgoing) beginEvent(clock uint32) uint32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pass(clock)
	o.event = true
	return o.next
}

// endEvent lets audio through again, from the end of an event of that many audio ticks on.
func (o *outgoing) endEvent(timestamp, ticks uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.event = false
	o.marker = true
	if int32(timestamp+ticks-o.next) > 0 {
		o.next = timestamp + ticks
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
	if o.writer == nil || !o.live {
		o.marker = true
		return nil
	}
	o.header.PayloadType = payloadType
	o.header.Timestamp = timestamp
	o.header.Marker = marker
	o.header.SequenceNumber++
	if _, err := o.writer.WriteRTP(&o.header, payload); err != nil {
		return err
	}
	o.packets++
	o.octets += uint64(len(payload))
	o.lastTimestamp, o.lastSent = timestamp, time.Now()
	return nil
}

// WriteAudio sends one packet: payload is the encoded audio and samples the RTP ticks it covers (960
// for 20 ms of Opus, 160 of G.711). Sequence number, timestamp and marker are made here. Before the
// call is connected, while a telephone-event is sent, and while the agreed direction does not let us
// send, the packet is dropped without error. It allocates nothing; payload is not kept.
func (s *Session) WriteAudio(payload []byte, samples uint32) error {
	a, p := s.agreed.Load(), s.current.Load()
	switch {
	case s.ended.Err() != nil:
		return ErrClosed
	case a == nil || p == nil:
		return nil
	}
	return p.out.audio(a.audio[0], payload, samples, a.local.Sends())
}
