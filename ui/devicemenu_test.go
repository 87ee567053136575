package ui

import (
	"strings"
	"testing"

	"calla/account"
)

// TestDeviceMenu: chosen devices are marked, absent ones named, and a choice goes to the phone.
func TestDeviceMenu(t *testing.T) {
	o := open(t, Options{})
	s := idle()
	s.Devices.Settings.Speaker = account.DeviceChoice{ID: "gone", Name: "Old headset"}
	o.update(s)
	menu := deviceMenu(o.app)
	var got []string
	for _, i := range menu.Items {
		label := i.Label
		if i.Checked {
			label += " ✓"
		}
		got = append(got, label)
	}
	want := []string{
		"Microphone", "Follow the system", "Jabra Evolve 40 Mono ✓", "Built-in microphone", "",
		"Loudspeaker", "Follow the system", "Jabra Evolve 40 Stereo", "Built-in loudspeaker",
		"Old headset (not plugged in) ✓",
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("menu %q, want %q", got, want)
		}
	}
	menu.Items[3].Action()
	menu.Items[6].Action()
	o.expect(t, "device microphone m2", "device speaker ")
}

// TestLoopbacksAreMarkedWhereTheyAreChosen, in the menu of a call, in the settings and in the wizard, which say as well
// that there is no microphone.
//
// Holds: microphone
func TestLoopbacksAreMarkedWhereTheyAreChosen(t *testing.T) {
	const marked = "Monitor of Built-in Audio (records what is played)"
	o := open(t, Options{})
	s := withoutMicrophone()
	o.update(s)
	for _, v := range []struct {
		name string
		show func() *soundPanel
	}{
		{"settings", func() *soundPanel { o.main.openSettings(); return o.main.page.(*settingsPage).sound }},
		{"wizard", func() *soundPanel {
			o.main.openWizardDetails()
			w := o.main.page.(*wizard)
			w.show(stepSound)
			return w.sound
		}},
	} {
		t.Run(v.name, func(t *testing.T) {
			p := v.show()
			o.update(s)
			if got := p.mic.Options; len(got) != 2 || got[1] != marked {
				t.Errorf("microphones %q", got)
			}
			if !p.problem.object.Visible() || !strings.HasPrefix(p.problem.text.Text(), "No microphone") {
				t.Errorf("told %q", p.problem.text.Text())
			}
			well := idle()
			well.Serial = s.Serial + 1
			o.update(well)
			if p.problem.object.Visible() {
				t.Error("told though all is well")
			}
		})
	}
	t.Run("menu of a call", func(t *testing.T) {
		o.update(s)
		menu := deviceMenu(o.app)
		label := menu.Items[2].Label // the name is shortened, the mark is not
		if !strings.HasPrefix(label, "Monitor") || !strings.HasSuffix(label, " (records what is played)") {
			t.Errorf("%q", label)
		}
	})
	t.Run("chosen and gone", func(t *testing.T) {
		gone := s
		gone.Devices.Capture = gone.Devices.Capture[:1]
		gone.Devices.Settings.Microphone = account.DeviceChoice{
			ID: "mon", Name: "Monitor of Built-in Audio",
			Loopback: true,
		}
		if names, _ := deviceNames(gone.Devices, account.RoleMicrophone); len(names) != 2 ||
			names[1] != marked+" (not plugged in)" {
			t.Errorf("%q", names)
		}
	})
	t.Run("microphones are not marked", func(t *testing.T) {
		names, _ := deviceNames(devices(), account.RoleMicrophone)
		if strings.Contains(strings.Join(names, ""), "records") {
			t.Errorf("%q", names)
		}
	})
}
