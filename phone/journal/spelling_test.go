package journal

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// TestNamesAreFoundHoweverTheyAreTyped: without the marks and letters that a keyboard has not, in capitals that are
// those of one language alone, and in the middle of words of scripts that have no blanks.
func TestNamesAreFoundHoweverTheyAreTyped(t *testing.T) {
	j, _ := open(t, t.TempDir())
	all := []string{
		"Straße", "Strasse", "Işık", "İstanbul", "Müller", "Mueller", "Søren", "Łukasz", "Đặng", "Þór", "Ёлкин",
		"Толстой", "Αλέξης", "مُحَمَّد", "محمد", "علی", "देवी", "กิตติ", "田中太郎", "株式会社Acme東京", "タナカ", "김철수",
		"Ａｃｍｅ", "ﬁnn", "Zoe\u0308", "x\u0302y\u0305z",
	}
	for i, name := range all {
		record(t, j, call(name, fmt.Sprint("u", i), noon().Add(-time.Duration(i)*time.Second)))
		keep(t, j, Contact{Name: name, Addresses: addresses(fmt.Sprint("u", i), "")})
	}
	flush(t, j)
	for typed, want := range map[string]string{
		"strasse": "Straße Strasse", "STRASSE": "Straße Strasse", "straße": "Straße Strasse", "stras": "Straße Strasse",
		"isik": "Işık", "ışık": "Işık", "IŞIK": "Işık", "istanbul": "İstanbul", "İST": "İstanbul",
		"muller": "Müller", "mueller": "Müller Mueller", "müller": "Müller Mueller", "MÜLL": "Müller Mueller",
		"soren": "Søren", "soeren": "Søren", "søren": "Søren", "lukasz": "Łukasz", "ŁUK": "Łukasz", "dang": "Đặng",
		"đặng": "Đặng", "thor": "Þór", "елкин": "Ёлкин", "ЁЛК": "Ёлкин", "толстои": "Толстой", "толстой": "Толстой",
		"αλεξης": "Αλέξης", "ΑΛΈΞΗΣ": "Αλέξης", "محمد": "مُحَمَّد محمد", "مُحَمَّد": "مُحَمَّد محمد", "علي": "علی",
		"देवी": "देवी", "देव": "देवी", "กิตติ": "กิตติ", "กิต": "กิตติ", "ตติ": "กิตติ",
		"田中": "田中太郎", "太郎": "田中太郎", "郎": "田中太郎", "中太郎": "田中太郎", "中郎": "", "東京": "株式会社Acme東京",
		"会社 東京": "株式会社Acme東京", "acme": "株式会社Acme東京 Ａｃｍｅ", "ﾀﾅｶ": "タナカ", "ナカ": "タナカ", "철수": "김철수",
		"finn": "ﬁnn", "zoe": "Zoe\u0308", "zoë": "Zoe\u0308",
		"xyz": "x\u0302y\u0305z", "x\u0302y\u0305z": "x\u0302y\u0305z",
		"\u0301": "", "\u0e34": "", "nobody": "", "ß": "",
	} {
		if got := names(t, j, CallQuery{Text: typed}); got != want {
			t.Errorf("%q finds the calls %q, want %q", typed, got, want)
		}
		found, _, err := j.Contacts(t.Context(), ContactQuery{Text: typed})
		if n := len(strings.Fields(want)); err != nil || len(found) != n {
			t.Errorf("%q finds %d contacts, want %q; %v", typed, len(found), want, err)
		}
	}
	if like, err := j.Alike(t.Context(), "กิตติ (mobile)"); !like || err != nil {
		t.Errorf("a name in Thai is like none: %v", err)
	}
	sound(t, j)
}

// TestNotesAndMessagesAreFoundHoweverTheyAreTyped: as the note is now, and not as it was.
func TestNotesAndMessagesAreFoundHoweverTheyAreTyped(t *testing.T) {
	j, _ := open(t, t.TempDir())
	id := record(t, j, call("Bob", "4711", noon()))
	flush(t, j)
	for _, note := range []string{"会議は明日", "Größe prüfen", ""} {
		if err := j.SetNote(t.Context(), id, note); err != nil {
			t.Fatal(err)
		}
		for typed, is := range map[string]bool{"明日": note == "会議は明日", "groesse": note == "Größe prüfen", "711": true} {
			if got := names(t, j, CallQuery{Text: typed}) != ""; got != is {
				t.Errorf("with the note %q, %q finds it: %t", note, typed, got)
			}
		}
	}
	if err := j.SetNote(t.Context(), id+1, "x"); !errors.Is(err, ErrNoRow) {
		t.Errorf("the note of no call: %v", err)
	}
	text := strings.Repeat("漢字", longestText)
	if _, err := j.AddMessage(Message{Address: "bob", Text: "請明天打電話給我", At: noon()}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := j.AddMessage(Message{Address: "bob", Text: text, At: noon().Add(time.Second)}, nil); err != nil {
		t.Fatal(err)
	}
	flush(t, j)
	found, _, err := j.Messages(t.Context(), MessageQuery{Text: "電話"})
	if err != nil || len(found) != 1 {
		t.Errorf("%d messages, %v", len(found), err)
	}
	sound(t, j)
}

// TestNumbersAreFoundWithoutTheirTrunk: the (0) that is written and not dialled.
func TestNumbersAreFoundWithoutTheirTrunk(t *testing.T) {
	j, _ := open(t, t.TempDir())
	keep(t, j, Contact{Name: "written", Addresses: addresses("+49 (0)30 12345", "")})
	keep(t, j, Contact{Name: "plain", Addresses: addresses("0049 30 12399", "")})
	keep(t, j, Contact{Name: "Rome", Addresses: addresses("+39 (0)6 98765", "")})
	for typed, want := range map[string]int{
		"+49 (0)30-12": 2, "0049 (0) 30 123": 2, "+49 (0) 30": 2, "004930 12345": 1, "030 123": 2, "(030) 12345": 1,
		"٠٣٠ ١٢٣": 2, "12345": 1, "+39 06 98": 1, "+39 (0)6 98": 1, "+39 6 98": 0,
	} {
		found, _, err := j.Contacts(t.Context(), ContactQuery{Text: typed})
		if err != nil || len(found) != want {
			t.Errorf("%q finds %d, want %d; %v", typed, len(found), want, err)
		}
	}
}

// TestNoCharacterBreaksASearch: whatever part of a word it is taken for, here or in the index.
func TestNoCharacterBreaksASearch(t *testing.T) {
	j, _ := open(t, t.TempDir())
	record(t, j, call("Bob", "bob", noon()))
	flush(t, j)
	db, err := j.reading(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	try := func(r rune) {
		asked++
		match, ok := matching("a"+string(r)+"b "+string(r)+"c", "name note")
		if !ok {
			t.Fatalf("%U: nothing is asked for", r)
		}
		var n int
		if err := db.QueryRow("SELECT count(*) FROM calls_text WHERE calls_text MATCH ?", match).Scan(&n); err != nil {
			t.Errorf("%U: %v", r, err)
		}
	}
	for _, table := range unicode.Categories { // a character of each row of Unicode, the marks all
		for _, r16 := range table.R16 {
			try(rune(r16.Lo))
		}
		for _, r32 := range table.R32 {
			try(rune(r32.Lo))
		}
	}
	for r := rune(0x19b0); r <= 0x19c9; r++ { // which have become letters since the index's Unicode
		try(r)
	}
	if asked < 3000 || !utf8.ValidRune(unicode.MaxRune) {
		t.Errorf("%d were asked for", asked)
	}
}

// TestRowsOfAnOlderFileAreSpeltAnew: those that were written before the index had other spellings.
func TestRowsOfAnOlderFileAreSpeltAnew(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir)
	record(t, j, call("Bob", "4711", noon()))
	record(t, j, call("田中太郎", "4712", noon().Add(time.Second)))
	keep(t, j, Contact{Name: "Straße", Addresses: addresses("+49 (0)30 12345", "")})
	for i := range 1200 {
		record(t, j, call("Ёлкин", fmt.Sprint(100000+i), noon().Add(-time.Duration(i)*time.Second)))
		if i%500 == 0 {
			flush(t, j) // what waits is bounded
		}
	}
	if _, err := j.AddMessage(Message{Address: "bob", Text: "請打電話", At: noon()}, nil); err != nil {
		t.Fatal(err)
	}
	flush(t, j)
	j.Close()
	ask(t, j.path(), "UPDATE calls SET digits = address", "UPDATE contacts SET digits = '49030'",
		"UPDATE messages SET digits = ''", "PRAGMA user_version = 5")
	j, s := open(t, dir)
	flush(t, j)
	if len(s.faults()) > 0 {
		t.Fatalf("told %v", s.trouble)
	}
	if got := names(t, j, CallQuery{Text: "太郎"}); got != "田中太郎" {
		t.Errorf("calls %q", got)
	}
	oldest := noon().Add(-1199 * time.Second).UnixMicro()
	old, _, err := j.Calls(t.Context(), CallQuery{Text: "елкин", Limit: 1, Before: oldest + 1})
	if err != nil || len(old) != 1 {
		t.Errorf("the oldest of many: %d, %v", len(old), err)
	}
	for _, typed := range []string{"strasse", "+4930123"} {
		if found, _, err := j.Contacts(t.Context(), ContactQuery{Text: typed}); err != nil || len(found) != 1 {
			t.Errorf("%q finds %d contacts, %v", typed, len(found), err)
		}
	}
	if found, _, err := j.Messages(t.Context(), MessageQuery{Text: "電話"}); err != nil || len(found) != 1 {
		t.Errorf("%d messages, %v", len(found), err)
	}
	sound(t, j)
}
