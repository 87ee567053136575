package netsip

import (
	"runtime"
	"testing"
	"testing/synctest"
	"weak"
)

// owner is told of the changes of a call.
type owner struct{ changes []SessionState }

func (o *owner) told(s *Session) { o.changes = append(o.changes, s.state) }

// ending is a call that is over: its session, and what is to be gone.
type ending struct {
	*Session
	media weak.Pointer[fakeSession]
	owner weak.Pointer[owner]
}

// owned gives a call an owner, and notes what the call holds of its media.
func (b *bench) owned(s *Session) ending {
	o := &owner{}
	b.do(func() { s.OnChange(o.told) })
	return ending{s, weak.Make(b.media.last()), weak.Make(o)}
}

// TestAnEndedCallLetsItsMediaGo: a call that is over stays known for a while, for what the far end may yet send, and
// whoever asked for it may keep it for ever; what its sound took, and who was told of its changes, is let go at once,
// however it ended.
func TestAnEndedCallLetsItsMediaGo(t *testing.T) {
	for name, run := range map[string]func(b *bench, w *wire) ending{
		"we hang up": func(b *bench, w *wire) ending {
			s, _, _ := b.established(w)
			e := b.owned(s)
			b.do(s.HangUp)
			w.reply(w.expect("BYE"), 200)
			return e
		},
		"the far end hangs up": func(b *bench, w *wire) ending {
			s, _, f := b.established(w)
			e := b.owned(s)
			f.hangUp()
			return e
		},
		"media and owner are given with the call": func(b *bench, w *wire) ending {
			m, o := &fakeSession{}, &owner{}
			s := b.call("bob", CallOptions{Media: m, OnChange: o.told})
			w.reply(w.expect("INVITE"), 200, farContact, answerSDP)
			w.expect("ACK")
			b.do(s.HangUp)
			w.reply(w.expect("BYE"), 200)
			return ending{s, weak.Make(m), weak.Make(o)}
		},
		"refused": func(b *bench, w *wire) ending {
			s, invite := b.calling(w)
			e := b.owned(s)
			w.reply(invite, 486)
			w.expect("ACK")
			return e
		},
		"given up": func(b *bench, w *wire) ending {
			s, invite := b.calling(w)
			e := b.owned(s)
			w.reply(invite, 180)
			b.do(s.HangUp)
			w.reply(w.expect("CANCEL"), 200)
			w.reply(invite, 487)
			w.expect("ACK")
			return e
		},
		"given up, and nobody ever says anything": func(b *bench, w *wire) ending {
			s, _ := b.calling(w)
			e := b.owned(s)
			b.do(s.HangUp)
			return e
		},
		"answered, and the BYE is not": func(b *bench, w *wire) ending {
			s, _ := b.answered(w)
			e := b.owned(s)
			b.do(s.HangUp)
			w.expect("BYE")
			return e
		},
		"answered, the far end hangs up": func(b *bench, w *wire) ending {
			s, f := b.answered(w)
			e := b.owned(s)
			f.hangUp()
			return e
		},
		"not taken": func(b *bench, w *wire) ending {
			s, f := b.ringing(w)
			e := b.owned(s)
			b.do(func() { s.Reject(486, "") })
			w.send(f.ackOf(w.expect("486 INVITE")))
			return e
		},
		"the caller gives up": func(b *bench, w *wire) ending {
			s, f := b.ringing(w)
			e := b.owned(s)
			w.send(f.request("CANCEL"))
			w.expect("200 CANCEL")
			w.send(f.ackOf(w.expect("487 INVITE")))
			return e
		},
		"held": func(b *bench, w *wire) ending {
			s, f, hold := b.askingToHold(w)
			e := b.owned(s)
			w.agree(hold, recvSDP)
			f.hangUp()
			return e
		},
	} {
		t.Run(name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				e := run(b, w)
				b.until("end of the call", func() bool { return e.state == SessionEnded })
				if e.Media() != nil {
					t.Error("an ended call has media")
				}
				b.media.sessions = nil // the test's own
				synctest.Wait()
				runtime.GC()
				if e.media.Value() != nil || e.owner.Value() != nil {
					t.Errorf("an ended call keeps its media: %v, its owner: %v", e.media.Value() != nil,
						e.owner.Value() != nil)
				}
				runtime.KeepAlive(e.Session)
			})
		})
	}
}

// TestWhoEndsACallWhenToldOfItIsToldTheEnd: an owner may end a call in the very moment that it is told of a change,
// and is told of the end too, once.
func TestWhoEndsACallWhenToldOfItIsToldTheEnd(t *testing.T) {
	hangUp := (*Session).HangUp
	for name, c := range map[string]struct {
		at  SessionState // when the owner acts
		act func(*Session)
		run func(b *bench, w *wire, told func(*Session))
	}{
		"established": {SessionEstablished, hangUp, func(b *bench, w *wire, told func(*Session)) {
			b.call("bob", CallOptions{OnChange: told})
			w.reply(w.expect("INVITE"), 200, farContact, answerSDP)
			w.expect("ACK")
			w.reply(w.expect("BYE"), 200)
		}},
		"established, and the BYE is not answered": {
			SessionEstablished, hangUp, func(b *bench, w *wire, told func(*Session)) {
				b.call("bob", CallOptions{OnChange: told})
				w.reply(w.expect("INVITE"), 200, farContact, answerSDP)
				w.expect("ACK")
				w.expect("BYE")
			},
		},
		"it rings": {SessionRinging, hangUp, func(b *bench, w *wire, told func(*Session)) {
			b.call("bob", CallOptions{OnChange: told})
			invite := w.expect("INVITE")
			w.reply(invite, 180)
			w.reply(w.expect("CANCEL"), 200)
			w.reply(invite, 487)
			w.expect("ACK")
		}},
		"it is called": {SessionIncoming, hangUp, func(b *bench, w *wire, told func(*Session)) {
			s, f := b.ringing(w)
			b.do(func() { s.OnChange(told); s.changed() })
			w.send(f.ackOf(w.expect("480 INVITE")))
		}},
		"it answers": {SessionAnswering, hangUp, func(b *bench, w *wire, told func(*Session)) {
			s, f := b.answered(w)
			b.do(func() { s.OnChange(told); s.changed() })
			f.hangUp()
		}},
		"nothing is heard": {SessionEstablished, (*Session).DropUnheard, func(b *bench, w *wire, told func(*Session)) {
			s, _, _ := b.established(w)
			b.do(func() { s.OnChange(told); s.changed() })
			w.reply(w.expect("BYE"), 200)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				ends := 0
				c.run(b, w, func(s *Session) {
					switch s.state {
					case c.at:
						c.act(s)
					case SessionEnded:
						ends++
					}
				})
				synctest.Wait()
				if ends != 1 {
					t.Errorf("told %d times that it has ended", ends)
				}
			})
		})
	}
}
