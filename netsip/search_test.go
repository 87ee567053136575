package netsip

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sip"
)

// ringsOut is a call to bob who rings, cut off from our side for a while; it returns the flow after that, and the
// INVITE.
func (b *bench) ringsOut(w *wire, away time.Duration, options CallOptions, lines ...string) (
	*Session, *wire, *sip.Message,
) {
	b.Helper()
	s := b.call("bob", options)
	invite := w.expect("INVITE")
	w.reply(invite, 180, append([]string{farContact}, lines...)...)
	b.reaches(s, SessionRinging)
	return s, b.cutFor(w, away), invite
}

// cutFor cuts the flow, lets no other be made for a while, and returns the next one.
func (b *bench) cutFor(w *wire, away time.Duration) *wire {
	b.Helper()
	b.setRefuse(func(string) error { return errors.New("away") })
	w.close()
	time.Sleep(away)
	b.setRefuse(nil)
	b.do(b.ua.RetryNow)
	return b.next()
}

// asks checks the INVITE that looks for a call which rings.
func (w *wire) asks(first *sip.Message) *sip.Message {
	w.b.Helper()
	m := w.expect("INVITE")
	if want := first.CallID() + ";to-tag=far;from-tag=" + first.FromTag(); m.Get("Replaces") != want ||
		m.Get("Require") != "replaces" || m.ToTag() != "" || m.CallID() == first.CallID() ||
		m.FromTag() == first.FromTag() || m.RequestURI.String() != first.RequestURI.String() ||
		m.Get("From")[:strings.Index(m.Get("From"), ";tag=")] !=
			first.Get("From")[:strings.Index(first.Get("From"), ";tag=")] ||
		string(m.Body) != string(first.Body) {
		w.b.Fatalf("INVITE:\n%s", m)
	}
	return m
}

// leaves takes what the far ends of an INVITE are told that is not wanted any more: CANCEL, and BYE where it rang.
func (w *wire) leaves(first *sip.Message, want ...string) {
	w.b.Helper()
	var got []string
	for range want {
		m := <-w.in
		got = append(got, m.Method)
		if m.CallID() != first.CallID() || m.Method == "CANCEL" && m.Get("Via") != first.Get("Via") ||
			m.Method == "BYE" && m.ToTag() != "far" {
			w.b.Fatalf("%s of another call:\n%s", m.Method, m)
		}
		w.reply(m, 481)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		w.b.Fatalf("user agent sent %v, want %v", got, want)
	}
}

// A call that rang when our flow was lost is found again where the far end knows it, and goes on as if nothing had
// been.
//
// Holds: call-found-again
func TestRingingCallIsFoundAgain(t *testing.T) {
	for _, c := range []struct {
		name string
		away time.Duration
		find func(b *bench, w *wire, s *Session, first *sip.Message) (*wire, *sip.Message)
	}{
		{"it rings on", time.Second, func(_ *bench, w *wire, _ *Session, first *sip.Message) (*wire, *sip.Message) {
			m := w.asks(first)
			w.reply(m, 180, farContact, "To-Tag: again")
			w.leaves(first, "CANCEL")
			return w, m
		}},
		{"it was answered meanwhile", 20 * time.Second, func(
			_ *bench, w *wire, _ *Session, first *sip.Message,
		) (*wire, *sip.Message) {
			return w, w.asks(first)
		}},
		{"its server has started anew", 3 * time.Second, func(
			_ *bench, w *wire, _ *Session, first *sip.Message,
		) (*wire, *sip.Message) {
			for _, code := range []int{404, 480, 503} { // who rings is not back yet
				w.reply(w.asks(first), code)
				w.expect("ACK")
			}
			m := w.asks(first)
			w.reply(m, 180, farContact, "To-Tag: again")
			w.leaves(first, "CANCEL")
			return w, m
		}},
		{"another phone is asked first", time.Second, func(
			_ *bench, w *wire, _ *Session, first *sip.Message,
		) (*wire, *sip.Message) {
			w.reply(w.asks(first), 481)
			w.expect("ACK")
			return w, w.asks(first)
		}},
		{"the flow is lost again while it is asked for", time.Second, func(
			b *bench, w *wire, _ *Session, first *sip.Message,
		) (*wire, *sip.Message) {
			w.asks(first)
			w = b.cutFor(w, time.Second)
			return w, w.asks(first)
		}},
		{"the flow is lost again when it was found", time.Second, func(
			b *bench, w *wire, s *Session, first *sip.Message,
		) (*wire, *sip.Message) {
			m := w.asks(first)
			w.reply(m, 180, farContact)
			w.leaves(first, "CANCEL")
			b.until("found", func() bool { return !s.Reconnecting() })
			w = b.cutFor(w, time.Second)
			return w, w.asks(m)
		}},
		{"it rings reliably", time.Second, func(
			_ *bench, w *wire, _ *Session, first *sip.Message,
		) (*wire, *sip.Message) {
			m := w.asks(first)
			w.reply(m, 180, farContact, "Require: 100rel", "RSeq: 7")
			var got []string
			for range 2 {
				next := <-w.in
				got = append(got, next.Method)
				w.reply(next, 200)
			}
			if slices.Sort(got); !slices.Equal(got, []string{"CANCEL", "PRACK"}) {
				t.Errorf("sent %v", got)
			}
			return w, m
		}},
		{"the server wants the password", time.Second, func(
			_ *bench, w *wire, _ *Session, first *sip.Message,
		) (*wire, *sip.Message) {
			m := w.asks(first)
			w.reply(m, 407, challenge407("two"))
			w.expect("ACK")
			return w, w.expect("INVITE")
		}},
		{"what the INVITE was answered with comes late", time.Second, func(
			b *bench, w *wire, s *Session, first *sip.Message,
		) (*wire, *sip.Message) {
			m := w.asks(first)
			w.reply(first, 487) // as the far end left it for the new one
			w.expect("ACK")
			w.reply(m, 180, farContact)
			synctest.Wait()
			return w, m
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, options := range map[string]CallOptions{"": {}, ", anonymously": {Anonymous: true}} {
				t.Run(c.name+name, func(t *testing.T) {
					config := testConfig()
					config.Realm = "example.com"
					ladder(t, config, func(b *bench, w *wire) {
						s, w, first := b.ringsOut(w, c.away, options)
						b.do(func() {
							if !s.Reconnecting() || s.State() != SessionRinging {
								t.Errorf("%v, reconnecting: %v", s.State(), s.Reconnecting())
							}
						})
						id := s.ID()
						w, m := c.find(b, w, s, first)
						ok := w.reply(m, 200, farContact, answerSDP, "To-Tag: answers")
						for next := ""; next != "ACK"; { // CANCEL may be on its way
							got := <-w.in
							if next = got.Method; next != "ACK" && next != "CANCEL" {
								t.Fatalf("sent %s", title(got))
							}
						}
						b.reaches(s, SessionEstablished)
						b.do(func() {
							if s.Reconnecting() || s.ID() != id || len(b.ua.Sessions()) != 1 {
								t.Errorf("reconnecting: %v", s.Reconnecting())
							}
						})
						time.Sleep(2 * timeout)
						for len(w.in) > 0 {
							if m := <-w.in; m.Method != "CANCEL" {
								t.Errorf("sent %s", title(m))
							}
						}
						w.callee(m, ok).hangUp()
						b.ended(s, Remote, CauseBye)
						b.clean()
					})
				})
			}
		})
	}
}

// A call that rang when our flow was lost and is not found again ends, soon and with a true reason, and whoever rings
// is told.
//
// Holds: call-found-again
func TestRingingCallThatIsNotFoundEnds(t *testing.T) {
	refused := func(codes ...int) func(*bench, *wire, *sip.Message) {
		return func(_ *bench, w *wire, first *sip.Message) {
			for _, code := range codes {
				w.reply(w.asks(first), code)
				w.expect("ACK")
			}
		}
	}
	for _, c := range []struct {
		name string
		away time.Duration
		seek func(b *bench, w *wire, first *sip.Message)
		most time.Duration // from the loss to the end
	}{
		{"nobody knows it", time.Second, refused(481, 481, 481), 6 * time.Second},
		{"a phone without Replaces", time.Second, refused(420), 2 * time.Second},
		{"a phone that wants another state", time.Second, refused(403), 2 * time.Second},
		{"it has ended meanwhile", 20 * time.Second, refused(603), 21 * time.Second},
		{"the far end is busy", time.Second, refused(486), 2 * time.Second},
		{"the far end is not back", time.Second, refused(404, 480, 480, 480, 404, 404, 404, 404), timeout},
		{"the server says nothing", time.Second, func(b *bench, w *wire, first *sip.Message) {
			time.Sleep(timeout)
			w.leaves(w.asks(first))
		}, timeout},
		{"the server is stuck with it", time.Second, func(b *bench, w *wire, first *sip.Message) {
			w.reply(w.asks(first), 100)
			time.Sleep(timeout)
		}, timeout},
		{"the flow comes back after a minute", time.Minute, func(*bench, *wire, *sip.Message) {}, timeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				begin := time.Now()
				s, w, first := b.ringsOut(w, c.away, CallOptions{})
				c.seek(b, w, first)
				end := b.ended(s, System, CauseConnection)
				if took := end.At.Sub(begin); !errors.Is(end.Err, ErrLostWhileRinging) || took > c.most {
					t.Errorf("ended after %v: %v", took, end.Err)
				}
				told := map[string]int{}
				for time.Sleep(time.Second); len(w.in) > 0; {
					m := <-w.in
					if m.CallID() == first.CallID() {
						told[m.Method]++
					}
				}
				if want := 1; c.away < timeout && (told["CANCEL"] != want || told["BYE"] != want) {
					t.Errorf("told %v", told)
				}
				b.clean()
			})
		})
	}
}

// A call that did not ring yet when our flow was lost ends at once, and who may have got its INVITE is told over the
// next flow.
//
// Holds: call-found-again
func TestCallThatDoesNotRingYetEndsWithTheFlow(t *testing.T) {
	for _, c := range []struct {
		name    string
		heard   func(w *wire, invite *sip.Message)
		err     error
		cancels int // none before a provisional response (RFC 3261 section 9.1)
	}{
		{"nothing was heard", func(*wire, *sip.Message) {}, ErrConnectionLost, 0},
		{"the server tries", func(w *wire, invite *sip.Message) { w.reply(invite, 100) }, ErrConnectionLost, 1},
		{"the server tries elsewhere", func(w *wire, invite *sip.Message) {
			w.reply(invite, 100)
			w.reply(invite, 181, "To-Tag: ")
		}, ErrConnectionLost, 1},
		{"it rings, but nobody can tell where", func(w *wire, invite *sip.Message) {
			w.reply(invite, 180, "To-Tag: far")
		}, ErrLostWhileRinging, 1},
		{"a challenge was answered", func(w *wire, invite *sip.Message) {
			w.reply(invite, 407, challenge407("one"))
			w.expect("ACK")
			w.reply(w.expect("INVITE"), 100)
		}, ErrConnectionLost, 1},
	} {
		for name, away := range map[string]time.Duration{", for 1 s": time.Second, ", for 20 s": 20 * time.Second} {
			t.Run(c.name+name, func(t *testing.T) {
				config := testConfig()
				config.Realm = "example.com"
				ladder(t, config, func(b *bench, w *wire) {
					s, invite := b.calling(w)
					c.heard(w, invite)
					synctest.Wait()
					lost := time.Now()
					w = b.cutFor(w, away)
					end := b.ended(s, System, CauseConnection)
					if !errors.Is(end.Err, c.err) || !end.At.Equal(lost) {
						t.Errorf("ended %v after the loss: %v", end.At.Sub(lost), end.Err)
					}
					if got := w.skim(); got["CANCEL"] != c.cancels || len(got) > c.cancels {
						t.Errorf("sent %v", got)
					}
					b.clean()
				})
			})
		}
	}
}

// Who declines a call while the flow is gone, or whose refusal was lost with it, is done at once; the caller hears of
// it over the next flow.
//
// Holds: call-found-again
func TestDecliningWithoutAFlowIsToldOverTheNextOne(t *testing.T) {
	for _, c := range []struct {
		name   string
		before bool // declined before the loss
		away   time.Duration
		tells  bool
	}{
		{"at once", false, 0, true},
		{"after 20 seconds", false, 20 * time.Second, true},
		{"after a minute", false, time.Minute, true},
		{"declined before the loss", true, time.Minute, true},
		{"after 20 minutes", false, 20 * time.Minute, true},
		{"after half an hour nobody waits for it", false, 31 * time.Minute, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, f := b.ringing(w)
				b.setRefuse(func(string) error { return errors.New("away") })
				if c.before {
					b.do(s.HangUp)
					w.expect("480 INVITE")
				}
				w.close()
				synctest.Wait()
				b.do(s.HangUp)
				b.ended(s, Local, CauseRejected)
				time.Sleep(c.away)
				b.setRefuse(nil)
				b.do(b.ua.RetryNow)
				w = b.next()
				if c.tells {
					f.w = w
					f.learn(w.expect("480 INVITE"))
					w.send(f.request("ACK"))
				}
				w.quiet(time.Second)
				b.clean()
			})
		})
	}
}

// Who hangs up while the flow is gone is done at once; the far end hears of it over the next flow, for as long as that
// may mean something.
//
// Holds: call-found-again
func TestHangUpWithoutAFlowIsToldOverTheNextOne(t *testing.T) {
	for _, c := range []struct {
		name   string
		before bool // the user hung up before the loss
		away   time.Duration
		tells  []string
	}{
		{"at once", false, 0, []string{"BYE", "CANCEL"}},
		{"after a second", false, time.Second, []string{"BYE", "CANCEL"}},
		{"after 20 seconds", false, 20 * time.Second, []string{"BYE", "CANCEL"}},
		{"after a minute, when the INVITE is forgotten", false, 70 * time.Second, []string{"BYE"}},
		{"after half an hour nobody waits for it", false, 31 * time.Minute, nil},
		{"what was on its way is sent again", true, time.Second, []string{"CANCEL"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				w.reply(invite, 180, farContact)
				b.reaches(s, SessionRinging)
				b.setRefuse(func(string) error { return errors.New("away") })
				if c.before {
					b.do(s.HangUp)
					w.expect("CANCEL")
				}
				w.close()
				synctest.Wait()
				at := time.Now()
				b.do(s.HangUp)
				if end := b.ended(s, Local, CauseCanceled); c.before == end.At.Equal(time.Now()) && !at.Equal(end.At) {
					t.Errorf("ended after %v", end.At.Sub(at))
				}
				time.Sleep(c.away)
				b.setRefuse(nil)
				b.do(b.ua.RetryNow)
				w = b.next()
				w.leaves(invite, c.tells...)
				w.quiet(time.Second)
				b.clean()
			})
		})
	}
}
