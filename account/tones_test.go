package account

import (
	"strings"
	"testing"
)

// TestOddTonesAreMended: whatever is in the file, volumes are percent and a ringtone is a path or a word.
func TestOddTonesAreMended(t *testing.T) {
	for _, c := range []struct {
		name     string
		ringtone string
		want     string
	}{
		{"a path", "/home/a/ring.wav", "/home/a/ring.wav"},
		{"none", "none", "none"},
		{"None, with blanks", " None ", "none"},
		{"Calla's own by its word", "Calla", ""},
		{"a line end", "/a\nb.wav", ""},
		{"not UTF-8", "/a\xff.wav", ""},
		{"endless", strings.Repeat("/long", 2000), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Tones{Ringtone: c.ringtone, CallWaiting: -5, Ringback: 300, Busy: 50, Message: 101}.normalized()
			if want := (Tones{Ringtone: c.want, Ringback: 100, Busy: 50, Message: 100}); got != want {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestOddSizesOfTextAreMended: within the bounds, and the usual one where none is given.
func TestOddSizesOfTextAreMended(t *testing.T) {
	for _, c := range []struct {
		name     string
		is, want int
	}{
		{"none", 0, 100},
		{"tiny", 1, MinTextSize},
		{"negative", -200, MinTextSize},
		{"huge", 100000, MaxTextSize},
		{"of one's own", 137, 137},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (Settings{TextSize: c.is}).normalized().TextSize; got != c.want {
				t.Errorf("%d", got)
			}
		})
	}
}

// TestOddCleaningIsMended: a strength that nobody has is the usual one, and nothing is the usual one either.
func TestOddCleaningIsMended(t *testing.T) {
	for _, c := range []struct{ is, want NoiseSuppression }{
		{"", NoiseKept},
		{"off", NoiseKept},
		{"moderate", NoiseModerate},
		{"strong", NoiseStrong},
		{"STRONG", NoiseKept},
		{"extreme", NoiseKept},
	} {
		for _, on := range []bool{true, false} {
			got := (Settings{Cleaning: Cleaning{Echo: on, Noise: c.is, Gain: !on}}).normalized().Cleaning
			if want := (Cleaning{Echo: on, Noise: c.want, Gain: !on}); got != want {
				t.Errorf("%q: %+v", c.is, got)
			}
		}
	}
}
