package console

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"calla/phone/journal"
)

type messageListCmd struct {
	Text      string `arg:"" optional:"" help:"${messages_text}"`
	Unread    bool   `help:"Those alone that nobody has looked at."`
	Limit     int    `help:"At most so many, the newest (${default}); 500 at most." default:"50" placeholder:"N"`
	Delete    int64  `help:"Delete the message with this ID." placeholder:"ID"`
	DeleteAll bool   `help:"Delete all messages."`
	JSON      bool   `help:"Print one JSON object a line." name:"json"`
}

// Run lists messages, the newest last, or deletes them. None is marked as read by that.
func (c *messageListCmd) Run(ctx context.Context, s *session) error {
	if err := keptAsk(c.Limit, c.Text != "" || c.Unread, c.Delete != 0, c.DeleteAll); err != nil {
		return err
	}
	return s.withKept(ctx, c.Delete != 0, func(ctx context.Context, j *journal.Journal) error {
		return c.work(ctx, s, j)
	})
}

// work does what is asked.
func (c *messageListCmd) work(ctx context.Context, s *session, j *journal.Journal) error {
	switch {
	case c.DeleteAll:
		return j.DeleteMessages(ctx)
	case c.Delete != 0:
		err := j.DeleteMessage(ctx, c.Delete)
		if errors.Is(err, journal.ErrNoRow) {
			err = fmt.Errorf("there is no message %d", c.Delete)
		}
		return err
	}
	page, _, err := j.Messages(ctx, journal.MessageQuery{Text: c.Text, Unread: c.Unread, Limit: c.Limit})
	if err != nil {
		return err
	}
	out := &printer{json: c.JSON, out: s.out}
	for _, m := range page {
		out.plain(keptMessageObject(m), keptMessageLine(m))
	}
	return nil
}

// keptMessageObject is a message of the journal in JSON.
func keptMessageObject(m journal.Message) object {
	o := object{
		{"id", m.ID},
		{"incoming", m.Incoming},
		{"name", m.Name},
		{"address", m.Address},
		{"uri", m.URI},
		{"account", m.AccountID},
		{"type", m.Type},
		{"text", m.Text},
		{"at", stamp(m.At)},
		{"unread", m.Unread},
		{"delivery", deliveryName(m)},
	}
	if m.Cause != nil {
		o = append(o, member{"cause", m.Cause.Kind})
	}
	return o
}

// deliveryName tells whether a message has arrived.
func deliveryName(m journal.Message) string {
	switch {
	case m.Incoming, m.Delivery == journal.Delivered:
		return "delivered"
	case m.Delivery == journal.Sending:
		return "sending"
	case m.Delivery == journal.Undelivered:
		return "undelivered"
	}
	return "unknown"
}

// keptMessageLine is a message of the journal in one line.
func keptMessageLine(m journal.Message) string {
	way, state := "→", ""
	switch {
	case m.Incoming && m.Unread:
		way, state = "←", "  (unread)"
	case m.Incoming:
		way = "←"
	case m.Delivery == journal.Undelivered && m.Cause != nil:
		state = "  (undelivered: " + tell(*m.Cause).Short + ")"
	case m.Delivery != journal.Delivered:
		state = "  (" + deliveryName(m) + ")"
	}
	who := m.Address
	if m.Name != "" && m.Name != m.Address {
		who += "  " + m.Name
	}
	return fmt.Sprintf("%s  %s %s: %s%s", m.At.Local().Format("2006-01-02 15:04:05"), way, who,
		strings.Join(strings.Fields(m.Text), " "), state)
}
