package interop

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"calla/audio"
	"calla/test/peers"
)

// program is the built program, which answers a call. It can be where the phone of a test cannot: on the other side of
// a network.
type program struct {
	*calla // what it cannot do is not asked of it
	t      *testing.T
	run    *peers.Calla
	heard  string // a file that what it hears is recorded in
}

func (g *ground) program(t *testing.T, user string, hz float64) far {
	t.Helper()
	values := map[string]any{
		"uri": "sip:" + user + "@" + g.domain, "password": g.password, "ws_servers": g.url, "stun_servers": []any{},
	}
	for k, v := range g.more {
		values[k] = v
	}
	data, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "config.json")
	if err := os.WriteFile(config, data, 0o600); err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, heard: filepath.Join(dir, "heard.wav")}
	p.run = peers.RunAt(t, g.at, nil, "answer", "--config", config, "--tone", fmt.Sprint(hz), "--record", p.heard)
	for p.run.WaitFor("account", patience)["status"] != "registered" {
	}
	return p
}

func (p *program) answer()      {}
func (p *program) established() {}

func (p *program) ended() {
	p.t.Helper()
	p.run.WaitFor("ended", patience)
}

func (p *program) hears(hz float64) {
	p.t.Helper()
	p.hearsWithin(patience, hz)
}

func (p *program) hearsWithin(limit time.Duration, hz float64) {
	p.t.Helper()
	recording{func() string { return p.heard }, audio.SampleRate}.wait(p.t, limit, hz)
}
