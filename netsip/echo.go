package netsip

import (
	"bytes"
	"slices"
	"strings"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// What is remembered of the secrets that were sent, to know them when they come back.
const (
	maxShown      = 64 // secrets, the last ones
	shortestShown = 12 // octets; less may be any word
)

// shown are the secrets that our messages had, digests and keys of media, the last ones: a far end may send them back
// in a reason phrase, a warning or a body, and they reach neither trace nor words. It belongs to the loop.
type shown struct {
	secrets []string // in lower case: digests come back in either
}

// add remembers a secret that is sent.
func (s *shown) add(secret string) {
	secret = lowerASCII(secret)
	if len(secret) < shortestShown || slices.Contains(s.secrets, secret) {
		return
	}
	if len(s.secrets) >= maxShown {
		s.secrets = slices.Delete(s.secrets, 0, 1)
	}
	s.secrets = append(s.secrets, secret)
}

// note remembers the keys of media in a message of ours.
func (s *shown) note(message []byte) {
	for line := range bytes.Lines(message) {
		for _, name := range []string{"a=ice-pwd:", "a=crypto:"} {
			if value, is := bytes.CutPrefix(line, []byte(name)); is {
				if _, key, inline := bytes.Cut(value, []byte("inline:")); inline {
					value = key
				}
				s.add(string(bytes.TrimSpace(value)))
			}
		}
	}
}

// hidden is a text without the secrets.
func (s *shown) hidden(text string) string {
	if len(s.secrets) == 0 || len(text) < shortestShown {
		return text
	}
	lower := lowerASCII(text)
	for _, secret := range s.secrets {
		for {
			at := strings.Index(lower, secret)
			if at < 0 {
				break
			}
			text = text[:at] + config.Hidden + text[at+len(secret):]
			lower = lower[:at] + config.Hidden + lower[at+len(secret):]
		}
	}
	return text
}

// conceal takes the secrets out of what a received message says to people.
func (s *shown) conceal(m *sip.Message) {
	m.Reason = s.hidden(m.Reason)
	for i, h := range m.Headers {
		for _, name := range []string{"Warning", "Reason", "Subject"} {
			if strings.EqualFold(h.Name, name) {
				m.Headers[i].Value = s.hidden(h.Value)
			}
		}
	}
	if mediaType, _ := m.ContentType(); len(m.Body) > 0 && mediaType != sdpType {
		m.Body = []byte(s.hidden(string(m.Body)))
	}
}
