package ui

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// messagesPage lists the conversations.
type messagesPage struct {
	app   *app
	rows  []*widget.Row
	shown []phone.Conversation
	asked uint64 // revision of the messages that shown is of
	list  *fyne.Container
	empty *widget.Text
	to    *widget.Entry
	field *widget.Field
	body  fyne.CanvasObject
}

func newMessagesPage(a *app) *messagesPage {
	p := &messagesPage{app: a, list: layout.Column(8), to: widget.NewEntry("Name, number or address")}
	p.empty = widget.NewParagraph("Your conversations will be listed here.").
		Color(widget.ColorMuted)
	p.field = widget.NewField("New message to", "", "", p.to)
	p.to.OnSubmitted = func(string) { p.write() }
	write := widget.NewButton("Write", "message", widget.Filled, p.write)
	p.body = layout.ScrollPage(layout.Column(12,
		widget.NewCard(layout.Column(10, p.field.Box, write)), p.empty, p.list))
	return p
}

// write opens the conversation with the address typed.
func (p *messagesPage) write() {
	to := strings.TrimSpace(p.to.Text)
	if to == "" {
		p.field.SetBad("Enter whom to write to.")
		p.app.main.win.Canvas().Focus(p.to)
		return
	}
	a, ok := currentAccount(p.app.state)
	if !ok {
		p.field.SetBad("Add an account first.")
		return
	}
	p.app.main.openConversation(a.ID, to)
}

func (p *messagesPage) Update(s phone.State, now time.Time) {
	if s.Messages.Revision != p.asked {
		p.asked = s.Messages.Revision
		p.app.aside(func() {
			ctx, cancel := context.WithTimeout(context.Background(), askTime)
			defer cancel()
			page, _, err := p.app.phone.Conversations(ctx, 0, 0)
			fyne.Do(func() {
				if err == nil {
					p.shown = page
					p.draw(now)
				}
			})
		})
	}
	p.draw(now)
}

// askTime bounds a question for messages: another program may have locked their file.
const askTime = 10 * time.Second

// draw shows the conversations.
func (p *messagesPage) draw(now time.Time) {
	for len(p.rows) < len(p.shown) {
		i := len(p.rows)
		row := widget.NewRow("person", func() { p.app.main.openConversation(p.shown[i].Last.AccountID, p.shown[i].Last.Party) })
		p.rows = append(p.rows, row)
		p.list.Add(row)
	}
	for i, row := range p.rows {
		row.Hidden = i >= len(p.shown)
		if row.Hidden {
			continue
		}
		c := p.shown[i]
		last := c.Last
		line := firstLine(last.Text)
		switch {
		case !last.Incoming && last.Status == phone.MessageFailed:
			line = "Not sent: " + line
		case !last.Incoming:
			line = "You: " + line
		}
		row.Set("person", tell.Who(last.Name, last.Address), line, whenWords(last.At, now), c.Unread)
	}
	p.empty.Hidden = len(p.shown) > 0
	p.list.Refresh()
}

// firstLine is what of a message shows in a list.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return tell.SafeLine(line)
}

// whenWords tells when something was: the time today, else the day.
func whenWords(at, now time.Time) string {
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04")
	}
	return at.Format("2 Jan")
}

func (p *messagesPage) Title() string             { return "Messages" }
func (p *messagesPage) Object() fyne.CanvasObject { return p.body }
func (p *messagesPage) Close() bool               { return true }

// openMessages lists the conversations. The keyboard is where an address can be typed.
func (m *mainWindow) openMessages() {
	p := newMessagesPage(m.app)
	m.open(p)
	if m.page == page(p) {
		m.win.Canvas().Focus(p.to)
	}
}

// conversationPage shows one conversation and takes what is to be said next.
type conversationPage struct {
	app              *app
	account, address string
	party, name      string
	asked            string // the text that was sent last
	told             string // ID of the refusal that was told last
	revision         uint64 // of the messages that were asked for last
	shown            []phone.Message
	marked           int64 // ID of the newest message that was marked read
	bubbles          *fyne.Container
	from             *widget.Text
	text             *widget.Entry
	send             *widget.Button
	scroll           *container.Scroll
	body             fyne.CanvasObject
}

func newConversationPage(a *app, accountID, party, address string) *conversationPage {
	p := &conversationPage{app: a, account: accountID, party: party, address: address, bubbles: layout.Column(8)}
	p.from = widget.NewText("").Color(widget.ColorMuted).Sized(widget.SizeCaption).
		Align(fyne.TextAlignCenter).Shrink(80)
	p.text = widget.NewTextArea("Message", 2)
	p.text.OnKey = p.key
	p.text.OnChanged = func(string) { p.send.SetEnabled(strings.TrimSpace(p.text.Text) != "") }
	p.send = widget.NewButton("Send", "", widget.Filled, p.say)
	p.send.Disable()
	p.scroll = layout.Scrolling(layout.Column(8, p.from, p.bubbles))
	bar := layout.Centred(640+2*widget.Margin, layout.Padded(8, 12, widget.Margin, widget.Margin,
		layout.Border(nil, nil, nil, layout.Padded(0, 0, 8, 0, container.NewCenter(p.send)), p.text)))
	p.body = layout.Border(nil, bar, nil, nil, layout.Settled(p.scroll))
	return p
}

// key sends with Enter; Shift+Enter begins a new line.
func (p *conversationPage) key(ev *fyne.KeyEvent) bool {
	if ev.Name != fyne.KeyReturn && ev.Name != fyne.KeyEnter || shiftHeld() {
		return false
	}
	p.say()
	return true
}

// say sends what is typed.
func (p *conversationPage) say() {
	text := strings.TrimSpace(p.text.Text)
	if text == "" {
		return
	}
	p.text.SetText("")
	p.write(text)
	p.app.main.win.Canvas().Focus(p.text)
}

// write sends a text to whom the last message was exchanged with.
func (p *conversationPage) write(text string) {
	p.asked, p.told = text, ""
	if r := p.app.state.Refusal; r != nil {
		p.told = r.ID
	}
	if uri := p.whom(); uri != p.address {
		p.app.phone.Reply(p.account, uri, text)
		return
	}
	p.app.phone.SendMessage(p.account, p.address, text)
}

// whom is the other side in full, where that is known.
func (p *conversationPage) whom() string {
	for i := len(p.shown) - 1; i >= 0; i-- {
		if uri := p.shown[i].URI; uri != "" {
			return uri
		}
	}
	return p.address
}

// call calls the other side.
func (p *conversationPage) call() {
	if uri := p.whom(); uri != p.address {
		p.app.phone.Redial(p.account, uri, "")
		return
	}
	p.app.main.callText(p.account, p.address)
}

// follow puts back a text that was refused.
func (p *conversationPage) follow(s phone.State) {
	r := s.Refusal
	if r == nil || r.Command != phone.CommandMessage || r.ID == p.told {
		return
	}
	p.told = r.ID
	if p.text.Text == "" {
		p.text.SetText(p.asked)
	}
}

func (p *conversationPage) Update(s phone.State, now time.Time) {
	p.follow(s)
	for _, a := range s.Accounts {
		if a.ID == p.account {
			p.from.SetText("With " + tell.Address(p.address) + ", as " + tell.SafeLine(a.Label))
		}
	}
	if s.Messages.Revision == p.revision {
		p.take(p.shown, now)
		return
	}
	p.revision = s.Messages.Revision
	p.app.aside(func() {
		ctx, cancel := context.WithTimeout(context.Background(), askTime)
		defer cancel()
		page, _, err := p.app.phone.Messages(ctx, phone.MessageQuery{AccountID: p.account, Party: p.party})
		fyne.Do(func() {
			if err == nil {
				p.take(page, now)
			}
		})
	})
}

// take shows what there is.
func (p *conversationPage) take(messages []phone.Message, now time.Time) {
	p.rename(messages)
	p.markRead(messages)
	p.draw(messages, now)
}

// rename calls the page by the contact's name.
func (p *conversationPage) rename(messages []phone.Message) {
	for _, m := range slices.Backward(messages) {
		if m.Name == "" {
			continue
		}
		if m.Name != p.name {
			p.name = m.Name
			p.app.main.showSide()
		}
		return
	}
}

// markRead tells the phone once for each new message that it has been seen.
func (p *conversationPage) markRead(messages []phone.Message) {
	for _, m := range slices.Backward(messages) {
		if m.ID == p.marked {
			return
		}
		if m.Unread {
			p.marked = m.ID
			p.app.phone.MarkRead(p.account, p.party, m.ID)
			return
		}
	}
}

// draw shows the messages, and the newest of them when one came.
func (p *conversationPage) draw(messages []phone.Message, now time.Time) {
	same := len(messages) == len(p.shown)
	for i := 0; same && i < len(messages); i++ {
		same = messages[i] == p.shown[i]
	}
	if same && len(messages) > 0 {
		return
	}
	came := len(messages) > len(p.shown)
	p.shown = messages
	p.bubbles.RemoveAll()
	for _, m := range messages {
		p.bubbles.Add(p.bubble(m, now))
	}
	if len(messages) == 0 {
		p.bubbles.Add(widget.NewParagraph("Nothing has been said yet.").
			Color(widget.ColorMuted).Align(fyne.TextAlignCenter))
	}
	p.body.Refresh()
	if came {
		p.scroll.ScrollToBottom()
	}
}

// bubble is one message: what came at the left, what went out at the right.
func (p *conversationPage) bubble(m phone.Message, now time.Time) fyne.CanvasObject {
	fill, line := widget.ColorSurface, widget.ColorLine
	if !m.Incoming {
		fill, line = widget.ColorAccentSoft, ""
	}
	words, color := whenWords(m.At, now), widget.ColorMuted
	switch {
	case m.Incoming:
	case m.Status == phone.MessageSending:
		words += " · Sending…"
	case m.Status == phone.MessageUnknown:
		color = widget.ColorBad
		words += " · " + tell.Of(cause.Cause{Kind: cause.MessageUnknown}).Headline()
	case m.Status == phone.MessageFailed:
		color = widget.ColorBad
		words = "Not sent"
		if m.Cause != nil {
			words += ": " + tell.Of(*m.Cause).Headline()
		}
	default:
		words += " · Sent"
	}
	if !m.Kept {
		words += " · " + tell.Of(cause.Cause{Kind: cause.MessageNotKept}).Headline()
	}
	caption := widget.NewParagraph(words).Color(color).Sized(widget.SizeCaption)
	content := layout.Column(2, widget.NewParagraph(m.Text), caption)
	if !m.Incoming && m.URI != "" && (m.Status == phone.MessageFailed || m.Status == phone.MessageUnknown) {
		content.Add(layout.Border(nil, nil, widget.NewButton("Send again", "refresh", widget.Quiet, func() {
			p.app.phone.Resend(m)
		}).High(32), nil))
	}
	return aside(!m.Incoming, widget.NewPanel(content, fill, line, widget.RadiusCard, 12, 8))
}

// aside leaves a sixth of the width free, at the left or at the right.
func aside(left bool, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.Func{
		Min: func(os []fyne.CanvasObject) fyne.Size { return os[0].MinSize() },
		Place: func(os []fyne.CanvasObject, size fyne.Size) {
			free := size.Width / 6
			x := float32(0)
			if left {
				x = free
			}
			os[0].Move(fyne.NewPos(x, 0))
			os[0].Resize(fyne.NewSize(size.Width-free, size.Height))
		},
	}, o)
}

func (p *conversationPage) Title() string             { return tell.Who(p.name, p.address) }
func (p *conversationPage) Object() fyne.CanvasObject { return p.body }

func (p *conversationPage) Actions() fyne.CanvasObject {
	call := widget.NewButton("", "phone", widget.Quiet, p.call).Named("Call " + p.Title())
	all := widget.NewButton("", "message", widget.Quiet, p.app.main.openMessages).Named("All conversations")
	return layout.Row(0, all, call)
}

func (p *conversationPage) Close() bool { return true }

// openConversation opens what was said with an address, with the keyboard where the next words go.
func (m *mainWindow) openConversation(accountID, address string) {
	party, shown := m.app.phone.Correspondent(accountID, address)
	p := newConversationPage(m.app, accountID, party, shown)
	m.open(p)
	if m.page == page(p) {
		m.win.Canvas().Focus(p.text)
	}
}

// shiftHeld tells whether Shift is held now.
func shiftHeld() bool {
	d, ok := fyne.CurrentApp().Driver().(desktop.Driver)
	return ok && d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0
}
