package phone

import (
	"context"
	"crypto/x509"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/stun/v4"

	"calla/netsip"
	"calla/netsip/rtc"
	"calla/netsip/ws"
	"calla/phone/cause"
	"calla/phone/words"
)

func turnError(code int, reason string) error {
	return &stun.TurnError{ErrorCodeAttr: stun.ErrorCodeAttribute{Code: stun.ErrorCode(code), Reason: []byte(reason)}}
}

// TestTheTURNServerThatFailsIsNamed with the reason, where a call came to nothing for the want of a relay.
//
// Holds: relay-only
func TestTheTURNServerThatFailsIsNamed(t *testing.T) {
	const turn = "turn:turn.example.com:3478"
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	one := func(err error) []rtc.RelayFailure { return []rtc.RelayFailure{{URI: turn, Err: err}} }
	late := rtc.RelayFailure{URI: turn, Err: context.DeadlineExceeded, After: 900 * time.Millisecond}
	noCA := &ws.FileError{Parameter: "calla.tls_ca", Path: "/ca.pem", Err: os.ErrNotExist}
	silent := rtc.RelayFailure{
		URI:   "turn:other.example.com",
		Err:   context.DeadlineExceeded,
		After: 900 * time.Millisecond,
	}
	both := append([]rtc.RelayFailure{silent}, one(turnError(401, ""))...)
	for _, v := range []struct {
		name     string
		failures []rtc.RelayFailure
		kind     cause.Kind
		says     string
	}{
		{"wrong password", one(turnError(401, "Unauthorized")), cause.TURNRefused, "rejected its user name"},
		{"wrong credentials", one(turnError(441, "")), cause.TURNRefused, "rejected"},
		{"quota", one(turnError(486, "Allocation Quota Reached")), cause.TURNQuota, "no further relay"},
		{"full", one(turnError(508, "Insufficient Capacity")), cause.TURNFull, "is full"},
		{"another code", one(turnError(403, "Forb\x1b[2Jidden")), cause.TURNError, "403 Forb"},
		{"unreachable", []rtc.RelayFailure{late}, cause.ICENoAnswer, "No answer from"},
		{"closed port", one(refused), cause.ICEUnusable, "cannot be used"},
		{"no such name", one(&net.DNSError{IsNotFound: true}), cause.ICEServerNotFound, "Can't find"},
		{"TLS not trusted", one(x509.UnknownAuthorityError{}), cause.ICENotTrusted, "certificate"},
		{"authority's file missing", one(noCA), cause.FileUnusable, "ca.pem"},
		{"behind a silent one", both, cause.TURNRefused, "rejected"},
	} {
		t.Run(v.name, func(t *testing.T) {
			field := "turn_servers"
			if v.kind == cause.ICENotTrusted || v.kind == cause.FileUnusable {
				field = "calla.tls_ca"
			}
			end := &netsip.End{By: netsip.System, Cause: netsip.CauseMedia, Err: &netsip.MediaError{
				Fault: netsip.MediaFaultNoRelay, StatusCode: 480, Reason: "no relay",
				Err: &rtc.RelayError{Failures: v.failures},
			}}
			e := explainEnd(end, CallState{Address: "bob"})
			if e.Kind != cause.MediaNoRelay || e.Because == nil || e.Because.Kind != v.kind || e.Server != turn ||
				e.Action != cause.ActionEditAccount || e.Parameter != field {
				t.Fatalf("%+v, because %+v", e.Cause, e.Because)
			}
			told := words.English().Tell(e.Cause)
			if !strings.Contains(told.Title, v.says) ||
				v.kind != cause.FileUnusable && !strings.Contains(told.Title, turn) ||
				!strings.Contains(told.Why, "TURN only") ||
				strings.ContainsAny(told.Title, "\x1b{") {
				t.Errorf("%q, %q", told.Title, told.Why)
			}
			for _, f := range v.failures {
				if !strings.Contains(e.Detail, f.URI) {
					t.Errorf("%s is not in %q", f.URI, e.Detail)
				}
			}
		})
	}
}

// TestATURNServerThatFailsIsARemark where sound has other ways: the call goes on, and nothing is wrong with it.
//
// Holds: relay-only
func TestATURNServerThatFailsIsARemark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.talk(bob)
		media := alice.session()
		media.mu.Lock()
		media.relays = []rtc.RelayFailure{{URI: "turn:turn.example.com", Err: turnError(486, "Quota")}}
		media.mu.Unlock()
		s := alice.until("told", func(s State) bool { return len(s.Calls) == 1 && len(s.Calls[0].Remarks) == 1 })
		remark := s.Calls[0].Remarks[0]
		if remark.Kind != cause.TURNQuota || remark.Server != "turn:turn.example.com" ||
			s.Calls[0].Problem != nil || s.Calls[0].Phase != PhaseEstablished {
			t.Errorf("%+v", s.Calls[0])
		}
	})
}

// TestALostRelayMovesTheSound at once, and not before the call is up.
//
// Holds: relay-only
func TestALostRelayMovesTheSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.talk(bob)
		media := alice.session()
		before := media.restarted()
		media.mu.Lock()
		lost := media.onRelayLost
		media.mu.Unlock()
		lost()
		time.Sleep(time.Second)
		if got := media.restarted() - before; got != 1 {
			t.Errorf("%d restarts", got)
		}
	})
}
