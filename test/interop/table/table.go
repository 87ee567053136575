// Package table is what the runs of test/interop bring forth: with which peer which flow of a call works. A run writes
// a file for each peer, and docs/interop.md is made of them.
package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder holds the files; a path in the repository.
const Folder = "test/interop/results"

// Flow is something that happens in, or to, a call.
type Flow struct {
	Slug  string // names the test
	Title string
}

// Flows are the flows in the order of the page.
func Flows() []Flow {
	return []Flow{
		{"register", "register"},
		{"call-out", "Calla calls"},
		{"call-in", "Calla is called"},
		{"hold-by-calla", "hold, by Calla"},
		{"hold-by-peer", "hold, by the far end"},
		{"digits-out", "DTMF to the far end"},
		{"digits-in", "DTMF from the far end"},
		{"blind-by-calla", "blind transfer, Calla transfers"},
		{"blind-of-calla", "blind transfer, Calla is transferred"},
		{"blind-to-calla", "blind transfer, to Calla"},
		{"attended-by-calla", "attended transfer, Calla transfers"},
		{"attended-of-calla", "attended transfer, Calla is transferred"},
		{"attended-to-calla", "attended transfer, to Calla"},
		{"late-offer-out", "late offer, Calla calls"},
		{"late-offer-in", "late offer, Calla is called"},
		{"reliable-out", "100rel, Calla calls"},
		{"reliable-in", "100rel, Calla is called"},
		{"reinvite", "re-INVITE by the far end"},
		{"ice-restart-by-peer", "ICE restart by the far end"},
		{"ice-restart-by-calla", "ICE restart by Calla: UDP is lost for a while"},
		{"network-change", "network change: Calla's address is another one"},
	}
}

// Peer is what Calla is tried with.
type Peer struct {
	Slug string // names the file of its results
	Name string
	What string // how it is tried
}

// Peers are the peers in the order of the page.
func Peers() []Peer {
	return []Peer{
		{"kamailio", "Kamailio", "the registrar and proxy; the far end is another Calla"},
		{"coturn", "coturn", "as Kamailio, and both ends use nothing but the relay (`ice_transport_policy: relay`)"},
		{"jssip", "JsSIP", "in Chromium, over Kamailio"},
		{"sipjs", "SIP.js", "in Chromium, over Kamailio"},
		{
			"rtpengine", "rtpengine, baresip",
			"baresip speaks SIP over TCP and RTP in clear; Kamailio and rtpengine stand between",
		},
		{
			"janus", "Janus",
			"the SIP plugin, at Kamailio with rtpengine between; a browser's part is played by a WebRTC peer at Janus",
		},
		{
			"asterisk", "Asterisk",
			"the PBX (`chan_pjsip`, `webrtc=yes`, SIP over WebSocket): it ends both calls and their media; the far " +
				"end is another Calla at it",
		},
	}
}

// Outcome is how a flow went.
type Outcome string

// The outcomes.
const (
	Works  Outcome = "works"
	Fails  Outcome = "fails"
	Cannot Outcome = "cannot" // the peer cannot do that
)

// Cell is a flow with a peer.
type Cell struct {
	Outcome Outcome `json:"outcome"`
	Note    string  `json:"note,omitempty"` // a figure, what failed, or why the peer cannot
}

// Run is what a run with one peer brought forth.
type Run struct {
	Version string          `json:"version"` // of the peer
	Date    string          `json:"date"`    // of the run
	Cells   map[string]Cell `json:"cells"`   // by the flow's slug
}

// Read reads the run of a peer below a root of the repository; there may have been none.
func Read(root, peer string) (Run, error) {
	var r Run
	data, err := os.ReadFile(filepath.Join(root, Folder, peer+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil {
		return r, fmt.Errorf("read the results with %s: %w", peer, err)
	}
	return r, nil
}

// Write keeps the run of a peer.
func (r Run) Write(root, peer string) error {
	data, err := json.MarshalIndent(r, "", "\t")
	if err == nil {
		err = os.MkdirAll(filepath.Join(root, Folder), 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(root, Folder, peer+".json"), append(data, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("keep the results with %s: %w", peer, err)
	}
	return nil
}
