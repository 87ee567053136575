package ladder

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"calla/netsip/sip"
)

// label is what stands on the arrow: "INVITE 1 (offer)", "200 INVITE 1 (answer)". CSeq counts from the first one seen
// of its sender.
func (s *Sheet) label(m *sip.Message) string {
	seq, _ := m.CSeq()
	key := m.CallID() + " " + m.FromTag() // From names who asks, in responses too
	if seq.Method == "REGISTER" {         // which takes a new tag each time
		key = m.CallID()
	}
	first, known := s.seqs[key]
	if !known {
		first = seq.Seq
		s.seqs[key] = first
	}
	what := fmt.Sprintf("%s %d", seq.Method, int64(seq.Seq)-int64(first)+1)
	if !m.IsRequest() {
		what = fmt.Sprintf("%d %s", m.StatusCode, what)
	}
	if mark := s.description(m, seq); mark != "" {
		what += " (" + mark + ")"
	}
	return what
}

// description tells offers from answers (RFC 3264, RFC 3261 section 13.2.1, RFC 3262, RFC 3311) and shows a direction
// that is not sendrecv.
func (s *Sheet) description(m *sip.Message, seq sip.CSeq) string {
	key := fmt.Sprint(m.CallID(), " ", seq.Seq)
	if seq.Method == "PRACK" || seq.Method == "UPDATE" {
		key += seq.Method
	}
	if mediaType, _ := m.ContentType(); len(m.Body) == 0 || mediaType != "application/sdp" {
		return ""
	}
	kind := "answer"
	switch {
	case m.IsRequest() && m.Method == "ACK":
	case m.IsRequest() && m.Method == "PRACK" && s.offered[m.CallID()+" reliable"]:
		s.offered[m.CallID()+" reliable"] = false
	case m.IsRequest():
		kind = "offer"
		s.offered[key] = true
	case !s.offered[key]:
		kind = "offer"
		s.offered[m.CallID()+" reliable"] = m.StatusCode < 200
	}
	for _, direction := range []string{"sendonly", "recvonly", "inactive"} {
		if strings.Contains(string(m.Body), "a="+direction) {
			kind += ", " + direction
		}
	}
	return kind
}

// beside gives the header fields that matter to a flow.
func (s *Sheet) beside(m *sip.Message) string {
	names := []string{
		"Require", "RSeq", "RAck", "Reason", "Retry-After", "Min-Expires", "Unsupported",
		"Refer-To", "Replaces", "Event", "Subscription-State", "Record-Route", "Route", "Warning",
	}
	if seq, _ := m.CSeq(); seq.Method == "REGISTER" && (m.IsRequest() || m.StatusCode < 300) {
		names = append(names, "Contact")
	}
	var parts []string
	for _, name := range append(names, s.Show...) {
		for _, value := range m.Lines(name) {
			parts = append(parts, name+": "+s.shown(s.tame(m, name, value)))
		}
	}
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		if n := len(m.Lines(name)); n == 1 {
			parts = append(parts, name)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d × %s", n, name))
		}
	}
	if mediaType, _ := m.ContentType(); mediaType == "message/sipfrag" {
		line, _, _ := strings.Cut(string(m.Body), "\r\n")
		parts = append(parts, "“"+line+"”")
	}
	return strings.Join(parts, " · ")
}

// shown is a value with the names of what is random.
func (s *Sheet) shown(value string) string {
	if s.Names == nil {
		return value
	}
	return s.Names.Replace(value)
}

// tame replaces what is drawn at random by what it stands for: tags are left out, numbers count from the first one,
// Replaces names a call of this ladder by its place.
func (s *Sheet) tame(m *sip.Message, name, value string) string {
	counted := func(text string, first uint32) string {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return text
		}
		return strconv.FormatInt(int64(n)-int64(first)+1, 10)
	}
	switch name {
	case "RSeq":
		if n, err := strconv.ParseUint(value, 10, 32); err == nil && s.rseqs[m.CallID()] == 0 {
			s.rseqs[m.CallID()] = uint32(n)
		}
		return counted(value, s.rseqs[m.CallID()])
	case "RAck":
		if f := strings.Fields(value); len(f) == 3 {
			rseq, seq := counted(f[0], s.rseqs[m.CallID()]), counted(f[1], s.seqs[m.CallID()+" "+m.FromTag()])
			return rseq + " " + seq + " " + f[2]
		}
	case "Event":
		if event, id, ok := strings.Cut(value, ";id="); ok {
			return event + ";id=" + counted(id, s.seqs[m.CallID()+" "+m.ToTag()])
		}
	case "Replaces", "Refer-To":
		head, named, ok := strings.Cut(value, "?Replaces=")
		if name == "Replaces" {
			head, named, ok = "", value, true
		}
		if !ok {
			return value
		}
		if text, err := url.PathUnescape(named); err == nil {
			named = text
		}
		early := ""
		if strings.Contains(named, "early-only") {
			early = ";early-only"
		}
		for i, id := range s.calls {
			if strings.HasPrefix(named, id+";") {
				named = fmt.Sprintf("call %d%s", i+1, early)
			}
		}
		if head != "" {
			return head + "?Replaces=" + strings.TrimSuffix(named, ">") + ">"
		}
		return named
	}
	value, _, _ = strings.Cut(value, ";tag=")
	return value
}
