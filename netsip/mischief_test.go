package netsip

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/event"
	"calla/netsip/sip"
)

// mischief is a far end that draws what it does next.
type mischief struct {
	*bench
	rand      *rand.Rand
	w         *wire
	ledger    ledger
	sessions  []*Session
	referrals []*Referral
	requests  []*sip.Message // of the user agent, the last ones
	fars      []*far
	rseqs     map[*far]string // last RSeq of the user agent
	sent      []*sip.Message  // the last ones
	serial    int

	subscriptions []*Subscription
	publications  []*Publication
}

const remembered = 150

func newMischief(b *bench, r *rand.Rand) *mischief {
	return &mischief{bench: b, rand: r, ledger: ledger{}, rseqs: map[*far]string{}}
}

// listen has every callback do something.
func (m *mischief) listen(o *Options) {
	o.OnReplace = func(_, s *Session) { m.sessions = append(m.sessions, s) }
	o.OnRefer = func(r *Referral) { m.referrals = append(m.referrals, r) }
	o.OnMessage = func(*Message) {}
	o.OnMessageSummary = func(event.MessageSummary) {}
	o.OnSubscribe = func(n *Notifier) {
		if m.pick(3) == 0 {
			n.Reject(403)
		} else {
			n.Accept("text/x", []byte("x"))
		}
	}
}

func (m *mischief) pick(n int) int { return m.rand.IntN(n) }

// one draws from texts.
func (m *mischief) one(texts ...string) string { return texts[m.pick(len(texts))] }

// some draws a part of texts, in order.
func (m *mischief) some(texts ...string) []string {
	var list []string
	for _, text := range texts {
		if m.pick(3) == 0 {
			list = append(list, text)
		}
	}
	return list
}

// keepAccount enters what has gone over the wire since the last time.
func (m *mischief) keepAccount() {
	for _, e := range m.traced() {
		m.ledger.note(e)
	}
	m.bench.seen = nil
}

// newest moves to the last connection made.
func (m *mischief) newest() {
	for len(m.accepted) > 0 {
		m.w = <-m.accepted
		m.do(func() {
			m.keepAccount()
			m.ledger.broken()
		})
	}
	for _, f := range m.fars {
		f.w = m.w
	}
}

// read takes in what the user agent sent.
func (m *mischief) read() {
	synctest.Wait()
	m.newest()
	for len(m.w.pings) > 0 {
		<-m.w.pings
	}
	for len(m.w.in) > 0 {
		msg := <-m.w.in
		switch {
		case msg.IsRequest() && msg.Method != "ACK":
			m.requests = append(m.requests, msg)
		case msg.StatusCode > 100:
			for _, f := range m.fars {
				if f.callID == msg.CallID() {
					f.learn(msg)
					if rseq := msg.Get("RSeq"); rseq != "" {
						m.rseqs[f] = rseq
					}
				}
			}
		}
	}
	m.requests = m.requests[max(0, len(m.requests)-remembered):]
	m.sent = m.sent[max(0, len(m.sent)-remembered):]
	m.fars = m.fars[max(0, len(m.fars)-remembered):]
}

func (m *mischief) send(msg *sip.Message) {
	m.sent = append(m.sent, msg)
	_ = m.w.conn.WriteMessage(websocket.TextMessage, msg.Bytes()) // the connection may be gone
}

func (m *mischief) step() {
	m.read()
	switch m.pick(16) {
	case 0:
		m.call()
	case 1:
		m.ring()
	case 2, 3, 4, 5:
		m.respond()
	case 6, 7, 8, 9:
		m.ask()
	case 10:
		if len(m.sent) > 0 {
			m.send(m.sent[m.pick(len(m.sent))]) // once more
		}
	case 11, 12:
		m.do(m.use)
	case 13:
		m.pass()
	case 14:
		m.stray()
	case 15:
		m.corrupt()
	}
	m.do(func() {
		m.sessions = append(m.sessions, m.invites...)
		m.invites = nil
	})
}

// call has the user call, up to eight at a time.
func (m *mischief) call() {
	m.do(func() {
		live := m.ua.Sessions()
		if len(live) >= 8 {
			return
		}
		o := CallOptions{LateOffer: m.pick(4) == 0, Anonymous: m.pick(8) == 0}
		if len(live) > 0 && m.pick(6) == 0 {
			o.Replaces = live[m.pick(len(live))]
		}
		if s, err := callText(m.ua, "bob", o); err == nil {
			m.sessions = append(m.sessions, s)
		}
	})
}

// ring has somebody call.
func (m *mischief) ring() {
	m.serial++
	f := m.w.caller()
	f.callID, f.branch = "m"+itoa(m.serial), 1000*m.serial
	lines := append([]string{farContact}, m.some("Require: 100rel", "Supported: timer, 100rel", "Session-Expires: 90",
		"Expires: 5", "Allow: INVITE, UPDATE, PRACK", offerSDP, "Session-Expires: 10")...)
	if len(m.fars) > 0 && m.pick(5) == 0 {
		lines = append(lines, m.fars[m.pick(len(m.fars))].replacesLine(m.one("", ";early-only")))
	}
	m.fars = append(m.fars, f)
	m.send(f.request("INVITE", lines...))
}

// respond answers a request of the user agent, one from long ago perhaps.
func (m *mischief) respond() {
	if len(m.requests) == 0 {
		return
	}
	req := m.requests[max(0, len(m.requests)-1-m.pick(12))]
	if m.pick(8) == 0 {
		req = m.requests[m.pick(len(m.requests))]
	}
	codes := []int{
		100, 180, 183, 183, 200, 200, 200, 200, 202, 302, 401, 404, 407, 408, 422, 481, 486, 487, 491, 500,
		503, 603,
	}
	code := codes[m.pick(len(codes))]
	resp := sip.NewResponse(req, code, "")
	if resp.ToTag() == "" && code > 100 {
		resp.Set("To", resp.Get("To")+";tag=t"+itoa(m.pick(3)))
	}
	if m.pick(8) > 0 {
		resp.Add("Contact", "<sip:bob@192.0.2.1>")
	}
	for _, line := range m.some("Session-Expires: 90;refresher=uac", "Session-Expires: 90;refresher=uas",
		"Min-SE: 1900", "Retry-After: 3", "Allow: INVITE, UPDATE, PRACK",
		`WWW-Authenticate: Digest realm="r", nonce="n`+itoa(m.pick(3))+`", stale=true`,
		`Proxy-Authenticate: Digest realm="p", nonce="m", algorithm=SHA-256, qop="auth"`) {
		name, value, _ := strings.Cut(line, ": ")
		resp.Add(name, value)
	}
	if code > 100 && code < 200 && m.pick(2) == 0 {
		resp.Add("Require", "100rel")
		resp.Add("RSeq", itoa(1+m.pick(4)))
	}
	if code < 300 && m.pick(4) > 0 {
		resp.Add("Content-Type", "application/sdp")
		resp.Body = []byte(m.one(answerSDP, holdSDP))
	}
	m.send(resp)
	if req.Method == "INVITE" && code == 200 {
		if contacts, err := req.Contacts(); err == nil && len(contacts) > 0 {
			m.fars = append(m.fars, m.w.callee(req, resp))
		}
	}
}

// ask sends a request in a dialog, or what would be one.
func (m *mischief) ask() {
	if len(m.fars) == 0 {
		return
	}
	f := m.fars[max(0, len(m.fars)-1-m.pick(10))]
	method := m.one("ACK", "ACK", "ACK", "BYE", "CANCEL", "INVITE", "INVITE", "UPDATE", "UPDATE", "PRACK", "PRACK",
		"INFO", "OPTIONS", "REFER", "NOTIFY", "NOTIFY", "MESSAGE", "SUBSCRIBE")
	lines := m.some(farContact, m.one(offerSDP, holdSDP), "Session-Expires: 90;refresher=uas", "Supported: timer",
		"Require: nonsense")
	switch method {
	case "PRACK":
		rseq := m.rseqs[f]
		if rseq == "" || m.pick(4) == 0 {
			rseq = itoa(m.pick(5))
		}
		lines = append(lines, fmt.Sprintf("RAck: %s %d INVITE", rseq, max(1, f.seq-m.pick(2))))
	case "REFER":
		lines = append(lines, "Refer-To: "+m.one("<sip:carol@example.com>",
			"<sip:carol@example.com?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>", "<tel:+1>", "nonsense"), farContact)
	case "NOTIFY":
		id := ""
		if m.pick(3) > 0 && len(m.requests) > 0 {
			seq, _ := m.requests[m.pick(len(m.requests))].CSeq()
			id = fmt.Sprintf(";id=%d", seq.Seq)
		}
		lines = append(m.some(farContact), "Event: "+m.one("refer", "refer", "message-summary", "dialog")+id,
			"Subscription-State: "+m.one("active;expires=60", "terminated;reason=noresource", "pending"),
			"Content-Type: message/sipfrag",
			"Body: SIP/2.0 "+m.one("100 Trying", "180 Ringing", "200 OK", "486 Busy Here", "nonsense")+"\r\n")
	}
	m.send(f.request(method, lines...))
}

// use is a user who touches everything; on the loop.
func (m *mischief) use() {
	live := m.ua.Sessions()
	for _, r := range m.referrals {
		if m.pick(2) == 0 {
			if s, err := r.Accept(CallOptions{}); err == nil {
				m.sessions = append(m.sessions, s)
			}
		} else {
			r.Decline()
		}
	}
	m.referrals = nil
	m.useBesideCalls()
	if len(live) == 0 {
		return
	}
	s := live[m.pick(len(live))]
	switch m.pick(12) {
	case 0, 1, 2, 3:
		s.Answer()
	case 4:
		s.HangUp()
	case 5:
		s.Reject(300+m.pick(400), "")
	case 6, 7:
		s.SetHold(m.pick(2) == 0)
	case 8:
		s.RestartMedia()
	case 9:
		_, _ = s.Transfer("carol", nil)
	case 10:
		_, _ = s.TransferTo(live[m.pick(len(live))], nil)
	case 11:
		s.SendInfo("application/dtmf-relay", []byte("Signal=1\r\nDuration=100"))
	}
}

// useBesideCalls has the user do what needs no call.
func (m *mischief) useBesideCalls() {
	switch m.pick(8) {
	case 0:
		if len(m.subscriptions) < 4 {
			if s, err := m.ua.Subscribe("alice",
				SubscribeOptions{Event: "message-summary", Expires: 100 * time.Second}); err == nil {
				m.subscriptions = append(m.subscriptions, s)
			}
		} else {
			m.subscriptions[m.pick(4)].Stop()
		}
	case 1:
		if len(m.publications) < 4 {
			if p, err := m.ua.Publish(PublishOptions{Body: []byte("x"), Expires: 100 * time.Second}); err == nil {
				m.publications = append(m.publications, p)
			}
		} else {
			m.publications[m.pick(4)].Update([]byte("y"))
		}
	case 2:
		_ = sendText(m.ua, "bob", "text/plain", []byte("x"), nil)
	case 3:
		_ = m.ua.QueryOptions("bob", func(*Abilities, error) {})
	}
}

// pass lets time pass, sometimes much, and sometimes the flow breaks.
func (m *mischief) pass() {
	switch m.pick(8) {
	case 0:
		time.Sleep(time.Duration(m.pick(60)) * time.Second)
	case 1:
		_ = m.w.conn.Close()
		time.Sleep(time.Duration(m.pick(6)) * time.Second)
	default:
		time.Sleep(time.Duration(m.pick(4000)) * time.Millisecond)
	}
}

// stray sends what has to do with nothing.
func (m *mischief) stray() {
	m.serial++
	f := m.w.caller()
	f.callID, f.branch, f.tag = "s"+itoa(m.serial), 1000*m.serial, "s"
	if m.pick(4) == 0 {
		f.remoteTag = "nobody"
	}
	method := m.one("OPTIONS", "MESSAGE", "NOTIFY", "SUBSCRIBE", "REGISTER", "PUBLISH", "REFER", "BYE", "UPDATE",
		"PRACK", "INFO", "ACK", "CANCEL", "NONSENSE")
	m.send(f.request(method, m.some(farContact, offerSDP, "Event: message-summary", "Refer-To: <sip:x@y>",
		"Max-Forwards: 0", "Require: x")...))
}

// corrupt sends an old message with octets changed or cut off.
func (m *mischief) corrupt() {
	if len(m.sent) == 0 {
		return
	}
	data := m.sent[m.pick(len(m.sent))].Bytes()
	_, via, method := headOf(string(data))
	m.do(func() {
		m.keepAccount()
		if a := m.ledger[via+" "+method]; a != nil {
			a.spoiled = true
		}
	})
	for range 1 + m.pick(3) {
		data[m.pick(len(data))] = []byte{0, '\r', '\n', ' ', ';', '"', '<', 0xff}[m.pick(8)]
	}
	if m.pick(4) == 0 {
		data = data[:m.pick(len(data))]
	}
	kind := websocket.TextMessage
	if m.pick(2) == 0 {
		kind = websocket.BinaryMessage
	}
	_ = m.w.conn.WriteMessage(kind, data)
}

// rest has the user hang up and time pass until everything is over; the far end is silent.
func (m *mischief) rest() {
	m.do(func() {
		for _, r := range m.referrals {
			r.Decline()
		}
		for _, s := range m.ua.Sessions() {
			s.HangUp()
		}
		for _, s := range m.subscriptions {
			s.Stop()
		}
		for _, p := range m.publications {
			p.Stop()
		}
	})
	m.until("connected", func() bool { return m.ua.connection.state == FlowConnected })
	m.newest()
	for range 110 { // what far ends subscribed to grows old in an hour
		time.Sleep(40 * time.Second)
		m.read()
		m.do(func() {
			for _, s := range m.ua.Sessions() {
				s.HangUp()
			}
		})
	}
}
