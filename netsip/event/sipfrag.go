package event

import (
	"fmt"
	"strconv"
	"strings"

	"calla/netsip/sip"
)

// Sipfrag is the first line of a message/sipfrag body (RFC 3420): how a call that REFER asked for stands (RFC 3515
// section 2.4.5).
type Sipfrag struct {
	Code   int    // SIP status, 100 to 699
	Phrase string // the far end's text, one line
}

// String is the body.
func (s Sipfrag) String() string { return fmt.Sprintf("SIP/2.0 %d %s\r\n", s.Code, s.Phrase) }

// ParseSipfrag reads the status line and passes over what follows, and blank lines before it. The error wraps ErrBody.
func ParseSipfrag(body []byte) (Sipfrag, error) {
	line, _, _ := strings.Cut(strings.TrimLeft(string(body), " \t\r\n"), "\n")
	line = strings.ReplaceAll(line, "\t", " ")
	version, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	number, phrase, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	code, err := strconv.Atoi(number)
	known := strings.EqualFold(version, "SIP/2.0") && err == nil && len(number) == 3 && code >= 100 && code <= 699
	if !known || sip.CheckText(phrase) != nil {
		return Sipfrag{}, fmt.Errorf("sipfrag: %w", ErrBody)
	}
	return Sipfrag{Code: code, Phrase: sip.Readable(strings.TrimSpace(phrase))}, nil
}
