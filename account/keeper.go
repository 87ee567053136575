package account

import (
	"context"
	"errors"
	"fmt"
)

// Keeper puts each account's secrets where the user wants them, and finds them there. It never changes the
// place by itself: what fails is told, and the user asked.
type Keeper struct {
	keyring, session, file Secrets
}

// NewKeeper returns a Keeper over the three places.
func NewKeeper(keyring, session, file Secrets) *Keeper {
	return &Keeper{keyring: keyring, session: session, file: file}
}

// OpenKeeper returns the Keeper of a profile's folder: the system's keyring, memory and secrets.json.
func OpenKeeper(dir string) *Keeper {
	return NewKeeper(new(Keyring), new(Session), NewSecretsFile(dir))
}

// at returns the Secrets of a place, nil for SecretNone.
func (k *Keeper) at(place SecretPlace) (Secrets, error) {
	switch place {
	case SecretNone:
		return nil, nil
	case SecretKeyring:
		return k.keyring, nil
	case SecretSession:
		return k.session, nil
	case SecretFile:
		return k.file, nil
	}
	return nil, fmt.Errorf("secret place %q: is not one", place)
}

// Join returns the account with its secrets in Config, from its SecretPlace. On error, such as
// ErrNoSecret or one of the keyring's, the account is returned as it was. An account with SecretNone has none to join.
func (k *Keeper) Join(ctx context.Context, a Account) (Account, error) {
	place, err := k.at(a.SecretPlace)
	if err != nil || place == nil {
		return a, err
	}
	s, err := place.Get(ctx, a.ID)
	if err != nil {
		return a, fmt.Errorf("secrets of account %s: %w", a.Name(), err)
	}
	a.Config = JoinSecret(a.Config, s)
	return a, nil
}

// Keep puts the secrets that the account's Config has to place, takes them away from its former
// SecretPlace, and returns the account with the new one. It comes before Store.Save. A Config without
// any secret changes nothing, since it may never have been joined: to remove secrets there is Forget.
// On error the account is returned as it was; an error beside an account with the new place means
// that only the copy at the former one could not be deleted.
func (k *Keeper) Keep(ctx context.Context, a Account, place SecretPlace) (Account, error) {
	_, s := SplitSecret(a.Config)
	if s.isEmpty() {
		return a, nil
	}
	to, err := k.at(place)
	if err != nil {
		return a, err
	}
	if to == nil {
		return a, errors.New("keep secrets: no place chosen")
	}
	if err := to.Set(ctx, a.ID, s); err != nil {
		return a, fmt.Errorf("secrets of account %s: %w", a.Name(), err)
	}
	from, err := k.at(a.SecretPlace)
	moved := a.SecretPlace != place
	a.SecretPlace = place
	if err == nil && from != nil && moved {
		if err := from.Delete(ctx, a.ID); err != nil {
			return a, fmt.Errorf("former copy of the secrets of account %s: %w", a.Name(), err)
		}
	}
	return a, nil
}

// Forget deletes the secrets of an account, wherever they are: when the account is deleted, or its password
// taken away (set SecretPlace to SecretNone then).
func (k *Keeper) Forget(ctx context.Context, a Account) error {
	err := errors.Join(k.session.Delete(ctx, a.ID), k.file.Delete(ctx, a.ID))
	if a.SecretPlace == SecretKeyring {
		err = errors.Join(err, k.keyring.Delete(ctx, a.ID))
	}
	if err != nil {
		return fmt.Errorf("forget secrets of account %s: %w", a.Name(), err)
	}
	return nil
}

// KeyringAvailable tells whether the keyring can be used now, so whether a form may offer it: nil, or one
// of the keyring's errors.
func (k *Keeper) KeyringAvailable(ctx context.Context) error {
	if _, err := k.keyring.Get(ctx, "availability"); err != nil && !errors.Is(err, ErrNoSecret) {
		return err
	}
	return nil
}
