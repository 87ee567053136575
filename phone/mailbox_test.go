package phone

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip"
	"calla/netsip/event"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
)

func TestServerWithoutMailboxIsNoMatter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		asked := w.counter("SUBSCRIBE")
		w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("SUBSCRIBE"), Status: 489, Times: -1})
		p := w.phone("alice")
		time.Sleep(2 * time.Hour)
		s := first(p.State())
		if s.Voicemail != nil || s.Problem != nil || s.Status != StatusRegistered || len(p.State().Notices) != 0 {
			t.Errorf("%+v", s)
		}
		if n := asked(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// mailbox makes a user agent at the address of an account, which answers for its mailbox.
func (w *world) mailbox(name, body string) {
	w.t.Helper()
	loop := loop.New()
	w.t.Cleanup(loop.Stop)
	ready := make(chan struct{})
	var once sync.Once
	loop.Do(func() {
		ua, err := netsip.New(netsip.Options{
			Loop: loop, Config: w.account(name).Config, Dial: w.server.Dial,
			OnState: func(s netsip.State) {
				if s.Registration == netsip.Registered {
					once.Do(func() { close(ready) })
				}
			},
			OnSubscribe: func(n *netsip.Notifier) {
				n.Accept(mailboxType, []byte(body))
			},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		ua.Start()
	})
	<-ready
}

func TestVoicemailIsAskedForOnceRegistered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.mailbox("alice", "Messages-Waiting: yes\r\nMessage-Account: sip:alice@sandbox.invalid\r\nVoice-Message: "+
			"3/5 (0/0)\r\n")
		p := w.phone("alice")
		p.until("told", func(s State) bool { v := first(s).Voicemail; return v != nil && *v == Voicemail{3, 5} })
	})
}

func TestVoicemailIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("alice")
		for _, c := range []struct {
			told event.MessageSummary
			want Voicemail
		}{
			{event.MessageSummary{Waiting: true, New: 2, Old: 8}, Voicemail{2, 8}},
			{event.MessageSummary{Waiting: true}, Voicemail{1, 0}},
			{event.MessageSummary{Waiting: true, Old: 3}, Voicemail{0, 3}},
			{event.MessageSummary{New: 4}, Voicemail{4, 0}},
			{event.MessageSummary{}, Voicemail{0, 0}},
		} {
			p.loop.Do(func() { p.lines[0].agent.mailboxTold(c.told) })
			p.until("told", func(s State) bool { v := first(s).Voicemail; return v != nil && *v == c.want })
		}
	})
}
