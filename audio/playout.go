package audio

import (
	"sync"
	"sync/atomic"
	"time"
)

// How much sound a Playout keeps in the device's ring: one period of the device where the machine is quick. Whenever
// that was not enough it is a period more, up to six, and a period less after ten seconds in which it was. Where less
// proves wrong, the next try waits for twice as long, up to ten minutes: sound that is missing is heard, a period of
// delay hardly.
const (
	playoutLeast = FrameSamples
	playoutMost  = 6 * FrameSamples
	playoutCalm  = 1000 // Frames
	playoutTrust = 60_000
)

// PlayoutAhead is how much sound a Playout keeps for its device, where the machine is quick.
const PlayoutAhead = playoutLeast * time.Second / SampleRate

// Playout mixes Sources and keeps a playback device's ring filled with them, at the pace of the
// device. With no device, or with one that has stopped, the system's clock drives it and the sound
// goes nowhere: what hangs on its Sources (recordings, levels, statistics) goes on.
//
// All methods may be called concurrently, but not from within a Source's Fill.
type Playout struct {
	stop  chan struct{}
	wake  chan struct{}
	done  chan struct{}
	gain  Gain
	meter *Meter

	reference Reference

	closed atomic.Bool
	mu     sync.Mutex
	output *Ring
	voices []Source
	tail   []int32 // the fading end of what was removed, mixed into the next frame
	mix    []int32
	part   []int16
}

// NewPlayout starts a Playout into ring, which may be nil. Close ends it.
func NewPlayout(ring *Ring) *Playout {
	p := &Playout{
		stop: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{}),
		meter: NewMeter(), output: ring,
		tail: make([]int32, FrameSamples), mix: make([]int32, FrameSamples), part: make([]int16, FrameSamples),
	}
	p.reference.follow(ring)
	go p.run()
	return p
}

// SetOutput makes ring the playback device's, or with nil says that there is none. The Playout is then
// the ring's one producer until the next SetOutput or Close.
func (p *Playout) SetOutput(ring *Ring) {
	p.mu.Lock()
	p.output = ring
	p.reference.follow(ring)
	p.mu.Unlock()
	notify(p.wake)
}

// Add plays src from now on, together with what plays already, until it ends or is removed. A Source
// that is there already is not added again.
func (p *Playout) Add(src Source) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range p.voices {
		if v == src {
			return
		}
	}
	p.voices = append(p.voices, src)
}

// Remove ends src with a short fade. When it returns, src is no longer used. Removing what is not
// there does nothing.
func (p *Playout) Remove(src Source) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, v := range p.voices {
		if v != src {
			continue
		}
		p.drop(i)
		src.Fill(p.part)
		for k, s := range p.part {
			p.tail[k] += int32(s) * int32(FrameSamples-k) / FrameSamples
		}
		return
	}
}

// SetGain scales everything played by this many dB; Silence and below are silent.
func (p *Playout) SetGain(db float64) { p.gain.Set(db) }

// Reference tells what this Playout's device takes.
func (p *Playout) Reference() *Reference { return &p.reference }

// Level is the loudness of everything played.
func (p *Playout) Level() Level { return p.meter.Level() }

// Close ends the Playout and waits for its goroutine: no Source is used afterwards.
func (p *Playout) Close() {
	if !p.closed.Swap(true) {
		close(p.stop)
	}
	<-p.done
}

func (p *Playout) run() {
	defer close(p.done)
	frame := make(Frame, FrameSamples)
	var pace pace
	pace.start(frameTime, packetTime)
	defer pace.stop()
	var ahead ahead
	for {
		p.mu.Lock()
		ring := p.output
		p.mu.Unlock()
		var drained <-chan struct{}
		if ring != nil {
			drained = ring.Drained()
		}
		switch {
		case ahead.wants(ring):
			p.next(frame)
			p.mu.Lock()
			if p.output == ring {
				ring.Write(frame)
			}
			p.mu.Unlock()
			pace.device()
		case pace.expired(ring != nil):
			p.next(frame)
			pace.tick()
		default:
			select {
			case <-drained:
			case <-pace.wait(ring != nil):
			case <-p.wake:
			case <-p.stop:
				return
			}
			continue
		}
		select {
		case <-p.stop:
			return
		default:
		}
	}
}

// ahead decides how full a device's ring is kept.
type ahead struct {
	ring  *Ring
	level int    // samples
	calm  int    // Frames since level was last changed
	trust int    // Frames of calm until there is to be less
	tried bool   // level is one that was less
	short uint64 // what the ring told last
}

// wants says whether ring is to get a frame now.
func (a *ahead) wants(ring *Ring) bool {
	if ring == nil || ring != a.ring {
		*a = ahead{ring: ring, level: playoutLeast, trust: playoutCalm}
		return ring != nil && ring.Len() == 0
	}
	n := ring.Len()
	if n > min(a.level, ring.capacity)-FrameSamples {
		return false
	}
	// Where more than one frame is kept, the last one must not have been touched; of the only one nobody knows that.
	short := ring.short.Load()
	wanting := short != a.short || n == 0 && a.level > playoutLeast
	a.short = short
	switch a.calm++; {
	case wanting && a.calm > 1:
		a.level, a.calm = min(a.level+FrameSamples, playoutMost), 0
		if a.tried {
			a.trust, a.tried = min(2*a.trust, playoutTrust), false
		}
	case a.level > playoutLeast && a.calm >= a.trust:
		a.level, a.calm, a.tried = a.level-FrameSamples, 0, true
	}
	return true
}

// next mixes one frame.
func (p *Playout) next(frame Frame) {
	p.mu.Lock()
	copy(p.mix, p.tail)
	clear(p.tail)
	for i := 0; i < len(p.voices); {
		more := p.voices[i].Fill(p.part)
		for k, s := range p.part {
			p.mix[k] += int32(s)
		}
		if more {
			i++
		} else {
			p.drop(i)
		}
	}
	for k, s := range p.mix {
		frame[k] = saturate(s)
	}
	p.mu.Unlock()
	p.gain.Process(frame)
	p.meter.Add(frame)
}

// drop takes a voice out, keeping the order of the others and no reference to it.
func (p *Playout) drop(i int) {
	last := len(p.voices) - 1
	copy(p.voices[i:], p.voices[i+1:])
	p.voices[last] = nil
	p.voices = p.voices[:last]
}
