package audio

import (
	"context"
	"time"
)

// SampleRate is the one rate of sound inside Calla, in hertz: mono, 16-bit. Devices and codecs of
// other rates are resampled at the edge.
const SampleRate = 48000

// FrameSamples is the length of one Frame: 10 ms at SampleRate.
const FrameSamples = SampleRate / 100

// Frame is 10 ms of mono sound at SampleRate, 16-bit signed, FrameSamples long.
type Frame = []int16

// Device is one sound device as the host lists it.
type Device struct {
	ID      string // stable and opaque (hexadecimal); "" means "follow the system's default"
	Name    string // as the system shows it to people; "" is the system's choice itself, which has no name of its own
	Default bool   // the system's default for its direction at the time of listing; never a Loopback
	// Loopback tells that a capture device records what is played, not a voice: a monitor of a loudspeaker, a stereo
	// mix, the other end of a virtual cable. It is only for those who choose it by name.
	Loopback bool
	// EchoFree tells that the system takes the echo of its loudspeaker out of what a capture device gives.
	EchoFree bool
}

// DefaultDevice returns the device of list to use where none is chosen: the system's default or, where the system has
// none that will do, the first that is no Loopback.
func DefaultDevice(list []Device) (Device, bool) {
	first := -1
	for i, d := range list {
		switch {
		case d.Loopback:
		case d.Default:
			return d, true
		case first < 0:
			first = i
		}
	}
	if first < 0 {
		return Device{}, false
	}
	return list[first], true
}

// Devices lists what a Host has. Slices may be empty: a machine without a microphone is usable.
type Devices struct {
	Capture  []Device
	Playback []Device
}

// FindDevice returns the device of list with this ID or, where there is none, with this name: systems
// renumber their devices. Empty strings match nothing.
func FindDevice(list []Device, id, name string) (Device, bool) {
	for _, d := range list {
		if id != "" && d.ID == id {
			return d, true
		}
	}
	for _, d := range list {
		if name != "" && d.Name == name {
			return d, true
		}
	}
	return Device{}, false
}

// Host is the sound hardware: real (audio/malgo) or simulated (audio/audiotest). Its methods may
// block for as long as a sound server does and are never called on a signalling loop or a window's
// goroutine. All methods may be called concurrently.
type Host interface {
	// Devices lists the devices present now.
	Devices(ctx context.Context) (Devices, error)
	// OpenCapture starts recording from the device with this ID ("" = DefaultDevice) into ring, in whole
	// Frames. It stays on that device: where the device goes, the stream is lost. The device's thread only writes the
	// ring: when it is full the newest frame is dropped.
	OpenCapture(ctx context.Context, id string, ring *Ring) (Stream, error)
	// OpenPlayback starts playing what ring holds on the device with this ID ("" = default), in
	// whole Frames. An empty ring plays silence.
	OpenPlayback(ctx context.Context, id string, ring *Ring) (Stream, error)
	// Close ends every stream and releases the sound server.
	Close() error
}

// Watching is a Host that tells at once when devices come and go, or another one is the default. What other Hosts
// have is looked at again and again.
type Watching interface {
	// Watch calls changed after each change, until ctx ends: one at a time, and perhaps for nothing.
	Watch(ctx context.Context, changed func())
}

// Stream is one open device.
type Stream interface {
	// Device tells what was really opened.
	Device() Device
	// Lost is closed when the device stops by itself: unplugged, or its server died.
	Lost() <-chan struct{}
	// Close stops the device and waits for its thread. It is safe to call twice.
	Close() error
}

// Codec makes encoders and decoders of one RTP audio format.
type Codec interface {
	// Name as in SDP's rtpmap: "opus", "G722", "PCMU", "PCMA".
	Name() string
	// ClockRate of the RTP timestamps in hertz (RFC 3551: what SDP says, not always the sound's rate).
	ClockRate() int
	// PacketTimes are how much sound a packet of its encoders may hold, the least first.
	PacketTimes() []time.Duration
	NewEncoder() (Encoder, error)
	// NewDecoder returns a decoder with concealment.
	NewDecoder() (Decoder, error)
}

// PacketFrames is how many Frames one RTP packet holds where nobody asks for more or less: 20 ms.
const PacketFrames = 2

// Encoder turns sound into RTP payloads. It is used by one goroutine at a time and allocates nothing.
type Encoder interface {
	// Encode appends the payload of pcm, which is one of the Codec's PacketTimes at SampleRate, to dst. They may
	// differ from packet to packet.
	Encode(dst []byte, pcm []int16) ([]byte, error)
	// Follow tells what the way to the far end is like now. It may be called for every packet.
	Follow(Channel)
	Close()
}

// Channel is what the way to a far end is like, and what that takes.
type Channel struct {
	Loss float64 // of packets, in percent, as the far end reports it; calmed, as it is followed
	// Again says that every frame is sent again with the next ones (RFC 2198): error correction of the codec's own adds
	// nothing then, and the bits count more than once.
	Again    bool
	NoRepair bool // the far end makes no use of error correction
	MostRate int  // bits a second that the far end takes; 0 = any
}

// Decoder turns RTP payloads into sound. It is used by one goroutine at a time and allocates nothing.
type Decoder interface {
	// Decode writes the payload's sound at SampleRate into pcm and returns the number of samples.
	Decode(pcm []int16, payload []byte) (int, error)
	// DecodeLost writes the lost packet before payload: from forward error correction when next has
	// it (next may be nil), else by concealment. want is the number of samples missing.
	DecodeLost(pcm []int16, next []byte, want int) (int, error)
	Close()
}

// Redundant is what a Decoder also is when its format's packets may carry what was right before them.
type Redundant interface {
	// Carries is how much of the sound before payload's own it carries as well, in samples at SampleRate: as much as
	// DecodeLost then rebuilds from it; 0 = none.
	Carries(payload []byte) int
}

// Interpolator is what a Decoder also is when it fills a gap better where it knows what comes after it.
type Interpolator interface {
	// DecodeGap writes the first want samples of a gap of gap samples, at SampleRate, after which the packet next
	// comes.
	DecodeGap(pcm []int16, next []byte, want, gap int) (int, error)
}

// Comforter is what a Decoder also is when its format's pauses may be comfort noise (RFC 3389).
type Comforter interface {
	// Comfort takes a payload of comfort noise: that noise is what DecodeLost makes up until the next Decode.
	Comfort(payload []byte) error
}
