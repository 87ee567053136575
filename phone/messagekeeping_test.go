package phone

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
	"calla/phone/contacts"
	"calla/phone/journal"
)

// page is the newest messages of all conversations.
func (p *testPhone) page(q MessageQuery) []Message {
	p.t.Helper()
	page, _, err := p.Messages(p.t.Context(), q)
	if err != nil {
		p.t.Fatal(err)
	}
	return page
}

// onDisk waits until all messages of this run are on disk.
func (p *testPhone) onDisk() {
	p.t.Helper()
	p.until("on disk", func(s State) bool { return s.Messages.Any && s.Messages.NotKept == 0 })
}

// comes has a message come in.
func (p *testPhone) comes(from, text string) {
	p.t.Helper()
	a, err := sip.ParseAddress(from)
	if err != nil {
		p.t.Fatal(err)
	}
	p.loop.Do(func() {
		p.messageCame(p.lines[0].agent, &netsip.Message{From: a, Body: []byte(text), At: time.Now()})
	})
}

// texts are what messages say, with where they stand.
func texts(all []Message) string {
	var said []string
	for _, m := range all {
		mark := map[MessageStatus]string{MessageSending: "…", MessageSent: "", MessageFailed: "!", MessageUnknown: "?"}
		text := m.Text + mark[m.Status]
		if m.Unread {
			text += "*"
		}
		said = append(said, text)
	}
	return strings.Join(said, " ")
}

// TestMessagesOutliveTheProgram as they were: with their state, and unread where nobody had seen them.
func TestMessagesOutliveTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		dir := t.TempDir()
		alice := w.phone("alice", keeping(dir))
		w.phone("bob")
		alice.SendMessage("", "bob", "arrives")
		alice.until("sent", func(State) bool { return last(alice).Status == MessageSent })
		alice.SendMessage("", "nobody", "fails")
		alice.until("failed", func(State) bool { return last(alice).Status == MessageFailed })
		alice.comes(`"Bob" <sip:bob@sandbox.invalid>`, "seen")
		alice.until("come", func(s State) bool { return s.Messages.Unread == 1 })
		alice.MarkRead("alice", last(alice).Party, last(alice).ID)
		alice.until("read", func(s State) bool { return s.Messages.Unread == 0 })
		alice.comes("sip:carol@elsewhere.example", "new")
		w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("MESSAGE"), Drop: true, Times: 1})
		alice.SendMessage("", "bob", "under-way")
		alice.onDisk()
		const before = "arrives fails! seen new* under-way"
		if got := texts(alice.page(MessageQuery{})); got != before+"…" {
			t.Errorf("before: %s", got)
		}
		alice.Close()
		again := w.phone("alice", keeping(dir))
		again.until("counted", func(s State) bool { return s.Messages.Unread == 1 && s.Messages.Any })
		if got := texts(again.page(MessageQuery{})); got != before+"?" {
			t.Errorf("afterwards: %s", got)
		}
		failed := again.page(MessageQuery{Party: "nobody@sandbox.invalid"})
		if len(failed) != 1 || failure(failed[0]) != "nobody is not known or not online" || failed[0].Settled.IsZero() {
			t.Errorf("failed: %+v", failed)
		}
		if n := len(again.Recent()); n != 0 {
			t.Errorf("%d messages of this run", n)
		}
		threads, more, err := again.Conversations(t.Context(), 0, 2)
		if err != nil || !more || len(threads) != 2 || threads[0].Last.Text != "under-way" || threads[1].Unread != 1 ||
			threads[1].Last.Address != "carol@elsewhere.example" {
			t.Errorf("%+v %t %v", threads, more, err)
		}
	})
}

// TestWhatIsNotKnownCanBeSentAgain, and what failed: it stays the same message, in its place, on disk as well.
func TestWhatIsNotKnownCanBeSentAgain(t *testing.T) {
	for name, c := range map[string]struct {
		restarts bool
		drops    bool
		status   int
	}{
		"failed":                    {status: 480},
		"refused":                   {status: 603},
		"failed before":             {status: 480, restarts: true},
		"under way":                 {drops: true, restarts: true},
		"refused before a restart":  {status: 403, restarts: true},
		"not supported, then it is": {status: 405},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				dir := t.TempDir()
				alice, bob := w.phone("alice", keeping(dir)), w.phone("bob")
				fault := sandbox.Fault{Match: sandbox.Received("MESSAGE"), Times: 1, Status: c.status, Drop: c.drops}
				w.server.Faults().Add(fault)
				alice.SendMessage("", "bob", "hello")
				alice.until("settled", func(State) bool { return c.drops || last(alice).Status == MessageFailed })
				alice.onDisk()
				if c.restarts {
					alice.Close()
					alice = w.phone("alice", keeping(dir))
					alice.until("counted", func(s State) bool { return s.Messages.Any })
				}
				m := alice.page(MessageQuery{})[0]
				alice.Resend(m)
				alice.Resend(m)
				bob.until("came", func(s State) bool { return s.Messages.Unread == 1 })
				for limit := time.Now().Add(time.Minute); ; time.Sleep(time.Second) {
					if got := texts(alice.page(MessageQuery{})); got == "hello" {
						break
					} else if time.Now().After(limit) {
						t.Fatalf("there are %s", got)
					}
				}
				if n := len(bob.Recent()); n != 1 {
					t.Errorf("it came %d times", n)
				}
			})
		})
	}
}

// TestMessagesGoOnInMemoryWhereTheFileIsOfNoUse: they come, go, are read and counted, say that they are not kept, and a
// notice tells why.
func TestMessagesGoOnInMemoryWhereTheFileIsOfNoUse(t *testing.T) {
	write := func(t *testing.T, dir string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, journal.FileName), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		spoil  func(t *testing.T, dir string) string // which folder is the profile's then
		notice string
		kept   bool
	}{
		"newer": {func(t *testing.T, dir string) string {
			j := journal.Open(journal.Options{Dir: dir})
			if _, _, err := j.Calls(t.Context(), journal.CallQuery{}); err != nil {
				t.Fatal(err)
			}
			j.Close()
			b, err := os.ReadFile(filepath.Join(dir, journal.FileName))
			if err != nil {
				t.Fatal(err)
			}
			b[63] = 250 // PRAGMA user_version
			write(t, dir, b)
			return dir
		}, "written by a newer Calla", false},
		"damaged": {func(t *testing.T, dir string) string {
			write(t, dir, bytes.Repeat([]byte("x"), 5000))
			return dir
		}, "damaged and begin anew", true},
		"no folder": {func(t *testing.T, dir string) string {
			write(t, dir, nil)
			return filepath.Join(dir, journal.FileName, "profile")
		}, "cannot be written", false},
		"a link in a circle": {func(t *testing.T, dir string) string {
			loop := filepath.Join(dir, "loop")
			if err := os.Symlink(loop, loop); err != nil {
				t.Skip(err)
			}
			return loop
		}, "cannot be written", false},
		"cut short": {
			func(t *testing.T, dir string) string { write(t, dir, []byte("SQLite")); return dir },
			"damaged and begin anew", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice", keeping(c.spoil(t, t.TempDir())))
				w.phone("bob")
				alice.until("told", func(s State) bool {
					return slices.ContainsFunc(s.Notices, func(n Notice) bool {
						return strings.Contains(tell(n.Cause).Title, c.notice)
					})
				})
				alice.SendMessage("", "bob", "out")
				alice.until("sent", func(State) bool { return last(alice).Status == MessageSent })
				alice.comes("sip:bob@sandbox.invalid", "in")
				alice.comes("sip:carol@sandbox.invalid", "and in")
				alice.until("counted", func(s State) bool { return s.Messages.Unread == 2 })
				if c.kept {
					alice.onDisk()
				}
				bobs := MessageQuery{AccountID: "alice", Party: "bob@sandbox.invalid"}
				if got := texts(alice.page(bobs)); got != "out in*" {
					t.Errorf("with bob: %s", got)
				}
				for _, m := range alice.page(MessageQuery{}) {
					if m.Kept != c.kept {
						t.Errorf("kept: %+v", m)
					}
				}
				threads, _, err := alice.Conversations(t.Context(), 0, 0)
				if err != nil || len(threads) != 2 || threads[0].Last.Text != "and in" || threads[1].Unread != 1 {
					t.Errorf("%+v, %v", threads, err)
				}
				alice.MarkRead("alice", bobs.Party, last(alice).ID)
				alice.until("read", func(s State) bool { return s.Messages.Unread == 1 })
				if err := alice.DeleteMessages(t.Context()); (err == nil) != c.kept {
					t.Errorf("deleted: %v", err)
				}
				if got := alice.page(MessageQuery{}); len(got) > 0 {
					t.Errorf("still there: %s", texts(got))
				}
			})
		})
	}
}

// TestDeletedMessagesAreGone wherever they are: in memory, in the file, and from the counts.
func TestDeletedMessagesAreGone(t *testing.T) {
	const bob = "bob@sandbox.invalid"
	for name, c := range map[string]struct {
		do   func(p *testPhone) error
		left string
	}{
		"all": {func(p *testPhone) error { return p.DeleteMessages(p.t.Context()) }, ""},
		"a conversation": {func(p *testPhone) error {
			return p.DeleteConversation(p.t.Context(), "alice", bob)
		}, "c1*"},
		"in the file": {func(p *testPhone) error { return p.Journal().DeleteMessages(p.t.Context()) }, ""},
		"one in the file": {func(p *testPhone) error {
			return p.Journal().DeleteMessage(p.t.Context(), p.page(MessageQuery{Party: bob})[0].ID)
		}, "c1* b2*"},
		"for age": {func(p *testPhone) error {
			s := p.Settings()
			s.KeepDays = 1
			time.Sleep(25 * time.Hour)
			p.SaveSettings(s, nil)
			return nil
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				dir := t.TempDir()
				alice := w.phone("alice", keeping(dir))
				for _, m := range []struct{ from, text string }{
					{"sip:" + bob, "b1"}, {"sip:carol@sandbox.invalid", "c1"}, {"sip:" + bob, "b2"},
				} {
					alice.comes(m.from, m.text)
					time.Sleep(time.Millisecond)
				}
				alice.onDisk()
				if err := c.do(alice); err != nil {
					t.Fatal(err)
				}
				unread := len(strings.Fields(c.left))
				alice.until("counted", func(s State) bool { return s.Messages.Unread == unread })
				if got := texts(alice.page(MessageQuery{})); got != c.left {
					t.Errorf("left: %q, want %q", got, c.left)
				}
				alice.Close()
				if again := w.phone("alice", keeping(dir)); texts(again.page(MessageQuery{})) != c.left {
					t.Errorf("afterwards: %q", texts(again.page(MessageQuery{})))
				}
			})
		})
	}
}

// TestPagesOfMessagesHaveEachOnce: of what is on disk, in memory or in both, however long a page is.
func TestPagesOfMessagesHaveEachOnce(t *testing.T) {
	row := func(id int64) journal.Message { return journal.Message{ID: id, Person: "bob", Unread: true} }
	held := func(id int64, kept bool) Message { return Message{ID: id, Party: "bob", Kept: kept, Unread: true} }
	for _, c := range []struct {
		name   string
		rows   []int64
		recent []Message
		q      MessageQuery
		more   bool
		want   string
	}{
		{"on disk alone", []int64{1, 2}, nil, MessageQuery{}, false, "1 2"},
		{"in memory alone", nil, []Message{held(1, false), held(2, false)}, MessageQuery{}, false, "1- 2-"},
		{"both", []int64{1, 2}, []Message{held(2, true), held(3, false)}, MessageQuery{}, false, "1 2 3-"},
		{"just written", []int64{1, 2}, []Message{held(2, false)}, MessageQuery{}, false, "1 2"},
		{"deleted there", []int64{1}, []Message{held(2, true)}, MessageQuery{}, false, "1"},
		{"an older page", []int64{1, 2}, []Message{held(7, false)}, MessageQuery{Before: 3}, false, "1 2"},
		{"behind the page", []int64{5, 6}, []Message{held(2, false)}, MessageQuery{Limit: 2}, true, "5 6+"},
		{"more than a page", []int64{5, 6}, []Message{held(7, false)}, MessageQuery{Limit: 2}, false, "6 7-+"},
		{"another's", []int64{1}, []Message{{ID: 2, Party: "carol"}}, MessageQuery{Party: "bob"}, false, "1"},
		{
			"read meanwhile",
			[]int64{1, 2},
			[]Message{{ID: 2, Party: "bob", Kept: true}},
			MessageQuery{Unread: true},
			false,
			"1",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var rows []journal.Message
			for _, id := range c.rows {
				rows = append(rows, row(id))
			}
			page, more := merged(rows, c.recent, c.q, c.more)
			var ids []string
			for _, m := range page {
				id := fmt.Sprint(m.ID)
				if !m.Kept {
					id += "-"
				}
				ids = append(ids, id)
			}
			got := strings.Join(ids, " ")
			if more {
				got += "+"
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestNamesOfMessagesAreContactsAlone: what somebody calls himself is told apart, and follows the contacts.
func TestNamesOfMessagesAreContactsAlone(t *testing.T) {
	for _, c := range []struct{ name, from, want, claims string }{
		{"a contact", `"Mallory" <sip:bob@sandbox.invalid>`, "Bob Miller", ""},
		{"in capitals", `<sip:BOB@sandbox.invalid>`, "Bob Miller", ""},
		{"a contact's name", `"Bob Miller" <sip:eve@elsewhere.example>`, "", "Bob Miller"},
		{"a stranger", `"Eve" <sip:eve@elsewhere.example>`, "", "Eve"},
		{"nameless", "<sip:eve@elsewhere.example>", "", ""},
		{"same user elsewhere", `"x" <sip:bob@elsewhere.example>`, "", "x"},
		{"hidden", `"Anonymous" <sip:anonymous@anonymous.invalid>`, "", "Anonymous"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice", keeping(t.TempDir()))
				miller := journal.ContactFor(contacts.Contact{
					Name: "Bob Miller", Addresses: []contacts.Address{{Text: "bob@sandbox.invalid"}},
				})
				_, err := alice.Journal().SaveContacts(t.Context(), []journal.Contact{miller})
				if err != nil {
					t.Fatal(err)
				}
				alice.comes(c.from, "hi")
				alice.until("known", func(State) bool { return !last(alice).Finding })
				alice.onDisk()
				for _, m := range []Message{last(alice), alice.page(MessageQuery{})[0]} {
					if m.Name != c.want || m.Claims != c.claims {
						t.Errorf("%q, claims %q", m.Name, m.Claims)
					}
				}
				if _, err := alice.Journal().SaveContact(t.Context(), journal.ContactFor(contacts.Contact{
					Name: "Eve Adams", Addresses: []contacts.Address{{Text: "eve@elsewhere.example"}},
				})); err != nil {
					t.Fatal(err)
				}
				threads, _, err := alice.Conversations(t.Context(), 0, 0)
				if eve := strings.Contains(c.from, "eve@"); err != nil || eve && threads[0].Last.Name != "Eve Adams" {
					t.Errorf("then %+v, %v", threads, err)
				}
			})
		})
	}
}

// TestAConversationIsOnePartyHoweverItIsWritten, and two parties are two.
func TestAConversationIsOnePartyHoweverItIsWritten(t *testing.T) {
	for _, c := range []struct {
		name string
		from [2]string
		same bool
	}{
		{"capitals of the host", [2]string{"sip:bob@example.com", "sip:bob@EXAMPLE.com"}, true},
		{"capitals of the user", [2]string{"sip:bob@example.com", "sip:Bob@example.com"}, true},
		{"default port", [2]string{"sip:bob@example.com", "sip:bob@example.com:5060"}, true},
		{"parameters", [2]string{"sip:bob@example.com", "sip:bob@example.com;transport=ws;line=7"}, true},
		{"secure", [2]string{"sip:bob@example.com", "sips:bob@example.com"}, true},
		{"separators", [2]string{"sip:+49-30-1234567@example.com", "sip:+49301234567@example.com"}, true},
		{"escapes", [2]string{"sip:bob@example.com", "sip:b%6fb@example.com"}, true},
		{"names", [2]string{`"Bob" <sip:bob@example.com>`, `"Robert" <sip:bob@example.com>`}, true},
		{"other host", [2]string{"sip:bob@example.com", "sip:bob@example.org"}, false},
		{"other port", [2]string{"sip:bob@example.com", "sip:bob@example.com:5070"}, false},
		{"other user", [2]string{"sip:bob@example.com", "sip:bobby@example.com"}, false},
		{"hidden and not", [2]string{"sip:bob@example.com", "sip:anonymous@anonymous.invalid"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice", keeping(t.TempDir()))
				alice.comes(c.from[0], "1")
				time.Sleep(time.Millisecond)
				alice.comes(c.from[1], "2")
				alice.onDisk()
				threads, _, err := alice.Conversations(t.Context(), 0, 0)
				if err != nil || (len(threads) == 1) != c.same {
					t.Errorf("%+v, %v", threads, err)
				}
			})
		})
	}
}

// TestDialRulesHoldForMessages that are typed, as for calls; who wrote is answered as he wrote.
func TestDialRulesHoldForMessages(t *testing.T) {
	for _, c := range []struct{ name, rule, typed, want string }{
		{"the number changes", "9 -> 47", "911 1", "sip:47111@sandbox.invalid"},
		{"a link", "+ -> 00", "tel:+49301", "sip:0049301@sandbox.invalid"},
		{"no rule fits", "+ -> 00", "47119", "sip:47119@sandbox.invalid"},
		{"a user", "-> 0", "nobody", "sip:nobody@sandbox.invalid"},
		{"a full address", "4 -> 5", "sip:4712@sandbox.invalid", "sip:4712@sandbox.invalid"},
		{"elsewhere", "4 -> 5", "4712@elsewhere.example", "sip:4712@elsewhere.example"},
		{"digits for after an answer", "4 -> 5", "4712,,12", ""},
		{"nothing left", "/4712/ -> +", "4712", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.configured("alice", func(set *config.Config) { set.Calla.DialRules = []string{c.rule} })
				alice.SendMessage("", c.typed, "hi")
				alice.until("settled", func(State) bool { return last(alice).Status == MessageFailed })
				m := last(alice)
				if m.URI != c.want || m.Cause == nil {
					t.Errorf("sent to %q: %+v", m.URI, m.Cause)
				}
				if read := alice.ReadDialled("alice", c.typed); c.want != "" && read.To.URI.String() != m.URI {
					t.Errorf("a call goes to %s", read.To.URI)
				}
				if party, _ := alice.Correspondent("alice", c.typed); party != m.Party {
					t.Errorf("it is in %q, and the page shows %q", m.Party, party)
				}
				if c.want == "" {
					return
				}
				alice.Reply("alice", m.URI, "again")
				alice.until("settled", func(State) bool {
					return last(alice).ID != m.ID && last(alice).Status == MessageFailed
				})
				if again := last(alice); again.URI != m.URI || again.Party != m.Party {
					t.Errorf("answered to %s", again.URI)
				}
			})
		})
	}
}
