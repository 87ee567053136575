package console

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"calla/netsip"
)

func TestTraceIsLoggedWhateverTheLevel(t *testing.T) {
	for _, level := range []string{"off", "error", "debug"} {
		var out bytes.Buffer
		s := &session{errs: newTerminal(&out), cli: &cli{Log: level}}
		log := s.logger()
		log.Info("not asked for")
		log.Log(context.Background(), netsip.LevelTrace, "a message")
		if got := out.String(); !strings.Contains(got, "level=TRACE") || !strings.Contains(got, "a message") ||
			strings.Contains(got, "not asked for") != log.Enabled(context.Background(), slog.LevelInfo) {
			t.Errorf("%s: %s", level, got)
		}
	}
}
