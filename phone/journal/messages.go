package journal

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"calla/phone/cause"
)

// Message is one text of a conversation, which is an account and an address.
type Message struct {
	ID        int64 // grows with time
	AccountID string
	Address   string // of the other side, as it is shown
	URI       string // of the other side in full; "" where it cannot be reached
	Name      string // of the other side, "" where it was not told
	Incoming  bool
	Text      string
	At        time.Time
	Unread    bool // incoming, and nobody has looked at it
	Delivery  Delivery
	Cause     *cause.Cause // why it was not delivered
}

// Delivery tells whether a message of ours has arrived.
type Delivery int

// The states of a message; one that came in is Delivered.
const (
	Sending Delivery = iota
	Delivered
	Undelivered
)

// Limits of what is kept of messages.
const longestText = 64 << 10 // characters

// AddMessage keeps a message and returns its ID, by which it can be settled at once. It does not block; the message
// is there when Counts.Messages has grown. What does not fit into the queue is lost (ErrBusy).
func (j *Journal) AddMessage(m Message) (int64, error) {
	m.ID = j.newID(m.At)
	return m.ID, j.post(job{part: partMessages, do: func(tx *sql.Tx) error { return insertMessage(tx, m) }})
}

func insertMessage(tx *sql.Tx, m Message) error {
	id, err := free(tx, "messages", m.ID)
	if err != nil {
		return err
	}
	account, address, name := cut(m.AccountID, longestName), cut(m.Address, longestAddress), cut(m.Name, longestName)
	_, err = tx.Exec(`INSERT INTO messages (id, account, address, uri, name, incoming, text, unread, status, cause)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, id, account, address, whole(m.URI, longestURI), name, m.Incoming,
		cut(m.Text, longestText), m.Unread, int(m.Delivery), storeCauseOf(m.Cause))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO conversations (account, address, name, last) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET last = max(last, excluded.last),
		name = CASE WHEN excluded.name = '' THEN name ELSE excluded.name END`, account, address, name, id)
	return err
}

func storeCauseOf(c *cause.Cause) string {
	if c == nil {
		return ""
	}
	return storeCause(*c)
}

// SettleMessage says whether a message of ours has arrived, and why not. It does not block.
func (j *Journal) SettleMessage(id int64, d Delivery, why *cause.Cause) error {
	return j.post(job{part: partMessages, do: func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE messages SET status = ?, cause = ? WHERE id = ?", int(d), storeCauseOf(why), id)
		return err
	}})
}

// MarkRead says that somebody has looked at a conversation. It does not block.
func (j *Journal) MarkRead(accountID, address string) error {
	return j.post(job{part: partMessages, do: func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE messages SET unread = 0 WHERE unread = 1 AND account = ? AND address = ?",
			cut(accountID, longestName), cut(address, longestAddress))
		return err
	}})
}

// MessageQuery says which messages are asked for: those for which all that is given is true.
type MessageQuery struct {
	AccountID, Address string // the conversation; both "" = all
	Before             int64  // older than the message of this ID: the page before; 0 = the newest
	Limit              int    // at most 500; 0 = 50
}

// Messages returns a page of messages, the newest last, and whether there are older ones.
func (j *Journal) Messages(ctx context.Context, q MessageQuery) (page []Message, more bool, err error) {
	db, err := j.reading(ctx)
	if err != nil {
		return nil, false, err
	}
	s := selection{from: "messages m", id: "m.id"}
	if q.AccountID != "" || q.Address != "" {
		s.where("m.account = ?", q.AccountID)
		s.where("m.address = ?", q.Address)
	}
	if q.Before != 0 {
		s.where("m.id < ?", q.Before)
	}
	n := limit(q.Limit)
	rows, err := db.QueryContext(ctx, "SELECT "+messageColumns+s.newest(n+1), s.values...)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for rows.Next() {
		m, err := scanMessage(rows)
		if err != nil {
			return nil, false, err
		}
		page = append(page, m)
	}
	if err := rows.Err(); err != nil {
		return nil, false, err
	}
	if more = len(page) > n; more {
		page = page[:n]
	}
	slices.Reverse(page)
	return page, more, nil
}

const messageColumns = `m.id, m.account, m.address, m.uri, m.name, m.incoming, m.text, m.unread, m.status, m.cause`

func scanMessage(rows *sql.Rows, more ...any) (Message, error) {
	var m Message
	var why string
	err := rows.Scan(append([]any{
		&m.ID, &m.AccountID, &m.Address, &m.URI, &m.Name, &m.Incoming, &m.Text, &m.Unread, &m.Delivery, &why,
	}, more...)...)
	m.At = at(m.ID)
	if why != "" {
		c := loadCause(why)
		m.Cause = &c
	}
	return m, err
}

// Conversation is what an account and an address have written to each other.
type Conversation struct {
	AccountID string
	Address   string
	Name      string // as it was told last; "" where it never was
	Last      Message
	Unread    int
}

// Conversations returns a page of conversations, the one that changed last first, and whether there are more behind
// it: those whose last message is older than that of an ID, 0 for the first page.
func (j *Journal) Conversations(
	ctx context.Context, before int64, most int,
) (page []Conversation, more bool, err error) {
	db, err := j.reading(ctx)
	if err != nil {
		return nil, false, err
	}
	s := selection{from: "conversations v JOIN messages m ON m.id = v.last", id: "v.last"}
	if before != 0 {
		s.where("v.last < ?", before)
	}
	n := limit(most)
	rows, err := db.QueryContext(ctx, "SELECT "+messageColumns+`, v.name, (SELECT count(*) FROM messages u
		WHERE u.unread = 1 AND u.account = v.account AND u.address = v.address)`+s.newest(n+1), s.values...)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var c Conversation
		if c.Last, err = scanMessage(rows, &c.Name, &c.Unread); err != nil {
			return nil, false, err
		}
		c.AccountID, c.Address = c.Last.AccountID, c.Last.Address
		page = append(page, c)
	}
	if err := rows.Err(); err != nil {
		return nil, false, err
	}
	if more = len(page) > n; more {
		page = page[:n]
	}
	return page, more, nil
}

// DeleteConversation deletes what an account and an address have written to each other. Nothing of it stays in the
// file.
func (j *Journal) DeleteConversation(ctx context.Context, accountID, address string) error {
	return j.do(ctx, job{part: partMessages, after: emptyLog, do: func(tx *sql.Tx) error {
		for _, table := range []string{"messages", "conversations"} {
			_, err := tx.Exec("DELETE FROM "+table+" WHERE account = ? AND address = ?", accountID, address)
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
		_, err := tx.Exec("DELETE FROM messages; DELETE FROM conversations")
		return err
	}})
}

// forgetMessages deletes messages that are older than a time, and conversations of which nothing is left.
func forgetMessages(tx *sql.Tx, old int64) error {
	if _, err := tx.Exec("DELETE FROM messages WHERE id < ?", old); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM conversations WHERE last < ?", old)
	return err
}
