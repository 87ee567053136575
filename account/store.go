package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Errors of Store that callers tell apart.
var (
	ErrInUse    = errors.New("another Calla uses this profile")
	ErrReadOnly = errors.New("accounts are read only")
)

// The files of a profile that are kept whole.
const (
	accountsFile = "accounts.json"
	settingsFile = "settings.json"
	secretsFile  = "secrets.json"
)

// Store is the folder of one profile, held by one instance of the program: accounts.json, settings.json
// and their earlier versions. It is safe for concurrent use; its methods touch the disk and are not for a
// signalling loop or a window's goroutine.
type Store struct {
	lock *flock.Flock

	mu         sync.Mutex
	file       keptFile // accounts.json
	doc        document // as last read or written
	readOnly   error
	accounts   []Account
	unreadable []json.RawMessage // stored accounts that could not be read, written back as they were

	settingsFile     keptFile // settings.json
	settingsReadOnly error
	settingsDoc      document
	settings         Settings
	settingsLoaded   Loaded
}

// Loaded tells what was found when a file was opened, for the user to know.
type Loaded struct {
	Accounts  int       // how many were read
	FromFile  string    // name of the file they were read from; "" when there was none at all
	Saved     time.Time // when that file was written; zero when unknown
	Damaged   string    // what is wrong with the newest file, beginning with its name; "" when nothing is
	MovedTo   string    // name the damaged file has now; "" when it stands where it stood
	Tightened []string  // names of files and folders that others could read, and now cannot
	Problems  []string  // single values and accounts that could not be used, with line, account and parameter
	ReadOnly  string    // why nothing can be saved; "" when it can

	Unreadable    int  // how many accounts could not be read; they stay in the file as they are
	Newer         bool // the file was written by a newer Calla
	CanStartEmpty bool // StartEmpty would make it possible to save
}

// Dir returns the folder of a profile: calla in the user's configuration folder for "", a folder below it
// for a name, and the folder itself for a path.
func Dir(profile string) (string, error) {
	if strings.ContainsAny(profile, `/\`) {
		return filepath.Abs(profile)
	}
	base, err := configDir()
	if err != nil {
		return "", fmt.Errorf("find the configuration folder: %w", err)
	}
	dir := filepath.Join(base, "calla")
	switch profile {
	case "":
		return dir, nil
	case ".", "..":
		return "", fmt.Errorf("profile %q: is not a name", profile)
	}
	return filepath.Join(dir, "profiles", profile), nil
}

// configDir is the user's configuration folder. A relative path in XDG_CONFIG_HOME is invalid and passed over, as the
// XDG Base Directory Specification wants it.
func configDir() (string, error) {
	base, err := os.UserConfigDir()
	if given := os.Getenv("XDG_CONFIG_HOME"); err == nil || given == "" || filepath.IsAbs(given) {
		return base, err
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".config"), nil
}

// inUseTime is how long Open waits for another that only has a look (see Read).
const inUseTime = 20 * time.Millisecond

// Open opens the profile in dir, making it where there is none, and locks it for this process: ErrInUse
// when another has it. A damaged file is no error: an earlier version is used, or the store
// is read only, and Loaded tells.
func Open(dir string) (*Store, Loaded, error) {
	var found Loaded
	s := &Store{
		file:         keptFile{dir, accountsFile},
		settingsFile: keptFile{dir, settingsFile},
		lock:         newLock(dir),
	}
	if err := checkDir(dir, &found); err != nil {
		s.readOnly = fmt.Errorf("open profile: %w", err)
	} else if locked, err := s.takeLock(context.Background()); err != nil {
		s.readOnly = fmt.Errorf("lock profile: %w", err)
	} else if !locked {
		return nil, Loaded{}, ErrInUse
	} else {
		removeStrays(dir)
	}
	s.loadAccounts(&found)
	s.loadSettings()
	s.dropSecretsNobodyKeeps(found)
	return s, found, nil
}

// takeLock takes the lock, and waits a moment for who has it. One that is free is taken however late it is: a busy
// computer may have this process wait for longer than the moment.
func (s *Store) takeLock(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, inUseTime)
	defer cancel()
	locked, err := s.lock.TryLockContext(ctx, time.Millisecond)
	if !locked && ctx.Err() != nil {
		return s.lock.TryLock()
	}
	return locked, err
}

// removeStrays deletes what savers that were killed left; the profile's lock is held.
func removeStrays(dir string) {
	for _, name := range []string{accountsFile, settingsFile, secretsFile} {
		keptFile{dir, name}.removeStray()
	}
}

// Read has a look at the accounts of a profile, while another may have it open: nothing of it is changed, and a file
// that is damaged stays where it is. Loaded tells what was found, as Open's does.
func Read(dir string) ([]Account, Loaded) {
	s := &Store{file: keptFile{dir, accountsFile}, readOnly: errLooking}
	if lock := newLock(dir); isDir(dir) { // what a killed one left is no business of one that runs
		if locked, err := lock.TryLock(); err == nil && locked {
			removeStrays(dir)
		}
		_ = lock.Close()
	}
	var found Loaded
	s.loadAccounts(&found)
	return s.accounts, found
}

// errLooking is why Read saves nothing.
var errLooking = errors.New("it is only looked at")

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func newLock(dir string) *flock.Flock {
	return flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
}

func (s *Store) loadAccounts(found *Loaded) {
	var c content
	var err error
	if s.readOnly == nil {
		c, err = s.file.load(found, checkAccounts)
		s.readOnly = err
	} else {
		c, _, err = s.file.look(found, checkAccounts, nil)
	}
	s.doc = c.document
	if c.document["accounts"] != nil {
		var wrong error
		if s.accounts, s.unreadable, found.Problems,
			wrong = readAccounts(c.document, c.text); wrong != nil && s.readOnly == nil {
			s.readOnly = fmt.Errorf("%s %w", s.file.name, wrong)
		}
	}
	found.Accounts, found.Unreadable = len(s.accounts), len(s.unreadable)
	switch {
	case errors.Is(err, errNewer):
		found.ReadOnly, found.Newer = s.file.name+" "+errNewer.Error(), true
	case s.readOnly != nil && !errors.Is(s.readOnly, errLooking):
		found.ReadOnly = s.readOnly.Error()
	}
	found.CanStartEmpty = s.canStartEmpty()
}

// canStartEmpty tells whether StartEmpty makes the store writable.
func (s *Store) canStartEmpty() bool {
	return s.readOnly != nil && s.lock != nil && s.lock.Locked() && !errors.Is(s.readOnly, errNewer)
}

// checkAccounts is what a whole accounts.json must have beyond what every kept file has.
func checkAccounts(doc document) error {
	_, _, _, err := readAccounts(doc, nil)
	return err
}

// dropSecretsNobodyKeeps takes out of the secrets file what no account keeps there any more: a program that was killed
// while it moved a password, or a file that was damaged when it was given up, left it. Where it is not certain which
// accounts there are, nothing is taken out.
func (s *Store) dropSecretsNobodyKeeps(found Loaded) {
	if s.readOnly != nil || found.Damaged != "" || found.FromFile == "" || len(s.unreadable) > 0 {
		return
	}
	kept := make(map[string]bool)
	for _, a := range s.accounts {
		switch a.SecretPlace {
		case SecretFile:
			kept[a.ID] = true
		case SecretNone, SecretKeyring, SecretSession:
		default:
			return
		}
	}
	_ = NewSecretsFile(s.file.dir).retain(kept) // what cannot be done now is done at the next start
}

// Accounts returns the accounts in their order, without their secrets (see Keeper.Join).
func (s *Store) Accounts() []Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accounts)
}

// Save writes the accounts in place of the earlier ones, their secrets left out. It returns ErrReadOnly
// when the store is read only.
func (s *Store) Save(accounts []Account) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readOnly != nil {
		return fmt.Errorf("save accounts: %w: %w", ErrReadOnly, s.readOnly)
	}
	seen := make(map[string]bool)
	for _, a := range accounts {
		if !validID(a.ID) || seen[a.ID] {
			return fmt.Errorf("save accounts: account %q has no id of its own", a.Name())
		}
		seen[a.ID] = true
	}
	list, err := writeAccounts(accounts, s.unreadable)
	if err != nil {
		return fmt.Errorf("save accounts: %w", err)
	}
	doc := s.doc.with("accounts", list)
	if err := s.file.save(doc, checkAccounts); err != nil {
		return err
	}
	s.doc = doc
	s.accounts, _, _, err = readAccounts(doc, nil)
	return err
}

// with returns a copy of d with one member set.
func (d document) with(name string, v json.RawMessage) document {
	c := make(document, len(d)+1)
	for n, raw := range d {
		c[n] = raw
	}
	delete(c, "checksum")
	c[name] = v
	return c
}

// Dir returns the folder of the profile.
func (s *Store) Dir() string { return s.file.dir }

// ReadOnly returns why nothing can be saved, or nil.
func (s *Store) ReadOnly() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.readOnly
}

// StartEmpty makes a store writable whose file is damaged beyond its backups, at the user's word: the
// damaged file is moved aside, under the name returned, and there are no accounts. A store
// that is read only for another reason stays so.
func (s *Store) StartEmpty() (movedTo string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readOnly == nil {
		return "", nil
	}
	if !s.canStartEmpty() {
		return "", fmt.Errorf("start empty: %w", s.readOnly)
	}
	var found Loaded
	if _, err := os.Lstat(s.file.path()); err == nil {
		if err := s.file.moveAside(&found); err != nil {
			return "", fmt.Errorf("start empty: %w", err)
		}
	}
	s.readOnly, s.doc, s.accounts, s.unreadable = nil, document{}, nil, nil
	return found.MovedTo, nil
}

// Close gives the profile free for another instance.
func (s *Store) Close() error {
	if err := s.lock.Close(); err != nil {
		return fmt.Errorf("unlock profile: %w", err)
	}
	return nil
}
