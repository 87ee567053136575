package netsip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// RFC 3665: basic call flows. Section 2 is registration, section 3 calls; Alice is the engine, the others are scripted.
// Flows with a server between two engines are in ladder_sandbox_test.go.

const digestChallenge = `WWW-Authenticate: Digest realm="example.com", nonce="n1", qop="auth", algorithm=SHA-256`

// registers answers a REGISTER with the binding it asked for and those of others.
func (d *drawing) registers(m *sip.Message, others ...string) {
	d.Helper()
	contact := m.Get("Contact")
	lines := []string{"Contact: " + strings.Join(append([]string{contact}, others...), ", ")}
	d.reply(m, 200, lines...)
}

// registration is the first REGISTER of a configuration, challenged and answered.
func (d *drawing) registration(others ...string) {
	d.Helper()
	d.reply(d.expect("REGISTER"), 401, digestChallenge)
	d.registers(d.expect("REGISTER"), others...)
	d.until("registered", func() bool { return d.ua.registration.state == Registered })
	d.says("registered")
}

func rfc3665(section, what, rule string) plan {
	return plan{
		name:  "rfc3665-" + strings.NewReplacer(", as ", "-", ", ", "-", " ", "-").Replace(section),
		title: "RFC 3665 section " + section + ": " + what, rule: rule,
	}
}

func registrarPlan(section, what, rule string) plan {
	p := rfc3665(section, what, rule)
	p.lanes = []string{"Registrar"}
	return p
}

func TestRFC3665Section2_1SuccessfulNewRegistration(t *testing.T) {
	p := registrarPlan("2.1", "successful new registration",
		"a 401 is answered with credentials under the next CSeq of the same Call-ID")
	draw(t, p, registering(), func(d *drawing) { d.registration() })
}

func TestRFC3665Section2_2UpdateOfContactList(t *testing.T) {
	p := registrarPlan("2.2", "update of contact list",
		"a 200 may list other bindings of the address; our own is the one of our instance and reg-id")
	draw(t, p, registering(), func(d *drawing) {
		d.registration("<mailto:alice@example.com>;expires=4294967295", "<sip:alice@192.0.2.99>;expires=10")
		if s := d.state(); s.Expires != 600*time.Second {
			t.Errorf("granted %v", s.Expires)
		}
	})
}

func TestRFC3665Section2_3RequestForCurrentContactList(t *testing.T) {
	p := registrarPlan("2.3", "request for current contact list",
		"asked for at any time, the 200 lists all bindings of the address, those of other phones too")
	draw(t, p, registering(), func(d *drawing) {
		d.registration()
		time.Sleep(time.Minute)
		d.does("register", d.ua.Register)
		d.registers(d.expect("REGISTER"), "<sip:alice@192.0.2.99>;expires=1200")
		list := d.state().Bindings
		if len(list) != 2 || !list[0].Own || list[1].Own || time.Until(list[1].Expires) < 19*time.Minute {
			t.Errorf("bindings %+v", list)
		}
	})
}

func TestRFC3665Section2_4CancellationOfRegistration(t *testing.T) {
	p := registrarPlan("2.4", "cancellation of registration",
		"Contact: * with Expires: 0 removes every binding, with the credentials that are known")
	p.show = []string{"Expires"}
	draw(t, p, registering(), func(d *drawing) {
		d.registration()
		d.does("unregister all", func() { d.ua.Unregister(true) })
		d.reply(d.expect("REGISTER"), 200)
		d.until("unregistered", func() bool { return d.ua.registration.state == Unregistered })
		d.says("unregistered")
	})
}

func TestRFC3665Section2_5UnsuccessfulRegistration(t *testing.T) {
	p := registrarPlan("2.5", "unsuccessful registration",
		"a second 401 that is not stale ends it: the password is not tried again")
	draw(t, p, registering(), func(d *drawing) {
		d.reply(d.expect("REGISTER"), 401, digestChallenge)
		d.reply(d.expect("REGISTER"), 401, strings.Replace(digestChallenge, "n1", "n2", 1))
		d.until("refused", func() bool { return d.ua.registration.refused })
		d.says("refused")
		d.w.quiet(time.Hour)
	})
}

func TestRFC3665Section3_1CallerEstablishesASession(t *testing.T) {
	p := rfc3665("3.1, as caller", "successful session establishment",
		"the 2xx is acknowledged, and either side may end the call")
	draw(t, p, testConfig(), func(d *drawing) {
		_, invite := d.calls(CallOptions{})
		d.reply(invite, 100)
		d.reply(invite, 180, farContact)
		time.Sleep(3 * time.Second)
		f := d.w.callee(invite, d.reply(invite, 200, farContact, answerSDP))
		d.expect("ACK")
		time.Sleep(5 * time.Second)
		d.byes(f)
	})
}

func TestRFC3665Section3_1CalleeEstablishesASession(t *testing.T) {
	p := rfc3665("3.1, as callee", "successful session establishment",
		"the call rings until the user answers; it is established by the ACK")
	draw(t, p, testConfig(), func(d *drawing) {
		s, f, _ := d.rings(farContact, offerSDP)
		time.Sleep(3 * time.Second)
		d.does("answer", s.Answer)
		f.learn(d.expect("200 INVITE"))
		d.send(f.request("ACK"))
		time.Sleep(5 * time.Second)
		d.hangsUp(s)
	})
}

const twoProxies = "Record-Route: <sip:ss2.biloxi.example.com;lr>, <sip:ss1.atlanta.example.com;lr>"

func TestRFC3665Section3_2SessionThroughTwoProxies(t *testing.T) {
	p := rfc3665("3.2", "session establishment through two proxies",
		"a 407 is answered; ACK and BYE follow the recorded route, nearest proxy first, with the call's credentials")
	p.lanes = []string{"Proxy 1"}
	drawTuned(t, p, testConfig(), allowing("atlanta.example.com"), func(d *drawing) {
		_, invite := d.calls(CallOptions{})
		d.reply(invite, 407, `Proxy-Authenticate: Digest realm="atlanta.example.com", nonce="n1", algorithm=MD5`)
		d.expect("ACK")
		invite = d.expect("INVITE")
		d.reply(invite, 100)
		d.reply(invite, 180, farContact, twoProxies)
		f := d.w.callee(invite, d.reply(invite, 200, farContact, twoProxies, answerSDP))
		d.expect("ACK")
		d.byes(f)
	})
}

func TestRFC3665Section3_2CalleeBehindTwoProxies(t *testing.T) {
	p := rfc3665("3.2, as callee", "session establishment through two proxies",
		"180 and 200 repeat Record-Route in its order; BYE follows it, nearest proxy first")
	p.lanes = []string{"Proxy 2"}
	draw(t, p, testConfig(), func(d *drawing) {
		s, _ := d.answered(twoProxies)
		d.hangsUp(s)
	})
}

func TestRFC3665Section3_3SessionWithMultipleProxyAuthentication(t *testing.T) {
	p := rfc3665("3.3", "session with multiple proxy authentication",
		"each proxy gets the credentials of its own realm, all of them in one request, the ACK too")
	p.lanes = []string{"Proxies"}
	drawTuned(t, p, testConfig(), allowing("atlanta.example.com", "biloxi.example.com"), func(d *drawing) {
		_, invite := d.calls(CallOptions{})
		d.reply(invite, 407, `Proxy-Authenticate: Digest realm="atlanta.example.com", nonce="n1", algorithm=MD5`)
		d.expect("ACK")
		d.reply(d.expect("INVITE"), 407,
			`Proxy-Authenticate: Digest realm="biloxi.example.com", nonce="n2", algorithm=MD5`)
		d.expect("ACK")
		invite = d.expect("INVITE")
		if n := len(invite.Lines("Proxy-Authorization")); n != 2 {
			t.Errorf("%d credentials", n)
		}
		f := d.w.callee(invite, d.reply(invite, 200, farContact, twoProxies, answerSDP))
		if ack := d.expect("ACK"); len(ack.Lines("Proxy-Authorization")) != 2 {
			t.Errorf("ACK:\n%s", ack)
		}
		d.byes(f)
	})
}

func TestRFC3665Section3_4SessionWithProxyFailure(t *testing.T) {
	p := rfc3665("3.4", "session with proxy failure", "a proxy that is lost is left for the next server; the call "+
		"that was under way fails with a cause, and the next one succeeds")
	p.lanes = []string{"Proxy"}
	c := testConfig()
	c.WSServers = []config.Server{
		{WSURI: "wss://one.example.com", Weight: 2},
		{WSURI: "wss://two.example.com", Weight: 1},
	}
	draw(t, p, c, func(d *drawing) {
		d.says("connected to %s", d.w.url)
		s, _ := d.calls(CallOptions{})
		d.setRefuse(func(url string) error {
			if strings.Contains(url, "one.") {
				return fmt.Errorf("nobody there")
			}
			return nil
		})
		time.Sleep(lag)
		d.reseed(34)
		d.w.close()
		d.bench.ended(s, System, CauseConnection)
		d.w = d.next()
		d.until("connected", func() bool { return d.ua.connection.state == FlowConnected })
		d.do(func() {
			if !strings.Contains(d.w.url, "two.") {
				t.Errorf("connected to %s", d.w.url)
			}
		})
		_, invite := d.calls(CallOptions{})
		f := d.w.callee(invite, d.reply(invite, 200, farContact, answerSDP))
		d.expect("ACK")
		d.byes(f)
	})
}

func TestRFC3665Section3_5SessionThroughAnALG(t *testing.T) {
	p := rfc3665("3.5", "session through a SIP ALG", "a gateway that records itself and rewrites descriptions is a "+
		"proxy like any other; one without lr in its route is a strict router")
	p.lanes = []string{"ALG"}
	draw(t, p, testConfig(), func(d *drawing) {
		s, invite := d.calls(CallOptions{})
		d.reply(invite, 180, farContact, "Record-Route: <sip:alg.example.com>")
		d.reply(invite, 200, farContact, "Record-Route: <sip:alg.example.com>", answerSDP)
		ack := d.expect("ACK")
		if ack.RequestURI.String() != "sip:alg.example.com" || ack.Get("Route") != "<sip:bob@192.0.2.1;transport=ws>" {
			t.Errorf("ACK to %s by %s", ack.RequestURI.String(), ack.Get("Route"))
		}
		d.hangsUp(s)
	})
}

func TestRFC3665Section3_6CallerIsRedirectedAndAnswersInTheACK(t *testing.T) {
	p := rfc3665("3.6, as caller", "session via redirect and proxy servers with SDP in ACK",
		"302 ends the call and tells its targets to the user; the next INVITE, here without an offer, gets one in "+
			"the 200 and answers it in the ACK")
	p.lanes, p.show = []string{"Servers"}, []string{"Contact"}
	draw(t, p, testConfig(), func(d *drawing) {
		s, invite := d.calls(CallOptions{LateOffer: true})
		d.reply(invite, 302, "Contact: <sip:bob@chicago.example.com;transport=tcp>;q=0.5, <sip:bob@biloxi.example.com>")
		d.expect("ACK")
		end := d.bench.ended(s, Remote, CauseRedirected)
		if len(end.Redirect) != 2 || end.Redirect[0].URI.Host != "biloxi.example.com" {
			t.Fatalf("targets %v", end.Redirect)
		}
		target := end.Redirect[0].URI.String()
		d.does("call "+target, func() {
			again, err := callText(d.ua, target,
				CallOptions{LateOffer: true, Redirected: []string{"sip:bob@example.com"}, OnChange: d.changedCall})
			if err != nil {
				t.Error(err)
				return
			}
			s = again
		})
		invite = d.expect("INVITE")
		d.reply(invite, 180, farContact)
		d.reply(invite, 200, farContact, offerSDP)
		if ack := d.expect("ACK"); !isSDP(ack) {
			t.Errorf("ACK:\n%s", ack)
		}
		d.hangsUp(s)
	})
}

func TestRFC3665Section3_6CalleeGetsTheAnswerInTheACK(t *testing.T) {
	p := rfc3665("3.6, as callee", "session via redirect and proxy servers with SDP in ACK",
		"an INVITE without an offer gets ours in the 200, and the ACK brings the answer")
	draw(t, p, testConfig(), func(d *drawing) {
		s, f, _ := d.rings(farContact)
		d.does("answer", s.Answer)
		f.learn(d.expect("200 INVITE"))
		d.send(f.request("ACK", answerSDP))
		d.hangsUp(s)
	})
}

func TestRFC3665Section3_7CalleeChangesItsAddress(t *testing.T) {
	p := rfc3665("3.7", "session with re-INVITE (IP address change)",
		"a re-INVITE brings a new description and Contact; what follows goes to the new Contact")
	p.show = []string{"Contact"}
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established()
		moved := strings.ReplaceAll(offerSDP, "192.0.2.1", "192.0.2.100")
		d.send(f.request("INVITE", "Contact: <sip:bob@192.0.2.100;transport=ws>", moved))
		d.expect("100 INVITE")
		d.expect("200 INVITE")
		d.send(f.request("ACK"))
		d.does("hang up", s.HangUp)
		bye := d.expect("BYE")
		if bye.RequestURI.Host != "192.0.2.100" {
			t.Errorf("BYE to %s", bye.RequestURI.String())
		}
		d.reply(bye, 200)
	})
}

func TestRFC3665Section3_7CallerChangesItsAddress(t *testing.T) {
	p := rfc3665("3.7, as caller", "session with re-INVITE (IP address change)",
		"after a new flow the far end, which does not know UPDATE, gets our Contact by a re-INVITE")
	draw(t, p, registering(), func(d *drawing) {
		d.registration()
		_, _, f := d.established()
		d.reseed(37)
		d.w.close()
		d.w = d.next()
		f.w = d.w
		d.registers(d.expect("REGISTER"))
		d.reply(d.expect("INVITE"), 200, farContact, answerSDP)
		d.expect("ACK")
		d.byes(f)
	})
}

func TestRFC3665Section3_8CallerGivesUp(t *testing.T) {
	p := rfc3665("3.8, as caller", "unsuccessful: no answer", "CANCEL, and the 487 that follows is acknowledged")
	draw(t, p, testConfig(), func(d *drawing) {
		s, invite := d.calls(CallOptions{})
		d.reply(invite, 100)
		d.reply(invite, 180, farContact)
		time.Sleep(30 * time.Second)
		d.does("hang up", s.HangUp)
		d.reply(d.expect("CANCEL"), 200)
		d.reply(invite, 487)
		d.expect("ACK")
	})
}

func TestRFC3665Section3_8CallerOfAliceGivesUp(t *testing.T) {
	p := rfc3665("3.8, as callee", "unsuccessful: no answer",
		"CANCEL is answered 200 and the INVITE 487; it rings no more")
	draw(t, p, testConfig(), func(d *drawing) {
		_, f, _ := d.rings(farContact, offerSDP)
		time.Sleep(30 * time.Second)
		d.send(f.request("CANCEL"))
		d.expect("200 CANCEL")
		d.send(f.ackOf(d.expect("487 INVITE")))
	})
}

func TestRFC3665Section3_9CalleeIsBusy(t *testing.T) {
	p := rfc3665("3.9, as caller", "unsuccessful: busy",
		"a refusal is acknowledged by the transaction and ends the call with its cause")
	draw(t, p, testConfig(), func(d *drawing) {
		_, invite := d.calls(CallOptions{})
		d.reply(invite, 100)
		d.reply(invite, 486)
		d.expect("ACK")
	})
}

func TestRFC3665Section3_9AliceIsBusy(t *testing.T) {
	p := rfc3665("3.9, as callee", "unsuccessful: busy",
		"what the user chooses is answered, and its ACK ends the transaction")
	draw(t, p, testConfig(), func(d *drawing) {
		s, f, _ := d.rings(farContact, offerSDP)
		d.does("reject with 486", func() { s.Reject(486, "") })
		d.send(f.ackOf(d.expect("486 INVITE")))
	})
}

func TestRFC3665Section3_10NoResponse(t *testing.T) {
	p := rfc3665("3.10, without a proxy", "unsuccessful: no response from the user agent",
		"timer B: without any response the call ends after 32 s, and nothing is sent again on a reliable transport")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _ := d.calls(CallOptions{})
		d.bench.ended(s, System, CauseTimeout)
		d.w.quiet(time.Minute)
	})
}

func TestRFC3665Section3_11TemporarilyUnavailable(t *testing.T) {
	p := rfc3665("3.11, as caller", "unsuccessful: temporarily unavailable",
		"480 ends the call; how long to wait is told to the user")
	draw(t, p, testConfig(), func(d *drawing) {
		_, invite := d.calls(CallOptions{})
		d.reply(invite, 100)
		d.reply(invite, 180, farContact)
		d.reply(invite, 480, "Retry-After: 3600")
		d.expect("ACK")
	})
}

func TestRFC3665Section3_11AliceDoesNotAnswer(t *testing.T) {
	p := rfc3665("3.11, as callee", "unsuccessful: temporarily unavailable",
		"after no_answer_timeout, here 45 s, the caller gets 408")
	c := testConfig()
	c.NoAnswerTimeout = 45
	draw(t, p, c, func(d *drawing) {
		_, f, _ := d.rings(farContact, offerSDP)
		d.send(f.ackOf(d.expect("408 INVITE")))
	})
}
