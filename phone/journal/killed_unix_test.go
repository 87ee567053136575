//go:build unix

package journal

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"calla/phone/cause"
)

// victim is the environment variable by which this test's program becomes the one that is killed.
const victim = "CALLA_TEST_JOURNAL"

// TestKilledWhileCallsEndAndMessagesArrive: whenever the program is killed, no row is lost that anybody was shown,
// and the file is whole.
//
// CALLA_SOAK=1 kills it 300 times.
func TestKilledWhileCallsEndAndMessagesArrive(t *testing.T) {
	if dir := os.Getenv(victim); dir != "" {
		live(t, dir)
	}
	kills := 5
	if os.Getenv("CALLA_SOAK") != "" {
		kills = 300
	}
	dir := t.TempDir()
	shown := map[string]bool{}
	for range kills {
		for _, line := range killed(t, dir, 5+rand.IntN(30)) {
			shown[line] = true
		}
	}
	j, s := opened(t, Options{Dir: dir, Sends: true})
	sound(t, j)
	conversations(t, j)
	there := map[string]bool{}
	for q := (CallQuery{Limit: mostRows}); ; {
		page, more, err := j.Calls(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			there[fmt.Sprint("call ", c.ID, " ", c.Note)] = true
			q.Before = c.ID
		}
		if !more {
			break
		}
	}
	for q := (MessageQuery{Limit: mostRows}); ; {
		page, more, err := j.Messages(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			there[fmt.Sprint("message ", m.ID, " ", m.Text)] = true
			if m.Delivery == Delivered {
				there[fmt.Sprint("delivered ", m.ID)] = true
			}
			if !m.Unread {
				there[fmt.Sprint("read ", m.ID)] = true
			}
			if m.Delivery == Sending {
				t.Errorf("the message %d is still being sent", m.ID)
			}
		}
		if !more {
			break
		}
		q.Before = page[0].ID
	}
	for row := range shown {
		if !there[row] {
			t.Errorf("lost: %s", row)
		}
	}
	if len(shown) < 2*kills { // most lines show rows that others have shown
		t.Errorf("only %d rows were shown", len(shown))
	}
	t.Logf("killed %d times; %d rows were shown, %d are there", kills, len(shown), len(there))
	if len(s.faults()) > 0 {
		t.Errorf("told %v", s.trouble)
	}
}

// conversations wants each conversation to end with its newest message.
func conversations(t *testing.T, j *Journal) {
	t.Helper()
	all, _, err := j.Conversations(t.Context(), 0, mostRows)
	if err != nil || len(all) < 2 {
		t.Errorf("%d conversations, %v", len(all), err)
	}
	for _, c := range all {
		page, _, err := j.Messages(t.Context(), MessageQuery{AccountID: "a", Person: c.Last.Person, Limit: 1})
		if err != nil || len(page) != 1 || page[0].ID != c.Last.ID {
			t.Errorf("a conversation ends with %d, not %+v, %v", c.Last.ID, page, err)
		}
	}
}

// killed runs the victim, kills it some time after it has shown so many rows, and returns those that it has shown.
func killed(t *testing.T, dir string, after int) []string {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestKilledWhileCallsEndAndMessagesArrive$")
	c.Env = append(os.Environ(), victim+"="+dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var shown []string
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			break
		}
		shown = append(shown, strings.TrimSuffix(line, "\n"))
		if len(shown) == after {
			time.AfterFunc(time.Duration(rand.IntN(5000))*time.Microsecond, func() { _ = c.Process.Kill() })
		}
	}
	_, _ = io.Copy(io.Discard, in)
	_ = c.Wait()
	if len(shown) < after {
		t.Fatalf("it ended by itself: %q", shown)
	}
	return shown
}

// live records calls while messages arrive, changes and deletes some, and shows what is there, until it is killed.
func live(t *testing.T, dir string) {
	j := Open(Options{Dir: dir, KeepDays: 1000, Sends: true})
	var print sync.Mutex
	go arrive(t, j, &print)
	done := 0
	for i := 0; ; i++ {
		now := time.Now()
		c := call("Caller", strconv.Itoa(1000+i), now)
		c.Note, c.Outcome, c.Cause = "kept "+strconv.Itoa(i), Missed, cause.Cause{Kind: cause.Missed}
		if _, err := j.Record(c); err != nil {
			t.Error(err)
		}
		gone := record(t, j, call("Gone", "1", now.Add(-time.Hour)))
		m := Message{AccountID: "a", Address: strconv.Itoa(i % 7), Text: "text " + strconv.Itoa(i), At: now}
		id, err := j.AddMessage(m, nil)
		if err != nil {
			t.Error(err)
		}
		if i%3 > 0 {
			_ = j.SettleMessage(id, Delivered, nil)
		}
		if err := j.DeleteCall(t.Context(), gone); err != nil {
			t.Error(err)
		}
		calls, _, err := j.Calls(t.Context(), CallQuery{Text: "kept", Limit: i - done + 1})
		if err != nil {
			t.Error(err)
		}
		print.Lock()
		for _, c := range calls {
			fmt.Println("call", c.ID, c.Note)
		}
		print.Unlock()
		show(t, j, &print, MessageQuery{Limit: i - done + 1})
		done = i + 1
	}
}

// arrive has messages come in from one more person, and be read.
func arrive(t *testing.T, j *Journal, print *sync.Mutex) {
	for i := 0; ; i++ {
		m := Message{
			AccountID: "a", Address: "dave", Text: "in " + strconv.Itoa(i), At: time.Now(),
			Incoming: true, Unread: true, Delivery: Delivered,
		}
		kept := make(chan error, 1)
		id, err := j.AddMessage(m, func(_ int64, err error) { kept <- err })
		if err == nil {
			err = <-kept
		}
		if err == nil && i%2 == 0 {
			err = j.MarkRead("a", "dave", id)
		}
		if err != nil {
			t.Error(err)
		}
		show(t, j, print, MessageQuery{Person: "dave", Limit: 3})
	}
}

// show shows messages and what is told of them.
func show(t *testing.T, j *Journal, print *sync.Mutex, q MessageQuery) {
	messages, _, err := j.Messages(t.Context(), q)
	if err != nil {
		t.Error(err)
	}
	print.Lock()
	defer print.Unlock()
	for _, m := range messages {
		fmt.Println("message", m.ID, m.Text)
		if m.Delivery == Delivered {
			fmt.Println("delivered", m.ID)
		}
		if !m.Unread {
			fmt.Println("read", m.ID)
		}
	}
}
