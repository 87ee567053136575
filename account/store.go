package account

import (
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
	Problems  []string  // single values that could not be used, with account and parameter
	ReadOnly  string    // why nothing can be saved; "" when it can
}

// Dir returns the folder of a profile: calla in the user's configuration folder for "", a folder below it
// for a name, and the folder itself for a path.
func Dir(profile string) (string, error) {
	if strings.ContainsAny(profile, `/\`) {
		return filepath.Abs(profile)
	}
	base, err := os.UserConfigDir()
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

// Open opens the profile in dir, making it where there is none, and locks it for this process: ErrInUse
// when another has it. A damaged file is no error: an earlier version is used, or the store
// is read only, and Loaded tells.
func Open(dir string) (*Store, Loaded, error) {
	var found Loaded
	s := &Store{
		file:         keptFile{dir, "accounts.json"},
		settingsFile: keptFile{dir, "settings.json"},
		lock:         flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600)),
	}
	if err := checkDir(dir, &found); err != nil {
		s.readOnly = fmt.Errorf("open profile: %w", err)
	} else if locked, err := s.lock.TryLock(); err != nil {
		s.readOnly = fmt.Errorf("lock profile: %w", err)
	} else if !locked {
		return nil, Loaded{}, ErrInUse
	} else {
		s.file.removeStray()
		s.settingsFile.removeStray()
	}
	s.loadAccounts(&found)
	s.loadSettings()
	return s, found, nil
}

func (s *Store) loadAccounts(found *Loaded) {
	doc, err := s.file.load(found, checkAccounts)
	if s.readOnly == nil {
		s.readOnly = err
	}
	s.doc = doc
	if doc["accounts"] != nil {
		if s.accounts, s.unreadable, found.Problems, err = readAccounts(doc); err != nil && s.readOnly == nil {
			s.readOnly = fmt.Errorf("%s %w", s.file.name, err)
		}
	}
	found.Accounts = len(s.accounts)
	if s.readOnly != nil {
		found.ReadOnly = s.readOnly.Error()
		if errors.Is(s.readOnly, errNewer) {
			found.ReadOnly = s.file.name + " " + errNewer.Error()
		}
	}
}

// checkAccounts is what a whole accounts.json must have beyond what every kept file has.
func checkAccounts(doc document) error {
	_, _, _, err := readAccounts(doc)
	return err
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
	s.accounts, _, _, err = readAccounts(doc)
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
	if !s.lock.Locked() || errors.Is(s.readOnly, errNewer) {
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
