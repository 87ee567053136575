//go:build cgo

package malgo

import (
	"strings"
	"testing"
)

// TestPulseAudiosEchoCancellerIsKnown: by the names that PulseAudio gives it, and by that which a user has given it;
// the microphone behind it is one as any other.
func TestPulseAudiosEchoCancellerIsKnown(t *testing.T) {
	p := startPulse(t)
	p.plugMicrophone()
	for _, v := range []struct {
		name   string
		source string
		more   []string
	}{
		{"as it comes", "microphone.echo-cancel", nil},
		{"named by its user", "desk", []string{
			"source_name=desk", "source_properties=device.description=Echo-Cancelled",
		}},
	} {
		t.Run(v.name, func(t *testing.T) {
			p := &soundServer{t: t}
			p.pactl(append([]string{
				"load-module", "module-echo-cancel", "source_master=microphone", "sink_master=second",
			}, v.more...)...)
			defer p.unload("module-echo-cancel")
			h := newHost(t, "pulseaudio")
			list, err := h.Devices(within(t))
			if err != nil {
				t.Fatal(err)
			}
			if d := find(t, list.Capture, v.source); !d.EchoFree || d.Loopback {
				t.Errorf("%+v", d)
			}
			others := 0
			for _, d := range list.Capture {
				if d.EchoFree {
					others++
				}
				if d.Name == "Microphone" && d.EchoFree || strings.HasPrefix(d.Name, "Monitor of ") && !d.Loopback {
					t.Errorf("%+v", d)
				}
			}
			if others != 1 {
				t.Errorf("%d are said to have no echo: %+v", others, list.Capture)
			}
		})
	}
}
