package audio

import (
	"sync"
	"sync/atomic"
)

// Playout mixes Sources for a playback device, a Frame whenever the device wants one: on the device's thread, so that
// nothing waits in between, neither sound nor a goroutine to be woken. A device that wants several at once gets them;
// what that asks of a jitter buffer, it learns there (bursts). With no device, or with one that has stopped, the
// system's clock drives the Playout and the sound goes nowhere: what hangs on its Sources (recordings, levels,
// statistics) goes on.
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
	mu     sync.Mutex // held by who makes a Frame, too
	output *Ring
	voices []Source
	tail   []int32 // the fading end of what was removed, mixed into the next frame
	mix    []int32
	part   []int16
	frame  Frame
	pace   pace
}

// NewPlayout starts a Playout into ring, which may be nil. Close ends it.
func NewPlayout(ring *Ring) *Playout {
	p := &Playout{
		stop: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{}),
		meter: NewMeter(),
		tail:  make([]int32, FrameSamples), mix: make([]int32, FrameSamples), part: make([]int16, FrameSamples),
		frame: make(Frame, FrameSamples),
	}
	p.pace.start(frameTime, packetTime)
	p.connect(ring)
	go p.run()
	return p
}

// SetOutput makes ring the playback device's, or with nil says that there is none. The Playout is then
// the ring's one producer until the next SetOutput or Close, on the goroutine or thread that Reads it.
func (p *Playout) SetOutput(ring *Ring) {
	p.mu.Lock()
	p.connect(ring)
	p.mu.Unlock()
	notify(p.wake)
}

// connect is SetOutput, with the lock held.
func (p *Playout) connect(ring *Ring) {
	if p.output != nil {
		p.output.maker.CompareAndSwap(p, nil)
	}
	p.output = ring
	p.reference.follow(ring)
	if ring != nil {
		ring.maker.Store(p)
	}
}

// pull writes the next Frame into ring, where that is the output. It is called on the goroutine or thread that Reads.
func (p *Playout) pull(ring *Ring) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.output != ring {
		return false
	}
	p.next()
	ring.Write(p.frame)
	p.pace.device()
	return true
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
		p.SetOutput(nil)
		close(p.stop)
	}
	<-p.done
}

// run is the clock.
func (p *Playout) run() {
	defer close(p.done)
	defer p.pace.stop()
	for {
		p.mu.Lock()
		device := p.output != nil
		if p.pace.expired(device) {
			p.next()
			p.pace.tick()
		}
		wait := p.pace.wait(device)
		p.mu.Unlock()
		select {
		case <-wait:
		case <-p.wake:
		case <-p.stop:
			return
		}
	}
}

// next mixes one Frame.
func (p *Playout) next() {
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
		p.frame[k] = saturate(s)
	}
	p.gain.Process(p.frame)
	p.meter.Add(p.frame)
}

// drop takes a voice out, keeping the order of the others and no reference to it.
func (p *Playout) drop(i int) {
	last := len(p.voices) - 1
	copy(p.voices[i:], p.voices[i+1:])
	p.voices[last] = nil
	p.voices = p.voices[:last]
}
