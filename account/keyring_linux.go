package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

// diagnoseDeadline bounds the question whether the keyring is locked.
const diagnoseDeadline = 300 * time.Millisecond

// Diagnose asks the Secret Service whether its default collection is locked. A service that does not even
// answer this is stuck; one that failed for another reason is as good as absent.
func (systemKeyring) Diagnose(err error) error {
	ctx, cancel := context.WithTimeout(context.Background(), diagnoseDeadline)
	defer cancel()
	locked, asked := collectionLocked(ctx)
	switch {
	case locked:
		return joinCause(ErrKeyringLocked, err)
	case err == nil || errors.Is(asked, context.DeadlineExceeded):
		return joinCause(ErrKeyringStuck, err)
	}
	return joinCause(ErrKeyringAbsent, err)
}

func joinCause(state, cause error) error {
	if cause == nil {
		return state
	}
	return fmt.Errorf("%w: %w", state, cause)
}

// collectionLocked reads the property Locked of the default collection.
func collectionLocked(ctx context.Context) (bool, error) {
	type answer struct {
		locked bool
		err    error
	}
	answers := make(chan answer, 1) // connecting knows no context
	go func() {
		bus, err := dbus.SessionBus()
		if err != nil {
			answers <- answer{err: err}
			return
		}
		collection := bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets/aliases/default")
		var v dbus.Variant
		err = collection.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0,
			"org.freedesktop.Secret.Collection", "Locked").Store(&v)
		locked, _ := v.Value().(bool)
		answers <- answer{locked, err}
	}()
	select {
	case a := <-answers:
		return a.locked, a.err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}
