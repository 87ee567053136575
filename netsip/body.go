package netsip

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"slices"
	"strings"

	"calla/netsip/sip"
)

// Bounds of a body in several parts: a call needs one of them.
const (
	maxBodyParts = 16
	maxBodyDepth = 3 // parts within parts
)

// described leaves of a message of an INVITE's or UPDATE's exchange the session description alone. In a body of several
// parts it is found (RFC 5621 section 3; gateways of SIP-I, emergency calls with a location and recorders send such),
// and a body of another kind that need not be understood is passed over (RFC 3261 section 20.11). Every other message
// stays as it came: a request whose body we cannot read is refused with 415.
func (ua *UserAgent) described(m *sip.Message) {
	seq, err := m.CSeq()
	if err != nil || len(m.Body) == 0 || !slices.Contains([]string{"INVITE", "ACK", "PRACK", "UPDATE"}, seq.Method) ||
		!identityCoding(m.Get("Content-Encoding")) {
		return
	}
	mediaType, params := m.ContentType()
	if mediaType == sdpType {
		return
	}
	if multi, is := strings.CutPrefix(mediaType, "multipart/"); is {
		boundary, _ := params.Get("boundary")
		p := bodyParts{kind: sdpType, strict: m.IsRequest()}
		if sdp, err := p.read(m.Body, multi, boundary, 1); err == nil && (sdp != nil || !p.needed) {
			ua.describedBy(m, sdp, "the parts of a body besides the session description")
			return
		}
	}
	if optional(m.Get("Content-Disposition")) {
		ua.describedBy(m, nil, "a body that need not be understood")
	}
}

// describedBy puts a session description in the place of a body, or nothing; what was passed over is told.
func (ua *UserAgent) describedBy(m *sip.Message, sdp []byte, passedOver string) {
	ua.log.passedOver(passedOver)
	m.Body = sdp
	for _, name := range []string{"Content-Type", "Content-Disposition"} {
		m.Del(name)
	}
	if sdp != nil {
		m.Add("Content-Type", sdpType)
	}
}

// bodyParts reads a body of several parts.
type bodyParts struct {
	kind   string // media type of the part that is looked for
	strict bool   // what must be understood is an error; a response cannot be refused
	n      int    // of parts read
	needed bool   // one of another kind does not say that it is optional
}

// read finds the part of the kind in a body of several parts: the first, and of alternatives the last, which is the
// best of what we can read (RFC 2046 section 5.1.4). It is nil where there is none. It fails where the body breaks off,
// has too many parts, or one that says that it must be understood.
func (p *bodyParts) read(body []byte, multi, boundary string, depth int) (sought []byte, err error) {
	if boundary == "" || depth > maxBodyDepth {
		return nil, errors.New("no boundary, or parts too deep")
	}
	for r := multipart.NewReader(bytes.NewReader(body), boundary); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return sought, nil
		}
		if err != nil {
			return nil, err
		}
		if p.n++; p.n > maxBodyParts {
			return nil, errors.New("too many parts")
		}
		found, err := p.readPart(part, multi == "alternative", depth)
		if err != nil {
			return nil, err
		}
		if found != nil && (sought == nil || multi == "alternative") {
			sought = found
		}
	}
}

// readPart gives what is looked for, where a part is that or has it in it. Alternatives need not all be understood.
func (p *bodyParts) readPart(part *multipart.Part, alternative bool, depth int) ([]byte, error) {
	// One that is not looked at may be encoded as it likes.
	data, undecoded := io.ReadAll(decoded(part, part.Header.Get("Content-Transfer-Encoding")))
	mediaType, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		mediaType, _ = (&sip.Message{Body: data}).ContentType() // what begins as a description is one
	}
	disposition := part.Header.Get("Content-Disposition")
	kind, _, _ := strings.Cut(disposition, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	ofSession := kind == "" || kind == "session" || p.kind != sdpType // RFC 5621 section 8.2
	multi, several := strings.CutPrefix(mediaType, "multipart/")
	switch readable := identityCoding(part.Header.Get("Content-Encoding")); {
	case undecoded != nil && readable && (several || mediaType == p.kind):
		return nil, undecoded
	case readable && several:
		found, err := p.read(data, multi, params["boundary"], depth+1)
		if err == nil || !optional(disposition) {
			return found, err
		}
	case readable && mediaType == p.kind && ofSession:
		if !bytes.HasSuffix(data, []byte("\n")) { // it was the boundary's
			data = append(data, "\r\n"...)
		}
		return data, nil
	}
	if p.strict && !alternative && handling(disposition) == "required" {
		return nil, errors.New("a part must be understood and is not")
	}
	p.needed = p.needed || !optional(disposition)
	return nil, nil
}

// decoded undoes the transfer encoding of a part (RFC 2045 section 6), which SIP itself does not use.
func decoded(part io.Reader, encoding string) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, part)
	case "quoted-printable":
		return quotedprintable.NewReader(part)
	}
	return part
}

// handling is what a Content-Disposition says of a body that is not understood: "optional", "required", or nothing
// (RFC 3261 section 20.11). A body alone that says nothing must be understood; a part beside a session description is
// taken for optional then, as by pjsip and the proxies: gateways leave it out.
func handling(disposition string) string {
	_, params, err := mime.ParseMediaType(disposition)
	if err != nil {
		return ""
	}
	return strings.ToLower(params["handling"])
}

func optional(disposition string) bool { return handling(disposition) == "optional" }

// identityCoding tells whether a body is as it is, not compressed (RFC 3261 section 20.12).
func identityCoding(coding string) bool { return coding == "" || strings.EqualFold(coding, "identity") }
