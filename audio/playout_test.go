package audio_test

import (
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// call is two ends on one machine: microphone → Sender → wire → Receiver → Playout → loudspeaker.
func TestPlayoutMixesAndRemovesWithoutAClick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := audiotest.NewHost()
		defer host.Close()
		ring := audio.NewRing(8)
		must(host.OpenPlayback(t.Context(), "", ring))
		p := audio.NewPlayout(ring)
		defer p.Close()
		low, high := audio.NewToneSource(audio.Sine(400, -12)), audio.NewToneSource(audio.Sine(1000, -18))
		p.Add(low)
		p.Add(high)
		p.Add(low)
		time.Sleep(time.Second)
		p.Remove(low)
		if p.Playing(low) || !p.Playing(high) {
			t.Error("the wrong tone was removed")
		}
		time.Sleep(time.Second)
		p.Remove(high)
		p.Remove(high)
		time.Sleep(time.Second)
		pcm := host.Played(audiotest.Loudspeaker)
		second := func(i float64) []int16 {
			from := int(i * audio.SampleRate)
			return pcm[from : from+audio.SampleRate/2]
		}
		if m := audio.MeasureTone(second(0.2)); math.Abs(m.Frequency-400) > 1 || m.Purity > 0.9 {
			t.Errorf("mixed: %v, purity %.2f", m, m.Purity)
		}
		if m := audio.MeasureTone(second(1.3)); math.Abs(m.Frequency-1000) > 1 || m.Purity < 0.99 {
			t.Errorf("one left: %v", m)
		}
		if m := audio.MeasureTone(second(2.3)); m.Frequency != 0 {
			t.Errorf("none left: %v", m)
		}
		worst := 0
		for i := 2; i < len(pcm); i++ {
			d := int(pcm[i]) - 2*int(pcm[i-1]) + int(pcm[i-2])
			worst = max(worst, d, -d)
		}
		if worst > 200 { // the two tones alone have 93
			t.Errorf("second difference of %d", worst)
		}
		if n := host.Underruns(audiotest.Loudspeaker); n > 1 {
			t.Errorf("%d underruns", n)
		}
	})
}

func TestPlayoutGoesOnWithoutADevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := audiotest.NewHost()
		defer host.Close()
		ring := audio.NewRing(8)
		must(host.OpenPlayback(t.Context(), "", ring))
		p := audio.NewPlayout(ring)
		defer p.Close()
		count := new(counter)
		p.Add(count)
		for _, change := range []func(){
			func() {},
			func() { host.Stall(audiotest.Loudspeaker, true) },
			func() { p.SetOutput(nil) },
			func() { host.Stall(audiotest.Loudspeaker, false); p.SetOutput(ring) },
		} {
			change()
			before := count.frames()
			time.Sleep(10 * time.Second)
			if n := count.frames() - before; n < 990 || n > 1003 {
				t.Errorf("%d frames in 10 s", n)
			}
		}
	})
}

// TestStreamsWithoutDevicesWakeTogether: waking the machine costs more than the sound of 20 ms does.
func TestStreamsWithoutDevicesWakeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(1234567 * time.Nanosecond)
		c := newCall(t, audio.PCMU(), false)
		defer c.close()
		clock := &clock{at: map[time.Time]int{}}
		for range 2 {
			time.Sleep(3456789 * time.Nanosecond)
			p := audio.NewPlayout(nil)
			defer p.Close()
			p.Add(clock)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		c.wire.mu.Lock()
		defer c.wire.mu.Unlock()
		clock.mu.Lock()
		defer clock.mu.Unlock()
		if n := len(clock.at); n < 499 || n > 501 {
			t.Errorf("woken %d times in 10 s", n)
		}
		for _, at := range c.wire.times[2:] { // the first two may come before both play
			if n := clock.at[at.Round(0)]; n != 4 {
				t.Fatalf("%d frames when a packet is sent, at %v", n, at)
			}
		}
	})
}

// clock is a Source that keeps when it is asked.
type clock struct {
	mu sync.Mutex
	at map[time.Time]int // frames
}

func (c *clock) Fill(frame audio.Frame) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at[time.Now().Round(0)]++
	clear(frame)
	return true
}

// counter is a Source that counts how often it is asked: its samples are which Frame they are of.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) Fill(frame audio.Frame) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	for i := range frame {
		frame[i] = int16(c.n)
	}
	return true
}

func (c *counter) frames() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// TestADeviceGetsWhatItWantsWhenItWantsIt: however much at once, without a gap, and nothing is made before it is
// wanted.
func TestADeviceGetsWhatItWantsWhenItWantsIt(t *testing.T) {
	for name, takes := range map[string][]int{
		"a frame":                    {audio.FrameSamples},
		"half a frame":               {audio.FrameSamples / 2},
		"a sample more than a frame": {audio.FrameSamples + 1},
		"odd":                        {441, 1, 997, 480, 33},
		"more than the ring holds":   {5 * audio.FrameSamples},
		"nothing, then much":         {0, 0, 0, 3 * audio.FrameSamples},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ring := audio.NewRing(2)
				p := audio.NewPlayout(ring)
				defer p.Close()
				count := new(counter)
				p.Add(count)
				heard := 0
				for period := range 200 {
					pcm := make([]int16, takes[period%len(takes)])
					if n := ring.Read(pcm); n != len(pcm) {
						t.Fatalf("%d samples of %d", n, len(pcm))
					}
					for _, s := range pcm {
						if want := int16(heard/audio.FrameSamples + 1); s != want {
							t.Fatalf("sample %d is of frame %d, not of %d", heard, s, want)
						}
						heard++
					}
					time.Sleep(10 * time.Millisecond)
				}
				if n := (heard + audio.FrameSamples - 1) / audio.FrameSamples; count.frames() != n {
					t.Errorf("%d frames made, of which %d were wanted", count.frames(), n)
				}
			})
		})
	}
}

// TestOnlyTheOutputIsPlayedTo: a device that was left gets nothing more, and takes nothing from the one after it.
func TestOnlyTheOutputIsPlayedTo(t *testing.T) {
	for name, leave := range map[string]func(p *audio.Playout, next *audio.Ring){
		"for another": func(p *audio.Playout, next *audio.Ring) { p.SetOutput(next) },
		"for none":    func(p *audio.Playout, _ *audio.Ring) { p.SetOutput(nil) },
		"closed":      func(p *audio.Playout, _ *audio.Ring) { p.Close() },
		"for another and another": func(p *audio.Playout, next *audio.Ring) {
			p.SetOutput(audio.NewRing(1))
			p.SetOutput(next)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ring, next := audio.NewRing(8), audio.NewRing(8)
				p := audio.NewPlayout(ring)
				defer p.Close()
				count := new(counter)
				p.Add(count)
				pcm := make([]int16, audio.FrameSamples)
				ring.Read(pcm)
				leave(p, next)
				before := count.frames()
				if n := ring.Read(pcm); n != 0 || count.frames() != before {
					t.Errorf("%d samples for the device that was left", n)
				}
				if after := next.Read(pcm); strings.Contains(name, "another") != (after == len(pcm)) {
					t.Errorf("%d samples for the next one", after)
				}
			})
		})
	}
}

// TestARingHasTheLastPlayoutItWasGivenTo: who gives it up later takes it from nobody.
func TestARingHasTheLastPlayoutItWasGivenTo(t *testing.T) {
	ring, pcm := audio.NewRing(8), make([]int16, audio.FrameSamples)
	first, second := audio.NewPlayout(ring), audio.NewPlayout(ring)
	defer second.Close()
	first.Close()
	if n := ring.Read(pcm); n != len(pcm) {
		t.Errorf("%d samples", n)
	}
}

// TestDevicesComeAndGoWhilePlaying is for the race detector: device threads read while outputs and Sources change.
func TestDevicesComeAndGoWhilePlaying(t *testing.T) {
	rings := []*audio.Ring{audio.NewRing(4), audio.NewRing(4), nil}
	p := audio.NewPlayout(nil)
	stop := make(chan struct{})
	var devices sync.WaitGroup
	for _, ring := range rings[:2] {
		devices.Go(func() {
			pcm := make([]int16, 500)
			for {
				select {
				case <-stop:
					return
				default:
					ring.Read(pcm)
				}
			}
		})
	}
	tone := audio.NewToneSource(audio.Sine(440, -12))
	for i := range 300 {
		p.SetOutput(rings[i%3])
		if i%2 == 0 {
			p.Add(tone)
		} else {
			p.Remove(tone)
		}
	}
	p.Close()
	close(stop)
	devices.Wait()
	for i, ring := range rings[:2] {
		if n := ring.Read(make([]int16, 4*audio.FrameSamples)); n >= audio.FrameSamples {
			t.Errorf("%d samples for device %d after the end", n, i)
		}
	}
}

// TestPlayingAllocatesNothing: what runs on the device's thread leaves the collector nothing to do.
func TestPlayingAllocatesNothing(t *testing.T) {
	ring, pcm := audio.NewRing(4), make([]int16, audio.FrameSamples)
	p := audio.NewPlayout(ring)
	defer p.Close()
	p.Add(audio.NewToneSource(audio.Sine(440, -12)))
	if n := testing.AllocsPerRun(1000, func() { ring.Read(pcm) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
