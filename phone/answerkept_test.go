package phone

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calla/phone/journal"
)

// held has somebody else keep a journal from being written, until free is called.
func held(t *testing.T, dir string) (free func()) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, journal.FileName))
	if err == nil {
		db.SetMaxOpenConns(1)
		_, err = db.Exec("BEGIN IMMEDIATE")
	}
	if err != nil {
		t.Error(err)
		return func() {}
	}
	return func() {
		if _, err := db.Exec("ROLLBACK"); err != nil {
			t.Error(err)
		}
		_ = db.Close()
	}
}

// TestAMessageIsAnsweredWhenItIsOnDisk, so that a program that is killed has lost none that the other side takes for
// arrived; a disk that hangs or takes nothing is waited for half a second, and then it shows that it is not kept.
func TestAMessageIsAnsweredWhenItIsOnDisk(t *testing.T) {
	const most = 500 * time.Millisecond
	for _, c := range []struct {
		name     string
		messages int
		slow     bool          // the disk is, by the clock on the wall: SQLite waits by that
		held     time.Duration // the disk is, from before they are sent
		spoilt   bool          // nothing can be written at all
		least    time.Duration // until the first is answered
		kept     bool          // when all are answered
		later    bool          // they are, in the end
	}{
		{"one", 1, false, 0, false, 0, true, true},
		{"a hundred", 100, false, 0, false, 0, true, true},
		{"the disk is slow", 1, true, 0, false, 0, true, true},
		{"the disk is slow, and there are many", 20, true, 0, false, 0, true, true},
		{"the disk hangs", 1, false, 10 * time.Second, false, most, false, true},
		{"the disk hangs, and there are a hundred", 100, false, 10 * time.Second, false, most, false, true},
		{"the disk takes nothing", 3, false, 0, true, 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			begun := make(chan struct{})
			var written atomic.Bool // can be, by then
			var ended sync.WaitGroup
			if c.slow {
				ended.Go(func() {
					<-begun
					free := held(t, dir)
					begun <- struct{}{}
					time.Sleep(200 * time.Millisecond)
					written.Store(true)
					free()
				})
			}
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				if c.spoilt {
					file := filepath.Join(dir, "file")
					if err := os.WriteFile(file, nil, 0o600); err != nil {
						t.Fatal(err)
					}
					dir = filepath.Join(file, "profile")
				}
				alice, bob := w.phone("alice", keeping(dir)), w.phone("bob")
				synctest.Wait()
				if c.slow {
					begun <- struct{}{}
					<-begun
				}
				if c.held > 0 {
					free := held(t, dir)
					time.AfterFunc(c.held, free)
				}
				began := time.Now()
				for i := range c.messages {
					bob.SendMessage("", "alice", fmt.Sprint("text ", i))
				}
				settled := func(n int) func(State) bool {
					return func(State) bool {
						for _, m := range bob.Recent() {
							if m.Status == MessageFailed {
								t.Fatalf("refused: %+v", m.Cause)
							}
							if m.Status == MessageSent {
								n--
							}
						}
						return n <= 0
					}
				}
				bob.until("answered", settled(1))
				if c.slow && !written.Load() {
					t.Error("answered before it can have been written")
				}
				if first := time.Since(began); first < c.least || first > most+50*time.Millisecond {
					t.Errorf("the first is answered after %v", first)
				}
				bob.until("all answered", settled(c.messages))
				if all := time.Since(began); all > most+50*time.Millisecond {
					t.Errorf("all are answered after %v", all)
				}
				synctest.Wait()
				if n := alice.State().Messages.NotKept; (n == 0) != c.kept || !c.kept && n != c.messages {
					t.Errorf("%d are told not to be kept", n)
				}
				time.Sleep(20 * time.Second)
				synctest.Wait()
				if n := alice.State().Messages.NotKept; (n == 0) != c.later {
					t.Errorf("%d are told not to be kept in the end", n)
				}
				if got, _, err := alice.Messages(t.Context(), MessageQuery{Limit: 500}); len(got) != c.messages {
					t.Errorf("%d messages, %v", len(got), err)
				}
			})
			ended.Wait()
		})
	}
}

// TestAMessageThatComesWhileThePhoneEndsIsToBeSentAgain: nobody would see it.
func TestAMessageThatComesWhileThePhoneEndsIsToBeSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice", keeping(t.TempDir())), w.phone("bob")
		alice.loop.Do(func() { alice.closing = true })
		bob.SendMessage("", "alice", "hello")
		bob.until("settled", func(State) bool { return last(bob).Status == MessageFailed })
		alice.loop.Do(func() { alice.closing = false })
		if n := len(alice.Recent()); n != 0 {
			t.Errorf("%d came", n)
		}
	})
}
