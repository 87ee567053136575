package test

import (
	"crypto/md5"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip"
	"calla/test/peers"
)

// The parameters are given in their own names, and what is looked at is what Kamailio received, byte by byte.

// TestRegisterShowsTheParameters: what of a parameter stands in REGISTER.
func TestRegisterShowsTheParameters(t *testing.T) {
	authority := peers.NewAuthority(t, "Test authority")
	l := newLab(t, peers.Watch{Authority: authority})
	secure := func(more map[string]any) map[string]any {
		v := map[string]any{"ws_servers": l.SecureURL, "calla.tls_ca": authority.File}
		for name, value := range more {
			v[name] = value
		}
		return v
	}
	ha1 := md5.Sum([]byte("ha1:" + l.Domain + ":" + l.Password))
	host := func(m peers.Seen) string {
		return regexp.MustCompile(`@([^;>]*)`).FindStringSubmatch(m.Header("Contact")[0])[1]
	}
	rows := []struct {
		parameter string
		values    map[string]any
		attempt   int // which REGISTER: 1 without credentials, 2 with
		check     func(t *testing.T, m peers.Seen)
	}{
		{"uri", nil, 1, func(t *testing.T, m peers.Seen) {
			if m.Line() != "REGISTER sip:example.test SIP/2.0" {
				t.Error(m.Line())
			}
			contains(t, m, "To", "<sip:uri@example.test>")
			contains(t, m, "From", "<sip:uri@example.test>;tag=")
		}},
		{"ws_servers", nil, 1, func(t *testing.T, m peers.Seen) { contains(t, m, "Via", "SIP/2.0/WS ") }},
		{"ws_servers_secure", secure(nil), 1, func(t *testing.T, m peers.Seen) {
			contains(t, m, "Via", "SIP/2.0/WSS ")
			contains(t, m, "Contact", ";transport=ws>")
		}},
		{
			"authorization_user",
			map[string]any{"authorization_user": `al \"ice\" ü\\`},
			2,
			func(t *testing.T, m peers.Seen) {
				contains(t, m, "Authorization", `username="al \"ice\" ü\\", realm="example.test"`)
				contains(t, m, "From", "<sip:authorization_user@")
			},
		},
		{"password", nil, 2, func(t *testing.T, m peers.Seen) {
			contains(t, m, "Authorization", `Digest algorithm=MD5, username="password", realm="example.test"`)
			if strings.Contains(m.Text, l.Password) {
				t.Error("the password itself is sent")
			}
		}},
		{
			"ha1",
			map[string]any{"password": nil, "ha1": hex.EncodeToString(ha1[:]), "realm": l.Domain},
			2,
			func(t *testing.T, m peers.Seen) {
				contains(t, m, "Authorization", `username="ha1", realm="example.test"`)
			},
		},
		{"display_name", map[string]any{"display_name": `Alice ¶€ĸøĸø "\`}, 1, func(t *testing.T, m peers.Seen) {
			contains(t, m, "From", `"Alice ¶€ĸøĸø \"\\" <sip:display_name@example.test>;tag=`)
			if to := m.Header("To")[0]; to != "<sip:display_name@example.test>" {
				t.Errorf("To: %s", to)
			}
		}},
		{"hack_ip_in_contact", map[string]any{"hack_ip_in_contact": true}, 1, func(t *testing.T, m peers.Seen) {
			ip := regexp.MustCompile(`^192\.0\.2\.([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-4])$`)
			if !ip.MatchString(host(m)) {
				t.Errorf("Contact: %s", m.Header("Contact")[0])
			}
			contains(t, m, "Via", "SIP/2.0/WS "+host(m)+";branch=")
		}},
		{"hack_via_tcp", secure(map[string]any{"hack_via_tcp": true}), 1, func(t *testing.T, m peers.Seen) {
			contains(t, m, "Via", "SIP/2.0/TCP "+host(m)+";branch=")
			contains(t, m, "Contact", ";transport=ws>")
		}},
		{"hack_via_ws", secure(map[string]any{"hack_via_ws": true}), 1, func(t *testing.T, m peers.Seen) {
			contains(t, m, "Via", "SIP/2.0/WS "+host(m)+";branch=")
		}},
		{
			"instance_id",
			map[string]any{"instance_id": "uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12"},
			1,
			func(t *testing.T, m peers.Seen) {
				contains(t, m, "Contact", `;+sip.instance="<urn:uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12>"`)
			},
		},
		{"register_expires", map[string]any{"register_expires": "123"}, 1, func(t *testing.T, m peers.Seen) {
			contains(t, m, "Contact", ";expires=123")
			if got := m.Header("Expires"); !slices.Equal(got, []string{"123"}) {
				t.Errorf("Expires: %v", got)
			}
		}},
		{
			"registrar_server",
			map[string]any{"registrar_server": "Registrar.Example.TEST:6060;Transport=WS"},
			2,
			func(t *testing.T, m peers.Seen) {
				if m.Line() != "REGISTER sip:registrar.example.test:6060;transport=ws SIP/2.0" {
					t.Error(m.Line())
				}
				contains(t, m, "To", "<sip:registrar_server@example.test>")
				contains(t, m, "Authorization", `uri="sip:registrar.example.test:6060;transport=ws"`)
			},
		},
		{"use_preloaded_route", map[string]any{"use_preloaded_route": true}, 1, func(t *testing.T, m peers.Seen) {
			u, err := url.Parse(l.URL)
			route := m.Header("Route")
			if err != nil || len(route) != 1 || !sameURI(route[0], "<sip:"+u.Host+";lr;transport=ws>") {
				t.Errorf("Route: %v", route)
			}
			if second := strings.Split(m.Text, "\r\n")[1]; !strings.HasPrefix(second, "Route: ") {
				t.Errorf("begins with %s", second)
			}
		}},
		{
			"authorization_jwt",
			map[string]any{"password": nil, "authorization_jwt": "Bearer ey.J0.x"},
			1,
			func(t *testing.T, m peers.Seen) {
				contains(t, m, "Authorization", "Bearer ey.J0.x")
			},
		},
		{
			"contact_uri",
			map[string]any{"contact_uri": "sip:al@Pbx.example.net:5090;transport=ws"},
			1,
			func(t *testing.T, m peers.Seen) {
				contains(t, m, "Contact", "<sip:al@pbx.example.net:5090;transport=ws>;")
				contains(t, m, "Via", "SIP/2.0/WS pbx.example.net;branch=")
			},
		},
		{
			"extra_headers",
			map[string]any{"extra_headers": []any{"X-Team: blue", `X-Desk: "ü"`}},
			1,
			func(t *testing.T, m peers.Seen) {
				contains(t, m, "X-Team", "blue")
				contains(t, m, "X-Desk", `"ü"`)
			},
		},
		{"user_agent", map[string]any{"user_agent": "Brick 3310 (ü)"}, 1, func(t *testing.T, m peers.Seen) {
			contains(t, m, "User-Agent", "Brick 3310 (ü)")
		}},
		{"calla.force_rport", map[string]any{"calla.force_rport": true}, 1, func(t *testing.T, m peers.Seen) {
			if via := m.Header("Via")[0]; !strings.HasSuffix(via, ";rport") {
				t.Errorf("Via: %s", via)
			}
		}},
		{"default", nil, 2, func(t *testing.T, m peers.Seen) {
			for _, name := range []string{"Route", "X-Team"} {
				if got := m.Header(name); got != nil {
					t.Errorf("%s: %v", name, got)
				}
			}
			contains(t, m, "User-Agent", "Calla/test")
			contains(t, m, "Contact", ";expires=600")
			contains(t, m, "Authorization", `username="default"`)
			contains(t, m, "From", "<sip:default@example.test>;tag=")
			lacks(t, m, "Via", "rport")
			if !strings.HasSuffix(host(m), ".invalid") {
				t.Errorf("Contact: %s", m.Header("Contact")[0])
			}
		}},
	}
	for _, row := range rows {
		t.Run(row.parameter, func(t *testing.T) {
			user := strings.ReplaceAll(row.parameter, "calla.", "")
			at := &lab{Watched: l.Watched, t: t, loop: l.loop}
			a := at.agent(user, row.values)
			row.check(t, at.of(user, "REGISTER", row.attempt))
			if row.parameter != "authorization_jwt" && row.parameter != "authorization_user" &&
				row.parameter != "contact_uri" {
				a.registered()
			}
		})
	}
}

// sameURI compares two route addresses, their parameters as sets.
func sameURI(a, b string) bool {
	parts := func(s string) []string {
		p := strings.Split(strings.Trim(s, "<>"), ";")
		slices.Sort(p)
		return p
	}
	return slices.Equal(parts(a), parts(b))
}

// TestRegisterOff: with register off there is a connection and no REGISTER.
func TestRegisterOff(t *testing.T) {
	l := newLab(t, peers.Watch{})
	silent := l.agent("register", map[string]any{"register": false})
	l.agent("other", nil).registered()
	peers.Until(t, 30*time.Second, "the connection of who does not register", func() bool {
		return silent.state().Flow == netsip.FlowConnected
	})
	l.of("other", "REGISTER", 2) // what came before that is written down too
	for _, m := range l.Messages(t) {
		if m.Received && strings.HasPrefix(m.Text, "REGISTER ") && strings.Contains(m.Text, "register@") {
			t.Errorf("sent\n%s", m.Text)
		}
	}
}
