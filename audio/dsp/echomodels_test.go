package dsp_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"calla/audio/audiotest"
)

// TestARoomThatRingsOnIsNotHeard: what comes later than the filter is long goes too, as far as the room's noise.
func TestARoomThatRingsOnIsNotHeard(t *testing.T) {
	for _, reverb := range []time.Duration{600 * time.Millisecond, 900 * time.Millisecond} {
		t.Run(fmt.Sprint(reverb), func(t *testing.T) {
			a := acoustics(50 * time.Millisecond)
			a.Gain, a.Reverb, a.Direct, a.Noise = 6, reverb, 0, -90
			s := newScene(a)
			s.far = &whisper{random: rand.New(rand.NewPCG(2, 2))}
			s.run(10*second+second/8, nil) // to the midst of a syllable
			s.far = nil
			s.run(3*second/10, nil)
			if loud := power(s.mic[len(s.mic)-second/20:]); loud < 100 {
				t.Fatalf("the room rings with %.0f only", loud)
			}
			s.run(second/10, nil)
			if less := s.less(second / 10); less < 3 {
				t.Errorf("what rings on is taken down by %.1f dB", less)
			}
		})
	}
}

// TestWhoTalksIntoALoudspeakerThatBendsIsUnderstood: what it makes of the sound beyond a straight line is echo too.
func TestWhoTalksIntoALoudspeakerThatBendsIsUnderstood(t *testing.T) {
	for _, loud := range []float64{-12, -10} {
		t.Run(fmt.Sprintf("%.0f dBFS", loud), func(t *testing.T) {
			a := acoustics(50 * time.Millisecond)
			a.Loud = loud
			s := newScene(a)
			s.run(4*second, nil)
			from := len(s.mic)
			s.near = audiotest.NewSpeech(2)
			s.run(2*second, nil)
			n := len(s.mic) - late - from
			if got := audiotest.ESTOI(s.clean[from:][:n], s.out[from+late:][:n]); got < 0.72 {
				t.Errorf("understood at %.3f", got)
			}
		})
	}
}

// TestADoubtedEchoIsNoNearTalker: an echo that comes elsewhere of a sudden is taken out before it is found again,
// though as much is left of it as if somebody talked.
func TestADoubtedEchoIsNoNearTalker(t *testing.T) {
	var less float64
	jumps := []int{240, 480, 960} // samples
	for _, later := range jumps {
		a := acoustics(180 * time.Millisecond)
		a.Reverb, a.Direct = 600*time.Millisecond, 0
		s := newScene(a)
		s.run(5*second, nil)
		for i := range 6 {
			s.room.Late(later - i%2*2*later)
			s.run(second, nil)
		}
		less += s.less(6*second) / float64(len(jumps))
	}
	if less < 16.3 {
		t.Errorf("taken down by %.1f dB in the mean", less)
	}
}
