package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
)

// TestTheDelayIsMeasuredByAButton: one thing is tried at a time, and what came of it is told.
func TestTheDelayIsMeasuredByAButton(t *testing.T) {
	for _, v := range []struct {
		name    string
		latency phone.Latency
		problem *cause.Cause
		want    []string
	}{
		{"measured", phone.Latency{
			Latency: account.Latency{Delay: 41 * time.Millisecond, EchoLoss: 23.4}, Packet: 20 * time.Millisecond,
		}, nil, []string{"41 ms later", "23 dB weaker", "61 ms"}},
		{"not heard", phone.Latency{}, &cause.Cause{Kind: cause.LatencyUnheard}, []string{"does not hear", "headset"}},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(idle())
			o.main.openSettings()
			p := o.main.page.(*settingsPage).sound
			test.Tap(p.latency)
			if !p.latency.Disabled() || !p.record.Disabled() || !strings.HasPrefix(p.outcome.Text(), "Measuring") {
				t.Errorf("while it is measured: %q", p.outcome.Text())
			}
			o.phone.measured(v.latency, v.problem)
			for _, part := range v.want {
				if !strings.Contains(p.outcome.Text(), part) {
					t.Errorf("%q is not told: %q", part, p.outcome.Text())
				}
			}
			if p.latency.Disabled() || p.record.Disabled() {
				t.Error("nothing can be tried any more")
			}
			o.main.closePage()
			o.expect(t, "sound check", "latency", "sound check ends")
		})
	}
}
