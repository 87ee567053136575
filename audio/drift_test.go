package audio_test

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// TestTheDelayStaysWhenClocksDrift: for as long as makes the clocks part by more than the delay may change, the sound
// comes as long after it was spoken as before, whichever clock is fast, and nothing is made up for it.
func TestTheDelayStaysWhenClocksDrift(t *testing.T) {
	if raceDetector {
		t.Skip("minutes of sound, by one goroutine: run without the race detector")
	}
	const steady = 20 * time.Millisecond
	minute := spoken(60)
	for _, ppm := range []float64{-200, -100, 100, 200} {
		minutes := int(800 / math.Abs(ppm)) // 48 ms in all
		synctest.Test(t, func(t *testing.T) {
			p, said := audiotest.Passage{Codec: audio.PCMU(), Drift: ppm}, slices.Repeat(minute, minutes)
			h := must(p.Carry(said))
			lags := p.Lags(said, h, 30*time.Second, 300*time.Millisecond)
			low, high := slices.Min(lags), slices.Max(lags)
			t.Logf("%+.0f ppm: %v to %v, %+v", ppm, low, high, h.Stats)
			if len(lags) < 2*minutes-1 || low < 20*time.Millisecond || high-low > 2*steady {
				t.Errorf("%+.0f ppm: from %v to %v, %d times looked", ppm, low, high, len(lags))
			}
			if made := float64(h.Stats.Concealed) / float64(h.Stats.Played); made > 0.002 {
				t.Errorf("%+.0f ppm: %.2f %% made up", ppm, 100*made)
			}
		})
	}
}
