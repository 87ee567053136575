package journal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"calla/phone/cause"
)

func TestACallIsFoundAsItWasRecorded(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir)
	want := call("Bob", "bob", noon())
	want.Cause = cause.Cause{
		Kind: cause.NetworkCut, Detail: "Q.850 41", Status: 200,
		Because: &cause.Cause{Kind: cause.NetworkFault, Q850: 41},
	}
	want.After, want.Recording, want.Note, want.Seen = ",,12#", "/home/a/call.wav", "asks for\nan offer", true
	want.Quality = Quality{LossPercent: 1.5, Jitter: 3 * time.Millisecond, RoundTrip: 40 * time.Millisecond}
	want.Timeline = []Moment{{noon().Add(time.Second), Rang, ""}, {noon().Add(time.Minute), Transferred, "Carol"}}
	want.ID = record(t, j, want)
	flush(t, j)
	j.Close()
	j, _ = open(t, dir)
	got, err := j.Call(t.Context(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	sameTime := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
	if diff := cmp.Diff(want, got, sameTime); diff != "" {
		t.Error(diff)
	}
	if _, err := j.Call(t.Context(), want.ID+1); !errors.Is(err, ErrNoRow) {
		t.Errorf("a call that is not there: %v", err)
	}
}

func TestPagesFollowEachOther(t *testing.T) {
	j, _ := open(t, t.TempDir())
	var want []string
	for i := range 23 { // three begin in the same microsecond
		c := call(fmt.Sprintf("n%02d", i), "bob", noon().Add(time.Duration(i/3)*time.Second))
		if i%2 == 0 {
			c.Outcome = Missed
		}
		record(t, j, c)
		want = append([]string{c.Name}, want...)
	}
	flush(t, j)
	for name, q := range map[string]CallQuery{
		"all": {}, "text": {Text: "bob"}, "person": {Person: Person("BOB")}, "missed": {Outcome: Missed},
		"missed and text": {Outcome: Missed, Text: "n"}, "account's": {Text: "bob", Person: "bob"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for q.Limit = 5; ; {
				page, more, err := j.Calls(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range page {
					got = append(got, c.Name)
					q.Before = c.ID
				}
				if !more {
					break
				}
			}
			all := want
			if q.Outcome == Missed {
				all = nil
				for i := 0; i < len(want); i += 2 {
					all = append(all, want[i])
				}
			}
			if diff := cmp.Diff(all, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPagesGoBothWays: what came before a page is found from its first call, in the same order.
func TestPagesGoBothWays(t *testing.T) {
	j, _ := open(t, t.TempDir())
	for i := range 23 {
		c := call(fmt.Sprintf("n%02d", i), "bob", noon().Add(time.Duration(i)*time.Second))
		c.Incoming = i%3 != 0
		if i%5 == 0 {
			c.Recording = "/tmp/x.wav"
		}
		record(t, j, c)
	}
	flush(t, j)
	for name, v := range map[string]struct {
		q    CallQuery
		want int
	}{
		"all": {CallQuery{}, 23}, "text": {CallQuery{Text: "bob"}, 23}, "in": {CallQuery{Way: CameIn}, 15},
		"out": {CallQuery{Way: WentOut}, 8}, "recorded": {CallQuery{Recorded: true}, 5},
		"recorded that came in, by name": {CallQuery{Recorded: true, Way: CameIn, Text: "n"}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			v.q.Limit = 100
			all, more, err := j.Calls(t.Context(), v.q)
			if err != nil || more || len(all) != v.want {
				t.Fatal(len(all), more, err)
			}
			v.q.Limit, v.q.After = 2, all[len(all)-1].ID
			back := []Call{all[len(all)-1]}
			for more := true; more; {
				var page []Call
				if page, more, err = j.Calls(t.Context(), v.q); err != nil || len(page) == 0 {
					t.Fatal(len(page), err)
				}
				back = append(page, back...)
				v.q.After = page[0].ID
			}
			if diff := cmp.Diff(all, back); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSearchFindsByWhatIsTyped(t *testing.T) {
	j, _ := open(t, t.TempDir())
	for i, c := range []Call{
		call("berlin", "+49 30 123456", noon()),
		call("dialled", "0049301234", noon()),
		call("national", "030/123-99", noon()),
		call("Zoë Müller", "zoe@example.org", noon()),
		call("田中太郎", "4711", noon()),
		call("🎉party", "sip:party@example.com", noon()),
		call("percent", `100%_"x'y`, noon()),
		call("מוקד", "97", noon()),
	} {
		c.Began = noon().Add(time.Duration(i) * time.Second)
		if c.Name == "percent" {
			c.Note = "offer for Wilson, 17.5 %"
		}
		record(t, j, c)
	}
	flush(t, j)
	for typed, want := range map[string]string{
		"+49 30 123": "national dialled berlin", "0049 (30) 123": "national dialled berlin",
		"030 123": "national dialled berlin", "030123": "national dialled berlin",
		"30-123": "national dialled berlin", "123456": "berlin", "٣٠١٢٣": "national dialled berlin",
		"+49": "dialled berlin",
		"4":   "田中太郎 dialled berlin", "47": "田中太郎", "471": "田中太郎", "711": "田中太郎", "97": "מוקד",
		"muller": "Zoë Müller", "ZOE MÜL": "Zoë Müller", "mül zo": "Zoë Müller", "zoe@exa": "Zoë Müller",
		"example": "🎉party Zoë Müller", "田中": "田中太郎", "🎉": "🎉party", "wils offer": "percent",
		"17.5":     "percent",
		"answered": "", "opus": "", "nobody": "", "\"": "", "*": "", "' OR 1=1 --": "", "NEAR(": "", "name:": "",
		"\x00": "", "\xff\xfe": "", "-": "", "מוק": "מוקד", `100%_"`: "percent", "AND": "", "NOT berlin": "",
	} {
		if got := names(t, j, CallQuery{Text: typed}); got != want {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
	if got := names(t, j, CallQuery{Text: strings.Repeat("a ", 1<<20)}); got != "" {
		t.Errorf("a flood of words finds %q", got)
	}
}

func TestHostileTextIsKeptAndNothingElse(t *testing.T) {
	long := strings.Repeat("x", 64<<10)
	for name, text := range map[string]string{
		"bidi":          "evil\u202egpj.exe",
		"control":       "a\x1b[31m\r\nb\x07",
		"NUL":           "a\x00b",
		"not UTF-8":     "a\xff\xfe\xc0b",
		"64 KiB":        long,
		"format string": "%s%n%v%!d(MISSING)",
		"SQL":           `'); DROP TABLE calls; --`,
		"FTS":           `" OR name:* NEAR(x y) ^`,
		"marks":         "é" + strings.Repeat("\u0301", 10000),
		"surrogates":    "\xed\xa0\x80",
	} {
		t.Run(name, func(t *testing.T) {
			j, _ := open(t, t.TempDir())
			c := call(text, text, noon())
			c.URI, c.Note, c.Codec, c.Account, c.AccountID = text, text, text, text, text
			c.After, c.Recording = text, text
			c.Cause.Phrase, c.Cause.Detail, c.Outcome = text, text, Missed
			for range mostMoments + 5 {
				c.Timeline = append(c.Timeline, Moment{noon(), Transferred, text})
			}
			id := record(t, j, c)
			m := Message{AccountID: text, Address: text, Name: text, URI: text, Text: text, At: noon(), Unread: true}
			m.Incoming = true
			if _, err := j.AddMessage(m, nil); err != nil {
				t.Fatal(err)
			}
			flush(t, j)
			got, err := j.Call(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(got.Name) + len(got.Address) + len(got.URI) + len(got.Cause.Detail); n > 64<<10 {
				t.Errorf("%d bytes are kept", n)
			}
			if got.URI != "" && got.URI != text {
				t.Errorf("the URI %.50q is another", got.URI)
			}
			if got.Cause.Kind != cause.HungUpThere {
				t.Errorf("the cause is %q", got.Cause.Kind)
			}
			if _, _, err := j.Calls(t.Context(), CallQuery{Text: text}); err != nil {
				t.Errorf("searched: %v", err)
			}
			if v, _, err := j.Conversations(t.Context(), 0, 0); err != nil || len(v) != 1 || v[0].Unread != 1 {
				t.Errorf("conversations %+v, %v", v, err)
			}
			sound(t, j)
		})
	}
}

// sound lets SQLite and FTS5 look at the whole file.
func sound(t testing.TB, j *Journal) {
	t.Helper()
	err := j.do(t.Context(), job{do: func(tx *sql.Tx) error {
		var said string
		if err := tx.QueryRow("PRAGMA integrity_check").Scan(&said); err != nil || said != "ok" {
			return fmt.Errorf("%s, %w", said, err)
		}
		for _, table := range []string{"calls_text", "contacts_text", "messages_text"} {
			_, err := tx.Exec("INSERT INTO " + table + "(" + table + ", rank) VALUES ('integrity-check', 1)")
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
		}
		return nil
	}})
	if err != nil {
		t.Error(err)
	}
}

func TestMissedCallsCountUntilLookedAt(t *testing.T) {
	dir := t.TempDir()
	j, s := open(t, dir)
	for i, o := range []Outcome{Missed, Answered, Elsewhere, Declined, Missed, Blocked, Refused, Unanswered, Failed} {
		c := call("x", "bob", noon().Add(time.Duration(i)*time.Second))
		c.Outcome = o
		record(t, j, c)
	}
	s.until(t, "two missed", func(c Counts, _ []*Trouble) bool { return c.Missed == 2 && c.Calls >= 9 })
	flush(t, j)
	j.Close()
	j, s = open(t, dir)
	s.until(t, "two missed after a restart", func(c Counts, _ []*Trouble) bool { return c.Missed == 2 })
	if err := j.MarkSeen(); err != nil {
		t.Fatal(err)
	}
	s.until(t, "none", func(c Counts, _ []*Trouble) bool { return c.Missed == 0 })
}

func TestNotesAreFoundAndChanged(t *testing.T) {
	j, _ := open(t, t.TempDir())
	id := record(t, j, call("Bob", "bob", noon()))
	for _, note := range []string{"asks for an offer", "has it", ""} {
		if err := j.SetNote(t.Context(), id, note); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, j, CallQuery{Text: "offer"}); got != "" {
		t.Errorf("an old note finds %q", got)
	}
	if err := j.SetNote(t.Context(), id, "calls again"); err != nil {
		t.Fatal(err)
	}
	if got := names(t, j, CallQuery{Text: "again"}); got != "Bob" {
		t.Errorf("the note finds %q", got)
	}
	if err := j.SetNote(t.Context(), 5, "x"); !errors.Is(err, ErrNoRow) {
		t.Errorf("the note of no call: %v", err)
	}
	if err := j.SetRecording(t.Context(), id, "/tmp/x.wav"); err != nil {
		t.Error(err)
	}
	sound(t, j)
}

func TestNothingOfWhatIsDeletedStaysInTheFile(t *testing.T) {
	const secret = "Rumpelstilzchen"
	for name, remove := range map[string]func(*Journal, context.Context, int64) error{
		"one call":  func(j *Journal, ctx context.Context, id int64) error { return j.DeleteCall(ctx, id) },
		"all calls": func(j *Journal, ctx context.Context, _ int64) error { return j.DeleteCalls(ctx) },
		"a contact": func(j *Journal, ctx context.Context, id int64) error { return j.DeleteContact(ctx, id) },
		"contacts":  func(j *Journal, ctx context.Context, _ int64) error { return j.DeleteContacts(ctx) },
		"a note":    func(j *Journal, ctx context.Context, id int64) error { return j.SetNote(ctx, id, "") },
		"a thread": func(j *Journal, ctx context.Context, _ int64) error {
			return j.DeleteConversation(ctx, "a", "b")
		},
		"messages":          func(j *Journal, ctx context.Context, _ int64) error { return j.DeleteMessages(ctx) },
		"a message":         func(j *Journal, ctx context.Context, id int64) error { return j.DeleteMessage(ctx, id) },
		"for age":           func(j *Journal, _ context.Context, _ int64) error { j.SetKeepDays(1); return nil },
		"messages, for age": func(j *Journal, _ context.Context, _ int64) error { j.SetKeepDays(1); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j, s := open(t, dir)
			s.until(t, "open", func(c Counts, _ []*Trouble) bool { return c.Calls > 0 })
			filler := make([]Contact, 60)
			for i := range filler {
				filler[i] = Contact{Name: fmt.Sprint("Filler ", i), Addresses: addresses(fmt.Sprint(1000+i), "")}
			}
			if _, err := j.SaveContacts(t.Context(), filler); err != nil {
				t.Fatal(err)
			}
			old := time.Now().AddDate(-1, 0, 0)
			var id int64
			var err error
			switch name {
			case "a contact", "contacts":
				id = keep(t, j, Contact{Organisation: secret, Addresses: addresses(secret+"@x", "")}).ID
			case "messages", "a thread", "a message", "messages, for age":
				id, err = j.AddMessage(Message{AccountID: "a", Address: "b", Name: secret, Text: secret, At: old}, nil)
			case "a note":
				id = record(t, j, call("Bob", "bob", noon()))
				err = j.SetNote(t.Context(), id, secret)
			default:
				id = record(t, j, call(secret, secret+"@x", old))
			}
			if err != nil {
				t.Fatal(err)
			}
			flush(t, j)
			if !holds(t, dir, strings.ToLower(secret)) {
				t.Fatal("it never was there")
			}
			if err := remove(j, t.Context(), id); err != nil {
				t.Fatal(err)
			}
			flush(t, j)
			j.Close() // what is small may be in the log until then
			if holds(t, dir, strings.ToLower(secret)) {
				t.Error("it is still there")
			}
			j, _ = open(t, dir)
			sound(t, j)
		})
	}
}

// holds tells whether a file of a folder has a text, in small letters.
func holds(t testing.TB, dir, text string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(bytes.ToLower(b), []byte(text)) {
			return true
		}
	}
	return false
}

func TestWhatIsTooOldGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := open(t, t.TempDir())
		for i := range 10 {
			record(t, j, call(fmt.Sprint("d", i), "bob", time.Now().AddDate(0, 0, -i).Add(-time.Hour)))
		}
		flush(t, j)
		j.SetKeepDays(5)
		flush(t, j)
		if got := names(t, j, CallQuery{}); got != "d0 d1 d2 d3 d4" { // d5 is older by an hour
			t.Errorf("kept %s", got)
		}
		time.Sleep(49 * time.Hour)
		s.until(t, "older", func(Counts, []*Trouble) bool { return names(t, j, CallQuery{}) == "d0 d1 d2" })
		j.SetKeepDays(0)
		time.Sleep(1000 * time.Hour)
		if got := names(t, j, CallQuery{}); got != "d0 d1 d2" {
			t.Errorf("kept for ever: %s", got)
		}
		j.Close()
	})
}

func TestARecorderNeverWaits(t *testing.T) {
	j, s := open(t, t.TempDir())
	held, release := make(chan struct{}), make(chan struct{})
	if err := j.post(job{do: func(*sql.Tx) error { close(held); <-release; return nil }}); err != nil {
		t.Fatal(err)
	}
	<-held
	refused := 0
	for i := range queuedJobs + 50 {
		if _, err := j.Record(call("x", "bob", noon().Add(time.Duration(i)))); errors.Is(err, ErrBusy) {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	close(release)
	if refused != 50 {
		t.Errorf("%d were refused", refused)
	}
	s.until(t, "told", func(_ Counts, all []*Trouble) bool { return len(all) == 1 && all[0].Fault == FaultTooMuch })
	j.Close()
	if _, err := j.Record(call("x", "bob", noon())); !errors.Is(err, ErrClosed) {
		t.Errorf("recorded after the end: %v", err)
	}
	if _, _, err := j.Calls(t.Context(), CallQuery{}); !errors.Is(err, ErrClosed) {
		t.Errorf("read after the end: %v", err)
	}
	if err := j.DeleteCalls(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("deleted after the end: %v", err)
	}
}
