package phone

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/audio/audiotest"
	"calla/netsip/config"
)

// TestCallsAreAnsweredByThemselves: after the time that is set, with a tone, and never beside another call.
func TestCallsAreAnsweredByThemselves(t *testing.T) {
	for _, c := range []struct {
		name   string
		after  int
		do     func(w *world, bob *testPhone, id string)
		itself bool
	}{
		{"off by default", 0, nil, false},
		{"after a second", 1, nil, true},
		{"after ten seconds", 10, nil, true},
		{"ignored", 5, func(_ *world, bob *testPhone, id string) { bob.Ignore(id) }, false},
		{"another rings", 5, func(w *world, bob *testPhone, _ string) { w.phone("carol").Dial("", "bob") }, false},
		{"the user calls somebody", 5, func(_ *world, bob *testPhone, _ string) { bob.Dial("", "4711") }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice")
				w.phone("4711")
				bob := w.configured("bob", func(cfg *config.Config) { cfg.Calla.AutoAnswer = c.after })
				began := time.Now()
				alice.Dial("", "bob")
				call := bob.phase(PhaseIncoming)
				if want := began.Add(seconds(c.after)); c.after > 0 && !call.AnswersAt.Equal(want) || c.after == 0 &&
					!call.AnswersAt.IsZero() {
					t.Errorf("to be answered at %v", call.AnswersAt)
				}
				if c.do != nil {
					c.do(w, bob, call.ID)
				}
				if !c.itself {
					time.Sleep(30 * time.Second)
					for _, now := range bob.State().Calls {
						if now.ID == call.ID && (now.Phase != PhaseIncoming || !now.AnswersAt.IsZero()) {
							t.Errorf("%+v", now)
						}
					}
					return
				}
				up := bob.phase(PhaseEstablished)
				took := time.Since(began)
				if !up.ByItself || took < seconds(c.after) || took > seconds(c.after)+time.Second {
					t.Errorf("answered after %v: %+v", time.Since(began), up)
				}
				time.Sleep(2 * time.Second)
				if played := bob.host.TakePlayed(audiotest.Loudspeaker); loudest(played) < 500 {
					t.Error("no tone was heard")
				}
			})
		})
	}
}

// loudest is the largest sample.
func loudest(samples []int16) (most int) {
	for _, s := range samples {
		most = max(most, int(s), -int(s))
	}
	return most
}

// TestOnlyNamedDomainsMayHaveCallsAnswered: whoever else asks for it in Alert-Info or Call-Info is not heard.
func TestOnlyNamedDomainsMayHaveCallsAnswered(t *testing.T) {
	for _, c := range []struct {
		name    string
		domains []string
		header  string
		after   time.Duration // -1: the user alone answers
	}{
		{"Call-Info", []string{"sandbox.invalid"}, "Call-Info: <sip:x>;answer-after=0", 0},
		{"Call-Info, later", []string{"sandbox.invalid"}, "Call-Info: <sip:x>; Answer-After=7", 7 * time.Second},
		{"Alert-Info", []string{"sandbox.invalid"}, "Alert-Info: <http://x/a>;answer-after=3", 3 * time.Second},
		{"Alert-Info without an address", []string{"sandbox.invalid"}, "Alert-Info: info=alert-autoanswer", 0},
		{
			"Alert-Info with a delay",
			[]string{"sandbox.invalid"},
			"Alert-Info: <x:y>;info=alert-autoanswer;delay=2", 2 * time.Second,
		},
		{"all below a domain", []string{"*.invalid"}, "Call-Info: <sip:x>;answer-after=0", 0},
		{"nobody is named", nil, "Call-Info: <sip:x>;answer-after=0", -1},
		{"strangers", []string{"office.example"}, "Call-Info: <sip:x>;answer-after=0", -1},
		{"a domain that ends alike", []string{"box.invalid"}, "Call-Info: <sip:x>;answer-after=0", -1},
		{
			"the header names the domain",
			[]string{"office.example"},
			"Alert-Info: <http://office.example>;answer-after=0", -1,
		},
		{"a negative time", []string{"sandbox.invalid"}, "Call-Info: <sip:x>;answer-after=-1", -1},
		{"a time that is none", []string{"sandbox.invalid"}, "Call-Info: <sip:x>;answer-after=soon", -1},
		{"a very long time", []string{"sandbox.invalid"}, "Call-Info: <sip:x>;answer-after=99999999999999999999", -1},
		{"within quotes", []string{"sandbox.invalid"}, `Call-Info: <sip:x>;purpose="a;answer-after=0"`, -1},
		{"another header", []string{"sandbox.invalid"}, "X-Call-Info: <sip:x>;answer-after=0", -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice")
				bob := w.configured("bob", func(cfg *config.Config) { cfg.Calla.AutoAnswerDomains = c.domains })
				began := time.Now()
				alice.DialWith("", "bob", CallOptions{Headers: []string{c.header}})
				if c.after < 0 {
					bob.phase(PhaseIncoming)
					time.Sleep(20 * time.Second)
					if s := bob.State(); len(s.Calls) != 1 || s.Calls[0].Phase != PhaseIncoming {
						t.Errorf("%+v", s.Calls)
					}
					return
				}
				up := bob.phase(PhaseEstablished)
				if took := time.Since(began); !up.ByItself || took < c.after || took > c.after+time.Second {
					t.Errorf("after %v: %+v", took, up)
				}
			})
		})
	}
}
