package ui

import (
	"slices"
	"strings"
	"testing"

	"calla/phone"
	"calla/ui/desktop"
)

// TestWhatIsPressedBesideTheWindowIsDone: by the phone at once, whatever the window shows.
func TestWhatIsPressedBesideTheWindowIsDone(t *testing.T) {
	for _, c := range []struct {
		name string
		p    desktop.Press
		want string // of the phone
	}{
		{"answer", desktop.Press{Deed: desktop.Answer, Call: "c1"}, "answer c1"},
		{"decline", desktop.Press{Deed: desktop.Decline, Call: "c1"}, "decline c1"},
		{
			"call back",
			desktop.Press{Deed: desktop.CallBack, From: desktop.Caller{AccountID: "a", URI: "sip:b@x"}},
			"redial a sip:b@x",
		},
		{"show", desktop.Press{Deed: desktop.Open}, ""},
		{"unknown", desktop.Press{Deed: "x"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			o.app.update(phone.State{})
			o.app.main.openSettings()
			o.phone.took()
			o.app.pressed(c.p)
			if did := strings.Join(o.phone.took(), "; "); !strings.Contains(did, c.want) || c.want == "" && did != "" {
				t.Errorf("did %q", did)
			}
			covered := slices.Contains([]desktop.Deed{desktop.Answer, desktop.CallBack}, c.p.Deed)
			if open := o.app.main.page != nil; open == covered {
				t.Errorf("the page is open: %v", open)
			}
		})
	}
}
