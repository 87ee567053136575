package contacts

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// readTable reads a file and returns what could not be read as "kind line".
func readTable(t testing.TB, text string, format Format) (read []Contact, problems []string) {
	t.Helper()
	r, err := NewReader(strings.NewReader(text), format)
	if err != nil {
		t.Fatal(err)
	}
	if _, is := r.(*CSVReader); !is {
		t.Fatalf("is no table: %T", r)
	}
	read = all(t, r)
	for _, p := range r.Unread().First {
		problems = append(problems, fmt.Sprintf("%s %d", p.Kind, p.Count))
	}
	return read, problems
}

// TestTablesOfEveryProgram: columns are known by their headers, in the words of who exported them.
func TestTablesOfEveryProgram(t *testing.T) {
	bob := Contact{Name: "Bob Müller", Addresses: []Address{{"", "+49 170 1234567"}}}
	two := Contact{Name: "Bob Müller", Addresses: []Address{{"work", "+49 30 1234567"}, {"mobile", "+49 170 1234567"}}}
	for _, c := range []struct {
		name, text string
		want       Contact
	}{
		{"plain", "Name,Number\nBob Müller,+49 170 1234567\n", bob},
		{"plain in German", "Name;Telefon\r\nBob Müller;+49 170 1234567\r\n", bob},
		{"the number first", "Phone\tName\nn/a\t\n+49 170 1234567\tBob Müller\n", bob},
		{"without headers", "Bob Müller,+49 170 1234567\n", bob},
		{"without headers, number first", "+49 170 1234567;Bob Müller", bob},
		{"a list of numbers", "+49 170 1234567\n", Contact{Name: "+49 170 1234567", Addresses: bob.Addresses}},
		{
			"name and address", "name,address\nBob Müller,bob@example.com\n",
			Contact{Name: "Bob Müller", Addresses: []Address{{"", "bob@example.com"}}},
		},
		{"a title above", "My contacts\n\nName,Number\nBob Müller,+49 170 1234567\n", bob},
		{"what Excel says", "sep=;\nName;Number\nBob Müller;+49 170 1234567\n", bob},
		{"a bar", "Name|Phone|Notes\nBob Müller|+49 170 1234567|\n", bob},
		{"all in quotes", "\"Name\",\"Phone\"\n\"Bob Müller\",\"+49 170 1234567\"\n", bob},
		{
			"a number that Excel leaves alone", "Name,Phone\nBob Müller,\"=\"\"+49 170 1234567\"\"\"\n",
			Contact{Name: "Bob Müller", Addresses: []Address{{"", "+491701234567"}}},
		},
		{
			"Google", "First Name,Middle Name,Last Name,Organization Name,Birthday,Notes,Labels,E-mail 1 - " +
				"Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Address 1 - " +
				"Street\n" +
				"Bob,,Müller,Example Ltd,1970-01-01,\"a\nb\",* myContacts ::: * " +
				"starred,Work,bob@mail.example,Work,+49 30 1234567,Mobile,+49 170 1234567 ::: 1007,Street 1\n",
			Contact{
				Name: "Bob Müller", Organisation: "Example Ltd", Favourite: true, Note: "a\nb",
				Addresses: append(two.Addresses[:2:2], Address{"mobile", "1007"}),
			},
		},
		{"Google, before", "Name,Given Name,Family Name,Group Membership,Phone 1 - Type,Phone 1 - Value,Phone 2 - " +
			"Type,Phone 2 - Value\n" +
			"Bob Müller,Bob,Müller,* myContacts,Work,+49 30 1234567,Mobile,+49 170 1234567\n", two},
		{"Outlook", "\"Title\",\"First Name\",\"Middle Name\",\"Last Name\",\"Company\",\"Business " +
			"Street\",\"Business Phone\",\"Mobile Phone\",\"Home Phone\",\"E-mail Address\",\"Government ID " +
			"Number\",\"Notes\"\r\n" +
			"\"Dr\",\"Bob\",\"\",\"Müller\",\"\",\"Street 1\",\"+49 30 1234567\",\"+49 170 " +
			"1234567\",\"\",\"bob@mail.example\",\"4711\",\"\"\r\n", two},
		{"Outlook in German", "Anrede;Vorname;Nachname;Firma;Straße geschäftlich;Fax geschäftlich;Telefon " +
			"geschäftlich;Mobiltelefon;Telefon (privat);Notizen\r\n" +
			";Bob;Müller;;Weg 1;;+49 30 1234567;+49 170 1234567;;\r\n", two},
		{"Thunderbird", "First Name,Last Name,Display Name,Nickname,Primary Email,Work Phone,Home Phone,Fax " +
			"Number,Pager Number,Mobile Number,Notes\n" +
			"Bob,Müller,Bob Müller,,bob@mail.example,+49 30 1234567,,,,+49 170 1234567,\n", two},
		{
			"MicroSIP", "Name,Number,First Name,Last Name,Phone,Mobile,Email,Comment,Starred,Info\nBob " +
				"Müller,1007,Bob,Müller,,+49 170 1234567,,hello,1,\n",
			Contact{
				Name: "Bob Müller", Favourite: true, Note: "hello",
				Addresses: []Address{{"", "1007"}, {"mobile", "+49 170 1234567"}},
			},
		},
		{
			"extensions", "Name,Phone,Phone 2\nBob,+1 (555) 010-0123 x45,030 1234567 ext. 12\n",
			Contact{Name: "Bob", Addresses: []Address{{"", "+15550100123,45"}, {"", "0301234567,12"}}},
		},
		{
			"several numbers in a cell", "Name,Phones\nBob,+49 30 1234567; +49 170 1234567 / 1007\n",
			Contact{Name: "Bob", Addresses: []Address{{"", "+49 30 1234567"}, {"", "+49 170 1234567"}, {"", "1007"}}},
		},
		{
			"a firm", "Company;Business Fax\nExample Ltd;030 1234567\n",
			Contact{
				Name: "Example Ltd", Organisation: "Example Ltd",
				Addresses: []Address{{"work fax", "030 1234567"}},
			},
		},
		{
			"SIP", "Name,SIP URI,E-mail\nBob,sip:bob@example.com,bob@mail.example\n",
			Contact{Name: "Bob", Addresses: []Address{{"", "bob@example.com"}}},
		},
		{
			"a formula that was guarded", "Name,Number\n'=Bob,1007\n",
			Contact{Name: "=Bob", Addresses: []Address{{"", "1007"}}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			read, problems := readTable(t, c.text, Format{})
			if len(read) != 1 || !reflect.DeepEqual(read[0], c.want) {
				t.Errorf("read %+v, want %+v; %q", read, c.want, problems)
			}
		})
	}
}

// TestColumnsInTheLanguagesOfOutlook, and of telephones: each number has the label that its header says.
func TestColumnsInTheLanguagesOfOutlook(t *testing.T) {
	for name, headers := range map[string]string{
		"German":       "Vorname,Nachname,Diensttelefon,Telefon (privat),Mobiltelefon,Straße geschäftlich",
		"French":       "Prénom,Nom,Téléphone (bureau),Téléphone personnel,Tél. mobile,Adresse de messagerie",
		"Spanish":      "Nombre,Apellidos,Teléfono del trabajo,Particular: teléfono,Móvil,Código postal",
		"Italian":      "Nome,Cognome,Ufficio,Abitazione,Cellulare,Via",
		"Portuguese":   "Nome,Apelido,Telefone comercial,Telefone da residência,Telemóvel,Rua",
		"Dutch":        "Voornaam,Achternaam,Telefoon op werk,Telefoon thuis,Mobiele telefoon,Straat",
		"Polish":       "Imię,Nazwisko,Telefon służbowy,Telefon domowy,Telefon komórkowy,Ulica",
		"Swedish":      "Förnamn,Efternamn,\"Telefon, arbete\",\"Telefon, hem\",Mobiltelefon,Gata",
		"Danish":       "Fornavn,Efternavn,Telefon arbejde,Telefon hjem,Mobil,Gade",
		"Turkish":      "Ad,Soyad,İş telefonu,Ev telefonu,Cep telefonu,Sokak",
		"Russian":      "Имя,Фамилия,Рабочий телефон,Домашний телефон,Телефон переносной,Улица",
		"Japanese":     "名,姓,勤務先 電話,自宅 電話,携帯電話,住所",
		"a telephone":  "first name,last name,work,home,mobile,ring",
		"another's":    "FirstName,LastName,BusinessPhone,HomePhone,Mobile2,Email",
		"underscores":  "first_name,last_name,office_number,home_number,mobile_number,line",
		"with a caret": "First Name^Last Name^Work Phone^Home Phone^Mobile^Street",
	} {
		t.Run(name, func(t *testing.T) {
			text := headers + "\nBob,Müller,+49 30 1234567,+49 30 7654321,+49 170 1234567,Ring 7\n"
			if strings.Contains(headers, "^") {
				text = strings.ReplaceAll(text, ",", "^")
			}
			want := Contact{Name: "Bob Müller", Addresses: []Address{
				{"work", "+49 30 1234567"}, {"home", "+49 30 7654321"}, {"mobile", "+49 170 1234567"},
			}}
			read, problems := readTable(t, text, Format{})
			if len(read) != 1 || !reflect.DeepEqual(read[0], want) || len(problems) > 0 {
				t.Errorf("read %+v, want %+v; %q", read, want, problems)
			}
		})
	}
}

// TestAColumnThatMayHaveNumbers, by a label alone, has them where they are nothing else.
func TestAColumnThatMayHaveNumbers(t *testing.T) {
	for cell, want := range map[string]int{
		"1007": 2, "+49 (30) 123-45": 2, "٠٣٠١٢٣": 2, "": 1, "B2.13": 1, "Building 1007": 1, "12": 1,
		"room": 1, "http://x/1007": 1,
	} {
		read, problems := readTable(t, "Name,Office,Phone\nBob,"+cell+",4711\n", Format{})
		if len(read) != 1 || len(read[0].Addresses) != want || len(problems) > 0 {
			t.Errorf("%q: read %+v; %q", cell, read, problems)
		}
	}
	if _, err := NewReader(strings.NewReader("City,Work\nBerlin,painter\n"), Format{}); !errors.Is(err, ErrNoColumns) {
		t.Errorf("a table of no contacts: %v", err)
	}
}

// TestTablesInEveryCodePage: found out, or named.
func TestTablesInEveryCodePage(t *testing.T) {
	text := "Name;Telefon\r\nMüller;1007\r\n"
	russian := encoded(charmap.Windows1251.NewEncoder().String("Имя;Телефон\r\nБорис;1007\r\n"))
	for _, c := range []struct {
		name, text string
		format     Format
		want       string
	}{
		{"UTF-8", text, Format{}, "Müller"},
		{"UTF-8 with a mark", "\ufeff" + text, Format{}, "Müller"},
		{
			"UTF-16 little", encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)),
			Format{},
			"Müller",
		},
		{
			"UTF-16 big", encoded(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)),
			Format{},
			"Müller",
		},
		{"UTF-16 without a mark", encoded(unicode.UTF16(unicode.LittleEndian,
			unicode.IgnoreBOM).NewEncoder().String(text)), Format{}, "Müller"},
		{"Windows-1252", encoded(charmap.Windows1252.NewEncoder().String(text)), Format{}, "Müller"},
		{
			"Windows-1252 with its own signs",
			encoded(charmap.Windows1252.NewEncoder().String(strings.Replace(text, "Müller", "„Ö€“", 1))),
			Format{},
			"„Ö€“",
		},
		{"Windows-1251 that is named", russian, Format{CodePage: "windows-1251"}, "Борис"},
		{
			"KOI8-R that is named", encoded(charmap.KOI8R.NewEncoder().String("Имя;Телефон\r\nБорис;1007\r\n")),
			Format{CodePage: "koi8-r"},
			"Борис",
		},
		{
			"UTF-16 that is named",
			encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)),
			Format{CodePage: "utf-16le"},
			"Müller",
		},
		{"a delimiter that is named", "Name:Phone\nMüller:1007\n", Format{Delimiter: ':'}, "Müller"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if read, problems := readTable(t, c.text, c.format); len(read) != 1 || read[0].Name != c.want ||
				problems != nil {
				t.Errorf("read %+v, %q", read, problems)
			}
		})
	}
}

// TestWhatIsWrongInATableIsNamedByItsLine: a row that is spoilt spoils no other.
func TestWhatIsWrongInATableIsNamedByItsLine(t *testing.T) {
	for _, c := range []struct{ name, text, names, wrong string }{
		{"nothing", "Name,Number\nA,1\nB,2\n", "A B", ""},
		{"empty rows", "\n\nName,Number\n\nA,1\n,\n\nB,2\n\n", "A B", ""},
		{"no last line end", "Name,Number\nA,1\nB,2", "A B", ""},
		{
			"a quote without end", "Name,Number\n\"A,1\nB,2\nC,3\n", "B C",
			"contact-quote-open 2|contact-without-address 2",
		},
		{"a quote within a field", "Name,Number\n5\" A,1\nB,2\n", "5\" A B", ""},
		{
			"a row over several lines", "Name,Number,Note\nA,1,\"x\ny\nz\"\nB,nothing there,\nC,3,\n", "A C",
			"contact-address-unusable 5|contact-without-address 5",
		},
		{"too few fields", "Name,Note,Number\nA\nB,,2\n", "B", "contact-without-address 2"},
		{"too many fields", "Name,Number\nA,1,2,3,4\nB,2\n", "A B", ""},
		{"no number", "Name,Number\nA,\nB,-\nC,3\n", "C", "contact-without-address 2|contact-without-address 3"},
		{
			"a number that Excel made a sum of", "Name,Number\nA,\"4,93012E+11\"\nB,2\n", "B",
			"contact-address-unusable 2|contact-without-address 2",
		},
		{"zeros", "Name,Number\nA\x00,1\x00\nB,2\n", "A B", ""},
		{
			"a line without end", "Name,Number\nA,1," + strings.Repeat("x", longestLine) + "\nB,2\n", "A B",
			"contact-line-too-long 2",
		},
		{"fields without end", "Name,Number\nA,1" + strings.Repeat(",", 9000) + "\nB,2\n", "A B", ""},
		{"quotes that never end", "Name,Number\n" + strings.Repeat("\"a,1\n", 300) + "B,2\n", "B", ""},
		{"a title above", "My contacts\nName,Number\nA,1\n", "A", "contact-line-unreadable 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			read, problems := readTable(t, c.text, Format{})
			var names []string
			for _, r := range read {
				names = append(names, r.Name)
			}
			if got := strings.Join(names, " "); got != c.names &&
				!(c.name == "quotes that never end" && strings.HasSuffix(got, c.names)) {
				t.Errorf("read %q, want %q", got, c.names)
			}
			if got := strings.Join(problems, "|"); got != c.wrong && c.name != "quotes that never end" {
				t.Errorf("told of %q, want %q", got, c.wrong)
			}
		})
	}
}

// TestWhatIsNoTableOfContactsIsRefused: before anything is read of it.
func TestWhatIsNoTableOfContactsIsRefused(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"nothing", ""},
		{"blanks", "\n \n\t\n"},
		{"words", "Dear all,\nhow are you?\n"},
		{"no column to call", "Name,E-mail,Street\nBob,x,y\n"},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00"},
		{"a program", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"},
		{"a page", "<html><body>Hello</body></html>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := NewReader(strings.NewReader(c.text), Format{}); !errors.Is(err, ErrNoColumns) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := NewReader(strings.NewReader("a,b"), Format{Delimiter: '"'}); err == nil {
		t.Error("a quote parts fields")
	}
}

// TestTablesComeBackAsTheyWere: what a program for tables would run as a formula does not begin as one.
func TestTablesComeBackAsTheyWere(t *testing.T) {
	for _, c := range written() {
		t.Run(c.Name, func(t *testing.T) {
			var out bytes.Buffer
			w, err := NewCSVWriter(&out, len(c.Addresses))
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(c); err != nil {
				t.Fatal(err)
			}
			for _, cell := range []string{"\n=", ",=", "\"=", "\n@", ",@", ",+e", ",-1"} {
				if strings.Contains(out.String(), cell) {
					t.Errorf("a cell is a formula: %q in %s", cell, &out)
				}
			}
			read, problems := readTable(t, out.String(), Format{})
			want := c
			want.ID = 0
			if len(read) != 1 || !reflect.DeepEqual(read[0], want) || problems != nil {
				t.Errorf("came back as %+v %q, was %+v\n%s", read, problems, want, &out)
			}
		})
	}
}

// TestALargeTableNeedsLittleMemory: 20 MB of rows, and one quote that does not end.
func TestALargeTableNeedsLittleMemory(t *testing.T) {
	head := "Name;Telefon;Notizen\n"
	row := "Bob %d;+49170%07d;\"" + strings.Repeat("note ", 400) + "\n\"\n"
	stream := &generated{
		size: 20<<20 - len(head), next: func(i int) string { return fmt.Sprintf(row, i, i) },
		text: head,
	}
	readsWithin(t, stream, 1<<20)
}

// TestNoCellIsAFormula: whatever a contact is called; and it comes back as it was. A number stays as others read it.
func TestNoCellIsAFormula(t *testing.T) {
	for _, name := range []string{
		"=cmd|' /C calc'!A0", "+SUM(A1)", "-1+1", "@SUM(1)", "＝1＋1", "＠x", "＋1", "－1", "'=1", "''", "=", "+1x",
	} {
		var b bytes.Buffer
		w, err := NewCSVWriter(&b, 1)
		if err == nil {
			err = w.Write(Contact{Name: name, Addresses: []Address{{"", "1007"}}})
		}
		if err != nil {
			t.Fatal(err)
		}
		_, row, _ := strings.Cut(b.String(), "\r\n")
		if !strings.HasPrefix(row, "'") {
			t.Errorf("%q is written %q", name, row)
		}
		if read, problems := readTable(t, b.String(), Format{}); len(read) != 1 || read[0].Name != name {
			t.Errorf("%q comes back %+v; %q", name, read, problems)
		}
	}
	for _, s := range []string{"", "Bob", "+49 30 123", "+49 (30) 123-45", "1-2", "a=b"} {
		if got := Guarded(s); got != s {
			t.Errorf("%q is written %q", s, got)
		}
	}
}
