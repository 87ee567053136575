package phone

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
	"calla/phone/cause"
)

// counter counts the requests of a method that reach the server.
func (w *world) counter(method string) (count func() int) {
	var mu sync.Mutex
	n := 0
	w.server.Observe(func(e sandbox.Event) {
		if e.Message != nil && !e.Sent && e.Message.Method == method {
			mu.Lock()
			n++
			mu.Unlock()
		}
	})
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

func first(s State) AccountState {
	if len(s.Accounts) == 0 {
		return AccountState{}
	}
	return s.Accounts[0]
}

func TestWrongPasswordStopsAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		registers := w.counter("REGISTER")
		p := w.bare("alice")
		a := w.account("alice")
		a.Config.Password = "wrong"
		p.save(a, account.SecretSession)
		s := first(p.until("failed", func(s State) bool { return first(s).Status == StatusFailed }))
		if tell(s.Standing).Short != "Wrong password" || s.Problem == nil ||
			!strings.Contains(tell(*s.Problem).Title, "rejected the user name or password for alice@sandbox.invalid") ||
			s.Problem.Action != cause.ActionEnterPassword {
			t.Errorf("%q %+v", tell(s.Standing).Short, s.Problem)
		}
		tries := registers()
		time.Sleep(time.Hour)
		if n := registers(); n != tries || n > 3 {
			t.Errorf("%d REGISTER with a wrong password, %d after an hour", tries, n)
		}
		done := make(chan error, 1)
		p.EnterPassword("alice", password, account.SecretSession, func(err error) { done <- err })
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		p.until("registered", func(s State) bool { return first(s).Status == StatusRegistered })
	})
}

func TestWeakerLoginNeedsTheUsersConsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("alice")
		w.server.Faults().Add(sandbox.Fault{
			Match: sandbox.SentStatus("REGISTER", 401), Times: -1,
			Edit: func(m *sip.Message) {
				m.Headers = slices.DeleteFunc(m.Headers, func(h sip.Header) bool {
					return h.Name == "WWW-Authenticate" && strings.Contains(h.Value, "SHA-256")
				})
			},
		})
		w.server.Faults().ExpireNonces()
		p.Retry("alice")
		p.UnregisterAll("alice")
		s := first(p.until("told", func(s State) bool { return first(s).Problem != nil }))
		if s.Problem.Action != cause.ActionAcceptLogin || tell(s.Standing).Short != "Weaker log-in" ||
			tell(*s.Problem).Do == "" {
			t.Errorf("%q %+v", tell(s.Standing).Short, s.Problem)
		}
		p.AcceptLogin("alice")
		p.until("registered", func(s State) bool { return first(s).Status == StatusRegistered })
	})
}

func TestUnregisteringAllKeepsThisDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		other, p := w.phone("alice"), w.bare("second")
		p.save(w.account("alice"), account.SecretSession)
		s := first(p.until("registered beside another", func(s State) bool { return len(first(s).Bindings) == 2 }))
		own := 0
		for _, b := range s.Bindings {
			if b.Own && strings.HasPrefix(said(b.Cause(time.Now())), "this device · for ") {
				own++
			}
		}
		if own != 1 {
			t.Errorf("bindings %+v", s.Bindings)
		}
		p.UnregisterAll("alice")
		p.until("alone", func(s State) bool {
			return first(s).Status == StatusRegistered && len(first(s).Bindings) == 1 && first(s).Bindings[0].Own
		})
		if n := len(w.server.Bindings("alice")); n != 1 {
			t.Errorf("%d bindings at the server", n)
		}
		other.Close()
	})
}

func TestUnknownUserIsExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.bare("mallory")
		p.save(w.account("mallory"), account.SecretSession)
		s := first(p.until("failed", func(s State) bool { return first(s).Problem != nil }))
		if tell(*s.Problem).Title == "" || s.Problem.Action == cause.ActionNone {
			t.Errorf("%+v", s)
		}
	})
}

func TestServerGoneIsRetriedInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("alice")
		w.server.Faults().OnConnect(-1, sandbox.ConnectFault{HTTPStatus: 404})
		w.server.Faults().Cut("alice")
		s := first(p.until("retrying", func(s State) bool {
			return first(s).Status == StatusRetrying && tell(first(s).Standing).Short != "Connection cut"
		}))
		if s.RetryAt.IsZero() || s.Problem == nil || tell(s.Standing).Short != "Wrong path" ||
			!strings.Contains(tell(*s.Problem).Title, "no phone service at /") {
			t.Errorf("%q until %v: %+v", tell(s.Standing).Short, s.RetryAt, s.Problem)
		}
	})
}

func TestSavingAnAccountDoesTheLeast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		registers := w.counter("REGISTER")
		a := w.account("alice")
		stored, _ := alice.Account("alice")
		a.Config.InstanceID = stored.Config.InstanceID
		if stored.Config.Password != "" {
			t.Error("Account gives the password away")
		}

		a.Label = "Work"
		a.Config.Password = ""
		alice.save(a, account.SecretSession)
		alice.until("renamed", func(s State) bool { return first(s).Label == "Work" })
		time.Sleep(time.Minute)
		if n := registers(); n != 0 {
			t.Errorf("a new label makes %d REGISTER", n)
		}

		w.server.AddUser("alice", "changed")
		if err := alice.trySave(a, account.Secret{}.With("password", "changed"), account.SecretSession); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if s := first(alice.State()); s.Status != StatusRegistered {
			t.Errorf("with the new password %v %q", s.Status, tell(s.Standing).Short)
		}

		_, theirs := alice.talk(bob)
		a.Config.DisplayName = "Alice of Work"
		alice.save(a, account.SecretSession)
		time.Sleep(5 * time.Second)
		s := alice.State()
		if len(s.Calls) != 1 || s.Calls[0].Phase != PhaseEstablished || first(s).Status != StatusRegistered {
			t.Errorf("after a change of identity: account %v, calls %+v", first(s).Status, s.Calls)
		}
		bob.HangUp(theirs.ID)
		alice.end()
		alice.until("registered anew", func(s State) bool {
			return first(s).DisplayName == "Alice of Work" && first(s).Status == StatusRegistered
		})
		time.Sleep(10 * time.Second)
		alice.Dial("", "bob")
		if in := bob.phase(PhaseIncoming); in.Name != "Alice of Work" {
			t.Errorf("calls as %q", in.Name)
		}
		alice.loop.Do(func() {
			if len(alice.agents) != 1 {
				t.Errorf("%d user agents after the replaced one's call has ended", len(alice.agents))
			}
		})
	})
}

func TestFieldOfEachKindTakesEffectWithoutRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var mu sync.Mutex
		var engines []rtcSettings
		var last sandbox.Event // REGISTER
		alice := w.phone("alice", func(o *Options) {
			o.media = func(s rtcSettings) (mediaEngine, error) {
				mu.Lock()
				defer mu.Unlock()
				engines = append(engines, s)
				return fakeEngine{wire: w.wire}, nil
			}
		})
		bob := w.phone("bob")
		w.server.Observe(func(e sandbox.Event) {
			if e.Message != nil && !e.Sent && e.Message.Method == "REGISTER" {
				mu.Lock()
				last = e
				mu.Unlock()
			}
		})
		_, theirs := alice.talk(bob)
		var before *agent
		alice.loop.Do(func() { before = alice.lines[0].agent })
		edit := func(what string, change func(*config.Config), header, want string) {
			t.Helper()
			a, _ := alice.Account("alice")
			change(&a.Config)
			alice.save(a, account.SecretSession)
			time.Sleep(3 * time.Second)
			mu.Lock()
			defer mu.Unlock()
			if header != "" && (last.Message == nil || !strings.Contains(last.Message.Get(header), want)) {
				t.Errorf("%s: the next REGISTER has not %s: %s", what, header, want)
			}
			if s := alice.State(); len(s.Calls) != 1 || s.Calls[0].Phase != PhaseEstablished ||
				first(s).Status != StatusRegistered {
				t.Errorf("%s: account %v, calls %+v", what, first(s).Status, s.Calls)
			}
		}
		edit("text", func(c *config.Config) { c.DisplayName = "Alice of Work" }, "From", "Alice of Work")
		edit("number", func(c *config.Config) { c.RegisterExpires = 300 }, "Expires", "300")
		edit("list", func(c *config.Config) { c.ExtraHeaders = []string{"X-Desk: 7"} }, "X-Desk", "7")
		edit("switch", func(c *config.Config) { c.HackViaTCP = true }, "Via", "SIP/2.0/TCP")
		edit("log", func(c *config.Config) { c.Log.Level = config.LogDebug }, "", "")
		edit("servers of the media", func(c *config.Config) { c.StunServers = []string{"stun:stun.example.com"} }, "",
			"")
		mu.Lock()
		if n := len(engines); n != 2 || len(engines[1].config.StunServers) != 1 {
			t.Errorf("%d media engines: %+v", n, engines)
		}
		mu.Unlock()
		alice.loop.Do(func() {
			if alice.lines[0].agent != before || before.config.Log.Level != config.LogDebug {
				t.Error("another user agent, or the old log level")
			}
		})
		edit("identity", func(c *config.Config) { c.HackIPInContact = true }, "", "")
		bob.HangUp(theirs.ID)
		time.Sleep(5 * time.Second)
		mu.Lock()
		if !strings.Contains(last.Message.Get("Contact"), "@192.0.2.") {
			t.Errorf("after the call the Contact is %s", last.Message.Get("Contact"))
		}
		mu.Unlock()
	})
}

func TestSavingRefusesWhatCannotBeUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("alice")
		a := w.account("alice")
		a.Config.URI = "alice"
		var wrong *config.Error
		if err := p.trySave(a, account.Secret{}, account.SecretSession); !errors.As(err, &wrong) ||
			wrong.Parameter != "uri" {
			t.Errorf("error %v, want one about uri", err)
		}
		if s := first(p.State()); s.Status != StatusRegistered {
			t.Errorf("the account is %v after a refused change", s.Status)
		}
	})
}

func TestSwitchedOffAccountUnregisters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("alice")
		a, _ := p.Account("alice")
		a.Enabled = false
		p.save(a, account.SecretSession)
		p.until("off", func(s State) bool { return first(s).Status == StatusOff })
		synctest.Wait()
		if n := len(w.server.Bindings("alice")); n != 0 {
			t.Errorf("%d bindings stay", n)
		}
		done := make(chan error, 1)
		p.DeleteAccount("alice", func(err error) { done <- err })
		if err := <-done; err != nil || len(*p.accounts.Load()) != 0 {
			t.Errorf("delete: %v, left %v", err, *p.accounts.Load())
		}
	})
}

// hanging is a keyring that does not answer until it is let go.
type hanging struct {
	account.Session
	free chan struct{}
}

func (h *hanging) Get(ctx context.Context, id string) (account.Secret, error) {
	select {
	case <-h.free:
		return h.Session.Get(ctx, id)
	case <-ctx.Done():
		return account.Secret{}, account.ErrKeyringLocked
	}
}

func TestLockedKeyringIsToldAndAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		keyring := &hanging{free: make(chan struct{})}
		keeper := account.NewKeeper(keyring, new(account.Session), new(account.Session))
		p := w.bare("alice", func(o *Options) { o.Keeper = keeper })
		a := w.account("alice")
		if err := keyring.Set(t.Context(), "alice", account.Secret{}.With("password", password)); err != nil {
			t.Fatal(err)
		}
		a.Config.Password, a.SecretPlace = "", account.SecretKeyring
		p.loop.Do(func() {
			p.lines = append(p.lines, &line{account: a})
			p.follow(p.lines[0])
		})
		s := first(p.until("password needed", func(s State) bool { return first(s).Status == StatusNoPassword }))
		if s.Problem == nil || s.Problem.Action != cause.ActionEnterPassword || tell(*s.Problem).Why == "" {
			t.Errorf("%+v", s.Problem)
		}
		close(keyring.free)
		p.until("registered", func(s State) bool { return first(s).Status == StatusRegistered })
	})
}

func TestHashEnteredInPlaceOfALockedPasswordRegisters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		keyring := &hanging{free: make(chan struct{})}
		keeper := account.NewKeeper(keyring, new(account.Session), new(account.Session))
		p := w.bare("alice", func(o *Options) { o.Keeper = keeper })
		a := w.account("alice")
		a.Config.Password, a.SecretPlace, a.Enabled = "", account.SecretKeyring, true
		p.loop.Do(func() {
			p.lines = append(p.lines, &line{account: a})
			p.follow(p.lines[0])
		})
		p.until("password needed", func(s State) bool { return first(s).Status == StatusNoPassword })
		a.Config.Realm = w.server.Domain()
		hash := md5.Sum([]byte("alice:" + a.Config.Realm + ":" + password))
		if err := p.trySave(a, account.Secret{}.With("ha1", config.Secret(hex.EncodeToString(hash[:]))),
			account.SecretSession); err != nil {
			t.Fatal(err)
		}
		p.until("registered", func(s State) bool { return first(s).Status == StatusRegistered })
	})
}

func TestClosingUnregisters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.talk(bob)
		began := time.Now()
		alice.Close()
		if took := time.Since(began); took > 2*time.Second+100*time.Millisecond {
			t.Errorf("closing took %v", took)
		}
		if e := bob.end(); said(e.Cause) != "The other side hung up" {
			t.Errorf("callee: %+v", e)
		}
		if n := len(w.server.Bindings("alice")); n != 0 {
			t.Errorf("%d bindings stay", n)
		}
	})
}

func TestStatesAreValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		before := alice.State()
		alice.talk(bob)
		if len(before.Calls) != 0 || alice.State().Serial <= before.Serial {
			t.Error("a State changed after it was published")
		}
		synctest.Wait()
		from := alice.State().Serial
		alice.loop.Do(func() {
			for range 5 {
				alice.changed()
			}
		})
		synctest.Wait()
		if n := alice.State().Serial - from; n != 1 {
			t.Errorf("five changes at once are published as %d States", n)
		}
	})
}

// TestSecretIsForgotten: one of several secrets is dropped with the others kept, and with the last of them the
// keyring is emptied.
func TestSecretIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		keyring := new(account.Session)
		p := w.phone("alice", func(o *Options) {
			o.Keeper = account.NewKeeper(keyring, new(account.Session), account.NewSecretsFile(t.TempDir()))
		})
		a := w.account("alice")
		save := func(secret account.Secret) {
			t.Helper()
			done := make(chan error, 1)
			a.Config.Password = ""
			p.SaveAccount(a, secret, account.SecretKeyring, func(err error) { done <- err })
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		a.Config.Calla.Proxy = "http://alice@127.0.0.1:9"
		const proxys = "calla.proxy_password"
		save(account.Secret{}.With("password", password).With(proxys, "pr0xy"))
		if s := p.Secret("alice"); s.Of(proxys) != "pr0xy" {
			t.Fatal("the proxy's password is not kept")
		}
		save(account.Secret{Forget: []string{proxys}})
		if s, err := keyring.Get(t.Context(), "alice"); err != nil || s.Of(proxys) != "" ||
			s.Of("password") != password {
			t.Errorf("kept: password %t, proxy's %t, %v", s.Of("password") != "", s.Of(proxys) != "", err)
		}
		if s := p.Secret("alice"); s.Of("password") != password || s.Of(proxys) != "" {
			t.Error("the phone knows others")
		}
		save(account.Secret{Forget: []string{"password"}})
		if _, err := keyring.Get(t.Context(), "alice"); !errors.Is(err, account.ErrNoSecret) {
			t.Errorf("the keyring: %v", err)
		}
		if kept, _ := p.Account("alice"); kept.SecretPlace != account.SecretNone || !p.Secret("alice").IsEmpty() {
			t.Errorf("kept in %q", kept.SecretPlace)
		}
	})
}
