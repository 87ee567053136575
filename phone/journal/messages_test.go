package journal

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"calla/phone/cause"
)

// said adds messages, a second after each other from noon on, and returns their IDs by their texts.
func said(t testing.TB, j *Journal, all ...Message) map[string]int64 {
	t.Helper()
	ids := map[string]int64{}
	for i, m := range all {
		if m.At.IsZero() {
			m.At = noon().Add(time.Duration(i) * time.Second)
		}
		id, err := j.AddMessage(m, nil)
		if err != nil {
			t.Fatal(err)
		}
		ids[m.Text] = id
	}
	return ids
}

func incoming(account, address, text string) Message {
	return Message{
		AccountID: account, Address: address, Incoming: true, Unread: true, Delivery: Delivered, Text: text,
		Type: "text/plain",
	}
}

func TestMessagesAreKeptByConversation(t *testing.T) {
	dir := t.TempDir()
	j, s := open(t, dir)
	ids := said(t, j, incoming("a", "bob", "1"), Message{AccountID: "a", Address: "Bob", Text: "2"},
		incoming("b", "bob", "3"), Message{AccountID: "a", Address: "carol", Text: "4"}, incoming("a", "BOB", "5"))
	why := cause.Cause{Kind: cause.MessageNoAnswer, To: "carol"}
	err := errors.Join(j.SettleMessage(ids["2"], Delivered, nil), j.SettleMessage(ids["4"], Undelivered, &why))
	if err != nil {
		t.Fatal(err)
	}
	s.until(t, "unread", func(c Counts, _ []*Trouble) bool { return c.Unread == 3 && c.Messages >= 7 })
	j.Close()
	j, s = open(t, dir)
	threads, more, err := j.Conversations(t.Context(), 0, 2)
	if err != nil || !more || len(threads) != 2 || threads[0].Unread != 2 || threads[0].Last.Text != "5" ||
		threads[0].Last.Type != "text/plain" || threads[1].Last.Address != "carol" {
		t.Errorf("%+v %v %v", threads, more, err)
	}
	if c := threads[1].Last; c.Delivery != Undelivered || c.Cause == nil || cmp.Diff(why, *c.Cause) != "" ||
		c.Settled.IsZero() {
		t.Errorf("%+v", c)
	}
	threads, more, err = j.Conversations(t.Context(), threads[1].Last.ID, 2)
	if err != nil || more || len(threads) != 1 || threads[0].Last.AccountID != "b" {
		t.Errorf("%+v %v %v", threads, more, err)
	}
	page, more, err := j.Messages(t.Context(), MessageQuery{AccountID: "a", Person: "bob", Limit: 2})
	if err != nil || !more || len(page) != 2 || page[0].Text != "2" || page[0].Delivery != Delivered ||
		page[1].Text != "5" || !page[1].At.Equal(noon().Add(4*time.Second)) {
		t.Errorf("%+v %v %v", page, more, err)
	}
	page, more, err = j.Messages(t.Context(), MessageQuery{AccountID: "a", Person: "bob", Before: page[0].ID})
	if err != nil || more || len(page) != 1 || page[0].Text != "1" {
		t.Errorf("%+v %v %v", page, more, err)
	}
	if err := j.MarkRead("a", "bob", ids["1"]); err != nil {
		t.Fatal(err)
	}
	s.until(t, "read as far as it was seen", func(c Counts, _ []*Trouble) bool { return c.Unread == 2 })
	if err := j.DeleteConversation(t.Context(), "a", "bob"); err != nil {
		t.Fatal(err)
	}
	if page, _, err := j.Messages(t.Context(), MessageQuery{}); err != nil || len(page) != 2 {
		t.Errorf("%+v %v", page, err)
	}
}

// TestMessagesAreFound by what was said, by names and by numbers in any spelling, among those of a conversation or all.
func TestMessagesAreFound(t *testing.T) {
	j, _ := open(t, t.TempDir())
	said(t, j, incoming("a", "+49 30 1234567", "Das Päckchen ist da"), incoming("a", "bob", "Call 112 now"),
		Message{AccountID: "a", Address: "bob", Text: "parcels, all of them"}, incoming("b", "bob", "Ärger im Büro 👋"),
		Message{AccountID: "a", Address: "carol", Name: "Carol", Text: "-"})
	flush(t, j)
	for _, c := range []struct {
		name string
		ask  MessageQuery
		want string
	}{
		{"a word's beginning", MessageQuery{Text: "parc"}, "parcels, all of them"},
		{"without accents", MessageQuery{Text: "packchen"}, "Das Päckchen ist da"},
		{"a number", MessageQuery{Text: "030 1234567"}, "Das Päckchen ist da"},
		{"digits that were said", MessageQuery{Text: "112"}, "Call 112 now"},
		{"a name", MessageQuery{Text: "CAROL"}, "-"},
		{"an account's", MessageQuery{Text: "bob", AccountID: "b"}, "Ärger im Büro 👋"},
		{"unread", MessageQuery{Text: "bob", Unread: true}, "Call 112 now|Ärger im Büro 👋"},
		{"a person's", MessageQuery{Person: "bob", AccountID: "a"}, "Call 112 now|parcels, all of them"},
		{"nothing to be found by", MessageQuery{Text: "\"* OR"}, ""},
		{"nobody", MessageQuery{Text: "zebra"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			page, _, err := j.Messages(t.Context(), c.ask)
			var texts []string
			for _, m := range page {
				texts = append(texts, m.Text)
			}
			if got := strings.Join(texts, "|"); err != nil || got != c.want {
				t.Errorf("found %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// TestWhatWasUnderWayIsNotKnownAfterwards: a program that begins finds messages whose sender has ended; those of its
// own are not touched.
func TestWhatWasUnderWayIsNotKnownAfterwards(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir)
	ids := said(t, j, Message{Text: "under way", Address: "x"},
		Message{Text: "there", Address: "x", Delivery: Delivered},
		Message{Text: "refused", Address: "x", Delivery: Undelivered}, incoming("", "x", "came"),
		Message{Text: "settled", Address: "x"})
	if err := j.SettleMessage(ids["settled"], Delivered, nil); err != nil {
		t.Fatal(err)
	}
	j.Close()
	j, _ = opened(t, Options{Dir: dir, Sends: true})
	said(t, j, Message{Text: "new", Address: "x", At: time.Now()})
	flush(t, j)
	want := map[string]Delivery{
		"under way": Unknown, "there": Delivered, "refused": Undelivered, "came": Delivered, "settled": Delivered,
		"new": Sending,
	}
	page, _, err := j.Messages(t.Context(), MessageQuery{})
	if err != nil || len(page) != len(want) {
		t.Fatalf("%+v, %v", page, err)
	}
	for _, m := range page {
		if m.Delivery != want[m.Text] {
			t.Errorf("%s: %d, want %d", m.Text, m.Delivery, want[m.Text])
		}
	}
}

// TestAMessageIsSettledThoughItsIDWasTaken: the clock was set back to the very microsecond of another message.
func TestAMessageIsSettledThoughItsIDWasTaken(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir)
	said(t, j, Message{Text: "first", Address: "x"})
	j.Close()
	j, _ = open(t, dir)
	ids := said(t, j, Message{Text: "second", Address: "x"})
	if err := j.SettleMessage(ids["second"], Delivered, nil); err != nil {
		t.Fatal(err)
	}
	flush(t, j)
	page, _, err := j.Messages(t.Context(), MessageQuery{})
	if err != nil || len(page) != 2 || page[0].Text != "first" || page[0].Delivery != Sending ||
		page[1].Delivery != Delivered {
		t.Errorf("%+v, %v", page, err)
	}
}

// TestWhoAddsAMessageIsToldWhetherItIsKept, once, whatever is the matter with the file.
func TestWhoAddsAMessageIsToldWhetherItIsKept(t *testing.T) {
	newer := fmt.Sprintf("PRAGMA user_version = %d", version()+1)
	for name, c := range map[string]struct {
		spoil func(t *testing.T, path string) (mend func())
		kept  bool
	}{
		"well": {func(*testing.T, string) func() { return nil }, true},
		"damaged": {func(t *testing.T, path string) func() {
			write(t, path, []byte("x"))
			return nil
		}, true},
		"newer": {func(t *testing.T, path string) func() { ask(t, path, newer); return nil }, false},
		"locked": {func(t *testing.T, path string) func() {
			db, err := sql.Open("sqlite", source(path))
			if err != nil {
				t.Fatal(err)
			}
			db.SetMaxOpenConns(1)
			if _, err := db.Exec("BEGIN EXCLUSIVE"); err != nil {
				t.Fatal(err)
			}
			return func() { _ = db.Close() }
		}, true},
		"gone": {func(t *testing.T, path string) func() {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			return nil
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, path := filled(t, 1)
			mend := c.spoil(t, path)
			j, s := open(t, dir)
			told := make(chan error, 2)
			if _, err := j.AddMessage(incoming("a", "bob", "hello"), func(_ int64, err error) {
				if err == nil && j.Counts().Unread != 1 {
					err = errors.New("not counted yet")
				}
				told <- err
			}); err != nil {
				t.Fatal(err)
			}
			if mend != nil {
				s.until(t, "locked", func(_ Counts, all []*Trouble) bool { return len(all) > 0 })
				mend()
			}
			if err := <-told; (err == nil) != c.kept {
				t.Errorf("told %v", err)
			}
			j.Close()
			if len(told) > 0 {
				t.Error("told twice")
			}
		})
	}
}

// TestAFileOfVersion1IsUpgraded with what is in it, also when its last program was killed.
func TestAFileOfVersion1IsUpgraded(t *testing.T) {
	for name, sentences := range map[string][]string{
		"empty": nil,
		"messages": {
			"INSERT INTO messages VALUES (1000, 'a', 'Bob', 'sip:bob@x', 'Bob', 1, 'hello', 1, 1, '')",
			"INSERT INTO conversations VALUES ('a', 'Bob', 'Bob', 1000)",
		},
		"two spellings": {
			"INSERT INTO messages VALUES (900, 'a', 'BOB', 'sip:bob@x', '', 1, 'before', 0, 1, '')",
			"INSERT INTO messages VALUES (1000, 'a', 'bob', 'sip:bob@x', '', 1, 'hello', 1, 1, '')",
			"INSERT INTO conversations VALUES ('a', 'BOB', '', 900), ('a', 'bob', '', 1000)",
		},
		"odd text": {
			"INSERT INTO messages VALUES (1000, 'a', 'bob', '', '', 1, " +
				"'hello ''\"; --' || char(10, 8238, 128512), 1, 1, '')",
			"INSERT INTO conversations VALUES ('a', 'bob', '', 1000)",
		},
		"many": {
			"INSERT INTO messages VALUES (1000, 'a', 'bob', '', '', 1, 'hello', 1, 1, '')",
			"INSERT INTO conversations VALUES ('a', 'bob', '', 1000)",
			`INSERT INTO messages WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 900)
				SELECT i, 'b', 'carol', '', '', 0, 'text', 0, 1, '' FROM n`,
			"INSERT INTO conversations VALUES ('b', 'carol', '', 900)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, FileName)
			ask(t, path, append([]string{
				"PRAGMA journal_mode = wal", steps()[0].text,
				fmt.Sprintf("PRAGMA application_id = %d", application), "PRAGMA user_version = 1",
			}, sentences...)...)
			j, s := open(t, dir)
			flush(t, j)
			if len(s.faults()) > 0 {
				t.Fatalf("told %v", s.trouble)
			}
			sound(t, j)
			threads, _, err := j.Conversations(t.Context(), 0, 0)
			found, _, _ := j.Messages(t.Context(), MessageQuery{Text: "hello", AccountID: "a", Person: "bob"})
			if len(sentences) > 0 && (err != nil || len(threads) == 0 || threads[0].Unread != 1 ||
				threads[0].Last.Person != "bob" || len(found) != 1 || found[0].ID != threads[0].Last.ID) {
				t.Errorf("%+v, %v; found %+v", threads, err, found)
			}
			if name == "many" && threads[1].Last.ID != 900 {
				t.Errorf("the other ends with %+v", threads[1].Last)
			}
		})
	}
}

// TestADeletedMessageLeavesAConversationThatEndsBefore it, or none.
func TestADeletedMessageLeavesAConversationThatEndsBefore(t *testing.T) {
	j, _ := open(t, t.TempDir())
	ids := said(t, j, incoming("a", "bob", "1"), incoming("a", "bob", "2"), incoming("a", "carol", "3"))
	for _, c := range []struct{ remove, want string }{{"2", "3 1"}, {"3", "1"}, {"1", ""}} {
		if err := j.DeleteMessage(t.Context(), ids[c.remove]); err != nil {
			t.Fatal(err)
		}
		var last []string
		all, _, err := j.Conversations(t.Context(), 0, 0)
		for _, v := range all {
			last = append(last, v.Last.Text)
		}
		if got := strings.Join(last, " "); err != nil || got != c.want {
			t.Errorf("without %s: %q, %v", c.remove, got, err)
		}
	}
	if err := j.DeleteMessage(t.Context(), 7); !errors.Is(err, ErrNoRow) {
		t.Errorf("one that is not there: %v", err)
	}
}

// TestMessagesThatAreTooOldGo in steps, and their conversations with them.
func TestMessagesThatAreTooOldGo(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir)
	err := j.do(t.Context(), job{do: func(tx *sql.Tx) error {
		var err error
		for i := 0; i < mostForgotten+5 && err == nil; i++ {
			m := incoming("a", "old", "x")
			m.At = time.Now().AddDate(0, 0, -40).Add(time.Duration(i) * time.Microsecond)
			m.ID = j.newID(m.At)
			_, err = j.insert(tx, m)
		}
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	m := incoming("a", "new", "y")
	m.At = time.Now()
	said(t, j, m)
	flush(t, j)
	j.Close()
	j, s := opened(t, Options{Dir: dir, KeepDays: 30})
	s.until(t, "forgotten", func(c Counts, _ []*Trouble) bool { return c.Unread == 1 })
	all, _, err := j.Conversations(t.Context(), 0, 0)
	if err != nil || len(all) != 1 || all[0].Last.Text != "y" {
		t.Errorf("%+v, %v", all, err)
	}
}
