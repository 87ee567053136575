package netsip

import (
	"maps"
	"slices"
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// transactions are who waits for whom: our requests for an answer, the far end's for ours, and what waits for a flow.
// It alone knows them; a transaction enters here when it begins and leaves when it is over (RFC 3261 section 17).
type transactions struct {
	loop       *loop.Loop
	log        *logger
	identity   *identity
	connection *connection
	changed    func()                      // told after each change of what is waited for
	onRefusal  func(*sip.Message, Refusal) // Options.OnRefusal

	client map[string]*clientTx
	server map[string]*serverTx
	merges map[string]*serverTx // those of requests outside dialogs, by From tag, Call-ID and CSeq
	unsent []unsentRequest

	asking    waits // ours without a final response, and what else has to be sent before we may leave
	serving   waits // the far end's without a final response
	strangers waits // requests outside calls that are known, but INVITEs that were accepted
}

// waits is how many of something are waited for.
type waits struct{ n int }

// wait is one of them; the zero wait is over. Whoever holds it releases it, and it counts once, however often that is.
type wait struct{ of *waits }

func (w *waits) hold() wait {
	w.n++
	return wait{w}
}

// release ends the wait.
func (w *wait) release() {
	if w.of != nil {
		w.of.n--
		w.of = nil
	}
}

// busy tells whether anybody waits for an answer.
func (t *transactions) busy() bool { return t.asking.n > 0 || t.serving.n > 0 }

// merged tells whether a request is one that came by another way too (RFC 3261 section 8.2.2.2).
func (t *transactions) merged(m *sip.Message) bool { return t.merges[mergeKey(m)] != nil }

// clientOf finds the transaction of a response (RFC 3261 section 17.1.3), nil for none.
func (t *transactions) clientOf(branch, method string) *clientTx {
	return t.client[clientKey(branch, method)]
}

// serverOf finds the transaction that a request repeats, or that of a method which it is about (RFC 3261 sections
// 17.2.3 and 9.2); nil for none.
func (t *transactions) serverOf(m *sip.Message, method string) *serverTx {
	return t.server[serverKey(m, method)]
}

// send sends a message and returns it as sent, for retransmissions; false without a flow.
func (t *transactions) send(m *sip.Message) ([]byte, bool) {
	data := m.Bytes()
	t.log.message("sending ", m)
	return data, t.connection.send(data)
}

// sendACK sends the ACK of a 2xx, which is no part of its INVITE's transaction (RFC 3261 section 13.2.2.4).
func (t *transactions) sendACK(ack *sip.Message) []byte {
	setVia(ack, t.via(t.identity.newBranch()))
	data, _ := t.send(ack)
	return data
}

// via is the Via of a request that is sent now.
func (t *transactions) via(branch string) string {
	return t.identity.via(t.connection.target().Scheme(), branch)
}

// flowLost fails the requests whose answers were to come over the flow that is gone. Refusals that nobody has
// acknowledged wait for the next one.
func (t *transactions) flowLost() {
	for _, tx := range slices.Collect(maps.Values(t.client)) {
		tx.flowLost(ErrConnectionLost)
	}
	for _, tx := range t.server {
		tx.outlast()
	}
}

// flowMade sends over a new flow what had to wait for one: requests whose patience is not over, CANCELs, and refusals
// that nobody has acknowledged.
func (t *transactions) flowMade() {
	unsent := t.unsent
	t.unsent = nil
	for _, request := range unsent {
		if time.Now().After(request.patience) {
			request.giveUp()
			continue
		}
		request.send()
	}
	for _, tx := range slices.Collect(maps.Values(t.client)) {
		if tx.cancelWanted && !tx.canceled && tx.state == txProceeding {
			tx.sendCancel()
		}
	}
	for _, tx := range t.server {
		tx.refuseAgain()
	}
}

// unsentRequest is a BYE, or the last NOTIFY of a transfer, that waits for a flow.
type unsentRequest struct {
	send     func()
	giveUp   func()
	patience time.Time
}

// keep lets a request wait for the next flow.
func (t *transactions) keep(r unsentRequest) { t.unsent = append(t.unsent, r) }

// end ends all of them: there is no flow any more, and will be none.
func (t *transactions) end() {
	for _, tx := range slices.Collect(maps.Values(t.client)) {
		tx.fail(ErrStopped)
	}
	for _, tx := range slices.Collect(maps.Values(t.server)) {
		tx.onEnd = nil
		tx.terminate()
	}
	t.unsent = nil
}
