package audio

import "testing"

// TestTheLoudspeakerIsKeptAsLittleAheadAsItBears: a device that takes a frame at once has one frame before it, and
// misses nothing; one that takes more at once, or comes when the machine was busy, has more, and tries with less make
// themselves rare.
func TestTheLoudspeakerIsKeptAsLittleAheadAsItBears(t *testing.T) {
	always := func(n int) func(int) int { return func(int) int { return n } }
	for name, v := range map[string]struct {
		takes  func(period int) int // samples at once, of each period of a frame
		ahead  int                  // frames before the device at the end
		misses uint64               // at most, in half an hour
	}{
		"a frame at a time":           {always(FrameSamples), 1, 0},
		"half a frame at a time":      {always(FrameSamples / 2), 1, 0},
		"two frames every second":     {every(2, 2*FrameSamples), 3, 2},
		"three frames every third":    {every(3, 3*FrameSamples), 4, 3},
		"five frames every fifth":     {every(5, 5*FrameSamples), 6, 5},
		"two at once every ten":       {but(always(FrameSamples), 10, 2*FrameSamples), 3, 4},
		"busy once in ten seconds":    {but(always(FrameSamples), 1_000, 2*FrameSamples), 3, 12},
		"busy once in two minutes":    {but(always(FrameSamples), 12_000, 2*FrameSamples), 3, 12},
		"busy once in half an hour":   {but(always(FrameSamples), 179_000, 2*FrameSamples), 2, 1},
		"busy for 50 ms in a minute":  {but(always(FrameSamples), 6_000, 5*FrameSamples), 6, 12},
		"a frame, but nothing at all": {always(0), 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			ring, frame := NewRing(8), make(Frame, FrameSamples)
			device := make([]int16, 8*FrameSamples)
			var a ahead
			fill := func() {
				for a.wants(ring) {
					ring.Write(frame)
				}
			}
			fill()
			for period := range 180_000 {
				ring.Read(device[:v.takes(period)])
				fill()
			}
			if got := ring.Len() / FrameSamples; got > v.ahead {
				t.Errorf("%d frames ahead, of %d", got, v.ahead)
			}
			if n := ring.short.Load(); n > v.misses {
				t.Errorf("%d reads were short, of %d", n, v.misses)
			}
		})
	}
}

// every takes n once in so many periods.
func every(periods, n int) func(int) int {
	return func(period int) int {
		if period%periods == periods-1 {
			return n
		}
		return 0
	}
}

// but is usual but for n once in so many periods.
func but(usual func(int) int, periods, n int) func(int) int {
	return func(period int) int {
		if period%periods == periods-1 {
			return n
		}
		return usual(period)
	}
}
