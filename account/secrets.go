package account

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"calla/netsip/config"
)

// Secret is what an account keeps out of its file: the password and what stands in its place, the proxy's
// password and the credentials of its TURN servers.
type Secret struct {
	Password         config.Secret
	HA1              config.Secret
	AuthorizationJWT config.Secret
	ProxyPassword    config.Secret
	Turn             []TurnCredential

	// Forget names the parameters whose kept secret is to be kept no longer. It goes with a change, and is not kept
	// itself.
	Forget []string
}

// Named are the secrets that are parameters of their own, by the parameters' names.
func (s *Secret) Named() map[string]*config.Secret {
	return map[string]*config.Secret{
		"password": &s.Password, "ha1": &s.HA1, "authorization_jwt": &s.AuthorizationJWT,
		"calla.proxy_password": &s.ProxyPassword,
	}
}

// Without returns s without the secrets of some parameters.
func (s Secret) Without(parameters []string) Secret {
	named := s.Named()
	for _, p := range parameters {
		if secret := named[p]; secret != nil {
			*secret = ""
		}
	}
	return s
}

// TurnCredential is the credential of a TURN server's URL for a user name.
type TurnCredential struct {
	URL        string
	Username   string
	Credential config.Secret
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
func (s Secret) IsEmpty() bool {
	for _, secret := range s.Named() {
		if *secret != "" {
			return false
		}
	}
	return len(s.Turn) == 0
}

// SplitSecret takes the secrets out of a configuration.
func SplitSecret(c config.Config) (config.Config, Secret) {
	s := Secret{
		Password: c.Password, HA1: c.HA1, AuthorizationJWT: c.AuthorizationJWT,
		ProxyPassword: c.Calla.ProxyPassword,
	}
	c.Password, c.HA1, c.AuthorizationJWT, c.Calla.ProxyPassword = "", "", "", ""
	c.TurnServers = slices.Clone(c.TurnServers)
	for i := range c.TurnServers {
		t := &c.TurnServers[i]
		for _, u := range t.URLs {
			if t.Credential != "" {
				s.Turn = append(s.Turn, TurnCredential{URL: u, Username: t.Username, Credential: t.Credential})
			}
		}
		t.Credential = ""
	}
	return c, s
}

// JoinSecret puts secrets into a configuration that has none. A TURN server gets the credential of the first of
// its URLs that has one for its user name. What has lost its meaning is left out: ha1 without realm, the password of
// a proxy without user name.
func JoinSecret(c config.Config, s Secret) config.Config {
	join := func(to *config.Secret, kept config.Secret) {
		if *to == "" {
			*to = kept
		}
	}
	join(&c.Password, s.Password)
	join(&c.AuthorizationJWT, s.AuthorizationJWT)
	if c.Realm != "" {
		join(&c.HA1, s.HA1)
	}
	if strings.Contains(c.Calla.Proxy, "@") {
		join(&c.Calla.ProxyPassword, s.ProxyPassword)
	}
	c.TurnServers = slices.Clone(c.TurnServers)
	for i := range c.TurnServers {
		t := &c.TurnServers[i]
		for _, known := range s.Turn {
			if t.Credential == "" && known.Username == t.Username && slices.Contains(t.URLs, known.URL) {
				t.Credential = known.Credential
			}
		}
	}
	return c
}

// storedSecret is Secret as a keyring or the secrets file holds it.
type storedSecret struct {
	Password         string       `json:"password,omitempty"`
	HA1              string       `json:"ha1,omitempty"`
	AuthorizationJWT string       `json:"authorization_jwt,omitempty"`
	ProxyPassword    string       `json:"proxy_password,omitempty"`
	Turn             []storedTurn `json:"turn,omitempty"`
}

type storedTurn struct {
	URL        string `json:"url"`
	Username   string `json:"username"`
	Credential string `json:"credential"`
}

func (s Secret) stored() storedSecret {
	stored := storedSecret{
		Password: s.Password.Reveal(), HA1: s.HA1.Reveal(),
		AuthorizationJWT: s.AuthorizationJWT.Reveal(), ProxyPassword: s.ProxyPassword.Reveal(),
	}
	for _, t := range s.Turn {
		stored.Turn = append(stored.Turn, storedTurn{t.URL, t.Username, t.Credential.Reveal()})
	}
	return stored
}

func (s storedSecret) secret() Secret {
	secret := Secret{
		Password: config.Secret(s.Password), HA1: config.Secret(s.HA1),
		AuthorizationJWT: config.Secret(s.AuthorizationJWT), ProxyPassword: config.Secret(s.ProxyPassword),
	}
	for _, t := range s.Turn {
		secret.Turn = append(secret.Turn, TurnCredential{t.URL, t.Username, config.Secret(t.Credential)})
	}
	return secret
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
	secret.Turn = slices.Clone(secret.Turn)
	return secret, nil
}

// Set keeps the account's secret.
func (s *Session) Set(_ context.Context, accountID string, secret Secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.secrets == nil {
		s.secrets = make(map[string]Secret)
	}
	secret.Turn = slices.Clone(secret.Turn)
	s.secrets[accountID] = secret
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
	return stored.secret(), nil
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
	all[accountID] = s.stored()
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
