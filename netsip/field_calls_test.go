package netsip

import (
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

// What servers, gateways and phones in the field send: calls come about with all of them.

// rewritten changes the text of a message; each old text has to be there.
func rewritten(t *testing.T, m *sip.Message, pairs ...string) string {
	t.Helper()
	text := m.String()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("no %q in\n%s", pairs[i], text)
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// sendOctets sends one binary frame.
func (w *wire) sendOctets(text string) {
	w.b.Helper()
	if err := w.conn.WriteMessage(websocket.BinaryMessage, []byte(text)); err != nil {
		w.b.Fatalf("send: %v", err)
	}
}

// A call that comes rings with the name its INVITE has, is answered, and is hung up at the address it gave, by the way
// it came.
//
// Holds: lenient-messages
func TestCallersOfTheField(t *testing.T) {
	const from = "From: \"Bob\" <sip:bob@example.com>;tag=from-far"
	for _, c := range []struct {
		name   string
		pairs  []string // rewritten
		shown  string   // name and address
		target string   // of our BYE
		route  string   // of our BYE
	}{
		{
			"OpenSIPS hides its topology",
			[]string{farContact, `Contact: <sip:192.0.2.7;thinfo="VG8SbzAdIFtiY2VCJBw3Kw==">`},
			`"Bob" <sip:bob@example.com>`, `sip:192.0.2.7;thinfo="VG8SbzAdIFtiY2VCJBw3Kw=="`, "",
		},
		{
			"quotes in a route",
			[]string{"Max-Forwards", "Record-Route: <sip:p.example.com;lr;did=\"a=\">\r\nMax-Forwards"},
			`"Bob" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws", `<sip:p.example.com;lr;did="a=">`,
		},
		{
			"Kamailio's two routes",
			[]string{
				"Max-Forwards", "Record-Route: <sip:192.0.2.8:7443;transport=ws;r2=on;lr=on;nat=yes>\r\n" +
					"Record-Route: <sip:192.0.2.8;transport=tcp;r2=on;lr=on;nat=yes>\r\nMax-Forwards",
			},
			`"Bob" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws",
			"<sip:192.0.2.8:7443;transport=ws;r2=on;lr=on;nat=yes>|<sip:192.0.2.8;transport=tcp;r2=on;lr=on;nat=yes>",
		},
		{
			"routes in one line, folded",
			[]string{"Max-Forwards", "Record-Route: <sip:a;lr>,\r\n\t<sip:b;lr> ,\r\n <sip:c;lr>\r\nMax-Forwards"},
			`"Bob" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws", "<sip:a;lr>|<sip:b;lr>|<sip:c;lr>",
		},
		{
			"no user in From",
			[]string{from, `From: "Anonymous" <sip:@192.0.2.8>;tag=from-far`},
			`"Anonymous" <sip:192.0.2.8>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"no user in Contact",
			[]string{farContact, "Contact: <sip:@192.0.2.8:5060>"},
			`"Bob" <sip:bob@example.com>`, "sip:192.0.2.8:5060", "",
		},
		{
			"no user in To",
			[]string{"To: <sip:alice@example.com>", "To: <sip:@example.com>"},
			`"Bob" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"IMS, without brackets",
			[]string{farContact, `Contact: sip:x@192.0.2.8;+sip.instance="<urn:gsma:imei:A-1>";+g.x="urn%3A,b";audio`},
			`"Bob" <sip:bob@example.com>`, "sip:x@192.0.2.8", "",
		},
		{
			"compact names",
			[]string{
				"Via:", "v:", "From:", "f:", "To:", "t:", "Call-ID:", "i:", "Contact:", "m:", "Content-Type:", "c:",
				"Content-Length:", "l:", "Max-Forwards", "k: timer\r\ns: x\r\nMax-Forwards",
			},
			`"Bob" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"names in capitals",
			[]string{
				"Via:", "VIA:", "From:", "FROM:", "To:", "tO:", "Call-ID:", "CALL-ID:", "CSeq:", "CSEQ:",
				"Contact:", "contact:", "Content-Type:", "CONTENT-TYPE:", "Content-Length:", "content-length:",
			},
			`"Bob" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"a name of all sorts",
			[]string{
				from, "From: \"\xc5se, \\\"M\xfcller\\\" \U0001f44b\"<sip:bob@example.com>;tag=from-far",
			},
			`"Åse, \"Müller\" ` + "\U0001f44b" + `" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"two asserted identities, the number first",
			[]string{"Max-Forwards", "P-Asserted-Identity: <tel:+9999>\r\n" +
				"P-Asserted-Identity: \"9999 J\xfcrgen\" <sip:9999@example.com;user=phone>\r\nMax-Forwards"},
			`"9999 Jürgen" <tel:+9999>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"two asserted identities in a folded list",
			[]string{"Max-Forwards", "P-Asserted-Identity: \"A, B\" <sip:+7000@example.com>,\r\n      <tel:+7921>\r\n" +
				"Privacy: none\r\nMax-Forwards"},
			`"A, B" <sip:+7000@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"an asserted identity with a name not quoted",
			[]string{"Max-Forwards", "P-Asserted-Identity: M\xfcller, Inc <sip:carol@example.com>\r\nMax-Forwards"},
			`"Müller, Inc" <sip:carol@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"identities in lists and fields of their own",
			[]string{"Max-Forwards", "P-Asserted-Identity: <sip:x@evil.example>, y, <sip:carol@example.com>\r\n" +
				"P-Asserted-Identity: Carol, Inc <tel:+1>\r\nMax-Forwards"},
			`"Carol, Inc" <sip:carol@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"a remote party with a name not quoted",
			[]string{
				"Max-Forwards",
				"Remote-Party-ID: Carol, Inc <sip:carol@example.com>;party=calling\r\nMax-Forwards",
			},
			`"Carol, Inc" <sip:carol@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"parameters of the type",
			[]string{"application/sdp", `Application/SDP ; charset="UTF-8" ;`},
			`"Bob" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"what is accepted",
			[]string{
				"Max-Forwards", "Accept: application/media_control+xml,application/sdp," +
					"application/x-broadworks-call-center+xml\r\nRecv-Info:\r\nMax-Forwards",
			},
			`"Bob" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"a timer with blanks",
			[]string{"Max-Forwards", "Session-Expires : 1800 ; refresher = UAC ; x\r\nMin-SE: 90;y\r\nMax-Forwards"},
			`"Bob" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"a Via of many parameters",
			[]string{
				"SIP/2.0/WSS proxy.example.com",
				"SIP / 2.0 / wss proxy.example.com:443 ;rport= ;received=[2001:db8::1] ;i=\"a;b\"",
			},
			`"Bob" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
		{
			"seventy Vias",
			[]string{
				"Max-Forwards", strings.Repeat("Via: SIP/2.0/UDP h;branch=z9hG4bK\r\n", 70) + "Max-Forwards",
			},
			`"Bob" <sip:bob@example.com>`, "sip:bob@192.0.2.1;transport=ws", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				f := w.caller()
				w.sendOctets(rewritten(t, f.request("INVITE", farContact, offerSDP), c.pairs...))
				w.expect("100 INVITE")
				w.expect("180 INVITE")
				s := b.lastInvite()
				b.do(func() {
					if got := s.Remote().String(); got != c.shown {
						t.Errorf("shown as %s", got)
					}
					s.Answer()
				})
				f.learn(w.expect("200 INVITE"))
				w.send(f.request("ACK"))
				b.reaches(s, SessionEstablished)
				b.do(s.HangUp)
				bye := w.expect("BYE")
				got := strings.Join(bye.Values("Route"), "|")
				if bye.RequestURI.String() != c.target || got != c.route {
					t.Errorf("BYE to %s by way of %s", bye.RequestURI, got)
				}
				w.reply(bye, 200)
				b.ended(s, Local, CauseBye)
				b.clean()
			})
		})
	}
}

// A call of ours is answered, acknowledged and hung up, whatever the 200 looks like.
//
// Holds: lenient-messages
func TestCalleesOfTheField(t *testing.T) {
	const plain = "sip:bob@192.0.2.1;transport=ws"
	for _, c := range []struct {
		name          string
		pairs         []string
		target, route string // of ACK and BYE
	}{
		{
			"OpenSIPS hides its topology",
			[]string{
				farContact, `Contact: <sip:[::1]:8061;transport=wss;thinfo="U2h5=">`,
			},
			`sip:[::1]:8061;transport=wss;thinfo="U2h5="`, "",
		},
		{"no user in Contact", []string{farContact, "Contact: <sip:@192.0.2.8>"}, "sip:192.0.2.8", ""},
		{"a host for Contact", []string{farContact, "m:sip:192.0.2.8:5060;transport=udp"}, "sip:192.0.2.8:5060", ""},
		{"no phrase", []string{"SIP/2.0 200 OK", "SIP/2.0 200"}, plain, ""},
		{"no phrase, and a blank", []string{"SIP/2.0 200 OK", "SIP/2.0 200 "}, plain, ""},
		{"brackets in the phrase", []string{"SIP/2.0 200 OK", "SIP/2.0 200 Answered [call <1> \"x\"]"}, plain, ""},
		{"blanks before the code", []string{"SIP/2.0 200 OK", "sip/2.0 \t200\tOK"}, plain, ""},
		{"compact names", []string{
			"Via:", "v:", "From:", "f:", "To:", "t:", "Call-ID:", "i:", "Contact:", "m:", "Content-Type:", "c:",
			"Content-Length:", "l:",
		}, plain, ""},
		{"no Content-Length", []string{"Content-Length: ", "X-Length: "}, plain, ""},
		{
			"a route with quotes",
			[]string{"CSeq", "Record-Route: <sip:p;lr;x=\"y\">\r\nCSeq"},
			plain,
			`<sip:p;lr;x="y">`,
		},
		{
			"routes of two fields",
			[]string{"CSeq", "Record-Route: <sip:a;lr>\r\nRecord-Route: <sip:b;lr=on>, <sip:c;lr>\r\nCSeq"},
			plain, "<sip:c;lr>|<sip:b;lr=on>|<sip:a;lr>",
		},
		{"a route without a user", []string{"CSeq", "Record-Route: <sip:@p;lr>\r\nCSeq"}, plain, "<sip:@p;lr>"},
		{
			"a route with a name",
			[]string{"CSeq", "Record-Route: \"P, Q\" <sip:p;lr>\r\nCSeq"},
			plain,
			`"P, Q" <sip:p;lr>`,
		},
		{
			"the callee's own name",
			[]string{"To: <sip:bob@example.com>", "To: \"B\xfcro, 2. OG\" <sip:bob@example.com>"},
			plain, "",
		},
		{"a tag of dots and dashes", []string{"tag=far", "tag=10.13.22.254-5070-9d9d__.i"}, plain, ""},
		{"a description with blank lines", []string{answerSDP, answerSDP + "\r\n\r\n"}, plain, ""},
		{
			"a description of lines that end with LF",
			[]string{answerSDP, strings.ReplaceAll(answerSDP, "\r\n", "\n")},
			plain, "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				w.sendOctets(rewritten(t, answerTo(invite), c.pairs...))
				ack := w.expect("ACK")
				b.reaches(s, SessionEstablished)
				b.do(s.HangUp)
				bye := w.expect("BYE")
				for _, m := range []*sip.Message{ack, bye} {
					got := strings.Join(m.Values("Route"), "|")
					if m.RequestURI.String() != c.target || got != c.route {
						t.Errorf("%s to %s by way of %s", m.Method, m.RequestURI, got)
					}
				}
				w.reply(bye, 200)
				b.ended(s, Local, CauseBye)
				b.clean()
			})
		})
	}
}

// What provisional responses tell: it rings, its sound is heard, and the call comes about with whoever answers.
//
// Holds: accepted-descriptions
func TestRingingOfTheField(t *testing.T) {
	const reliably = "Require: 100rel"
	for _, c := range []struct {
		name  string
		told  [][]string // status and lines of each
		state SessionState
	}{
		{"180", [][]string{{"180"}}, SessionRinging},
		{"180 without a tag", [][]string{{"180", "To-Tag: "}}, SessionRinging},
		{"180 without a Contact", [][]string{{"180", "-"}}, SessionRinging},
		{"181", [][]string{{"181"}}, SessionRinging},
		{"181 of a server, without a tag", [][]string{{"181", "To-Tag: "}}, SessionCalling},
		{"182 of a server, without a tag", [][]string{{"182", "To-Tag: "}}, SessionCalling},
		{"183 of a server, without a tag", [][]string{{"183", "To-Tag: "}}, SessionCalling},
		{"183 without a description", [][]string{{"183"}}, SessionRinging},
		{"183", [][]string{{"183", answerSDP}}, SessionEarlyMedia},
		{"180 with a description", [][]string{{"180", answerSDP}}, SessionEarlyMedia},
		{"183, then 180", [][]string{{"183", answerSDP}, {"180"}}, SessionEarlyMedia},
		{"180, then 183", [][]string{{"180"}, {"183", answerSDP}}, SessionEarlyMedia},
		{"183 twice", [][]string{{"183", answerSDP}, {"183", answerSDP}}, SessionEarlyMedia},
		{"183 without a Contact", [][]string{{"183", "-", answerSDP}}, SessionEarlyMedia},
		{"183 without a tag", [][]string{{"183", "To-Tag: ", answerSDP}}, SessionEarlyMedia},
		{"183 without a tag, then with one", [][]string{
			{"183", "To-Tag: ", answerSDP}, {"183", answerSDP},
		}, SessionEarlyMedia},
		{"199 of another", [][]string{{"180"}, {"199", "To-Tag: other"}}, SessionRinging},
		{"183 of an announcement, then another's", [][]string{
			{"183", "To-Tag: announcement", answerSDP}, {"183", holdSDP},
		}, SessionEarlyMedia},
		{"183 with parts", [][]string{{"183", "multipart"}}, SessionEarlyMedia},
		{"100 with a description", [][]string{{"100", answerSDP}}, SessionCalling},
		{"a status nobody knows", [][]string{{"188"}}, SessionRinging},
		{"183, reliably", [][]string{{"183", reliably, "RSeq: 1", answerSDP}}, SessionEarlyMedia},
		{
			"183, reliably in capitals",
			[][]string{{"183", "Require: 100REL", "RSeq: 0001", answerSDP}},
			SessionEarlyMedia,
		},
		{
			"183 that ought to be reliable and has no number",
			[][]string{{"183", reliably, answerSDP}},
			SessionEarlyMedia,
		},
		{"183 with a number that is not reliable", [][]string{{"183", "RSeq: 7", answerSDP}}, SessionEarlyMedia},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				for _, told := range c.told {
					b.tells(w, invite, told)
				}
				time.Sleep(time.Second)
				b.do(func() {
					if s.state != c.state {
						t.Errorf("it is %v", s.state)
					}
				})
				for len(w.in) > 0 {
					w.reply(<-w.in, 200) // PRACK
				}
				resp := w.reply(invite, 200, farContact, answerSDP)
				if ack := w.expect("ACK"); ack.ToTag() != "far" {
					t.Errorf("acknowledged to %q", ack.ToTag())
				}
				b.reaches(s, SessionEstablished)
				w.callee(invite, resp).hangUp()
				b.ended(s, Remote, CauseBye)
				b.clean()
			})
		})
	}
}

// tells sends a provisional response: its status, and lines as in reply; "-" is no Contact.
func (b *bench) tells(w *wire, invite *sip.Message, told []string) {
	b.Helper()
	code, lines := int(told[0][0]-'0')*100+int(told[0][1]-'0')*10+int(told[0][2]-'0'), []string{farContact}
	for _, line := range told[1:] {
		switch line {
		case "-":
			lines = nil
		case "multipart":
			m := answerTo(invite)
			m.StatusCode, m.Reason = code, ""
			m.Set("Content-Type", mixedType)
			m.Body = []byte(multi(placePart, sdpPart(answerSDP)))
			w.sendBinary(m)
			return
		default:
			lines = append(lines, line)
		}
	}
	w.reply(invite, code, lines...)
}
