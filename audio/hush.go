package audio

import (
	"sync/atomic"
	"time"
)

// hushLevel is the largest sample of what is no sound: -84 dBFS. The air of a room, and the amplifier of a microphone
// that nobody uses, are louder; one that is switched off gives zeros, or the last bit of its converter.
const hushLevel = 2

// hush is the stage of a Capture that notices whether the microphone gives any sound. It changes nothing. One goroutine
// Processes; any may set and ask.
type hush struct {
	heard atomic.Int64 // when it last gave one, in nanoseconds of Unix time; 0 = there is no microphone
}

// Process implements stage.
func (h *hush) Process(frame Frame) {
	for _, s := range frame {
		if s > hushLevel || s < -hushLevel {
			h.heard.Store(time.Now().UnixNano())
			return
		}
	}
}

// begin is told that there is another microphone, or none.
func (h *hush) begin(there bool) {
	if !there {
		h.heard.Store(0)
		return
	}
	h.heard.Store(time.Now().UnixNano())
}

// Heard is when the microphone last gave a sound, or when it came where it has given none yet. It is zero while there
// is none. One that is switched off, or that the system keeps from us, gives digital silence or nothing at all.
func (c *Capture) Heard() time.Time {
	at := c.hush.heard.Load()
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(0, at)
}
