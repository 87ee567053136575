package netsip

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"calla/netsip/config"
)

// logLine is a line as a connector gets it.
type logLine struct {
	level                    config.LogLevel
	category, label, content string
}

// recorded runs a registration with a challenge, a call, a digit and what is refused, under a log setting,
// and returns all lines. It also returns what went to the program's own log.
func recorded(t *testing.T, log config.Log, change func(*config.Config)) (lines []logLine, builtin string) {
	t.Helper()
	var b bytes.Buffer
	log.Connector = func(level config.LogLevel, category, label, content string) {
		lines = append(lines, logLine{level, category, label, content})
	}
	c := registering()
	c.Log, c.Password = log, "Geheim!"
	if change != nil {
		change(&c)
	}
	logger := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ladderLogged(t, c, logger, func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="1", qop="auth"`)
		b.registered(w, 600)
		_, f := b.answered(w)
		w.send(f.request("INFO", "Content-Type: application/dtmf-relay"))
		w.expect("200 INFO")
		b.do(func() { b.invites[0].SendInfo("text/plain", []byte("x")) })
		w.reply(w.expect("INFO"), 200)
		f.hangUp()
		b.do(func() {
			if err := sendText(b.ua, "bob", "text/plain", []byte("Gruß"), nil); err != nil {
				t.Error(err)
			}
		})
		w.reply(w.expect("MESSAGE"), 200)
		s := b.call("bob", CallOptions{})
		w.reply(w.expect("INVITE"), 180, "To-Tag: x", farContact)
		b.reaches(s, SessionRinging)
		b.do(s.HangUp)
		w.expect("CANCEL")
		w.sendRaw("NONSENSE sip:x SIP/2.0\r\n\r\n")
		w.send(f.request("FROB"))
		w.expect("501 FROB")
	})
	return lines, b.String()
}

func ladderLogged(t *testing.T, c config.Config, log *slog.Logger, script func(b *bench, w *wire)) {
	t.Helper()
	logged := func(b *bench) { b.logger = log }
	ladderWith(t, c, logged, script)
}

func TestLogCategoriesAndLabels(t *testing.T) {
	lines, builtin := recorded(t, config.Log{Level: config.LogDebug}, nil)
	labelled := map[string]bool{
		logDialog: true, logSession: true, logRequest: true, logDTMF: true, logICT: true,
		logNICT: true, logIST: true, logNIST: true,
	}
	for _, category := range []string{
		logUA, logEvents, logTransport, logRegister, logSender, logDigest, logParser, logSanity, logMessages,
		logDialog, logSession, logMedia, logRequest, logMessage, logDTMF, logICT, logNICT, logIST, logNIST,
	} {
		i := slices.IndexFunc(lines, func(l logLine) bool { return l.category == category })
		if i < 0 {
			t.Errorf("no line of %s", category)
			continue
		}
		if (lines[i].label != "") != labelled[category] {
			t.Errorf("%s has the label %q", category, lines[i].label)
		}
		if !strings.Contains(builtin, "category="+category) {
			t.Errorf("%s is not in the program's log", category)
		}
	}
	for _, l := range lines {
		if strings.Contains(l.content, "Geheim") || strings.Contains(l.content, "Gruß") ||
			strings.Contains(l.content, "response=") || !strings.HasPrefix(l.category, "jssip.") {
			t.Errorf("%+v", l)
		}
		if strings.HasPrefix(l.category, "jssip.transaction.") && !strings.HasPrefix(l.label, branchCookie) {
			t.Errorf("label of %+v is no branch", l)
		}
	}
	if !slices.ContainsFunc(lines, func(l logLine) bool { return l.content == "· password: ‹hidden›" }) {
		t.Error("the parameters in use are not logged")
	}
}

func TestLogLevelFiltersBothWays(t *testing.T) {
	for level, most := range map[config.LogLevel]int{
		config.LogError: 0, config.LogWarn: 1, config.LogNormal: 2, "": 2,
		config.LogDebug: 3,
	} {
		lines, builtin := recorded(t, config.Log{Level: level}, nil)
		seen := map[config.LogLevel]bool{}
		for _, l := range lines {
			seen[l.level] = true
			if l.level.Number() > most || l.label != "" && most < 3 {
				t.Errorf("level %q: %+v", level, l)
			}
		}
		if most >= 1 && !seen[config.LogWarn] || most >= 2 && !seen[config.LogNormal] ||
			most == 3 != seen[config.LogDebug] {
			t.Errorf("level %q: %v", level, seen)
		}
		if (len(lines) > 0) != (builtin != "") {
			t.Errorf("level %q: %d lines, and in the program's log:\n%s", level, len(lines), builtin)
		}
	}
}

func TestConnectorHearsWhatTheProgramsLogDoesNot(t *testing.T) {
	lines, builtin := recorded(t, config.Log{BuiltinEnabled: config.Off}, nil)
	if len(lines) == 0 || builtin != "" {
		t.Errorf("%d lines, and in the program's log:\n%s", len(lines), builtin)
	}
}

func TestWrongLogSettingIsToldAndIgnored(t *testing.T) {
	lines, _ := recorded(t, config.Log{Level: "loud"}, nil)
	told := func(l logLine) bool {
		return l.level == config.LogError && l.category == logFactory && strings.Contains(l.content, "log.level")
	}
	if !slices.ContainsFunc(lines, told) ||
		!slices.ContainsFunc(lines, func(l logLine) bool { return l.level == config.LogNormal }) {
		t.Errorf("%v", lines)
	}
}

func TestTraceSIPLogsWhateverTheLevel(t *testing.T) {
	lines, builtin := recorded(t, config.Log{Level: config.LogError}, func(c *config.Config) { c.TraceSIP = true })
	var sent, received int
	for _, l := range lines {
		switch {
		case l.category != logTransport || l.label != "":
			t.Errorf("%+v", l)
		case strings.HasPrefix(l.content, "sending WebSocket message"):
			sent++
		case strings.HasPrefix(l.content, "received WebSocket"):
			received++
		}
		if strings.Contains(l.content, `username="alice"`) {
			t.Errorf("credentials shown:\n%s", l.content)
		}
	}
	if sent < 10 || received < 8 || sent+received != strings.Count(builtin, "category="+logTransport) {
		t.Errorf("%d sent, %d received, in the program's log %d", sent, received,
			strings.Count(builtin, "category="+logTransport))
	}
}
