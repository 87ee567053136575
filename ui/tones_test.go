package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// openTones opens the settings and returns their panel of tones.
func openTones(t *testing.T, ringtone string) (*opened, *tonesPanel) {
	t.Helper()
	o := open(t, Options{})
	o.phone.settings.Tones = account.DefaultTones()
	o.phone.settings.Tones.Ringtone = ringtone
	o.main.openSettings()
	o.update(idle())
	return o, o.main.page.(*settingsPage).tones
}

// TestEveryToneHasASliderAndIsHeard: each slider is that of one tone, and the button beside it plays that.
func TestEveryToneHasASliderAndIsHeard(t *testing.T) {
	for _, c := range []struct {
		name string
		tone phone.Tone
	}{
		{"Ringtone", phone.ToneRing},
		{"Another call during a call", phone.ToneCallWaiting},
		{"It rings at the other side", phone.ToneRingback},
		{"Busy, or not put through", phone.ToneBusy},
		{"A message has come", phone.ToneMessage},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, p := openTones(t, "")
			found := 0
			for _, s := range uitest.LaidOut[*widget.Slider](p.object) {
				if s.Name == "Volume: "+c.name {
					found++
					if int(s.Value) != phone.VolumeOf(o.phone.settings, c.tone) {
						t.Errorf("stands at %v", s.Value)
					}
					s.Value = 35
					s.OnChangeEnded(35)
				}
			}
			want := phone.WithVolume(o.phone.settings, c.tone, 35)
			if found != 1 || phone.VolumeOf(o.phone.settings, c.tone) != 35 || want.Tones != o.phone.settings.Tones {
				t.Errorf("%d sliders; %+v", found, o.phone.settings.Tones)
			}
			o.phone.took()
			for _, b := range uitest.LaidOut[*widget.Button](p.object) {
				if b.Name == "Play: "+c.name {
					test.Tap(b)
				}
			}
			if did := strings.Join(o.phone.took(), "; "); did != "tone "+string(c.tone) {
				t.Errorf("did %q", did)
			}
		})
	}
}

// TestRingtoneIsChosen: the panel shows what is set, and sets what is chosen; a file once it is named.
func TestRingtoneIsChosen(t *testing.T) {
	for _, c := range []struct {
		name   string
		before string
		shows  int
		do     func(p *tonesPanel)
		after  string
	}{
		{"Calla's own", "", ringOwn, func(*tonesPanel) {}, ""},
		{"none", "none", ringNone, func(*tonesPanel) {}, "none"},
		{"a file", "/home/a/ring.wav", ringFile, func(*tonesPanel) {}, "/home/a/ring.wav"},
		{"to none", "", ringOwn, func(p *tonesPanel) { p.choice.Choose(ringNone) }, "none"},
		{"back to Calla's own", "/home/a/ring.wav", ringFile, func(p *tonesPanel) { p.choice.Choose(ringOwn) }, ""},
		{"to a file without a name", "none", ringNone, func(p *tonesPanel) { p.choice.Choose(ringFile) }, "none"},
		{"to a file", "", ringOwn, func(p *tonesPanel) {
			p.choice.Choose(ringFile)
			p.path.SetText(" /b.flac ")
			p.path.OnSubmitted("")
		}, "/b.flac"},
		{"to a file and away", "", ringOwn, func(p *tonesPanel) {
			p.choice.Choose(ringFile)
			p.path.SetText("/b.flac")
			p.path.OnFocus(false)
		}, "/b.flac"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, p := openTones(t, c.before)
			if p.choice.Chosen() != c.shows || p.file.Visible() != (c.shows == ringFile) {
				t.Errorf("shows %d", p.choice.Chosen())
			}
			c.do(p)
			if got := o.phone.settings.Tones.Ringtone; got != c.after {
				t.Errorf("set to %q", got)
			}
		})
	}
}

// TestMusicOnHoldIsChosen: nothing, or a file; what is wrong with that is told below it.
func TestMusicOnHoldIsChosen(t *testing.T) {
	for _, c := range []struct {
		name   string
		before string
		shows  int
		do     func(s *soundChoice)
		after  string
	}{
		{"nothing", "", 0, func(*soundChoice) {}, ""},
		{"a file", "/home/a/song.mp3", 1, func(*soundChoice) {}, "/home/a/song.mp3"},
		{"to nothing", "/home/a/song.mp3", 1, func(s *soundChoice) { s.choice.Choose(0) }, ""},
		{"to a file without a name", "", 0, func(s *soundChoice) { s.choice.Choose(1) }, ""},
		{"to a file", "", 0, func(s *soundChoice) {
			s.choice.Choose(1)
			s.path.SetText(" /b.ogg ")
			s.path.OnSubmitted("")
		}, "/b.ogg"},
		{"to none, typed", "", 0, func(s *soundChoice) {
			s.choice.Choose(1)
			s.path.SetText("None")
			s.path.OnFocus(false)
		}, "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			o.phone.settings.Tones = account.DefaultTones()
			o.phone.settings.Tones.HoldMusic = c.before
			o.main.openSettings()
			o.update(idle())
			p := o.main.page.(*settingsPage).tones
			if p.hold.choice.Chosen() != c.shows || p.hold.file.Visible() != (c.shows == 1) {
				t.Errorf("shows %d", p.hold.choice.Chosen())
			}
			c.do(p.hold)
			if got := o.phone.settings.Tones; got.HoldMusic != c.after || got.Ringtone != "" {
				t.Errorf("set to %+v", got)
			}
			s := idle()
			s.Notices = []phone.Notice{{ID: "hold music /b.ogg", Cause: cause.Cause{
				Kind: cause.HoldMusicTooLong, File: "/b.ogg", After: 10 * time.Minute,
			}}}
			o.update(s)
			said := uitest.Texts(fyne.CanvasObject(p.object))
			if told := strings.Contains(said, "It lasts longer than 10 min."); told != (c.after == "/b.ogg") {
				t.Errorf("set to %q, says %q", c.after, said)
			}
		})
	}
}

// TestABadRingtoneIsToldWhereItIsChosen: with its name, and why.
func TestABadRingtoneIsToldWhereItIsChosen(t *testing.T) {
	o, p := openTones(t, "/home/a/ring.wav")
	s := idle()
	s.Notices = []phone.Notice{{ID: "ringtone /home/a/ring.wav", Cause: cause.Cause{
		Kind: cause.RingtoneUnknown, File: "/home/a/ring.wav",
	}}}
	o.update(s)
	said := func() string { return uitest.Texts(fyne.CanvasObject(p.object)) }
	if !strings.Contains(said(), "/home/a/ring.wav cannot be played. It is no sound") {
		t.Errorf("says %q", said())
	}
	o.update(idle())
	if strings.Contains(said(), "cannot be played") {
		t.Error("goes on saying so")
	}
}
