package phone

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/netsip/rtc"
)

// TestHeldCallIsAsGoodAsBefore: the time on hold is neither sound made up nor delay, at neither end.
//
// Holds: true-quality
func TestHeldCallIsAsGoodAsBefore(t *testing.T) {
	for _, v := range []struct {
		name          string
		alice, bob    bool // holds
		times         int
		long, between time.Duration
	}{
		{"the caller holds", true, false, 1, 10 * time.Second, 3 * time.Second},
		{"the callee holds", false, true, 1, 10 * time.Second, 3 * time.Second},
		{"both hold", true, true, 1, 10 * time.Second, 3 * time.Second},
		{"held again and again", true, false, 5, 2 * time.Second, time.Second},
		{"held for minutes", false, true, 1, 3 * time.Minute, 3 * time.Second},
		{"held for a moment", true, false, 1, 300 * time.Millisecond, 3 * time.Second},
	} {
		t.Run(v.name, func(t *testing.T) {
			long(t, v.long)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				mine, theirs := alice.talk(bob)
				time.Sleep(3 * time.Second)
				for range v.times {
					for _, on := range []bool{true, false} {
						if v.alice {
							alice.SetHold(mine.ID, on)
						}
						if v.bob {
							bob.SetHold(theirs.ID, on)
						}
						if on {
							time.Sleep(v.long)
						} else {
							time.Sleep(v.between)
						}
					}
				}
				for _, p := range []*testPhone{alice, bob} {
					q := p.State().Calls[0].Quality
					if q.ConcealedFrac > 0.01 || q.LossPercent > 0 || q.Delay() > 100*time.Millisecond {
						t.Errorf("%s: %.1f %% made up, %.1f %% lost, a delay of %v", p.name, 100*q.ConcealedFrac,
							q.LossPercent, q.Delay())
					}
				}
			})
		})
	}
}

// TestWhatIsLostIsToldAlsoWhereItCameAgain: the loss is the network's, whatever became of it.
//
// Holds: true-quality
func TestWhatIsLostIsToldAlsoWhereItCameAgain(t *testing.T) {
	for _, v := range []struct {
		name         string
		lost         int64
		rescued      uint64
		told, missed uint64
		percent      float64
	}{
		{"nothing lost", 0, 0, 0, 0, 0},
		{"nothing again", 20, 0, 20, 20, 10},
		{"some again", 20, 15, 20, 5, 10},
		{"all again", 20, 20, 20, 0, 10},
		{"more again than lost: it came late", 3, 5, 3, 0, 1.5},
		{"packets twice", -4, 0, 0, 0, 0},
		{"packets twice, and some again", -4, 2, 0, 0, 0},
	} {
		var q Quality
		q.heard(rtc.Stats{PacketsReceived: 190, PacketsExpected: 200, PacketsLost: v.lost},
			audio.ReceiverStats{JitterStats: audio.JitterStats{Rescued: v.rescued}})
		if q.Lost != v.told || q.Lost-q.Rescued != v.missed || q.LossPercent != v.percent {
			t.Errorf("%s: %d lost, %d rescued, %.1f %%", v.name, q.Lost, q.Rescued, q.LossPercent)
		}
	}
}

// TestQualityIsTheWorstOfItsFigures: a call that is heard late is not very good, however clear it sounds.
//
// Holds: true-quality
func TestQualityIsTheWorstOfItsFigures(t *testing.T) {
	const ms = time.Millisecond
	for _, v := range []struct {
		name string
		q    Quality
		want int
	}{
		{"nothing comes", Quality{}, 0},
		{
			"all well",
			Quality{Packets: 1, RoundTrip: 24 * ms, BufferDelay: 40 * ms, Jitter: 3 * ms},
			4,
		},
		{"a deep buffer", Quality{Packets: 1, BufferDelay: 761 * ms}, 1},
		{"a buffer of 300 ms", Quality{Packets: 1, BufferDelay: 300 * ms}, 2},
		{"a buffer of 220 ms", Quality{Packets: 1, BufferDelay: 220 * ms}, 3},
		{"a buffer of 120 ms", Quality{Packets: 1, BufferDelay: 120 * ms}, 4},
		{"a long way", Quality{Packets: 1, RoundTrip: 600 * ms, BufferDelay: 40 * ms}, 2},
		{"over a satellite", Quality{Packets: 1, RoundTrip: 1200 * ms, BufferDelay: 60 * ms}, 1},
		{"both add up", Quality{Packets: 1, RoundTrip: 200 * ms, BufferDelay: 120 * ms}, 3},
		{"loss", Quality{Packets: 1, Lately: Lately{LossPercent: 10}, BufferDelay: 40 * ms}, 1},
		{"a little loss", Quality{Packets: 1, Lately: Lately{LossPercent: 2}, BufferDelay: 40 * ms}, 3},
		{"made up", Quality{Packets: 1, Lately: Lately{ConcealedFrac: 0.1}, BufferDelay: 40 * ms}, 2},
	} {
		t.Run(v.name, func(t *testing.T) {
			if got := v.q.Bars(); got != v.want {
				t.Errorf("%d bars at an impairment of %.1f, want %d", got, v.q.DelayImpairment(), v.want)
			}
		})
	}
}

// TestQualityIsThatOfNow: what was bad is forgotten once it is good, and what was good for long hides nothing.
//
// Holds: true-quality
func TestQualityIsThatOfNow(t *testing.T) {
	for _, v := range []struct {
		name    string
		seconds []count // what is added in each second: of 50 packets, and of 48,000 samples
		times   int     // that often, each
		want    []int   // bars after each
	}{
		{"good all the time", []count{{}, {}, {}}, 20, []int{4, 4, 4}},
		{"bad from the start", []count{{lost: 5}, {lost: 5}}, 3, []int{1, 1}},
		{"bad after an hour", []count{{}, {lost: 15}}, 3600, []int{4, 1}},
		{"bad for 5 s after an hour", []count{{}, {lost: 15}, {}}, 5, []int{4, 1, 4}},
		{"sound made up, without loss", []count{{}, {concealed: 10_000}, {}}, 6, []int{4, 1, 4}},
		{"on hold after it was bad", []count{{lost: 10}, {expected: 1, played: 1}, {}}, 6, []int{1, 4, 4}},
		{"what was missed comes after all", []count{{lost: 2}, {lost: ^uint64(0)}}, 6, []int{2, 4}},
	} {
		t.Run(v.name, func(t *testing.T) {
			c, sum := &call{}, count{}
			c.quality.Packets = 1
			for i, s := range v.seconds {
				for range v.times {
					sum.lost, sum.concealed = sum.lost+s.lost, sum.concealed+s.concealed
					if s.expected == 0 {
						sum.expected, sum.played = sum.expected+50, sum.played+48_000
					}
					c.lately(sum)
				}
				if got := c.quality.Bars(); got != v.want[i] {
					t.Errorf("%d bars after stretch %d, want %d: %+v", got, i+1, v.want[i], c.quality.Lately)
				}
			}
			c.lately(count{expected: 50, played: 48_000})
			if got := c.quality.Bars(); got != 4 {
				t.Errorf("%d bars on another sound connection: %+v", got, c.quality.Lately)
			}
		})
	}
}

// TestTheRatingCountsDelayAndLoss: R of the E-model falls with either, by what G.107 has for it.
func TestTheRatingCountsDelayAndLoss(t *testing.T) {
	for _, c := range []struct {
		delay time.Duration // one way
		loss  float64       // share of the sound that is made up
		want  float64
	}{
		{0, 0, 93.2},
		{100 * time.Millisecond, 0, 90.8},
		{250 * time.Millisecond, 0, 79.2},
		{500 * time.Millisecond, 0, 45.7},
		{0, 0.01, 89.6},
		{0, 0.05, 77.4},
		{250 * time.Millisecond, 0.05, 63.4},
		{3 * time.Second, 0.5, 1},
	} {
		q := Quality{Packets: 1, RoundTrip: 2 * c.delay, Lately: Lately{ConcealedFrac: c.loss}}
		if got := q.Rating(); math.Abs(got-c.want) > 0.1 {
			t.Errorf("%v, %.0f %% made up: %.1f instead of %.1f", c.delay, 100*c.loss, got, c.want)
		}
	}
	if got := (Quality{}).Rating(); got != 0 {
		t.Errorf("before anything is heard: %.1f", got)
	}
}

// TestWhatTheFarEndTellsIsKept: how it hears us, as it came.
func TestWhatTheFarEndTellsIsKept(t *testing.T) {
	told := rtc.VoiceMetrics{Known: true, Loss: 0.02, R: 77, MOS: 3.9}
	var q Quality
	q.heard(rtc.Stats{Remote: told}, audio.ReceiverStats{})
	if q.FarEnd != told {
		t.Errorf("%+v", q.FarEnd)
	}
}

// TestTheFarEndIsToldWhatWasDropped: packets that came too late, and those that came too many at once (RFC 3611 section
// 4.7.1).
func TestTheFarEndIsToldWhatWasDropped(t *testing.T) {
	q := Quality{Packets: 1}
	var sound audio.ReceiverStats
	sound.Late, sound.Skipped, sound.Duplicates, sound.Lost, sound.Current = 3, 4, 5, 6, 40*time.Millisecond
	sound.Speech, sound.Pauses = -20, -60
	want := rtc.Heard{
		Discarded: 7, Buffer: 40 * time.Millisecond, Most: 500 * time.Millisecond, R: q.Rating(),
		Speech: -20, Noise: -60,
	}
	if got := q.forFarEnd(sound); got != want || got.R == 0 {
		t.Errorf("%+v", got)
	}
}
