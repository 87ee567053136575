package netsip

import (
	"strconv"
	"strings"
	"time"

	"calla/netsip/sip"
)

// readEvent reads the Event header field (RFC 6665 section 8.2.1): the package in lower case, and the id.
func readEvent(m *sip.Message) (eventType, id string) {
	eventType, params, _ := strings.Cut(m.Get("Event"), ";")
	for param := range strings.SplitSeq(params, ";") {
		name, v, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "id") {
			id = strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return strings.ToLower(strings.TrimSpace(eventType)), id
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
