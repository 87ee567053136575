package soundfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/mewkiz/flac"
)

// flac reads a FLAC file (RFC 9639).
func (s *sound) flac(in *bufio.Reader) error {
	// The decoder reads whatever comes first, and would take all memory that a picture says it has; what comes later it
	// skips.
	if head, err := in.Peek(8); err != nil || !bytes.Equal(head[4:], []byte{head[4] & 0x80, 0, 0, 34}) {
		return errors.New("decode flac: it does not begin with what it is")
	}
	stream, err := flac.New(in)
	if err != nil {
		return fmt.Errorf("decode flac: %w", err)
	}
	bits := int(stream.Info.BitsPerSample)
	if bits < 4 || bits > 32 {
		return fmt.Errorf("decode flac: %d bits", bits)
	}
	if err := s.at(int(stream.Info.SampleRate)); err != nil {
		return fmt.Errorf("decode flac: %w", err)
	}
	var mono []int16
	for {
		frame, err := stream.ParseNext()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("decode flac: %w", err)
		}
		channels := int64(len(frame.Subframes))
		mono = mono[:0]
		for i := range frame.Subframes[0].Samples {
			sum := int64(0)
			for _, c := range frame.Subframes {
				sum += int64(c.Samples[i])
			}
			mono = append(mono, scaled(sum/channels, bits))
		}
		if !s.add(mono) {
			return nil
		}
	}
}

// scaled brings a sample of so many bits to 16.
func scaled(v int64, bits int) int16 {
	if bits > 16 {
		v >>= bits - 16
	} else {
		v <<= 16 - bits
	}
	return int16(max(-32768, min(32767, v)))
}
