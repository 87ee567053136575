package netsip

import (
	"strconv"
	"strings"
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// Reliable provisional responses (RFC 3262). As caller we acknowledge each one by PRACK, in order. As callee
// we send them when the caller requires it, or may and the account wants it:
//
//	180 with RSeq ──PRACK──▶ 200 ──the next one, or the final response──▶
//	  │ ↺ after T1, 2·T1, 4·T1 …
//	  └── 64·T1 ──▶ 504
//
// An INVITE without an offer gets ours in the first of them, and the PRACK has the answer (RFC 3262 section 5).

const reliable = "100rel" // the option tag

// provisionals are the reliable 1xx of an incoming call; nil where they are not reliable.
type provisionals struct {
	rseq     uint32       // of the last one sent
	sent     *sip.Message // waits for its PRACK; nil = none
	next     *sip.Message // waits for its turn
	timer    *loop.Timer
	interval time.Duration
	since    time.Time
	answer   bool // the user has answered: the 200 waits for the PRACK
}

// progress sends a provisional response to the INVITE, body and all, reliably where that is agreed on.
func (in *incoming) progress(code int, offer []byte) {
	s := in.session
	resp := in.tx.response(code, "")
	resp.Add("Contact", s.dialog.contact)
	p := in.reliable
	if p == nil {
		in.tx.respond(resp)
		return
	}
	s.ua.capabilities.addTo(resp, "INVITE")
	resp.Add("Require", reliable)
	if offer != nil {
		resp.Add("Content-Type", sdpType)
		resp.Body = offer
	}
	if p.sent != nil { // one at a time (RFC 3262 section 3)
		p.next = resp
		return
	}
	in.sendReliably(resp)
}

func (in *incoming) sendReliably(resp *sip.Message) {
	s := in.session
	p := in.reliable
	if p.rseq == 0 {
		p.rseq = s.ua.rand.Uint32N(1 << 30)
	}
	p.rseq++
	resp.Add("RSeq", strconv.FormatUint(uint64(p.rseq), 10))
	if !in.tx.respond(resp) {
		return
	}
	p.sent, p.interval, p.since = resp, t1, time.Now()
	var again func()
	again = func() {
		if time.Since(p.since) >= timeout {
			s.refuse(End{
				By: Remote, Cause: CauseNoACK, StatusCode: 504, Err: &TimeoutError{Method: "PRACK", After: timeout},
			})
			return
		}
		in.tx.again()
		p.interval = min(2*p.interval, timeout-time.Since(p.since))
		p.timer = s.ua.loop.AfterFunc(max(p.interval, 0), again)
	}
	p.timer = s.ua.loop.AfterFunc(p.interval, again)
}

// stop ends the retransmissions: a final response has been sent.
func (p *provisionals) stop() {
	if p != nil {
		p.timer.Stop()
	}
}

// holdsAnswer tells whether the final response has to wait for a PRACK: a reliable response with a description
// is not acknowledged (RFC 3262 section 3).
func (p *provisionals) holdsAnswer() bool { return p != nil && p.sent != nil && len(p.sent.Body) > 0 }

// answerLater: the user has answered, and the 200 waits for the PRACK.
func (p *provisionals) answerLater() { p.answer = true }

// prackReceived takes the acknowledgement of a reliable provisional response.
func (s *Session) prackReceived(tx *serverTx) {
	if s.in == nil || s.in.reliable == nil || s.in.reliable.sent == nil || !s.in.acknowledges(tx.req) {
		tx.refuse(Refusal{481, "", "RFC 3262 section 3"})
		return
	}
	if refuseBody(tx) {
		return
	}
	p, n := s.in.reliable, &s.negotiation
	offered := len(p.sent.Body) > 0
	p.timer.Stop()
	p.sent = nil
	switch {
	case !offered:
		s.in.answerPrack(tx)
	case !isSDP(tx.req): // RFC 3262 section 5: the answer to the offer must be in it
		tx.refuse(Refusal{400, CauseMissingSDP, "RFC 3262 section 5"})
		s.refuse(missingDescription())
	default:
		n.serve(tx)
		n.receiveAnswer(tx.req.Body, func(err error) {
			n.served()
			if err != nil {
				code, extra := mediaRefusal(err, 488, s.ua.identity.viaHost)
				tx.refuse(Refusal{code, "", "RFC 3262 section 5"}, extra...)
				s.refuseMedia(err, 488)
				return
			}
			tx.reply(200, "")
			s.in.goOnAfterPrack()
		})
	}
}

// acknowledges tells whether a PRACK is for the response that waits (RFC 3262 section 7.2).
func (in *incoming) acknowledges(prack *sip.Message) bool {
	seq, err := in.tx.req.CSeq()
	fields := strings.Fields(prack.Get("RAck"))
	if err != nil || len(fields) != 3 || fields[2] != "INVITE" {
		return false
	}
	rseq, err1 := strconv.ParseUint(fields[0], 10, 32)
	cseq, err2 := strconv.ParseUint(fields[1], 10, 32)
	return err1 == nil && err2 == nil && uint32(rseq) == in.reliable.rseq && uint32(cseq) == seq.Seq
}

// answerPrack answers a PRACK, and the offer it may have once the exchange before it is over (RFC 3262 section 5).
func (in *incoming) answerPrack(tx *serverTx) {
	s := in.session
	n := &s.negotiation
	switch {
	case len(tx.req.Body) == 0:
		tx.reply(200, "")
		in.goOnAfterPrack()
		return
	case !n.free():
		tx.refuse(Refusal{491, "", "RFC 3261 section 14.2"})
		in.goOnAfterPrack()
		return
	}
	n.serve(tx)
	n.answerOffer(tx.req.Body, func(err error) {
		n.served()
		if err != nil {
			code, extra := mediaRefusal(err, 488, s.ua.identity.viaHost)
			tx.refuse(Refusal{code, "", "RFC 3262 section 5"}, extra...)
		} else {
			resp := tx.response(200, "")
			resp.Add("Content-Type", sdpType)
			resp.Body = n.local
			tx.respond(resp)
		}
		in.goOnAfterPrack()
		s.reinvites.next()
	})
}

// goOnAfterPrack goes on with what had to wait for the PRACK.
func (in *incoming) goOnAfterPrack() {
	s := in.session
	p := in.reliable
	switch {
	case in.tx.answered():
	case p.answer:
		p.answer = false
		in.answerNow()
	case p.next != nil && s.state == SessionIncoming:
		next := p.next
		p.next = nil
		in.sendReliably(next)
	}
}
