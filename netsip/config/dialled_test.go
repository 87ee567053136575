package config

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"unicode"
)

// reads tells what ParseDialled makes of a text: "" for a refusal with a reason.
func reads(t *testing.T, text string) (uri, after string) {
	t.Helper()
	d, err := ParseDialled(text, "example.com")
	if err != nil {
		var wrong *TargetError
		if !errors.As(err, &wrong) || wrong.Text != text || wrong.Reason == "" || d.URI.User != "" {
			t.Errorf("%q is refused by %v", text, err)
		}
		return "", ""
	}
	if again, err := ParseDialled(d.URI.String(), "elsewhere.example"); err != nil ||
		again.URI.String() != d.URI.String() || again.After != "" {
		t.Errorf("%q: %s is read again as %s, %v", text, d.URI, again.URI, err)
	}
	shown := d.Text("example.com")
	if again, err := ParseDialled(shown, "example.com"); err != nil || again.URI.String() != d.URI.String() ||
		again.After != d.After {
		t.Errorf("%q: shown as %q it is read again as %s then %q, %v", text, shown, again.URI, again.After, err)
	}
	return d.URI.String(), d.After
}

// TestDialledTextsOfTheCases: texts that people have dialled become what they meant, or are refused in words.
//
// Holds: dialled-text
func TestDialledTextsOfTheCases(t *testing.T) {
	data, err := os.ReadFile("../../../shared/cases/dialled.json")
	if err != nil {
		t.Skip("the cases of dialled texts (dialled.json) do not stand beside this checkout")
	}
	var cases []struct {
		Text string
		Want *string
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		uri, after := reads(t, c.Text)
		switch {
		case c.Want == nil:
			if uri != "" {
				t.Errorf("%q: calls %s, want a refusal", c.Text, uri)
			}
		case *c.Want == "any":
			if strings.Contains(uri, "%20") {
				t.Errorf("%q: calls %s", c.Text, uri)
			}
		case *c.Want == "postdial":
			if uri == "" || after == "" || strings.Contains(uri, "37321234@") || strings.Contains(uri, "12341234@") {
				t.Errorf("%q: calls %s, then %q", c.Text, uri, after)
			}
		case uri != *c.Want:
			_, err := ParseDialled(c.Text, "example.com")
			t.Errorf("%q: calls %s, want %s (%v)", c.Text, uri, *c.Want, err)
		}
	}
}

// TestDialledTexts: numbers of every script and shape, with words around them, become the number.
//
// Holds: dialled-text
func TestDialledTexts(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{" bob ", "sip:bob@example.com"},
		{"<sip:bob@x.com>", "sip:bob@x.com"},
		{`"Bob \"B\"" <sip:bob@x.com>`, "sip:bob@x.com"},
		{`"A <b>" <sip:bob@x.com>`, "sip:bob@x.com"},
		{"Bob <+49 30 123456>", "sip:+4930123456@example.com"},
		{"Bob <bob@x.com> (work)", "sip:bob@x.com"},
		{"sip:bob@x.com", "sip:bob@x.com"},
		{"sip://bob@x.com", "sip:bob@x.com"},
		{"sip: bob@x.com", "sip:bob@x.com"},
		{"SIPS:bob@x.com", "sip:bob@x.com"},
		{"SIP:sip:bob@x.com", "sip:sip:bob@x.com"},
		{"sip:0201 12@x.com", "sip:020112@x.com"},
		{"sip:bob", "sip:bob@example.com"},
		{"sip:+49 (0)30 1234567", "sip:+49301234567@example.com"},
		{"tel:+1 (212) 555-1212", "sip:+12125551212@example.com"},
		{"tel:+1%20212%20555%201212", "sip:+12125551212@example.com"},
		{"tel://+12125551212", "sip:+12125551212@example.com"},
		{"tel:7042;phone-context=+1-914-555", "sip:+19145557042@example.com"},
		{"tel:0301234567;isub=12", "sip:0301234567@example.com"},
		{"callto://+492012345", "sip:+492012345@example.com"},
		{"callto:bob@x.com", "sip:bob@x.com"},
		{"+49\u00a0201\u2009/ 123\u201345\u221267", "sip:+492011234567@example.com"},
		{"\u202a+49 201 12345\u202c", "sip:+4920112345@example.com"},
		{"030\u00ad1234\u200b567", "sip:0301234567@example.com"},
		{"+49 (0) 201 12345", "sip:+4920112345@example.com"},
		{"0049 (0) 30 123456", "sip:004930123456@example.com"},
		{"0049 [0]30 123456", "sip:004930123456@example.com"},
		{"(+49) (0)30 123456", "sip:+4930123456@example.com"},
		{"+49（0）30 123456", "sip:+4930123456@example.com"},
		{"+39 (0)6 1234 5678", "sip:+390612345678@example.com"},
		{"(0)30-123456", "sip:030123456@example.com"},
		{"(0201) 123.45", "sip:020112345@example.com"},
		{"030/1234567", "sip:0301234567@example.com"},
		{"+49/30/1234567", "sip:+49301234567@example.com"},
		{"212/555-1234", "sip:2125551234@example.com"},
		{"06.12.34.56.78", "sip:0612345678@example.com"},
		{"020 7946 0000", "sip:02079460000@example.com"},
		{"0800 000 1234", "sip:08000001234@example.com"},
		{"090-1234-5678", "sip:09012345678@example.com"},
		{"０３ー１２３４ー５６７８", "sip:0312345678@example.com"},
		{"०३० १२३४५६", "sip:030123456@example.com"},
		{"๐๒ ๑๒๓ ๔๕๖๗", "sip:021234567@example.com"},
		{"۰۲۱-۱۲۳۴۵۶۷۸", "sip:02112345678@example.com"},
		{"𝟎𝟑𝟎 𝟏𝟐𝟑𝟒𝟓", "sip:03012345@example.com"},
		{"﹢49 30 123456", "sip:+4930123456@example.com"},
		{"⁺49 30 123456", "sip:+4930123456@example.com"},
		{"+ 49 30 123456", "sip:+4930123456@example.com"},
		{"＊21＃", "sip:*21%23@example.com"},
		{"*21*030 1234567#", "sip:*21*0301234567%23@example.com"},
		{"**", "sip:**@example.com"},
		{"030 1234567,", "sip:0301234567@example.com"},
		{"030 1234567;", "sip:0301234567@example.com"},
		{"030 1234567 …", "sip:0301234567@example.com"},
		{"• 030 1234567", "sip:0301234567@example.com"},
		{"- 030 1234567", "sip:0301234567@example.com"},
		{"'0301234567", "sip:0301234567@example.com"},
		{"'030 1234567'", "sip:0301234567@example.com"},
		{`="0301234567"`, "sip:0301234567@example.com"},
		{`"030 1234567",`, "sip:0301234567@example.com"},
		{`"""030 1234567"""`, "sip:0301234567@example.com"},
		{"„030 1234567“", "sip:0301234567@example.com"},
		{"“+49 30 1234567”", "sip:+49301234567@example.com"},
		{"«030 1234567»", "sip:0301234567@example.com"},
		{`"bob@x.com"`, "sip:bob@x.com"},
		{"Tel. +49 30 1234567", "sip:+49301234567@example.com"},
		{"Tel:0301234567", "sip:0301234567@example.com"},
		{"TEL.: (030) 1234567", "sip:0301234567@example.com"},
		{"Phone: +1 212 555 1212", "sip:+12125551212@example.com"},
		{"Telefon 030 1234567", "sip:0301234567@example.com"},
		{"Telefon-Nr.: 030 1234567", "sip:0301234567@example.com"},
		{"Tel. Büro: 030 1234567", "sip:0301234567@example.com"},
		{"Phone (work): 030 1234567", "sip:0301234567@example.com"},
		{"Mobil: 0171 1234567", "sip:01711234567@example.com"},
		{"mobile 0171 1234567", "sip:01711234567@example.com"},
		{"Fax: 030 1234568", "sip:0301234568@example.com"},
		{"T +49 30 1234567", "sip:+49301234567@example.com"},
		{"M: 0171-1234567", "sip:01711234567@example.com"},
		{"📞 030 1234567", "sip:0301234567@example.com"},
		{"☎️ 030 1234567", "sip:0301234567@example.com"},
		{"℡ 030 1234567", "sip:0301234567@example.com"},
		{"電話：03-1234-5678", "sip:0312345678@example.com"},
		{"Тел.: +7 495 123-45-67", "sip:+74951234567@example.com"},
		{"Tel: 112", "sip:112@example.com"},
		{"Tel.: +49 (0)30 / 1234-56 (work)", "sip:+4930123456@example.com"},
		{"030 1234567 (work)", "sip:0301234567@example.com"},
		{"030 1234567 [home]", "sip:0301234567@example.com"},
		{"030 1234567 mobile", "sip:0301234567@example.com"},
		{"030 1234567 - Bob", "sip:0301234567@example.com"},
		{"030 1234567 – Bob B., sales", "sip:0301234567@example.com"},
		{"030 1234567, Bob", "sip:0301234567@example.com"},
		{"030 1234567(Bob's desk)", "sip:0301234567@example.com"},
		{"#21# @ x.com ", "sip:%2321%23@x.com"},
		{"0201 12@x.com", "sip:020112@x.com"},
		{"Bob Smith", "sip:Bob%20Smith@example.com"},
		{"Anna von der Heide", "sip:Anna%20von%20der%20Heide@example.com"},
		{"山田 太郎", "sip:%E5%B1%B1%E7%94%B0%20%E5%A4%AA%E9%83%8E@example.com"},
		{"user name@x.com", "sip:user%20name@x.com"},
		{"iñaki@x.com", "sip:i%C3%B1aki@x.com"},
		{"bob@bücher.example", "sip:bob@xn--bcher-kva.example"},
		{"bob@例え.jp:5070;x=y", "sip:bob@xn--r8jz45g.jp:5070;x=y"},
		{"bob＠x.com", "sip:bob@x.com"},
		{"bob@x.com,", "sip:bob@x.com"},
		{"bob@192.168.1.10", "sip:bob@192.168.1.10"},
		{"bob@x.com;transport=TCP;method=BYE", "sip:bob@x.com;transport=tcp"},
		{"#999/?:1234", "sip:%23999/?:1234@example.com"},
		{"4711abc", "sip:4711abc@example.com"},
		{"%2541", "sip:%2541@example.com"},
		{"bob\r\n", "sip:bob@example.com"},
		{"123456789012345678901234", "sip:123456789012345678901234@example.com"},
	} {
		if uri, after := reads(t, test.text); uri != test.want || after != "" {
			_, err := ParseDialled(test.text, "example.com")
			t.Errorf("%q: calls %s then %q, want %s (%v)", test.text, uri, after, test.want, err)
		}
	}
}

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

// TestDialledHeaders: no text carries a header or a method into the request.
//
// Holds: dialled-headers
func TestDialledHeaders(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"bob?Route=%3Csip:evil%3E", ""},
		{"bob?Route=<sip:x>", ""},
		{"bob@x.com?Route=<sip:x>", ""},
		{"sip:bob@x.com?Route=%3Csip:evil%3E", ""},
		{"<sip:bob@x.com?Subject=x>", ""},
		{"Bob <sip:bob@x.com?Replaces=a>", ""},
		{"sip:bob?Contact=y", ""},
		{"callto:bob?call", ""},
		{"tel:+4930123456?body=x", ""},
		{"bob@x.com>;a=b", ""},
		{"sip:bob@x.com;method=INVITE", "sip:bob@x.com"},
		{"sip:bob%3FRoute=x@x.com", "sip:bob?Route%3Dx@x.com"},
	} {
		if uri, _ := reads(t, test.text); uri != test.want {
			t.Errorf("%q: calls %q, want %q", test.text, uri, test.want)
		}
	}
}

// TestDialledDigitsForAfterTheAnswer: what follows a comma, a semicolon, ext= and postd= is kept for after the answer.
//
// Holds: dialled-text
func TestDialledDigitsForAfterTheAnswer(t *testing.T) {
	for _, test := range []struct{ text, want, after string }{
		{"+1-555-438-3732,1234", "sip:+15554383732@example.com", ",1234"},
		{"+1-555-438-3732, 1234", "sip:+15554383732@example.com", ",1234"},
		{"+15554383732;ext=1234", "sip:+15554383732@example.com", ",1234"},
		{"5551234;1234", "sip:5551234@example.com", ";1234"},
		{"4711,,22", "sip:4711@example.com", ",,22"},
		{"030 1234567,,987 654 321#", "sip:0301234567@example.com", ",,987654321#"},
		{"030 1234567,*5,12", "sip:0301234567@example.com", ",*5,12"},
		{"０３０１２３４５６７，１２", "sip:0301234567@example.com", ",12"},
		{"Tel.: 030 1234567,12 (work)", "sip:0301234567@example.com", ",12"},
		{"tel:+15554383732;ext=1234", "sip:+15554383732@example.com", ",1234"},
		{"tel:+1-555-438-3732;ext=12-34", "sip:+15554383732@example.com", ",1234"},
		{"tel:+15554383732;postd=p22w7", "sip:+15554383732@example.com", ",22;7"},
		{"tel:+15554383732,99", "sip:+15554383732@example.com", ",99"},
		{"<tel:+15554383732;ext=5>", "sip:+15554383732@example.com", ",5"},
		{"sip:+15554383732;ext=5@x.com", "sip:+15554383732@x.com", ",5"},
		{"tel:+15554383732;ext=bob", "", ""},
		{"5551234,abc1", "", ""},
		{"5551234," + strings.Repeat(",1", 60), "", ""},
	} {
		if uri, after := reads(t, test.text); uri != test.want || after != test.after {
			_, err := ParseDialled(test.text, "example.com")
			t.Errorf("%q: calls %s then %q, want %s then %q (%v)", test.text, uri, after, test.want, test.after, err)
		}
	}
	for _, text := range []string{"5551234,12", "tel:5551234;ext=1"} { // a message, a transfer, a subscription
		var wrong *TargetError
		if u, err := DialTarget(text, "example.com"); !errors.As(err, &wrong) || wrong.Instead != "5551234" {
			t.Errorf("%q: %s, %v", text, u, err)
		}
	}
}

// TestTooManyDigitsForAfterTheAnswerAreCalledThat: however they are written, it is their number that is told.
//
// Holds: dialled-text
func TestTooManyDigitsForAfterTheAnswerAreCalledThat(t *testing.T) {
	many := strings.Repeat("1", longestAfter)
	for _, test := range []struct{ name, text string }{
		{"behind a comma", "5551234,,,#" + many},
		{"with pauses", "5551234" + strings.Repeat(",,12", 20)},
		{"an extension", "tel:+15554383732;ext=" + many},
		{"post-dial digits", "tel:+15554383732;postd=p" + many},
		{"several of both", "tel:+15554383732;ext=12" + strings.Repeat(";postd=p1234567890", 6)},
		{"an address", "sip:+15554383732;postd=p" + many + "@x.com"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseDialled(test.text, "example.com")
			var wrong *TargetError
			if !errors.As(err, &wrong) || wrong.Reason != "has too many digits for after the answer" {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestDigitsOfEveryScript: each decimal digit of Unicode has its value.
func TestDigitsOfEveryScript(t *testing.T) {
	n := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		d := digitOf(r)
		if (d >= 0) != unicode.Is(unicode.Nd, r) || d > 0 && digitOf(r-1) != d-1 {
			t.Errorf("%U is %d", r, d)
		}
		if d >= 0 {
			n++
		}
	}
	if n < 600 || n%10 != 0 {
		t.Errorf("%d digits", n)
	}
}

func FuzzDialTarget(f *testing.F) {
	for _, s := range []string{
		"bob", "tel:+1 (2)", "%", "a@b@c", "<sip:x@[::1]>", "+49(0)1", "bob?a=b",
		"x@y;method=BYE", "Tel.: 030 123,4 (x)", "5551234;ext=1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		uri, after := reads(t, s)
		if uri == "" {
			return
		}
		d, _ := ParseDialled(s, "example.com")
		if d.URI.Scheme != "sip" || d.URI.Headers != "" || strings.ContainsAny(uri, "\r\n\x00 <>\"") ||
			strings.Trim(after, "0123456789*#,;") != "" {
			t.Fatalf("%q became %q then %q", s, uri, after)
		}
	})
}

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
