package tell

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"calla/phone"
	"calla/ui/widget"
)

// TestQualityIsTheWorstOfItsFigures: a call that is heard late is not very good, however clear it sounds.
//
// Holds: true-quality
func TestQualityIsTheWorstOfItsFigures(t *testing.T) {
	test.NewTempApp(t)
	const ms = time.Millisecond
	for _, v := range []struct {
		name string
		q    phone.Quality
		want string
	}{
		{"nothing comes", phone.Quality{}, "No sound arrives"},
		{
			"all well",
			phone.Quality{Packets: 1, RoundTrip: 24 * ms, BufferDelay: 40 * ms, Jitter: 3 * ms},
			"Very good quality",
		},
		{"a deep buffer", phone.Quality{Packets: 1, BufferDelay: 761 * ms}, "Poor quality"},
		{"a buffer of 300 ms", phone.Quality{Packets: 1, BufferDelay: 300 * ms}, "Fair quality"},
		{"a buffer of 220 ms", phone.Quality{Packets: 1, BufferDelay: 220 * ms}, "Good quality"},
		{"a buffer of 120 ms", phone.Quality{Packets: 1, BufferDelay: 120 * ms}, "Very good quality"},
		{"a long way", phone.Quality{Packets: 1, RoundTrip: 600 * ms, BufferDelay: 40 * ms}, "Fair quality"},
		{"over a satellite", phone.Quality{Packets: 1, RoundTrip: 1200 * ms, BufferDelay: 60 * ms}, "Poor quality"},
		{"both add up", phone.Quality{Packets: 1, RoundTrip: 200 * ms, BufferDelay: 120 * ms}, "Good quality"},
		{"loss", phone.Quality{Packets: 1, LossPercent: 10, BufferDelay: 40 * ms}, "Poor quality"},
		{"a little loss", phone.Quality{Packets: 1, LossPercent: 2, BufferDelay: 40 * ms}, "Good quality"},
		{"made up", phone.Quality{Packets: 1, ConcealedFrac: 0.1, BufferDelay: 40 * ms}, "Fair quality"},
	} {
		t.Run(v.name, func(t *testing.T) {
			b := widget.NewBars()
			b.Set(QualityBars(v.q), true)
			if got := b.AccessibilityLabel(); got != v.want {
				t.Errorf("%s at an impairment of %.1f, want %s", got, v.q.DelayImpairment(), v.want)
			}
		})
	}
}
