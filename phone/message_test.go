package phone

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip"
	"calla/netsip/sandbox"
)

// last is the newest message.
func last(r interface{ Recent() []Message }) Message {
	if all := r.Recent(); len(all) > 0 {
		return all[len(all)-1]
	}
	return Message{}
}

func TestMessagesGoAndComeWithTheirStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		// The answer does not come at once.
		w.server.Faults().SetLine("alice", sandbox.Line{Latency: 10 * time.Millisecond})
		var shown []Message // with each State that has one; of alice's loop
		alice.Subscribe(func(s State) {
			if s.Messages.Any {
				shown = append(shown, last(alice))
			}
		})
		alice.SendMessage("", "bob", "Grüße\nin two lines 👋")
		alice.until("sent", func(s State) bool { return s.Messages.Any && last(alice).Status == MessageSent })
		alice.loop.Do(func() {
			m := shown[0]
			if m.Status != MessageSending || m.Incoming || m.Address != "bob" || m.AccountID != "alice" {
				t.Errorf("at once: %+v", m)
			}
			if last(alice).ID != m.ID {
				t.Errorf("then another: %+v", last(alice))
			}
		})
		s := bob.until("told", func(s State) bool { return s.Messages.Unread == 1 })
		got := last(bob)
		if got.Text != "Grüße\nin two lines 👋" || got.Address != "alice" || got.Name != "" ||
			got.Claims != "Alice" || !got.Incoming || !got.Unread || got.AccountID != "bob" {
			t.Errorf("came: %+v", got)
		}
		bob.MarkRead("bob", "carol@sandbox.invalid", got.ID)
		bob.MarkRead("bob", got.Party, got.ID-1)
		bob.MarkRead("bob", got.Party, got.ID)
		bob.until("read", func(s State) bool { return s.Messages.Unread == 0 && !last(bob).Unread })
		if s.Messages.Unread != 1 || !got.Unread {
			t.Error("a State, or an answer, changed after it was given")
		}
	})
}

func TestMessageThatCannotArriveSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice := w.phone("alice")
		for to, want := range map[string]string{
			"nobody": "nobody is not known or not online", "bob": "bob cannot be reached now",
			"https://x/": "This address cannot be written to",
		} {
			alice.SendMessage("", to, "hello")
			alice.until("failed for "+to, func(State) bool {
				m := last(alice)
				return m.Status == MessageFailed && failure(m) != "" && m.Address != "" && strings.HasPrefix(to,
					m.Address[:3])
			})
			m := last(alice)
			if !strings.HasPrefix(failure(m), want) {
				t.Errorf("%s: %q, want %q", to, failure(m), want)
			}
		}
		alice.SendMessage("", "bob", strings.Repeat("x", 100_000))
		alice.until("too long", func(State) bool { return failure(last(alice)) == "The message is too long" })
		w.phone("bob")
		w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("MESSAGE"), Status: 405, Times: 1})
		alice.SendMessage("", "bob", "hello")
		alice.until("not taken", func(State) bool {
			return failure(last(alice)) == "The phone of bob takes no messages"
		})
		alice.SendMessage("", "bob", " \n ")
		n := len(alice.Recent())
		time.Sleep(time.Second)
		if len(alice.Recent()) != n {
			t.Error("an empty message was sent")
		}
	})
}

func TestMessagesAreKeptUpToALimitAndMadeSafe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		bob := w.phone("bob")
		bob.loop.Do(func() {
			for i := range keptMessages + 10 {
				bob.messageCame(bob.lines[0].agent,
					&netsip.Message{ContentType: "text/plain", Body: fmt.Appendf(nil, "\x1b[2J%d\u202e", i)})
			}
		})
		s := bob.until("full", func(s State) bool { return s.Messages.Unread == keptMessages })
		if first := bob.Recent()[0].Text; first != "�[2J10�" {
			t.Errorf("the oldest kept is %q", first)
		}
		if n := s.Messages.Unread; n != keptMessages {
			t.Errorf("%d unread", n)
		}
	})
}
