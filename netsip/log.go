package netsip

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// Categories of log lines, JsSIP's names. The label, where a category has one, tells lines of the same thing
// from those of others.
const (
	logUA        = "jssip.ua"
	logFactory   = "jssip.loggerfactory" // settings of the log that cannot be used
	logEvents    = "jssip.eventemitter"  // what the program is told
	logTransport = "jssip.transport"
	logRegister  = "jssip.registrator"
	logSender    = "jssip.requestsender"
	logDigest    = "jssip.digestauthentication"
	logParser    = "jssip.parser"
	logSanity    = "jssip.sanitycheck"
	logMessages  = "jssip.sipmessage" // a line for each message in and out
	logMessage   = "jssip.message"    // MESSAGE
	logDialog    = "jssip.dialog"     // label: ID of the dialog
	logSession   = "jssip.rtcsession" // label: ID of the session
	logMedia     = "jssip.rtcsession.rtcmediahandler"
	logRequest   = "jssip.rtcsession.request" // in a call; label: ID of the session
	logDTMF      = "jssip.rtcsession.dtmf"    // label: ID of the session
	logICT       = "jssip.transaction.ict"    // label: branch; so all transactions
	logNICT      = "jssip.transaction.nict"
	logIST       = "jssip.transaction.ist"
	logNIST      = "jssip.transaction.nist"
)

// logger carries out the log parameter: lines up to the level go to the program's log, unless
// builtinEnabled is off, and to the connector, whatever builtinEnabled says.
type logger struct {
	out       *slog.Logger // nil = off
	level     int
	connector func(level config.LogLevel, category, label, content string)
	odd       map[string]bool // what was passed over in messages that came, each told once
}

// configure takes the log parameter over; out is the program's log.
func (l *logger) configure(out *slog.Logger, c config.Config) {
	*l = logger{level: c.Log.Level.Number(), connector: c.Log.Connector}
	if c.Log.BuiltinEnabled.Enabled() {
		l.out = out
	}
}

// The words of a line are joined only where it is written. What came from the network may stand in them.

func (l *logger) error(category, label string, words ...string) {
	l.write(config.LogError, category, label, words)
}

func (l *logger) warn(category, label string, words ...string) {
	l.write(config.LogWarn, category, label, words)
}

func (l *logger) info(category, label string, words ...string) {
	l.write(config.LogNormal, category, label, words)
}

func (l *logger) debug(category, label string, words ...string) {
	l.write(config.LogDebug, category, label, words)
}

// debugs tells whether lines of level debug are written at all, so that nothing is made for them in vain.
func (l *logger) debugs() bool {
	return l.level >= config.LogDebug.Number() && (l.out != nil || l.connector != nil)
}

func (l *logger) write(level config.LogLevel, category, label string, words []string) {
	if level.Number() > l.level || l.out == nil && l.connector == nil {
		return
	}
	if l.level < config.LogDebug.Number() {
		label = ""
	}
	l.emit(level, [...]slog.Level{slog.LevelError, slog.LevelWarn, slog.LevelInfo, slog.LevelDebug}[level.Number()],
		category, label, strings.Join(words, ""))
}

// LevelTrace is the level in the program's log of what trace_sip asks for: above all others, as it is to be logged
// whatever the level.
const LevelTrace = slog.LevelError + 4

// always logs what trace_sip asks for.
func (l *logger) always(category, content string) {
	l.emit(config.LogDebug, LevelTrace, category, "", content)
}

// emit writes one line. A label is given at level debug only.
func (l *logger) emit(level config.LogLevel, at slog.Level, category, label, content string) {
	if l.connector != nil {
		l.connector(level, category, label, content)
	}
	if l.out == nil {
		return
	}
	attrs := []slog.Attr{slog.String("category", category)}
	if label != "" {
		attrs = append(attrs, slog.String("label", label))
	}
	l.out.LogAttrs(context.Background(), at, content, attrs...)
}

// settings tells which settings of the log cannot be used, of those given, and at level debug all parameters as they
// are in force, secrets hidden.
func (l *logger) settings(given, inForce config.Config) {
	for _, p := range config.Parameters() {
		if !p.Lenient {
			continue
		}
		if err := p.Set(&given, p.Value(given)); err != nil {
			l.error(logFactory, "", err.Error(), ": the default is used")
		}
	}
	if !l.debugs() {
		return
	}
	l.debug(logUA, "", "configuration parameters after validation:")
	for _, p := range config.Parameters() {
		if v := p.Value(inForce); v != nil {
			l.debug(logUA, "", "· ", p.Name, ": ", maskedPasswords(fmt.Sprint(v)))
		}
	}
}

// message tells of a message in one line, at level debug.
func (l *logger) message(what string, m *sip.Message) {
	if !l.debugs() {
		return
	}
	if m.IsRequest() {
		l.debug(logMessages, "", what, m.Method, " ", maskedPasswords(m.RequestURI.String()))
		return
	}
	l.debug(logMessages, "", what, itoa(m.StatusCode), " ", m.Reason, " (", m.Get("CSeq"), ")")
}

// oddities tells what was passed over in a message.
func (l *logger) oddities(m *sip.Message) {
	for _, o := range m.Oddities {
		l.passedOver(o.Reason)
	}
}

// passedOver tells what was read in spite of a rule: once of a kind, as whoever writes so does in every message. There
// are as many kinds as the engine has words for, none is a far end's.
func (l *logger) passedOver(what string) {
	if l.odd[what] {
		return
	}
	if l.odd == nil {
		l.odd = make(map[string]bool)
	}
	l.odd[what] = true
	l.warn(logParser, "", "passed over, and not told again: ", what)
}

// number reads a header field that is a number and not needed: one that is none is told, and counts as absent.
func (l *logger) number(m *sip.Message, name string) (uint32, bool) {
	n, given, err := m.Uint(name)
	if err != nil {
		l.passedOver("malformed " + name)
	}
	return n, given && err == nil
}

// logInfo tells of an INFO, but not which digit it carries: a PIN may be typed.
func (s *Session) logInfo(what, contentType string) {
	if strings.Contains(strings.ToLower(contentType), "dtmf") {
		s.ua.log.debug(logDTMF, s.id, what, " a digit")
		return
	}
	s.ua.log.debug(logRequest, s.id, what, " INFO with ", contentType)
}

// text tells of a MESSAGE, but not what it says.
func (l *logger) text(what string, text []byte) {
	l.debug(logMessage, "", what, " a text of ", itoa(len(text)), " octets")
}
