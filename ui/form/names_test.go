package form

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"calla/netsip/config"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestFieldsAreNamedByTheirLabels: whoever does not see a field hears what it is for, not the example in it, and never
// a secret.
func TestFieldsAreNamedByTheirLabels(t *testing.T) {
	c := uitest.FullConfig(t)
	o, f := openForm(t, c)
	f.ShowAll()
	uitest.Settle(o.win)
	for _, p := range config.Parameters() {
		if p.Kind == config.KindConnector {
			continue
		}
		says := ""
		switch input := uitest.Input(t, f.Object(), p.Name).(type) {
		case *widget.Entry:
			says = input.AccessibilityLabel()
			if p.Kind == config.KindSecret && says != p.Label {
				t.Errorf("the secret %s says %q", p.Name, says)
			}
		case fyne.Accessible:
			says = input.AccessibilityLabel()
		}
		if !strings.HasPrefix(says, p.Label) {
			t.Errorf("%s says %q, its label is %q", p.Name, says, p.Label)
		}
	}
	for _, e := range uitest.LaidOut[*widget.Entry](f.Object()) {
		if strings.HasPrefix(e.AccessibilityLabel(), e.PlaceHolder) && e.PlaceHolder != "User name" &&
			e.PlaceHolder != "Credential" && e.PlaceHolder != "" {
			t.Errorf("a field is called by its example: %q", e.AccessibilityLabel())
		}
	}
}
