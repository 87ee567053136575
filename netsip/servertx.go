package netsip

import (
	"strings"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// What a flood of requests can take. A refused INVITE is known for 32 s where no ACK comes, and so is one that was
// accepted. Beyond it requests get 503; but the BYE of a call is taken in any case: there is one each.
const (
	maxServerTxs = 200 // of all strangers together; the INVITEs of calls that were answered do not count
	maxCallTxs   = 50  // of the far end of one call
)

// serverTx is a server transaction (RFC 3261 sections 17.2.1 and 17.2.2, RFC 6026).
//
//	INVITE                                     any other method
//	Proceeding (100 sent) ◀─ 1xx               Trying ◀─ 1xx
//	  │ 2xx          │ 300–699                   │ 200–699
//	Accepted       Completed ──timer H──▶ ∎    Terminated
//	  │ timer L      │ ACK
//	Terminated     Terminated
//
// A response goes out on the flow that is up: when the one the request came on is gone, the proxy
// still knows the response by its Via.
type serverTx struct {
	all     *transactions
	req     *sip.Message
	key     string
	merge   string // From tag, Call-ID and CSeq: the same under another branch is a merged request
	state   txState
	owed    wait        // for our final response, and the ACK of a refusal that rings
	room    wait        // for its end, among those that one bound holds for
	timer   *loop.Timer // H or L
	last    []byte      // last response sent, nil if none
	toTag   string
	rings   bool                      // a call that somebody waits at: its refusal outlasts a loss of the flow
	onEnd   func()                    // Accepted is over: no ACK may be waited for any more; may be nil
	onAbort func(cancel *sip.Message) // CANCEL came in time; may be nil
}

// serverKey is what requests of one transaction share (RFC 3261 section 17.2.3). Without the magic
// cookie in the branch the rules of RFC 2543 hold (old phones behind a gateway).
func serverKey(req *sip.Message, method string) string {
	via, err := req.TopVia()
	if err != nil {
		return ""
	}
	if branch := via.Branch(); strings.HasPrefix(branch, branchCookie) {
		return strings.Join([]string{branch, via.Host, itoa(via.Port), method}, " ")
	}
	seq, _ := req.CSeq()
	return strings.Join([]string{
		"2543", req.RequestURI.String(), req.FromTag(), req.CallID(), itoa(int(seq.Seq)), via.String(), method,
	}, " ")
}

func mergeKey(req *sip.Message) string {
	return strings.Join([]string{req.FromTag(), req.CallID(), req.Get("CSeq")}, " ")
}

// serve takes a new request on. An INVITE is answered with 100 at once, so that the far end
// stops wondering (RFC 3261 section 17.2.1). It counts in room.
func (t *transactions) serve(req *sip.Message, room *waits) *serverTx {
	tx := &serverTx{all: t, req: req, key: serverKey(req, req.Method), merge: mergeKey(req), toTag: req.ToTag()}
	if tx.toTag == "" {
		tx.toTag = t.identity.newTag()
	}
	t.server[tx.key] = tx
	tx.owed, tx.room = t.serving.hold(), room.hold()
	if req.ToTag() == "" {
		t.merges[tx.merge] = tx
	}
	tx.log("new server transaction")
	if tx.invite() {
		tx.state = txProceeding
		tx.respond(tryingTo(req))
	}
	t.changed()
	return tx
}

// tryingTo is the 100 of a request, with its Timestamp (RFC 3261 section 8.2.6.1): there is no delay to add.
func tryingTo(req *sip.Message) *sip.Message {
	resp := sip.NewResponse(req, 100, "")
	if stamp := req.Get("Timestamp"); stamp != "" {
		resp.Add("Timestamp", stamp)
	}
	return resp
}

// log tells of the transaction at level debug.
func (tx *serverTx) log(words ...string) {
	if !tx.all.log.debugs() {
		return
	}
	via, _ := tx.req.TopVia()
	category := logNIST
	if tx.invite() {
		category = logIST
	}
	tx.all.log.debug(category, via.Branch(), tx.req.Method, ": ", strings.Join(words, ""))
}

func (tx *serverTx) invite() bool { return tx.req.Method == "INVITE" }

// response makes a response with the To tag of this transaction.
func (tx *serverTx) response(code int, reason string) *sip.Message {
	return tx.all.identity.response(tx.req, code, reason, tx.toTag)
}

// reply sends a response that carries nothing particular.
func (tx *serverTx) reply(code int, reason string, extra ...sip.Header) {
	resp := tx.response(code, reason)
	resp.Headers = append(resp.Headers, extra...)
	tx.respond(resp)
}

// respond sends a response. A final one after a final one is not sent: it reports false.
func (tx *serverTx) respond(resp *sip.Message) bool {
	if tx.state != txTrying && tx.state != txProceeding {
		return false
	}
	last, sent := tx.all.send(resp)
	tx.last = last
	switch {
	case resp.StatusCode < 200:
		tx.state = txProceeding
	case !tx.invite():
		tx.terminate()
	case resp.StatusCode < 300:
		tx.enter(txAccepted)
		tx.log("accepted")
		tx.timer = tx.all.loop.AfterFunc(timeout, tx.terminate)
	default:
		tx.enter(txCompleted)
		tx.log("completed")
		tx.timer = tx.all.loop.AfterFunc(timeout, tx.terminate)
		if !sent {
			tx.outlast()
		}
	}
	tx.all.changed()
	return true
}

// enter changes the state after a final response. The refusal of a call is waited for until it has been heard, so that
// a flow that does not carry it is soon found dead.
func (tx *serverTx) enter(state txState) {
	if state != txCompleted || !tx.rings {
		tx.owed.release()
	}
	if state == txTerminated || state == txAccepted && tx.req.ToTag() == "" {
		tx.room.release()
	}
	tx.state = state
}

// answered tells whether a final response has been sent.
func (tx *serverTx) answered() bool { return tx.state >= txAccepted }

// retransmitted takes the request once more (RFC 3261 section 17.2.1): a proxy without state may
// pass on what came over UDP.
func (tx *serverTx) retransmitted() {
	tx.log("request again")
	tx.again()
}

// again sends the last response once more; not a 2xx, which the call repeats.
func (tx *serverTx) again() {
	if tx.state != txAccepted && len(tx.last) > 0 {
		tx.all.connection.send(tx.last)
	}
}

// outlast has the refusal of a call wait for a flow: it is not known to have been heard.
func (tx *serverTx) outlast() {
	if tx.state == txCompleted && tx.rings {
		tx.timer.Stop()
		tx.timer = tx.all.loop.AfterFunc(farewellPatience, tx.terminate)
	}
}

// refuseAgain sends a refusal over a new flow.
func (tx *serverTx) refuseAgain() {
	if tx.state == txCompleted && tx.all.connection.send(tx.last) {
		tx.timer.Stop()
		tx.timer = tx.all.loop.AfterFunc(timeout, tx.terminate)
	}
}

// confirm takes the ACK of a refusal (RFC 3261 section 17.2.1: Confirmed, which ends at once on a reliable transport).
func (tx *serverTx) confirm() {
	if tx.state == txCompleted {
		tx.terminate()
	}
}

func (tx *serverTx) terminate() {
	if tx.state == txTerminated {
		return
	}
	accepted := tx.state == txAccepted
	tx.enter(txTerminated)
	tx.log("terminated")
	tx.timer.Stop()
	delete(tx.all.server, tx.key)
	if tx.all.merges[tx.merge] == tx {
		delete(tx.all.merges, tx.merge)
	}
	tx.all.changed()
	if accepted && tx.onEnd != nil {
		tx.onEnd()
	}
}
