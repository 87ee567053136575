package phone

import (
	"cmp"
	"maps"
	"testing"
	"testing/synctest"

	"calla/account"
)

// TestUnreadSecretsStayAsReadOnesDo: of secrets that nobody has read yet those stay that are not replaced or forgotten.
func TestUnreadSecretsStayAsReadOnesDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			name  string
			given account.Secret
			stays []string
		}{
			{"a new password", account.Secret{}.With("password", "n3w"), []string{"password", "calla.proxy_password"}},
			{"a new token", account.Secret{}.With("authorization_jwt", "n3w"), []string{
				"password", "authorization_jwt", "calla.proxy_password",
			}},
			{
				"one forgotten beside a new password",
				account.Secret{Forget: []string{"calla.proxy_password"}}.With("password", "n3w"),
				[]string{"password"},
			},
		} {
			w := newWorld(t)
			keyring := new(account.Session)
			keeper := account.NewKeeper(keyring, new(account.Session), new(account.Session))
			p := w.bare("alice", func(o *Options) { o.Keeper = keeper })
			a := w.account("alice")
			a.Config.Password, a.SecretPlace, a.Enabled = "", account.SecretKeyring, false
			a.Config.Calla.Proxy = "http://alice@127.0.0.1:9"
			kept := account.Secret{}.With("password", "0ld").With("authorization_jwt", "0ld").
				With("calla.proxy_password", "pr0xy")
			if err := keyring.Set(t.Context(), "alice", kept); err != nil {
				t.Fatal(err)
			}
			p.loop.Do(func() { p.lines = append(p.lines, &line{account: a}) })
			if err := p.trySave(a, c.given, account.SecretKeyring); err != nil {
				t.Fatal(err)
			}
			got, err := keyring.Get(t.Context(), "alice")
			want := account.Secret{}
			for _, name := range c.stays {
				want = want.With(name, cmp.Or(c.given.Of(name), kept.Of(name)))
			}
			if err != nil || !maps.Equal(got.Values, want.Values) {
				t.Errorf("%s: %d secrets are kept, want %d, %v", c.name, len(got.Values), len(want.Values), err)
			}
		}
	})
}
