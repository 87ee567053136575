package phone

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sandbox"
	"calla/phone/cause"
)

// Holds: problems-and-wizard
func TestALostServerDoesNotSoundLikeALostCall(t *testing.T) {
	for name, gone := range map[string]sandbox.ConnectFault{
		"nothing listens":  {Refuse: true},
		"does not answer":  {Stall: true},
		"web server fails": {HTTPStatus: 503},
		"wrong path":       {HTTPStatus: 404},
		"closes at once":   {CloseCode: 1013},
		"not SIP":          {Subprotocol: "mqtt"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				mine, _ := alice.talk(bob)
				w.server.Faults().OnConnect(-1, gone)
				w.server.Faults().Cut("alice")
				s := alice.until("told", func(s State) bool { return s.Accounts[0].Problem != nil })
				for range 20 {
					if p := s.Accounts[0].Problem; p != nil && (!strings.Contains(tell(*p).Title, "The call goes on") ||
						p.Action == cause.ActionEditAccount) {
						t.Fatalf("said %+v", p)
					}
					time.Sleep(500 * time.Millisecond)
					s = alice.State()
				}
				if s.Calls[0].Phase != PhaseEstablished {
					t.Fatalf("the call: %+v", s.Calls[0])
				}
				alice.HangUp(mine.ID)
				after := alice.until("alone",
					func(s State) bool { return len(s.Calls) == 0 && s.Accounts[0].Problem != nil })
				if p := after.Accounts[0].Problem; strings.Contains(tell(*p).Title, "The call goes on") {
					t.Errorf("after the call: %+v", p)
				}
			})
		})
	}
}
