package phone

import (
	"errors"
	"strings"
	"testing"
	"time"

	"calla/netsip"
	"calla/netsip/ws"
	"calla/phone/cause"
)

// checkWords finds what no text for people may be: empty, bare code, null.
func checkWords(t *testing.T, about, words string) {
	t.Helper()
	lower := strings.ToLower(words)
	letters := strings.Count(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return 'a'
		}
		return -1
	}, lower), "")
	if words == "" || letters < 4 || strings.Contains(lower, "nil") || strings.Contains(lower, "null") ||
		strings.Contains(lower, "undefined") {
		t.Errorf("%s: said %q", about, words)
	}
}

func TestEveryEndHasWords(t *testing.T) {
	causes := []string{
		netsip.CauseBye, netsip.CauseCanceled, netsip.CauseRejected, netsip.CauseBusy, netsip.CauseRedirected,
		netsip.CauseUnavailable,
		netsip.CauseNotFound, netsip.CauseIncomplete, netsip.CauseIncompatible, netsip.CauseAuthentication,
		netsip.CauseStatus,
		netsip.CauseConnection, netsip.CauseTimeout, netsip.CauseInternal, netsip.CauseMissingSDP, netsip.CauseDialog,
		netsip.CauseMedia,
		netsip.CauseNoAnswer, netsip.CauseExpires, netsip.CauseNoACK, netsip.CauseBadDescription,
		netsip.CauseRTPTimeout,
		netsip.CauseSessionTimer, netsip.CauseReplaced, "something new",
	}
	for _, by := range []netsip.Party{netsip.Local, netsip.Remote, netsip.System} {
		for _, why := range causes {
			for _, code := range []int{
				0, 302, 400, 402, 403, 404, 408, 410, 430, 480, 482, 484, 486, 487, 488, 491,
				500, 503, 513, 600, 603, 604, 606,
			} {
				for _, reason := range []string{"", "Odd\r\nPhrase"} {
					for _, incoming := range []bool{false, true} {
						end := &netsip.End{By: by, Cause: why, StatusCode: code, Reason: reason}
						e := explainEnd(end, CallState{Address: "bob", Incoming: incoming})
						about, told := why, tell(e.Cause)
						checkWords(t, about, told.Headline())
						if strings.ContainsAny(told.Line()+told.Short, "\r\n") {
							t.Errorf("%s: more than a line: %q", about, told)
						}
						if told.Title != "" {
							checkWords(t, about, told.Short)
							if !strings.HasSuffix(told.Title, ".") || told.Do == "" || e.Detail == "" ||
								e.Action == cause.ActionNone {
								t.Errorf("%s %d: problem %+v", about, code, e)
							}
						}
					}
				}
			}
		}
	}
}

func TestEveryAccountStatusHasWords(t *testing.T) {
	errs := []error{
		nil, netsip.ErrNoPassword, netsip.ErrConnectionLost, netsip.ErrNoBinding, errors.New("odd"),
		&netsip.StatusError{
			Method: "REGISTER", StatusCode: 503, Reason: "Service Unavailable",
			RetryAfter: 8 * time.Second,
		},
		&netsip.StatusError{Method: "REGISTER", StatusCode: 401, Err: netsip.ErrRefusedCredentials},
		&netsip.TimeoutError{Method: "REGISTER", After: 32 * time.Second},
		&ws.DialError{URL: "wss://sip.example.com/ws", Stage: ws.StageDNS, Err: errors.New("no such host")},
	}
	for flow := netsip.FlowIdle; flow <= netsip.FlowStopped; flow++ {
		for registration := netsip.Unregistered; registration <= netsip.Unregistering; registration++ {
			for _, err := range errs {
				for _, registers := range []bool{true, false} {
					s := netsip.State{Flow: flow, Registration: registration, Err: err}
					got, standing, problem := status(s, registers, "alice@example.com")
					if words := tell(standing).Short; len(words) < 3 {
						t.Errorf("%v %v %v: said %q", flow, registration, err, words)
					}
					if got == StatusFailed && err != nil && problem == nil {
						t.Errorf("%v %v %v: failed without a reason", flow, registration, err)
					}
				}
			}
		}
	}
}

func TestSoundFollowsFromState(t *testing.T) {
	call := func(p Phase, change ...func(*CallState)) State {
		c := CallState{ID: "1", Phase: p, Active: p != PhaseIncoming}
		for _, f := range change {
			f(&c)
		}
		return State{Calls: []CallState{c}}
	}
	talk := needs{mic: true, speaker: true}
	knock := talk
	knock.waiting = true
	held := func(c *CallState) { c.Active, c.Held = false, true }
	second := func(s State, c CallState) State { s.Calls = append(s.Calls, c); return s }
	ringback := talk
	ringback.progress = ProgressRingback
	for name, c := range map[string]struct {
		state State
		want  needs
	}{
		"idle":        {State{}, needs{}},
		"calling":     {call(PhaseCalling), talk},
		"ringing":     {call(PhaseRinging), ringback},
		"early media": {call(PhaseRinging, func(c *CallState) { c.EarlyMedia = true }), talk},
		"incoming":    {call(PhaseIncoming), needs{ringer: true}},
		"ignored":     {call(PhaseIncoming, func(c *CallState) { c.Silenced = true }), needs{}},
		"answering":   {call(PhaseAnswering), talk},
		"established": {call(PhaseEstablished), talk},
		"ending":      {call(PhaseEnding), needs{}},
		"held":        {call(PhaseEstablished, held), needs{}},
		"waiting":     {second(call(PhaseEstablished), CallState{Phase: PhaseIncoming, Waiting: true}), knock},
		"waiting, ignored": {second(call(PhaseEstablished),
			CallState{Phase: PhaseIncoming, Waiting: true, Silenced: true}), talk},
		"incoming, other held": {
			second(call(PhaseEstablished, held), CallState{Phase: PhaseIncoming}),
			needs{ringer: true},
		},
		"busy, other held": {
			func() State { s := call(PhaseEstablished, held); s.Ended = &EndedCall{Tone: ProgressBusy}; return s }(),
			needs{speaker: true, progress: ProgressBusy},
		},
		"busy":    {State{Ended: &EndedCall{Tone: ProgressBusy}}, needs{speaker: true, progress: ProgressBusy}},
		"hung up": {State{Ended: &EndedCall{}}, needs{}},
	} {
		if got := needsOf(c.state); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestDigitsOfINFO(t *testing.T) {
	for body, want := range map[string]string{
		"Signal=1\r\nDuration=100": "1", "Signal= 5\r\nDuration= 100": "5", "signal = #\n": "#",
		"Duration=1\nSignal=d": "D",
		"Signal=12":            "", "Signal=x": "", "": "", "Signal": "",
	} {
		if got := infoDigit("application/dtmf-relay; charset=x", []byte(body)); got != want {
			t.Errorf("%q: digit %q, want %q", body, got, want)
		}
	}
	if got := infoDigit("application/dtmf", []byte(" * ")); got != "*" {
		t.Errorf("digit %q", got)
	}
	if got := infoDigit("text/plain", []byte("Signal=1")); got != "" {
		t.Errorf("text/plain gives digit %q", got)
	}
}

func TestRecordingIsJudged(t *testing.T) {
	sine := func(amplitude float64) []int16 {
		pcm := make([]int16, 48000)
		for i := range pcm {
			v := amplitude * float64(i%100-50) / 50
			pcm[i] = int16(max(-32768, min(32767, v)))
		}
		return pcm
	}
	for short, pcm := range map[string][]int16{
		"Microphone is silent": make([]int16, 48000), "Too quiet": sine(20), "": sine(8000), "Too loud": sine(60000),
	} {
		got := ""
		if p := judge(pcm); p != nil {
			got = tell(*p).Short
		}
		if got != short {
			t.Errorf("judged %q, want %q", got, short)
		}
	}
}
