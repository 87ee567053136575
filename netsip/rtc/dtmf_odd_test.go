package rtc

import (
	"encoding/binary"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// oddKey is a key of an odd far end, packet by packet, 20 ms apart.
type oddKey struct {
	after     time.Duration // of nothing before it
	timestamp uint32
	code      byte
	first     int // the first update that comes, in steps of 20 ms from the beginning
	last      int // and the last one before the end
	ends      int // how often its end comes
	holds     int // and how much longer, in steps, it lasted by then
}

// TestOddKeysAreToldOnce: whatever of an event is lost, cut into segments, doubled, late or numbered alike.
func TestOddKeysAreToldOnce(t *testing.T) {
	const clock, step = 48000, 960
	const full = eventLongest/step + 1 // 1.38 s: libwebrtc begins the next segment with the next packet of audio
	for name, c := range map[string]struct {
		keys []oddKey
		want string
	}{
		"one":           {[]oddKey{{0, 0, 1, 1, 5, 3, 0}}, "1"},
		"the end alone": {[]oddKey{{0, 0, 1, 5, 4, 1, 0}}, "1"},
		"the end is lost, each": {
			[]oddKey{{0, 0, 1, 1, 5, 0, 0}, {60, 9600, 1, 1, 5, 0, 0}, {60, 19200, 2, 1, 5, 0, 0}}, "112",
		},
		"long, as libwebrtc does": {[]oddKey{{0, 0, 1, 1, 68, 0, 0}, {0, full * step, 1, 1, 40, 3, 0}}, "1"},
		"long, of three segments": {[]oddKey{
			{0, 0, 4, 1, 68, 0, 0}, {0, full * step, 4, 1, 68, 0, 0}, {0, 2 * full * step, 4, 1, 10, 3, 0},
		}, "4"},
		"long, by the letter": {[]oddKey{{0, 7, 1, 1, 68, 0, 0}, {0, 7 + eventLongest, 1, 1, 5, 3, 0}}, "1"},
		"long, the last updates of a segment lost": {
			[]oddKey{{0, 7, 1, 1, 62, 0, 0}, {120, 7 + eventLongest, 1, 1, 5, 3, 0}}, "1",
		},
		"long, much of a segment lost": {
			[]oddKey{{0, 7, 1, 1, 40, 0, 0}, {560, 7 + eventLongest, 1, 1, 5, 3, 0}}, "1",
		},
		"long, much lost, three segments": {
			[]oddKey{
				{0, 7, 1, 1, 40, 0, 0},
				{560, 7 + eventLongest, 1, 20, 30, 0, 0},
				{800, 7 + 2*eventLongest, 1, 1, 3, 3, 0},
				{50, 300000, 1, 1, 5, 3, 0},
			}, "11",
		},
		"long, and then another": {[]oddKey{
			{0, 0, 1, 1, 68, 0, 0}, {0, full * step, 1, 1, 5, 3, 0}, {60, full*step + 9600, 1, 1, 5, 3, 0},
		}, "11"},
		"again after as long as a segment": {
			[]oddKey{{0, 0, 1, 1, 5, 3, 0}, {1200, eventLongest, 1, 1, 5, 3, 0}}, "11",
		},
		"another key after as long as a segment": {
			[]oddKey{{0, 0, 1, 1, 67, 0, 0}, {20, eventLongest, 2, 1, 5, 3, 0}}, "12",
		},
		"a clock that stands still": {
			[]oddKey{{0, 5, 1, 1, 5, 3, 0}, {60, 5, 2, 1, 5, 3, 0}, {60, 5, 3, 1, 5, 0, 0}}, "123",
		},
		"a clock set back":                 {[]oddKey{{0, 9e8, 1, 1, 5, 0, 0}, {60, 100, 2, 1, 5, 3, 0}}, "12"},
		"a clock set back a little, later": {[]oddKey{{0, 9e6, 1, 1, 5, 3, 0}, {60, 9e6 - 48000, 2, 1, 5, 3, 0}}, "12"},
		"all of a key once more": {
			[]oddKey{{0, 0, 1, 1, 5, 3, 0}, {60, 9600, 2, 1, 5, 3, 0}, {60, 0, 1, 1, 5, 3, 0}}, "12",
		},
		"one key once more after ten": {
			[]oddKey{
				{0, 0, 0, 1, 2, 3, 0},
				{0, 1e4, 1, 1, 2, 3, 0},
				{0, 2e4, 2, 1, 2, 3, 0},
				{0, 3e4, 3, 1, 2, 3, 0},
				{0, 4e4, 4, 1, 2, 3, 0},
				{0, 5e4, 5, 1, 2, 3, 0},
				{0, 6e4, 6, 1, 2, 3, 0},
				{0, 7e4, 7, 1, 2, 3, 0},
				{0, 8e4, 8, 1, 2, 3, 0},
				{0, 9e4, 9, 1, 2, 3, 0},
				{0, 0, 0, 1, 2, 3, 0},
			}, "0123456789",
		},
		"begins at its end": {[]oddKey{{0, 0, 1, 5, 4, 3, 0}, {0, 0, 1, 1, 4, 0, 0}}, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var got strings.Builder
				e := &eventReceiver{report: func(digit rune, d time.Duration) {
					mu.Lock()
					defer mu.Unlock()
					got.WriteRune(digit)
					if d < 0 || d > time.Minute {
						t.Errorf("%c of %v", digit, d)
					}
				}}
				send := func(k oddKey, steps int, end byte) {
					payload := []byte{k.code, 10 | end, 0, 0}
					binary.BigEndian.PutUint16(payload[2:], uint16(min(steps*step, eventLongest)))
					e.packet(1, k.timestamp, payload, clock)
				}
				for _, k := range c.keys {
					time.Sleep(k.after * time.Millisecond)
					for i := k.first; i <= k.last; i++ {
						send(k, i, 0)
						time.Sleep(20 * time.Millisecond)
					}
					for range k.ends {
						send(k, max(k.first, k.last)+k.holds, 0x80)
					}
				}
				time.Sleep(time.Second)
				e.close()
				mu.Lock()
				defer mu.Unlock()
				if got.String() != c.want {
					t.Errorf("told %q, want %q", got.String(), c.want)
				}
			})
		})
	}
}

// TestDigitsThatOverlapAreToldOnceEach: packets of two keys in turn, as where two are pressed at once.
func TestDigitsThatOverlapAreToldOnceEach(t *testing.T) {
	for _, apart := range []uint32{0, 160, 0xFFFF} {
		synctest.Test(t, func(t *testing.T) {
			var got []string
			e := &eventReceiver{report: func(digit rune, _ time.Duration) { got = append(got, string(digit)) }}
			for i := range uint16(10) {
				for code := range byte(3) {
					payload := binary.BigEndian.AppendUint16([]byte{code, 10 | byte(i/8)<<7}, 160*(i+1))
					e.packet(1, 1e9+uint32(code)*apart, payload, 8000)
				}
				time.Sleep(20 * time.Millisecond)
			}
			time.Sleep(time.Second)
			e.close()
			if s := strings.Join(got, ""); s != "012" {
				t.Errorf("%d apart: told %q", apart, s)
			}
		})
	}
}
