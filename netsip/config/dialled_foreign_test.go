package config

import "testing"

// TestDialledTextsOfOtherPrograms: what address books, spreadsheets, pages, mails and messages write around a number
// or an address is taken away, and nothing of it is dialled.
//
// Holds: dialled-text
func TestDialledTextsOfOtherPrograms(t *testing.T) {
	const number, bob = "sip:+49301234567@example.com", "sip:bob@example.org"
	for _, test := range []struct{ text, want string }{
		{"TEL;TYPE=work:+49301234567", number},
		{"TEL;TYPE=work,voice;VALUE=uri:tel:+49301234567", number},
		{"item1.TEL:+49301234567", number},
		{"URL:tel:+49301234567", number},
		{"IMPP:sip:bob@example.org", bob},
		{"X-SIP:bob@example.org", bob},
		{"To: \"Bob\" <sip:bob@example.org>", bob},
		{"From: Bob <sip:bob@example.org>;tag=1", bob},
		{"<sip:bob@example.org>;tag=abc", bob},
		{"\"Bob\" <sip:bob@example.org>;expires=3600", bob},
		{"Tel/Fax: +49 30 1234567", number},
		{"Telefon / Fax: +49 30 1234567", number},
		{"T | +49 30 1234567", number},
		{"| +49 30 1234567 |", number},
		{"[T] +49 30 1234567", number},
		{"Call us: +49 30 1234567", number},
		{"تلفن: +49 30 1234567", number},
		{"Điện thoại: +49 30 1234567", number},
		{"*+49 30 1234567*", number},
		{"* +49 30 1234567", number},
		{"> +49 30 1234567", number},
		{"\"+49 30 1234567\";", number},
		{"\"+49 30 1234567", number},
		{"tel:%E2%80%8E+49301234567", number},
		{"ＴＥＬ：＋４９－３０－１２３４５６７", number},
		{"ｂｏｂ＠ｅｘａｍｐｌｅ．ｏｒｇ", bob},
		{"(bob@example.org)", bob},
		{"bob@example.org;", bob},
		{"bob@example.org?", bob},
		{"bob@example.org (work)", bob},
		{"SIP address: bob@example.org", bob},
		{"SIP URI: sip:bob@example.org", bob},
		{"1️⃣1️⃣2️⃣", "sip:112@example.com"},
		{"*️⃣2️⃣1️⃣#️⃣", "sip:*21%23@example.com"},
		{"#31#+49301234567", "sip:%2331%23+49301234567@example.com"},
		{"**62*+49 30 1234567#", "sip:**62*+49301234567%23@example.com"},
		{"Séan O’Brien", "sip:S%C3%A9an%20O%E2%80%99Brien@example.com"},
		{"+ALICE-123.456.78-9", "sip:+ALICE-123.456.78-9@example.com"},
	} {
		if uri, after := reads(t, test.text); uri != test.want || after != "" {
			_, err := ParseDialled(test.text, "example.com")
			t.Errorf("%q: calls %s then %q, want %s (%v)", test.text, uri, after, test.want, err)
		}
	}
	for _, test := range []struct{ text, after string }{
		{"+15554383732;extension=12", ",12"},
		{"+15554383732; ext=12", ",12"},
		{"+15554383732 ; ext=12", ",12"},
		{"TEL;TYPE=work:+1-555-438-3732;ext=12", ",12"},
		{"<tel:+15554383732>;ext=12", ",12"},
	} {
		if uri, after := reads(t, test.text); uri != "sip:+15554383732@example.com" || after != test.after {
			t.Errorf("%q: calls %s then %q", test.text, uri, after)
		}
	}
}
