package ui

import (
	"testing"

	"calla/account"
)

// TestTheWindowComesBackToItsPlaceOnTheseScreens, as long as it can be taken hold of there.
func TestTheWindowComesBackToItsPlaceOnTheseScreens(t *testing.T) {
	notebook := area{0, 0, 1366, 768}
	desk := area{1366, 0, 2560, 1440}
	left := area{-1920, 100, 1920, 1080}
	both := arrangement([]area{notebook, desk})
	for _, v := range []struct {
		name    string
		screens []area
		place   account.Place
		want    bool
	}{
		{"one screen", []area{notebook}, account.Place{Screens: "1366x768+0+0", X: 100, Y: 90}, true},
		{"two screens", []area{notebook, desk}, account.Place{Screens: both, X: 2000, Y: 90}, true},
		{
			"two screens, listed the other way",
			[]area{desk, notebook},
			account.Place{Screens: both, X: 2000, Y: 90},
			true,
		},
		{"one of two is gone", []area{notebook}, account.Place{Screens: both, X: 2000, Y: 90}, false},
		{
			"the other one is larger now",
			[]area{notebook, {1366, 0, 3840, 2160}},
			account.Place{Screens: both, X: 2000},
			false,
		},
		{
			"left of the first",
			[]area{notebook, left},
			account.Place{Screens: arrangement([]area{notebook, left}), X: -1800, Y: 200},
			true,
		},
		{"outside", []area{notebook}, account.Place{Screens: "1366x768+0+0", X: 5000, Y: 90}, false},
		{"above", []area{notebook}, account.Place{Screens: "1366x768+0+0", X: 100, Y: -400}, false},
		{"all but outside", []area{notebook}, account.Place{Screens: "1366x768+0+0", X: 1350, Y: 90}, false},
		{"where no screen is told of", nil, account.Place{Screens: "", X: 100, Y: 90}, false},
	} {
		p, ok := placeOn(v.screens, []account.Place{{Screens: "640x480+0+0", X: 1, Y: 1}, v.place})
		if ok != v.want || ok && p != v.place {
			t.Errorf("%s: %+v, %v", v.name, p, ok)
		}
	}
}
