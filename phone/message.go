package phone

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/sip"
	"calla/phone/cause"
	"calla/phone/safe"
)

const (
	keptMessages = 500      // of all conversations; the oldest go first
	longestText  = 16 << 10 // characters of one message that are shown
)

// SendMessage sends text (of several lines, if it has them) to an address, as typed or as the URI of a message or
// call, with an account; "" is the one that dials. It is among Messages at once, and there it shows whether it has
// arrived, also when it cannot be sent. Without a text or an account it is refused: State.Refusal.
func (p *Phone) SendMessage(accountID, address, text string) {
	p.loop.Post(func() {
		if !p.closing {
			p.sendMessage(accountID, address, text)
		}
	})
}

func (p *Phone) sendMessage(accountID, address, text string) {
	l := p.line(accountID)
	problem := p.cannotReach(l, accountID)
	if strings.TrimSpace(text) == "" {
		problem = &cause.Cause{Kind: cause.MessageEmpty}
	}
	if strings.TrimSpace(text) == "" || l == nil {
		r := Refusal{Command: CommandMessage, AccountID: accountID, Text: address, Cause: *problem}
		p.refused(r)
		return
	}
	p.done()
	p.serials++
	m := Message{
		ID: "m" + strconv.Itoa(p.serials), AccountID: l.account.ID, Address: safe.Line(address, 2*shownText),
		Text: safe.Text(text, longestText), At: time.Now(),
	}
	defer p.changed()
	domain := l.account.Config.Domain()
	if l.agent != nil {
		domain = l.agent.config.Domain()
	}
	uri, err := p.addressee(l.account.ID, address, domain)
	if err == nil {
		m.URI, m.Address = callable(sip.Address{URI: uri}), shownAddress(sip.Address{URI: uri}, domain)
	}
	if err == nil && problem != nil {
		m.Status, m.Cause = MessageFailed, problem
		p.messages.add(m)
		return
	}
	if a := l.agent; err == nil {
		err = a.ua.SendMessage(uri, "text/plain;charset=utf-8", []byte(text), func(err error) {
			p.foreignRealm(a, err)
			p.sent(m.ID, err)
		})
	}
	if err != nil {
		m.Status, m.Cause = MessageFailed, messageFailure(err, m.Address)
	}
	p.messages.add(m)
}

// addressee reads whom a message is for: a URI that a State of this phone has is taken as it is.
func (p *Phone) addressee(accountID, address, domain string) (sip.URI, error) {
	known := len(p.messages.Messages(MessageQuery{AccountID: accountID, URI: address, Newest: 1})) > 0 &&
		address != "" ||
		slices.ContainsFunc(p.calls, func(c *call) bool { return callable(c.session.Party()) == address }) ||
		p.ended != nil && p.ended.URI == address
	if known {
		return farEnd(address, domain)
	}
	return config.DialTarget(address, domain)
}

// sent is told whether a message has arrived.
func (p *Phone) sent(id string, err error) {
	p.messages.settle(id, func(m *Message) {
		m.Status = MessageSent
		if err != nil {
			m.Status, m.Cause = MessageFailed, messageFailure(err, m.Address)
		}
	})
	p.changed()
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

// messageCame takes a message that came in: plain text in UTF-8.
func (p *Phone) messageCame(a *agent, m *netsip.Message) {
	text := safe.Text(string(m.Body), longestText)
	if strings.TrimSpace(text) == "" || p.closing {
		return
	}
	p.serials++
	p.messages.add(Message{
		ID: "m" + strconv.Itoa(p.serials), AccountID: a.accountID, Incoming: true, Status: MessageSent, Unread: true,
		At:   m.At,
		Name: safe.Line(m.From.Display, shownText), Address: shownAddress(m.From, a.config.Domain()),
		URI: callable(m.From), Text: text,
	})
	p.sound.chime()
	p.changed()
}

// MessageAddress returns an address, as typed, in the form in which Messages have it. What cannot be written to
// stays as it is typed.
func (p *Phone) MessageAddress(accountID, address string) string {
	a, ok := p.Account(accountID)
	if !ok {
		return address
	}
	uri, err := config.DialTarget(address, a.Config.Domain())
	if err != nil {
		return safe.Line(address, 2*shownText)
	}
	return shownAddress(sip.Address{URI: uri}, a.Config.Domain())
}

// MarkRead says that the user has seen a conversation.
func (p *Phone) MarkRead(accountID, address string) {
	p.loop.Post(func() {
		if p.messages.markRead(accountID, address) {
			p.changed()
		}
	})
}
