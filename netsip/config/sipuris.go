package config

import (
	"fmt"
	"slices"
	"strings"

	"calla/netsip/sip"
)

// checkURI wants the address of record: a SIP URI with a user, sip: being optional. The canonical form
// has the user escaped as little as needed, the host and the names of parameters in lower case, and no
// headers.
func checkURI(s string) (string, string) {
	if i := strings.IndexByte(s, ':'); i >= 0 {
		switch strings.ToLower(s[:i]) {
		case "sips":
			return "", "cannot be a sips: address: write sip:, and wss:// in ws_servers for encryption"
		case "tel":
			return "", "cannot be a tel: number: write it as sip:NUMBER@DOMAIN"
		}
	}
	u, reason := parseConfiguredURI(s)
	if reason != "" {
		return "", reason
	}
	if u.User == "" {
		return "", "has no user: write it as sip:USER@DOMAIN"
	}
	return u.String(), ""
}

// checkRegistrar wants a SIP URI without user, sip: being optional.
func checkRegistrar(s string) (string, string) {
	if len(s) >= 5 && strings.EqualFold(s[:5], "sips:") {
		return "", "cannot be a sips: address: write sip:, and wss:// in ws_servers for encryption"
	}
	u, reason := parseConfiguredURI(s)
	if reason != "" {
		return "", reason
	}
	if u.User != "" || strings.Contains(s, "@") {
		return "", "must not have a user before the host"
	}
	return u.String(), ""
}

// parseConfiguredURI parses a SIP URI whose sip: may be missing and returns its canonical form, or the
// reason why it is none.
func parseConfiguredURI(s string) (sip.URI, string) {
	if reason := badURICharacter(s); reason != "" {
		return sip.URI{}, reason
	}
	if strings.Contains(s, "#") {
		return sip.URI{}, "has a # in it, which must be written as %23"
	}
	if len(s) < 4 || !strings.EqualFold(s[:4], "sip:") {
		s = "sip:" + s
	}
	u, err := sip.ParseURI(s)
	if err != nil {
		return sip.URI{}, "is not a SIP address such as sip:alice@example.com"
	}
	hostport := s[max(len("sip:"), strings.IndexByte(s, '@')+1):]
	if i := strings.IndexAny(hostport, ";?"); i >= 0 {
		hostport = hostport[:i]
	}
	if reason := badHostPort(hostport); reason != "" {
		return sip.URI{}, reason
	}
	if strings.ContainsAny(sip.Unescape(u.User), "\r\n\x00") {
		return sip.URI{}, "has a line break or NUL in its user"
	}
	u.Headers = ""
	return canonicalURI(u), ""
}

// canonicalURI writes the user in the one way that escapeUser has, the names of parameters in lower case
// and the value of transport, too.
func canonicalURI(u sip.URI) sip.URI {
	u.User = escapeUser(sip.Unescape(u.User))
	u.Params = slices.Clone(u.Params)
	for i, p := range u.Params {
		p.Name = strings.ToLower(p.Name)
		if p.Name == "transport" {
			p.Value = strings.ToLower(p.Value)
		}
		u.Params[i] = p
	}
	return u
}

// authorizationUserOf returns the default of authorization_user: the user of uri without escapes, as the
// content of a quoted-string.
func authorizationUserOf(uri string) (string, error) {
	u, err := sip.ParseURI(uri)
	if err != nil {
		return "", fmt.Errorf("default of authorization_user: %w", err)
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(sip.Unescape(u.User)), nil
}

// registrarOf returns the default of registrar_server: uri without user, parameters and headers.
func registrarOf(uri string) (string, error) {
	u, err := sip.ParseURI(uri)
	if err != nil {
		return "", fmt.Errorf("default of registrar_server: %w", err)
	}
	u.User, u.Params, u.Headers = "", nil, ""
	return u.String(), nil
}

// Domain returns what a dialled target without a domain gets: uri without "sip:", user and headers, so
// with its port and parameters. It is "" where URI is not one.
func (c Config) Domain() string {
	u, reason := parseConfiguredURI(c.URI)
	if reason != "" {
		return ""
	}
	u.User = ""
	return strings.TrimPrefix(u.String(), "sip:")
}
