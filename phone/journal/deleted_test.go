package journal

import (
	"database/sql"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestWhatIsDeletedLeavesTheLogThoughSomebodyReadsIt: as soon as that has an end.
func TestWhatIsDeletedLeavesTheLogThoughSomebodyReadsIt(t *testing.T) {
	const secret = "Rumpelstilzchen"
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		j, _ := open(t, dir)
		defer j.Close()
		record(t, j, call(secret, "4711", time.Now()))
		flush(t, j)
		other, err := sql.Open("sqlite", source(j.path(), "mode=rw"))
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		tx, err := other.Begin()
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM calls").Scan(&n); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if err := j.DeleteCalls(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := names(t, j, CallQuery{}); got != "" {
			t.Errorf("there still is %q", got)
		}
		if !holds(t, dir, strings.ToLower(secret)) {
			t.Fatal("nobody reads")
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * retryTime)
		synctest.Wait()
		if holds(t, dir, strings.ToLower(secret)) {
			t.Error("it is still there")
		}
	})
}

// TestAClockThatIsNotSetDeletesNothingAtOnce: where nothing would be left of the history for its age, it may be the
// clock that is wrong. It goes at the next look.
func TestAClockThatIsNotSetDeletesNothingAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		j, _ := open(t, dir)
		record(t, j, call("Bob", "4711", time.Now()))
		flush(t, j)
		j.Close()
		time.Sleep(40 * 24 * time.Hour)
		j, s := opened(t, Options{Dir: dir, KeepDays: 30})
		flush(t, j)
		if got := names(t, j, CallQuery{}); got != "Bob" {
			t.Errorf("at once %q", got)
		}
		time.Sleep(2 * tidyTime)
		s.until(t, "gone", func(Counts, []*Trouble) bool { return names(t, j, CallQuery{}) == "" })
		j.Close()
	})
}
