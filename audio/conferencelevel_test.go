package audio_test

import (
	"fmt"
	"math"
	"testing"

	"calla/audio"
	"calla/audio/audiotest"
)

// silent is a Source of nothing for a while, and then of another.
type silent struct {
	frames int
	then   audio.Source
}

func (s *silent) Fill(frame audio.Frame) bool {
	if s.frames--; s.frames >= 0 {
		clear(frame)
		return true
	}
	return s.then.Fill(frame)
}

// voiceAt is a voice of so many dBFS for so many seconds.
func voiceAt(seed uint64, seconds int, level float64) []int16 {
	voice, frame := audiotest.NewSpeech(seed), make(audio.Frame, audio.FrameSamples)
	pcm := make([]float64, 0, seconds*audio.SampleRate)
	sum := 0.0
	for len(pcm) < cap(pcm) {
		voice.Fill(frame)
		for _, s := range frame {
			pcm, sum = append(pcm, float64(s)), sum+float64(s)*float64(s)
		}
	}
	factor := 32768 * math.Pow(10, level/20) / math.Sqrt(sum/float64(len(pcm)))
	out := make([]int16, len(pcm))
	for i, x := range pcm {
		out[i] = int16(max(-32768, min(32767, x*factor)))
	}
	return out
}

// TestMembersAreAsLoudAsEachOther: who sits far from a microphone, and who shouts into one. One talks after the other;
// each is heard by the loudspeaker and by a third, who says nothing.
func TestMembersAreAsLoudAsEachOther(t *testing.T) {
	const seconds = 6
	for _, v := range [][2]float64{{-40, -12}, {-12, -40}, {-30, -18}, {-18, -18}, {-45, -45}, {-10, -25}} {
		t.Run(fmt.Sprint(v), func(t *testing.T) {
			c := audio.NewConference()
			join := func(says audio.Source) {
				hears := must(audio.NewSender(audio.SenderConfig{
					Format: audio.Format{Codec: audio.PCMU()},
					Send:   func([]byte, uint32) error { return nil },
				}))
				t.Cleanup(hears.Close)
				c.Add(says, hears)
			}
			join(audio.NewRecording(voiceAt(1, seconds, v[0]), false))
			join(&silent{seconds * 100, audio.NewRecording(voiceAt(2, seconds, v[1]), false)})
			join(&silent{frames: math.MaxInt32})
			for i, said := range v {
				var pcm []int16
				frame := make(audio.Frame, audio.FrameSamples)
				for range seconds * 100 {
					c.Fill(frame)
					pcm = append(pcm, frame...)
				}
				heard := pcm[2*audio.SampleRate:]
				sum := 0.0
				for _, s := range heard {
					sum += float64(s) * float64(s)
				}
				level := 10 * math.Log10(sum/float64(len(heard))/(32768*32768)+1e-12)
				if math.Abs(level+18) > 3.5 {
					t.Errorf("the %dth, who speaks at %v dBFS, is heard at %.1f", i+1, said, level)
				}
			}
		})
	}
}
