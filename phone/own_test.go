package phone

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio"
	"calla/netsip/config"
	"calla/phone/contacts"
)

// own is a book in which the caller is a contact with something of its own.
func own(key string, o contacts.Own) *book {
	return &book{names: map[string]string{key: "Alice M."}, own: map[string]contacts.Own{key: o}}
}

func (b *book) late(d time.Duration) *book {
	b.takes = d
	return b
}

func (b *book) failing() *book {
	b.err = errors.New("torn")
	return b
}

// TestAContactsRingtoneWins: over the account's and that of all, for calls of the contact's address alone; and it rings
// soon, however long it takes to find out who calls.
func TestAContactsRingtoneWins(t *testing.T) {
	low, high := toneFile(t, 300), toneFile(t, 900)
	const calla, silence = -1, 0
	const late = findTime + 100*time.Millisecond
	rings := func(tone string) contacts.Own { return contacts.Own{Ringtone: tone} }
	for _, c := range []struct {
		name          string
		all, accounts string
		book          *book
		hz            float64
	}{
		{"over that of all", low, "", own("alice", rings(high)), 900},
		{"over the account's", "", low, own("alice", rings(high)), 900},
		{"over none for the account", "", "none", own("alice", rings(high)), 900},
		{"none, over the account's", "", low, own("alice", rings("none")), silence},
		{"none, over Calla's own", "", "", own("alice", rings("none")), silence},
		{"Calla's own, over the account's", "", low, own("alice", rings("calla")), calla},
		{"Calla's own, over none for all", "none", "", own("alice", rings("calla")), calla},
		{"nothing of its own", "", low, own("alice", contacts.Own{}), 300},
		{"by its whole address", "", low, own("alice@sandbox.invalid", rings(high)), 900},
		{"another's", "", low, own("carol", rings(high)), 300},
		{"another's, whose name the caller bears", "", low, &book{
			names: map[string]string{"carol": "Alice"}, own: map[string]contacts.Own{"carol": rings("none")},
		}, 300},
		{"contacts that take their time", "", low, own("alice", rings(high)).late(findTime / 2), 900},
		{"contacts that hang", "", low, own("alice", rings(high)).late(time.Hour), 300},
		{"contacts that cannot be read", "", low, own("alice", rings(high)).failing(), 300},
		{"a file that is gone", "", low, own("alice", rings(low+".gone")), calla},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice")
				bob := w.belled("bob", func(s *account.Settings) {
					s.Tones.Ringtone, s.RingtoneVolume = c.all, 100
				}, func(o *Options) { o.Contacts = c.book })
				bob.reconfigure(func(cfg *config.Config) { cfg.Calla.Ringtone = c.accounts })
				alice.Dial("", "bob")
				bob.phase(PhaseIncoming)
				alice.phase(PhaseRinging)
				time.Sleep(late)
				bob.host.TakePlayed(bell)
				time.Sleep(3 * time.Second)
				pcm := bob.host.TakePlayed(bell)
				switch {
				case c.hz == silence:
					if n := loudest(pcm); n > 0 {
						t.Errorf("heard %d", n)
					}
				case loudest(pcm) < 2000:
					t.Errorf("heard %d", loudest(pcm))
				default:
					sounds := sounding(pcm)
					if m := audio.MeasureTone(sounds); (c.hz > 0) != (m.Purity > 0.9 && near(m.Frequency, c.hz)) {
						t.Errorf("heard %+v", m)
					}
				}
				bob.Decline(bob.State().Calls[0].ID)
				bob.end()
			})
		})
	}
}

// TestAContactSaysWhetherItsCallsAreAnsweredByThemselves: over the account, and over what a caller wishes who may; not
// before it is known who calls, nor beside another call.
func TestAContactSaysWhetherItsCallsAreAnsweredByThemselves(t *testing.T) {
	const byHand = time.Duration(-1)
	never, five := contacts.Own{Answer: contacts.No}, contacts.Own{Answer: contacts.Yes, After: 5}
	for _, c := range []struct {
		name    string
		account int
		wish    string
		book    *book
		do      func(w *world, bob *testPhone, b *book)
		after   time.Duration
	}{
		{"after five seconds", 0, "", own("alice", five), nil, 5 * time.Second},
		{"at once", 0, "", own("alice", contacts.Own{Answer: contacts.Yes}), nil, 0},
		{"later than the account", 2, "", own("alice", five), nil, 5 * time.Second},
		{"never, whatever the account has", 2, "", own("alice", never), nil, byHand},
		{"never, whatever the caller wishes", 0, "0", own("alice", never), nil, byHand},
		{"after its time, whatever the caller wishes", 0, "0", own("alice", five), nil, 5 * time.Second},
		{"nothing of its own", 2, "", own("alice", contacts.Own{}), nil, 2 * time.Second},
		{"nothing of its own, and a wish", 0, "1", own("alice", contacts.Own{}), nil, time.Second},
		{"another's", 0, "", own("carol", five), nil, byHand},
		{"another's that never is", 2, "", own("carol", never), nil, 2 * time.Second},
		{"found late", 0, "", own("alice", five).late(findTime / 2), nil, 5 * time.Second},
		{"found later than it would be answered", 0, "0", own("alice", never).late(findTime / 2), nil, byHand},
		{"contacts that hang", 2, "", own("alice", never).late(time.Hour), nil, 2 * time.Second},
		{"ignored", 0, "", own("alice", five), func(_ *world, bob *testPhone, _ *book) {
			bob.Ignore(bob.State().Calls[0].ID)
		}, byHand},
		{"another rings", 0, "", own("alice", five), func(w *world, _ *testPhone, _ *book) {
			w.phone("carol").Dial("", "bob")
		}, byHand},
		{"ignored, and changed then", 0, "", own("alice", never), func(_ *world, bob *testPhone, b *book) {
			bob.Ignore(bob.State().Calls[0].ID)
			bob.loop.Do(func() { b.own["alice"] = five; bob.contactsChanged() })
		}, byHand},
		{"deleted while it rings", 0, "", own("alice", five), func(_ *world, bob *testPhone, b *book) {
			bob.loop.Do(func() { b.names = nil; bob.contactsChanged() })
		}, byHand},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice")
				bob := w.configured("bob", func(cfg *config.Config) {
					cfg.Calla.AutoAnswer, cfg.Calla.AutoAnswerDomains = c.account, []string{"sandbox.invalid"}
				}, func(o *Options) { o.Contacts = c.book })
				began := time.Now()
				options := CallOptions{}
				if c.wish != "" {
					options.Headers = []string{"Call-Info: <sip:x>;answer-after=" + c.wish}
				}
				alice.DialWith("", "bob", options)
				call := bob.phase(PhaseIncoming)
				time.Sleep(time.Millisecond)
				if c.do != nil {
					c.do(w, bob, c.book)
				}
				if c.after != byHand {
					up := bob.phase(PhaseEstablished)
					if took := time.Since(began); !up.ByItself || took < c.after || took > c.after+findTime {
						t.Errorf("answered after %v: %+v", took, up)
					}
					return
				}
				time.Sleep(8 * time.Second) // the latest of all is after five
				for _, now := range bob.State().Calls {
					if now.ID == call.ID && (now.Phase != PhaseIncoming || !now.AnswersAt.IsZero()) {
						t.Errorf("%+v", now)
					}
				}
			})
		})
	}
}

// TestAContactSaysWhetherItsCallsAreRecorded: over the account, in calls from both sides, from the answer on; what the
// user says in the call stands.
func TestAContactSaysWhetherItsCallsAreRecorded(t *testing.T) {
	yes, no := contacts.Own{Record: contacts.Yes}, contacts.Own{Record: contacts.No}
	for _, c := range []struct {
		name     string
		account  bool
		book     *book
		calls    bool // the user calls the contact
		do       func(bob *testPhone, id string)
		recorded bool
	}{
		{"always", false, own("alice", yes), false, nil, true},
		{"always, when called", false, own("alice", yes), true, nil, true},
		{"never", true, own("alice", no), false, nil, false},
		{"never, when called", true, own("alice", no), true, nil, false},
		{"as the account that records", true, own("alice", contacts.Own{}), false, nil, true},
		{"as the account that does not", false, own("alice", contacts.Own{}), false, nil, false},
		{"another's that is", false, own("carol", yes), false, nil, false},
		{"another's that is not", true, own("carol", no), true, nil, true},
		{"answered before it is found who calls", false, own("alice", yes).late(findTime / 2), false, nil, true},
		{"never, found late", true, own("alice", no).late(findTime / 2), false, nil, false},
		{"contacts that hang", true, own("alice", no).late(time.Hour), false, nil, true},
		{"ended by the user", false, own("alice", yes), false, func(bob *testPhone, id string) {
			bob.isRecorded(id)
			bob.Record(id, false)
			bob.loop.Do(bob.contactsChanged)
		}, false},
		{"begun by the user", true, own("alice", no), false, func(bob *testPhone, id string) {
			bob.Record(id, true)
			bob.loop.Do(bob.contactsChanged)
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice")
				bob := w.configured("bob", func(cfg *config.Config) { cfg.Calla.RecordCalls = c.account },
					func(o *Options) { o.Contacts = c.book })
				bob.recordsTo(dir)
				var id string
				if c.calls {
					call, _ := bob.talk(alice)
					id = call.ID
				} else {
					_, call := alice.talk(bob)
					id = call.ID
				}
				if c.do != nil {
					c.do(bob, id)
				}
				time.Sleep(2 * time.Second)
				synctest.Wait()
				if got := bob.State().Calls[0].Recording != nil; got != c.recorded {
					t.Errorf("recorded: %v", got)
				}
				bob.HangUp(id)
				ended := bob.end()
				if (ended.Recording != "") != c.recorded {
					t.Errorf("ended with recording %q", ended.Recording)
				}
				time.Sleep(time.Second)
			})
		})
	}
}
