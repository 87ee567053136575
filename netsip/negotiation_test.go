package netsip

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// negotiating is one negotiation with media that agrees to everything unless told otherwise.
type negotiating struct {
	*testing.T
	n     *negotiation
	media *fakeSession
	loop  *loop.Loop
	told  int // how often the user was
}

func inNegotiation(t *testing.T, script func(g *negotiating)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		g := &negotiating{T: t, media: &fakeSession{}, loop: loop.New()}
		defer g.loop.Stop()
		ua := &UserAgent{loop: g.loop, log: &logger{}}
		g.n = &negotiation{log: ua.log, changed: func() { g.told++ }, steps: newMediaSteps(ua, g.media)}
		script(g)
	})
}

// step does something on the loop and waits until the media is done with it.
func (g *negotiating) step(f func(n *negotiation, done func(error))) error {
	g.Helper()
	var told []error
	g.loop.Do(func() { f(g.n, func(err error) { told = append(told, err) }) })
	synctest.Wait()
	if len(told) != 1 {
		g.Fatalf("told %v", told)
	}
	return told[0]
}

func (g *negotiating) do(f func(n *negotiation)) {
	g.loop.Do(func() { f(g.n) })
	synctest.Wait()
}

// at requires a state, and the one that a rollback would lead to.
func (g *negotiating) at(what string, state, base negotiationState) {
	g.Helper()
	g.loop.Do(func() {
		if g.n.state != state || g.n.base() != base {
			g.Errorf("%s: %v over %v, want %v over %v", what, g.n.state, g.n.base(), state, base)
		}
	})
}

func early(tag, description string, rseq uint32) provisional {
	m := &sip.Message{StatusCode: 183, Body: []byte(description)}
	m.Add("To", "<sip:bob@example.com>;tag="+tag)
	return provisional{Message: m, rseq: rseq, news: true}
}

func offers(n *negotiation, done func(error)) { n.offer(transportInUse, done) }

func answered(sdp string) func(*negotiation, func(error)) {
	return func(n *negotiation, done func(error)) { n.receiveAnswer([]byte(sdp), done) }
}

func offered(sdp string) func(*negotiation, func(error)) {
	return func(n *negotiation, done func(error)) { n.receiveOffer([]byte(sdp), done) }
}

func answers(n *negotiation, done func(error)) { n.answer(done) }

// TestOfferAndAnswerGoThroughTheirStates: the drawing beside negotiationState, way by way.
func TestOfferAndAnswerGoThroughTheirStates(t *testing.T) {
	type way struct {
		what        string
		do          func(*negotiation, func(error))
		state, base negotiationState
	}
	const (
		none   = negotiationNone
		local  = negotiationLocalOffer
		remote = negotiationRemoteOffer
		fork   = negotiationEarly
		agreed = negotiationAgreed
	)
	earlyAnswer := func(rseq uint32) func(*negotiation, func(error)) {
		return func(n *negotiation, done func(error)) { n.receiveEarlyAnswer(early("one", answerSDP, rseq), done) }
	}
	now := func(f func(*negotiation)) func(*negotiation, func(error)) {
		return func(n *negotiation, done func(error)) { f(n); done(nil) }
	}
	rollback := now(func(n *negotiation) { n.rollback(terms{}) })
	for name, ways := range map[string][]way{
		"our offer, the answer in the 2xx": {
			{"offer", offers, local, none},
			{"answer", answered(answerSDP), agreed, agreed},
		},
		"their offer, our answer": {
			{"offer", offered(offerSDP), remote, none},
			{"answer", answers, agreed, agreed},
		},
		"their offer answered at once": {
			{"both", func(n *negotiation, done func(error)) { n.answerOffer([]byte(offerSDP), done) }, agreed, agreed},
		},
		"an early answer, another in the 2xx": {
			{"offer", offers, local, none},
			{"183", earlyAnswer(0), fork, fork},
			{"2xx", answered(answerSDP), agreed, agreed},
		},
		"an early answer that the 2xx does not repeat": {
			{"offer", offers, local, none},
			{"183", earlyAnswer(0), fork, fork},
			{"2xx", func(n *negotiation, done func(error)) { n.concludeEarly(done) }, agreed, agreed},
		},
		"a reliable early answer": {
			{"offer", offers, local, none},
			{"183", earlyAnswer(7), agreed, agreed},
		},
		"an early answer that comes reliably later": {
			{"offer", offers, local, none},
			{"183", earlyAnswer(0), fork, fork},
			{"183 with RSeq", now((*negotiation).confirmEarly), agreed, agreed},
		},
		"an UPDATE of the far end while its answer is early": {
			{"offer", offers, local, none},
			{"183", earlyAnswer(0), fork, fork},
			{"UPDATE", offered(offerSDP), remote, fork},
			{"answer", answers, fork, fork},
			{"2xx", answered(answerSDP), agreed, agreed},
		},
		"the 2xx while such an UPDATE is being answered": {
			{"offer", offers, local, none},
			{"183", earlyAnswer(0), fork, fork},
			{"UPDATE", offered(offerSDP), remote, fork},
			{"2xx", answered(answerSDP), remote, agreed},
			{"answer", answers, agreed, agreed},
		},
		"an offer in a reliable 1xx": {
			{"183", func(n *negotiation, done func(error)) {
				n.answerEarlyOffer(early("one", offerSDP, 7), done)
			}, agreed, agreed},
		},
		"a re-INVITE that is agreed on": {
			{"offer", offers, local, none},
			{"answer", answered(answerSDP), agreed, agreed},
			{"re-INVITE", offers, local, agreed},
			{"answer", answered(answerSDP), agreed, agreed},
		},
		"a re-INVITE that is refused": {
			{"offer", offers, local, none},
			{"answer", answered(answerSDP), agreed, agreed},
			{"re-INVITE", offers, local, agreed},
			{"488", rollback, agreed, agreed},
		},
		"a re-INVITE of the far end that is cancelled": {
			{"offer", offers, local, none},
			{"answer", answered(answerSDP), agreed, agreed},
			{"re-INVITE", offered(offerSDP), remote, agreed},
			{"CANCEL", rollback, agreed, agreed},
		},
		"a call of ours that is taken back": {
			{"offer", offers, local, none}, {"rollback", rollback, none, none},
		},
		"a rollback without an exchange": {
			{"offer", offers, local, none},
			{"answer", answered(answerSDP), agreed, agreed},
			{"rollback", rollback, agreed, agreed},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inNegotiation(t, func(g *negotiating) {
				g.at("begin", none, none)
				for _, w := range ways {
					if err := g.step(w.do); err != nil {
						t.Errorf("%s: %v", w.what, err)
					}
					g.at(w.what, w.state, w.base)
				}
			})
		})
	}
}

// TestWhatTheMediaRefusesLeavesTheAgreement: RFC 3261 section 14.2, RFC 6141 section 3.1.
func TestWhatTheMediaRefusesLeavesTheAgreement(t *testing.T) {
	refusal := &MediaError{StatusCode: 488, Reason: "no"}
	for name, c := range map[string]struct {
		fail func(*fakeSession)
		do   func(*negotiation, func(error))
		undo bool // the owner of the exchange rolls it back
		last string
	}{
		"an offer of the far end": {
			func(m *fakeSession) { m.setOfferErr = refusal }, offered(offerSDP), false, "set offer",
		},
		"an offer of the far end, to be answered at once": {
			func(m *fakeSession) { m.setOfferErr = refusal },
			func(n *negotiation, done func(error)) { n.answerOffer([]byte(offerSDP), done) }, false, "rollback",
		},
		"our answer": {
			func(m *fakeSession) { m.answerErr = refusal },
			func(n *negotiation, done func(error)) {
				n.receiveOffer([]byte(offerSDP), func(error) { n.answer(done) })
			}, true, "rollback",
		},
		"our offer": {func(m *fakeSession) { m.offerErr = refusal }, offers, true, "rollback"},
		"the answer to our offer": {
			func(m *fakeSession) { m.setAnswerErr = refusal },
			func(n *negotiation, done func(error)) {
				n.offer(transportInUse, func(error) { n.receiveAnswer([]byte(answerSDP), done) })
			}, false, "rollback",
		},
		"no answer to our offer": {
			func(*fakeSession) {},
			func(n *negotiation, done func(error)) {
				n.offer(transportInUse, func(error) { n.receiveAnswer(nil, done) })
			}, false, "rollback",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inNegotiation(t, func(g *negotiating) {
				g.step(offers)
				g.step(answered(holdSDP))
				c.fail(g.media)
				g.do(func(n *negotiation) { n.wishHold(true) })
				if err := g.step(c.do); err == nil {
					t.Error("taken")
				}
				if c.undo {
					g.do(func(n *negotiation) { n.rollback(terms{}) })
				}
				g.at("refused", negotiationAgreed, negotiationAgreed)
				g.do(func(n *negotiation) {
					if !n.free() || n.hold.agreed || !n.hold.wanted || !n.remote.Held {
						t.Errorf("free %v, hold %+v, remote %+v", n.free(), n.hold, n.remote)
					}
				})
				g.media.mu.Lock()
				defer g.media.mu.Unlock()
				if last := g.media.steps[len(g.media.steps)-1]; last != c.last {
					t.Errorf("media did %v", g.media.steps)
				}
			})
		})
	}
}

// TestEarlyAnswerThatTheMediaRefusesLeavesTheOffer: another fork, or the 2xx, may bring a good one.
func TestEarlyAnswerThatTheMediaRefusesLeavesTheOffer(t *testing.T) {
	inNegotiation(t, func(g *negotiating) {
		g.step(offers)
		g.media.setAnswerErr = errors.New("no")
		fork := func(tag string, rseq uint32) func(*negotiation, func(error)) {
			return func(n *negotiation, done func(error)) { n.receiveEarlyAnswer(early(tag, answerSDP, rseq), done) }
		}
		if err := g.step(fork("one", 7)); err == nil {
			t.Error("taken")
		}
		g.at("refused", negotiationLocalOffer, negotiationNone)
		err := g.step(func(n *negotiation, done func(error)) { n.concludeEarly(done) })
		if !errors.Is(err, ErrMissingSDP) {
			t.Errorf("a 2xx that repeats nothing: %v", err)
		}
		g.media.setAnswerErr = nil
		if err := g.step(fork("two", 0)); err != nil {
			t.Error(err)
		}
		g.at("another", negotiationEarly, negotiationEarly)
		g.do(func(n *negotiation) {
			if !n.agreedWith("two") || n.agreedWith("one") {
				t.Errorf("the media is of %q", n.fork)
			}
		})
	})
}

// TestWishesComeTrueInDescriptions: hold in any of ours (RFC 6337 section 5.1), a new transport in an offer that is for
// it; what is refused is told, and a new transport is wished for until it is there.
func TestWishesComeTrueInDescriptions(t *testing.T) {
	inNegotiation(t, func(g *negotiating) {
		g.step(offers)
		g.step(answered(answerSDP))
		g.do(func(n *negotiation) {
			if n.wishes() || !n.wishHold(true) || n.wishHold(true) || !n.wishes() {
				t.Error("a wish is one once")
			}
		})
		g.step(offered(offerSDP))
		g.step(answers)
		g.do(func(n *negotiation) {
			if n.wishes() || !n.hold.agreed {
				t.Errorf("told by our answer: %+v", n.hold)
			}
			n.wishHold(false)
			n.wishRestart()
		})
		var said terms
		g.step(func(n *negotiation, done func(error)) { said = n.offer(transportWished, done) })
		g.do(func(n *negotiation) {
			if said != (terms{restart: true}) || n.restart {
				t.Errorf("offered %+v", said)
			}
			n.rollback(said)
			n.refused(said, ErrNotConnected)
			if !n.restart || !n.hold.wanted || n.hold.err == nil {
				t.Errorf("refused: restart %v, hold %+v", n.restart, n.hold)
			}
			n.dropWishes(ErrNotConnected)
			if n.wishes() {
				t.Error("given up, and still wished for")
			}
		})
		if g.told != 3 { // two wishes, one refusal
			t.Errorf("the user was told %d times", g.told)
		}
	})
}

// TestEndOfACallEndsItsMediaOnce: what runs and what waits is told nobody, what the far end asked is refused.
func TestEndOfACallEndsItsMediaOnce(t *testing.T) {
	inNegotiation(t, func(g *negotiating) {
		g.loop.Do(func() {
			for range 3 {
				g.n.offer(transportInUse, func(error) { t.Error("a step is told after the end") })
			}
			g.n.end()
			g.n.rollback(terms{})
			g.n.steps.after(func() { t.Error("a step begins after the end") })
		})
		synctest.Wait()
		g.media.mu.Lock()
		defer g.media.mu.Unlock()
		done := g.media.steps
		if !slices.Contains(done, "close") || slices.Contains(done, "rollback") || len(done) > 2 {
			t.Errorf("media did %v", done)
		}
	})
}
