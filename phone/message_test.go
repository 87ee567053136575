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
func last(s State) Message {
	if len(s.Messages) == 0 {
		return Message{}
	}
	return s.Messages[len(s.Messages)-1]
}

func TestMessagesGoAndComeWithTheirStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.SendMessage("", "bob", "Grüße\nin two lines 👋")
		m := last(alice.until("shown", func(s State) bool { return len(s.Messages) == 1 }))
		if m.Status != MessageSending || m.Incoming || m.Address != "bob" || m.AccountID != "alice" {
			t.Errorf("at once: %+v", m)
		}
		alice.until("sent", func(s State) bool { return last(s).Status == MessageSent && last(s).ID == m.ID })
		s := bob.until("told", func(s State) bool { return s.Unread == 1 })
		got := last(s)
		if got.Text != "Grüße\nin two lines 👋" || got.Address != "alice" || got.Name != "Alice" || !got.Incoming || !got.Unread || got.AccountID != "bob" {
			t.Errorf("came: %+v", got)
		}
		bob.MarkRead("bob", "carol")
		bob.MarkRead("bob", "alice")
		bob.until("read", func(s State) bool { return s.Unread == 0 && !last(s).Unread })
		if !last(s).Unread {
			t.Error("a State changed after it was published")
		}
	})
}

func TestMessageThatCannotArriveSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice := w.phone("alice")
		for to, want := range map[string]string{
			"nobody": "nobody is not known or not online", "bob": "bob cannot be reached now", "https://x/": "This address cannot be written to",
		} {
			alice.SendMessage("", to, "hello")
			m := last(alice.until("failed for "+to, func(s State) bool {
				return last(s).Status == MessageFailed && failure(last(s)) != "" && last(s).Address != "" && strings.HasPrefix(to, last(s).Address[:3])
			}))
			if !strings.HasPrefix(failure(m), want) {
				t.Errorf("%s: %q, want %q", to, failure(m), want)
			}
		}
		alice.SendMessage("", "bob", strings.Repeat("x", 100_000))
		alice.until("too long", func(s State) bool { return failure(last(s)) == "The message is too long" })
		w.phone("bob")
		w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("MESSAGE"), Status: 405, Times: 1})
		alice.SendMessage("", "bob", "hello")
		alice.until("not taken", func(s State) bool { return failure(last(s)) == "The phone of bob takes no messages" })
		alice.SendMessage("", "bob", " \n ")
		n := len(alice.State().Messages)
		time.Sleep(time.Second)
		if len(alice.State().Messages) != n {
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
				bob.messageCame(bob.lines[0].agent, &netsip.Message{ContentType: "text/plain", Body: fmt.Appendf(nil, "\x1b[2J%d\u202e", i)})
			}
		})
		s := bob.until("full", func(s State) bool { return len(s.Messages) == keptMessages })
		if first := s.Messages[0].Text; first != "�[2J10�" {
			t.Errorf("the oldest kept is %q", first)
		}
		if s.Unread != keptMessages {
			t.Errorf("%d unread", s.Unread)
		}
	})
}
