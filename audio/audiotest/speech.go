package audiotest

import (
	"math"
	"math/rand/v2"

	"calla/audio"
)

// Speech is a Source without end that behaves like a voice: syllables of changing pitch, vowel and
// loudness, hisses between them, and pauses. The same seed gives the same sound.
type Speech struct {
	random   *rand.Rand
	formants [3]resonator
	left     int // samples until the next syllable or pause
	length   int
	voiced   float64 // share of the pulses in the excitation, 0 to 1
	loud     float64
	pitch    float64 // hertz
	phase    float64 // of the pitch period, 0 to 1
}

// NewSpeech returns the voice with this seed.
func NewSpeech(seed uint64) *Speech {
	return &Speech{random: rand.New(rand.NewPCG(seed, 1)), pitch: 120}
}

// Fill implements audio.Source.
func (s *Speech) Fill(frame audio.Frame) bool {
	for i := range frame {
		if s.left == 0 {
			s.syllable()
		}
		// Each syllable swells and fades.
		swell := math.Sin(math.Pi * float64(s.length-s.left) / float64(s.length))
		s.left--
		s.phase += s.pitch * (1 + 0.1*swell) / audio.SampleRate
		pulse := 0.0
		if s.phase >= 1 {
			s.phase--
			pulse = 60
		}
		x := s.voiced*pulse + (1-s.voiced)*s.random.NormFloat64()
		for k := range s.formants {
			x = s.formants[k].next(x)
		}
		v := 3000 * s.loud * swell * x
		frame[i] = int16(math.Max(-32768, math.Min(32767, v)))
	}
	return true
}

func (s *Speech) syllable() {
	s.length = int(audio.SampleRate * (0.12 + 0.15*s.random.Float64()))
	s.left = s.length
	s.loud = 0.5 + 0.5*s.random.Float64()
	switch p := s.random.Float64(); {
	case p < 0.15:
		s.loud = 0 // a pause
	case p < 0.3:
		s.voiced = 0
		s.loud *= 0.3
	default:
		s.voiced = 1
	}
	s.pitch = 100 + 60*s.random.Float64()
	s.formants[0].tune(300+500*s.random.Float64(), 80)
	s.formants[1].tune(900+1300*s.random.Float64(), 120)
	s.formants[2].tune(2300+700*s.random.Float64(), 200)
}

// resonator is one formant: a two-pole filter with unit gain at zero frequency.
type resonator struct{ a, b, gain, y1, y2 float64 }

func (r *resonator) tune(hz, width float64) {
	radius := math.Exp(-math.Pi * width / audio.SampleRate)
	r.a = 2 * radius * math.Cos(2*math.Pi*hz/audio.SampleRate)
	r.b = -radius * radius
	r.gain = 1 - r.a - r.b
}

func (r *resonator) next(x float64) float64 {
	y := r.gain*x + r.a*r.y1 + r.b*r.y2
	r.y1, r.y2 = y, r.y1
	return y
}
