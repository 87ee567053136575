package audio

import (
	"sync/atomic"

	"calla/audio/dsp"
)

// referenceFrames is the room for what a playback device takes while nobody asks for it: what a Capture that the
// machine holds up, or its device, may be late.
const referenceFrames = 32

// Reference is what a Playout's device really takes, whatever plays and whatever device that is at the time, for one
// Capture that is to take the echo of it out. Silence that the device had to play for want of sound is in it.
type Reference struct{ ring atomic.Pointer[Ring] }

// follow makes it what is taken out of ring, which may be nil.
func (r *Reference) follow(ring *Ring) {
	if ring == nil {
		r.ring.Store(nil)
		return
	}
	if ring.tap.Load() == nil {
		ring.tap.Store(NewRing(referenceFrames))
	}
	r.ring.Store(ring.tap.Load())
}

// echoStage is the stage of a Capture that takes the echo out. One goroutine Processes.
type echoStage struct {
	wanted    *atomic.Pointer[Cleaning]
	reference atomic.Pointer[Reference]
	renew     atomic.Bool // the microphone or the loudspeaker is another one

	canceller *dsp.EchoCanceller // nil while it is not wanted
	ring      *Ring              // of the reference, at the last frame
	played    Frame
}

func newEchoStage(wanted *atomic.Pointer[Cleaning]) *echoStage {
	return &echoStage{wanted: wanted, played: make(Frame, FrameSamples)}
}

// Process implements stage.
func (s *echoStage) Process(frame Frame) {
	reference := s.reference.Load()
	if reference == nil || !s.wanted.Load().Echo {
		s.canceller = nil
		return
	}
	if s.canceller == nil || s.renew.Swap(false) {
		s.canceller, s.ring = dsp.NewEchoCanceller(), nil
	}
	if ring := reference.ring.Load(); ring != s.ring {
		if ring != nil {
			ring.Discard(ring.Len())
		}
		s.ring = ring
	}
	if s.ring != nil {
		for n := s.ring.Read(s.played); n > 0; n = s.ring.Read(s.played) {
			s.canceller.Reference(s.played[:n])
		}
	}
	s.canceller.Process(frame)
}

// SetReference tells what is played beside the microphone; nil is nothing. Only with it can the echo be taken out. A
// Reference is for one Capture at a time.
func (c *Capture) SetReference(r *Reference) {
	if c.echo.reference.Swap(r) != r {
		c.echo.renew.Store(true)
	}
}
