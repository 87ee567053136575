package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/phone"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestMessagesPage: what came last shows with how many are new; a press opens the conversation, and what is
// in it is read by that.
func TestMessagesPage(t *testing.T) {
	o := open(t, Options{})
	o.update(chat())
	if o.main.head.text.Count() != 1 || !o.main.head.text.Visible() {
		t.Errorf("the badge says %d", o.main.head.text.Count())
	}
	test.Tap(o.main.head.text)
	p := o.main.page.(*messagesPage)
	o.finish()
	row := p.rows[0]
	if got := row.Title() + "|" + row.Line(); got != "Bob Marsh|You: Calling now." || row.Count() != 1 {
		t.Errorf("row: %s, %d new", got, row.Count())
	}
	o.expect(t)
	test.Tap(row)
	o.finish()
	o.expect(t, "read office bob@example.com 3")
	if c := o.main.page.(*conversationPage); len(c.shown) != 3 || c.Title() != "Bob Marsh" {
		t.Errorf("%d messages with %q", len(c.shown), c.Title())
	}
	read := texts()
	read[2].Unread = false
	o.phone.MessageMemory = phone.NewMessageMemory(read...)
	s := chat()
	s.Messages = o.phone.Counts()
	s.Messages.Revision++
	o.update(s)
	o.finish()
	o.expect(t)
	if o.main.head.text.Count() != 0 {
		t.Error("the badge stays")
	}
}

// TestConversationTellsTheStatus: each message tells whether it was sent, and one that was not can be sent
// again.
func TestConversationTellsTheStatus(t *testing.T) {
	o := open(t, Options{})
	o.update(chat())
	o.main.openConversation("office", "bob@example.com")
	o.finish()
	o.phone.took()
	var words []string
	for _, text := range uitest.LaidOut[*widget.Text](o.main.page.Object()) {
		words = append(words, text.Text())
	}
	all := strings.Join(words, "\n")
	for _, want := range []string{
		"Not sent: The phone of bob@example.com takes no messages", "Sending…",
		"Can you call me back", "With bob@example.com, as Office",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not told in\n%s", want, all)
		}
	}
	uitest.Press(t, o.main.page.Object(), "Send again")
	o.expect(t, `resend 4`)
}

// TestWriteAMessage: from the number field to a sent message without a mouse; Enter sends, and nothing
// empty is sent.
func TestWriteAMessage(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.main.dial.fill("bob")
	test.Tap(o.main.dial.write)
	p, ok := o.main.page.(*conversationPage)
	if !ok || o.main.win.Canvas().Focused() != p.text {
		t.Fatal("the keyboard is not where the message goes")
	}
	o.key(fyne.KeyReturn)
	o.expect(t)
	if !p.send.Disabled() {
		t.Error("nothing can be sent")
	}
	test.Type(p.text, "Hello")
	o.key(fyne.KeyReturn)
	o.expect(t, `message office bob "Hello"`)
	if p.text.Text != "" {
		t.Errorf("%q stays", p.text.Text)
	}
	o.key(fyne.KeyEscape)
	o.update(chat())
	o.main.openConversation("office", "sip:bob@example.com")
	o.finish()
	if p := o.main.page.(*conversationPage); len(p.shown) != 3 {
		t.Errorf("the address as typed has %d messages", len(p.shown))
	}
	o.phone.took()
	o.key(fyne.KeyEscape)
	o.main.dial.fill("")
	shortcut(o, fyne.KeyE, ctrl)
	list := o.main.page.(*messagesPage)
	list.to.OnSubmitted("")
	if list.field.Bad() == "" {
		t.Error("nobody is written to")
	}
	list.to.SetText("carol")
	list.to.OnSubmitted("carol")
	if p, ok := o.main.page.(*conversationPage); !ok || p.address != "carol" {
		t.Error("no conversation with carol")
	}
}

// TestVoicemailShows: what is new in the mailbox stands under the account's name.
func TestVoicemailShows(t *testing.T) {
	for _, c := range []struct {
		mailbox *phone.Voicemail
		want    string
	}{
		{nil, "alice@example.com"},
		{&phone.Voicemail{Old: 3}, "alice@example.com"},
		{&phone.Voicemail{New: 1}, "1 new voicemail · alice@example.com"},
		{&phone.Voicemail{New: 2, Old: 5}, "2 new voicemails · alice@example.com"},
	} {
		a := office()
		a.Voicemail = c.mailbox
		if got := accountLine(a); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestAccountInFull: everything that the State knows of a connection stands on the account's page, and the
// other devices can be signed out after a question.
func TestAccountInFull(t *testing.T) {
	o := open(t, Options{})
	o.update(engineered())
	shortcut(o, fyne.KeyI, ctrl)
	p := o.main.page.(*accountPage)
	var words []string
	for _, text := range uitest.LaidOut[*widget.Text](p.body) {
		words = append(words, text.Text())
	}
	all := strings.Join(words, "\n")
	for _, want := range []string{
		"Registered", "wss://sip-ws-1.example.com", ", 12 min", "wss://sip-ws-2.example.com · ", "Server restarts",
		"sip:alice@example.com;gr=urn:uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12", "sip:tgruu.7hs",
		"<sip:edge.example.com;transport=ws;lr>",
		"2 new, 5 old", "refused by server · 3 times in a row · at ", "next try at ", "this device · for 9 min",
		"another device · for 52 min", "sip:alice@192.0.2.14:5060",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q does not stand in\n%s", want, all)
		}
	}
	test.Tap(p.copied)
	if text := o.fyne.Clipboard().Content(); !strings.Contains(text, "GRUU: sip:alice@example.com;gr=") ||
		!strings.Contains(text, "Device sip:alice@192.0.2.14:5060") {
		t.Errorf("copied %s", text)
	}
	test.Tap(p.connect)
	test.Tap(p.everywhere)
	o.expect(t, "retry office")
	o.stands()
	uitest.Press(t, o.main.win.Canvas().Overlays().Top(), "Sign out everywhere")
	o.expect(t, "unregister all office")
}
