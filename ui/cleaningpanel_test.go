package ui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/ui/uitest"
)

// TestEachChoiceOfCleaningIsKept: a switch or a strength changes what it stands for, and nothing else.
func TestEachChoiceOfCleaningIsKept(t *testing.T) {
	for _, before := range []account.Cleaning{
		{Noise: account.NoiseKept},
		{Echo: true, Noise: account.NoiseModerate, Gain: true},
	} {
		for _, v := range []struct {
			name string
			do   func(p *cleaningPanel)
			want func(c *account.Cleaning)
		}{
			{
				"echo", func(p *cleaningPanel) { test.Tap(p.echo) },
				func(c *account.Cleaning) { c.Echo = !c.Echo },
			},
			{
				"gain", func(p *cleaningPanel) { test.Tap(p.gain) },
				func(c *account.Cleaning) { c.Gain = !c.Gain },
			},
			{
				"no noise", func(p *cleaningPanel) { p.noise.Choose(0) },
				func(c *account.Cleaning) { c.Noise = account.NoiseKept },
			},
			{
				"some noise", func(p *cleaningPanel) { p.noise.Choose(1) },
				func(c *account.Cleaning) { c.Noise = account.NoiseModerate },
			},
			{
				"most noise", func(p *cleaningPanel) { p.noise.Choose(2) },
				func(c *account.Cleaning) { c.Noise = account.NoiseStrong },
			},
		} {
			t.Run(fmt.Sprint(v.name, ", ", before), func(t *testing.T) {
				o := open(t, Options{})
				s := idle()
				s.Devices.Cleaning.Cleaning = before
				o.update(s)
				o.main.openSettings()
				o.phone.took()
				v.do(o.main.page.(*settingsPage).clean)
				want := before
				v.want(&want)
				o.expect(t, fmt.Sprintf("clean %+v", want))
			})
		}
	}
}

// TestThePanelSaysForWhichDevicesAndWhy: the devices that the choice is for, and why there is no echo to take out.
func TestThePanelSaysForWhichDevicesAndWhy(t *testing.T) {
	echo := account.Cleaning{Echo: true, Noise: account.NoiseKept}
	none := account.DefaultCleaning()
	for _, v := range []struct {
		name   string
		state  phone.CleaningState
		of     string
		why    string
		on     bool
		chosen bool // it can be
	}{
		{
			"a loudspeaker",
			phone.CleaningState{Cleaning: echo, Microphone: "Webcam", Speaker: "Boxes"},
			"This is for Webcam, Boxes: other devices", "On a loudspeaker", true, true,
		},
		{
			"both of one name",
			phone.CleaningState{Cleaning: echo, Microphone: "Desk", Speaker: "Desk"},
			"This is for Desk: other devices", "On a loudspeaker", true, true,
		},
		{"no names", phone.CleaningState{Cleaning: echo}, "", "On a loudspeaker", true, true},
		{
			"a headset",
			phone.CleaningState{Cleaning: none, Microphone: "Jabra", Speaker: "Headset", Headset: true},
			"This is for Jabra, Headset: other devices", "With a headset", false, true,
		},
		{
			"a headset all the same",
			phone.CleaningState{Cleaning: echo, Speaker: "Headset", Headset: true, Chosen: true},
			"This is for Headset: other devices", "On a loudspeaker", true, true,
		},
		{
			"the system does it",
			phone.CleaningState{Cleaning: echo, Microphone: "Echo-Cancel", EchoFree: true},
			"This is for Echo-Cancel: other devices", "The system takes the echo out", false, false,
		},
		{
			"turned",
			phone.CleaningState{Cleaning: echo, Microphone: "\u202eciM", Speaker: "a\nb"},
			"This is for ciM, a b: other devices", "On a loudspeaker", true, true,
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{})
			o.main.openSettings()
			s := idle()
			s.Devices.Cleaning = v.state
			o.update(s)
			uitest.Settle(o.main.win)
			p := o.main.page.(*settingsPage).clean
			told := strings.Join(strings.Fields(uitest.Texts(p.object)), " ")
			if !strings.Contains(told, v.of) || !strings.Contains(told, v.why) ||
				strings.Contains(told, "This is for") != (v.of != "") {
				t.Errorf("told %q", told)
			}
			if p.echo.On() != v.on || p.echo.Disabled() == v.chosen {
				t.Errorf("on %t, to be chosen %t", p.echo.On(), !p.echo.Disabled())
			}
		})
	}
}
