package account

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestCleaningIsKeptForItsDevices: for a microphone and a loudspeaker together, by their IDs or names; what is not
// chosen for two devices has what the file has for all.
func TestCleaningIsKeptForItsDevices(t *testing.T) {
	a, b, c := named("a")[0], named("b")[0], named("c")[0]
	loud := Cleaning{Echo: true, Noise: NoiseStrong}
	soft := Cleaning{Gain: true, Noise: NoiseKept}
	all := Cleaning{Noise: NoiseModerate}
	s := Settings{Cleaning: all}.WithCleaning(a, b, loud).WithCleaning(a, c, soft)
	for _, v := range []struct {
		name         string
		mic, speaker DeviceChoice
		want         Cleaning
		chosen       bool
	}{
		{"the first two", a, b, loud, true},
		{"another loudspeaker", a, c, soft, true},
		{"the other way round", b, a, all, false},
		{"another microphone", c, b, all, false},
		{"none", DeviceChoice{}, DeviceChoice{}, all, false},
		{"other IDs", DeviceChoice{ID: "1", Name: "a"}, DeviceChoice{ID: "2", Name: "b"}, loud, true},
		{"other names", DeviceChoice{ID: a.ID, Name: "A"}, DeviceChoice{ID: b.ID, Name: "B"}, loud, true},
		{"a monitor of its name", DeviceChoice{ID: "m", Name: "a", Loopback: true}, b, all, false},
	} {
		if got, chosen := s.CleaningOf(v.mic, v.speaker); got != v.want || chosen != v.chosen {
			t.Errorf("%s: %+v, chosen %t", v.name, got, chosen)
		}
	}
	before := s
	s = s.WithCleaning(a, b, soft)
	if got, _ := s.CleaningOf(a, b); got != soft || len(s.Cleanings) != 2 {
		t.Errorf("chosen again: %+v of %+v", got, s.Cleanings)
	}
	if got, _ := before.CleaningOf(a, b); got != loud {
		t.Errorf("the value before is %+v", got)
	}
	nowhere := Settings{}.WithCleaning(DeviceChoice{}, DeviceChoice{}, loud).WithCleaning(DeviceChoice{}, a, soft)
	if got, chosen := nowhere.CleaningOf(DeviceChoice{}, DeviceChoice{}); got != loud || !chosen {
		t.Errorf("without devices: %+v", got)
	}
}

// TestCleaningsAreNotTooMany, and those that were chosen last are kept.
func TestCleaningsAreNotTooMany(t *testing.T) {
	var s Settings
	for i := range 3 * keptCleanings {
		s = s.WithCleaning(named(fmt.Sprint(i))[0], DeviceChoice{}, Cleaning{Echo: true})
	}
	_, first := s.CleaningOf(named("0")[0], DeviceChoice{})
	_, last := s.CleaningOf(named(fmt.Sprint(3*keptCleanings - 1))[0], DeviceChoice{})
	if len(s.Cleanings) != keptCleanings || first || !last {
		t.Errorf("%d are kept, the first %t, the last %t", len(s.Cleanings), first, last)
	}
}

// TestCleaningOfEveryFileIsRead: of one choice for all devices, of a choice for some, and of what makes no sense.
func TestCleaningOfEveryFileIsRead(t *testing.T) {
	const mic = `"microphone":{"id":"id of a","name":"a"},"speaker":{"id":"id of b","name":"b"}`
	a, b := named("a")[0], named("b")[0]
	for _, v := range []struct {
		name, text string
		want       Cleaning
		chosen     bool
	}{
		{"nothing", ``, DefaultCleaning(), false},
		{"of all", `"cleaning":{"echo":true,"noise":"strong","gain":true},`, Cleaning{true, NoiseStrong, true}, false},
		{
			"of these", `"cleaning":{"noise":"strong"},"cleanings":[{` + mic + `,"echo":true,"noise":"moderate"}],`,
			Cleaning{Echo: true, Noise: NoiseModerate},
			true,
		},
		{
			"no such strength", `"cleanings":[{` + mic + `,"noise":"extreme","gain":true}],`,
			Cleaning{Noise: NoiseKept, Gain: true},
			true,
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			dir := t.TempDir()
			text := `{"format":1,` + v.text + `"checksum":"edited"}`
			if err := os.WriteFile(filepath.Join(dir, "settings.json"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s, _ := open(t, dir)
			for range 2 {
				now, found := s.Settings()
				if got, chosen := now.CleaningOf(a, b); got != v.want || chosen != v.chosen || len(found.Problems) > 0 {
					t.Errorf("%+v, chosen %t, %v", got, chosen, found.Problems)
				}
				if err := s.SaveSettings(now); err != nil {
					t.Fatal(err)
				}
				s, _ = reopen(t, s)
			}
		})
	}
}
