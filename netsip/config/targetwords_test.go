package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// Holds: who-ended
func TestReasonsOfTargetsFinishASentence(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "brackets": "<>", "two lines": "a\r\nb", "NUL": "bob\x00", "web": "http://x.com/",
		"secure web": "HTTPS://x.com",
		"mail":       "mailto:bob@x.com", "socket": "wss://x.com/ws", "headers": "bob?Route=%3csip:evil%3e",
		"no host": "bob@", "separators": " - ",
	} {
		_, err := DialTarget(text, "d.example")
		var wrong *TargetError
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		verb, _, _ := strings.Cut(wrong.Reason, " ")
		known := []string{
			"is", "has", "names", "begins", "holds", "looks", "needs", "cannot", "does", "was", "reads",
			"may", "must", "stands", "lacks",
		}
		if !slices.Contains(known, verb) || strings.HasSuffix(wrong.Reason, ".") {
			t.Errorf("%s: it %s", name, wrong.Reason)
		}
	}
}
