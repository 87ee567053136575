package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/phone"
	"calla/ui/desktop"
	"calla/ui/messages"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestMessagesPagesAreReached from the header, from the number field and by keyboard; a press goes on to a
// conversation, and what is in it is read by whoever has the window before him.
func TestMessagesPagesAreReached(t *testing.T) {
	o := open(t, Options{})
	o.update(chat())
	if o.main.head.text.Count() != 1 || !o.main.head.text.Visible() {
		t.Errorf("the badge says %d", o.main.head.text.Count())
	}
	test.Tap(o.main.head.text)
	o.finish()
	row := uitest.LaidOut[*widget.Row](o.main.page.Object())[0]
	if got := row.Title(); got != "Bob Marsh" || row.Count() != 1 {
		t.Errorf("row: %s, %d new", got, row.Count())
	}
	o.expect(t)
	o.app.front = false
	test.Tap(row)
	o.finish()
	o.expect(t)
	o.app.enter()
	o.expect(t, "read office bob@example.com 5")
	if c := o.main.page.(*messages.Talk); c.Title() != "Bob Marsh" {
		t.Errorf("with %q", c.Title())
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

// TestWriteAMessage: from the number field to a sent message without a mouse.
func TestWriteAMessage(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.main.dial.fill("bob")
	test.Tap(o.main.dial.write)
	o.finish()
	text, ok := o.main.win.Canvas().Focused().(*widget.Entry)
	if _, talks := o.main.page.(*messages.Talk); !ok || !talks {
		t.Fatal("the keyboard is not where the message goes")
	}
	test.Type(text, "Hello")
	o.key(fyne.KeyReturn)
	o.expect(t, `message office bob "Hello"`)
	o.key(fyne.KeyEscape)
	o.main.dial.fill("")
	shortcut(o, fyne.KeyE, ctrl)
	if _, ok := o.main.page.(*messages.List); !ok {
		t.Error("the list is not opened")
	}
}

// TestANotificationOfAMessageOpensItsConversation with the account that it came to.
func TestANotificationOfAMessageOpensItsConversation(t *testing.T) {
	for name, p := range map[string]struct{ party, title string }{
		"a contact's": {"bob@example.com", "Bob Marsh"}, "another's": {"maria@example.com", "Maria Ortiz"},
		"a number's": {"+49301234567@example.com", "+49301234567@example.com"}, "nobody's": {"eve", "eve"},
		"hidden": {"anonymous@anonymous.invalid", "anonymous@anonymous.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(chat())
			o.app.pressed(desktop.Press{Deed: desktop.Open, From: desktop.Caller{AccountID: "office"}, Party: p.party})
			o.finish()
			if c, ok := o.main.page.(*messages.Talk); !ok || c.Title() != p.title {
				t.Errorf("shown is %q", o.main.page.Title())
			}
		})
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
