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
	ua     *UserAgent
	req    *sip.Message
	key    string
	state  txState
	timer  *loop.Timer // B, F or M; after CANCEL the time the far end has left
	size   int         // octets on the wire
	sentAt time.Time

	cancelReason []sip.Header // of a CANCEL that waits for a provisional response
	cancelWanted bool
	canceled     bool
	outlives     bool // an INVITE that rings: the far end goes on ringing when our flow is gone

	onResponse func(*sip.Message) // in order; after a final one nothing but more 2xx
	onError    func(error)        // once, instead of a final response
}

// clientKey is what a response shares with its request (RFC 3261 section 17.1.3).
func clientKey(branch, method string) string { return branch + " " + method }

// startClientTx sends req, whose top Via is made here, and waits for its responses. A failure to
// send is told later, not before this returns.
func (ua *UserAgent) startClientTx(req *sip.Message, onResponse func(*sip.Message), onError func(error)) *clientTx {
	branch := ua.newBranch()
	setVia(req, ua.via(branch))
	return ua.startClientTxAs(req, branch, onResponse, onError)
}

// startClientTxAs is startClientTx for a request that has its Via: CANCEL has that of its INVITE.
func (ua *UserAgent) startClientTxAs(req *sip.Message, branch string, onResponse func(*sip.Message), onError func(error)) *clientTx {
	tx := &clientTx{ua: ua, req: req, key: clientKey(branch, req.Method), onResponse: onResponse, onError: onError}
	ua.clientTxs[tx.key] = tx
	ua.load.asking++
	tx.log("new client transaction")
	tx.sentAt = time.Now()
	size, ok := ua.send(req)
	tx.size = size
	if !ok {
		ua.loop.Post(func() { tx.fail(ErrNotConnected) })
		return tx
	}
	tx.timer = ua.loop.AfterFunc(timeout, func() { tx.fail(&TimeoutError{Method: req.Method, After: timeout}) })
	ua.loadChanged()
	return tx
}

// log tells of the transaction at level debug.
func (tx *clientTx) log(words ...string) {
	if !tx.ua.log.debugs() {
		return
	}
	branch, method, _ := strings.Cut(tx.key, " ")
	category := logNICT
	if tx.invite() {
		category = logICT
	}
	tx.ua.log.debug(category, branch, method, ": ", strings.Join(words, ""))
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
		tx.timer = tx.ua.loop.AfterFunc(timeout, tx.terminate)
		tx.ua.loadChanged()
	default:
		tx.ua.send(ackOfRefusal(tx.req, resp))
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
	tx.canceled = tx.ua.flow != nil // else the next flow takes it
	tx.timer.Stop()
	tx.timer = tx.ua.loop.AfterFunc(timeout, func() { tx.fail(&TimeoutError{Method: "CANCEL", After: timeout}) })
	via, err := tx.req.TopVia()
	if err != nil || !tx.canceled {
		return
	}
	none := func(*sip.Message) {}
	tx.ua.startClientTxAs(cancelOf(tx.req, tx.cancelReason), via.Branch(), none, func(error) {})
}

// flowLost fails a transaction whose answer was to come over the flow that is gone. In Accepted the
// answer is there.
func (tx *clientTx) flowLost(err error) {
	if tx.state == txAccepted {
		return
	}
	if tx.state == txProceeding && tx.outlives {
		tx.canceled = false // a CANCEL under way is sent again
		return
	}
	if tx.size > largeMessage && time.Since(tx.sentAt) < time.Second {
		err = ErrMessageTooLarge
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

// enter counts with the state what waits for an answer.
func (tx *clientTx) enter(state txState) {
	if tx.state < txAccepted && state >= txAccepted {
		tx.ua.load.asking--
	}
	tx.state = state
}

func (tx *clientTx) terminate() {
	tx.enter(txTerminated)
	tx.log("terminated")
	tx.timer.Stop()
	delete(tx.ua.clientTxs, tx.key)
	tx.ua.loadChanged()
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
