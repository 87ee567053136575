package netsip

import (
	"bytes"
	"strings"
	"time"

	"calla/netsip/config"
	"calla/netsip/trace"
)

// secretHeaders are those whose values are or help to guess passwords.
const secretHeaders = " authorization proxy-authorization authentication-info proxy-authentication-info identity "

// tracer shows what is on the wire to whoever wants to see it, and keeps to itself what nobody may see. The log reads
// the trace like everybody else.
type tracer struct {
	log    *logger
	source *trace.Source       // nil = nobody looks
	alone  bool                // nobody but the log looks
	logged *trace.Subscription // what the log has read; nil while trace_sip is off
	shown  shown
}

// What is kept for the log alone, where nobody else looks: it reads each entry at once.
const (
	loggedEntries = 4
	loggedOctets  = 1 << 20
)

// into has the log read what comes from now on, or no more (trace_sip).
func (t *tracer) into(log bool) {
	switch {
	case !log:
		t.logged = nil
		if t.alone {
			t.source, t.alone = nil, false
		}
	case t.logged == nil:
		if t.source == nil {
			t.source, t.alone = trace.New(loggedEntries, loggedOctets).Source(""), true
		}
		t.logged = t.source.Subscribe(false)
	}
}

// message shows a message; e is without its text.
func (t *tracer) message(e trace.Entry, data []byte) {
	if t.source == nil { // what nobody sees is not made
		return
	}
	if e.Outgoing {
		t.shown.note(data)
	}
	if most := t.source.Longest(); most > 0 && len(data) > most && t.logged == nil {
		data = data[:bytes.LastIndexByte(data[:most], '\n')+1] // whole lines: a part of a secret would not be known
	}
	e.Text = masked(t.shown.hidden(string(data)))
	t.text(e)
}

// text shows a keep-alive, or what has been masked. The log reads it at once, so that a message and what comes of it
// stand there in their order; its file and its command have queues of their own.
func (t *tracer) text(e trace.Entry) {
	if t.source == nil {
		return
	}
	e.Time = time.Now()
	t.source.Add(e)
	for t.logged != nil {
		e, _, ok := t.logged.Take()
		if !ok {
			return
		}
		what := "received WebSocket message from "
		if e.Outgoing {
			what = "sending WebSocket message to "
		}
		t.log.always(logTransport, what+e.Server+"\n\n"+e.Text)
	}
}

// masked replaces what must not be seen in a message: digests, keys of the media, DTMF digits (a PIN may be
// typed) and passwords in addresses.
func masked(text string) string {
	lines := strings.SplitAfter(text, "\n")
	body, secret, dtmf := false, false, false
	for i, line := range lines {
		content := strings.TrimRight(line, "\r\n")
		end := line[len(content):]
		switch {
		case body:
			content = maskedBody(content, dtmf)
		case content == "":
			body = true
		case content[0] == ' ' || content[0] == '\t': // a folded line belongs to the one before
			if secret {
				content = " " + config.Hidden
			}
		default:
			name, value, found := strings.Cut(content, ":")
			name = strings.TrimSpace(name)
			secret = found && strings.Contains(secretHeaders, " "+strings.ToLower(name)+" ")
			if secret {
				content = name + ": " + config.Hidden
			}
			if strings.EqualFold(name, "Content-Type") || strings.EqualFold(name, "c") {
				dtmf = strings.Contains(strings.ToLower(value), "dtmf")
			}
		}
		lines[i] = maskedAnywhere(maskedPasswords(content)) + end
	}
	return strings.Join(lines, "")
}

func maskedBody(line string, dtmf bool) string {
	switch {
	case strings.HasPrefix(line, "a=ice-pwd:"):
		return "a=ice-pwd:" + config.Hidden
	case strings.HasPrefix(line, "a=crypto:"):
		return "a=crypto:" + config.Hidden
	case dtmf && strings.HasPrefix(strings.ToLower(line), "signal"):
		return "Signal=" + config.Hidden
	case dtmf && !strings.Contains(line, "=") && line != "": // application/dtmf: the digit alone
		return config.Hidden
	default:
		return line
	}
}

// maskedAnywhere hides what says of itself that it is a secret, wherever it stands: a far end may send back what it was
// sent, in a body or a warning.
func maskedAnywhere(line string) string {
	for _, mark := range []string{"response=", "rspauth=", "ice-pwd:", "inline:", "nextnonce="} {
		rest, lower := line, lowerASCII(line)
		var b strings.Builder
		for {
			at := strings.Index(lower, mark)
			if at < 0 {
				break
			}
			start := at + len(mark)
			for start < len(rest) && strings.IndexByte(` "\'`, rest[start]) >= 0 {
				start++
			}
			end := strings.IndexAny(rest[start:], " \t\",;\\'<>")
			if end < 0 {
				end = len(rest) - start
			}
			b.WriteString(rest[:start])
			if end > 0 {
				b.WriteString(config.Hidden)
			}
			rest, lower = rest[start+end:], lower[start+end:]
		}
		if b.Len() > 0 {
			line = b.String() + rest
		}
	}
	return line
}

// lowerASCII is a text of the same length with its ASCII letters in lower case.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// maskedPasswords hides the password of sip:user:password@host.
func maskedPasswords(line string) string {
	for i := 0; i+len("sip:") <= len(line); i++ {
		start := i
		switch {
		case strings.EqualFold(line[i:i+4], "sip:"):
			start += 4
		case i+5 <= len(line) && strings.EqualFold(line[i:i+5], "sips:"):
			start += 5
		default:
			continue
		}
		end := strings.IndexAny(line[start:], "@ \t<>;\"")
		colon := strings.IndexByte(line[start:], ':')
		if end < 0 || line[start+end] != '@' || colon < 0 || colon > end {
			continue
		}
		line = line[:start+colon+1] + config.Hidden + line[start+end:]
	}
	return line
}
