package security

import (
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"

	"calla/test/peers"
)

// TestS24NamesOfTheDNSAreNotBelieved: whoever answers for a name must have its certificate (PJSIP d9514ce3; RFC 5922,
// RFC 7118). Calla looks up no SRV or NAPTR: the host of ws_servers is the only one. So a name that leads to a server
// of another name is what a forged answer of the DNS comes to.
func TestS24NamesOfTheDNSAreNotBelieved(t *testing.T) {
	for _, c := range []struct {
		name  string
		host  string   // in ws_servers; all of them lead to this computer
		names []string // in the certificate
		ips   []net.IP
		good  bool
	}{
		{"its own name", "localhost", []string{"localhost"}, nil, true},
		{"another domain", "localhost", []string{"evil.test"}, nil, false},
		{"a name below", "localhost", []string{"sip.localhost"}, nil, false},
		{"a wildcard", "localhost", []string{"*"}, nil, false},
		{"the address in the place of the name", "localhost", nil, []net.IP{{127, 0, 0, 1}}, false},
		{"a name in the place of the address", "127.0.0.1", []string{"127.0.0.1"}, nil, false},
		{"the account's domain, not the host", "localhost", []string{peers.HostileDomain}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			config, file := authority(t, 0,
				func(cert *x509.Certificate) { cert.DNSNames, cert.IPAddresses = c.names, c.ips })
			h := peers.StartHostileTLS(t, config)
			h.URL = strings.Replace(h.URL, "127.0.0.1", c.host, 1)
			p := peers.RunPlain(t, nil, "register", "--trust-config", "--config",
				h.Config("alice", map[string]any{"calla": map[string]any{"tls_ca": file}}))
			defer p.Signal(9)
			_ = p.Wait(t, 30*time.Second)
			if good := p.ExitCode() == 0; good != c.good || (h.Connections() > 0) != c.good {
				t.Errorf("exit code %d, %d connections: %s", p.ExitCode(), h.Connections(), p.Output)
			}
		})
	}
}
