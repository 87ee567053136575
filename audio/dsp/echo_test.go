package dsp_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/audio/dsp"
)

const (
	second = audio.SampleRate
	late   = 552 // samples: what comes out of an EchoCanceller after what went in
)

// scene is a loudspeaker, a microphone and an EchoCanceller in one room.
type scene struct {
	room           *audiotest.Room
	echo           *dsp.EchoCanceller
	far, near      audio.Source // nil is silence
	clean, mic, in []int16      // of the near talker alone, and with the echo; what was played
	out            []int16
}

// run goes on for so many samples. reference hands what is played on; nil is the way it is.
func (s *scene) run(samples int, reference func(frame []int16)) {
	if reference == nil {
		reference = s.echo.Reference
	}
	frame, played := make(audio.Frame, audio.FrameSamples), make(audio.Frame, audio.FrameSamples)
	for range samples / audio.FrameSamples {
		fill(s.far, played)
		s.room.Play(played)
		reference(played)
		s.in = append(s.in, played...)
		fill(s.near, frame)
		s.clean = append(s.clean, frame...)
		s.room.Record(frame)
		s.mic = append(s.mic, frame...)
		s.echo.Process(frame)
		s.out = append(s.out, frame...)
	}
}

func fill(src audio.Source, frame audio.Frame) {
	if src == nil {
		clear(frame)
		return
	}
	src.Fill(frame)
}

// less is by how many dB the last samples that came out are less than what went in.
func (s *scene) less(samples int) float64 {
	n := len(s.mic) - late
	return 10 * math.Log10((power(s.mic[n-samples:n])+1)/(power(s.out[len(s.out)-samples:])+1))
}

func power(pcm []int16) (sum float64) {
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(pcm))
}

func acoustics(delay time.Duration) audiotest.Acoustics {
	return audiotest.Acoustics{Delay: delay, Gain: -6, Reverb: 120 * time.Millisecond, Direct: 4, Noise: -75}
}

func newScene(a audiotest.Acoustics) *scene {
	return &scene{room: audiotest.NewRoom(1, a), echo: dsp.NewEchoCanceller(), far: audiotest.NewSpeech(1)}
}

func TestEchoIsTakenOut(t *testing.T) {
	drift := acoustics(60 * time.Millisecond)
	drift.Drift = 100
	loud := acoustics(60 * time.Millisecond)
	loud.Loud = -20
	for _, c := range []struct {
		name  string
		room  audiotest.Acoustics
		least float64 // dB, in the last of four seconds
	}{
		{"at once", acoustics(15 * time.Millisecond), 25},
		{"240 ms late", acoustics(240 * time.Millisecond), 25},
		{"480 ms late", acoustics(480 * time.Millisecond), 25},
		{"clocks that differ", drift, 20},
		{"a loudspeaker that distorts", loud, 18},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(c.room)
			s.run(4*second, nil)
			if got := s.less(second); got < c.least {
				t.Errorf("taken down by %.1f dB, want %.0f", got, c.least)
			}
		})
	}
}

// TestEchoIsFollowed: whatever changes the way of the echo, it is soon found again.
func TestEchoIsFollowed(t *testing.T) {
	for name, change := range map[string]func(s *scene){
		"who sits there moves": func(s *scene) { s.room.Move() },
		"another device":       func(s *scene) { s.room = audiotest.NewRoom(2, acoustics(300*time.Millisecond)) },
		"a device that stood still": func(s *scene) {
			lost := 0
			s.run(second/2, func(frame []int16) { lost += len(frame) })
			if lost == 0 {
				t.Error("nothing was lost")
			}
		},
		"surplus in the reference": func(s *scene) {
			s.run(second/10, func(frame []int16) {
				s.echo.Reference(frame)
				s.echo.Reference(frame)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(acoustics(50 * time.Millisecond))
			s.run(2*second, nil)
			change(s)
			s.run(4*second, nil)
			if got := s.less(second); got < 20 {
				t.Errorf("taken down by %.1f dB", got)
			}
		})
	}
}

// whisper is noise in syllables.
type whisper struct {
	random *rand.Rand
	at     int
}

func (w *whisper) Fill(frame audio.Frame) bool {
	for i := range frame {
		w.at++
		frame[i] = int16(1500 * w.random.NormFloat64() * (1 - math.Cos(2*math.Pi*4*float64(w.at)/second)))
	}
	return true
}

// TestAnEchoThatJumpsIsFollowedAtOnce: a device that ran dry, or lost some sound, makes it come later or earlier. Who
// talks from then on is understood as if nothing had been.
func TestAnEchoThatJumpsIsFollowedAtOnce(t *testing.T) {
	run := func(later int) (less, understood float64) {
		s := newScene(acoustics(50 * time.Millisecond))
		s.far = &whisper{random: rand.New(rand.NewPCG(1, 1))}
		s.run(2*second, nil)
		s.room.Late(later)
		s.run(3*second/10, nil)
		less = s.less(3 * second / 10)
		from := len(s.mic)
		s.near = audiotest.NewSpeech(2)
		s.run(second, nil)
		return less, audiotest.ESTOI(s.clean[from:], s.out[from+late:])
	}
	_, before := run(0)
	for _, c := range []struct {
		name  string
		later int     // samples
		least float64 // dB, in the 0.3 s after it
	}{
		{"10 ms later", 480, 6},
		{"31 ms later", 1500, 6},
		{"5 ms earlier", -240, 6},
		{"later by no whole sample of the canceller's", 200, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			less, understood := run(c.later)
			if less < c.least {
				t.Errorf("taken down by %.1f dB since it jumped", less)
			}
			if understood < before-0.05 {
				t.Errorf("a near talker is understood at %.3f, and else at %.3f", understood, before)
			}
		})
	}
}

func TestEchoDoesNotCareHowTheReferenceComes(t *testing.T) {
	whole, parts := newScene(acoustics(50*time.Millisecond)), newScene(acoustics(50*time.Millisecond))
	whole.run(second, nil)
	random := rand.New(rand.NewPCG(1, 1))
	parts.run(second, func(frame []int16) {
		for len(frame) > 0 {
			n := min(len(frame), 3*random.IntN(40))
			parts.echo.Reference(frame[:n])
			frame = frame[n:]
		}
	})
	for i, v := range whole.out {
		if parts.out[i] != v {
			t.Fatalf("sample %d is %d in parts, %d as a whole", i, parts.out[i], v)
		}
	}
}

// TestNothingIsTakenFromALoneTalker: with nothing played, what comes out is what went in, later.
func TestNothingIsTakenFromALoneTalker(t *testing.T) {
	for name, before := range map[string]int{"before any echo": 0, "after one": 2 * second} {
		t.Run(name, func(t *testing.T) {
			s := newScene(acoustics(50 * time.Millisecond))
			s.run(before, nil)
			s.far, s.near = nil, audiotest.NewSpeech(2)
			s.run(3*second/2, nil)
			s.mic, s.out, s.clean = nil, nil, nil
			s.run(second, nil)
			off := 0
			for i, v := range s.mic[:second-late] {
				off = max(off, int(v-s.out[i+late]), int(s.out[i+late]-v))
			}
			if off > 1 {
				t.Errorf("a sample is off by %d", off)
			}
		})
	}
}

func TestNearTalkerIsKeptInDoubleTalk(t *testing.T) {
	s := newScene(acoustics(50 * time.Millisecond))
	s.run(3*second, nil)
	from := len(s.mic)
	s.near = audiotest.NewSpeech(2)
	s.run(3*second, nil)
	n := len(s.mic) - late - from
	before := audiotest.ESTOI(s.clean[from:][:n], s.mic[from:][:n])
	after := audiotest.ESTOI(s.clean[from:][:n], s.out[from+late:][:n])
	if after < before+0.03 { // these voices are simpler than people's, who gain ten times that
		t.Errorf("understood at %.3f, without the canceller at %.3f", after, before)
	}
	s.near = nil
	s.run(second, nil)
	if got := s.less(second / 2); got < 20 {
		t.Errorf("the talker has driven the filter away: the echo is taken down by %.1f dB", got)
	}
}

// TestCancellerIsNeverLouderThanItsInput: whatever is told of what was played, and in whatever state the filter is.
func TestCancellerIsNeverLouderThanItsInput(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	noise := make([]int16, audio.FrameSamples)
	for name, do := range map[string]func(s *scene){
		"from the beginning": func(*scene) {},
		"the way turned round": func(s *scene) {
			s.run(2*second, nil)
			a := acoustics(50 * time.Millisecond)
			a.Gain = 6
			s.room = audiotest.NewRoom(4, a)
		},
		"a near talker in the first second": func(s *scene) { s.near = audiotest.NewSpeech(4) },
		"a reference of something else": func(s *scene) {
			s.run(2*second, func([]int16) {
				for i := range noise {
					noise[i] = int16(random.IntN(65536) - 32768)
				}
				s.echo.Reference(noise)
			})
		},
		"a reference that comes and goes": func(s *scene) {
			s.run(2*second, func(frame []int16) {
				if random.IntN(3) > 0 {
					s.echo.Reference(frame)
				}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(acoustics(50 * time.Millisecond))
			do(s)
			s.run(second, nil)
			const window = second / 20
			for at := 0; at+late+window <= len(s.mic); at += window / 2 {
				// The suppressor looks at 20 ms together: what is heard shortly before or after counts.
				in := power(s.mic[max(0, at-window/4):min(len(s.mic), at+window+window/4)]) * 1.5
				if out := power(s.out[at+late : at+late+window]); out > 1.3*in+4 {
					t.Fatalf("at %d ms: %.1f dB louder", at*1000/second, 10*math.Log10(out/in))
				}
			}
		})
	}
}

func TestEchoCancellerAllocatesNothing(t *testing.T) {
	s := newScene(acoustics(50 * time.Millisecond))
	s.run(second/2, nil)
	played, heard := s.in[:audio.FrameSamples], make(audio.Frame, audio.FrameSamples)
	if n := testing.AllocsPerRun(100, func() {
		copy(heard, s.mic)
		s.echo.Reference(played)
		s.echo.Process(heard)
	}); n != 0 {
		t.Errorf("%v allocations for a frame", n)
	}
}

// All of cleaning may cost 200 µs for a frame, 2 % of one core.
func BenchmarkEchoCanceller(b *testing.B) {
	s := newScene(acoustics(50 * time.Millisecond))
	s.run(2*second, nil)
	heard := make(audio.Frame, audio.FrameSamples)
	at := 0
	b.ReportAllocs()
	for b.Loop() {
		copy(heard, s.mic[at:])
		s.echo.Reference(s.in[at:][:audio.FrameSamples])
		s.echo.Process(heard)
		at = (at + audio.FrameSamples) % second
	}
}
