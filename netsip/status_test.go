package netsip

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/event"
	"calla/netsip/sip"
)

// statusCase is a request that comes in and the final status that answers it.
type statusCase struct {
	code int
	rule string // where the status is asked for
	what string
	send func(b *bench, w *wire) *sip.Message // sends all that comes before, and gives the request
	has  string                               // header field of the response, by its name
}

// outside is a request outside any dialog.
func outside(method string, lines ...string) func(*bench, *wire) *sip.Message {
	return func(_ *bench, w *wire) *sip.Message { return w.out(method, lines...) }
}

// inCall is a request in an established call.
func inCall(method string, lines ...string) func(*bench, *wire) *sip.Message {
	return func(b *bench, w *wire) *sip.Message {
		_, f := b.answered(w)
		return f.request(method, lines...)
	}
}

// ofNoDialog is a request of a dialog that there is not.
func ofNoDialog(method string, lines ...string) func(*bench, *wire) *sip.Message {
	return outside(method, append(lines, "To: <sip:alice@example.com>;tag=none", farContact)...)
}

// Each status a user agent answers requests with, and the rule that wants it. 483 is not among them: a request
// with Max-Forwards: 0 that has arrived is answered (RFC 3261 section 11.2), only proxies refuse it.
func TestStatusCodes(t *testing.T) {
	const refer, presence = "Refer-To: <sip:carol@example.com>", "Event: presence"
	for _, c := range []statusCase{
		{200, "RFC 3261 section 11.2", "Max-Forwards: 0 has arrived", outside("OPTIONS", "Max-Forwards: 0"), "Allow"},
		{200, "RFC 3428 section 7", "a text", outside("MESSAGE", plain, "Body: x"), ""},
		{
			200, "RFC 3842 section 3.6", "a count nobody asked for",
			outside("NOTIFY", append(mwiLines, "From: <sip:alice@example.com>;tag=1", "Event: message-summary",
				"Subscription-State: active")...), "",
		},
		{200, "RFC 6665 section 4.2.1.1", "a subscription", outside("SUBSCRIBE", presence, farContact), "Expires"},
		{202, "RFC 3515 section 2.4.2", "REFER that the user is asked about", inCall("REFER", refer), ""},
		{
			400, "RFC 3261 section 8.1.1.7", "branch without anything",
			outside("OPTIONS", "Via: SIP/2.0/WSS h;branch=z9hG4bK"), "",
		},
		{400, "RFC 3261 section 20.22", "Max-Forwards: 300", outside("OPTIONS", "Max-Forwards: 300"), ""},
		{400, "RFC 3515 section 2.4.2", "no Refer-To", inCall("REFER"), ""},
		{
			400, "RFC 3891 section 3", "Replaces without tags", outside("INVITE", farContact, offerSDP, "Replaces: x"),
			"",
		},
		{400, "RFC 6665 section 8.2.1", "SUBSCRIBE without Event", outside("SUBSCRIBE", farContact), ""},
		{
			404, "RFC 3261 section 8.2.2.1", "somebody else",
			outside("MESSAGE", "uri: sip:bob@example.com", plain, "Body: x"), "",
		},
		{405, "RFC 3261 section 8.2.1", "REGISTER", outside("REGISTER"), "Allow"},
		{405, "RFC 3261 section 8.2.1", "PUBLISH", outside("PUBLISH", presence), "Allow"},
		{
			406, "RFC 3261 section 21.4.7", "INVITE that cannot read our answer",
			outside("INVITE", farContact, offerSDP, "Accept: text/plain"), "Accept",
		},
		{
			415, "RFC 3261 section 8.2.3", "INVITE with HTML",
			outside("INVITE", farContact, "Content-Type: text/html", "Body: <b>"), "Accept",
		},
		{
			415, "RFC 3261 section 8.2.3", "INVITE compressed",
			outside("INVITE", farContact, "Content-Type: application/sdp", "Content-Encoding: gzip", "Body: x"),
			"Accept-Encoding",
		},
		{
			415, "RFC 3428 section 7", "MESSAGE with HTML", outside("MESSAGE", "Content-Type: text/html", "Body: <b>"),
			"Accept",
		},
		{415, "RFC 3261 section 8.2.3", "INFO without a type", inCall("INFO", "Body: x"), "Accept"},
		{416, "RFC 3261 section 8.2.2.1", "tel: called", outside("OPTIONS", "uri: tel:+1555"), ""},
		{416, "RFC 3261 section 8.2.2.1", "sips: called", outside("OPTIONS", "uri: sips:alice@example.com"), ""},
		{416, "RFC 3515 section 2.4.2", "REFER to tel:", inCall("REFER", "Refer-To: <tel:+1900555>"), ""},
		{
			420, "RFC 3261 section 8.2.2.3", "unknown extension", outside("MESSAGE", plain, "Require: foo", "Body: x"),
			"Unsupported",
		},
		{
			422, "RFC 4028 section 9", "Session-Expires: 60",
			outside("INVITE", farContact, offerSDP, "Supported: timer", "Session-Expires: 60"), "Min-SE",
		},
		{
			423, "RFC 6665 section 4.2.1.1", "SUBSCRIBE for 5 s",
			outside("SUBSCRIBE", presence, "Expires: 5", farContact),
			"Min-Expires",
		},
		{481, "RFC 3261 section 12.2.2", "INVITE of no dialog", ofNoDialog("INVITE", offerSDP), ""},
		{481, "RFC 3261 section 15.1.2", "BYE of no dialog", ofNoDialog("BYE"), ""},
		{481, "RFC 3261 section 12.2.2", "MESSAGE of no dialog", ofNoDialog("MESSAGE", plain), ""},
		{481, "RFC 3515 section 2.4.2", "REFER of no dialog", ofNoDialog("REFER", refer), ""},
		{481, "RFC 6665 section 4.1.3", "NOTIFY of no dialog", ofNoDialog("NOTIFY", presence), ""},
		{481, "RFC 6665 section 4.2.1.2", "SUBSCRIBE of no dialog", ofNoDialog("SUBSCRIBE", presence), ""},
		{481, "RFC 3262 section 3", "PRACK of no dialog", ofNoDialog("PRACK"), ""},
		{481, "RFC 3261 section 9.2", "CANCEL of nothing", outside("CANCEL"), ""},
		{
			481, "RFC 3891 section 3", "Replaces of no dialog",
			outside("INVITE", farContact, offerSDP, "Replaces: x;to-tag=1;from-tag=2"), "",
		},
		{482, "RFC 3261 section 8.2.2.2", "merged INVITE", func(_ *bench, w *wire) *sip.Message {
			other := w.caller().ring(farContact, offerSDP).Clone()
			other.Set("Via", "SIP/2.0/WSS proxy.example.com;branch=z9hG4bKother")
			return other
		}, ""},
		{486, "RFC 3261 section 21.4.24", "fifth call that rings", func(_ *bench, w *wire) *sip.Message {
			f := w.caller()
			for i := range MaxRinging + 1 {
				f.callID, f.branch = "ring"+itoa(i), 1000*i
				if i < MaxRinging {
					f.ring(farContact, offerSDP)
				}
			}
			return f.request("INVITE", farContact, offerSDP)
		}, ""},
		{488, "RFC 3261 section 21.4.26", "offer nothing of which is ours", func(b *bench, w *wire) *sip.Message {
			b.media.next.setOfferErr = &MediaError{StatusCode: 488, Reason: "no codec in common"}
			return w.out("INVITE", farContact, offerSDP)
		}, "Warning"},
		{
			489, "RFC 6665 section 4.1.3", "check-sync",
			outside("NOTIFY", "Event: check-sync;reboot=true", "Subscription-State: active"), "Allow-Events",
		},
		{489, "RFC 6665 section 4.5.2", "SUBSCRIBE in a call", inCall("SUBSCRIBE", presence), "Allow-Events"},
		{491, "RFC 3261 section 14.2", "re-INVITE across ours", func(b *bench, w *wire) *sip.Message {
			s, f := b.answered(w)
			b.do(func() { s.SetHold(true) })
			w.expect("INVITE")
			return f.request("INVITE", farContact, offerSDP)
		}, ""},
		{491, "one question at a time", "second REFER", func(b *bench, w *wire) *sip.Message {
			_, f := b.answered(w)
			w.send(f.request("REFER", refer))
			w.expect("202 REFER")
			w.reply(w.expect("NOTIFY"), 200)
			return f.request("REFER", refer)
		}, ""},
		{500, "RFC 3261 section 12.2.2", "CSeq out of order", inCall("INFO", "CSeq: 1 INFO"), ""},
		{501, "RFC 3261 section 8.2.1", "unknown method", outside("FOO"), "Allow"},
		{501, "RFC 3261 section 7.1", "methods are spelt in capitals", outside("options"), "Allow"},
		{505, "RFC 3261 section 21.5.6", "SIP/3.0", func(_ *bench, w *wire) *sip.Message {
			m := w.out("OPTIONS")
			m.Version = "SIP/3.0"
			return m
		}, ""},
		{513, "RFC 3261 section 21.5.7", "64 KiB", func(_ *bench, w *wire) *sip.Message {
			m := w.out("OPTIONS")
			m.Body = make([]byte, sip.MaxMessageSize)
			return m
		}, ""},
		{
			513, "RFC 3261 section 21.5.7", "a text that nobody can read",
			outside("MESSAGE", plain, "Body: "+strings.Repeat("x", maxMessageText+1)), "",
		},
		{603, "toll fraud", "REFER outside a call", outside("REFER", refer), ""},
	} {
		t.Run(fmt.Sprintf("%d %s", c.code, c.what), func(t *testing.T) {
			listening(t, testConfig(), func(_ *bench, o *Options) {
				o.OnMessage = func(*Message) {}
				o.OnMessageSummary = func(event.MessageSummary) {}
				o.OnRefer = func(*Referral) {}
				o.OnReplace = func(_, _ *Session) {}
				o.OnSubscribe = func(*Notifier) {}
			}, func(b *bench, w *wire) {
				req := c.send(b, w)
				w.send(req)
				seq, _ := req.CSeq()
				for {
					resp := <-w.in
					if resp.IsRequest() || resp.StatusCode < 200 && c.code >= 200 {
						continue
					}
					if got := title(resp); got != fmt.Sprintf("%d %s", c.code, seq.Method) {
						t.Fatalf("%s: %s:\n%s", c.rule, got, resp)
					}
					if c.has != "" && resp.Get(c.has) == "" {
						t.Errorf("%s: no %s:\n%s", c.rule, c.has, resp)
					}
					if resp.ToTag() == "" || resp.Get("Via") != req.Get("Via") || resp.Get("CSeq") != req.Get("CSeq") {
						t.Errorf("response:\n%s", resp)
					}
					return
				}
			})
		})
	}
}

// 1,000 INVITEs a second for ten seconds, none of them ever acknowledged, while a call is up: four ring, the memory
// they take is small and comes back, and the call goes on.
func TestInviteFloodLeavesTheCallAlone(t *testing.T) {
	ladderWith(t, testConfig(), func(b *bench) { b.untraced = true }, func(b *bench, w *wire) {
		s, f := b.answered(w)
		rang := len(b.invites)
		before := heap()
		var most uint64
		count := map[int]int{}
		flood := w.carol()
		for i := range 10_000 {
			flood.callID, flood.branch = "flood"+itoa(i), 1000*(i+1)
			w.send(flood.request("INVITE", farContact, offerSDP))
			time.Sleep(time.Millisecond)
			for len(w.in) > 0 {
				count[(<-w.in).StatusCode]++
			}
			if i%2000 == 1999 {
				most = max(most, heap())
				b.do(func() {
					if n := len(b.ua.transactions.server); n > maxServerTxs+1 {
						t.Errorf("%d server transactions", n)
					}
				})
			}
		}
		if count[180] != MaxRinging || count[486] > maxServerTxs || count[486]+count[503]+count[180] != 10_000 {
			t.Errorf("answers %v", count)
		}
		if grown := int64(most) - int64(before); grown > 30<<20 {
			t.Errorf("%d bytes more in the flood", grown)
		}
		b.do(func() {
			for _, in := range b.invites[rang:] {
				in.Reject(486, "")
			}
		})
		time.Sleep(40 * time.Second)
		synctest.Wait()
		for len(w.in) > 0 {
			<-w.in
		}
		b.invites = nil
		if grown := int64(heap()) - int64(before); grown > 2<<20 {
			t.Errorf("%d bytes are kept", grown)
		}
		w.send(f.request("INFO", "Content-Type: application/dtmf-relay", "Body: Signal=1"))
		w.expect("200 INFO")
		b.do(s.HangUp)
		w.reply(w.expect("BYE"), 200)
		b.clean()
	})
}

// heap is what is in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// 10,000 provisional and as many final responses to one INVITE, each of another fork.
func TestResponseFloodIsBounded(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		flood := func(code int) {
			for i := range 10_000 {
				w.reply(invite, code, farContact, answerSDP, "To-Tag: t"+itoa(i))
				synctest.Wait()
				for len(w.in) > 0 {
					<-w.in
				}
			}
		}
		flood(183)
		b.do(func() {
			if len(s.out.invite.early) > maxForks || len(b.ua.calls.dialogs) > maxForks {
				t.Errorf("%d early dialogs, %d dialogs", len(s.out.invite.early), len(b.ua.calls.dialogs))
			}
		})
		flood(200)
		b.do(func() {
			if len(s.out.invite.acks) > maxForks+1 || len(b.ua.transactions.client) > 2*maxForks ||
				s.state != SessionEstablished {
				t.Errorf("%d forks, %d client transactions, %v", len(s.out.invite.acks), len(b.ua.transactions.client),
					s.state)
			}
			s.HangUp()
		})
		b.clean()
	})
}
