package console

import (
	"testing"
	"time"

	"calla/account"
)

// TestHowLongNobodyIsToDisturb: times as people type them; what is none is not taken for one.
func TestHowLongNobodyIsToDisturb(t *testing.T) {
	now := time.Date(2026, 11, 29, 14, 0, 0, 0, time.UTC)
	for text, want := range map[string]struct {
		on bool
		in time.Duration // 0 = until it is switched off
		ok bool
	}{
		"on": {true, 0, true}, "OFF": {false, 0, true},
		"1h": {true, time.Hour, true}, "90m": {true, 90 * time.Minute, true},
		"tomorrow": {true, 17 * time.Hour, true}, "until tomorrow": {true, 17 * time.Hour, true},
		"14:30": {true, 30 * time.Minute, true}, "14:00": {true, 24 * time.Hour, true},
		"until 9:00": {true, 19 * time.Hour, true},
		"0s":         {}, "-1h": {}, "99999h": {}, "soon": {}, "25:00": {}, "1h; off": {}, "": {},
	} {
		on, until, ok := quietUntil(text, now)
		left := time.Duration(0)
		if !until.IsZero() {
			left = until.Sub(now)
		}
		if ok != want.ok || on != want.on || left != want.in {
			t.Errorf("%q: %t, %v, %t", text, on, left, ok)
		}
	}
}

func TestDoNotDisturbIsTold(t *testing.T) {
	at := time.Date(2026, 11, 30, 7, 0, 0, 0, time.Local)
	for want, d := range map[string]account.DoNotDisturb{
		"Calls ring.": {}, "Do not disturb": {On: true}, "Do not disturb until Mon 07:00": {On: true, Until: at},
	} {
		if got := quietLine(d); got != want {
			t.Errorf("%q", got)
		}
	}
}
