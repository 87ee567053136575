package dsp

import "math"

const (
	tailParts = 12    // the last parts of the filter, of which it is told how the room's sound decays
	tailFast  = 0.5   // the least that may remain of a band's power after a hop: 60 dB in 0.2 s, …
	tailSlow  = 0.891 // … and the most: 60 dB in 1.2 s
	tailNew   = 0.3   // share of the newest look in both figures
)

// lateEcho is the echo that comes later than the filter is long, and is still loud in a room that rings for long. It is
// too dense to be known sample by sample, but it decays evenly (Polack's model): how the last parts of the filter
// become less, band by band, tells its power.
type lateEcho struct {
	power []float32 // expected in this hop, by bins of the filter's spectra
	bands [restBands]lateBand
	some  bool // the filter has been looked at
}

// lateBand is some neighbouring bins.
type lateBand struct {
	from, to int
	first    float32 // share of the power of what was played that comes in the first hop after the filter, …
	decay    float32 // … and of that in the hop after it, and so on
}

func newLateEcho() *lateEcho {
	l := &lateEcho{power: make([]float32, echoBins)}
	for b := range l.bands {
		l.bands[b] = lateBand{from: restEdge(b), to: restEdge(b + 1), decay: restDecay}
	}
	return l
}

// expect takes the power of what was played just before all that the filter sees in this hop.
func (l *lateEcho) expect(played []float32) {
	for _, b := range l.bands {
		power, played := l.power[b.from:b.to], played[b.from:b.to]
		for k, v := range played {
			power[k] = b.decay*power[k] + b.first*v
		}
	}
}

// learn looks at a filter: in each band a line is laid through the logarithms of its last parts' powers.
func (l *lateEcho) learn(f *echoFilter) {
	const (
		from   = echoParts - tailParts
		middle = (tailParts - 1) / 2.0
		spread = tailParts * (tailParts*tailParts - 1) / 12.0
	)
	for i := range l.bands {
		b := &l.bands[i]
		var mean, slope float64
		for p, w := range f.w[from:] {
			var sum float32
			for _, v := range w[b.from:b.to] {
				sum += square(v)
			}
			log := math.Log(float64(sum/float32(b.to-b.from)) + 1e-20)
			mean += log / tailParts
			slope += (float64(p) - middle) * log / spread
		}
		decay := min(max(float32(math.Exp(slope)), tailFast), tailSlow)
		first := float32(math.Exp(mean)) * float32(math.Pow(float64(decay), tailParts-middle))
		if l.some {
			first, decay = b.first+tailNew*(first-b.first), b.decay+tailNew*(decay-b.decay)
		}
		b.first, b.decay = first, decay
	}
	l.some = true
}
