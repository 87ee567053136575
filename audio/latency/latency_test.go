package latency_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/audio/latency"
)

// place is a loudspeaker, a microphone and what is between them.
type place struct {
	room   audiotest.Acoustics
	near   audio.Source // heard by the microphone too; nil = nothing
	gain   float64      // of the microphone after the room, in dB; what is too loud is clipped
	out    int          // Frames that the loudspeaker's device takes at once; 0 = one
	in     int          // the same of the microphone's
	start  int          // Frames until the device takes the first of the sound; below 0, those that were missed
	seed   uint64
	change func(at int, r *audiotest.Room, m *latency.Meter) // before Frame at
}

// measure plays and hears as a call's devices do.
func (p place) measure() (latency.Reading, error) {
	m := latency.NewMeter(p.seed)
	source, room := m.Source(), audiotest.NewRoom(p.seed, p.room)
	out, in := max(1, p.out), max(1, p.in)
	frame := make(audio.Frame, audio.FrameSamples)
	for range -p.start {
		source.Fill(frame)
	}
	var recorded [][]int16
	for at := 0; ; at++ {
		if p.change != nil {
			p.change(at, room, m)
		}
		if at%out == 0 {
			for k := range out {
				clear(frame)
				if at+k >= p.start {
					source.Fill(frame)
				}
				m.Reference(frame)
				room.Play(frame)
			}
		}
		clear(frame)
		if p.near != nil {
			p.near.Fill(frame)
		}
		room.Record(frame)
		for i, s := range frame {
			v := float64(s) * math.Pow(10, p.gain/20)
			frame[i] = int16(math.Max(-32768, math.Min(32767, v)))
		}
		recorded = append(recorded, append([]int16(nil), frame...))
		if (at+1)%in != 0 {
			continue
		}
		for _, frame := range recorded {
			m.Process(frame)
		}
		recorded = recorded[:0]
		select {
		case <-m.Done():
			return m.Read()
		default:
		}
	}
}

func acoustics(delay time.Duration) audiotest.Acoustics {
	return audiotest.Acoustics{Delay: delay, Gain: -12, Reverb: 120 * time.Millisecond, Direct: 4, Noise: -70}
}

const ms = time.Millisecond

// TestDelayIsToldToAMillisecond: of whatever devices and rooms there is a figure, it is the right one.
func TestDelayIsToldToAMillisecond(t *testing.T) {
	with := func(delay time.Duration, change func(*audiotest.Acoustics)) audiotest.Acoustics {
		a := acoustics(delay)
		change(&a)
		return a
	}
	for i, c := range []struct {
		name  string
		place place
		more  time.Duration // beside the room's: what the devices take at once
	}{
		{name: "5 ms", place: place{room: acoustics(5 * ms)}},
		{name: "23 ms", place: place{room: acoustics(23 * ms)}},
		{name: "60 ms", place: place{room: acoustics(60 * ms)}},
		{name: "150 ms", place: place{room: acoustics(150 * ms)}},
		{name: "240 ms", place: place{room: acoustics(240 * ms)}},
		{name: "380 ms", place: place{room: acoustics(380 * ms)}},
		{name: "500 ms", place: place{room: acoustics(500 * ms)}},
		{name: "a device that begins late", place: place{room: acoustics(60 * ms), start: 40}},
		{name: "a beginning that was missed", place: place{room: acoustics(60 * ms), start: -5}},
		{name: "a microphone that delivers 20 ms", place: place{room: acoustics(40 * ms), in: 2}, more: 10 * ms},
		{name: "devices that take bursts", place: place{room: acoustics(40 * ms), out: 4, in: 2}, more: 30 * ms},
		{name: "a hall", place: place{room: with(90*ms, func(a *audiotest.Acoustics) {
			a.Reverb, a.Direct = 600*ms, 0
		})}},
		{name: "walls louder than the loudspeaker", place: place{room: with(90*ms, func(a *audiotest.Acoustics) {
			a.Reverb, a.Direct = 300*ms, -3
		})}},
		{name: "a headset that leaks", place: place{room: with(30*ms, func(a *audiotest.Acoustics) { a.Gain = -45 })}},
		{name: "noise", place: place{room: with(60*ms, func(a *audiotest.Acoustics) { a.Noise = -35 })}},
		{name: "a loudspeaker that distorts", place: place{room: with(60*ms, func(a *audiotest.Acoustics) {
			a.Loud = -24
		})}},
		{name: "a microphone that clips", place: place{room: acoustics(60 * ms), gain: 40}},
		{name: "somebody speaks", place: place{room: acoustics(60 * ms), near: quiet(-12)}},
		{name: "a microphone's clock that is slow", place: place{room: with(60*ms, func(a *audiotest.Acoustics) {
			a.Drift = 100
		})}},
		{name: "one that is fast", place: place{room: with(60*ms, func(a *audiotest.Acoustics) { a.Drift = -100 })}},
		{name: "both devices stood still for a moment", place: place{room: acoustics(100 * ms), change: still(90, 91)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.place.seed = uint64(10 + i)
			got, err := c.place.measure()
			if err != nil {
				t.Fatal(err)
			}
			if off := (got.Delay - c.place.room.Delay - c.more).Abs(); off > ms {
				t.Errorf("%v, off by %v", got.Delay, off)
			}
			if got.Spread > ms {
				t.Errorf("spread %v", got.Spread)
			}
		})
	}
}

// quiet is a voice, changed by so many dB.
func quiet(db float64) audio.Source { return audio.NewVolume(audiotest.NewSpeech(3), db) }

// still has both devices lose what they would have played and heard between two Frames.
func still(from, to int) func(int, *audiotest.Room, *latency.Meter) {
	return func(at int, r *audiotest.Room, _ *latency.Meter) {
		if at >= from && at < to {
			r.Record(make(audio.Frame, audio.FrameSamples))
			r.Play(make(audio.Frame, audio.FrameSamples))
		}
	}
}

// TestDelayIsNotToldWhereItIsNotKnown, and why.
func TestDelayIsNotToldWhereItIsNotKnown(t *testing.T) {
	deaf := audiotest.Acoustics{Delay: 40 * ms, Gain: -110, Noise: -70}
	neighbour := func(delay time.Duration) audio.Source {
		source := latency.NewMeter(99).Source()
		return audio.NewVolume(&later{source, int(delay / (10 * ms))}, -12)
	}
	loud := deaf
	loud.Noise = -25
	for i, c := range []struct {
		name  string
		place place
		want  latency.Failure
	}{
		{"a headset", place{room: deaf}, latency.Unheard},
		{"a microphone that is off", place{room: audiotest.Acoustics{Delay: 40 * ms, Gain: -120}}, latency.Silent},
		{"noise alone", place{room: loud}, latency.Noisy},
		{"noise over the sound", place{room: func() audiotest.Acoustics {
			a := acoustics(60 * ms)
			a.Noise, a.Gain = -20, -30
			return a
		}()}, latency.Noisy},
		{"somebody speaks, and the loudspeaker is not heard", place{room: deaf, near: quiet(0)}, ""},
		{"later than is looked for", place{room: acoustics(700 * ms)}, ""},
		{"much later", place{room: acoustics(1100 * ms)}, ""},
		{"another phone measures beside a headset", place{room: deaf, near: neighbour(130 * ms)}, ""},
		{"a delay that grows", place{
			room: acoustics(60 * ms), change: func(at int, r *audiotest.Room, _ *latency.Meter) {
				if at > 0 && at%100 == 0 {
					r.Play(make(audio.Frame, audio.FrameSamples))
				}
			},
		}, latency.Unsteady},
		{"another delay from the middle on", place{
			room: acoustics(60 * ms), change: func(at int, r *audiotest.Room, _ *latency.Meter) {
				if at == 270 {
					r.Record(make(audio.Frame, audio.FrameSamples))
				}
			},
		}, latency.Unsteady},
		{"a loudspeaker that has nothing to play", place{room: acoustics(60 * ms), start: 100000}, latency.Unplayed},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.place.seed = uint64(20 + i)
			got, err := c.place.measure()
			var failed latency.Failure
			if !errors.As(err, &failed) || c.want != "" && failed != c.want {
				t.Errorf("%+v, %v, want %q", got, err, c.want)
			}
		})
	}
}

// later is a source after so many Frames of silence.
type later struct {
	audio.Source
	frames int
}

func (l *later) Fill(frame audio.Frame) bool {
	if l.frames > 0 {
		l.frames--
		clear(frame)
		return true
	}
	return l.Source.Fill(frame)
}

// TestEchoLossIsTold: what the room takes away.
func TestEchoLossIsTold(t *testing.T) {
	for _, gain := range []float64{0, -6, -20, -40} {
		a := acoustics(60 * ms)
		a.Gain = gain
		got, err := place{room: a, seed: 5}.measure()
		// The room's walls take the high notes, so that a little less comes back in the sweeps' band than of all.
		if err != nil || math.Abs(got.EchoLoss+gain) > 3 {
			t.Errorf("%.1f dB of %.0f, %v", got.EchoLoss, -gain, err)
		}
	}
}

// TestMeterHearsOnce: what comes afterwards changes nothing, and nothing of what is measured is sent on.
func TestMeterHearsOnce(t *testing.T) {
	m, frame := latency.NewMeter(1), make(audio.Frame, audio.FrameSamples)
	noise := rand.New(rand.NewPCG(1, 1))
	for n := 0; ; n++ {
		for i := range frame {
			frame[i] = int16(noise.IntN(2000))
		}
		m.Reference(frame)
		m.Process(frame)
		for _, s := range frame {
			if s != 0 {
				t.Fatal("what was heard is sent on")
			}
		}
		select {
		case <-m.Done():
			if took := time.Duration(n+1) * 10 * ms; took != m.Length() {
				t.Errorf("done after %v, not %v", took, m.Length())
			}
			m.Reference(frame)
			m.Process(frame)
			return
		default:
		}
	}
}
