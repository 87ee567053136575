//go:build cgo

package malgo

import (
	"os"
	"testing"
	"time"
)

// TestPulseAudioTellsOfItsDevices: as they come and go, when another is the default, when the server goes and when it
// is back; and not of a volume.
//
// Holds: sound-returns
func TestPulseAudioTellsOfItsDevices(t *testing.T) {
	p := startPulse(t)
	dir := os.Getenv("HOME")
	news := make(chan struct{}, 100)
	go newHost(t, "").Watch(t.Context(), func() { news <- struct{}{} })
	told := func(what string) {
		t.Helper()
		select {
		case <-news:
		case <-time.After(patience):
			t.Fatalf("nothing is told: %s", what)
		}
	}
	quiet := func(d time.Duration) { // until what was set off is over
		for {
			select {
			case <-news:
			case <-time.After(d):
				return
			}
		}
	}
	told("the server is there")
	for _, v := range []struct {
		name string
		does func()
	}{
		{"a microphone comes", p.plugMicrophone},
		{"a microphone goes", func() { p.unload("source_name=microphone") }},
		{"a loudspeaker comes", func() { p.pactl("load-module", "module-null-sink", "sink_name=third") }},
		{"another default", func() { p.pactl("set-default-sink", "second") }},
		{"a loudspeaker goes", func() { p.unload("sink_name=third") }},
		{"the server goes", p.exit},
		{"the server is back", func() { p.start(dir) }},
		{"a loudspeaker comes to that", func() { p.pactl("load-module", "module-null-sink", "sink_name=fourth") }},
	} {
		quiet(300 * time.Millisecond)
		v.does()
		told(v.name)
	}
	quiet(2 * time.Second)
	for _, volume := range []string{"10%", "90%", "50%"} {
		p.pactl("set-sink-volume", "first", volume)
	}
	select {
	case <-news:
		t.Error("a volume is taken for a change of devices")
	case <-time.After(500 * time.Millisecond):
	}
}
