package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"calla/netsip/config"
)

// secretParameters are the parameters that are secrets, and a configuration in which each means something and has a
// value of its own.
func secretParameters(t *testing.T) ([]config.Parameter, config.Config) {
	t.Helper()
	c := config.Config{
		URI: "sip:a@example.com", Realm: "example.com", Calla: config.Additions{Proxy: "http://u@proxy:1"},
		TurnServers: []config.TurnServer{{URLs: []string{"turn:t"}, Username: "u", Credential: "its credential"}},
	}
	var secrets []config.Parameter
	for _, p := range config.Parameters() {
		if p.Kind != config.KindSecret {
			continue
		}
		if err := p.Set(&c, "that of "+p.Name); err != nil || !p.Means(c) {
			t.Fatalf("%s: %v; the configuration of this test has to give it a meaning", p.Name, err)
		}
		secrets = append(secrets, p)
	}
	if len(secrets) < 4 {
		t.Fatalf("%d parameters are secrets", len(secrets))
	}
	return secrets, c
}

// TestEverySecretParameterIsKept: each parameter that is a secret leaves the configuration, is stored at every place,
// comes back into its own field, and is forgotten by its name without the others.
func TestEverySecretParameterIsKept(t *testing.T) {
	secrets, whole := secretParameters(t)
	bare, split := SplitSecret(whole)
	if len(split.Values) != len(secrets)+1 {
		t.Errorf("%d secrets of %d", len(split.Values), len(secrets)+1)
	}
	for _, p := range secrets {
		t.Run(p.Name, func(t *testing.T) {
			want := config.Secret("that of " + p.Name)
			if p.Given(bare) || split.Of(p.Name) != want || !p.Given(whole) {
				t.Error("is not split off")
			}
			alone := Secret{}.With(p.Name, want)
			if alone.IsEmpty() || len(alone.Values) != 1 || !alone.With(p.Name, "").IsEmpty() {
				t.Error("alone it is not one secret")
			}
			for place, kept := range map[string]Secrets{
				"keyring": &Keyring{backend: new(fakeKeyring)}, "session": new(Session),
				"file": NewSecretsFile(filepath.Join(t.TempDir(), "calla")),
			} {
				for _, s := range []Secret{alone, split} {
					s.Forget = []string{"password"}
					if err := kept.Set(t.Context(), "a", s); err != nil {
						t.Fatal(err)
					}
					got, err := kept.Get(t.Context(), "a")
					if err != nil || !maps.Equal(got.Values, s.Values) || got.Forget != nil {
						t.Errorf("%s: %v, %v", place, got, err)
					}
					if v := p.Value(JoinSecret(bare, got)); v != want {
						t.Errorf("%s: joined as %v", place, v)
					}
				}
			}
			left := split.Without([]string{p.Name})
			if left.Of(p.Name) != "" || len(left.Values) != len(split.Values)-1 || split.Of(p.Name) != want {
				t.Error("is not forgotten alone")
			}
			if diff := JoinSecret(bare, left).Differences(whole); len(diff) != 1 || diff[0] != p.Name {
				t.Errorf("without it %v differ", diff)
			}
			given := bare
			*p.Secret(&given) = "given"
			if v := p.Value(JoinSecret(given, split)); v != config.Secret("given") {
				t.Error("a given one was replaced")
			}
		})
	}
	if diff := JoinSecret(bare, split).Differences(whole); diff != nil {
		t.Errorf("differs in %v", diff)
	}
	if shown := fmt.Sprintf("%v %+v %#v", split, split, split); strings.Contains(shown, "that of") {
		t.Error("is printed")
	}
}

// TestStoredSecretsAreThoseOfOlderVersions: what a keyring has is read, and written with the same members.
func TestStoredSecretsAreThoseOfOlderVersions(t *testing.T) {
	credential := func(url, user string) SecretKey { return SecretKey{"turn_servers", url, user} }
	all := Secret{}.With("password", "p").With("ha1", "h").With("authorization_jwt", "j").
		With("calla.proxy_password", "x").Values
	for _, c := range []struct {
		name, stored, again string // again: as it is written; "" = as stored
		want                map[SecretKey]config.Secret
	}{
		{name: "nothing", stored: `{}`},
		{name: "null", stored: `null`, again: `{}`},
		{"a password", `{"password":"p"}`, "", Secret{}.With("password", "p").Values},
		{
			"all parameters in the old order",
			`{"password":"p","ha1":"h","authorization_jwt":"j","proxy_password":"x"}`,
			`{"authorization_jwt":"j","ha1":"h","password":"p","proxy_password":"x"}`, all,
		},
		{
			"credentials", `{"turn":[{"url":"turns:b","username":"u","credential":"1"},` +
				`{"url":"turn:a","username":"u","credential":"2"}]}`,
			`{"turn":[{"url":"turn:a","username":"u","credential":"2"},` +
				`{"url":"turns:b","username":"u","credential":"1"}]}`,
			map[SecretKey]config.Secret{credential("turns:b", "u"): "1", credential("turn:a", "u"): "2"},
		},
		{
			"one URL twice: the first counts",
			`{"turn":[{"url":"turn:a","username":"u","credential":"1"},` +
				`{"url":"turn:a","username":"u","credential":"2"}]}`,
			`{"turn":[{"url":"turn:a","username":"u","credential":"1"}]}`,
			map[SecretKey]config.Secret{credential("turn:a", "u"): "1"},
		},
		{
			"empty ones", `{"password":"","ha1":null,"turn":[{"url":"turn:a","username":"u","credential":""}]}`,
			`{}`, nil,
		},
		{
			"a member of a later version", `{"password":"p","pin":{"of":4}}`, `{"password":"p"}`,
			Secret{}.With("password", "p").Values,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got storedSecret
			if err := json.Unmarshal([]byte(c.stored), &got); err != nil || !maps.Equal(got, c.want) {
				t.Errorf("read %v, %v", got, err)
			}
			again := c.again
			if again == "" {
				again = c.stored
			}
			if text, err := json.Marshal(got); err != nil || string(text) != again {
				t.Errorf("written %s, %v", text, err)
			}
		})
	}
}

// TestStoredSecretsOfTheWrongKindAreNone: what is no entry of ours is refused as a whole, and told.
func TestStoredSecretsOfTheWrongKindAreNone(t *testing.T) {
	for _, stored := range []string{
		`{"password":5}`, `{"ha1":["h"]}`, `{"turn":{}}`, `{"turn":[5]}`, `{"turn":[{"url":5}]}`, `[]`, `"p"`, `{`,
	} {
		f := &fakeKeyring{entries: map[string]string{KeyringService + "/a": stored}}
		if s, err := (&Keyring{backend: f}).Get(t.Context(), "a"); !errors.Is(err, ErrNoSecret) || !s.IsEmpty() {
			t.Errorf("%s in the keyring: %v", stored, err)
		}
		dir := t.TempDir()
		write(t, filepath.Join(dir, secretsFile), []byte(`{"a":`+stored+`}`))
		if _, err := NewSecretsFile(dir).Get(t.Context(), "a"); !errors.Is(err, ErrSecretsDamaged) {
			t.Errorf("%s in the file: %v", stored, err)
		}
	}
}

// TestStoredNamesAreApart: no two secrets are kept under one name.
func TestStoredNamesAreApart(t *testing.T) {
	secrets, _ := secretParameters(t)
	taken := map[string]string{storedTurns: turnServers}
	for _, p := range secrets {
		name := storedName(p.Name)
		if other, is := taken[name]; is {
			t.Errorf("%s and %s are both %q", p.Name, other, name)
		}
		taken[name] = p.Name
	}
}
