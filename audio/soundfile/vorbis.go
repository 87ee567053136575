package soundfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/jfreymuth/vorbis"

	"calla/audio/dsp"
)

// Bounds of Vorbis' tables: of one codebook, and of all.
const (
	mostBookEntries = 1 << 16
	mostBookValues  = 1 << 20
	mostEntries     = 1 << 17
	mostValues      = 1 << 21
)

// vorbis reads an Ogg Vorbis file. The decoder believes what its tables say of themselves: it would take any memory
// that they ask for, and look for ever for the end of a code that has none. So they are checked before.
func (s *sound) vorbis(o *oggReader, head []byte) error {
	if err := checkVorbisHead(head); err != nil {
		return err
	}
	var d vorbis.Decoder
	if err := d.ReadHeader(head); err != nil {
		return fmt.Errorf("decode vorbis: %w", err)
	}
	if err := s.at(d.SampleRate()); err != nil {
		return fmt.Errorf("decode vorbis: %w", err)
	}
	if _, err := o.next(); err != nil { // its comments, which the decoder can do without
		return nil
	}
	setup, err := o.next()
	if err != nil {
		return nil
	}
	if err := checkVorbisSetup(setup); err != nil {
		return err
	}
	if err := d.ReadHeader(setup); err != nil {
		return fmt.Errorf("decode vorbis: %w", err)
	}
	samples, mono, at := make([]float32, d.BufferSize()), []int16(nil), int64(0)
	for {
		packet, err := o.next()
		if err != nil {
			return nil
		}
		if len(packet) == 0 || packet[0]&1 != 0 {
			continue // not sound
		}
		out, err := d.DecodeInto(packet, samples)
		if err != nil {
			return fmt.Errorf("decode vorbis: %w", err)
		}
		mono = mixed(mono[:0], out, d.Channels())
		if end, last := o.end(); last && end-at >= 0 && end-at < int64(len(mono)) { // what comes later is filling
			mono = mono[:end-at]
		}
		at += int64(len(mono))
		if !s.add(mono) {
			return nil
		}
	}
}

// mixed appends samples from -1 to 1, of that many channels in turn, to mono.
func mixed(mono []int16, samples []float32, channels int) []int16 {
	for ; len(samples) >= channels; samples = samples[channels:] {
		sum := float32(0)
		for _, v := range samples[:channels] {
			sum += v
		}
		mono = append(mono, dsp.Round16(32768*sum/float32(channels)))
	}
	return mono
}

// checkVorbisHead wants a first packet (Vorbis I section 4.2.2) that asks for nothing absurd.
func checkVorbisHead(head []byte) error {
	if len(head) < 30 {
		return errors.New("decode vorbis: its head is cut short")
	}
	channels, rate := head[11], binary.LittleEndian.Uint32(head[12:])
	short, long := head[28]&15, head[28]>>4
	if channels < 1 || channels > 8 || rate > 768000 || short < 6 || short > long || long > 13 {
		return fmt.Errorf("decode vorbis: %d channels of %d Hz in blocks of 2^%d and 2^%d", channels, rate, short, long)
	}
	return nil
}

// checkVorbisSetup looks at the codebooks of the third packet (Vorbis I section 3.2.1). Whatever else is wrong in it,
// the decoder ends with.
func checkVorbisSetup(setup []byte) error {
	if len(setup) < 7 || string(setup[:7]) != "\x05vorbis" {
		return errors.New("decode vorbis: no tables")
	}
	b := &bitReader{data: setup[7:]}
	entries, values := 0, 0
	for range b.read(8) + 1 {
		book, err := readBook(b)
		if err != nil {
			return fmt.Errorf("decode vorbis: %w", err)
		}
		entries, values = entries+book.entries, values+book.entries*book.dimensions
		if entries > mostEntries || values > mostValues {
			return errors.New("decode vorbis: its tables are too large")
		}
	}
	return nil
}

// codebook is how large one is.
type codebook struct{ entries, dimensions int }

// readBook reads a codebook. One is sound whose code is complete: whatever bits come, a word of it ends.
func readBook(b *bitReader) (codebook, error) {
	begins := b.read(24)
	book := codebook{dimensions: b.read(16), entries: b.read(24)}
	switch {
	case begins != 0x564342: // "BCV"
		return book, errors.New("no codebook where one has to be")
	case book.dimensions < 1 || book.entries < 2 || book.entries > mostBookEntries ||
		book.entries*book.dimensions > mostBookValues:
		return book, fmt.Errorf("codebook of %d × %d", book.entries, book.dimensions)
	}
	if taken := b.readLengths(book.entries); taken != 1<<32 {
		return book, errors.New("code that is not complete")
	}
	values := 0
	switch kind := b.read(4); kind {
	case 0:
		return book, b.err()
	case 1: // as many as the decoder takes there to be
		values = int(math.Floor(math.Pow(float64(book.entries), 1/float64(book.dimensions))))
	case 2:
		values = book.entries * book.dimensions
	default:
		return book, fmt.Errorf("codebook of kind %d", kind)
	}
	b.skip(64)
	each := b.read(4) + 1
	b.skip(1 + values*each)
	return book, b.err()
}

// readLengths reads the lengths of a code's words, and returns how much of all codes the words take: 1<<32 is all.
func (b *bitReader) readLengths(entries int) (taken uint64) {
	if ordered := b.read(1) == 1; !ordered {
		sparse := b.read(1) == 1
		for range entries {
			if !sparse || b.read(1) == 1 {
				taken += 1 << (32 - b.read(5) - 1)
			}
		}
		return taken
	}
	length := b.read(5) + 1
	for at := 0; at < entries; length++ {
		n := b.read(bits.Len(uint(entries - at)))
		if length > 32 || n > entries-at {
			return 0
		}
		taken += uint64(n) << (32 - length)
		at += n
	}
	return taken
}

// bitReader reads numbers of so many bits, the lowest first (Vorbis I section 2).
type bitReader struct {
	data []byte
	at   int // in bits
}

// read returns the next n bits, at most 24; zeros beyond the end.
func (b *bitReader) read(n int) int {
	v := 0
	for i := range n {
		if at := b.at + i; at < 8*len(b.data) {
			v |= int(b.data[at/8]>>(at%8)&1) << i
		}
	}
	b.at += n
	return v
}

// skip leaves n bits out.
func (b *bitReader) skip(n int) { b.at += n }

// err tells whether more was read than there is.
func (b *bitReader) err() error {
	if b.at > 8*len(b.data) {
		return errors.New("cut short in its tables")
	}
	return nil
}
