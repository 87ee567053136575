package audio

import (
	"strings"
	"time"
)

// The keypad and its frequencies (ITU-T Q.23): a row's and a column's sound together.
const dtmfKeys = "123A456B789C*0#D"

func dtmfRows() [4]float64    { return [4]float64{697, 770, 852, 941} }
func dtmfColumns() [4]float64 { return [4]float64{1209, 1336, 1477, 1633} }

// DTMF is the sound of a key, one of 0-9, *, #, A-D, for as long as length; ok is false for any other.
func DTMF(key rune, length time.Duration) (t Tone, ok bool) {
	i := strings.IndexRune(dtmfKeys, key)
	if i < 0 {
		return Tone{}, false
	}
	return Tone{Notes: []Note{{
		Frequencies: []float64{dtmfRows()[i/4], dtmfColumns()[i%4]}, Level: callLevel, Length: length,
	}}}, true
}
