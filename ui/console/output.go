package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"calla/phone"
)

// printer writes events: as JSON lines, or in words. Events may come from any goroutine.
type printer struct {
	json bool
	out  *terminal
}

// event writes one event. members follow the event's name and time; words are for people, "" for none.
func (p *printer) event(name string, ms float64, words string, members ...any) {
	p.eventText(name, ms, words, "", members...)
}

// eventText is event with a text of several lines for people, "" for none.
func (p *printer) eventText(name string, ms float64, words, text string, members ...any) {
	if !p.json {
		var lines []string
		if text != "" {
			lines = linesOf(strings.TrimRight(text, "\r\n"))
		}
		if words != "" {
			p.out.indented("             ", fmt.Sprintf("%8.0f ms  %s", ms, words), lines)
		}
		return
	}
	o := object{{"event", name}, {"ms", ms}}
	for i := 0; i+1 < len(members); i += 2 {
		o = append(o, member{members[i].(string), members[i+1]})
	}
	p.write(o)
}

// result writes the last line.
func (p *printer) result(o object, words []string) {
	if p.json {
		p.write(append(object{{"event", "result"}}, o...))
		return
	}
	for _, line := range words {
		if line != "" {
			p.out.line(line)
		}
	}
}

func (p *printer) write(o object) {
	line, err := o.MarshalJSON()
	if err != nil {
		line = []byte(`{"event":"error"}`)
	}
	_, _ = p.out.Write(append(line, '\n'))
}

// object is a JSON object that keeps the order of its members and leaves nil ones out.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	n := 0
	for _, m := range o {
		if m.value == nil {
			continue
		}
		if n++; n > 1 {
			b.WriteByte(',')
		}
		for i, part := range []any{m.name, m.value} {
			if i > 0 {
				b.WriteByte(':')
			}
			var text bytes.Buffer
			encoder := json.NewEncoder(&text)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(part); err != nil {
				return nil, err
			}
			b.Write(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// problemMember is a problem for a result; nil stays nil.
func problemMember(p *phone.Problem) any {
	if p == nil {
		return nil
	}
	return object{{"title", p.Title}, {"why", p.Why}, {"do", p.Do}, {"short", p.Short}, {"detail", p.Detail}}
}

// problemWords is a problem on one line.
func problemWords(p *phone.Problem) string {
	if p == nil {
		return ""
	}
	parts := []string{p.Title}
	for _, s := range []string{p.Why, p.Do} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

// statusName is the status of an account in JSON.
func statusName(s phone.RegistrationStatus) string {
	switch s {
	case phone.StatusOff:
		return "off"
	case phone.StatusConnecting:
		return "connecting"
	case phone.StatusRegistering:
		return "registering"
	case phone.StatusRegistered:
		return "registered"
	case phone.StatusConnected:
		return "connected"
	case phone.StatusRetrying:
		return "retrying"
	case phone.StatusNoPassword:
		return "password needed"
	}
	return "failed"
}

// phaseName is the phase of a call in JSON.
func phaseName(p phone.Phase) string {
	switch p {
	case phone.PhaseCalling:
		return "calling"
	case phone.PhaseRinging:
		return "ringing"
	case phone.PhaseIncoming:
		return "incoming"
	case phone.PhaseAnswering:
		return "answering"
	case phone.PhaseEstablished:
		return "established"
	}
	return "ending"
}

// plain writes one JSON object that is no event, or words.
func (p *printer) plain(o object, words string) {
	if p.json {
		p.write(o)
		return
	}
	p.out.line(words)
}
