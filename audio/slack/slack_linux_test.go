//go:build cgo

package slack

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestEachThreadMayWakeLate: Go's own, which were there before any code of ours, and those that begin later.
func TestEachThreadMayWakeLate(t *testing.T) {
	const want = 1000000
	ours := make(chan int)
	for range 5 {
		go func() {
			runtime.LockOSThread() // which ends with it: each has a thread of its own
			late, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
			if err != nil {
				t.Error(err)
			}
			ours <- late
		}()
		if late := <-ours; late != want {
			t.Errorf("a thread of ours may be %d ns late", late)
		}
	}
	all, err := os.ReadDir("/proc/self/task")
	if err != nil || len(all) < 2 {
		t.Fatal(all, err)
	}
	for _, thread := range all {
		switch late, err := os.ReadFile("/proc/" + thread.Name() + "/timerslack_ns"); {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ESRCH): // it has ended
		case errors.Is(err, fs.ErrPermission):
			t.Skip("other threads are told to root alone")
		case err != nil:
			t.Error(err)
		case strings.TrimSpace(string(late)) != "1000000":
			t.Errorf("thread %s may be %s ns late", thread.Name(), late)
		}
	}
}
