package security

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/test/peers"
)

// TestS14SRTPIsNotDowngraded: answers and offers without the encryption that WebRTC must have (CVE-2022-39269 of PJSIP,
// diago, CVE-2021-28681 and CVE-2019-20786 of pion). No such call is up, and of one whose certificate is not the
// one that was told nothing is heard. What the profile is called decides nothing (RFC 8829 section 5.1.2): the media of
// a call are encrypted whatever it says.
func TestS14SRTPIsNotDowngraded(t *testing.T) {
	change := func(sdp, old, new string) string {
		if !strings.Contains(sdp, old) {
			t.Fatalf("no %q in the description", old)
		}
		return strings.Replace(sdp, old, new, 1)
	}
	g := attack(t, nil)
	for _, c := range []struct{ name, old, new string }{
		{"plain RTP", mline + transport + fingerprint, "m=audio 9 RTP/AVP 0 8 101\r\n" + transport},
		{"plain RTP with feedback", mline + transport + fingerprint, "m=audio 9 RTP/AVPF 0 8 101\r\n" + transport},
		{"keys in the description", mline + transport + fingerprint, "m=audio 9 RTP/SAVP 0 8 101\r\n" + transport +
			"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"},
		{"no fingerprint", fingerprint, ""},
		{"no fingerprint but a key", fingerprint, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 " +
			"inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"},
		{"a fingerprint of MD2", fingerprint, "a=fingerprint:md2 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"},
		{"a fingerprint of MD5", fingerprint, "a=fingerprint:md5 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"},
		{"a short fingerprint", fingerprint, "a=fingerprint:sha-256 00:11\r\n"},
		{"a fingerprint that is none", fingerprint, "a=fingerprint:sha-256 zz\r\n"},
		{"no ICE", "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g.wantStatus("as an offer", g.Request("INVITE", change(offer, c.old, c.new)), 400, 488, 606)
			g.printed("■", func() {
				invite := g.call("bob")
				g.Reply(invite, 200, append(far(), change(answer, c.old, c.new))...)
				g.Expect("ACK")
				g.Reply(g.Expect("BYE"), 200)
			})
			g.settled()
			g.Wire.Alive(c.name)
		})
	}
	for name, mangle := range map[string]func(m *sip.Message){
		"another certificate than the answer's": func(m *sip.Message) { flip(m, m.StatusCode == 200) },
		"another certificate than the offer's":  func(m *sip.Message) { flip(m, m.Method == "INVITE") },
		"another certificate, told by SHA-1": func(m *sip.Message) {
			if before, after, ok := strings.Cut(string(m.Body), "a=fingerprint:"); ok && m.StatusCode == 200 {
				_, after, _ = strings.Cut(after, "\r\n")
				m.Body = []byte(before + "a=fingerprint:sha-1 " +
					"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33\r\n" + after)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := between(t, 0, mangle, nil)
			if r["established"] != true {
				t.Errorf("no call came about: %v", r)
			}
			if heard, ok := r["tone_hz"].(float64); ok && heard > 0 || r["encrypted"] == true || r["ok"] == true {
				t.Errorf("heard: %v", r)
			}
		})
	}
}

// flip changes the certificate that a description tells.
func flip(m *sip.Message, which bool) {
	before, after, ok := strings.Cut(string(m.Body), "a=fingerprint:sha-256 ")
	if which && ok {
		digit := "0"
		if after[0] == '0' {
			digit = "1"
		}
		m.Body = []byte(before + "a=fingerprint:sha-256 " + digit + after[1:])
	}
}

// between lets the program call the program through a server that may change each message, and does something
// while they talk; it returns what either found.
func between(t *testing.T, duration time.Duration, mangle func(*sip.Message),
	meanwhile func(offered, answered string),
) (caller, callee map[string]any) {
	t.Helper()
	h := peers.StartHostile(t)
	var bob, alice atomic.Pointer[peers.Wire]
	var mu sync.Mutex // of what is offered and answered
	var offered, answered string
	established := make(chan struct{})
	pass := func(from, to *atomic.Pointer[peers.Wire]) func(data []byte) {
		return func(data []byte) {
			m, err := sip.Parse(data)
			if err != nil {
				return
			}
			if m.Method == "SUBSCRIBE" || to.Load() == nil {
				if m.IsRequest() && m.Method != "ACK" {
					from.Load().Reply(m, 489)
				}
				return
			}
			mu.Lock()
			if m.Method == "INVITE" && offered == "" {
				offered = string(m.Body)
			}
			if seq, _ := m.CSeq(); m.StatusCode == 200 && seq.Method == "INVITE" && answered == "" {
				answered = string(m.Body)
				close(established)
			}
			mu.Unlock()
			if m.IsRequest() && m.ToTag() == "" {
				m.RequestURI = to.Load().Contact()
			}
			mangle(m)
			to.Load().Send(m.Bytes())
		}
	}
	h.OnWire = func(w *peers.Wire) {
		if bob.CompareAndSwap(nil, w) {
			w.Forward(pass(&bob, &alice))
		} else {
			alice.Store(w)
			w.Forward(pass(&alice, &bob))
		}
	}
	spoken := "6s"
	if duration > 0 {
		spoken = duration.String()
	}
	answering := peers.Run(t, nil, "answer", "--wait", "30s", "--tone", "1000", "--duration", spoken, "--config",
		h.Config("bob", nil))
	defer answering.Signal(9)
	for answering.WaitFor("account", 20*time.Second)["status"] != "registered" {
	}
	calling := peers.Run(t, nil, "call", "bob", "--tone", "440", "--duration", spoken, "--config",
		h.Config("alice", nil))
	defer calling.Signal(9)
	if meanwhile != nil {
		select {
		case <-established:
		case <-time.After(30 * time.Second):
			t.Fatal("the call is not answered")
		}
		mu.Lock()
		o, a := offered, answered
		mu.Unlock()
		meanwhile(o, a)
	}
	caller, _ = calling.Result(60 * time.Second)
	answering.Interrupt()
	callee, _ = answering.Result(60 * time.Second)
	return caller, callee
}
