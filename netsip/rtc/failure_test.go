package rtc

import (
	"strings"
	"testing"
	"time"

	"github.com/pion/transport/v5/vnet"
)

// TestWhyMediaFailsIsTold: a path without encryption is not a missing path.
//
// Holds: media-encryption
func TestWhyMediaFailsIsTold(t *testing.T) {
	isSTUN := func(b []byte) bool { return len(b) > 0 && b[0] < 4 }
	isDTLS := func(b []byte) bool { return len(b) > 0 && b[0] >= 20 && b[0] <= 63 } // RFC 7983 section 7
	for name, c := range map[string]struct {
		passes func([]byte) bool
		want   Failure
	}{
		"nothing passes":             {func([]byte) bool { return false }, FailureNoPath},
		"connectivity checks do not": {func(b []byte) bool { return !isSTUN(b) }, FailureNoPath},
		"DTLS does not":              {func(b []byte) bool { return !isDTLS(b) }, FailureHandshake},
	} {
		t.Run(name, func(t *testing.T) {
			inBubbleOn(t, func(chunk vnet.Chunk) bool { return c.passes(chunk.UserData()) }, nil, nil,
				func(t *testing.T, p *pair) {
					p.offer(p.a, p.b)
					for waited := time.Duration(0); p.a.State() != Failed &&
						waited < 2*time.Minute; waited += time.Second {
						time.Sleep(time.Second)
					}
					if p.a.State() != Failed || p.a.Failure() != c.want {
						t.Errorf("state %v: %v, want %v", p.a.State(), p.a.Failure(), c.want)
					}
					if err := p.a.Close(); err != nil || p.a.Failure() != c.want {
						t.Errorf("closed: %v, %v", p.a.Failure(), err)
					}
				})
		})
	}
	for f := FailureNone; f <= FailureSources; f++ {
		if f.Error() == "" || strings.HasSuffix(f.Error(), ".") {
			t.Errorf("%d: %q", f, f.Error())
		}
	}
}
