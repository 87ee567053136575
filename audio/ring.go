package audio

import (
	"context"
	"sync/atomic"
)

// Ring carries sound between exactly one producer and one consumer, of which either may be a
// device's thread: Write and Read take no lock, never block and allocate nothing.
//
// The side that is a goroutine waits without polling: on Readable or Wait for sound, on WaitDrained for room. A ring
// that is a Playout's output has no producer but its consumer: Read has the Playout make what is not there, which takes
// its lock.
type Ring struct {
	buf      []int16 // a power of two long
	capacity int     // what may be filled of buf, in samples
	written  atomic.Uint64
	read     atomic.Uint64
	readable chan struct{}
	drained  chan struct{}           // for the producer: something was taken out
	maker    atomic.Pointer[Playout] // makes what Read wants and is not there; nil = nobody
	tap      atomic.Pointer[Ring]    // gets what Read takes, and silence for what it wanted and was not there
}

// NewRing returns an empty Ring for this many Frames, at least one.
func NewRing(frames int) *Ring {
	capacity := max(frames, 1) * FrameSamples
	size := 1
	for size < capacity {
		size *= 2
	}
	return &Ring{
		buf: make([]int16, size), capacity: capacity,
		readable: make(chan struct{}, 1), drained: make(chan struct{}, 1),
	}
}

// Write puts as much of pcm in as there is room for and returns how many samples that were. Only the
// producer calls it.
func (r *Ring) Write(pcm []int16) int {
	at := r.written.Load()
	n := min(len(pcm), r.capacity-int(at-r.read.Load()))
	if n > 0 {
		i := int(at & uint64(len(r.buf)-1))
		first := copy(r.buf[i:], pcm[:n])
		copy(r.buf, pcm[first:n])
		r.written.Store(at + uint64(n))
	}
	notify(r.readable)
	return n
}

// Read takes up to len(pcm) samples out and returns how many. Only the consumer calls it.
func (r *Ring) Read(pcm []int16) int {
	n := r.take(pcm)
	for n < len(pcm) {
		if maker := r.maker.Load(); maker == nil || !maker.pull(r) {
			break
		}
		n += r.take(pcm[n:])
	}
	if tap := r.tap.Load(); tap != nil {
		tap.Write(pcm[:n])
		tap.silence(len(pcm) - n)
	}
	notify(r.drained)
	return n
}

// take takes up to len(pcm) samples out of what lies in the ring.
func (r *Ring) take(pcm []int16) int {
	at := r.read.Load()
	n := min(len(pcm), int(r.written.Load()-at))
	if n > 0 {
		i := int(at & uint64(len(r.buf)-1))
		first := copy(pcm[:n], r.buf[i:])
		copy(pcm[first:n], r.buf)
		r.read.Store(at + uint64(n))
	}
	return n
}

// silence is Write of n zeros.
func (r *Ring) silence(n int) {
	var zeros [FrameSamples]int16
	for n > 0 && r.Write(zeros[:min(n, FrameSamples)]) > 0 {
		n -= FrameSamples
	}
}

// Discard drops up to n of the oldest samples and returns how many. Only the consumer calls it.
func (r *Ring) Discard(n int) int {
	at := r.read.Load()
	n = min(n, int(r.written.Load()-at))
	r.read.Store(at + uint64(n))
	notify(r.drained)
	return n
}

// Len is the number of samples waiting to be read.
func (r *Ring) Len() int {
	read := r.read.Load() // first: what is written afterwards only makes the difference larger
	return min(int(r.written.Load()-read), r.capacity)
}

// Room is the number of samples that can be written now.
func (r *Ring) Room() int { return r.capacity - r.Len() }

// Readable receives after a Write; several Writes may be one receipt. For the consumer alone.
func (r *Ring) Readable() <-chan struct{} { return r.readable }

// Wait returns once at least n samples can be read, or with the context's error.
func (r *Ring) Wait(ctx context.Context, n int) error {
	for r.Len() < n {
		select {
		case <-r.readable:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// WaitDrained returns once at most n samples wait to be read, or with the context's error.
func (r *Ring) WaitDrained(ctx context.Context, n int) error {
	for r.Len() > n {
		select {
		case <-r.drained:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
