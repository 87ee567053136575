package phone

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio"
	"calla/netsip/config"
	"calla/phone/cause"
)

// toneFile is a WAV file of a second of a tone.
func toneFile(t *testing.T, hz float64) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ring.wav")
	w, err := audio.CreateWAV(name)
	if err != nil {
		t.Fatal(err)
	}
	source, frame := audio.NewToneSource(audio.Sine(hz, -12)), make(audio.Frame, audio.FrameSamples)
	for range 100 {
		source.Fill(frame)
		if err := w.Write(frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestCallsRingWithTheToneThatIsChosen: that of the account, else that of all, else Calla's own; or none.
func TestCallsRingWithTheToneThatIsChosen(t *testing.T) {
	low, high := toneFile(t, 300), toneFile(t, 900)
	const own, silence = -1, 0
	for _, c := range []struct {
		name          string
		all, accounts string
		hz            float64
	}{
		{"nothing is chosen", "", "", own},
		{"a file for all", low, "", 300},
		{"a file for the account", "", high, 900},
		{"the account's before that of all", low, high, 900},
		{"Calla's own for the account", low, "calla", own},
		{"none for all", "none", "", silence},
		{"none for the account", low, "none", silence},
		{"none for all but the account", "none", high, 900},
		{"None, written large", "", "None", silence},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice")
				bob := w.belled("bob", func(s *account.Settings) { s.Tones.Ringtone, s.RingtoneVolume = c.all, 100 })
				bob.reconfigure(func(cfg *config.Config) { cfg.Calla.Ringtone = c.accounts })
				alice.Dial("", "bob")
				bob.phase(PhaseIncoming)
				time.Sleep(time.Second / 2)
				bob.host.TakePlayed(bell)
				time.Sleep(3 * time.Second) // a file begins again, Calla's own too
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
				if s := bob.State(); len(s.Notices) > 0 {
					t.Errorf("told %+v", s.Notices)
				}
				bob.Decline(bob.State().Calls[0].ID)
				bob.end()
				time.Sleep(time.Second)
				if n := bob.loudness(bell, 4*time.Second); n > 0 {
					t.Errorf("rings on with %d", n)
				}
			})
		})
	}
}

// sounding is the longest stretch without a pause, but for its ends.
func sounding(pcm []int16) []int16 {
	const frame = audio.FrameSamples
	best, from := pcm[:0], -1
	for i := 0; i+frame <= len(pcm); i += frame {
		if loudest(pcm[i:i+frame]) > 1000 {
			if from < 0 {
				from = i
			}
			if i+frame-from > len(best) {
				best = pcm[from : i+frame]
			}
			continue
		}
		from = -1
	}
	if len(best) > 8*frame {
		best = best[2*frame : len(best)-2*frame]
	}
	return best
}

// reconfigure changes the phone's account.
func (p *testPhone) reconfigure(change func(*config.Config)) {
	p.t.Helper()
	a, ok := p.Account(p.name)
	if !ok {
		p.t.Fatal("no account")
	}
	change(&a.Config)
	a.Config.Password = password
	p.save(a, account.SecretSession)
	p.until("registered", func(s State) bool {
		return len(s.Accounts) == 1 && s.Accounts[0].Status == StatusRegistered
	})
}

// TestRingtonesThatWillNotDoAreTold: by name and why, before a call comes; Calla's own rings in their place, and what
// is told goes when another is chosen.
func TestRingtonesThatWillNotDoAreTold(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, err := os.ReadFile(toneFile(t, 300))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		path string
		kind cause.Kind
	}{
		{"not there", filepath.Join(dir, "gone.wav"), cause.RingtoneUnreadable},
		{"a folder", dir, cause.RingtoneNoFile},
		{"another kind", file("song.aac", "\xff\xf1\x50"+strings.Repeat("x", 1000)), cause.RingtoneUnknown},
		{"damaged", file("cut.wav", "RIFF\x00\x00"), cause.RingtoneDamaged},
		{"without sound", file("empty.wav", string(good[:44])), cause.RingtoneEmpty},
		{"a name with a line end", filepath.Join(dir, "a\u202eb.wav"), cause.RingtoneUnreadable},
	} {
		for _, whose := range []string{"of all", "of the account"} {
			t.Run(c.name+", "+whose, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					alice := w.phone("alice")
					bob := w.belled("bob", nil)
					choose := func(path string) {
						if whose == "of the account" {
							bob.reconfigure(func(cfg *config.Config) { cfg.Calla.Ringtone = path })
							return
						}
						s := bob.Settings()
						s.Tones.Ringtone = path
						bob.saveSettings(s)
					}
					choose(c.path)
					s := bob.until("told", func(s State) bool { return s.RingtoneProblem(c.path) != nil })
					problem := s.RingtoneProblem(c.path)
					said := tell(*problem).Title
					if problem.Kind != c.kind || !strings.Contains(said, filepath.Base(dir)) ||
						strings.ContainsAny(said, "\n\u202e") {
						t.Errorf("%+v: %q", problem, said)
					}
					alice.Dial("", "bob")
					bob.phase(PhaseIncoming)
					if n := bob.loudness(bell, 3*time.Second); n < 1000 {
						t.Errorf("rings with %d", n)
					}
					choose("none")
					bob.until("no longer told", func(s State) bool { return len(s.Notices) == 0 })
				})
			})
		}
	}
}

// TestARingtoneThatVanishesIsToldWhenItWouldRing: Calla's own stands in, and once the file is back it rings again.
func TestARingtoneThatVanishesIsToldWhenItWouldRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice := w.phone("alice")
		name := toneFile(t, 300)
		bob := w.belled("bob", func(s *account.Settings) { s.Tones.Ringtone = name })
		rings := func() []int16 {
			alice.Dial("", "bob")
			call := bob.phase(PhaseIncoming)
			bob.host.TakePlayed(bell)
			time.Sleep(3 * time.Second)
			pcm := bob.host.TakePlayed(bell)
			bob.Decline(call.ID)
			bob.end()
			alice.end()
			time.Sleep(time.Second)
			return sounding(pcm)
		}
		if m := audio.MeasureTone(rings()); !near(m.Frequency, 300) {
			t.Errorf("heard %+v", m)
		}
		if err := os.Rename(name, name+".away"); err != nil {
			t.Fatal(err)
		}
		if m := audio.MeasureTone(rings()); near(m.Frequency, 300) || bob.State().RingtoneProblem(name) == nil {
			t.Errorf("without the file heard %+v, told %+v", m, bob.State().Notices)
		}
		if err := os.Rename(name+".away", name); err != nil {
			t.Fatal(err)
		}
		if m := audio.MeasureTone(rings()); !near(m.Frequency, 300) || len(bob.State().Notices) > 0 {
			t.Errorf("with the file again heard %+v, told %+v", m, bob.State().Notices)
		}
	})
}
