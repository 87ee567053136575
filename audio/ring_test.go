package audio

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestRingCarriesEverySampleInOrder(t *testing.T) {
	r := NewRing(3)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	const total = 200_000
	go func() {
		buf := make([]int16, 700)
		for at, n := 0, 1; at < total; n = n*5%700 + 1 {
			k := min(n, total-at)
			for i := range buf[:k] {
				buf[i] = int16(at + i)
			}
			wrote := r.Write(buf[:k])
			at += wrote
			if wrote < k && r.WaitDrained(ctx, FrameSamples) != nil {
				return
			}
		}
	}()
	buf := make([]int16, 900)
	for at, n := 0, 1; at < total; n = n*7%900 + 1 {
		if err := r.Wait(ctx, 1); err != nil {
			t.Fatalf("after %d samples: %v", at, err)
		}
		for _, s := range buf[:r.Read(buf[:n])] {
			if s != int16(at) {
				t.Fatalf("sample %d is %d", at, s)
			}
			at++
		}
	}
}

func TestRingTakesNoMoreThanItHolds(t *testing.T) {
	r := NewRing(3)
	pcm := make([]int16, 4*FrameSamples)
	if n := r.Write(pcm); n != 3*FrameSamples || r.Len() != n || r.Room() != 0 {
		t.Errorf("wrote %d, holds %d, room %d", n, r.Len(), r.Room())
	}
	if n := r.Write(pcm); n != 0 {
		t.Errorf("wrote %d into a full ring", n)
	}
	if n := r.Discard(FrameSamples); n != FrameSamples || r.Room() != FrameSamples {
		t.Errorf("discarded %d, room %d", n, r.Room())
	}
	if n := r.Read(pcm); n != 2*FrameSamples || r.Len() != 0 {
		t.Errorf("read %d, %d left", n, r.Len())
	}
	if n := r.Read(pcm) + r.Discard(1); n != 0 {
		t.Errorf("%d samples from an empty ring", n)
	}
}

func TestRingWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRing(1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Wait(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for sound: %v", err)
		}
		r.Write(make([]int16, FrameSamples))
		if err := r.WaitDrained(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for room: %v", err)
		}
	})
}

func TestRingAllocatesNothing(t *testing.T) {
	r := NewRing(2)
	pcm := make([]int16, FrameSamples)
	if n := testing.AllocsPerRun(1000, func() { r.Write(pcm); r.Read(pcm) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
