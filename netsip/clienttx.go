package netsip

import (
	"strings"
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// Timers of RFC 3261 section 17 (table 4) on a reliable transport: nothing is retransmitted
// (no A, E, G), nothing lingers for retransmissions of the far end (D, I, J and K are 0).
const (
	t1      = 500 * time.Millisecond
	t2      = 4 * time.Second
	timeout = 64 * t1 // timers B, F, H, L and M
)

// txState is where a transaction stands.
type txState int

const (
	txTrying     txState = iota // "Calling" of an INVITE client transaction
	txProceeding                // a provisional response was sent or received
	txAccepted                  // INVITE: a 2xx was sent or received (RFC 6026)
	txCompleted                 // INVITE server: a refusal was sent, ACK awaited
	txTerminated
)

// clientTx is a client transaction (RFC 3261 sections 17.1.1 and 17.1.2, RFC 6026).
//
//	INVITE                                      any other method
//	Calling ──timer B, no flow──▶ error         Trying ──timer F, no flow──▶ error
//	  │ 1xx                                       │ 1xx
//	Proceeding ──no flow──▶ error               Proceeding ──timer F, no flow──▶ error
//	  │ 2xx        │ 300–699: ACK                 │ 200–699
//	Accepted     Terminated                     Terminated
//	  │ timer M (each 2xx goes up)
//	Terminated
type clientTx struct {
	all    *transactions
	req    *sip.Message
	key    string
	state  txState
	awaits wait        // for a final response
	timer  *loop.Timer // B, F or M; after CANCEL the time the far end has left
	size   int         // octets on the wire
	sentAt time.Time

	cancelReason []sip.Header // of a CANCEL that waits for a provisional response
	cancelWanted bool
	canceled     bool

	onLost     func()             // told, instead of onError, that the flow is gone while the far end works; may be nil
	onResponse func(*sip.Message) // in order; after a final one nothing but more 2xx
	onError    func(error)        // once, instead of a final response
}

// clientKey is what a response shares with its request (RFC 3261 section 17.1.3).
func clientKey(branch, method string) string { return branch + " " + method }

// ask sends req, whose top Via is made here, and waits for its responses. A failure to
// send is told later, not before this returns.
func (t *transactions) ask(req *sip.Message, onResponse func(*sip.Message), onError func(error)) *clientTx {
	branch := t.identity.newBranch()
	setVia(req, t.via(branch))
	return t.askAs(req, branch, onResponse, onError)
}

// askAs is ask for a request that has its Via: CANCEL has that of its INVITE (RFC 3261 section 9.1).
func (t *transactions) askAs(
	req *sip.Message, branch string, onResponse func(*sip.Message), onError func(error),
) *clientTx {
	tx := &clientTx{all: t, req: req, key: clientKey(branch, req.Method), onResponse: onResponse, onError: onError}
	t.client[tx.key] = tx
	tx.awaits = t.asking.hold()
	tx.log("new client transaction")
	tx.sentAt = time.Now()
	data, ok := t.send(req)
	tx.size = len(data)
	if !ok {
		t.loop.Post(func() { tx.fail(ErrNotConnected) })
		return tx
	}
	// RFC 3261 sections 17.1.1.2 and 17.1.2.2: timers B and F.
	tx.timer = t.loop.AfterFunc(timeout, func() { tx.fail(&TimeoutError{Method: req.Method, After: timeout}) })
	t.changed()
	return tx
}

// log tells of the transaction at level debug.
func (tx *clientTx) log(words ...string) {
	if !tx.all.log.debugs() {
		return
	}
	branch, method, _ := strings.Cut(tx.key, " ")
	category := logNICT
	if tx.invite() {
		category = logICT
	}
	tx.all.log.debug(category, branch, method, ": ", strings.Join(words, ""))
}

func (tx *clientTx) invite() bool { return tx.req.Method == "INVITE" }

// receive takes a response whose branch and method are the transaction's.
func (tx *clientTx) receive(resp *sip.Message) {
	success := resp.StatusCode >= 200 && resp.StatusCode < 300
	switch {
	case tx.state == txTerminated:
		return
	case tx.state == txAccepted:
		tx.log("final response again")
		if success {
			tx.onResponse(resp)
		}
		return
	case resp.StatusCode < 200:
		tx.provisional()
		tx.onResponse(resp)
		return
	case !tx.invite():
		tx.terminate()
	case success:
		tx.enter(txAccepted)
		tx.log("accepted")
		tx.timer.Stop()
		tx.timer = tx.all.loop.AfterFunc(timeout, tx.terminate)
		tx.all.changed()
	default:
		tx.all.send(ackOfRefusal(tx.req, resp))
		tx.terminate()
	}
	tx.onResponse(resp)
}

func (tx *clientTx) provisional() {
	if tx.state != txTrying {
		return
	}
	tx.state = txProceeding
	tx.log("proceeding")
	if tx.invite() {
		tx.timer.Stop()
		if tx.cancelWanted {
			tx.sendCancel()
		}
	}
}

// cancel cancels an INVITE: at once after a provisional response, else when one comes, as RFC 3261
// section 9.1 wants. A final response that crosses it still goes up. Without any the transaction
// fails after 32 s.
func (tx *clientTx) cancel(reason []sip.Header) {
	if tx.canceled || tx.cancelWanted {
		return
	}
	tx.cancelReason, tx.cancelWanted = reason, true
	if tx.state == txProceeding {
		tx.sendCancel()
	}
}

func (tx *clientTx) sendCancel() {
	tx.canceled = tx.all.connection.up() // else the next flow takes it
	tx.timer.Stop()
	tx.timer = tx.all.loop.AfterFunc(timeout, func() { tx.fail(&TimeoutError{Method: "CANCEL", After: timeout}) })
	via, err := tx.req.TopVia()
	if err != nil || !tx.canceled {
		return
	}
	none := func(*sip.Message) {}
	tx.all.askAs(cancelOf(tx.req, tx.cancelReason), via.Branch(), none, func(error) {})
}

// flowLost fails a transaction whose answer was to come over the flow that is gone. In Accepted the
// answer is there.
func (tx *clientTx) flowLost(err error) {
	switch {
	case tx.state == txAccepted:
		return
	case tx.size > largeMessage && time.Since(tx.sentAt) < time.Second:
		err = ErrMessageTooLarge
	case tx.state == txProceeding && tx.onLost != nil:
		tx.canceled = false // a CANCEL under way is sent again
		tx.onLost()
		return
	}
	tx.fail(err)
}

func (tx *clientTx) fail(err error) {
	if tx.state == txTerminated {
		return
	}
	tx.log("failed: ", err.Error())
	tx.terminate()
	tx.onError(err)
}

// enter changes the state; a final response is awaited before Accepted only.
func (tx *clientTx) enter(state txState) {
	if state >= txAccepted {
		tx.awaits.release()
	}
	tx.state = state
}

func (tx *clientTx) terminate() {
	tx.enter(txTerminated)
	tx.log("terminated")
	tx.timer.Stop()
	delete(tx.all.client, tx.key)
	tx.all.changed()
}

// ackOfRefusal is the ACK of a final response from 300 up (RFC 3261 section 17.1.1.3).
func ackOfRefusal(invite, resp *sip.Message) *sip.Message {
	ack := followUp(invite, "ACK")
	ack.Set("To", resp.Get("To"))
	return ack
}

// cancelOf is the CANCEL of an INVITE (RFC 3261 section 9.1).
func cancelOf(invite *sip.Message, extra []sip.Header) *sip.Message {
	m := followUp(invite, "CANCEL")
	m.Headers = append(m.Headers, extra...)
	return m
}

// followUp copies what ACK and CANCEL share with their INVITE: Request-URI, Route, the top Via, To,
// From, Call-ID and the number of CSeq.
func followUp(invite *sip.Message, method string) *sip.Message {
	m := sip.NewRequest(method, invite.RequestURI)
	for _, route := range invite.Lines("Route") {
		m.Add("Route", route)
	}
	m.Add("Via", invite.Get("Via"))
	m.Add("Max-Forwards", maxForwards)
	m.Add("To", invite.Get("To"))
	m.Add("From", invite.Get("From"))
	m.Add("Call-ID", invite.Get("Call-ID"))
	seq, _ := invite.CSeq()
	m.Add("CSeq", sip.CSeq{Seq: seq.Seq, Method: method}.String())
	if ua := invite.Get("User-Agent"); ua != "" {
		m.Add("User-Agent", ua)
	}
	return m
}
