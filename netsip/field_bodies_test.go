package netsip

import (
	"strings"
	"testing"

	"calla/netsip/sip"
)

// The offer is found in the bodies that gateways make: however the parts are parted, and whatever is said of them.
//
// Holds: accepted-descriptions
func TestBodiesOfTheField(t *testing.T) {
	other := func(boundary, body string) string { // another boundary than b
		return strings.ReplaceAll(body, "--b", "--"+boundary)
	}
	two := multi(placePart, sdpPart(offerSDP))
	for _, c := range []struct{ name, contentType, disposition, body string }{
		{"a charset", "application/sdp;charset=ISO-10646", "", offerSDP},
		{"a disposition of its own", "application/sdp", "session;handling=required", offerSDP},
		{
			"a boundary of signs", `multipart/mixed; boundary=----=_Part_1.2'()+_-/:=?`, "",
			other("----=_Part_1.2'()+_-/:=?", two),
		},
		{"a boundary of signs in quotes", `multipart/mixed; boundary="=_a b:/?"`, "", other("=_a b:/?", two)},
		{
			"a boundary after other parameters", `multipart/related; type="application/sdp"; start="<s>" ;boundary = b`,
			"", two,
		},
		{"no preamble", mixedType, "", two[strings.Index(two, "--b"):]},
		{"a blank line for a preamble", mixedType, "", "\r\n" + two[strings.Index(two, "--b"):]},
		{"an epilogue", mixedType, "", two + "\r\nnobody reads\r\n--b\r\nthis\r\n"},
		{"no line end at the end", mixedType, "", strings.TrimSuffix(two, "\r\n")},
		{"blanks behind boundaries", mixedType, "", strings.ReplaceAll(two, "--b\r\n", "--b \t\r\n")},
		{"the type in capitals", "MULTIPART/Mixed;BOUNDARY=b", "", two},
		{"fields in small letters", mixedType, "", strings.ReplaceAll(two, "Content-Type", "content-type")},
		{"fields without blanks", mixedType, "", strings.ReplaceAll(two, "Content-Type: ", "Content-Type:")},
		{"fields with folds", mixedType, "", strings.ReplaceAll(two, "Content-Type: ", "Content-Type:\r\n ")},
		{"fields of all sorts", mixedType, "", multi(sdpPart(offerSDP, "Content-ID: <s@h>", "Content-Length: 3",
			"X-Y: z", "MIME-Version: 1.0", "Content-Language: en", "Content-Transfer-Encoding: 8BIT"), placePart)},
		{
			"a charset of a part", mixedType, "",
			strings.ReplaceAll(two, "application/sdp", `application/SDP; charset="utf-8"`),
		},
		{"a semicolon behind the type", mixedType, "", strings.ReplaceAll(two, "application/sdp", "application/sdp;")},
		{"blank lines before the description", mixedType, "", multi(sdpPart("\r\n"+offerSDP), placePart)},
		{"recorders' metadata", mixedType, "", multi(sdpPart(offerSDP),
			"Content-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session\r\n\r\n<recording/>")},
		{"ISUP of Sonus", "multipart/mixed; boundary=b", "", multi(sdpPart(offerSDP),
			"Content-Type: application/ISUP; version=itu-t; base=itu-t92+\r\n"+
				"Content-Disposition: signal ;handling = \"optional\"\r\n\r\n\x01\x10\x00\r\n--\x00")},
		{
			"QSIG of Avaya", mixedType, "",
			multi("Content-Type: application/x-q931; charset=binary\r\n\r\n\x08\x02", sdpPart(offerSDP)),
		},
		{"a picture of the caller", mixedType, "", multi("Content-Type: image/jpeg\r\nContent-Disposition: icon\r\n"+
			"Content-Transfer-Encoding: base64\r\n\r\n/9j/4AAQ!!not base64", sdpPart(offerSDP))},
		{"optional parts in optional parts", mixedType, "", multi("Content-Type: multipart/alternative;boundary=in\r\n"+
			"Content-Disposition: x;handling=optional\r\n\r\n--in\r\n\r\nbroken off", sdpPart(offerSDP))},
		{"an empty part", mixedType, "", multi("\r\n", sdpPart(offerSDP))},
		{"optional for nobody", mixedType, `session; handling=optional; handling=optional`, two},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				w.invitedBy(c.contentType, c.disposition, c.body)
				w.expect("180 INVITE")
				b.do(func() { b.invites[0].Answer() })
				w.expect("200 INVITE")
				if got := b.media.last().heard(); strings.TrimSpace(got) != strings.TrimSpace(offerSDP) {
					t.Errorf("the offer is %q", got)
				}
				b.do(b.invites[0].HangUp)
			})
		})
	}
}

// Whom a far end asks to be called, and in the place of which call, is read as it is meant, and never guessed.
//
// Holds: lenient-messages
func TestReferralsOfTheField(t *testing.T) {
	for _, c := range []struct {
		name, line string
		target     string // "" = refused
		replaces   string
	}{
		{"plain", "Refer-To: <sip:carol@example.com>", "sip:carol@example.com", ""},
		{"compact", "r: <sip:carol@example.com>", "sip:carol@example.com", ""},
		{"without brackets", "Refer-To: sip:carol@example.com", "sip:carol@example.com", ""},
		{
			"without brackets, with parameters", "Refer-To: sip:carol@example.com;user=phone", "sip:carol@example.com",
			"",
		},
		{
			"with a name", `Refer-To: "Carol, Dr." <sip:carol@example.com;transport=ws>;x=y`,
			"sip:carol@example.com;transport=ws", "",
		},
		{
			"with quotes in it", `Refer-To: <sip:carol@192.0.2.7;thinfo="U2h5=">`, `sip:carol@192.0.2.7;thinfo="U2h5="`,
			"",
		},
		{"with a method", "Refer-To: <sip:carol@example.com;method=INVITE>", "sip:carol@example.com", ""},
		{
			"pjsip, RFC 3515's own", "Refer-To: <sip:dave@example.org?Replaces=12345%40192.168.118.3%3B" +
				"to-tag%3D12345%3Bfrom-tag%3D5FFE-3994>", "sip:dave@example.org",
			"12345@192.168.118.3;to-tag=12345;from-tag=5FFE-3994",
		},
		{
			"escapes in small letters, the tags the other way round",
			"Refer-To: <sip:dave@example.org?replaces=1%40h%3bfrom-tag%3db%3bto-tag%3da>", "sip:dave@example.org",
			"1@h;to-tag=a;from-tag=b",
		},
		{
			"nothing escaped", "Refer-To: <sip:dave@example.org?Replaces=1@h;to-tag=a+b;from-tag=c>",
			"sip:dave@example.org", "1@h;to-tag=a+b;from-tag=c",
		},
		{"Snom", "Refer-To: <sip:1234@h;user=phone?Replaces=L_e1%3Bto-tag%3D15%3Bfrom-tag%3DC4A&Require=replaces&" +
			"Lts-txfr=Yes&Referred-By=sip%3a4321%40h>", "sip:1234@h;user=phone", "L_e1;to-tag=15;from-tag=C4A"},
		{
			"early-only", "Refer-To: <sip:d@h?Replaces=1%3Bto-tag%3Da%3Bfrom-tag%3Db%3Bearly-only>", "sip:d@h",
			"1;to-tag=a;from-tag=b;early-only",
		},
		{
			"blanks in Replaces", "Refer-To: <sip:d@h?Replaces=1%20%3B%20to-tag%20%3D%20a%3Bfrom-tag%3Db>", "sip:d@h",
			"1;to-tag=a;from-tag=b",
		},
		{"Replaces without tags", "Refer-To: <sip:d@h?Replaces=1>", "", ""},
		{"two tags of one end", "Refer-To: <sip:d@h?Replaces=1%3Bto-tag%3Da%3Bto-tag%3Db%3Bfrom-tag%3Dc>", "", ""},
		{"Replaces without brackets", "Refer-To: sip:d@h?Replaces=1%3Bto-tag%3Da%3Bfrom-tag%3Db", "", ""},
		{"no user", "Refer-To: <sip:@example.com>", "", ""},
		{"no scheme", "Refer-To: carol@example.com", "", ""},
		{"a number", "Refer-To: <tel:+1900555>", "", ""},
		{"nothing", "Refer-To:", "", ""},
		{"a text", "Refer-To: Carol", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked(t, func(b *bench, w *wire, wishes chan *Referral) {
				_, f := b.answered(w)
				m := f.request("REFER", farContact)
				w.sendRaw(withFields(m, c.line))
				if c.target == "" {
					m := <-w.in
					if m.StatusCode < 400 || len(wishes) > 0 {
						t.Errorf("answered %s, asked %d", title(m), len(wishes))
					}
					return
				}
				w.expect("202 REFER")
				w.reply(w.expect("NOTIFY"), 200)
				r := <-wishes
				b.do(func() {
					if _, err := r.Accept(CallOptions{}); err != nil {
						t.Error(err)
					}
				})
				var invite *sip.Message
				for invite == nil {
					if m := <-w.in; m.Method == "INVITE" {
						invite = m
					}
				}
				if invite.RequestURI.String() != c.target || invite.Get("Replaces") != c.replaces ||
					invite.Has("Lts-txfr") || invite.Has("Require") {
					t.Errorf("called:\n%s", invite)
				}
				w.reply(invite, 486)
			})
		})
	}
}

// A text in the octets of Latin-1, which says so, is read; in others it is not guessed at.
//
// Holds: lenient-messages
func TestTextsOfTheField(t *testing.T) {
	for _, c := range []struct{ name, contentType, body, want string }{
		{"UTF-8", "text/plain; charset=UTF-8", "grüß dich", "grüß dich"},
		{"UTF-8 in quotes", `Text/Plain;Charset="utf-8"`, "grüß dich", "grüß dich"},
		{"no charset", "text/plain", "grüß dich", "grüß dich"},
		{"ASCII", "text/plain;charset=US-ASCII", "hi", "hi"},
		{"Latin-1", "text/plain;charset=ISO-8859-1", "gr\xfc\xdf dich", "grüß dich"},
		{"Latin-1 in small letters and quotes", `text/plain; charset="iso-8859-1"; format=flowed`, "\xc5se", "Åse"},
		{"Latin-1 by its other name", "text/plain;charset=latin1", "\xe9", "é"},
		{"Latin-1 that looks like UTF-8", "text/plain;charset=ISO-8859-1", "\xc3\xbc", "Ã¼"},
		{"controls of Latin-1", "text/plain;charset=ISO-8859-1", "a\x80b", "a\ufffdb"},
		{"no UTF-8, and no charset", "text/plain", "\xfc", ""},
		{"no UTF-8 that says it is", "text/plain;charset=utf-8", "\xfc", ""},
		{"another charset", "text/plain;charset=koi8-r", "\xfc", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			texting(t, func(b *bench, w *wire, texts chan *Message) {
				m := w.out("MESSAGE", "Content-Type: "+c.contentType, "Body: "+c.body)
				w.sendBinary(m)
				if c.want == "" {
					w.expect("415 MESSAGE")
					return
				}
				w.expect("200 MESSAGE")
				if text := <-texts; string(text.Body) != c.want {
					t.Errorf("read as %q", text.Body)
				}
			})
		})
	}
}
