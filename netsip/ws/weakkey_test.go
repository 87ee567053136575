package ws

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"testing"
	"time"

	"calla/netsip/config"
)

// A server whose certificate, or that of anyone who vouches for it, can be forged by breaking an RSA key is refused.
//
// Holds: strangers
func TestShortRSAKeysAreRefused(t *testing.T) {
	for _, c := range []struct {
		name                       string
		root, intermediate, server int // bits of RSA; 0 = ECDSA P-256
		weak                       int // bits that are told; 0 = taken
	}{
		{"1024 bits", 2048, 2048, 1024, 1024},
		{"1536 bits", 2048, 2048, 1536, 1536},
		{"2047 bits", 2048, 2048, 2047, 2047},
		{"an issuer of 1024 bits", 2048, 1024, 2048, 1024},
		{"a root of 1024 bits", 1024, 2048, 2048, 1024},
		{"1024 bits issued by ECDSA", 0, 0, 1024, 1024},
		{"2048 bits", 2048, 2048, 2048, 0},
		{"3072 bits issued by ECDSA", 0, 0, 3072, 0},
		{"ECDSA", 0, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, rootKey := chained(t, "root", c.root, true, nil, nil)
			middle, middleKey := chained(t, "issuer", c.intermediate, true, root, rootKey)
			leaf, leafKey := chained(t, "phone.example.com", c.server, false, middle, middleKey)
			pool := x509.NewCertPool()
			pool.AddCert(root)
			config, err := clientTLS("wss://phone.example.com/ws", config.Additions{},
				&tls.Config{RootCAs: pool, ServerName: "phone.example.com"})
			if err != nil {
				t.Fatal(err)
			}
			near, far := net.Pipe()
			defer near.Close()
			go func() {
				defer far.Close()
				_ = tls.Server(far, &tls.Config{Certificates: []tls.Certificate{{
					Certificate: [][]byte{leaf.Raw, middle.Raw}, PrivateKey: leafKey,
				}}}).Handshake()
			}()
			err = tls.Client(near, config).Handshake()
			var weak *WeakKeyError
			if c.weak == 0 && err != nil || c.weak != 0 && (!errors.As(err, &weak) || weak.Bits != c.weak) {
				t.Errorf("%v", err)
			}
		})
	}
}

func chained(t *testing.T, name string, bits int, ca bool, issuer *x509.Certificate,
	by crypto.Signer,
) (*x509.Certificate, crypto.Signer) {
	t.Helper()
	var key crypto.Signer
	var err error
	if bits == 0 {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		key, err = rsa.GenerateKey(rand.Reader, bits)
	}
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IsCA: ca,
		BasicConstraintsValid: true,
		NotBefore:             time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if issuer == nil {
		issuer, by = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return c, key
}
