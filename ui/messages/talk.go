package messages

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

// Talk shows one conversation and takes what is to be said next.
type Talk struct {
	window           Window
	phone            Phone
	state            phone.State
	account, address string
	party, name      string
	written          string // the text that was sent last
	told             string // ID of the refusal that was told last
	span             span
	asked            uint64 // revision of the messages that was asked for last
	asking           int    // number of the last question; answers to others are late
	started          bool
	shown            []phone.Message
	more             bool
	marked           int64 // ID of the newest message that was marked read
	drawn            map[int64]bubble
	bubbles          *fyne.Container
	note             *widget.Text
	from             *widget.Text
	older            *widget.Button
	newest           *widget.Button
	text             *widget.Entry
	send, calls      *widget.Button
	actions          *fyne.Container
	scroll           *container.Scroll
	body             fyne.CanvasObject
}

// nearlyEnd is how near to its end a conversation is at its end: below the last message there is a margin.
const nearlyEnd = 48

// bubble is a message as it was drawn.
type bubble struct {
	of      phone.Message
	caption string
	object  fyne.CanvasObject
}

// NewTalk makes the page of what an account and a party have written to each other; address is how the party is shown.
func NewTalk(w Window, p Phone, accountID, party, address string) *Talk {
	t := &Talk{
		window: w, phone: p, account: accountID, party: party, address: address, span: span{rows: pageRows},
		bubbles: layout.Column(8),
	}
	t.from = widget.NewText("").Color(widget.ColorMuted).Sized(widget.SizeCaption).
		Align(fyne.TextAlignCenter).Shrink(80)
	t.note = widget.NewParagraph("").Color(widget.ColorMuted).Align(fyne.TextAlignCenter)
	t.note.Hide()
	t.older = widget.NewButton(tell.Word(cause.MessagesOlder), "", widget.Quiet, func() {
		t.ask(t.span.back(t.shown[max(0, len(t.shown)-pageRows)].ID))
	})
	t.newest = widget.NewButton(tell.Word(cause.MessagesNewest), "", widget.Quiet,
		func() { t.ask(span{rows: pageRows}) })
	t.older.Hide()
	t.newest.Hide()
	t.text = widget.NewTextArea(tell.Word(cause.MessagesText), 2)
	t.text.OnKey = t.key
	t.send = widget.NewButton(tell.Word(cause.MessagesSend), "", widget.Filled, t.say)
	t.calls = widget.NewButton("", "phone", widget.Quiet, t.call)
	all := widget.NewButton("", "message", widget.Quiet, w.Conversations).Named(tell.Word(cause.MessagesAll))
	remove := widget.NewButton("", "trash", widget.Quiet, t.remove).Named(tell.Short(cause.ConversationDelete))
	t.actions = layout.Row(0, remove, all, t.calls)
	of := conversation(accountID, party)
	t.text.Put(w.Draft(of))
	changed := func(text string) {
		w.KeepDraft(of, text)
		t.send.SetEnabled(strings.TrimSpace(text) != "")
	}
	t.text.OnChanged = changed
	changed(t.text.Text)
	t.scroll = layout.Scrolling(layout.Column(8, t.from, t.older, t.note, t.bubbles, t.newest))
	bar := layout.Centred(640+2*widget.Margin, layout.Padded(8, 12, widget.Margin, widget.Margin,
		layout.Border(nil, nil, nil, layout.Padded(0, 0, 8, 0, container.NewCenter(t.send)), t.text)))
	t.body = layout.Border(nil, bar, nil, nil, layout.Settled(t.scroll))
	return t
}

// Start puts the keyboard where the next words go.
func (t *Talk) Start() { t.window.Focus(t.text) }

// key sends with Enter; Shift+Enter begins a new line.
func (t *Talk) key(ev *fyne.KeyEvent) bool {
	if ev.Name != fyne.KeyReturn && ev.Name != fyne.KeyEnter || shiftHeld() {
		return false
	}
	t.say()
	return true
}

// shiftHeld tells whether Shift is held now.
func shiftHeld() bool {
	d, ok := fyne.CurrentApp().Driver().(desktop.Driver)
	return ok && d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0
}

// say sends what is typed, to whom the last message was exchanged with.
func (t *Talk) say() {
	text := strings.TrimSpace(t.text.Text)
	if text == "" {
		return
	}
	t.text.SetText("")
	t.written, t.told = text, ""
	if r := t.state.Refusal; r != nil {
		t.told = r.ID
	}
	if uri := t.whom(); uri != "" {
		t.phone.Reply(t.account, uri, text)
	} else {
		t.phone.SendMessage(t.account, t.address, text)
	}
	if t.span.before != 0 {
		t.ask(span{rows: pageRows})
	}
	t.window.Focus(t.text)
}

// whom is the other side in full, where that is known.
func (t *Talk) whom() string {
	for _, m := range slices.Backward(t.shown) {
		if m.URI != "" {
			return m.URI
		}
	}
	return ""
}

// call calls the other side.
func (t *Talk) call() {
	if uri := t.whom(); uri != "" {
		t.phone.Redial(t.account, uri, "")
		return
	}
	t.window.CallText(t.account, t.address)
}

// remove deletes the conversation, after a question.
func (t *Talk) remove() {
	told := tell.Of(cause.Cause{Kind: cause.ConversationDelete, To: t.Title()})
	t.window.Ask(told.Title, told.Why, told.Short, true, func() {
		t.window.Aside(func() {
			ctx, cancel := context.WithTimeout(context.Background(), askTime)
			defer cancel()
			err := t.phone.DeleteConversation(ctx, t.account, t.party)
			fyne.Do(func() {
				if err != nil {
					t.window.TellError(tell.Word(cause.MessagesNotDeleted), err)
					return
				}
				t.window.Leave(t)
			})
		})
	})
}

// follow puts back a text that was refused.
func (t *Talk) follow(s phone.State) {
	r := s.Refusal
	if r == nil || r.Command != phone.CommandMessage || r.ID == t.told {
		return
	}
	t.told = r.ID
	switch typed := t.text.Text; {
	case strings.TrimSpace(typed) == "":
		t.text.SetText(t.written)
	case !strings.Contains(typed, t.written): // something else is being written: it stands below that
		t.text.SetText(typed + "\n" + t.written)
	}
}

// Update follows the State.
func (t *Talk) Update(s phone.State, now time.Time) {
	t.state = s
	t.follow(s)
	if s.Messages.Revision != t.asked || !t.started {
		t.started, t.asked = true, s.Messages.Revision
		t.ask(t.span)
	}
	t.describe()
	t.markRead()
	t.draw(now)
}

// describe tells with whom, and as whom, one writes here.
func (t *Talk) describe() {
	with := cause.Cause{Kind: cause.MessagesWith, Address: tell.Address(t.address)}
	for _, a := range t.state.Accounts {
		if a.ID == t.account {
			with.Kind, with.Account = cause.MessagesWithAs, tell.SafeLine(a.Label)
		}
	}
	words := tell.Of(with).Short
	for _, m := range slices.Backward(t.shown) {
		if m.Incoming {
			if m.Claims != "" {
				itself := cause.Cause{Kind: cause.CallsItself, Party: tell.SafeLine(m.Claims)}
				words += tell.Dotted(tell.Of(itself).Short)
			}
			break
		}
	}
	t.from.SetText(words)
}

// ask asks for messages of the conversation.
func (t *Talk) ask(s span) {
	t.asking++
	number := t.asking
	t.window.Aside(func() {
		ctx, cancel := context.WithTimeout(context.Background(), askTime)
		defer cancel()
		page, more, err := t.phone.Messages(ctx, phone.MessageQuery{
			AccountID: t.account, Party: t.party, Before: s.before, Limit: s.rows,
		})
		fyne.Do(func() {
			if number == t.asking {
				t.take(s, page, more, err)
			}
		})
	})
}

// take shows what there is.
func (t *Talk) take(s span, page []phone.Message, more bool, err error) {
	switch {
	case err != nil:
		t.note.SetText(tell.Word(cause.MessagesUnreadable))
	case len(page) == 0:
		t.note.SetText(tell.Word(cause.MessagesNothingSaid))
	}
	t.note.Hidden = err == nil && len(page) > 0
	came, read, at := false, int64(0), float32(0)
	if err == nil {
		came = s == t.span && len(page) > 0 && (len(t.shown) == 0 || page[len(page)-1].ID > t.shown[len(t.shown)-1].ID)
		if came && len(t.shown) > 0 && page[len(page)-1].Incoming && !t.atEnd() {
			came, read = false, page[0].ID // what is read stays where it is
			at = t.placeOf(read)
		}
		t.span, t.shown, t.more = s, page, more
	}
	t.older.Hidden = !t.more
	t.newest.Hidden = t.span.before == 0
	t.rename()
	t.describe()
	t.markRead()
	t.draw(time.Now())
	t.body.Refresh()
	switch {
	case came:
		t.scroll.ScrollToBottom()
	case read != 0:
		t.scroll.ScrollToOffset(t.scroll.Offset.AddXY(0, t.placeOf(read)-at))
	}
}

// atEnd tells whether the newest message is in view, or nearly.
func (t *Talk) atEnd() bool {
	return t.scroll.Offset.Y+t.scroll.Size().Height >= t.scroll.Content.Size().Height-nearlyEnd
}

// placeOf is where a message is drawn, from the top of the window.
func (t *Talk) placeOf(id int64) float32 {
	if b, is := t.drawn[id]; is {
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(b.object).Y
	}
	return 0
}

// rename calls the page by the contact's name.
func (t *Talk) rename() {
	name := ""
	for _, m := range slices.Backward(t.shown) {
		if name = m.Name; name != "" {
			break
		}
	}
	if name != t.name && len(t.shown) > 0 {
		t.name = name
		t.window.Retitle()
	}
}

// Look says that somebody has the page before him now.
func (t *Talk) Look() { t.markRead() }

// markRead tells the phone once for each new message that it has been seen.
func (t *Talk) markRead() {
	if len(t.shown) == 0 || !t.window.Looked() {
		return
	}
	newest := t.shown[len(t.shown)-1].ID
	unread := slices.ContainsFunc(t.shown, func(m phone.Message) bool { return m.Unread && m.ID > t.marked })
	if unread && newest > t.marked {
		t.marked = newest
		t.phone.MarkRead(t.account, t.party, newest)
	}
}

// draw shows the messages. Those that are as they were are not made anew.
func (t *Talk) draw(now time.Time) {
	drawn := make(map[int64]bubble, len(t.shown))
	objects := make([]fyne.CanvasObject, 0, len(t.shown))
	same := len(t.shown) == len(t.bubbles.Objects)
	for i, m := range t.shown {
		caption, bad := captionOf(m, now)
		b, ok := t.drawn[m.ID]
		if was := b.of; !ok || b.caption != caption || was.Text != m.Text || was.Status != m.Status {
			b = bubble{m, caption, t.bubble(m, caption, bad)}
		}
		drawn[m.ID] = b
		objects = append(objects, b.object)
		same = same && t.bubbles.Objects[i] == b.object
	}
	t.drawn = drawn
	if !same {
		t.bubbles.Objects = objects
		t.body.Refresh()
	}
}

// captionOf tells when a message was, and where it stands; bad: it has not arrived, or nobody knows.
func captionOf(m phone.Message, now time.Time) (words string, bad bool) {
	words = tell.When(m.At, now)
	switch {
	case m.Incoming:
	case m.Status == phone.MessageSending:
		words += tell.Dotted(tell.Word(cause.MessagesSending))
	case m.Status == phone.MessageUnknown:
		words, bad = words+" · "+tell.Word(cause.MessageUnknown), true
	case m.Status == phone.MessageFailed:
		words, bad = tell.Word(cause.MessagesNotSent), true
		if m.Cause != nil {
			words += ": " + tell.Of(*m.Cause).Headline()
		}
	default:
		words += tell.Dotted(tell.Word(cause.MessagesDelivered))
	}
	if !m.Kept {
		words += " · " + tell.Word(cause.MessageNotKept)
	}
	return words, bad
}

// bubble draws one message: what came at the left, what went out at the right; a text in the direction of its first
// strong letter.
func (t *Talk) bubble(m phone.Message, caption string, bad bool) fyne.CanvasObject {
	fill, line := widget.ColorSurface, widget.ColorLine
	if !m.Incoming {
		fill, line = widget.ColorAccentSoft, ""
	}
	color := widget.ColorMuted
	if bad {
		color = widget.ColorBad
	}
	text := widget.NewParagraph(m.Text)
	if rightToLeft(m.Text) {
		text.Align(fyne.TextAlignTrailing)
	}
	content := layout.Column(2, text, widget.NewParagraph(caption).Color(color).Sized(widget.SizeCaption))
	if bad && m.URI != "" {
		again := func() {
			t.phone.Resend(m)
			t.window.Focus(t.text) // the button goes
		}
		content.Add(layout.Border(nil, nil,
			widget.NewButton(tell.Word(cause.MessagesSendAgain), "refresh", widget.Quiet, again).High(32), nil))
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

// Title is the name of the other side, or its address.
func (t *Talk) Title() string { return tell.Who(t.name, t.address) }

// Object is what is drawn.
func (t *Talk) Object() fyne.CanvasObject { return t.body }

// Actions are what stands beside the title.
func (t *Talk) Actions() fyne.CanvasObject {
	t.calls.Named(tell.Of(cause.Cause{Kind: cause.MessagesCall, Party: t.Title()}).Short)
	return t.actions
}

// Close drops what is still asked for.
func (t *Talk) Close() bool {
	t.asking++
	return true
}
