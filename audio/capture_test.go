package audio_test

import (
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// heard keeps what a far end is played.
type heard struct {
	mu  sync.Mutex
	pcm []int16
}

func (h *heard) Add(frame audio.Frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pcm = append(h.pcm, frame...)
}

// take returns what has been played since the last take.
func (h *heard) take() []int16 {
	h.mu.Lock()
	defer h.mu.Unlock()
	pcm := h.pcm
	h.pcm = nil
	return pcm
}

// farEnd is a call's Sender and what its far end hears of it.
type farEnd struct {
	sender *audio.Sender
	wire   *wire
	heard  *heard
}

// desk is one microphone and the calls at it.
type desk struct {
	*testing.T
	host    *audiotest.Host
	ring    *audio.Ring // of the microphone
	capture *audio.Capture
	closers []func()
}

func newDesk(t *testing.T) *desk {
	d := &desk{T: t, host: audiotest.NewHost()}
	d.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(440, -12)))
	d.ring = d.open("")
	d.capture = audio.NewCapture(d.ring)
	return d
}

// open opens a microphone.
func (d *desk) open(id string) *audio.Ring {
	d.Helper()
	ring := audio.NewRing(20)
	if _, err := d.host.OpenCapture(d.Context(), id, ring); err != nil {
		d.Fatal(err)
	}
	return ring
}

// call makes a call that has the microphone.
func (d *desk) call() *farEnd {
	receiver := must(audio.NewReceiver(audio.ReceiverConfig{Codec: audio.PCMU()}))
	e := &farEnd{wire: &wire{to: receiver}, heard: new(heard)}
	receiver.SetSinks(e.heard)
	playout := audio.NewPlayout(nil)
	playout.Add(receiver)
	e.sender = must(audio.NewSender(audio.SenderConfig{Format: audio.Format{Codec: audio.PCMU()}, Send: e.wire.send}))
	d.closers = append(d.closers, e.sender.Close, playout.Close, receiver.Close)
	d.capture.Add(e.sender)
	return e
}

func (d *desk) close() {
	d.capture.Close()
	for _, f := range d.closers {
		f()
	}
	d.host.Close()
}

// hears checks what a far end was played in the last three seconds: a tone of hz, whole, or with 0 nothing. In virtual
// time packets come in the very moment in which they are looked for, so that some are late and made up in part for a
// while: what is made up of a tone is not quite as pure.
func (d *desk) hears(who string, e *farEnd, hz float64) {
	d.Helper()
	pcm := e.heard.take()
	pcm = pcm[max(0, len(pcm)-3*audio.SampleRate):]
	m := audio.MeasureTone(pcm)
	if math.Abs(m.Frequency-hz) > 0.5 || hz > 0 && (m.Purity < 0.99 || m.Seconds < 2.7) {
		d.Errorf("%s hears %v, purity %.3f; want %v Hz", who, m, m.Purity, hz)
	}
}

// TestCallsShareOneMicrophone: what befalls one call or the microphone is heard by whom it concerns, and by nobody
// else; each far end gets a packet every 20 ms whatever happens.
func TestCallsShareOneMicrophone(t *testing.T) {
	for _, c := range []struct {
		name          string
		do            func(d *desk, a, b *farEnd)
		first, second float64 // what the two hear then, in Hz; 0 = nothing
	}{
		{name: "both hear", do: func(*desk, *farEnd, *farEnd) {}, first: 440, second: 440},
		{name: "one is muted", do: func(_ *desk, _, b *farEnd) { b.sender.SetMuted(true) }, first: 440},
		{name: "one mutes and comes back", do: func(_ *desk, a, _ *farEnd) {
			a.sender.SetMuted(true)
			time.Sleep(time.Second)
			a.sender.SetMuted(false)
		}, first: 440, second: 440},
		{name: "one leaves", do: func(d *desk, _, b *farEnd) { d.capture.Remove(b.sender) }, first: 440},
		{name: "one leaves twice", do: func(d *desk, _, b *farEnd) {
			d.capture.Remove(b.sender)
			d.capture.Remove(b.sender)
		}, first: 440},
		{name: "one leaves and returns", do: func(d *desk, _, b *farEnd) {
			d.capture.Remove(b.sender)
			time.Sleep(time.Second)
			d.capture.Add(b.sender)
		}, first: 440, second: 440},
		{
			name: "one is added again", do: func(d *desk, a, _ *farEnd) { d.capture.Add(a.sender) }, first: 440,
			second: 440,
		},
		{name: "one ends", do: func(d *desk, _, b *farEnd) {
			b.sender.Close()
			d.capture.Remove(b.sender)
		}, first: 440},
		{name: "one is on hold", do: func(d *desk, _, b *farEnd) {
			b.sender.SetSending(false)
			d.capture.Remove(b.sender)
		}, first: 440},
		{name: "one plays something else", do: func(_ *desk, _, b *farEnd) {
			b.sender.SetSource(audio.NewToneSource(audio.Sine(1000, -12)))
		}, first: 440, second: 1000},
		{name: "the device is lost", do: func(d *desk, _, _ *farEnd) { d.capture.SetInput(nil) }},
		{name: "another device takes its place", do: func(d *desk, _, _ *farEnd) {
			d.host.AddCapture("headset", "Headset")
			d.host.SetSource("headset", audio.NewToneSource(audio.Sine(600, -12)))
			d.host.Remove(audiotest.Microphone)
			d.capture.SetInput(nil)
			time.Sleep(time.Second)
			d.capture.SetInput(d.open("headset"))
		}, first: 600, second: 600},
		{name: "the device stands still", do: func(d *desk, _, _ *farEnd) { d.host.Stall(audiotest.Microphone, true) }},
		{name: "the device stands still for a while", do: func(d *desk, _, _ *farEnd) {
			d.host.Stall(audiotest.Microphone, true)
			time.Sleep(2 * time.Second)
			d.host.Stall(audiotest.Microphone, false)
		}, first: 440, second: 440},
		{name: "the microphone is let go", do: func(d *desk, _, _ *farEnd) { d.capture.Close() }},
		{name: "another Capture takes over", do: func(d *desk, a, b *farEnd) {
			before := d.capture
			before.SetInput(nil)
			d.capture = audio.NewCapture(d.ring)
			d.capture.Add(a.sender)
			d.capture.Add(b.sender)
			before.Close() // which is not to take the microphone from them
		}, first: 440, second: 440},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				defer d.close()
				a, b := d.call(), d.call()
				time.Sleep(4 * time.Second)
				d.hears("the first, before,", a, 440)
				d.hears("the second, before,", b, 440)
				c.do(d, a, b)
				start := a.wire.packets()
				time.Sleep(5 * time.Second)
				synctest.Wait()
				d.hears("the first", a, c.first)
				d.hears("the second", b, c.second)
				if n := a.wire.packets() - start; n < 244 || n > 252 {
					t.Errorf("%d packets of the first in 5 s", n)
				}
			})
		})
	}
}

// TestCallsJoinAndLeaveWhileTheMicrophoneRuns: ten calls come and go at once, and one that stays hears no gap.
func TestCallsJoinAndLeaveWhileTheMicrophoneRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		defer d.close()
		stays := d.call()
		var others sync.WaitGroup
		for i := range 10 {
			nowhere := func([]byte, uint32) error { return nil }
			pcma := audio.Format{Codec: audio.PCMA()}
			sender := must(audio.NewSender(audio.SenderConfig{Format: pcma, Send: nowhere}))
			others.Go(func() {
				defer sender.Close()
				for range 20 {
					d.capture.Add(sender)
					time.Sleep(time.Duration(7+i) * time.Millisecond)
					d.capture.Remove(sender)
				}
			})
		}
		others.Wait()
		time.Sleep(time.Second)
		pcm := stays.heard.take()
		if m := audio.MeasureTone(pcm[audio.SampleRate/5:]); math.Abs(m.Frequency-440) > 0.5 || m.Purity < 0.99 {
			t.Errorf("heard %v, purity %.3f", m, m.Purity)
		}
	})
}

// TestCapturePassesNoRumble: what no voice has is gone before anybody is sent it.
func TestCapturePassesNoRumble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		defer d.close()
		d.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(20, -6)))
		a, b := d.call(), d.call()
		time.Sleep(2 * time.Second)
		for _, e := range []*farEnd{a, b} {
			if l := e.sender.Level().RMS; l > -30 { // -9 dBFS came in
				t.Errorf("20 Hz are sent at %.1f dBFS", l)
			}
		}
	})
}
