package netsip

import (
	"context"
	"slices"
)

// negotiationState is where offer and answer of a call stand (RFC 3264; the signaling state of RFC 8829 section 3.2).
//
//	none ──offer──▶ local offer ──answer in an unreliable 1xx──▶ early ──2xx, reliable 1xx──▶ agreed
//	 │                   └──────answer in a 2xx, ACK, PRACK or reliable 1xx──────────────────▶ │
//	 └──receiveOffer──▶ remote offer ──answer──────────────────────────────────────────────▶ │
//
//	early, agreed ──offer──────────▶ local offer ───receiveAnswer──▶ early, agreed as before
//	      │                               └──rollback: refused, cancelled, unanswered──▶ as before
//	      └─────────receiveOffer──▶ remote offer ──answer───▶ early, agreed as before
//	                                      └──rollback──▶ as before
//
// There is one exchange at a time (RFC 3264 section 4). It is over as soon as it is on the wire; the media takes its
// steps in order.
type negotiationState int

const (
	negotiationNone        negotiationState = iota // no description in force
	negotiationLocalOffer                          // an offer of ours is made, or waits for its answer
	negotiationRemoteOffer                         // an offer of the far end waits for our answer
	negotiationEarly                               // a ringing far end has answered, and its 2xx may answer otherwise
	negotiationAgreed
)

func (s negotiationState) String() string {
	return [...]string{"none", "local offer", "remote offer", "early", "agreed"}[s]
}

// negotiation is the offer/answer state of one call: what was offered, said and agreed on, who holds whom, and the
// steps of the media that make it so. Nothing else calls the media's steps. It belongs to the loop.
type negotiation struct {
	log     *logger
	changed func() // what the user sees of it has changed
	steps   mediaSteps

	state  negotiationState
	before negotiationState // where a rollback leads back
	// serving is the far end's request that is being answered: a re-INVITE, an UPDATE or a PRACK; nil for none.
	serving *serverTx

	local   []byte      // our last description
	terms   terms       // of that
	remote  RemoteMedia // what the far end wants by its last description in force
	offered RemoteMedia // what it wants by its offer that waits for our answer
	hold    hold
	restart bool // a new transport for the media is wished for

	// Of responses to our INVITE before its 2xx (RFC 3261 section 13.2.1, RFC 3262 section 5):
	fork     string            // To tag of the far end whose description the media was given first; "" = none
	reliable bool              // it came reliably, or ours went so: the 2xx adds nothing to it
	early    map[string][]byte // descriptions by To tag
}

// terms are what a description of ours says beside the media itself.
type terms struct {
	hold    bool // that we hold the call
	restart bool // that our media moves to a new transport, which was wished for
}

// hold is our side of hold: a wish, and what the far end has been told of it. What is offered as direction is our own
// wish alone (RFC 6337 section 5.1).
type hold struct {
	wanted bool
	agreed bool  // what the agreement in force says of it
	err    error // why the last wish did not come true
}

// transport says which transport an offer is for.
type transport int

const (
	transportInUse  transport = iota
	transportWished           // a new one where RestartMedia has asked for it
	transportNew              // a new one in any case (RFC 8445 section 2.4)
)

// free tells whether a new exchange may begin, by us or by the far end (RFC 3261 section 14.1).
func (n *negotiation) free() bool { return n.state == negotiationAgreed && n.serving == nil }

// wishes tells whether the far end is to be offered something.
func (n *negotiation) wishes() bool { return n.restart || n.hold.wanted != n.hold.agreed }

// agreed tells whether an agreement is in force that no 2xx can change.
func (n *negotiation) agreed() bool { return n.base() == negotiationAgreed }

// agreedWith tells whether offer and answer of our INVITE are exchanged with the fork of that To tag.
func (n *negotiation) agreedWith(tag string) bool {
	switch n.base() {
	case negotiationEarly, negotiationAgreed:
		return tag == n.fork
	}
	return false
}

// base is the state without the exchange under way.
func (n *negotiation) base() negotiationState {
	if n.state == negotiationLocalOffer || n.state == negotiationRemoteOffer {
		return n.before
	}
	return n.state
}

func (n *negotiation) enter(state negotiationState) {
	if n.state != state {
		n.log.debug(logMedia, "", "offer and answer: ", n.state.String(), " → ", state.String())
		n.state = state
	}
}

// begin opens an exchange.
func (n *negotiation) begin(state negotiationState) {
	n.before = n.base()
	n.enter(state)
}

// complete ends the exchange under way with its answer.
func (n *negotiation) complete() {
	if n.before == negotiationEarly {
		n.enter(negotiationEarly)
		return
	}
	n.enter(negotiationAgreed)
}

// conclude ends the exchange of an INVITE that starts a call, with that which is under way in the early dialog left
// alone.
func (n *negotiation) conclude() {
	if n.state == n.base() || n.before == negotiationNone {
		n.enter(negotiationAgreed)
	}
	n.before = negotiationAgreed
}

// serve notes whose request is being answered. There is one at a time.
func (n *negotiation) serve(tx *serverTx) { n.serving = tx }

// served: the request has its final response.
func (n *negotiation) served() { n.serving = nil }

// offer has the media make an offer, which is then n.local. Where that fails the exchange is to be rolled back.
func (n *negotiation) offer(t transport, done func(error)) terms {
	n.begin(negotiationLocalOffer)
	said := terms{hold: n.hold.wanted, restart: t == transportWished && n.restart}
	if said.restart {
		n.restart = false
	}
	var sdp []byte
	n.steps.add(func(ctx context.Context, media MediaSession) (err error) {
		media.SetHold(said.hold)
		if said.restart || t == transportNew {
			media.RestartICE()
		}
		sdp, err = media.Offer(ctx)
		return err
	}, func(err error) {
		if err == nil {
			n.local, n.terms = sdp, said
		}
		done(err)
	})
	return said
}

// receiveAnswer gives the media the answer to our offer; nil is none, which is an error. The exchange is complete with
// it: when the media refuses it, the far end may think otherwise, but the agreement before it stays.
func (n *negotiation) receiveAnswer(answer []byte, done func(error)) {
	answer, said := slices.Clone(answer), n.terms
	first := n.base() != negotiationAgreed
	if first {
		n.conclude()
	} else {
		n.complete()
	}
	var remote RemoteMedia
	n.steps.add(func(ctx context.Context, media MediaSession) (err error) {
		err = ErrMissingSDP
		if answer != nil {
			remote, err = media.SetAnswer(ctx, answer)
		}
		if err != nil && !first {
			_ = media.Rollback(ctx)
		}
		return err
	}, func(err error) {
		if err == nil {
			n.hold.agreed = said.hold
			n.hear(remote)
		} else {
			n.restart = n.restart || said.restart
		}
		done(err)
	})
}

// receiveEarlyAnswer gives the media the answer in a provisional response of a fork, the first that sent one. Where the
// media refuses it, another may yet bring a good one.
func (n *negotiation) receiveEarlyAnswer(p provisional, done func(error)) {
	n.fork, n.reliable = p.fork(), p.rseq != 0
	answer := slices.Clone(p.Body)
	var remote RemoteMedia
	n.steps.add(func(ctx context.Context, media MediaSession) (err error) {
		remote, err = media.SetAnswer(ctx, answer)
		return err
	}, func(err error) {
		switch {
		case err != nil:
			n.fork, n.reliable = "", false
		case n.reliable:
			n.hear(remote)
			n.conclude()
		default:
			n.hear(remote)
			if n.base() == negotiationNone {
				n.enter(negotiationEarly)
			}
		}
		done(err)
	})
}

// confirmEarly notes that the answer of the fork came reliably as well.
func (n *negotiation) confirmEarly() {
	n.reliable = true
	if n.base() == negotiationEarly {
		n.conclude()
	}
}

// concludeEarly takes the answer of the fork for that of its 2xx, which says no other, once the media has it.
func (n *negotiation) concludeEarly(done func(error)) {
	tag := n.fork
	n.steps.after(func() {
		if !n.agreedWith(tag) {
			done(ErrMissingSDP)
			return
		}
		n.conclude()
		done(nil)
	})
}

// noteEarly keeps the description in a provisional response: the 2xx need not repeat it (RFC 3261 section 13.2.1).
func (n *negotiation) noteEarly(tag string, description []byte) {
	if n.early == nil {
		n.early = make(map[string][]byte)
	}
	n.early[tag] = slices.Clone(description)
}

// forgetEarly forgets what came in provisional responses: the INVITE has its final response.
func (n *negotiation) forgetEarly() { n.early = nil }

// forgetFork forgets who answered in a provisional response: another INVITE has taken the place of that one's.
func (n *negotiation) forgetFork() { n.fork, n.reliable, n.early = "", false, nil }

// receiveOffer gives the media an offer of the far end, to be answered by answer or rolled back. One that is refused
// changes nothing (RFC 3261 section 14.2).
func (n *negotiation) receiveOffer(offer []byte, done func(error)) {
	n.begin(negotiationRemoteOffer)
	offer = slices.Clone(offer)
	var remote RemoteMedia
	n.steps.add(func(ctx context.Context, media MediaSession) (err error) {
		remote, err = media.SetOffer(ctx, offer)
		return err
	}, func(err error) {
		switch {
		case err != nil:
			n.enter(n.before)
		case n.before == negotiationNone: // nothing else is in force
			n.hear(remote)
			fallthrough
		default:
			n.offered = remote
		}
		done(err)
	})
}

// answer has the media answer the far end's offer; n.local is then the answer. Where that fails the exchange is to be
// rolled back.
func (n *negotiation) answer(done func(error)) {
	said := terms{hold: n.hold.wanted}
	var sdp []byte
	n.steps.add(func(ctx context.Context, media MediaSession) (err error) {
		media.SetHold(said.hold)
		sdp, err = media.Answer(ctx)
		return err
	}, func(err error) {
		if err == nil {
			n.answered(sdp, said)
		}
		done(err)
	})
}

// answerEarlyOffer answers the offer in a reliable provisional response of a fork (RFC 3262 section 5).
func (n *negotiation) answerEarlyOffer(p provisional, done func(error)) {
	n.fork, n.reliable = p.ToTag(), true
	n.answerOffer(p.Body, done)
}

// answerOffer is receiveOffer and answer in one step. Where that fails it is rolled back.
func (n *negotiation) answerOffer(offer []byte, done func(error)) {
	n.begin(negotiationRemoteOffer)
	offer = slices.Clone(offer)
	said := terms{hold: n.hold.wanted}
	var sdp []byte
	var remote RemoteMedia
	n.steps.add(func(ctx context.Context, media MediaSession) (err error) {
		media.SetHold(said.hold)
		if remote, err = media.SetOffer(ctx, offer); err == nil {
			sdp, err = media.Answer(ctx)
		}
		return err
	}, func(err error) {
		if err == nil {
			n.offered = remote
			n.answered(sdp, said)
		} else {
			n.rollback(said)
		}
		done(err)
	})
}

// answered notes our answer. It brings about what it says of hold (RFC 3264 section 8.4).
func (n *negotiation) answered(sdp []byte, said terms) {
	n.local, n.terms = sdp, said
	n.hold.agreed = said.hold
	n.hear(n.offered)
	n.complete()
}

// rollback takes the exchange under way back, of which our description said that: the agreement before it stays (RFC
// 6141 section 3.1, RFC 8829 section 4.1.10.2). A new transport is still wished for.
func (n *negotiation) rollback(said terms) {
	n.restart = n.restart || said.restart
	n.enter(n.base())
	n.steps.add(func(ctx context.Context, media MediaSession) error { return media.Rollback(ctx) }, func(error) {})
}

// refused drops the wish to hold, or to resume, that the far end was told of and refused.
func (n *negotiation) refused(said terms, err error) {
	if said.hold != n.hold.agreed && n.hold.wanted == said.hold {
		n.dropHold(err)
	}
}

// dropWishes gives up what was refused too often.
func (n *negotiation) dropWishes(err error) {
	n.restart = false
	if n.hold.wanted != n.hold.agreed {
		n.dropHold(err)
	}
}

func (n *negotiation) dropHold(err error) {
	n.hold.wanted, n.hold.err = n.hold.agreed, err
	n.changed()
}

// hear notes what the far end wants.
func (n *negotiation) hear(remote RemoteMedia) {
	held := n.remote.Held != remote.Held
	n.remote = remote
	if held {
		n.changed()
	}
}

// wishHold notes our wish; it tells whether that is a new one.
func (n *negotiation) wishHold(on bool) bool {
	if n.hold.wanted == on {
		return false
	}
	n.hold.wanted, n.hold.err = on, nil
	n.changed()
	return true
}

// wishRestart notes that the media is to move to a new transport.
func (n *negotiation) wishRestart() { n.restart = true }

// restarted: the media has moved, whoever wished it.
func (n *negotiation) restarted() { n.restart = false }

// end refuses what the far end still waits for, ends the steps and closes the media: the call is over.
func (n *negotiation) end() {
	if n.serving != nil && !n.serving.answered() {
		n.serving.reply(487, "") // RFC 3261 section 15.1.2
	}
	n.serving = nil
	n.steps.end()
}
