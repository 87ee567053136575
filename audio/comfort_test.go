package audio

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestComfortNoiseHasItsLevelAndColour(t *testing.T) {
	for name, c := range map[string]struct {
		payload []byte
		level   float64 // dBov
		alike   float64 // of samples next to each other: the first reflection coefficient, negative
	}{
		"level alone":          {[]byte{50}, -50, 0},
		"top bit set":          {[]byte{0x80 | 45}, -45, 0},
		"dark":                 {[]byte{60, 127 - 100}, -60, 0.79},
		"bright":               {[]byte{60, 127 + 100}, -60, -0.79},
		"ten coefficients":     {[]byte{55, 57, 147, 117, 127, 127, 130, 120, 127, 127, 127}, -55, 0.55},
		"louder than noise is": {[]byte{0, 127}, -30, 0},
		"more than there are":  {append([]byte{50, 77}, bytes.Repeat([]byte{127}, 1400)...), -50, 0.39},
		"reserved index":       {[]byte{50, 255}, -50, -0.97},
		"silent":               {[]byte{127}, -127, 0},
	} {
		level, colour, err := comfort(c.payload)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		n := newNoise()
		n.level, n.colour = level, colour
		pcm := make([]float64, 4*concealRate)
		n.next(pcm)
		var square, cross float64
		for i, v := range pcm[1:] {
			square += v * v
			cross += v * pcm[i]
		}
		if got := 10*math.Log10(square/float64(len(pcm))) - 20*math.Log10(comfortZero); math.Abs(got-c.level) > 2 {
			t.Errorf("%s: %.1f dBov instead of %.1f", name, got, c.level)
		}
		if alike := cross / square; math.Abs(alike-c.alike) > 0.05 {
			t.Errorf("%s: likeness of %.2f instead of %.2f", name, alike, c.alike)
		}
	}
	if _, _, err := comfort(nil); err == nil {
		t.Error("nothing is taken for comfort noise")
	}
}

// pauses is a call whose far end speaks for half a second and makes a pause of as long, in turn. In pauses it sends
// nothing or, each time when told of it, comfort noise of -50 dBov.
func pauses(t *testing.T, codec Codec, told func(inPause int) bool, lost func(i int) bool) heard {
	var numbers []uint16
	var next uint16
	pausing := func(i int) int { return i%50 - 25 } // 0 and more: that many packets into a pause
	for i := range 500 {
		numbers = append(numbers, next)
		if pausing(i) < 0 || told(pausing(i)) {
			next++
		}
	}
	n := network{
		t: t, codec: codec, source: NewRecording(pull(NewToneSource(Sine(440, -12)), time.Second), true), seconds: 10,
		lost: func(i int) bool { return lost(i) || pausing(i) >= 0 && !told(pausing(i)) },
		mutate: func(i int, p *Packet) {
			p.Sequence = numbers[i]
			if pausing(i) >= 0 {
				p.Noise, p.Payload = true, []byte{50}
			}
		},
	}
	return n.run()
}

func TestPausesOfTheFarEndAreNoLoss(t *testing.T) {
	first := func(k int) bool { return k == 0 }
	each := func(k int) bool { return k%6 == 0 }
	never := func(int) bool { return false }
	for name, c := range map[string]struct {
		told  func(int) bool
		lost  func(int) bool
		count uint64
	}{
		"told once":                 {first, never, 0},
		"told again and again":      {each, never, 0},
		"not told":                  {never, never, 0},
		"a word's beginning lost":   {first, func(i int) bool { return i == 250 }, 1},
		"two of a word lost":        {each, func(i int) bool { return i == 255 || i == 256 }, 2},
		"what is told lost as well": {each, func(i int) bool { return i == 231 }, 1},
		"wide-band":                 {first, never, 0},
	} {
		codec := PCMU()
		if name == "wide-band" {
			codec = G722()
		}
		h := pauses(t, codec, c.told, c.lost)
		most := c.count * PacketSamples
		if name == "not told" {
			most += uint64(samples(pauseAfter)) // the last pause is not over
		}
		if h.stats.Lost != c.count || h.stats.Concealed > most {
			t.Errorf("%s: %d lost instead of %d, %d samples made up", name, h.stats.Lost, c.count, h.stats.Concealed)
		}
		if d := h.stats.Current; d > 60*time.Millisecond {
			t.Errorf("%s: delay of %v", name, d)
		}
		words, between := 0, 0
		for i := 2 * SampleRate; i+FrameSamples <= len(h.pcm); i += FrameSamples {
			switch l := levelOf(h.pcm[i : i+FrameSamples]); {
			case l > 3000:
				words++
			case l > 30 && l < 200:
				between++
			}
		}
		if least := 340; words < least || between < least && c.count == 0 && name != "not told" {
			t.Errorf("%s: heard %d frames of words and %d of noise, of 400 each", name, words, between)
		}
		if got := roughest(h.pcm); got > 600 {
			t.Errorf("%s: second difference of %d", name, got)
		}
	}
}

func TestComfortNoiseIsOverWithTheBreakOfACall(t *testing.T) {
	start := time.Unix(1000, 0)
	decoder, err := PCMU().NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	play := newPlaybuffer(NewJitterBuffer(g711Rate, DelayLimits{}), decoder)
	play.jitter.Put(Packet{Payload: []byte{40}, Noise: true, Arrival: start})
	frame := make(Frame, FrameSamples)
	fill := func(from, to int) float64 {
		for k := from; k < to; k++ {
			play.fill(frame, start.Add(time.Duration(k)*frameTime))
		}
		return levelOf(frame)
	}
	if l := fill(0, 3000); l < 100 { // for half a minute
		t.Errorf("noise at %.0f", l)
	}
	play.jitter.Break()
	if l := fill(3000, 3200); l != 0 {
		t.Errorf("two seconds after the break: %.0f", l)
	}
}

func TestStormOfComfortNoiseIsBorne(t *testing.T) {
	start := time.Unix(1000, 0)
	decoder, err := PCMU().NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 3))
	play := newPlaybuffer(NewJitterBuffer(g711Rate, DelayLimits{}), decoder)
	frame := make(Frame, FrameSamples)
	loudest := 0.0
	for k := range 1000 {
		now := start.Add(time.Duration(k) * frameTime)
		for range r.IntN(30) {
			payload := make([]byte, r.IntN(200))
			for i := range payload {
				payload[i] = byte(r.Uint32())
			}
			play.jitter.Put(Packet{
				Sequence: uint16(k + r.IntN(200)), Timestamp: uint32(k*80 + r.IntN(3)*r.IntN(4000)), Payload: payload,
				Noise: r.IntN(20) > 0, Arrival: now,
			})
		}
		play.fill(frame, now)
		if play.n > longestPacket+stretchLongest {
			t.Fatalf("%d samples wait", play.n)
		}
		if play.jitter.resting {
			loudest = max(loudest, levelOf(frame))
		}
	}
	if loudest == 0 {
		t.Error("no noise was heard")
	}
}

// TestComfortNoiseIsNeverLouderThanTold: whatever the noise was before, and however often that changes.
func TestComfortNoiseIsNeverLouderThanTold(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	n, before := newNoise(), 0.0
	var told, heard float64 // squares
	pcm := make([]float64, concealStep)
	for range 5000 {
		payload := make([]byte, 1+r.IntN(1+predictorOrder))
		for i := range payload {
			payload[i] = byte(r.Uint32())
			if r.IntN(3) == 0 {
				payload[i] = byte(255 * r.IntN(2))
			}
		}
		payload[0] = byte(30 + r.IntN(60))
		level, colour, err := comfort(payload)
		if err != nil {
			t.Fatal(err)
		}
		n.level, n.colour = level, colour
		n.next(pcm)
		for _, v := range pcm {
			if most := 6 * max(level, before); v > most || v < -most {
				t.Fatalf("%.0f after %.1f, where %.1f is told by %v", v, before, level, payload)
			}
			told += level * level
			heard += v * v
		}
		before = max(level, before/100)
	}
	if off := 10 * math.Log10(heard/told); math.Abs(off) > 1 {
		t.Errorf("%.1f dB louder than told", off)
	}
}
