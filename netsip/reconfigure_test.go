package netsip

import (
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip/config"
)

// Every parameter has its class on purpose: one that is added goes by a new user agent until somebody has looked.
func TestReconfigureKnowsWhatNeedsANewUserAgent(t *testing.T) {
	var fresh []string
	for _, p := range config.Parameters() {
		if p.Change == config.ChangeRenews {
			fresh = append(fresh, p.Name)
		}
	}
	slices.Sort(fresh)
	want := []string{
		"calla.client_certificate", "calla.client_key", "calla.origin", "calla.proxy", "calla.proxy_password",
		"calla.tls_ca",
		"contact_uri", "hack_ip_in_contact", "instance_id", "registrar_server", "uri", "ws_servers",
	}
	if !slices.Equal(fresh, want) {
		t.Errorf("need a new user agent: %v,\nwant %v", fresh, want)
	}
}

func TestReconfigureTellsTheRegistrarAndKeepsTheCall(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		s, _ := b.answered(w)
		c := b.ua.config
		c.DisplayName, c.UserAgent, c.ExtraHeaders = "Somebody Else", "Other/2", []string{"X-Desk: 7"}
		c.RegisterExpires, c.HackViaTCP = 120, true
		b.do(func() {
			if cannot, err := b.ua.Reconfigure(c); err != nil || cannot != nil {
				t.Errorf("cannot %v: %v", cannot, err)
			}
		})
		m := w.expect("REGISTER")
		if !strings.Contains(m.Get("From"), `"Somebody Else"`) || m.Get("User-Agent") != "Other/2" ||
			m.Get("X-Desk") != "7" ||
			m.Get("Expires") != "120" || !strings.HasPrefix(m.Get("Via"), "SIP/2.0/TCP") {
			t.Errorf("next REGISTER:\n%s", m)
		}
		w.register(m, 120)
		if s.State() != SessionEstablished {
			t.Errorf("the call is %v", s.State())
		}
	})
}

func TestReconfigureSwitchesRegistrationAndLogin(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		change := func(f func(*config.Config)) {
			b.do(func() {
				c := b.ua.config
				f(&c)
				if cannot, err := b.ua.Reconfigure(c); err != nil || cannot != nil {
					t.Errorf("cannot %v: %v", cannot, err)
				}
			})
		}
		change(func(c *config.Config) { c.Register = config.Off })
		m := w.expect("REGISTER")
		if m.Get("Expires") != "0" {
			t.Errorf("switched off:\n%s", m)
		}
		w.reply(m, 200)
		b.until("unregistered", func() bool { return b.ua.registration.state == Unregistered })
		w.quiet(time.Hour)
		change(func(c *config.Config) { c.Register = config.On })
		b.registered(w, 600)
		change(func(c *config.Config) { c.Password, c.AuthorizationUser = "other", "somebody" })
		m = w.expect("REGISTER")
		w.reply(m, 401, `WWW-Authenticate: Digest realm="example.com", nonce="n", algorithm=MD5, qop="auth"`)
		if m = w.expect("REGISTER"); !strings.Contains(m.Get("Authorization"), `username="somebody"`) {
			t.Errorf("logs in with %s", m.Get("Authorization"))
		}
		w.register(m, 600)
	})
}

func TestReconfigureTakesNothingOfWhatItCannot(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		b.do(func() {
			c := b.ua.config
			c.DisplayName, c.HackIPInContact = "Somebody Else", true
			cannot, err := b.ua.Reconfigure(c)
			if err != nil || !slices.Equal(cannot, []string{"hack_ip_in_contact"}) ||
				b.ua.config.DisplayName == "Somebody Else" {
				t.Errorf("cannot %v: %v", cannot, err)
			}
			c.URI = "x"
			if _, err := b.ua.Reconfigure(c); err == nil {
				t.Error("a configuration that cannot be used is taken")
			}
		})
	})
}

func TestReconfigureKeepAlive(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		b.do(func() {
			c := b.ua.config
			c.Calla.KeepAliveInterval = 7
			if cannot, err := b.ua.Reconfigure(c); err != nil || cannot != nil {
				t.Errorf("cannot %v: %v", cannot, err)
			}
		})
		start := time.Now()
		for i := range 3 {
			if d := (<-w.pings).Sub(start); d != time.Duration(i+1)*7*time.Second {
				t.Errorf("ping after %v", d)
			}
		}
	})
}
