package ui

import (
	"slices"
	"strings"
	"testing"

	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestNothingIsDeletedUnasked: what is kept for a shorter time is asked before, and what is kept for longer is not.
func TestNothingIsDeletedUnasked(t *testing.T) {
	for _, v := range []struct {
		name    string
		now     int
		choose  string
		asks    string
		agreed  int // what is set once that was said yes to
		refused int // what is set where the question is closed
	}{
		{"shorter", 365, "For 30 days", "Delete what is older than 30 days?", 30, 365},
		{"longer", 30, "For 365 days", "", 365, 365},
		{"for ever", 30, "For ever", "", 0, 0},
		{"no longer for ever", 0, "For 1\u202f095 days", "Delete what is older than 1\u202f095 days?", 1095, 0},
		{"the same", 90, "For 90 days", "", 90, 90},
		{"from one of the file's own", 50, "For 7 days", "Delete what is older than 7 days?", 7, 50},
		{"back to one of the file's own", 5, "For 5 days", "", 5, 5},
	} {
		for _, yes := range []bool{true, false} {
			t.Run(v.name, func(t *testing.T) {
				o := open(t, Options{})
				o.app.update(idle())
				o.phone.settings.KeepDays = v.now
				p := newKeptPanel(o.app)
				i := slices.Index(p.choice.Options, v.choose)
				if i < 0 {
					t.Fatalf("offered are %q", p.choice.Options)
				}
				p.choice.Choose(i)
				want := v.refused
				if asks := o.main.sheet != nil; asks != (v.asks != "") {
					t.Fatalf("asks: %t", asks)
				} else if asks {
					if said := uitest.Texts(o.main.sheet.layer.object); !strings.Contains(said, v.asks) ||
						o.phone.settings.KeepDays != v.now {
						t.Errorf("asks %q, %d days are set", said, o.phone.settings.KeepDays)
					}
					for _, b := range uitest.LaidOut[*widget.Button](o.main.sheet.layer.object) {
						if yes && b.Label() == "Delete them" || !yes && b.Label() == "Cancel" {
							o.tap(b)
							break
						}
					}
				}
				if yes {
					want = v.agreed
				}
				if got := o.phone.settings.KeepDays; got != want ||
					p.choice.Options[p.choice.Chosen()] != keptWords(want) {
					t.Errorf("%d days are set, shows %d; want %d", got, p.choice.Chosen(), want)
				}
			})
		}
	}
}
