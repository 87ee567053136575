package account

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestOneInstancePerProfile(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	if _, _, err := Open(dir); !errors.Is(err, ErrInUse) {
		t.Errorf("second instance: %v", err)
	}
	reopen(t, s)
}

// TestAFreeLockIsTakenHoweverLateItIsTried: on a busy computer the moment for which another is waited for may be over
// before the lock is tried at all.
func TestAFreeLockIsTakenHoweverLateItIsTried(t *testing.T) {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	late, done := context.WithDeadline(context.Background(), time.Now().Add(-time.Hour))
	defer done()
	for _, c := range []struct {
		name string
		ctx  context.Context
		held bool
	}{
		{"in time", context.Background(), false},
		{"in time, held", context.Background(), true},
		{"given up", over, false},
		{"given up, held", over, true},
		{"too late", late, false},
		{"too late, held", late, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if c.held {
				other, _ := open(t, dir)
				defer other.Close()
			}
			s := &Store{lock: newLock(dir)}
			defer s.lock.Close()
			if locked, err := s.takeLock(c.ctx); err != nil || locked == c.held {
				t.Errorf("locked: %t, %v", locked, err)
			}
		})
	}
}
