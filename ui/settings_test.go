package ui

import (
	"strings"
	"testing"

	"calla/account"
	"calla/phone"
	"calla/ui/uitest"
)

// TestFollowingTheSystemNamesTheDevice that this means at present, in the settings, in a call's menu and among the
// figures.
func TestFollowingTheSystemNamesTheDevice(t *testing.T) {
	for _, v := range []struct{ name, microphone, speaker, wantMicrophone, wantSpeaker string }{
		{
			"both known", "Jabra Mono", "Jabra Stereo", "Follow the system (Jabra Mono)",
			"Follow the system (Jabra Stereo)",
		},
		{"one known", "", "Loudspeaker", "Follow the system", "Follow the system (Loudspeaker)"},
		{"none known", "", "", "Follow the system", "Follow the system"},
		{"brackets", "Mic (USB)", "Out (HDMI 1)", "Follow the system (Mic (USB))", "Follow the system (Out (HDMI 1))"},
		{"turned", "\u202eciM", "a\nb", "Follow the system (ciM)", "Follow the system (a b)"},
		{"braces", "{used}", "{text} 100 %", "Follow the system ({used})", "Follow the system ({text} 100 %)"},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{Size: account.Size{Width: 1200, Height: 800}})
			s := idle()
			s.Devices.Settings.Microphone = account.DeviceChoice{}
			s.Devices.CaptureDefault, s.Devices.PlaybackDefault = v.microphone, v.speaker
			o.update(s)
			if got, _ := deviceNames(s.Devices, account.RoleMicrophone); got[0] != v.wantMicrophone {
				t.Errorf("%q", got)
			}
			if got, _ := deviceNames(s.Devices, account.RoleRinger); got[0] != v.wantSpeaker {
				t.Errorf("%q", got)
			}
			if all := uitest.Texts(o.main.side); !strings.Contains(all, v.wantMicrophone+"\n") ||
				!strings.Contains(all, v.wantSpeaker+"\n") {
				t.Errorf("the figures say %q", all)
			}
		})
	}
}

// TestWhatOnlyEngineersAskForStandsApart: GRUUs and service routes have a card of their own, with a heading; where
// there are none, there is no card.
func TestWhatOnlyEngineersAskForStandsApart(t *testing.T) {
	for _, v := range []struct {
		name  string
		there bool
		open  func(*opened)
	}{
		{"the pane of a wide window", true, func(*opened) {}},
		{"the account's page", true, func(o *opened) { o.main.openAccount("office") }},
		{"nothing in the pane", false, func(*opened) {}},
		{"nothing on the page", false, func(o *opened) { o.main.openAccount("office") }},
		{"in a call", true, func(o *opened) {
			s := engineered()
			s.Calls = inPhase(phone.PhaseEstablished).Calls
			o.update(s)
		}},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{Size: account.Size{Width: 1200, Height: 800}})
			o.update(idle())
			if v.there {
				o.update(engineered())
			}
			v.open(o)
			uitest.Settle(o.main.win)
			all := uitest.Texts(o.main.side)
			_, below, found := strings.Cut(all, "For engineers")
			if !found || strings.Contains(below, "Temporary GRUU") != v.there ||
				strings.Contains(below, "Service route") != v.there ||
				o.main.details.engineersBox.Visible() != v.there {
				t.Errorf("%q", all)
			}
			if before, _, _ := strings.Cut(all, "For engineers"); strings.Contains(before, "GRUU") {
				t.Errorf("above it: %q", before)
			}
		})
	}
}
