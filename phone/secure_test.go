package phone

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/rtc"
	"calla/phone/cause"
)

// TestCallWithoutEncryptionEnds: an answered call whose encryption does not come about is over after half a minute,
// whatever the media waits for, and what is said is what was missing: a firewall only where nothing passes at all.
//
// Holds: media-encryption
func TestCallWithoutEncryptionEnds(t *testing.T) {
	for _, c := range []struct {
		name     string
		lacks    rtc.Failure
		kind     cause.Kind
		firewall bool
	}{
		{"no path", rtc.FailureNoPath, cause.NoPath, true},
		{"DTLS does not begin", rtc.FailureHandshake, cause.EncryptionNotBegun, false},
		{"DTLS is refused", rtc.FailureEncryption, cause.NoEncryption, false},
		{"nothing is told", rtc.FailureNone, cause.NoPath, true},
		{"the path is lost in the handshake", rtc.FailurePathLost, cause.NoPath, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.wire.stalls, w.wire.failure = true, c.lacks
				alice, bob := w.phone("alice"), w.phone("bob")
				alice.Dial("", "bob")
				ringing := bob.phase(PhaseIncoming)
				time.Sleep(secureTime + 10*time.Second) // it may ring for longer
				bob.Answer(ringing.ID)
				alice.phase(PhaseEstablished)
				answered := time.Now()
				time.Sleep(secureTime - time.Second)
				alice.phase(PhaseEstablished)
				e := alice.end()
				if took := time.Since(answered); took > secureTime+time.Second {
					t.Errorf("ended %v after the answer", took)
				}
				if e.Cause.Kind != c.kind || strings.Contains(tell(e.Cause).Why, "firewall") != c.firewall {
					t.Errorf("said %q %+v", said(e.Cause), e.Cause)
				}
			})
		})
	}
}

// TestSecuredCallIsLeftAlone: what was heard once is not ended for what it lacks later.
//
// Holds: media-encryption
func TestSecuredCallIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.Dial("", "bob")
		bob.Answer(bob.phase(PhaseIncoming).ID)
		alice.phase(PhaseEstablished)
		time.Sleep(3 * secureTime)
		alice.phase(PhaseEstablished)
		bob.phase(PhaseEstablished)
	})
}
