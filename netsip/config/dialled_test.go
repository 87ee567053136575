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
