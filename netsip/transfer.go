package netsip

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"calla/netsip/config"
	"calla/netsip/event"
	"calla/netsip/loop"
	"calla/netsip/sip"
)

// Errors of transfers a caller branches on.
var (
	// ErrNotEstablished: only an established call can be transferred, or be the target of a transfer.
	ErrNotEstablished = errors.New("call not established")
	// ErrTransferPending: the call is being transferred already.
	ErrTransferPending = errors.New("a transfer of this call is under way")
	// ErrTransferUnknown: the far end took the transfer on and never told what became of it.
	ErrTransferUnknown = errors.New("outcome of the transfer not told")
)

const (
	referExpires  = 300 * time.Second // life of the subscription that REFER makes, without refresh
	byeToNotify   = 5 * time.Second   // between a far end's BYE and the outcome it may still tell
	referLinger   = timeout           // for the last NOTIFY, once the outcome is known
	maxReferLives = time.Hour         // whatever the far end says

	// untoldPatience is how long the outcome may still be told after a NOTIFY that ended the subscription while the
	// target was being called: as long as proxies let it ring (RFC 3261 section 16.6, timer C).
	untoldPatience = 180 * time.Second
)

// TransferState is where a transfer stands.
//
//	Asked ──2xx, NOTIFY 100──▶ Trying ──NOTIFY 1xx──▶ Progress ──NOTIFY 2xx──▶ Done: BYE
//	  └── refused, lost ──┬──────┴── NOTIFY 3xx–6xx, silence ──┘
//	                   Failed: the call is as it was
type TransferState int

// The states of a transfer.
const (
	TransferAsked TransferState = iota
	TransferTrying
	TransferProgress
	TransferDone
	TransferFailed
)

func (s TransferState) String() string {
	return [...]string{"asked", "trying", "progress", "done", "failed"}[s]
}

// Transfer is a call's far end asked to call somebody else (RFC 3515, RFC 5589), with the implicit
// subscription by which it tells what becomes of that. It belongs to the loop.
type Transfer struct {
	session  *Session
	other    *Session // the call whose place is to be taken; nil in a blind transfer
	exchange *exchange
	state    TransferState
	accepted bool // 2xx to the REFER, or a NOTIFY, came
	rang     bool // a NOTIFY told a provisional response of the target
	told     bool // code is what the target said to the far end
	code     int
	reason   string
	err      error
	timer    *loop.Timer // patience in each state, and then the time the last NOTIFY has
	onChange func(*Transfer)
}

// State tells where the transfer stands.
func (t *Transfer) State() TransferState { return t.state }

// Code is the status the far end last told of its call to the target, or with which it refused to make one;
// 0 until then.
func (t *Transfer) Code() int { return t.code }

// Reason is the phrase of Code, the far end's text.
func (t *Transfer) Reason() string { return t.reason }

// Rang tells whether the target was reached: it rang, or more.
func (t *Transfer) Rang() bool { return t.rang }

// Told tells whether Code is what the target, or the way to it, said to the far end; else it is the far end itself, or
// the way to it, that refused to call the target.
func (t *Transfer) Told() bool { return t.told }

// Err tells why a transfer failed, nil before: *StatusError, *TimeoutError, ErrTransferUnknown, …
func (t *Transfer) Err() error { return t.err }

// Transfer asks the far end to call target, read by DialTarget, in place of this call. onChange, which may be
// nil, is called on the loop after each change. When the far end tells that the target answered, this
// call is hung up; until then, and if it fails, the call stays as it is. The error is ErrNotEstablished,
// ErrTransferPending or a *TargetError.
func (s *Session) Transfer(target string, onChange func(*Transfer)) (*Transfer, error) {
	uri, err := config.DialTarget(target, s.ua.config.Domain())
	if err != nil {
		return nil, err
	}
	return s.TransferToAddress(uri, onChange)
}

// TransferToAddress is Transfer to an address as the network gave it.
func (s *Session) TransferToAddress(uri sip.URI, onChange func(*Transfer)) (*Transfer, error) {
	return s.refer("<"+uri.WithoutHeaders().String()+">", nil, onChange)
}

// TransferTo asks the far end to take our place in the established call other (RFC 3891). Both calls are hung up
// when it has. Otherwise as Transfer.
func (s *Session) TransferTo(other *Session, onChange func(*Transfer)) (*Transfer, error) {
	if other == s || other.state != SessionEstablished {
		return nil, ErrNotEstablished
	}
	uri := other.transferTarget()
	uri.Headers = "Replaces=" + escapeHeader(replacesOf(other.dialog).String())
	return s.refer("<"+uri.String()+">", other, onChange)
}

// transferTarget is the address under which a third party reaches the far end: its GRUU (RFC 5627), else its
// address of record; its Contact only where it hides its address.
func (s *Session) transferTarget() sip.URI {
	if _, gruu := s.dialog.target.Params.Get("gr"); gruu {
		return s.dialog.target
	}
	uri := s.remote.URI
	if uri.Scheme != "sip" || uri.Host == "" || uri.User == "" || uri.Host == "anonymous.invalid" ||
		!fits(uri.WithoutHeaders()) {
		return s.dialog.target
	}
	return uri.WithoutHeaders()
}

func (s *Session) refer(referTo string, other *Session, onChange func(*Transfer)) (*Transfer, error) {
	switch {
	case s.state != SessionEstablished:
		return nil, ErrNotEstablished
	case !s.ua.connection.up():
		return nil, ErrNotConnected
	case slices.ContainsFunc(s.usages.transfers, func(t *Transfer) bool { return t.state < TransferDone }):
		return nil, ErrTransferPending
	}
	t := &Transfer{session: s, other: other, onChange: onChange}
	s.usages.addTransfer(t)
	headers := []sip.Header{
		{Name: "Refer-To", Value: referTo},
		{Name: "Referred-By", Value: "<" + s.referredBy().String() + ">"},
		{Name: "Contact", Value: s.dialog.contact},
	}
	t.exchange = s.dialog.send("REFER", headers, nil, t.response, t.failed)
	return t, nil
}

// referredBy is who asks for the transfer: in an anonymous call the name that the far end knows.
func (s *Session) referredBy() sip.URI {
	if s.anonymous() {
		return sip.URI{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}
	}
	return s.ua.identity.aor
}

// id is what the far end's NOTIFYs carry to name this REFER: its CSeq, that of the last one where the first was
// challenged (RFC 3515 section 2.4.6).
func (t *Transfer) id() uint32 {
	seq, _ := t.exchange.msg.CSeq()
	return seq.Seq
}

func (t *Transfer) response(resp *sip.Message, err error) {
	switch {
	case resp.StatusCode < 300:
		t.accepted = true
		if t.state != TransferAsked { // a NOTIFY was faster
			return
		}
		t.wait(timeout, t.silence) // RFC 6665 section 4.1.2.4, timer N
		t.set(TransferTrying)
	default:
		t.code, t.reason = resp.StatusCode, resp.Reason
		t.fail(statusError("REFER", resp, err))
		t.forget()
		if resp.StatusCode == 481 && t.session.state != SessionEnded {
			t.session.dialogLost(t.err)
		}
	}
}

// failed: no final response. Where only the answer was lost with the flow, NOTIFYs may yet come over the next.
func (t *Transfer) failed(err error) {
	if t.state != TransferAsked {
		return
	}
	if errors.Is(err, ErrConnectionLost) && !t.session.ua.stopped {
		t.wait(timeout, func() { t.silenceFor(err) })
		return
	}
	t.silenceFor(err)
}

// silence ends a transfer of which nothing more is heard. A far end that has left the call meanwhile did what it
// was asked for; not all tell.
func (t *Transfer) silence() {
	if t.accepted && t.session.end != nil && t.session.end.By == Remote {
		t.code, t.reason = 202, sip.StatusText(202)
		t.done()
		t.forget()
		return
	}
	t.silenceFor(ErrTransferUnknown)
}

func (t *Transfer) silenceFor(err error) {
	t.fail(err)
	t.forget()
}

// sessionEnded: the call is over while the outcome is not known.
func (t *Transfer) sessionEnded() {
	if t.state < TransferDone && t.accepted {
		t.wait(byeToNotify, t.silence)
	}
}

// news takes the status the far end tells, and whether it ends the subscription by that. A provisional status with the
// end is no outcome (RFC 3515 section 2.4.5): SIP.js says "terminated" in every NOTIFY, and goes on telling; others
// tell nothing more. So the transfer stays where it was said to be until more is told, or for as long as it can ring.
func (t *Transfer) news(status event.Sipfrag, given bool, expires time.Duration, state subscriptionState) {
	t.accepted = true
	over := state.over()
	if given && t.state < TransferDone {
		t.code, t.reason, t.told = status.Code, status.Phrase, true
		switch {
		case status.Code >= 300:
			t.fail(&StatusError{Method: "REFER", StatusCode: status.Code, Reason: status.Phrase})
		case status.Code >= 200:
			t.done()
		case status.Code > 100:
			t.rang = true
			t.set(TransferProgress)
		default:
			t.set(max(t.state, TransferTrying))
		}
	}
	mayTell := given && (state.reason == "" || state.reason == "noresource") && t.session.state != SessionEnded
	switch {
	case over && t.state < TransferDone && mayTell:
		t.wait(untoldPatience, t.silence)
	case over && t.state < TransferDone:
		t.silence()
	case over:
		t.forget()
	case t.state < TransferDone && t.session.state != SessionEnded:
		t.wait(expires, t.silence)
	case t.state < TransferDone:
		t.wait(byeToNotify, t.silence)
	default:
		t.wait(referLinger, t.forget)
	}
}

func (t *Transfer) wait(d time.Duration, then func()) {
	t.timer.Stop()
	t.timer = t.session.ua.loop.AfterFunc(d, then)
}

func (t *Transfer) set(state TransferState) {
	t.state = state
	if t.onChange != nil {
		t.session.ua.loop.Post(func() { t.onChange(t) })
	}
}

func (t *Transfer) fail(err error) {
	if t.state < TransferDone {
		t.err = fmt.Errorf("transfer: %w", err)
		t.set(TransferFailed)
	}
}

// done ends what the transfer has made superfluous.
func (t *Transfer) done() {
	t.set(TransferDone)
	t.session.HangUp()
	if t.other != nil {
		t.other.HangUp()
	}
}

// forget ends the subscription here.
func (t *Transfer) forget() {
	t.timer.Stop()
	t.session.usages.endTransfer(t)
}

// transferOf finds the REFER that an event of the refer package is about (RFC 3515 section 2.4.6). Without id it is the
// only one, or the only one whose outcome is not known.
func (s *Session) transferOf(id string) *Transfer {
	if id == "" && len(s.usages.transfers) == 1 {
		return s.usages.transfers[0]
	}
	for _, t := range s.usages.transfers {
		if strings.TrimLeft(id, "0") == itoa(int(t.id())) || id == "" && t.state < TransferDone {
			return t
		}
	}
	return nil
}
