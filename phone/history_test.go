package phone

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/phone/cause"
	"calla/phone/journal"
)

// keeping makes a phone keep its journal in a folder.
func keeping(dir string) func(*Options) { return func(o *Options) { o.Journal = dir } }

// kept waits until the phone has so many calls in its journal, and returns them, the newest first.
func (p *testPhone) kept(n int) []journal.Call {
	p.t.Helper()
	limit := time.Now().Add(time.Minute)
	for {
		page, _, err := p.Journal().Calls(p.t.Context(), journal.CallQuery{})
		if err != nil {
			p.t.Fatal(err)
		}
		if len(page) == n {
			return page
		}
		if time.Now().After(limit) {
			p.t.Fatalf("%s: %d calls are kept, want %d: %+v", p.name, len(page), n, page)
		}
		time.Sleep(time.Millisecond)
	}
}

// TestACallIsRecordedOnceAsItWas: what became of a call at each end.
func TestACallIsRecordedOnceAsItWas(t *testing.T) {
	for _, test := range []struct {
		name           string
		do             func(a, b *testPhone)
		caller, callee journal.Outcome
		cause          cause.Kind // at the callee
		missed         int        // there
		talked         bool
	}{
		{
			name: "answered", caller: journal.Answered, callee: journal.Answered, cause: cause.HungUpThere,
			talked: true,
			do: func(a, b *testPhone) {
				mine, _ := a.talk(b)
				time.Sleep(3 * time.Second)
				a.HangUp(mine.ID)
			},
		},
		{
			name: "taken back", caller: journal.Cancelled, callee: journal.Missed, cause: cause.Missed,
			missed: 1,
			do: func(a, b *testPhone) {
				a.Dial("", "bob")
				b.phase(PhaseIncoming)
				a.HangUp(a.phase(PhaseRinging).ID)
			},
		},
		{
			name: "not answered", caller: journal.Unanswered, callee: journal.Missed, cause: cause.Missed,
			missed: 1,
			do: func(a, b *testPhone) {
				a.Dial("", "bob")
				b.phase(PhaseIncoming)
			},
		},
		{
			name: "declined", caller: journal.Refused, callee: journal.Declined, cause: cause.DeclinedHere,
			do: func(a, b *testPhone) {
				a.Dial("", "bob")
				b.Decline(b.phase(PhaseIncoming).ID)
			},
		},
		{
			name: "busy", caller: journal.Refused, callee: journal.Declined, cause: cause.BusyHere,
			do: func(a, b *testPhone) {
				a.Dial("", "bob")
				b.DeclineBusy(b.phase(PhaseIncoming).ID)
			},
		},
		{
			name: "blocked", caller: journal.Refused, callee: journal.Blocked, cause: cause.Blocked,
			do: func(a, b *testPhone) {
				b.Block("alice", true)
				b.until("blocked", func(State) bool { return len(b.Settings().Incoming.Blocked) == 1 })
				a.Dial("", "bob")
			},
		},
		{
			name: "not to be disturbed", caller: journal.Refused, callee: journal.Missed, cause: cause.Missed,
			missed: 1,
			do: func(a, b *testPhone) {
				b.SetDoNotDisturb(account.DoNotDisturb{On: true})
				b.until("quiet", func(State) bool { return b.Settings().Incoming.DoNotDisturb.On })
				a.Dial("", "bob")
			},
		},
		{
			name: "ignored", caller: journal.Cancelled, callee: journal.Missed, cause: cause.Missed,
			do: func(a, b *testPhone) {
				a.Dial("", "bob")
				b.Ignore(b.phase(PhaseIncoming).ID)
				a.HangUp(a.phase(PhaseRinging).ID)
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				a, b := w.phone("alice", keeping(t.TempDir())), w.phone("bob", keeping(t.TempDir()))
				began := time.Now()
				test.do(a, b)
				time.Sleep(3 * time.Minute)
				out, in := a.kept(1)[0], b.kept(1)[0]
				if out.Outcome != test.caller || in.Outcome != test.callee || in.Cause.Kind != test.cause {
					t.Errorf("%s, and %s by %s", out.Outcome, in.Outcome, in.Cause.Kind)
				}
				if out.Incoming || !in.Incoming || out.AccountID != "alice" || in.Name != "Alice" ||
					in.Address != "alice" ||
					!strings.HasPrefix(out.URI, "sip:bob@") || in.Ended.Before(in.Began) || in.Began.Before(began) {
					t.Errorf("%+v, %+v", out, in)
				}
				talked := min(in.Length(), out.Length()) >= 3*time.Second && in.Codec == "G722"
				if talked != test.talked {
					t.Errorf("talked for %v and %v by %q", in.Length(), out.Length(), in.Codec)
				}
				if n := b.State().Journal.Missed; n != test.missed || in.Seen != (test.missed == 0) {
					t.Errorf("%d are missed, seen %v", n, in.Seen)
				}
				b.MarkMissedSeen()
				b.until("looked at", func(s State) bool { return s.Journal.Missed == 0 })
				// back to whom it was, with the account that it was for
				b.SetDoNotDisturb(account.DoNotDisturb{})
				b.Redial(in.AccountID, in.URI, in.After)
				a.phase(PhaseIncoming)
			})
		})
	}
}

// TestACallThatAnotherPhoneTookIsNotMissed (RFC 3326 section 2: Reason: SIP;cause=200).
func TestACallThatAnotherPhoneTookIsNotMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a, b := w.phone("alice"), w.phone("bob", keeping(t.TempDir()))
		other := w.phone("bob")
		a.Dial("", "bob")
		b.phase(PhaseIncoming)
		other.Answer(other.phase(PhaseIncoming).ID)
		in := b.kept(1)[0]
		if in.Outcome != journal.Elsewhere || !in.Seen || b.State().Journal.Missed != 0 {
			t.Errorf("it is %s by %s, seen %v", in.Outcome, in.Cause.Kind, in.Seen)
		}
	})
}

// TestOutcomesAreToldApart: what no phone of these tests does.
func TestOutcomesAreToldApart(t *testing.T) {
	for name, test := range map[string]struct {
		kind                                  cause.Kind
		incoming, elsewhere, connected, taken bool
		want                                  journal.Outcome
	}{
		"answered there": {
			kind: cause.AnsweredElsewhere, incoming: true, elsewhere: true, want: journal.Elsewhere,
		},
		"declined there": {
			kind: cause.DeclinedElsewhere, incoming: true, elsewhere: true, want: journal.Elsewhere,
		},
		"lost while it rang":        {kind: cause.LostWhileRinging, incoming: true, want: journal.Missed},
		"answered, and not set up":  {kind: cause.NotConfirmed, incoming: true, taken: true, want: journal.Failed},
		"forwarded":                 {kind: cause.ForwardedHere, incoming: true, want: journal.Declined},
		"lost under way":            {kind: cause.CallConnectionLost, connected: true, want: journal.Answered},
		"busy":                      {kind: cause.Busy, want: journal.Refused},
		"refused by all":            {kind: cause.RefusedEverywhere, want: journal.Refused},
		"nobody answered":           {kind: cause.NobodyAnswered, want: journal.Unanswered},
		"taken back by the network": {kind: cause.CallCancelled, want: journal.Cancelled},
		"not known":                 {kind: cause.NotKnownOrOffline, want: journal.Failed},
		"transferred":               {kind: cause.Transferred, connected: true, incoming: true, want: journal.Answered},
	} {
		e := EndedCall{Incoming: test.incoming, Elsewhere: test.elsewhere, Cause: cause.Cause{Kind: test.kind}}
		if got := outcomeOf(e, test.connected, test.taken); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// TestThePhoneCallsOnWithoutItsJournal: a file that cannot be used is told, and costs no call.
func TestThePhoneCallsOnWithoutItsJournal(t *testing.T) {
	file := func(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }
	for name, test := range map[string]struct {
		spoil func(path string) error
		want  cause.Kind
		kept  bool // the call is, in a new file
	}{
		"garbage":   {func(p string) error { return file(p, "garbage") }, cause.JournalDamaged, true},
		"empty":     {func(p string) error { return file(p, "") }, cause.JournalDamaged, true},
		"a folder":  {func(p string) error { return os.Mkdir(p, 0o700) }, cause.JournalDamaged, true},
		"newer":     {newerJournal, cause.JournalNewer, false},
		"no folder": {func(p string) error { return file(filepath.Dir(p), "") }, cause.JournalNotWritten, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "profile")
				if name != "no folder" {
					if err := os.Mkdir(dir, 0o700); err != nil {
						t.Fatal(err)
					}
				}
				if err := test.spoil(filepath.Join(dir, "journal.db")); err != nil {
					t.Fatal(err)
				}
				w := newWorld(t)
				a, b := w.phone("alice", keeping(dir)), w.phone("bob")
				s := a.until("told", func(s State) bool { return len(s.Notices) > 0 })
				if got := s.Notices[0].Cause; got.Kind != test.want {
					t.Errorf("told is %+v", got)
				}
				mine, _ := a.talk(b)
				a.HangUp(mine.ID)
				a.end()
				if test.kept {
					a.kept(1)
				}
			})
		})
	}
}

// newerJournal makes a file of a later version (https://www.sqlite.org/fileformat.html section 1.3).
func newerJournal(path string) error {
	h := make([]byte, 4096)
	copy(h, "SQLite format 3\x00")
	h[16], h[31], h[63] = 16, 1, 99
	copy(h[68:], "Call")
	return os.WriteFile(path, h, 0o600)
}

// TestTheTimelineTellsWhatHappened, in its order.
func TestTheTimelineTellsWhatHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a, b := w.phone("alice", keeping(t.TempDir())), w.phone("bob", keeping(t.TempDir()))
		w.phone("carol")
		mine, _ := a.talk(b)
		for _, on := range []bool{true, false} {
			time.Sleep(time.Minute)
			a.SetHold(mine.ID, on)
			b.until("held", func(s State) bool { return s.Calls[0].RemoteHeld == on })
		}
		time.Sleep(time.Minute)
		a.Transfer(mine.ID, "nobody-there")
		a.until("failed", func(s State) bool {
			return len(s.Calls) > 0 && s.Calls[0].Transfer != nil && s.Calls[0].Transfer.Failed
		})
		a.HangUp(mine.ID)
		what := func(c journal.Call) string {
			var all []string
			at := c.Began
			for _, m := range c.Timeline {
				all = append(all, string(m.What))
				if m.At.Before(at) || m.At.After(c.Ended) {
					t.Errorf("%s at %v, between %v and %v", m.What, m.At, at, c.Ended)
				}
				at = m.At
			}
			return strings.Join(all, " ")
		}
		if got := what(a.kept(1)[0]); got != "rang answered held resumed transferring not-transferred" {
			t.Errorf("alice: %s", got)
		}
		b.until("ended", func(s State) bool { return s.Journal.Calls > 0 && len(s.Calls) == 0 })
		all := b.kept(len(b.keptAll()))
		i := slices.IndexFunc(all, func(c journal.Call) bool { return c.Incoming })
		if got := what(all[i]); !strings.HasPrefix(got, "rang answered held-there resumed-there") {
			t.Errorf("bob: %s", got)
		}
	})
}

func (p *testPhone) keptAll() []journal.Call {
	time.Sleep(10 * time.Second)
	page, _, err := p.Journal().Calls(p.t.Context(), journal.CallQuery{})
	if err != nil {
		p.t.Fatal(err)
	}
	return page
}
