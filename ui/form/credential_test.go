package form

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calla/netsip/config"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestOnlyAKeptCredentialMayStayEmpty: a TURN server whose credential is kept elsewhere is saved without one, a new one
// is not, nor is any other fault of a row with a kept one; what is typed counts as it is typed.
func TestOnlyAKeptCredentialMayStayEmpty(t *testing.T) {
	for _, c := range []struct {
		name, kept, url, credential string // what is typed for the kept server, and for a new one
		bad                         string
	}{
		{"the kept one alone", "", "", "", ""},
		{"another one for the kept", "n3w", "", "", ""},
		{"a new one with its own", "", "turn:new.example.com", "0wn", ""},
		{"a new one without", "", "turn:new.example.com", "", "has a server without credential"},
		{"a new one with a wrong address", "", "stun:new.example.com", "0wn", "must begin with turn: or turns:"},
		{"a control character before it", "\x01kept", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			bare := simple()
			bare.TurnServers = []config.TurnServer{{URLs: []string{"turn:old.example.com"}, Username: "u"}}
			o, f := openForm(t, bare)
			field := f.fields["turn_servers"]
			uitest.LaidOut[*widget.Entry](field.object)[2].SetText(c.kept)
			if c.url != "" {
				uitest.Press(t, field.object, "Add a TURN server")
				row := uitest.LaidOut[*widget.Entry](field.object)[3:]
				row[0].SetText(c.url)
				row[1].SetText("v")
				row[2].SetText(c.credential)
			}
			if !strings.Contains(field.bad, c.bad) || (field.bad == "") != (c.bad == "") {
				t.Errorf("told %q", field.bad)
			}
			test.Tap(f.save)
			if o.left != (c.bad == "") {
				t.Fatalf("saved %t", o.left)
			}
			if !o.left {
				return
			}
			var values []string
			for _, secret := range o.secret.Values {
				values = append(values, secret.Reveal())
			}
			want := slices.DeleteFunc([]string{c.kept, c.credential}, func(s string) bool { return s == "" })
			if !slices.Equal(values, want) {
				t.Errorf("%d secrets", len(values))
			}
			if servers := o.saved.Config.TurnServers; servers[0].URLs[0] != "turn:old.example.com" ||
				len(servers) != 1 && servers[1].Username != "v" {
				t.Errorf("%d servers", len(servers))
			}
		})
	}
}
