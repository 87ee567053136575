package phone

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"calla/netsip/sip"
	"calla/phone/contacts"
	"calla/phone/journal"
	"calla/phone/safe"
)

// Messages are kept in the journal. Those of this run are held in memory as well, as they are now:
//
//	loop: add, settle, mark ──▶ MessageMemory ──▶ State's counts
//	          └── as values ──▶ journal's writer ──"kept"──▶ loop
//	any goroutine: Messages ◀── rows, and what memory knows better or has alone
//
// The answer to a MESSAGE goes out when it is on disk, so that none is lost that the far end takes for arrived: on
// whichever side of the answer a program or a computer ends. A disk that takes longer than half a second, or does not
// take it, is not waited for, and nobody else waits for any. What is shown before it is on disk, or because the disk
// does not take it, says so: Message.Kept. A row that memory has as kept and the journal has no
// more has been deleted there.

// keep holds a message, hands it to the journal and returns its ID. kept is called on the loop when it is on disk, or
// will not be.
func (p *Phone) keep(m Message, kept func()) int64 {
	m.ID = max(m.At.UnixMicro(), p.newestMessage+1)
	if p.journal != nil {
		held := m.ID
		id, err := p.journal.AddMessage(messageRow(m), func(row int64, err error) {
			counts := p.journal.Counts() // with it
			p.loop.Post(func() {
				p.journalCounts = counts
				p.messageKept(held, row, err)
				kept()
			})
		})
		if err != nil {
			p.log.Warn("message not kept", "error", err)
			kept()
		}
		m.ID, held = id, id
	} else {
		kept()
	}
	p.newestMessage = max(p.newestMessage, m.ID)
	if days := p.settings.Load().KeepDays; days > 0 {
		old := time.Now().AddDate(0, 0, -days)
		p.messages.remove(func(m *Message) bool { return m.At.Before(old) })
	}
	p.messages.add(m)
	p.changed()
	return m.ID
}

// messageKept notes that a message is on disk as a row, or will not be.
func (p *Phone) messageKept(id, row int64, err error) {
	switch {
	case err != nil:
		p.log.Warn("message not kept", "error", err)
	case row != id: // another had its ID: only the journal has it now
		p.messages.remove(func(m *Message) bool { return m.ID == id })
	default:
		p.messages.settle(id, func(m *Message) { m.Kept = true })
	}
	p.changed()
}

// settle says what became of a message of ours.
func (p *Phone) settle(id int64, change func(*Message)) {
	m := Message{ID: id}
	change(&m)
	p.messages.settle(id, change)
	if p.journal != nil {
		if err := p.journal.SettleMessage(id, journal.Delivery(m.Status), m.Cause); err != nil {
			p.log.Warn("message not settled", "error", err)
		}
	}
	p.changed()
}

// MarkRead says that the user has seen a conversation, up to the message of an ID.
func (p *Phone) MarkRead(accountID, party string, upTo int64) {
	p.loop.Post(func() {
		if p.messages.markRead(accountID, party, upTo) {
			p.changed()
		}
		if p.journal != nil {
			_ = p.journal.MarkRead(accountID, party, upTo) // what cannot be written is told by the journal
		}
	})
}

// DeleteMessages deletes all messages, from the file too. It waits for that.
func (p *Phone) DeleteMessages(ctx context.Context) error {
	p.forgetMessages(func(*Message) bool { return true })
	if p.journal == nil {
		return nil
	}
	return p.journal.DeleteMessages(ctx)
}

// DeleteConversation deletes what an account and a party have written to each other, from the file too. It waits for
// that.
func (p *Phone) DeleteConversation(ctx context.Context, accountID, party string) error {
	p.forgetMessages(func(m *Message) bool { return m.AccountID == accountID && m.Party == party })
	if p.journal == nil {
		return nil
	}
	return p.journal.DeleteConversation(ctx, accountID, party)
}

func (p *Phone) forgetMessages(gone func(*Message) bool) {
	p.loop.Do(func() {
		p.messages.remove(gone)
		p.changed()
	})
}

// messageCounts are those of memory and journal together.
func (p *Phone) messageCounts() MessageCounts {
	c := p.messages.Counts()
	if p.journal != nil {
		c.Revision += p.journalCounts.Messages + p.journalCounts.Contacts
		c.Any = c.Any || p.journalCounts.Unread > 0 || p.journalCounts.Conversations > 0
		c.Unread = p.journalCounts.Unread + p.messages.unkeptUnread()
	}
	return c
}

// Recent returns the messages of this run of the program, at most the newest 500, newest last, for reading. It does not
// wait.
func (p *Phone) Recent() []Message { return p.messages.Recent() }

// Messages implements MessageReader. Where the journal cannot be read there are those of this run: a notice tells.
func (p *Phone) Messages(ctx context.Context, q MessageQuery) (page []Message, more bool, err error) {
	recent := p.messages.Recent()
	if p.journal == nil {
		return p.messages.Messages(ctx, q)
	}
	rows, more, err := p.journal.Messages(ctx, journal.MessageQuery{
		AccountID: q.AccountID, Person: q.Party, Unread: q.Unread, Before: q.Before, Limit: limit(q.Limit),
	})
	switch {
	case ctx.Err() != nil:
		return nil, false, ctx.Err()
	case err != nil:
		p.log.Warn("messages cannot be read", "error", err)
		page, more, _ = p.messages.Messages(ctx, q)
	default:
		page, more = merged(rows, recent, q, more)
	}
	p.name(ctx, page)
	return page, more, nil
}

// merged is a page of rows with what memory knows better, and what it has alone.
func merged(rows []journal.Message, recent []Message, q MessageQuery, more bool) ([]Message, bool) {
	held := map[int64]*Message{}
	for i := range recent {
		held[recent[i].ID] = &recent[i]
	}
	var page []Message
	for _, row := range rows {
		m := rowMessage(row)
		if h := held[row.ID]; h != nil {
			m = *h
			m.Kept = true
			delete(held, row.ID)
		}
		if q.asksFor(&m) {
			page = append(page, m)
		}
	}
	for _, m := range recent {
		alone := held[m.ID] != nil && !m.Kept && q.asksFor(&m)
		if alone && (!more || len(rows) > 0 && m.ID > rows[0].ID) {
			page = append(page, m)
		}
	}
	slices.SortFunc(page, byTime)
	if n := limit(q.Limit); len(page) > n {
		page, more = page[len(page)-n:], true
	}
	return page, more
}

// Conversations implements MessageReader, as Messages does.
func (p *Phone) Conversations(ctx context.Context, before int64, most int) ([]Conversation, bool, error) {
	recent := p.messages.Recent()
	if p.journal == nil {
		return p.messages.Conversations(ctx, before, most)
	}
	rows, more, err := p.journal.Conversations(ctx, before, limit(most))
	var page []Conversation
	switch {
	case ctx.Err() != nil:
		return nil, false, ctx.Err()
	case err != nil:
		p.log.Warn("messages cannot be read", "error", err)
		page, more, _ = p.messages.Conversations(ctx, before, most)
	default:
		page, more = mergedConversations(rows, recent, before, limit(most), more)
	}
	last := make([]Message, len(page))
	for i := range page {
		last[i] = page[i].Last
	}
	p.name(ctx, last)
	for i := range page {
		page[i].Last = last[i]
	}
	return page, more, nil
}

// mergedConversations is a page of conversations with what memory knows better, and what it has alone.
func mergedConversations(
	rows []journal.Conversation, recent []Message, before int64, most int, more bool,
) ([]Conversation, bool) {
	var page []Conversation
	for _, row := range rows {
		c := Conversation{Last: rowMessage(row.Last), Unread: row.Unread}
		if i := slices.IndexFunc(recent, func(m Message) bool { return m.ID == c.Last.ID }); i >= 0 {
			c.Last = recent[i]
			c.Last.Kept = true
		}
		page = append(page, c)
	}
	alone := slices.DeleteFunc(slices.Clone(recent), func(m Message) bool { return m.Kept })
	for _, c := range conversationsOf(alone, 0) {
		i := slices.IndexFunc(page, func(o Conversation) bool { return o.isOf(&c.Last) })
		switch {
		case i >= 0 && page[i].Last.ID < c.Last.ID:
			page[i].Last = c.Last
			page[i].Unread += c.Unread
		case i < 0 && (before == 0 || c.Last.ID < before):
			page = append(page, c)
		}
	}
	slices.SortFunc(page, func(a, b Conversation) int { return cmp.Compare(b.Last.ID, a.Last.ID) })
	if len(page) > most {
		page, more = page[:most], true
	}
	return page, more
}

// name puts the contacts' names to messages; what somebody calls himself is no name.
func (p *Phone) name(ctx context.Context, all []Message) {
	if p.o.Contacts == nil {
		return
	}
	names := map[[2]string]string{}
	for i := range all {
		m := &all[i]
		of := [2]string{m.AccountID, m.URI}
		name, asked := names[of]
		if !asked {
			name = p.nameOf(ctx, m)
			names[of] = name
		}
		if m.Name = name; name != "" {
			m.Claims = ""
		}
	}
}

// nameOf is the contact's name that a message's other side has, "" for none.
func (p *Phone) nameOf(ctx context.Context, m *Message) string {
	uri, err := sip.ParseURI(m.URI)
	if err != nil {
		return ""
	}
	domain, _ := p.readsBy(m.AccountID)
	who, err := p.o.Contacts.Who(ctx, contacts.KeysOf(uri, domain))
	if err != nil && ctx.Err() == nil {
		p.log.Warn("contacts cannot be asked", "error", err)
	}
	return safe.Line(who.Name, shownText)
}

// longestParty bounds Message.Party, in characters.
const longestParty = 400

// partyOf is an address in one spelling, for telling conversations apart; shown is how it is shown.
func partyOf(uri sip.URI, shown string) string {
	keys := contacts.KeysOf(uri, "")
	if len(keys) == 0 {
		return strings.ToLower(shown)
	}
	return safe.Line(keys[0], longestParty)
}

// messageRow is a message as the journal keeps it.
func messageRow(m Message) journal.Message {
	return journal.Message{
		AccountID: m.AccountID, Person: m.Party, Address: m.Address, URI: m.URI, Name: m.Claims, Incoming: m.Incoming,
		Type: "text/plain", Text: m.Text, At: m.At, Unread: m.Unread, Delivery: journal.Delivery(m.Status),
		Cause: m.Cause,
	}
}

// rowMessage is a message that the journal has kept.
func rowMessage(m journal.Message) Message {
	return Message{
		ID: m.ID, AccountID: m.AccountID, Party: m.Person, Address: m.Address, URI: m.URI, Claims: m.Name,
		Incoming: m.Incoming, Text: m.Text, At: m.At, Settled: m.Settled, Unread: m.Unread,
		Status: MessageStatus(m.Delivery), Cause: m.Cause, Kept: true,
	}
}
