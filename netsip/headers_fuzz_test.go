package netsip

import (
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"

	"calla/netsip/config"
)

// One fuzz target for each header field whose value the engine reads by itself. Those of sip are in its own tests,
// Refer-To, Replaces in referral_fuzz_test.go, the bodies of NOTIFY in package event.

// withHeader parses an INVITE and its 200 that have a header field; nil where the value cannot be one.
func withHeader(name, value string) (req, resp *sip.Message) {
	rest := "Via: SIP/2.0/WSS h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: " +
		"1\r\nCSeq: 7 INVITE\r\n" + name + ": " + value + "\r\n\r\n"
	req, err := sip.Parse([]byte("INVITE sip:alice@example.com SIP/2.0\r\n" + rest))
	if err != nil {
		return nil, nil
	}
	resp, err = sip.Parse([]byte("SIP/2.0 200 OK\r\n" + rest))
	if err != nil {
		return nil, nil
	}
	return req, resp
}

// fuzzHeader adds the seeds and has each value read.
func fuzzHeader(f *testing.F, name string, read func(t *testing.T, req, resp *sip.Message), seeds ...string) {
	for _, seed := range append(seeds, "", " ", ";", "=", ";=", "\"", "4294967296", "-1", "a;b=c;d=\"e;f\"",
		strings.Repeat("a;", 1000)) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if req, resp := withHeader(name, value); req != nil {
			read(t, req, resp)
		}
	})
}

func FuzzSessionExpires(f *testing.F) {
	fuzzHeader(f, "Session-Expires", func(t *testing.T, req, _ *sip.Message) {
		interval, refresher, ok := readSessionExpires(&logger{}, req)
		if ok && (interval <= 0 || interval > (1<<32)*time.Second || refresher != strings.ToLower(refresher)) {
			t.Errorf("%v %q", interval, refresher)
		}
	}, "1800", "90;refresher=uac", "90 ; Refresher = UAS ;x", "0", "90;refresher=\"uas\"")
}

func FuzzRAck(f *testing.F) {
	invite, _ := withHeader("X", "y")
	in := &incoming{tx: &serverTx{req: invite}, reliable: &provisionals{rseq: 5}}
	fuzzHeader(f, "RAck", func(t *testing.T, req, _ *sip.Message) {
		fields := strings.Fields(req.Get("RAck"))
		if in.acknowledges(req) && (len(fields) != 3 || strings.TrimLeft(fields[0], "0+") != "5" ||
			strings.TrimLeft(fields[1], "0+") != "7") {
			t.Errorf("RAck %q", req.Get("RAck"))
		}
	}, "5 7 INVITE", "5 7", "5 7 invite", "99999999999 7 INVITE", " 5  7\tINVITE ")
}

func FuzzRSeq(f *testing.F) {
	fuzzHeader(f, "Require: 100rel\r\nRSeq", func(t *testing.T, _, resp *sip.Message) {
		d := &dialog{}
		if n, ok := reliableSeq(resp); ok && (n == 0 || !d.inSequence(n) || d.inSequence(n)) {
			t.Errorf("RSeq %d", n)
		}
	}, "1", "4294967295", "0", "01")
}

func FuzzReason(f *testing.F) {
	fuzzHeader(f, "Reason", func(t *testing.T, req, _ *sip.Message) {
		why := reasonOfEnd(req)
		code, words := why.code, why.words
		if code != 0 && (code < 100 || code > 699) || strings.ContainsAny(words, "\r\n") {
			t.Errorf("%d %q", code, words)
		}
	}, `SIP;cause=200;text="Call completed elsewhere"`, `SIP ;cause=600 ;text="Nope"`, `Q.850;cause=16, SIP;cause=x`,
		`SIP;text="a;b"`)
}

func FuzzEvent(f *testing.F) {
	fuzzHeader(f, "Event", func(t *testing.T, req, _ *sip.Message) {
		event, id := readEvent(req)
		if event != strings.ToLower(event) || strings.ContainsAny(event+id, ";\r\n") {
			t.Errorf("%q %q", event, id)
		}
	}, "refer", "refer;id=93809824", "Dialog ; ID = 7", "message-summary", ";id=1")
}

func FuzzSubscriptionState(f *testing.F) {
	fuzzHeader(f, "Subscription-State", func(t *testing.T, req, _ *sip.Message) {
		s, ok := readSubscriptionState(req)
		if ok && (s.expires < 0 || s.retryAfter < 0 || s.retryAfter > maxRetryAfter ||
			s.over() != (s.state == "terminated")) {
			t.Errorf("%+v", s)
		}
	}, "active;expires=3600", "terminated;reason=noresource;retry-after=99999999", "Pending", "terminated;reason=\"x\"")
}

func FuzzRetryAfter(f *testing.F) {
	fuzzHeader(f, "Retry-After", func(t *testing.T, _, resp *sip.Message) {
		if d := retryAfter(resp); d < 0 || d > maxRetryAfter {
			t.Errorf("%v", d)
		}
	}, "5", "120 (I'm in a meeting)", "18000;duration=3600", "9999999999")
}

func FuzzWarning(f *testing.F) {
	fuzzHeader(f, "Warning", func(t *testing.T, _, resp *sip.Message) {
		if words := warningText(resp.Get("Warning")); strings.ContainsAny(words, "\r\n\"") {
			t.Errorf("%q", words)
		}
	}, `399 h "words"`, `399 h "a \" b"`, `399 h words`, `399 h "`)
}

func FuzzMinSE(f *testing.F) {
	fuzzHeader(f, "Min-SE", func(t *testing.T, _, resp *sip.Message) {
		timer := sessionTimer{interval: 90 * time.Second}
		if timer.raise(resp) && timer.interval > maxSessionInterval {
			t.Errorf("%v", timer.interval)
		}
	}, "90", "3600;x=y", "4294967295")
}

func FuzzChallenges(f *testing.F) {
	able := func(_, algorithm string) int {
		_, _, strength := digestAlgorithm(algorithm)
		return strength
	}
	fuzzHeader(f, "WWW-Authenticate", func(t *testing.T, _, resp *sip.Message) {
		for _, ch := range challengesOf(resp, able, grade{}) {
			if ch.nonce == "" || ch.key.proxy || ch.qop != "" && ch.qop != "auth" && ch.qop != "auth-int" {
				t.Errorf("%+v", ch)
			}
		}
	}, `Digest realm="a", nonce="n", qop="auth,auth-int", algorithm=SHA-256`,
		`Digest realm=a,nonce=n,stale=TRUE, Digest realm=b,nonce=m`, `Basic realm="x"`, `Digest realm="\"", nonce="\\"`)
}

func FuzzAuthenticationInfo(f *testing.F) {
	fuzzHeader(f, "Authentication-Info", func(t *testing.T, req, resp *sip.Message) {
		key := realmKey{realm: "r"}
		c := newCredentials(&UserAgent{}, nil)
		c.realms[key], c.order = &realm{nonce: "old", count: 3}, []realmKey{key}
		e := &exchange{msg: req, answered: map[realmKey]int{key: 1}}
		c.nextNonce(e, resp, "Authentication-Info")
		if r := c.realms[key]; r.nonce == "" || r.nonce != "old" && r.count != 0 {
			t.Errorf("%+v", r)
		}
	}, `nextnonce="47364c23432d2e131a5fb210812c"`, `qop=auth, rspauth="x", cnonce="y", nc=00000001`, `nextnonce=`,
		`nextnonce="`)
}

func FuzzContactOfADialog(f *testing.F) {
	fuzzHeader(f, "Contact", func(t *testing.T, req, resp *sip.Message) {
		ua := &UserAgent{
			identity: &identity{}, log: &logger{},
			capabilities: &capabilities{&config.Config{}, &Options{}, &identity{}},
		}
		if d, ok := ua.callerDialog(req, resp); ok {
			m := d.target
			if m.Host == "" || m.Headers != "" {
				t.Errorf("target %v", m)
			}
			d.refreshTarget(resp)
		}
	}, "<sip:bob@192.0.2.1;transport=ws>", "<sip:bob@h?Route=%3Csip:evil%3E>", "*", "sip:a@b, sip:c@d", "<tel:+1>")
}

func FuzzRecordRoute(f *testing.F) {
	fuzzHeader(f, "Contact: <sip:x@y>\r\nRecord-Route", func(t *testing.T, req, resp *sip.Message) {
		ua := &UserAgent{
			identity: &identity{}, log: &logger{},
			capabilities: &capabilities{&config.Config{}, &Options{}, &identity{}},
		}
		d, ok := ua.callerDialog(req, resp)
		if !ok {
			return
		}
		m := d.request("BYE", 1, nil, nil)
		if _, err := sip.Parse(m.Bytes()); err != nil && !strings.Contains(err.Error(), "Via") {
			t.Errorf("BYE is malformed: %v\n%s", err, m)
		}
	}, "<sip:p1;lr>, <sip:p2;lr>", "<sip:strict>", "sip:bare", "nonsense", "<sip:h?a=b>", "*", "<tel:+1>")
}

// FuzzCallInfo and FuzzAlertInfo: a wish for an answer by itself is within its bounds, and was written.
func FuzzCallInfo(f *testing.F) { fuzzWish(f, "Call-Info") }

func FuzzAlertInfo(f *testing.F) { fuzzWish(f, "Alert-Info") }

func fuzzWish(f *testing.F, name string) {
	many := strings.Repeat("<sip:x>;answer-after=x,", 2000)
	fuzzHeader(f, name, func(t *testing.T, req, _ *sip.Message) {
		wish := answerAfter(req)
		if wish == nil {
			return
		}
		text := strings.ToLower(string(req.Bytes()))
		written := strings.Contains(text, "answer-after") ||
			name == "Alert-Info" && strings.Contains(text, "alert-autoanswer")
		if *wish < 0 || *wish > maxDelay || !written {
			t.Errorf("%v", *wish)
		}
	}, "<sip:x>;answer-after=0", "<http://h/a.wav>;purpose=icon,<sip:x>; Answer-After = 5", "info=alert-autoanswer",
		"<x:y>;info=alert-autoanswer;delay=3", "<sip:x>;answer-after=3601", "<sip:x>;purpose=\"a;answer-after=0\"",
		"<sip:x>;answer-after=\"0\"", "<sip:x>;answer-after=0\r\n"+name+": <sip:x>;answer-after=1", "\"\\\"",
		many, strings.Repeat(";", 20_000), strings.Repeat("\"", 20_001), strings.Repeat(",<", 10_000),
		strings.Repeat("<sip:x>\r\n"+name+": ", 100)+"<sip:x>;answer-after=0")
}

// FuzzDiversion and FuzzHistoryInfo: the addresses are those that could be called, and no more than are looked at.
func FuzzDiversion(f *testing.F) { fuzzDiverted(f, "Diversion") }

func FuzzHistoryInfo(f *testing.F) { fuzzDiverted(f, "History-Info") }

func fuzzDiverted(f *testing.F, name string) {
	fuzzHeader(f, name, func(t *testing.T, req, _ *sip.Message) {
		all := diverted(req)
		if len(all) > maxDiverted {
			t.Errorf("%d addresses", len(all))
		}
		for _, u := range all {
			if again, err := sip.ParseURI(u.String()); !fits(u) || err != nil || again.String() != u.String() {
				t.Errorf("%q: %v", u.String(), err)
			}
		}
	}, "<sip:bob@example.com>;reason=user-busy;counter=1;privacy=off", "\"Bob\" <tel:+49301234567>;reason=no-answer",
		"<sip:bob@example.com?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1", "sip:bob@example.com;index=1",
		"<sip:a@x>;index=1, <sip:b@x>;index=1.1;mp=1, <sip:c@x>;index=1.2", "<sips:b@[::1]:5061>", "<>", "<sip:",
		"\"<", "*",
		strings.Repeat("<sip:a@x>,", 3000)+"<sip:a@x>", strings.Repeat("<", 20_000), strings.Repeat(",", 20_000),
		"<sip:"+strings.Repeat("a", 20_000)+"@x>", strings.Repeat("<sip:a@x>\r\n"+name+": ", 100)+"<sip:a@x>")
}
