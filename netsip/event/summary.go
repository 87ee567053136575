package event

import (
	"fmt"
	"strconv"
	"strings"
)

// maxWaiting bounds the counts of a message summary.
const maxWaiting = 9999

// MessageSummary is an application/simple-message-summary body (RFC 3842): voice messages that wait.
type MessageSummary struct {
	Waiting              bool
	New, Old             int    // at most 9999
	NewUrgent, OldUrgent int    // counted in New and Old
	Account              string // URI to call for them; the far end's text, "" if not told
}

// ParseMessageSummary reads a body of at most 64 KiB. The error wraps ErrBody.
func ParseMessageSummary(body []byte) (MessageSummary, error) {
	var m MessageSummary
	if len(body) > MaxBody {
		return m, fmt.Errorf("message summary: %w: too large", ErrBody)
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
				return MessageSummary{}, fmt.Errorf("message summary: %w: waiting %q", ErrBody, v)
			}
			m.Waiting, waiting = strings.EqualFold(v, "yes"), true
		case "message-account":
			m.Account = v
		case "voice-message":
			if !m.readCounts(v) {
				return MessageSummary{}, fmt.Errorf("message summary: %w: counts %q", ErrBody, v)
			}
		}
	}
	if !waiting {
		return MessageSummary{}, fmt.Errorf("message summary: %w: does not tell whether any wait", ErrBody)
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
