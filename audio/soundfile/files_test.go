package soundfile

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
	"time"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"

	"calla/audio"
)

// tone is a sine of half the full scale at a rate, in samples from -1 to 1.
func tone(rate int, length time.Duration) []float64 {
	all := make([]float64, int(length.Seconds()*float64(rate)))
	for i := range all {
		all[i] = 0.5 * math.Sin(2*math.Pi*440*float64(i)/float64(rate))
	}
	return all
}

// wav is a WAV file of a tone.
func wav(kind, channels, rate, bits int, length time.Duration) []byte {
	var data bytes.Buffer
	put := func(v any) { _ = binary.Write(&data, binary.LittleEndian, v) }
	samples := tone(rate, length)
	if kind == 6 || kind == 7 {
		samples = nil
		for _, b := range g711(kind, length) {
			data.Write(bytes.Repeat([]byte{b}, channels))
		}
	}
	for _, s := range samples {
		for range channels {
			switch {
			case kind == 3 && bits == 64:
				put(s)
			case kind == 3:
				put(float32(s))
			case bits == 8:
				put(uint8(128 + s*127))
			case bits == 16:
				put(int16(s * math.MaxInt16))
			case bits == 24:
				v := int32(s * (1<<23 - 1))
				data.Write([]byte{byte(v), byte(v >> 8), byte(v >> 16)})
			default:
				put(int32(s * math.MaxInt32))
			}
		}
	}
	var out bytes.Buffer
	out.WriteString("RIFF")
	for _, v := range []any{
		uint32(36 + data.Len()), []byte("WAVEfmt "), uint32(16), uint16(kind), uint16(channels), uint32(rate),
		uint32(rate * channels * bits / 8), uint16(channels * bits / 8), uint16(bits),
		[]byte("data"), uint32(data.Len()),
	} {
		_ = binary.Write(&out, binary.LittleEndian, v)
	}
	out.Write(data.Bytes())
	return out.Bytes()
}

// g711 is a tone at 8 kHz by one of its laws.
func g711(kind int, length time.Duration) []byte {
	codec := audio.PCMA()
	if kind == 7 {
		codec = audio.PCMU()
	}
	encoder, err := codec.NewEncoder()
	if err != nil {
		panic(err)
	}
	var pcm []int16
	for _, s := range tone(audio.SampleRate, length) {
		pcm = append(pcm, int16(s*math.MaxInt16))
	}
	out, _ := encoder.Encode(nil, pcm)
	return out
}

// flacOf is a FLAC file of a tone.
func flacOf(t testing.TB, channels, rate, bits int, length time.Duration) []byte {
	var out bytes.Buffer
	const block = 4096
	all := tone(rate, length)
	e, err := flac.NewEncoder(&out, &meta.StreamInfo{
		BlockSizeMin: block, BlockSizeMax: block, SampleRate: uint32(rate), NChannels: uint8(channels),
		BitsPerSample: uint8(bits), NSamples: uint64(len(all)),
	})
	if err != nil {
		t.Fatal(err)
	}
	layout := map[int]frame.Channels{1: frame.ChannelsMono, 2: frame.ChannelsLR}[channels]
	for n := 0; len(all) > 0; n++ {
		part := all[:min(block, len(all))]
		all = all[len(part):]
		f := &frame.Frame{Header: frame.Header{
			BlockSize: uint16(len(part)), SampleRate: uint32(rate), Channels: layout, BitsPerSample: uint8(bits),
			Num: uint64(n), HasFixedBlockSize: true,
		}}
		samples := make([]int32, len(part))
		for i, s := range part {
			samples[i] = int32(s * float64(int64(1)<<(bits-1)-1))
		}
		for range channels {
			f.Subframes = append(f.Subframes, &frame.Subframe{
				SubHeader: frame.SubHeader{Pred: frame.PredVerbatim}, Samples: samples, NSamples: len(samples),
			})
		}
		if err := e.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
