package security

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calla/test/peers"
)

// TestS13BadTLS: certificates that are wrong in each way, old TLS, and a handshake that leads elsewhere (PJSIP
// CVE-2020-15260 and 43d3bd77). None is connected over, what is wrong is said, and no password is sent.
func TestS13BadTLS(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name string
		make func(*x509.Certificate)
		bits int // of RSA; 0 = an elliptic curve
		old  bool
		want string // in what is told; "" = it connects
		root bool   // vouched for
	}{
		{name: "a good one", root: true},
		{
			name: "expired", make: func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Hour) }, root: true,
			want: "expired",
		},
		{
			name: "not yet valid", make: func(c *x509.Certificate) { c.NotBefore = now.Add(time.Hour) }, root: true,
			want: "not valid before",
		},
		{name: "self-signed", want: "not issued by anyone"},
		{name: "for another host", make: func(c *x509.Certificate) {
			c.IPAddresses, c.DNSNames = nil,
				[]string{"pbx.test"}
		}, root: true, want: "pbx.test"},
		{
			name: "for another address", make: func(c *x509.Certificate) { c.IPAddresses = []net.IP{{192, 0, 2, 1}} },
			root: true, want: "192.0.2.1",
		},
		{
			name: "with only a common name", make: func(c *x509.Certificate) { c.IPAddresses = nil }, root: true,
			want: "certificate",
		},
		{name: "NUL in its name", make: func(c *x509.Certificate) {
			c.IPAddresses, c.DNSNames = nil,
				[]string{"127.0.0.1\x00.evil.test"}
		}, root: true, want: "certificate"},
		{name: "RSA of 1024 bits", bits: 1024, root: true, want: "too weak"},
		{name: "TLS 1.1", old: true, root: true, want: "no longer safe"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config, file := authority(t, c.bits, c.make)
			if c.old {
				config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			}
			h := peers.StartHostileTLS(t, config)
			more := map[string]any{}
			if c.root {
				more["calla"] = map[string]any{"tls_ca": file}
			}
			p := peers.RunPlain(t, nil, "register", "--trust-config", "--config", h.Config("alice", more))
			defer func() { p.Signal(9) }()
			_ = p.Wait(t, 30*time.Second)
			if c.want == "" {
				if p.ExitCode() != 0 {
					t.Errorf("exit code %d: %s", p.ExitCode(), p.Output)
				}
				return
			}
			if p.ExitCode() != 3 || !strings.Contains(p.Output.String(), c.want) {
				t.Errorf("exit code %d, told %q, not %q", p.ExitCode(), p.Output, c.want)
			}
			if n := h.Connections(); n > 0 {
				t.Errorf("%d connections were made", n)
			}
		})
	}
	t.Run("a redirect to http", func(t *testing.T) {
		addr, visited := canary(t)
		h := peers.StartHostile(t)
		h.Handshake = func(conn net.Conn, _ *http.Request) bool {
			_, _ = conn.Write([]byte("HTTP/1.1 301 Moved Permanently\r\nLocation: http://" + addr +
				"/\r\nContent-Length: 0\r\n\r\n"))
			return true
		}
		p := peers.RunPlain(t, nil, "register", "--config", h.Config("alice", nil))
		defer func() { p.Signal(9) }()
		if _ = p.Wait(t, 30*time.Second); p.ExitCode() != 3 || visited() {
			t.Errorf("exit code %d, visited %v", p.ExitCode(), visited())
		}
	})
}

// authority is a self-signed certificate for 127.0.0.1, changed, and the file of it.
func authority(t *testing.T, bits int, change func(*x509.Certificate)) (*tls.Config, string) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{{127, 0, 0, 1}},
		IsCA:        true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if change != nil {
		change(template)
	}
	var key crypto.Signer
	var err error
	if bits > 0 {
		key, err = rsa.GenerateKey(rand.Reader, bits)
	} else {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		t.Skip("this Go makes no such key: ", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, file
}
