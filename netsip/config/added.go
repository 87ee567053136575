package config

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"calla/netsip/sip"
)

// addedParameters are Calla's own.
func addedParameters() []Parameter {
	list := slices.Concat(addedServerParameters(), addedCallParameters(), deskParameters())
	for i := range list {
		list[i] = list[i].added()
	}
	return list
}

// addedServerParameters are about the way to the servers. The password of the proxy stands before the proxy: a proxy
// that is given with its password sets both.
func addedServerParameters() []Parameter {
	return []Parameter{
		integerParameter("calla.keep_alive_interval", KindSeconds, GroupServers, "25",
			About{
				Label: "Check the connection every, seconds",
				Help:  "How often the connection is proved to be alive, in seconds.",
				Effect: "A WebSocket Ping so long after the last; at most 5 s while a call is up. Without an " +
					"answer in 10 s, 3 s in a call, the connection is given up.",
				Change: ChangeAtWork,
			}, func(c *Config) *int { return &c.Calla.KeepAliveInterval }),
		switchParameter("calla.fail_back", GroupServers, About{
			Label: "Return to the heavier server",
			Help:  "Go back to a heavier server, once it works again, when no call is up.",
			Effect: "While a lighter server is used and no call is up, the heavier ones are dialled again " +
				"after 30 to 60 s, later up to 5 min, and registered at before the other is left.",
			Change: ChangeAtWork,
		}, func(c *Config) *Switch { return &c.Calla.FailBack }),
		textParameter("calla.origin", GroupServers, About{
			Label:   "Origin",
			Help:    "The Origin of the WebSocket handshake, for servers that want a certain one.",
			Effect:  "Origin in the HTTP request of the WebSocket handshake.",
			Accepts: "`null`, or `scheme://host[:port]`",
		}, func(c *Config) *string { return &c.Calla.Origin }, checkOrigin),
		textParameter("calla.client_certificate", GroupServers, About{
			Label:  "Client certificate",
			Help:   "The certificate that names this phone to the server, a PEM file.",
			Effect: "The certificate that TLS presents to a server that asks for one (wss).",
		}, func(c *Config) *string { return &c.Calla.ClientCertificate }, checkPath).file(),
		textParameter("calla.client_key", GroupServers, About{
			Label:  "Key of the certificate",
			Help:   "The key of the certificate, a PEM file.",
			Effect: "The key that TLS proves the certificate with.",
		}, func(c *Config) *string { return &c.Calla.ClientKey },
			checkPath).file().withDefault("in the file of client_certificate"),
		textParameter("calla.tls_ca", GroupServers, About{
			Label: "Additional authorities",
			Help:  "Authorities to trust beside the system's, a PEM file.",
			Effect: "A server whose certificate one of them vouches for is accepted, beside those of the " +
				"system's (wss).",
		}, func(c *Config) *string { return &c.Calla.TLSCA }, checkPath).file(),
		secretParameter("calla.proxy_password", GroupServers, About{
			Label:  "Password for the proxy",
			Help:   "The password for the proxy.",
			Effect: "In the Proxy-Authorization (Basic) of CONNECT, with the user name in `calla.proxy`.",
		}, func(c *Config) *Secret { return &c.Calla.ProxyPassword }).
			meaning(func(c *Config) bool { return strings.Contains(c.Calla.Proxy, "@") }),
		{
			Name: "calla.proxy", Kind: KindText, Group: GroupServers, Default: "the system's HTTPS_PROXY and NO_PROXY",
			About: About{
				Label: "HTTP proxy",
				Help: "The HTTP proxy on the way to the servers, such as http://proxy.example.com:8080, or " +
					"none.",
				Effect: "The WebSocket goes through a tunnel that is asked for with CONNECT; never on the " +
					"way to this computer itself.",
				Accepts: "`none`, `direct`, or `http://[user[:password]@]host[:port]`; the password is kept " +
					"as `calla.proxy_password`",
			},
			get: getProxy, set: setProxy,
		},
	}
}

func addedCallParameters() []Parameter {
	return []Parameter{
		integerParameter("calla.ice_gathering_timeout", KindMilliseconds, GroupMedia, "500",
			About{
				Label: "Wait for STUN and TURN, milliseconds",
				Help: "How long a call waits for STUN and TURN before it goes out with the addresses it has, " +
					"in milliseconds.",
				Effect: "The INVITE, or the answer to one, leaves after so long with the candidates there are.",
				Change: ChangeMakesMedia,
			}, func(c *Config) *int { return &c.Calla.ICEGatheringTimeout }),
		choiceParameter("calla.ice_transport_policy", GroupMedia, About{
			Label: "Paths for the sound",
			Help:  "Which ways sound may take: all, or only those over a TURN server.",
			Effect: "relay: only relayed candidates, no STUN server is asked, and no address of this " +
				"computer stands in SDP.",
			Change: ChangeMakesMedia,
		}, func(c *Config) *string { return &c.Calla.ICETransportPolicy }, ICEAll, ICERelay),
		codecsParameter(),
		flagParameter("calla.dtx", GroupMedia, About{
			Label: "Send nothing in pauses",
			Help: "Send nothing while nobody speaks, where the other end can make noise up in its place. It takes " +
				"less of the line; what is to be heard behind you sounds a little different in pauses.",
			Effect: "`usedtx=1` for Opus (RFC 7587), and `CN` (RFC 3389) beside formats of 8 kHz, in offers and " +
				"answers; a far end that says `usedtx=0`, or has no `CN`, is sent pauses like speech.",
			Change: ChangeMakesMedia,
		}, func(c *Config) *bool { return &c.Calla.DTX }),
		choiceParameter("calla.reliable_provisional", GroupCalls, About{
			Label: "Reliable ringing",
			Help:  "Whether ringing is told in a way that cannot be lost (100rel).",
			Effect: "supported: `100rel` in Supported; required: in Require; off: in neither, and no PRACK " +
				"(RFC 3262).",
			Change: ChangeAtUse,
		}, func(c *Config) *string { return &c.Calla.ReliableProvisional }, ReliableSupported, ReliableRequired,
			ReliableOff),
		flagParameter("calla.record_calls", GroupCalls, About{
			Label: "Record every call",
			Help: "Record each call with this account from its answer on. Tell the others so: in many countries the " +
				"law wants it.",
			Effect: "Nothing on the wire: a WAV file for each call in the folder for recordings, what you say left, " +
				"what they say right.",
			Change: ChangeAtUse,
		}, func(c *Config) *bool { return &c.Calla.RecordCalls }),
		flagParameter("calla.force_rport", GroupCompatibility, About{
			Label:  "Answers to our own port",
			Help:   "Ask the server to answer to the port that requests come from.",
			Effect: "`;rport` at the end of the Via of our requests (RFC 3581).",
			Change: ChangeRegisters,
		}, func(c *Config) *bool { return &c.Calla.ForceRport }),
		textParameter("calla.log_file", GroupLogging, About{
			Label: "Log file",
			Help:  "A file that gets every log line, as JSON.",
			Effect: "Nothing on the wire: a JSON object a line, for this user alone (0600), rotated at 10 " +
				"MB, five older files kept.",
			Change: ChangeAtWork,
		}, func(c *Config) *string { return &c.Calla.LogFile }, checkPath).file(),
		textParameter("calla.log_command", GroupLogging, About{
			Label: "Log command",
			Help:  "A command whose standard input gets every log line, as JSON.",
			Effect: "Nothing on the wire: started without a shell, gets a JSON object a line, is started " +
				"again when it ends, and ends with the account.",
			Accepts: "a program and its arguments, quoted where they have blanks",
			Change:  ChangeAtWork,
		}, func(c *Config) *string { return &c.Calla.LogCommand }, checkCommand),
	}
}

// checkPath takes the path of a file; whether it can be read shows when it is.
func checkPath(s string) (string, string) {
	if s = strings.TrimSpace(s); s == "" {
		return "", "is blank"
	}
	return s, badControl(s)
}

// checkCommand wants a command line that CommandWords can read.
func checkCommand(s string) (string, string) {
	if reason := badControl(s); reason != "" {
		return "", reason
	}
	if _, err := CommandWords(s); err != nil {
		return "", err.Error()
	}
	return s, ""
}

// CommandWords splits the command line of calla.log_command into the program and its arguments, as they are given to it
// without a shell: at blanks, save within single or double quotes, where \" is a quote. A backslash is none of a
// path's business otherwise.
func CommandWords(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote, begun := byte(0), false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(line) && line[i+1] == '"':
			i++
			word.WriteByte('"')
			begun = true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, begun = c, true
		case c == ' ' || c == '\t':
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	switch {
	case quote != 0:
		return nil, errors.New("has a quote without its partner")
	case len(words) == 0 || words[0] == "":
		return nil, errors.New("names no program")
	}
	return words, nil
}

// checkOrigin wants "null" or scheme://host[:port] (RFC 6454 section 6.2).
func checkOrigin(s string) (string, string) {
	if strings.EqualFold(s, "null") {
		return "null", ""
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme == "" || strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" {
		return "", "must be such as https://example.com"
	}
	rest = strings.TrimSuffix(rest, "/")
	if reason := badHostPort(rest); reason != "" {
		return "", reason
	}
	return strings.ToLower(scheme) + "://" + rest, ""
}

func getProxy(c *Config) any {
	if c.Calla.Proxy == "" {
		return nil
	}
	return c.Calla.Proxy
}

// setProxy takes "none" or "direct", or http://[user[:password]@]host[:port]; a password goes where it is
// kept secret.
func setProxy(c *Config, v any) *Error {
	if isEmpty(v) {
		c.Calla.Proxy = ""
		return nil
	}
	s, ok := v.(string)
	if !ok {
		return &Error{Value: "hidden", Reason: "must be text"}
	}
	proxy, password, reason := proxyOf(s)
	if reason != "" {
		return &Error{Value: "hidden", Reason: reason}
	}
	c.Calla.Proxy = proxy
	if password != "" {
		c.Calla.ProxyPassword = password
	}
	return nil
}

// proxyOf splits a proxy's address from the password in it.
func proxyOf(s string) (proxy string, password Secret, reason string) {
	if reason := badText(s); reason != "" {
		return "", "", reason
	}
	s = strings.TrimSpace(s)
	if strings.EqualFold(s, ProxyNone) || strings.EqualFold(s, "direct") {
		return ProxyNone, "", ""
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !strings.EqualFold(scheme, "http") {
		return "", "", "must be such as http://proxy.example.com:8080, or none"
	}
	rest = strings.TrimSuffix(rest, "/")
	user, host, hasUser := "", rest, false
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		user, host, hasUser = rest[:i], rest[i+1:], true
	}
	if reason := badHostPort(host); reason != "" {
		return "", "", reason
	}
	if !hasUser {
		return "http://" + host, "", ""
	}
	name, secret, _ := strings.Cut(user, ":")
	name, secret = sip.Unescape(name), sip.Unescape(secret)
	if name == "" || badControl(name) != "" || badControl(secret) != "" {
		return "", "", "has a user name that cannot be used"
	}
	return "http://" + url.User(name).String() + "@" + host, Secret(secret), ""
}
