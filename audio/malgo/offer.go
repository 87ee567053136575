package malgo

import (
	"strings"

	"calla/audio"
)

// listed is a device as miniaudio lists it.
type listed struct {
	raw       string // the backend's own name for it
	id        string // audio.Device.ID
	name      string
	isDefault bool
}

// alsaDefault is what ALSA opens for whoever names nothing.
const alsaDefault = "default"

// offer tells which of a backend's devices there are to choose from, and what they are.
//
// ALSA lists beside its hardware (":card,device") a name for each of its plug-ins and for each way to the same
// hardware: converters of rate and channels, mixers, "null", bridges to sound servers. None of them is a device.
// Its default is one plug-in more, used where nothing is chosen. PulseAudio and PipeWire make a sink that
// nobody hears where there is none.
func offer(backend string, capture bool, all []listed) []audio.Device {
	seen := map[string]bool{}
	list := make([]audio.Device, 0, len(all))
	for _, l := range all {
		d := audio.Device{ID: l.id, Name: strings.ToValidUTF8(l.name, "\uFFFD"), Default: l.isDefault}
		if d.Name == "" {
			d.Name = strings.ToValidUTF8(l.raw, "\uFFFD")
		}
		d.Loopback = capture && loopback(l.raw, d.Name)
		switch backend {
		case "alsa":
			if l.raw == alsaDefault {
				d = audio.Device{ID: l.id, Default: true}
			} else if !strings.HasPrefix(l.raw, ":") {
				continue
			}
		case "pulseaudio":
			if l.raw == "auto_null" || l.raw == "auto_null.monitor" {
				continue
			}
			d.Loopback = d.Loopback || capture && strings.HasSuffix(l.raw, ".monitor")
		}
		d.EchoFree = capture && !d.Loopback && echoFree(l.raw, d.Name)
		if seen[d.ID] {
			continue
		}
		seen[d.ID] = true
		d.Default = d.Default && !d.Loopback
		list = append(list, d)
	}
	return list
}

// echoFree tells by a capture device's names that the system takes the echo out of it: what PulseAudio's and PipeWire's
// module-echo-cancel make, and those who load it, is called so in each language. What Windows does to streams of its
// communications category, and macOS by its voice processing, are no devices: miniaudio uses neither.
func echoFree(raw, name string) bool {
	for _, s := range []string{strings.ToLower(raw), strings.ToLower(name)} {
		for _, word := range []string{"echo-cancel", "echo_cancel", "echo cancel", "echocancel"} {
			if strings.Contains(s, word) {
				return true
			}
		}
	}
	return false
}

// loopback tells by a capture device's names that it records what is played. The systems do not say so: Windows calls
// the mixer's output by a word of the driver's and of its language, virtual cables by their products.
func loopback(raw, name string) bool {
	name = strings.ToLower(name)
	if strings.Contains(strings.ToLower(raw), "snd_aloop") || strings.HasPrefix(name, "monitor of ") {
		return true
	}
	for _, word := range []string{
		"loopback", "loop-back", "loop back",
		"stereo mix", "stereomix", "mixage stéréo", "mezcla estéreo", "mistura estéreo", "mixagem estéreo",
		"missaggio stereo", "mix stereo",
		"стерео микшер", "стереомикшер", "miks stereo", "sztereó keverő", "ステレオ ミキサー", "ステレオミキサー", "立体声混音", "立體聲混音",
		"스테레오 믹스",
		"what u hear", "what you hear", "wave out mix", "waveout mix", "rec. playback", "mixed output",
		"blackhole", "soundflower", "vb-cable", "vb-audio virtual", "vb-audio cable", "cable output",
		"virtual audio cable", "virtual cable",
		"ishowu audio", "zoomaudiodevice", "microsoft teams audio", "background music", "virtual-audio-capturer",
	} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
