package netsip

import (
	"context"
	"log/slog"
)

// Categories of log lines, JsSIP's names.
const (
	logUA        = "jssip.ua"
	logTransport = "jssip.transport"
	logRegister  = "jssip.registrator"
	logParser    = "jssip.parser"
	logSanity    = "jssip.sanitycheck"
	logSession   = "jssip.rtcsession"
)

// logger carries out the log parameter: lines up to the level go to the program's log, unless
// builtinEnabled is off, and to the connector, whatever builtinEnabled says.
type logger struct {
	out       *slog.Logger // nil = off
	level     int
	connector func(level LogLevel, category, label, content string)
}

func newLogger(out *slog.Logger, c Config) *logger {
	l := &logger{level: c.Log.Level.Number(), connector: c.Log.Connector}
	if c.Log.BuiltinEnabled.Enabled() {
		l.out = out
	}
	return l
}

func (l *logger) warn(category, label, content string) { l.write(LogWarn, category, label, content) }

func (l *logger) info(category, label, content string) { l.write(LogNormal, category, label, content) }

func (l *logger) debug(category, label, content string) { l.write(LogDebug, category, label, content) }

func (l *logger) write(level LogLevel, category, label, content string) {
	if level.Number() <= l.level {
		l.emit(level, category, label, content)
	}
}

// always logs what trace_sip asks for, whatever the level.
func (l *logger) always(category, content string) { l.emit(LogDebug, category, "", content) }

// emit writes one line. A label, which says of which call a line is, is given at level debug only.
func (l *logger) emit(level LogLevel, category, label, content string) {
	if l.level < LogDebug.Number() {
		label = ""
	}
	if l.connector != nil {
		l.connector(level, category, label, content)
	}
	if l.out == nil {
		return
	}
	at := [...]slog.Level{slog.LevelError, slog.LevelWarn, slog.LevelInfo, slog.LevelDebug}[level.Number()]
	attrs := []slog.Attr{slog.String("category", category)}
	if label != "" {
		attrs = append(attrs, slog.String("label", label))
	}
	l.out.LogAttrs(context.Background(), at, content, attrs...)
}
