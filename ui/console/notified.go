package console

import (
	"fmt"
	"strings"

	"calla/netsip"
	"calla/netsip/event"
)

// tellNotification tells what a notification says: what it means where its body is of a type that is read, and the
// body as it came.
func (r *run) tellNotification(n *netsip.Notification) {
	body := strings.ToValidUTF8(string(n.Body), "�")
	words, meaning := "notification "+n.ContentType, meant{}
	if len(n.Body) > 0 {
		meaning = meaningOf(n.ContentType, n.Body)
	}
	if meaning.words != "" {
		words += ": " + meaning.words
	}
	r.out.eventText("notify", r.s.sinceStart(), words, body,
		"package", n.Event, "content_type", n.ContentType, "body", body,
		"state", n.State.String(), "reason", n.Reason, "final", n.Final,
		"presence", meaning.presence, "dialogs", meaning.dialogs, "mailbox", meaning.mailbox)
}

// meant is what a body means, for people and for programs; nil is left out. All text in it is the far end's.
type meant struct {
	words                      string
	presence, dialogs, mailbox any
}

// meaningOf reads a body. One of another type, or that cannot be read, means nothing.
func meaningOf(mediaType string, body []byte) meant {
	switch mediaType {
	case event.PresenceType:
		if p, err := event.ParsePresence(body); err == nil {
			return presenceMeant(p)
		}
	case event.DialogInfoType:
		if info, err := event.ParseDialogInfo(body); err == nil {
			return dialogsMeant(info)
		}
	case event.MessageSummaryType:
		if m, err := event.ParseMessageSummary(body); err == nil {
			words := "no messages wait"
			if m.Waiting {
				words = "messages wait"
			}
			return meant{
				words:   fmt.Sprintf("%s: %d new, %d old", words, m.New, m.Old),
				mailbox: object{{"waiting", m.Waiting}, {"new", m.New}, {"old", m.Old}, {"account", m.Account}},
			}
		}
	}
	return meant{}
}

// presenceMeant tells whether somebody can be reached, and what they say of it (RFC 3863).
func presenceMeant(p event.Presence) meant {
	words, notes := "closed", listOf(p.Notes)
	if p.Open() {
		words = "open"
	}
	for _, t := range p.Tuples {
		if t.Note != "" {
			notes = append(notes, t.Note)
		}
	}
	if len(notes) > 0 {
		words += ", " + strings.Join(notes, ", ")
	}
	return meant{
		words:    p.Entity + " " + words,
		presence: object{{"entity", p.Entity}, {"open", p.Open()}, {"notes", notes}},
	}
}

// dialogsMeant tells the calls of a far end (RFC 4235).
func dialogsMeant(info event.DialogInfo) meant {
	said, calls := []string{}, []object{}
	for _, d := range info.Dialogs {
		with := d.Remote.Address
		if with == "" {
			with = d.Remote.Target
		}
		words := d.State
		if d.Reason != "" {
			words += " (" + d.Reason + ")"
		}
		if with != "" {
			words += " with " + with
		}
		said = append(said, words)
		calls = append(calls, object{
			{"id", d.ID}, {"state", d.State}, {"reason", d.Reason}, {"direction", d.Direction}, {"remote", with},
		})
	}
	words := "no call"
	switch {
	case len(said) > 0:
		words = strings.Join(said, ", ")
	case !info.Full:
		words = "nothing new"
	}
	return meant{words: info.Entity + " " + words, dialogs: calls}
}
