package phone

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/soundfile"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/phone/cause"
)

// holdsWith has all accounts of a phone play a file on hold.
func (p *testPhone) holdsWith(name string) {
	p.t.Helper()
	s := p.Settings()
	s.Tones.HoldMusic = name
	p.saveSettings(s)
}

// hearsMusic wants a tone, and nothing else, to be heard as loud as music is to be; with 0 that nothing is.
func (p *testPhone) hearsMusic(when string, hertz float64) {
	p.t.Helper()
	switch m := p.hears(); {
	case hertz == 0 && m.Frequency != 0:
		p.t.Errorf("%s: %s hears %+v", when, p.name, m)
	case hertz > 0 && (!near(m.Frequency, hertz) || m.Purity < 0.9 || math.Abs(m.Level+20) > 1):
		p.t.Errorf("%s: %s hears %+v, want %.0f Hz", when, p.name, m, hertz)
	}
}

// held waits until both ends of a call know that p holds it.
func (p *testPhone) held(q *testPhone) {
	p.t.Helper()
	p.callWith(q.name, "held", heldCall)
	q.callWith(p.name, "held by the other side", func(c CallState) bool { return c.RemoteHeld })
}

// resumed waits until neither end holds a call.
func (p *testPhone) resumed(q *testPhone) {
	p.t.Helper()
	p.callWith(q.name, "resumed", func(c CallState) bool { return activeCall(c) && !c.RemoteHeld })
	q.callWith(p.name, "resumed", func(c CallState) bool { return activeCall(c) && !c.RemoteHeld })
}

// TestWhoIsOnHoldHearsTheMusicThatIsChosen: that of the account, else that of all, or none; whoever of both ends holds,
// as often as that is done, and nothing of the microphone with it.
func TestWhoIsOnHoldHearsTheMusicThatIsChosen(t *testing.T) {
	low, high := toneFile(t, 300), toneFile(t, 900)
	for i, c := range []struct {
		name          string
		all, accounts string
		called        bool // the one who was called holds
		muted         bool
		hertz         float64
	}{
		{name: "nothing is chosen"},
		{name: "a file for all", all: low, hertz: 300},
		{name: "a file for all, by who was called", all: low, called: true, hertz: 300},
		{name: "a file for the account", accounts: high, hertz: 900},
		{name: "the account's before that of all", all: low, accounts: high, hertz: 900},
		{name: "none for the account", all: low, accounts: "none"},
		{name: "None, written large", all: low, accounts: "None"},
		{name: "muted", all: low, muted: true, hertz: 300},
	} {
		t.Run(c.name, func(t *testing.T) {
			alike(t, i)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				alice.holdsWith(c.all)
				alice.reconfigure(func(cfg *config.Config) { cfg.Calla.HoldMusic = c.accounts })
				var mine CallState
				if c.called {
					_, mine = bob.talk(alice)
				} else {
					mine, _ = alice.talk(bob)
				}
				alice.says(440)
				bob.says(660)
				alice.SetMuted(mine.ID, c.muted)
				for _, time := range []string{"at first", "again"} {
					alice.SetHold(mine.ID, true)
					alice.held(bob)
					bob.hearsMusic(time, c.hertz)
					alice.hearsMusic(time, 0)
					if open, _ := alice.host.Streams(); open != 0 {
						t.Errorf("%s: %d devices stay open", time, open)
					}
					alice.SetHold(mine.ID, false)
					alice.resumed(bob)
					if m := alice.hears(); !near(m.Frequency, 660) {
						t.Errorf("after resuming %s hears %v", time, m)
					}
					if m := bob.hears(); near(m.Frequency, 440) == c.muted || m.Purity < 0.9 && !c.muted {
						t.Errorf("after resuming, the other end hears %+v", m)
					}
				}
				if s := alice.State(); len(s.Notices) > 0 {
					t.Errorf("told %+v", s.Notices)
				}
			})
		})
	}
}

// TestMusicIsPlayedFromItsBeginningRoundAndRound: with each hold anew.
func TestMusicIsPlayedFromItsBeginningRoundAndRound(t *testing.T) {
	name := filepath.Join(t.TempDir(), "music")
	f, err := audio.CreateWAV(name)
	if err != nil {
		t.Fatal(err)
	}
	frame := make(audio.Frame, audio.FrameSamples)
	for _, hz := range []float64{300, 900} {
		tone := audio.NewToneSource(audio.Sine(hz, -12))
		for range 200 {
			tone.Fill(frame)
			if err := f.Write(frame); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.holdsWith(name)
		mine, _ := alice.talk(bob)
		for range 2 {
			alice.SetHold(mine.ID, true)
			alice.held(bob)
			bob.hearsMusic("at first", 300)
			time.Sleep(800 * time.Millisecond)
			bob.hearsMusic("then", 900)
			time.Sleep(800 * time.Millisecond)
			bob.hearsMusic("round", 300)
			alice.SetHold(mine.ID, false)
			alice.resumed(bob)
		}
	})
}

// TestMusicGoesByTheDirectionThatWasAgreedOn: where both ends hold, neither hears anything (RFC 3264 section 8.4).
func TestMusicGoesByTheDirectionThatWasAgreedOn(t *testing.T) {
	low, high := toneFile(t, 300), toneFile(t, 900)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.holdsWith(low)
		bob.holdsWith(high)
		alice.says(440)
		bob.says(660)
		mine, theirs := alice.talk(bob)
		both := func(c CallState) bool { return heldCall(c) && c.RemoteHeld }
		alice.SetHold(mine.ID, true)
		alice.held(bob)
		bob.SetHold(theirs.ID, true)
		bob.callWith("alice", "held from both sides", both)
		alice.callWith("bob", "held from both sides", both)
		time.Sleep(100 * time.Millisecond)
		sent := alice.session().Stats().PacketsSent + bob.session().Stats().PacketsSent
		alice.hearsMusic("held by both", 0)
		bob.hearsMusic("held by both", 0)
		if now := alice.session().Stats().PacketsSent + bob.session().Stats().PacketsSent; now != sent {
			t.Errorf("%d packets are sent while both hold", now-sent)
		}
		alice.SetHold(mine.ID, false)
		bob.callWith("alice", "held here only", func(c CallState) bool { return heldCall(c) && !c.RemoteHeld })
		alice.hearsMusic("held by bob", 900)
		bob.hearsMusic("held by bob", 0)
		alice.SetHold(mine.ID, true)
		bob.callWith("alice", "held from both sides", both)
		bob.SetHold(theirs.ID, false)
		alice.callWith("bob", "held here only", func(c CallState) bool { return heldCall(c) && !c.RemoteHeld })
		bob.hearsMusic("held by alice", 300)
		alice.hearsMusic("held by alice", 0)
	})
}

// TestMusicIsHeardWhereHoldIsRefused: the far end would hear nothing else.
func TestMusicIsHeardWhereHoldIsRefused(t *testing.T) {
	name := toneFile(t, 300)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.holdsWith(name)
		alice.says(440)
		mine, _ := alice.talk(bob)
		remove := w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("INVITE"), Status: 488, Times: 1})
		defer remove()
		alice.SetHold(mine.ID, true)
		alice.callWith("bob", "refused", func(c CallState) bool { return c.Problem != nil && !c.Holding })
		bob.hearsMusic("refused", 300)
		alice.SetHold(mine.ID, false)
		alice.callWith("bob", "resumed", activeCall)
		if m := bob.hears(); !near(m.Frequency, 440) {
			t.Errorf("after resuming hears %v", m)
		}
	})
}

// TestEachHeldCallHearsTheMusic: of several calls those that are held, one after the other or together.
func TestEachHeldCallHearsTheMusic(t *testing.T) {
	name := toneFile(t, 300)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob, carol := w.phone("alice"), w.phone("bob"), w.phone("carol")
		alice.holdsWith(name)
		alice.says(440)
		first, _ := alice.talk(bob)
		second, _ := alice.up(carol)
		alice.held(bob)
		hears := func(p *testPhone, hertz float64) {
			t.Helper()
			if m := p.hears(); !near(m.Frequency, hertz) || m.Purity < 0.9 {
				t.Errorf("%s hears %+v, want %.0f Hz", p.name, m, hertz)
			}
		}
		hears(bob, 300)
		hears(carol, 440)
		alice.Swap(first.ID)
		alice.held(carol)
		alice.resumed(bob)
		hears(bob, 440)
		hears(carol, 300)
		alice.SetHold(first.ID, true)
		alice.held(bob)
		hears(bob, 300)
		hears(carol, 300)
		alice.HangUp(first.ID)
		alice.until("one left", func(s State) bool { return len(s.Calls) == 1 })
		hears(carol, 300)
		alice.SetHold(second.ID, false)
		alice.resumed(carol)
		hears(carol, 440)
	})
}

// TestAConferenceOnHoldHearsTheMusic: all of it, and not each other; or the one who is held alone.
func TestAConferenceOnHoldHearsTheMusic(t *testing.T) {
	name := toneFile(t, 300)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob, carol := w.phone("alice"), w.phone("bob"), w.phone("carol")
		alice.holdsWith(name)
		alice.says(440)
		bob.says(660)
		carol.says(1000)
		first, _ := alice.talk(bob)
		second, _ := alice.up(carol)
		alice.Confer(first.ID, second.ID)
		alice.resumed(bob)
		alice.resumed(carol)
		alice.HoldConference(true)
		alice.held(bob)
		alice.held(carol)
		bob.hearsMusic("all on hold", 300)
		carol.hearsMusic("all on hold", 300)
		alice.HoldConference(false)
		alice.resumed(bob)
		alice.resumed(carol)
		alice.SetHold(first.ID, true)
		alice.held(bob)
		bob.hearsMusic("on hold alone", 300)
		if m := carol.hears(); !near(m.Frequency, 440) || m.Purity < 0.9 {
			t.Errorf("carol hears %+v", m)
		}
	})
}

// TestMusicThatCannotBePlayedIsTold: when it is chosen, by name and why; the call goes on, and is silent on hold.
func TestMusicThatCannotBePlayedIsTold(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string, size int64) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, max(size, int64(len(content)))); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, err := os.ReadFile(toneFile(t, 300))
	if err != nil {
		t.Fatal(err)
	}
	opus := "OggS\x00\x02" + strings.Repeat("\x00", 20) + "\x01\x13OpusHead\x01\x01" + strings.Repeat("\x00", 9)
	for _, c := range []struct {
		name string
		path string
		kind cause.Kind
		says string
	}{
		{"not there", filepath.Join(dir, "gone"), cause.HoldMusicUnreadable, "gone"},
		{"a folder", dir, cause.HoldMusicNoFile, dir},
		{"another kind", file("letter", "Dear all", 0), cause.HoldMusicUnknown, "letter"},
		{"damaged", file("cut", "RIFF\x00\x00", 0), cause.HoldMusicDamaged, "cut"},
		{"without sound", file("empty", string(good[:44]), 0), cause.HoldMusicEmpty, "empty"},
		{"Opus, without libopus", file("opus", opus, 0), cause.HoldMusicNeedsOpus, "libopus"},
		{"too large", file("large", string(good), 2<<30), cause.HoldMusicTooLarge, "400 MB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				alice.holdsWith(c.path)
				s := alice.until("told", func(s State) bool { return s.HoldMusicProblem(c.path) != nil })
				problem := *s.HoldMusicProblem(c.path)
				if said := tell(problem).Line(); problem.Kind != c.kind || !strings.Contains(said, c.says) {
					t.Errorf("%+v: %q", problem, said)
				}
				alice.says(440)
				mine, _ := alice.talk(bob)
				alice.SetHold(mine.ID, true)
				alice.held(bob)
				sent := alice.session().Stats().PacketsSent
				bob.hearsMusic("on hold", 0)
				if now := alice.session().Stats().PacketsSent; now != sent {
					t.Errorf("%d packets are sent", now-sent)
				}
				alice.SetHold(mine.ID, false)
				alice.resumed(bob)
				if m := bob.hears(); !near(m.Frequency, 440) {
					t.Errorf("after resuming hears %v", m)
				}
				alice.holdsWith("")
				alice.until("no longer told", func(s State) bool { return len(s.Notices) == 0 })
			})
		})
	}
}

// TestMusicThatIsTooLongIsToldWithItsBound: and by its name.
func TestMusicThatIsTooLongIsToldWithItsBound(t *testing.T) {
	why := holdMusicCause("/home/a/long.mp3", &soundfile.Error{Why: soundfile.TooLong})
	if said := tell(why).Line(); !strings.Contains(said, "/home/a/long.mp3") || !strings.Contains(said, "10 min") {
		t.Errorf("%+v: %q", why, said)
	}
}

// TestMusicThatVanishesIsToldWhenItIsToBeHeard: once the file is back it is heard again, and nothing is told any more.
// It is kept in memory for a while after it was read.
func TestMusicThatVanishesIsToldWhenItIsToBeHeard(t *testing.T) {
	name := toneFile(t, 300)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.reconfigure(func(cfg *config.Config) { cfg.Calla.HoldMusic = name })
		mine, _ := alice.talk(bob)
		for _, there := range []bool{true, false, true} {
			from, to := name, name+".away"
			if there {
				from, to = to, from
			}
			_ = os.Rename(from, to)
			alice.SetHold(mine.ID, true)
			alice.held(bob)
			hertz := 0.0
			if there {
				hertz = 300
			}
			bob.hearsMusic("on hold", hertz)
			if told := alice.State().HoldMusicProblem(name) != nil; told == there {
				t.Errorf("the file is there: %t, told: %+v", there, alice.State().Notices)
			}
			alice.SetHold(mine.ID, false)
			alice.resumed(bob)
		}
		kept := func(when string, want bool) {
			t.Helper()
			alice.loop.Do(func() {
				if is := alice.music.read != nil; is != want {
					t.Errorf("%s, it is in memory: %t", when, is)
				}
			})
		}
		kept("in the call", true)
		alice.HangUp(mine.ID)
		alice.end()
		time.Sleep(musicKept - 20*time.Second)
		kept("after the call", true)
		time.Sleep(40 * time.Second)
		kept("a while after the call", false)
	})
}

// TestMusicTakesThePlaceOfWhatIsSpoken: of phones without a microphone, too.
func TestMusicTakesThePlaceOfWhatIsSpoken(t *testing.T) {
	name := toneFile(t, 300)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice := w.phone("alice", func(o *Options) { o.Speak = audio.NewToneSource(audio.Sine(440, -12)) })
		bob := w.phone("bob")
		alice.holdsWith(name)
		mine, _ := alice.talk(bob)
		for range 2 {
			if m := bob.hears(); !near(m.Frequency, 440) || m.Purity < 0.9 {
				t.Errorf("hears %+v", m)
			}
			alice.SetHold(mine.ID, true)
			alice.held(bob)
			bob.hearsMusic("on hold", 300)
			alice.SetHold(mine.ID, false)
			alice.resumed(bob)
		}
	})
}

// TestARecordingHasSilenceForMusicOnHold: on both sides, for nobody says anything.
func TestARecordingHasSilenceForMusicOnHold(t *testing.T) {
	name, folder := toneFile(t, 300), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		s := alice.Settings()
		s.Recordings, s.Tones.HoldMusic = folder, name
		alice.saveSettings(s)
		mine, _ := alice.talk(bob)
		alice.SetHold(mine.ID, true)
		alice.held(bob)
		alice.Record(mine.ID, true)
		r := alice.until("recorded", func(s State) bool { return len(s.Calls) == 1 && s.Calls[0].Recording != nil })
		bob.hearsMusic("on hold", 300)
		alice.HangUp(mine.ID)
		alice.end()
		time.Sleep(time.Second)
		pcm, err := audio.ReadWAVFile(r.Calls[0].Recording.File)
		if n := loudest(pcm); err != nil || len(pcm) < audio.SampleRate || n > 0 {
			t.Errorf("%d samples of up to %d: %v", len(pcm), n, err)
		}
	})
}
