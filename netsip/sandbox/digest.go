package sandbox

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"maps"
	"strconv"
	"strings"
	"time"

	"calla/netsip/sip"
)

// maxNonces is how many nonces are remembered; above it the oldest half of their lifetime is dropped.
const maxNonces = 10_000

// nonceBook knows the nonces that were given out.
type nonceBook struct {
	given map[string]*nonce
}

type nonce struct {
	at    time.Time
	count uint64 // highest nonce count seen
}

func (b *nonceBook) init() { b.given = make(map[string]*nonce) }

func (b *nonceBook) add(now time.Time, lifetime time.Duration) string {
	for len(b.given) >= maxNonces {
		maps.DeleteFunc(b.given, func(_ string, n *nonce) bool { return now.Sub(n.at) >= lifetime })
		lifetime /= 2
	}
	text := token() + token()
	b.given[text] = &nonce{at: now}
	return text
}

// verdict is what checking credentials comes to.
type verdict int

const (
	wrong   verdict = iota // none, or not those of a user
	stale                  // right but for their nonce
	right                  // let in
	invalid                // malformed: 400
)

// authenticate checks the credentials of a request, which stand in Authorization or Proxy-Authorization, and tells
// whose they are.
func (s *Server) authenticate(req *sip.Message, header string) (user string, v verdict) {
	for _, line := range req.Lines(header) {
		list, err := sip.ParseChallenges(line)
		if err != nil {
			return "", invalid
		}
		for _, c := range list {
			realm, _ := c.Params.Get("realm")
			if strings.EqualFold(c.Scheme, "Digest") && realm == s.options.Realm {
				user, _ := c.Params.Get("username")
				return user, s.checkDigest(req, c.Params, user)
			}
		}
	}
	return "", wrong
}

// checkDigest holds credentials against the user's password (RFC 7616 section 3.4).
func (s *Server) checkDigest(req *sip.Message, p sip.Params, user string) verdict {
	get := func(name string) string { v, _ := p.Get(name); return v }
	password, known := s.users[user]
	algorithm := get("algorithm")
	if algorithm == "" {
		algorithm = "MD5"
	}
	hash := hashOf(algorithm)
	if !known || hash == nil || !s.offers(algorithm) {
		return wrong
	}
	if uri, err := sip.ParseURI(get("uri")); err != nil || !uri.Equal(req.RequestURI) {
		return invalid
	}
	ha1 := hash(user + ":" + s.options.Realm + ":" + password)
	if strings.HasSuffix(strings.ToUpper(algorithm), "-SESS") {
		ha1 = hash(ha1 + ":" + get("nonce") + ":" + get("cnonce"))
	}
	ha2 := hash(req.Method + ":" + get("uri"))
	middle := get("nonce")
	var count uint64
	switch qop := get("qop"); qop {
	case "":
	case "auth":
		n, err := strconv.ParseUint(get("nc"), 16, 32)
		if err != nil || len(get("nc")) != 8 || get("cnonce") == "" {
			return invalid
		}
		count = n
		middle += ":" + get("nc") + ":" + get("cnonce") + ":" + qop
	default:
		return invalid // only auth is offered
	}
	want := hash(ha1 + ":" + middle + ":" + ha2)
	if subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(get("response")))) != 1 {
		return wrong
	}
	n := s.nonces.given[get("nonce")]
	if n == nil || time.Since(n.at) >= s.options.NonceLifetime || count != 0 && count <= n.count {
		return stale
	}
	n.count = count
	return right
}

func (s *Server) offers(algorithm string) bool {
	for _, a := range s.options.Algorithms {
		if strings.EqualFold(a, algorithm) {
			return true
		}
	}
	return false
}

// hashOf gives the hash of an algorithm as hexadecimal text, nil for an unknown one.
func hashOf(algorithm string) func(string) string {
	switch strings.TrimSuffix(strings.ToUpper(algorithm), "-SESS") {
	case "MD5":
		return func(s string) string { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]) }
	case "SHA-256":
		return func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }
	case "SHA-512-256":
		return func(s string) string { sum := sha512.Sum512_256([]byte(s)); return hex.EncodeToString(sum[:]) }
	}
	return nil
}

// challenge answers 401 or 407, with one header field for each algorithm, the strongest first
// (RFC 8760 section 2.4).
func (s *Server) challenge(c *connection, req *sip.Message, code int, v verdict) {
	header := "WWW-Authenticate"
	if code == 407 {
		header = "Proxy-Authenticate"
	}
	nonce := s.nonces.add(time.Now(), s.options.NonceLifetime)
	var headers []sip.Header
	for _, algorithm := range s.options.Algorithms {
		value := "Digest realm=" + sip.QuoteString(s.options.Realm) + `, nonce="` + nonce +
			`", qop="auth", algorithm=` + algorithm
		if v == stale {
			value += ", stale=true"
		}
		headers = append(headers, sip.Header{Name: header, Value: value})
	}
	s.answer(c, req, code, "", headers...)
}
