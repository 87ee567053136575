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

// counter is a Source that counts how often it is asked.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) Fill(frame audio.Frame) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	clear(frame)
	return true
}

func (c *counter) frames() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func TestPlayoutKeepsMoreAheadOnASlowMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := audio.NewRing(8)
		p := audio.NewPlayout(ring)
		defer p.Close()
		p.Add(audio.NewToneSource(audio.Sine(440, -12)))
		pull := func(frames int) (missing int) {
			time.Sleep(time.Duration(frames) * 10 * time.Millisecond)
			pcm := make([]int16, frames*audio.FrameSamples)
			n := ring.Read(pcm)
			synctest.Wait()
			return len(pcm) - n
		}
		synctest.Wait()
		if n := ring.Len(); n != audio.FrameSamples {
			t.Errorf("at first %d samples ahead", n)
		}
		// Four periods at once are what a device takes when neither side got its turn for 40 ms.
		for range 4 {
			pull(4)
		}
		for range 20 {
			if n := pull(4); n != 0 {
				t.Fatalf("%d samples missing", n)
			}
		}
		for range 6000 {
			pull(1)
		}
		if n := ring.Len(); n != audio.FrameSamples {
			t.Errorf("after a calm minute %d samples ahead", n)
		}
	})
}
