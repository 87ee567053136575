package rtc

import (
	"encoding/binary"
	"slices"
	"sync"
	"time"
)

// eventTimeout is how long after its last packet an event without an end is taken to be over:
// updates come every 20 to 50 ms.
const eventTimeout = 200 * time.Millisecond

// eventLongest is the most that a duration can say, in ticks: a longer event goes on in another segment (RFC 4733
// section 2.5.1.3).
const eventLongest = 0xFFFF

// eventLate is how much older than the event that lasts another one may be to be late, in seconds, and not of a clock
// that was set back.
const eventLate = 10

// eventReceiver turns the packets of telephone-events into digits, each reported once: at its first
// end packet, or when the next event begins or nothing more comes of it (RFC 4733 section 2.5.2).
//
//	idle ──packet──▶ held ──end packet, next event, time-out──▶ idle, reported
//	  ▲───────────────packets of an event reported already: nothing
type eventReceiver struct {
	report func(digit rune, duration time.Duration)

	mu     sync.Mutex
	held   *heldEvent
	done   [16]eventID // the last reported, in turn
	next   int
	last   eventID // of those the last, …
	ended  bool    // … whose end has come
	closed bool
}

// eventID tells events of a far end apart: all packets of one have its first timestamp. Far ends whose clock stands
// still meanwhile give it to the next one as well.
type eventID struct {
	ssrc, timestamp uint32
	code            uint8
	known           bool
}

// goesOn tells whether next is the segment after e of the same event. It begins where a duration is full (RFC 4733
// section 2.5.1.3), with libwebrtc at the packet of audio after that; what said so may be lost.
func (e eventID) goesOn(next eventID, clock uint32) bool {
	off := int32(next.timestamp - e.timestamp - eventLongest)
	return e.known && e.ssrc == next.ssrc && e.code == next.code && max(off, -off) <= int32(clock/8)
}

type heldEvent struct {
	eventID
	duration uint32 // ticks of clock, of the segments before too
	before   uint32 // of the segments before this one
	clock    uint32
	timeout  *time.Timer
}

func (r *eventReceiver) packet(ssrc, timestamp uint32, payload []byte, clock uint32) {
	if len(payload) < 4 || payload[0] >= uint8(len(keys)) || clock == 0 {
		return
	}
	id := eventID{ssrc: ssrc, timestamp: timestamp, code: payload[0], known: true}
	end := payload[1]&0x80 != 0
	duration := uint32(binary.BigEndian.Uint16(payload[2:]))

	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	if slices.Contains(r.done[:], id) {
		r.ended = r.ended || end && id == r.last
		return
	}
	h := r.held
	switch {
	case h == nil && !r.ended && r.last.goesOn(id, clock):
		// What was reported when nothing came of it any more still lasts.
		r.remember(id)
		r.last, r.ended = id, end
		return
	case h == nil || h.eventID == id:
	case h.goesOn(id, clock):
		r.remember(h.eventID)
		h.eventID, h.before = id, h.before+eventLongest
	case h.ssrc == ssrc && h.timestamp-timestamp-1 < eventLate*clock:
		return // late, of an event before
	default:
		r.finish(false)
	}
	if r.held == nil {
		h = &heldEvent{eventID: id, clock: clock}
		h.timeout = time.AfterFunc(eventTimeout, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.held == h {
				r.finish(false)
			}
		})
		r.held = h
	}
	h.duration = max(h.duration, h.before+duration)
	if end {
		r.finish(true)
		return
	}
	h.timeout.Reset(eventTimeout)
}

// finish reports the held event, whose end has come or is not waited for. The caller holds mu.
func (r *eventReceiver) finish(ended bool) {
	h := r.held
	h.timeout.Stop()
	r.held = nil
	r.remember(h.eventID)
	r.last, r.ended = h.eventID, ended
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
