package netsip

import (
	"cmp"
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// realm is what is known of one protection space.
type realm struct {
	nonce     string
	opaque    string
	algorithm string // as written, "" when absent
	qop       string
	count     uint32 // of requests with this nonce
	cnonce    string // of -sess, which keeps it as long as the nonce
	register  bool   // challenged a REGISTER
	call      bool   // challenged a request that starts a dialog or has none
}

// credentials answers challenges and remembers nonces, so that later requests need no challenge.
//
// A digest shown to a stranger can be guessed at in peace, and any callee can challenge: proxies pass its 401 and 407
// on (CVE-2021-41158 and its kin). So a challenge is answered
//   - in REGISTER, which goes to our own registrar: two realms at most, and one that comes in another name each time
//     refuses us each time;
//   - elsewhere only for a realm that the registrar challenged with and was content with the answer, in this run or an
//
// earlier one (Options.Realms), or that the user has named: the parameter realm, or AllowRealm. An account that does
//
//	  not register has no registrar that could tell, and the name of its domain is known to every callee: there too the
//	  user names the realm, once. Any other ends in a *RealmError that names it;
//	- before the far end rings, not after; inside a call only by whom its INVITE was challenged;
//	- never with a weaker algorithm or qop than the registrar used, also before a restart, unless the user agrees.
//
// Unasked, credentials and the token go with requests to our own domain only: what is for another comes out of our
// server's hands, which asks for them where it needs them.
type credentials struct {
	ua       *UserAgent
	user     string // content of the quoted username, escapes as configured
	password config.Secret
	ha1      config.Secret // in the place of a password; for home alone
	token    config.Secret // value of Authorization (authorization_jwt)
	home     string        // the configured realm; "" = none
	realms   map[realmKey]*realm
	order    []realmKey          // as first seen, so that requests are laid out the same
	known    []config.KnownRealm // at most maxRealms
	seen     grade               // strongest digest that a REGISTER was answered with in this run
}

func newCredentials(ua *UserAgent, known []config.KnownRealm) *credentials {
	c := &credentials{
		ua: ua, user: ua.config.AuthorizationUser, password: ua.config.Password, known: known,
		ha1: config.Secret(strings.ToLower(ua.config.HA1.Reveal())), token: ua.config.AuthorizationJWT,
		home: ua.config.Realm,
	}
	c.forget()
	return c
}

// reconfigured is c with the configuration as it is now. Who may ask, and how, stays known.
func (c *credentials) reconfigured() *credentials {
	next := newCredentials(c.ua, c.known)
	next.seen = c.seen
	return next
}

// forget drops the nonces that were learnt.
func (c *credentials) forget() { c.realms, c.order = make(map[realmKey]*realm), nil }

// setPassword takes a new password; nonces of the old one are forgotten.
func (c *credentials) setPassword(p config.Secret) {
	c.password = p
	c.forget()
}

// able is the strength of an algorithm that we can answer a realm's challenge with, 0 for none. With a hash in the
// place of the password that is the realm and the algorithm the hash was made for.
func (c *credentials) able(realm, algorithm string) int {
	_, _, strength := digestAlgorithm(algorithm)
	switch {
	case c.password != "":
		return strength
	case c.ha1 == "", realm != c.home, strength != ha1Strength(c.ha1):
		return 0
	default:
		return strength
	}
}

// ha1Strength is the strength of the algorithm that a hash of user, realm and password was made with: 32 hex digits are
// MD5's, 64 SHA-256's.
func ha1Strength(ha1 config.Secret) int {
	switch len(ha1) {
	case 2 * md5.Size:
		return 1
	case 2 * sha256.Size:
		return 2
	default:
		return 0
	}
}

// attach puts the credentials of the realms that concern the request into it.
func (c *credentials) attach(e *exchange) {
	e.msg.Del("Authorization")
	e.msg.Del("Proxy-Authorization")
	at := slices.IndexFunc(e.msg.Headers, func(h sip.Header) bool { return h.Name == "CSeq" }) + 1
	add := func(name, value string) {
		e.msg.Headers = slices.Insert(e.msg.Headers, at, sip.Header{Name: name, Value: value})
		at++
	}
	e.carried = c.concerned(e)
	for _, key := range e.carried {
		if key.proxy {
			add("Proxy-Authorization", c.header(key, e.msg))
		} else {
			add("Authorization", c.header(key, e.msg))
		}
	}
	// As JsSIP since 3.4 does, the token is the whole value of Authorization and nobody has to ask for it. Who calls
	// us is not shown it: it opens the account to whoever has it.
	unasked := e.home && (e.dialog == nil || e.dialog.caller)
	if c.token != "" && !e.msg.Has("Authorization") && (e.showsToken || unasked) {
		e.showedToken = true
		_, bare, _ := strings.Cut(c.token.Reveal(), " ")
		c.ua.trace.shown.add(cmp.Or(strings.TrimSpace(bare), c.token.Reveal()))
		add("Authorization", c.token.Reveal())
	}
}

// concerned are the realms whose credentials a request carries, in their order: those that have asked, and as far as
// there is room those that will.
func (c *credentials) concerned(e *exchange) []realmKey {
	room := maxRealms - len(e.answered)
	return slices.DeleteFunc(slices.Clone(c.order), func(key realmKey) bool {
		if e.answered[key] > 0 {
			return false
		}
		if room <= 0 || !c.expected(key, e) {
			return true
		}
		room--
		return false
	})
}

// expected tells whether a realm that has not asked yet is going to.
func (c *credentials) expected(key realmKey, e *exchange) bool {
	r := c.realms[key]
	switch {
	case !e.home:
		return false
	case e.dialog != nil:
		return slices.Contains(e.dialog.realms, key)
	case e.msg.Method == "REGISTER":
		return r.register
	default:
		return r.call && c.trusts(key.realm)
	}
}

// header writes the credentials for one realm and counts the use of its nonce.
func (c *credentials) header(key realmKey, m *sip.Message) string {
	r := c.realms[key]
	r.count++
	cnonce := r.cnonce
	if cnonce == "" {
		cnonce = c.ua.identity.newToken(16)
		if _, session, _ := digestAlgorithm(r.algorithm); session {
			r.cnonce = cnonce
		}
	}
	d := digest{
		algorithm: r.algorithm, user: c.user, realm: key.realm, password: c.password, nonce: r.nonce,
		ha1: c.ha1.Reveal(), cnonce: cnonce, count: r.count, qop: r.qop,
		method: m.Method, uri: m.RequestURI.String(), body: m.Body,
	}
	response := d.response()
	c.ua.trace.shown.add(response)
	var b strings.Builder
	b.WriteString("Digest ")
	if r.algorithm != "" {
		b.WriteString("algorithm=" + r.algorithm + ", ")
	} else {
		b.WriteString("algorithm=MD5, ")
	}
	fmt.Fprintf(&b, `username="%s", realm="%s", nonce="%s", uri="%s", response="%s"`,
		d.user, d.realm, d.nonce, d.uri, response)
	if r.opaque != "" {
		fmt.Fprintf(&b, `, opaque="%s"`, r.opaque)
	}
	_, session, _ := digestAlgorithm(r.algorithm)
	switch {
	case r.qop != "":
		fmt.Fprintf(&b, `, qop=%s, cnonce="%s", nc=%08x`, r.qop, cnonce, r.count)
	case session:
		fmt.Fprintf(&b, `, cnonce="%s"`, cnonce)
	}
	return b.String()
}

// answer takes the challenges of a 401 or 407 in, so that attach can answer them. The error tells
// why the request must not be sent again.
func (c *credentials) answer(e *exchange, resp *sip.Message) error {
	switch {
	case c.password != "" || c.ha1 != "":
	case c.token != "":
		return c.tokenMayFollow(e, resp)
	default:
		return ErrNoPassword
	}
	list := challengesOf(resp, c.able, c.floor())
	slices.SortStableFunc(list, func(a, b challenge) int { // who is known goes first
		switch knownA, knownB := c.trusts(a.key.realm), c.trusts(b.key.realm); {
		case knownA == knownB:
			return 0
		case knownA:
			return -1
		}
		return 1
	})
	var first error
	taken := false
	for _, ch := range list {
		if err := c.take(e, ch); err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		taken = true
	}
	switch {
	case taken:
		return nil
	case first != nil:
		return first
	default:
		return ErrUnsupportedChallenge
	}
}

// take judges one challenge and remembers it if it may be answered.
func (c *credentials) take(e *exchange, ch challenge) error {
	r := c.realms[ch.key]
	least := c.floor()
	if r != nil && e.answered[ch.key] > 0 {
		least = least.atLeast(gradeOf(r.algorithm, r.qop))
	}
	if err := c.allowed(e, ch.key); err != nil {
		return err
	}
	switch {
	case ch.long:
		return ErrLongChallenge
	case ch.grade.algorithm == 0:
		return ErrUnsupportedChallenge
	case ch.grade.weaker(least):
		return ErrWeakerDigest
	case e.answered[ch.key] == 1 && !ch.stale, e.answered[ch.key] > 1:
		return ErrRefusedCredentials
	}
	e.answered[ch.key]++
	if r == nil {
		c.makeRoom(e)
		r = &realm{}
		c.realms[ch.key] = r
		c.order = append(c.order, ch.key)
	}
	if r.nonce != ch.nonce { // the count is that of the nonce
		r.count, r.cnonce = 0, ""
	}
	r.nonce, r.opaque, r.algorithm, r.qop = ch.nonce, ch.opaque, ch.algorithm, ch.qop
	c.ua.log.debug(logDigest, "", "challenge of realm ", ch.key.realm, " answered")
	switch {
	case e.msg.Method == "REGISTER":
		r.register = true
		c.seen = c.seen.atLeast(ch.grade)
	case e.dialog == nil:
		r.call = true
	}
	return nil
}

// makeRoom bounds the nonces that are remembered: a realm as a server's and as a proxy's, and a few that were.
func (c *credentials) makeRoom(e *exchange) {
	if len(c.order) < 4*maxRealms {
		return
	}
	oldest := slices.IndexFunc(c.order, func(key realmKey) bool { return e.answered[key] == 0 })
	delete(c.realms, c.order[oldest])
	c.order = slices.Delete(c.order, oldest, oldest+1)
}

// accepted learns from a 2xx: the realms of a REGISTER are the account's own; Authentication-Info
// may carry the next nonce (RFC 7616 section 3.5).
func (c *credentials) accepted(e *exchange, resp *sip.Message) {
	if e.msg.Method == "REGISTER" {
		c.registrarAccepted(e)
	}
	c.nextNonce(e, resp, "Authentication-Info")
	c.nextNonce(e, resp, "Proxy-Authentication-Info")
}

func (c *credentials) nextNonce(e *exchange, resp *sip.Message, field string) {
	value, proxy := resp.Get(field), strings.HasPrefix(field, "Proxy-")
	if value == "" {
		return
	}
	info, err := sip.ParseChallenges("Digest " + value)
	if err != nil {
		return
	}
	nonce := rawParam(info[0].Params, "nextnonce")
	if nonce == "" || len(nonce) > maxNonce || !quotable(nonce) {
		return
	}
	for _, key := range c.concerned(e) { // the header field names no realm: it is that of the one used
		if key.proxy == proxy {
			r := c.realms[key]
			r.nonce, r.count, r.cnonce = nonce, 0, ""
			return
		}
	}
}
