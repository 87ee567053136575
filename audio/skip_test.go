package audio_test

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// hum is so many seconds of a voice that stays on one note.
func hum(hz float64, seconds int) []int16 {
	pcm := make([]int16, seconds*audio.SampleRate)
	for i := range pcm {
		v := 0.0
		for k := 1.0; k*hz < 3400; k++ {
			v += 3000 / k * math.Cos(2*math.Pi*hz*k*float64(i)/audio.SampleRate+k*k)
		}
		pcm[i] = int16(v)
	}
	return pcm
}

// roughness is the greatest second difference, over samples of the codecs' least rate.
func roughness(pcm []int16) float64 {
	const step = 6
	worst := 0.0
	for i := 2 * step; i < len(pcm); i++ {
		worst = max(worst, math.Abs(float64(pcm[i])-2*float64(pcm[i-step])+float64(pcm[i-2*step])))
	}
	return worst
}

// softest is the level of the softest 5 ms, in dBFS.
func softest(pcm []int16) float64 {
	const part = audio.SampleRate / 200
	least := 0.0
	for at := 0; at+part <= len(pcm); at += part / 4 {
		least = min(least, rms(pcm[at:at+part]))
	}
	return least
}

// TestSkippedSoundDoesNotClick: where sound is missing while there is far too much delay it is left out, and what was
// before runs over into what is after it.
func TestSkippedSoundDoesNotClick(t *testing.T) {
	const longer, missing = 250, 462 // packets: the way is long before, and gone is
	for _, codec := range audio.Codecs(better(t)) {
		for _, hz := range []float64{85, 310} {
			said := hum(hz, 11)
			carry := func(lost int) (h audiotest.Heard) {
				i := -1
				network := func(at time.Duration, _ int) []time.Duration {
					i++
					switch {
					case i < longer:
						at += 200 * time.Millisecond
					case i >= missing && i < missing+lost:
						return nil
					}
					return []time.Duration{at}
				}
				passage := audiotest.Passage{Codec: codec, Network: network}
				synctest.Test(t, func(*testing.T) { h = must(passage.Carry(said)) })
				return h
			}
			whole := carry(0)
			around := func(h audiotest.Heard) []int16 {
				return h.PCM[missing*audio.PacketSamples:][:audio.SampleRate]
			}
			for _, lost := range []int{1, 3} {
				name := fmt.Sprintf("%s, %.0f Hz, %d lost", codec.Name(), hz, lost)
				h := carry(lost)
				made := int(h.Stats.Concealed) - int(whole.Stats.Concealed)
				if h.Stats.Lost != uint64(lost) || made <= 0 || made > audio.PacketSamples*7/10 {
					t.Errorf("%s: %d samples made up of %d", name, made, lost*audio.PacketSamples)
				}
				if got, clean := roughness(around(h)), roughness(around(whole)); got > 1.25*clean {
					t.Errorf("%s: a second difference of %.0f, of the sound's own %.0f", name, got, clean)
				}
				if got, clean := softest(around(h)), softest(around(whole)); got < clean-6 {
					t.Errorf("%s: a hole of %.1f dBFS, softest otherwise is %.1f", name, got, clean)
				}
			}
		}
	}
}
