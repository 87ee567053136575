package journal

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"calla/phone/cause"
)

// Message is one text of a conversation, which is an account and a person.
type Message struct {
	ID        int64 // grows with time
	AccountID string
	Person    string // the other side in one spelling; "" = as Person makes it of Address
	Address   string // of the other side, as it is shown
	URI       string // of the other side in full; "" where it cannot be reached
	Name      string // as the other side tells it; "" where it did not
	Incoming  bool
	Type      string // of the content
	Text      string
	At        time.Time
	Settled   time.Time // when it was known what became of one that went out; zero before
	Unread    bool      // incoming, and nobody has looked at it
	Delivery  Delivery
	Cause     *cause.Cause // why it was not delivered
}

// Delivery tells whether a message of ours has arrived.
type Delivery int

// The states of a message; one that came in is Delivered.
//
//	Sending ──2xx──▶ Delivered
//	   │ └─refused, no answer─▶ Undelivered
//	   └─the program ended before it was known─▶ Unknown
const (
	Sending Delivery = iota
	Delivered
	Undelivered
	Unknown
)

// Limits of what is kept of messages.
const (
	longestText = 64 << 10 // characters
	longestType = 128
)

// AddMessage keeps a message and returns its ID, by which it can be settled at once. It does not block; the message
// is there when kept, which may be nil, is called on the writer's goroutine with nil, and Counts has it then. row is
// its ID for good: another where a row had that one already. With an error it never will be there: what does not fit
// into the queue is lost (ErrBusy), and then kept is not called where AddMessage returns that error.
func (j *Journal) AddMessage(m Message, kept func(row int64, err error)) (int64, error) {
	m.ID = j.newID(m.At)
	row := m.ID
	add := job{part: partMessages, do: func(tx *sql.Tx) (err error) { row, err = j.insert(tx, m); return err }}
	if kept != nil {
		add.done = func(err error) { kept(row, err) }
	}
	return m.ID, j.post(add)
}

// insert adds a message under its ID, or one soon after it where that is taken, and returns it.
func (j *Journal) insert(tx *sql.Tx, m Message) (int64, error) {
	id, err := free(tx, "messages", m.ID)
	if err != nil {
		return 0, err
	}
	if m.Person == "" {
		m.Person = Person(m.Address)
	}
	account, person := cut(m.AccountID, longestName), cut(m.Person, longestAddress)
	address := cut(m.Address, longestAddress)
	m.Name, m.Text = cut(m.Name, longestName), cut(m.Text, longestText)
	_, err = tx.Exec(`INSERT INTO messages (id, account, person, address, uri, name, digits, incoming, type, text,
		settled, unread, status, cause) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, account, person, address, whole(m.URI, longestURI), m.Name,
		foundBy(digitsOf(address), m.Name, m.Text), m.Incoming, cut(m.Type, longestType), m.Text,
		micros(m.Settled), m.Unread, int(m.Delivery), storeCauseOf(m.Cause))
	if err != nil {
		return 0, err
	}
	if id != m.ID && m.Delivery == Sending && len(j.moved) < queuedJobs {
		j.moved[m.ID] = id
	}
	_, err = tx.Exec(`INSERT INTO conversations (account, person, last) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET last = max(last, excluded.last)`, account, person, id)
	return id, err
}

func storeCauseOf(c *cause.Cause) string {
	if c == nil {
		return ""
	}
	return storeCause(*c)
}

// SettleMessage says what became of a message of ours, and why. It does not block.
func (j *Journal) SettleMessage(id int64, d Delivery, why *cause.Cause) error {
	now := time.Now()
	settled := func(error) { delete(j.moved, id) }
	return j.post(job{part: partMessages, done: settled, do: func(tx *sql.Tx) error {
		row := id
		if moved, ok := j.moved[id]; ok {
			row = moved
		}
		_, err := tx.Exec("UPDATE messages SET status = ?, cause = ?, settled = ? WHERE id = ?", int(d),
			storeCauseOf(why), micros(now), row)
		return err
	}})
}

// loseMessages notes that nobody will know any more what became of messages that are still under way.
func loseMessages(db *sql.DB) error {
	_, err := db.Exec("UPDATE messages SET status = ? WHERE status = ? AND incoming = 0", int(Unknown), int(Sending))
	return err
}

// MarkRead says that somebody has looked at a conversation, up to the message of an ID. It does not block.
func (j *Journal) MarkRead(accountID, person string, upTo int64) error {
	return j.post(job{part: partMessages, do: func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE messages SET unread = 0 WHERE unread = 1 AND account = ? AND person = ? AND id <= ?",
			cut(accountID, longestName), cut(person, longestAddress), upTo)
		return err
	}})
}

// MessageQuery says which messages are asked for: those for which all that is given is true.
type MessageQuery struct {
	Text              string // as it is typed: names, numbers in any spelling, what was said
	AccountID, Person string // the conversation; "" = all
	Unread            bool
	Before            int64 // older than the message of this ID: the page before; 0 = the newest
	Limit             int   // at most 500; 0 = 50
}

// Messages returns a page of messages, the newest last, and whether there are older ones.
func (j *Journal) Messages(ctx context.Context, q MessageQuery) (page []Message, more bool, err error) {
	defer j.examine(&err)
	db, err := j.reading(ctx)
	if err != nil {
		return nil, false, err
	}
	s := selection{from: "messages m", id: "m.id"}
	if q.Text != "" {
		match, ok := matching(q.Text, "name text")
		if !ok {
			return nil, false, nil
		}
		s.from, s.id = "messages_text t JOIN messages m ON m.id = t.rowid", "t.rowid"
		s.where("messages_text MATCH ?", match)
	}
	if q.AccountID != "" {
		s.where("m.account = ?", q.AccountID)
	}
	if q.Person != "" {
		s.where("m.person = ?", q.Person)
	}
	if q.Unread {
		s.where("m.unread = ?", 1)
	}
	if q.Before != 0 {
		s.where(s.id+" < ?", q.Before)
	}
	n := limit(q.Limit)
	rows, err := db.QueryContext(ctx, "SELECT "+messageColumns+s.newest(n+1), s.values...)
	if err != nil {
		return nil, false, err
	}
	page, more, err = pageOf(rows, n, func(rows *sql.Rows) (Message, error) { return scanMessage(rows) })
	slices.Reverse(page)
	return page, more, err
}

const messageColumns = `m.id, m.account, m.person, m.address, m.uri, m.name, m.incoming <> 0, m.type, m.text, m.settled,
	m.unread <> 0, m.status, m.cause`

func scanMessage(rows *sql.Rows, more ...any) (Message, error) {
	var m Message
	var why string
	var settled int64
	err := rows.Scan(append([]any{
		&m.ID, &m.AccountID, &m.Person, &m.Address, &m.URI, &m.Name, &m.Incoming, &m.Type, &m.Text, &settled, &m.Unread,
		&m.Delivery, &why,
	}, more...)...)
	m.At, m.Settled = at(m.ID), at(settled)
	if why != "" {
		c := loadCause(why)
		m.Cause = &c
	}
	return m, err
}

// Conversation is what an account and a person have written to each other.
type Conversation struct {
	Last   Message // which has the account and the person
	Unread int
}

// Conversations returns a page of conversations, the one that changed last first, and whether there are more behind
// it: those whose last message is older than that of an ID, 0 for the first page.
func (j *Journal) Conversations(
	ctx context.Context, before int64, most int,
) (page []Conversation, more bool, err error) {
	defer j.examine(&err)
	db, err := j.reading(ctx)
	if err != nil {
		return nil, false, err
	}
	s := selection{from: "conversations v JOIN messages m ON m.id = v.last", id: "v.last"}
	if before != 0 {
		s.where("v.last < ?", before)
	}
	n := limit(most)
	rows, err := db.QueryContext(ctx, "SELECT "+messageColumns+`, (SELECT count(*) FROM messages u
		WHERE u.unread = 1 AND u.account = v.account AND u.person = v.person)`+s.newest(n+1), s.values...)
	if err != nil {
		return nil, false, err
	}
	return pageOf(rows, n, func(rows *sql.Rows) (c Conversation, err error) {
		c.Last, err = scanMessage(rows, &c.Unread)
		return c, err
	})
}

// DeleteMessage deletes one message. Nothing of it stays in the file.
func (j *Journal) DeleteMessage(ctx context.Context, id int64) error {
	return j.do(ctx, job{part: partMessages, after: emptyLog, do: func(tx *sql.Tx) error {
		if err := one(tx.Exec("DELETE FROM messages WHERE id = ?", id)); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE conversations SET last = ifnull((SELECT max(m.id) FROM messages m
			WHERE m.account = conversations.account AND m.person = conversations.person), 0) WHERE last = ?`, id)
		if err != nil {
			return err
		}
		_, err = tx.Exec("DELETE FROM conversations WHERE last = 0")
		return err
	}})
}

// DeleteConversation deletes what an account and a person have written to each other. Nothing of it stays in the
// file.
func (j *Journal) DeleteConversation(ctx context.Context, accountID, person string) error {
	return j.do(ctx, job{part: partMessages, after: emptyLog, do: func(tx *sql.Tx) error {
		for _, table := range []string{"messages", "conversations"} {
			_, err := tx.Exec("DELETE FROM "+table+" WHERE account = ? AND person = ?", accountID, person)
			if err != nil {
				return err
			}
		}
		return nil
	}})
}

// DeleteMessages deletes all messages. Nothing of them stays in the file.
func (j *Journal) DeleteMessages(ctx context.Context) error {
	return j.do(ctx, job{part: partMessages, after: compact, do: func(tx *sql.Tx) error {
		if err := clearSearchable(tx, "messages"); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM conversations")
		return err
	}})
}

// forgetMessages deletes messages that are older than a time, so many at a time, and conversations of which nothing is
// left. It tells whether there are more.
func forgetMessages(tx *sql.Tx, old int64) (more bool, err error) {
	gone, err := tx.Exec("DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE id < ? ORDER BY id LIMIT ?)",
		old, mostForgotten)
	if err != nil {
		return false, err
	}
	n, err := gone.RowsAffected()
	if err != nil || n == mostForgotten {
		return n == mostForgotten, err
	}
	_, err = tx.Exec("DELETE FROM conversations WHERE last < ?", old)
	return false, err
}
