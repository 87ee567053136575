package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// wavOf takes a file of two channels apart; its head has to be right.
func wavOf(t *testing.T, name string) (left, right []int16) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) < wavHeader || !bytes.Equal(b[:4], []byte("RIFF")) || binary.LittleEndian.Uint16(b[22:]) != 2 {
		t.Fatalf("%d octets: no WAV file of two channels", len(b))
	}
	size := int(binary.LittleEndian.Uint32(b[40:]))
	if size > len(b)-wavHeader || size%4 != 0 || int(binary.LittleEndian.Uint32(b[4:])) != size+wavHeader-8 {
		t.Fatalf("the head tells of %d octets, and there are %d", size, len(b)-wavHeader)
	}
	for i := wavHeader; i < wavHeader+size; i += 4 {
		left = append(left, int16(binary.LittleEndian.Uint16(b[i:])))
		right = append(right, int16(binary.LittleEndian.Uint16(b[i+2:])))
	}
	return left, right
}

func newCallFile(t *testing.T, failed func(error)) (*CallRecorder, *os.File) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "call.wav"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewCallRecorder(f, failed)
	if err != nil {
		t.Fatal(err)
	}
	return r, f
}

// TestCallRecorderKeepsTheNearSidesTime: each side is in its channel, whatever of the far side is missing, and what is
// said in a pause is in none.
func TestCallRecorderKeepsTheNearSidesTime(t *testing.T) {
	const seconds = 4
	each := func(i int) int { return i }
	for _, c := range []struct {
		name   string
		theirs func(frame int) int  // Frames of the far side by the time of this one of the near side
		pause  func(frame int) bool // nil = none
		length int                  // Frames in the file
		right  float64              // part of it in which the far side is heard, at least
	}{
		{"both", each, nil, 100 * seconds, 0.98},
		{"in bursts", func(i int) int { return i / 4 * 4 }, nil, 100 * seconds, 0.9},
		{"no far side", func(int) int { return 0 }, nil, 100 * seconds, 0},
		{
			"a far side that is away for a second", func(i int) int { return i - min(max(i-100, 0), 100) }, nil,
			100 * seconds, 0.7,
		},
		{"a far side that is too fast", func(i int) int { return i + i/50 }, nil, 100 * seconds, 0.95},
		{"a pause", each, func(i int) bool { return i >= 100 && i < 200 }, 100 * (seconds - 1), 0.97},
		{"a pause until the end", each, func(i int) bool { return i >= 100 }, 100, 0.9},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, f := newCallFile(t, nil)
			near, far := make(Frame, FrameSamples), make(Frame, FrameSamples)
			for i := range near {
				near[i], far[i] = 1000, 2000
			}
			for i, given := 0, 0; i < 100*seconds; i++ {
				for ; given < c.theirs(i); given++ {
					r.Theirs().Add(far)
				}
				r.SetPaused(c.pause != nil && c.pause(i))
				for r.recorder.ring.Room() < 2*FrameSamples { // the disk of a busy machine
					time.Sleep(time.Millisecond)
				}
				r.Own().Add(near)
			}
			if err := r.Close(); err != nil || r.Missing() != 0 {
				t.Fatalf("%v, %d missing", err, r.Missing())
			}
			left, right := wavOf(t, f.Name())
			if len(left) != c.length*FrameSamples {
				t.Errorf("%d samples, want %d", len(left), c.length*FrameSamples)
			}
			heard := 0
			for i := range left {
				if left[i] != 1000 || right[i] > 2000 || right[i] < 0 {
					t.Fatalf("sample %d: %d and %d", i, left[i], right[i])
				}
				if right[i] > 1900 {
					heard++
				}
			}
			if part := float64(heard) / float64(len(left)); part < c.right {
				t.Errorf("the far side is heard in %.3f", part)
			}
		})
	}
}

// TestRecordingOfAFailingDiskIsWholeAsFarAsItCame, and whoever waits for it is told once.
func TestRecordingOfAFailingDiskIsWholeAsFarAsItCame(t *testing.T) {
	told := make(chan error, 9)
	r, f := newCallFile(t, func(err error) { told <- err })
	frame := make(Frame, FrameSamples)
	second := func() {
		for range 100 {
			r.Own().Add(frame)
			time.Sleep(100 * time.Microsecond)
		}
	}
	second()
	second()
	written := func() int {
		left, _ := wavOf(t, f.Name())
		return len(left)
	}
	for deadline := time.Now().Add(time.Minute); written() < SampleRate && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	f.Close()
	second()
	second()
	if err := <-told; !errors.Is(err, os.ErrClosed) {
		t.Errorf("told %v", err)
	}
	if err := r.Close(); !errors.Is(err, os.ErrClosed) || r.Missing() == 0 {
		t.Errorf("closed with %v, %d missing", err, r.Missing())
	}
	if len(told) != 0 {
		t.Error("told twice")
	}
	if left, _ := wavOf(t, f.Name()); len(left) < SampleRate {
		t.Errorf("%d samples are kept", len(left))
	}
}

// TestWAVFileIsNeverLongerThanItsHeadTells.
func TestWAVFileIsNeverLongerThanItsHeadTells(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "long.wav"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWAVWriter(f, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w.written = wavMost - 4*SampleRate // as if it were so long; the file has holes
	if err := errors.Join(w.Write(make([]int16, SampleRate)), w.Flush()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(make([]int16, 2*SampleRate)), w.Flush()); !errors.Is(err, ErrWAVFull) {
		t.Errorf("written on: %v", err)
	}
}

// TestKilledRecordingIsWhole: whenever the program is killed, the head of the file is right, and at most a second of
// what was said is missing. CALLA_KILLS says how often it is tried.
func TestKilledRecordingIsWhole(t *testing.T) {
	if name := os.Getenv("CALLA_RECORDS_TO"); name != "" {
		recordUntilKilled(name)
	}
	if runtime.GOOS == "windows" {
		t.Skip("the file of a process that is being killed is not free at once")
	}
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("CALLA_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	for i := range kills {
		name := filepath.Join(dir, strconv.Itoa(i)+".wav")
		c := exec.Command(os.Args[0], "-test.run=^TestKilledRecordingIsWhole$")
		c.Env = append(os.Environ(), "CALLA_RECORDS_TO="+name)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		written := func() int64 {
			info, err := os.Stat(name)
			if err != nil {
				return 0
			}
			return info.Size()
		}
		enough := 1_000_000 + int64(i)*70_001
		for deadline := time.Now().Add(time.Minute); written() < enough && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait()
		left, right := wavOf(t, name)
		if len(left) < SampleRate {
			t.Errorf("%d samples", len(left))
		}
		for k := range left {
			if want := int16(k % 30000); left[k] != want || right[k] != 0 {
				t.Fatalf("sample %d is %d and %d", k, left[k], right[k])
			}
		}
		if info, err := os.Stat(name); err != nil || info.Size()-wavHeader-int64(4*len(left)) > 4*SampleRate {
			t.Errorf("of %d octets only %d are told", info.Size(), 4*len(left))
		}
	}
}

// recordUntilKilled records as quickly as the disk takes it.
func recordUntilKilled(name string) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		panic(err)
	}
	r, err := NewCallRecorder(f, nil)
	if err != nil {
		panic(err)
	}
	frame := make(Frame, FrameSamples)
	for at := 0; ; {
		if r.recorder.ring.Room() < 2*FrameSamples {
			time.Sleep(time.Millisecond)
			continue
		}
		for i := range frame {
			frame[i] = int16(at % 30000)
			at++
		}
		r.Own().Add(frame)
	}
}
