package phone

import (
	"errors"
	"slices"
	"strings"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/sip"
	"calla/phone/cause"
	"calla/phone/safe"
)

const (
	keptMessages = 500      // in memory, of all conversations; the oldest go first
	longestText  = 16 << 10 // characters of one message that are shown
)

// SendMessage sends text (of several lines, if it has them) to an address as typed, which is read by the account's dial
// rules, with an account; "" is the one that dials. It is among Messages at once, and there it shows whether it has
// arrived, also when it cannot be sent. Without a text or an account it is refused: State.Refusal.
func (p *Phone) SendMessage(accountID, address, text string) {
	p.loop.Post(func() {
		l := p.line(accountID)
		if l == nil {
			p.write(l, accountID, address, text, sip.URI{}, nil)
			return
		}
		uri, err := addressee(address, p.domainOf(accountID), l.account.Config.Calla.DialRules)
		p.write(l, accountID, address, text, uri, err)
	})
}

// Reply sends text as SendMessage does to the far end of an earlier message or call: uri is its URI in State. Nothing
// is read into it.
func (p *Phone) Reply(accountID, uri, text string) {
	p.loop.Post(func() { p.reply(accountID, uri, text) })
}

func (p *Phone) reply(accountID, uri, text string) {
	to, err := farEnd(uri, p.domainOf(accountID))
	p.write(p.line(accountID), accountID, uri, text, to, err)
}

// addressee reads whom a message is for.
func addressee(text, domain string, rules []string) (sip.URI, error) {
	if _, err := config.DialTarget(text, domain); err != nil { // digits for after an answer too
		return sip.URI{}, err
	}
	d, err := config.ParseDialled(text, domain)
	if err == nil {
		d, err = d.ByRules(rules)
	}
	return d.URI, err
}

// write sends a text to an address; wrong is why that is none.
func (p *Phone) write(l *line, asked, address, text string, to sip.URI, wrong error) {
	if p.closing {
		return
	}
	problem := p.cannotReach(l, asked)
	if strings.TrimSpace(text) == "" {
		problem = &cause.Cause{Kind: cause.MessageEmpty}
	}
	if strings.TrimSpace(text) == "" || l == nil {
		p.refused(Refusal{Command: CommandMessage, AccountID: asked, Text: address, Cause: *problem})
		return
	}
	p.done()
	m := Message{
		AccountID: l.account.ID, Address: safe.Line(address, 2*shownText), Text: safe.Text(text, longestText),
		At: time.Now(),
	}
	if wrong == nil {
		m.URI, m.Address = callable(sip.Address{URI: to}), shownAddress(sip.Address{URI: to}, p.domainOf(asked))
	}
	m.Party = partyOf(to, m.Address)
	switch {
	case wrong != nil:
		m.Status, m.Cause = MessageFailed, messageFailure(wrong, m.Address)
	case problem != nil:
		m.Status, m.Cause = MessageFailed, problem
	}
	id := p.keep(m, func() {})
	p.findWriter(id, m.AccountID, to)
	if m.Status == MessageSending {
		p.send(l.agent, id, to, m.Address, text)
	}
}

// send sends a message that is kept.
func (p *Phone) send(a *agent, id int64, to sip.URI, address, text string) {
	done := func(err error) {
		p.foreignRealm(a, err)
		p.sent(id, address, err)
	}
	if err := a.ua.SendMessage(to, "text/plain;charset=utf-8", []byte(text), done); err != nil {
		p.sent(id, address, err)
	}
}

// Resend sends a message of ours again that has failed, or of which nobody knows whether it arrived. It stays the same
// message, in its place.
func (p *Phone) Resend(m Message) {
	p.loop.Post(func() { p.resend(m) })
}

func (p *Phone) resend(m Message) {
	held := slices.IndexFunc(p.messages.Recent(), func(h Message) bool { return h.ID == m.ID })
	if held >= 0 {
		m = p.messages.Recent()[held]
	}
	again := m.Status == MessageFailed || m.Status == MessageUnknown
	if p.closing || m.Incoming || m.URI == "" || !again {
		return
	}
	l := p.line(m.AccountID)
	to, err := farEnd(m.URI, p.domainOf(m.AccountID))
	if problem := p.cannotReach(l, m.AccountID); problem != nil || err != nil {
		if err != nil {
			problem = messageFailure(err, m.Address)
		}
		p.refused(Refusal{Command: CommandMessage, AccountID: m.AccountID, Text: m.Address, Cause: *problem})
		return
	}
	p.done()
	if held < 0 { // else nobody would know that it is under way
		p.messages.hold(m)
	}
	p.settle(m.ID, func(m *Message) { m.Status, m.Cause = MessageSending, nil })
	p.send(l.agent, m.ID, to, m.Address, m.Text)
}

// sent is told whether a message has arrived. What is under way when the program ends stays so: nobody knows.
func (p *Phone) sent(id int64, to string, err error) {
	if p.closing && errors.Is(err, netsip.ErrStopped) {
		return
	}
	now := time.Now()
	p.settle(id, func(m *Message) {
		m.Status, m.Settled, m.Cause = MessageSent, now, nil
		if err != nil {
			m.Status, m.Cause = MessageFailed, messageFailure(err, to)
		}
	})
}

// messageFailure tells why a message did not arrive.
func messageFailure(err error, to string) *cause.Cause {
	c := &cause.Cause{Kind: cause.MessageNotSent, To: to, Detail: safe.Line(err.Error(), 200)}
	var bad *config.TargetError
	var status *netsip.StatusError
	var timeout *netsip.TimeoutError
	switch {
	case errors.Is(err, netsip.ErrMessageTooLarge):
		c.Kind = cause.MessageTooLong
	case errors.As(err, &bad):
		c.Kind, c.Reason = cause.MessageNoTarget, bad.Reason
	case errors.Is(err, netsip.ErrNotConnected), errors.Is(err, netsip.ErrConnectionLost),
		errors.Is(err, netsip.ErrStopped):
		c.Kind = cause.MessageNotConnected
	case errors.As(err, &timeout):
		c.Kind = cause.MessageNoAnswer
	case errors.Is(err, netsip.ErrForeignRealm):
		c.Kind = cause.MessagePasswordAsked
	case errors.As(err, &status):
		c.Kind, c.Status, c.Phrase = messageRefusal(status.StatusCode), status.StatusCode,
			safe.Line(status.Reason, shownText)
	}
	return c
}

func messageRefusal(code int) cause.Kind {
	switch code {
	case 401, 407:
		return cause.MessagePasswordRefused
	case 403, 603:
		return cause.MessageNotAllowed
	case 404:
		return cause.MessageNotKnown
	case 604:
		return cause.MessageNoSuchAddress
	case 405, 415, 488, 501:
		return cause.MessageNotSupported
	case 408, 480, 430:
		return cause.MessageNotReached
	case 413, 513:
		return cause.MessageTooLong
	case 486, 600:
		return cause.MessageBusy
	}
	return cause.MessageRefused
}

// messageCame takes a message that came in: plain text in UTF-8. Its far end is answered once it is on disk.
func (p *Phone) messageCame(a *agent, m *netsip.Message) {
	text := safe.Text(string(m.Body), longestText)
	if strings.TrimSpace(text) == "" {
		m.Kept() // there is nothing to be lost
		return
	}
	at := m.At
	if at.IsZero() {
		at = time.Now()
	}
	address := shownAddress(m.From, a.config.Domain())
	id := p.keep(Message{
		AccountID: a.accountID, Incoming: true, Status: MessageSent, Unread: true, At: at, Address: address,
		Claims: safe.Line(m.From.Display, shownText), Party: partyOf(m.From.URI, address), URI: callable(m.From),
		Text: text, Finding: p.o.Contacts != nil,
	}, m.Kept)
	p.sound.chime()
	p.findWriter(id, a.accountID, m.From.URI)
}

// findWriter finds out which contact a message's other side is.
func (p *Phone) findWriter(id int64, accountID string, uri sip.URI) {
	if p.o.Contacts == nil {
		return
	}
	p.findPerson(sip.Address{URI: uri}, p.domainOf(accountID), func(w person) {
		p.messages.settle(id, func(m *Message) {
			if m.Finding = false; w.known != "" {
				m.Name, m.Claims = w.known, ""
			}
		})
		p.changed()
	})
}

// Correspondent is the party that an address, as typed or in full, means for an account's conversations, and how it is
// shown. What cannot be written to stays as it is typed.
func (p *Phone) Correspondent(accountID, address string) (party, shown string) {
	domain, rules := p.readsBy(accountID)
	uri, err := sip.ParseURI(address)
	if err != nil || uri.Host == "" {
		uri, err = addressee(address, domain, rules)
	}
	if err != nil {
		shown = safe.Line(address, 2*shownText)
		return partyOf(sip.URI{}, shown), shown
	}
	shown = shownAddress(sip.Address{URI: uri}, domain)
	return partyOf(uri, shown), shown
}
