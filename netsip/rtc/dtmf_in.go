package rtc

import (
	"encoding/binary"
	"sync"
	"time"
)

// eventTimeout is how long after its last packet an event without an end is taken to be over:
// updates come every 20 to 50 ms.
const eventTimeout = 200 * time.Millisecond

// eventReceiver turns the packets of telephone-events into digits, each reported once: at its first
// end packet, or when the next event begins or nothing more comes of it (RFC 4733 section 2.5.2).
//
//	idle ──packet──▶ held ──end packet, next event, time-out──▶ idle, reported
//	  ▲───────────────packets of an event reported already: nothing
type eventReceiver struct {
	report func(digit rune, duration time.Duration)

	mu     sync.Mutex
	held   *heldEvent
	done   [4]eventID // the last reported, in turn
	next   int
	closed bool
}

// eventID tells events of a far end apart: all packets of one have its first timestamp.
type eventID struct {
	ssrc, timestamp uint32
	known           bool
}

type heldEvent struct {
	eventID
	code     uint8
	duration uint32 // ticks of clock, of the segments before too
	before   uint32 // of the segments before this one
	clock    uint32
	timeout  *time.Timer
}

func (r *eventReceiver) packet(ssrc, timestamp uint32, payload []byte, clock uint32) {
	if len(payload) < 4 || payload[0] >= uint8(len(keys)) || clock == 0 {
		return
	}
	id := eventID{ssrc: ssrc, timestamp: timestamp, known: true}
	code, end := payload[0], payload[1]&0x80 != 0
	duration := uint32(binary.BigEndian.Uint16(payload[2:]))

	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	for _, d := range r.done {
		if d == id {
			return
		}
	}
	if h := r.held; h != nil && h.eventID != id {
		switch {
		case h.ssrc == ssrc && code == h.code && h.duration-h.before == 0xFFFF && timestamp == h.timestamp+0xFFFF:
			// The next segment of an event too long for one duration (section 2.5.1.3).
			r.remember(h.eventID)
			h.eventID, h.before = id, h.duration
		case h.ssrc == ssrc && int32(timestamp-h.timestamp) < 0:
			return // late, of an event before
		default:
			r.finish()
		}
	}
	if r.held == nil {
		h := &heldEvent{eventID: id, code: code, clock: clock}
		h.timeout = time.AfterFunc(eventTimeout, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.held == h {
				r.finish()
			}
		})
		r.held = h
	}
	r.held.duration = max(r.held.duration, r.held.before+duration)
	if end {
		r.finish()
		return
	}
	r.held.timeout.Reset(eventTimeout)
}

// finish reports the held event. The caller holds mu.
func (r *eventReceiver) finish() {
	h := r.held
	h.timeout.Stop()
	r.held = nil
	r.remember(h.eventID)
	r.report(rune(keys[h.code]), time.Duration(h.duration)*time.Second/time.Duration(h.clock))
}

func (r *eventReceiver) remember(id eventID) {
	r.done[r.next] = id
	r.next = (r.next + 1) % len(r.done)
}

func (r *eventReceiver) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.held != nil {
		r.held.timeout.Stop()
		r.held = nil
	}
}
