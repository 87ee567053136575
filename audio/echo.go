package audio

import (
	"sync/atomic"
	"time"

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

// Probe gets what a microphone hears, and before each Frame of it what its Reference's device has taken meanwhile, in
// the place of the echo canceller, which is one as well.
type Probe interface {
	Reference(pcm []int16)
	Process(frame []int16) // which is sent as it comes out
}

// echoStage is the stage of a Capture that takes the echo out. One goroutine Processes.
type echoStage struct {
	wanted    *atomic.Pointer[Cleaning]
	reference atomic.Pointer[Reference]
	probe     atomic.Pointer[Probe] // in the place of the canceller; nil = none
	delay     atomic.Int64          // samples by which the echo is known to be late; 0 = it is not known
	renew     atomic.Bool           // the microphone or the loudspeaker is another one

	now    Probe  // the canceller or the probe; nil while neither is wanted
	probed *Probe // which one now is; nil for the canceller
	ring   *Ring  // of the reference, at the last frame
	played Frame
}

func newEchoStage(wanted *atomic.Pointer[Cleaning]) *echoStage {
	return &echoStage{wanted: wanted, played: make(Frame, FrameSamples)}
}

// Process implements stage.
func (s *echoStage) Process(frame Frame) {
	reference, probe := s.reference.Load(), s.probe.Load()
	if reference == nil || probe == nil && !s.wanted.Load().Echo {
		s.now = nil
		return
	}
	if s.now == nil || s.probed != probe || s.renew.Swap(false) {
		s.begin(probe)
	}
	if ring := reference.ring.Load(); ring != s.ring {
		if ring != nil {
			ring.Discard(ring.Len())
		}
		s.ring = ring
	}
	if s.ring != nil {
		for n := s.ring.Read(s.played); n > 0; n = s.ring.Read(s.played) {
			s.now.Reference(s.played[:n])
		}
	}
	s.now.Process(frame)
}

// begin begins anew, with a Probe or the canceller.
func (s *echoStage) begin(probe *Probe) {
	s.probed, s.ring = probe, nil
	if probe != nil {
		s.now = *probe
		return
	}
	canceller := dsp.NewEchoCanceller()
	if late := s.delay.Load(); late > 0 {
		canceller.Expect(int(late))
	}
	s.now = canceller
}

// SetReference tells what is played beside the microphone; nil is nothing. Only with it can the echo be taken out. A
// Reference is for one Capture at a time.
func (c *Capture) SetReference(r *Reference) {
	if c.echo.reference.Swap(r) != r {
		c.echo.renew.Store(true)
	}
}

// SetEchoDelay tells by how much the echo of these devices was late when it was measured, so that it is taken out from
// the beginning; 0 is not known, and then the canceller finds out.
func (c *Capture) SetEchoDelay(d time.Duration) {
	if now := samples(d); c.echo.delay.Swap(now) != now && now > 0 {
		c.echo.renew.Store(true)
	}
}

// SetProbe has p hear both what is played and what the microphone does, until SetProbe(nil);
// meanwhile no echo is taken out. It takes a Reference.
func (c *Capture) SetProbe(p Probe) {
	switch now := c.echo.probe.Load(); {
	case p == nil:
		c.echo.probe.Store(nil)
	case now == nil || *now != p: // one that is there already goes on
		c.echo.probe.Store(&p)
	}
}
