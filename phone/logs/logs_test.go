package logs

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// logged reads the lines of a file.
func logged(t *testing.T, path string) []Line {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var lines []Line
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		var l Line
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v", s.Bytes(), err)
		}
		lines = append(lines, l)
	}
	return lines
}

// eventually waits for a condition in real time.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("never: %s", what)
		}
	}
}

func unixOnly(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("runs programs that Windows does not have")
	}
}

func TestAccountsShareALogFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var files Files
	fail := func(err error) { t.Errorf("told: %v", err) }
	var all sync.WaitGroup
	for round := range 3 { // closed and opened again
		for i := range 4 {
			o, release := files.open(path, fail)
			all.Go(func() {
				for n := range 100 {
					o.put(Line{Account: fmt.Sprint(round, i), Content: fmt.Sprint(n)})
				}
				release()
				release()
			})
		}
		all.Wait()
	}
	count := map[string]int{}
	for _, l := range logged(t, path) {
		if l.Content != fmt.Sprint(count[l.Account]) {
			t.Fatalf("%+v after %d lines", l, count[l.Account])
		}
		count[l.Account]++
	}
	if len(count) != 12 {
		t.Errorf("%v", count)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("%v, %v", info, err)
	}
}

func TestLogFileIsRotated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calla.log")
	var files Files
	o, release := files.open(path, func(err error) { t.Errorf("told: %v", err) })
	defer release()
	text := strings.Repeat("x", 1<<20)
	for range 11 {
		o.put(Line{Content: text})
		eventually(t, "line taken", func() bool { return o.waiting.Load() == 0 })
	}
	eventually(t, "an older file beside it", func() bool {
		entries, err := os.ReadDir(filepath.Dir(path))
		return err == nil && len(entries) == 2
	})
}

func TestLogFileThatCannotBeWrittenIsTold(t *testing.T) {
	unixOnly(t)
	for _, path := range []string{t.TempDir(), "/dev/null", "/dev/null/calla.log"} {
		told := make(chan error, 10)
		var files Files
		o, release := files.open(path, func(err error) { told <- err })
		o.put(Line{Content: "1"})
		o.put(Line{Content: "2"})
		if err := <-told; err == nil {
			t.Errorf("%s: told nothing", path)
		}
		release()
		if len(told) != 0 {
			t.Errorf("%s: told again: %v", path, <-told)
		}
	}
}

// TestFullQueueCountsWhatItDrops: in virtual time, in which whoever logs would stand still if it waited.
func TestFullQueueCountsWhatItDrops(t *testing.T) { synctest.Test(t, fillQueue) }

func fillQueue(t *testing.T) {
	release := make(chan struct{})
	var written bytes.Buffer
	o := newOutlet(func(_ context.Context, o *outlet) {
		<-release
		for {
			text, more := o.next(nil)
			if !more {
				return
			}
			written.Write(text)
		}
	})
	began := time.Now()
	for range queueLines + 7 {
		o.put(Line{Content: "x"})
	}
	for range 3 {
		o.put(Line{Content: strings.Repeat("x", queueBytes)})
	}
	if took := time.Since(began); took > 0 {
		t.Errorf("took %v", took)
	}
	close(release)
	o.close()
	if got := strings.Count(written.String(), "\n"); got != queueLines+1 ||
		!strings.Contains(written.String(), "lines dropped here: 10") {
		t.Errorf("%d lines, begins %.200s", got, written.String())
	}
}

func TestLogCommandIsStartedAgain(t *testing.T) {
	unixOnly(t)
	path := filepath.Join(t.TempDir(), "out")
	told := make(chan error, 100)
	o := newCommand([]string{"sh", "-c", `head -n 1 >>"$1"; exit 3`, "x", path}, func(err error) { told <- err })
	o.put(Line{Content: "first"})
	if err := <-told; err == nil || !strings.Contains(err.Error(), "sh: exit status 3") {
		t.Errorf("told %v", err)
	}
	o.put(Line{Content: "second"})
	eventually(t, "second line", func() bool { return len(logged(t, path)) == 2 })
	o.close()
	if lines := logged(t, path); lines[0].Content != "first" || lines[1].Content != "second" {
		t.Errorf("%v", lines)
	}
}

func TestLogCommandThatDoesNotReadHoldsUpNobody(t *testing.T) {
	unixOnly(t)
	o := newCommand([]string{"sleep", "1000"}, func(error) {})
	began := time.Now()
	for range 3 * queueLines {
		o.put(Line{Content: strings.Repeat("x", 1000)})
	}
	if took := time.Since(began); took > time.Minute { // the command takes 1000 s
		t.Errorf("logging took %v", took)
	}
	if o.dropped.Load() == 0 {
		t.Error("nothing was dropped")
	}
	o.close()
	select {
	case <-o.ended:
	default:
		t.Error("the command goes on")
	}
	if took := time.Since(began); took > time.Minute+4*endTime {
		t.Errorf("ended after %v", took)
	}
}
