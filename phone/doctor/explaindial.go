package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"calla/netsip/ws"
)

// The way to a server: its name, the proxy, TCP, TLS, and the WebSocket handshake.

func explainDial(e *ws.DialError, s Subject) Problem {
	where := e.URL
	if where == "" {
		where = s.Server
	}
	u, err := url.Parse(where)
	if err != nil {
		u = &url.URL{Host: where}
	}
	var proxy *ws.ProxyError
	var file *ws.FileError
	switch {
	case errors.As(e.Err, &proxy):
		return explainProxy(proxy)
	case errors.As(e.Err, &file):
		return Problem{
			Title: "The file " + file.Path + " of this account cannot be used.", Why: Cause(file.Err),
			Do: "Check the file, or take it out of the account.", Short: "File cannot be used", Action: ActionEditAccount,
		}
	}
	switch e.Stage {
	case ws.StageDNS:
		return explainDNS(e.Err, u)
	case ws.StageTCP:
		return explainTCP(e, u)
	case ws.StageTLS:
		return explainTLS(e, u)
	case ws.StageHTTP:
		return explainHTTP(e, u)
	case ws.StageSubprotocol:
		return Problem{
			Title: "Connected, but the server does not speak SIP on this WebSocket (no 'sip' sub-protocol).",
			Why:   "The address may be of another service, or a proxy drops the header Sec-WebSocket-Protocol.",
			Do:    "Check the path of the WebSocket address.", Short: "Not a phone server", Action: ActionEditAccount,
		}
	}
	var closed *ws.CloseError
	if errors.As(e.Err, &closed) {
		return explainClosed(closed)
	}
	return Problem{
		Title: "The connection to " + u.Hostname() + " was lost.", Do: "We connect again by ourselves.",
		Short: "Connection lost", Action: ActionRetry,
	}
}

func offline() Problem {
	return Problem{
		Title: "This computer seems to be offline.", Do: "We connect by ourselves when the network is back.",
		Short: "Offline", Action: ActionRetry,
	}
}

func explainDNS(err error, u *url.URL) Problem {
	var dns *net.DNSError
	if errors.As(err, &dns) && !dns.IsNotFound {
		return offline()
	}
	return Problem{
		Title: "Can't find the server " + u.Hostname() + ".", Why: "The name does not exist.",
		Do: "Check the spelling of the WebSocket address.", Short: "Server not found", Action: ActionEditAccount,
	}
}

func explainProxy(e *ws.ProxyError) Problem {
	p := Problem{
		Title: "No connection to the proxy " + e.Proxy + ".", Why: Cause(e.Err),
		Do: "Check the proxy of the account, or of this computer.", Short: "No way through the proxy", Action: ActionEditAccount,
	}
	switch {
	case e.StatusCode == http.StatusProxyAuthRequired:
		p.Title, p.Why = "The proxy "+e.Proxy+" wants a user name and password.", ""
		p.Do, p.Short = "Enter them in the account.", "Proxy wants a password"
	case e.StatusCode != 0:
		p.Title = fmt.Sprintf("The proxy %s does not let us through (%s).", e.Proxy, statusLine(e.StatusCode))
		p.Why, p.Do = "", "Ask who runs it, or use an address with port 443."
	}
	return p
}

func explainTCP(e *ws.DialError, u *url.URL) Problem {
	switch {
	case isErrno(e.Err, syscall.ECONNREFUSED, 10061):
		return Problem{
			Title: u.Hostname() + " answered, but nothing is listening on port " + port(u) + ".",
			Why:   "The port may be wrong or the phone server is down.",
			Do:    "Check the port.", Short: "Nothing listens", Action: ActionEditAccount,
		}
	case isErrno(e.Err, syscall.ENETUNREACH, 10051), isErrno(e.Err, syscall.ENETDOWN, 10050):
		return offline()
	case e.Timeout || isTimeout(e.Err) || isErrno(e.Err, syscall.EHOSTUNREACH, 10065):
		return Problem{
			Title: fmt.Sprintf("No answer from %s:%s in %s.", u.Hostname(), port(u), words(max(e.Timings.TCP, time.Second))),
			Why:   "A firewall may block this port; many networks only allow 443.",
			Do:    "Ask your provider for an address with port 443.", Short: "No answer", Action: ActionRetry,
		}
	}
	return Problem{
		Title: "No connection to " + u.Hostname() + ":" + port(u) + ".", Why: Cause(e.Err),
		Do: "We keep trying.", Short: "No connection", Action: ActionRetry,
	}
}

func explainTLS(e *ws.DialError, u *url.URL) Problem {
	p := Problem{Short: "Bad certificate", Why: "Your password was not sent.", Action: ActionEditAccount}
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	var weak *ws.WeakKeyError
	switch {
	case errors.As(e.Err, &weak):
		p.Title = fmt.Sprintf("The server's certificate is too weak: a key of %d bits can be broken.", weak.Bits)
		p.Do, p.Short = "Tell your provider: RSA keys of 2048 bits are the least today.", "Weak certificate"
	case errors.As(e.Err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		if time.Now().Before(invalid.Cert.NotBefore) {
			p.Title = "The server's certificate is not valid before " + invalid.Cert.NotBefore.Format("2 Jan 2006") + "."
			p.Do = "Check this computer's date and time."
			break
		}
		p.Title = "The server's certificate expired on " + invalid.Cert.NotAfter.Format("2 Jan 2006") + "."
		p.Do, p.Short = "Tell your provider. If it is newer, check this computer's date.", "Certificate expired"
	case errors.As(e.Err, &unknown):
		p.Title = "The certificate of " + u.Hostname() + " is not issued by anyone this computer trusts."
		p.Do, p.Parameter = "Tell your provider, or add its certificate authority to the account.", "calla.tls_ca"
	case errors.As(e.Err, &name):
		p.Title = "The server's certificate is for " + names(name.Certificate) + ", not " + u.Hostname() + "."
		p.Do = "Check the server's name in the WebSocket address."
	case errors.As(e.Err, &record):
		p.Title = "The server does not encrypt on port " + port(u) + "."
		p.Do, p.Short = "Check the port. ws: works there, but whoever is on the way can read who calls whom.", "No encryption"
		p.Offer = schemed("ws", u)
	case strings.Contains(e.Err.Error(), "certificate required"), strings.Contains(e.Err.Error(), "remote error: tls: bad certificate"):
		p.Title = u.Hostname() + " wants a certificate of this phone that it trusts."
		p.Why, p.Do, p.Short = "", "Enter the client certificate that your provider gave you.", "Wants a certificate"
		p.Parameter = "calla.client_certificate"
	case strings.Contains(e.Err.Error(), "protocol version"):
		p.Title = "The server only offers an encryption that is no longer safe (older than TLS 1.2)."
		p.Do, p.Short = "Tell your provider.", "Old encryption"
	case e.Timeout || isTimeout(e.Err):
		p.Title = u.Hostname() + " took the connection but does not answer the encryption handshake."
		p.Do, p.Short, p.Action = "We keep trying. Check the port if it lasts.", "No answer", ActionRetry
	default:
		p.Title = "The encrypted connection to " + u.Hostname() + " could not be made."
		p.Why = strings.TrimSpace(Cause(e.Err) + " " + p.Why)
		p.Do = "Tell your provider."
	}
	return p
}

func explainHTTP(e *ws.DialError, u *url.URL) Problem {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	switch {
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		return Problem{
			Title: fmt.Sprintf("The server refused the WebSocket connection (%d).", e.Status),
			Why:   "It may accept only certain origins or IP addresses.",
			Do:    "Ask your provider.", Short: "Refused by server", Action: ActionEditAccount, Parameter: "calla.origin",
		}
	case u.Scheme == "ws" && (e.Status == http.StatusBadRequest || e.Status == http.StatusUpgradeRequired || e.Status == 0 && spokeTLS(e.Err)):
		return Problem{
			Title: "The server encrypts on port " + port(u) + ", and ws: does not.", Why: "The address begins with ws: where it should be wss:.",
			Do: "Use wss:.", Short: "Use wss:", Action: ActionEditAccount, Offer: schemed("wss", u),
		}
	case e.Status == http.StatusOK || e.Status == http.StatusNetworkAuthenticationRequired || e.Status >= 300 && e.Status < 400:
		return Problem{
			Title: "Something else answered in the place of the phone service (" + statusLine(e.Status) + ").",
			Why:   "This network may want you to sign in first, or " + path + " is a web page.",
			Do:    "Open a web page to sign in to the network; else check the path of the WebSocket address.",
			Short: "Sign in to network?", Action: ActionRetry,
		}
	case errors.Is(e.Err, ws.ErrUnofferedExtension):
		return Problem{
			Title: "The server " + u.Hostname() + " answers with a WebSocket extension that this phone did not offer.",
			Why:   "Messages in a form that was not agreed on are not taken.",
			Do:    "Tell your provider: its answer has a Sec-WebSocket-Extensions that nobody asked for.",
			Short: "Wrong answer", Action: ActionRetry,
		}
	case errors.Is(e.Err, ws.ErrEndless):
		return Problem{
			Title: "What listens at " + u.Hostname() + ":" + port(u) + " answers far more than a phone server does.",
			Why:   "We stopped reading.",
			Do:    "Check port and path of the WebSocket address.", Short: "Not a phone server", Action: ActionEditAccount,
		}
	case e.Status >= 500:
		return Problem{
			Title: fmt.Sprintf("The web server in front of the phone service has a problem (%d %s).", e.Status, http.StatusText(e.Status)),
			Do:    "We try again by ourselves.", Short: "Server trouble", Action: ActionRetry,
		}
	case e.Status != 0:
		return Problem{
			Title: "The server is a web server, but there is no phone service at " + path + " (" + statusLine(e.Status) + ").",
			Why:   "Common paths are /ws, / and /asterisk/ws.",
			Do:    "Check the path of the WebSocket address.", Short: "Wrong path", Action: ActionEditAccount,
		}
	case e.Timeout || isTimeout(e.Err):
		return Problem{
			Title: u.Hostname() + " took the connection but does not answer.",
			Why:   "The server may be frozen, or another service listens on port " + port(u) + ".",
			Do:    "We keep trying. Check the port if it lasts.", Short: "No answer", Action: ActionRetry,
		}
	}
	return Problem{
		Title: "What listens at " + u.Hostname() + ":" + port(u) + " is not a WebSocket server.",
		Why:   Cause(e.Err),
		Do:    "Check port and path; wss: and ws: differ.", Short: "Not a phone server", Action: ActionEditAccount,
	}
}

// schemed is an address with another scheme, and the port that it had.
func schemed(scheme string, u *url.URL) string {
	other := *u
	other.Scheme = scheme
	if u.Port() == "" {
		other.Host += ":" + port(u)
	}
	return other.String()
}

// spokeTLS tells whether what came in the place of an HTTP response was a record of TLS (RFC 8446 section 5.1): an alert.
func spokeTLS(err error) bool {
	return strings.Contains(err.Error(), `"\x15\x03`)
}

func statusLine(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}

// port is the port of a WebSocket address.
func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "ws":
		return "80"
	}
	return "443"
}

// names lists whom a certificate is for.
func names(c *x509.Certificate) string {
	if c == nil {
		return "another server"
	}
	all := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	switch {
	case len(all) == 0 && c.Subject.CommonName != "":
		return c.Subject.CommonName
	case len(all) == 0:
		return "nobody"
	case len(all) > 3:
		all = append(all[:3], "others")
	}
	return strings.Join(all, ", ")
}

// isErrno tells whether err is the system's error unix, or windows, its number on Windows.
func isErrno(err error, unix syscall.Errno, windows syscall.Errno) bool {
	return errors.Is(err, unix) || errors.Is(err, windows)
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}
