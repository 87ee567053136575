package account

import (
	"testing"

	"calla/netsip/config"
)

// Holds: problems-and-wizard
func TestServersAreUnderstoodAsTheyAreTyped(t *testing.T) {
	for name, c := range map[string]struct{ typed, address, plain string }{
		"as it is":             {"wss://sip.example.com/ws", "wss://sip.example.com/ws", ""},
		"a web page":           {"https://sip.example.com/ws", "wss://sip.example.com/ws", ""},
		"a web page with port": {"https://sip.example.com:8089/ws?x=1", "wss://sip.example.com:8089/ws?x=1", ""},
		"host, port, path":     {"sip.example.com:8089/ws", "wss://sip.example.com:8089/ws", ""},
		"host and path":        {"sip.example.com/ws", "wss://sip.example.com/ws", ""},
		"host":                 {"sip.example.com", "wss://sip.example.com", ""},
		"one label":            {"pbx", "wss://pbx", ""},
		"upper case":           {"WSS://SIP.Example.COM/Ws", "wss://sip.example.com/Ws", ""},
		"upper case page":      {" HTTPS://SIP.EXAMPLE.COM ", "wss://sip.example.com", ""},
		"unencrypted as typed": {"ws://sip.example.com:5066", "ws://sip.example.com:5066", ""},
		"unencrypted page": {
			"http://sip.example.com:8088/ws", "http://sip.example.com:8088/ws",
			"ws://sip.example.com:8088/ws",
		},
		"page of this computer": {"http://localhost:8088/ws", "ws://localhost:8088/ws", ""},
		"loopback":              {"http://127.0.0.1:8088/ws", "ws://127.0.0.1:8088/ws", ""},
		"IPv6 loopback":         {"http://[::1]:8088/ws", "ws://[::1]:8088/ws", ""},
		"IPv6":                  {"[2001:db8::1]:8089/ws", "wss://[2001:db8::1]:8089/ws", ""},
		"IPv6 without brackets": {"2001:db8::1", "wss://[2001:db8::1]", ""},
		"IPv6 page":             {"https://[2001:DB8::1]/ws", "wss://[2001:db8::1]/ws", ""},
		"IPv4 and port":         {"192.0.2.7:8089/ws", "wss://192.0.2.7:8089/ws", ""},
		"no scheme, slashes":    {"//sip.example.com/ws", "wss://sip.example.com/ws", ""},
		"slashes forgotten":     {"wss:sip.example.com/ws", "wss://sip.example.com/ws", ""},
		"quoted":                {`"wss://sip.example.com/ws",`, "wss://sip.example.com/ws", ""},
		"SIP server":            {"sip:sip.example.com", "wss://sip.example.com", ""},
	} {
		address, secure, plain := ServerAddress(c.typed)
		if address != c.address || plain != c.plain || (secure == "") != (plain == "") {
			t.Errorf("%s: %q became %q, or %q and %q; want %q, %q", name, c.typed, address, secure, plain, c.address,
				c.plain)
		}
		if again, _, _ := ServerAddress(address); again != address {
			t.Errorf("%s: %q is not left as it is: %q", name, address, again)
		}
		for _, use := range []string{address, secure, plain} {
			p, _ := config.ParameterNamed("ws_servers")
			if err := p.Set(new(config.Config), use); use != "" && use != c.typed && err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for _, other := range []string{
		"", "  ", "alice@example.com", "ftp://example.com", "my server",
		"sip:alice@example.com", "https://", "://",
	} {
		if got, secure, plain := ServerAddress(other); got != other || secure != "" || plain != "" {
			t.Errorf("%q became %q", other, got)
		}
	}
}
