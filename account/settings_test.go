package account

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestPlacesOfTheWindowAreBounded: one for each arrangement of screens, the last ones, and none of no screens.
func TestPlacesOfTheWindowAreBounded(t *testing.T) {
	var s Settings
	for i := range 20 {
		s.PlaceWindow(Place{Screens: fmt.Sprint(i % 12), X: i})
	}
	if len(s.Places) != mostPlaces || s.Places[0] != (Place{Screens: "7", X: 19}) {
		t.Errorf("%+v", s.Places)
	}
	s.Places = append(s.Places[:2], Place{}, Place{Screens: strings.Repeat("x", longestScreens+1)})
	if got := s.normalized().Places; len(got) != 2 {
		t.Errorf("%+v", got)
	}
	for range 3 {
		s.PlaceWindow(Place{Screens: "7", X: 5})
	}
	if n := len(s.normalized().Places); n != 2 || s.Places[0].X != 5 {
		t.Errorf("%d: %+v", n, s.Places)
	}
}

func TestSettingsFollowTheSameRules(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	if v, found := s.Settings(); !reflect.DeepEqual(v, DefaultSettings()) || found.FromFile != "" {
		t.Errorf("%+v %+v", v, found)
	}
	want := Settings{
		Devices: Devices{Ringer: DeviceChoice{ID: "abc", Name: "Lautsprecher"}}, RingtoneVolume: 0, Theme: ThemeDark,
		DialLinks: true, Cleaning: Cleaning{Noise: NoiseStrong}, Notifications: true, TextSize: 150,
		Tones:  Tones{Ringtone: "/home/alice/ring.flac", CallWaiting: 10, Ringback: 20, Busy: 30},
		Window: Size{Width: 400, Height: 600},
		Places: []Place{{"1600x900+0+0", 30, 40}}, DefaultAccount: "a", Recordings: "/home/alice/calls",
	}
	if err := s.SaveSettings(want); err != nil {
		t.Fatal(err)
	}
	s, _ = reopen(t, s)
	if v, _ := s.Settings(); !reflect.DeepEqual(v, want) {
		t.Errorf("got %+v", v)
	}
	if err := s.SaveSettings(Settings{RingtoneVolume: 900, Theme: "pink", Window: Size{Width: -1}}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "settings.json")
	write(t, path, []byte("{"))
	s, _ = reopen(t, s)
	if v, found := s.Settings(); !reflect.DeepEqual(v, want) || found.FromFile != "settings.json.1" ||
		found.MovedTo == "" {
		t.Errorf("after damage: %+v, %+v", v, found)
	}
	write(t, path, []byte("{"))
	write(t, path+".1", []byte("{"))
	s, _ = reopen(t, s)
	if v, found := s.Settings(); !reflect.DeepEqual(v, DefaultSettings()) || found.Damaged == "" ||
		found.MovedTo == "" || found.ReadOnly != "" {
		t.Errorf("nothing whole: %+v, %+v", v, found)
	}
	if err := s.SaveSettings(want); err != nil {
		t.Errorf("after damage: %v", err)
	}
}
