package contacts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calla/audio"
	"calla/phone/contacts"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// toneFile is a sound file that can be played.
func toneFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ring \u202eevil.wav")
	w, err := audio.CreateWAV(name)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if err := w.Write(make(audio.Frame, audio.FrameSamples)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestAContactsOwnIsSaved as the form has it, and is there when that is opened again; what will not do is told at its
// field, and nothing is kept then.
func TestAContactsOwnIsSaved(t *testing.T) {
	tone := toneFile(t)
	text := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(text, []byte("Dear all"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := contacts.Own{Ringtone: filepath.Join(t.TempDir(), "on a disk that is away.wav"), Record: contacts.Yes}
	for _, c := range []struct {
		name   string
		before contacts.Own
		fill   func(s *shown, o *ownFields)
		want   contacts.Own
		bad    string // a part of what is told, "" = it is saved
	}{
		{"nothing", contacts.Own{}, func(*shown, *ownFields) {}, contacts.Own{}, ""},
		{"none", contacts.Own{}, func(_ *shown, o *ownFields) { o.ring.Choose(ringNone) }, contacts.Own{
			Ringtone: "none",
		}, ""},
		{"Calla's own tone", contacts.Own{}, func(_ *shown, o *ownFields) { o.ring.Choose(ringCalla) }, contacts.Own{
			Ringtone: "calla",
		}, ""},
		{"a file that is chosen", contacts.Own{}, func(s *shown, o *ownFields) {
			o.ring.Choose(ringFile)
			s.chosen = tone
			o.browse()
		}, contacts.Own{Ringtone: tone}, ""},
		{"a file that is typed", contacts.Own{}, func(_ *shown, o *ownFields) {
			o.ring.Choose(ringFile)
			o.path.SetText(" " + tone + " ")
		}, contacts.Own{Ringtone: tone}, ""},
		{"after five seconds, and recorded", contacts.Own{}, func(_ *shown, o *ownFields) {
			o.answer.Choose(2)
			o.after.SetText("5")
			o.record.Choose(2)
		}, contacts.Own{Answer: contacts.Yes, After: 5, Record: contacts.Yes}, ""},
		{"never, and never", contacts.Own{Answer: contacts.Yes, After: 5}, func(_ *shown, o *ownFields) {
			o.answer.Choose(1)
			o.record.Choose(1)
		}, contacts.Own{Answer: contacts.No, Record: contacts.No}, ""},
		{
			"as the account again",
			contacts.Own{Ringtone: "none", Answer: contacts.No, Record: contacts.No},
			func(_ *shown, o *ownFields) {
				o.ring.Choose(ringAccount)
				o.answer.Choose(0)
				o.record.Choose(0)
			},
			contacts.Own{},
			"",
		},
		{"a file on a disk that is away, and something else", before, func(_ *shown, o *ownFields) {
			o.record.Choose(1)
		}, contacts.Own{Ringtone: before.Ringtone, Record: contacts.No}, ""},
		{"a file that is not there", before, func(_ *shown, o *ownFields) {
			o.path.SetText("/nowhere/x.wav")
		}, before, "/nowhere/x.wav"},
		{"a file that is no sound", before, func(_ *shown, o *ownFields) {
			o.path.SetText(text)
		}, before, "letter.txt"},
		{"a folder", before, func(_ *shown, o *ownFields) {
			o.path.SetText(filepath.Dir(text))
		}, before, filepath.Dir(text)},
		{"no file", contacts.Own{}, func(_ *shown, o *ownFields) {
			o.ring.Choose(ringFile)
		}, contacts.Own{}, "Choose a"},
		{"a name of two lines", before, func(_ *shown, o *ownFields) { o.path.SetText("/a\nb") }, before, "No file"},
		{"no time", contacts.Own{}, func(_ *shown, o *ownFields) { o.answer.Choose(2) }, contacts.Own{}, "0 to 600"},
		{"a time that is none", contacts.Own{}, func(_ *shown, o *ownFields) {
			o.answer.Choose(2)
			o.after.SetText("soon")
		}, contacts.Own{}, "0 to 600"},
		{"a time that is too long", contacts.Own{}, func(_ *shown, o *ownFields) {
			o.answer.Choose(2)
			o.after.SetText("601")
		}, contacts.Own{}, "0 to 600"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bob := one("Bob", "", "4711")
			bob.Own = c.before
			s := open(t, bob)
			f := NewForm(s, s, s.kept(t, "4711"))
			s.show(f)
			if !f.Close() {
				t.Error("changed before anything was")
			}
			c.fill(s, f.own)
			f.Save()
			s.finish()
			if got := s.kept(t, "4711"); got.Own != c.want || got.Name != "Bob" {
				t.Errorf("kept %+v, want %+v", got.Own, c.want)
			}
			bad := f.own.pathField.Bad() + f.own.afterRow.Bad()
			if !strings.Contains(bad, c.bad) || (bad == "") != (c.bad == "") || f.save.Disabled() {
				t.Errorf("tells %q, want %q; save disabled: %v", bad, c.bad, f.save.Disabled())
			}
			if strings.Contains(bad, "\u202e") {
				t.Errorf("tells %q", bad)
			}
			if c.bad != "" {
				return
			}
			again := NewForm(s, s, s.kept(t, "4711"))
			if own, wrong := again.own.collect(); own != c.want || wrong != nil {
				t.Errorf("opened again: %+v, %v", own, wrong)
			}
		})
	}
}

// TestACardTellsWhatAContactHasOfItsOwn, and nothing where that is nothing.
func TestACardTellsWhatAContactHasOfItsOwn(t *testing.T) {
	for _, c := range []struct {
		name string
		own  contacts.Own
		want []string
	}{
		{"nothing", contacts.Own{}, nil},
		{"no ringing", contacts.Own{Ringtone: "none"}, []string{"Does not ring"}},
		{"a file", contacts.Own{Ringtone: "/home/bob/morning.flac"}, []string{"Rings with morning.flac"}},
		{"a hostile file", contacts.Own{Ringtone: "/tmp/a\u202eb.wav"}, []string{"Rings with a"}},
		{"answered", contacts.Own{Answer: contacts.Yes, After: 9}, []string{"Answered by itself after 9 s"}},
		{"at once, and recorded", contacts.Own{Answer: contacts.Yes, Record: contacts.Yes}, []string{
			"Answered by itself at once", "Always recorded",
		}},
		{"never", contacts.Own{Answer: contacts.No, Record: contacts.No}, []string{
			"Never answered by itself", "Recorded only when you say so",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bob := one("Bob", "", "4711")
			bob.Own = c.own
			s := open(t, bob)
			card := NewCard(s, s, s, s.kept(t, "4711"))
			s.show(card)
			texts := s.texts()
			for _, want := range c.want {
				if !strings.Contains(texts, want) {
					t.Errorf("shows %q, want %q", texts, want)
				}
			}
			if strings.Contains(texts, "\u202e") || len(ownLines(c.own)) != len(c.want) {
				t.Errorf("shows %q", texts)
			}
		})
	}
}

// TestAFavouriteKeepsItsOwn: what is changed on the card changes nothing else.
func TestAFavouriteKeepsItsOwn(t *testing.T) {
	bob := one("Bob", "", "4711")
	bob.Own = contacts.Own{Ringtone: "none", Answer: contacts.Yes, After: 3, Record: contacts.No}
	s := open(t, bob)
	card := NewCard(s, s, s, s.kept(t, "4711"))
	s.show(card)
	test.Tap(uitest.LaidOut[*widget.Switch](s.win.Content())[0])
	s.finish()
	if got := s.kept(t, "4711"); got.Own != bob.Own || !got.Favourite {
		t.Errorf("kept %+v", got)
	}
}
