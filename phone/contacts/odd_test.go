package contacts

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// namesOf are those of contacts.
func namesOf(read []Contact) string {
	var names []string
	for _, c := range read {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

// TestARowGoesOverLinesWhereItsQuotesAreRight: the longest note comes back as it was written, and a quote without an
// end takes no row with it, whatever quotes the rows behind it have.
func TestARowGoesOverLinesWhereItsQuotesAreRight(t *testing.T) {
	for _, note := range []string{
		strings.Repeat("a\n", 100) + "b", strings.Repeat("\"\n", 1999) + "\"", strings.Repeat("ü\n", 1999) + "ü",
		strings.Repeat("👩\n", 1999) + "\"", "a\n\n\"\"\n,\"b\",\n\nc",
	} {
		c := Contact{
			Name: strings.Repeat("\"", 200), Organisation: strings.Repeat("木", 200), Note: note,
			Addresses: []Address{{"work", "1007"}},
		}
		for _, form := range []Form{FormCSV, FormVCard3, FormVCard4} {
			var b bytes.Buffer
			if err := WriteAll(&b, form, []Contact{c, {Name: "B", Addresses: []Address{{"", "2"}}}}); err != nil {
				t.Fatal(err)
			}
			r, err := NewReader(&b, Format{})
			if err != nil {
				t.Fatal(err)
			}
			read := all(t, r)
			if len(read) != 2 || !reflect.DeepEqual(read[0], c) || r.Unread().Total() > 0 {
				t.Errorf("%s: %d lines come back as %d contacts: %v", form, strings.Count(note, "\n")+1, len(read),
					r.Unread().First)
			}
		}
	}
	for _, c := range []struct{ name, rows, names string }{
		{"a field in quotes behind", "\"A,1,x\nB,2,\"x\"\nC,3,x\n", "B C"},
		{"several", "\"A,1,x\nB,2,x\n\"C\",3,\"x\"\nD,4,\"\"\n", "B C D"},
		{"a note over lines behind", "\"A,1,x\nB,2,\"x\ny\"\nC,3,x\n", "B C"},
		{"another without an end", "\"A,1,x\nB,2,x\n\"C,3,x\nD,4,x\n", "B D"},
		{"its end is right", "\"A\nA\",1,x\nB,2,\"x\n\" \nC,3,\"\n\"\n", "A A B C"},
	} {
		if read, problems := readTable(t, "Name,Number,Note\n"+c.rows, Format{}); namesOf(read) != c.names {
			t.Errorf("%s: read %q; %q", c.name, namesOf(read), problems)
		}
	}
}

// TestAnythingThatIsNoTextPartsFields: found out where programs use it by themselves, or told.
func TestAnythingThatIsNoTextPartsFields(t *testing.T) {
	rows := "Name,Phone,Note\nMüller,+49 30 1,\"a,b\nc\"\nMeier,1007,\n"
	for _, r := range delimiters {
		text := strings.ReplaceAll(rows, ",", string(r))
		for _, text := range []string{text, "sep=" + string(r) + "\r\n" + text} {
			if read, problems := readTable(t, text, Format{}); namesOf(read) != "Müller Meier" || problems != nil ||
				read[0].Note != "a"+string(r)+"b\nc" && r > ' ' {
				t.Errorf("%q: %+v, %q", r, read, problems)
			}
		}
	}
	for _, r := range ":#!$%&*/=@_·•‖、€→\x02\x1e" {
		text := strings.ReplaceAll(rows, ",", string(r))
		if read, problems := readTable(t, text, Format{Delimiter: r}); namesOf(read) != "Müller Meier" {
			t.Errorf("%q told: %+v, %q", r, read, problems)
		}
	}
	for _, r := range "\"\n\r ax7ü山٣\u0301\ufeff\ufffd" {
		if _, err := NewReader(strings.NewReader(rows), Format{Delimiter: r}); err == nil {
			t.Errorf("%q parts fields", r)
		}
	}
}

// TestCellsOfOtherProgramsAreReadAsTheyWereMeant: what is no number makes no address, and what was one stays it.
func TestCellsOfOtherProgramsAreReadAsTheyWereMeant(t *testing.T) {
	for cell, want := range map[string]string{
		"NULL": "", "(null)": "", `\N`: "", "nan": "", "None": "", "#N/A": "", "n/a": "", "#REF!": "", "undefined": "",
		"491701234567.0": "491701234567", "+491701234567.0": "+491701234567",
		"4.91701E+11": "", "4.9170123456789E+11": "",
		"4,91701E+11": "", "030.1234567": "030.1234567", "555.0": "", "#1007": "#1007", "1007": "1007",
		"nana": "nana", "none@example.com": "none@example.com", "'+49 30 1": "+49 30 1", "\u200e1007\u200e": "1007",
	} {
		read, problems := readTable(t, "Name,Phone,SIP\nBob,\""+cell+"\",2\nCarol,3,\n", Format{})
		got := ""
		if len(read) > 0 && len(read[0].Addresses) > 1 {
			got = read[0].Addresses[0].Text
		}
		if len(read) != 2 || got != want {
			t.Errorf("%q is read as %q: %+v; %q", cell, got, read, problems)
		}
	}
}

// TestNamesAreFoundThoughNobodyKnowsTheLanguage of the headers: the first column of words has them, unless its header
// says that it has something else.
func TestNamesAreFoundThoughNobodyKnowsTheLanguage(t *testing.T) {
	for _, c := range []struct{ header, row, name string }{
		{"Név;Telefonszám", "Kovács Éva;+36 1 234 5678", "Kovács Éva"},
		{"Vezetéknév;Keresztnév;Mobil", "Kovács;Éva;+36 1 234 5678", "Éva Kovács"},
		{"Pre\u0301nom;Nom;Te\u0301le\u0301phone", "Anne;Roux;+33 1 23 45 67 89", "Anne Roux"},
		{"Ｎａｍｅ；Ｐｈｏｎｅ", "山田；+81 3 1234 5678", "山田"},
		{"Nume;Prenume;Telefon", "Popescu;Ion;+40 21 123 4567", "Ion Popescu"},
		{"Ime;Prezime;Mobitel", "Ana;Horvat;+385 1 234 5678", "Ana Horvat"},
		{"Ім'я;Прізвище;Телефон", "Олена;Шевченко;+380 44 123 4567", "Олена Шевченко"},
		{"Όνομα;Επώνυμο;Κινητό", "Νίκος;Παππάς;+30 21 0123 4567", "Νίκος Παππάς"},
		{"שם;נייד", "דוד;+972 3 123 4567", "דוד"},
		{"الاسم;الجوال", "أمل;+971 4 123 4567", "أمل"},
		{"ชื่อ;โทรศัพท์", "สมชาย;+66 2 123 4567", "สมชาย"},
		{"Tên;Điện thoại", "Nguyễn An;+84 24 1234 567", "Nguyễn An"},
		{"नाम;मोबाइल", "राम;+91 11 1234 5678", "राम"},
		{"Izena;Telefono", "Ane;+34 943 123 456", "Ane"},             // Basque
		{"Jina;Simu", "Asha;+255 22 123 4567", "Asha"},               // Swahili
		{"E-mail;Ainm;Phone", "a@b.c;Aoife;+353 1 234 567", "Aoife"}, // Irish
		{"Nr;City;Phone", "1;Berlin;+49 30 1234567", "+49 30 1234567"},
		{"Enw;Phone", "B2;+44 20 1234 5678", "+44 20 1234 5678"},
	} {
		read, problems := readTable(t, c.header+"\n"+c.row+"\n", Format{})
		if len(read) != 1 || read[0].Name != c.name || len(read[0].Addresses) != 1 {
			t.Errorf("%s: %+v; %q", c.header, read, problems)
		}
	}
}

// TestATextIsDecodedOnce: of a file that is decoded as a whole, no value is decoded again for what its property says of
// itself, save octets that are written as such.
func TestATextIsDecodedOnce(t *testing.T) {
	card := func(fn string) string { return crlf("BEGIN:VCARD", "VERSION:2.1", fn, "TEL:1007", "END:VCARD") }
	utf16 := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()
	sjis := japanese.ShiftJIS.NewEncoder()
	for _, c := range []struct{ name, text, codePage, want string }{
		{"UTF-16 that says Latin", encoded(utf16.String(card("FN;CHARSET=ISO-8859-1:Müller"))), "", "Müller"},
		{"UTF-16 that says UTF-16", encoded(utf16.String(card("FN;CHARSET=UTF-16:Müller"))), "", "Müller"},
		{
			"UTF-16 with octets in Latin",
			encoded(utf16.String(card("FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller"))), "", "Müller",
		},
		{"Shift JIS, named twice", encoded(sjis.String(card("FN;CHARSET=SHIFT_JIS:山田ソ"))), "shift_jis", "山田ソ"},
		{"octets in the file's", card("FN;ENCODING=QUOTED-PRINTABLE:=8E=52=93=63"), "shift_jis", "山田"},
		{"octets in their own", card("FN;CHARSET=UTF-8;QUOTED-PRINTABLE:M=C3=BCller"), "shift_jis", "Müller"},
		{"octets in UTF-8", card("FN;QUOTED-PRINTABLE:M=C3=BCller"), "shift_jis", "Müller"},
		{"octets in base64", card("FN;ENCODING=BASE64:jlKTYw=="), "shift_jis", "山田"},
	} {
		r, err := NewReader(strings.NewReader(c.text), Format{CodePage: c.codePage})
		if err != nil {
			t.Fatal(err)
		}
		if read := all(t, r); namesOf(read) != c.want {
			t.Errorf("%s: read %q", c.name, namesOf(read))
		}
	}
}

// TestUTF16IsKnownWithoutAMark in any letters.
func TestUTF16IsKnownWithoutAMark(t *testing.T) {
	for _, text := range []string{
		"名前,電話\r\n山田　太郎,1007\r\n", "Имя;Телефон\r\nБорис;1007\r\n", "姓名\t电话\r\n王小明王小明王小明\t1007\r\n",
		"Name,Phone\nBob,1007\n",
	} {
		for _, e := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
			in := encoded(unicode.UTF16(e, unicode.IgnoreBOM).NewEncoder().String(text))
			if read, problems := readTable(t, in, Format{}); len(read) != 1 || !strings.Contains(text, read[0].Name) &&
				read[0].Name != "山田 太郎" {
				t.Errorf("%q: %+v; %q", text, read, problems)
			}
		}
	}
}

// TestATableMaySpeakOfVCards, and before the first card there may be something else.
func TestATableMaySpeakOfVCards(t *testing.T) {
	read, _ := readTable(t, "Name,Number,Note\nA,1,begins with BEGIN:VCARD\nB,2,\n", Format{})
	if namesOf(read) != "A B" {
		t.Errorf("read %q", namesOf(read))
	}
	for _, before := range []string{"", "\ufeff", "\r\n\r\n", "Content-Type: text/vcard\r\n\r\n", " \t", "\r"} {
		if read, _ := readVCards(t, before+"begin:vcard\r\nFN:A\r\nTEL:1\r\nEND:VCARD"); namesOf(read) != "A" {
			t.Errorf("behind %q: %q", before, namesOf(read))
		}
	}
}

// TestManyOfOneNameAreAllKept: none of their numbers is lost where one contact has no room for all, and they are there
// the second time.
func TestManyOfOneNameAreAllKept(t *testing.T) {
	const many = 8 * mostOfOne
	var rows strings.Builder
	for i := range many {
		fmt.Fprintf(&rows, "Bob,%d,note %d\n", 100000+i, i)
	}
	full := somebody(1, "Bob")
	for i := range mostOfOne {
		full.Addresses = append(full.Addresses, Address{Text: fmt.Sprint(200000 + i)})
	}
	over := full
	over.Addresses = append(slices.Clone(full.Addresses), Address{Text: "300000"})
	for name, kept := range map[string][]Contact{
		"nobody": nil, "one with room": {somebody(1, "Bob", "1")}, "one that is full": {full}, "more than full": {over},
	} {
		t.Run(name, func(t *testing.T) {
			kept := slices.Clone(kept)
			has := map[string]bool{}
			for c := range preview(t, "Name,Number,Note\n"+rows.String(), kept...).Changes() {
				if len(c.Addresses) > mostOfOne || c.ID > 1 {
					t.Fatalf("%d with %d numbers", c.ID, len(c.Addresses))
				}
				if c.ID == 1 {
					kept[0] = c
				} else {
					c.ID = int64(len(kept) + 2)
					kept = append(kept, c)
				}
			}
			for _, c := range kept {
				for _, a := range c.Addresses {
					has[a.Text] = true
				}
			}
			for i := range many {
				if !has[fmt.Sprint(100000+i)] {
					t.Fatalf("number %d is lost", i)
				}
			}
			for c := range preview(t, "Name,Number,Note\n"+rows.String(), kept...).Changes() {
				t.Fatalf("the second time it changes %s", told(c))
			}
		})
	}
}

// TestWhatIsLeftOutAndKeptApartIsLeftOut, with others that were to be joined with it.
func TestWhatIsLeftOutAndKeptApartIsLeftOut(t *testing.T) {
	p := preview(t, "Name,Number,UID\nBob,2,u\nRobert,3,u\nBob,4,\n", somebody(7, "Bob", "1"))
	p.Items[0].Skip, p.Items[0].Apart = true, true
	for c := range p.Changes() {
		if strings.Contains(told(c), " 2") {
			t.Errorf("%s", told(c))
		}
	}
}

// TestChainsOfContactsAreFollowed: each is the same as the one before it by its UID, and as the one behind it by its
// name.
func TestChainsOfContactsAreFollowed(t *testing.T) {
	const many = 4_000
	var rows strings.Builder
	for i := range many {
		fmt.Fprintf(&rows, "N%d,1007,u%d\n", (i+1)/2, i/2)
	}
	n := 0
	for range preview(t, "Name,Number,UID\n"+rows.String()).Changes() {
		n++
	}
	if n == 0 || n > many/2 {
		t.Errorf("%d contacts", n)
	}
}
