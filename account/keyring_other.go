//go:build !linux

package account

import "fmt"

// Diagnose cannot look into the keyring here: a call that does not return most likely waits for the
// user, one that failed found no keyring.
func (systemKeyring) Diagnose(err error) error {
	if err == nil {
		return ErrKeyringLocked
	}
	return fmt.Errorf("%w: %w", ErrKeyringAbsent, err)
}
