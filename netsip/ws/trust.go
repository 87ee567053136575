package ws

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"strings"

	"calla/netsip/config"
)

// clientTLS is the TLS of a wss: address, nil for any other: base, at least TLS 1.2, with the configured client
// certificate and authorities. The error is a *FileError.
func clientTLS(address string, a config.Additions, base *tls.Config) (*tls.Config, error) {
	if !strings.HasPrefix(strings.ToLower(address), "wss:") {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if base != nil {
		config = base.Clone()
		config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	}
	config.VerifyConnection = strongKeys
	if a.ClientCertificate != "" {
		certificate, err := clientCertificate(a.ClientCertificate, a.ClientKey)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	if a.TLSCA != "" {
		roots, err := trustedRoots(a.TLSCA, config.RootCAs)
		if err != nil {
			return nil, err
		}
		config.RootCAs = roots
	}
	return config, nil
}

// minRSA is the least length of an RSA key, in bits (RFC 9325 section 4.5).
const minRSA = 2048

// strongKeys refuses a server unless it has a chain of certificates all of whose RSA keys are long enough. The error
// is a *WeakKeyError.
func strongKeys(state tls.ConnectionState) error {
	chains := state.VerifiedChains
	if len(chains) == 0 {
		chains = [][]*x509.Certificate{state.PeerCertificates}
	}
	var weak error
	for _, chain := range chains {
		if weak = weakKey(chain); weak == nil {
			return nil
		}
	}
	return weak
}

func weakKey(chain []*x509.Certificate) error {
	for _, c := range chain {
		if key, ok := c.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < minRSA {
			name := c.Subject.CommonName
			if name == "" && len(c.DNSNames) > 0 {
				name = c.DNSNames[0]
			}
			return &WeakKeyError{shortened(name), key.N.BitLen()}
		}
	}
	return nil
}

// maxName bounds what is kept of the name in a certificate, in octets.
const maxName = 512

// shortened is a name as it is kept: what the far end wrote has no end of its own.
func shortened(name string) string {
	if len(name) <= maxName {
		return name
	}
	return strings.ToValidUTF8(name[:maxName], "") + "…"
}

// clientCertificate reads a certificate, with those that vouch for it, and its key, which may stand in one file.
func clientCertificate(path, keyPath string) (tls.Certificate, error) {
	certificate, err := readSmall(path)
	if err != nil {
		return tls.Certificate{}, &FileError{"calla.client_certificate", path, pathless(err)}
	}
	wrong := &FileError{Parameter: "calla.client_certificate", Path: path}
	key := certificate
	if keyPath != "" {
		wrong = &FileError{Parameter: "calla.client_key", Path: keyPath}
		if key, err = readSmall(keyPath); err != nil {
			wrong.Err = pathless(err)
			return tls.Certificate{}, wrong
		}
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		wrong.Err = err
		return tls.Certificate{}, wrong
	}
	return pair, nil
}

// trustedRoots adds the certificates of a PEM file to roots; nil is the system's.
func trustedRoots(path string, roots *x509.CertPool) (*x509.CertPool, error) {
	text, err := readSmall(path)
	if err != nil {
		return nil, &FileError{"calla.tls_ca", path, pathless(err)}
	}
	if roots != nil {
		roots = roots.Clone()
	} else if roots, err = x509.SystemCertPool(); err != nil {
		roots = x509.NewCertPool() // a system without any
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, &FileError{"calla.tls_ca", path, errors.New("has no certificate in PEM form")}
	}
	return roots, nil
}

// maxPEM bounds a file of certificates, in octets: the authorities of a whole system are a quarter of it.
const maxPEM = 1 << 20

// readSmall reads a file that a configuration names: a regular one, since a pipe's end may never come, and no larger
// than maxPEM.
func readSmall(path string) ([]byte, error) {
	switch info, err := os.Stat(path); {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("is not a file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxPEM+1))
	if err == nil && len(text) > maxPEM {
		return nil, errors.New("is longer than 1 MiB")
	}
	return text, err
}

// pathless takes the path out of a file's error, which FileError tells anyhow.
func pathless(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
