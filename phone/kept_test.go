package phone

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/phone/cause"
)

// place is somewhere to keep secrets that may fail or hang.
type place struct {
	get, set, forget error
	hang             bool // until the caller has waited long enough
	account.Session
}

func (p *place) wait(ctx context.Context) error {
	if p.hang {
		select {
		case <-ctx.Done():
		case <-time.After(account.DefaultKeyringDeadline):
		}
		return account.ErrKeyringStuck
	}
	return nil
}

func (p *place) Get(ctx context.Context, id string) (account.Secret, error) {
	if err := errors.Join(p.wait(ctx), p.get); err != nil {
		return account.Secret{}, err
	}
	return p.Session.Get(ctx, id)
}

func (p *place) Set(ctx context.Context, id string, s account.Secret) error {
	if err := errors.Join(p.wait(ctx), p.set); err != nil {
		return err
	}
	return p.Session.Set(ctx, id, s)
}

func (p *place) Delete(ctx context.Context, id string) error {
	if err := errors.Join(p.wait(ctx), p.forget); err != nil {
		return err
	}
	return p.Session.Delete(ctx, id)
}

// keptPhone is a phone on a profile that reaches nobody.
func keptPhone(t *testing.T, dir string, keyring, file account.Secrets) (*Phone, *account.Store) {
	t.Helper()
	store, found, err := account.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	nobody := sandbox.New(sandbox.Options{})
	nobody.Close()
	p, err := New(Options{
		Store: store, Loaded: found, Keeper: account.NewKeeper(keyring, new(account.Session), file),
		Dial: nobody.Dial,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, store
}

func keptAccount(secret account.SecretPlace) account.Account {
	return account.Account{ID: "a", Enabled: true, SecretPlace: secret, Config: config.Config{
		URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://h"}}, StunServers: []string{},
	}}
}

func noticed(s State, id string) *cause.Cause {
	for _, n := range s.Notices {
		if n.ID == id {
			return &n.Cause
		}
	}
	return nil
}

// TestMissingPasswordsAreToldByTheirPlace: what is known of where it was, and what to do.
//
// Holds: kept-secrets
func TestMissingPasswordsAreToldByTheirPlace(t *testing.T) {
	for _, c := range []struct {
		name    string
		at      account.SecretPlace
		keyring *place
		told    string
	}{
		{"session, at the next start", account.SecretSession, &place{}, "It was kept only until Calla was closed."},
		{
			"deleted in the keyring behind our back", account.SecretKeyring, &place{},
			"The keyring no longer has the password of alice@example.com.",
		},
		{
			"keyring locked", account.SecretKeyring, &place{get: account.ErrKeyringLocked},
			"is in the keyring, and that is locked.",
		},
		{"keyring hangs", account.SecretKeyring, &place{hang: true}, "is in the keyring, and that does not answer."},
		{
			"keyring gone", account.SecretKeyring, &place{get: account.ErrKeyringAbsent},
			"was kept in a keyring, and there is none now.",
		},
		{
			"keyring fails", account.SecretKeyring, &place{get: errors.New("org.freedesktop.DBus.Error.Failed")},
			"could not be read.",
		},
		{"deleted in the file", account.SecretFile, &place{}, "is not in its file any more."},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			store, _, err := account.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(store.Save([]account.Account{keptAccount(c.at)}), store.Close()); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				p, store := keptPhone(t, dir, c.keyring, account.NewSecretsFile(dir))
				if len(p.State().Accounts) != 1 || time.Since(began) > 0 {
					t.Errorf("the start waited for %v", time.Since(began))
				}
				time.Sleep(4 * time.Second)
				synctest.Wait()
				a := p.State().Accounts[0]
				if a.Problem == nil || !strings.Contains(tell(*a.Problem).Title+" "+tell(*a.Problem).Why, c.told) ||
					tell(*a.Problem).Do == "" || a.Problem.Action != cause.ActionEnterPassword {
					t.Errorf("told %+v", a.Problem)
				}
				if a.SecretAtHand || a.Status != StatusNoPassword {
					t.Errorf("at hand: %t, status %v", a.SecretAtHand, a.Status)
				}
				p.Close()
				_ = store.Close()
			})
		})
	}
}

// TestSavesTellWhatBecameOfThePassword: an error where it is not kept, and nothing has changed; a notice where an old
// copy is left; nothing waits for a keyring that hangs but the one who asked it.
//
// Holds: kept-secrets
func TestSavesTellWhatBecameOfThePassword(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to account.SecretPlace
		keyring  *place
		file     *place
		given    config.Secret
		err      error
		kept     account.SecretPlace // afterwards
		notice   string
	}{
		{
			"into the keyring", account.SecretSession, account.SecretKeyring, &place{}, &place{}, "new", nil,
			account.SecretKeyring, "",
		},
		{
			"no keyring, though it was said to be there", account.SecretKeyring, account.SecretKeyring,
			&place{get: account.ErrKeyringAbsent, set: account.ErrKeyringAbsent}, &place{}, "new",
			account.ErrKeyringAbsent, account.SecretKeyring, "",
		},
		{
			"a locked keyring", account.SecretNone, account.SecretKeyring, &place{set: account.ErrKeyringLocked},
			&place{},
			"new", account.ErrNotKept, account.SecretNone, "",
		},
		{
			"a keyring that hangs", account.SecretNone, account.SecretKeyring, &place{hang: true}, &place{}, "new",
			account.ErrKeyringStuck, account.SecretNone, "",
		},
		{
			"a keyring that refuses", account.SecretNone, account.SecretKeyring, &place{set: errors.New("no")},
			&place{},
			"new", account.ErrNotKept, account.SecretNone, "",
		},
		{
			"4 KiB for the keyring", account.SecretNone, account.SecretKeyring, &place{set: account.ErrTooLarge},
			&place{},
			config.Secret(strings.Repeat("x", 4096)), account.ErrTooLarge, account.SecretNone, "",
		},
		{
			"of all alphabets", account.SecretNone, account.SecretKeyring, &place{}, &place{}, "пароль-密码-🔑-\"\\%s",
			nil,
			account.SecretKeyring, "",
		},
		{
			"a file that cannot be written", account.SecretNone, account.SecretFile, &place{},
			&place{set: fs.ErrPermission}, "new", account.ErrNotKept, account.SecretNone, "",
		},
		{
			"out of a keyring that keeps it", account.SecretKeyring, account.SecretSession,
			&place{forget: account.ErrKeyringLocked}, &place{}, "new", nil, account.SecretSession,
			"An old copy of the password of alice@example.com is left in the keyring.",
		},
		{
			"out of a file that keeps it", account.SecretFile, account.SecretKeyring, &place{},
			&place{forget: fs.ErrPermission}, "new", nil, account.SecretKeyring,
			"An old copy of the password of alice@example.com is left in its file.",
		},
		{
			"nothing given, nothing kept", account.SecretNone, account.SecretKeyring,
			&place{set: account.ErrKeyringAbsent}, &place{}, "", nil, account.SecretNone, "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			store, _, err := account.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(store.Save([]account.Account{keptAccount(c.from)}), store.Close()); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				if c.from == account.SecretKeyring && c.keyring.get == nil {
					_ = c.keyring.Session.Set(t.Context(), "a", account.Secret{}.With("password", "old"))
				}
				if c.from == account.SecretFile {
					_ = c.file.Session.Set(t.Context(), "a", account.Secret{}.With("password", "old"))
				}
				p, store := keptPhone(t, dir, c.keyring, c.file)
				synctest.Wait()
				a, _ := p.Account("a")
				a.SecretPlace = c.to // as a form may have it: what counts is where the secret is
				saved := make(chan error, 1)
				p.SaveAccount(a, account.Secret{}.With("password", c.given), c.to, func(err error) { saved <- err })
				began := time.Now()
				p.SetDevice(account.RoleSpeaker, account.DeviceChoice{Name: "x"})
				if synctest.Wait(); p.Settings().Devices.Speaker.Name != "x" || time.Since(began) > 0 {
					t.Error("the phone waits for the keyring")
				}
				if err := <-saved; !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
					t.Errorf("told %v, want %v", err, c.err)
				}
				synctest.Wait()
				s := p.State()
				if s.Accounts[0].SecretKept != c.kept {
					t.Errorf("said to be at %q, want %q", s.Accounts[0].SecretKept, c.kept)
				}
				if stored := store.Accounts()[0]; stored.SecretPlace != c.kept {
					t.Errorf("stored as at %q, want %q", stored.SecretPlace, c.kept)
				}
				told := ""
				if n := noticed(s, "copy left a"); n != nil {
					told = tell(*n).Title
				}
				if told != c.notice {
					t.Errorf("notice %q, want %q", told, c.notice)
				}
				if c.err == nil && c.kept == account.SecretKeyring {
					got, err := c.keyring.Session.Get(t.Context(), "a")
					if err != nil || got.Of("password") != c.given {
						t.Errorf("in the keyring: %v", err)
					}
				}
				p.Close()
				_ = store.Close()
			})
		})
	}
}

// TestSaveThatCannotBeStoredKeepsNoPassword: the accounts could not be written, so nothing is changed, and no copy of
// the password is left at the new place.
//
// Holds: no-clear-text
func TestSaveThatCannotBeStoredKeepsNoPassword(t *testing.T) {
	dir := t.TempDir()
	store, _, err := account.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.Save([]account.Account{keptAccount(account.SecretNone)}), store.Close()); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		p, store := keptPhone(t, dir, new(place), account.NewSecretsFile(dir))
		a, _ := p.Account("a")
		a.Label = strings.Repeat("x", 5<<20) // larger than the file may be
		saved := make(chan error, 1)
		given := account.Secret{}.With("password", "geheim")
		p.SaveAccount(a, given, account.SecretFile, func(err error) { saved <- err })
		if err := <-saved; err == nil {
			t.Error("saved all the same")
		}
		if _, err := os.Stat(filepath.Join(dir, "secrets.json")); err == nil {
			t.Error("the password is left in the file")
		}
		p.Close()
		_ = store.Close()
	})
}

// TestDamagedAccountFileIsTold: by name, line and reason, with a way out, which keeps the file and tells its new name.
//
// Holds: account-file
func TestDamagedAccountFileIsTold(t *testing.T) {
	for _, c := range []struct {
		name, text string
		why        string
		empty      bool // starting empty is offered
	}{
		{"cut", "{\n\"format\": 1,\n", "The file accounts.json, line 2, is not whole", true},
		{"empty", "", "The file accounts.json is empty", true},
		{
			"accounts null", "{\"format\": 1, \"checksum\": \"edited\",\n\"accounts\": null}",
			"The file accounts.json, line 2, has no list of accounts", true,
		},
		{"UTF-16", "\xff\xfe{\x00}\x00", "The file accounts.json is written in UTF-16", true},
		{"merge conflict", "{\n<<<<<<< HEAD\n", "The file accounts.json, line 2, has the marks of two versions", true},
		{
			"newer", `{"format": 9, "checksum": "edited", "accounts": []}`,
			"The file accounts.json was written by a newer Calla", false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "accounts.json")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				p, store := keptPhone(t, dir, new(place), new(place))
				synctest.Wait()
				n := noticed(p.State(), "read only")
				if n == nil || !strings.Contains(tell(*n).Why, c.why) || !strings.Contains(tell(*n).Do, dir) ||
					(n.Action == cause.ActionStartEmpty) != c.empty {
					t.Fatalf("told %+v", n)
				}
				saved := make(chan error, 1)
				p.SaveAccount(keptAccount(""), account.Secret{}.With("password", "x"), account.SecretSession,
					func(err error) { saved <- err })
				if err := <-saved; !errors.Is(err, account.ErrReadOnly) {
					t.Errorf("saved: %v", err)
				}
				p.StartEmpty(func(err error) { saved <- err })
				if err := <-saved; (err == nil) != c.empty {
					t.Errorf("start empty: %v", err)
				}
				synctest.Wait()
				if c.empty {
					kept := noticed(p.State(), "kept")
					if noticed(p.State(), "read only") != nil || kept == nil ||
						!strings.Contains(tell(*kept).Why, "accounts.json.corrupt-") {
						t.Errorf("afterwards %+v", p.State().Notices)
					}
					p.SaveAccount(keptAccount(""), account.Secret{}.With("password", "x"), account.SecretSession,
						func(err error) { saved <- err })
					if err := <-saved; err != nil {
						t.Errorf("cannot be saved: %v", err)
					}
				} else if text, err := os.ReadFile(path); err != nil || string(text) != c.text {
					t.Error("the file was touched")
				}
				p.Close()
				_ = store.Close()
			})
		})
	}
}
