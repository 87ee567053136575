package phone

import (
	"slices"
	"sync/atomic"
)

// MessageReader answers queries for the messages of all conversations (RFC 3428), which are not in State. Its methods
// may be called from any goroutine; what they return is the caller's.
type MessageReader interface {
	// Messages returns the messages that a query asks for, newest last.
	Messages(q MessageQuery) []Message
	// Conversations returns all conversations, the one that changed last first.
	Conversations() []Conversation
}

// MessageQuery says which messages are asked for: those for which all that is given is true.
type MessageQuery struct {
	AccountID string
	Address   string // of the other side
	URI       string // of the other side in full
	Unread    bool   // incoming and not marked read
	Newest    int    // so many of them, the newest; 0 = all
}

func (q MessageQuery) asksFor(m *Message) bool {
	return (q.AccountID == "" || q.AccountID == m.AccountID) && (q.Address == "" || q.Address == m.Address) &&
		(q.URI == "" || q.URI == m.URI) && (!q.Unread || m.Unread)
}

// Conversation is what an account and an address have written to each other.
type Conversation struct {
	AccountID string
	Address   string  // of the other side
	Name      string  // of the other side, as it was told last; "" where it never was
	Last      Message // the newest
	Unread    int
}

// MessageCounts is what State tells of messages. What they say is asked for, and asked for again when Revision has
// changed.
type MessageCounts struct {
	Revision uint64        // grows with each change of any message
	All      int           // that are kept
	Unread   []UnreadCount // of the conversations that have any, in the order of their oldest unread message
}

// UnreadCount is how many messages of a conversation are incoming and not marked read.
type UnreadCount struct {
	AccountID, Address string
	Count              int
}

// AllUnread is the number of unread messages of all conversations.
func (c MessageCounts) AllUnread() int {
	n := 0
	for _, u := range c.Unread {
		n += u.Count
	}
	return n
}

// messageStore keeps messages. What changes them is called on the loop.
type messageStore interface {
	MessageReader
	Counts() MessageCounts
	// add keeps a message, which is the newest; the oldest may be forgotten for it.
	add(m Message)
	// settle changes one that is still kept.
	settle(id string, change func(*Message))
	// markRead marks all of a conversation as read; false where none was unread.
	markRead(accountID, address string) bool
}

// MessageMemory is a messageStore that forgets everything when the program ends.
type MessageMemory struct {
	latest atomic.Pointer[messageList] // never changed in place
}

// messageList is what a MessageMemory holds at one instant.
type messageList struct {
	all    []Message // newest last
	counts MessageCounts
}

// NewMessageMemory returns one that holds these messages, newest last.
func NewMessageMemory(all ...Message) *MessageMemory {
	m := new(MessageMemory)
	m.latest.Store(new(messageList))
	if len(all) > 0 {
		m.store(slices.Clone(all))
	}
	return m
}

// store makes all, which is not changed any more, what there is.
func (m *MessageMemory) store(all []Message) {
	counts := MessageCounts{Revision: m.Counts().Revision + 1, All: len(all)}
	for i := range all {
		if !all[i].Unread {
			continue
		}
		at := slices.IndexFunc(counts.Unread, func(u UnreadCount) bool {
			return u.AccountID == all[i].AccountID && u.Address == all[i].Address
		})
		if at < 0 {
			at = len(counts.Unread)
			counts.Unread = append(counts.Unread, UnreadCount{AccountID: all[i].AccountID, Address: all[i].Address})
		}
		counts.Unread[at].Count++
	}
	m.latest.Store(&messageList{all, counts})
}

// Counts tells what State tells of the messages.
func (m *MessageMemory) Counts() MessageCounts { return m.latest.Load().counts }

func (m *MessageMemory) add(message Message) {
	all := slices.Clone(m.latest.Load().all)
	if len(all) >= keptMessages {
		all = all[len(all)-keptMessages+1:]
	}
	m.store(append(all, message))
}

func (m *MessageMemory) settle(id string, change func(*Message)) {
	all := slices.Clone(m.latest.Load().all)
	if i := slices.IndexFunc(all, func(m Message) bool { return m.ID == id }); i >= 0 {
		change(&all[i])
		m.store(all)
	}
}

func (m *MessageMemory) markRead(accountID, address string) bool {
	all, changed := slices.Clone(m.latest.Load().all), false
	for i := range all {
		if all[i].Unread && all[i].AccountID == accountID && all[i].Address == address {
			all[i].Unread, changed = false, true
		}
	}
	if changed {
		m.store(all)
	}
	return changed
}

// Messages implements MessageReader.
func (m *MessageMemory) Messages(q MessageQuery) []Message {
	var found []Message
	all := m.latest.Load().all
	for i := len(all) - 1; i >= 0 && (q.Newest == 0 || len(found) < q.Newest); i-- {
		if q.asksFor(&all[i]) {
			found = append(found, all[i])
		}
	}
	slices.Reverse(found)
	return found
}

// Conversations implements MessageReader.
func (m *MessageMemory) Conversations() []Conversation {
	var found []Conversation
	for _, message := range slices.Backward(m.latest.Load().all) {
		at := slices.IndexFunc(found, func(c Conversation) bool {
			return c.AccountID == message.AccountID && c.Address == message.Address
		})
		if at < 0 {
			at = len(found)
			found = append(found, Conversation{AccountID: message.AccountID, Address: message.Address, Last: message})
		}
		c := &found[at]
		if c.Name == "" {
			c.Name = message.Name
		}
		if message.Unread {
			c.Unread++
		}
	}
	return found
}

// Messages implements MessageReader. It returns at once.
func (p *Phone) Messages(q MessageQuery) []Message { return p.messages.Messages(q) }

// Conversations implements MessageReader. It returns at once.
func (p *Phone) Conversations() []Conversation { return p.messages.Conversations() }
