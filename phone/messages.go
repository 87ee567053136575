package phone

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
)

// MessageReader answers queries for the messages of all conversations (RFC 3428), which are not in State. Its methods
// may be called from any goroutine, and may wait for the disk; what they return is the caller's.
type MessageReader interface {
	// Messages returns a page of the messages that a query asks for, the newest last, and whether there are older ones.
	Messages(ctx context.Context, q MessageQuery) (page []Message, more bool, err error)
	// Conversations returns a page of conversations, the one that changed last first, and whether there are more: those
	// whose last message is older than that of an ID, 0 for the first page.
	Conversations(ctx context.Context, before int64, most int) (page []Conversation, more bool, err error)
}

// MessageQuery says which messages are asked for: those for which all that is given is true.
type MessageQuery struct {
	AccountID, Party string // the conversation; "" = all
	Unread           bool   // incoming and not marked read
	Before           int64  // older than the message of this ID: the page before; 0 = the newest
	Limit            int    // at most 500; 0 = 50
}

const (
	usualMessages = 50  // of a page
	mostMessages  = 500 // of a page
)

// limit is how many messages a page has.
func limit(n int) int {
	if n <= 0 {
		return usualMessages
	}
	return min(n, mostMessages)
}

func (q MessageQuery) asksFor(m *Message) bool {
	return (q.AccountID == "" || q.AccountID == m.AccountID) && (q.Party == "" || q.Party == m.Party) &&
		(!q.Unread || m.Unread) && (q.Before == 0 || m.ID < q.Before)
}

// Conversation is what an account and a party have written to each other.
type Conversation struct {
	Last   Message // the newest, which has the account and the party
	Unread int
}

func (c *Conversation) isOf(m *Message) bool {
	return c.Last.AccountID == m.AccountID && c.Last.Party == m.Party
}

// MessageCounts is what State tells of messages. What they say is asked for, and asked for again when Revision has
// changed.
type MessageCounts struct {
	Revision uint64    // grows with each change of any message
	Any      bool      // there are some
	Unread   int       // incoming and not marked read
	NotKept  int       // of this run's, that are not on disk, or not yet
	Came     []Arrival // conversations with messages of this run that are unread; the one that came last is the last
}

// Arrival is what has come of one conversation.
type Arrival struct {
	Last  Message // the newest
	Count int
}

// mostArrivals bounds MessageCounts.Came; the oldest go first.
const mostArrivals = 5

// MessageMemory holds the messages of this run of the program, the newest of them, as they are now. It is changed on
// the loop; any goroutine reads.
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
	counts := MessageCounts{Revision: m.Counts().Revision + 1, Any: len(all) > 0}
	for i := range all {
		if !all[i].Kept {
			counts.NotKept++
		}
		if !all[i].Unread {
			continue
		}
		counts.Unread++
		if all[i].Finding {
			continue // it is told with its name, soon
		}
		n := 1
		counts.Came = slices.DeleteFunc(counts.Came, func(a Arrival) bool {
			same := a.Last.AccountID == all[i].AccountID && a.Last.Party == all[i].Party
			if same {
				n += a.Count
			}
			return same
		})
		counts.Came = append(counts.Came, Arrival{all[i], n})
	}
	counts.Came = counts.Came[max(0, len(counts.Came)-mostArrivals):]
	m.latest.Store(&messageList{all, counts})
}

// Counts tells what State would tell of these messages.
func (m *MessageMemory) Counts() MessageCounts { return m.latest.Load().counts }

// Recent returns all of them, newest last, for reading. It does not wait.
func (m *MessageMemory) Recent() []Message { return m.latest.Load().all }

// unkeptUnread counts unread ones that are not on disk.
func (m *MessageMemory) unkeptUnread() int {
	n := 0
	for _, message := range m.Recent() {
		if message.Unread && !message.Kept {
			n++
		}
	}
	return n
}

// add holds a message, which is the newest; the oldest may be forgotten for it.
func (m *MessageMemory) add(message Message) {
	all := m.Recent()
	all = slices.Clone(all[max(0, len(all)-keptMessages+1):])
	m.store(append(all, message))
}

// hold holds a message of an earlier run again, in its place.
func (m *MessageMemory) hold(message Message) {
	all := m.Recent()
	all = append(slices.Clone(all[max(0, len(all)-keptMessages+1):]), message)
	slices.SortStableFunc(all, byTime)
	m.store(all)
}

// settle changes one that is still held.
func (m *MessageMemory) settle(id int64, change func(*Message)) bool {
	all := slices.Clone(m.Recent())
	i := slices.IndexFunc(all, func(m Message) bool { return m.ID == id })
	if i >= 0 {
		change(&all[i])
		m.store(all)
	}
	return i >= 0
}

// remove forgets those for which gone is true.
func (m *MessageMemory) remove(gone func(*Message) bool) {
	all := slices.Clone(m.Recent())
	left := slices.DeleteFunc(all, func(m Message) bool { return gone(&m) })
	if len(left) < len(m.Recent()) {
		m.store(left)
	}
}

// markRead marks a conversation as read, up to the message of an ID; false where none was unread.
func (m *MessageMemory) markRead(accountID, party string, upTo int64) bool {
	all, changed := slices.Clone(m.Recent()), false
	for i := range all {
		if all[i].Unread && all[i].AccountID == accountID && all[i].Party == party && all[i].ID <= upTo {
			all[i].Unread, changed = false, true
		}
	}
	if changed {
		m.store(all)
	}
	return changed
}

// Messages implements MessageReader. It returns at once.
func (m *MessageMemory) Messages(_ context.Context, q MessageQuery) (page []Message, more bool, err error) {
	for _, message := range slices.Backward(m.Recent()) {
		if !q.asksFor(&message) {
			continue
		}
		if len(page) == limit(q.Limit) {
			more = true
			break
		}
		page = append(page, message)
	}
	slices.Reverse(page)
	return page, more, nil
}

// Conversations implements MessageReader. It returns at once.
func (m *MessageMemory) Conversations(_ context.Context, before int64, most int) ([]Conversation, bool, error) {
	found := conversationsOf(m.Recent(), before)
	n := min(len(found), limit(most))
	return found[:n], n < len(found), nil
}

// conversationsOf are those of messages, the one that changed last first, whose last message is older than that of an
// ID; 0 for all.
func conversationsOf(all []Message, before int64) []Conversation {
	var found []Conversation
	for _, m := range slices.Backward(all) {
		at := slices.IndexFunc(found, func(c Conversation) bool { return c.isOf(&m) })
		if at < 0 {
			at = len(found)
			found = append(found, Conversation{Last: m})
		}
		if m.Unread {
			found[at].Unread++
		}
	}
	return slices.DeleteFunc(found, func(c Conversation) bool { return before != 0 && c.Last.ID >= before })
}

// byTime sorts messages, oldest first.
func byTime(a, b Message) int { return cmp.Compare(a.ID, b.ID) }
