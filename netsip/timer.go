package netsip

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

const (
	sessionInterval     = 1800 * time.Second // asked for (RFC 4028 section 4)
	minSessionInterval  = 90 * time.Second   // RFC 4028 section 5
	maxSessionInterval  = 24 * time.Hour     // beyond it a Min-SE is not followed
	leastSessionRefresh = 30 * time.Second   // before a refresh of ours, however little the far end grants
)

// sessionTimer is the keep-alive of a call (RFC 4028): one side refreshes at half the interval, by UPDATE or
// re-INVITE; when no refresh has come a little before its end, the call is dead and is hung up.
//
//	off ──2xx with Session-Expires──▶ running ──any refresh──▶ running
//	                                     └── interval − min(32 s, ⅓) ──▶ BYE
type sessionTimer struct {
	interval time.Duration // 0 = off
	minimum  time.Duration // Min-SE of a 422, 0 = none
	refresh  *loop.Timer   // only of the refresher
	expiry   *loop.Timer
	ours     bool // we refresh
}

// request is what our INVITE that starts a call says; minimum is the Min-SE of a 422, 0 for none.
func (t *sessionTimer) request(ua *UserAgent, minimum time.Duration) []sip.Header {
	if !ua.capabilities.sessionTimers() {
		return nil
	}
	t.minimum = minimum
	value := secondsText(max(sessionInterval, minimum))
	if ua.capabilities.forcesRefresher() {
		value += ";refresher=uac"
	}
	return t.withMinimum(sip.Header{Name: "Session-Expires", Value: value})
}

func (t *sessionTimer) withMinimum(h sip.Header) []sip.Header {
	if t.minimum == 0 {
		return []sip.Header{h}
	}
	return []sip.Header{h, {Name: "Min-SE", Value: secondsText(t.minimum)}}
}

// raise takes the interval that a 422 to a refresh needs (RFC 4028 section 7.4).
func (t *sessionTimer) raise(resp *sip.Message) bool {
	n, ok, err := resp.Uint("Min-SE")
	least := time.Duration(n) * time.Second
	if t.interval == 0 || !ok || err != nil || least <= max(t.minimum, t.interval) || least > maxSessionInterval {
		return false
	}
	t.minimum, t.interval = least, least
	return true
}

// refreshRequest is what our re-INVITE or UPDATE says; who refreshes stays who does (RFC 4028 section 7.4).
func (t *sessionTimer) refreshRequest() []sip.Header {
	if t.interval == 0 {
		return nil
	}
	refresher := "uas"
	if t.ours {
		refresher = "uac"
	}
	value := secondsText(t.interval) + ";refresher=" + refresher
	return t.withMinimum(sip.Header{Name: "Session-Expires", Value: value})
}

func secondsText(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// readSessionExpires reads Session-Expires; ok is false where there is none that makes sense.
func readSessionExpires(l *logger, m *sip.Message) (interval time.Duration, refresher string, ok bool) {
	n, given := l.number(m, "Session-Expires")
	if !given || n == 0 {
		return 0, "", false
	}
	for _, part := range strings.Split(m.Get("Session-Expires"), ";")[1:] {
		name, v, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(name), "refresher") {
			refresher = strings.ToLower(strings.Trim(v, " \t\""))
		}
	}
	return time.Duration(n) * time.Second, refresher, true
}

// tooSmall answers a request whose interval is below ours with 422; it tells whether it did. A caller without
// session timers cannot help what a proxy put in.
func (ua *UserAgent) tooSmallInterval(tx *serverTx) bool {
	interval, _, ok := readSessionExpires(ua.log, tx.req)
	if !ok || !ua.capabilities.sessionTimers() || interval >= minSessionInterval ||
		!listed(tx.req.Values("Supported"), "timer") {
		return false
	}
	tx.refuse(Refusal{422, "", "RFC 4028 section 5"},
		sip.Header{Name: "Min-SE", Value: secondsText(minSessionInterval)})
	return true
}

// answer is what our 2xx to an INVITE or UPDATE says, and starts the timer so agreed on (RFC 4028 section 9). The
// caller refreshes unless it wants us to or cannot.
func (t *sessionTimer) answer(s *Session, req *sip.Message) []sip.Header {
	interval, refresher, ok := readSessionExpires(s.ua.log, req)
	switch {
	case !s.ua.capabilities.sessionTimers(), !ok && t.interval == 0:
		t.stop()
		return nil
	case !ok: // it says nothing of the timer that runs: that goes on (RFC 4028 section 7.2)
		interval = t.interval
		if t.ours {
			refresher = "uas"
		}
	}
	interval = max(interval, minSessionInterval)
	able := listed(req.Values("Supported"), "timer")
	switch {
	case refresher != "":
	case s.ua.capabilities.forcesRefresher():
		refresher = "uas"
	default:
		refresher = "uac"
	}
	if !able {
		refresher = "uas"
	}
	t.run(s, interval, refresher == "uas")
	headers := []sip.Header{{Name: "Session-Expires", Value: secondsText(interval) + ";refresher=" + refresher}}
	if refresher == "uac" {
		headers = append(headers, sip.Header{Name: "Require", Value: "timer"})
	}
	return headers
}

// accepted takes what a 2xx to our INVITE or UPDATE agreed on (RFC 4028 section 7.2): nothing, and there is no timer.
func (t *sessionTimer) accepted(s *Session, resp *sip.Message) {
	interval, refresher, ok := readSessionExpires(s.ua.log, resp)
	if !ok || !s.ua.capabilities.sessionTimers() {
		t.stop()
		return
	}
	t.run(s, interval, refresher != "uas")
}

// run starts the timer anew. A far end that grants less than RFC 4028 allows, as JsSIP of old with its 60 s, is
// refreshed in its time, and given ours.
func (t *sessionTimer) run(s *Session, interval time.Duration, ours bool) {
	t.stop()
	refresh := max(interval/2, leastSessionRefresh)
	interval = max(interval, minSessionInterval)
	t.interval, t.ours = interval, ours
	if ours {
		t.refresh = s.ua.loop.AfterFunc(refresh, s.refresh)
	}
	t.expiry = s.ua.loop.AfterFunc(interval-min(32*time.Second, interval/3), func() {
		s.terminate(End{
			By: System, Cause: CauseSessionTimer, StatusCode: 408, Reason: CauseSessionTimer,
			Err: fmt.Errorf("session timer: %w", &TimeoutError{Method: "refresh", After: interval}),
		})
	})
}

func (t *sessionTimer) stop() {
	t.refresh.Stop()
	t.expiry.Stop()
	t.interval = 0
}
