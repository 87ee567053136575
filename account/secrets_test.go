package account

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/config"

	"github.com/google/go-cmp/cmp"
	"github.com/zalando/go-keyring"
)

func sampleSecret() Secret {
	s := Secret{}.With("password", "Gehëim \"\\%s\n€").With("ha1", "7b33").With("authorization_jwt", "Bearer ey").
		With("calla.proxy_password", "open sesame")
	s.add(SecretKey{"turn_servers", "turn:a", "u"}, "ñ")
	s.add(SecretKey{"turn_servers", "turns:b", "u"}, "\u2028")
	return s
}

// keepsSecrets runs an implementation of Secrets through what all must do.
func keepsSecrets(t *testing.T, s Secrets) {
	t.Helper()
	ctx := t.Context()
	if _, err := s.Get(ctx, "a"); !errors.Is(err, ErrNoSecret) {
		t.Fatalf("get before set: %v", err)
	}
	want := sampleSecret()
	for _, secret := range []Secret{Secret{}.With("password", "first"), want} {
		if err := s.Set(ctx, "a", secret); err != nil {
			t.Fatalf("set: %v", err)
		}
	}
	if err := s.Set(ctx, "b", Secret{}.With("password", "other")); err != nil {
		t.Fatalf("set: %v", err)
	}
	got, err := s.Get(ctx, "a")
	if err != nil || !maps.Equal(got.Values, want.Values) || len(want.Values) != 6 {
		t.Fatalf("got %v, %v", got.Values, err)
	}
	for range 2 {
		if err := s.Delete(ctx, "a"); err != nil {
			t.Fatalf("delete: %v", err)
		}
	}
	if _, err := s.Get(ctx, "a"); !errors.Is(err, ErrNoSecret) {
		t.Fatalf("get after delete: %v", err)
	}
	if got, err := s.Get(ctx, "b"); err != nil || got.Of("password") != "other" {
		t.Fatalf("the other account: %v", err)
	}
	if err := s.Delete(ctx, "b"); err != nil {
		t.Fatalf("delete: %v", err)
	}
}

func TestSessionKeepsSecrets(t *testing.T) { keepsSecrets(t, new(Session)) }

func TestSecretsFileKeepsSecrets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "calla")
	f := NewSecretsFile(dir)
	keepsSecrets(t, f)
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("left %v", got)
	}
	if err := f.Set(t.Context(), "a", sampleSecret()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "secrets.json")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	write(t, path, []byte("{half"))
	if _, err := f.Get(t.Context(), "a"); err == nil || errors.Is(err, ErrNoSecret) {
		t.Errorf("damaged: %v", err)
	}
	if err := f.Set(t.Context(), "a", sampleSecret()); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); len(got) != 2 || !strings.HasPrefix(got[1], "secrets.json.corrupt-") {
		t.Errorf("files %v", got)
	}
}

func TestSecretsAreSplitAndJoined(t *testing.T) {
	c := sample(t, 1, "x")[0].Config
	c.TurnServers = append(c.TurnServers, config.TurnServer{
		URLs: []string{"turn:v", "turns:v"}, Username: "w",
		Credential: "anders",
	})
	bare, s := SplitSecret(c)
	if bare.Password != "" || bare.TurnServers[0].Credential != "" || c.TurnServers[0].Credential == "" ||
		len(s.Values) != 4 {
		t.Errorf("%+v", s)
	}
	if diff := JoinSecret(bare, s).Differences(c); diff != nil {
		t.Errorf("differs in %v", diff)
	}
	bare.TurnServers[1].URLs = []string{"turns:v"} // one URL taken away
	bare.TurnServers[0].Username = "someone else"
	joined := JoinSecret(bare, s)
	if joined.TurnServers[1].Credential != "anders" || joined.TurnServers[0].Credential != "" {
		t.Error("credentials joined to the wrong server")
	}
}

// fakeKeyring is a keyring whose calls wait while it is locked or stuck.
type fakeKeyring struct {
	mu      sync.Mutex
	entries map[string]string
	calls   int
	err     error         // of every call
	hang    chan struct{} // calls wait until it is closed
	why     error         // of Diagnose
}

func (f *fakeKeyring) enter() error {
	f.mu.Lock()
	f.calls++
	hang := f.hang
	f.mu.Unlock()
	if hang != nil {
		<-hang
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *fakeKeyring) Get(service, user string) (string, error) {
	if err := f.enter(); err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if v, ok := f.entries[service+"/"+user]; ok {
		return v, nil
	}
	return "", keyring.ErrNotFound
}

func (f *fakeKeyring) Set(service, user, secret string) error {
	if err := f.enter(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.entries == nil {
		f.entries = make(map[string]string)
	}
	f.entries[service+"/"+user] = secret
	return nil
}

func (f *fakeKeyring) Delete(service, user string) error {
	if err := f.enter(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.entries[service+"/"+user]; !ok {
		return keyring.ErrNotFound
	}
	delete(f.entries, service+"/"+user)
	return nil
}

// count returns how often the keyring was called.
func (f *fakeKeyring) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

func (f *fakeKeyring) Diagnose(err error) error { return errors.Join(f.why, err) }

func TestKeyringKeepsSecrets(t *testing.T) {
	f := new(fakeKeyring)
	k := &Keyring{backend: f}
	keepsSecrets(t, k)
	if err := k.Set(t.Context(), "a", Secret{Values: map[SecretKey]config.Secret{
		{Parameter: "password"}: "p", {"turn_servers", "turn:x", "u"}: "c",
	}}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"app.calla.Calla/a": `{"password":"p","turn":[{"url":"turn:x","username":"u","credential":"c"}]}`,
	}
	if diff := cmp.Diff(want, f.entries); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	f.entries["app.calla.Calla/a"] = "plain text of another program"
	if _, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrNoSecret) {
		t.Errorf("foreign entry: %v", err)
	}
}

func TestKeyringRefusesTooLargeSecrets(t *testing.T) {
	f := new(fakeKeyring)
	k := &Keyring{backend: f}
	long := Secret{}.With("password", config.Secret(strings.Repeat("x", 4096)))
	if err := k.Set(t.Context(), "a", long); !errors.Is(err, ErrTooLarge) || f.calls != 0 {
		t.Errorf("got %v after %d calls", err, f.calls)
	}
}

func TestAnyKeyringErrorMeansUnavailable(t *testing.T) {
	k := &Keyring{backend: &fakeKeyring{
		err: errors.New("dbus: couldn't determine address of session bus"),
		why: ErrKeyringAbsent,
	}}
	_, get := k.Get(t.Context(), "a")
	for _, err := range []error{get, k.Set(t.Context(), "a", Secret{}), k.Delete(t.Context(), "a")} {
		if !errors.Is(err, ErrKeyringAbsent) {
			t.Errorf("got %v", err)
		}
	}
}

func TestStuckKeyringIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeKeyring{
			hang: make(chan struct{}), why: ErrKeyringStuck,
			entries: map[string]string{"app.calla.Calla/a": `{"password":"p"}`},
		}
		k := &Keyring{backend: f}
		start := time.Now()
		for range 3 {
			if _, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrKeyringStuck) {
				t.Errorf("get: %v", err)
			}
		}
		if err := k.Set(t.Context(), "b", Secret{}.With("password", "x")); !errors.Is(err, ErrKeyringStuck) {
			t.Errorf("set: %v", err)
		}
		if took := time.Since(start); took != 4*DefaultKeyringDeadline || f.count() != 1 {
			t.Errorf("%d calls, took %v", f.count(), took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := k.Get(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("get with a deadline of its own: %v", err)
		}
		got := make(chan error)
		go func() {
			s, err := k.Get(t.Context(), "a")
			if s.Of("password") != "p" {
				err = errors.Join(err, errors.New("wrong password"))
			}
			got <- err
		}()
		synctest.Wait()
		close(f.hang) // the user unlocks
		if err := <-got; err != nil || f.count() != 1 {
			t.Errorf("after unlocking: %v, %d calls", err, f.count())
		}
		f.mu.Lock()
		f.hang = nil
		f.mu.Unlock()
		if err := k.Set(t.Context(), "b", Secret{}.With("password", "x")); err != nil {
			t.Errorf("set after unlocking: %v", err)
		}
	})
}

func TestKeeperMovesSecretsOnlyWhereAsked(t *testing.T) {
	ctx := t.Context()
	f := new(fakeKeyring)
	k := NewKeeper(&Keyring{backend: f}, new(Session), NewSecretsFile(t.TempDir()))
	a := sample(t, 1, "x")[0]
	a.SecretPlace = SecretNone
	for _, place := range []SecretPlace{SecretKeyring, SecretSession, SecretFile, SecretKeyring} {
		b, err := k.Keep(ctx, a, place)
		if err != nil || b.SecretPlace != place {
			t.Fatalf("keep at %s: %v", place, err)
		}
		bare := b
		bare.Config, _ = SplitSecret(b.Config)
		joined, err := k.Join(ctx, bare)
		if err != nil || !same(joined, b) {
			t.Fatalf("join from %s: %v", place, err)
		}
		if a.SecretPlace != SecretNone {
			if _, err := k.Join(ctx, a); a.SecretPlace != place && !errors.Is(err, ErrNoSecret) {
				t.Errorf("left at %s: %v", a.SecretPlace, err)
			}
		}
		a = b
	}
	f.err, f.why = errors.New("gone"), ErrKeyringAbsent
	if b, err := k.Keep(ctx, a, SecretKeyring); !errors.Is(err, ErrKeyringAbsent) || b.SecretPlace != a.SecretPlace {
		t.Errorf("kept at %s: %v", b.SecretPlace, err)
	}
	for _, place := range []Secrets{k.session, k.file} {
		if _, err := place.Get(ctx, a.ID); !errors.Is(err, ErrNoSecret) {
			t.Errorf("fell back silently: %v", err)
		}
	}
	if b, err := k.Keep(ctx, a, SecretSession); err == nil || b.SecretPlace != SecretSession {
		t.Errorf("a copy left in the keyring is not told: %v", err)
	}
	f.err = nil
	bare := a
	bare.Config, _ = SplitSecret(a.Config)
	if b, err := k.Keep(ctx, bare, SecretSession); err != nil || b.SecretPlace != SecretKeyring {
		t.Errorf("an account that was not joined moved: %v", err)
	}
	if err := k.Forget(ctx, a); err != nil || len(f.entries) != 0 {
		t.Errorf("forget: %v, %d entries", err, len(f.entries))
	}
	if _, err := k.Keep(ctx, a, "drawer"); err == nil {
		t.Error("kept in a drawer")
	}
}

func TestSecretsAreJoinedWhereTheyMeanSomething(t *testing.T) {
	whole := config.Config{
		URI: "sip:a@b", Password: "p", HA1: "h", Realm: "r", AuthorizationJWT: "j",
		Calla: config.Additions{Proxy: "http://u@proxy", ProxyPassword: "pp"},
	}
	bare, secret := SplitSecret(whole)
	if bare.Password != "" || bare.HA1 != "" || bare.AuthorizationJWT != "" || bare.Calla.ProxyPassword != "" {
		t.Errorf("%+v", bare)
	}
	if diff := JoinSecret(bare, secret).Differences(whole); diff != nil {
		t.Errorf("differs in %v", diff)
	}
	bare.Realm, bare.Calla.Proxy = "", "http://proxy"
	if c := JoinSecret(bare, secret); c.HA1 != "" || c.Calla.ProxyPassword != "" || c.Password == "" {
		t.Errorf("%+v", c)
	}
	bare.Password = "new"
	if c := JoinSecret(bare, secret); c.Password.Reveal() != "new" {
		t.Error("a given secret was replaced")
	}
}
