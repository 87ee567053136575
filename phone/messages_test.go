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
	in := func(id int64, account, party string) Message {
		return Message{ID: id, AccountID: account, Party: party, Incoming: true, Unread: true}
	}
	out := func(id int64, account, party string) Message {
		return Message{ID: id, AccountID: account, Party: party, Status: MessageSending}
	}
	exchanged := []Message{
		in(1, "work", "bob"), out(2, "work", "bob"), in(3, "home", "bob"), out(4, "work", "eve"), in(5, "work", "bob"),
		out(6, "work", "bob"),
	}
	const threads, came = "work/bob/6/2 work/eve/4/0 home/bob/3/1", "home/bob/3/1 work/bob/5/2"
	arrives := func(id int64) func(m *MessageMemory) {
		return func(m *MessageMemory) { m.settle(id, func(m *Message) { m.Status = MessageSent }) }
	}
	full := func(m *MessageMemory) {
		for i := range keptMessages - 2 {
			m.add(out(int64(i+100), "work", "eve"))
		}
	}
	for _, c := range []struct {
		name    string
		do      func(m *MessageMemory) // after all have been exchanged
		ask     MessageQuery
		want    string // IDs
		more    bool
		threads string // account, party, newest, unread
		came    string
		steps   uint64 // of the revision, by do
	}{
		{"all", nil, MessageQuery{}, "1 2 3 4 5 6", false, threads, came, 0},
		{"a conversation", nil, MessageQuery{AccountID: "work", Party: "bob"}, "1 2 5 6", false, threads, came, 0},
		{"unread ones", nil, MessageQuery{Unread: true}, "1 3 5", false, threads, came, 0},
		{"the newest two", nil, MessageQuery{Limit: 2}, "5 6", true, threads, came, 0},
		{"the page before", nil, MessageQuery{Limit: 2, Before: 5}, "3 4", true, threads, came, 0},
		{"the first page", nil, MessageQuery{Limit: 2, Before: 3}, "1 2", false, threads, came, 0},
		{
			"the newest unread", nil,
			MessageQuery{AccountID: "work", Unread: true, Limit: 1},
			"5", true,
			threads, came, 0,
		},
		{"nobody's", nil, MessageQuery{Party: "mallory"}, "", false, threads, came, 0},
		{
			"one has been read", func(m *MessageMemory) { m.markRead("work", "bob", 5) },
			MessageQuery{Unread: true},
			"3",
			false, "work/bob/6/0 work/eve/4/0 home/bob/3/1", "home/bob/3/1", 1,
		},
		{
			"read as far as it was seen", func(m *MessageMemory) { m.markRead("work", "bob", 4) },
			MessageQuery{Unread: true},
			"3 5", false, "work/bob/6/1 work/eve/4/0 home/bob/3/1", "home/bob/3/1 work/bob/5/1", 1,
		},
		{
			"what is read is read again", func(m *MessageMemory) { m.markRead("work", "eve", 9) },
			MessageQuery{Unread: true},
			"1 3 5", false, threads, came, 0,
		},
		{"one arrives", arrives(4), MessageQuery{Party: "eve"}, "4", false, threads, came, 1},
		{"one that is forgotten arrives", arrives(9), MessageQuery{Limit: 1}, "6", true, threads, came, 0},
		{
			"more than are held", full,
			MessageQuery{Party: "bob"},
			"5 6", false,
			fmt.Sprintf("work/eve/%d/0 work/bob/6/1", keptMessages+97), "work/bob/5/1", keptMessages - 2,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := NewMessageMemory()
			for _, message := range exchanged {
				m.add(message)
			}
			before, given := m.Counts(), m.Recent()
			if c.do != nil {
				c.do(m)
			}
			var ids, threads, came []string
			page, more, err := m.Messages(t.Context(), c.ask)
			if err != nil || more != c.more {
				t.Errorf("more: %t, %v", more, err)
			}
			for _, found := range page {
				ids = append(ids, fmt.Sprint(found.ID))
			}
			all, _, err := m.Conversations(t.Context(), 0, 0)
			if err != nil {
				t.Error(err)
			}
			for _, found := range all {
				l := found.Last
				threads = append(threads, fmt.Sprintf("%s/%s/%d/%d", l.AccountID, l.Party, l.ID, found.Unread))
			}
			counts := m.Counts()
			for _, a := range counts.Came {
				came = append(came, fmt.Sprintf("%s/%s/%d/%d", a.Last.AccountID, a.Last.Party, a.Last.ID, a.Count))
			}
			for what, pair := range map[string][2]string{
				"messages":      {strings.Join(ids, " "), c.want},
				"conversations": {strings.Join(threads, " "), c.threads},
				"what came":     {strings.Join(came, " "), c.came},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s are %q, want %q", what, pair[0], pair[1])
				}
			}
			if counts.Revision-before.Revision != c.steps || !counts.Any {
				t.Errorf("counts %+v, before %+v", counts, before)
			}
			if !slices.Equal(given, exchanged) {
				t.Error("an answer changed after it was given")
			}
		})
	}
}

// TestConversationsComeInPages, none twice and none left out.
func TestConversationsComeInPages(t *testing.T) {
	m := NewMessageMemory()
	for i := range int64(120) {
		m.add(Message{ID: i + 1, Party: fmt.Sprint("p", i%23)})
	}
	seen := map[string]bool{}
	before, more := int64(0), true
	for more {
		var page []Conversation
		page, more, _ = m.Conversations(t.Context(), before, 5)
		for _, c := range page {
			if seen[c.Last.Party] {
				t.Errorf("%s comes twice", c.Last.Party)
			}
			seen[c.Last.Party] = true
			before = c.Last.ID
		}
	}
	if len(seen) != 23 {
		t.Errorf("%d came", len(seen))
	}
}
