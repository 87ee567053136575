package account

import (
	"math"
	"time"
)

const (
	latenciesKept  = 16 // pairs of devices
	latencyLongest = 2 * time.Second
)

// Latency is how late a microphone delivers what a loudspeaker plays, as it was measured.
type Latency struct {
	Microphone DeviceChoice  `json:"microphone"`
	Speaker    DeviceChoice  `json:"speaker"`
	Delay      time.Duration `json:"delay_ns"`     // from the one's device to the other's
	Spread     time.Duration `json:"spread_ns"`    // of the delays measured
	EchoLoss   float64       `json:"echo_loss_db"` // by how much less comes back than was played
	Measured   time.Time     `json:"measured"`
}

// LatencyOf finds what was measured of two devices: by their IDs, or else by their names.
func (s Settings) LatencyOf(microphone, speaker DeviceChoice) (Latency, bool) {
	for _, same := range []func(a, b DeviceChoice) bool{
		func(a, b DeviceChoice) bool { return a.ID == b.ID && a.ID != "" },
		func(a, b DeviceChoice) bool { return a.Name == b.Name && a.Name != "" },
	} {
		for _, l := range s.Latencies {
			if same(l.Microphone, microphone) && same(l.Speaker, speaker) {
				return l, true
			}
		}
	}
	return Latency{}, false
}

// WithLatency is the settings with what was measured of two devices, in the place of what was measured of them before.
// Of more pairs than are kept, that goes which was measured first.
func (s Settings) WithLatency(l Latency) Settings {
	all := []Latency{l}
	for _, old := range s.Latencies {
		if old.Microphone != l.Microphone || old.Speaker != l.Speaker {
			all = append(all, old)
		}
	}
	s.Latencies = normalizedLatencies(all)
	return s
}

// normalizedLatencies are those that make sense, no more than are kept.
func normalizedLatencies(all []Latency) []Latency {
	var kept []Latency
	for _, l := range all {
		unnamed := l.Microphone.ID+l.Microphone.Name == "" || l.Speaker.ID+l.Speaker.Name == ""
		if unnamed || l.Delay <= 0 || l.Delay > latencyLongest || l.Spread < 0 || l.Spread > latencyLongest ||
			math.Abs(l.EchoLoss) > 200 || l.Measured.IsZero() || len(kept) == latenciesKept {
			continue
		}
		kept = append(kept, l)
	}
	return kept
}
