package phone

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestMessagesAreAskedFor: a query gets what it asks for, newest last, whatever has happened before; and State's counts
// tell when to ask again.
func TestMessagesAreAskedFor(t *testing.T) {
	in := func(id, account, address, name string) Message {
		return Message{
			ID: id, AccountID: account, Address: address, URI: "sip:" + address, Name: name, Incoming: true,
			Unread: true,
		}
	}
	out := func(id, account, address string) Message {
		return Message{ID: id, AccountID: account, Address: address, URI: "sip:" + address, Status: MessageSending}
	}
	exchanged := []Message{
		in("1", "work", "bob", "Bob"), out("2", "work", "bob"), in("3", "home", "bob", ""), out("4", "work", "eve"),
		in("5", "work", "bob", "Bobby"), out("6", "work", "bob"),
	}
	const threads, unread = "work/bob/Bobby/6/2 work/eve//4/0 home/bob//3/1", "work/bob/2 home/bob/1"
	arrives := func(id string) func(m *MessageMemory) {
		return func(m *MessageMemory) { m.settle(id, func(m *Message) { m.Status = MessageSent }) }
	}
	full := func(m *MessageMemory) {
		for i := range keptMessages - 2 {
			m.add(out(fmt.Sprint("x", i), "work", "eve"))
		}
	}
	for _, c := range []struct {
		name    string
		do      func(m *MessageMemory) // after all have been exchanged
		ask     MessageQuery
		want    string // IDs
		threads string // account, address, name, newest, unread
		unread  string
		steps   uint64 // of the revision, by do
	}{
		{"all", nil, MessageQuery{}, "1 2 3 4 5 6", threads, unread, 0},
		{"a conversation", nil, MessageQuery{AccountID: "work", Address: "bob"}, "1 2 5 6", threads, unread, 0},
		{"unread ones", nil, MessageQuery{Unread: true}, "1 3 5", threads, unread, 0},
		{"the newest two", nil, MessageQuery{Newest: 2}, "5 6", threads, unread, 0},
		{"the newest unread", nil, MessageQuery{AccountID: "work", Unread: true, Newest: 1}, "5", threads, unread, 0},
		{"by the whole address", nil, MessageQuery{AccountID: "work", URI: "sip:eve"}, "4", threads, unread, 0},
		{"nobody's", nil, MessageQuery{Address: "mallory"}, "", threads, unread, 0},
		{
			"one has been read", func(m *MessageMemory) { m.markRead("work", "bob") },
			MessageQuery{Unread: true},
			"3",
			"work/bob/Bobby/6/0 work/eve//4/0 home/bob//3/1", "home/bob/1", 1,
		},
		{
			"what is read is read again", func(m *MessageMemory) { m.markRead("work", "eve") },
			MessageQuery{Unread: true},
			"1 3 5", threads, unread, 0,
		},
		{"one arrives", arrives("4"), MessageQuery{Address: "eve"}, "4", threads, unread, 1},
		{"one that is forgotten arrives", arrives("0"), MessageQuery{Newest: 1}, "6", threads, unread, 0},
		{
			"more than are kept", full,
			MessageQuery{Address: "bob"},
			"5 6",
			fmt.Sprintf("work/eve//x%d/0 work/bob/Bobby/6/1", keptMessages-3), "work/bob/1", keptMessages - 2,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := NewMessageMemory()
			for _, message := range exchanged {
				m.add(message)
			}
			before, given := m.Counts(), m.Messages(MessageQuery{})
			if c.do != nil {
				c.do(m)
			}
			var ids, threads, unread []string
			for _, found := range m.Messages(c.ask) {
				ids = append(ids, found.ID)
			}
			for _, found := range m.Conversations() {
				line := fmt.Sprintf("%s/%s/%s/%s/%d", found.AccountID, found.Address, found.Name, found.Last.ID,
					found.Unread)
				threads = append(threads, line)
			}
			counts := m.Counts()
			for _, u := range counts.Unread {
				unread = append(unread, fmt.Sprintf("%s/%s/%d", u.AccountID, u.Address, u.Count))
			}
			for what, pair := range map[string][2]string{
				"messages":      {strings.Join(ids, " "), c.want},
				"conversations": {strings.Join(threads, " "), c.threads},
				"unread":        {strings.Join(unread, " "), c.unread},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s are %q, want %q", what, pair[0], pair[1])
				}
			}
			if counts.Revision-before.Revision != c.steps || counts.All != len(m.Messages(MessageQuery{})) {
				t.Errorf("counts %+v, before %+v", counts, before)
			}
			if !slices.Equal(given, exchanged) {
				t.Error("an answer changed after it was given")
			}
		})
	}
}
