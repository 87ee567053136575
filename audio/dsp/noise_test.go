package dsp_test

import (
	"fmt"
	"math"
	"testing"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/audio/dsp"
)

const frame = audio.FrameSamples

// noises are the kinds of noise that phones hear.
func noises() map[string]audio.Source {
	return map[string]audio.Source{
		"fan": audiotest.NewFan(1), "street": audiotest.NewStreet(1), "keyboard": audiotest.NewKeyboard(1),
		"cafe": audiotest.NewCafe(1),
	}
}

// spoken is a voice that begins after two seconds, and is silent again after four more for another two.
func spoken(seed uint64) []float64 {
	pcm := take(audiotest.NewSpeech(seed), 8)
	for i := range pcm {
		if i < 2*audio.SampleRate || i >= 6*audio.SampleRate {
			pcm[i] = 0
		}
	}
	return pcm
}

func take(source audio.Source, seconds int) []float64 {
	var pcm []float64
	block := make(audio.Frame, frame)
	for len(pcm) < seconds*audio.SampleRate {
		source.Fill(block)
		for _, s := range block {
			pcm = append(pcm, float64(s))
		}
	}
	return pcm
}

// level is the mean power in dBFS.
func level[S float64 | int16](pcm []S) float64 {
	sum := 1e-9
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	return 10 * math.Log10(sum/float64(len(pcm))/(32768*32768))
}

// at is pcm with another level in dBFS, measured from the third to the sixth second.
func at(pcm []float64, dbfs float64) []float64 {
	factor := math.Pow(10, (dbfs-level(pcm[2*audio.SampleRate:6*audio.SampleRate]))/20)
	out := make([]float64, len(pcm))
	for i, s := range pcm {
		out[i] = s * factor
	}
	return out
}

// sum is what a microphone makes of several sounds.
func sum(sounds ...[]float64) []int16 {
	pcm := make([]int16, len(sounds[0]))
	for i := range pcm {
		x := 0.0
		for _, s := range sounds {
			x += s[i]
		}
		pcm[i] = dsp.Round16(float32(x))
	}
	return pcm
}

// cleaned is what is left of pcm, without the delay.
func cleaned(pcm []int16, strength float32) []int16 {
	voice := dsp.NewVoice()
	suppressor := dsp.NewNoiseSuppressor(voice)
	suppressor.SetStrength(strength)
	var out []int16
	block := make([]int16, frame)
	for i := 0; i+frame <= len(pcm); i += frame {
		copy(block, pcm[i:])
		voice.Process(block)
		suppressor.Process(block)
		out = append(out, block...)
	}
	return out[frame:]
}

func between(pcm []int16, from, to float64) []int16 {
	return pcm[int(from*audio.SampleRate):int(to*audio.SampleRate)]
}

// TestNoiseIsTakenOutAndSpeechKept: a pause loses so many dB more than the voice, which is understood no worse.
func TestNoiseIsTakenOutAndSpeechKept(t *testing.T) {
	for kind, source := range noises() {
		noise := take(source, 8)
		for _, snr := range []float64{5, 15} {
			t.Run(fmt.Sprintf("%s at %v dB", kind, snr), func(t *testing.T) {
				speech := at(spoken(2), -26)
				clean, noisy := sum(speech), sum(speech, at(noise, -26-snr))
				out := cleaned(noisy, 1)
				gained := level(between(noisy, 6.5, 7.9)) - level(between(out, 6.5, 7.9)) -
					(level(between(noisy, 2, 6)) - level(between(out, 2, 6)))
				before := audiotest.ESTOI(between(clean, 2, 6), between(noisy, 2, 6))
				after := audiotest.ESTOI(between(clean, 2, 6), between(out, 2, 6))
				t.Logf("%.1f dB, ESTOI %.3f, was %.3f", gained, after, before)
				// Those in a cafe are voices, too; and these voices are no people, of whom more is kept (test/sound).
				if gained < 12 && kind != "cafe" || gained < 10 {
					t.Errorf("the noise lost %.1f dB more than the voice", gained)
				}
				if after < before-0.05 {
					t.Errorf("ESTOI fell from %.3f to %.3f", before, after)
				}
			})
		}
	}
}

func TestALoneTalkerLosesNothing(t *testing.T) {
	for seed := range uint64(2) {
		clean := sum(at(spoken(seed), -26))
		if d := audiotest.ESTOI(clean, cleaned(clean, 1)); d < 0.97 {
			t.Errorf("voice %d: ESTOI %.3f", seed, d)
		}
	}
}

// TestNoiseDoesNotSing: what is left of a noise has no notes that come and go: as few places of the spectrum are ten
// times the mean as before.
func TestNoiseDoesNotSing(t *testing.T) {
	for _, kind := range []string{"fan", "white"} {
		noise := take(audiotest.NewFan(3), 6)
		if kind == "white" {
			noise = white(6)
		}
		pcm := sum(at(noise, -40))
		before, after := peaks(between(pcm, 2, 5.9)), peaks(between(cleaned(pcm, 1), 2, 5.9))
		if t.Logf("%s: %.5f, were %.5f", kind, after, before); after > before+0.0005 {
			t.Errorf("%s: %.5f of the spectrum stands out, and %.5f before", kind, after, before)
		}
	}
}

func white(seconds int) []float64 {
	state := uint64(1)
	pcm := make([]float64, seconds*audio.SampleRate)
	for i := range pcm {
		for range 12 {
			state = state*6364136223846793005 + 1442695040888963407
			pcm[i] += float64(state>>40) - 1<<23
		}
	}
	return pcm
}

// peaks is the share of a spectrogram that is ten times the mean of its bin.
func peaks(pcm []int16) float64 {
	fft := dsp.NewRealFFT(512)
	x, spectrum := make([]float32, fft.Len()), make([]complex64, fft.Bins())
	var powers [][]float64
	mean := make([]float64, fft.Bins())
	for i := 0; i+len(x) <= len(pcm); i += len(x) / 2 {
		for k := range x {
			x[k] = float32(pcm[i+k]) * float32(0.5-0.5*math.Cos(2*math.Pi*float64(k)/float64(len(x))))
		}
		fft.Forward(spectrum, x)
		row := make([]float64, len(spectrum))
		for k, c := range spectrum {
			row[k] = float64(real(c)*real(c) + imag(c)*imag(c))
			mean[k] += row[k]
		}
		powers = append(powers, row)
	}
	out, all := 0.0, 0.0
	for _, row := range powers {
		for k := 4; k < 128; k++ { // below 12 kHz: rounding is all there is above
			if all++; row[k]*float64(len(powers)) > 10*mean[k] {
				out++
			}
		}
	}
	return out / all
}

// TestTheSuppressorIsTenMillisecondsLate, with all that passes, and it comes and goes without a click.
func TestTheSuppressorIsTenMillisecondsLate(t *testing.T) {
	voice := dsp.NewVoice()
	suppressor := dsp.NewNoiseSuppressor(voice)
	pcm := make([]int16, 60*frame)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*300*float64(i)/audio.SampleRate))
	}
	out := append([]int16(nil), pcm...)
	for k := range 60 {
		suppressor.SetStrength(0)
		if k >= 20 && k < 40 {
			suppressor.SetStrength(1e-6)
		}
		voice.Process(out[k*frame : (k+1)*frame])
		suppressor.Process(out[k*frame : (k+1)*frame])
	}
	for i, s := range out {
		late := 0
		switch k := i / frame; {
		case k == 20 || k == 40: // it fades: no step is larger than twice the sine's
			if step := int(s) - int(out[i-1]); step > 700 || step < -700 {
				t.Fatalf("a step of %d in sample %d", step, i)
			}
			continue
		case k > 20 && k < 40:
			late = frame
			if d := int(s) - int(pcm[i-late]); d > 2 || d < -2 {
				t.Fatalf("sample %d is %d, want %d", i, s, pcm[i-late])
			}
			continue
		}
		if s != pcm[i] {
			t.Fatalf("sample %d is %d, was %d", i, s, pcm[i])
		}
	}
}

// TestCleaningBearsAnySound: whatever comes, nothing is invented, and nothing allocated.
func TestCleaningBearsAnySound(t *testing.T) {
	for name, sample := range map[string]func(i int) int16{
		"silence":      func(int) int16 { return 0 },
		"a constant":   func(int) int16 { return -32768 },
		"the loudest":  func(i int) int16 { return int16(32767 - 65535*(i/50%2)) },
		"single steps": func(i int) int16 { return int16(i % 2) },
		"bursts": func(i int) int16 {
			if i/9600%2 == 0 {
				return 0
			}
			return int16(i * 7919 % 65536)
		},
	} {
		t.Run(name, func(t *testing.T) {
			voice := dsp.NewVoice()
			suppressor, gain := dsp.NewNoiseSuppressor(voice), dsp.NewGainControl(voice)
			suppressor.SetStrength(1)
			block, i := make([]int16, frame), 0
			next := func() {
				for k := range block {
					block[k] = sample(i)
					i++
				}
				voice.Process(block)
				suppressor.Process(block)
				gain.Process(block)
			}
			for range 300 {
				next()
				for _, s := range block {
					if name == "silence" && s != 0 {
						t.Fatalf("%d out of silence", s)
					}
				}
			}
			if likely := voice.Likely(); !(likely >= 0 && likely <= 1) {
				t.Errorf("speech is likely by %v", likely)
			}
			if n := testing.AllocsPerRun(50, next); n != 0 {
				t.Errorf("%v allocations for a frame", n)
			}
		})
	}
}

// All three may take 60 µs for a frame of 10 ms.
func BenchmarkCleaning(b *testing.B) {
	voice := dsp.NewVoice()
	suppressor, gain := dsp.NewNoiseSuppressor(voice), dsp.NewGainControl(voice)
	suppressor.SetStrength(1)
	pcm := sum(at(spoken(1), -26), at(take(audiotest.NewFan(1), 8), -36))
	block, i := make([]int16, frame), 0
	for b.Loop() {
		copy(block, pcm[i:i+frame])
		if i += frame; i == len(pcm) {
			i = 0
		}
		voice.Process(block)
		suppressor.Process(block)
		gain.Process(block)
	}
}
