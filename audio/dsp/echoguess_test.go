package dsp_test

import (
	"math"
	"testing"
	"time"

	"calla/audio/audiotest"
)

// expecting is a scene whose canceller is told where the echo begins; 0 is not at all.
func expecting(delay, told time.Duration) *scene {
	s := newScene(acoustics(delay))
	if told > 0 {
		s.echo.Expect(int(told.Seconds() * second))
	}
	return s
}

// after is when a loud echo is first taken down by so many dB for a tenth of a second.
func (s *scene) after(db float64) time.Duration {
	const window, step = second / 10, second / 50
	for at := 0; at+late+window <= len(s.mic); at += step {
		in, out := power(s.mic[at:][:window]), power(s.out[at+late:][:window])
		if in > 1000*1000 && 10*math.Log10(in/(out+1)) >= db {
			return time.Duration(at) * time.Second / second
		}
	}
	return time.Hour
}

// left is the power of the echo that is left, in dB.
func (s *scene) left() float64 { return 10 * math.Log10(power(s.out)+1) }

// TestAnEchoThatWasMeasuredIsTakenOutSooner than one of which nothing is known, where the devices are late.
func TestAnEchoThatWasMeasuredIsTakenOutSooner(t *testing.T) {
	for _, c := range []struct{ delay, told time.Duration }{
		{240 * time.Millisecond, 240 * time.Millisecond},
		{240 * time.Millisecond, 220 * time.Millisecond}, // the devices are not as late each time
		{240 * time.Millisecond, 255 * time.Millisecond},
		{480 * time.Millisecond, 480 * time.Millisecond},
	} {
		before, after := expecting(c.delay, 0), expecting(c.delay, c.told)
		before.run(3*second/2, nil)
		after.run(3*second/2, nil)
		alone, seeded := before.after(15), after.after(15)
		t.Logf("%v, told %v: %v, without %v; left %.1f dB, without %.1f", c.delay, c.told, seeded, alone,
			after.left(), before.left())
		if seeded > alone-150*time.Millisecond || after.left() > before.left()-6 {
			t.Errorf("%v, told %v: taken out after %v, without after %v; left %.1f dB, without %.1f", c.delay, c.told,
				seeded, alone, after.left(), before.left())
		}
	}
}

// TestAWrongGuessCostsNothing: what was measured does not hold any more, as with another profile of a headset.
func TestAWrongGuessCostsNothing(t *testing.T) {
	for _, delay := range []time.Duration{60 * time.Millisecond, 240 * time.Millisecond} {
		before := expecting(delay, 0)
		before.run(3*second/2, nil)
		for _, told := range []time.Duration{time.Millisecond, 120 * time.Millisecond, 400 * time.Millisecond} {
			after := expecting(delay, told)
			after.run(3*second/2, nil)
			t.Logf("%v, told %v: left %.1f dB, without %.1f", delay, told, after.left(), before.left())
			if after.left() > before.left()+0.5 || after.after(15) > before.after(15)+20*time.Millisecond {
				t.Errorf("%v, told %v: taken out after %v, without after %v; left %.1f dB, without %.1f", delay, told,
					after.after(15), before.after(15), after.left(), before.left())
			}
			if got := after.less(second / 2); got < before.less(second/2)-1 {
				t.Errorf("%v, told %v: taken down by %.1f dB at the end, without by %.1f", delay, told, got,
					before.less(second/2))
			}
		}
	}
}

// TestAGuessTakesNoMoreFromATalker than the canceller does from the first moment on where it needs no guess: whether it
// is right, or wrong, or nothing comes back from the loudspeaker at all.
func TestAGuessTakesNoMoreFromATalker(t *testing.T) {
	understood := func(room audiotest.Acoustics, told time.Duration) float64 {
		s := newScene(room)
		if told > 0 {
			s.echo.Expect(int(told.Seconds() * second))
		}
		s.near = audiotest.NewSpeech(2)
		s.run(3*second/2, nil)
		n := len(s.mic) - late
		return audiotest.ESTOI(s.clean[:n], s.out[late:][:n])
	}
	headset := acoustics(40 * time.Millisecond)
	headset.Gain = -100
	desk := understood(acoustics(60*time.Millisecond), 0)
	for _, room := range []audiotest.Acoustics{
		acoustics(60 * time.Millisecond), acoustics(240 * time.Millisecond), headset,
	} {
		before := understood(room, 0)
		for _, told := range []time.Duration{room.Delay, 400 * time.Millisecond} {
			after := understood(room, told)
			t.Logf("%v, told %v: %.3f, without %.3f, at a desk %.3f", room.Delay, told, after, before, desk)
			if after < min(before, desk)-0.01 || told != room.Delay && after < before-0.03 {
				t.Errorf("%v, told %v: understood at %.3f, without at %.3f", room.Delay, told, after, before)
			}
		}
	}
}
