package contacts

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"calla/phone/cause"
)

// all reads a file to its end.
func all(t testing.TB, r Reader) (read []Contact) {
	t.Helper()
	for {
		c, line, err := r.Next()
		if err == io.EOF {
			return read
		} else if err != nil {
			t.Fatal(err)
		}
		if line < 1 || c.Name == "" || len(c.Addresses) == 0 {
			t.Fatalf("line %d: %+v", line, c)
		}
		read = append(read, c)
	}
}

// readVCards reads a file and returns what could not be read as "kind line".
func readVCards(t testing.TB, text string) (read []Contact, problems []string) {
	t.Helper()
	r, err := NewReader(strings.NewReader(text), Format{})
	if err != nil {
		t.Fatal(err)
	}
	if _, is := r.(*VCardReader); !is {
		t.Fatalf("is no vCard: %T", r)
	}
	read = all(t, r)
	for _, p := range r.Unread().First {
		problems = append(problems, fmt.Sprintf("%s %d", p.Kind, p.Count))
	}
	return read, problems
}

func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

func encoded(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}

// TestVCardsOfEveryProgram: what address books write is read, whichever version and encoding it is in.
func TestVCardsOfEveryProgram(t *testing.T) {
	bob := Contact{Name: "Bob Müller", Addresses: []Address{{"mobile", "+49 170 1234567"}}}
	for _, c := range []struct {
		name, text string
		want       Contact
	}{
		{
			"4.0", crlf("BEGIN:VCARD", "VERSION:4.0", "FN:Bob Müller", "TEL;VALUE=uri;TYPE=cell:tel:+49-170-1234567",
				"IMPP;PREF=1;TYPE=work:sip:bob@example.com", "CATEGORIES:friends,starred", "NOTE:one\\ntwo\\, three",
				"UID:urn:uuid:1",
				"ORG:Example Ltd;Sales", "END:VCARD"),
			Contact{
				Name: "Bob Müller", UID: "urn:uuid:1", Organisation: "Example Ltd, Sales", Favourite: true,
				Note:      "one\ntwo, three",
				Addresses: []Address{{"work", "bob@example.com"}, {"mobile", "+491701234567"}},
			},
		},
		{
			"3.0 of a Mac", crlf("BEGIN:VCARD", "VERSION:3.0", "N:Müller;Bob;;;", "FN:Bob Müller",
				"item1.TEL;type=pref:+49 170 1234567", "item1.X-ABLabel:_$!<Mobile>!$_", "item2.TEL:1007",
				"item2.X-ABLabel:Büro\\, oben",
				"PHOTO;ENCODING=b;TYPE=JPEG:"+strings.Repeat("QUJD", 10), " "+strings.Repeat("QUJD", 10), "END:VCARD"),
			Contact{Name: "Bob Müller", Addresses: []Address{{"mobile", "+49 170 1234567"}, {"Büro, oben", "1007"}}},
		},
		{"2.1 of a telephone", crlf("BEGIN:VCARD", "VERSION:2.1",
			"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4D=C3=BC=6C=6C=65=72;Bob;;;",
			"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Bob=20=4D=C3=BC=", "=6C=6C=65=72",
			"TEL;CELL;PREF:+49 170 1234567", "END:VCARD"), bob},
		{"2.1 in a code page of its own", crlf("BEGIN:VCARD", "VERSION:2.1",
			"FN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:Bob M=FCller",
			"TEL;CELL:+49 170 1234567", "END:VCARD"), bob},
		{"2.1 with a picture", crlf("BEGIN:VCARD", "VERSION:2.1", "FN:Bob Müller", "PHOTO;JPEG;ENCODING=BASE64:",
			" "+strings.Repeat("QUJD", 18), " "+strings.Repeat("QUJD", 3)+"==", "", "TEL;CELL:+49 170 1234567",
			"END:VCARD"), bob},
		{
			"a picture whose folds are not marked",
			crlf("BEGIN:VCARD", "FN:Bob Müller", "PHOTO;ENCODING=BASE64:"+strings.Repeat("QUJD", 18),
				strings.Repeat("QUJD", 18), strings.Repeat("/+0a", 3)+"==", "", "TEL;CELL:+49 170 1234567",
				"END:VCARD"), bob,
		},
		{"folded within a letter", "BEGIN:VCARD\r\nFN:Bob M\xc3\r\n \xbcller\r\nTEL;TYPE=ce\r\n\tll:+49 170\r\n  " +
			"1234567\r\nEND:VCARD\r\n", bob},
		{"LF", strings.ReplaceAll(crlf("BEGIN:VCARD", "FN:Bob", " ", "  Müller", "TEL;TYPE=CELL:+49 170 1234567",
			"END:VCARD"), "\r", ""), bob},
		{"CR", strings.ReplaceAll(crlf("BEGIN:VCARD", "FN:Bob Müller", "TEL;TYPE=CELL:+49 170 1234567", "END:VCARD"),
			"\n", ""), bob},
		{
			"small letters",
			crlf("begin:vcard", "fn:Bob Müller", "tel;type=\"voice,cell\":+49 170 1234567", "end:vcard"),
			bob,
		},
		{"blanks and a mark", "\ufeff" + crlf("", "BEGIN:VCARD ", "FN: Bob Müller ", "TEL;CELL: +49 170 1234567 ",
			"END:VCARD "), bob},
		{
			"a name in parts alone", crlf("BEGIN:VCARD", "N:Müller;Bob;;Dr.;", "TEL;CELL:+49 170 1234567", "END:VCARD"),
			bob,
		},
		{
			"a semicolon in a name", crlf("BEGIN:VCARD", "N:Müller\\; Meier;Bob", "FN:", "TEL;CELL:+49 170 1234567",
				"END:VCARD"),
			Contact{Name: "Bob Müller; Meier", Addresses: bob.Addresses},
		},
		{
			"a firm", crlf("BEGIN:VCARD", "ORG:Example\\, Ltd;", "TEL;WORK;FAX:030 1234567", "END:VCARD"),
			Contact{
				Name: "Example, Ltd", Organisation: "Example, Ltd",
				Addresses: []Address{{"work fax", "030 1234567"}},
			},
		},
		{
			"nothing but a number", crlf("BEGIN:VCARD", "TEL:030 1234567", "END:VCARD"),
			Contact{Name: "030 1234567", Addresses: []Address{{"", "030 1234567"}}},
		},
		{
			"SIP as others write it", crlf("BEGIN:VCARD", "FN:Bob", "X-SIP;TYPE=WORK:bob@example.com",
				"X-EVOLUTION-SIP:sip:rob@example.com",
				"URL:sip:bob@example.org", "EMAIL:bob@mail.example", "IMPP:xmpp:bob@example.com", "END:VCARD"),
			Contact{Name: "Bob", Addresses: []Address{
				{"work", "bob@example.com"},
				{"", "rob@example.com"},
				{"", "bob@example.org"},
			}},
		},
		{
			"one number twice", crlf("BEGIN:VCARD", "FN:Bob", "TEL:+49 170 1234567", "TEL;TYPE=CELL:00491701234567",
				"END:VCARD"),
			Contact{Name: "Bob", Addresses: []Address{{"mobile", "+49 170 1234567"}}},
		},
		{
			"digits for after the answer", crlf("BEGIN:VCARD", "FN:Bob", "TEL:+49301234567\\,22", "END:VCARD"),
			Contact{Name: "Bob", Addresses: []Address{{"", "+49301234567,22"}}},
		},
		{
			"extensions", crlf("BEGIN:VCARD", "FN:Bob", "TEL;VALUE=uri:tel:+49-30-1234567;ext=45",
				"TEL:+1 (555) 010-0123 x45", "END:VCARD"),
			Contact{Name: "Bob", Addresses: []Address{{"", "+49301234567,45"}, {"", "+15550100123,45"}}},
		},
		{
			"texts in base64", crlf("BEGIN:VCARD", "FN;ENCODING=b:Qm9iIE3DvGxsZXI=",
				"TEL;CELL;BASE64:KzQ5IDE3MCAxMjM0NTY3", "END:VCARD"), bob,
		},
		{
			"a quoted parameter with a colon",
			crlf("BEGIN:VCARD", "FN:Bob", "TEL;TYPE=\"a:b\";X-A=\"c;d:e\":1007", "END:VCARD"),
			Contact{Name: "Bob", Addresses: []Address{{"a b", "1007"}}},
		},
		{
			"a parameter whose quotes do not end", crlf("BEGIN:VCARD", "FN:Bob", "TEL;TYPE=\"cell:1007", "END:VCARD"),
			Contact{Name: "Bob", Addresses: []Address{{"mobile", "1007"}}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			read, problems := readVCards(t, c.text)
			if len(read) != 1 || !reflect.DeepEqual(read[0], c.want) {
				t.Errorf("read %+v, want %+v; %q", read, c.want, problems)
			}
		})
	}
}

// TestVCardsInEveryCodePage: of files and of single properties.
func TestVCardsInEveryCodePage(t *testing.T) {
	text := crlf("BEGIN:VCARD", "FN:Bob Müller", "TEL:1007", "END:VCARD")
	utf16 := func(e unicode.Endianness, b unicode.BOMPolicy) string {
		return encoded(unicode.UTF16(e, b).NewEncoder().String(text))
	}
	for _, c := range []struct{ name, text, codePage, want string }{
		{"UTF-8", text, "", "Bob Müller"},
		{"UTF-8 with a mark", "\ufeff" + text, "", "Bob Müller"},
		{"UTF-16 little", utf16(unicode.LittleEndian, unicode.UseBOM), "", "Bob Müller"},
		{"UTF-16 big", utf16(unicode.BigEndian, unicode.UseBOM), "", "Bob Müller"},
		{"UTF-16 little without a mark", utf16(unicode.LittleEndian, unicode.IgnoreBOM), "", "Bob Müller"},
		{"UTF-16 big without a mark", utf16(unicode.BigEndian, unicode.IgnoreBOM), "", "Bob Müller"},
		{
			"Windows-1252",
			encoded(charmap.Windows1252.NewEncoder().String(strings.Replace(text, "Bob", "„Bob“", 1))), "",
			"„Bob“ Müller",
		},
		{"UTF-8 with a damaged letter", strings.Replace(text, "Bob", "Ünal B\xffb", 1), "", "Ünal B\ufffdb Müller"},
		{"Windows-1251 that is named", encoded(charmap.Windows1251.NewEncoder().String(strings.Replace(text,
			"Bob Müller", "Борис", 1))), "windows-1251", "Борис"},
		{"Shift JIS that is named", encoded(japanese.ShiftJIS.NewEncoder().String(strings.Replace(text, "Bob Müller",
			"山田ソ", 1))), "shift_jis", "山田ソ"},
		{"a property in Shift JIS", strings.Replace(text, "FN:Bob Müller",
			"FN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8E=52=93=63", 1), "", "山田"},
		{"a property in an unknown code page", strings.Replace(text, "FN:", "FN;CHARSET=X-NONE:", 1), "", "Bob Müller"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := NewReader(iotest.OneByteReader(strings.NewReader(c.text)), Format{CodePage: c.codePage})
			if err != nil {
				t.Fatal(err)
			}
			if read := all(t, r); len(read) != 1 || read[0].Name != c.want {
				t.Errorf("read %+v", read)
			}
		})
	}
	if _, err := NewReader(strings.NewReader(text), Format{CodePage: "klingon"}); err == nil {
		t.Error("a code page that does not exist is taken")
	}
}

// TestWhatIsWrongInAVCardIsNamedByItsLine: what can be read is read, what cannot is counted.
func TestWhatIsWrongInAVCardIsNamedByItsLine(t *testing.T) {
	card := func(name string, more ...string) []string {
		return append(append([]string{"BEGIN:VCARD", "FN:" + name}, more...), "TEL:1007", "END:VCARD")
	}
	long := strings.Repeat("x", longestLine+100)
	for _, c := range []struct {
		name  string
		lines []string
		names string
		wrong string
	}{
		{"nothing", append(card("A"), card("B")...), "A B", ""},
		{
			"an end that is missing", append([]string{"BEGIN:VCARD", "FN:A", "TEL:1"}, card("B")...), "B A",
			"contact-card-unfinished 1",
		},
		{
			"all ends",
			[]string{"BEGIN:VCARD", "FN:A", "TEL:1", "BEGIN:VCARD", "FN:B", "TEL:2", "BEGIN:VCARD", "FN:C", "TEL:3"},
			"C B A",
			"contact-card-unfinished 7|contact-card-unfinished 4|contact-card-unfinished 1",
		},
		{"cut within a card", []string{"BEGIN:VCARD", "FN:A", "TEL:10", "NOTE:x"}, "A", "contact-card-unfinished 1"},
		{
			"cut before a number",
			[]string{"BEGIN:VCARD", "FN:A"},
			"",
			"contact-card-unfinished 1|contact-without-address 1",
		},
		{"one in another", []string{
			"BEGIN:VCARD", "FN:A", "AGENT:", "BEGIN:VCARD", "FN:B", "TEL:2", "END:VCARD",
			"TEL:1", "END:VCARD",
		}, "B A", ""},
		{"an end too many", append(card("A"), "END:VCARD"), "A", "contact-line-unreadable 5"},
		{"a line without a colon", card("A", "garbage"), "A", "contact-line-unreadable 3"},
		{
			"lines between cards", append(append(card("A"), "X-A:b", ""), card("B")...), "A B",
			"contact-line-unreadable 5",
		},
		{
			"a number that cannot be called", card("A", "TEL:http://x.example", "TEL:"), "A",
			"contact-address-unusable 3",
		},
		{
			"nobody to call",
			[]string{"BEGIN:VCARD", "FN:A", "EMAIL:a@example.com", "END:VCARD"},
			"",
			"contact-without-address 1",
		},
		{"a line without end", card("A", "NOTE:"+long), "A", "contact-line-too-long 3"},
		{"a picture without end", card("A", "PHOTO:"+long), "A", ""},
		{
			"a card without end", card("A", strings.Split(strings.Repeat("NOTE:"+long[:60000]+"\n", 4), "\n")[:4]...),
			"A",
			"contact-card-too-long 5",
		},
		{"a list of others", append(card("A"), card("All", "KIND:group")...), "A", ""},
		{
			"too many numbers", card("A", strings.Split(strings.Repeat("TEL:1\n", 3)+numbers(mostOfOne), "\n")...), "A",
			fmt.Sprintf("contact-too-many-addresses %d|contact-too-many-addresses %d", 5+mostOfOne, 6+mostOfOne),
		},
		{
			"quoted-printable that is cut off",
			[]string{"BEGIN:VCARD", "FN;QUOTED-PRINTABLE:A=", "END:VCARD", "BEGIN:VCARD", "FN:B", "TEL:1", "END:VCARD"},
			"B",
			"contact-without-address 1",
		},
		{
			"deeper than anybody goes", append(strings.Split(strings.Repeat("BEGIN:VCARD\nFN:A\nTEL:1\n", 6), "\n"),
				card("B")...), "A A A B A A A",
			"contact-card-unfinished 1|contact-card-unfinished 4|contact-card-unfinished 7|contact-card-unfinished " +
				"16|contact-card-unfinished 13|contact-card-unfinished 10",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			read, problems := readVCards(t, crlf(c.lines...))
			var names []string
			for _, r := range read {
				names = append(names, r.Name)
			}
			if got := strings.Join(names, " "); got != c.names {
				t.Errorf("read %q, want %q", got, c.names)
			}
			if got := strings.Join(problems, "|"); got != c.wrong {
				t.Errorf("told of %q, want %q", got, c.wrong)
			}
		})
	}
}

// numbers are so many lines with a number each.
func numbers(n int) string {
	var lines []string
	for i := range n {
		lines = append(lines, fmt.Sprintf("TEL:20%02d", i))
	}
	return strings.Join(lines, "\n")
}

// TestProblemsAreCountedAndTheFirstNamed: a file of nothing but faults leaves a list that has an end.
func TestProblemsAreCountedAndTheFirstNamed(t *testing.T) {
	r, err := NewReader(strings.NewReader("BEGIN:VCARD\n"+strings.Repeat("no colon here\n", 5000)), Format{})
	if err != nil {
		t.Fatal(err)
	}
	all(t, r)
	p := r.Unread()
	if p.Count[cause.ContactLineUnreadable] != 5000 || len(p.First) != mostNamed || p.Total() != 5002 {
		t.Errorf("counted %v, named %d", p.Count, len(p.First))
	}
}

// TestVCardsComeBackAsTheyWere: in both versions, and no line is longer than the RFC wants it.
func TestVCardsComeBackAsTheyWere(t *testing.T) {
	for _, c := range written() {
		for _, version := range []Version{VCard3, VCard4} {
			t.Run(string(version)+" "+c.Name, func(t *testing.T) {
				var out bytes.Buffer
				if err := NewVCardWriter(&out, version).Write(c); err != nil {
					t.Fatal(err)
				}
				for line := range strings.SplitSeq(out.String(), "\r\n") {
					if len(line) > 75 || strings.ContainsAny(line, "\r\n") || line != strings.ToValidUTF8(line, "?") {
						t.Errorf("a line of %d octets: %q", len(line), line)
					}
				}
				read, problems := readVCards(t, out.String())
				want := c
				want.ID = 0
				if len(read) != 1 || !reflect.DeepEqual(read[0], want) || problems != nil {
					t.Errorf("came back as %+v %q, was %+v\n%s", read, problems, want, &out)
				}
			})
		}
	}
}

// written are contacts that writers must not spoil.
func written() []Contact {
	return []Contact{
		{Name: "Bob", Addresses: []Address{{"", "1007"}}},
		{
			ID: 9, UID: "urn:uuid:7", Name: "Bob Müller-Lüdenscheidt; der Ältere, Dr.", Favourite: true,
			Organisation: "Müller, Söhne & Co",
			Note:         "a\nb, c; d \\ e\\n \"f\"",
			Addresses:    []Address{{"work", "+49 30 1234567"}, {"work fax", "030 1234568"}},
		},
		{
			Name: "=cmd|' /C calc'!A0", Addresses: []Address{{"-1+1", "+49 170 1234567"}, {"@x", "bob@example.com"}},
			Note: "+evil",
		},
		{Name: "'quoted'", Addresses: []Address{{"'a", "bob@example.com"}}, Note: "'=1"},
		{
			Name:      strings.Repeat("山田👩‍👩‍👧", 12),
			Addresses: []Address{{"Büro, 2. Stock: links", "sip:bob@example.com;transport=tcp"}},
		},
		{Name: "אליס 12", Addresses: []Address{
			{"mobile", "+972 3 123 4567"},
			{"home", "*21#"},
			{"home fax", "12345"},
			{"main", "+49301234567,22"},
		}},
		{Name: "a\"b\"c", Addresses: []Address{{"other", "1"}}, Note: strings.Repeat("long ", 500) + "."},
	}
}

// TestALargeVCardNeedsLittleMemory: 20 MB of cards with pictures are read in bounded memory, and each card.
func TestALargeVCardNeedsLittleMemory(t *testing.T) {
	picture := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xff, 0xd8, 7}, 4000))
	var lines []string
	for rest := picture; rest != ""; {
		n := min(75, len(rest))
		lines = append(lines, " "+rest[:n])
		rest = rest[n:]
	}
	card := "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bob %d\r\nTEL;TYPE=CELL:+49170%07d\r\nPHOTO;ENCODING=b;TYPE=JPEG:\r\n" +
		strings.Join(lines, "\r\n") + "\r\nEND:VCARD\r\n"
	stream := &generated{size: 20 << 20, next: func(i int) string { return fmt.Sprintf(card, i, i) }}
	readsWithin(t, stream, 1<<20)
}
