package netsip

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"calla/netsip/config"
	"calla/netsip/trace"
)

func TestSecretsAreMasked(t *testing.T) {
	text := "INFO sip:u:pa55@h SIP/2.0\r\nauthorization : Digest username=\"a\", response=\"s3cret\"\r\n" +
		"Proxy-Authorization: Digest response=\"s3cret\",\r\n nonce=\"s3cret\"\r\nSubject: x\r\n folded stays\r\n" +
		"Authentication-Info: rspauth=\"s3cret\"\r\nContact: <sip:bob:s3cret@h;x=y>\r\nWWW-Authenticate: Digest " +
		"realm=\"shown\"\r\n" +
		"Content-Type: application/dtmf-relay\r\n\r\nSignal=7\r\nDuration=100\r\na=ice-pwd:s3cret\r\na=crypto:1 AES " +
		"inline:s3cret\r\n"
	got := masked(text)
	for _, secret := range []string{"s3cret", "pa55", "Signal=7"} {
		if strings.Contains(got, secret) {
			t.Errorf("shows %s:\n%s", secret, got)
		}
	}
	for _, shown := range []string{
		"folded stays", `realm="shown"`, "Duration=100", "<sip:bob:‹hidden›@h;x=y>",
		"Subject: x",
	} {
		if !strings.Contains(got, shown) {
			t.Errorf("hides %s:\n%s", shown, got)
		}
	}
	for in, want := range map[string]string{
		"\xab\xab\xab.com SIP:u:s3cret@h": "\xab\xab\xab.com SIP:u:‹hidden›@h", "sip:sips:a:b@c": "sip:sips:‹hidden›@c",
		"sip:":                      "sip:",
		"<sips:a:b@c>, <sip:d:e@f>": "<sips:a:‹hidden›@c>, <sip:d:‹hidden›@f>",
		"SIP/2.0 sip:a@b sip:c:d@e": "SIP/2.0 sip:a@b sip:c:‹hidden›@e",
	} {
		if got := maskedPasswords(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
	if plain := "OPTIONS sip:a@h SIP/2.0\r\nTo: <sip:b@h:5060>\r\n\r\n"; masked(plain) != plain {
		t.Errorf("changed to %q", masked(plain))
	}
}

func TestTraceShowsBothWaysWithoutTheDigest(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="1", qop="auth"`)
		w.register(w.expect("REGISTER"), 600)
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
		b.do(func() {
			seen := b.traced()
			if len(seen) != 4 || !seen[0].Outgoing || seen[1].Outgoing || seen[0].Server != "wss://a.example.com/ws" ||
				seen[0].Account != "alice" {
				t.Errorf("trace %v", seen)
			}
			for _, e := range seen {
				if strings.Contains(e.Text, "response=") || strings.Contains(e.Text, "secret") {
					t.Errorf("shows the digest:\n%s", e.Text)
				}
			}
		})
		w.sendRaw("NONSENSE sip:x SIP/2.0\r\n\r\n")
		w.quiet(1)
		b.do(func() {
			if last := b.traced()[len(b.seen)-1]; last.Error == "" || !strings.HasPrefix(last.Text, "NONSENSE") {
				t.Errorf("trace %v", last)
			}
		})
	})
}

// TestLogAndOthersReadOneTrace: the log, one who reads at once and one who reads in the end see the same messages, each
// as long as it reads; what becomes of one is nothing to the others.
func TestLogAndOthersReadOneTrace(t *testing.T) {
	for _, c := range []struct {
		name       string
		sip, later bool // trace_sip at first, and after the first call
		untraced   bool // nobody but the log reads
		logged     int  // of the two calls
	}{
		{name: "the log reads", sip: true, later: true, logged: 2},
		{name: "the log does not read"},
		{name: "the log begins to read", later: true, logged: 1},
		{name: "the log stops reading", sip: true, logged: 1},
		{name: "the log reads alone", sip: true, later: true, untraced: true, logged: 2},
		{name: "nobody reads", untraced: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var logged []string // INVITEs
			cfg := testConfig()
			cfg.TraceSIP = c.sip
			cfg.Log.Connector = func(_ config.LogLevel, _, _, content string) {
				if _, text, is := strings.Cut(content, "\n\n"); is && strings.HasPrefix(text, "INVITE ") {
					logged = append(logged, text)
				}
			}
			ladderWith(t, cfg, func(b *bench) { b.untraced = c.untraced }, func(b *bench, w *wire) {
				late := b.wiretap.Subscribe(true)
				var atOnce []string
				for i := range 2 {
					b.call("bob", CallOptions{})
					w.reply(w.expect("INVITE"), 486)
					w.expect("ACK")
					for _, e := range b.traced() {
						if strings.HasPrefix(e.Text, "INVITE ") {
							atOnce = append(atOnce, e.Text)
						}
					}
					b.seen = nil
					if i == 0 {
						next := cfg
						next.TraceSIP = c.later
						b.do(func() {
							if _, err := b.ua.Reconfigure(next); err != nil {
								t.Error(err)
							}
						})
					}
				}
				var inTheEnd []string
				for e, missed, ok := late.Take(); ok; e, missed, ok = late.Take() {
					if missed > 0 {
						t.Errorf("%d were missed", missed)
					}
					if strings.HasPrefix(e.Text, "INVITE ") {
						inTheEnd = append(inTheEnd, e.Text)
					}
				}
				seen := 2
				if c.untraced {
					seen = 0
				}
				if len(atOnce) != seen || !slices.Equal(atOnce, inTheEnd) {
					t.Errorf("%d read at once, %d in the end", len(atOnce), len(inTheEnd))
				}
				b.do(func() {
					if len(logged) != c.logged {
						t.Errorf("%d logged", len(logged))
					}
					for _, text := range logged {
						if !c.untraced && !slices.Contains(atOnce, text) {
							t.Errorf("logged, but not traced:\n%s", text)
						}
					}
				})
			})
		})
	}
}

func TestLogParameter(t *testing.T) {
	for _, c := range []struct {
		log                     config.Log
		debug, connector, built bool
	}{
		{config.Log{}, false, true, true},
		{config.Log{Level: config.LogDebug}, true, true, true},
		{config.Log{BuiltinEnabled: config.Off}, false, true, false},
		{config.Log{Level: config.LogError}, false, false, false},
	} {
		var lines []string
		var out bytes.Buffer
		cfg := config.Config{Log: c.log}
		cfg.Log.Connector = func(level config.LogLevel, category, label, content string) {
			lines = append(lines, string(level)+" "+category+" "+label+" "+content)
		}
		l := &logger{}
		l.configure(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})), cfg)
		l.debug(logSession, "id", "fine detail")
		l.warn(logTransport, "id", "lost")
		told := strings.Join(lines, "\n")
		if strings.Contains(told, "fine detail") != c.debug ||
			strings.Contains(told, "warn jssip.transport") != c.connector {
			t.Errorf("%+v: connector got %q", c.log, told)
		}
		if strings.Contains(told, " id ") != c.debug {
			t.Errorf("%+v: label in %q", c.log, told)
		}
		if strings.Contains(out.String(), "lost") != c.built {
			t.Errorf("%+v: log has %q", c.log, out.String())
		}
		before := len(lines)
		l.always(logTransport, "message")
		if len(lines) != before+1 {
			t.Errorf("%+v: trace not told", c.log)
		}
	}
}

// A trace that is cut keeps the first lines of a message, whole ones: part of a secret would not be known.
func TestCutTraceKeepsWholeLines(t *testing.T) {
	const message = "OPTIONS sip:a@b SIP/2.0\r\nAuthorization: Digest response=\"geheim\"\r\nSubject: long\r\n\r\n"
	for most, want := range map[int]string{
		5:                "",
		30:               "OPTIONS sip:a@b SIP/2.0\r\n",
		len(message) - 2: "OPTIONS sip:a@b SIP/2.0\r\nAuthorization: ‹hidden›\r\nSubject: long\r\n",
		len(message):     "OPTIONS sip:a@b SIP/2.0\r\nAuthorization: ‹hidden›\r\nSubject: long\r\n\r\n",
	} {
		kept := trace.New(10, 1000).Cut(most)
		tracer := tracer{source: kept.Source("a")}
		tracer.message(trace.Entry{}, []byte(message))
		if got := kept.Entries(); len(got) != 1 || got[0].Text != want {
			t.Errorf("%d octets: %+v", most, got)
		}
	}
}
