package contacts

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
)

// TestWhatAContactHasOfItsOwnIsWithinItsBounds, whoever wrote it; what is not is as the account has it.
func TestWhatAContactHasOfItsOwnIsWithinItsBounds(t *testing.T) {
	for _, c := range []struct {
		name      string
		own, want Own
	}{
		{"nothing", Own{}, Own{}},
		{"all of it", Own{"/r.wav", Yes, 5, No}, Own{"/r.wav", Yes, 5, No}},
		{"words however they are written", Own{Ringtone: " NONE "}, Own{Ringtone: "none"}},
		{"a path with an end of line", Own{Ringtone: "/a\nb"}, Own{}},
		{"a path that is not UTF-8", Own{Ringtone: "/\xff"}, Own{}},
		{"a very long path", Own{Ringtone: strings.Repeat("a", longestRingtone+1)}, Own{}},
		{"the longest path", Own{Ringtone: strings.Repeat("a", longestRingtone)}, Own{
			Ringtone: strings.Repeat("a", longestRingtone),
		}},
		{"a time without the choice", Own{Answer: No, After: 5}, Own{Answer: No}},
		{"a time before now", Own{Answer: Yes, After: -1}, Own{}},
		{"a time that is too long", Own{Answer: Yes, After: LongestAfter + 1}, Own{}},
		{"at once", Own{Answer: Yes}, Own{Answer: Yes}},
		{"choices that are none", Own{Answer: "maybe", After: 3, Record: "YES"}, Own{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			clean, ok, _ := Clean(Contact{Addresses: []Address{{Text: "1"}}, Own: c.own})
			if !ok || clean.Own != c.want {
				t.Errorf("%+v", clean.Own)
			}
		})
	}
}

// TestSecondsThatACallRingsAreRead: whole ones within the bounds.
func TestSecondsThatACallRingsAreRead(t *testing.T) {
	for text, want := range map[string]int{
		"0": 0, " 5 ": 5, "600": 600, "601": -1, "-1": -1, "": -1, "soon": -1, "1.5": -1, "0x10": -1,
		"99999999999999999999": -1,
	} {
		if got, ok := ReadAfter(text); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d, %v", text, got, ok)
		}
	}
}

// TestFilesOfContactsSayNothingOfCalls: no card and no table that is imported has the microphone opened, a call
// recorded or a file of this computer read, whatever it says; whom it is merged with keeps what the user has said. And
// none that is written tells it.
func TestFilesOfContactsSayNothingOfCalls(t *testing.T) {
	own := Own{"/home/bob/ring.wav", Yes, 5, Yes}
	card := func(lines ...string) string {
		return "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bob\r\nTEL:4711\r\n" + strings.Join(lines, "\r\n") +
			"\r\nEND:VCARD\r\n"
	}
	for _, c := range []struct{ name, text string }{
		{"properties of ours", card("X-CALLA-RINGTONE:none", "X-CALLA-ANSWER:0", "X-CALLA-RECORD:yes")},
		{"a custom ringtone", card("X-RINGTONE:file:///etc/passwd", "X-ANDROID-CUSTOM:ringtone;content://1")},
		{"a sound", card("SOUND;VALUE=uri:file:///etc/passwd")},
		{"addresses with parameters", card("IMPP:sip:bob@example.com;answer-after=0;auto-answer=yes")},
		{"JSON in the note", card(`NOTE:{"own":{"answer":"yes","after":0}}`)},
		{"a table", "Name;Telefon;Ringtone;Answer;Record\nBob;4711;none;0;yes\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, existing := range map[string][]Contact{
				"new": nil, "merged": {{ID: 1, Name: "Bob", Addresses: []Address{{Text: "4712"}}, Own: own}},
			} {
				r, err := NewReader(strings.NewReader(c.text), Format{})
				if err != nil {
					t.Fatal(err)
				}
				p, err := ReadPreview(context.Background(), r, existing)
				if err != nil {
					t.Fatal(err)
				}
				var want Own
				if name == "merged" {
					want = own
				}
				changes := slices.Collect(p.Changes())
				if len(changes) != 1 || changes[0].Own != want {
					t.Errorf("%s: %+v", name, changes)
				}
			}
		})
	}
	for _, form := range []Form{"vcard-4", "vcard-3", "csv"} {
		var out, plain bytes.Buffer
		bob := Contact{Name: "Bob", Addresses: []Address{{Text: "4711"}}}
		if err := WriteAll(&plain, form, []Contact{bob}); err != nil {
			t.Fatal(err)
		}
		bob.Own = own
		if err := WriteAll(&out, form, []Contact{bob}); err != nil || out.String() != plain.String() {
			t.Errorf("%s: %v\n%s", form, err, out.String())
		}
	}
}
