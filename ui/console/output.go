package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/words"
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

// tell words what happened, in the language of this computer's user.
func tell(c cause.Cause) words.Told { return words.English().Tell(c) }

// problemMember is a cause that is worth explaining, for JSON: the words for people, the cause's name and its facts for
// programs. nil stays nil, as does what is a mere fact, such as that the far end is busy.
func problemMember(c *cause.Cause) any {
	if c == nil {
		return nil
	}
	told := tell(*c)
	if told.Title == "" {
		return nil
	}
	return object{
		{"title", told.Title},
		{"why", told.Why},
		{"do", told.Do},
		{"short", told.Short},
		{"detail", c.Detail},
		{"cause", c.Kind},
		{"facts", factsOf(*c)},
	}
}

// facts are those of a cause as its JSON form has them, with what it comes of by name.
type facts struct {
	cause.Cause
	Because *because `json:"because,omitempty"`
}

type because struct {
	Cause cause.Kind `json:"cause"`
	Facts facts      `json:"facts"`
}

// factsOf returns the facts of a cause for JSON.
func factsOf(c cause.Cause) facts {
	f := facts{Cause: c}
	if c.Because != nil {
		f.Because = &because{c.Because.Kind, factsOf(*c.Because)}
	}
	return f
}

// kindOf is the name of a cause for JSON, nil for none.
func kindOf(c *cause.Cause) any {
	if c == nil {
		return nil
	}
	return c.Kind
}

// problemWords is a cause that is worth explaining, on one line.
func problemWords(c *cause.Cause) string {
	if c == nil {
		return ""
	}
	return tell(*c).Line()
}

// wholeWords is a cause on one line, whether it is worth explaining or not.
func wholeWords(c cause.Cause) string {
	if line := tell(c).Line(); line != "" {
		return line
	}
	return tell(c).Short + "."
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
