package audiotest

import (
	"math"
	"math/cmplx"

	"calla/audio"
	"calla/audio/dsp"
)

// The measure's constants (Jensen and Taal, "An Algorithm for Predicting the Intelligibility of Speech Masked by
// Modulated Noise Maskers", IEEE/ACM TASLP 24, 2016).
const (
	estoiRate   = 10000 // hertz
	estoiFrame  = 256
	estoiHop    = estoiFrame / 2
	estoiFFT    = 512
	estoiBands  = 15
	estoiLowest = 150.0 // centre of the lowest third of an octave, hertz
	estoiLength = 30    // frames compared at a time: 384 ms
	estoiRange  = 40.0  // dB below the loudest frame from which on a frame is silence
)

// ESTOI is the extended short-time objective intelligibility of processed, of which clean is the original: both mono
// at audio.SampleRate and aligned to within a few milliseconds. It is about 1 for the same sound and 0 for another one;
// over speech that phones have spoiled it follows what listeners say. What is longer is cut to the shorter. It returns
// NaN when less than 384 ms of clean are no silence.
func ESTOI(clean, processed []int16) float64 {
	n := min(len(clean), len(processed))
	x, y := atEstoiRate(clean[:n]), atEstoiRate(processed[:n])
	n = min(len(x), len(y))
	x, y = withoutSilence(x[:n], y[:n])
	a, b := thirds(x), thirds(y)
	sum, segments := 0.0, 0
	for end := estoiLength; end <= len(a); end++ {
		p, q := normalised(a[end-estoiLength:end]), normalised(b[end-estoiLength:end])
		for t := range p {
			for k := range p[t] {
				sum += p[t][k] * q[t][k]
			}
		}
		segments++
	}
	return sum / float64(segments) / estoiLength
}

// Delay is by how many samples heard, at audio.SampleRate, comes after original: the lag, up to most samples either
// way, at which their outlines of 1 ms and then they themselves are most alike.
func Delay(original, heard []int16, most int) int {
	const coarse = audio.SampleRate / 1000
	rough := coarse * lag(outline(original, coarse), outline(heard, coarse), -most/coarse, most/coarse)
	return lag(floats(original), floats(heard), max(-most, rough-2*coarse), min(most, rough+2*coarse))
}

// outline is how loud each run of n samples is, about its mean.
func outline(pcm []int16, n int) []float64 {
	levels, mean := make([]float64, len(pcm)/n), 0.0
	for i := range levels {
		for _, s := range pcm[i*n : (i+1)*n] {
			levels[i] += math.Abs(float64(s))
		}
		mean += levels[i] / float64(len(levels))
	}
	for i := range levels {
		levels[i] -= mean
	}
	return levels
}

// lag is the lag between from and to at which x and y are most alike: y[i+lag] is x[i].
func lag(x, y []float64, from, to int) int {
	best, at := math.Inf(-1), 0
	for d := from; d <= to; d++ {
		sum := 0.0
		for i := max(0, -d); i < len(x) && i+d < len(y); i++ {
			sum += x[i] * y[i+d]
		}
		if sum > best {
			best, at = sum, d
		}
	}
	return at
}

func floats(pcm []int16) []float64 {
	x := make([]float64, len(pcm))
	for i, s := range pcm {
		x[i] = float64(s)
	}
	return x
}

func atEstoiRate(pcm []int16) []float64 {
	r, err := dsp.NewResampler(audio.SampleRate, estoiRate)
	if err != nil {
		panic(err) // both rates are constants
	}
	return floats(r.Process(nil, pcm))
}

// window is a Hann window without its zeros.
func window() []float64 {
	w := make([]float64, estoiFrame)
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i+1)/(estoiFrame+1))
	}
	return w
}

// withoutSilence takes the frames out of both in which clean is silent.
func withoutSilence(clean, processed []float64) (x, y []float64) {
	w := window()
	var energies []float64
	loudest := math.Inf(-1)
	for at := 0; at+estoiFrame <= len(clean); at += estoiHop {
		e := 0.0
		for i, v := range w {
			e += v * v * clean[at+i] * clean[at+i]
		}
		db := 10 * math.Log10(e+1e-9)
		energies, loudest = append(energies, db), max(loudest, db)
	}
	kept := 0
	x, y = make([]float64, len(clean)+estoiFrame), make([]float64, len(clean)+estoiFrame)
	for k, db := range energies {
		if db <= max(0, loudest-estoiRange) { // 0 dB is less than the smallest sample in each place
			continue
		}
		for i, v := range w {
			x[kept*estoiHop+i] += v * clean[k*estoiHop+i]
			y[kept*estoiHop+i] += v * processed[k*estoiHop+i]
		}
		kept++
	}
	if kept == 0 {
		return nil, nil
	}
	n := (kept-1)*estoiHop + estoiFrame
	return x[:n], y[:n]
}

// thirds is the magnitude in each third of an octave of each frame.
func thirds(x []float64) [][]float64 {
	fft, w := dsp.NewFFT(estoiFFT), window()
	bin := func(hz float64) int { return int(math.Round(hz * estoiFFT / estoiRate)) }
	spectrum := make([]complex128, estoiFFT)
	var frames [][]float64
	for at := 0; at+estoiFrame <= len(x); at += estoiHop {
		clear(spectrum)
		for i, v := range w {
			spectrum[i] = complex(v*x[at+i], 0)
		}
		fft.Transform(spectrum)
		bands := make([]float64, estoiBands)
		for k := range bands {
			centre := estoiLowest * math.Pow(2, float64(k)/3)
			for _, c := range spectrum[bin(centre*math.Pow(2, -1.0/6)):bin(centre*math.Pow(2, 1.0/6))] {
				bands[k] += real(c * cmplx.Conj(c))
			}
			bands[k] = math.Sqrt(bands[k])
		}
		frames = append(frames, bands)
	}
	return frames
}

// normalised are frames in which first each band over time, and then each frame over its bands, has mean 0 and norm 1.
func normalised(frames [][]float64) [][]float64 {
	n := make([][]float64, len(frames))
	for t := range frames {
		n[t] = append([]float64(nil), frames[t]...)
	}
	column := make([]float64, len(n))
	for k := range estoiBands {
		for t := range n {
			column[t] = n[t][k]
		}
		centre(column)
		for t := range n {
			n[t][k] = column[t]
		}
	}
	for t := range n {
		centre(n[t])
	}
	return n
}

func centre(v []float64) {
	mean, norm := 0.0, 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for i := range v {
		v[i] -= mean
		norm += v[i] * v[i]
	}
	norm = math.Sqrt(norm) + 1e-12
	for i := range v {
		v[i] /= norm
	}
}
