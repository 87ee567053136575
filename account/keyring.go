package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/zalando/go-keyring"
)

// KeyringService is the name that Calla's entries have in the keyring: the program's ID.
const KeyringService = "app.calla.Calla"

// DefaultKeyringDeadline is how long a caller waits for the keyring.
const DefaultKeyringDeadline = 3 * time.Second

// maxKeyringSecret is the longest entry in octets; Windows takes 2560.
const maxKeyringSecret = 2500

// Keyring keeps secrets in the operating system's keyring: one entry per account, a small JSON object.
//
// The system's calls cannot be cancelled and may wait for the user for ever. Each runs in a goroutine of
// its own, one at a time; who waits for longer than the deadline gets ErrKeyringLocked or
// ErrKeyringStuck while the call goes on. A Get for the same account then joins the call that is
// under way, anything else waits for it to end: nothing is ever asked twice.
type Keyring struct {
	// Deadline is how long a caller waits; 0 = DefaultKeyringDeadline.
	Deadline time.Duration

	backend keyringBackend // nil = the operating system's

	mu   sync.Mutex
	busy *keyringCall // under way; nil = none
}

// keyringBackend is the operating system's keyring.
type keyringBackend interface {
	Get(service, user string) (string, error)
	Set(service, user, secret string) error
	Delete(service, user string) error
	// Diagnose tells why a call failed with err or, when err is nil, does not return. It is quick.
	Diagnose(err error) error
}

// keyringCall is one call of the backend. text and err are written before done is closed.
type keyringCall struct {
	get  string // the account a Get asks for; "" = another call
	set  string // the account a Set is for
	done chan struct{}
	undo bool // guarded by mu: what Set writes is not wanted any more
	text string
	err  error
}

// Get returns the account's secret.
func (k *Keyring) Get(ctx context.Context, accountID string) (Secret, error) {
	text, err := k.call(ctx, keyringCall{get: accountID}, func(b keyringBackend) (string, error) {
		return b.Get(KeyringService, accountID)
	})
	if errors.Is(err, keyring.ErrNotFound) {
		return Secret{}, ErrNoSecret
	}
	if err != nil {
		return Secret{}, fmt.Errorf("read from the keyring: %w", err)
	}
	var stored storedSecret
	if json.Unmarshal([]byte(text), &stored) != nil {
		return Secret{}, fmt.Errorf("read from the keyring: %w: its entry is not one of Calla's", ErrNoSecret)
	}
	return Secret{Values: stored}, nil
}

// Set keeps the account's secret; ErrTooLarge when keyrings cannot take it.
func (k *Keyring) Set(ctx context.Context, accountID string, s Secret) error {
	data, err := json.Marshal(storedSecret(s.Values))
	if err != nil {
		return fmt.Errorf("write to the keyring: %w", err)
	}
	if len(data) > maxKeyringSecret {
		return fmt.Errorf("write to the keyring: %w (%d octets of at most %d)", ErrTooLarge, len(data),
			maxKeyringSecret)
	}
	_, err = k.call(ctx, keyringCall{set: accountID}, func(b keyringBackend) (string, error) {
		return "", b.Set(KeyringService, accountID, string(data))
	})
	if err != nil {
		return fmt.Errorf("write to the keyring: %w", err)
	}
	return nil
}

// Delete forgets the account's secret.
func (k *Keyring) Delete(ctx context.Context, accountID string) error {
	_, err := k.call(ctx, keyringCall{}, func(b keyringBackend) (string, error) {
		return "", b.Delete(KeyringService, accountID)
	})
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("delete from the keyring: %w", err)
	}
	return nil
}

// call runs f when no other call is under way, or joins the Get for the same account that is. It returns
// at the deadline or when ctx ends, whatever f does.
func (k *Keyring) call(ctx context.Context, what keyringCall, f func(keyringBackend) (string, error)) (string, error) {
	backend := k.backend
	if backend == nil {
		backend = systemKeyring{}
	}
	deadline := k.Deadline
	if deadline == 0 {
		deadline = DefaultKeyringDeadline
	}
	late := time.NewTimer(deadline)
	defer late.Stop()
	for {
		c, mine := k.begin(what, backend, f)
		select {
		case <-c.done:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return "", fmt.Errorf("%w: %w", backend.Diagnose(nil), ctx.Err())
			}
			return "", ctx.Err()
		case <-late.C:
			return "", backend.Diagnose(nil)
		}
		if !mine {
			continue // it is our turn, or that of another who waited
		}
		if c.err == nil || errors.Is(c.err, keyring.ErrNotFound) {
			return c.text, c.err
		}
		if errors.Is(c.err, keyring.ErrSetDataTooBig) {
			return "", fmt.Errorf("%w: %w", ErrTooLarge, c.err)
		}
		return "", backend.Diagnose(c.err)
	}
}

// begin returns the call under way and whether its outcome is ours; when there is none it starts f.
func (k *Keyring) begin(what keyringCall, backend keyringBackend,
	f func(keyringBackend) (string, error),
) (c *keyringCall, mine bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.busy != nil {
		return k.busy, what.get != "" && k.busy.get == what.get
	}
	c = &what
	c.done = make(chan struct{})
	k.busy = c
	go func() {
		c.text, c.err = f(backend)
		undone := false
		k.mu.Lock()
		for c.undo && c.err == nil && !undone {
			k.mu.Unlock()
			_ = backend.Delete(KeyringService, c.set)
			undone = true
			k.mu.Lock()
		}
		k.busy = nil
		k.mu.Unlock()
		close(c.done)
	}()
	return c, true
}

// abandon sees to it that what a Set of the account's, given up but still under way, writes when the keyring answers
// after all is deleted again: the secret has found another place by now.
func (k *Keyring) abandon(accountID string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.busy != nil && k.busy.set == accountID {
		k.busy.undo = true
	}
}

// systemKeyring is the operating system's keyring.
type systemKeyring struct{}

func (systemKeyring) Get(service, user string) (string, error) { return keyring.Get(service, user) }

func (systemKeyring) Set(service, user, secret string) error {
	return keyring.Set(service, user, secret)
}

func (systemKeyring) Delete(service, user string) error { return keyring.Delete(service, user) }
