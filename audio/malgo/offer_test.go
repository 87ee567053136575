package malgo

import (
	"slices"
	"strings"
	"testing"

	"calla/audio"
)

// TestOnlyMicrophonesAreOffered: what each system lists as capture devices, and what is made of it: "!" marks what
// records what is played, "*" the default, "~" what the system takes the echo out of.
//
// Holds: microphone
func TestOnlyMicrophonesAreOffered(t *testing.T) {
	for _, v := range []struct {
		name    string
		backend string
		listed  []listed
		want    string
	}{
		{"PulseAudio", "pulseaudio", []listed{
			{
				raw:  "alsa_output.pci-0000_00_1f.3.analog-stereo.monitor",
				name: "Monitor of Built-in Audio Analog Stereo",
			},
			{raw: "alsa_input.pci-0000_00_1f.3.analog-stereo", name: "Built-in Audio Analog Stereo", isDefault: true},
		}, "Monitor of Built-in Audio Analog Stereo!, Built-in Audio Analog Stereo*"},
		{"PulseAudio in German", "pulseaudio", []listed{
			{raw: "alsa_output.usb-Jabra.analog-mono.monitor", name: "Überwachung von Jabra", isDefault: true},
		}, "Überwachung von Jabra!"},
		{
			"PulseAudio without hardware", "pulseaudio",
			[]listed{{raw: "auto_null.monitor", name: "Monitor of Dummy Output", isDefault: true}},
			"",
		},
		{"PulseAudio with a virtual microphone", "pulseaudio", []listed{
			{raw: "remapped", name: "Left channel", isDefault: true}, {raw: "", name: ""},
		}, "Left channel*, "},
		{"PulseAudio that takes the echo out", "pulseaudio", []listed{
			{
				raw:  "alsa_input.usb-Webcam.analog-mono.echo-cancel",
				name: "Webcam Analog Mono (echo cancelled with Built-in Audio Analog Stereo)", isDefault: true,
			},
			{raw: "alsa_input.usb-Webcam.analog-mono.echo-cancel.2", name: "Webcam (Echounterdrückung)"},
			{raw: "ec", name: "Echo-cancelled source"},
			{raw: "alsa_output.pci.echo-cancel.monitor", name: "Monitor of Built-in Audio (echo cancelled)"},
			{raw: "alsa_input.usb-Webcam.analog-mono", name: "Webcam Analog Mono"},
		}, "Webcam Analog Mono (echo cancelled with Built-in Audio Analog Stereo)*~, Webcam (Echounterdrückung)~, " +
			"Echo-cancelled source~, Monitor of Built-in Audio (echo cancelled)!, Webcam Analog Mono"},
		{"PipeWire that takes the echo out", "pulseaudio", []listed{
			{raw: "echo-cancel-source", name: "Echo-Cancel Source"},
			{raw: "effect_echo_cancel", name: "Desk"},
			{raw: "alsa_input.pci", name: "Echo Studio"},
		}, "Echo-Cancel Source~, Desk~, Echo Studio"},
		{"PipeWire", "pulseaudio", []listed{
			{raw: "alsa_output.platform-snd_aloop.0.analog-stereo.monitor", name: "Monitor of Loopback Analog Stereo"},
			{raw: "alsa_input.platform-snd_aloop.0.analog-stereo", name: "Loopback Analog Stereo", isDefault: true},
			{raw: "bluez_input.00_11_22", name: "Monitor Speaker Headset"},
		}, "Monitor of Loopback Analog Stereo!, Loopback Analog Stereo!, Monitor Speaker Headset"},
		{"ALSA", "alsa", []listed{
			{raw: "null", name: "Discard all samples (playback) or generate zero samples (capture)"},
			{raw: "lavrate", name: "Rate Converter Plugin Using Libav/FFmpeg Library"},
			{raw: "samplerate", name: "Rate Converter Plugin"},
			{raw: "speexrate", name: "x"},
			{raw: "speex", name: "x"},
			{raw: "upmix", name: "x"},
			{raw: "vdownmix", name: "x"},
			{raw: "jack", name: "JACK Audio Connection Kit"},
			{raw: "oss", name: "Open Sound System"},
			{raw: "pulse", name: "PulseAudio Sound Server"},
			{raw: "pipewire", name: "PipeWire Sound Server"},
			{raw: "default", name: "Default ALSA Output", isDefault: true},
			{raw: "sysdefault", name: "x"},
			{raw: "dmix:CARD=PCH", name: "x"},
			{raw: "dsnoop:CARD=Headset", name: "x"},
			{raw: "surround51:CARD=PCH", name: "x"},
			{raw: "plughw:CARD=PCH,DEV=0", name: "x"},
			{raw: "hw", name: "x"},
			{raw: "usbstream:CARD=PCH", name: "x"},
			{raw: ":0,0", name: "HDA Intel PCH, ALC257 Analog"},
			{raw: ":1,0", name: "Jabra EVOLVE 20, USB Audio"},
		}, "*, HDA Intel PCH, ALC257 Analog, Jabra EVOLVE 20, USB Audio"},
		{
			"ALSA's loop-back card", "alsa",
			[]listed{{raw: ":2,1", name: "Loopback, Loopback PCM"}, {raw: ":0,0", name: "USB PnP Sound Device"}},
			"Loopback, Loopback PCM!, USB PnP Sound Device",
		},
		{"Windows", "wasapi", []listed{
			{raw: "{", id: "1", name: "Stereo Mix (Realtek(R) Audio)", isDefault: true},
			{raw: "{", id: "2", name: "What U Hear (Sound Blaster Z)"},
			{raw: "{", id: "3", name: "CABLE Output (VB-Audio Virtual Cable)"},
			{raw: "{", id: "4", name: "Microphone (Realtek(R) Audio)"},
		}, "Stereo Mix (Realtek(R) Audio)!, What U Hear (Sound Blaster Z)!, CABLE Output (VB-Audio Virtual Cable)!, " +
			"Microphone (Realtek(R) Audio)"},
		{"Windows in other languages", "wasapi", []listed{
			{raw: "{", id: "1", name: "Stereomix (Realtek)"},
			{raw: "{", id: "2", name: "Mixage stéréo"},
			{raw: "{", id: "3", name: "Mezcla estéreo"},
			{raw: "{", id: "4", name: "Стерео микшер"},
			{raw: "{", id: "5", name: "ステレオ ミキサー"},
			{raw: "{", id: "6", name: "立体声混音"},
			{raw: "{", id: "7", name: "Mikrofon"},
		}, "Stereomix (Realtek)!, Mixage stéréo!, Mezcla estéreo!, Стерео микшер!, ステレオ ミキサー!, 立体声混音!, Mikrofon"},
		{"macOS", "coreaudio", []listed{
			{raw: "BlackHole2ch_UID", name: "BlackHole 2ch", isDefault: true},
			{raw: "Soundflower", name: "Soundflower (64ch)"},
			{raw: "zoom", name: "ZoomAudioDevice"},
			{raw: "l", name: "Loopback Audio"},
			{raw: "BuiltInMicrophoneDevice", name: "MacBook Pro Microphone"},
		}, "BlackHole 2ch!, Soundflower (64ch)!, ZoomAudioDevice!, Loopback Audio!, MacBook Pro Microphone"},
		{"twice the same", "coreaudio", []listed{{raw: "a", name: "USB"}, {raw: "a", name: "USB"}}, "USB"},
	} {
		t.Run(v.name, func(t *testing.T) {
			for i := range v.listed {
				if v.listed[i].id == "" {
					v.listed[i].id = v.listed[i].raw
				}
			}
			devices := offer(v.backend, true, v.listed)
			var got []string
			for _, d := range devices {
				if d.Loopback {
					d.Name += "!"
				}
				if d.Default {
					d.Name += "*"
				}
				if d.EchoFree {
					d.Name += "~"
				}
				got = append(got, d.Name)
			}
			if strings.Join(got, ", ") != v.want {
				t.Errorf("%q, want %q", strings.Join(got, ", "), v.want)
			}
			if d, ok := audio.DefaultDevice(devices); d.Loopback ||
				!ok && slices.ContainsFunc(devices, func(d audio.Device) bool { return !d.Loopback }) {
				t.Errorf("the default is %+v", d)
			}
			for _, d := range offer(v.backend, false, v.listed) {
				if d.Loopback || d.EchoFree {
					t.Errorf("to play on: %+v", d)
				}
			}
		})
	}
}
