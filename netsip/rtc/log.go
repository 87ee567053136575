package rtc

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLog passes what pion logs to slog. pion warns of what is everyday in a call (a candidate that
// cannot be reached, a packet after the end), so its warnings become debug; its debug and trace,
// which may quote credentials, are dropped.
type pionLog struct {
	to    *slog.Logger
	scope string
}

var _ logging.LoggerFactory = (*pionLog)(nil)

// NewLogger implements logging.LoggerFactory.
func (l *pionLog) NewLogger(scope string) logging.LeveledLogger {
	return &pionLog{to: l.to, scope: scope}
}

func (l *pionLog) Trace(string)          {}
func (l *pionLog) Tracef(string, ...any) {}
func (l *pionLog) Debug(string)          {}
func (l *pionLog) Debugf(string, ...any) {}
func (l *pionLog) Info(string)           {}
func (l *pionLog) Infof(string, ...any)  {}

func (l *pionLog) Warn(message string)               { l.log(slog.LevelDebug, message) }
func (l *pionLog) Warnf(format string, args ...any)  { l.log(slog.LevelDebug, format, args...) }
func (l *pionLog) Error(message string)              { l.log(slog.LevelInfo, message) }
func (l *pionLog) Errorf(format string, args ...any) { l.log(slog.LevelInfo, format, args...) }

func (l *pionLog) log(level slog.Level, format string, args ...any) {
	if !l.to.Enabled(context.Background(), level) {
		return
	}
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	l.to.Log(context.Background(), level, format, "pion", l.scope)
}
