package desktop

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestAPressInTheTrayCallsWhoStoodThere: others come to stand in the menu while it is open.
func TestAPressInTheTrayCallsWhoStoodThere(t *testing.T) {
	bob, carol := Recent{Name: "Bob", URI: "sip:bob"}, Recent{Name: "Carol", URI: "sip:carol"}
	call, look := func(r Recent) TrayPress { return TrayPress{Deed: TrayCall, To: r} }, TrayPress{Deed: TrayShow}
	list := func(all ...Recent) trayState { return trayState{recent: all} }
	for _, v := range []struct {
		name          string
		before, after trayState
		wait          time.Duration
		press         int
		want          TrayPress
		any           bool
	}{
		{"the first ones", list(), list(bob, carol), 0, 0, call(bob), true},
		{"one more", list(bob), list(carol, bob), 0, 0, look, true},
		{"one more, a moment ago", list(bob), list(carol, bob), seenTime - time.Millisecond, 1, look, true},
		{"one more, seen", list(bob), list(carol, bob), seenTime, 0, call(carol), true},
		{"something else has changed", list(bob), trayState{recent: []Recent{bob}, quiet: true}, 0, 0, call(bob), true},
		{"nobody there", list(bob), list(bob), 0, 1, TrayPress{}, false},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Hour)
				now := v.after.after(v.before)
				time.Sleep(v.wait)
				if got, ok := now.pressed(v.press); got != v.want || ok != v.any {
					t.Errorf("%+v, %v", got, ok)
				}
			})
		})
	}
}
