package console

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"calla/netsip/config"
	"calla/phone"
	"calla/phone/contacts"
	"calla/phone/journal"
)

// asAccount is the word for what a contact has not of its own.
const asAccount = "account"

// ownFlags say what a contact has of its own for its calls. What is not given stays.
type ownFlags struct {
	Ringtone string `help:"${contact_ringtone}" placeholder:"FILE|none|calla|account"`
	Answer   string `help:"${contact_answer}" placeholder:"SECONDS|never|account"`
	Record   string `help:"${contact_record}" placeholder:"yes|no|account"`
}

// apply changes what is given.
func (f ownFlags) apply(s *session, own *contacts.Own) error {
	if err := f.applyRingtone(s, own); err != nil {
		return err
	}
	switch answer := strings.ToLower(f.Answer); answer {
	case "":
	case asAccount:
		own.Answer, own.After = contacts.AsAccount, 0
	case "never":
		own.Answer, own.After = contacts.No, 0
	default:
		after, ok := contacts.ReadAfter(answer)
		if !ok {
			return fmt.Errorf("--answer %q: is neither never, account nor a number of seconds up to %d", f.Answer,
				contacts.LongestAfter)
		}
		own.Answer, own.After = contacts.Yes, after
	}
	switch record := strings.ToLower(f.Record); record {
	case "":
	case asAccount:
		own.Record = contacts.AsAccount
	case string(contacts.Yes), string(contacts.No):
		own.Record = contacts.Choice(record)
	default:
		return fmt.Errorf("--record %q: is neither yes, no nor account", f.Record)
	}
	return nil
}

// applyRingtone takes a word, or a file that can be played: by its whole path, as the phone runs in another folder.
func (f ownFlags) applyRingtone(s *session, own *contacts.Own) error {
	if f.Ringtone == "" {
		return nil
	}
	ringtone, ok := contacts.ReadRingtone(f.Ringtone)
	switch {
	case !ok:
		return fmt.Errorf("--ringtone %q: no file has such a name", f.Ringtone)
	case strings.EqualFold(ringtone, asAccount):
		own.Ringtone = ""
		return nil
	case ringtone != config.RingtoneNone && ringtone != config.RingtoneOwn:
		var err error
		if ringtone, err = filepath.Abs(ringtone); err != nil {
			return fmt.Errorf("--ringtone %q: %w", f.Ringtone, err)
		}
	}
	if why := phone.CheckRingtone(ringtone, s.Codecs(s.log)); why != nil {
		return errors.New(tell(*why).Line())
	}
	own.Ringtone = ringtone
	return nil
}

// answerWord is how contacts.Own.Answer is written: "" as the account, "never", or seconds.
func answerWord(own contacts.Own) string {
	switch own.Answer {
	case contacts.Yes:
		return strconv.Itoa(own.After)
	case contacts.No:
		return "never"
	}
	return ""
}

// ownWords tell what a contact has of its own, "" for nothing.
func ownWords(own contacts.Own) string {
	var all []string
	for _, part := range []struct{ name, value string }{
		{"ringtone", own.Ringtone}, {"answer", answerWord(own)}, {"record", string(own.Record)},
	} {
		if part.value != "" {
			all = append(all, part.name+" "+part.value)
		}
	}
	return strings.Join(all, "; ")
}

type contactsChangeCmd struct {
	Contact string `arg:"" help:"${contact_meant}"`
	ownFlags
	JSON bool `help:"Print JSON." name:"json"`
}

// Run changes what is given of a contact.
func (c *contactsChangeCmd) Run(ctx context.Context, s *session) error {
	if c.ownFlags == (ownFlags{}) {
		return fail(ExitUsage, errors.New("say what to change: --ringtone, --answer or --record"))
	}
	return s.withJournal(func(j *journal.Journal) error {
		found, err := contactMeant(ctx, j, c.Contact)
		if err != nil {
			return err
		}
		if err := c.apply(s, &found.Own); err != nil {
			return invalid(err)
		}
		if _, err := j.SaveContact(ctx, journal.ContactFor(found)); err != nil {
			return err
		}
		out := &printer{json: c.JSON, out: s.out}
		out.plain(contactMembers(found), contactLine(found))
		return nil
	})
}
