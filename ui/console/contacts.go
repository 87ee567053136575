package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"calla/account"
	"calla/phone/contacts"
	"calla/phone/journal"
)

// contactVerbs are about the contacts of a profile. The phone may run meanwhile.
func contactVerbs() []verb {
	return []verb{
		{name: "contacts list", subcommand: contactsListCmd{}, help: "List the contacts"},
		{
			name: "contacts search", subcommand: contactsSearchCmd{},
			help: "List the contacts that a text finds: the beginnings of words, or a number in any spelling",
		},
		{name: "contacts add", subcommand: contactsAddCmd{}, help: "Keep a contact"},
		{
			name: "contacts change", subcommand: contactsChangeCmd{},
			help: "Say how calls with a contact ring, whether they are answered by themselves, and recorded",
		},
		{name: "contacts delete", subcommand: contactsDeleteCmd{}, help: "Delete a contact"},
		{
			name: "contacts import", subcommand: contactsImportCmd{},
			help: "Tell what an import of vCards or a table would change, and with --yes change it",
		},
		{name: "contacts export", subcommand: contactsExportCmd{}, help: "Write all contacts as vCards or as a table"},
	}
}

// withJournal opens the profile's journal for do, and closes it.
func (s *session) withJournal(do func(j *journal.Journal) error) error {
	dir, err := account.Dir(s.cli.Profile)
	if err != nil {
		return invalid(err)
	}
	j := journal.Open(journal.Options{Dir: dir, Told: s.tellJournal})
	defer j.Close()
	err = do(j)
	var trouble *journal.Trouble
	if errors.As(err, &trouble) {
		return invalid(errors.New(tell(trouble.Cause()).Line()))
	}
	return err
}

// contactMembers are a contact's for JSON.
func contactMembers(c contacts.Contact) object {
	var addresses []object
	for _, a := range c.Addresses {
		addresses = append(addresses, object{{"label", a.Label}, {"address", a.Text}})
	}
	return object{
		{"id", c.ID},
		{"name", c.Name},
		{"organisation", c.Organisation},
		{"favourite", c.Favourite},
		{"note", c.Note},
		{"addresses", addresses},
		{"ringtone", c.Own.Ringtone},
		{"answer", answerWord(c.Own)},
		{"record", c.Own.Record},
	}
}

// contactLine is a contact in words.
func contactLine(c contacts.Contact) string {
	var addresses []string
	for _, a := range c.Addresses {
		if a.Label != "" {
			addresses = append(addresses, a.Text+" ("+a.Label+")")
		} else {
			addresses = append(addresses, a.Text)
		}
	}
	mark := " "
	if c.Favourite {
		mark = "★"
	}
	name := c.Name
	if c.Organisation != "" && c.Organisation != c.Name {
		name += ", " + c.Organisation
	}
	line := fmt.Sprintf("%5d %s %s: %s", c.ID, mark, name, strings.Join(addresses, ", "))
	if own := ownWords(c.Own); own != "" {
		line += " [" + own + "]"
	}
	return line
}

type contactsListCmd struct {
	Favourites bool `help:"Favourites alone."`
	JSON       bool `help:"Print one JSON object a line." name:"json"`
}

// Run lists the contacts.
func (c *contactsListCmd) Run(ctx context.Context, s *session) error {
	return s.listContacts(ctx, journal.ContactQuery{Favourite: c.Favourites}, c.JSON)
}

type contactsSearchCmd struct {
	Text []string `arg:"" help:"Names, organisations, notes, addresses or numbers."`
	JSON bool     `help:"Print one JSON object a line." name:"json"`
}

// Run lists the contacts that the text finds. Exit code 1 where there are none.
func (c *contactsSearchCmd) Run(ctx context.Context, s *session) error {
	return s.listContacts(ctx, journal.ContactQuery{Text: strings.Join(c.Text, " ")}, c.JSON)
}

// listContacts lists what a query finds, page by page; to have searched in vain is a failure.
func (s *session) listContacts(ctx context.Context, q journal.ContactQuery, json bool) error {
	out := &printer{json: json, out: s.out}
	found := 0
	err := s.withJournal(func(j *journal.Journal) error {
		for q.Limit = 500; ; {
			page, more, err := j.Contacts(ctx, q)
			if err != nil {
				return err
			}
			for _, c := range page {
				out.plain(contactMembers(c.Person()), contactLine(c.Person()))
			}
			if found += len(page); !more {
				return nil
			}
			q.After = &page[len(page)-1]
		}
	})
	if err == nil && found == 0 && q.Text != "" {
		return &toldError{ExitInvalid}
	}
	return err
}

type contactsAddCmd struct {
	Name         string   `arg:"" help:"The name."`
	Address      []string `arg:"" help:"Numbers and SIP addresses, each with a label or without: work=+49301234567."`
	Organisation string   `help:"The organisation."`
	Note         string   `help:"A note."`
	Favourite    bool     `help:"Make it a favourite."`
	ownFlags
	JSON bool `help:"Print JSON." name:"json"`
}

// Run keeps a contact.
func (c *contactsAddCmd) Run(ctx context.Context, s *session) error {
	contact := contacts.Contact{
		Name: c.Name, Organisation: c.Organisation, Note: c.Note, Favourite: c.Favourite,
	}
	if err := c.apply(s, &contact.Own); err != nil {
		return invalid(err)
	}
	for _, text := range c.Address {
		label, address, labelled := strings.Cut(text, "=")
		if _, err := contacts.ReadAddress(text); err == nil || !labelled {
			label, address = "", text
		}
		contact.Addresses = append(contact.Addresses, contacts.Address{Label: label, Text: address})
	}
	clean, ok, why := contacts.Clean(contact)
	if why != nil {
		return invalid(why)
	} else if !ok {
		return invalid(errors.New("a contact needs a number or an address"))
	}
	return s.withJournal(func(j *journal.Journal) (err error) {
		if clean.ID, err = j.SaveContact(ctx, journal.ContactFor(clean)); err != nil {
			return err
		}
		out := &printer{json: c.JSON, out: s.out}
		out.plain(contactMembers(clean), contactLine(clean))
		return nil
	})
}

type contactsDeleteCmd struct {
	Contact string `arg:"" help:"${contact_meant}"`
	JSON    bool   `help:"Print JSON." name:"json"`
}

// Run deletes a contact, where it is clear which.
func (c *contactsDeleteCmd) Run(ctx context.Context, s *session) error {
	return s.withJournal(func(j *journal.Journal) error {
		found, err := contactMeant(ctx, j, c.Contact)
		if err != nil {
			return err
		}
		if err := j.DeleteContact(ctx, found.ID); err != nil {
			return err
		}
		out := &printer{json: c.JSON, out: s.out}
		out.plain(object{{"deleted", found.ID}, {"name", found.Name}}, "Deleted "+found.Name)
		return nil
	})
}

// contactMeant finds the contact that a number of the list, a whole name or an address means, where it is clear which.
func contactMeant(ctx context.Context, j *journal.Journal, text string) (contacts.Contact, error) {
	all, err := j.Everybody(ctx)
	if err != nil {
		return contacts.Contact{}, err
	}
	meant := func(is func(contacts.Contact) bool) []contacts.Contact {
		return slices.DeleteFunc(slices.Clone(all), func(o contacts.Contact) bool { return !is(o) })
	}
	key := contacts.Key(text)
	found := meant(func(o contacts.Contact) bool { return strconv.FormatInt(o.ID, 10) == text })
	if len(found) == 0 {
		found = meant(func(o contacts.Contact) bool {
			return contacts.NameKey(o.Name) == contacts.NameKey(text) ||
				key != "" && slices.ContainsFunc(o.Addresses,
					func(a contacts.Address) bool { return contacts.Key(a.Text) == key })
		})
	}
	switch len(found) {
	case 0:
		return contacts.Contact{}, invalid(fmt.Errorf("contact %q: there is none", text))
	case 1:
		return found[0], nil
	}
	return contacts.Contact{}, invalid(fmt.Errorf("contact %q: there are %d; say which by its number", text,
		len(found)))
}

type contactsImportCmd struct {
	File      string `arg:"" help:"${contacts_file}"`
	Yes       bool   `help:"Change what is told."`
	CodePage  string `name:"code-page" help:"${code_page}" placeholder:"NAME"`
	Delimiter string `help:"${delimiter}" placeholder:"SIGN"`
	JSON      bool   `help:"Print JSON lines." name:"json"`
}

// Run tells what the import would change, and changes it where that was said.
func (c *contactsImportCmd) Run(ctx context.Context, s *session) error {
	format := contacts.Format{CodePage: c.CodePage}
	if runes := []rune(c.Delimiter); len(runes) == 1 {
		format.Delimiter = runes[0]
	} else if len(runes) > 1 {
		return fail(ExitUsage, fmt.Errorf("--delimiter %q: is not one character", c.Delimiter))
	}
	in := io.Reader(s.Stdin)
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return invalid(err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	reader, err := contacts.NewReader(in, format)
	if err != nil {
		return invalid(fmt.Errorf("%s: %w", c.File, err))
	}
	return s.withJournal(func(j *journal.Journal) error {
		kept, err := j.Everybody(ctx)
		if err != nil {
			return err
		}
		preview, err := contacts.ReadPreview(ctx, reader, kept)
		if err != nil {
			return err
		}
		return c.change(ctx, s, j, preview)
	})
}

// change tells a preview, and makes it so.
func (c *contactsImportCmd) change(ctx context.Context, s *session, j *journal.Journal, p *contacts.Preview) error {
	out := &printer{json: c.JSON, out: s.out}
	for i := range p.Items {
		item := &p.Items[i]
		members := append(object{{"event", "contact"}, {"verdict", item.Verdict}, {"line", item.Line}},
			contactMembers(item.Read)...)
		words := fmt.Sprintf("%-5s %s", item.Verdict, strings.TrimSpace(contactLine(item.Read)[6:]))
		if item.Verdict == contacts.Merge {
			members = append(members, member{"with", item.With.Name})
			words += " → " + item.With.Name
		}
		if item.Shares != "" {
			members = append(members, member{"shares", item.Shares})
			words += " [has an address of " + item.Shares + " too]"
		}
		out.plain(members, words)
	}
	for _, problem := range p.Unread.First {
		told := tell(problem)
		out.plain(object{
			{"event", "unread"}, {"line", problem.Count}, {"cause", problem.Kind}, {"words", told.Line()},
		}, told.Line())
	}
	if p.Cut != nil {
		s.errs.linef("calla: %s: read no further: %v", c.File, p.Cut)
	}
	counts := p.Counts()
	changed := 0
	if c.Yes {
		var err error
		if changed, err = c.keep(ctx, j, p); err != nil {
			return err
		}
	}
	words := fmt.Sprintf("%d new, %d to merge, %d the same, %d not read.", counts[contacts.New], counts[contacts.Merge],
		counts[contacts.Same], p.Unread.Total())
	if c.Yes {
		words += fmt.Sprintf(" %d contacts kept.", changed)
	} else {
		words += " Nothing is changed yet: --yes does it."
	}
	out.result(object{
		{"ok", p.Cut == nil},
		{"new", counts[contacts.New]},
		{"merge", counts[contacts.Merge]},
		{"same", counts[contacts.Same]},
		{"unread", p.Unread.Total()},
		{"changed", changed},
	}, []string{words})
	if p.Cut != nil {
		return &toldError{ExitInvalid}
	}
	return nil
}

// keep keeps what a preview changes.
func (c *contactsImportCmd) keep(ctx context.Context, j *journal.Journal, p *contacts.Preview) (int, error) {
	var all []journal.Contact
	for contact := range p.Changes() {
		all = append(all, journal.ContactFor(contact))
	}
	return j.SaveContacts(ctx, all)
}

type contactsExportCmd struct {
	File string `arg:"" optional:"" help:"Where to write them; the standard output without."`
	Form string `help:"Form: ${enum}." enum:"vcard-4,vcard-3,csv" default:"vcard-4"`
}

// Run writes all contacts: into a file whole, or not at all. Where there is a device or a pipe it stays, and gets them.
func (c *contactsExportCmd) Run(ctx context.Context, s *session) error {
	return s.withJournal(func(j *journal.Journal) error {
		all, err := j.Everybody(ctx)
		if err != nil {
			return err
		}
		if c.File == "" {
			return contacts.WriteAll(outputLines{s.out}, contacts.Form(c.Form), all)
		}
		path, pending := c.File, ""
		if link, err := filepath.EvalSymlinks(path); err == nil {
			path = link
		}
		var file *os.File
		if info, there := os.Stat(path); there == nil && !info.Mode().IsRegular() {
			file, err = os.OpenFile(path, os.O_WRONLY, 0)
		} else if file, err = os.CreateTemp(filepath.Dir(path), ".calla-export-*"); err == nil {
			pending = file.Name()
			defer func() { _ = os.Remove(pending) }() // where it has its name, there is none
		}
		if err != nil {
			return invalid(err)
		}
		out := bufio.NewWriter(file)
		err = errors.Join(contacts.WriteAll(out, contacts.Form(c.Form), all), out.Flush(), file.Close())
		if err == nil && pending != "" {
			err = os.Rename(pending, path)
		}
		if err != nil {
			return invalid(err)
		}
		s.errs.linef("calla: %d contacts are in %s", len(all), c.File)
		return nil
	})
}

// outputLines writes whole lines through the gate.
type outputLines struct{ out *terminal }

// Write implements io.Writer.
func (o outputLines) Write(p []byte) (int, error) {
	o.out.lines(linesOf(strings.TrimSuffix(strings.ReplaceAll(string(p), "\r\n", "\n"), "\n")))
	return len(p), nil
}
