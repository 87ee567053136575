package account

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"calla/netsip/config"
)

// Secret is what an account keeps out of its file: its parameters of config.KindSecret and the credentials of its
// TURN servers.
type Secret struct {
	// Values are those that there are; none is "".
	Values map[SecretKey]config.Secret
	// Forget names the parameters whose kept secrets are to be kept no longer. It goes with a change, and is not kept
	// itself.
	Forget []string
}

// SecretKey names one secret of an account.
type SecretKey struct {
	Parameter string // its name in config.Parameters
	URL       string // of turn_servers: of the server that the credential is for; else ""
	Username  string // of turn_servers: whose credential it is; else ""
}

// turnServers is the parameter that has secrets in its value.
const turnServers = "turn_servers"

// Of returns the secret of a parameter; "" where there is none.
func (s Secret) Of(parameter string) config.Secret { return s.Values[SecretKey{Parameter: parameter}] }

// With returns s with another secret of a parameter; "" takes it away.
func (s Secret) With(parameter string, secret config.Secret) Secret {
	s = s.Without([]string{parameter})
	s.add(SecretKey{Parameter: parameter}, secret)
	return s
}

// Without returns s without the secrets of some parameters.
func (s Secret) Without(parameters []string) Secret {
	s.Values = maps.Clone(s.Values)
	maps.DeleteFunc(s.Values, func(key SecretKey, _ config.Secret) bool {
		return slices.Contains(parameters, key.Parameter)
	})
	return s
}

// add puts a secret where there is none yet.
func (s *Secret) add(key SecretKey, secret config.Secret) {
	if _, has := s.Values[key]; has || secret == "" {
		return
	}
	if s.Values == nil {
		s.Values = make(map[SecretKey]config.Secret)
	}
	s.Values[key] = secret
}

// Secrets keeps one Secret per account. Its methods may block, at most until the context ends, and
// may be called concurrently. The implementations are Keyring, Session and SecretsFile.
type Secrets interface {
	// Get returns the account's secret; ErrNoSecret when there is none.
	Get(ctx context.Context, accountID string) (Secret, error)
	// Set keeps the account's secret in place of an earlier one.
	Set(ctx context.Context, accountID string, s Secret) error
	// Delete forgets the account's secret; that there is none is no error.
	Delete(ctx context.Context, accountID string) error
}

// Errors of Secrets that callers tell apart. Any of a keyring's but ErrNoSecret and ErrTooLarge means that
// it cannot be used now.
var (
	ErrNoSecret      = errors.New("no password is kept for this account")
	ErrKeyringAbsent = errors.New("this system has no keyring that can be used")
	ErrKeyringLocked = errors.New("the keyring is locked and waits to be unlocked")
	ErrKeyringStuck  = errors.New("the keyring does not answer")
	ErrTooLarge      = errors.New("password and TURN credentials together are too long for a keyring")
)

// IsEmpty tells whether there is nothing to keep.
func (s Secret) IsEmpty() bool { return len(s.Values) == 0 }

// SplitSecret takes the secrets out of a configuration. Of several credentials for the same URL and user name the first
// counts.
func SplitSecret(c config.Config) (config.Config, Secret) {
	var s Secret
	for _, p := range config.Parameters() {
		if field := p.Secret(&c); field != nil {
			s.add(SecretKey{Parameter: p.Name}, *field)
			*field = ""
		}
	}
	c.TurnServers = slices.Clone(c.TurnServers)
	for i := range c.TurnServers {
		t := &c.TurnServers[i]
		for _, u := range t.URLs {
			s.add(SecretKey{turnServers, u, t.Username}, t.Credential)
		}
		t.Credential = ""
	}
	return c, s
}

// JoinSecret puts secrets into a configuration where it has none. A TURN server gets the credential of the first of
// its URLs that has one for its user name. What has lost its meaning (config.Parameter.Means) is left out.
func JoinSecret(c config.Config, s Secret) config.Config {
	for _, p := range config.Parameters() {
		if field := p.Secret(&c); field != nil && *field == "" && p.Means(c) {
			*field = s.Of(p.Name)
		}
	}
	c.TurnServers = slices.Clone(c.TurnServers)
	for i := range c.TurnServers {
		t := &c.TurnServers[i]
		for _, u := range t.URLs {
			t.Credential = cmp.Or(t.Credential, s.Values[SecretKey{turnServers, u, t.Username}])
		}
	}
	return c
}

// Session keeps secrets in memory, until the program ends. The zero value is ready to use.
type Session struct {
	mu      sync.Mutex
	secrets map[string]Secret
}

// Get returns the account's secret.
func (s *Session) Get(_ context.Context, accountID string) (Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	secret, ok := s.secrets[accountID]
	if !ok {
		return Secret{}, ErrNoSecret
	}
	secret.Values = maps.Clone(secret.Values)
	return secret, nil
}

// Set keeps the account's secret.
func (s *Session) Set(_ context.Context, accountID string, secret Secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.secrets == nil {
		s.secrets = make(map[string]Secret)
	}
	s.secrets[accountID] = Secret{Values: maps.Clone(secret.Values)}
	return nil
}

// Delete forgets the account's secret.
func (s *Session) Delete(_ context.Context, accountID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.secrets, accountID)
	return nil
}

// SecretsFile keeps secrets readable in a file of the profile that only this user can open: for
// users who asked for it. It has no backups: what was deleted is gone.
type SecretsFile struct {
	mu   sync.Mutex
	file keptFile
}

// NewSecretsFile returns the SecretsFile of a profile's folder; the file is made by the first Set.
func NewSecretsFile(dir string) *SecretsFile {
	return &SecretsFile{file: keptFile{dir, secretsFile}}
}

// Get returns the account's secret.
func (f *SecretsFile) Get(_ context.Context, accountID string) (Secret, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return Secret{}, err
	}
	stored, ok := all[accountID]
	if !ok {
		return Secret{}, ErrNoSecret
	}
	return Secret{Values: stored}, nil
}

// Set keeps the account's secret. A damaged file is moved aside.
func (f *SecretsFile) Set(_ context.Context, accountID string, s Secret) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if errors.Is(err, ErrSecretsDamaged) {
		all, err = map[string]storedSecret{}, f.file.moveAside(new(Loaded))
	}
	if err != nil {
		return err
	}
	all[accountID] = s.Values
	return f.write(all)
}

// Delete forgets the account's secret; the file goes with the last one, and the damaged ones that were moved aside.
func (f *SecretsFile) Delete(_ context.Context, accountID string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return err
	}
	if _, ok := all[accountID]; !ok {
		return nil
	}
	delete(all, accountID)
	return f.write(all)
}

// retain forgets the secrets of all but the given accounts.
func (f *SecretsFile) retain(accountIDs map[string]bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	switch {
	case err != nil && len(accountIDs) == 0:
		return f.giveUp()
	case err != nil:
		return err
	}
	before := len(all)
	maps.DeleteFunc(all, func(id string, _ storedSecret) bool { return !accountIDs[id] })
	if len(all) == before && before > 0 {
		return nil
	}
	return f.write(all)
}

// giveUp deletes the file, and what was moved aside of it or never became it: there is no secret in it that anybody
// keeps here.
func (f *SecretsFile) giveUp() error {
	f.file.removeStray()
	left, err := filepath.Glob(f.file.path() + ".corrupt-*")
	for _, path := range append(left, f.file.path()) {
		if e := os.Remove(path); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	if err != nil {
		return fmt.Errorf("delete secrets: %w", err)
	}
	return nil
}

// ErrSecretsDamaged is a secrets file that is there and cannot be understood.
var ErrSecretsDamaged = errors.New("the file of passwords is damaged")

// read returns the secrets by account.
func (f *SecretsFile) read() (map[string]storedSecret, error) {
	all := make(map[string]storedSecret)
	if err := checkFile(f.file.dir, f.file.path(), new(Loaded)); err != nil {
		return nil, fmt.Errorf("read secrets: %w", err)
	}
	data, err := readRegular(f.file.path())
	var unreadable *os.PathError
	switch {
	case errors.Is(err, os.ErrNotExist):
		return all, nil
	case errors.As(err, &unreadable):
		return nil, fmt.Errorf("read secrets: %s", damageWords(secretsFile, err))
	case err != nil:
		return nil, fmt.Errorf("%w: %s", ErrSecretsDamaged, damageWords(secretsFile, err))
	}
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if err = checkText(data); err == nil {
		if err = json.Unmarshal(data, &all); err != nil {
			err = syntaxWords(data, err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrSecretsDamaged, damageWords(secretsFile, err))
	}
	if all == nil {
		return nil, ErrSecretsDamaged
	}
	return all, nil
}

// write writes the secrets; with the last one the file goes.
func (f *SecretsFile) write(all map[string]storedSecret) error {
	if len(all) == 0 {
		return f.giveUp()
	}
	data, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("write secrets: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(f.file.path()), 0o700); err != nil {
		return fmt.Errorf("write secrets: %w", err)
	}
	return f.file.replace(data)
}
