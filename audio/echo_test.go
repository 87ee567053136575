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

// keeping is a Codec whose Encoder keeps what it is to encode: what a far end would hear.
type keeping struct {
	audio.Codec
	pcm []int16
}

func (k *keeping) NewEncoder() (audio.Encoder, error) { return k, nil }

func (k *keeping) Encode(dst []byte, pcm []int16) ([]byte, error) {
	k.pcm = append(k.pcm, pcm...)
	return append(dst, 0), nil
}

func (k *keeping) Follow(audio.Channel) {}
func (k *keeping) Close()               {}

// speakerphone is a Playout and a Capture whose devices are in one room.
type speakerphone struct {
	out, in *audio.Ring
	room    *audiotest.Room
	playout *audio.Playout
	capture *audio.Capture
	sent    *keeping
	mic     []int16
	closers []func()
}

func newSpeakerphone(room *audiotest.Room) *speakerphone {
	s := &speakerphone{
		out: audio.NewRing(8), in: audio.NewRing(20), room: room, sent: &keeping{Codec: audio.PCMU()},
	}
	s.playout = audio.NewPlayout(s.out)
	s.capture = audio.NewCapture(s.in)
	s.capture.SetReference(s.playout.Reference())
	nowhere := func([]byte, uint32) error { return nil }
	sender := must(audio.NewSender(audio.SenderConfig{Format: audio.Format{Codec: s.sent}, Send: nowhere}))
	s.capture.Add(sender)
	s.closers = []func(){s.capture.Close, sender.Close, s.playout.Close}
	return s
}

func (s *speakerphone) close() {
	for _, f := range s.closers {
		f()
	}
}

// run is the two devices for so long, in periods of this many Frames.
func (s *speakerphone) run(d time.Duration, period int) {
	frame := make(audio.Frame, audio.FrameSamples)
	for at := time.Duration(0); at < d; at += time.Duration(period) * 10 * time.Millisecond {
		for range period {
			clear(frame[s.out.Read(frame):])
			s.room.Play(frame)
		}
		for range period {
			clear(frame)
			s.room.Record(frame)
			s.mic = append(s.mic, frame...)
			s.in.Write(frame)
		}
		time.Sleep(time.Duration(period) * 10 * time.Millisecond)
		synctest.Wait()
	}
}

// less is by how many dB what was sent in the last second is less than what the microphone heard.
func (s *speakerphone) less() float64 {
	last := func(pcm []int16) (sum float64) {
		for _, v := range pcm[len(pcm)-audio.SampleRate:] {
			sum += float64(v) * float64(v)
		}
		return sum + 1
	}
	return 10 * math.Log10(last(s.mic)/last(s.sent.pcm))
}

// TestFarEndDoesNotHearItself: what a loudspeaker plays, whatever that is, does not come back by the microphone of the
// same room, while that is wanted.
func TestFarEndDoesNotHearItself(t *testing.T) {
	laptop := audiotest.Acoustics{
		Delay: 40 * time.Millisecond, Gain: -6, Reverb: 60 * time.Millisecond, Direct: 6, Noise: -75,
	}
	for _, c := range []struct {
		name   string
		period int
		do     func(s *speakerphone)
		least  float64 // dB that the echo is taken down by
	}{
		{name: "not wanted", period: 1, least: -1, do: func(s *speakerphone) {
			s.capture.SetCleaning(audio.Cleaning{})
		}},
		{name: "in one room", period: 1, least: 25},
		{name: "devices that deliver in bursts", period: 4, least: 25},
		{name: "two calls and a tone", period: 1, least: 25, do: func(s *speakerphone) {
			s.playout.Add(audiotest.NewSpeech(5))
			s.playout.Add(audio.NewToneSource(audio.Sine(700, -30)))
		}},
		{name: "another microphone", period: 1, least: 20, do: func(s *speakerphone) {
			s.in = audio.NewRing(20)
			s.capture.SetInput(s.in)
		}},
		{name: "another loudspeaker", period: 1, least: 20, do: func(s *speakerphone) {
			s.out = audio.NewRing(8)
			s.playout.SetOutput(s.out)
		}},
		{name: "no loudspeaker", period: 1, least: -1, do: func(s *speakerphone) { s.playout.SetOutput(nil) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSpeakerphone(audiotest.NewRoom(3, laptop))
				defer s.close()
				s.capture.SetCleaning(audio.Cleaning{Echo: true})
				s.playout.Add(audiotest.NewSpeech(1))
				s.run(2*time.Second, c.period)
				if c.do != nil {
					c.do(s)
				}
				s.run(3*time.Second, c.period)
				if got := s.less(); got < c.least || c.least < 0 && got > 3 {
					t.Errorf("taken down by %.1f dB, want %v", got, fmt.Sprint(c.least))
				}
			})
		})
	}
}
