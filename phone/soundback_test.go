package phone

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio/audiotest"
	"calla/phone/cause"
)

var errNoServer = errors.New("no sound server")

// silence ends the sound system of a phone, as a sound server that dies does.
func (p *testPhone) silence(devices ...string) {
	p.host.Fail(errNoServer)
	for _, id := range append(devices, audiotest.Microphone, audiotest.Loudspeaker) {
		p.host.Lose(id)
		p.host.Refuse(id, errNoServer)
	}
}

// revive has the sound system back.
func (p *testPhone) revive(devices ...string) {
	for _, id := range append(devices, audiotest.Microphone, audiotest.Loudspeaker) {
		p.host.Refuse(id, nil)
	}
	p.host.Fail(nil)
}

// hearEachOther tells whether both phones hear what the other says, within a while.
func hearEachOther(t *testing.T, alice, bob *testPhone) {
	t.Helper()
	alice.says(440)
	bob.says(1000)
	for began := time.Now(); ; {
		a, b := bob.hears(), alice.hears()
		if near(a.Frequency, 440) && near(b.Frequency, 1000) {
			return
		}
		if time.Since(began) > 15*time.Second {
			t.Fatalf("bob hears %v, alice %v", a, b)
		}
	}
}

// toldGone waits until a phone in a call says that its sound system is gone, and only that.
func toldGone(t *testing.T, p *testPhone) {
	t.Helper()
	s := p.until("told", func(s State) bool {
		return s.Devices.Problem != nil && s.Devices.Problem.Kind == cause.SoundSystemGone
	})
	if len(s.Calls) != 1 || s.Calls[0].Phase != PhaseEstablished {
		t.Errorf("the call: %+v", s.Calls)
	}
}

// TestSoundReturnsWithTheSoundSystem: the sound system of a phone dies and is back later: what is to be heard is heard
// again, in the call, and meanwhile the phone says so.
//
// Holds: sound-returns
func TestSoundReturnsWithTheSoundSystem(t *testing.T) {
	away := func(d time.Duration) func(t *testing.T, alice, bob *testPhone) {
		return func(t *testing.T, alice, bob *testPhone) {
			long(t, d)
			alice.talk(bob)
			hearEachOther(t, alice, bob)
			alice.silence()
			if d > time.Second {
				toldGone(t, alice)
			}
			time.Sleep(d)
			alice.revive()
			hearEachOther(t, alice, bob)
			if p := alice.State().Devices.Problem; p != nil {
				t.Errorf("still told: %+v", p)
			}
		}
	}
	for _, v := range []struct {
		name string
		run  func(t *testing.T, alice, bob *testPhone)
	}{
		{"away for a tenth of a second", away(100 * time.Millisecond)},
		{"away for half a second", away(500 * time.Millisecond)},
		{"away for two seconds", away(2 * time.Second)},
		{"away for ten seconds", away(10 * time.Second)},
		{"away for a minute", away(time.Minute)},
		{"away for three minutes", away(3 * time.Minute)},
		{"died while it rang", func(t *testing.T, alice, bob *testPhone) {
			bob.Dial("", "alice")
			id := alice.phase(PhaseIncoming).ID
			time.Sleep(time.Second)
			alice.silence()
			time.Sleep(3 * time.Second)
			alice.revive()
			time.Sleep(3 * time.Second)
			if !alice.host.Open(audiotest.Loudspeaker) {
				t.Error("nothing rings")
			}
			alice.Answer(id)
			hearEachOther(t, alice, bob)
		}},
		{"died before the call, back in it", func(t *testing.T, alice, bob *testPhone) {
			alice.silence()
			time.Sleep(10 * time.Second)
			alice.talk(bob)
			time.Sleep(5 * time.Second)
			alice.revive()
			hearEachOther(t, alice, bob)
		}},
		{"back just before the call", func(t *testing.T, alice, bob *testPhone) {
			alice.silence()
			alice.until("told", func(s State) bool { return s.Devices.Problem != nil })
			alice.revive()
			alice.talk(bob)
			time.Sleep(100 * time.Millisecond)
			if !alice.host.Open(audiotest.Loudspeaker) || !alice.host.Open(audiotest.Microphone) {
				t.Error("the call waits for the next look at the devices")
			}
			hearEachOther(t, alice, bob)
		}},
		{"died five times", func(t *testing.T, alice, bob *testPhone) {
			long(t, 100*time.Second)
			alice.talk(bob)
			for range 5 {
				alice.silence()
				time.Sleep(700 * time.Millisecond)
				alice.revive()
				time.Sleep(20 * time.Second)
				if !alice.host.Open(audiotest.Loudspeaker) || !alice.host.Open(audiotest.Microphone) {
					t.Fatal("20 s later nothing is open")
				}
			}
			hearEachOther(t, alice, bob)
		}},
		{"the chosen device is back under another ID", func(t *testing.T, alice, bob *testPhone) {
			alice.host.AddCapture("headset", "Headset")
			alice.until("listed", func(s State) bool { return len(s.Devices.Capture) == 3 })
			alice.SetDevice(account.RoleMicrophone, account.DeviceChoice{ID: "headset", Name: "Headset"})
			alice.talk(bob)
			alice.silence("headset")
			toldGone(t, alice)
			alice.host.Remove("headset")
			alice.host.AddCapture("again", "Headset")
			alice.revive()
			alice.until("well again", func(s State) bool { return s.Devices.Problem == nil })
			time.Sleep(5 * time.Second)
			if !alice.host.Open("again") {
				t.Error("another than the chosen microphone is open")
			}
		}},
		{"back with other devices", func(t *testing.T, alice, bob *testPhone) {
			alice.talk(bob)
			alice.silence()
			toldGone(t, alice)
			alice.host.Remove(audiotest.Microphone)
			alice.host.Remove(audiotest.Loudspeaker)
			alice.host.AddCapture("other microphone", "Other microphone")
			alice.host.AddPlayback("other loudspeaker", "Other loudspeaker")
			alice.revive()
			time.Sleep(5 * time.Second)
			if !alice.host.Open("other microphone") || !alice.host.Open("other loudspeaker") {
				t.Error("what there is now is not used")
			}
		}},
		{"the server hung before it died", func(t *testing.T, alice, bob *testPhone) {
			alice.talk(bob)
			alice.host.Hang(true)
			time.Sleep(6 * time.Second) // a look is under way
			alice.silence()
			time.Sleep(6 * time.Second)
			alice.host.Hang(false)
			toldGone(t, alice)
			alice.revive()
			hearEachOther(t, alice, bob)
		}},
		{"meanwhile there is one that cannot be opened", func(t *testing.T, alice, bob *testPhone) {
			alice.talk(bob)
			alice.silence()
			alice.host.Remove(audiotest.Microphone)
			alice.host.Remove(audiotest.Loudspeaker)
			alice.host.AddCapture("default", "") // as bare ALSA has it
			alice.host.AddPlayback("default", "")
			alice.host.Refuse("default", errNoServer)
			alice.host.Fail(nil)
			toldGone(t, alice)
			time.Sleep(10 * time.Second)
			alice.host.Remove("default")
			alice.host.AddCapture(audiotest.Microphone, "Microphone")
			alice.host.AddPlayback(audiotest.Loudspeaker, "Loudspeaker")
			hearEachOther(t, alice, bob)
		}},
		{"on hold meanwhile", func(t *testing.T, alice, bob *testPhone) {
			mine, _ := alice.talk(bob)
			alice.SetHold(mine.ID, true)
			alice.until("held", func(s State) bool { return s.Calls[0].Held })
			alice.silence()
			time.Sleep(10 * time.Second)
			alice.revive()
			alice.SetHold(mine.ID, false)
			hearEachOther(t, alice, bob)
		}},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				v.run(t, alice, bob)
				if open, _ := alice.host.Streams(); open > 3 {
					t.Errorf("%d streams are open", open)
				}
			})
		})
	}
}

// TestALostSoundSystemIsNotRunAfter: nothing spins while there is none, however long.
//
// Holds: sound-returns
func TestALostSoundSystemIsNotRunAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.talk(bob)
		_, before := alice.host.Streams()
		for range 20 { // dies as soon as it is back
			alice.silence()
			time.Sleep(3 * time.Second)
			alice.revive()
			time.Sleep(time.Second)
		}
		if _, all := alice.host.Streams(); all-before > 20*2*3 {
			t.Errorf("%d devices opened for 20 returns", all-before)
		}
		looks := alice.host.Looks()
		alice.silence()
		time.Sleep(3 * time.Minute)
		if n := alice.host.Looks() - looks; n > 2*60+2*60/2 {
			t.Errorf("%d looks in three minutes", n)
		}
	})
}
