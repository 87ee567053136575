package netsip

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"calla/netsip/sip"
)

const (
	sipfragType        = "message/sipfrag"
	messageSummaryType = "application/simple-message-summary"
	dialogInfoType     = "application/dialog-info+xml"
	presenceType       = "application/pidf+xml"

	maxEventBody = 64 << 10 // octets; no frame brings more
)

// ErrEventBody: what a NOTIFY brought cannot be read.
var ErrEventBody = errors.New("malformed event body")

// sipfrag is the first line of a message/sipfrag body (RFC 3420): how a call that REFER asked for stands.
type sipfrag struct {
	code   int
	phrase string
}

func (s sipfrag) String() string { return fmt.Sprintf("SIP/2.0 %d %s\r\n", s.code, s.phrase) }

// parseSipfrag reads the status line and passes over what follows.
func parseSipfrag(body []byte) (sipfrag, error) {
	line, _, _ := strings.Cut(string(body), "\n")
	version, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	number, phrase, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	code, err := strconv.Atoi(number)
	if !strings.EqualFold(version, "SIP/2.0") || err != nil || len(number) != 3 || code < 100 || code > 699 || sip.CheckText(phrase) != nil {
		return sipfrag{}, fmt.Errorf("sipfrag: %w", ErrEventBody)
	}
	return sipfrag{code, strings.TrimSpace(phrase)}, nil
}

// readEvent reads the Event header field (RFC 6665 section 8.2.1): the package in lower case, and the id.
func readEvent(m *sip.Message) (event, id string) {
	event, params, _ := strings.Cut(m.Get("Event"), ";")
	for param := range strings.SplitSeq(params, ";") {
		name, v, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "id") {
			id = strings.TrimSpace(v)
		}
	}
	return strings.ToLower(strings.TrimSpace(event)), id
}

// subscriptionState is the Subscription-State header field (RFC 6665 section 8.2.3).
type subscriptionState struct {
	state      string        // "active", "pending", "terminated", or what else it says, in lower case
	expires    time.Duration // 0 = not given
	reason     string        // in lower case
	retryAfter time.Duration // 0 = not given; at most maxRetryAfter
}

func (s subscriptionState) over() bool { return s.state == "terminated" }

// readSubscriptionState reads Subscription-State; false where there is none.
func readSubscriptionState(m *sip.Message) (subscriptionState, bool) {
	value, params, _ := strings.Cut(m.Get("Subscription-State"), ";")
	s := subscriptionState{state: strings.ToLower(strings.TrimSpace(value))}
	for param := range strings.SplitSeq(params, ";") {
		name, v, _ := strings.Cut(param, "=")
		v = strings.ToLower(strings.Trim(strings.TrimSpace(v), `"`))
		n, err := strconv.ParseUint(v, 10, 32)
		seconds := time.Duration(n) * time.Second
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "expires":
			if err == nil {
				s.expires = seconds
			}
		case "retry-after":
			if err == nil {
				s.retryAfter = min(seconds, maxRetryAfter)
			}
		case "reason":
			s.reason = v
		}
	}
	return s, s.state != ""
}

// maxWaiting bounds the counts of a message summary.
const maxWaiting = 9999

// MessageSummary is an application/simple-message-summary body (RFC 3842): voice messages that wait.
type MessageSummary struct {
	Waiting              bool
	New, Old             int    // at most 9999
	NewUrgent, OldUrgent int    // counted in New and Old
	Account              string // URI to call for them; the far end's text, "" if not told
}

// ParseMessageSummary reads a body of at most 64 KiB. The error wraps ErrEventBody.
func ParseMessageSummary(body []byte) (MessageSummary, error) {
	var m MessageSummary
	if len(body) > maxEventBody {
		return m, fmt.Errorf("message summary: %w: too large", ErrEventBody)
	}
	waiting := false
	for line := range strings.SplitSeq(string(body), "\n") {
		name, v, ok := strings.Cut(line, ":")
		v = strings.TrimSpace(v)
		if !ok {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "messages-waiting":
			if !strings.EqualFold(v, "yes") && !strings.EqualFold(v, "no") {
				return MessageSummary{}, fmt.Errorf("message summary: %w: waiting %q", ErrEventBody, v)
			}
			m.Waiting, waiting = strings.EqualFold(v, "yes"), true
		case "message-account":
			m.Account = v
		case "voice-message":
			if !m.readCounts(v) {
				return MessageSummary{}, fmt.Errorf("message summary: %w: counts %q", ErrEventBody, v)
			}
		}
	}
	if !waiting {
		return MessageSummary{}, fmt.Errorf("message summary: %w: does not tell whether any wait", ErrEventBody)
	}
	return m, nil
}

// readCounts reads "new/old" or "new/old (urgent new/urgent old)".
func (m *MessageSummary) readCounts(v string) bool {
	all, urgent, given := strings.Cut(v, "(")
	ok := readPair(all, &m.New, &m.Old)
	if given {
		urgent, closed := strings.CutSuffix(strings.TrimSpace(urgent), ")")
		ok = ok && closed && readPair(urgent, &m.NewUrgent, &m.OldUrgent)
	}
	return ok
}

func readPair(v string, first, second *int) bool {
	a, b, ok := strings.Cut(v, "/")
	return ok && readCount(a, first) && readCount(b, second)
}

func readCount(v string, count *int) bool {
	v = strings.TrimSpace(v)
	if v == "" || strings.Trim(v, "0123456789") != "" {
		return false
	}
	n, err := strconv.Atoi(v)
	if err != nil || n > maxWaiting { // too many to count
		n = maxWaiting
	}
	*count = n
	return true
}
