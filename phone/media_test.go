package phone

import (
	"strings"
	"testing"

	"calla/audio"
	"calla/netsip/config"
)

// TestRelayOnlyReachesTheEngine: the engine refuses what cannot work, so it has been told.
func TestRelayOnlyReachesTheEngine(t *testing.T) {
	c := config.Config{Calla: config.Additions{ICETransportPolicy: config.ICERelay}}
	if _, err := newRTCEngine(rtcSettings{config: c, codecs: audio.Codecs()}); err == nil ||
		!strings.Contains(err.Error(), "relay only") {
		t.Errorf("without a TURN server: %v", err)
	}
	c.TurnServers = []config.TurnServer{{URLs: []string{"turn:127.0.0.1:3478"}, Username: "u", Credential: "p"}}
	engine, err := newRTCEngine(rtcSettings{config: c, codecs: audio.Codecs()})
	if err != nil {
		t.Fatal(err)
	}
	_ = engine.Close()
}
