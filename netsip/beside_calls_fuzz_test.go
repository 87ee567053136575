package netsip

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/event"
	"calla/netsip/sip"
)

// trouble is mischief with transfers, replacements, events and texts, of both sides.
type trouble struct {
	*mischief
	loopRand  *rand.Rand // for what is drawn on the loop
	wishes    []*Referral
	transfers []*Transfer
	notifiers []*Notifier
}

// Random transfers, replacements, subscriptions and texts, amid random calls: in the end nothing may be left.
func TestNothingIsStuckWhateverIsBesideCalls(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for seed := range rounds {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(seed), 11))
			b := newBench(t, testConfig())
			x := &trouble{mischief: newMischief(b, r), loopRand: rand.New(rand.NewPCG(uint64(seed), 12))}
			b.tune = x.listen
			b.media.next.delay = time.Duration(r.IntN(3)) * 400 * time.Millisecond
			b.start()
			x.w = b.next()
			for range 250 {
				switch r.IntN(5) {
				case 0, 1:
					x.mischief.step()
				case 2:
					x.agree()
				default:
					x.step()
				}
			}
			x.over()
			if t.Failed() {
				t.Logf("seed %d", seed)
			}
		})
		if t.Failed() {
			return
		}
	}
}

func (x *trouble) listen(o *Options) {
	o.OnMessage = func(*Message) {}
	o.OnMessageSummary = func(event.MessageSummary) {}
	o.OnRefer = func(r *Referral) { x.wishes = append(x.wishes, r) }
	o.OnReplace = func(_, s *Session) { x.sessions = append(x.sessions, s) }
	o.OnSubscribe = func(n *Notifier) {
		x.notifiers = append(x.notifiers, n)
		switch x.loopRand.IntN(3) {
		case 0:
			n.Accept("text/x", []byte("x"))
		case 1:
			n.Reject(403)
		}
	}
}

// agree does what a far end in good order does with all that the user agent has asked lately, and calls it.
func (x *trouble) agree() {
	x.read()
	for _, req := range x.requests[max(0, len(x.requests)-5):] {
		switch req.Method {
		case "INVITE":
			x.fars = append(x.fars, x.w.callee(req, x.answer(req, 200, farContact, answerSDP)))
		case "REFER":
			x.answer(req, 202, farContact)
		case "SUBSCRIBE":
			x.answer(req, 200, farContact, "Expires: 100")
		case "PUBLISH":
			x.answer(req, 200, "SIP-ETag: e", "Expires: 100")
		default:
			x.answer(req, 200, farContact)
		}
	}
	x.do(func() {
		for _, s := range x.ua.calls.sessions {
			s.Answer()
		}
	})
	x.read()
	for _, f := range x.fars {
		if f.remoteTag != "" && f.seq == 1 {
			x.send(f.request("ACK"))
		}
	}
	f := x.w.caller()
	f.callID, f.branch = "a"+itoa(len(x.fars)), 1000*len(x.fars)
	x.fars = append(x.fars, f)
	x.send(f.request("INVITE", farContact, offerSDP))
}

// answer is reply for a connection that may be gone.
func (x *trouble) answer(req *sip.Message, code int, lines ...string) *sip.Message {
	m := sip.NewResponse(req, code, "")
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ": ")
		if !ok || strings.HasPrefix(line, "v=") {
			m.Add("Content-Type", "application/sdp")
			m.Body = []byte(line)
			continue
		}
		m.Add(name, value)
	}
	if m.ToTag() == "" {
		m.Set("To", m.Get("To")+";tag=far")
	}
	x.send(m)
	return m
}

func (x *trouble) step() {
	x.read()
	pick := x.rand.IntN
	switch pick(4) {
	case 0:
		x.do(x.wish)
	case 1, 2:
		if len(x.fars) == 0 {
			return
		}
		f := x.fars[pick(len(x.fars))]
		switch pick(6) {
		case 0:
			x.send(f.request("REFER", []string{
				"Refer-To: <sip:carol@example.com>",
				"Refer-To: <sip:carol@example.com?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>",
				"Refer-To: <tel:1>",
			}[pick(3)]))
		case 1:
			event := []string{"refer", "dialog", "talk", fmt.Sprintf("refer;id=%d", pick(200))}[pick(4)]
			if len(x.requests) > 0 && pick(3) == 0 {
				event = referID(x.requests[pick(len(x.requests))])
			}
			state := []string{
				"active", "pending", "terminated", "terminated;reason=deactivated",
				"active;expires=1",
			}[pick(5)]
			x.send(f.sipfragNotify(event, state, []string{"100 x", "180 x", "200 x", "486 x", "9 x"}[pick(5)]))
		case 2:
			x.send(f.request("SUBSCRIBE", []string{"Event: refer", "Event: presence"}[pick(2)],
				[]string{"Expires: 0", "Expires: 100"}[pick(2)], farContact))
		case 3:
			x.send(f.request("MESSAGE", plain, "Body: x"))
		default:
			g := x.w.caller()
			g.callID, g.branch = "r"+itoa(len(x.fars)), 1000*len(x.fars)
			x.fars = append(x.fars, g)
			x.send(g.request("INVITE", farContact, offerSDP, f.replacesLine([]string{"", "", ";early-only"}[pick(3)])))
		}
	default:
		g := x.w.caller()
		g.callID, g.branch = "o"+itoa(len(x.fars)), 1000*len(x.fars)
		x.fars = append(x.fars, g)
		switch pick(4) {
		case 0:
			x.send(g.request("SUBSCRIBE", "Event: presence",
				[]string{"Expires: 0", "Expires: 100", "Expires: 9"}[pick(3)], farContact))
		case 1:
			x.send(g.request("MESSAGE", plain, "Body: x"))
		case 2:
			x.send(g.request("NOTIFY", append([]string{"Event: message-summary", "Subscription-State: active"},
				mwiLines...)...))
		default: // of a subscription of ours
			if len(x.requests) > 0 {
				req := x.requests[pick(len(x.requests))]
				g.callID, g.remoteTag = req.CallID(), req.FromTag()
			}
			state := []string{
				"active", "pending", "terminated", "terminated;reason=deactivated",
				"terminated;reason=rejected", "active;expires=1",
			}[pick(6)]
			x.send(g.request("NOTIFY", append([]string{
				"Event: message-summary", "Subscription-State: " + state,
				farContact,
			}, mwiLines...)...))
		}
	}
}

// wish is what a user does; on the loop.
func (x *trouble) wish() {
	pick := x.loopRand.IntN
	calls := x.ua.calls.sessions
	switch pick(8) {
	case 0:
		if len(calls) > 0 {
			if t, err := calls[pick(len(calls))].Transfer("carol", nil); err == nil {
				x.transfers = append(x.transfers, t)
			}
		}
	case 1:
		if len(calls) > 1 {
			if t, err := calls[pick(len(calls))].TransferTo(calls[pick(len(calls))], nil); err == nil {
				x.transfers = append(x.transfers, t)
			}
		}
	case 2:
		for _, r := range x.wishes {
			if pick(3) == 0 {
				r.Decline()
			} else if s, err := r.Accept(CallOptions{}); err == nil {
				x.sessions = append(x.sessions, s)
			}
		}
	case 3:
		if len(x.subscriptions) < 4 {
			s, err := x.ua.Subscribe("alice", SubscribeOptions{Event: "message-summary", Expires: 100 * time.Second})
			if err == nil {
				x.subscriptions = append(x.subscriptions, s)
			}
		} else {
			x.subscriptions[pick(4)].Stop()
		}
	case 4:
		if len(x.publications) < 4 {
			p, err := x.ua.Publish(PublishOptions{Body: []byte("x"), Expires: 100 * time.Second})
			if err == nil {
				x.publications = append(x.publications, p)
			}
		} else {
			x.publications[pick(4)].Update([]byte("y"))
		}
	case 5:
		_ = sendText(x.ua, "bob", "text/plain", []byte("x"), nil)
		_ = x.ua.QueryOptions("bob", func(*Abilities, error) {})
	case 6:
		if len(calls) > 0 {
			if s, err := callText(x.ua, "carol", CallOptions{Replaces: calls[pick(len(calls))]}); err == nil {
				x.sessions = append(x.sessions, s)
			}
		}
	case 7:
		for _, n := range x.notifiers {
			switch pick(4) {
			case 0:
				n.Notify("text/x", []byte("z"))
			case 1:
				n.Terminate("noresource")
			case 2:
				n.Accept("text/x", []byte("y"))
			}
		}
	}
}

// over ends what there is and sees that nothing is left.
func (x *trouble) over() {
	b := x.bench
	b.do(func() {
		for _, s := range b.ua.Sessions() {
			s.HangUp()
		}
		for _, s := range x.subscriptions {
			s.Stop()
		}
		for _, p := range x.publications {
			p.Stop()
		}
	})
	b.until("connected", func() bool { return b.ua.connection.state == FlowConnected })
	for range 100 { // referrals and what far ends subscribed to grow old
		time.Sleep(40 * time.Second)
		x.read()
	}
	b.clean()
	b.do(func() {
		ua := b.ua
		if ua.calls.asked != nil ||
			len(ua.events.subscriptions)+len(ua.events.notifiers)+len(ua.events.publications) != 0 {
			b.Errorf("left: referral %v, %d subscriptions, %d notifiers, %d publications", ua.calls.asked,
				len(ua.events.subscriptions), len(ua.events.notifiers), len(ua.events.publications))
		}
		for _, s := range x.sessions {
			if s.state != SessionEnded || len(s.usages.transfers)+len(s.usages.referrals) != 0 {
				b.Errorf("a call is %v with %d transfers and %d referrals", s.state, len(s.usages.transfers),
					len(s.usages.referrals))
			}
		}
		for _, t := range x.transfers {
			if t.State() < TransferDone {
				b.Errorf("a transfer is %v", t.State())
			}
		}
	})
}

// FuzzBesideCalls gives a user agent that has a call up, a transfer of it under way and a subscription, requests with
// any header fields and bodies: it must not crash, keep its call, and answer the OPTIONS that follows.
func FuzzBesideCalls(f *testing.F) {
	methods := []string{"REFER", "NOTIFY", "SUBSCRIBE", "MESSAGE", "INVITE", "PUBLISH"}
	for i, seed := range []string{
		"Refer-To: <sip:carol@example.com?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc&Route=x>\r\nReferred-By: " +
			"<sip:x@y>\r\nRefer-Sub: false;x=y\r\n",
		"Event: refer;id=7\r\nSubscription-State: active;expires=60;reason=x;retry-after=9\r\nContent-Type: " +
			"message/sipfrag\r\n",
		"Event: presence;id=7\r\nExpires: 100\r\nAccept: a/b, c/d\r\nContact: <sip:bob@192.0.2.1>\r\n",
		"Content-Type: text/plain;charset=\"utf-8\"\r\nContent-Encoding: identity\r\n",
		"Replaces: call-1@far;from-tag=from-far;to-tag=LOCAL;early-only\r\nContact: " +
			"<sip:bob@192.0.2.1>\r\nContent-Type: application/sdp\r\n",
		"Event: message-summary\r\nSubscription-State: terminated;reason=deactivated\r\nContent-Type: " +
			"application/simple-message-summary\r\n",
	} {
		f.Add(uint8(i), uint8(i), seed, "SIP/2.0 180 Ringing\r\n")
		f.Add(uint8(1), uint8(2), seed, mwiBody)
		f.Add(uint8(i), uint8(0), seed, offerSDP)
	}
	f.Fuzz(func(t *testing.T, method, where uint8, headers, body string) {
		if len(headers)+len(body) > 64<<10 {
			return
		}
		listening(t, testConfig(), func(_ *bench, o *Options) {
			o.OnMessage = func(*Message) {}
			o.OnMessageSummary = func(event.MessageSummary) {}
			o.OnRefer = func(r *Referral) { _, _ = r.Accept(CallOptions{}) }
			o.OnReplace = func(_, _ *Session) {}
			o.OnSubscribe = func(n *Notifier) { n.Accept("text/x", []byte("x")) }
		}, func(b *bench, w *wire) {
			s, bob := b.answered(w)
			sent := b.transfer(s, "carol")
			w.reply(w.expect("REFER"), 202)
			b.subscribe("alice", SubscribeOptions{Event: "message-summary"})
			subscribe := w.expect("SUBSCRIBE")
			w.reply(subscribe, 200, farContact)
			from := []*far{w.carol(), bob, w.notifier(subscribe)}[where%3]
			m := from.request(methods[int(method)%len(methods)])
			headers := strings.ReplaceAll(headers, "LOCAL", bob.remoteTag)
			w.sendRaw(strings.Replace(m.String(), "Content-Length: 0\r\n",
				headers+fmt.Sprintf("Content-Length: %d\r\n", len(body)), 1) + body)
			for range 3 {
				synctest.Wait()
				for len(w.in) > 0 {
					<-w.in
				}
				time.Sleep(time.Second)
			}
			b.do(func() {
				if s.state != SessionEstablished && (s.end.Cause != CauseBye || sent.t.State() != TransferDone) &&
					s.end.Cause != CauseReplaced {
					t.Errorf("the call is %v: %+v", s.state, s.end)
				}
			})
			w.send(w.out("OPTIONS"))
			for {
				if m := <-w.in; m.StatusCode == 200 && strings.HasSuffix(m.Get("CSeq"), "OPTIONS") {
					break
				}
			}
		})
	})
}
