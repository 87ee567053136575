package phone

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/netsip/config"
	"calla/phone/cause"
)

// forwarding is a change of a configuration that forwards calls.
func forwarding(why cause.Kind, to string, after int) func(*config.Config) {
	return func(c *config.Config) {
		switch why {
		case cause.ForwardAlways:
			c.Calla.ForwardAlways = to
		case cause.ForwardBusy:
			c.Calla.ForwardBusy = to
		case cause.ForwardNoAnswer:
			c.Calla.ForwardNoAnswer, c.Calla.ForwardAfter = to, after
		}
	}
}

// TestCallsAreForwarded: always, when busy, without an answer; what would come back rings instead.
func TestCallsAreForwarded(t *testing.T) {
	for _, c := range []struct {
		name   string
		why    cause.Kind
		to     string
		after  int
		header string // of the caller's INVITE
		talks  bool   // bob has a call
		quiet  bool   // bob is not to be disturbed
		sent   string // where the caller is sent; "" = it rings at bob's
		waits  time.Duration
	}{
		{"always, to a user", cause.ForwardAlways, "carol", 0, "", false, false, "sip:carol@sandbox.invalid", 0},
		{
			"always, to a number", cause.ForwardAlways, "(030) 12-34", 0, "", false, false,
			"sip:0301234@sandbox.invalid", 0,
		},
		{"always, elsewhere", cause.ForwardAlways, "x@other.example", 0, "", false, false, "sip:x@other.example", 0},
		{
			"always, while not to be disturbed", cause.ForwardAlways, "carol", 0, "", false, true,
			"sip:carol@sandbox.invalid", 0,
		},
		{"always, to the caller", cause.ForwardAlways, "alice", 0, "", false, false, "", 0},
		{
			"always, to where the call comes from (Diversion)", cause.ForwardAlways, "carol", 0,
			"Diversion: <sip:carol@sandbox.invalid>;reason=unconditional", false, false, "", 0,
		},
		{
			"always, to where the call comes from (History-Info)", cause.ForwardAlways, "carol", 0,
			"History-Info: <sip:carol@sandbox.invalid>;index=1", false, false, "", 0,
		},
		{"when busy", cause.ForwardBusy, "carol", 0, "", true, false, "sip:carol@sandbox.invalid", 0},
		{"when busy, and is not", cause.ForwardBusy, "carol", 0, "", false, false, "", 0},
		{
			"without an answer", cause.ForwardNoAnswer, "carol", 7, "", false, false,
			"sip:carol@sandbox.invalid", 7 * time.Second,
		},
		{
			"without an answer, as it is by default", cause.ForwardNoAnswer, "carol", 0, "", false, false,
			"sip:carol@sandbox.invalid", 20 * time.Second,
		},
		{"without an answer, to the caller", cause.ForwardNoAnswer, "alice", 7, "", false, false, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, other := w.phone("alice"), w.phone("4711")
				bob := w.configured("bob", forwarding(c.why, c.to, c.after))
				if c.talks {
					other.talk(bob)
				}
				if c.quiet {
					bob.SetDoNotDisturb(account.DoNotDisturb{On: true})
				}
				if does := bob.State().Accounts[0].Does; len(does) != 1 || does[0].Kind != c.why || does[0].To == "" {
					t.Errorf("shown %+v", does)
				}
				var o CallOptions
				if c.header != "" {
					o.Headers = []string{c.header}
				}
				began := time.Now()
				alice.DialWith("", "bob", o)
				if c.sent == "" {
					bob.phase(PhaseIncoming)
					time.Sleep(30 * time.Second)
					bob.phase(PhaseIncoming)
					return
				}
				end := alice.end()
				if end.Code != 302 || len(end.Redirect) != 1 || end.Redirect[0].URI != c.sent ||
					time.Since(began) != c.waits {
					t.Errorf("the caller is told %+v after %v", end, time.Since(began))
				}
				if c.why == cause.ForwardNoAnswer {
					if e := bob.end(); e.Cause.Kind != cause.Missed || e.Cause.Because == nil ||
						e.Cause.To != "carol" || said(e.Cause) != "Missed call, forwarded to carol" {
						t.Errorf("%+v", e)
					}
					return
				}
				if e := bob.turned(); e.Cause.Kind != cause.ForwardedHere || e.Cause.Because.Kind != c.why ||
					e.Code != 302 {
					t.Errorf("%+v", e)
				}
			})
		})
	}
}

// TestACallThatIsTakenIsNotForwarded: by whatever the user does before the time.
func TestACallThatIsTakenIsNotForwarded(t *testing.T) {
	for name, do := range map[string]func(p *testPhone, id string){
		"answered": func(p *testPhone, id string) { p.Answer(id) },
		"declined": func(p *testPhone, id string) { p.Decline(id) },
		"busy":     func(p *testPhone, id string) { p.DeclineBusy(id) },
		"hung up":  func(p *testPhone, id string) { p.HangUp(id) },
		"answered in the last moment": func(p *testPhone, id string) {
			time.Sleep(7*time.Second - time.Millisecond)
			p.Answer(id)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice")
				bob := w.configured("bob", forwarding(cause.ForwardNoAnswer, "carol", 7))
				alice.Dial("", "bob")
				do(bob, bob.phase(PhaseIncoming).ID)
				time.Sleep(time.Minute)
				if s := alice.State(); s.Ended != nil && len(s.Ended.Redirect) > 0 {
					t.Errorf("forwarded: %+v", s.Ended)
				}
			})
		})
	}
}

// TestTwoAccountsThatForwardToEachOtherRing: nobody is sent in circles within one phone.
func TestTwoAccountsThatForwardToEachOtherRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice := w.phone("alice")
		bob := w.configured("bob", forwarding(cause.ForwardAlways, "carol", 0))
		carol := w.account("carol")
		carol.Config.Calla.ForwardAlways = "bob"
		bob.save(carol, account.SecretSession)
		bob.until("both registered", func(s State) bool {
			return len(s.Accounts) == 2 && s.Accounts[1].Status == StatusRegistered
		})
		alice.Dial("", "bob")
		bob.phase(PhaseIncoming)
	})
}

// TestForwardingIsChecked: as it is entered.
func TestForwardingIsChecked(t *testing.T) {
	base := config.Config{URI: "sip:bob@example.com", WSServers: []config.Server{{WSURI: "ws://h"}}}
	for name, c := range map[string]struct {
		change    func(*config.Config)
		parameter string // that is wrong; "" = all is well
	}{
		"a user": {forwarding(cause.ForwardAlways, "carol", 0), ""},
		"nobody": {forwarding(cause.ForwardAlways, "", 0), ""},
		"itself": {forwarding(cause.ForwardAlways, "bob", 0), "calla.forward_always"},
		"itself, as an address": {
			forwarding(cause.ForwardBusy, "sip:bob@EXAMPLE.com;transport=ws", 0), "calla.forward_busy",
		},
		"itself, by a dial rule": {func(c *config.Config) {
			c.URI, c.Calla.ForwardNoAnswer, c.Calla.DialRules = "sip:0049301@example.com", "+49301", []string{"+ -> 00"}
		}, "calla.forward_no_answer"},
		"a page": {
			forwarding(cause.ForwardAlways, "http://example.com", 0), "calla.forward_always",
		},
		"digits for after the answer": {forwarding(cause.ForwardBusy, "4711,,12", 0), "calla.forward_busy"},
		"headers":                     {forwarding(cause.ForwardBusy, "sip:a@b?Replaces=x", 0), "calla.forward_busy"},
		"after the call has ended":    {forwarding(cause.ForwardNoAnswer, "carol", 60), "calla.forward_after"},
		"a short time to ring": {func(c *config.Config) {
			c.NoAnswerTimeout, c.Calla.ForwardNoAnswer = 10, "carol"
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := base
			c.change(&cfg)
			_, err := cfg.Normalize()
			wrong, _ := err.(*config.Error)
			if (err == nil) != (c.parameter == "") ||
				wrong != nil && (wrong.Parameter != c.parameter || wrong.Reason == "") {
				t.Errorf("%v", err)
			}
		})
	}
}
