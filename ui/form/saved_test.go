package form

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2/test"
)

// errDisk is of a disk.
var errDisk = errors.New("disk full")

// TestWhatIsTypedWhileItIsSavedIsNotLost: a keyring may take its time. The form stays, asks when it is left, and saves
// the rest at the next press.
func TestWhatIsTypedWhileItIsSavedIsNotLost(t *testing.T) {
	for _, c := range []struct {
		name  string
		typed string // meanwhile
		err   error
		left  bool // once it is saved
	}{
		{"nothing", "", nil, true},
		{"a name", "Alice", nil, false},
		{"a name, and it fails", "Alice", errDisk, false},
		{"nothing, and it fails", "", errDisk, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, f := openForm(t, simple())
			o.slow, o.saveErr = true, []error{c.err}
			typeInto(f.fields["realm"], "example.com")
			test.Tap(f.save)
			if c.typed != "" {
				typeInto(f.fields["display_name"], c.typed)
			}
			o.finish()
			if o.left != c.left || !c.left && !f.Unsaved() {
				t.Fatalf("left: %t, unsaved: %t", o.left, f.Unsaved())
			}
			if c.left {
				return
			}
			test.Tap(f.save)
			o.finish()
			if !o.left || o.saved.Config.DisplayName != c.typed {
				t.Errorf("left: %t, saved %q", o.left, o.saved.Config.DisplayName)
			}
		})
	}
}
