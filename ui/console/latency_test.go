package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/audiotest"
)

// TestSoundLatencyTellsTheDelay of the profile's devices, with its basis, or why there is none; and keeps it.
func TestSoundLatencyTellsTheDelay(t *testing.T) {
	room := audiotest.Acoustics{
		Delay: 60 * time.Millisecond, Gain: -12, Reverb: 80 * time.Millisecond, Direct: 4, Noise: -70,
	}
	measure := func(t *testing.T, profile string, in *audiotest.Acoustics, asked bool) (out string, code int) {
		synctest.Test(t, func(t *testing.T) {
			host := audiotest.NewHost()
			if in != nil {
				host.SetRoom(audiotest.NewRoom(1, *in), audiotest.Microphone, audiotest.Loudspeaker)
			}
			var o, e bytes.Buffer
			p := program(nil, strings.NewReader(""), &o, &e)
			p.Host = func(*slog.Logger) (audio.Host, error) { return host, nil }
			s := &session{Program: p, out: newTerminal(&o), errs: newTerminal(&e), cli: &cli{Profile: profile}}
			s.log, s.wire = s.logger(), s.newWiretap()
			err := (&latencyCmd{JSON: asked}).Run(t.Context(), s)
			s.wire.close()
			if told, is := errors.AsType[*toldError](err); is {
				code = told.code
			} else if err != nil {
				t.Error(err)
			}
			out = o.String()
			if e.Len() > 0 {
				t.Error(e.String())
			}
		})
		return out, code
	}
	profile := t.TempDir()
	out, code := measure(t, profile, &room, false)
	if code != ExitOK || !strings.Contains(out, "Mouth to ear") || !strings.Contains(out, "Loudspeaker   Loudspeaker") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	out, code = measure(t, profile, &room, true)
	var got struct {
		Event               string
		OK                  bool
		Microphone, Speaker string
		Delay               float64 `json:"delay_ms"`
		Loss                float64 `json:"echo_loss_db"`
		Whole               float64 `json:"mouth_to_ear_ms"`
		Basis               map[string]float64
		Spread              *float64 `json:"spread_ms"`
		Exit                *int
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != ExitOK {
		t.Fatalf("exit code %d, %v:\n%s", code, err, out)
	}
	sum := 0.0
	for _, v := range got.Basis {
		sum += v
	}
	if got.Event != "result" || !got.OK || got.Microphone != "Microphone" || got.Speaker != "Loudspeaker" ||
		got.Delay < 49 || got.Delay > 71 || got.Loss < 9 || got.Loss > 15 || got.Spread == nil || got.Exit == nil ||
		sum < got.Whole-0.1 || sum > got.Whole+0.1 || len(got.Basis) != 5 {
		t.Errorf("%s", out)
	}
	store, _, err := account.Open(profile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	if s, _ := store.Settings(); len(s.Latencies) != 1 || s.Latencies[0].Speaker.Name != "Loudspeaker" {
		t.Errorf("kept: %+v", s.Latencies)
	}
	out, code = measure(t, t.TempDir(), nil, true)
	if code != ExitMedia || !strings.Contains(out, `"cause":"microphone-silent"`) {
		t.Errorf("a microphone that gives nothing: exit code %d:\n%s", code, out)
	}
}
