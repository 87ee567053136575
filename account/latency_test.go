package account

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func measured(mic, speaker string, delay time.Duration) Latency {
	device := func(name string) DeviceChoice { return DeviceChoice{ID: "id of " + name, Name: name} }
	return Latency{
		Microphone: device(mic), Speaker: device(speaker), Delay: delay, Spread: time.Millisecond, EchoLoss: 12.5,
		Measured: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC),
	}
}

// TestLatenciesAreKeptByPairOfDevices, on the disk too, and not without end.
func TestLatenciesAreKeptByPairOfDevices(t *testing.T) {
	dir := t.TempDir()
	s, _, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	settings := DefaultSettings()
	for i := range 2 * latenciesKept {
		l := measured("Headset", fmt.Sprint("Speaker ", i), time.Duration(i+1)*time.Millisecond)
		settings = settings.WithLatency(l)
	}
	again := measured("Headset", "Speaker 30", 99*time.Millisecond)
	before := settings.Latencies
	settings = settings.WithLatency(again)
	if before[0].Delay == again.Delay {
		t.Error("what was there before has been changed")
	}
	if err := s.SaveSettings(settings); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, _, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	got, found := s.Settings()
	if len(found.Problems) > 0 || len(got.Latencies) != latenciesKept {
		t.Fatalf("%d are kept; %v", len(got.Latencies), found.Problems)
	}
	for _, c := range []struct {
		mic, speaker DeviceChoice
		want         time.Duration // 0 = none
	}{
		{again.Microphone, again.Speaker, 99 * time.Millisecond},
		{
			DeviceChoice{ID: "renumbered", Name: "Headset"},
			DeviceChoice{ID: "too", Name: "Speaker 31"},
			32 * time.Millisecond,
		},
		{again.Microphone, measured("", "Speaker 2", 0).Speaker, 0}, // the oldest go
		{DeviceChoice{ID: "other", Name: "Other"}, again.Speaker, 0},
		{DeviceChoice{}, DeviceChoice{}, 0},
	} {
		l, ok := got.LatencyOf(c.mic, c.speaker)
		if ok != (c.want > 0) || l.Delay != c.want {
			t.Errorf("%v and %v: %v, %v, want %v", c.mic, c.speaker, l.Delay, ok, c.want)
		}
	}
	if l, _ := got.LatencyOf(again.Microphone, again.Speaker); l != again {
		t.Errorf("%+v, want %+v", l, again)
	}
}

// TestLatenciesThatMakeNoSenseAreNotKept: somebody wrote them into the file.
func TestLatenciesThatMakeNoSenseAreNotKept(t *testing.T) {
	good := measured("Headset", "Speaker", 40*time.Millisecond)
	for name, spoil := range map[string]func(*Latency){
		"no delay":      func(l *Latency) { l.Delay = 0 },
		"earlier":       func(l *Latency) { l.Delay = -time.Second },
		"an hour":       func(l *Latency) { l.Delay = time.Hour },
		"no devices":    func(l *Latency) { l.Microphone, l.Speaker = DeviceChoice{}, DeviceChoice{} },
		"no microphone": func(l *Latency) { l.Microphone = DeviceChoice{} },
		"no date":       func(l *Latency) { l.Measured = time.Time{} },
		"its spread":    func(l *Latency) { l.Spread = -1 },
		"its loss":      func(l *Latency) { l.EchoLoss = 1e9 },
	} {
		bad := good
		spoil(&bad)
		if got := normalizedLatencies([]Latency{bad, good}); !slices.Equal(got, []Latency{good}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
