//go:build cgo

package malgo

import (
	"os"
	"testing"
	"time"

	"calla/audio"
)

func TestUnpluggedDeviceIsLostAndAnotherOpens(t *testing.T) {
	p := startPulse(t)
	h := newHost(t, "pulseaudio")
	ctx := within(t)
	list, err := h.Devices(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s, err := h.OpenPlayback(ctx, find(t, list.Playback, "second").ID, audio.NewRing(4))
	if err != nil {
		t.Fatal(err)
	}
	p.unload("sink_name=second")
	start := time.Now()
	select {
	case <-s.Lost():
	case <-ctx.Done():
		t.Fatal("the loss was not noticed")
	}
	t.Logf("noticed after %v", time.Since(start))
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if list, err = h.Devices(ctx); err != nil || len(list.Playback) != 1 {
		t.Errorf("devices %+v, %v", list, err)
	}
	again, err := h.OpenPlayback(ctx, "", audio.NewRing(4))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestDeadSoundServerIsNoticedAndReachedAgain(t *testing.T) {
	p := startPulse(t)
	p.plugMicrophone()
	dir := os.Getenv("HOME")
	h := newHost(t, "pulseaudio")
	ctx := within(t)
	ring := audio.NewRing(400)
	s, err := h.OpenCapture(ctx, "", ring)
	if err != nil {
		t.Fatal(err)
	}
	p.exit()
	start := time.Now()
	select {
	case <-s.Lost():
	case <-ctx.Done():
		t.Fatal("the loss was not noticed")
	}
	t.Logf("noticed after %v", time.Since(start))
	if _, err := h.Devices(ctx); err == nil {
		t.Error("devices of a dead server are listed")
	}
	start = time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("closed in %v", time.Since(start))
	p.start(dir)
	p.plugMicrophone()
	again, err := h.OpenCapture(ctx, "", audio.NewRing(4))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
