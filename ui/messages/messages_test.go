package messages

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/suggest"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// desk is the window and the phone of a test; what is done is written down, what waits is done by finish.
type desk struct {
	*phone.MessageMemory
	t      *testing.T
	win    fyne.Window
	told   []string
	work   []func()
	looked bool
	fails  error
	drafts map[string]string
}

func newDesk(t *testing.T, all ...phone.Message) *desk {
	t.Helper()
	return newDeskIn(t, widget.Look{}, all...)
}

func newDeskIn(t *testing.T, look widget.Look, all ...phone.Message) *desk {
	t.Helper()
	app := uitest.App(t)
	app.Settings().SetTheme(look)
	return &desk{
		MessageMemory: phone.NewMessageMemory(all...), t: t, win: app.NewWindow(""), looked: true,
		drafts: map[string]string{},
	}
}

func (d *desk) note(format string, args ...any) {
	d.told = append(d.told, fmt.Sprintf(format, args...))
}

func (d *desk) took() []string {
	told := d.told
	d.told = nil
	return told
}

func (d *desk) expect(want ...string) {
	d.t.Helper()
	if got := d.took(); !slices.Equal(got, want) {
		d.t.Errorf("done: %q, want %q", got, want)
	}
}

func (d *desk) finish() {
	for len(d.work) > 0 {
		work := d.work[0]
		d.work = d.work[1:]
		work()
	}
}

func (d *desk) Messages(ctx context.Context, q phone.MessageQuery) ([]phone.Message, bool, error) {
	if d.fails != nil {
		return nil, false, d.fails
	}
	return d.MessageMemory.Messages(ctx, q)
}

func (d *desk) Conversations(ctx context.Context, before int64, n int) ([]phone.Conversation, bool, error) {
	if d.fails != nil {
		return nil, false, d.fails
	}
	return d.MessageMemory.Conversations(ctx, before, n)
}
func (d *desk) SendMessage(id, to, text string)    { d.note("send %s %s %q", id, to, text) }
func (d *desk) Reply(id, uri, text string)         { d.note("reply %s %s %q", id, uri, text) }
func (d *desk) Resend(m phone.Message)             { d.note("resend %d", m.ID) }
func (d *desk) Redial(id, uri, _ string)           { d.note("redial %s %s", id, uri) }
func (d *desk) MarkRead(id, party string, n int64) { d.note("read %s %s %d", id, party, n) }
func (d *desk) DeleteConversation(_ context.Context, id, party string) error {
	d.note("delete %s %s", id, party)
	return d.fails
}

func (d *desk) DeleteMessages(context.Context) error      { d.note("delete all"); return d.fails }
func (d *desk) Ask(title, _, _ string, _ bool, do func()) { d.note("ask %s", title); do() }
func (d *desk) TellError(title string, _ error)           { d.note("error %s", title) }
func (d *desk) Focus(o fyne.Focusable)                    { d.win.Canvas().Focus(o) }
func (d *desk) Message(id, address string)                { d.note("open %s %s", id, address) }

func (d *desk) CallText(id, address string)                        { d.note("call %s %s", id, address) }
func (d *desk) Retitle()                                           {}
func (d *desk) Leave(any)                                          { d.note("leave") }
func (d *desk) Draft(of string) string                             { return d.drafts[of] }
func (d *desk) KeepDraft(of, text string)                          { d.drafts[of] = text }
func (d *desk) Looked() bool                                       { return d.looked }
func (d *desk) Aside(work func())                                  { d.work = append(d.work, work) }
func (d *desk) Suggestions(func(journal.Suggestion)) *suggest.List { return suggest.New(nil, d.Aside) }

// window is desk as a Window: its Conversations opens the list.
type window struct{ *desk }

func (w window) Conversations() { w.note("list") }

func (d *desk) state() phone.State {
	return phone.State{
		Account: "office", Accounts: []phone.AccountState{{ID: "office", Label: "Office"}}, Messages: d.Counts(),
	}
}

func (d *desk) talk(party string) *Talk {
	d.t.Helper()
	p := NewTalk(window{d}, d, "office", party, strings.TrimSuffix(party, "@x"))
	d.win.SetContent(p.Object())
	d.win.Resize(fyne.NewSize(360, 560))
	p.Update(d.state(), time.Now())
	d.finish()
	return p
}

func (d *desk) list() *List {
	d.t.Helper()
	l := NewList(window{d}, d)
	d.win.SetContent(l.Object())
	d.win.Resize(fyne.NewSize(360, 560))
	l.Update(d.state(), time.Now())
	d.finish()
	return l
}

// said is a message with bob@x.
func said(id int64, text string, change ...func(*phone.Message)) phone.Message {
	m := phone.Message{
		ID: id, AccountID: "office", Party: "bob@x", Address: "bob", URI: "sip:bob@x", Text: text, At: time.Now(),
		Status: phone.MessageSent, Kept: true,
	}
	for _, f := range change {
		f(&m)
	}
	return m
}

func came(m *phone.Message) { m.Incoming, m.Unread = true, true }

func all(o fyne.CanvasObject) string {
	var words []string
	for _, text := range uitest.LaidOut[*widget.Text](o) {
		words = append(words, text.Text())
	}
	return strings.Join(words, "\n")
}

// TestAMessageTellsWhereItStands in words, whether it is on disk, and what did not arrive can be sent again.
func TestAMessageTellsWhereItStands(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*phone.Message)
		want   string
		again  bool
	}{
		{"sending", func(m *phone.Message) { m.Status = phone.MessageSending }, "Sending…", false},
		{"delivered", func(*phone.Message) {}, "Delivered", false},
		{"failed", func(m *phone.Message) {
			m.Status, m.Cause = phone.MessageFailed, &cause.Cause{Kind: cause.MessageNotSupported, To: "bob"}
		}, "Not sent: The phone of bob takes no messages", true},
		{"failed, nobody knows why", func(m *phone.Message) { m.Status = phone.MessageFailed }, "Not sent", true},
		{"no address", func(m *phone.Message) { m.Status, m.URI = phone.MessageFailed, "" }, "Not sent", false},
		{
			"the program ended", func(m *phone.Message) { m.Status = phone.MessageUnknown },
			"Not known whether it arrived",
			true,
		},
		{"not on disk", func(m *phone.Message) { m.Kept = false }, "Not kept on this computer", false},
		{
			"came, and is not on disk", func(m *phone.Message) { came(m); m.Kept = false },
			"Not kept on this computer", false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, said(7, "hello", c.change))
			p := d.talk("bob@x")
			d.took()
			if got := all(p.Object()); !strings.Contains(got, c.want) || !strings.Contains(got, "hello") {
				t.Errorf("%q is not told in\n%s", c.want, got)
			}
			if again := strings.Contains(buttons(p.Object()), "Send again"); again != c.again {
				t.Errorf("can be sent again: %t", again)
			}
			if c.again {
				uitest.Press(t, p.Object(), "Send again")
				d.expect("resend 7")
			}
		})
	}
}

func buttons(o fyne.CanvasObject) string {
	var words []string
	for _, b := range uitest.LaidOut[*widget.Button](o) {
		words = append(words, b.AccessibilityLabel())
	}
	return strings.Join(words, "\n")
}

// TestMessagesAreReadWhenTheyAreSeen: by whoever has the window before him, once for each.
func TestMessagesAreReadWhenTheyAreSeen(t *testing.T) {
	d := newDesk(t, said(1, "a", came), said(2, "b", came))
	d.looked = false
	p := d.talk("bob@x")
	d.expect()
	d.looked = true
	p.Look()
	p.Look()
	d.expect("read office bob@x 2")
	d.MessageMemory = phone.NewMessageMemory(said(1, "a", came), said(2, "b", came), said(3, "c", came))
	s := d.state()
	s.Messages.Revision = 9
	p.Update(s, time.Now())
	d.finish()
	p.Update(s, time.Now())
	d.finish()
	d.expect("read office bob@x 3")
}

// TestWhatIsTypedIsSent to whom the last message was exchanged with, or as typed; nothing empty is sent.
func TestWhatIsTypedIsSent(t *testing.T) {
	for _, c := range []struct {
		name, typed, want string
		before            []phone.Message
	}{
		{"to nobody yet", "Hello", `send office bob "Hello"`, nil},
		{"an answer", "Hello", `reply office sip:bob@x "Hello"`, []phone.Message{said(1, "x")}},
		{
			"to the last address", "Hello", `reply office sip:bob@x;line=2 "Hello"`,
			[]phone.Message{said(1, "x"), said(2, "y", func(m *phone.Message) { m.URI = "sip:bob@x;line=2" })},
		},
		{"lines", " two\nlines ", `reply office sip:bob@x "two\nlines"`, []phone.Message{said(1, "x")}},
		{"nothing", "  \n ", "", []phone.Message{said(1, "x")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, c.before...)
			p := d.talk("bob@x")
			p.text.SetText(c.typed)
			p.text.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			if c.want == "" {
				d.expect()
				return
			}
			d.expect(c.want)
			if p.text.Text != "" {
				t.Errorf("%q stays", p.text.Text)
			}
		})
	}
}

// TestOldMessagesComeByTheStep: never all of them, none left out, and back to the newest.
func TestOldMessagesComeByTheStep(t *testing.T) {
	var some []phone.Message
	for i := range int64(450) {
		some = append(some, said(i+1, fmt.Sprint("text ", i+1)))
	}
	d := newDesk(t, some...)
	p := d.talk("bob@x")
	seen := map[int64]bool{}
	steps := 0
	for {
		if len(p.shown) > mostRows || len(p.bubbles.Objects) != len(p.shown) {
			t.Fatalf("%d rows, %d drawn", len(p.shown), len(p.bubbles.Objects))
		}
		for _, m := range p.shown {
			seen[m.ID] = true
		}
		if p.older.Hidden {
			break
		}
		test.Tap(p.older)
		d.finish()
		steps++
	}
	if len(seen) != len(some) || steps > 10 {
		t.Errorf("%d of %d seen, in %d steps", len(seen), len(some), steps)
	}
	test.Tap(p.newest)
	d.finish()
	if n := len(p.shown); n != pageRows || p.shown[n-1].ID != 450 || !p.newest.Hidden {
		t.Errorf("%d rows", n)
	}
}

// TestTheListOfConversations: contacts by name with their address, others by address, the last line, and how many are
// unread; a press opens.
func TestTheListOfConversations(t *testing.T) {
	for _, c := range []struct {
		name, title, line string
		unread            int
		change            func(*phone.Message)
	}{
		{"a contact", "Bob Marsh", "bob · You: hi", 0, func(m *phone.Message) { m.Name = "Bob Marsh" }},
		{"a stranger", "bob", "hi", 1, func(m *phone.Message) { came(m); m.Claims = "The Bank" }},
		{"not sent", "bob", "Not sent: hi", 0, func(m *phone.Message) { m.Status = phone.MessageFailed }},
		{"lines", "bob", "You: one", 0, func(m *phone.Message) { m.Text = "\n one \ntwo" }},
		{"hostile", "bob", "xy", 1, func(m *phone.Message) { came(m); m.Text = "x\u202ey" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, said(1, "hi", c.change))
			l := d.list()
			row := uitest.LaidOut[*widget.Row](l.Object())[0]
			if row.Title() != c.title || strings.TrimSpace(row.Line()) != c.line || row.Count() != c.unread {
				t.Errorf("%q, %q, %d", row.Title(), row.Line(), row.Count())
			}
			test.Tap(row)
			d.expect("open office bob@x")
		})
	}
}

// TestWhatCannotBeReadIsSaid, and what is shown stays.
func TestWhatCannotBeReadIsSaid(t *testing.T) {
	d := newDesk(t, said(1, "hi"))
	l, p := d.list(), d.talk("bob@x")
	d.fails = errors.New("disk")
	s := d.state()
	s.Messages.Revision = 9
	for _, page := range []interface {
		Update(phone.State, time.Time)
		Object() fyne.CanvasObject
	}{l, p} {
		page.Update(s, time.Now())
		d.finish()
		d.win.SetContent(page.Object())
		if got := all(page.Object()); !strings.Contains(got, "cannot be read now") {
			t.Errorf("told is %s", got)
		}
	}
	if len(p.shown) != 1 || len(l.shown) != 1 {
		t.Error("what was there is gone")
	}
	actions := p.Actions()
	d.win.SetContent(actions)
	test.Tap(uitest.LaidOut[*widget.Button](actions)[0])
	d.finish()
	d.expect("ask Delete the conversation with bob?", "delete office bob@x", "error The messages could not be deleted")
	d.fails = nil
	test.Tap(uitest.LaidOut[*widget.Button](actions)[0])
	d.finish()
	d.expect("ask Delete the conversation with bob?", "delete office bob@x", "leave")
	test.Tap(l.forget)
	d.finish()
	d.expect("ask Delete all messages?", "delete all")
}

func TestANewMessageNeedsSomebody(t *testing.T) {
	d := newDesk(t)
	l := d.list()
	if got := all(l.Object()); !strings.Contains(got, "will be listed here") {
		t.Errorf("told is %s", got)
	}
	l.to.OnSubmitted("")
	if l.field.Bad() == "" {
		t.Error("nobody is written to")
	}
	l.to.SetText(" carol ")
	l.to.OnSubmitted("carol")
	d.expect("open office carol")
}

// TestATextGoesTheWayOfItsFirstStrongLetter (Unicode Standard Annex 9, rules P2 and P3).
func TestATextGoesTheWayOfItsFirstStrongLetter(t *testing.T) {
	for text, want := range map[string]bool{
		"hello": false, "שלום": true, "مرحبا hello": true, "hello مرحبا": false, "123 - مرحبا": true, "12:30 👋": false,
		"": false, "«שלום»": true, "ࠀ": true, "１２ 日本": false, "\u0660 hello": false,
	} {
		t.Run(text, func(t *testing.T) {
			if rightToLeft(text) != want {
				t.Errorf("right to left: %t", !want)
			}
		})
	}
}
