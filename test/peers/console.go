package peers

import (
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Console is the built program as a phone in text.
type Console struct {
	*Process
	t     testing.TB
	stdin io.WriteCloser
}

// StartConsole starts it without sound, with a configuration file.
func StartConsole(t testing.TB, config string) *Console {
	t.Helper()
	return startConsole(t, nil, "--no-sound", "--config", config)
}

// StartConsoleOn starts it on a sound server, with a configuration file.
func StartConsoleOn(t testing.TB, p *Pulse, config string) *Console {
	t.Helper()
	return startConsole(t, p.Env, "--config", config)
}

// StartConsoleOf starts it without sound, with the accounts of a profile, which outlives it.
func StartConsoleOf(t testing.TB, profile string) *Console {
	t.Helper()
	return startConsole(t, nil, "--no-sound", "--profile", profile)
}

// StartSoundingConsole starts it on a sound server, with the accounts and settings of a profile.
func StartSoundingConsole(t testing.TB, p *Pulse, profile string) *Console {
	t.Helper()
	return startConsole(t, p.Env, "--profile", profile)
}

func startConsole(t testing.TB, env []string, args ...string) *Console {
	t.Helper()
	cmd := exec.Command(Binary(t), append([]string{"console"}, args...)...)
	cmd.Env = append(alone(t.TempDir()), env...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	return &Console{Process: Start(t, cmd), t: t, stdin: in}
}

// Say types a line.
func (c *Console) Say(line string) {
	c.t.Helper()
	if _, err := fmt.Fprintln(c.stdin, line); err != nil {
		c.t.Fatal(err)
	}
}

// WaitText waits until it has printed text that many times.
func (c *Console) WaitText(text string, times int, limit time.Duration) {
	c.t.Helper()
	Until(c.t, limit, fmt.Sprintf("%q printed %d times", text, times), func() bool {
		return strings.Count(c.Output.String(), text) >= times
	})
}
