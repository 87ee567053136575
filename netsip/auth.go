package netsip

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"calla/netsip/sip"
)

// digest is what one answer to a challenge is computed from (RFC 7616, RFC 8760). Strings are
// as between the quotes of the header field.
type digest struct {
	algorithm string // as the server wrote it; "" is MD5
	user      string
	realm     string
	password  Secret
	ha1       string // H(user:realm:password) in lower-case hex; used in the place of the password where there is none
	nonce     string
	cnonce    string
	count     uint32
	qop       string // "auth", "auth-int" or "" (RFC 2069)
	method    string
	uri       string
	body      []byte
}

// digestAlgorithm returns the hash, whether it is a -sess variant and its strength; nil for one we
// do not have.
func digestAlgorithm(name string) (newHash func() hash.Hash, session bool, strength int) {
	base, session := strings.CutSuffix(strings.ToUpper(name), "-SESS")
	switch base {
	case "", "MD5":
		return md5.New, session, 1
	case "SHA-256":
		return sha256.New, session, 2
	case "SHA-512-256":
		return sha512.New512_256, session, 3
	default:
		return nil, false, 0
	}
}

// response computes the response parameter (RFC 7616 section 3.4.1).
func (d digest) response() string {
	newHash, session, _ := digestAlgorithm(d.algorithm)
	h := func(parts ...string) string {
		sum := newHash()
		sum.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(sum.Sum(nil))
	}
	a1 := d.ha1
	if d.password != "" || a1 == "" {
		a1 = h(d.user, d.realm, d.password.Reveal())
	}
	if session {
		a1 = h(a1, d.nonce, d.cnonce)
	}
	a2 := h(d.method, d.uri)
	if d.qop == "auth-int" {
		sum := newHash()
		sum.Write(d.body)
		a2 = h(d.method, d.uri, hex.EncodeToString(sum.Sum(nil)))
	}
	if d.qop == "" {
		return h(a1, d.nonce, a2)
	}
	return h(a1, d.nonce, fmt.Sprintf("%08x", d.count), d.cnonce, d.qop, a2)
}

// realmKey tells protection spaces apart: servers challenge with WWW-Authenticate, proxies with
// Proxy-Authenticate, and a realm of one is not that of the other.
type realmKey struct {
	proxy bool
	realm string
}

// maxRealms bounds what a server can make us remember.
const maxRealms = 32

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

// credentials answers challenges and remembers realms, so that later requests need none.
//
// A digest shown to a stranger can be guessed at in peace. So a realm that challenged REGISTER gets
// credentials in REGISTER; one that challenged a call's INVITE gets them in that call; and a
// challenge inside a call, or after the far end has begun to ring, is answered only if the same realm
// challenged its INVITE before: anything else may be the far end fishing (CVE-2021-41158 and its kin).
type credentials struct {
	ua       *UserAgent
	user     string // content of the quoted username, escapes as configured
	password Secret
	ha1      Secret // in the place of a password; for home alone
	token    Secret // value of Authorization (authorization_jwt)
	home     string // the configured realm; "" = none
	realms   map[realmKey]*realm
	order    []realmKey       // as first seen, so that requests are laid out the same
	pinned   map[string]bool  // realms whose credentials a registrar accepted, or the configured one
	strength map[realmKey]int // strongest digest seen; weaker is refused later
}

func newCredentials(ua *UserAgent, password Secret) *credentials {
	c := &credentials{
		ua: ua, user: ua.config.AuthorizationUser, password: password,
		ha1: Secret(strings.ToLower(ua.config.HA1.Reveal())), token: ua.config.AuthorizationJWT, home: ua.config.Realm,
	}
	c.forget()
	return c
}

// forget drops all that was learnt.
func (c *credentials) forget() {
	c.realms, c.order = make(map[realmKey]*realm), nil
	c.pinned, c.strength = make(map[string]bool), make(map[realmKey]int)
	if c.home != "" {
		c.pinned[c.home] = true
	}
}

// setPassword takes a new password; what was learnt with the old one is forgotten.
func (c *credentials) setPassword(p Secret) {
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
func ha1Strength(ha1 Secret) int {
	switch len(ha1) {
	case 2 * md5.Size:
		return 1
	case 2 * sha256.Size:
		return 2
	default:
		return 0
	}
}

// attach puts the credentials of every realm that concerns the request into it.
func (c *credentials) attach(e *exchange) {
	e.msg.Del("Authorization")
	e.msg.Del("Proxy-Authorization")
	at := slices.IndexFunc(e.msg.Headers, func(h sip.Header) bool { return h.Name == "CSeq" }) + 1
	add := func(name, value string) {
		e.msg.Headers = slices.Insert(e.msg.Headers, at, sip.Header{Name: name, Value: value})
		at++
	}
	for _, key := range c.order {
		switch {
		case !c.concerns(key, e):
		case key.proxy:
			add("Proxy-Authorization", c.header(key, e.msg))
		default:
			add("Authorization", c.header(key, e.msg))
		}
	}
	// As JsSIP since 3.4 does, the token is the whole value of Authorization and nobody has to ask for it. Who calls
	// us is not shown it: it opens the account to whoever has it.
	if c.token != "" && !e.msg.Has("Authorization") && (e.dialog == nil || e.dialog.caller) {
		add("Authorization", c.token.Reveal())
	}
}

func (c *credentials) concerns(key realmKey, e *exchange) bool {
	r := c.realms[key]
	switch {
	case e.answered[key] > 0:
		return true
	case e.dialog != nil:
		return slices.Contains(e.dialog.realms, key)
	case e.msg.Method == "REGISTER":
		return r.register
	default:
		return r.call
	}
}

// header writes the credentials for one realm and counts the use of its nonce.
func (c *credentials) header(key realmKey, m *sip.Message) string {
	r := c.realms[key]
	r.count++
	cnonce := r.cnonce
	if cnonce == "" {
		cnonce = c.ua.newToken(16)
		if _, session, _ := digestAlgorithm(r.algorithm); session {
			r.cnonce = cnonce
		}
	}
	d := digest{
		algorithm: r.algorithm, user: c.user, realm: key.realm, password: c.password, nonce: r.nonce,
		ha1: c.ha1.Reveal(), cnonce: cnonce, count: r.count, qop: r.qop, method: m.Method, uri: m.RequestURI.String(), body: m.Body,
	}
	var b strings.Builder
	b.WriteString("Digest ")
	if r.algorithm != "" {
		b.WriteString("algorithm=" + r.algorithm + ", ")
	} else {
		b.WriteString("algorithm=MD5, ")
	}
	fmt.Fprintf(&b, `username="%s", realm="%s", nonce="%s", uri="%s", response="%s"`,
		d.user, d.realm, d.nonce, d.uri, d.response())
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
		return ErrRefusedCredentials
	default:
		return ErrNoPassword
	}
	var first error
	taken := false
	for _, ch := range challengesOf(resp, c.able) {
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
	switch {
	case !c.allowed(e, ch.key), c.password == "" && ch.key.realm != c.home:
		return ErrForeignRealm
	case ch.strength == 0:
		return ErrUnsupportedChallenge
	case ch.strength < c.strength[ch.key]:
		return ErrWeakerDigest
	case e.answered[ch.key] == 1 && !ch.stale, e.answered[ch.key] > 1:
		return ErrRefusedCredentials
	}
	r, known := c.realms[ch.key]
	if !known && len(c.order) >= maxRealms {
		return ErrForeignRealm
	}
	e.answered[ch.key]++
	if !known {
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
	case e.dialog == nil:
		r.call = true
	}
	c.strength[ch.key] = max(c.strength[ch.key], ch.strength)
	return nil
}

// allowed tells whether a challenge of that realm may be answered in this exchange. A callee that
// asks with 401 must be of the registrar's realm, once that is known or as it is configured. Proxies ask before
// the far end rings, not after.
func (c *credentials) allowed(e *exchange, key realmKey) bool {
	switch {
	case e.dialog != nil:
		return slices.Contains(e.dialog.realms, key)
	case e.progressed && e.answered[key] == 0:
		return false
	case key.proxy, e.msg.Method == "REGISTER", len(c.pinned) == 0:
		return true
	default:
		return c.pinned[key.realm]
	}
}

// acceptWeaker forgets how strong the digests of the realms were.
func (c *credentials) acceptWeaker() { clear(c.strength) }

// accepted learns from a 2xx: the realms of a REGISTER are the account's own; Authentication-Info
// may carry the next nonce (RFC 7616 section 3.5).
func (c *credentials) accepted(e *exchange, resp *sip.Message) {
	if e.msg.Method == "REGISTER" {
		for key := range e.answered {
			c.pinned[key.realm] = true
		}
	}
	c.nextNonce(e, resp.Get("Authentication-Info"), false)
	c.nextNonce(e, resp.Get("Proxy-Authentication-Info"), true)
}

func (c *credentials) nextNonce(e *exchange, value string, proxy bool) {
	if value == "" {
		return
	}
	info, err := sip.ParseChallenges("Digest " + value)
	if err != nil {
		return
	}
	nonce := rawParam(info[0].Params, "nextnonce")
	if nonce == "" {
		return
	}
	for _, key := range c.order { // the header field names no realm: it is that of the one used
		if key.proxy == proxy && c.concerns(key, e) {
			r := c.realms[key]
			r.nonce, r.count, r.cnonce = nonce, 0, ""
			return
		}
	}
}

// challenge is the best of the challenges of one realm in one response.
type challenge struct {
	key       realmKey
	nonce     string
	opaque    string
	algorithm string
	qop       string
	stale     bool
	strength  int // 0 = nothing we can answer
}

// challengesOf returns one challenge for each realm of a response, the strongest that can be
// answered, as able tells; the topmost among equals (RFC 8760 section 2.3).
func challengesOf(resp *sip.Message, able func(realm, algorithm string) int) []challenge {
	var list []challenge
	for _, h := range resp.Headers {
		proxy := strings.EqualFold(h.Name, "Proxy-Authenticate")
		if !proxy && !strings.EqualFold(h.Name, "WWW-Authenticate") {
			continue
		}
		parsed, err := sip.ParseChallenges(h.Value)
		if err != nil {
			continue
		}
		for _, p := range parsed {
			ch, ok := readChallenge(p, proxy, able)
			if !ok {
				continue
			}
			at := slices.IndexFunc(list, func(other challenge) bool { return other.key == ch.key })
			switch {
			case at < 0:
				list = append(list, ch)
			case ch.strength > list[at].strength:
				list[at] = ch
			}
		}
	}
	return list
}

// readChallenge reads a Digest challenge; other schemes and those without realm or nonce are passed
// over. Basic is never answered.
func readChallenge(p sip.Challenge, proxy bool, able func(realm, algorithm string) int) (challenge, bool) {
	if !strings.EqualFold(p.Scheme, "Digest") {
		return challenge{}, false
	}
	ch := challenge{
		key:       realmKey{proxy, rawParam(p.Params, "realm")},
		nonce:     rawParam(p.Params, "nonce"),
		opaque:    rawParam(p.Params, "opaque"),
		algorithm: rawParam(p.Params, "algorithm"),
		stale:     strings.EqualFold(rawParam(p.Params, "stale"), "true"),
	}
	if _, ok := p.Params.Get("realm"); !ok || ch.nonce == "" {
		return challenge{}, false
	}
	ch.strength = 2 * able(ch.key.realm, ch.algorithm)
	if offered := rawParam(p.Params, "qop"); offered != "" {
		ch.qop = chooseQop(offered)
		switch {
		case ch.qop == "":
			ch.strength = 0
		case ch.strength > 0:
			ch.strength++ // without qop the server alone chooses what is hashed with the password
		}
	}
	return ch, true
}

// chooseQop prefers auth: auth-int breaks where a gateway touches the body.
func chooseQop(offered string) string {
	var integrity string
	for _, qop := range strings.Split(offered, ",") {
		switch strings.ToLower(strings.TrimSpace(qop)) {
		case "auth":
			return "auth"
		case "auth-int":
			integrity = "auth-int"
		}
	}
	return integrity
}

// rawParam returns a parameter without its quotes and with its escapes: what the digest is
// computed over and what is sent back.
func rawParam(params sip.Params, name string) string {
	for _, p := range params {
		if strings.EqualFold(p.Name, name) {
			v := p.Value
			if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
				v = v[1 : len(v)-1]
			}
			return v
		}
	}
	return ""
}
