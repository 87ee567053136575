package security

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"calla/test/peers"
)

// TestS28SupplyChain: what the built program is made of has no version below those whose faults are known to be
// mended, and go.sum pins it all. (That govulncheck has no finding is what "make lint" holds, where its database is.)
//
// Holds: dependencies
func TestS28SupplyChain(t *testing.T) {
	out, err := exec.Command("go", "version", "-m", peers.Binary(t)).Output()
	if err != nil {
		t.Fatal(err)
	}
	built := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) >= 3 && f[0] == "dep" {
			built[f[1]] = f[2]
			if len(f) < 4 || !strings.HasPrefix(f[3], "h1:") {
				t.Errorf("%s is not pinned", f[1])
			}
		}
	}
	for _, c := range []struct{ module, least string }{
		{"github.com/pion/dtls/v3", "v3.1.4"},
		{"github.com/pion/stun/v3", "v3.1.5"},
		{"github.com/pion/stun/v4", "v4.0.1"},
		{"github.com/pion/interceptor", "v0.1.39"},
		{"github.com/pion/webrtc/v4", "v4.2.0"},
		{"github.com/gorilla/websocket", "v1.4.1"},
		{"golang.org/x/net", "v0.55.0"},
		{"golang.org/x/text", "v0.3.8"},
		{"golang.org/x/image", "v0.18.0"},
		{"golang.org/x/crypto", "v0.45.0"},
	} {
		t.Run(c.module, func(t *testing.T) {
			if v := built[c.module]; v != "" && older(v, c.least) {
				t.Errorf("%s is built in, %s is the least", v, c.least)
			}
		})
	}
	if len(built) < 10 {
		t.Errorf("only %d modules are built in: %s", len(built), out)
	}
}

// older compares two versions.
func older(v, least string) bool {
	a, b := strings.Split(strings.TrimPrefix(v, "v"), "."), strings.Split(strings.TrimPrefix(least, "v"), ".")
	for i := range min(len(a), len(b)) {
		x, _ := strconv.Atoi(strings.SplitN(a[i], "-", 2)[0])
		y, _ := strconv.Atoi(b[i])
		if x != y {
			return x < y
		}
	}
	return false
}

func itoa(n int) string { return strconv.Itoa(n) }
