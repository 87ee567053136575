//go:build cgo

package opus

/*
#cgo linux LDFLAGS: -ldl
#cgo noescape calla_opus_encode
#cgo nocallback calla_opus_encode
#cgo noescape calla_opus_decode
#cgo nocallback calla_opus_decode
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unsafe"

	"calla/audio"
)

const (
	// Bits per second: as good as transparent for speech; with error correction, which takes about a quarter, so that
	// as much is left; and where each frame is sent three times.
	bitrate       = 32000
	bitrateRepair = 40000
	bitrateAgain  = 24000
	bitrateLeast  = 6000 // RFC 7587 section 3.1.1
	complexity    = 9
	// Loss in percent from which on error correction is sent, and is worth what it costs, and below which it is sent no
	// longer.
	repairFrom = 1.0
	repairTo   = 0.5
	// longestPayload is room for any packet: 60 ms are three frames of 20 (RFC 6716 section 3.4), which by far do not
	// take what they might.
	longestPayload = 1275
	// longestSound is the most that one payload can hold: 120 ms.
	longestSound = audio.SampleRate * 120 / 1000
	// step is the grid of the decoder's times: 2.5 ms.
	step = audio.SampleRate * 25 / 10000
)

// Requests of opus_encoder_ctl.
const (
	setBitrate    = 4002
	setComplexity = 4010
	setInbandFEC  = 4012
	setLossPerc   = 4014
	setDTX        = 4016
	setSignal     = 4024
	signalVoice   = 3001
)

// library is libopus, loaded. It stays loaded as long as the program runs.
type library struct {
	c    *C.calla_opus
	path string
}

// Load finds libopus and returns the codec. The error names everything that was looked for.
func Load() (audio.Codec, error) {
	return load(here())
}

func load(candidates []string) (audio.Codec, error) {
	var failures []string
	for _, name := range candidates {
		cname := C.CString(name)
		var why [256]C.char
		c := C.calla_opus_load(cname, &why[0], C.int(len(why)))
		C.free(unsafe.Pointer(cname))
		if c != nil {
			return &library{c: c, path: name}, nil
		}
		reason := C.GoString(&why[0])
		if !strings.Contains(reason, name) {
			reason = name + ": " + reason
		}
		failures = append(failures, reason)
	}
	return nil, fmt.Errorf("load libopus: not found: %s", strings.Join(failures, "; "))
}

func (l *library) Name() string   { return "opus" }
func (l *library) ClockRate() int { return audio.SampleRate }

// PacketTimes are those of one frame each. 30 ms would be three frames of 10, without forward error correction and with
// three times the side information: who asks for that gets 20.
func (l *library) PacketTimes() []time.Duration {
	return []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 40 * time.Millisecond, 60 * time.Millisecond}
}

// Version is the library's own, such as "libopus 1.3.1", and where it was found.
func (l *library) Version() string {
	return C.GoString(C.calla_opus_version(l.c)) + " (" + l.path + ")"
}

func (l *library) fault(code C.int) error {
	return errors.New(C.GoString(C.calla_opus_strerror(l.c, code)))
}

// NewEncoder returns an encoder of speech, 48 kHz mono, without discontinuous transmission, and with forward error
// correction once the far end reports loss.
func (l *library) NewEncoder() (audio.Encoder, error) {
	var code C.int
	handle := C.calla_opus_encoder(l.c, &code)
	if handle == nil {
		return nil, fmt.Errorf("create opus encoder: %w", l.fault(code))
	}
	e := &encoder{lib: l, handle: handle, rate: bitrate}
	for _, set := range [][2]C.int{
		{setBitrate, bitrate},
		{setComplexity, complexity},
		{setSignal, signalVoice},
		{setDTX, 0},
		{setInbandFEC, 0},
	} {
		if code := C.calla_opus_set(l.c, handle, set[0], set[1]); code != 0 {
			e.Close()
			return nil, fmt.Errorf("create opus encoder: setting %d to %d: %w", set[0], set[1], l.fault(code))
		}
	}
	return e, nil
}

// NewDecoder returns a decoder for packets of any Opus kind, as mono.
func (l *library) NewDecoder() (audio.Decoder, error) {
	var code C.int
	handle := C.calla_opus_decoder(l.c, &code)
	if handle == nil {
		return nil, fmt.Errorf("create opus decoder: %w", l.fault(code))
	}
	return &decoder{lib: l, handle: handle, spare: make([]int16, longestSound)}, nil
}

type encoder struct {
	lib    *library
	handle unsafe.Pointer
	way    audio.Channel
	repair bool
	rate   int
}

var errClosed = errors.New("opus: closed")

func (e *encoder) Encode(dst []byte, pcm []int16) ([]byte, error) {
	if e.handle == nil {
		return dst, errClosed
	}
	if len(pcm) == 0 {
		return dst, errors.New("encode opus: no sound")
	}
	dst = slices.Grow(dst, longestPayload)
	room := dst[len(dst) : len(dst)+longestPayload]
	n := C.calla_opus_encode(e.lib.c, e.handle, (*C.int16_t)(&pcm[0]), C.int(len(pcm)), (*C.uchar)(&room[0]),
		longestPayload)
	if n < 0 {
		return dst, fmt.Errorf("encode opus: %w", e.lib.fault(C.int(n)))
	}
	return dst[:len(dst)+int(n)], nil
}

// Follow turns forward error correction on where it is worth what it costs, and has the bit rate keep the quality.
func (e *encoder) Follow(way audio.Channel) {
	if e.handle == nil || way == e.way {
		return
	}
	e.way = way
	rate := bitrate
	if way.Again {
		rate, way.Loss = bitrateAgain, 0
	}
	switch {
	case way.Again, way.NoRepair, way.Loss < repairTo:
		e.repair = false
	case way.Loss >= repairFrom:
		e.repair = true
	}
	fec := C.int(0)
	if e.repair {
		fec, rate = 1, bitrateRepair
	}
	if way.MostRate > 0 {
		rate = max(bitrateLeast, min(rate, way.MostRate))
	}
	e.rate = rate
	C.calla_opus_set(e.lib.c, e.handle, setInbandFEC, fec)
	C.calla_opus_set(e.lib.c, e.handle, setLossPerc, C.int(max(0, min(100, math.Ceil(way.Loss)))))
	C.calla_opus_set(e.lib.c, e.handle, setBitrate, C.int(rate))
}

func (e *encoder) Close() {
	if e.handle != nil {
		C.calla_opus_encoder_free(e.lib.c, e.handle)
		e.handle = nil
	}
}

type decoder struct {
	lib    *library
	handle unsafe.Pointer
	spare  []int16
}

func (d *decoder) Decode(pcm []int16, payload []byte) (int, error) {
	if len(payload) == 0 {
		return 0, errors.New("decode opus: empty payload")
	}
	return d.decode(pcm, payload, false)
}

func (d *decoder) decode(pcm []int16, payload []byte, fec bool) (int, error) {
	switch {
	case d.handle == nil:
		return 0, errClosed
	case len(pcm) == 0:
		return 0, errors.New("decode opus: no room")
	}
	var data *C.uchar
	if len(payload) > 0 {
		data = (*C.uchar)(&payload[0])
	}
	flag := C.int(0)
	if fec {
		flag = 1
	}
	n := C.calla_opus_decode(d.lib.c, d.handle, data, C.int32_t(len(payload)), (*C.int16_t)(&pcm[0]), C.int(len(pcm)),
		flag)
	if n < 0 {
		return 0, fmt.Errorf("decode opus: %w", d.lib.fault(n))
	}
	return int(n), nil
}

// DecodeLost rebuilds the packet before next where next carries it, and conceals otherwise. libopus
// counts in steps of 2.5 ms; what is wanted is cut from the next whole step.
func (d *decoder) DecodeLost(pcm []int16, next []byte, want int) (int, error) {
	want = min(want, len(pcm), longestSound)
	if want <= 0 {
		return 0, nil
	}
	whole := (want + step - 1) / step * step
	out := pcm[:want]
	if whole != want {
		out = d.spare[:whole]
	}
	n, err := d.decode(out, next, len(next) > 0)
	if err != nil && len(next) > 0 {
		n, err = d.decode(out, nil, false)
	}
	if err != nil {
		return 0, err
	}
	if whole != want {
		copy(pcm, out[:want])
	}
	return min(n, want), nil
}

// Carries implements audio.Redundant: the first frame of a packet may carry the one before it (RFC 6716 section
// 2.1.7), which was as long. Of a packet of several frames that is the last one.
func (d *decoder) Carries(payload []byte) int { return carries(payload) }

func (d *decoder) Close() {
	if d.handle != nil {
		C.calla_opus_decoder_free(d.lib.c, d.handle)
		d.handle = nil
	}
}
