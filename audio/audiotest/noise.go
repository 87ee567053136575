package audiotest

import (
	"math"
	"math/rand/v2"

	"calla/audio"
)

// Noise is a Source without end of one kind of noise. The same seed gives the same sound.
type Noise struct{ next func() float64 }

// Fill implements audio.Source.
func (n *Noise) Fill(frame audio.Frame) bool {
	for i := range frame {
		frame[i] = int16(math.Max(-32768, math.Min(32767, n.next())))
	}
	return true
}

// NewFan is the fan of a computer: air, and the notes of its blades.
func NewFan(seed uint64) *Noise {
	random := rand.New(rand.NewPCG(seed, 2))
	air, phase, wobble := 0.0, 0.0, 0.0
	return &Noise{func() float64 {
		white := random.NormFloat64()
		air += 0.04 * (white - air) // below 300 Hz
		wobble += 0.0001 * (random.NormFloat64() - wobble)
		phase += 118 * (1 + wobble) / audio.SampleRate
		notes := 0.0
		for k, loud := range []float64{1, 0.6, 0.5, 0.3} {
			notes += loud * math.Sin(2*math.Pi*phase*float64(k+1))
		}
		return 7000*air + 150*white + 500*notes
	}}
}

// NewStreet is a street: a rumble without end, and cars that come and go.
func NewStreet(seed uint64) *Noise {
	random := rand.New(rand.NewPCG(seed, 3))
	deep, mid := 0.0, 0.0
	length, left, loud := 0, 0, 0.0
	return &Noise{func() float64 {
		if left == 0 { // a car
			length = int(audio.SampleRate * (2 + 4*random.Float64()))
			left, loud = length, 0.3+random.Float64()
		}
		swell := loud * math.Pow(math.Sin(math.Pi*float64(left)/float64(length)), 2)
		left--
		white := random.NormFloat64()
		deep += 0.02 * (white - deep) // below 150 Hz
		mid += 0.15 * (white - mid)   // below 1.2 kHz, the tyres
		return 9000*deep*(0.5+swell) + 2200*mid*(0.2+swell) + 40*white
	}}
}

// NewKeyboard is somebody who types: keys go down and up again, five a second, in a room that is all but silent.
func NewKeyboard(seed uint64) *Noise {
	random := rand.New(rand.NewPCG(seed, 4))
	var click [2]resonator // of the key's plastic
	var thump resonator    // of the table
	down, up, burst, decay := 0, -1, 0.0, 0.0
	strike := func(loud float64) {
		burst, decay = loud, math.Exp(-1/(audio.SampleRate*(0.001+0.003*random.Float64())))
		click[0].tune(1200+1500*random.Float64(), 400)
		click[1].tune(3000+3500*random.Float64(), 900)
		thump.tune(150+150*random.Float64(), 60)
	}
	return &Noise{func() float64 {
		if down == 0 {
			strike(0.5 + random.Float64())
			up = int(audio.SampleRate * (0.06 + 0.06*random.Float64()))
			down = int(audio.SampleRate * (0.12 + 0.16*random.Float64()))
		}
		if up == 0 {
			strike(0.3 + 0.3*random.Float64())
		}
		down, up = down-1, up-1
		x := burst * random.NormFloat64()
		burst *= decay
		return 2500*(click[1].next(x)+click[0].next(x)) + 4000*thump.next(x) + 10*random.NormFloat64()
	}}
}

// NewCafe is a room full of people who talk. Each has one of the voices, mono at audio.SampleRate, from another place
// on and higher or lower; without any they have those of NewSpeech.
func NewCafe(seed uint64, voices ...[]int16) *Noise {
	const people = 8
	random := rand.New(rand.NewPCG(seed, 5))
	var talk [people]func() float64
	for i := range talk {
		loud := 0.4 + 0.6*random.Float64()
		if len(voices) == 0 {
			speech, frame, at := NewSpeech(random.Uint64()), make(audio.Frame, audio.FrameSamples), audio.FrameSamples
			talk[i] = func() float64 {
				if at == len(frame) {
					speech.Fill(frame)
					at = 0
				}
				at++
				return loud * float64(frame[at-1])
			}
			continue
		}
		voice, speed := voices[i%len(voices)], 0.8+0.3*random.Float64()
		at := random.Float64() * float64(len(voice))
		talk[i] = func() float64 {
			at = math.Mod(at+speed, float64(len(voice)-1))
			whole, part := math.Modf(at)
			return loud * (float64(voice[int(whole)])*(1-part) + float64(voice[int(whole)+1])*part)
		}
	}
	echoes := [3]struct {
		line []float64
		at   int
	}{}
	for i, ms := range []int{37, 53, 71} {
		echoes[i].line = make([]float64, ms*audio.SampleRate/1000)
	}
	return &Noise{func() float64 {
		sum := 0.0
		for _, t := range talk {
			sum += t()
		}
		out := 0.6 * sum
		for i := range echoes { // the walls
			e := &echoes[i]
			late := e.line[e.at]
			e.line[e.at] = sum + 0.6*late
			e.at = (e.at + 1) % len(e.line)
			out += 0.3 * late
		}
		return 0.4*out + 15*random.NormFloat64()
	}}
}
