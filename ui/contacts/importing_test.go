package contacts

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"fyne.io/fyne/v2/test"

	"calla/ui/uitest"
	"calla/ui/widget"
)

const vcards = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bob Marsh\r\nTEL;TYPE=work:0049 30 12345\r\nTEL:4999\r\n" +
	"END:VCARD\r\n" +
	"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Carol\r\nTEL:4712\r\nEND:VCARD\r\n" +
	"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Nobody\r\nTEL:http://x/\r\nEND:VCARD\r\n" +
	"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Dave\r\nTEL:4713\r\nEND:VCARD\r\n"

// preview opens what an import of a text would change.
func preview(t *testing.T, s *shown, text string) *Import {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.vcf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := NewImport(s, s, path)
	s.show(p)
	return p
}

// TestAnImportSaysWhatItChangesFirst: who is new, who is merged with whom, what cannot be read and in which line.
// Nothing is changed until its button is pressed, and then as was chosen.
func TestAnImportSaysWhatItChangesFirst(t *testing.T) {
	for _, c := range []struct {
		name    string
		presses []int // rows
		button  string
		want    []string // names and their addresses afterwards
	}{
		{"as it is", nil, "Import 3 contacts", []string{"Bob Marsh 3", "Carol 1", "Dave 1"}},
		{"kept apart", []int{0}, "Import 3 contacts", []string{"Bob Marsh 1", "Bob Marsh 2", "Carol 1", "Dave 1"}},
		{"the merged one left out", []int{0, 0}, "Import 2 contacts", []string{"Bob Marsh 1", "Carol 1", "Dave 1"}},
		{"a new one left out", []int{1}, "Import 2 contacts", []string{"Bob Marsh 3", "Dave 1"}},
		{"left out, and not", []int{2, 2}, "Import 3 contacts", []string{"Bob Marsh 3", "Carol 1", "Dave 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, one("Bob Marsh", "", "4711"))
			p := preview(t, s, vcards)
			want := []string{
				"BM Bob Marsh|Line 1 · with Bob Marsh · 0049 30 12345|Merged", "C Carol|Line 7 · 4712|New",
				"D Dave|Line 17 · 4713|New",
			}
			if got := s.rows(); !slices.Equal(got, want) {
				t.Errorf("shows %q, want %q", got, want)
			}
			if got := s.texts(); !strings.Contains(got,
				"2 new contacts, 1 is merged with whom you have, 0 are there already.") ||
				!strings.Contains(got, "could not be read") || !strings.Contains(got, "15") {
				t.Errorf("tells %q", got)
			}
			for _, i := range c.presses {
				test.Tap(p.rows[i])
			}
			if p.doIt.Label() != c.button {
				t.Errorf("the button says %q", p.doIt.Label())
			}
			if all, _ := s.Everybody(t.Context()); len(all) != 1 {
				t.Errorf("%d contacts before it is pressed", len(all))
			}
			test.Tap(p.doIt)
			test.Tap(p.doIt) // a second press
			s.finish()
			s.expect(t, "list")
			all, err := s.Everybody(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range all {
				got = append(got, k.Name+" "+string(rune('0'+len(k.Addresses))))
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("kept %q, want %q", got, c.want)
			}
		})
	}
}

// TestAFileThatIsNoneIsTold, and nothing can be imported of it.
func TestAFileThatIsNoneIsTold(t *testing.T) {
	for _, c := range []struct{ name, text, told string }{
		{"empty", "", "cannot be imported"},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "cannot be imported"},
		{"a letter", "Dear Bob,\nsee you.\n", "cannot be imported"},
		{"a table without numbers", "Name,City\nBob,Berlin\n", "neither vCards nor a table"},
		{"vCards without addresses", "BEGIN:VCARD\nVERSION:4.0\nFN:Bob\nEND:VCARD\n", "0 new contacts"},
		{"not there", "-", "cannot be imported"},
		{"a folder", "/", "is not a file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			var p *Import
			switch c.text {
			case "-":
				p = NewImport(s, s, filepath.Join(t.TempDir(), "none.vcf"))
				s.show(p)
			case "/":
				p = NewImport(s, s, t.TempDir())
				s.show(p)
			default:
				p = preview(t, s, c.text)
			}
			if got := s.texts(); !strings.Contains(got, c.told) {
				t.Errorf("tells %q, want %q", got, c.told)
			}
			if !p.doIt.Disabled() {
				t.Error("it can be imported")
			}
			test.Tap(p.doIt)
			s.finish()
			s.expect(t)
		})
	}
}

// TestALargeImportIsShownInPages, and what the disk does not take is told.
func TestALargeImportIsShownInPages(t *testing.T) {
	s := open(t)
	p := preview(t, s, strings.Repeat("BEGIN:VCARD\nVERSION:4.0\nFN:Anna\nTEL:47110\nEND:VCARD\n", 3)+many300())
	rows := func() int { return len(uitest.LaidOut[*widget.Row](p.box)) }
	if rows() != onePage || p.earlier.Visible() || !p.later.Visible() {
		t.Errorf("%d rows", rows())
	}
	for range 30 {
		test.Tap(p.later)
	}
	if p.first != 300 || rows() != 1 || p.later.Visible() {
		t.Errorf("the last page begins at %d, %d rows", p.first, rows())
	}
	s.broken = errDisk
	test.Tap(p.doIt)
	s.finish()
	s.expect(t, "error Not all could be imported: 0 contacts are kept. disk full")
	s.broken = nil
	test.Tap(p.doIt)
	s.finish()
	s.expect(t, "list")
	p = NewImport(s, s, "/nowhere") // one that is left before it was read shows nothing
	p.Close()
	s.finish()
}

// many300 are three hundred vCards.
func many300() string {
	var b strings.Builder
	for i := range 300 {
		b.WriteString("BEGIN:VCARD\nVERSION:4.0\nFN:Name " + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) +
			string(rune('a'+i/676)) + "\nTEL:99" + strings.Repeat("1", i%7) + string(rune('0'+i%10)) +
			string(rune('0'+i/10%10)) +
			string(rune('0'+i/100)) + "\nEND:VCARD\n")
	}
	return b.String()
}

// TestAFileInACodePageIsReadAsChosen: what was guessed is shown first; a file in Unicode asks nothing.
func TestAFileInACodePageIsReadAsChosen(t *testing.T) {
	for _, c := range []struct{ name, text, guessed, choice, want string }{
		{"Cyrillic", "Name;Phone\r\n\xc1\xee\xf0\xe8\xf1;1007\r\n", "Áîðèñ", "Cyrillic (Windows-1251)", "Борис"},
		{"Japanese", "Name,Phone\r\n\x93\x63\x92\x86,1007\r\n", "“c’†", "Japanese (Shift JIS)", "田中"},
		{
			"headers too", "\x96\xbc\x91\x4f,\x93\x64\x98\x62\x94\xd4\x8d\x86\r\n\x93\x63\x92\x86,03-1234-5678\r\n", "",
			"Japanese (Shift JIS)", "田中",
		},
		{
			"vCards", "BEGIN:VCARD\r\nFN:\xc1\xee\xf0\xe8\xf1\r\nTEL:1007\r\nEND:VCARD\r\n", "Áîðèñ",
			"Cyrillic (Windows-1251)", "Борис",
		},
		{"UTF-8", "Name;Phone\r\nБорис;1007\r\n", "Борис", "", ""},
		{"ASCII", "Name;Phone\r\nBob;1007\r\n", "Bob", "", ""},
		{
			"UTF-16",
			"\xff\xfeN\x00a\x00m\x00e\x00;\x00T\x00e\x00l\x00\n\x00\x11\x04;\x007\x007\x007\x007\x00\n\x00", "Б",
			"", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			p := preview(t, s, c.text)
			if got := strings.Join(s.rows(), "\n"); !strings.Contains(got, c.guessed) {
				t.Errorf("guessed %q, want %q", got, c.guessed)
			}
			if (p.pages != nil) != (c.choice != "") {
				t.Fatalf("asks: %t", p.pages != nil)
			}
			if c.choice == "" {
				return
			}
			p.pages.Choose(slices.Index(p.pages.Options, c.choice))
			s.finish()
			if got := s.rows(); len(got) != 1 || !strings.Contains(got[0], c.want) {
				t.Errorf("shows %q, want %q", got, c.want)
			}
			test.Tap(p.doIt)
			s.finish()
			if all, err := s.Everybody(t.Context()); err != nil || len(all) != 1 || all[0].Name != c.want {
				t.Errorf("kept %+v, %v", all, err)
			}
		})
	}
}

// TestTheTextsOfAFileAreUnicodeOrNot: whichever octets a reader happens to bring together.
func TestTheTextsOfAFileAreUnicodeOrNot(t *testing.T) {
	long := strings.Repeat("ё田😀", 30000)
	for text, odd := range map[string]bool{
		"": false, "Bob": false, "Müller": false, "M\xfcller": true, "M\xc3": true, long: false, "a" + long: false,
		"ab" + long: false, long + "\xff": true, "\xff\xfea\x00": false,
	} {
		for name, r := range map[string]io.Reader{
			"at once": strings.NewReader(text), "octet by octet": iotest.OneByteReader(strings.NewReader(text)),
			"with its end": iotest.DataErrReader(strings.NewReader(text)),
		} {
			if got, err := isOfCodePage(r); got != odd || err != nil {
				t.Errorf("%.10q %s: %t, %v", text, name, got, err)
			}
		}
	}
}
