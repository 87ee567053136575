package account

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

func named(names ...string) (all []DeviceChoice) {
	for _, name := range names {
		all = append(all, DeviceChoice{ID: "id of " + name, Name: name})
	}
	return all
}

func namesOf(all []DeviceChoice) (names []string) {
	for _, c := range all {
		names = append(names, c.Name)
	}
	return names
}

// TestWhatIsChosenIsWantedFirst: and what was chosen before stands behind it, each device once and a few at most.
func TestWhatIsChosenIsWantedFirst(t *testing.T) {
	system := DeviceChoice{}
	var many []DeviceChoice
	for i := range 20 {
		many = append(many, named(fmt.Sprint(i))...)
	}
	for _, c := range []struct {
		name          string
		chosen        []DeviceChoice
		want, earlier []string
	}{
		{"nothing", nil, nil, nil},
		{"one", named("a"), []string{"a"}, nil},
		{"three", named("a", "b", "c"), []string{"c", "b", "a"}, []string{"b", "a"}},
		{"the first again", named("a", "b", "c", "a"), []string{"a", "c", "b"}, []string{"c", "b"}},
		{"the same again", named("a", "a"), []string{"a"}, nil},
		{
			"with another ID",
			append(named("a", "b"), DeviceChoice{ID: "new", Name: "a"}),
			[]string{"a", "b"},
			[]string{"b"},
		},
		{
			"with another name",
			append(named("a", "b"), DeviceChoice{ID: "id of a", Name: "A"}),
			[]string{"A", "b"},
			[]string{"b"},
		},
		{
			"a monitor of its name is another",
			append(named("a"), DeviceChoice{ID: "m", Name: "a", Loopback: true}),
			[]string{"a", "a"},
			[]string{"a"},
		},
		{
			"without IDs",
			[]DeviceChoice{{Name: "a"}, {Name: "b"}, {Name: "a"}},
			[]string{"a", "b"},
			[]string{"b"},
		},
		{"the system", append(named("a", "b"), system), nil, []string{"b", "a"}},
		{
			"the system at last not", append(named("a", "b", ""), named("c")...),
			[]string{"c", "b", "a"},
			[]string{"b", "a"},
		},
		{
			"many", many,
			[]string{"19", "18", "17", "16", "15", "14", "13", "12"},
			[]string{"18", "17", "16", "15", "14", "13", "12"},
		},
	} {
		for _, role := range []Role{RoleMicrophone, RoleSpeaker, RoleRinger} {
			t.Run(c.name+", "+string(role), func(t *testing.T) {
				var d Devices
				for _, choice := range c.chosen {
					if choice.Name == "" {
						choice = system
					}
					d = d.Choose(role, choice)
				}
				if got := namesOf(d.Order(role)); !slices.Equal(got, c.want) {
					t.Errorf("wanted %q, want %q", got, c.want)
				}
				if _, earlier := d.of(role); !slices.Equal(namesOf(*earlier), c.earlier) {
					t.Errorf("earlier %q, want %q", namesOf(*earlier), c.earlier)
				}
				if len(c.chosen) > 0 && d.Chosen(role).Name != c.chosen[len(c.chosen)-1].Name {
					t.Errorf("chosen %+v", d.Chosen(role))
				}
				*must(d.of(role)) = DeviceChoice{}
				for _, other := range []Role{RoleMicrophone, RoleSpeaker, RoleRinger} {
					if d.Chosen(other) != system || other != role && d.Order(other) != nil {
						t.Errorf("%s is changed too", other)
					}
				}
			})
		}
	}
}

func must(c *DeviceChoice, _ *[]DeviceChoice) *DeviceChoice { return c }

// TestADeviceIsForgotten: and the one behind it takes its place.
func TestADeviceIsForgotten(t *testing.T) {
	for _, c := range []struct {
		name   string
		forget []DeviceChoice
		want   []string
	}{
		{"the chosen one", named("c"), []string{"b", "a"}},
		{"an earlier one", named("a"), []string{"c", "b"}},
		{"by its name", []DeviceChoice{{ID: "new", Name: "b"}}, []string{"c", "a"}},
		{"one that was never chosen", named("d"), []string{"c", "b", "a"}},
		{"the system", []DeviceChoice{{}}, []string{"c", "b", "a"}},
		{"all", named("a", "c", "b"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d Devices
			for _, choice := range named("a", "b", "c") {
				d = d.Choose(RoleSpeaker, choice)
			}
			before := d
			for _, choice := range c.forget {
				d = d.Forget(RoleSpeaker, choice)
			}
			if got := namesOf(d.Order(RoleSpeaker)); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			if got := namesOf(before.Order(RoleSpeaker)); !slices.Equal(got, []string{"c", "b", "a"}) {
				t.Errorf("the value before is %q", got)
			}
			if before.Same(d) != slices.Equal(c.want, []string{"c", "b", "a"}) {
				t.Errorf("the same: %t", before.Same(d))
			}
		})
	}
	d := Devices{}.Choose(RoleRinger, named("a")[0]).Choose(RoleRinger, DeviceChoice{})
	if d = d.Forget(RoleRinger, named("a")[0]); !d.Same(Devices{}) {
		t.Errorf("behind the system: %+v", d)
	}
}

// TestDevicesOfEveryFileAreRead: those of one choice for each role, as they were kept first, those in their order, and
// what somebody has written into the file.
func TestDevicesOfEveryFileAreRead(t *testing.T) {
	a, b := named("a")[0], named("b")[0]
	const one = `{"id":"id of a","name":"a"}`
	for _, c := range []struct {
		name, devices string
		want          Devices
	}{
		{
			"one choice", `{"microphone":` + one + `,"speaker":{"id":"","name":""},"ringer":` + one + `}`,
			Devices{Microphone: a, Ringer: a},
		},
		{"none", `{}`, Devices{}},
		{
			"an order", `{"microphone":` + one + `,"earlier_microphones":[{"id":"id of b","name":"b"}]}`,
			Devices{Microphone: a, EarlierMicrophones: []DeviceChoice{b}},
		},
		{"twice the same", `{"speaker":` + one + `,"earlier_speakers":[` + one + `,{"id":"id of b","name":"b"},` + one +
			`]}`, Devices{Speaker: a, EarlierSpeakers: []DeviceChoice{b}}},
		{"nothing in it", `{"ringer":` + one + `,"earlier_ringers":[{},{"id":"","name":""}]}`, Devices{Ringer: a}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			text := `{"format":1,"devices":` + c.devices + `,"checksum":"edited"}`
			if err := os.WriteFile(filepath.Join(dir, "settings.json"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s, _ := open(t, dir)
			got, found := s.Settings()
			if !reflect.DeepEqual(got.Devices, c.want) || len(found.Problems) > 0 {
				t.Fatalf("%+v, %v", got.Devices, found.Problems)
			}
			if err := s.SaveSettings(got); err != nil {
				t.Fatal(err)
			}
			s, _ = reopen(t, s)
			if again, _ := s.Settings(); !again.Devices.Same(got.Devices) {
				t.Errorf("kept as %+v", again.Devices)
			}
		})
	}
}
