package peers

import (
	"math"
	"testing"

	"calla/audio"
)

// TestKeysAreReadOutOfSound: the measure of the flows with digits is right itself.
func TestKeysAreReadOutOfSound(t *testing.T) {
	for _, c := range []struct {
		name string
		hz   [][2]float64 // of 100 ms each
		want string
	}{
		{"one key", [][2]float64{{697, 1209}}, "1"},
		{"the same key twice", [][2]float64{{941, 1336}, {0, 0}, {941, 1336}}, "00"},
		{"keys without a pause", [][2]float64{{697, 1209}, {770, 1336}}, "15"},
		{"a tone alone", [][2]float64{{440, 0}}, ""},
		{"silence", [][2]float64{{0, 0}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var pcm []int16
			for _, pair := range c.hz {
				for i := range audio.SampleRate / 10 {
					v := 0.0
					for _, hz := range pair {
						v += 8000 * math.Sin(2*math.Pi*hz*float64(i)/audio.SampleRate)
					}
					pcm = append(pcm, int16(v))
				}
			}
			if got := KeysIn(pcm); got != c.want {
				t.Errorf("read %q, want %q", got, c.want)
			}
		})
	}
}
