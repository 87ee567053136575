package account

import (
	"errors"
	"time"
)

// Store is the account file of one profile, held open by one instance of the program. It is safe for
// concurrent use; its methods touch the disk and are not for a signalling loop or a window's goroutine.
type Store struct {
	dir      string
	readOnly error
	accounts []Account
}

// Errors of Store that callers tell apart.
var (
	ErrInUse    = errors.New("another Calla uses this profile")
	ErrReadOnly = errors.New("accounts are read only")
)

// Loaded tells what was found when a file was opened, for the user to know.
type Loaded struct {
	Accounts  int       // how many were read
	FromFile  string    // name of the file they were read from; "" when there was none at all
	Saved     time.Time // when that file was written
	Damaged   string    // why the newest file could not be used; "" when it could
	MovedTo   string    // name the damaged file has now; "" when it stands where it stood
	Tightened []string  // names of files and folders whose permissions were too open, and were tightened
	Problems  []string  // single values that could not be used, with account and parameter
	ReadOnly  string    // why nothing can be saved; "" when it can
}

// Open opens the profile in dir, making it where there is none, and locks it for this process: ErrInUse
// when another has it. An error means that there is no store; a damaged file is no error, but told in Loaded.
func Open(dir string) (*Store, Loaded, error) {
	return nil, Loaded{}, errors.New("account: under construction")
}

// Accounts returns the accounts in their order, without their secrets (see Keeper.Join).
func (s *Store) Accounts() []Account { return nil }

// Save writes the accounts in place of the earlier ones, secrets left out. ErrReadOnly when the store is.
func (s *Store) Save(accounts []Account) error { return ErrReadOnly }

// Settings returns what the accounts share, and Loaded of settings.json.
func (s *Store) Settings() (Settings, Loaded) { return Settings{}, Loaded{} }

// SaveSettings writes settings.json under the same rules as Save.
func (s *Store) SaveSettings(v Settings) error { return ErrReadOnly }

// ReadOnly returns why nothing can be saved, or nil.
func (s *Store) ReadOnly() error { return s.readOnly }

// Close gives the profile free.
func (s *Store) Close() error { return nil }
