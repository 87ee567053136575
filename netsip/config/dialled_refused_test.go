package config

import (
	"errors"
	"strings"
	"testing"
)

// TestDialledTextsThatAreRefused: what means two things, or nothing that can be called, is refused in words. What
// could be meant is offered.
//
// Holds: dialled-text
func TestDialledTextsThatAreRefused(t *testing.T) {
	for _, test := range []struct{ text, instead string }{
		{"", ""},
		{"<>", ""},
		{" - ", ""},
		{"+", ""},
		{"()", ""},
		{"\u200b\u200e", ""},
		{"030 1234\n030 5678", ""},
		{"030 1234567\r\nBob", ""},
		{"030 1234\u2028567", ""},
		{"Bob\t030 1234567", ""},
		{"bob@x.com\tb", ""},
		{"030 1234567 / 030 7654321", ""},
		{"030 1234567/8", ""},
		{"1234/5678", ""},
		{"030 1234567 or 030 7654321", ""},
		{"030 1234567 oder 0171 1234567", ""},
		{"030 1234567; 030 7654321", ""},
		{"030 1234567, 030 7654321", ""},
		{"5551234;5555678", ""},
		{"4711;4712", ""},
		{"+49 30 1234567 +49 30 7654321", ""},
		{"+49 30 1234567 0171 1234567", ""},
		{"030 1234567 030 7654321", ""},
		{"030 123 456 089 654 321", ""},
		{"555-1234 555-5678", ""},
		{"0301234567|0307654321", ""},
		{"030 1234567 & 68", ""},
		{"bob@x.com, jim@x.com", ""},
		{"bob@x.com;jim@x.com", ""},
		{"Bob <bob@x.com>, Jim <jim@x.com>", ""},
		{"4.93E+11", ""},
		{"4,93E+11", ""},
		{"4.93E11", ""},
		{"1e+12", ""},
		{"12:30", ""},
		{"tel:12:30", ""},
		{"sip:4.93E+11", ""},
		{"12:30 Uhr", ""},
		{"9.30", ""},
		{"31.12.2024", ""},
		{"12/31/24", ""},
		{"2024-12-31", ""},
		{"192.168.1.10", ""},
		{"2001:db8::1", ""},
		{"https://example.org/030", ""},
		{"www.example.org", ""},
		{"example.org/contact", ""},
		{"ftp://x.com", ""},
		{"mailto:bob@x.com", ""},
		{"sms:+4930123456", ""},
		{"javascript:alert(1)", ""},
		{"€ 12.50", ""},
		{"$1,234.56", ""},
		{"12,50", ""},
		{"1.234,56", ""},
		{"1,234,567", ""},
		{"=A1+B2", ""},
		{"4111 1111 1111 1111", ""},
		{"DE89 3704 0044 0532 0130 00", ""},
		{"please call me back tomorrow", ""},
		{"on request", ""},
		{"call me at 030 1234567 please", "0301234567"},
		{"Kundennummer 0301234567", "0301234567"},
		{"Room 12", ""},
		{"Office 365", "365"},
		{"5 apples", ""},
		{"+1-555-438-3732 x1234", "+15554383732,1234"},
		{"555-1234 ext. 12", "5551234,12"},
		{"030 1234567 Durchwahl 89", "0301234567,89"},
		{"555-1234 #12", "5551234,12"},
		{"030 1234567 (ext 12)", "0301234567,12"},
		{"bob@example.org.", "bob@example.org"},
		{"bob@iñaki.com", "bob@xn--iaki-gqa.com"},
		{"bob@pаypal.com", "bob@xn--pypal-4ve.com"},
		{"bob\r\nRoute: <sip:evil>", ""},
		{"bob\x00", ""},
		{"bob\x1b[2J", ""},
		{"bob%0d%0aRoute: x", ""},
		{"bob\xff", ""},
		{strings.Repeat("1", 2000), ""},
		{"<a href=\"tel:030123456\">030 123456</a>", ""},
		{"[030 123456](tel:030123456)", "030123456"},
		{"030 1234567 (Mo-Fr 9-17)", "0301234567"},
		{"030 1234567 Bob", "0301234567"},
		{"0301234567x89", "0301234567,89"},
		{"5551234p12", "5551234,12"},
		{"+1 405-356-8141 PIN: 123 456 789#", "+14053568141,,123456789#"},
		{"Email: bob@x.com", "bob@x.com"},
		{"WhatsApp: +49 171 1234567", "+491711234567"},
		{"Tel. 030 1234567 Fax 030 1234568", ""},
		{"Tel.:", ""},
		{"☎", ""},
		{"①②③", ""},
		{"0301234567²", ""},
		{"sip:", ""},
		{"sip:@", ""},
		{"bob@", ""},
		{"@x.com", ""},
	} {
		if uri, after := reads(t, test.text); uri != "" {
			t.Errorf("%q: calls %s then %q", test.text, uri, after)
			continue
		}
		_, err := ParseDialled(test.text, "example.com")
		var wrong *TargetError
		if !errors.As(err, &wrong) || wrong.Instead != test.instead {
			t.Errorf("%q: offers %q, want %q (%v)", test.text, wrong.Instead, test.instead, err)
		} else if _, err := ParseDialled(wrong.Instead, "example.com"); wrong.Instead != "" && err != nil {
			t.Errorf("%q: what is offered cannot be called: %v", test.text, err)
		}
	}
}

// TestDialledTextsWithDigitsThatDoNotBelong: digits of notes, ranges, codes and other numbers are never dialled
// together with a number, nor offered so, and letters that were taken for digits call nobody.
//
// Holds: dialled-text
func TestDialledTextsWithDigitsThatDoNotBelong(t *testing.T) {
	for _, test := range []struct{ text, instead string }{
		{"030 1234567 (1)", "0301234567"},
		{"030 1234567 [2]", "0301234567"},
		{"030 1234567 2)", "0301234567"},
		{"030 1234567 (9-17)", "0301234567"},
		{"030 1234567 (24h)", "0301234567"},
		{"030 1234567*", "0301234567"},
		{"030 1234567 24h", ""},
		{"030 1234567 2nd floor", ""},
		{"030 1234567 - 3. OG", ""},
		{"030 1234567, 2. Stock", ""},
		{"030 1234567 <030 7654321>", ""},
		{"101 - 105", ""},
		{"O30 1234567", ""},
		{"+1-555-438-3732#12", "+15554383732,12"},
		{"+15554383732Ext12", "+15554383732,12"},
		{"+15554383732 ext=12", "+15554383732,12"},
		{"+15554383732 PPP12", "+15554383732,12"},
		{"12345 x67", "12345,,67"},
		{"1234 #56", "1234,,56"},
		{"11 x 0", "11,,0"},
		{"030 1234567**", "0301234567"},
		{"1-800-FLOWERS", "18003569377"},
		{"+1 800 FLOWERS", "+18003569377"},
		{"0800 CALLTHEM", "080022558436"},
		{"tel:1-800-flowers", "18003569377"},
		{"+49_30_1234567", "+49301234567"},
		{"+49’30’1234567", "+49301234567"},
		{"\u202e7654321 030", ""},
		{"tel:+49301234567?call", ""},
		{"2024-12-31T10:00:00Z", ""},
		{"192.168.1.10:5060", ""},
		{"sip:[2001:db8::1]", ""},
		{"#REF!", ""},
		{"#NAME?", ""},
		{"#####", ""},
		{"1+2=3", ""},
		{"12,5", ""},
		{"1,2,3,4", ""},
		{"bob@@example.org", ""},
		{"sip:@bob@example.org", ""},
		{"bob@example.org/al@example.org", ""},
		{"Bob bob@example.org", "bob@example.org"},
		{"Bob: bob@example.org", "bob@example.org"},
		{"Bob sip:bob@example.org", "bob@example.org"},
		{strings.Repeat("1234567890", 10), ""},
	} {
		if uri, after := reads(t, test.text); uri != "" {
			t.Errorf("%q: calls %s then %q", test.text, uri, after)
			continue
		}
		_, err := ParseDialled(test.text, "example.com")
		var wrong *TargetError
		if !errors.As(err, &wrong) || wrong.Instead != test.instead {
			t.Errorf("%q: offers %q, want %q (%v)", test.text, wrong.Instead, test.instead, err)
		} else if _, err := ParseDialled(wrong.Instead, "example.com"); wrong.Instead != "" && err != nil {
			t.Errorf("%q: what is offered cannot be called: %v", test.text, err)
		}
	}
}
