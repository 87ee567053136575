package audio

import (
	"sync"
	"sync/atomic"

	"calla/audio/dsp"
)

const (
	// rumble is the cut-off of the high-pass in hertz: below speech, above direct current, hum and handling noise.
	rumble = 80
	// captureFrames is the room between a Capture and each of its Senders: what a device delivers in one burst.
	captureFrames = 20
)

// stage is one step on the way of captured sound. It changes a Frame in place, on the Capture's goroutine; it may
// look ahead, so that what comes out is late, but each Frame in is a Frame out.
type stage interface{ Process(frame Frame) }

// Capture is the mirror of Playout: it takes what one microphone delivers and gives it to the Senders of any number
// of calls.
//
//	device's ring ─▶ high-pass ─▶ echo canceller ─▶ noise suppressor ─▶ gain ─▶ a ring for each Sender ─▶
//	Sender: mute, level, encode
//
// Everything that is to be done once with the sound of the microphone, whoever hears it, is a stage here; what
// belongs to one call is the Sender's. A Capture keeps the device's time and has none of its own: while the device
// does not deliver, or while there is none, it stands still, and each Sender goes on by the system's clock.
//
// All methods may be called concurrently. The device's thread touches its ring alone, without a lock.
type Capture struct {
	stages  []stage    // in this order, on 10 ms each
	hush    *hush      // one of them
	echo    *echoStage // and another
	cleaner *cleaner   // and another
	stop    chan struct{}
	wake    chan struct{} // the input has changed
	done    chan struct{}

	closed atomic.Bool
	mu     sync.Mutex
	input  *Ring
	fresh  bool // input has just been set: what it held before is stale
	taps   []tap
}

// tap is the way to one Sender: the Capture is its ring's one producer, the Sender its one consumer.
type tap struct {
	sender *Sender
	ring   *Ring
}

// NewCapture starts a Capture of the ring that a capture device fills, which may be nil. Close ends it.
func NewCapture(ring *Ring) *Capture {
	hush, cleaner := new(hush), newCleaner()
	echo := newEchoStage(&cleaner.wanted)
	hush.begin(ring != nil)
	c := &Capture{
		stages: []stage{dsp.NewHighPass(SampleRate, rumble), hush, echo, cleaner},
		hush:   hush, echo: echo, cleaner: cleaner,
		stop: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{}),
		input: ring, fresh: true,
	}
	go c.run()
	return c
}

// SetInput makes ring the capture device's, or with nil says that there is none. What the ring holds already is
// dropped. The Capture is then the ring's one consumer until the next SetInput or Close.
func (c *Capture) SetInput(ring *Ring) {
	c.mu.Lock()
	c.input, c.fresh = ring, true
	c.echo.renew.Store(true)
	c.hush.begin(ring != nil)
	for _, t := range c.taps {
		t.connect(ring != nil)
	}
	c.mu.Unlock()
	notify(c.wake)
}

// Add lets s send what is captured, from now on, in the place of what another Capture gave it. A Sender that is there
// already is not added again.
func (c *Capture) Add(s *Sender) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.taps {
		if t.sender == s {
			return
		}
	}
	t := tap{s, NewRing(captureFrames)}
	c.taps = append(c.taps, t)
	t.connect(c.input != nil)
}

// Remove takes the microphone from s, which goes on with silence. Removing what is not there does nothing.
func (c *Capture) Remove(s *Sender) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, t := range c.taps {
		if t.sender == s {
			c.taps = append(c.taps[:i], c.taps[i+1:]...)
			t.connect(false)
			return
		}
	}
}

// connect gives the Sender its ring, or takes it away where the Sender still has it.
func (t tap) connect(device bool) {
	if device {
		t.sender.setInput(t.ring)
	} else {
		t.sender.leaveInput(t.ring)
	}
}

// Close takes the microphone from all Senders, ends the Capture and waits for its goroutine.
func (c *Capture) Close() {
	c.mu.Lock()
	for _, t := range c.taps {
		t.connect(false)
	}
	c.taps = nil
	c.mu.Unlock()
	if !c.closed.Swap(true) {
		close(c.stop)
	}
	<-c.done
}

func (c *Capture) run() {
	defer close(c.done)
	frame := make(Frame, FrameSamples)
	for {
		ring, ready := c.read(frame)
		if ready {
			for _, s := range c.stages {
				s.Process(frame)
			}
			c.pass(ring, frame)
			select {
			case <-c.stop:
				return
			default:
			}
			continue
		}
		var readable <-chan struct{}
		if ring != nil {
			readable = ring.Readable()
		}
		select {
		case <-readable:
		case <-c.wake:
		case <-c.stop:
			return
		}
	}
}

// read takes the next frame from the device's ring if it holds one. It works under the lock, so that after SetInput the
// old ring is no longer touched.
func (c *Capture) read(frame Frame) (ring *Ring, ready bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ring = c.input
	if ring == nil {
		return nil, false
	}
	if c.fresh {
		ring.Discard(ring.Len())
		c.fresh = false
	}
	if ring.Len() < FrameSamples {
		return ring, false
	}
	ring.Read(frame)
	return ring, true
}

// pass gives a frame of ring to all Senders. One that does not keep up has its ring full and misses it.
func (c *Capture) pass(ring *Ring, frame Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.input != ring {
		c.hush.begin(c.input != nil) // what it heard since was of that one
		return
	}
	spoken := c.cleaner.voice.Speaking()
	for _, t := range c.taps {
		t.sender.spoken.Store(spoken)
		t.ring.Write(frame)
	}
}
