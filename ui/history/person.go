package history

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/tell"
)

// addressOf is whom a call was with, as a contact has it: a number as it was shown, another address with its domain.
func addressOf(c journal.Call) string {
	if strings.Trim(c.Address, "+0123456789 ()-./") == "" {
		return c.Address
	}
	return cmp.Or(c.URI, c.Address)
}

// findContact finds out whether whom the call was with is a contact, and says so on the button.
func (d *details) findContact() {
	if d.call.URI == "" {
		return
	}
	var name string
	d.page.aside(context.Background(), func(ctx context.Context) (err error) {
		c, err := d.page.journal.ContactOf(ctx, addressOf(d.call))
		if errors.Is(err, journal.ErrNoRow) {
			return nil
		}
		name = c.Name
		return err
	}, func(err error) {
		switch {
		case err != nil: // it stays disabled: whoever adds what is there already makes two of it
		case name != "":
			d.contact.Set(told(cause.HistoryInContacts, name).Short, "check")
			d.contact.Disable()
		default:
			d.contact.Set(tell.Word(cause.HistoryAddContact), "person")
			d.contact.Enable()
		}
	})
}

// told is a cause about somebody in words.
func told(k cause.Kind, who string) (t struct{ Title, Below, Short string }) {
	words := tell.Of(cause.Cause{Kind: k, Party: tell.SafeLine(who)})
	t.Title, t.Below, t.Short = words.Headline(), words.Below(), words.Short
	return t
}

// addContact opens the form of a contact with whom the call was with.
func (d *details) addContact() { d.page.window.AddContact(d.call.Name, addressOf(d.call)) }

// Caller is what a list of callers has for whom a call was with: a number, or an address with its host. What would
// stand for anything stands for one character, so that nobody has others blocked by what he calls himself.
func Caller(c journal.Call) string {
	if c.URI == "" {
		return "anonymous"
	}
	entry := c.Address
	if !strings.Contains(entry, "@") && addressOf(c) == c.URI {
		host, _, _ := strings.Cut(c.URI[strings.LastIndexByte(c.URI, '@')+1:], ";")
		entry += "@" + host
	}
	return strings.ReplaceAll(entry, "*", "?")
}

// askBlock has the calls of whom it was with refused, after a question.
func (d *details) askBlock() {
	entry := Caller(d.call)
	settings := d.page.phone.Settings()
	blocked := settings.Incoming.Blocked
	if slices.Contains(blocked, entry) {
		d.blocked()
		return
	}
	if !account.IsCaller(entry) || len(blocked) >= account.MaxCallers {
		c := cause.Cause{Kind: cause.CallerUnusable, Text: tell.SafeLine(entry)}
		if account.IsCaller(entry) {
			c = cause.Cause{Kind: cause.CallersTooMany, Text: tell.SafeLine(entry), Count: account.MaxCallers}
		}
		d.page.window.Tell(tell.Short(cause.HistoryNotBlocked), tell.Of(c).Advice())
		return
	}
	words := told(cause.HistoryBlock, d.title())
	d.page.window.Ask(words.Title, words.Below, words.Short, true, func() {
		settings := d.page.phone.Settings()
		settings.Incoming.Blocked = append(slices.Clone(settings.Incoming.Blocked), entry)
		d.page.phone.SaveSettings(settings, func(err error) {
			fyne.Do(func() {
				if err != nil {
					tellFault(d.page.window, cause.HistoryNotBlocked, err)
					return
				}
				d.blocked()
			})
		})
	})
}

func (d *details) blocked() {
	d.block.Set(tell.Word(cause.HistoryBlocked), "check")
	d.block.Disable()
}
