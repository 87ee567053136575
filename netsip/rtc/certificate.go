package rtc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
)

// certificate is what the far ends of a session know its DTLS by. It is the same for the whole call: a far end that
// sees another fingerprint takes the association for a new one (RFC 8842 section 3.1), and one like Asterisk, which
// never makes a second, is silent from then on.
type certificate struct {
	tls         tls.Certificate
	fingerprint string // "sha-256 AB:CD:…"
}

// newCertificate makes a P-256 key, which takes 0.1 ms, and a certificate that it has signed itself.
func newCertificate() (certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certificate{}, fmt.Errorf("make DTLS key: %w", err)
	}
	signed, err := selfsign.SelfSign(key)
	if err != nil {
		return certificate{}, fmt.Errorf("make DTLS certificate: %w", err)
	}
	const hash = "sha-256"
	return certificate{tls: signed, fingerprint: hash + " " + digest(hash, signed.Certificate[0])}, nil
}

// digest is the fingerprint of a certificate by a hash function that RFC 8122 section 5 names, as SDP writes it; ""
// for any other function.
func digest(hash string, certificate []byte) string {
	var sum []byte
	switch hash {
	case "sha-1":
		s := sha1.Sum(certificate)
		sum = s[:]
	case "sha-224":
		s := sha256.Sum224(certificate)
		sum = s[:]
	case "sha-256":
		s := sha256.Sum256(certificate)
		sum = s[:]
	case "sha-384":
		s := sha512.Sum384(certificate)
		sum = s[:]
	case "sha-512":
		s := sha512.Sum512(certificate)
		sum = s[:]
	}
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}

// shows tells whether a fingerprint of a description is that of the certificate.
func shows(fingerprint string, certificate []byte) bool {
	hash, sum, _ := strings.Cut(fingerprint, " ")
	return sum != "" && digest(hash, certificate) == sum
}
