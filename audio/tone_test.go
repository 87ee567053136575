package audio_test

import (
	"math"
	"testing"
	"time"

	"calla/audio"
)

// written is what a tone is by its description, sample by sample.
func written(t audio.Tone, at int) float64 {
	in := func(d time.Duration) int { return int(d) * audio.SampleRate / int(time.Second) }
	if t.Period > 0 {
		at %= in(t.Period)
	}
	v, ramp := 0.0, in(5*time.Millisecond)
	for _, n := range t.Notes {
		since := at - in(n.Start)
		if since < 0 || n.Length > 0 && since >= in(n.Length) {
			continue
		}
		a := 32767 * math.Pow(10, n.Level/20)
		if since < ramp {
			a *= float64(since) / float64(ramp)
		}
		if left := in(n.Length) - since; n.Length > 0 && left < ramp {
			a *= float64(left) / float64(ramp)
		}
		if n.Decay > 0 {
			a *= math.Pow(10, -3*float64(since)/float64(in(n.Decay)))
		}
		for _, hz := range n.Frequencies {
			v += a * math.Sin(2*math.Pi*hz*float64(since)/audio.SampleRate)
		}
	}
	return math.Round(math.Max(-32768, math.Min(32767, v)))
}

func TestEachSampleOfAToneIsAsItIsWritten(t *testing.T) {
	for name, tone := range map[string]audio.Tone{
		"ring":         audio.Ringtone(),
		"ringing back": audio.Ringback(),
		"busy":         audio.Busy(),
		"congestion":   audio.Congestion(),
		"waiting":      audio.CallWaiting(),
		"answered":     audio.Answered(),
		"message":      audio.MessageCame(),
		"sine":         audio.Sine(997, -3),
		"period within a frame": {
			Period: 13 * time.Millisecond,
			Notes: []audio.Note{{
				Frequencies: []float64{440, 880}, Level: -9, Start: 2 * time.Millisecond, Length: 9 * time.Millisecond,
			}},
		},
		"notes that end with the period": {
			Period: 25 * time.Millisecond,
			Notes:  []audio.Note{{Frequencies: []float64{1000}, Level: -6, Length: 25 * time.Millisecond}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := audio.NewToneSource(tone)
			frame := make(audio.Frame, audio.FrameSamples)
			for k := range 720 { // more than one period of each
				more := s.Fill(frame)
				for i, got := range frame {
					if want := written(tone, k*len(frame)+i); math.Abs(float64(got)-want) > 1 {
						t.Fatalf("sample %d is %d, not %v", k*len(frame)+i, got, want)
					}
				}
				if !more {
					return
				}
			}
		})
	}
}
