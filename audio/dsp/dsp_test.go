package dsp

import (
	"fmt"
	"math"
	"testing"
)

func sine(hz float64, rate, n int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(math.Round(16000 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))))
	}
	return pcm
}

// level is the RMS in dB against that of sine's amplitude, past the filter's beginning.
func level(pcm []int16) float64 {
	sum, n := 0.0, 0
	for _, s := range pcm[len(pcm)/4:] {
		sum += float64(s) * float64(s)
		n++
	}
	return 10 * math.Log10(math.Max(sum/float64(n), 1e-3)/(16000*16000/2))
}

func TestResamplerKeepsThePassBand(t *testing.T) {
	for _, rates := range [][2]int{
		{48000, 8000},
		{8000, 48000},
		{48000, 16000},
		{16000, 48000},
		{44100, 48000},
		{48000, 44100},
		{11025, 48000},
		{22050, 48000},
		{96000, 48000},
		{44101, 48000},
	} {
		for _, share := range []float64{0.05, 0.4, 0.8} { // of the lower Nyquist frequency
			hz := share * float64(min(rates[0], rates[1])) / 2
			t.Run(fmt.Sprintf("%d to %d at %.0f Hz", rates[0], rates[1], hz), func(t *testing.T) {
				r, err := NewResampler(rates[0], rates[1])
				if err != nil {
					t.Fatal(err)
				}
				out := r.Process(nil, sine(hz, rates[0], rates[0]))
				if want := rates[1]; len(out) < want-1 || len(out) > want+1 {
					t.Errorf("a second became %d samples", len(out))
				}
				if got := level(out); math.Abs(got) > 0.1 {
					t.Errorf("level changed by %.2f dB", got)
				}
				// What is not the sine is the filter's images, aliases and rounding.
				if got := residue(out, hz, rates[1]); got > -65 {
					t.Errorf("residue %.1f dB", got)
				}
			})
		}
	}
}

// residue is what is left of pcm, in dB, after the best-fitting sine of hz is taken out.
func residue(pcm []int16, hz float64, rate int) float64 {
	pcm = pcm[len(pcm)/4 : len(pcm)*3/4]
	var ss, sc, cc, xs, xc float64
	for i, x := range pcm {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		ss, sc, cc = ss+s*s, sc+s*c, cc+c*c
		xs, xc = xs+float64(x)*s, xc+float64(x)*c
	}
	det := ss*cc - sc*sc
	a, b := (xs*cc-xc*sc)/det, (xc*ss-xs*sc)/det
	sum := 0.0
	for i, x := range pcm {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		d := float64(x) - a*s - b*c
		sum += d * d
	}
	return 10 * math.Log10(sum/float64(len(pcm))/(16000*16000/2))
}

func TestResamplerStopsWhatWouldAlias(t *testing.T) {
	for _, hz := range []float64{4300, 5000, 7560, 12345} {
		r, err := NewResampler(48000, 8000)
		if err != nil {
			t.Fatal(err)
		}
		if got := level(r.Process(nil, sine(hz, 48000, 48000))); got > -60 {
			t.Errorf("%.0f Hz is left at %.1f dB", hz, got)
		}
	}
}

func TestResamplerDoesNotCareHowItIsFed(t *testing.T) {
	in := sine(1000, 44100, 44100)
	whole, err := NewResampler(44100, 48000)
	if err != nil {
		t.Fatal(err)
	}
	want := whole.Process(nil, in)
	parts, err := NewResampler(44100, 48000)
	if err != nil {
		t.Fatal(err)
	}
	var got []int16
	for i, n := 0, 1; i < len(in); i, n = i+n, n*7%1000+1 {
		got = parts.Process(got, in[i:min(len(in), i+n)])
	}
	if len(got) != len(want) {
		t.Fatalf("%d samples in parts, %d as a whole", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("sample %d is %d in parts, %d as a whole", i, got[i], want[i])
		}
	}
}

func TestResamplerRefusesImpossibleRates(t *testing.T) {
	for _, rates := range [][2]int{{0, 48000}, {48000, 0}, {-8000, 48000}, {48000, 1 << 30}} {
		if _, err := NewResampler(rates[0], rates[1]); err == nil {
			t.Errorf("%d to %d was taken", rates[0], rates[1])
		}
	}
}

func TestResamplerAllocatesNothing(t *testing.T) {
	r, err := NewResampler(48000, 8000)
	if err != nil {
		t.Fatal(err)
	}
	in, out := sine(1000, 48000, 960), make([]int16, 0, 160)
	if n := testing.AllocsPerRun(100, func() {
		if got := r.Process(out[:0], in); len(got) != 160 {
			t.Fatalf("%d samples", len(got))
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestHighPassRemovesDirectCurrentAndKeepsSpeech(t *testing.T) {
	h := NewHighPass(48000, 80)
	pcm := make([]int16, 48000)
	for i := range pcm {
		pcm[i] = 5000
	}
	h.Process(pcm)
	if got := level(pcm); got > -60 {
		t.Errorf("direct current is left at %.1f dB", got)
	}
	for hz, bounds := range map[float64][2]float64{
		20: {-100, -20}, 80: {-3.2, -2.8}, 300: {-0.1, 0.1},
		3000: {-0.05, 0.05},
	} {
		pcm := sine(hz, 48000, 48000)
		NewHighPass(48000, 80).Process(pcm)
		if got := level(pcm); got < bounds[0] || got > bounds[1] {
			t.Errorf("%.0f Hz is left at %.2f dB, want within %v", hz, got, bounds)
		}
	}
}

func BenchmarkResampler48To8(b *testing.B) {
	r, err := NewResampler(48000, 8000)
	if err != nil {
		b.Fatal(err)
	}
	in, out := sine(1000, 48000, 960), make([]int16, 0, 160)
	b.ReportAllocs()
	for b.Loop() {
		r.Process(out[:0], in)
	}
}

func TestFFTIsTheFourierTransform(t *testing.T) {
	f := NewFFT(50)
	if f.Len() != 64 {
		t.Fatalf("length %d", f.Len())
	}
	x := make([]complex128, 64)
	for i := range x {
		x[i] = complex(float64(i*i%17), float64(i%5))
	}
	got := append([]complex128(nil), x...)
	f.Transform(got)
	for k := range got {
		var want complex128
		for i, v := range x {
			s, c := math.Sincos(-2 * math.Pi * float64(i*k%64) / 64)
			want += v * complex(c, s)
		}
		if d := got[k] - want; math.Hypot(real(d), imag(d)) > 1e-9 {
			t.Fatalf("bin %d is %v, want %v", k, got[k], want)
		}
	}
}
