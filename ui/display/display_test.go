package display

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/phone/cause"
)

// TestWhatIsMissingForAWindowIsFound before the toolkit looks for it, for each way in which a display can be missing.
// Where one of two works, it is taken.
func TestWhatIsMissingForAWindowIsFound(t *testing.T) {
	answers := func(o outcome) func() outcome { return func() outcome { return o } }
	never := func() outcome { time.Sleep(time.Hour); return works }
	both := map[string]string{"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}
	onX, onWayland := map[string]string{"DISPLAY": ":0"}, map[string]string{"WAYLAND_DISPLAY": "wayland-0"}
	for _, v := range []struct {
		name       string
		env        map[string]string
		x, wayland func() outcome
		listens    bool
		want       cause.Kind // "" = a window can be opened
		takes      string     // what Fyne is told to take
	}{
		{"nothing is named", nil, never, never, false, cause.NoDisplay, ""},
		{"X works", onX, answers(works), never, true, "", ""},
		{"nothing answers for X", onX, answers(nobody), never, false, cause.DisplayUnreachable, ""},
		{"X lets nobody in", onX, answers(nobody), never, true, cause.DisplayRefuses, ""},
		{"X never answers", onX, never, never, true, cause.DisplayNoAnswer, ""},
		{"X without OpenGL", onX, answers(noGL), never, true, cause.DisplayWithoutGL, ""},
		{"X without its library", onX, answers(noLibrary), never, true, cause.DisplayNoLibrary, ""},
		{"Wayland works", onWayland, never, answers(works), false, "", ""},
		{"nothing answers for Wayland", onWayland, never, answers(nobody), false, cause.WaylandUnreachable, ""},
		{"Wayland never answers", onWayland, never, never, false, cause.DisplayNoAnswer, ""},
		{"Wayland without its library", onWayland, never, answers(noLibrary), false, cause.DisplayNoLibrary, ""},
		{
			"Wayland by a connection that is open",
			map[string]string{"WAYLAND_SOCKET": "5"},
			never, never, false, "", "",
		},
		{"both work", both, answers(works), answers(works), true, "", ""},
		{"X alone of both", both, answers(works), answers(nobody), true, "", "x11"},
		{"X alone of both, the other is silent", both, answers(works), never, true, "", "x11"},
		{"Wayland alone of both", both, answers(noGL), answers(works), true, "", "wayland"},
		{"neither of both", both, answers(nobody), answers(nobody), false, cause.WaylandUnreachable, ""},
		{
			"X is asked for, and is not there",
			map[string]string{"FYNE_PLATFORM": "x11", "WAYLAND_DISPLAY": "wayland-0"},
			answers(nobody), answers(works), false, cause.NoDisplay, "x11",
		},
		{
			"Wayland is asked for, and is not there",
			map[string]string{"FYNE_PLATFORM": "wayland", "DISPLAY": ":0"},
			answers(works), answers(nobody), true, cause.WaylandUnreachable, "wayland",
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := map[string]string{}
				for name, value := range v.env {
					env[name] = value
				}
				began := time.Now()
				why := environment{
					get: func(name string) string { return env[name] },
					set: func(name, value string) { env[name] = value },
					x11: v.x, wayland: v.wayland, listens: func() bool { return v.listens },
				}.probe()
				if took := time.Since(began); took > 2*patience {
					t.Errorf("it takes %v", took)
				}
				got := cause.Kind("")
				if why != nil {
					got = why.Kind
				}
				if got != v.want || env[fynePlatform] != v.takes {
					t.Errorf("found %q, Fyne takes %q; want %q, %q", got, env[fynePlatform], v.want, v.takes)
				}
				if why != nil && why.Kind != cause.NoDisplay && why.Address == "" {
					t.Error("the display is not named")
				}
				time.Sleep(2 * time.Hour) // whoever never answered
			})
		})
	}
}
