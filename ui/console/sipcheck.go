package console

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"calla/netsip"
	"calla/netsip/sip"
)

type sipCheckCmd struct {
	Files []string `arg:"" name:"file" help:"${sip_files}"`
}

// Run prints a JSON object for each file. A message that is wrong is a finding and no failure; a file that
// cannot be read is one.
func (c *sipCheckCmd) Run(s *session) error {
	unread := 0
	for _, name := range c.Files {
		frame, err := s.readInput(name)
		if err != nil {
			s.errs.fail(err)
			unread++
			continue
		}
		v, err := inspect(frame, s.Codecs(s.log))
		if err != nil {
			return invalid(fmt.Errorf("check %s: %w", name, err))
		}
		if err := s.printJSON(append(object{{"file", name}}, v.members()...)); err != nil {
			return err
		}
	}
	if unread > 0 {
		return &toldError{ExitInvalid}
	}
	return nil
}

// verdict is what there is to say of one message.
type verdict struct {
	parsed  bool
	message *sip.Message // as far as it could be read; may be nil
	wrong   []finding
	answer  *int   // status of the response, nil for none
	why     string // of the answer, for people
	rule    string // that the answer, or having none, follows
}

// finding is one thing that is wrong with a message.
type finding struct {
	what      string
	rule      string // that it breaks; "" for a limit of Calla's own
	tolerated bool   // the message is taken all the same
}

// members are the verdict in JSON. An answer of null means none.
func (v verdict) members() object {
	o := object{{"parsed", v.parsed}}
	if m := v.message; m != nil && m.IsRequest() {
		if m.Method != "" {
			o = append(o, member{"method", m.Method})
		}
		if m.RequestURI.Scheme != "" {
			o = append(o, member{"request_uri", m.RequestURI.String()})
		}
	} else if m != nil {
		o = append(o, member{"status", m.StatusCode}, member{"reason", m.Reason})
	}
	wrong := []object{}
	for _, f := range v.wrong {
		w := object{{"what", f.what}}
		if f.rule != "" {
			w = append(w, member{"rule", f.rule})
		}
		if f.tolerated {
			w = append(w, member{"tolerated", true})
		}
		wrong = append(wrong, w)
	}
	o = append(o, member{"wrong", wrong}, member{"answer", v.answer}, member{"why", v.why})
	if v.rule != "" {
		o = append(o, member{"rule", v.rule})
	}
	return o
}

// read parses a frame and notes what the parser finds, refused or tolerated.
func (v *verdict) read(frame []byte) {
	m, err := sip.Parse(frame)
	var bad *sip.ParseError
	switch {
	case err == nil:
		v.parsed, v.message = true, m
		v.wrong = oddities(m, frame)
	case errors.As(err, &bad):
		v.message = bad.Message
		for _, f := range bad.Faults {
			v.wrong = append(v.wrong, finding{what: plainReason(f.Reason), rule: ruleOf(f.Section)})
		}
		if bad.Message != nil {
			v.wrong = append(v.wrong, passedOver(bad.Message)...)
		}
		v.rule = ruleOf(bad.Section)
	}
}

// passedOver are what the parser did not refuse a message for.
func passedOver(m *sip.Message) []finding {
	var list []finding
	for _, o := range m.Oddities {
		list = append(list, finding{o.Reason, ruleOf(o.Section), true})
	}
	return list
}

// ruleOf is a section of RFC 3261; "" stays "", the rule of a limit of Calla's own.
func ruleOf(section string) string {
	if section == "" {
		return ""
	}
	return rfc3261(section)
}

// plainReason is a reason phrase of the engine without the phrase of its status.
func plainReason(reason string) string { return strings.TrimPrefix(reason, "Bad Request - ") }

func rfc3261(section string) string { return "RFC 3261 section " + section }

// oddities are what breaks a rule in a message that is taken all the same: what the parser passed over, and what only
// whoever needs it will find it cannot read.
func oddities(m *sip.Message, frame []byte) []finding {
	list := passedOver(m)
	odd := func(is bool, what, rule string) {
		if is && !slices.ContainsFunc(list, func(f finding) bool { return f.what == what }) {
			list = append(list, finding{what, rule, true})
		}
	}
	head, body, _ := bytes.Cut(frame, []byte("\r\n\r\n"))
	odd(bytes.Contains(bytes.ReplaceAll(head, []byte("\r\n"), nil), []byte("\n")), "a line ends with LF alone",
		rfc3261("7"))
	odd(m.Has("Content-Length") && len(body) > len(m.Body), "octets after the body are passed over",
		"RFC 7118 section 5")
	odd(!utf8.Valid(head), "a header field is not UTF-8", rfc3261("7.3"))
	if via, err := m.TopVia(); err == nil {
		odd(!strings.HasPrefix(via.Branch(), "z9hG4bK"), "the branch in Via does not begin with z9hG4bK",
			rfc3261("8.1.1.7"))
	}
	odd(m.FromTag() == "", "From has no tag", rfc3261("8.1.1.3"))
	if m.IsRequest() {
		odd(!m.Has("Max-Forwards"), "there is no Max-Forwards", rfc3261("8.1.1.6"))
		odd(m.Method == "INVITE" && !m.Has("Contact"), "there is no Contact", rfc3261("8.1.1.8"))
	}
	for _, h := range []struct{ name, section string }{
		{"Contact", "20.10"},
		{"Record-Route", "20.30"},
		{"Route", "20.34"},
		{"Reply-To", "20.31"},
	} {
		_, err := m.Addresses(h.name)
		odd(err != nil, "malformed "+h.name, rfc3261(h.section))
	}
	for _, h := range []struct{ name, rule string }{
		{"Expires", rfc3261("20.19")},
		{"Min-Expires", rfc3261("20.23")},
		{"Retry-After", rfc3261("20.33")},
		{"Session-Expires", "RFC 4028 section 4"},
		{"Min-SE", "RFC 4028 section 5"},
		{"RSeq", "RFC 3262 section 7.1"},
		{"Flow-Timer", "RFC 5626 section 10"},
	} {
		_, _, err := m.Uint(h.name)
		odd(err != nil, "malformed "+h.name, h.rule)
	}
	if date := m.Get("Date"); date != "" {
		_, err := http.ParseTime(date)
		odd(err != nil || !strings.HasSuffix(date, "GMT"), "malformed Date", rfc3261("20.17"))
	}
	mediaType, _ := m.ContentType()
	odd(len(m.Body) > 0 && !m.Has("Content-Type"), "there is a body and no Content-Type", rfc3261("20.15"))
	odd(m.Has("Content-Type") && mediaType == "", "malformed Content-Type", rfc3261("20.15"))
	return list
}

// answered takes over what the user agent answered, and its refusal where that is one.
func (v *verdict) answered(resp *sip.Message, refusal *netsip.Refusal) {
	status := resp.StatusCode
	v.answer, v.why = &status, fmt.Sprintf("%d %s", status, resp.Reason)
	if status < 200 {
		v.why = fmt.Sprintf("rings (%d)", status)
	}
	if refusal != nil {
		v.refused(*refusal)
	}
}

// dropped takes over why the user agent answered nothing.
func (v *verdict) dropped(refusal *netsip.Refusal) {
	if refusal == nil {
		v.why = "dropped: there is nothing to say to it"
		return
	}
	v.why = "dropped: " + plainReason(refusal.Reason)
	v.refused(*refusal)
}

// refused takes over the rule of a refusal. Of a message that could not be read, the parser has told all that is wrong.
func (v *verdict) refused(r netsip.Refusal) {
	if !v.parsed {
		return
	}
	if v.rule = r.Rule; r.Wrong() {
		v.wrong = append(v.wrong, finding{what: plainReason(r.Reason), rule: r.Rule})
	}
}
