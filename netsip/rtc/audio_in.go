package rtc

import (
	"io"
	"sync"
	"time"

	"github.com/pion/rtp"
)

// Packet is one RTP packet of audio as it came in.
type Packet struct {
	PayloadType    uint8
	SequenceNumber uint16
	Timestamp      uint32
	SSRC           uint32
	Marker         bool
	Again          bool   // the frame of a packet that did not come, as a later one has it (RFC 2198)
	Payload        []byte // reused by ReadAudio
	Arrival        time.Time
}

// queueLength is how many packets wait for ReadAudio: 1.3 s of 20 ms packets. Then the oldest goes.
const queueLength = 64

// packetQueue hands packets from pion's goroutines to the reader. Its buffers are used again.
type packetQueue struct {
	mu     sync.Mutex
	filled sync.Cond // on mu: not empty, or closed
	ring   [queueLength]Packet
	head   int // oldest
	length int
	closed bool
	came   arrivals
}

func (q *packetQueue) put(h *rtp.Header, payload []byte, arrival time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.came.first(h.SSRC, h.SequenceNumber, false)
	q.add(Packet{
		PayloadType: h.PayloadType, SequenceNumber: h.SequenceNumber, Timestamp: h.Timestamp, SSRC: h.SSRC,
		Marker: h.Marker, Arrival: arrival,
	}, payload)
}

// putRED adds the frames of a RED packet, the old ones where their packets did not come.
func (q *packetQueue) putRED(h *rtp.Header, blocks []redBlock, arrival time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	last := len(blocks) - 1
	for i, b := range blocks {
		seq := h.SequenceNumber - uint16(last-i)
		again := i < last
		if again && b.payloadType != blocks[last].payloadType {
			continue
		}
		if first := q.came.first(h.SSRC, seq, again); again && !first {
			continue
		}
		q.add(Packet{
			PayloadType: b.payloadType, SequenceNumber: seq, Timestamp: h.Timestamp - b.older, SSRC: h.SSRC,
			Marker: h.Marker && !again, Again: again, Arrival: arrival,
		}, b.frame)
	}
}

// add appends a packet. The caller holds mu.
func (q *packetQueue) add(p Packet, payload []byte) {
	if q.closed {
		return
	}
	if q.length == queueLength {
		q.head = (q.head + 1) % queueLength
		q.length--
	}
	slot := &q.ring[(q.head+q.length)%queueLength]
	q.length++
	p.Payload = append(slot.Payload[:0], payload...)
	*slot = p
	q.filled.Signal()
}

func (q *packetQueue) take(p *Packet) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.length == 0 {
		if q.closed {
			return io.EOF
		}
		q.filled.Wait()
	}
	slot := &q.ring[q.head]
	payload := append(p.Payload[:0], slot.Payload...)
	*p = *slot
	p.Payload = payload
	q.head = (q.head + 1) % queueLength
	q.length--
	return nil
}

func (q *packetQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.length = 0
	q.filled.Broadcast()
}

// ReadAudio waits for the next packet of audio, of whatever source and of any payload type that
// ReceiveCodec knows; telephone-events and what the agreed direction does not let in are taken out. Of RED, the frames
// come one by one, those of packets that did not come before the packet's own.
// p.Payload is used again. It returns io.EOF after Close.
func (s *Session) ReadAudio(p *Packet) error {
	return s.packets.take(p)
}

// arrived sorts a packet: into the statistics, then to the telephone-events or to the reader.
func (s *Session) arrived(h *rtp.Header, payload []byte, arrival time.Time) {
	a := s.agreed.Load()
	if a == nil {
		return
	}
	c := a.receive[h.PayloadType]
	clock := c.ClockRate
	if c.Name == telephoneEvent {
		clock = 0 // its packets share a timestamp: they say nothing of jitter
	}
	expected := a.local.Receives() && a.remote.Sends()
	s.figures.received(h, len(payload), clock, arrival, expected)
	switch {
	case c.Name == "" || len(payload) == 0:
	case c.Name == telephoneEvent:
		s.events.packet(h.SSRC, h.Timestamp, payload, c.ClockRate)
	case !a.local.Receives():
	case c.isRED():
		var room [redBlocks]redBlock
		if blocks, ok := readRED(room[:0], payload); ok && a.sound(blocks[len(blocks)-1].payloadType) {
			s.packets.putRED(h, blocks, arrival)
			if expected {
				s.figures.again(h, blocks)
			}
		}
	default:
		s.packets.put(h, payload, arrival)
	}
}
