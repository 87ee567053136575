package netsip

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sip"
)

// FuzzIngress gives a user agent that has a call up any frame: it must not crash, keep its call, and
// answer the OPTIONS that follows.
func FuzzIngress(f *testing.F) {
	for _, seed := range []string{
		"", "\r\n\r\n", "INVITE sip:alice@example.com SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\nVia: x\r\n\r\n",
		"OPTIONS sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/WSS h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:alice@example.com>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
		"INVITE sip:alice@example.com SIP/2.0\r\nv: SIP/2.0/UDP h\r\nf: </>;tag=\"\\\"\"\r\nt: \"\\\\\" <sip:alice@example.com>\r\ni: 1\r\nCSeq: 1 INVITE\r\nm: <sip:x@y>\r\nc: application/sdp\r\n\r\nv=0\r\n",
		"ACK sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/WSS h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 ACK\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	files, _ := filepath.Glob("../../shared/torture/*/*.dat")
	for _, name := range files {
		if data, err := os.ReadFile(name); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > readLimit {
			return
		}
		ladder(t, testConfig(), func(b *bench) {
			w := b.next()
			s, _, _ := b.established(w)
			w.sendRaw(string(data))
			for range 3 {
				synctest.Wait()
				for len(w.in) > 0 {
					<-w.in
				}
				time.Sleep(time.Second)
			}
			if s.state != SessionEstablished {
				t.Errorf("the call is %v: %+v", s.state, s.end)
			}
			w.send(w.out("OPTIONS"))
			for {
				if m := <-w.in; m.StatusCode == 200 && strings.HasSuffix(m.Get("CSeq"), "OPTIONS") {
					break
				}
			}
		})
	})
}

// Random peers, legal and not: requests and responses in any order, twice, late, with cuts of the flow, and
// random wishes of the user. In the end nothing may be left.
func TestNothingIsStuckWhateverTheFarEndDoes(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for seed := range rounds {
		synctest.Test(t, func(t *testing.T) {
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("seed %d", seed)
				}
			})
			r := rand.New(rand.NewPCG(uint64(seed), 7))
			b := newBench(t, testConfig())
			b.media.next.delay = time.Duration(r.IntN(3)) * 400 * time.Millisecond
			b.start()
			m := &mischief{bench: b, rand: r, w: b.next()}
			for range 150 {
				m.step()
			}
			b.do(func() {
				for _, s := range b.ua.Sessions() {
					s.HangUp()
				}
			})
			b.until("connected", func() bool { return b.ua.flowState == FlowConnected })
			m.newest()
			for range 20 { // BYEs are answered, or not
				time.Sleep(10 * time.Second)
				m.read()
			}
			b.clean()
			b.do(func() {
				for _, s := range m.sessions {
					if s.state != SessionEnded || s.end == nil {
						t.Errorf("seed %d: a call is %v", seed, s.state)
					}
				}
			})
		})
		if t.Failed() {
			return
		}
	}
}

// mischief is a far end that draws what it does next.
type mischief struct {
	*bench
	rand     *rand.Rand
	w        *wire
	sessions []*Session
	requests []*sip.Message // of the user agent
	fars     []*far
	sent     []*sip.Message
}

// newest moves to the last connection made.
func (m *mischief) newest() {
	for len(m.accepted) > 0 {
		m.w = <-m.accepted
	}
	for _, f := range m.fars {
		f.w = m.w
	}
}

// read takes in what the user agent sent.
func (m *mischief) read() {
	synctest.Wait()
	m.newest()
	for len(m.w.in) > 0 {
		msg := <-m.w.in
		switch {
		case msg.IsRequest() && msg.Method != "ACK":
			m.requests = append(m.requests, msg)
		case msg.StatusCode > 100:
			for _, f := range m.fars {
				if f.callID == msg.CallID() {
					f.learn(msg)
				}
			}
		}
	}
}

func (m *mischief) send(msg *sip.Message) {
	m.sent = append(m.sent, msg)
	_ = m.w.conn.WriteMessage(1, msg.Bytes()) // the connection may be gone
}

func (m *mischief) step() {
	m.read()
	pick := func(n int) int { return m.rand.IntN(n) }
	switch pick(12) {
	case 0:
		if len(m.sessions) < 8 {
			m.do(func() {
				if s, err := m.ua.Call("bob", CallOptions{}); err == nil {
					m.sessions = append(m.sessions, s)
				}
			})
		}
	case 1:
		f := m.w.caller()
		f.callID, f.branch = "m"+itoa(len(m.fars)), 1000*len(m.fars)
		m.fars = append(m.fars, f)
		lines := []string{farContact, offerSDP}
		m.send(f.request("INVITE", lines[:1+pick(2)]...))
	case 2, 3, 4:
		if len(m.requests) > 0 {
			req := m.requests[pick(len(m.requests))]
			code := []int{100, 180, 183, 200, 200, 200, 401, 404, 408, 481, 486, 487, 491, 500}[pick(14)]
			resp := sip.NewResponse(req, code, "")
			if resp.ToTag() == "" && code > 100 {
				resp.Set("To", resp.Get("To")+";tag=t"+itoa(pick(3)))
			}
			if pick(8) > 0 {
				resp.Add("Contact", "<sip:bob@192.0.2.1>")
			}
			if code < 300 && pick(4) > 0 {
				resp.Add("Content-Type", "application/sdp")
				resp.Body = []byte(answerSDP)
			}
			m.send(resp)
			if req.Method == "INVITE" && code == 200 && len(m.fars) < 200 {
				m.fars = append(m.fars, m.w.callee(req, resp))
			}
		}
	case 5, 6, 7:
		if len(m.fars) > 0 {
			f := m.fars[pick(len(m.fars))]
			method := []string{"ACK", "ACK", "ACK", "BYE", "CANCEL", "INVITE", "UPDATE", "INFO", "OPTIONS"}[pick(9)]
			lines := []string{farContact, offerSDP}
			m.send(f.request(method, lines[:pick(3)]...))
		}
	case 8:
		if len(m.sent) > 0 {
			m.send(m.sent[pick(len(m.sent))]) // once more
		}
	case 9:
		m.do(func() {
			for _, s := range m.ua.sessions {
				if pick(2) == 0 {
					s.Answer()
				} else if pick(6) == 0 {
					s.HangUp()
					break
				}
			}
		})
	case 10:
		time.Sleep(time.Duration(pick(5000)) * time.Millisecond)
	case 11:
		if pick(6) == 0 {
			_ = m.w.conn.Close()
			time.Sleep(3 * time.Second)
		}
	}
	m.do(func() {
		m.sessions = append(m.sessions, m.invites...)
		m.invites = nil
	})
}
