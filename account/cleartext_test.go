package account

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"calla/account/jssip"
	"calla/netsip/config"
)

// holding lists the files below dir that hold a text.
func holding(t *testing.T, dir, text string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && bytes.Contains(read(t, path), []byte(text)) {
			list = append(list, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestWhatKilledSaversLeftIsGoneAtTheNextStart: but nothing of an editor's, and nothing while the phone runs.
//
// Holds: no-clear-text
func TestWhatKilledSaversLeftIsGoneAtTheNextStart(t *testing.T) {
	for _, test := range []struct {
		name  string
		file  string
		stays bool
	}{
		{"passwords", ".secrets.json123456789", false},
		{"passwords, of an older Calla", ".secrets.json-tmp", false},
		{"accounts", ".accounts.json1", false},
		{"settings", ".settings.json42", false},
		{"a backup of the accounts", ".accounts.json.0777", false},
		{"a backup of the settings", ".settings.json.01", false},
		{"an editor at work on the accounts", ".accounts.json.swp", true},
		{"another program's file", ".accounts", true},
		{"the user's copy", "accounts.json.bak", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := open(t, t.TempDir())
			dir := s.file.dir
			save(t, s, sample(t, 1, "x"))
			path := filepath.Join(dir, test.file)
			write(t, path, []byte("geheim"))
			if _, _, err := Open(dir); !errors.Is(err, ErrInUse) {
				t.Fatal(err)
			}
			Read(dir)
			if _, err := os.Stat(path); err != nil {
				t.Error("taken away while the phone runs")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			again := func() { open(t, dir) }
			if strings.HasPrefix(test.file, ".a") {
				again = func() { Read(dir) }
			}
			again()
			if _, err := os.Stat(path); (err == nil) != test.stays {
				t.Errorf("stays: %t", err == nil)
			}
		})
	}
}

// TestNoClearTextWhereTheKeyringWasChosen: once an account keeps its password in the keyring, no file of the profile
// holds it, whatever was before.
//
// Holds: no-clear-text
func TestNoClearTextWhereTheKeyringWasChosen(t *testing.T) {
	type world struct {
		k   *Keeper
		s   *Store
		dir string
	}
	move := func(t *testing.T, w world, a Account, place SecretPlace) Account {
		t.Helper()
		b, err := w.k.Put(t.Context(), a, place)
		if err != nil {
			t.Fatal(err)
		}
		save(t, w.s, []Account{b})
		if err := w.k.Leave(t.Context(), a, place); err != nil && !errors.Is(err, ErrCopyLeft) {
			t.Fatal(err)
		}
		return b
	}
	for _, test := range []struct {
		name string
		do   func(t *testing.T, w world, a Account) Account
	}{
		{"from the start", func(_ *testing.T, _ world, a Account) Account { return a }},
		{"from a file", func(t *testing.T, w world, a Account) Account { return move(t, w, a, SecretFile) }},
		{"from a file, by way of the session", func(t *testing.T, w world, a Account) Account {
			return move(t, w, move(t, w, a, SecretFile), SecretSession)
		}},
		{"from a file that was damaged", func(t *testing.T, w world, a Account) Account {
			a = move(t, w, a, SecretFile)
			path := filepath.Join(w.dir, "secrets.json")
			write(t, path, append(read(t, path), "}}"...))
			return a
		}},
		{"from a file in the place of a damaged one", func(t *testing.T, w world, a Account) Account {
			a = move(t, w, a, SecretFile)
			path := filepath.Join(w.dir, "secrets.json")
			write(t, path, append(read(t, path), "}}"...))
			return move(t, w, a, SecretFile)
		}},
		{"from a file, killed before the old copy was deleted", func(t *testing.T, w world, a Account) Account {
			a = move(t, w, a, SecretFile)
			b, err := w.k.Put(t.Context(), a, SecretKeyring)
			if err != nil {
				t.Fatal(err)
			}
			save(t, w.s, []Account{b})
			return b
		}},
		{"to and fro, with saves in between", func(t *testing.T, w world, a Account) Account {
			for range 4 {
				a = move(t, w, move(t, w, a, SecretFile), SecretKeyring)
				a.Label += "x"
				save(t, w.s, []Account{a})
			}
			return a
		}},
		{"with a temporary file of a save that was killed", func(t *testing.T, w world, a Account) Account {
			write(t, filepath.Join(w.dir, ".secrets.json99"), []byte("geheim"))
			return a
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := open(t, t.TempDir())
			w := world{NewKeeper(new(Session), new(Session), NewSecretsFile(s.file.dir)), s, s.file.dir}
			a := sample(t, 1, "x")[0]
			a.SecretPlace = SecretNone
			a = move(t, w, test.do(t, w, a), SecretKeyring)
			s, found := reopen(t, s)
			if found.Damaged != "" {
				t.Fatalf("%+v", found)
			}
			if list := holding(t, s.file.dir, "geheim"); len(list) != 0 {
				t.Errorf("in %v", list)
			}
			bare := s.Accounts()[0]
			if joined, err := w.k.Join(t.Context(), bare); err != nil || joined.Config.Password != "geheim" {
				t.Errorf("%v", err)
			}
			text, err := jssip.Export(a.Config, jssip.FormatJSON, jssip.With{})
			if err != nil || strings.Contains(text, "geheim") {
				t.Errorf("exported: %v", err)
			}
		})
	}
	t.Run("beside an account that chose the file", func(t *testing.T) {
		s, _ := open(t, t.TempDir())
		w := world{NewKeeper(new(Session), new(Session), NewSecretsFile(s.file.dir)), s, s.file.dir}
		both := sample(t, 2, "x")
		for i := range both {
			both[i].SecretPlace = SecretNone
			both[i].Config.TurnServers = nil
			both[i].Config.Password = []config.Secret{"geheim", "offen"}[i]
			var err error
			if both[i], err = w.k.Put(t.Context(), both[i], SecretFile); err != nil {
				t.Fatal(err)
			}
		}
		moved, err := w.k.Put(t.Context(), both[0], SecretKeyring)
		if err != nil {
			t.Fatal(err)
		}
		save(t, s, []Account{moved, both[1]}) // and killed
		s, _ = reopen(t, s)
		if list := holding(t, s.file.dir, "geheim"); len(list) != 0 {
			t.Errorf("in %v", list)
		}
		got, err := NewSecretsFile(s.file.dir).Get(t.Context(), both[1].ID)
		if err != nil || got.Of("password") != "offen" {
			t.Errorf("the other's: %v", err)
		}
	})
}

// TestPasswordsStayWhereItIsNotCertainThatNobodyKeepsThem: an earlier version of the accounts, or one that is not known
// in full, does not say which passwords are wanted.
func TestPasswordsStayWhereItIsNotCertainThatNobodyKeepsThem(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"damaged, and an earlier version": func(t *testing.T, path string) { write(t, path, []byte("{")) },
		"gone, and an earlier version":    func(t *testing.T, path string) { _ = os.Remove(path) },
		"damaged, and no earlier version": func(t *testing.T,
			path string,
		) {
			write(t, path, []byte("{"))
			_ = os.Remove(path + ".1")
		},
		"an account that cannot be read": func(t *testing.T,
			path string,
		) {
			write(t, path, changedFile(t, `"id": "b"`, `"name": "b"`))
		},
		"a place that this Calla has not": func(t *testing.T, path string) {
			write(t, path, changedFile(t, `"secret": "keyring"`, `"secret": "vault"`))
		},
		"written by a newer Calla": func(t *testing.T,
			path string,
		) {
			write(t, path, changedFile(t, `"format": 1`, `"format": 2`))
		},
		"never written": func(t *testing.T, path string) { _ = os.Remove(path); _ = os.Remove(path + ".1") },
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t, t.TempDir())
			dir := s.file.dir
			for _, label := range []string{"x", "y"} {
				save(t, s, sample(t, 1, label))
			}
			if err := NewSecretsFile(dir).Set(t.Context(), "other", Secret{}.With("password", "geheim")); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			spoil(t, filepath.Join(dir, "accounts.json"))
			open(t, dir)
			if got, err := NewSecretsFile(dir).Get(t.Context(), "other"); err != nil || got.Of("password") != "geheim" {
				t.Errorf("gone: %v", err)
			}
		})
	}
}

// refusing is a place that takes nothing.
type refusing struct {
	Secrets
	err error
}

func (r refusing) Set(context.Context, string, Secret) error   { return r.err }
func (r refusing) Delete(context.Context, string) error        { return r.err }
func (r refusing) Get(context.Context, string) (Secret, error) { return Secret{}, r.err }

// TestKeepTellsWhatBecameOfThePassword: kept, not kept, or kept with an old copy left.
//
// Holds: kept-secrets
func TestKeepTellsWhatBecameOfThePassword(t *testing.T) {
	for _, test := range []struct {
		name          string
		keyring, file error // why these take nothing
		from, to      SecretPlace
		want          error
		cause         error
		at            SecretPlace
	}{
		{"kept in the keyring", nil, nil, SecretNone, SecretKeyring, nil, nil, SecretKeyring},
		{"no keyring", ErrKeyringAbsent, nil, SecretNone, SecretKeyring, ErrNotKept, ErrKeyringAbsent, SecretNone},
		{
			"no keyring, though it was there before", ErrKeyringAbsent, nil, SecretKeyring, SecretKeyring, ErrNotKept,
			ErrKeyringAbsent, SecretKeyring,
		},
		{
			"a locked keyring", ErrKeyringLocked, nil, SecretSession, SecretKeyring, ErrNotKept, ErrKeyringLocked,
			SecretSession,
		},
		{
			"a keyring that hangs", ErrKeyringStuck, nil, SecretFile, SecretKeyring, ErrNotKept, ErrKeyringStuck,
			SecretFile,
		},
		{"too long for a keyring", ErrTooLarge, nil, SecretNone, SecretKeyring, ErrNotKept, ErrTooLarge, SecretNone},
		{
			"a keyring that fails in another way", fs.ErrClosed, nil, SecretNone, SecretKeyring, ErrNotKept,
			fs.ErrClosed,
			SecretNone,
		},
		{"no file", nil, fs.ErrPermission, SecretNone, SecretFile, ErrNotKept, fs.ErrPermission, SecretNone},
		{"no such place", nil, nil, SecretSession, "drawer", ErrNotKept, nil, SecretSession},
		{
			"out of a keyring that does not let go", ErrKeyringLocked, nil, SecretKeyring, SecretSession, ErrCopyLeft,
			ErrKeyringLocked, SecretSession,
		},
		{
			"out of a file that does not let go", nil, fs.ErrPermission, SecretFile, SecretKeyring, ErrCopyLeft,
			fs.ErrPermission, SecretKeyring,
		},
		{"within the session", ErrKeyringAbsent, nil, SecretSession, SecretSession, nil, nil, SecretSession},
	} {
		t.Run(test.name, func(t *testing.T) {
			var keyring, file Secrets = new(Session), NewSecretsFile(t.TempDir())
			if test.keyring != nil {
				keyring = refusing{err: test.keyring}
			}
			if test.file != nil {
				file = refusing{err: test.file}
			}
			k := NewKeeper(keyring, new(Session), file)
			a := sample(t, 1, "x")[0]
			a.SecretPlace = test.from
			got, err := k.Keep(t.Context(), a, test.to)
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) ||
				!errors.Is(err, test.cause) && test.cause != nil {
				t.Errorf("told %v", err)
			}
			if got.SecretPlace != test.at {
				t.Errorf("at %q, want %q", got.SecretPlace, test.at)
			}
			if errors.Is(err, ErrNotKept) == errors.Is(err, ErrCopyLeft) && err != nil {
				t.Errorf("told both: %v", err)
			}
			if test.want == ErrNotKept {
				for _, place := range []Secrets{k.session, k.file} {
					if _, err := place.Get(t.Context(), a.ID); err == nil {
						t.Error("kept elsewhere without being told to")
					}
				}
			}
		})
	}
}

// TestGivenUpKeyringDoesNotTakeThePasswordLater: a keyring that waits for its user may take hours, and what was to be
// in it may have found another place.
//
// Holds: kept-secrets
func TestGivenUpKeyringDoesNotTakeThePasswordLater(t *testing.T) {
	for _, test := range []struct {
		name   string
		place  SecretPlace // chosen when the keyring did not answer; "" = none
		again  bool        // then the keyring after all
		inside bool        // the keyring has it in the end
	}{
		{"for this session", SecretSession, false, false},
		{"in a file", SecretFile, false, false},
		{"in a file, then in the keyring", SecretFile, true, true},
		{"for this session, then in the keyring", SecretSession, true, true},
		{"nothing chosen", SecretNone, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				f := &fakeKeyring{hang: make(chan struct{}), why: ErrKeyringLocked}
				k := NewKeeper(&Keyring{backend: f}, new(Session), NewSecretsFile(dir))
				a := Account{ID: "a", Config: config.Config{Password: "geheim"}}
				if _, err := k.Keep(t.Context(), a, SecretKeyring); !errors.Is(err, ErrNotKept) ||
					!errors.Is(err, ErrKeyringLocked) {
					t.Fatalf("told %v", err)
				}
				if test.place != SecretNone {
					var err error
					if a, err = k.Keep(t.Context(), a, test.place); err != nil {
						t.Fatal(err)
					}
				}
				close(f.hang) // the user unlocks it
				f.mu.Lock()
				f.hang = nil
				f.mu.Unlock()
				synctest.Wait()
				if test.again {
					if _, err := k.Keep(t.Context(), a, SecretKeyring); err != nil {
						t.Fatal(err)
					}
				}
				if inside := len(f.entries) == 1; inside != test.inside {
					t.Errorf("%d entries in the keyring", len(f.entries))
				}
			})
		})
	}
}
