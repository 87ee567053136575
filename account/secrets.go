package account

import (
	"context"
	"errors"

	"calla/netsip"
)

// Secret is what an account keeps out of its file: the password and the credentials of its TURN servers.
type Secret struct {
	Password netsip.Secret
	Turn     []TurnCredential
}

// TurnCredential is the credential of one TURN server, found by the server's first URL and user name.
type TurnCredential struct {
	URL        string
	Username   string
	Credential netsip.Secret
}

// Secrets keeps one Secret per account. Its methods may block, at most until the context ends; they
// may be called concurrently. The implementations are Keyring, Session and SecretsFile.
type Secrets interface {
	// Get returns the account's secret; ErrNoSecret when there is none.
	Get(ctx context.Context, accountID string) (Secret, error)
	// Set keeps the account's secret in place of an earlier one.
	Set(ctx context.Context, accountID string, s Secret) error
	// Delete forgets the account's secret; there being none is no error.
	Delete(ctx context.Context, accountID string) error
}

// Errors of Secrets that callers tell apart.
var (
	ErrNoSecret      = errors.New("no password is kept for this account")
	ErrKeyringAbsent = errors.New("this system has no keyring that can be reached")
	ErrKeyringLocked = errors.New("the keyring is locked and waits to be unlocked")
	ErrKeyringStuck  = errors.New("the keyring does not answer")
	ErrTooLarge      = errors.New("the secrets are too large for a keyring")
)
