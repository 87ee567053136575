package netsip

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"calla/netsip/config"
)

// digest is what one answer to a challenge is computed from (RFC 7616, RFC 8760). Strings are
// as between the quotes of the header field.
type digest struct {
	algorithm string // as the server wrote it; "" is MD5
	user      string
	realm     string
	password  config.Secret
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
