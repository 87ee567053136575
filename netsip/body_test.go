package netsip

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"calla/netsip/sip"
)

// multi is a body of several parts with the boundary b: of each the header fields and the body are given.
func multi(parts ...string) string {
	var b strings.Builder
	b.WriteString("a preamble that nobody reads\r\n")
	for _, part := range parts {
		b.WriteString("--b\r\n" + part + "\r\n")
	}
	return b.String() + "--b--\r\n"
}

const (
	mixedType = "multipart/mixed;boundary=b"
	isupPart  = "Content-Type: application/ISUP;version=itu-t92+\r\n" +
		"Content-Disposition: signal;handling=optional\r\n\r\n\x01\x00\x49\x00"
	placePart = "Content-Type: application/pidf+xml\r\nContent-ID: <here@example.com>\r\n\r\n<presence/>"
)

// sdpPart is a part with a session description.
func sdpPart(sdp string, lines ...string) string {
	return strings.Join(append(lines, "Content-Type: application/sdp", "", sdp), "\r\n")
}

// invitedBy has somebody call with a body, and sees that the call is being worked on.
func (w *wire) invitedBy(contentType, disposition, body string) {
	m := w.caller().request("INVITE", farContact)
	m.Set("Content-Type", contentType)
	if disposition != "" {
		m.Set("Content-Disposition", disposition)
	}
	m.Body = []byte(body)
	w.sendBinary(m)
	w.expect("100 INVITE")
}

// The session description of an INVITE is found in whatever parts its body has, and a body that need not be understood
// is as good as none.
//
// Holds: accepted-descriptions
func TestOfferIsFoundInItsBody(t *testing.T) {
	base64ed := base64.StdEncoding.EncodeToString([]byte(offerSDP))
	for _, c := range []struct {
		name, contentType, disposition, body string
		late                                 bool // there is no offer in it
	}{
		{name: "a gateway's ISUP beside it", contentType: mixedType, body: multi(sdpPart(offerSDP), isupPart)},
		{name: "after the ISUP", contentType: mixedType, body: multi(isupPart, sdpPart(offerSDP))},
		{
			name: "a place that does not say it is optional", contentType: mixedType,
			body: multi(placePart, sdpPart(offerSDP)),
		},
		{name: "alone in parts", contentType: mixedType, body: multi(sdpPart(offerSDP))},
		{
			name: "named as the session's", contentType: mixedType,
			body: multi(sdpPart(offerSDP, "Content-Disposition: session; handling=required"), placePart),
		},
		{
			name: "beside one of an early session", contentType: mixedType,
			body: multi(sdpPart(holdSDP, "Content-Disposition: early-session"), sdpPart(offerSDP)),
		},
		{name: "two of them: the first", contentType: mixedType, body: multi(sdpPart(offerSDP), sdpPart(holdSDP))},
		{
			name: "alternatives: the last that can be read", contentType: "Multipart/Alternative; boundary=\"b\"",
			body: multi("Content-Type: text/plain\r\n\r\ncall me", sdpPart(holdSDP), sdpPart(offerSDP),
				"Content-Type: application/sdpng\r\nContent-Disposition: session;handling=required\r\n\r\n<sdpng/>"),
		},
		{
			name: "related parts", contentType: "multipart/related;type=\"application/sdp\";boundary=b",
			body: multi(sdpPart(offerSDP), placePart),
		},
		{
			name: "parts in a part", contentType: mixedType, body: multi(isupPart,
				"Content-Type: multipart/mixed;boundary=in\r\n\r\n--in\r\n"+sdpPart(offerSDP)+"\r\n--in--\r\n"),
		},
		{
			name: "in base64", contentType: mixedType,
			body: multi(sdpPart(base64ed[:60]+"\r\n"+base64ed[60:], "Content-Transfer-Encoding: base64"), placePart),
		},
		{
			name: "quoted-printable", contentType: mixedType,
			body: multi(sdpPart(strings.ReplaceAll(offerSDP, "=", "=3D"),
				"Content-Transfer-Encoding: quoted-printable")),
		},
		{
			name: "parts that say they are binary", contentType: mixedType,
			body: multi(sdpPart(offerSDP, "Content-Transfer-Encoding: binary"), isupPart),
		},
		{
			name: "without a line end of its own", contentType: mixedType,
			body: multi(sdpPart(strings.TrimSuffix(offerSDP, "\r\n"))),
		},
		{
			name: "lines that end with LF", contentType: mixedType,
			body: strings.ReplaceAll(multi(sdpPart(offerSDP), placePart), "\r\n", "\n"),
		},
		{name: "a part without a type", contentType: mixedType, body: multi("\r\n"+offerSDP, placePart)},
		{
			name:        "parts that are optional, with it among them",
			contentType: mixedType, disposition: "session;handling=optional",
			body: multi(sdpPart(offerSDP)),
		},
		{
			name: "a body that is optional", contentType: "application/ISUP", disposition: "signal;handling=optional",
			body: "\x01\x00", late: true,
		},
		{
			name: "a text that is optional", contentType: "text/plain", disposition: "Render ; Handling = Optional",
			body: "hello", late: true,
		},
		{name: "parts that are all optional", contentType: mixedType, body: multi(isupPart, isupPart), late: true},
		{
			name: "parts that break off, and are optional", contentType: mixedType, disposition: "x;handling=optional",
			body: multi(isupPart)[:70], late: true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				w.invitedBy(c.contentType, c.disposition, c.body)
				w.expect("180 INVITE")
				b.do(func() { b.invites[0].Answer() })
				w.expect("200 INVITE")
				want := offerSDP
				if c.late {
					want = ""
				}
				ends := strings.NewReplacer("\r\n", "\n")
				if got := b.media.last().heard(); ends.Replace(got) != ends.Replace(want) {
					t.Errorf("the offer is %q", got)
				}
				b.do(b.invites[0].HangUp)
			})
		})
	}
}

// A body that asks for what we cannot is refused, and never half read.
func TestBodyThatMustBeUnderstoodIsRefused(t *testing.T) {
	required := "Content-Type: application/ISUP\r\nContent-Disposition: signal;handling=required\r\n\r\nx"
	for name, c := range map[string]struct{ contentType, disposition, body string }{
		"another body":                  {"text/plain", "", "hello"},
		"another body that is required": {"text/plain", "render;handling=required", "hello"},
		"a handling nobody knows":       {"text/plain", "render;handling=maybe", "hello"},
		"a disposition that breaks off": {"text/plain", "render;handling=\"optional", "hello"},
		"parts without a description":   {mixedType, "", multi(placePart)},
		"a part that is required":       {mixedType, "", multi(sdpPart(offerSDP), required)},
		"a required part in a part": {
			mixedType, "",
			multi(sdpPart(offerSDP),
				"Content-Type: multipart/mixed;boundary=in\r\n\r\n--in\r\n"+required+"\r\n--in--\r\n"),
		},
		"parts without a boundary":        {"multipart/mixed", "", multi(sdpPart(offerSDP))},
		"another boundary":                {"multipart/mixed;boundary=c", "", multi(sdpPart(offerSDP))},
		"a part that breaks off":          {mixedType, "", strings.TrimSuffix(multi(sdpPart(offerSDP)), "--b--\r\n")},
		"a compressed part":               {mixedType, "", multi(sdpPart(offerSDP, "Content-Encoding: gzip"))},
		"base64 that is none":             {mixedType, "", multi(sdpPart("v=0!", "Content-Transfer-Encoding: base64"))},
		"a description of something else": {mixedType, "", multi(sdpPart(offerSDP, "Content-Disposition: render"))},
		"seventeen parts": {
			mixedType, "",
			multi(append([]string{sdpPart(offerSDP)}, slices.Repeat([]string{placePart}, 16)...)...),
		},
	} {
		t.Run(name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				w.invitedBy(c.contentType, c.disposition, c.body)
				if resp := w.expect("415 INVITE"); resp.Get("Accept") != sdpType {
					t.Errorf("415 without what is accepted:\n%s", resp)
				}
			})
		})
	}
}

// The same holds for what comes later in a call: an answer, the offer of a 200, and the answer in an ACK.
//
// Holds: accepted-descriptions
func TestDescriptionIsFoundInEveryMessageOfACall(t *testing.T) {
	inParts := func(m *sip.Message, sdp string) *sip.Message {
		m.Set("Content-Type", mixedType)
		m.Body = []byte(multi(placePart, sdpPart(sdp), isupPart))
		return m
	}
	for name, run := range map[string]func(b *bench, w *wire) (heard *fakeSession, want string){
		"the 200 of a call": func(b *bench, w *wire) (*fakeSession, string) {
			s, invite := b.calling(w)
			w.sendBinary(inParts(answerTo(invite), answerSDP))
			w.expect("ACK")
			b.reaches(s, SessionEstablished)
			return b.media.last(), answerSDP
		},
		"a 200 with a part that must be understood": func(b *bench, w *wire) (*fakeSession, string) {
			s, invite := b.calling(w)
			m := answerTo(invite)
			m.Set("Content-Type", mixedType)
			m.Body = []byte(multi(sdpPart(answerSDP), "Content-Disposition: signal;handling=required\r\n\r\nx"))
			w.sendBinary(m)
			w.expect("ACK")
			b.reaches(s, SessionEstablished)
			return b.media.last(), answerSDP
		},
		"early media": func(b *bench, w *wire) (*fakeSession, string) {
			s, invite := b.calling(w)
			m := answerTo(invite)
			m.StatusCode, m.Reason = 183, "Session Progress"
			w.sendBinary(inParts(m, answerSDP))
			b.reaches(s, SessionEarlyMedia)
			return b.media.last(), answerSDP
		},
		"a re-INVITE": func(b *bench, w *wire) (*fakeSession, string) {
			_, _, f := b.established(w)
			w.sendBinary(inParts(f.request("INVITE", farContact), holdSDP))
			w.expect("100 INVITE")
			w.expect("200 INVITE")
			w.send(f.request("ACK"))
			return b.media.last(), holdSDP
		},
		"an UPDATE": func(b *bench, w *wire) (*fakeSession, string) {
			_, _, f := b.established(w)
			w.sendBinary(inParts(f.request("UPDATE", farContact), holdSDP))
			w.expect("200 UPDATE")
			return b.media.last(), holdSDP
		},
		"the ACK of a late offer": func(b *bench, w *wire) (*fakeSession, string) {
			f := w.caller()
			f.ring(farContact)
			s := b.lastInvite()
			b.do(s.Answer)
			f.learn(w.expect("200 INVITE"))
			w.sendBinary(inParts(f.request("ACK"), answerSDP))
			b.reaches(s, SessionEstablished)
			return b.media.last(), answerSDP
		},
	} {
		t.Run(name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				media, want := run(b, w)
				if got := media.heard(); got != want {
					t.Errorf("the description is %q", got)
				}
			})
		})
	}
}
