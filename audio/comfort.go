package audio

import (
	"errors"
	"math"
)

// errNoComfort is the refusal of comfort noise that says nothing, or in a format that has none.
var errNoComfort = errors.New("decode: no comfort noise")

const (
	// comfortZero is the RMS of 0 dBov: a square wave as loud as µ-law can have it.
	comfortZero = 32124.0
	// comfortLoudest bounds noise that the far end only tells of: -30 dBov.
	comfortLoudest = comfortZero / 31.6
	// comfortSharpest bounds its reflection coefficients, so that a colour dies away.
	comfortSharpest = 0.97
)

// comfort reads a payload of comfort noise (RFC 3389): its level, then as many reflection coefficients as there are.
// Those above our order are left out, as section 3 has it.
func comfort(payload []byte) (level float64, colour predictor, err error) {
	if len(payload) == 0 {
		return 0, colour, errNoComfort
	}
	level = min(comfortLoudest, comfortZero*math.Pow(10, -float64(payload[0]&0x7f)/20))
	colour = white()
	for i, n := range payload[1:min(len(payload), 1+predictorOrder)] {
		k := 258 * (float64(n) - 127) / 32768
		colour.reflect(i+1, max(-comfortSharpest, min(comfortSharpest, k)))
	}
	return level, colour, nil
}
