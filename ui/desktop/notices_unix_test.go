//go:build !windows && !darwin

package desktop

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/phone"
	"calla/phone/cause"
)

// ended is a State in which a call from somebody has just been missed.
func ended(id, who string) phone.State {
	return phone.State{Accounts: make([]phone.AccountState, 1), Ends: []phone.EndedCall{{
		CallID: id, AccountID: "a1", Account: "Work", Incoming: true, Address: who, URI: who,
		Cause: cause.Cause{Kind: cause.Missed},
	}}}
}

// TestACallThatRingsIsToldByWhatTheDesktopCan: whatever a server of notifications can do, a call is shown with what
// can be pressed there, and taken back when it is over. What a caller wrote is never markup.
func TestACallThatRingsIsToldByWhatTheDesktopCan(t *testing.T) {
	all := []string{"default", "Show", "answer", "Answer", "decline", "Decline"}
	for _, c := range []struct {
		name        string
		able        []string
		caller      string
		title, body string
		actions     []string
	}{
		{"everything", []string{"actions", "body", "body-markup"}, "Bob", "Bob is calling", "bob@example.com", all},
		{"no actions", []string{"body"}, "Bob", "Bob is calling", "bob@example.com", []string{}},
		{"no body", []string{"actions"}, "Bob", "Bob is calling", "", all},
		{"nothing", nil, "Bob", "Bob is calling", "", []string{}},
		{
			"markup in a name",
			[]string{"actions", "body", "body-markup"},
			"<b>Bob</b> & <img src=x>",
			"<b>Bob</b> & <img src=x> is calling", "bob@example.com", all,
		},
		{"no name", []string{"body", "body-markup"}, "", "bob@example.com is calling", "", []string{}},
		{
			"lines and controls",
			[]string{"body"},
			"Bob\n\x1b[1mX", "Bob �[1mX is calling", "bob@example.com",
			[]string{},
		},
		{"turned round", []string{"body"}, "\u202eboB", "boB is calling", "bob@example.com", []string{}},
		{"from right to left", []string{"body"}, "אליס", "\u2068אליס\u2069 is calling", "bob@example.com", []string{}},
		{
			"very long",
			[]string{"body"},
			strings.Repeat("x", 5000), strings.Repeat("x", 64) + "… is calling",
			"bob@example.com",
			[]string{},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			ownBus(t)
			s := startServer(t, nil, c.able...)
			n, _ := opened(t)
			n.Follow(calling(c.caller))
			got := s.waitFor(1)[0]
			if got.title != c.title || got.body != c.body || !slices.Equal(got.actions, c.actions) {
				t.Errorf("%q, %q, %q", got.title, got.body, got.actions)
			}
			if got.urgency != 2 || got.expires != 0 || got.app != "Calla" {
				t.Errorf("%+v", got)
			}
			n.Follow(phone.State{})
			s.waitFor(0)
		})
	}
}

// TestAddressesAreNoMarkup: an address is escaped for servers that read markup, and for no others.
func TestAddressesAreNoMarkup(t *testing.T) {
	for _, c := range []struct {
		name, body string
		able       []string
	}{
		{"markup is read", "&lt;b&gt;&amp;x&#34;@example.com", []string{"body", "body-markup"}},
		{"markup is text", `<b>&x"@example.com`, []string{"body"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ownBus(t)
			s := startServer(t, nil, c.able...)
			n, _ := opened(t)
			state := calling("Bob")
			state.Calls[0].Address = `<b>&x"@example.com`
			n.Follow(state)
			if got := s.waitFor(1)[0]; got.body != c.body {
				t.Errorf("%q", got.body)
			}
		})
	}
}

// TestWhatIsPressedIsDoneOnceAndForThisCall: a press reaches the call it was for, with the desktop's token; one for a
// call that is over, one of another program and one that nobody offered reach none.
func TestWhatIsPressedIsDoneOnceAndForThisCall(t *testing.T) {
	for _, c := range []struct {
		name  string
		press func(s *fakeServer, n *Notices, number uint32)
		want  Deed // "" = nothing
		over  bool // the call is
	}{
		{"answer", func(s *fakeServer, _ *Notices, number uint32) { s.press(number, "answer") }, Answer, false},
		{"decline", func(s *fakeServer, _ *Notices, number uint32) { s.press(number, "decline") }, Decline, false},
		{"itself", func(s *fakeServer, _ *Notices, number uint32) { s.press(number, "default") }, Open, false},
		{"twice", func(s *fakeServer, _ *Notices, number uint32) {
			s.press(number, "answer")
			s.press(number, "answer")
		}, Answer, false},
		{"the call is over", func(s *fakeServer, n *Notices, number uint32) {
			n.Follow(phone.State{})
			s.press(number, "answer")
		}, "", true},
		{"taken back before", func(s *fakeServer, n *Notices, number uint32) {
			n.Follow(phone.State{})
			s.waitFor(0)
			s.press(number, "answer")
		}, "", true},
		{"not offered", func(s *fakeServer, _ *Notices, number uint32) { s.press(number, "call-back") }, "", false},
		{"unknown number", func(s *fakeServer, _ *Notices, number uint32) { s.press(number+7, "answer") }, "", false},
		{"another program", func(s *fakeServer, _ *Notices, number uint32) {
			s.emit(connected(s.t), "ActionInvoked", number, "answer")
		}, "", false},
		{"wrong arguments", func(s *fakeServer, _ *Notices, number uint32) {
			s.emit(s.conn, "ActionInvoked", "answer", number)
			s.emit(s.conn, "ActionInvoked")
			s.emit(s.conn, "NotificationClosed", "x")
		}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ownBus(t)
			s := startServer(t, nil, "actions", "body")
			n, did := opened(t)
			n.Follow(calling("Bob"))
			c.press(s, n, s.waitFor(1)[0].number)
			// What comes after it shows that it was read.
			other := calling("Carol")
			other.Calls[0].ID = "c2"
			if !c.over {
				other.Calls = append(other.Calls, calling("Bob").Calls...)
			}
			n.Follow(other)
			until(t, "the next call", func() bool {
				return slices.ContainsFunc(s.shown(), func(c card) bool { return c.title == "Carol is calling" })
			})
			i := slices.IndexFunc(s.shown(), func(c card) bool { return c.title == "Carol is calling" })
			s.press(s.shown()[i].number, "decline")
			until(t, "its press", func() bool {
				return slices.ContainsFunc(did.list(), func(p Press) bool { return p.Call == "c2" })
			})
			var want []Press
			if c.want != "" {
				want = []Press{{Deed: c.want, Call: "c1", Token: "token-1_TIME7"}}
			}
			if got := did.list(); !slices.Equal(got[:len(got)-1], want) {
				t.Errorf("did %+v, want %+v", got, want)
			}
		})
	}
}

// TestAChangedCallReplacesItsNotification: there is one for each call, and it says what is so now.
func TestAChangedCallReplacesItsNotification(t *testing.T) {
	ownBus(t)
	s := startServer(t, nil, "actions", "body")
	n, _ := opened(t)
	n.Follow(calling(""))
	first := s.waitFor(1)[0]
	n.Follow(calling("Bob"))
	until(t, "the name", func() bool { return s.shown()[0].title == "Bob is calling" })
	if got := s.waitFor(1)[0]; got.replaces != first.number {
		t.Errorf("%+v takes the place of none", got)
	}
	n.Follow(calling("Bob")) // nothing is new
	silenced := calling("Bob")
	silenced.Calls[0].Silenced = true
	n.Follow(silenced)
	s.waitFor(0)
	if sent := s.count(func(s *fakeServer) int { return len(s.all) }); sent != 2 {
		t.Errorf("%d notifications were sent", sent)
	}
}

// TestWhatIsOnItsWayIsTakenBackAtTheEnd: a server that answers a little late shows nothing of a program that has ended.
func TestWhatIsOnItsWayIsTakenBackAtTheEnd(t *testing.T) {
	ownBus(t)
	s := startServer(t, make(chan struct{}), "body")
	n, _ := openedWith(t, Options{end: patience})
	n.Follow(ended("e1", "sip:bob@example.com"))
	n.Follow(ended("e2", "sip:carol@example.com"))
	// It is not waited for for ever what it can do; then it gets the notifications.
	until(t, "notifications", func() bool { return s.count(func(s *fakeServer) int { return s.asked }) > 2 })
	time.AfterFunc(endTime/10, func() { close(s.hang) })
	n.Close()
	if shown := s.count(func(s *fakeServer) int { return len(s.all) }); shown == 0 {
		t.Fatal("nothing was shown")
	}
	s.waitFor(0)
}

// TestNobodyWaitsForTheDesktop: without a bus, without a server and with one that hangs, the phone goes on, the end
// comes in time, and what a server shows late is taken back.
func TestNobodyWaitsForTheDesktop(t *testing.T) {
	for _, c := range []struct {
		name  string
		bus   func(t *testing.T) *fakeServer
		later func(t *testing.T, s *fakeServer, n *Notices)
	}{
		{"no bus", func(t *testing.T) *fakeServer {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
			return nil
		}, nil},
		{"not an address", func(t *testing.T) *fakeServer {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "nonsense")
			return nil
		}, nil},
		{"a bus that answers nobody", func(t *testing.T) *fakeServer { deafBus(t); return nil }, nil},
		{"no server", func(t *testing.T) *fakeServer { ownBus(t); return nil }, nil},
		{
			"one that comes later", func(t *testing.T) *fakeServer { ownBus(t); return nil },
			func(t *testing.T, _ *fakeServer, _ *Notices) { startServer(t, nil, "body").waitFor(1) },
		},
		{"one that hangs", func(t *testing.T) *fakeServer {
			ownBus(t)
			return startServer(t, make(chan struct{}), "body")
		}, func(t *testing.T, s *fakeServer, n *Notices) {
			until(t, "a question", func() bool { return s.count(func(s *fakeServer) int { return s.asked }) > 0 })
			for i := range 1000 {
				n.Follow(ended(fmt.Sprint("e", i), fmt.Sprintf("sip:%d@example.com", i)))
			}
			n.Follow(calling("Bob"))
			// It is not asked for ever what it can do; then it gets the notifications, and hangs with them.
			until(t, "notifications", func() bool { return s.count(func(s *fakeServer) int { return s.asked }) > 1 })
			n.Follow(phone.State{})
			close(s.hang)
			// For a moment the call and all missed ones but the last are as many.
			until(t, "the missed calls alone", func() bool {
				all := s.shown()
				return len(all) == mostMissed && !slices.ContainsFunc(all, func(c card) bool {
					return strings.Contains(c.title, "calling")
				})
			})
			if asked := s.count(func(s *fakeServer) int { return s.asked }); asked > 1+2*mostPending {
				t.Errorf("was asked %d times while it hung", asked)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.bus(t)
			n, did := openedWith(t, Options{})
			began := time.Now()
			n.Follow(calling("Bob"))
			if took := time.Since(began); took > patience {
				t.Errorf("the phone waited %v", took)
			}
			if c.later != nil {
				c.later(t, s, n)
			}
			began = time.Now()
			n.Close()
			if took := time.Since(began); took > patience {
				t.Errorf("the end took %v", took)
			}
			if len(did.list()) > 0 {
				t.Errorf("did %+v", did.list())
			}
		})
	}
}

// TestAServerThatEndsLosesNothing: what it showed is shown by the next one, and what is pressed there counts; a notice
// that servers end over is not shown for ever.
func TestAServerThatEndsLosesNothing(t *testing.T) {
	ownBus(t)
	s := startServer(t, nil, "actions", "body")
	n, did := opened(t)
	n.Follow(calling("Bob"))
	s.waitFor(1)
	_ = s.conn.Close()
	second := startServer(t, nil, "body")
	if got := second.waitFor(1)[0]; got.replaces != 0 || len(got.actions) != 0 {
		t.Errorf("%+v", got)
	}
	_ = second.conn.Close()
	third := startServer(t, nil, "actions")
	third.press(third.waitFor(1)[0].number, "answer")
	until(t, "a press", func() bool { return len(did.list()) == 1 })

	n.Follow(calling("Bob")) // he has been answered: nothing new
	other := calling("Carol")
	other.Calls[0].ID = "c2"
	n.Follow(other)
	last := third
	for range mostAttempts {
		last.waitFor(1)
		_ = last.conn.Close()
		last = startServer(t, nil)
	}
	next := calling("Dave")
	next.Calls[0].ID = "c3"
	next.Calls = append(next.Calls, other.Calls...)
	n.Follow(next)
	if got := last.waitFor(1)[0]; got.title != "Dave is calling" {
		t.Errorf("%+v", got)
	}
}

// TestNothingIsShownTwiceByANewServer that has answered before it is told that it runs: answers and signals come by
// ways of their own.
func TestNothingIsShownTwiceByANewServer(t *testing.T) {
	for _, c := range []struct {
		name  string
		after bool // another that has ended
	}{{"the first", false}, {"one after another", true}} {
		t.Run(c.name, func(t *testing.T) {
			ownBus(t)
			n := &Notices{options: Options{end: patience, tells: patience, Log: slog.New(slog.DiscardHandler)}}
			wanted := n.follow.next(calling("Bob"))
			n.latest.Store(&wanted)
			b, err := n.connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = b.conn.Close() })
			b.signal(<-b.signals) // that it has a name on the bus
			answered := func() {
				until(t, "an answer", func() bool { return len(b.replies) > 0 || b.asked == nil && len(b.calls) == 0 })
				b.catchUp()
			}
			told := 1
			serves := func() { // until there is nothing left to do
				until(t, "all to be shown", func() bool {
					answered()
					for len(b.signals) > 0 {
						b.signal(<-b.signals)
					}
					b.settle()
					return b.able != nil && len(b.calls) == 0
				})
			}
			if c.after {
				first := startServer(t, nil, "body")
				serves()
				_ = first.conn.Close()
				told = 2
				calls := calling("Bob")
				calls.Calls = append(calls.Calls, calling("Carol").Calls...)
				calls.Calls[1].ID = "c2"
				wanted := n.follow.next(calls)
				n.latest.Store(&wanted)
			}
			s := startServer(t, nil, "body")
			until(t, "the news of it", func() bool { return len(b.signals) == told })
			for range 2 { // questions and notifications, each with its answer, before that is read
				b.settle()
				answered()
			}
			serves()
			if sent := s.count(func(s *fakeServer) int { return len(s.all) }); sent != told {
				t.Errorf("it was sent %d notifications, want %d", sent, told)
			}
		})
	}
}

// TestMissedCallsCanBeCalledBack: with the account and the whole address; those of one caller are told together, there
// are never many, and who is talked to again is told no longer.
func TestMissedCallsCanBeCalledBack(t *testing.T) {
	ownBus(t)
	s := startServer(t, nil, "actions", "body")
	n, did := opened(t)
	n.Follow(ended("e1", "sip:bob@example.com"))
	got := s.waitFor(1)[0]
	if got.title != "You missed a call from bob@example.com" || got.urgency != 1 ||
		!slices.Equal(got.actions, []string{"default", "Show", "call-back", "Call back"}) {
		t.Errorf("%+v", got)
	}
	n.Follow(ended("e1", "sip:bob@example.com")) // the same State again
	n.Follow(ended("e2", "sip:bob@example.com"))
	until(t, "the second call", func() bool { return strings.Contains(s.shown()[0].title, "2 calls from bob") })
	s.press(got.number, "call-back")
	until(t, "a press", func() bool { return len(did.list()) == 1 })
	want := Press{
		Deed: CallBack, From: Caller{AccountID: "a1", URI: "sip:bob@example.com"}, Token: "token-1_TIME7",
	}
	if did.list()[0] != want {
		t.Errorf("%+v", did.list()[0])
	}
	for i := range 20 {
		n.Follow(ended(fmt.Sprint("m", i), fmt.Sprintf("sip:%d@example.com", i)))
	}
	until(t, "the last one", func() bool {
		all := s.shown()
		return len(all) == mostMissed && slices.ContainsFunc(all, func(c card) bool {
			return strings.Contains(c.title, "19@example.com")
		})
	})
	again := calling("")
	again.Calls[0].URI, again.Calls[0].Phase = "sip:19@example.com", phone.PhaseEstablished
	n.Follow(again)
	s.waitFor(mostMissed - 1)
	n.Close()
	s.waitFor(0)
}
