package audio_test

import (
	"encoding/binary"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// plain is a codec whose payloads are the samples.
type plain struct{ audio.Codec }

func (plain) Name() string                       { return "plain" }
func (plain) ClockRate() int                     { return audio.SampleRate }
func (plain) NewEncoder() (audio.Encoder, error) { return plainEncoder{}, nil }

type plainEncoder struct{}

func (plainEncoder) Encode(dst []byte, pcm []int16) ([]byte, error) {
	for _, s := range pcm {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(s))
	}
	return dst, nil
}

func (plainEncoder) Follow(audio.Channel) {}
func (plainEncoder) Close()               {}

// line is a far end that keeps all samples that it was sent.
type line struct {
	mu     sync.Mutex
	pcm    []int16
	paused int // packets that were left out
}

func (l *line) send(payload []byte, _ uint32) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ; len(payload) > 0; payload = payload[2:] {
		l.pcm = append(l.pcm, int16(binary.LittleEndian.Uint16(payload)))
	}
	return nil
}

func (l *line) pause([]byte, uint32) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.paused++
	return nil
}

// take waits and returns what was sent meanwhile.
func (l *line) take(d time.Duration) []int16 {
	synctest.Wait()
	l.mu.Lock()
	l.pcm = nil
	l.mu.Unlock()
	time.Sleep(d)
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.pcm)
}

// music is a second of a tone that begins and ends softly.
func music() audio.Source {
	pcm := make([]int16, audio.SampleRate)
	for i := range pcm {
		fade := min(1, float64(i)/480, float64(len(pcm)-1-i)/480)
		pcm[i] = int16(fade * 4000 * math.Sin(2*math.Pi*880*float64(i)/audio.SampleRate))
	}
	return audio.NewRecording(pcm, true)
}

// largest is the largest sample of some, and the largest step from one to the next.
func largest(pcm []int16) (sample, step int) {
	for i, s := range pcm {
		sample = max(sample, int(s), -int(s))
		if i > 0 {
			d := int(s) - int(pcm[i-1])
			step = max(step, d, -d)
		}
	}
	return sample, step
}

// TestMusicTakesThePlaceOfAllThatIsSent: of the microphone, whoever is muted, of what is spoken in its place and of the
// others in a conference nothing is sent meanwhile, and listeners here hear nothing. When it ends all is as it was, and
// neither end of it clicks.
func TestMusicTakesThePlaceOfAllThatIsSent(t *testing.T) {
	for _, c := range []struct {
		name    string
		device  bool
		begin   func(s *audio.Sender)
		during  func(s *audio.Sender)
		hertz   float64 // before, 0 = silence
		hertz2  float64 // afterwards
		pausing bool
	}{
		{name: "microphone", device: true, hertz: 440, hertz2: 440},
		{name: "muted", device: true, begin: func(s *audio.Sender) { s.SetMuted(true) }},
		{name: "muted meanwhile", device: true, during: func(s *audio.Sender) { s.SetMuted(true) }, hertz: 440},
		{
			name: "unmuted meanwhile", device: true, begin: func(s *audio.Sender) { s.SetMuted(true) },
			during: func(s *audio.Sender) { s.SetMuted(false) }, hertz2: 440,
		},
		{name: "no microphone"},
		{name: "spoken", device: true, begin: func(s *audio.Sender) {
			s.SetSource(audio.NewToneSource(audio.Sine(300, -12)))
		}, hertz: 300, hertz2: 300},
		{name: "another piece", device: true, hertz: 440, hertz2: 440, during: func(s *audio.Sender) {
			s.SetMusic(music())
		}},
		{name: "pauses are left out", pausing: true, begin: func(s *audio.Sender) {
			s.SetSource(audio.NewToneSource(audio.Sine(300, -12)))
		}, hertz: 300, hertz2: 300},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				far, listener := new(line), audio.NewMeter()
				format := audio.Format{Codec: plain{}}
				if c.pausing {
					format.Pauses = audio.PausesLeft
				}
				s := must(audio.NewSender(audio.SenderConfig{Format: format, Send: far.send, SendPause: far.pause}))
				defer s.Close()
				if c.device {
					host, ring := audiotest.NewHost(), audio.NewRing(20)
					must(host.OpenCapture(t.Context(), "", ring))
					defer host.Close()
					host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(440, -12)))
					capture := audio.NewCapture(ring)
					defer capture.Close()
					capture.Add(s)
				}
				if c.begin != nil {
					c.begin(s)
				}
				is := func(when string, pcm []int16, hertz float64) {
					t.Helper()
					if n := len(pcm); n < audio.SampleRate*9/10 {
						t.Errorf("%s: %d samples of a second", when, n)
					}
					m := audio.MeasureTone(pcm)
					if top, _ := largest(pcm); hertz == 0 && top > 0 {
						t.Errorf("%s: %d is sent", when, top)
					} else if hertz > 0 && (math.Abs(m.Frequency-hertz) > 1 || m.Purity < 0.99) {
						t.Errorf("%s: %+v, purity %.4f is sent, want %.0f Hz", when, m, m.Purity, hertz)
					}
				}
				time.Sleep(time.Second)
				is("before", far.take(time.Second), c.hertz)
				s.SetMusic(music())
				s.SetSinks(listener)
				first := far.take(500 * time.Millisecond)[audio.PacketSamples:]
				is("at first", append(first, far.take(500*time.Millisecond)...), 880)
				if c.during != nil {
					c.during(s)
				}
				time.Sleep(time.Second)
				if left := far.paused; left > 0 {
					t.Errorf("%d packets are left out", left)
				}
				is("later", far.take(time.Second), 880)
				if l := listener.Mean(); l > audio.Silence {
					t.Errorf("listeners here have %.0f dBFS", l)
				}
				s.SetSinks()
				s.SetMusic(nil)
				end := far.take(300 * time.Millisecond)
				if _, step := largest(end); step > 600 { // 880 Hz has 461, 440 Hz has 474
					t.Errorf("ends with a step of %d", step)
				}
				is("afterwards", far.take(time.Second), c.hertz2)
			})
		})
	}
}

// TestMusicBeginsAndEndsSoftly: from silence to silence.
func TestMusicBeginsAndEndsSoftly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far := new(line)
		s := must(audio.NewSender(audio.SenderConfig{Format: audio.Format{Codec: plain{}}, Send: far.send}))
		defer s.Close()
		time.Sleep(time.Second)
		var all []int16
		for _, src := range []audio.Source{music(), nil, music(), nil} {
			s.SetMusic(src)
			all = append(all, far.take(330*time.Millisecond)...)
		}
		if top, step := largest(all); step > 500 || top < 3900 {
			t.Errorf("of at most %d, with a step of %d", top, step)
		}
		if last := all[len(all)-100:]; slices.Max(last) != 0 || slices.Min(last) != 0 {
			t.Errorf("goes on: %v", last)
		}
	})
}

// TestMusicIsNotMixedWithAConference: the others are not heard in it.
func TestMusicIsNotMixedWithAConference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far := new(line)
		s := must(audio.NewSender(audio.SenderConfig{Format: audio.Format{Codec: plain{}}, Send: far.send}))
		defer s.Close()
		other := must(audio.NewSender(audio.SenderConfig{Format: audio.Format{Codec: plain{}}, Send: new(line).send}))
		defer other.Close()
		table := audio.NewConference()
		table.Add(audio.NewToneSource(audio.Sine(300, -12)), other)
		table.Add(audio.NewToneSource(audio.Sine(500, -12)), s)
		playout := audio.NewPlayout(nil)
		defer playout.Close()
		playout.Add(table)
		time.Sleep(time.Second)
		if m := audio.MeasureTone(far.take(time.Second)); math.Abs(m.Frequency-300) > 1 {
			t.Fatalf("before, %+v is sent", m)
		}
		s.SetMusic(music())
		time.Sleep(100 * time.Millisecond)
		if m := audio.MeasureTone(far.take(time.Second)); math.Abs(m.Frequency-880) > 1 || m.Purity < 0.99 {
			t.Errorf("%+v is sent", m)
		}
		s.SetMusic(nil)
		time.Sleep(500 * time.Millisecond)
		if m := audio.MeasureTone(far.take(time.Second)); math.Abs(m.Frequency-300) > 1 {
			t.Errorf("afterwards, %+v is sent", m)
		}
	})
}
