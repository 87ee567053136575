package sound

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// TestAnHourOfDrift measures the delay over an hour, in virtual time, in which the clocks of both ends part by up to
// 720 ms.
func TestAnHourOfDrift(t *testing.T) {
	measuring(t)
	const minutes = 60
	table := Table{
		Title: "An hour of clocks that drift",
		Text: "An hour of speech by G.711 in virtual time, to a receiver whose clock is slow by so many parts in a " +
			"million. How long after it was spoken the sound is heard, looked at every ten seconds by the sound " +
			"itself: the least, the median, the most; and the sound that was taken out, put in and made up. To be " +
			"reached: 20 ms more or less than the median.",
		Head: []string{"ppm", "least, ms", "median, ms", "most, ms", "taken out, ms", "put in, ms", "made up, ms"},
	}
	said := slices.Repeat(speech(t, "English", 60), minutes)
	for _, ppm := range []float64{-200, -100, 0, 100, 200} {
		synctest.Test(t, func(t *testing.T) {
			p := audiotest.Passage{Codec: audio.PCMU(), Drift: ppm}
			h, err := p.Carry(said)
			if err != nil {
				t.Fatal(err)
			}
			lags := p.Lags(said, h, 10*time.Second, 300*time.Millisecond)
			slices.Sort(lags)
			low, middle, high := lags[0], lags[len(lags)/2], lags[len(lags)-1]
			row := []string{fmt.Sprintf("%+.0f", ppm)}
			for _, d := range []time.Duration{low, middle, high} {
				row = append(row, fmt.Sprintf("%.0f", d.Seconds()*1000))
			}
			for _, n := range []uint64{h.Stats.Removed, h.Stats.Inserted, h.Stats.Concealed} {
				row = append(row, fmt.Sprint(n*1000/audio.SampleRate))
			}
			table.Rows = append(table.Rows, row)
			const steady = 20 * time.Millisecond
			if len(lags) < 6*minutes-1 || middle-low > steady || high-middle > steady {
				t.Errorf("%+.0f ppm: %v to %v, %d times looked", ppm, low, high, len(lags))
			}
		})
	}
	record(t, table)
}
