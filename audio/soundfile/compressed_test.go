package soundfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"calla/audio"
)

// The files of this page are made by hand: of a tone, of which each block has one line of its spectrum. In a block that
// follows another by as long as it lasts, that line turns by a quarter, so that its signs are + - - +.

// sign is that of a block.
func sign(block int) int { return []int{1, -1, -1, 1}[block%4] }

// bitWriter writes numbers of so many bits: the highest first, or the lowest.
type bitWriter struct {
	low  bool
	bits []byte
}

func (w *bitWriter) put(n int, v uint32) {
	for i := range n {
		if !w.low {
			i = n - 1 - i
		}
		w.bits = append(w.bits, byte(v>>i&1))
	}
}

func (w *bitWriter) bytes() []byte {
	out := make([]byte, (len(w.bits)+7)/8)
	for i, bit := range w.bits {
		if w.low {
			out[i/8] |= bit << (i % 8)
		} else {
			out[i/8] |= bit << (7 - i%8)
		}
	}
	return out
}

// mp3Line is the line of the spectrum that mp3Of has, and mp3Hertz what that is.
const (
	mp3Line  = 12
	mp3Hertz = (mp3Line + 0.5) * 44100 / 2 / 576
)

// mp3Of is an MP3 file (ISO/IEC 11172-3, Layer III) of 128 kb/s, mono at 44.1 kHz.
func mp3Of(length time.Duration) []byte {
	var out []byte
	for n := range int(length.Seconds() * 44100 / 1152) {
		side, main := new(bitWriter), new(bitWriter)
		side.put(9+5+4, 0)
		for granule := range 2 {
			side.put(12, mp3Line/2+3) // bits of main data
			side.put(9, mp3Line/2+1)  // pairs of lines
			side.put(8, 206)          // gain
			side.put(4+1, 0)          // no scale factors, a long block
			for range 3 {             // all regions by table 1
				side.put(5, 1)
			}
			side.put(4+3+1+1+1, 0)
			main.put(mp3Line/2, 1<<(mp3Line/2)-1) // pairs of nothing
			main.put(2, 1)                        // 1 and 0
			bit := uint32(0)
			if sign(2*n+granule) < 0 {
				bit = 1
			}
			main.put(1, bit)
		}
		frame := append([]byte{0xff, 0xfb, 0x90, 0xc0}, side.bytes()...)
		frame = append(frame, main.bytes()...)
		out = append(out, append(frame, make([]byte, 417-len(frame))...)...)
	}
	return out
}

// oggOf is an Ogg file (RFC 3533) of one stream, a page for each packet; each packet of sound lasts so many units.
func oggOf(packets [][]byte, headers, lasts int, end int64) []byte {
	var out []byte
	for i, p := range packets {
		flags, granule := byte(0), int64(max(0, i-headers+1)*lasts)
		if i == 0 {
			flags = oggFirst
		}
		if i == len(packets)-1 {
			flags |= oggLast
			granule = end
		}
		out = append(out, oggPage(flags, granule, 7, i, p)...)
	}
	return out
}

// oggPage is one page, of one packet.
func oggPage(flags byte, granule int64, serial uint32, number int, packet []byte) []byte {
	out := append([]byte("OggS\x00"), flags)
	out = binary.LittleEndian.AppendUint64(out, uint64(granule))
	out = binary.LittleEndian.AppendUint32(out, serial)
	out = binary.LittleEndian.AppendUint32(out, uint32(number))
	out = append(out, 0, 0, 0, 0, byte(len(packet)/255+1))
	out = append(out, bytes.Repeat([]byte{255}, len(packet)/255)...)
	out = append(out, byte(len(packet)%255))
	return append(out, packet...)
}

// vorbisLine is the line of the spectrum that vorbisOf has, and vorbisHertz what that is.
const (
	vorbisRate  = 44100
	vorbisLine  = 4
	vorbisHertz = (vorbisLine + 0.5) * vorbisRate / 256
)

// vorbisHead is the first packet of Vorbis: of blocks of 256 samples.
func vorbisHead(channels byte, rate uint32) []byte {
	head := append([]byte("\x01vorbis\x00\x00\x00\x00"), channels)
	head = binary.LittleEndian.AppendUint32(head, rate)
	return append(head, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 1)
}

// book begins a codebook.
func book(w *bitWriter, dimensions, entries uint32) {
	w.put(24, 0x564342)
	w.put(16, dimensions)
	w.put(24, entries)
}

// vorbisSetup is the third packet of Vorbis, with the codebooks that are written in the place of its own two.
func vorbisSetup(books func(*bitWriter)) []byte {
	w := &bitWriter{low: true}
	w.put(8, 1) // two codebooks
	if books == nil {
		books = func(w *bitWriter) {
			book(w, 1, 2) // of partitions: one bit says that there is nothing to say
			w.put(2, 0)
			w.put(5, 0)
			w.put(5, 0)
			w.put(4, 0)
			book(w, 1, 4) // of lines: 0, 1, -1, 0, of two bits each
			w.put(2, 0)
			for range 4 {
				w.put(5, 1)
			}
			w.put(4, 1)
			w.put(32, 1<<31|788<<21|1)
			w.put(32, 788<<21|1)
			w.put(4, 1)
			w.put(1, 0)
			for _, v := range []uint32{1, 2, 0, 1} {
				w.put(2, v)
			}
		}
	}
	books(w)
	w.put(6, 0) // a transform of time, which is none
	w.put(16, 0)
	w.put(6, 0) // a floor
	w.put(16, 1)
	w.put(5, 1) // of one partition, of a class that says nothing
	w.put(4, 0)
	w.put(3+2, 0)
	w.put(8, 0)
	w.put(2, 0)
	w.put(4, 7)
	w.put(7, 64)
	w.put(6, 0) // a residue
	w.put(16, 1)
	w.put(24, 0)
	w.put(24, 128)
	w.put(24, 127)
	w.put(6, 0)
	w.put(8, 0)
	w.put(3, 1)
	w.put(1, 0)
	w.put(8, 1)
	w.put(6, 0) // a mapping
	w.put(16, 0)
	w.put(1+1+2, 0)
	w.put(8+8+8, 0)
	w.put(6, 0) // a mode
	w.put(1+16+16+8, 0)
	w.put(1, 1)
	return append([]byte("\x05vorbis"), w.bytes()...)
}

// vorbisOf is an Ogg Vorbis file (Vorbis I), mono.
func vorbisOf(length time.Duration) []byte {
	packets := [][]byte{
		vorbisHead(1, vorbisRate), []byte("\x03vorbis\x00\x00\x00\x00\x00\x00\x00\x00\x01"),
		vorbisSetup(nil),
	}
	samples := int64(length.Seconds() * vorbisRate)
	for n := range int(samples/128) + 2 {
		w := &bitWriter{low: true}
		w.put(1, 0)
		w.put(1, 1)
		w.put(8, 240)
		w.put(8, 240)
		w.put(1, 0) // the partition
		for line := range 128 {
			switch {
			case line != vorbisLine:
				w.put(2, 0)
			case sign(n) > 0: // entry 1: code 01, its first bit first
				w.put(2, 2)
			default:
				w.put(2, 1)
			}
		}
		packets = append(packets, w.bytes())
	}
	return oggOf(packets, 4, 128, samples)
}

// opusOf is an Ogg Opus file (RFC 7845) of a tone of 440 Hz for plainOpus, of that many channels, with what comes
// before the tone and is to be left out.
func opusOf(channels byte, length time.Duration) []byte {
	const skip = 312
	head := append([]byte("OpusHead\x01"), channels, skip&0xff, skip>>8)
	packets := [][]byte{append(head, 0x80, 0xbb, 0, 0, 0, 0, 0), []byte("OpusTags\x00\x00\x00\x00\x00\x00\x00\x00")}
	var pcm []float64
	for range skip {
		pcm = append(pcm, 0.9)
	}
	pcm = append(pcm, tone(audio.SampleRate, length)...)
	end := int64(len(pcm))
	for len(pcm)%960 > 0 {
		pcm = append(pcm, 0.9)
	}
	for ; len(pcm) > 0; pcm = pcm[960:] {
		var p []byte
		for _, v := range pcm[:960] {
			p = binary.LittleEndian.AppendUint16(p, uint16(int16(math.MaxInt16*v)))
		}
		packets = append(packets, p)
	}
	return oggOf(packets, 2, 960, end)
}

// plainOpus is a codec that calls itself Opus, and whose payloads are samples.
type plainOpus struct{ audio.Codec }

func (plainOpus) Name() string                       { return "opus" }
func (plainOpus) NewDecoder() (audio.Decoder, error) { return plainDecoder{}, nil }

type plainDecoder struct{ audio.Decoder }

func (plainDecoder) Decode(pcm []int16, payload []byte) (int, error) {
	if len(payload)%2 > 0 || len(payload)/2 > len(pcm) {
		return 0, errors.New("no payload of Opus")
	}
	for i := range len(payload) / 2 {
		pcm[i] = int16(binary.LittleEndian.Uint16(payload[2*i:]))
	}
	return len(payload) / 2, nil
}

func (plainDecoder) Close() {}
