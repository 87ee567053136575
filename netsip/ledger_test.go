package netsip

import (
	"fmt"
	"strings"

	"calla/netsip/trace"
)

// ledger keeps account of the requests that came in, by the branch of the topmost Via, and method.
type ledger map[string]*account

type account struct {
	request  string         // its first line
	received int            // how often
	finals   map[string]int // status lines of final responses
	lost     bool           // the flow broke while it had none
	spoiled  bool           // it came malformed too: who knows what was read of it
}

// note takes a message of the trace.
func (l ledger) note(e trace.Entry) {
	start, via, method := headOf(e.Text)
	if via == "" || method == "" || method == "ACK" {
		return
	}
	key := via + " " + method
	a := l[key]
	response := strings.HasPrefix(start, "SIP/2.0 ")
	switch {
	case !response && !e.Outgoing:
		if a == nil {
			// what is malformed may be dropped
			a = &account{request: start, finals: map[string]int{}, lost: e.Error != ""}
			l[key] = a
		}
		a.received++
	case response && e.Outgoing && a != nil && start[8] != '1':
		a.finals[start]++
	}
}

// broken is told when the flow is gone: responses may be lost with it.
func (l ledger) broken() {
	for _, a := range l {
		a.lost = a.lost || len(a.finals) == 0
	}
}

// judge tells of requests without a final response, and of those with several that differ: one that came again after
// the end of its transaction is a new one.
func (l ledger) judge() []string {
	var wrong []string
	for key, a := range l {
		switch {
		case a.spoiled:
		case len(a.finals) == 0 && !a.lost:
			wrong = append(wrong, fmt.Sprintf("%s (%s): no final response", a.request, key))
		case len(a.finals) > a.received:
			wrong = append(wrong, fmt.Sprintf("%s (%s): came %d times, answered %v", a.request, key, a.received,
				a.finals))
		}
	}
	return wrong
}

// headOf reads what the ledger needs of a message.
func headOf(text string) (start, branch, method string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch {
		case line == "":
			return start, branch, method
		case start == "":
			start = line
		case branch == "" && strings.TrimSpace(name) == "Via":
			_, branch, _ = strings.Cut(value, "branch=")
		case strings.TrimSpace(name) == "CSeq":
			_, method, _ = strings.Cut(value, " ")
		}
	}
	return start, branch, method
}
