package netsip

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sip"
)

// How a transfer stands is found in a NOTIFY, also in one of its parts, and however its state is written.
//
// Holds: accepted-descriptions
func TestTransfersOfTheField(t *testing.T) {
	const sipfrag = "Content-Type: message/sipfrag;version=2.0\r\n\r\nSIP/2.0 "
	const mixed = "Content-Type: multipart/mixed; boundary=\"b\""
	for _, c := range []struct {
		name  string
		lines []string // in the place of those of a NOTIFY
		state TransferState
		code  int
	}{
		{
			"in parts",
			[]string{mixed, "Body: " + multi(sipfrag+"200 OK\r\n", "Content-Type: text/plain\r\n\r\nhello")},
			TransferDone, 200,
		},
		{
			"in the second part",
			[]string{mixed, "Body: " + multi("Content-Type: text/plain\r\n\r\nSIP/2.0 603 No", sipfrag+"200 OK")},
			TransferDone, 200,
		},
		{
			"in parts of which one is in parts",
			[]string{mixed, "Body: " + multi(isupPart,
				"Content-Type: multipart/mixed;boundary=in\r\n\r\n--in\r\n"+sipfrag+"486 Busy Here\r\n--in--\r\n")},
			TransferFailed, 486,
		},
		{"in parts without one", []string{mixed, "Body: " + multi(isupPart)}, TransferAsked, 0},
		{"in parts that break off", []string{mixed, "Body: " + multi(sipfrag + "200 OK")[:60]}, TransferAsked, 0},
		{
			"ringing, in parts",
			[]string{mixed, "Body: " + multi(sipfrag+"180 Ringing\r\n"), "Subscription-State: active"},
			TransferProgress, 180,
		},
		{
			"the state in quotes",
			[]string{`Subscription-State: terminated;reason="noresource";retry-after="x"`},
			TransferDone, 200,
		},
		{
			"a comma behind the state",
			[]string{"Subscription-State: active,", "Body: SIP/2.0 180 Ringing"},
			TransferProgress, 180,
		},
		{
			"pending",
			[]string{"Subscription-State: pending;expires=60", "Body: SIP/2.0 100 Trying"},
			TransferTrying,
			100,
		},
		{
			"a time that is none",
			[]string{"Subscription-State: active;expires=soon", "Body: SIP/2.0 183 x"},
			TransferProgress, 183,
		},
		{
			"a time of nought",
			[]string{"Subscription-State: active;expires=0", "Body: SIP/2.0 183 x"},
			TransferProgress, 183,
		},
		{
			"a time of a century",
			[]string{"Subscription-State: active;expires=3153600000", "Body: SIP/2.0 183 x"},
			TransferProgress, 183,
		},
		{"the compact name of Event", []string{"Event: ", "o: refer"}, TransferDone, 200},
		{"an empty id", []string{"Event: refer;id="}, TransferDone, 200},
		{"an id with noughts", []string{"Event: refer;id=0ID"}, TransferDone, 200},
		{"other parameters of the event", []string{"Event: refer;x=y;id=ID;z"}, TransferDone, 200},
		{"a phrase in Latin-1", []string{"Body: SIP/2.0 404 Unbekannt\xfc\r\n"}, TransferFailed, 404},
		{"a request's answer with its fields", []string{
			"Body: SIP/2.0 200 OK\r\nContact: <sip:carol@192.0.2.3>\r\nContent-Length: 0\r\n\r\n",
		}, TransferDone, 200},
		{"the length beside it", []string{"Body: SIP/2.0 200 OK\r\nContent-Length: 5000\r\n"}, TransferDone, 200},
		{"a status of two digits", []string{"Body: SIP/2.0 20 OK"}, TransferAsked, 0},
		{"another version", []string{"Body: SIP/3.0 200 OK"}, TransferAsked, 0},
		{
			"no body, and it goes on",
			[]string{"Content-Type: ", "Body: ", "Subscription-State: active"},
			TransferTrying, 0,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, _, f := b.established(w)
				n := b.transfer(s, "carol")
				refer := w.expect("REFER")
				w.reply(refer, 202)
				synctest.Wait()
				id := strings.TrimPrefix(referID(refer), "refer;id=")
				m := f.sipfragNotify(referID(refer), "terminated;reason=noresource", "200 OK")
				for _, line := range c.lines {
					switch name, value, _ := strings.Cut(strings.Replace(line, "ID", id, 1), ": "); name {
					case "Body":
						m.Body = []byte(value)
					case "Event":
						m.Del(name)
						if value != "" {
							m.Add(name, value)
						}
					default:
						m.Set(name, value)
					}
				}
				w.sendBinary(m)
				got := w.skim()
				state, want := c.state, 1
				if state == TransferAsked { // refused, and it is as before
					state, want = TransferTrying, 0
				}
				if n.t.State() != state || n.t.Code() != c.code || got["200 NOTIFY"] != want {
					t.Errorf("%v with %d, answered %v", n.t.State(), n.t.Code(), got)
				}
			})
		})
	}
}

// Who refreshes a call, and when, is what the 2xx says, within bounds; it lives on where the far end keeps to it.
//
// Holds: lenient-messages
func TestSessionTimersOfTheField(t *testing.T) {
	for _, c := range []struct {
		name, line string        // of the 200
		refresh    time.Duration // ours; 0 = none
		end        time.Duration // where nobody refreshes; 0 = none
	}{
		{"nothing", "X-None: 1", 0, 0},
		{"half an hour, us", "Session-Expires: 1800;refresher=uac", 900 * time.Second, 1768 * time.Second},
		{
			"in capitals and with blanks", "session-expires: \t1800 ; REFRESHER = UAC", 900 * time.Second,
			1768 * time.Second,
		},
		{"compact", "x: 1800;refresher=uac", 900 * time.Second, 1768 * time.Second},
		{"nobody named", "Session-Expires: 1800", 900 * time.Second, 1768 * time.Second},
		{"somebody else named", "Session-Expires: 1800;refresher=proxy", 900 * time.Second, 1768 * time.Second},
		{"in quotes", `Session-Expires: 1800;refresher="uas"`, 0, 1768 * time.Second},
		{"the far end", "Session-Expires: 1800;refresher=uas", 0, 1768 * time.Second},
		{"the least there is", "Session-Expires: 90;refresher=uac", 45 * time.Second, 60 * time.Second},
		{"less, JsSIP of old", "Session-Expires: 60;refresher=uac", 30 * time.Second, 60 * time.Second},
		{"far less", "Session-Expires: 3;refresher=uac", 30 * time.Second, 60 * time.Second},
		{"nought", "Session-Expires: 0;refresher=uac", 0, 0},
		{"no number", "Session-Expires: never;refresher=uac", 0, 0},
		{"a fraction", "Session-Expires: 1800.5;refresher=uac", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, _, _ := b.established(w, "Allow: UPDATE", c.line)
				begin, refreshed := time.Now(), time.Duration(0)
				var bye *sip.Message
				for bye == nil && time.Since(begin) < 3000*time.Second {
					time.Sleep(time.Second)
					synctest.Wait()
					for len(w.in) > 0 {
						switch m := <-w.in; {
						case m.Method == "BYE":
							bye = m
							w.reply(m, 200)
						case m.Method == "UPDATE" && refreshed == 0:
							refreshed = time.Since(begin)
						default:
							t.Fatalf("user agent sent %s", title(m))
						}
					}
				}
				end := time.Since(begin)
				if bye == nil {
					end = 0
				}
				// An UPDATE that nobody answers ends the call with its transaction, or with the timer.
				late := end > min(c.end, c.refresh+timeout)+time.Second
				if c.refresh > 0 && late || c.refresh == 0 && end != c.end {
					t.Errorf("ended after %v", end)
				}
				if refreshed != c.refresh {
					t.Errorf("refreshed after %v", refreshed)
				}
				if bye == nil && s.state != SessionEstablished {
					t.Errorf("it is %v", s.state)
				}
			})
		})
	}
}

// A change of the call that is refused leaves the call as it was, and is asked for again only where that may help.
//
// Holds: own-direction
func TestRefusedHoldsOfTheField(t *testing.T) {
	for _, c := range []struct {
		name  string
		code  int
		lines []string
		again bool // it comes true in the end
	}{
		{"415", 415, []string{"Accept: application/sdp"}, false},
		{"420", 420, []string{"Unsupported: timer"}, false},
		{"421", 421, []string{"Require: 100rel"}, false},
		{"422 without a time", 422, nil, false},
		{"423", 423, []string{"Min-Expires: 60"}, false},
		{"480 with a time", 480, []string{"Retry-After: 3"}, false},
		{"488", 488, []string{`Warning: 304 h "Media type not available"`}, false},
		{"491", 491, nil, true},
		{"491 with a time", 491, []string{"Retry-After: 9"}, true},
		{"500 with a time", 500, []string{"Retry-After: 3"}, true},
		{"500 with a time and a comment", 500, []string{"Retry-After: 3 (busy);duration=60"}, true},
		{"503 with a time", 503, []string{"Retry-After: 2"}, true},
		{"500 without a time", 500, nil, false},
		{"500 with a date", 500, []string{"Retry-After: Thu, 01 Dec 2026 16:00:00 GMT"}, false},
		{"606", 606, nil, false},
		{"302", 302, []string{"Contact: <sip:premium@example.com>"}, false},
		{"401 without a challenge", 401, nil, false},
		{"a status nobody knows", 477, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, _, m := b.askingToHold(w)
				w.reply(m, c.code, c.lines...)
				w.expect("ACK")
				time.Sleep(12 * time.Second)
				synctest.Wait()
				asked := 0
				for len(w.in) > 0 {
					m := <-w.in
					if m.Method != "INVITE" {
						t.Fatalf("user agent sent %s", title(m))
					}
					asked++
					w.agree(m, strings.Replace(answerSDP, "sendrecv", "recvonly", 1))
				}
				synctest.Wait()
				b.do(func() {
					if s.state != SessionEstablished || s.Held() != c.again || (asked > 0) != c.again {
						t.Errorf("%v, held %v, asked %d times more", s.state, s.Held(), asked)
					}
				})
			})
		})
	}
}
