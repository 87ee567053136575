package netsip

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
)

// Ladders of two user agents with the sandbox's registrar and proxy between them. What the server sends takes 10 ms to
// Alice, 13 ms to Bob and 17 ms to Carol, so that nothing happens at one instant by accident.

// scene is the sandbox, and a user agent for each name.
type scene struct {
	*testing.T
	*sheet
	server *sandbox.Server
	loop   *loop.Loop
	ua     map[string]*UserAgent
	calls  map[string][]*Session // that came in, by user
	notes  map[*Session]string
}

// play runs a script with these users registered and compares the ladder.
func play(t *testing.T, p plan, o sandbox.Options, users []string, script func(s *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o.Domain = "example.com"
		o.Users = map[string]string{"alice": "a secret", "bob": "b secret", "carol": "c secret"}
		s := &scene{
			T: t, server: sandbox.New(o), loop: loop.New(), ua: map[string]*UserAgent{}, calls: map[string][]*Session{},
			notes: map[*Session]string{},
		}
		defer s.end()
		s.sheet = newSheet(p)
		var hidden []string
		for i, name := range users {
			s.add(name, i)
			for _, b := range s.server.Bindings(name) {
				hidden = append(hidden, b.Connection, name)
			}
		}
		s.Start, s.Names = time.Now(), strings.NewReplacer(hidden...)
		for i, name := range users {
			s.server.Faults().SetLine(name, sandbox.Line{Latency: []time.Duration{10, 13, 17}[i] * time.Millisecond})
		}
		defer s.server.Observe(s.observe)()
		script(s)
		synctest.Wait()
		s.Sort()
		s.compare(t)
	})
}

// add registers a user.
func (s *scene) add(name string, i int) {
	s.Helper()
	var ua *UserAgent
	ua, err := New(Options{
		Loop: s.loop, Media: &fakeMedia{}, Dial: s.server.Dial, Rand: rand.New(rand.NewPCG(uint64(i), 5)),
		Config: config.Config{
			URI: "sip:" + name + "@example.com", WSServers: []config.Server{{WSURI: "ws://example.com"}},
			Password:   config.Secret(name[:1] + " secret"),
			InstanceID: fmt.Sprintf("8f1fa16a-1165-4a96-8341-78%010d", i),
		},
		OnInvite: func(call *Session) {
			s.calls[name] = append(s.calls[name], call)
			s.follow(name, call)
		},
		OnRefer: func(r *Referral) { // the user says yes
			s.Note(time.Now(), s.laneOf(name), "» accept")
			if call, err := r.Accept(CallOptions{}); err != nil {
				s.Error(err)
			} else {
				s.follow(name, call)
			}
		},
		OnReplace: func(_, call *Session) {
			s.calls[name] = append(s.calls[name], call)
			s.follow(name, call)
		},
	})
	if err != nil {
		s.Fatal(err)
	}
	s.ua[name] = ua
	s.loop.Do(ua.Start)
	s.until(name+" registered", func() bool { return ua.registration.state == Registered })
}

func (s *scene) end() {
	for _, ua := range s.ua {
		stopped := make(chan struct{})
		s.loop.Do(func() { ua.Stop(func() { close(stopped) }) })
		<-stopped
	}
	s.loop.Stop()
	s.server.Close()
}

func (s *scene) until(what string, ok func() bool) {
	s.Helper()
	for range 4000 {
		synctest.Wait()
		met := false
		s.loop.Do(func() { met = ok() })
		if met {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.Fatalf("never happened: %s", what)
}

// observe draws what the server receives and sends.
func (s *scene) observe(e sandbox.Event) {
	lane := s.laneOf(e.User)
	proxy := s.Lane("Proxy")
	switch {
	case e.Message == nil || lane < 0:
	case e.Sent:
		s.Message(e.At, proxy, lane, e.Message)
	default:
		s.Message(e.At, lane, proxy, e.Message)
	}
}

func (s *scene) laneOf(user string) int {
	if user == "" {
		return -1
	}
	return s.Lane(strings.ToUpper(user[:1]) + user[1:])
}

// follow notes the states of a call.
func (s *scene) follow(user string, call *Session) {
	tell := func(call *Session) {
		text := call.State().String()
		if end := call.End(); end != nil {
			text = fmt.Sprintf("%s: %s", text, end.Cause)
			if end.StatusCode != 0 {
				text += fmt.Sprintf(" (%d)", end.StatusCode)
			}
		}
		if s.notes[call] != text {
			s.notes[call] = text
			s.Note(time.Now(), s.laneOf(user), text)
		}
	}
	tell(call)
	call.OnChange(tell)
}

// dials has a user call another and waits until it rings there.
func (s *scene) dials(from, to string) (out, in *Session) {
	s.Helper()
	s.loop.Do(func() {
		var err error
		if out, err = callText(s.ua[from], to, CallOptions{}); err != nil {
			s.Error(err)
			return
		}
		s.follow(from, out)
	})
	if out == nil {
		s.FailNow()
	}
	s.until("ringing", func() bool {
		return len(s.calls[to]) > 0 && (out.State() == SessionRinging ||
			out.End() != nil)
	})
	s.loop.Do(func() { in = s.calls[to][len(s.calls[to])-1] })
	return out, in
}

// does runs what a user wants.
func (s *scene) does(f func()) {
	s.loop.Do(f)
	synctest.Wait()
}

func sandboxPlan(section, what, rule string) plan {
	p := rfc3665(section, what, rule)
	p.lanes = []string{"Proxy", "Bob"}
	return p
}

func TestRFC3665Section3_1BothEndsThroughAProxy(t *testing.T) {
	p := sandboxPlan("3.1, through the sandbox", "session establishment, both ends",
		"two user agents agree on one call, and its end")
	play(t, p, sandbox.Options{ChallengeCalls: true}, []string{"alice", "bob"}, func(s *scene) {
		out, in := s.dials("alice", "bob")
		s.does(in.Answer)
		s.until("established", func() bool {
			return out.State() == SessionEstablished &&
				in.State() == SessionEstablished
		})
		s.does(in.HangUp)
		s.until("ended", func() bool { return out.End() != nil })
	})
}

func TestRFC3665Section3_8CancelThroughAProxy(t *testing.T) {
	p := sandboxPlan("3.8, through the sandbox", "unsuccessful: no answer, both ends",
		"CANCEL goes hop by hop, 487 comes back, and each hop acknowledges it")
	play(t, p, sandbox.Options{}, []string{"alice", "bob"}, func(s *scene) {
		out, in := s.dials("alice", "bob")
		s.does(out.HangUp)
		s.until("ended", func() bool { return in.End() != nil })
		time.Sleep(time.Second)
	})
}

func TestRFC3665Section3_10NoResponseThroughAProxy(t *testing.T) {
	p := sandboxPlan("3.10", "unsuccessful: no response from the user agent",
		"the proxy gives up on a user agent that says nothing; its 408 ends the call")
	play(t, p, sandbox.Options{}, []string{"alice", "bob"}, func(s *scene) {
		s.server.Faults().Add(sandbox.Fault{
			Times: -1, Drop: true,
			Match: func(e sandbox.Event) bool { return !e.Sent && e.User == "bob" },
		})
		var out *Session
		s.loop.Do(func() {
			out, _ = callText(s.ua["alice"], "bob", CallOptions{})
			s.follow("alice", out)
		})
		s.until("ended", func() bool { return out.End() != nil })
		s.does(func() { s.calls["bob"][0].Reject(486, "") })
	})
}

func TestRFC3891AttendedTransferOfThreePhones(t *testing.T) {
	p := ladderOf("3891", "4", "through-the-sandbox", "attended transfer, all three phones",
		"what the transferor writes is what the target finds: Bob's call takes the place of Alice's at Carol, and "+
			"Alice is out")
	p.lanes = []string{"Proxy", "Bob", "Carol"}
	play(t, p, sandbox.Options{}, []string{"alice", "bob", "carol"}, func(s *scene) {
		up := func(calls ...*Session) {
			s.until("established", func() bool {
				for _, call := range calls {
					if call.State() != SessionEstablished || call.HoldPending() {
						return false
					}
				}
				return true
			})
		}
		first, atBob := s.dials("alice", "bob")
		s.does(atBob.Answer)
		up(first, atBob)
		s.does(func() { first.SetHold(true) })
		up(first, atBob)
		second, atCarol := s.dials("alice", "carol")
		s.does(atCarol.Answer)
		up(second, atCarol)
		// Else two messages would meet at one instant: by way of Alice and Carol in either order it is equally far.
		time.AfterFunc(50*time.Millisecond,
			func() { s.server.Faults().SetLine("alice", sandbox.Line{Latency: 12 * time.Millisecond}) })
		var outcome *Transfer
		s.does(func() {
			var err error
			if outcome, err = first.TransferTo(second, nil); err != nil {
				t.Error(err)
			}
		})
		s.until("transferred", func() bool {
			return outcome.State() == TransferDone && first.End() != nil && second.End() != nil && atBob.End() != nil &&
				atCarol.End() != nil
		})
		s.loop.Do(func() {
			bob, carol := s.ua["bob"].Sessions(), s.ua["carol"].Sessions()
			if len(bob) != 1 || len(carol) != 1 || bob[0].State() != SessionEstablished ||
				carol[0].State() != SessionEstablished || len(s.ua["alice"].Sessions()) != 0 {
				t.Errorf("left: %d calls at Bob, %d at Carol, %d at Alice", len(bob), len(carol),
					len(s.ua["alice"].Sessions()))
			}
			bob[0].HangUp()
		})
		s.until("ended", func() bool { return len(s.ua["carol"].Sessions()) == 0 })
		time.Sleep(time.Second)
	})
}

func TestHoldOfBothSidesAtOnceThroughAProxy(t *testing.T) {
	p := plan{
		name: "rfc3261-14.1-hold-of-both", title: "RFC 3261 section 14.1: both sides hold at once, both ends",
		rule:  "the re-INVITEs cross and get 491; each side tries again in its own window, and both holds come true",
		lanes: []string{"Proxy", "Bob"},
	}
	play(t, p, sandbox.Options{}, []string{"alice", "bob"}, func(s *scene) {
		out, in := s.dials("alice", "bob")
		s.does(in.Answer)
		s.until("established", func() bool {
			return out.State() == SessionEstablished &&
				in.State() == SessionEstablished
		})
		s.loop.Do(func() {
			for i, name := range []string{"alice", "bob"} {
				*s.ua[name].rand = *rand.New(rand.NewPCG(141, uint64(i)))
			}
			out.SetHold(true)
		})
		time.Sleep(time.Millisecond)
		s.does(func() { in.SetHold(true) })
		s.until("held", func() bool {
			return out.Held() && in.Held() && !out.HoldPending() && !in.HoldPending() && out.RemoteHeld() &&
				in.RemoteHeld()
		})
		s.does(out.HangUp)
		s.until("ended", func() bool { return in.End() != nil })
		time.Sleep(time.Second)
	})
}
