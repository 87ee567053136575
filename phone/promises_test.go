package phone

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/rtc"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
)

// Holds: promised-times
func TestReconnectingIsPromisedForAMinuteAndKept(t *testing.T) {
	for name, lose := range map[string]func(p *testPhone, s *fakeSession){
		"disconnected": func(_ *testPhone, s *fakeSession) { s.become(rtc.Disconnected) },
		"failed":       func(_ *testPhone, s *fakeSession) { s.become(rtc.Failed) },
		"network changed": func(p *testPhone, s *fakeSession) {
			s.lose(true)
			p.NetworkChanged()
			time.Sleep(4 * time.Second)
			s.become(rtc.Disconnected)
		},
		"another path is tried out": func(_ *testPhone, s *fakeSession) {
			s.become(rtc.Disconnected)
			time.Sleep(20 * time.Second)
			s.become(rtc.Connecting)
			time.Sleep(25 * time.Second)
			s.become(rtc.Failed)
		},
		"again and again": func(_ *testPhone, s *fakeSession) {
			s.become(rtc.Disconnected)
			for range 5 {
				time.Sleep(8 * time.Second)
				s.become(rtc.Connecting)
				s.become(rtc.Disconnected)
			}
		},
		"only tried out, no sign else": func(p *testPhone, s *fakeSession) {
			s.lose(true)
			p.NetworkChanged()
			time.Sleep(time.Second)
			s.become(rtc.Connecting)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				alice.talk(bob)
				media := alice.session()
				go lose(alice, media)
				alice.until("reconnecting",
					func(s State) bool { p := s.Calls[0].Problem; return p != nil && tell(*p).Short == "Reconnecting" })
				told := time.Now()
				e := alice.end()
				if kept := time.Since(told); kept < keptTime-time.Second || kept > keptTime+time.Second {
					t.Errorf("kept for %v", kept)
				}
				if !strings.Contains(said(e.Cause), "a minute") || tell(e.Cause).Title == "" {
					t.Errorf("said %q", said(e.Cause))
				}
				bob.end()
				time.Sleep(2 * time.Minute) // what lose does yet
			})
		})
	}
}

// Holds: promised-times
func TestASilentFarEndIsNotReconnectingForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.talk(bob)
		alice.session().lose(true) // its path is proven all the time: ICE has no doubt
		alice.NetworkChanged()
		alice.until("reconnecting", func(s State) bool {
			p := s.Calls[0].Problem
			return p != nil &&
				tell(*p).Short == "Reconnecting"
		})
		alice.until("well", func(s State) bool {
			p := s.Calls[0].Problem
			return p == nil ||
				tell(*p).Short != "Reconnecting"
		})
		time.Sleep(2 * time.Minute)
		if len(alice.State().Calls) != 1 {
			t.Error("the call was dropped")
		}
	})
}

// Holds: promised-times
func TestEveryPromisedTimeIsKept(t *testing.T) {
	for name, keeps := range map[string]func(t *testing.T, w *world){
		"the next attempt to connect": func(t *testing.T, w *world) {
			w.server.Faults().OnConnect(-1, sandbox.ConnectFault{Refuse: true})
			alice := w.account("alice")
			p := w.bare("alice")
			p.save(alice, "session")
			for range 6 {
				s := p.until("waiting", func(s State) bool {
					return len(s.Accounts) > 0 && s.Accounts[0].Status == StatusRetrying &&
						!s.Accounts[0].RetryAt.IsZero()
				})
				at := s.Accounts[0].RetryAt
				p.until("trying", func(s State) bool {
					return s.Accounts[0].Status == StatusConnecting ||
						s.Accounts[0].RetryAt.After(at)
				})
				if late := time.Since(at); late < -50*time.Millisecond || late > 200*time.Millisecond {
					t.Errorf("tried %v after the promised time", late)
				}
			}
		},
		"the end of ringing": func(t *testing.T, w *world) { rings(t, w, 60*time.Second) },
		"the end of ringing, by the caller": func(t *testing.T, w *world) {
			w.server.Faults().Add(sandbox.Fault{
				Match: func(e sandbox.Event) bool { return e.Sent && e.Message != nil && e.Message.Method == "INVITE" },
				Times: -1,
				Edit:  func(m *sip.Message) { m.Add("Expires", "20") },
			})
			rings(t, w, 20*time.Second)
		},
		"the question of a transfer": func(t *testing.T, w *world) {
			alice, bob := w.phone("alice"), w.phone("bob")
			w.phone("carol")
			mine, _ := alice.talk(bob)
			alice.Transfer(mine.ID, "carol")
			r := bob.until("asked", func(s State) bool { return len(s.Referrals) == 1 }).Referrals[0]
			bob.until("declined", func(s State) bool { return len(s.Referrals) == 0 })
			if late := time.Since(r.Until); late < -10*time.Millisecond || late > 100*time.Millisecond {
				t.Errorf("declined %v after the promised time", late)
			}
			alice.transferWords("The transfer to carol was declined")
		},
		"the card of an ended call": func(t *testing.T, w *world) {
			p := w.phone("alice")
			p.Dial("", "nobody")
			p.end()
			began := time.Now()
			p.until("gone", func(s State) bool { return s.Ended == nil })
			if took := time.Since(began); took < endedTime-50*time.Millisecond || took > endedTime+50*time.Millisecond {
				t.Errorf("gone after %v", took)
			}
		},
		"a refusal": func(t *testing.T, w *world) {
			p := w.phone("alice")
			p.Dial("", "http://x")
			p.refusal(CommandDial)
			began := time.Now()
			p.until("gone", func(s State) bool { return s.Refusal == nil })
			if took := time.Since(began); took < refusalTime-50*time.Millisecond ||
				took > refusalTime+50*time.Millisecond {
				t.Errorf("gone after %v", took)
			}
		},
		"quitting": func(t *testing.T, w *world) {
			p, bob := w.phone("alice"), w.phone("bob")
			p.talk(bob)
			w.server.Faults().Stall()
			began := time.Now()
			p.Phone.Close()
			if took := time.Since(began); took > closeTime+time.Second {
				t.Errorf("quitting took %v", took)
			}
			w.server.Faults().Resume()
		},
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { keeps(t, newWorld(t)) }) })
	}
}

// rings lets a call ring that nobody answers.
func rings(t *testing.T, w *world, wait time.Duration) {
	alice, bob := w.phone("alice"), w.phone("bob")
	alice.Dial("", "bob")
	in := bob.phase(PhaseIncoming)
	if left := time.Until(in.AnswerBy); left < wait-time.Second || left > wait {
		t.Errorf("answer by in %v, want %v", left, wait)
	}
	bob.end()
	if late := time.Since(in.AnswerBy); late < -50*time.Millisecond || late > 500*time.Millisecond {
		t.Errorf("rang until %v after the promised time", late)
	}
}

// Holds: promised-times
func TestOnlyWhatIsTriedAgainIsPromised(t *testing.T) {
	for name, status := range map[string]int{
		"bad request": 400, "payment": 402, "forbidden": 403, "unknown": 404, "timeout": 408, "extension": 420,
		"unavailable":  480,
		"server error": 500, "not implemented": 501, "overload": 503, "busy everywhere": 600, "declined": 603,
		"moved": 302,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("REGISTER"), Status: status, Times: -1})
				p := w.bare("alice")
				p.save(w.account("alice"), "session")
				a := p.until("refused", func(s State) bool {
					return len(s.Accounts) > 0 && (s.Accounts[0].Status == StatusFailed ||
						s.Accounts[0].Status == StatusRetrying)
				}).Accounts[0]
				if a.Problem == nil {
					t.Fatal("nothing told")
				}
				promised := strings.Contains(tell(*a.Problem).Do, "We ")
				if a.Status == StatusFailed && promised {
					t.Errorf("stopped, and promises %q", tell(*a.Problem).Do)
				}
				if a.Status == StatusRetrying {
					again := p.until("again", func(s State) bool {
						return s.Accounts[0].Status == StatusRegistering || s.Accounts[0].RetryAt.After(a.RetryAt)
					})
					if late := time.Since(a.RetryAt); late < -50*time.Millisecond || late > time.Second {
						t.Errorf("tried %v after the promised time: %v", late, again.Accounts[0].Status)
					}
				}
			})
		})
	}
}
