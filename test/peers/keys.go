package peers

import (
	"math"
	"path/filepath"
	"strings"
	"time"

	"calla/audio"
)

// KeysIn reads the keys that were pressed out of sound (ITU-T Q.23): both tones of one, and 40 ms of it at least.
func KeysIn(pcm []int16) string {
	rows, columns := []float64{697, 770, 852, 941}, []float64{1209, 1336, 1477, 1633}
	keys := []string{"123A", "456B", "789C", "*0#D"}
	const window = audio.SampleRate / 50
	var heard strings.Builder
	last, run := byte(0), 0
	for ; len(pcm) >= window; pcm = pcm[window:] {
		row, rowPower := strongest(pcm[:window], rows)
		column, columnPower := strongest(pcm[:window], columns)
		key := byte(0)
		if total := power(pcm[:window]); total > 1e4 && rowPower+columnPower > 0.7*total &&
			min(rowPower, columnPower) > 0.15*total {
			key = keys[row][column]
		}
		if run++; key != last {
			last, run = key, 1
		}
		if key != 0 && run == 2 {
			heard.WriteByte(key)
		}
	}
	return heard.String()
}

// strongest is the frequency of a list that has the most power.
func strongest(pcm []int16, list []float64) (at int, most float64) {
	for i, hz := range list {
		// Goertzel's algorithm.
		k := 2 * math.Cos(2*math.Pi*hz/audio.SampleRate)
		var s1, s2 float64
		for _, v := range pcm {
			s1, s2 = float64(v)+k*s1-s2, s1
		}
		n := float64(len(pcm))
		if p := 2 * (s1*s1 + s2*s2 - k*s1*s2) / (n * n); p > most {
			at, most = i, p
		}
	}
	return at, most
}

func power(pcm []int16) float64 {
	var sum float64
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(pcm))
}

// Keys reads the keys out of what the page has heard since its call began, until they end with want, or for as long as
// limit. It returns all of them.
func (p *Page) Keys(want string, limit time.Duration) string {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "heard.wav")
	for end := time.Now().Add(limit); ; time.Sleep(100 * time.Millisecond) {
		p.Record(file)
		pcm, err := audio.ReadWAVFile(file)
		if err != nil {
			p.t.Fatal(err)
		}
		if heard := KeysIn(pcm); strings.HasSuffix(heard, want) || time.Now().After(end) {
			return heard
		}
	}
}
