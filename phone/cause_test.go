package phone

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"calla/netsip"
	"calla/netsip/rtc"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
	"calla/phone/cause"
)

// Holds: who-ended
func TestCallsTakenElsewhereAreNotMissed(t *testing.T) {
	for name, c := range map[string]struct {
		reason    string // Reason of the CANCEL; "" = none
		words     string
		elsewhere bool
	}{
		"no reason":                {"", "Missed call", false},
		"RFC 3326":                 {`SIP;cause=200;text="Call completed elsewhere"`, "Answered elsewhere", true},
		"blanks":                   {`SIP ;cause=200 ;text="Call completed elsewhere"`, "Answered elsewhere", true},
		"no text":                  {`sip;cause=200`, "Answered elsewhere", true},
		"text alone":               {`SIP;text="Answered elsewhere"`, "Answered elsewhere", true},
		"picked up":                {`SIP;cause=202;text="Picked up"`, "Answered elsewhere", true},
		"Q.850 26":                 {`Q.850;cause=26;text="Non-selected user clearing"`, "Answered elsewhere", true},
		"both":                     {`Q.850;cause=16, SIP;cause=200`, "Answered elsewhere", true},
		"a semicolon in the text":  {`SIP;text="a;cause=603";cause=200`, "Answered elsewhere", true},
		"declined":                 {`SIP;cause=603;text="Declined"`, "Declined elsewhere", true},
		"busy everywhere":          {`SIP;cause=600;text="Busy Everywhere"`, "Declined elsewhere", true},
		"declined in words":        {`SIP;text="Call declined elsewhere"`, "Declined elsewhere", true},
		"the caller gave up":       {`Q.850;cause=16;text="Normal call clearing"`, "Missed call", false},
		"the caller gave up, SIP":  {`SIP;cause=487;text="ORIGINATOR_CANCEL"`, "Missed call", false},
		"nobody answered anywhere": {`SIP;cause=480;text="NO_ANSWER"`, "Missed call", false},
		"another protocol":         {`Preemption;cause=1`, "Missed call", false},
		"no number":                {`SIP;cause=two hundred`, "Missed call", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				w.server.Faults().Add(sandbox.Fault{
					Match: func(e sandbox.Event) bool {
						return e.Sent && e.Message != nil &&
							e.Message.Method == "CANCEL"
					},
					Times: -1, Edit: func(m *sip.Message) {
						if c.reason != "" {
							m.Add("Reason", c.reason)
						}
					},
				})
				alice.Dial("", "bob")
				bob.phase(PhaseIncoming)
				alice.HangUp(alice.phase(PhaseRinging).ID)
				if e := bob.end(); said(e.Cause) != c.words || e.Elsewhere != c.elsewhere {
					t.Errorf("said %q, elsewhere %t; want %q", said(e.Cause), e.Elsewhere, c.words)
				}
			})
		})
	}
}

// Holds: who-ended
func TestTheTelephoneNetworksCauseIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		reason string
		words  string
	}{
		"a decline as 403":         {403, `Q.850;cause=21;text="Call Rejected"`, "Declined by the other side"},
		"a decline as 503":         {503, `Q.850 ;cause=21`, "Declined by the other side"},
		"forbidden":                {403, "", "The phone server does not allow this call"},
		"forbidden, normal":        {403, `Q.850;cause=16`, "The phone server does not allow this call"},
		"not allowed":              {403, `Q.850;cause=57`, "This call is not allowed"},
		"busy as 480":              {480, `Q.850;cause=17;text="User busy"`, "Busy"},
		"busy as 603":              {603, `Q.850;cause=17`, "Busy"},
		"no answer as 480":         {480, `Q.850;cause=19`, "No answer"},
		"no response as 500":       {500, `Q.850;cause=18`, "No answer"},
		"off as 404":               {404, `Q.850;cause=20`, "bob is not reachable now"},
		"unknown as 404":           {404, "", "bob is not known or not online"},
		"unknown as 604":           {604, "", "There is no bob"},
		"unassigned as 404":        {404, `Q.850;cause=1`, "bob does not exist"},
		"unassigned as 503":        {503, `q.850;cause="1"`, "bob does not exist"},
		"changed":                  {410, `Q.850;cause=22`, "bob has another number now"},
		"out of order":             {502, `Q.850;cause=27`, "bob is out of order"},
		"incomplete":               {488, `Q.850;cause=28`, "The number is not complete"},
		"congestion as 503":        {503, `Q.850;cause=34;text="No circuit available"`, "No line is free"},
		"switch congestion":        {486, `Q.850;cause=42`, "No line is free"},
		"network out of order":     {503, `Q.850;cause=38`, "The telephone network has a fault"},
		"temporary failure as 480": {480, `Q.850;cause=41`, "The telephone network has a fault"},
		"unspecified":              {480, `Q.850;cause=31`, "bob is not available now"},
		"beside SIP":               {480, `SIP;cause=480, Q.850;cause=21`, "Declined by the other side"},
		"out of range":             {480, `Q.850;cause=999`, "bob is not available now"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice")
				fault := sandbox.Fault{Match: sandbox.Received("INVITE"), Status: c.status, Times: -1}
				if c.reason != "" {
					fault.Headers = []sip.Header{{Name: "Reason", Value: c.reason}}
				}
				w.server.Faults().Add(fault)
				alice.Dial("", "bob")
				e := alice.end()
				if said(e.Cause) != c.words || e.Tone == ProgressNone {
					t.Errorf("said %q with tone %v, want %q", said(e.Cause), e.Tone, c.words)
				}
				if told := tell(e.Cause); told.Title != "" && told.Do == "" {
					t.Errorf("problem %+v", e.Cause)
				}
			})
		})
	}
}

// Holds: who-ended
func TestHangingUpIsTheNetworksOnlyWhereItFailed(t *testing.T) {
	for name, c := range map[string]struct {
		reason, words string
	}{
		"nothing told":   {"", "The other side hung up"},
		"normal":         {"Q.850;cause=16", "The other side hung up"},
		"unspecified":    {"Q.850;cause=31", "The other side hung up"},
		"a decline":      {"Q.850;cause=21", "The other side hung up"},
		"network fault":  {"Q.850;cause=38", "The telephone network cut the call"},
		"temporary":      {`Q.850;cause=41;text="Temporary failure"`, "The telephone network cut the call"},
		"out of service": {"Q.850;cause=27", "The telephone network cut the call"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				w.server.Faults().Add(sandbox.Fault{
					Match: func(e sandbox.Event) bool {
						return e.Sent && e.Message != nil &&
							e.Message.Method == "BYE"
					},
					Times: -1, Edit: func(m *sip.Message) {
						if c.reason != "" {
							m.Add("Reason", c.reason)
						}
					},
				})
				_, theirs := alice.talk(bob)
				bob.HangUp(theirs.ID)
				if e := alice.end(); said(e.Cause) != c.words {
					t.Errorf("said %q, want %q", said(e.Cause), c.words)
				}
			})
		})
	}
}

// Holds: who-ended
func TestAnAnswerThatIsRefusedIsNotTheUsersDoing(t *testing.T) {
	for name, c := range map[string]struct {
		fault netsip.MediaFault
		want  string
	}{
		"no DTLS":         {netsip.MediaFaultNotEncrypted, "without encryption"},
		"MD5":             {netsip.MediaFaultWeakFingerprint, "not safe"},
		"no codec":        {netsip.MediaFaultNoCodec, "no sound format in common"},
		"no ICE":          {netsip.MediaFaultNoICE, "how to reach it"},
		"sound off":       {netsip.MediaFaultAudioRefused, "refused the sound"},
		"no sound":        {netsip.MediaFaultNoAudio, "no sound"},
		"no DTLS role":    {netsip.MediaFaultDTLSRole, "who begins the encryption"},
		"no rtcp-mux":     {netsip.MediaFaultRTCPApart, "two ports for the sound"},
		"no description":  {netsip.MediaFaultNotSDP, "cannot be read"},
		"too much":        {netsip.MediaFaultTooLarge, "cannot be read"},
		"unknown to us":   {netsip.MediaFaultOther, "cannot be used"},
		"relay-only here": {netsip.MediaFaultNoRelay, "no way out"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.wire.refusal = fmt.Errorf("wrapped: %w",
					&netsip.MediaError{Fault: c.fault, StatusCode: 488, Reason: "go error text"})
				alice, bob := w.phone("alice"), w.phone("bob")
				alice.Dial("", "bob")
				bob.Answer(bob.phase(PhaseIncoming).ID)
				e := alice.end()
				all := said(e.Cause)
				if tell(e.Cause).Title != "" {
					all += " " + tell(e.Cause).Title + " " + tell(e.Cause).Why + " " + tell(e.Cause).Do
				}
				if !strings.Contains(said(e.Cause), c.want) || tell(e.Cause).Title == "" {
					t.Errorf("said %q %+v, want %q", said(e.Cause), e.Cause, c.want)
				}
				for _, untrue := range []string{
					"You ", "cancelled", "declined", "firewall", "go error text",
					"wrapped",
				} {
					if strings.Contains(all, untrue) {
						t.Errorf("said %q", all)
					}
				}
			})
		})
	}
}

// Holds: who-ended
func TestRefusedEncryptionIsNoFirewall(t *testing.T) {
	for name, c := range map[string]struct {
		failure  rtc.Failure
		kind     cause.Kind
		firewall bool
	}{
		"no path":                  {rtc.FailureNoPath, cause.NoPath, true},
		"encryption refused":       {rtc.FailureEncryption, cause.NoEncryption, false},
		"encryption not completed": {rtc.FailureHandshake, cause.EncryptionNotBegun, false},
		"nothing told":             {rtc.FailureNone, cause.NoPath, true},
		"another fault of media":   {rtc.FailureSources, cause.NoPath, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.wire.failure, w.wire.fails = c.failure, true
				alice, bob := w.phone("alice"), w.phone("bob")
				alice.Dial("", "bob")
				bob.Answer(bob.phase(PhaseIncoming).ID)
				e := alice.end()
				if e.Cause.Kind != c.kind || strings.Contains(tell(e.Cause).Why, "firewall") != c.firewall ||
					strings.HasPrefix(said(e.Cause), "You") {
					t.Errorf("said %q %+v", said(e.Cause), e.Cause)
				}
			})
		})
	}
}

// Holds: who-ended
func TestWhoRefusedATransferIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		refer int // status of the answer to REFER; 0 = the target's word counts
		carol func(*world, *testPhone)
		want  string
	}{
		"transferee declines": {603, nil, "bob declined to be transferred"},
		"transferee busy":     {486, nil, "Not transferred: bob's phone refused (486 Busy Here)"},
		"server forbids":      {403, nil, "Not transferred: the phone server does not allow it"},
		"transferee cannot":   {405, nil, "Not transferred: the other side's phone cannot be transferred"},
		"target declines": {
			0, func(_ *world, p *testPhone) { p.Decline(p.phase(PhaseIncoming).ID) },
			"carol declined",
		},
		"target busy": {0, func(w *world, _ *testPhone) { w.refuseCarol(486) }, "carol is busy"},
		"target unknown": {
			0, func(w *world, _ *testPhone) { w.refuseCarol(404) },
			"carol is not known or not online",
		},
		"target not reached": {
			0, func(w *world, _ *testPhone) { w.refuseCarol(503) },
			"carol was not reached (503 Service Unavailable)",
		},
		"target may not be used": {
			0, func(w *world, _ *testPhone) { w.refuseCarol(403) },
			"carol may not be called from there",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, alice, bob, carol, mine := three(t)
				if c.refer != 0 {
					w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("REFER"), Status: c.refer, Times: 1})
				} else if name != "target declines" {
					c.carol(w, carol)
				}
				alice.Transfer(mine.ID, "carol")
				if c.refer == 0 {
					r := bob.until("asked", func(s State) bool { return len(s.Referrals) == 1 }).Referrals[0]
					bob.AcceptReferral(r.ID)
				}
				if name == "target declines" {
					c.carol(w, carol)
				}
				alice.transferWords(c.want)
			})
		})
	}
}

// refuseCarol answers every call to carol with a status.
func (w *world) refuseCarol(status int) {
	w.server.Faults().Add(sandbox.Fault{Match: func(e sandbox.Event) bool {
		m := e.Message
		return m != nil && !e.Sent && m.Method == "INVITE" && m.RequestURI.User == "carol"
	}, Status: status, Times: -1})
}
