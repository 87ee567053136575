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

// What can come of keeping a secret, beside nil.
var (
	// ErrNotKept is a secret that is not at the place it was to be at; the cause, such as ErrKeyringAbsent, is wrapped
	// with it. Nothing has changed: ask for another place.
	ErrNotKept = errors.New("the password is not kept")
	// ErrCopyLeft is a secret that is kept where it was to be, and still at its former place, too.
	ErrCopyLeft = errors.New("the password is kept, but an old copy of it is left")
)

// Keep is Put, and Leave of the place the account had before: for an account that nothing has to be written for in
// between. On ErrNotKept the account is returned as it was, on ErrCopyLeft with the new place.
func (k *Keeper) Keep(ctx context.Context, a Account, place SecretPlace) (Account, error) {
	kept, err := k.Put(ctx, a, place)
	if err != nil {
		return a, err
	}
	return kept, k.Leave(ctx, a, kept.SecretPlace)
}

// Put puts the secrets that the account's Config has to place, and returns the account with that as its SecretPlace.
// Its former place has them still: Store.Save comes next, then Leave. So whatever happens in between, the account's
// file names a place that has them. A Config without any secret changes nothing, since it may never have been joined:
// to remove secrets there is Forget. The error is ErrNotKept.
func (k *Keeper) Put(ctx context.Context, a Account, place SecretPlace) (Account, error) {
	_, s := SplitSecret(a.Config)
	if s.IsEmpty() {
		return a, nil
	}
	to, err := k.at(place)
	if err == nil && to == nil {
		err = errors.New("no place is chosen")
	}
	if err == nil {
		err = to.Set(ctx, a.ID, s)
	}
	if err != nil {
		if a.SecretPlace != SecretKeyring {
			k.abandon(a.ID)
		}
		return a, fmt.Errorf("secrets of account %s: %w: %w", a.Name(), ErrNotKept, err)
	}
	a.SecretPlace = place
	return a, nil
}

// Leave deletes the secrets from the account's SecretPlace, now that they are at another; where that is the same it
// does nothing. The error is ErrCopyLeft.
func (k *Keeper) Leave(ctx context.Context, a Account, to SecretPlace) error {
	if to != SecretKeyring {
		k.abandon(a.ID)
	}
	from, err := k.at(a.SecretPlace)
	if from == nil || a.SecretPlace == to {
		return nil
	}
	if err == nil {
		err = from.Delete(ctx, a.ID)
	}
	if err != nil {
		return fmt.Errorf("secrets of account %s: %w: %w", a.Name(), ErrCopyLeft, err)
	}
	return nil
}

// abandon tells a keyring that would still take a secret which Put gave up on not to.
func (k *Keeper) abandon(accountID string) {
	if keyring, is := k.keyring.(*Keyring); is {
		keyring.abandon(accountID)
	}
}

// Forget deletes the secrets of an account, wherever they are: when the account is deleted, or its password
// taken away (set SecretPlace to SecretNone then). The error is ErrCopyLeft.
func (k *Keeper) Forget(ctx context.Context, a Account) error {
	err := k.session.Delete(ctx, a.ID)
	if e := k.file.Delete(ctx, a.ID); a.SecretPlace == SecretFile || !errors.Is(e, ErrSecretsDamaged) {
		err = errors.Join(err, e) // of a damaged file it is not known what is in it
	}
	if a.SecretPlace == SecretKeyring {
		err = errors.Join(err, k.keyring.Delete(ctx, a.ID))
	}
	if err != nil {
		return fmt.Errorf("secrets of account %s: %w: %w", a.Name(), ErrCopyLeft, err)
	}
	return nil
}
