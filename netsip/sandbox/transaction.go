package sandbox

import (
	"slices"
	"time"

	"calla/netsip/sip"
)

// The timers of RFC 3261 section 17 and 16.6 on a reliable transport.
const (
	timerB = 32 * time.Second  // no response at all; also how long an INVITE is remembered after its end
	timerC = 180 * time.Second // no final response to an INVITE
)

// serverTransaction is a request from a client, and the branches it was forwarded on.
//
//	request ──▶ forwarded on each branch ──▶ provisional responses pass
//	   2xx to INVITE: passes, the others are cancelled        ┐
//	   6xx, CANCEL, the client lost: the others are cancelled ├─▶ best response passes ──▶ final
//	   every branch has its final response                    ┘      (INVITE: kept for timer B, for late 2xx)
type serverTransaction struct {
	server     *Server
	key        string
	connection *connection
	request    *sip.Message
	branches   []*branch
	last       *sip.Message // last response sent
	final      bool
	forget     *time.Timer
}

// branch is one forwarded copy of a request.
type branch struct {
	id         string
	tx         *serverTransaction
	connection *connection
	request    *sip.Message // as forwarded
	status     int          // of the last response, 0 = none yet
	response   *sip.Message // the final one, without our Via
	cancelled  bool         // CANCEL is to be sent once there is a provisional response
	reason     string       // Reason of that CANCEL
	timer      *time.Timer  // B, C or F
}

// transactionKey names the server transaction of a request; ACK and CANCEL have that of their INVITE.
func transactionKey(c *connection, req *sip.Message) string {
	method := req.Method
	if method == "ACK" || method == "CANCEL" {
		method = "INVITE"
	}
	via, _ := req.TopVia()
	branch := via.Branch()
	if len(branch) <= len("z9hG4bK") { // RFC 2543, or no branch but the cookie
		cseq, _ := req.CSeq()
		branch = req.CallID() + "|" + req.FromTag() + "|" + cseq.String()[:len(cseq.String())-len(cseq.Method)]
	}
	return c.id + "|" + method + "|" + via.Host + "|" + branch
}

// fork forwards a request to all targets.
func (s *Server) fork(key string, c *connection, req *sip.Message, targets []target) {
	tx := &serverTransaction{server: s, key: key, connection: c, request: req}
	s.transaction[key] = tx
	c.pending++
	if req.Method == "INVITE" {
		tx.last = s.answer(c, req, 100, "")
	}
	for _, t := range targets {
		b := &branch{id: newBranch(), tx: tx, connection: t.connection}
		b.request = s.forwarded(c, req, t, b.id)
		b.timer = time.AfterFunc(timerB, func() { s.expire(b) })
		tx.branches = append(tx.branches, b)
		s.branches[b.id] = b
	}
	for _, b := range tx.branches {
		s.send(b.connection, b.request)
	}
}

// expire ends a branch that has waited too long.
func (s *Server) expire(b *branch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || b.response != nil {
		return
	}
	b.cancel("")
	b.fail(408)
}

// response handles a response from a client: it belongs to a branch or to nothing.
func (s *Server) response(m *sip.Message) {
	via, err := m.TopVia()
	b := s.branches[via.Branch()]
	cseq, errSeq := m.CSeq()
	if err != nil || errSeq != nil || b == nil || cseq.Method != b.request.Method {
		return // the answer to our CANCEL, or late
	}
	invite := b.request.Method == "INVITE"
	back := m.Clone()
	setVias(back, back.Values("Via")[1:])
	switch {
	case m.StatusCode < 200:
		if b.response != nil {
			return
		}
		first := b.status == 0
		b.status = m.StatusCode
		if invite && !b.cancelled {
			b.timer.Reset(timerC)
		}
		if first && b.cancelled {
			b.sendCancel()
		}
		if m.StatusCode > 100 && !b.tx.final {
			b.tx.pass(back)
		}
	case invite && m.StatusCode < 300: // also a second one: each makes a dialog, or repeats
		b.end(back)
		b.tx.pass(back)
		b.tx.finish()
		b.tx.cancelOthers(`SIP;cause=200;text="Call completed elsewhere"`)
	default:
		if invite {
			s.send(b.connection, b.derived("ACK", back.Get("To")))
		}
		if b.response == nil {
			b.end(back)
			b.tx.settle()
		}
	}
}

// end notes the final response of a branch.
func (b *branch) end(final *sip.Message) {
	b.timer.Stop()
	b.status, b.response = final.StatusCode, final
}

// fail ends a branch with a response of our own: it timed out (408), or its flow is lost (430).
func (b *branch) fail(code int) {
	if b.response == nil {
		m := sip.NewResponse(b.tx.request, code, "")
		markReceived(b.tx.connection, m)
		b.end(m)
		b.tx.settle()
	}
}

// derived makes the CANCEL of a branch, or the ACK of its non-2xx response (RFC 3261 sections 9.1 and 17.1.1.3).
func (b *branch) derived(method, to string) *sip.Message {
	m := sip.NewRequest(method, b.request.RequestURI)
	m.Add("Via", b.request.Values("Via")[0])
	m.Add("Max-Forwards", "70")
	m.Add("From", b.request.Get("From"))
	m.Add("To", to)
	m.Add("Call-ID", b.request.CallID())
	cseq, _ := b.request.CSeq()
	cseq.Method = method
	m.Add("CSeq", cseq.String())
	return m
}

func (b *branch) sendCancel() {
	m := b.derived("CANCEL", b.request.Get("To"))
	if b.reason != "" {
		m.Add("Reason", b.reason)
	}
	b.timer.Reset(timerB)
	b.tx.server.send(b.connection, m)
}

// cancel asks a branch to end: at once when it has answered provisionally, else when it does.
func (b *branch) cancel(reason string) {
	if b.cancelled || b.response != nil || b.request.Method != "INVITE" {
		return
	}
	b.cancelled, b.reason = true, reason
	if b.status >= 100 {
		b.sendCancel()
	}
}

// cancel handles a CANCEL from the client, or its loss (req nil).
func (tx *serverTransaction) cancel(req *sip.Message) {
	if tx.final {
		return
	}
	reason := ""
	if req != nil {
		reason = req.Get("Reason")
	}
	tx.cancelOthers(reason)
}

func (tx *serverTransaction) cancelOthers(reason string) {
	for _, b := range tx.branches {
		b.cancel(reason)
	}
}

// pass sends a response back to the client.
func (tx *serverTransaction) pass(m *sip.Message) {
	tx.last = m
	tx.server.send(tx.connection, m)
}

// settle sends the best response once every branch has ended.
func (tx *serverTransaction) settle() {
	if tx.final {
		tx.finish()
		return
	}
	for _, b := range tx.branches {
		switch {
		case b.response == nil:
		case b.status >= 600:
			tx.cancelOthers("")
		case b.status < 300: // of a non-INVITE, the first is the one
			tx.pass(b.response)
			tx.finish()
			return
		}
	}
	if slices.ContainsFunc(tx.branches, func(b *branch) bool { return b.response == nil }) {
		return
	}
	best := slices.MinFunc(tx.branches, func(a, b *branch) int { return rank(a.status) - rank(b.status) }).response
	if to, err := best.To(); err == nil && to.Tag() == "" {
		best.Set("To", best.Get("To")+";tag="+token())
	}
	tx.pass(best)
	tx.finish()
}

// rank orders final responses, the best first (RFC 3261 section 16.7 step 6): 6xx, then the lowest class, in it
// those that tell the caller how to try again.
func rank(status int) int {
	switch {
	case status >= 600:
		return 0
	case status == 401 || status == 407 || status == 415 || status == 420 || status == 484:
		return 400
	case status == 408 || status == 430: // of our own making
		return 499
	case status >= 400 && status < 500:
		return 410
	}
	return status
}

// finish notes that the client has its final response. An INVITE and its branches are remembered for a while, since
// more 2xx may come and its ACK has to end here.
func (tx *serverTransaction) finish() {
	if !tx.final {
		tx.final = true
		tx.connection.pending--
	}
	if tx.request.Method != "INVITE" {
		tx.remove()
		return
	}
	if tx.forget == nil {
		tx.forget = time.AfterFunc(timerB, func() {
			tx.server.mu.Lock()
			defer tx.server.mu.Unlock()
			tx.remove()
		})
	}
}

// remove forgets the transaction. Branches still without a final response go on until their timer.
func (tx *serverTransaction) remove() {
	s := tx.server
	tx.stop()
	if s.transaction[tx.key] == tx {
		delete(s.transaction, tx.key)
	}
	for _, b := range tx.branches {
		b.timer.Stop()
		delete(s.branches, b.id)
	}
}

func (tx *serverTransaction) stop() {
	if tx.forget != nil {
		tx.forget.Stop()
	}
}
