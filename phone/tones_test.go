package phone

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio/audiotest"
)

// bell is the ringer of phones in these tests, apart from the loudspeaker.
const bell = "bell"

// belled is a phone with a bell, and settings.
func (w *world) belled(name string, change func(*account.Settings), options ...func(*Options)) *testPhone {
	w.t.Helper()
	p := w.phone(name, options...)
	p.host.AddPlayback(bell, "Bell")
	s := p.Settings()
	s.Devices.Ringer = account.DeviceChoice{ID: bell, Name: "Bell"}
	if change != nil {
		change(&s)
	}
	p.saveSettings(s)
	time.Sleep(5 * time.Second) // until the bell has been found
	return p
}

func (p *testPhone) saveSettings(s account.Settings) {
	p.t.Helper()
	done := make(chan error, 1)
	p.SaveSettings(s, func(err error) { done <- err })
	if err := <-done; err != nil {
		p.t.Fatal(err)
	}
}

// loudness is the largest sample that a device plays in a time.
func (p *testPhone) loudness(device string, d time.Duration) int {
	p.host.TakePlayed(device)
	time.Sleep(d)
	return loudest(p.host.TakePlayed(device))
}

// TestEveryToneHasItsVolume: at half of it a tone is half as loud, at none it is not heard, and none changes another's.
func TestEveryToneHasItsVolume(t *testing.T) {
	for _, c := range []struct {
		name   string
		tone   Tone
		device string
	}{
		{"ringtone", ToneRing, bell},
		{"call waiting", ToneCallWaiting, audiotest.Loudspeaker},
		{"ringback", ToneRingback, audiotest.Loudspeaker},
		{"busy", ToneBusy, audiotest.Loudspeaker},
		{"message", ToneMessage, bell},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newWorld(t).belled("alice", nil)
				heard := func(percent, others int) int {
					s := p.Settings()
					for _, tone := range []Tone{ToneRing, ToneCallWaiting, ToneRingback, ToneBusy, ToneMessage} {
						s = WithVolume(s, tone, others)
					}
					p.saveSettings(WithVolume(s, c.tone, percent))
					p.PlayTone(c.tone)
					n := p.loudness(c.device, 1500*time.Millisecond)
					p.StopSoundCheck()
					time.Sleep(200 * time.Millisecond) // what the device has already
					return n
				}
				full := heard(100, 0)
				if full < 1000 {
					t.Fatalf("at 100 %% it has %d", full)
				}
				if half := heard(50, 100); half < full*48/100 || half > full*52/100 {
					t.Errorf("at 50 %% it has %d of %d", half, full)
				}
				if none := heard(0, 100); none > 0 {
					t.Errorf("at 0 %% it has %d", none)
				}
			})
		})
	}
}

// TestVolumesCountAtOnce: for what sounds already, too.
func TestVolumesCountAtOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		tone Tone
		wire func(t *testing.T, w *world) (*testPhone, string) // until the tone is heard by whom on what
	}{
		{"ringtone", ToneRing, func(_ *testing.T, w *world) (*testPhone, string) {
			bob := w.belled("bob", nil)
			w.phone("alice").Dial("", "bob")
			bob.phase(PhaseIncoming)
			return bob, bell
		}},
		{"ringback", ToneRingback, func(_ *testing.T, w *world) (*testPhone, string) {
			w.phone("bob")
			alice := w.phone("alice")
			alice.Dial("", "bob")
			alice.phase(PhaseRinging)
			return alice, audiotest.Loudspeaker
		}},
		{"call waiting", ToneCallWaiting, func(_ *testing.T, w *world) (*testPhone, string) {
			bob, alice := w.phone("bob"), w.phone("alice")
			alice.talk(bob)
			w.phone("carol").Dial("", "bob")
			bob.until("waiting", func(s State) bool { return len(s.Calls) == 2 && s.Calls[1].Waiting })
			return bob, audiotest.Loudspeaker
		}},
		{"busy", ToneBusy, func(_ *testing.T, w *world) (*testPhone, string) {
			bob, alice := w.phone("bob"), w.phone("alice")
			alice.Dial("", "bob")
			bob.DeclineBusy(bob.phase(PhaseIncoming).ID)
			alice.end()
			return alice, audiotest.Loudspeaker
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, device := c.wire(t, newWorld(t))
				const period = 1200 * time.Millisecond
				if p.loudness(device, period); p.loudness(device, 5*time.Second) < 500 && c.tone != ToneBusy {
					t.Fatal("nothing was heard")
				}
				p.saveSettings(WithVolume(p.Settings(), c.tone, 0))
				time.Sleep(200 * time.Millisecond)          // what the device has already
				if n := p.loudness(device, period); n > 8 { // G.722 is never quite silent
					t.Errorf("muted it has %d", n)
				}
			})
		})
	}
}

// TestCallWaitingIsHeardByTheUserAlone: softly, and not by who is talked to.
func TestCallWaitingIsHeardByTheUserAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob, carol := w.phone("alice"), w.phone("bob"), w.phone("carol")
		alice.talk(bob)
		time.Sleep(time.Second) // the end of what told alice that it rings
		carol.Dial("", "bob")
		bob.until("waiting", func(s State) bool { return len(s.Calls) == 2 && s.Calls[1].Waiting })
		alice.host.TakePlayed(audiotest.Loudspeaker)
		n := bob.loudness(audiotest.Loudspeaker, 5*time.Second)
		if n < 300 || n > 3276 {
			t.Errorf("bob hears %d", n)
		}
		if n := loudest(alice.host.TakePlayed(audiotest.Loudspeaker)); n > 50 {
			t.Errorf("alice hears %d", n)
		}
	})
}

// TestMessagesAreHeard: on the ringer, during a call in the ear, and not where nobody wants to be disturbed.
func TestMessagesAreHeard(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*account.Settings)
		count  int
		talk   bool
		device string // "" = none
	}{
		{"one", nil, 1, false, bell},
		{"ten at once", nil, 10, false, bell},
		{"during a call", nil, 1, true, audiotest.Loudspeaker},
		{"do not disturb", func(s *account.Settings) { s.Incoming.DoNotDisturb.On = true }, 1, false, ""},
		{"muted", func(s *account.Settings) { s.Tones.Message = 0 }, 1, false, ""},
		{"with calls that do not ring", func(s *account.Settings) { s.Tones.Ringtone = "none" }, 1, false, bell},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.belled("bob", c.change)
				if c.talk {
					alice.talk(bob)
				}
				bob.host.TakePlayed(bell)
				bob.host.TakePlayed(audiotest.Loudspeaker)
				for range c.count {
					alice.SendMessage("", "bob", "Lunch?")
				}
				bob.until("come", func(s State) bool { return s.Messages.Unread == c.count })
				time.Sleep(5 * time.Second)
				for _, device := range []string{bell, audiotest.Loudspeaker} {
					pcm := bob.host.TakePlayed(device)
					if heard := loudest(pcm) > 500; heard != (device == c.device) {
						t.Errorf("%s: heard %t", device, heard)
					}
				}
				if n := bob.loudness(audiotest.Loudspeaker, time.Second); n > 100 {
					t.Errorf("still heard with %d", n)
				}
				if bob.host.Open(bell) {
					t.Error("the bell stays open")
				}
			})
		})
	}
}
