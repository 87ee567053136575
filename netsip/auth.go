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
	a1 := h(d.user, d.realm, d.password.Reveal())
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
// challenge inside a call is answered only if the same realm challenged its INVITE: anything else
// may be the far end fishing (CVE-2021-41158 and its kin).
type credentials struct {
	ua       *UserAgent
	user     string // content of the quoted username, escapes as configured
	password Secret
	realms   map[realmKey]*realm
	order    []realmKey       // as first seen, so that requests are laid out the same
	pinned   map[string]bool  // realms whose credentials a registrar accepted
	strength map[realmKey]int // strongest digest seen; weaker is refused later
}

func newCredentials(ua *UserAgent, user string, password Secret) *credentials {
	return &credentials{
		ua: ua, user: user, password: password,
		realms: make(map[realmKey]*realm), pinned: make(map[string]bool), strength: make(map[realmKey]int),
	}
}

// setPassword takes a new password; what was learnt with the old one is forgotten.
func (c *credentials) setPassword(p Secret) {
	*c = *newCredentials(c.ua, c.user, p)
}

// attach puts the credentials of every realm that concerns the request into it.
func (c *credentials) attach(e *exchange) {
	e.msg.Del("Authorization")
	e.msg.Del("Proxy-Authorization")
	if c.password == "" {
		return
	}
	at := slices.IndexFunc(e.msg.Headers, func(h sip.Header) bool { return h.Name == "CSeq" }) + 1
	for _, key := range c.order {
		if !c.concerns(key, e) {
			continue
		}
		h := sip.Header{Name: "Authorization", Value: c.header(key, e.msg)}
		if key.proxy {
			h.Name = "Proxy-Authorization"
		}
		e.msg.Headers = slices.Insert(e.msg.Headers, at, h)
		at++
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
		cnonce: cnonce, count: r.count, qop: r.qop, method: m.Method, uri: m.RequestURI.String(), body: m.Body,
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
	if c.password == "" {
		return ErrNoPassword
	}
	var first error
	taken := false
	for _, ch := range challengesOf(resp) {
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
	case !c.allowed(e, ch.key):
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
// asks with 401 must be of the registrar's realm, once that is known.
func (c *credentials) allowed(e *exchange, key realmKey) bool {
	switch {
	case e.dialog != nil:
		return slices.Contains(e.dialog.realms, key)
	case e.msg.Method == "REGISTER", key.proxy, len(c.pinned) == 0:
		return true
	default:
		return c.pinned[key.realm]
	}
}

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
// answered; the topmost among equals (RFC 8760 section 2.3).
func challengesOf(resp *sip.Message) []challenge {
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
			ch, ok := readChallenge(p, proxy)
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
func readChallenge(p sip.Challenge, proxy bool) (challenge, bool) {
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
	_, _, ch.strength = digestAlgorithm(ch.algorithm)
	if offered := rawParam(p.Params, "qop"); offered != "" {
		ch.qop = chooseQop(offered)
		if ch.qop == "" {
			ch.strength = 0
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
