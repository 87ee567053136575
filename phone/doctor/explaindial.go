package doctor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"calla/netsip/ws"
	"calla/phone/cause"
)

// The way to a server: its name, the proxy, TCP, TLS, and the WebSocket handshake.

func explainDial(e *ws.DialError, s Subject) cause.Cause {
	c := cause.Cause{Account: s.Address, Server: e.URL, Action: cause.ActionEditAccount}
	if c.Server == "" {
		c.Server = s.Server
	}
	u, err := url.Parse(c.Server)
	if err != nil {
		u = &url.URL{Host: c.Server}
	}
	var proxy *ws.ProxyError
	var file *ws.FileError
	var closed *ws.CloseError
	switch {
	case errors.As(e.Err, &proxy):
		return explainProxy(c, proxy)
	case errors.As(e.Err, &file):
		c.Kind, c.File = cause.FileUnusable, file.Path
		c.System, c.Exit = cause.OfSystem(file.Err)
		return c
	case e.Stage == ws.StageDNS:
		return explainDNS(c, e.Err)
	case e.Stage == ws.StageTCP:
		return explainTCP(c, e)
	case e.Stage == ws.StageTLS:
		return explainTLS(c, e, u)
	case e.Stage == ws.StageHTTP:
		return explainHTTP(c, e, u)
	case e.Stage == ws.StageSubprotocol:
		c.Kind = cause.NoSIPSubprotocol
		return c
	case errors.As(e.Err, &closed):
		return explainClosed(closed)
	}
	c.Kind, c.Action = cause.ConnectionLost, cause.ActionRetry
	return c
}

func explainDNS(c cause.Cause, err error) cause.Cause {
	var dns *net.DNSError
	if errors.As(err, &dns) && !dns.IsNotFound {
		c.Kind, c.Action = cause.Offline, cause.ActionRetry
		return c
	}
	c.Kind = cause.ServerNotFound
	return c
}

func explainProxy(c cause.Cause, e *ws.ProxyError) cause.Cause {
	c.Proxy, c.Status = e.Proxy, e.StatusCode
	switch {
	case e.StatusCode == http.StatusProxyAuthRequired:
		c.Kind = cause.ProxyWantsPassword
	case e.StatusCode != 0:
		c.Kind = cause.ProxyRefused
	default:
		c.Kind = cause.ProxyUnreachable
		c.System, c.Exit = cause.OfSystem(e.Err)
	}
	return c
}

func explainTCP(c cause.Cause, e *ws.DialError) cause.Cause {
	switch {
	case cause.IsErrno(e.Err, syscall.ECONNREFUSED, 10061):
		c.Kind = cause.NothingListens
		return c
	case cause.IsErrno(e.Err, syscall.ENETUNREACH, 10051), cause.IsErrno(e.Err, syscall.ENETDOWN, 10050):
		c.Kind = cause.Offline
	case e.Timeout || cause.IsTimeout(e.Err) || cause.IsErrno(e.Err, syscall.EHOSTUNREACH, 10065):
		c.Kind, c.After = cause.ServerNoAnswer, max(e.Timings.TCP, time.Second)
	default:
		c.Kind = cause.NoConnection
		c.System, c.Exit = cause.OfSystem(e.Err)
	}
	c.Action = cause.ActionRetry
	return c
}

func explainTLS(c cause.Cause, e *ws.DialError, u *url.URL) cause.Cause {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	var weak *ws.WeakKeyError
	switch {
	case errors.As(e.Err, &weak):
		c.Kind, c.Bits = cause.CertificateWeak, weak.Bits
	case errors.As(e.Err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		c.Kind, c.At = cause.CertificateExpired, invalid.Cert.NotAfter
		if time.Now().Before(invalid.Cert.NotBefore) {
			c.Kind, c.At = cause.CertificateNotYetValid, invalid.Cert.NotBefore
		}
	case errors.As(e.Err, &unknown):
		c.Kind, c.Parameter = cause.CertificateUntrusted, "calla.tls_ca"
	case errors.As(e.Err, &name):
		c.Kind, c.Names = cause.CertificateOfAnother, names(name.Certificate)
	case errors.As(e.Err, &record):
		c.Kind, c.Offer = cause.ServerNotEncrypted, schemed("ws", u)
	// crypto/tls exports no type for the alerts of the other end: their text is all there is.
	case strings.Contains(e.Err.Error(), "certificate required"),
		strings.Contains(e.Err.Error(), "remote error: tls: bad certificate"):
		c.Kind, c.Parameter = cause.ClientCertificateWanted, "calla.client_certificate"
	case strings.Contains(e.Err.Error(), "protocol version"):
		c.Kind = cause.EncryptionTooOld
	case e.Timeout || cause.IsTimeout(e.Err):
		c.Kind, c.Action = cause.TLSNoAnswer, cause.ActionRetry
	default:
		c.Kind = cause.TLSFailed
		c.System, c.Exit = cause.OfSystem(e.Err)
	}
	return c
}

func explainHTTP(c cause.Cause, e *ws.DialError, u *url.URL) cause.Cause {
	c.Status = e.Status
	switch {
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		c.Kind, c.Parameter = cause.WebSocketRefused, "calla.origin"
	case u.Scheme == "ws" && (e.Status == http.StatusBadRequest || e.Status == http.StatusUpgradeRequired ||
		e.Status == 0 && spokeTLS(e.Err)):
		c.Kind, c.Offer = cause.ServerEncrypts, schemed("wss", u)
	case e.Status == http.StatusOK || e.Status == http.StatusNetworkAuthenticationRequired ||
		e.Status >= 300 && e.Status < 400:
		c.Kind, c.Action = cause.SomethingElseAnswered, cause.ActionRetry
	case errors.Is(e.Err, ws.ErrUnofferedExtension):
		c.Kind, c.Action = cause.UnofferedExtension, cause.ActionRetry
	case errors.Is(e.Err, ws.ErrEndless):
		c.Kind = cause.AnswersTooMuch
	case e.Status >= 500:
		c.Kind, c.Action = cause.WebServerTrouble, cause.ActionRetry
	case e.Status != 0:
		c.Kind = cause.WrongPath
	case e.Timeout || cause.IsTimeout(e.Err):
		c.Kind, c.Action = cause.WebSocketNoAnswer, cause.ActionRetry
	default:
		c.Kind = cause.NotAWebSocket
		c.System, c.Exit = cause.OfSystem(e.Err)
	}
	return c
}

// schemed is an address with another scheme, and the port that it had.
func schemed(scheme string, u *url.URL) string {
	other := *u
	other.Scheme = scheme
	if u.Port() == "" {
		other.Host += ":" + cause.PortOf(u)
	}
	return other.String()
}

// spokeTLS tells whether what came in the place of an HTTP response was a record of TLS (RFC 8446 section 5.1): an
// alert.
func spokeTLS(err error) bool {
	return strings.Contains(err.Error(), `"\x15\x03`)
}

// names lists whom a certificate is for.
func names(c *x509.Certificate) []string {
	if c == nil {
		return nil
	}
	all := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 && c.Subject.CommonName != "" {
		return []string{c.Subject.CommonName}
	}
	return all
}
