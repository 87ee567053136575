package audio

import (
	"fmt"
	"math"
	"sync"

	"calla/audio/dsp"
)

const (
	toneRate    = 8000
	toneWindow  = toneRate / 4 // 250 ms
	toneLowest  = 300.0        // hertz
	toneHighest = 3400.0
	tonePure    = 0.5 // share of the power from which on a window holds a tone
	toneSame    = 5.0 // hertz within which two windows hold the same tone
)

// ToneReading is what was found in sound: its most lasting tone between 300 and 3400 Hz.
type ToneReading struct {
	Frequency float64 // hertz; 0 when no tone was found
	Level     float64 // RMS of the tone, dBFS
	Purity    float64 // the tone's share of all power while it lasted, 0 to 1
	Seconds   float64 // how long it lasted in all
}

func (t ToneReading) String() string {
	if t.Frequency == 0 {
		return "no tone"
	}
	return fmt.Sprintf("%.1f Hz, %.1f dBFS, %.1f s", t.Frequency, t.Level, t.Seconds)
}

// MeasureTone finds the most lasting tone in pcm, mono at SampleRate; pcm shorter than 250 ms is measured as
// if it went on.
func MeasureTone(pcm []int16) ToneReading {
	m := NewToneMeter()
	if len(pcm) > 0 {
		r := NewRecording(pcm, len(pcm) < SampleRate/2)
		frame := make(Frame, FrameSamples)
		for range max(len(pcm)/FrameSamples, 50) {
			r.Fill(frame)
			m.Add(frame)
		}
	}
	return m.Reading()
}

// ToneMeter is a Sink that measures tones as they pass: for each quarter of a second the strongest
// frequency, found in the spectrum and then measured by Goertzel's algorithm. One goroutine Adds; any
// may read.
type ToneMeter struct {
	down     *dsp.Resampler
	fft      *dsp.FFT
	spectrum []complex128
	window   []float64 // Hann
	narrow   []int16   // gathered so far
	shaped   []float64

	mu    sync.Mutex
	found []toneSum // at most cap entries: a stream of ever new tones keeps the first ones
}

// toneSum is all windows that held one tone.
type toneSum struct {
	frequency, power, share float64 // sums over windows
	windows                 float64
}

// NewToneMeter returns an empty ToneMeter.
func NewToneMeter() *ToneMeter {
	// Both rates are constants within NewResampler's range.
	down, _ := dsp.NewResampler(SampleRate, toneRate)
	fft := dsp.NewFFT(toneWindow)
	m := &ToneMeter{
		down: down, fft: fft, spectrum: make([]complex128, fft.Len()), window: make([]float64, toneWindow),
		shaped: make([]float64, toneWindow),
		narrow: make([]int16, 0, toneWindow+FrameSamples), found: make([]toneSum, 0, 32),
	}
	for i := range m.window {
		m.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/toneWindow)
	}
	return m
}

// Add implements Sink.
func (m *ToneMeter) Add(frame Frame) {
	m.narrow = m.down.Process(m.narrow, frame)
	if len(m.narrow) >= toneWindow {
		m.measure(m.narrow[:toneWindow])
		m.narrow = m.narrow[:copy(m.narrow, m.narrow[toneWindow:])]
	}
}

// Reading tells the tone that lasted longest so far.
func (m *ToneMeter) Reading() ToneReading {
	m.mu.Lock()
	defer m.mu.Unlock()
	var most toneSum
	for _, t := range m.found {
		if t.windows > most.windows {
			most = t
		}
	}
	if most.windows == 0 {
		return ToneReading{Level: Silence}
	}
	return ToneReading{
		Frequency: most.frequency / most.windows, Purity: most.share / most.windows,
		Level:   decibels(math.Sqrt(most.power / most.windows)),
		Seconds: most.windows * toneWindow / toneRate,
	}
}

func (m *ToneMeter) measure(pcm []int16) {
	var total, weight float64
	for i, s := range pcm {
		m.shaped[i] = float64(s) * m.window[i]
		total += m.shaped[i] * m.shaped[i]
		weight += m.window[i] * m.window[i]
	}
	total /= weight // mean square
	if total < 10 { // below -80 dBFS
		return
	}
	clear(m.spectrum)
	for i, x := range m.shaped {
		m.spectrum[i] = complex(x, 0)
	}
	m.fft.Transform(m.spectrum)
	step := toneRate / float64(len(m.spectrum)) // hertz from bin to bin
	best, power := 0.0, -1.0
	for k := int(toneLowest / step); float64(k)*step <= toneHighest; k++ {
		x := m.spectrum[k]
		if p := real(x)*real(x) + imag(x)*imag(x); p > power {
			best, power = float64(k)*step, p
		}
	}
	// The peak of the main lobe, by golden section.
	low, high := best-step, best+step
	for range 12 { // to a hundredth of a hertz
		a, b := high-0.618*(high-low), low+0.618*(high-low)
		if goertzel(m.shaped, a, toneRate) < goertzel(m.shaped, b, toneRate) {
			low = a
		} else {
			high = b
		}
	}
	best = (low + high) / 2
	// A sine of amplitude A gives A/2 times the sum of the window; its mean square is A²/2.
	amplitude := math.Sqrt(goertzel(m.shaped, best, toneRate)) / (toneWindow / 2) * 2
	power = amplitude * amplitude / 2
	if share := power / total; share >= tonePure {
		m.add(best, power, share)
	}
}

func (m *ToneMeter) add(hz, power, share float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.found {
		t := &m.found[i]
		if math.Abs(t.frequency/t.windows-hz) < toneSame {
			t.frequency += hz
			t.power += power
			t.share += share
			t.windows++
			return
		}
	}
	if len(m.found) < cap(m.found) {
		m.found = append(m.found, toneSum{frequency: hz, power: power, share: share, windows: 1})
	}
}

// goertzel is the squared magnitude of pcm's spectrum at hz.
func goertzel(pcm []float64, hz float64, rate float64) float64 {
	c := 2 * math.Cos(2*math.Pi*hz/rate)
	var s1, s2 float64
	for _, x := range pcm {
		s1, s2 = x+c*s1-s2, s1
	}
	return s1*s1 + s2*s2 - c*s1*s2
}
