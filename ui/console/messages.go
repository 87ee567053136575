package console

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"calla/phone"
)

type messageSendCmd struct {
	Target string `arg:"" help:"Number, user or address."`
	Text   string `arg:"" optional:"" help:"What to write; without it, or as -, standard input." default:"-"`
	accountFlags
	JSON bool `help:"Print JSON lines." name:"json"`
}

// Run registers, sends the message and waits for what becomes of it.
func (c *messageSendCmd) Run(ctx context.Context, s *session) error {
	text := c.Text
	if text == "-" {
		if c.Config == "-" || c.PasswordFile == "-" {
			return fail(ExitUsage,
				errors.New("the text and the configuration or password cannot both be standard input"))
		}
		data, err := s.readInput("-")
		if err != nil {
			return err
		}
		text = strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	}
	if text == "" {
		return invalid(errors.New("the message is empty"))
	}
	return s.registered(ctx, c.accountFlags, c.JSON, func(ctx context.Context, r *run) (int, object, []string) {
		r.phone.SendMessage(r.id, c.Target, text)
		var sent phone.Message
		err := r.until(ctx, func() bool {
			i := slices.IndexFunc(r.messages, func(m phone.Message) bool { return !m.Incoming })
			if i >= 0 {
				sent = r.messages[i]
			}
			return i >= 0 && sent.Status != phone.MessageSending || r.refused != nil
		})
		switch {
		case err == nil && r.refused != nil:
			p := &r.refused.Cause
			return ExitCall, object{{"address", r.refused.Text}, {"cause", p.Kind}, {"problem", problemMember(p)}},
				[]string{"Not sent: " + problemWords(p)}
		case err != nil:
			return ExitInterrupted, nil, []string{"Not known whether it arrived."}
		case sent.Status == phone.MessageFailed:
			return ExitCall, object{
				{"address", sent.Address},
				{"words", messageWords(sent)},
				{"cause", kindOf(sent.Cause)},
			}, []string{"Not sent: " + messageWords(sent)}
		}
		return ExitOK, object{{"address", sent.Address}}, []string{"Sent to " + sent.Address + "."}
	})
}

type messageWaitCmd struct {
	accountFlags
	Count int           `help:"${message_count} (${default}); 0: when interrupted." default:"1" placeholder:"N"`
	Wait  time.Duration `help:"Give up after this long. Without it: when interrupted." placeholder:"TIME"`
	JSON  bool          `help:"Print JSON lines." name:"json"`
}

// Run registers and tells the messages that come.
func (c *messageWaitCmd) Run(ctx context.Context, s *session) error {
	return s.registered(ctx, c.accountFlags, c.JSON, func(ctx context.Context, r *run) (int, object, []string) {
		if c.Wait > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, c.Wait)
			defer cancel()
		}
		code, got := ExitOK, 0
		err := r.until(ctx, func() bool {
			got = 0
			for _, m := range r.messages {
				if m.Incoming && !m.Finding {
					got++
				}
			}
			return c.Count > 0 && got >= c.Count
		})
		if err != nil && (c.Count > 0 || got == 0) {
			code = ExitInterrupted
		}
		return code, object{{"messages", got}}, []string{fmt.Sprintf("Messages: %d.", got)}
	})
}

// registered runs an account and, once it is registered, do, which returns the exit code and what the result tells.
func (s *session) registered(ctx context.Context, which accountFlags, asJSON bool,
	do func(context.Context, *run) (int, object, []string),
) error {
	a, err := which.load(ctx, s)
	if err != nil {
		return err
	}
	r, err := newRun(s, &printer{json: asJSON, out: s.out}, a, s.options())
	if err != nil {
		return err
	}
	defer r.phone.Close()
	code, err := r.register(ctx)
	var members object
	words := []string{problemWords(r.account.Problem)}
	switch {
	case err != nil:
		code = ExitInterrupted
	case code == ExitOK:
		code, members, words = do(ctx, r)
	default:
		members = object{{"problem", problemMember(r.account.Problem)}}
	}
	o := append(object{{"ok", code == ExitOK}}, r.registration()...)
	return r.finish(code, append(o, members...), words)
}

// followMessages tells what is new of the conversations.
func (r *run) followMessages(messages []phone.Message, ms float64) {
	r.messages = messages
	for _, m := range messages {
		if m.Finding {
			continue // it is told with its name, at once
		}
		status := messageStatus(m)
		r.tell(fmt.Sprint("message ", m.ID), status, func() {
			words, rest := "message to "+writerOf(m)+" "+status, ""
			if m.Incoming {
				words, rest, _ = strings.Cut("message from "+writerOf(m)+": "+m.Text, "\n")
			}
			r.out.eventText("message", ms, words, rest, "incoming", m.Incoming, "name", m.Name, "claims", m.Claims,
				"address", m.Address, "text", m.Text, "status", status, "words", messageWords(m),
				"cause", kindOf(m.Cause))
		})
	}
}

// messageStatus is where a message stands, in JSON.
func messageStatus(m phone.Message) string {
	switch {
	case m.Incoming:
		return "received"
	case m.Status == phone.MessageSending:
		return "sending"
	case m.Status == phone.MessageFailed:
		return "failed"
	case m.Status == phone.MessageUnknown:
		return "unknown"
	}
	return "sent"
}
