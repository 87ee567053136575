package account

import (
	"net/netip"
	"net/url"
	"strings"
)

// ServerAddress makes a WebSocket address of what people type for one: the address of a web page, a host with a port,
// a name alone. Nothing that was not said to be unencrypted becomes so: only http: on this very computer is ws:. An
// http: address of elsewhere is not changed, as it may be meant either way: plain is what it would be as ws:, and
// secure as wss:. What is no address is returned as it is; the configuration's own check says why.
func ServerAddress(text string) (address, secure, plain string) {
	s := strings.Trim(strings.TrimSpace(text), `"'<>,;`+"`")
	scheme, rest, ok := strings.Cut(s, ":")
	switch scheme = strings.ToLower(scheme); {
	case ok && (scheme == "wss" || scheme == "ws" || scheme == "https" || scheme == "http"):
		rest = strings.TrimLeft(rest, "/")
	case ok && (scheme == "sip" || scheme == "sips") && !strings.Contains(rest, "@"):
		scheme, rest = "wss", strings.TrimLeft(rest, "/")
	case strings.Contains(s, "://"), strings.ContainsAny(s, "@ \t\r\n"), s == "":
		return text, "", ""
	default:
		scheme, rest = "wss", strings.TrimLeft(s, "/")
	}
	authority, path := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	if ip, err := netip.ParseAddr(authority); err == nil && ip.Is6() && ip.Zone() == "" {
		authority = "[" + authority + "]" // RFC 3986 section 3.2.2
	}
	if authority == "" {
		return text, "", ""
	}
	rest = strings.ToLower(authority) + path
	switch {
	case scheme == "https":
		return "wss://" + rest, "", ""
	case scheme == "http" && onLoopback(rest):
		return "ws://" + rest, "", ""
	case scheme == "http":
		return text, "wss://" + rest, "ws://" + rest
	}
	return scheme + "://" + rest, "", ""
}

// onLoopback tells whether an address without its scheme is of this computer.
func onLoopback(rest string) bool {
	u, err := url.Parse("ws://" + rest)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback() || u.Hostname() == "localhost"
}
