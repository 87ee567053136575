//go:build cgo

package malgo

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"calla/audio"
)

// patience bounds every wait: far beyond what is waited for, even on a busy machine.
const patience = time.Minute

func newHost(t *testing.T, backend string) *Host {
	t.Helper()
	h, err := New(Config{Backend: backend})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func TestNullDevicesKeepTime(t *testing.T) {
	h := newHost(t, "null")
	ctx := within(t)
	list, err := h.Devices(ctx)
	if err != nil || len(list.Capture) == 0 || len(list.Playback) == 0 {
		t.Fatalf("devices %+v, %v", list, err)
	}
	in, out := audio.NewRing(400), audio.NewRing(400)
	// What a device is behind with, where the machine is busy, it makes up for: its time counts from its opening on.
	start := time.Now()
	capture, err := h.OpenCapture(ctx, "", in)
	if err != nil {
		t.Fatal(err)
	}
	playback, err := h.OpenPlayback(ctx, list.Playback[0].ID, out)
	if err != nil {
		t.Fatal(err)
	}
	if d := playback.Device(); d != list.Playback[0] {
		t.Errorf("opened %+v", d)
	}
	out.Write(make([]int16, 100*audio.FrameSamples))
	if err := in.Wait(ctx, 100*audio.FrameSamples); err != nil {
		t.Fatalf("%d samples captured: %v", in.Len(), err)
	}
	if err := out.WaitDrained(ctx, 0); err != nil {
		t.Fatalf("%d samples left to play: %v", out.Len(), err)
	}
	if took := time.Since(start); took < 800*time.Millisecond {
		t.Errorf("a second took %v", took)
	}
	for _, s := range []audio.Stream{capture, playback, capture, playback} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		select {
		case <-s.Lost():
			t.Error("a closed device is lost")
		default:
		}
	}
	n := in.Len()
	in.Discard(n)
	if n := in.Len(); n != 0 {
		t.Errorf("%d samples after Close", n)
	}
}

func TestUnknownDevicesAndBackendsAreRefused(t *testing.T) {
	if _, err := New(Config{Backend: "gramophone"}); err == nil || !strings.Contains(err.Error(), "gramophone") {
		t.Errorf("an unknown backend: %v", err)
	}
	h := newHost(t, "null")
	for _, id := range []string{"00ff", "no hex", strings.Repeat("ff", 1000)} {
		if s, err := h.OpenPlayback(within(t), id, audio.NewRing(4)); err == nil {
			t.Errorf("opened %+v", s.Device())
		}
	}
}

func TestClosedHostRefuses(t *testing.T) {
	h := newHost(t, "null")
	s, err := h.OpenPlayback(within(t), "", audio.NewRing(4))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Devices(within(t)); !errors.Is(err, errClosed) {
		t.Errorf("listing: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestHangingSoundServerEndsWithTheContext(t *testing.T) {
	h := newHost(t, "null")
	h.turn <- struct{}{} // as a call that does not return
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := h.Devices(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("listing: %v", err)
	}
	if _, err := h.OpenCapture(ctx, "", audio.NewRing(4)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("opening: %v", err)
	}
	<-h.turn
}

func TestStreamOpenedTooLateIsClosed(t *testing.T) {
	h := newHost(t, "null")
	ctx, cancel := context.WithCancel(t.Context())
	entered := make(chan struct{})
	_, err := await(ctx, h, func() (*stream, error) {
		close(entered)
		cancel()
		return h.open("", audio.NewRing(4), 1)
	}, func(s *stream) { s.shut() })
	<-entered
	// Either may win: the caller has the stream, or in the end nobody has.
	want := 0
	if err == nil {
		want = 1
	}
	for deadline := time.Now().Add(patience); ; {
		h.turn <- struct{}{}
		n := len(h.streams)
		<-h.turn
		if n == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d streams open, %v", n, err)
		}
	}
}

func TestOpeningAndClosingManyTimesLeavesNothing(t *testing.T) {
	h := newHost(t, "null")
	cycle := func() {
		for _, open := range []func(context.Context, string, *audio.Ring) (audio.Stream, error){
			h.OpenCapture,
			h.OpenPlayback,
		} {
			s, err := open(within(t), "", audio.NewRing(4))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	cycle()
	before := runtime.NumGoroutine()
	for range 20 {
		cycle()
	}
	deadline := time.Now().Add(patience)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}
