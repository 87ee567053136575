package audio

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestLoudVoicesTogetherAreNotCutOff: what is too much for 16 bits comes out quieter, with as little of anything else
// as is not heard; what is not too much passes bit for bit, at first and afterwards.
func TestLoudVoicesTogetherAreNotCutOff(t *testing.T) {
	for _, c := range []struct {
		name    string
		tones   []float64 // Hz
		level   float64   // dBFS of each
		changed bool
	}{
		{"one as loud as can be", []float64{440}, 0, true},
		{"one of speech", []float64{440}, -12, false},
		{"two of speech", []float64{440, 1130}, -12, false},
		{"two, loud", []float64{440, 1130}, -3, true},
		{"four, loud", []float64{440, 700, 1130, 1570}, -6, true},
		{"four as loud as can be", []float64{440, 700, 1130, 1570}, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l limiter
			sources := make([]*ToneSource, len(c.tones))
			for i, hz := range c.tones {
				sources[i] = NewToneSource(Sine(hz, c.level))
			}
			var in []int32
			var out []int16
			part, sum, frame := make(Frame, FrameSamples), make([]int32, FrameSamples), make(Frame, FrameSamples)
			for range 300 {
				clear(sum)
				for _, s := range sources {
					s.Fill(part)
					for i, v := range part {
						sum[i] += int32(v)
					}
				}
				l.process(frame, sum)
				in, out = append(in, sum...), append(out, frame...)
			}
			same := true
			for i, v := range in {
				same = same && int16(v) == out[i]
			}
			if same == c.changed {
				t.Errorf("unchanged: %t", same)
			}
			settled := out[SampleRate:]
			rest := leftover(settled, c.tones)
			t.Logf("%.1f dBFS, all else %.1f dBFS, peak %d", rms(settled), rest, slices.Max(settled))
			if rest > rms(settled)-40 {
				t.Errorf("all else is at %.1f dBFS, of %.1f", rest, rms(settled))
			}
			for i := range sum {
				sum[i] = 3000
			}
			for range 600 {
				l.process(frame, sum)
			}
			if frame[0] != 3000 || frame[FrameSamples-1] != 3000 {
				t.Errorf("six seconds later 3000 becomes %d", frame[0])
			}
		})
	}
}

// leftover is the level of what is in pcm beside tones, in dBFS.
func leftover(pcm []int16, tones []float64) float64 {
	rest := make([]float64, len(pcm))
	for i, s := range pcm {
		rest[i] = float64(s)
	}
	for range 3 { // tones are not quite orthogonal in a finite time
		for _, hz := range tones {
			var re, im float64
			for i, s := range rest {
				angle := 2 * math.Pi * hz * float64(i) / SampleRate
				re, im = re+s*math.Cos(angle), im+s*math.Sin(angle)
			}
			re, im = 2*re/float64(len(rest)), 2*im/float64(len(rest))
			for i := range rest {
				angle := 2 * math.Pi * hz * float64(i) / SampleRate
				rest[i] -= re*math.Cos(angle) + im*math.Sin(angle)
			}
		}
	}
	var power float64
	for _, s := range rest {
		power += s * s
	}
	return decibels(math.Sqrt(power / float64(len(rest))))
}

// TestElasticKeepsUpWithAnotherClock: whichever clock is faster and however what is added comes in bursts, little of it
// is lost, no silence comes between for long, and what waits stays short.
func TestElasticKeepsUpWithAnotherClock(t *testing.T) {
	for _, c := range []struct {
		name  string
		ppm   float64 // by how much the reader's clock is slow
		burst int     // Frames that are added at once
		lost  float64 // per thousand of the samples that may be silent
	}{
		{"the same clock", 0, 1, 1},
		{"a fast reader", -200, 1, 2},
		{"a slow reader", 200, 1, 1},
		{"bursts of 50 ms", 0, 5, 8},
		{"bursts, and a fast reader", -200, 4, 8},
		{"bursts, and a slow reader", 200, 4, 8},
		{"far apart", 2000, 1, 1},
		{"far apart, the other way", -2000, 1, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			const length = 10 * time.Minute
			e := newElastic(elasticFirst)
			frame, packet := make(Frame, FrameSamples), make([]int16, PacketSamples)
			for i := range frame {
				frame[i] = 1000
			}
			step := time.Duration(float64(packetTime) * (1 + c.ppm/1e6))
			written, silent, all, longest, gap, most := 0, 0, 0, 0, 0, 0
			for now := time.Duration(0); now < length; now += step {
				for time.Duration(written+c.burst)*frameTime <= now {
					for range c.burst {
						e.Add(frame)
						written++
					}
				}
				e.read(packet)
				if now < time.Second {
					continue
				}
				for _, s := range packet {
					all++
					if s > 900 {
						gap = 0
						continue
					}
					silent++
					gap++
					longest = max(longest, gap)
				}
				most = max(most, e.ring.Len())
			}
			part := 1000 * float64(silent) / float64(all)
			t.Logf("%.2f per thousand silent, at most %d ms at once; at most %d ms wait", part, longest*1000/SampleRate,
				most*1000/SampleRate)
			if part > c.lost {
				t.Errorf("%.2f per thousand are silent", part)
			}
			if longest > 6*PacketSamples {
				t.Errorf("%d samples of silence at once", longest)
			}
			if most > 16*FrameSamples {
				t.Errorf("%d samples wait", most)
			}
		})
	}
}

// TestElasticBearsALoudspeakerThatTakesPackets: where both sides keep the same clock, a packet at a time, and either is
// late by less than half a packet, nothing is missing, in whatever order they come.
func TestElasticBearsALoudspeakerThatTakesPackets(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for phase := time.Duration(0); phase < packetTime; phase += time.Millisecond {
		e := newElastic(elasticFirst)
		frame, packet := make(Frame, FrameSamples), make([]int16, PacketSamples)
		for i := range frame {
			frame[i] = 1000
		}
		late := func() time.Duration { return time.Duration(random.Int64N(int64(packetTime / 2))) }
		heard, write := false, late()
		for k := range time.Duration(3000) {
			for read := k*packetTime + phase + late(); write < read; {
				e.Add(frame)
				e.Add(frame)
				write = write.Truncate(packetTime) + packetTime + late()
			}
			e.read(packet)
			silent := slices.ContainsFunc(packet[stretchFade:], func(s int16) bool { return s < 900 })
			if heard && silent {
				t.Fatalf("%v after the other: a gap in packet %d", phase, k)
			}
			heard = heard || !silent
		}
		if !heard {
			t.Errorf("%v after the other: nothing is heard", phase)
		}
	}
}
