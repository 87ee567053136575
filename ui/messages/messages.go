// Package messages is the pages of the window for what is written: the conversations, and one of them. All of it
// belongs to Fyne's goroutine, save what is asked for messages, which waits for the disk aside.
package messages

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/layout"
	"calla/ui/suggest"
	"calla/ui/tell"
	"calla/ui/widget"
)

const (
	askTime  = 10 * time.Second // bounds a question for messages: another program may have locked their file
	pageRows = 50               // that are asked for at first, and with each step back
	mostRows = 200              // that are shown at a time: a step back leaves out the newest then
)

// Window is what the pages need of the window that they are in.
type Window interface {
	Ask(title, text, yes string, dangerous bool, do func())
	TellError(title string, err error)
	Focus(o fyne.Focusable)
	Message(accountID, address string) // opens a conversation
	Conversations()                    // opens the list
	CallText(accountID, address string)
	Suggestions(take func(journal.Suggestion)) *suggest.List
	Retitle()       // the page has another title
	Leave(page any) // closes the page, where it is open still
	// Draft is what somebody has begun to write in a conversation, KeepDraft keeps it while its page is closed.
	Draft(conversation string) string
	KeepDraft(conversation, text string)
	Looked() bool // somebody has the window before him
	Aside(work func())
}

// Phone is what they need of the call controller; see ui.Phone.
type Phone interface {
	phone.MessageReader
	SendMessage(accountID, address, text string)
	Reply(accountID, uri, text string)
	Resend(m phone.Message)
	Redial(accountID, uri, after string)
	MarkRead(accountID, party string, upTo int64)
	DeleteConversation(ctx context.Context, accountID, party string) error
	DeleteMessages(ctx context.Context) error
}

// newMessage is the conversation, as drafts are kept, of whom a new message is to be for.
const newMessage = ""

// span is which rows are shown: so many, the newest that are older than a message; 0 = the newest of all.
type span struct {
	before int64
	rows   int
}

// back goes a step to older rows; first is the ID of the oldest that stays in view where there is no room for more.
func (s span) back(first int64) span {
	if s.rows < mostRows {
		return span{s.before, s.rows + pageRows}
	}
	return span{first, s.rows}
}

// List lists the conversations.
type List struct {
	window  Window
	phone   Phone
	state   phone.State
	span    span
	asked   uint64 // revision of the messages that was asked for last
	asking  int    // number of the last question; answers to others are late
	shown   []phone.Conversation
	more    bool
	failed  bool
	rows    map[string]*widget.Row // by conversation
	still   widget.Still           // of them
	list    *fyne.Container
	empty   *widget.Text
	older   *widget.Button
	newest  *widget.Button
	forget  *widget.Button
	to      *widget.Entry
	people  *suggest.List
	chosen  journal.Suggestion // whom the text in the field means, where it was suggested
	field   *widget.Field
	body    fyne.CanvasObject
	started bool
}

// NewList makes the page.
func NewList(w Window, p Phone) *List {
	l := &List{window: w, phone: p, span: span{rows: pageRows}, list: layout.Column(8)}
	l.to = widget.NewEntry(tell.Word(cause.MessagesWhom))
	l.people = w.Suggestions(func(s journal.Suggestion) {
		l.to.Fill(s.Address)
		l.chosen = s
		l.window.Focus(l.to)
	})
	l.people.OnSize = func() { l.body.Refresh() }
	l.to.Put(w.Draft(newMessage))
	l.to.OnChanged = func(text string) {
		w.KeepDraft(newMessage, text)
		l.field.SetBad("")
		l.people.Follow(text)
	}
	l.people.Below(l.to)
	l.empty = widget.NewParagraph("").Color(widget.ColorMuted)
	l.field = widget.NewField(tell.Word(cause.MessagesNewTo), "", "", l.to)
	l.to.OnSubmitted = func(string) { l.write() }
	write := widget.NewButton(tell.Word(cause.MessagesWrite), "message", widget.Filled, l.write)
	l.older = widget.NewButton(tell.Word(cause.MessagesOlder), "", widget.Quiet, func() {
		l.ask(l.span.back(l.shown[min(pageRows, len(l.shown))-1].Last.ID))
	})
	l.newest = widget.NewButton(tell.Word(cause.MessagesNewest), "", widget.Quiet,
		func() { l.ask(span{rows: pageRows}) })
	l.forget = widget.NewButton(tell.Short(cause.MessagesDelete), "trash", widget.Quiet, l.deleteAll)
	l.older.Hide()
	l.newest.Hide()
	l.forget.Hide()
	l.body = layout.ScrollPage(layout.Column(12,
		widget.NewCard(layout.Column(10, l.field.Box, l.people.Object, write)), l.newest, l.empty, l.list, l.older,
		l.forget))
	return l
}

// Start puts the keyboard where an address can be typed.
func (l *List) Start() { l.window.Focus(l.to) }

// write opens the conversation with whom is typed.
func (l *List) write() {
	to := strings.TrimSpace(l.to.Text)
	if to == "" {
		l.field.SetBad(tell.Word(cause.MessagesEnterWhom))
		l.Start()
		return
	}
	id := l.state.Account
	if id == "" {
		l.field.SetBad(tell.Word(cause.MessagesNeedAccount))
		return
	}
	if s := l.chosen; s.URI != "" && s.Address == to && slices.ContainsFunc(l.state.Accounts,
		func(a phone.AccountState) bool { return a.ID == s.AccountID }) {
		id, to = s.AccountID, s.URI
	}
	l.to.SetText("")
	l.window.Message(id, to)
}

// deleteAll deletes all messages, after a question.
func (l *List) deleteAll() {
	told := tell.Of(cause.Cause{Kind: cause.MessagesDelete})
	l.window.Ask(told.Title, told.Why, told.Short, true, func() {
		l.window.Aside(func() {
			ctx, cancel := context.WithTimeout(context.Background(), askTime)
			defer cancel()
			if err := l.phone.DeleteMessages(ctx); err != nil {
				fyne.Do(func() { l.window.TellError(tell.Word(cause.MessagesNotDeleted), err) })
			}
		})
	})
}

// Update follows the State.
func (l *List) Update(s phone.State, now time.Time) {
	l.state = s
	if s.Messages.Revision != l.asked || !l.started {
		l.started, l.asked = true, s.Messages.Revision
		l.ask(l.span)
	}
	l.draw(now)
}

// ask asks for conversations.
func (l *List) ask(s span) {
	l.asking++
	number := l.asking
	l.window.Aside(func() {
		ctx, cancel := context.WithTimeout(context.Background(), askTime)
		defer cancel()
		page, more, err := l.phone.Conversations(ctx, s.before, s.rows)
		fyne.Do(func() {
			if number != l.asking {
				return
			}
			l.failed = err != nil
			if err == nil {
				l.span, l.shown, l.more = s, page, more
			}
			l.draw(time.Now())
		})
	})
}

// draw shows the conversations.
func (l *List) draw(now time.Time) {
	rows, order := map[string]*widget.Row{}, make([]fyne.CanvasObject, 0, len(l.shown))
	for _, c := range l.shown {
		of := conversation(c.Last.AccountID, c.Last.Party)
		row := l.rows[of]
		if row == nil {
			row = widget.NewRow("person", func() {
				if l.still.Is() {
					l.window.Message(c.Last.AccountID, c.Last.Party)
				}
			})
		}
		row.Set("person", tell.Who(c.Last.Name, c.Last.Address), l.line(c.Last), tell.When(c.Last.At, now), c.Unread)
		rows[of], order = row, append(order, row)
	}
	if !slices.Equal(order, l.list.Objects) {
		if len(l.list.Objects) > 0 { // a message has brought another one to the top
			l.still.Moved()
		}
		l.list.Objects = order
	}
	l.rows = rows
	l.empty.SetText(tell.Word(cause.MessagesNone))
	if l.failed {
		l.empty.SetText(tell.Word(cause.MessagesUnreadable))
	}
	l.empty.Hidden = len(l.shown) > 0 && !l.failed
	l.older.Hidden = !l.more
	l.newest.Hidden = l.span.before == 0
	l.forget.Hidden = len(l.shown) == 0
	l.list.Refresh()
	l.body.Refresh()
}

// conversation names what an account and a party have written to each other.
func conversation(accountID, party string) string { return accountID + "\n" + party }

// line is what of a conversation stands below whom it is with: the address, where a name stands above; the account,
// where there are several; and the last message.
func (l *List) line(last phone.Message) string {
	text := firstLine(last.Text)
	switch {
	case last.Incoming:
	case last.Status == phone.MessageFailed:
		text = tell.Of(cause.Cause{Kind: cause.MessagesNotSentLine, Text: text}).Short
	default:
		text = tell.Of(cause.Cause{Kind: cause.MessagesYou, Text: text}).Short
	}
	if last.Name != "" {
		text = tell.Address(last.Address) + " · " + text
	}
	for _, a := range l.state.Accounts {
		if len(l.state.Accounts) > 1 && a.ID == last.AccountID {
			text += tell.Dotted(tell.SafeLine(a.Label))
		}
	}
	return text
}

// firstLine is what of a message shows in a list.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return tell.SafeLine(line)
}

// Title, Object and Close are those of a page of the window.
func (l *List) Title() string { return tell.Word(cause.MessagesTitle) }

// Object is what is drawn.
func (l *List) Object() fyne.CanvasObject { return l.body }

// Close drops what is still asked for.
func (l *List) Close() bool {
	l.asking++
	l.people.Hide()
	return true
}

// rightToLeft tells the direction of a text by its first strong letter (Unicode Standard Annex 9, rules P2 and P3).
func rightToLeft(text string) bool {
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko,
			unicode.Samaritan, unicode.Mandaic, unicode.Adlam, unicode.Hanifi_Rohingya) && unicode.IsLetter(r):
			return true
		case unicode.IsLetter(r):
			return false
		}
	}
	return false
}
