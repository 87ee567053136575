package autostart

import (
	"encoding/xml"
	"slices"
	"testing"
)

// TestALaunchAgentHoldsTheCommandAsItIs: whatever is in it.
func TestALaunchAgentHoldsTheCommandAsItIs(t *testing.T) {
	for _, c := range []struct {
		name    string
		command []string
	}{
		{"plain", []string{"/Applications/Calla.app/Contents/MacOS/calla"}},
		{"markup", []string{"/a<b>&amp;\"'/calla", "--profile=</string>"}},
		{"blanks", []string{"/a b/calla", "--profile= x "}},
		{"letters of others", []string{"/電話/calla", "--hidden"}},
		{"percent and dollar", []string{"/100%/$HOME/calla"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got struct {
				Words []string `xml:"dict>array>string"`
			}
			if err := xml.Unmarshal([]byte(plist("app.calla.Calla", c.command)), &got); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Words, c.command) {
				t.Errorf("%q", got.Words)
			}
		})
	}
}
