package phone

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
	"calla/phone/cause"
)

// turned waits until a call of the phone was turned away.
func (p *testPhone) turned() EndedCall {
	p.t.Helper()
	away := p.until("turned away", func(s State) bool { return len(s.TurnedAway) > 0 }).TurnedAway
	return away[len(away)-1]
}

// silent fails where the phone has ever shown a call, or rings.
func (p *testPhone) silent() {
	p.t.Helper()
	synctest.Wait()
	if s := p.State(); len(s.Calls) != 0 || s.Ended != nil || needsOf(s).ringer {
		p.t.Errorf("%s is not silent: %+v", p.name, s)
	}
}

// TestBlockedCallersNeverRing: they are refused as set, nothing is shown or heard, and the call is told as blocked.
func TestBlockedCallersNeverRing(t *testing.T) {
	for _, c := range []struct {
		name  string
		entry string
		busy  bool
		calls CallOptions
		rings bool
	}{
		{"by name", "alice", false, CallOptions{}, false},
		{"by name, told busy", "alice", true, CallOptions{}, false},
		{"by address", "sip:alice@sandbox.invalid", false, CallOptions{}, false},
		{"by domain", "@sandbox.invalid", false, CallOptions{}, false},
		{"with wild cards", "al?c*", false, CallOptions{}, false},
		{"who hides", "anonymous", false, CallOptions{Anonymous: true}, false},
		{"another", "alicia", false, CallOptions{}, true},
		{"who hides, and is somebody else", "anonymous", false, CallOptions{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				bob.Block(c.entry, true)
				bob.BlockAs(c.busy)
				alice.DialWith("", "bob", c.calls)
				if c.rings {
					bob.phase(PhaseIncoming)
					return
				}
				e := bob.turned()
				if e.Cause.Kind != cause.Blocked || !e.Incoming || e.AccountID != "bob" || e.At.IsZero() ||
					e.Elsewhere || !c.calls.Anonymous && e.Address != "alice" {
					t.Errorf("%+v", e)
				}
				want := 603
				if c.busy {
					want = 486
				}
				if end := alice.end(); end.Code != want || e.Code != want {
					t.Errorf("the caller is told %d, here %d", end.Code, e.Code)
				}
				bob.silent()
				bob.Block(c.entry, false)
				alice.DialWith("", "bob", c.calls)
				bob.phase(PhaseIncoming)
			})
		})
	}
}

// TestNobodyEscapesTheBlockListByAnotherName: neither by what the network asserts, nor by what From says.
func TestNobodyEscapesTheBlockListByAnotherName(t *testing.T) {
	for name, c := range map[string]struct {
		header, entry string
		rings         bool
	}{
		"the network's word is blocked": {
			"P-Asserted-Identity: <sip:+49900123@sandbox.invalid>", "+49900*", false,
		},
		"From is blocked, the network's is not": {"P-Asserted-Identity: <sip:carol@sandbox.invalid>", "alice", false},
		"a telephone link of the network":       {"P-Asserted-Identity: <tel:+49900123>", "0049900*", false},
		"neither":                               {"P-Asserted-Identity: <sip:carol@sandbox.invalid>", "dave", true},
		"a display name is no caller": {
			`P-Asserted-Identity: "alicia" <sip:carol@sandbox.invalid>`, "alicia", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				bob.Block(c.entry, true)
				alice.DialWith("", "bob", CallOptions{Headers: []string{c.header}})
				if c.rings {
					bob.phase(PhaseIncoming)
					return
				}
				if e := bob.turned(); e.Cause.Kind != cause.Blocked {
					t.Errorf("%+v", e)
				}
				bob.silent()
			})
		})
	}
}

// TestBlockedCallersCannotWrite: they are refused as their calls are, and nothing of it is shown, counted or kept.
func TestBlockedCallersCannotWrite(t *testing.T) {
	for _, c := range []struct {
		name   string
		entry  string
		busy   bool
		header sip.Header // that the network adds
		status int        // 0 = it comes in
	}{
		{"by name", "alice", false, sip.Header{}, 603},
		{"told busy", "alice", true, sip.Header{}, 486},
		{"by address", "sip:alice@sandbox.invalid", false, sip.Header{}, 603},
		{"by domain", "@sandbox.invalid", false, sip.Header{}, 603},
		{"with wild cards", "al?c*", false, sip.Header{}, 603},
		{"everybody", "*", false, sip.Header{}, 603},
		{
			"by the network's word", "+49900*", false,
			sip.Header{Name: "P-Asserted-Identity", Value: "<sip:+49900123@sandbox.invalid>"},
			603,
		},
		{
			"by From, whatever the network says", "alice", false,
			sip.Header{Name: "P-Asserted-Identity", Value: "<sip:carol@sandbox.invalid>"},
			603,
		},
		{
			"who hides", "anonymous", false,
			sip.Header{Name: "From", Value: "<sip:anonymous@anonymous.invalid>;tag=1"},
			603,
		},
		{"another", "alicia", false, sip.Header{}, 0},
		{"a name is no caller", "Alice A", false, sip.Header{}, 0},
		{"nobody", "", false, sip.Header{}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob", keeping(t.TempDir()))
				if c.entry != "" {
					bob.Block(c.entry, true)
				}
				bob.BlockAs(c.busy)
				if c.header.Name != "" {
					w.server.Faults().Add(sandbox.Fault{
						Match: func(e sandbox.Event) bool {
							return e.Sent && e.Message != nil && e.Message.Method == "MESSAGE"
						},
						Edit: func(m *sip.Message) { m.Set(c.header.Name, c.header.Value) },
					})
				}
				alice.SendMessage("", "bob", "buy")
				alice.until("answered", func(State) bool {
					return len(alice.Recent()) > 0 && last(alice).Status != MessageSending
				})
				m := last(alice)
				if c.status == 0 {
					bob.until("came", func(s State) bool { return s.Messages.Unread == 1 })
					return
				}
				if m.Cause == nil || m.Cause.Status != c.status {
					t.Errorf("the writer is told %+v", m.Cause)
				}
				if s := bob.State(); s.Messages.Any || len(bob.page(MessageQuery{})) > 0 {
					t.Errorf("%+v", s.Messages)
				}
				bob.Block(c.entry, false)
				alice.Resend(m)
				bob.until("came", func(s State) bool { return s.Messages.Unread == 1 })
			})
		})
	}
}

// TestDoNotDisturb: calls are refused as busy and are missed; who may ring through does; it ends by itself.
func TestDoNotDisturb(t *testing.T) {
	for _, c := range []struct {
		name    string
		lasts   time.Duration // 0 = until it is switched off
		through string
		after   time.Duration // the call comes so long after
		rings   bool
	}{
		{"until off", 0, "", time.Minute, false},
		{"until off, the next day", 0, "", 30 * time.Hour, false},
		{"for an hour, at once", time.Hour, "", 0, false},
		{"for an hour, in its last second", time.Hour, "", time.Hour - time.Second, false},
		{"for an hour, after it", time.Hour, "", time.Hour + time.Second, true},
		{"who may ring through", 0, "alice", time.Minute, true},
		{"who may ring through with a wild card", time.Hour, "*@sandbox.invalid", time.Minute, true},
		{"another may ring through", time.Hour, "carol", time.Minute, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			long(t, c.after-time.Hour)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				d := account.DoNotDisturb{On: true}
				if c.lasts > 0 {
					d.Until = time.Now().Add(c.lasts)
				}
				bob.SetDoNotDisturb(d)
				if c.through != "" {
					bob.LetThrough(c.through, true)
				}
				shown := bob.until("on", func(s State) bool { return s.DoNotDisturb.On }).DoNotDisturb
				if !shown.Until.Equal(d.Until) {
					t.Errorf("shown until %v", shown.Until)
				}
				time.Sleep(c.after)
				alice.Dial("", "bob")
				if c.rings {
					bob.phase(PhaseIncoming)
					if s := bob.State(); len(s.TurnedAway) > 0 || s.DoNotDisturb.On != (c.through != "") {
						t.Errorf("%+v", s)
					}
					return
				}
				e := bob.turned()
				if e.Cause.Kind != cause.Missed || e.Cause.Because == nil || e.Elsewhere || e.Code != 486 ||
					e.Cause.Because.Kind != cause.DoNotDisturb || e.URI != "sip:alice@sandbox.invalid" {
					t.Errorf("%+v", e)
				}
				if end := alice.end(); end.Code != 486 || end.Cause.Kind != cause.Busy {
					t.Errorf("the caller is told %+v", end)
				}
				bob.silent()
				bob.SetDoNotDisturb(account.DoNotDisturb{})
				bob.until("off", func(s State) bool { return !s.DoNotDisturb.On })
				alice.Dial("", "bob")
				bob.phase(PhaseIncoming)
			})
		})
	}
}

// TestDoNotDisturbOutlivesTheProgram: with its end, which is kept while nothing runs, too.
func TestDoNotDisturbOutlivesTheProgram(t *testing.T) {
	for _, c := range []struct {
		name  string
		lasts time.Duration
		away  time.Duration
		on    bool
	}{
		{"until off", 0, time.Hour, true},
		{"for an hour, back soon", time.Hour, time.Minute, true},
		{"for an hour, back too late", time.Hour, 2 * time.Hour, false},
		{"until tomorrow, back at once", 20 * time.Hour, 0, true},
		{"over while nothing runs", time.Minute, time.Minute, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				stored := func(o *Options) {
					store, loaded, err := account.Open(dir)
					if err != nil {
						t.Fatal(err)
					}
					o.Store, o.Loaded = store, loaded
				}
				bob := w.bare("bob", stored)
				d := account.DoNotDisturb{On: true}
				if c.lasts > 0 {
					d.Until = time.Now().Add(c.lasts)
				}
				done := make(chan error, 1)
				s := bob.Settings()
				s.Incoming.DoNotDisturb = d
				bob.SaveSettings(s, func(err error) { done <- err })
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				bob.Close()
				if err := bob.o.Store.Close(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(c.away)
				again := w.bare("bob", stored)
				if got := again.State().DoNotDisturb; got.On != c.on || c.on && !got.Until.Equal(d.Until) {
					t.Errorf("%+v", got)
				}
				again.Close()
				if err := again.o.Store.Close(); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// TestDoNotDisturbFollowsTheClock: and not the time that the computer has been awake for.
func TestDoNotDisturbFollowsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		bob := w.phone("bob")
		bob.SetDoNotDisturb(account.DoNotDisturb{On: true, Until: time.Now().Add(90 * time.Minute)})
		bob.until("on", func(s State) bool { return s.DoNotDisturb.On })
		bob.loop.Do(func() { // as if it had slept: the end is passed by the clock, the timer has not run
			s := bob.Settings()
			s.Incoming.DoNotDisturb.Until = time.Now().Add(-time.Second)
			bob.settings.Store(&s)
		})
		time.Sleep(quietLook)
		synctest.Wait() // State tells by the clock, before the settings follow
		bob.until("off", func(s State) bool { return !s.DoNotDisturb.On })
		if d := bob.Settings().Incoming.DoNotDisturb; d.On || !d.Until.IsZero() {
			t.Errorf("kept %+v", d)
		}
	})
}

// TestDoNotDisturbEndsWhereTheClockIsSetBack: nobody misses calls for years by a clock that was wrong.
func TestDoNotDisturbEndsWhereTheClockIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		bob.SetDoNotDisturb(account.DoNotDisturb{On: true, Until: time.Now().Add(time.Hour)})
		bob.until("on", func(s State) bool { return s.DoNotDisturb.On })
		bob.loop.Do(func() { // as if it had been set for an hour in another century
			s := bob.Settings()
			s.Incoming.DoNotDisturb.Until = time.Now().AddDate(100, 0, 0)
			bob.settings.Store(&s)
		})
		alice.Dial("", "bob")
		bob.phase(PhaseIncoming)
		time.Sleep(quietLook)
		synctest.Wait() // State tells by the clock, before the settings follow
		bob.until("off", func(s State) bool { return !s.DoNotDisturb.On })
		if d := bob.Settings().Incoming.DoNotDisturb; d.On {
			t.Errorf("kept %+v", d)
		}
	})
}

// TestWhatIsNoCallerIsNotListed: it is told, and the list stays.
//
// Holds: told-refusals
func TestWhatIsNoCallerIsNotListed(t *testing.T) {
	for name, c := range map[string]struct {
		entry string
		full  bool
		why   cause.Kind
	}{
		"nothing": {" ", false, cause.CallerUnusable}, "controls": {"a\x1b[2Jb", false, cause.CallerUnusable},
		"two lines": {"a\nb", false, cause.CallerUnusable}, "not UTF-8": {"\xff", false, cause.CallerUnusable},
		"too long": {strings.Repeat("7", account.LongestCaller+1), false, cause.CallerUnusable},
		"too many": {"bob", true, cause.CallersTooMany},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bob := newWorld(t).bare("bob")
				want := 0
				if c.full {
					want = account.MaxCallers
					s := bob.Settings()
					for i := range want {
						s.Incoming.Blocked = append(s.Incoming.Blocked, fmt.Sprint("n", i))
					}
					bob.SaveSettings(s, nil)
				}
				bob.Block(c.entry, true)
				r := bob.until("refused", func(s State) bool { return s.Refusal != nil }).Refusal
				if r.Command != CommandList || r.Cause.Kind != c.why || tell(r.Cause).Title == "" {
					t.Errorf("%+v", r)
				}
				if got := len(bob.Settings().Incoming.Blocked); got != want {
					t.Errorf("%d on the list", got)
				}
			})
		})
	}
}

// TestACallMoreThanThereIsRoomForIsMissed: it is not lost without a trace.
func TestACallMoreThanThereIsRoomForIsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		bob := w.phone("bob", func(o *Options) { o.OneCaller = true })
		alice, carol := w.phone("alice"), w.phone("carol")
		alice.talk(bob)
		carol.Dial("", "bob")
		if e := bob.turned(); e.Cause.Kind != cause.Missed || e.Cause.Because.Kind != cause.NoLineHere ||
			e.Address != "carol" {
			t.Errorf("%+v", e)
		}
	})
}
