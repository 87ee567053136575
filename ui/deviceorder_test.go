package ui

import (
	"slices"
	"strings"
	"testing"

	"calla/account"
	"calla/phone"
	"calla/ui/uitest"
)

// TestTheOrderOfDevicesIsToldAndForgotten: below the choice of each role stands which devices are taken where that one
// is not there, and each of them can be forgotten; where there is no order nothing stands there.
func TestTheOrderOfDevicesIsToldAndForgotten(t *testing.T) {
	jabra := account.DeviceChoice{ID: "j", Name: "Jabra"}
	old := account.DeviceChoice{ID: "o", Name: "Old\u202e\nheadset"}
	webcam := account.DeviceChoice{ID: "w", Name: "Webcam"}
	for _, v := range []struct {
		name   string
		chosen []account.DeviceChoice
		told   string
		menu   []string
	}{
		{"nothing is chosen", nil, "", nil},
		{"one", []account.DeviceChoice{jabra}, "", nil},
		{
			"two",
			[]account.DeviceChoice{old, jabra},
			"Where it is not there: Old headset",
			[]string{"Forget Jabra", "Forget Old headset"},
		},
		{
			"three",
			[]account.DeviceChoice{webcam, old, jabra},
			"Where it is not there: Old headset, Webcam",
			[]string{"Forget Jabra", "Forget Old headset", "Forget Webcam"},
		},
		{"the system", []account.DeviceChoice{webcam, jabra, {}}, "", nil},
	} {
		for role, of := range map[account.Role]func(*settingsPage) *deviceOrder{
			account.RoleMicrophone: func(p *settingsPage) *deviceOrder { return p.sound.mics },
			account.RoleSpeaker:    func(p *settingsPage) *deviceOrder { return p.sound.speakers },
			account.RoleRinger:     func(p *settingsPage) *deviceOrder { return p.sound.ringers },
		} {
			t.Run(v.name+", "+string(role), func(t *testing.T) {
				o := open(t, Options{})
				s := idle()
				s.Devices.Settings = account.Devices{}
				for _, c := range v.chosen {
					s.Devices.Settings = s.Devices.Settings.Choose(role, c)
				}
				o.update(s)
				o.main.openSettings()
				uitest.Settle(o.main.win)
				page := o.main.page.(*settingsPage)
				order := of(page)
				told := strings.Join(strings.Fields(uitest.Texts(page.Object())), " ")
				if strings.Contains(told, "Where it is") != (v.told != "") || !strings.Contains(told, v.told) {
					t.Errorf("told %q", told)
				}
				if order.object.Visible() != (v.told != "") {
					t.Error("in another place")
				}
				if v.menu == nil {
					return
				}
				var labels []string
				for _, item := range order.menu().Items {
					labels = append(labels, item.Label)
				}
				if !slices.Equal(labels, v.menu) {
					t.Errorf("menu %q", labels)
				}
				o.phone.took()
				order.menu().Items[1].Action()
				o.expect(t, "forget "+string(role)+" "+s.Devices.Settings.Order(role)[1].ID)
				order.forget.Tapped(nil)
				if o.main.win.Canvas().Overlays().Top() == nil {
					t.Error("no menu")
				}
				o.update(phone.State{Serial: s.Serial + 1, Devices: phone.DeviceState{}})
				if order.object.Visible() {
					t.Error("told though nothing is wanted")
				}
			})
		}
	}
}
