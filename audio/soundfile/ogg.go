package soundfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"calla/audio"
)

// mostPacket bounds a packet of an Ogg file, in octets: what is longer is cut. Those of sound and its tables are far
// below; comments may have pictures in them, and are not read.
const mostPacket = 256 << 10

const (
	oggHead = 27 // of a page, before its table of segments
	// Flags of a page (RFC 3533 section 6).
	oggContinued = 1
	oggFirst     = 2
	oggLast      = 4
)

// ogg reads an Ogg file by what its first stream of sound is.
func (s *sound) ogg(in io.Reader, codecs []audio.Codec) error {
	o := &oggReader{in: in}
	first, err := o.begin()
	switch {
	case err != nil:
		return err
	case isOpus(first):
		return s.opus(o, first, codecs)
	}
	return s.vorbis(o, first)
}

// isOpus and isVorbis tell what a stream is by its first packet.
func isOpus(packet []byte) bool   { return bytes.HasPrefix(packet, []byte("OpusHead")) }
func isVorbis(packet []byte) bool { return bytes.HasPrefix(packet, []byte("\x01vorbis")) }

// oggReader takes the packets of one stream out of an Ogg file (RFC 3533). Checksums are not looked at: a file that is
// damaged somewhere is heard up to there, or beyond.
type oggReader struct {
	in     io.Reader
	serial uint32 // of the stream

	flags    byte
	granule  int64  // where the page ends, in the stream's own units; -1 = no packet ends in it
	segments []byte // lengths of what is left in the page
	body     []byte // that
	ended    bool   // the page is the stream's last one
	packet   []byte
}

// begin finds the first stream that may be sound, and returns its first packet.
func (o *oggReader) begin() ([]byte, error) {
	for {
		serial, err := o.page()
		if err != nil {
			return nil, err
		}
		if o.flags&oggFirst == 0 {
			return nil, &Error{Why: Unknown}
		}
		o.serial = serial
		if packet, err := o.next(); err == nil && (isOpus(packet) || isVorbis(packet)) {
			return packet, nil
		}
	}
}

// next returns the next packet, until the one after. The error is io.EOF at the end of the stream, or where the file
// ends.
func (o *oggReader) next() ([]byte, error) {
	o.packet = o.packet[:0]
	for {
		for len(o.segments) > 0 {
			n := int(o.segments[0])
			room := max(0, mostPacket-len(o.packet))
			o.packet = append(o.packet, o.body[:min(n, room)]...)
			o.segments, o.body = o.segments[1:], o.body[n:]
			if n < 255 {
				return o.packet, nil
			}
		}
		if o.ended {
			return nil, io.EOF
		}
		for {
			serial, err := o.page()
			if err != nil {
				return nil, err
			}
			if serial == o.serial {
				break
			}
		}
		if o.flags&oggContinued == 0 { // the rest of what was begun is missing
			o.packet = o.packet[:0]
		}
	}
}

// page reads the next page, of whichever stream.
func (o *oggReader) page() (serial uint32, err error) {
	var head [oggHead]byte
	if _, err := io.ReadFull(o.in, head[:]); err != nil {
		return 0, io.EOF
	}
	if !bytes.HasPrefix(head[:], []byte("OggS\x00")) {
		return 0, errors.New("ogg: no page where one has to be")
	}
	table := make([]byte, head[26])
	if _, err := io.ReadFull(o.in, table); err != nil {
		return 0, io.EOF
	}
	size := 0
	for _, n := range table {
		size += int(n)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(o.in, body); err != nil {
		return 0, io.EOF
	}
	o.flags, o.segments, o.body = head[5], table, body
	o.granule = int64(binary.LittleEndian.Uint64(head[6:]))
	o.ended = o.flags&oggLast != 0
	return binary.LittleEndian.Uint32(head[14:]), nil
}

// end is where the stream ends, in its own units, where the packet that was returned last is its last one.
func (o *oggReader) end() (int64, bool) {
	return o.granule, o.ended && len(o.segments) == 0 && o.granule >= 0
}

// opusLongest is the most sound in a packet of Opus: 120 ms, at 48 kHz (RFC 6716 section 3.2.5).
const opusLongest = 5760

// opus reads an Ogg Opus file (RFC 7845), of mono or stereo.
func (s *sound) opus(o *oggReader, head []byte, codecs []audio.Codec) error {
	if len(head) < 19 || head[8]>>4 != 0 || head[9] < 1 || head[9] > 2 || head[18] != 0 {
		return errors.New("decode opus: its head is not that of mono or stereo")
	}
	skip := int(binary.LittleEndian.Uint16(head[10:]))
	decoder, err := opusDecoder(codecs)
	if err != nil {
		return err
	}
	defer decoder.Close()
	if _, err := o.next(); err != nil { // its comments
		return nil
	}
	pcm, at := make([]int16, opusLongest), int64(0)
	for {
		packet, err := o.next()
		if err != nil {
			return nil
		}
		n, err := decoder.Decode(pcm, packet)
		if err != nil {
			continue // as where one is lost
		}
		if end, last := o.end(); last && end-at >= 0 && end-at < int64(n) { // what comes later is filling
			n = int(end - at)
		}
		at += int64(n)
		left := min(skip, n)
		skip -= left
		if !s.add(pcm[left:n]) {
			return nil
		}
	}
}

// opusDecoder makes a decoder of the codec of that name, where there is one.
func opusDecoder(codecs []audio.Codec) (audio.Decoder, error) {
	for _, c := range codecs {
		if c.Name() == "opus" {
			d, err := c.NewDecoder()
			if err != nil {
				return nil, fmt.Errorf("decode opus: %w", err)
			}
			return d, nil
		}
	}
	return nil, &Error{Why: NeedsOpus}
}
