package contacts

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/contacts"
	"calla/phone/journal"
	"calla/phone/safe"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// longestNote is how much of a note is shown, in characters.
const longestNote = 4000

// Card is the page of one contact.
type Card struct {
	window  Window
	phone   Phone
	book    Book
	ask     asker
	contact journal.Contact

	revision uint64 // of the contacts that it was asked for at
	asked    bool
	gone     bool
	content  *fyne.Container
	actions  *fyne.Container
	scroll   *container.Scroll
	body     fyne.CanvasObject

	// What takes the keyboard is drawn once: the card may change while somebody is at it.
	drawn                       journal.Contact
	lines                       map[string]*cardLine // by address; nil before it is drawn
	still                       widget.Still         // of them
	favourite, through, blocked *widget.Switch
	remove                      *widget.Button
}

// cardLine is an address of the card: a row to call and a button to write to it.
type cardLine struct {
	call   *widget.Row
	write  *widget.Button
	object fyne.CanvasObject
}

// NewCard makes the page of a contact that is kept.
func NewCard(w Window, p Phone, b Book, c journal.Contact) *Card {
	card := &Card{window: w, phone: p, book: b, ask: asker{aside: w.Aside}, contact: c, content: layout.Column(12)}
	card.scroll = layout.Scrolling(card.content)
	card.body = layout.Settled(card.scroll)
	all := widget.NewButton("", "person", widget.Quiet, w.ShowContacts).Named(tell.Word(cause.ContactsAll))
	edit := widget.NewButton("", "edit", widget.Quiet,
		func() { w.EditContact(card.contact) }).Named(tell.Word(cause.ContactsEdit))
	card.actions = layout.Row(0, all, edit)
	card.favourite = card.newFavourite()
	card.through = card.listed(tell.Word(cause.ContactsRingThrough), throughOf)
	card.blocked = card.listed(tell.Word(cause.ContactsBlocked), blockedOf)
	card.remove = widget.NewButton(tell.Word(cause.ContactsDeleteThis), "trash", widget.Danger, card.AskDelete)
	card.draw()
	return card
}

// Title implements the window's page.
func (c *Card) Title() string { return nameOf(c.contact) }

// Object implements the window's page.
func (c *Card) Object() fyne.CanvasObject { return c.body }

// Actions are the buttons beside the title.
func (c *Card) Actions() fyne.CanvasObject { return c.actions }

// Close implements the window's page.
func (c *Card) Close() bool { return true }

// Update asks for the contact anew when contacts have changed.
func (c *Card) Update(s phone.State, _ time.Time) {
	if c.asked && s.Journal.Contacts == c.revision {
		return
	}
	c.asked, c.revision = true, s.Journal.Contacts
	c.ask.ask(func(ctx context.Context) func() {
		kept, err := c.book.Contact(ctx, c.contact.ID)
		return func() {
			switch {
			case errors.Is(err, journal.ErrNoRow):
				c.gone = true
			case err != nil: // what is shown stands
				return
			default:
				c.contact = kept
			}
			c.draw()
			c.window.Retitle(c)
		}
	})
}

// draw shows the contact. What has the keyboard keeps it, unless it is of what is there no longer.
func (c *Card) draw() {
	if c.lines != nil && !c.gone && reflect.DeepEqual(c.contact, c.drawn) {
		c.setSwitches()
		return
	}
	if c.lines != nil && (c.contact.Organisation != c.drawn.Organisation ||
		!slices.Equal(c.contact.Addresses, c.drawn.Addresses)) {
		c.still.Moved()
	}
	before, read := c.lines, []fyne.CanvasObject(nil)
	for _, a := range c.drawn.Addresses {
		read = append(read, before[a.Address].object)
	}
	goOn := layout.KeepPlace(c.scroll, read)
	c.drawn = c.contact
	c.content.RemoveAll()
	if c.lines = map[string]*cardLine{}; c.gone {
		c.content.Add(widget.NewParagraph(tell.Word(cause.ContactsGone)).Color(widget.ColorMuted))
	} else {
		c.drawContact(before)
	}
	c.leave(before)
	c.body.Refresh()
	goOn(func(o fyne.CanvasObject) bool {
		lines := slices.Collect(maps.Values(c.lines))
		return slices.ContainsFunc(lines, func(l *cardLine) bool { return l.object == o })
	})
}

func (c *Card) drawContact(before map[string]*cardLine) {
	avatar := widget.NewAvatar(72, 72)
	avatar.SetInitials(initialsOf(c.contact.Name))
	head := layout.Column(4, container.NewCenter(avatar),
		widget.NewText(nameOf(c.contact)).Sized(widget.SizeTitle).Bold().Align(fyne.TextAlignCenter).Shrink(80))
	if o := tell.SafeLine(c.contact.Organisation); o != "" && o != nameOf(c.contact) {
		head.Add(widget.NewText(o).Color(widget.ColorMuted).Align(fyne.TextAlignCenter).Shrink(80))
	}
	c.content.Add(head)
	c.content.Add(c.addresses(before))
	if lines := ownLines(c.contact.Own); len(lines) > 0 {
		own := layout.Column(4, widget.NewText(tell.Word(cause.ContactsOwnCalls)).Sized(13).Color(widget.ColorMuted))
		for _, line := range lines {
			own.Add(widget.NewParagraph(line))
		}
		c.content.Add(widget.NewCard(own))
	}
	if c.contact.Note != "" {
		c.content.Add(widget.NewCard(layout.Column(4,
			widget.NewText(tell.Word(cause.ContactsNote)).Sized(13).Color(widget.ColorMuted),
			widget.NewParagraph(safe.Text(c.contact.Note, longestNote)))))
	}
	c.setSwitches()
	c.content.Add(widget.NewCard(layout.Column(8, c.favourite, c.through, c.blocked)))
	c.content.Add(c.remove)
}

// setSwitches sets the switches as things are.
func (c *Card) setSwitches() {
	in := c.phone.Settings().Incoming
	c.favourite.SetOn(c.contact.Favourite)
	c.through.SetOn(c.isOn(*throughOf(&in)))
	c.blocked.SetOn(c.isOn(*blockedOf(&in)))
}

// leave takes the keyboard from what is shown no longer.
func (c *Card) leave(before map[string]*cardLine) {
	canvas := fyne.CurrentApp().Driver().CanvasForObject(c.body)
	if canvas == nil || canvas.Focused() == nil {
		return
	}
	at := canvas.Focused()
	gone := c.gone && slices.Contains([]fyne.Focusable{c.favourite, c.through, c.blocked, c.remove}, at)
	for address, line := range before {
		gone = gone || c.lines[address] != line && (at == fyne.Focusable(line.call) || at == fyne.Focusable(line.write))
	}
	if gone {
		canvas.Unfocus()
	}
}

// addresses are a row to call and a button to write to for each.
func (c *Card) addresses(before map[string]*cardLine) fyne.CanvasObject {
	box := layout.Column(6)
	for _, a := range c.contact.Addresses {
		line := before[a.Address]
		if line == nil || c.lines[a.Address] != nil {
			line = c.newLine(a.Address)
		}
		line.call.Set("phone", tell.Address(a.Address), tell.SafeLine(a.Label), tell.Word(cause.ContactsCall), 0)
		c.lines[a.Address] = line
		box.Add(line.object)
	}
	return box
}

func (c *Card) newLine(address string) *cardLine {
	still := func(f func(string)) func() {
		return func() {
			if c.still.Is() {
				f(address)
			}
		}
	}
	line := &cardLine{call: widget.NewRow("phone", still(c.window.Call)).Does()}
	line.write = widget.NewButton("", "message", widget.Quiet, still(c.window.Message)).
		Named(tell.WordOf(cause.Cause{Kind: cause.ContactsWriteTo, Address: tell.Address(address)}))
	line.object = layout.Border(nil, nil, nil, layout.Padded(0, 0, 4, 0, container.NewCenter(line.write)), line.call)
	return line
}

// newFavourite is the switch that makes a favourite of the contact.
func (c *Card) newFavourite() *widget.Switch {
	return widget.NewSwitch(tell.Word(cause.ContactsFavourite), "", c.contact.Favourite, func(on bool) {
		changed := c.contact
		changed.Favourite = on
		c.window.Aside(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			_, err := c.book.SaveContact(ctx, changed)
			fyne.Do(func() {
				if err != nil {
					c.window.TellError(tell.Word(cause.ContactsNotSaved), err)
					c.draw()
					return
				}
				c.contact.Favourite = on
			})
		})
	})
}

func throughOf(i *account.Incoming) *[]string { return &i.DoNotDisturb.Through }
func blockedOf(i *account.Incoming) *[]string { return &i.Blocked }

// listed is the switch that puts all addresses of the contact on a list of callers, or takes them off it.
func (c *Card) listed(words string, list func(*account.Incoming) *[]string) *widget.Switch {
	return widget.NewSwitch(words, "", false, func(on bool) {
		s := c.phone.Settings()
		callers := list(&s.Incoming)
		*callers = slices.DeleteFunc(slices.Clone(*callers), c.has)
		for _, a := range c.contact.Addresses {
			if on {
				*callers = append(*callers, a.Address)
			}
		}
		if on && len(*callers) > account.MaxCallers {
			c.window.TellError(tell.Word(cause.ContactsListFull), errFull)
			c.draw()
			return
		}
		c.phone.SaveSettings(s, func(err error) {
			fyne.Do(func() {
				if err != nil {
					c.window.TellError(tell.Word(cause.ContactsSettingNotSaved), err)
				}
				c.draw()
			})
		})
	})
}

// errFull is that a list of callers takes no more.
var errFull = errors.New("a list holds 1000 callers at most")

// has tells whether an entry of a list is an address of the contact.
func (c *Card) has(entry string) bool {
	key := contacts.Key(entry)
	return key != "" && slices.ContainsFunc(c.contact.Addresses, func(a journal.ContactAddress) bool {
		return contacts.Key(a.Address) == key
	})
}

// isOn tells whether all addresses of the contact are on a list.
func (c *Card) isOn(list []string) bool {
	keys := map[string]bool{}
	for _, entry := range list {
		keys[contacts.Key(entry)] = true
	}
	for _, a := range c.contact.Addresses {
		if !keys[contacts.Key(a.Address)] {
			return false
		}
	}
	return len(c.contact.Addresses) > 0
}

// AskDelete deletes the contact, after a question.
func (c *Card) AskDelete() {
	c.window.Ask(tell.WordOf(cause.Cause{Kind: cause.ContactsAskDelete, Party: nameOf(c.contact)}),
		tell.Word(cause.ContactsGoesForGood), tell.Word(cause.ContactsDeleteIt), true,
		func() {
			c.window.Aside(func() {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				defer cancel()
				err := c.book.DeleteContact(ctx, c.contact.ID)
				fyne.Do(func() {
					if err != nil && !errors.Is(err, journal.ErrNoRow) {
						c.window.TellError(tell.Word(cause.ContactsNotDeleted), err)
						return
					}
					if c.window.Shows(c) {
						c.window.ShowContacts()
					}
				})
			})
		})
}
