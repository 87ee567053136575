package netsip

import "calla/netsip/sip"

// Refusal is why a message was not taken: what it is answered with, and by which rule. It is a fact: nobody has to read
// its reason to know what happened.
type Refusal struct {
	StatusCode int    // of the response; ACKs and responses are not answered, 0 = nor is the message
	Reason     string // the response's phrase; of a message that is not answered, why
	Rule       string // such as "RFC 3261 section 8.2.2.1", or a rule of our own: "Calla: …"
}

// Wrong tells whether the message breaks the rule; else the rule says what is answered to a message that may be
// right, but asks for what we do not have, do not know, or do not want now.
func (r Refusal) Wrong() bool {
	switch r.StatusCode {
	case 400, 406, 415, 416, 420:
		return true
	}
	return false
}

// neverAnswered is why an ACK is dropped, whatever is wrong with it.
func neverAnswered() Refusal { return Refusal{0, "an ACK is never answered", "RFC 3261 section 17"} }

// refusalOf is that of a message that could not be read: the section of RFC 3261 that it breaks, or our own limit.
func refusalOf(bad *sip.ParseError) Refusal {
	r := Refusal{bad.StatusCode, bad.Reason, "Calla: what is read is bounded"}
	if bad.Section != "" {
		r.Rule = "RFC 3261 section " + bad.Section
	}
	return r
}

// tell tells the program of a refusal.
func (t *transactions) tell(m *sip.Message, r Refusal) {
	if t.onRefusal != nil {
		t.onRefusal(m, r)
	}
}

// refuse answers a request without keeping a transaction.
func (t *transactions) refuse(m *sip.Message, r Refusal, extra ...sip.Header) {
	if m.Method == "ACK" {
		t.drop(m, neverAnswered())
		return
	}
	resp := t.identity.response(m, r.StatusCode, r.Reason, t.identity.newTag())
	t.log.debug(logSanity, "", m.Method, " refused with ", itoa(r.StatusCode), " ", resp.Reason)
	resp.Headers = append(resp.Headers, extra...)
	t.send(resp)
	r.Reason = resp.Reason
	t.tell(m, r)
}

// drop answers nothing.
func (t *transactions) drop(m *sip.Message, r Refusal) {
	what := "response"
	if m.IsRequest() {
		what = m.Method
	}
	t.log.debug(logSanity, "", what, " dropped: ", r.Reason)
	t.tell(m, r)
}

// refuse answers the request of the transaction by a rule of the engine. What users decide is a reply.
func (tx *serverTx) refuse(r Refusal, extra ...sip.Header) {
	resp := tx.response(r.StatusCode, r.Reason)
	resp.Headers = append(resp.Headers, extra...)
	if tx.respond(resp) {
		r.Reason = resp.Reason
		tx.all.tell(tx.req, r)
	}
}
