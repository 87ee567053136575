// Package account keeps accounts: on disk what may be seen, in the system's keyring what may not.
//
// Store is the file accounts.json of one profile; Keeper puts each account's password and TURN
// credentials where the user wants them kept. An Account in memory has them joined in its Config.
// Configurations written for JsSIP are the business of account/jssip.
package account

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"

	"calla/netsip/config"
)

// Account is one account of the phone. It is a value: changing an account is replacing it.
type Account struct {
	ID          string // opaque, never changes, names the secret in the keyring
	Label       string // what the user calls it; "" = the address
	Enabled     bool
	Config      config.Config // as given, not normalised; secrets joined in memory, never in the file
	Preferences Preferences
	SecretPlace SecretPlace         // where the secrets are kept
	Realms      []config.KnownRealm // that may ask for the password, as the account's user agent tells

	unknown unknownFields // of newer or other programs, written back as they were
}

// Preferences are the user's choices for one account beside its Config.
type Preferences struct {
	EchoTarget string // what "call the echo test" dials; "" = "echo"
}

// New returns an enabled account with a new ID and, where cfg has none, an instance_id of its own
// (RFC 5626 section 4.1 wants it kept).
func New(cfg config.Config) (Account, error) {
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		return Account{}, fmt.Errorf("make account: %w", err)
	}
	if cfg.InstanceID == "" {
		instance, err := config.NewInstanceID()
		if err != nil {
			return Account{}, fmt.Errorf("make account: %w", err)
		}
		cfg.InstanceID = instance
	}
	return Account{ID: hex.EncodeToString(id[:]), Enabled: true, Config: cfg}, nil
}

// Address returns the account's address without scheme and parameters: "alice@example.com".
func (a Account) Address() string {
	s := a.Config.URI
	if len(s) >= 4 && strings.EqualFold(s[:4], "sip:") {
		s = s[4:]
	}
	if i := strings.IndexByte(s, '@'); i >= 0 {
		if j := strings.IndexAny(s[i:], ";?"); j >= 0 {
			s = s[:i+j]
		}
	}
	return s
}

// Name returns the label, or the address where there is none.
func (a Account) Name() string {
	if a.Label != "" {
		return a.Label
	}
	return a.Address()
}

// unknownFields are members of a stored account that this version does not know, or whose value it
// cannot use; they are written back untouched.
type unknownFields struct {
	account, preferences, config members
}
