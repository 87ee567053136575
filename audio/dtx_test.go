package audio_test

import (
	"fmt"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// speaker speaks for two seconds, and not for as long, before a fan.
type speaker struct {
	fan    *audiotest.Noise
	voice  *audiotest.Speech
	frames int
	noise  audio.Frame
}

func (s *speaker) Fill(frame audio.Frame) bool {
	s.fan.Fill(s.noise)
	if s.voice.Fill(frame); s.pause() {
		clear(frame)
	}
	for i := range frame {
		frame[i] += s.noise[i] / 4
	}
	s.frames++
	return true
}

func (s *speaker) pause() bool { return s.frames%400 >= 200 }

// talkspurts is a wire that knows pauses, and what it is to know of them.
type talkspurts struct {
	to      *audio.Receiver
	told    bool // comfort noise
	at      uint32
	seq     uint16
	speech  atomic.Int32 // packets
	news    atomic.Int32
	nothing atomic.Int32 // packets' times
}

func (w *talkspurts) send(payload []byte, ticks uint32) error {
	w.speech.Add(1)
	w.push(payload, false)
	w.at += ticks
	return nil
}

func (w *talkspurts) pause(payload []byte, ticks uint32) error {
	if len(payload) == 0 {
		w.nothing.Add(1)
	} else {
		w.news.Add(1)
		w.push(payload, w.told)
	}
	w.at += ticks
	return nil
}

func (w *talkspurts) push(payload []byte, noise bool) {
	w.seq++
	w.to.Push(audio.Packet{
		Sequence: w.seq, Timestamp: w.at, Payload: payload, Noise: noise,
		Arrival: time.Now().Add(-3 * time.Millisecond),
	})
}

// TestPausesAreLeftOut: with every format, in short packets and long ones, the far end has the words whole and their
// noise in between, and misses nothing.
func TestPausesAreLeftOut(t *testing.T) {
	for i, codec := range audio.Codecs(better(t)) {
		ms := []int{20, 60}[i%2]
		t.Run(fmt.Sprint(codec.Name(), " ", ms, " ms"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { leaveOut(t, codec, time.Duration(ms)*time.Millisecond) })
		})
	}
}

func leaveOut(t *testing.T, codec audio.Codec, packet time.Duration) {
	f := audio.Format{Codec: codec, Packet: packet, Pauses: audio.PausesTold}
	if codec.Name() == "opus" {
		f.Pauses = audio.PausesLeft
	}
	heard := &recording{}
	receiver := must(audio.NewReceiver(audio.ReceiverConfig{Codec: codec}))
	receiver.SetSinks(heard)
	w := &talkspurts{to: receiver, told: f.Pauses == audio.PausesTold}
	host, ring := audiotest.NewHost(), audio.NewRing(20)
	host.SetSource(audiotest.Microphone, &speaker{
		fan: audiotest.NewFan(1), voice: audiotest.NewSpeech(2), noise: make(audio.Frame, audio.FrameSamples),
	})
	must(host.OpenCapture(t.Context(), "", ring))
	capture := audio.NewCapture(ring)
	sender := must(audio.NewSender(audio.SenderConfig{Format: f, Send: w.send, SendPause: w.pause}))
	capture.Add(sender)
	playout := audio.NewPlayout(nil)
	playout.Add(receiver)
	const seconds = 12
	time.Sleep(seconds * time.Second)
	capture.Close()
	sender.Close()
	playout.Close()
	stats := receiver.Stats()
	receiver.Close()
	host.Close()

	all := int32(seconds * time.Second / packet)
	speech, news, nothing := w.speech.Load(), w.news.Load(), w.nothing.Load()
	if n := speech + news + nothing; n < all-2 || n > all {
		t.Errorf("the time of %d packets of %d", n, all)
	}
	if speech < all/2 || speech > all*8/10 || news < 6 || news > 24 {
		t.Errorf("of %d packets %d are speech, %d tell of pauses", all, speech, news)
	}
	if stats.Lost > 0 || stats.Resets > 0 || stats.DecodeErrors > 0 || stats.Concealed > audio.SampleRate/10 {
		t.Errorf("%+v", stats)
	}
	if stats.Current > packet+60*time.Millisecond {
		t.Errorf("delay of %v", stats.Current)
	}
	// Half a second is what goes by until a pause is one; of the rest the noise of the room is heard.
	room := rmsOf(&speaker{
		fan: audiotest.NewFan(1), voice: audiotest.NewSpeech(2), noise: make(audio.Frame, audio.FrameSamples),
		frames: 200,
	}, 200)
	for at := 3; at < seconds-1; at += 4 {
		from := at*audio.SampleRate + audio.SampleRate/10
		// Opus has less noise of its own the less often it is told of it: 7 dB less, as often as libopus does that.
		if got := rms(heard.pcm[from : from+audio.SampleRate*6/10]); got > room+3 || got < room-9 {
			t.Errorf("in the pause after %d s: %.1f dBFS, in the room %.1f", at-1, got, room)
		}
	}
}

func rmsOf(src audio.Source, frames int) float64 {
	var pcm []int16
	frame := make(audio.Frame, audio.FrameSamples)
	for range frames {
		src.Fill(frame)
		pcm = append(pcm, frame...)
	}
	return rms(pcm)
}

func rms(pcm []int16) float64 {
	sum := 0.0
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	return 10*math.Log10(sum/float64(len(pcm))) - 20*math.Log10(32768)
}

// TestWhatIsNoMicrophoneIsNoPause: a file that is played, a tone, those who speak in a conference.
func TestWhatIsNoMicrophoneIsNoPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, begin := range map[string]func(s, other *audio.Sender, c *audio.Conference){
			"a tone": func(s, _ *audio.Sender, _ *audio.Conference) {
				s.SetSource(audio.NewToneSource(audio.Sine(440, -60)))
			},
			"others": func(s, other *audio.Sender, c *audio.Conference) {
				c.Add(audio.NewToneSource(audio.Sine(440, -60)), other)
				c.Add(audio.NewToneSource(audio.Sine(330, -60)), s)
			},
		} {
			w := &talkspurts{to: must(audio.NewReceiver(audio.ReceiverConfig{Codec: audio.PCMU()})), told: true}
			sender := must(audio.NewSender(audio.SenderConfig{
				Format: audio.Format{Codec: audio.PCMU(), Pauses: audio.PausesTold}, Send: w.send, SendPause: w.pause,
			}))
			other := must(audio.NewSender(audio.SenderConfig{Format: audio.Format{Codec: audio.PCMU()}, Send: nowhere}))
			conference := audio.NewConference()
			playout := audio.NewPlayout(nil)
			playout.Add(conference)
			begin(sender, other, conference)
			time.Sleep(2 * time.Second)
			playout.Close()
			sender.Close()
			other.Close()
			if w.speech.Load() < 95 {
				t.Errorf("%s: %d packets", name, w.speech.Load())
			}
		}
	})
}

func nowhere([]byte, uint32) error { return nil }
