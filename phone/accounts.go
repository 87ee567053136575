package phone

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"calla/account"
	"calla/netsip/config"
	"calla/netsip/sip"
	"calla/phone/cause"
	"calla/phone/doctor"
)

// SandboxID is the account ID of the built-in sandbox (see StartSandbox).
const SandboxID = "sandbox"

// ErrNoAccount is reported for an account ID that is not (or no longer) there.
var ErrNoAccount = errors.New("no such account")

// ErrNoSandbox is reported where the program has no sandbox built in.
var ErrNoSandbox = errors.New("there is no built-in server")

// Account returns an account as stored, without secrets, for its form.
func (p *Phone) Account(id string) (account.Account, bool) {
	for _, a := range *p.accounts.Load() {
		if a.ID == id {
			return a, true
		}
	}
	return account.Account{}, false
}

// Secret returns the secrets of an account as far as they are at hand: none while the keyring has not given
// them. It is for telling which are kept, and for an export that the user wants them in.
func (p *Phone) Secret(id string) (s account.Secret) {
	p.loop.Do(func() {
		if l := p.line(id); l != nil && l.joined {
			_, s = account.SplitSecret(l.account.Config)
		}
	})
	return s
}

// SaveAccount puts a in the place of the account with its ID, or adds it, stores it and follows it. A
// password or TURN credential that is not in secret stays as it is kept, unless secret.Forget names it. The error is a
// *config.Error where a field is wrong, account.ErrNotKept where place does not take the secrets (ask for
// another place then), and account.ErrReadOnly; nothing is changed then. Where an old copy of the secrets cannot be
// deleted, a notice tells.
func (p *Phone) SaveAccount(a account.Account, secret account.Secret, place account.SecretPlace, done func(error)) {
	p.loop.Post(func() {
		if a.ID == SandboxID {
			done(errors.New("the sandbox account cannot be changed"))
			return
		}
		p.saveAccount(a, secret, place, done)
	})
}

func (p *Phone) saveAccount(a account.Account, secret account.Secret, place account.SecretPlace, done func(error)) {
	if p.o.Store != nil && p.o.Store.ReadOnly() != nil {
		done(fmt.Errorf("save account: %w: %w", account.ErrReadOnly, p.o.Store.ReadOnly()))
		return
	}
	a.Config = p.joinKept(a, secret)
	forget := !isKept(a.Config) && len(secret.Forget) > 0
	// Where the secrets are now is what the account at work says: a may tell where they are to be.
	var before account.Account
	apart := false // secrets are kept that have not been read
	if l := p.line(a.ID); a.ID != "" && l != nil {
		before, apart = l.account, !l.joined && l.account.SecretPlace != account.SecretNone
	}
	a.SecretPlace = before.SecretPlace
	if a.ID == "" {
		fresh, err := account.New(a.Config)
		if err != nil {
			done(err)
			return
		}
		a.ID, a.Config = fresh.ID, fresh.Config
	}
	before.ID = a.ID
	if _, err := a.Config.Normalize(); err != nil {
		done(err)
		return
	}
	// What is stored is read when its turn has come: an earlier save may still be on its way.
	var stored []account.Account
	var left error
	p.save("account", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, saveTime)
		defer cancel()
		stored = p.storedAccounts()
		a.Realms = nil
		if i := slices.IndexFunc(stored, func(b account.Account) bool { return b.ID == a.ID }); i >= 0 &&
			sameRegistrar(stored[i], a) {
			a.Realms = stored[i].Realms
		}
		switch {
		case forget:
			a.SecretPlace = account.SecretNone
		case place != account.SecretNone:
			if apart && isKept(a.Config) && lacksSecrets(a.Config) { // they are not to be lost beside the new ones
				if joined, err := p.o.Keeper.Join(ctx, a); err == nil {
					a.Config = joinRemaining(a.Config, joined.Config, secret)
				}
			}
			kept, err := p.o.Keeper.Put(ctx, a, place)
			if err != nil {
				return err
			}
			a = kept
		}
		bare := a
		bare.Config, _ = account.SplitSecret(a.Config)
		if i := slices.IndexFunc(stored, func(b account.Account) bool { return b.ID == a.ID }); i >= 0 {
			stored[i] = bare
		} else {
			stored = append(stored, bare)
		}
		switch err := p.storeAccounts(stored); {
		case err != nil && !forget: // nothing is changed: what was put at another place goes again
			return errors.Join(err, p.o.Keeper.Leave(ctx, a, before.SecretPlace))
		case err != nil:
			return err
		case forget:
			left = p.o.Keeper.Forget(ctx, before)
		default:
			left = p.o.Keeper.Leave(ctx, before, a.SecretPlace)
		}
		return nil
	}, func(err error) {
		if err == nil {
			p.accounts.Store(&stored)
			p.replace(a)
			p.sound.ringtoneSaved(before, a)
			p.music.saved(before, a)
			p.tellCopyLeft(a.ID, a.Address(), before.SecretPlace, left)
		}
		done(err)
	})
}

// tellCopyLeft shows a notice that a password is still where it was, or takes the one of before away.
func (p *Phone) tellCopyLeft(accountID, address string, at account.SecretPlace, err error) {
	id := "copy left " + accountID
	if err == nil {
		p.withdraw(id)
		return
	}
	p.log.Warn("an old copy of a password is left", "account", accountID, "place", at, "error", err)
	p.notify(id, copyLeft(address, at, err))
}

// joinKept returns the account's configuration with given secrets, and the kept ones where none is given. A password
// that is given takes the place of a token.
func (p *Phone) joinKept(a account.Account, given account.Secret) config.Config {
	c := account.JoinSecret(a.Config, given)
	if l := p.line(a.ID); a.ID != "" && l != nil && l.joined {
		c = joinRemaining(c, l.account.Config, given)
	}
	return c
}

// joinRemaining puts into c those of the secrets in kept that stay beside the given ones.
func joinRemaining(c, kept config.Config, given account.Secret) config.Config {
	_, s := account.SplitSecret(kept)
	if given.Of("password") != "" {
		s = s.With("authorization_jwt", "")
	}
	return account.JoinSecret(c, s.Without(given.Forget))
}

// isKept tells whether there is a secret in a configuration.
func isKept(c config.Config) bool {
	_, s := account.SplitSecret(c)
	return !s.IsEmpty()
}

// lacksSecrets tells whether a configuration has room for secrets that are not in it. Of those that one logs in with,
// one is enough.
func lacksSecrets(c config.Config) bool {
	login := false
	for _, p := range config.Parameters() {
		switch {
		case p.Kind != config.KindSecret:
		case p.Change == config.ChangeLogsIn:
			login = login || p.Given(c)
		case p.Means(c) && !p.Given(c):
			return true
		}
	}
	return !login || slices.ContainsFunc(c.TurnServers, func(t config.TurnServer) bool { return t.Credential == "" })
}

// storedAccounts and storeAccounts touch the disk; a phone without Store keeps accounts in memory.
func (p *Phone) storedAccounts() []account.Account {
	if p.o.Store != nil {
		return p.o.Store.Accounts()
	}
	return slices.Clone(*p.accounts.Load())
}

func (p *Phone) storeAccounts(all []account.Account) error {
	if p.o.Store == nil {
		return nil
	}
	return p.o.Store.Save(all)
}

// replace follows a new version of an account, with the least that its changes need.
func (p *Phone) replace(a account.Account) {
	l := p.line(a.ID)
	if l == nil {
		l = &line{account: a, joined: true}
		p.lines = slices.DeleteFunc(p.lines, func(o *line) bool { return o.account.ID == a.ID })
		p.lines = append(p.lines, l)
		p.follow(l)
		return
	}
	l.account, l.joined = a, l.joined || isKept(a.Config)
	if l.agent != nil && (!a.Enabled || !l.agent.reconfigure(a)) {
		p.retire(l)
	}
	if l.agent != nil {
		l.agent.label = a.Name()
	}
	p.follow(l)
}

// reconfigure lets an agent at work follow its account; false: that takes a new one. Calls stay as they are, and
// their media with the servers they began with.
func (a *agent) reconfigure(to account.Account) bool {
	wanted, err := to.Config.Normalize()
	if err != nil {
		return false
	}
	changed := a.config.Differences(wanted)
	needs := config.Needs(changed)
	if needs[config.ChangeRenews] != nil {
		return false
	}
	if needs[config.ChangeMakesMedia] != nil {
		engine, err := a.p.o.media(a.p.rtcSettings(wanted, a.accountID == SandboxID))
		if err != nil {
			return false
		}
		if a.p.prepared != nil && a.p.prepared.agent == a {
			a.p.dropPrepared()
		}
		a.engines = append(a.engines, engine)
		a.ua.SetMedia(engine)
	}
	a.config = wanted
	if slices.Contains(changed, "calla.log_file") || slices.Contains(changed, "calla.log_command") {
		before := a.logs
		a.logs = a.p.openLogs(&wanted, to.Address())
		a.p.loop.Go(func(context.Context) { before.Close() }, nil)
	} else {
		wanted.Log.Connector = a.log.Connector
	}
	a.log = wanted.Log
	if _, err := a.ua.Reconfigure(wanted); err != nil {
		a.p.log.Error("account not followed", "account", a.accountID, "error", err)
		return false
	}
	return true
}

// DeleteAccount hangs up the account's calls, unregisters it and forgets it with its secret.
func (p *Phone) DeleteAccount(id string, done func(error)) {
	p.loop.Post(func() {
		l := p.line(id)
		if id == "" || l == nil {
			done(ErrNoAccount)
			return
		}
		if id == SandboxID {
			p.removeLine(l)
			done(nil)
			return
		}
		var left []account.Account
		var stays error
		p.save("account", func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, saveTime)
			defer cancel()
			left = slices.DeleteFunc(p.storedAccounts(), func(a account.Account) bool { return a.ID == id })
			if err := p.storeAccounts(left); err != nil {
				return err
			}
			stays = p.o.Keeper.Forget(ctx, l.account)
			return nil
		}, func(err error) {
			if err == nil {
				p.accounts.Store(&left)
				p.removeLine(l)
				p.tellCopyLeft(id, l.account.Address(), l.account.SecretPlace, stays)
			}
			done(err)
		})
	})
}

// removeLine ends the calls of an account and takes it out.
func (p *Phone) removeLine(l *line) {
	for _, c := range slices.Clone(p.calls) {
		if c.agent == l.agent && l.agent != nil {
			c.hangUp()
		}
	}
	p.retire(l)
	p.lines = slices.DeleteFunc(p.lines, func(o *line) bool { return o == l })
	p.changed()
}

// StartEmpty makes accounts storable again whose file is damaged beyond its backups: the damaged file is kept under the
// name that a notice then tells, and there are no accounts but those that were made since the start.
func (p *Phone) StartEmpty(done func(error)) {
	p.loop.Post(func() {
		if p.o.Store == nil {
			done(nil)
			return
		}
		var moved string
		p.save("accounts", func(context.Context) (err error) {
			moved, err = p.o.Store.StartEmpty()
			return err
		}, func(err error) {
			if err == nil {
				p.withdraw("read only")
				if moved != "" {
					p.notify("kept", cause.Cause{Kind: cause.BegunEmpty, File: moved, Folder: p.o.Store.Dir()})
				}
			}
			done(err)
		})
	})
}

// EnterPassword keeps a new password for an account in place and registers with it.
func (p *Phone) EnterPassword(accountID string, pw config.Secret, place account.SecretPlace, done func(error)) {
	p.loop.Post(func() {
		l := p.line(accountID)
		if accountID == "" || l == nil {
			done(ErrNoAccount)
			return
		}
		a := l.account
		a.Enabled, a.Config.Password = true, pw
		p.saveAccount(a, account.Secret{}, place, func(err error) {
			if err == nil && l.agent != nil {
				l.agent.ua.SetCredentials(pw) // the same password again is a wish to try again
			}
			done(err)
		})
	})
}

// StartSandbox starts the built-in server and adds its account (SandboxID, not stored): done comes when
// it is started; Registered shows in State. Then Dial(SandboxID, "echo") works.
func (p *Phone) StartSandbox(done func(error)) {
	if p.o.Sandbox == nil {
		done(ErrNoSandbox)
		return
	}
	p.loop.Post(func() {
		if p.sandbox != nil {
			if p.line(SandboxID) == nil {
				p.addSandbox()
			}
			done(nil)
			return
		}
		var s Sandbox
		var err error
		p.save("sandbox", func(context.Context) error {
			s, err = p.o.Sandbox()
			return err
		}, func(err error) {
			if err == nil {
				p.sandbox = &s
				p.addSandbox()
			}
			done(err)
		})
	})
}

func (p *Phone) addSandbox() {
	a := p.sandbox.Account
	a.ID, a.Enabled, a.SecretPlace = SandboxID, true, account.SecretSession
	l := &line{account: a, joined: true}
	p.lines = append(p.lines, l)
	p.follow(l)
}

// robotSounds is what a call at an account with somebody has the user hear, where that is a robot of the try-out
// server.
func (p *Phone) robotSounds(accountID string, with sip.Address) cause.Kind {
	if accountID != SandboxID || p.sandbox == nil {
		return ""
	}
	for _, r := range p.sandbox.Robots {
		if r.Name == with.URI.UserDecoded() {
			return r.Sounds
		}
	}
	return ""
}

// TestAccount checks an account step by step without disturbing its live registration. It blocks until
// all steps are done or ctx ends; step is called on the calling goroutine. Secrets that are not
// given are taken from what is kept for the account's ID.
func (p *Phone) TestAccount(ctx context.Context, a account.Account, secret account.Secret, step func(doctor.Step)) {
	p.loop.Do(func() { a.Config = p.joinKept(a, secret) })
	doctor.Run(ctx, doctor.Options{
		Config: a.Config, Realms: a.Realms, Dial: p.o.Dial,
		UserAgent: "Calla/" + p.o.Version,
	}, step)
}

// configProblem tells why an account cannot be used as it is.
func configProblem(err error, address string) *cause.Cause {
	c := doctor.Explain(err, doctor.Subject{Address: address})
	if c.Action != cause.ActionEditAccount {
		c = cause.Cause{Kind: cause.AccountUnusable, Account: address, Action: cause.ActionEditAccount}.BySystem(err)
	}
	return &c
}
