package audio

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// hiss is noise of one colour, loud by its RMS.
type hiss struct {
	random       *rand.Rand
	loud, before float64
	dark         float64 // 0 is white; towards 1 darker
}

func (h *hiss) Fill(frame Frame) bool {
	for i := range frame {
		h.before = h.dark*h.before + h.loud*math.Sqrt(1-h.dark*h.dark)*h.random.NormFloat64()
		frame[i] = clip16(h.before)
	}
	return true
}

func newHiss(loud, dark float64) *hiss {
	return &hiss{random: rand.New(rand.NewPCG(3, 4)), loud: loud, dark: dark}
}

// narrow is the RMS of sound at the rate of G.711, and the likeness of its samples next to each other.
func narrow(pcm []int16) (level, alike float64) {
	p := newPausing()
	var all []float64
	for i := 0; i+PacketSamples <= len(pcm); i += PacketSamples {
		p.narrow = p.down.Process(p.narrow[:0], pcm[i:i+PacketSamples])
		for _, s := range p.narrow {
			all = append(all, float64(s))
		}
	}
	square, cross := 0.0, 0.0
	for i, v := range all[1:] {
		square, cross = square+v*v, cross+v*all[i]
	}
	return math.Sqrt(square / float64(len(all))), cross / square
}

// TestComfortNoiseIsThatOfTheRoom: level and colour of what is told are those of what is heard in the pause.
func TestComfortNoiseIsThatOfTheRoom(t *testing.T) {
	for _, packet := range []int{1, 2, 3, 4, 6} {
		for name, room := range map[string]*hiss{
			"hiss":   newHiss(300, 0),
			"fan":    newHiss(200, 0.97),
			"still":  newHiss(20, 0.8),
			"louder": newHiss(1000, 0.9),
		} {
			pcm := pull(room, 3600*time.Millisecond)
			p, n, told := newPausing(), packet*FrameSamples, 0
			for i := 0; i+n <= len(pcm); i += n {
				if pause, news := p.hear(pcm[i:i+n], false); news {
					told++
				} else if i > SampleRate/2 && !pause {
					t.Errorf("%s, packets of %d frames: no pause after %d samples", name, packet, i)
				}
			}
			if told < 7 || told > 9 {
				t.Errorf("%s, packets of %d frames: told %d times in 3.4 s", name, packet, told)
			}
			payload := p.comfort(nil)
			if len(payload) != 1+comfortOrder {
				t.Fatalf("%s: %d octets", name, len(payload))
			}
			level, colour, err := comfort(payload)
			if err != nil {
				t.Fatal(err)
			}
			made := make([]float64, 4*concealRate)
			n1 := newNoise()
			n1.level, n1.colour = level, colour
			n1.next(made)
			square, cross := 0.0, 0.0
			for i, v := range made[1:] {
				square, cross = square+v*v, cross+v*made[i]
			}
			want, alike := narrow(pcm)
			if got := 20 * math.Log10(math.Sqrt(square/float64(len(made)))/want); math.Abs(got) > 2 {
				t.Errorf("%s, packets of %d frames: %.1f dB off", name, packet, got)
			}
			if got := cross / square; math.Abs(got-alike) > 0.15 {
				t.Errorf("%s, packets of %d frames: likeness of %.2f instead of %.2f", name, packet, got, alike)
			}
		}
	}
}

// TestPausesBeginLateAndEndAtOnce: who speaks is never left out, and nothing but that ends a pause for long.
func TestPausesBeginLateAndEndAtOnce(t *testing.T) {
	p, room := newPausing(), newHiss(100, 0.5)
	word := NewRecording(pull(NewToneSource(Sine(300, -20)), time.Second), true)
	hear := func(src Source, spoken bool, frames int) (pauses int) {
		for range frames {
			if pause, _ := p.hear(pull(src, frameTime), spoken); pause {
				pauses++
			}
		}
		return pauses
	}
	if n := hear(room, true, 100); n != 0 {
		t.Errorf("%d pauses while somebody speaks softly", n)
	}
	if n := hear(room, false, 100); n != 80 {
		t.Errorf("%d pauses of 80", n)
	}
	if n := hear(word, false, 1); n != 0 {
		t.Error("the beginning of a word that nobody has noticed yet is left out")
	}
	if n := hear(word, true, 100) + hear(word, false, 19); n != 0 {
		t.Errorf("%d pauses in a word and right after it", n)
	}
	level := p.power
	hear(room, false, 100)
	hear(word, false, 1) // a clap
	if p.power > 1.5*level {
		t.Errorf("after a clap the noise is %.0f instead of %.0f", p.power, level)
	}
	// A fan that is switched on is noise soon.
	loud := newHiss(1000, 0.9)
	if n := hear(loud, false, 200); n < 100 {
		t.Errorf("a fan is left out for %d frames of 200", n)
	}
	// A microphone that is muted is silent at once, and for certain.
	silent := NewRecording(make([]int16, FrameSamples), true)
	if n := hear(silent, true, 100); n < 79 {
		t.Errorf("%d pauses of a muted microphone", n)
	}
	if payload := p.comfort(nil); payload[0] != 127 {
		t.Errorf("silence is told as -%d dBov", payload[0])
	}
}
