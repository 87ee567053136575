package netsip_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
)

// Three phones over the sandbox: each transfer seen by the transferor, the transferee and the target, all of them ours.

// phone is one of them, and what its user was told.
type phone struct {
	ua       *netsip.UserAgent
	invites  []*netsip.Session
	replaced [][2]*netsip.Session
	wishes   []*netsip.Referral
	texts    []*netsip.Message
	watchers []*netsip.Notifier
}

// three is the sandbox with its users.
type three struct {
	*testing.T
	loop              *loop.Loop
	server            *sandbox.Server
	alice, bob, carol *phone
}

func threePhones(t *testing.T, script func(w *three)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := sandbox.New(sandbox.Options{Users: map[string]string{"alice": "a", "bob": "b", "carol": "c"}})
		w := &three{T: t, loop: loop.New(), server: server}
		w.alice, w.bob, w.carol = w.phone(server, "alice", "a"), w.phone(server, "bob", "b"),
			w.phone(server, "carol", "c")
		for _, p := range []*phone{w.alice, w.bob, w.carol} {
			w.until("registered", func() bool { return p.ua.State().Registration == netsip.Registered })
		}
		script(w)
		for _, p := range []*phone{w.alice, w.bob, w.carol} {
			stopped := make(chan struct{})
			w.loop.Do(func() { p.ua.Stop(func() { close(stopped) }) })
			<-stopped
		}
		w.loop.Stop()
		server.Close()
	})
}

func (w *three) phone(server *sandbox.Server, name string, password config.Secret) *phone {
	w.Helper()
	p := &phone{}
	var err error
	p.ua, err = netsip.New(netsip.Options{
		Loop: w.loop, Media: agreeable{}, Dial: server.Dial,
		Config: config.Config{
			URI: "sip:" + name + "@" + server.Domain(), WSServers: []config.Server{{WSURI: "ws://sandbox.invalid"}},
			Password: password,
		},
		OnInvite:    func(s *netsip.Session) { p.invites = append(p.invites, s) },
		OnReplace:   func(old, s *netsip.Session) { p.replaced = append(p.replaced, [2]*netsip.Session{old, s}) },
		OnRefer:     func(r *netsip.Referral) { p.wishes = append(p.wishes, r) },
		OnMessage:   func(m *netsip.Message) { p.texts = append(p.texts, m) },
		OnSubscribe: func(n *netsip.Notifier) { p.watchers = append(p.watchers, n) },
	})
	if err != nil {
		w.Fatal(err)
	}
	w.loop.Do(p.ua.Start)
	return p
}

func (w *three) until(what string, ok func() bool) {
	w.Helper()
	for range 4000 {
		synctest.Wait()
		met := false
		w.loop.Do(func() { met = ok() })
		if met {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.Fatalf("never happened: %s", what)
}

// call lets from call the user of to, who answers.
func (w *three) call(from, to *phone, name string) (out, in *netsip.Session) {
	w.Helper()
	n := len(to.invites)
	w.loop.Do(func() {
		var err error
		if out, err = from.ua.Call(sip.Address{URI: named(w.server, name)}, netsip.CallOptions{}); err != nil {
			w.Error(err)
		}
	})
	in = w.answer(to, n)
	w.until("established", func() bool { return established(out) && established(in) })
	return out, in
}

// answer takes the nth call that rings at p.
func (w *three) answer(p *phone, n int) (in *netsip.Session) {
	w.Helper()
	w.until("ringing", func() bool { return len(p.invites) > n })
	w.loop.Do(func() {
		in = p.invites[n]
		in.Answer()
	})
	return in
}

func established(s *netsip.Session) bool { return s.State() == netsip.SessionEstablished }

func ended(s *netsip.Session, cause string) bool { return s.End() != nil && s.End().Cause == cause }

// accept follows the wish that p's user is asked about.
func (w *three) accept(p *phone) (s *netsip.Session) {
	w.Helper()
	w.until("asked", func() bool { return len(p.wishes) > 0 })
	w.loop.Do(func() {
		var err error
		if s, err = p.wishes[0].Accept(netsip.CallOptions{}); err != nil {
			w.Error(err)
		}
	})
	return s
}

// RFC 5589 section 6, whoever called whom.
func TestBlindTransferBetweenThreePhones(t *testing.T) {
	for _, aliceCalls := range []bool{true, false} {
		threePhones(t, func(w *three) {
			var alices, bobs *netsip.Session
			if aliceCalls {
				alices, bobs = w.call(w.alice, w.bob, "bob")
			} else {
				bobs, alices = w.call(w.bob, w.alice, "alice")
			}
			var transfer *netsip.Transfer
			w.loop.Do(func() {
				var err error
				if transfer, err = alices.Transfer("carol", nil); err != nil {
					w.Error(err)
				}
			})
			next := w.accept(w.bob)
			w.until("told that it rings", func() bool {
				return transfer.State() == netsip.TransferProgress &&
					transfer.Code() == 180
			})
			w.loop.Do(func() {
				if w.bob.wishes[0].Attended() || w.bob.wishes[0].ReferredBy().URI.User != "alice" ||
					!established(alices) {
					w.Errorf("%+v", w.bob.wishes[0])
				}
			})
			in := w.answer(w.carol, 0)
			w.until("transferred", func() bool {
				return transfer.State() == netsip.TransferDone && ended(alices, netsip.CauseBye) && ended(bobs,
					netsip.CauseBye) && established(next) && established(in)
			})
		})
	}
}

func TestBlindTransferToABusyTargetBetweenThreePhones(t *testing.T) {
	threePhones(t, func(w *three) {
		alices, bobs := w.call(w.alice, w.bob, "bob")
		var transfer *netsip.Transfer
		w.loop.Do(func() { transfer, _ = alices.Transfer("carol", nil) })
		next := w.accept(w.bob)
		w.until("ringing", func() bool { return len(w.carol.invites) > 0 })
		w.loop.Do(func() { w.carol.invites[0].Reject(486, "") })
		w.until("failed", func() bool { return transfer.State() == netsip.TransferFailed && next.End() != nil })
		w.loop.Do(func() {
			if transfer.Code() != 486 || !established(alices) || !established(bobs) {
				w.Errorf("%d %v, calls %v %v", transfer.Code(), transfer.Err(), alices.State(), bobs.State())
			}
		})
	})
}

// RFC 5589 section 7 and RFC 3891: in each of the four ways that the two calls of the transferor can have been made.
func TestAttendedTransferBetweenThreePhones(t *testing.T) {
	for i := range 4 {
		threePhones(t, func(w *three) {
			var first, second, bobs, carols *netsip.Session
			if i&1 == 0 {
				first, bobs = w.call(w.alice, w.bob, "bob")
			} else {
				bobs, first = w.call(w.bob, w.alice, "alice")
			}
			if i&2 == 0 {
				second, carols = w.call(w.alice, w.carol, "carol")
			} else {
				carols, second = w.call(w.carol, w.alice, "alice")
			}
			rang := len(w.carol.invites)
			var transfer *netsip.Transfer
			w.loop.Do(func() {
				var err error
				if transfer, err = first.TransferTo(second, nil); err != nil {
					w.Error(err)
				}
			})
			next := w.accept(w.bob)
			w.until("transferred", func() bool {
				return transfer.State() == netsip.TransferDone && first.End() != nil && second.End() != nil &&
					bobs.End() != nil &&
					carols.End() != nil && established(next)
			})
			w.loop.Do(func() {
				if !w.bob.wishes[0].Attended() || len(w.carol.replaced) != 1 || len(w.carol.invites) != rang ||
					w.carol.replaced[0][0] != carols ||
					!established(w.carol.replaced[0][1]) || w.carol.replaced[0][1].Replaced() != carols {
					w.Errorf("way %d: target was told %v, %d calls rang", i, w.carol.replaced,
						len(w.carol.invites)-rang)
				}
			})
		})
	}
}

func TestTextsAndEventsBetweenPhones(t *testing.T) {
	threePhones(t, func(w *three) {
		var outcomes []error
		w.loop.Do(func() {
			for _, to := range []string{"bob", "nobody"} {
				if err := w.alice.ua.SendMessage(named(w.server, to), "text/plain", []byte("grüß dich"),
					func(err error) { outcomes = append(outcomes, err) }); err != nil {
					w.Error(err)
				}
			}
		})
		w.until("told", func() bool { return len(outcomes) == 2 && len(w.bob.texts) == 1 })
		w.loop.Do(func() {
			if fmt.Sprint(outcomes) == "[<nil> <nil>]" || string(w.bob.texts[0].Body) != "grüß dich" ||
				w.bob.texts[0].From.URI.User != "alice" {
				w.Errorf("%v %+v", outcomes, w.bob.texts[0])
			}
		})

		var s *netsip.Subscription
		var news []*netsip.Notification
		w.loop.Do(func() {
			var err error
			s, err = w.alice.ua.Subscribe("bob", netsip.SubscribeOptions{
				Event: "dialog", Expires: 2 * time.Minute,
				OnNotify: func(n *netsip.Notification) { news = append(news, n) },
			})
			if err != nil {
				w.Error(err)
			}
		})
		w.until("asked", func() bool { return len(w.bob.watchers) == 1 && len(news) == 1 })
		w.loop.Do(func() {
			w.bob.watchers[0].Accept("application/dialog-info+xml",
				[]byte(`<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0" state="full" `+
					`entity="sip:bob@x"/>`))
		})
		w.until("active", func() bool { return s.State() == netsip.SubscriptionActive && len(news) == 2 })
		time.Sleep(time.Hour) // refreshed
		w.loop.Do(func() {
			if s.State() != netsip.SubscriptionActive || len(w.bob.watchers) != 1 || !w.bob.watchers[0].Active() {
				w.Errorf("%v, subscribed %d times", s.State(), len(w.bob.watchers))
			}
			s.Stop()
		})
		w.until("ended", func() bool { return !w.bob.watchers[0].Active() })

		var abilities *netsip.Abilities
		w.loop.Do(func() { _ = w.alice.ua.QueryOptions("carol", func(a *netsip.Abilities, _ error) { abilities = a }) })
		w.until("answered", func() bool { return abilities != nil })
		if got := fmt.Sprint(abilities.Allow); got != "[INVITE ACK CANCEL BYE UPDATE OPTIONS INFO NOTIFY PRACK "+
			"MESSAGE REFER SUBSCRIBE]" {
			t.Errorf("Allow %s", got)
		}
	})
}
