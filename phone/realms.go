package phone

import (
	"context"
	"errors"
	"slices"
	"strings"

	"calla/account"
	"calla/netsip"
	"calla/netsip/config"
	"calla/phone/cause"
	"calla/phone/safe"
)

// keepRealms keeps with an account which realms may ask for its password, and how strong the registrar's digest was. of
// is the account as it was when the registrar told so: another one, saved meanwhile, is not told of.
func (p *Phone) keepRealms(of account.Account, realms []config.KnownRealm) {
	l := p.line(of.ID)
	if l == nil || !sameRegistrar(l.account, of) || slices.Equal(l.account.Realms, realms) {
		return
	}
	l.account.Realms = realms
	if of.ID == SandboxID {
		return
	}
	var stored []account.Account
	kept := false
	p.save("account", func(context.Context) error {
		stored = p.storedAccounts()
		i := slices.IndexFunc(stored, func(a account.Account) bool { return a.ID == of.ID })
		if i < 0 || !sameRegistrar(stored[i], of) {
			return nil
		}
		stored[i].Realms = realms
		kept = true
		return p.storeAccounts(stored)
	}, func(err error) {
		switch {
		case err != nil: // what is known holds until the end; nothing the user could do is lost
			p.log.Warn("realms not kept", "account", of.ID, "error", err)
		case kept:
			p.accounts.Store(&stored)
			if l := p.line(of.ID); l != nil && sameRegistrar(l.account, of) {
				l.account.Realms = realms
			}
		}
	})
}

// sameRegistrar tells whether what is known of the realms of an account holds for another version of it.
func sameRegistrar(a, b account.Account) bool {
	registrar := func(c config.Config) string {
		if c.RegistrarServer != "" {
			return c.RegistrarServer
		}
		return "sip:" + c.Domain()
	}
	return a.Config.Domain() == b.Config.Domain() && registrar(a.Config) == registrar(b.Config)
}

// foreignRealm tells the user, by name, of a realm that asked for the password and may not; nothing for other errors.
func (p *Phone) foreignRealm(a *agent, err error) {
	var realm *netsip.RealmError
	if !errors.As(err, &realm) {
		return
	}
	mark := realmNotice(a.accountID, "")
	p.notices = slices.DeleteFunc(p.notices, func(n Notice) bool { return strings.HasPrefix(n.ID, mark) })
	p.notices = append(p.notices, Notice{
		ID: realmNotice(a.accountID, realm.Realm), AccountID: a.accountID, Realm: realm.Realm,
		Cause: cause.Cause{
			Kind: cause.RealmAsked, Realm: safe.Line(realm.Realm, shownText), Account: a.label,
			Detail: safe.Line(err.Error(), 200),
			Action: cause.ActionAllowRealm,
		},
	})
	p.changed()
}

func realmNotice(accountID, realm string) string { return "realm " + accountID + " " + realm }

// AllowRealm lets a realm that a Notice names ask for an account's password, from now on.
func (p *Phone) AllowRealm(accountID, realm string) {
	p.loop.Post(func() {
		if l := p.line(accountID); l != nil && l.agent != nil {
			l.agent.ua.AllowRealm(realm)
		}
		p.withdraw(realmNotice(accountID, realm))
	})
}
