//go:build cgo

package malgo

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"calla/audio"
)

// openFiles counts the descriptors that this process has open.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("files: ", err)
	}
	return len(entries)
}

// lists tells whether the host has PulseAudio's device in its list.
func lists(t *testing.T, h *Host, name string) bool {
	t.Helper()
	list, _ := h.Devices(within(t))
	_, found := audio.FindDevice(list.Playback, "", name)
	return found
}

// TestBackendThatReturnsIsTakenUpAgain: the host as people have it, which takes the first backend that works. While
// PulseAudio is away that may be bare ALSA.
//
// Holds: sound-returns
func TestBackendThatReturnsIsTakenUpAgain(t *testing.T) {
	p := startPulse(t)
	dir := os.Getenv("HOME")
	p.exit()
	for _, v := range []struct {
		name  string
		looks int  // for devices while the server is away
		open  bool // a device is open when it goes
		tries int  // to open one while it is away
		times int
	}{
		{"not looked at while it is away", 0, false, 0, 1},
		{"looked at while it is away", 3, false, 0, 1},
		{"away before the first look", 1, false, 0, 1},
		{"a device was open", 1, true, 0, 1},
		{"opening tried while it is away", 1, false, 3, 1},
		{"in a call, tried while it is away", 2, true, 2, 1},
		{"gone three times", 2, true, 1, 3},
	} {
		t.Run(v.name, func(t *testing.T) {
			h := newHost(t, "")
			for range v.times {
				stop := p.start(dir)
				var s audio.Stream
				if v.open {
					var err error
					if s, err = h.OpenPlayback(within(t), "", audio.NewRing(4)); err != nil {
						t.Fatal(err)
					}
				}
				if v.name != "away before the first look" && !lists(t, h, "Second") {
					t.Fatal("PulseAudio's devices are not listed")
				}
				stop()
				_ = os.Remove(filepath.Join(dir, "native"))
				if s != nil {
					select {
					case <-s.Lost():
					case <-within(t).Done():
						t.Fatal("the loss was not noticed")
					}
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				}
				for range v.looks {
					if lists(t, h, "Second") {
						t.Error("devices of a dead server are listed")
					}
				}
				for range v.tries {
					if s, err := h.OpenPlayback(within(t), "", audio.NewRing(4)); err == nil {
						_ = s.Close()
					}
				}
				stop = p.start(dir)
				if !lists(t, h, "Second") {
					t.Fatal("the server is back, its devices are not listed")
				}
				again, err := h.OpenPlayback(within(t), "", audio.NewRing(4))
				if err != nil {
					t.Fatal(err)
				}
				if name := again.Device().Name; name != "First" && name != "Second" {
					t.Errorf("opened %q", name)
				}
				if err := again.Close(); err != nil {
					t.Error(err)
				}
				stop()
				_ = os.Remove(filepath.Join(dir, "native"))
			}
		})
	}
}

// TestLookingForABackendThatIsAwayLeavesNothing: a phone on a machine without PulseAudio looks for it as long as it
// runs.
//
// Holds: sound-returns
func TestLookingForABackendThatIsAwayLeavesNothing(t *testing.T) {
	t.Setenv("PULSE_SERVER", "unix:"+filepath.Join(t.TempDir(), "native"))
	t.Setenv("HOME", t.TempDir())
	h := newHost(t, "")
	_, _ = h.Devices(within(t))
	files, goroutines, threads := openFiles(t), runtime.NumGoroutine(), threadCount(t)
	for range 200 {
		_, _ = h.Devices(within(t))
	}
	deadline := time.Now().Add(patience)
	for runtime.NumGoroutine() > goroutines && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, %d before", n, goroutines)
	}
	if n := openFiles(t); n > files {
		t.Errorf("%d files, %d before", n, files)
	}
	// Go's own threads come and go with what blocks; those of a context that is left behind would be 200.
	if n := threadCount(t); n > threads+20 {
		t.Errorf("%d threads, %d before", n, threads)
	}
}

// threadCount counts the threads of this process.
func threadCount(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Skip("threads: ", err)
	}
	return len(entries)
}
