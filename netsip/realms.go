package netsip

import (
	"errors"
	"slices"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// maxRealms is how many realms of an account are kept, and how many credentials one request carries.
const maxRealms = 2

// RealmError is the ErrForeignRealm of a realm that the user could allow by name, see UserAgent.AllowRealm.
type RealmError struct {
	Realm string // as the far end names it
}

func (e *RealmError) Error() string { return ErrForeignRealm.Error() + ": " + e.Realm }

// Is makes it an ErrForeignRealm.
func (e *RealmError) Is(target error) bool { return target == ErrForeignRealm }

// AllowRealm lets a realm that is not the registrar's ask for the password, as the user says. It is kept like the
// registrar's own realms.
func (ua *UserAgent) AllowRealm(name string) {
	ua.credentials.know(config.KnownRealm{Name: name, Allowed: true})
}

// readKnown takes over what was kept, as far as it can be.
func readKnown(list []config.KnownRealm) []config.KnownRealm {
	var known []config.KnownRealm
	for _, r := range list {
		if len(known) < maxRealms && len(r.Name) <= maxRealm && quotable(r.Name) {
			known = append(known, r)
		}
	}
	return known
}

// trusts tells whether a realm may ask outside of REGISTER.
func (c *credentials) trusts(realm string) bool {
	return c.home != "" && realm == c.home ||
		slices.ContainsFunc(c.known, func(r config.KnownRealm) bool { return r.Name == realm })
}

// floor is the strength that a challenge must have at least: the registrar's.
func (c *credentials) floor() grade {
	least := c.seen
	for _, r := range c.known {
		if !r.Allowed && r.Algorithm != "" {
			least = least.atLeast(gradeOf(r.Algorithm, r.QOP))
		}
	}
	return least
}

// know keeps a realm. The oldest of its kind makes room, else the oldest.
func (c *credentials) know(r config.KnownRealm) {
	if at := slices.IndexFunc(c.known, func(k config.KnownRealm) bool { return k.Name == r.Name }); at >= 0 {
		was := c.known[at]
		if r.Allowed || was == r { // what the registrar's is stays so
			return
		}
		c.known[at] = r
	} else {
		if len(c.known) >= maxRealms {
			c.known = slices.Delete(c.known, c.oldest(r.Allowed), c.oldest(r.Allowed)+1)
		}
		c.known = append(c.known, r)
	}
	c.tellKnown()
}

func (c *credentials) oldest(allowed bool) int {
	return max(0, slices.IndexFunc(c.known, func(k config.KnownRealm) bool { return k.Allowed == allowed }))
}

func (c *credentials) tellKnown() {
	if told := c.ua.options.OnRealms; told != nil {
		known := slices.Clone(c.known)
		c.ua.loop.Post(func() { told(known) })
	}
}

// acceptWeaker forgets how strong the registrar's digests were.
func (c *credentials) acceptWeaker() {
	c.seen = grade{}
	for i := range c.known {
		c.known[i].Algorithm, c.known[i].QOP = "", ""
	}
	c.tellKnown()
}

// registrarAccepted keeps the realms whose challenges to a REGISTER were answered to the registrar's content.
func (c *credentials) registrarAccepted(e *exchange) {
	for _, key := range c.order {
		if e.answered[key] == 0 {
			continue
		}
		r := c.realms[key]
		algorithm := r.algorithm
		if algorithm == "" {
			algorithm = "MD5"
		}
		c.know(config.KnownRealm{Name: key.realm, Algorithm: algorithm, QOP: r.qop})
	}
}

// allowed judges whether a challenge may be answered in this exchange; nil is yes. Proxies ask before the far end
// rings, not after.
func (c *credentials) allowed(e *exchange, key realmKey) error {
	switch {
	case e.dialog != nil && slices.Contains(e.dialog.realms, key):
		return nil
	case e.dialog != nil, e.progressed && e.answered[key] == 0:
		return ErrForeignRealm
	case e.answered[key] > 0:
		return nil
	case c.password == "" && c.ha1 != "" && key.realm != c.home:
		return ErrForeignRealm
	case e.msg.Method == "REGISTER":
		return c.registrarMayAsk(e, key)
	case !c.trusts(key.realm) && key.realm == "":
		return ErrForeignRealm
	case !c.trusts(key.realm):
		return &RealmError{key.realm}
	case len(e.answered) >= maxRealms:
		return ErrRefusedCredentials
	}
	return nil
}

// registrarMayAsk judges a challenge to REGISTER of a realm that was not answered before in this exchange. The
// registrar names itself: its realm may have changed. But it has one, so that one that asks in another name each time
// refuses us each time; a proxy on the way may have another.
func (c *credentials) registrarMayAsk(e *exchange, key realmKey) error {
	if len(e.answered) >= maxRealms {
		return ErrRefusedCredentials
	}
	for other := range e.answered {
		if other.proxy == key.proxy && !c.trusts(key.realm) {
			return ErrRefusedCredentials
		}
	}
	return nil
}

// tokenMayFollow lets a request that went without the token, as it is not for our own domain, be sent again with it:
// where a realm asks that may.
func (c *credentials) tokenMayFollow(e *exchange, resp *sip.Message) error {
	if e.showedToken || e.dialog != nil || e.progressed {
		return ErrRefusedCredentials
	}
	var foreign error = ErrForeignRealm
	for _, line := range slices.Concat(resp.Lines("WWW-Authenticate"), resp.Lines("Proxy-Authenticate")) {
		list, err := sip.ParseChallenges(line)
		if err != nil {
			continue
		}
		for _, ch := range list {
			realm := rawParam(ch.Params, "realm")
			if c.trusts(realm) {
				e.showsToken = true
				return nil
			}
			if !errors.As(foreign, new(*RealmError)) && realm != "" && len(realm) <= maxRealm && quotable(realm) {
				foreign = &RealmError{realm}
			}
		}
	}
	return foreign
}
