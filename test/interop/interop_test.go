// Package interop tries each flow of a call with each peer, by what is heard at both ends. With CALLA_INTEROP_RECORD=1
// ("make interop") the outcomes are kept, and docs/interop.md is made of them.
package interop

import (
	"cmp"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"calla/test/interop/table"
	"calla/test/peers"
)

// peer is how one of table.Peers is tried.
type peer struct {
	start  func(t *testing.T, at *peers.Place) *ground
	cannot map[string]string // flows, and why the peer cannot do them
}

// tried are the peers, by their slugs.
func tried() map[string]peer {
	return map[string]peer{
		"kamailio": {start: kamailio, cannot: map[string]string{
			"ice-restart-by-peer": ofCalla, "reinvite": ofCalla,
		}},
		"coturn": {start: coturn, cannot: map[string]string{
			"ice-restart-by-peer": ofCalla, "reinvite": ofCalla,
		}},
		"jssip": {start: jssip, cannot: map[string]string{
			"late-offer-in": "JsSIP always makes an offer",
			"reliable-out":  "JsSIP has no 100rel", "reliable-in": "JsSIP has no 100rel",
		}},
		"sipjs": {start: sipjs},
		"rtpengine": {start: rtpengine, cannot: map[string]string{
			"attended-by-calla":   "baresip 1.0 does not know Replaces",
			"attended-of-calla":   "baresip 1.0 has no attended transfer",
			"attended-to-calla":   "baresip 1.0 has no attended transfer",
			"late-offer-in":       "baresip always makes an offer",
			"reliable-out":        "baresip 1.0 has no 100rel",
			"reliable-in":         "baresip 1.0 has no 100rel",
			"ice-restart-by-peer": "baresip speaks RTP without ICE, and rtpengine restarts it for nobody else",
		}},
		"janus": {start: janus, cannot: map[string]string{
			"late-offer-in": "Janus always makes an offer",
			"reliable-out":  "Janus 1.1 has no 100rel",
			"reliable-in":   "Janus 1.1 has no 100rel",
			"ice-restart-by-peer": "Janus speaks RTP without ICE on its side of SIP, and rtpengine restarts it " +
				"for nobody else",
		}},
		"asterisk": {start: asterisk, cannot: map[string]string{
			"late-offer-in":       "Asterisk makes the call to Calla itself, and always with an offer",
			"ice-restart-by-peer": "Asterisk never restarts ICE by itself",
		}},
	}
}

const ofCalla = "the far end is Calla, which offers anew when it has to: see the rows below"

// TestInterop tries all flows with all peers.
func TestInterop(t *testing.T) {
	if !peers.Required() && os.Getenv("CALLA_INTEROP") == "" {
		t.Skip("runs against real peers: CALLA_E2E=1, or CALLA_INTEROP with their names")
	}
	for _, p := range table.Peers() {
		if only := os.Getenv("CALLA_INTEROP"); only != "" && !strings.Contains(","+only+",", ","+p.Slug+",") {
			continue
		}
		t.Run(p.Slug, func(t *testing.T) { tryPeer(t, p) })
	}
}

func tryPeer(t *testing.T, p table.Peer) {
	how, ok := tried()[p.Slug]
	if !ok {
		t.Skip("is not tried yet")
	}
	at := peers.Loopback()
	if os.Geteuid() == 0 {
		at = peers.NewPlace(t)
	}
	g := how.start(t, at)
	result := table.Run{
		Version: g.version, Date: time.Now().UTC().Format(time.DateOnly), Cells: map[string]table.Cell{},
	}
	all, whole := flows(), true
	for _, f := range table.Flows() {
		if why := how.cannot[f.Slug]; why != "" {
			result.Cells[f.Slug] = table.Cell{Outcome: table.Cannot, Note: why}
			continue
		}
		r := &run{ground: g}
		tried, skipped := false, false
		ok := t.Run(f.Slug, func(t *testing.T) {
			tried = true
			t.Cleanup(func() { skipped = t.Skipped() })
			r.t = t
			all[f.Slug](r)
		})
		whole = whole && tried
		switch {
		case skipped || !tried:
		case ok:
			result.Cells[f.Slug] = table.Cell{Outcome: table.Works, Note: r.note}
		default:
			result.Cells[f.Slug] = table.Cell{Outcome: table.Fails, Note: r.note}
		}
	}
	if whole && os.Getenv("CALLA_INTEROP_RECORD") == "1" {
		if err := result.Write(peers.Root(t), p.Slug); err != nil {
			t.Error(err)
		}
	}
}

// version is what a program says of itself: the first number with a dot in what it prints.
func version(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, _ := exec.Command(name, args...).CombinedOutput()
	return cmp.Or(regexp.MustCompile(`\d+\.\d+[\w.~+-]*`).FindString(string(out)), "unknown")
}

// library is the version of a JavaScript library that a page is made with.
func library(t *testing.T, folder, name string) string {
	t.Helper()
	data, err := os.ReadFile(peers.Root(t) + "/test/" + folder + "/package.json")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`"` + regexp.QuoteMeta(name) + `": "([^"]+)"`).FindSubmatch(data)
	if found == nil {
		t.Fatalf("%s is not in the package", name)
	}
	return string(found[1])
}
