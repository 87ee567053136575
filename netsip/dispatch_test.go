package netsip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
)

// out makes a request outside any dialog; lines as in far.request, "uri: x" sets the Request-URI.
func (w *wire) out(method string, lines ...string) *sip.Message {
	f := w.caller()
	f.seq, f.branch = int(time.Now().UnixNano()%1e9), int(time.Now().UnixNano()%1e9)
	f.callID = fmt.Sprintf("out-%d@far", f.seq)
	for i, line := range lines {
		if uri, ok := strings.CutPrefix(line, "uri: "); ok {
			f.target = uri
			lines = append(lines[:i:i], lines[i+1:]...)
			break
		}
	}
	return f.request(method, lines...)
}

// The checks of RFC 3261 section 8.2 on requests that are outside any dialog.
func TestIngressChecks(t *testing.T) {
	for _, c := range []struct {
		method string
		lines  []string
		want   string // "" = no answer
		header string
	}{
		{"OPTIONS", nil, "200 OPTIONS", "Allow: INVITE,ACK,CANCEL,BYE,UPDATE,OPTIONS,INFO,NOTIFY,PRACK"},
		{"OPTIONS", nil, "200 OPTIONS", "Accept: application/sdp, application/dtmf-relay"},
		{"OPTIONS", []string{"Max-Forwards: 0"}, "200 OPTIONS", ""},
		{"OPTIONS", []string{"uri: sip:%61lice@192.0.2.77:5060;x=y"}, "200 OPTIONS", ""},
		{"OPTIONS", []string{"uri: sip:ALICE@example.com"}, "404 OPTIONS", ""},
		{"OPTIONS", []string{"uri: sip:example.com"}, "404 OPTIONS", ""},
		{"INVITE", []string{"uri: sip:bob@example.com", farContact, offerSDP}, "404 INVITE", ""},
		{"OPTIONS", []string{"uri: sips:alice@example.com"}, "416 OPTIONS", ""},
		{"OPTIONS", []string{"uri: tel:+1555"}, "416 OPTIONS", ""},
		{"OPTIONS", []string{"uri: nobody:x"}, "416 OPTIONS", ""},
		{"OPTIONS", []string{"Require: foo, timer", "Require: foo, timer"}, "420 OPTIONS", "Unsupported: foo"},
		{"INVITE", []string{farContact, offerSDP, "Require: x-other, replaces"}, "420 INVITE", "Unsupported: x-other"},
		{"OPTIONS", []string{"To: <sip:alice@example.com>;tag=none"}, "481 OPTIONS", ""},
		{"BYE", nil, "481 BYE", ""},
		{"INFO", nil, "481 INFO", ""},
		{"UPDATE", nil, "481 UPDATE", ""},
		{"INVITE", []string{"To: <sip:alice@example.com>;tag=none", farContact, offerSDP}, "481 INVITE", ""},
		{"ACK", []string{"To: <sip:alice@example.com>;tag=none"}, "", ""},
		{"ACK", nil, "", ""},
		{"CANCEL", nil, "481 CANCEL", ""},
		{"REGISTER", nil, "405 REGISTER", "Allow: INVITE,ACK,CANCEL,BYE,UPDATE,OPTIONS,INFO,NOTIFY,PRACK"},
		{"MESSAGE", nil, "405 MESSAGE", ""},
		{"NOTIFY", []string{"Event: check-sync"}, "489 NOTIFY", ""},
		{"REFER", []string{"Refer-To: <sip:premium@evil>"}, "603 REFER", ""},
		{"register", nil, "501 register", ""},
		{"NEWMETHOD", nil, "501 NEWMETHOD", ""},
		{"OPTIONS", []string{"Via: SIP/2.0/WSS h;branch=z9hG4bK"}, "400 OPTIONS", ""},
		{"OPTIONS", []string{"Via: SIP/2.0/UDP h"}, "200 OPTIONS", ""},
		{"OPTIONS", []string{"Content-Length: 5"}, "400 OPTIONS", ""},
		{"OPTIONS", []string{"Max-Forwards: 300"}, "400 OPTIONS", ""},
		{"ACK", []string{"Max-Forwards: 300"}, "", ""},
	} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			m := w.out(c.method, c.lines...)
			text := m.String()
			if len(c.lines) > 0 && strings.HasPrefix(c.lines[0], "Content-Length") {
				text = strings.Replace(text, "Content-Length: 0", c.lines[0], 1)
			}
			w.sendRaw(text)
			if c.want == "" {
				w.quiet(time.Second)
				return
			}
			if c.method == "INVITE" && !strings.HasPrefix(c.want, "4") || c.want == "481 INVITE" {
				w.expect("100 INVITE")
			}
			resp := w.expect(c.want)
			if c.header != "" {
				name, value, _ := strings.Cut(c.header, ": ")
				if resp.Get(name) != value {
					t.Errorf("%s %v: %s %q, want %q", c.method, c.lines, name, resp.Get(name), value)
				}
			}
			if resp.ToTag() == "" || resp.Get("Via") != m.Get("Via") || resp.CallID() != m.CallID() ||
				resp.Get("CSeq") != m.Get("CSeq") {
				t.Errorf("response:\n%s", resp)
			}
		})
	}
}

func TestMissingEssentialsNeverCrash(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		names := []string{"Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards"}
		for _, method := range []string{"INVITE", "BYE", "OPTIONS", "", ""} {
			for subset := range 1 << len(names) {
				m := w.out("OPTIONS")
				if method != "" {
					m.Method = method
					m.Set("CSeq", "1 "+method)
				} else {
					m = sip.NewResponse(m, []int{180, 200}[subset%2], "")
				}
				for i, name := range names {
					if subset>>i&1 == 1 {
						m.Del(name)
					}
				}
				w.sendRaw(m.String())
			}
		}
		time.Sleep(time.Second)
		for len(w.in) > 0 {
			<-w.in
		}
		w.send(w.out("OPTIONS"))
		w.expect("200 OPTIONS")
	})
}

func TestLoopIs482(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		var mark string
		b.do(func() { mark = b.ua.identity.loopMark })
		w.send(w.out("INVITE", farContact, offerSDP, "Call-ID: "+mark+"0123456789abcde"))
		w.expect("482 INVITE")
	})
}

func TestMergedRequestIs482(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		invite := f.ring(farContact, offerSDP)
		other := invite.Clone()
		other.Set("Via", "SIP/2.0/WSS proxy.example.com;branch=z9hG4bKother")
		w.send(other)
		w.expect("482 INVITE")
		w.quiet(time.Second)
	})
}

// RFC 2543: no magic cookie, no From tag; matched by the older rules.
func TestOldCallerWithoutBranchAndTag(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		invite := f.request("INVITE", "Via: SIP/2.0/UDP old.example.com:5060", "From: <sip:old@example.com>",
			farContact, offerSDP)
		invite.Del("Max-Forwards")
		w.send(invite)
		w.expect("100 INVITE")
		w.expect("180 INVITE")
		w.send(invite)
		w.expect("180 INVITE")
		s := b.lastInvite()
		b.do(s.Answer)
		f.learn(w.expect("200 INVITE"))
		ack := f.request("ACK", "Via: SIP/2.0/UDP old.example.com:5060", "From: <sip:old@example.com>")
		w.send(ack)
		b.reaches(s, SessionEstablished)
		w.send(f.request("BYE", "Via: SIP/2.0/UDP old.example.com:5060", "From: <sip:old@example.com>"))
		w.expect("200 BYE")
		b.ended(s, Remote, CauseBye)
	})
}

func TestOldCallerCancels(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		via := "Via: SIP/2.0/UDP old.example.com:5060"
		f.invite(via, farContact, offerSDP)
		w.expect("180 INVITE")
		w.send(f.request("CANCEL", via))
		w.expect("200 CANCEL")
		refusal := w.expect("487 INVITE")
		ack := f.ackOf(refusal)
		ack.Set("Via", strings.TrimPrefix(via, "Via: "))
		w.send(ack)
		time.Sleep(time.Second)
		b.do(func() {
			if len(b.ua.transactions.server) != 0 {
				t.Error("the ACK was not matched")
			}
		})
	})
}

func TestStrayResponsesAreDropped(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		two := sip.NewResponse(invite, 200, "")
		two.Add("Via", "SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKx")
		w.send(two)
		other := sip.NewResponse(invite, 200, "")
		other.Set("CSeq", "1 OPTIONS")
		w.send(other)
		w.quiet(time.Second)
		b.do(func() {
			if s.state != SessionCalling {
				t.Errorf("state %v", s.state)
			}
		})
	})
}

// Nobody is to wait for a phone that leaves: its own SUBSCRIBE, forked back to it, would keep it.
func TestRequestsAfterStopAreRefused(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		b.do(func() { b.ua.Stop(nil) })
		w.expect("REGISTER")
		w.send(w.out("OPTIONS"))
		w.expect("480 OPTIONS")
		w.send(w.out("ACK"))
		w.quiet(500 * time.Millisecond)
	})
}

func TestMessageOver64KiBIs513(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		m := w.out("OPTIONS")
		m.Body = make([]byte, sip.MaxMessageSize)
		w.send(m)
		w.expect("513 OPTIONS")
		w.send(w.out("OPTIONS", "Call-ID: next"))
		w.expect("200 OPTIONS")
	})
}

// A BYE may cross ours, and what ends a subscription is told in a NOTIFY: both are answered as long as there is a flow.
func TestRequestsInDialogsAreAnsweredWhileStopping(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, _, f := b.established(w)
		b.do(func() { b.ua.Stop(nil) })
		w.expect("BYE")
		f.hangUp()
		f.invite(farContact, offerSDP)
		w.expect("481 INVITE")
	})
}
