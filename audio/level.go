package audio

import (
	"math"
	"sync/atomic"

	"calla/audio/dsp"
)

// Silence is the level of digital silence in dBFS, the lowest there is.
const Silence = -100.0

// Level is loudness in dBFS: 0 is the amplitude of the largest 16-bit sample, so that a sine of full
// amplitude has Peak 0 and RMS -3.
type Level struct {
	RMS  float64 // over the last tenth of a second
	Peak float64 // falls by 20 dB a second
}

// Meter measures the level of a stream. One goroutine Adds; any may read.
type Meter struct {
	mean float64 // smoothed square, for the adding goroutine alone
	peak float64
	sum  float64
	n    float64

	rmsBits, peakBits, meanBits atomic.Uint64
}

// NewMeter returns a Meter that shows silence.
func NewMeter() *Meter {
	m := new(Meter)
	m.publish()
	return m
}

// Add implements Sink.
func (m *Meter) Add(frame Frame) {
	if len(frame) == 0 {
		return
	}
	var square float64
	var top int
	for _, s := range frame {
		v := int(s)
		square += float64(v * v)
		top = max(top, v, -v)
	}
	m.sum += square
	m.n += float64(len(frame))
	frames := float64(len(frame)) / FrameSamples
	weight := 1 - math.Exp(-frames/10) // time constant 100 ms
	m.mean += weight * (square/float64(len(frame)) - m.mean)
	m.peak = math.Max(float64(top), m.peak*math.Pow(10, -0.01*frames))
	m.publish()
}

func (m *Meter) publish() {
	m.rmsBits.Store(math.Float64bits(decibels(math.Sqrt(m.mean))))
	m.peakBits.Store(math.Float64bits(decibels(m.peak)))
	mean := 0.0
	if m.n > 0 {
		mean = math.Sqrt(m.sum / m.n)
	}
	m.meanBits.Store(math.Float64bits(decibels(mean)))
}

// Level is the loudness now.
func (m *Meter) Level() Level {
	return Level{
		RMS:  math.Float64frombits(m.rmsBits.Load()),
		Peak: math.Float64frombits(m.peakBits.Load()),
	}
}

// Mean is the RMS level in dBFS of everything since the beginning.
func (m *Meter) Mean() float64 { return math.Float64frombits(m.meanBits.Load()) }

// decibels turns an amplitude in sample units into dBFS.
func decibels(amplitude float64) float64 {
	if amplitude <= 0 {
		return Silence
	}
	return math.Max(Silence, 20*math.Log10(amplitude/32768))
}

// amplitude is the inverse of decibels.
func amplitude(dbfs float64) float64 { return 32768 * math.Pow(10, dbfs/20) }

// Gain scales a stream by a factor that any goroutine may set; changes are ramped over one frame so
// that they do not click. One goroutine Processes. The zero value passes sound unchanged.
type Gain struct {
	loss atomic.Uint64 // 1 - factor as float bits, so that the zero value is factor 1
	now  float64       // 1 - factor reached so far
}

// Set makes the gain this many dB; at Silence or below the stream is silent.
func (g *Gain) Set(db float64) {
	factor := 0.0
	if db > Silence {
		factor = math.Pow(10, db/20)
	}
	g.loss.Store(math.Float64bits(1 - factor))
}

// Mute makes the stream silent, or restores it to 0 dB.
func (g *Gain) Mute(on bool) {
	if on {
		g.Set(Silence)
	} else {
		g.Set(0)
	}
}

// begin has what comes next fade in from silence.
func (g *Gain) begin() { g.now = 1 }

// Process scales pcm in place.
func (g *Gain) Process(pcm []int16) {
	want := math.Float64frombits(g.loss.Load())
	if want == 0 && g.now == 0 {
		return
	}
	if want == 1 && g.now == 1 {
		clear(pcm)
		return
	}
	step := (want - g.now) / float64(len(pcm))
	for i, s := range pcm {
		g.now += step
		pcm[i] = dsp.Round16(float32(float64(s) * (1 - g.now)))
	}
	g.now = want
}
