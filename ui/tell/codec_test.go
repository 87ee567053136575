package tell

import "testing"

// TestCodecsAreCalledByTheirNames, in whatever letters SDP writes them.
func TestCodecsAreCalledByTheirNames(t *testing.T) {
	for encoding, want := range map[string]string{
		"opus": "Opus", "OPUS": "Opus", "PCMU": "PCMU", "PCMA": "PCMA", "G722": "G722", "": "", "x\ny": "x y",
	} {
		if got := Codec(encoding); got != want {
			t.Errorf("%q is called %q, want %q", encoding, got, want)
		}
	}
}
