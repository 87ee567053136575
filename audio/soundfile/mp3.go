package soundfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/hajimehoshi/go-mp3"
)

// isMP3 tells whether a file begins with the head of a frame of MPEG-1 or MPEG-2 Layer III (ISO/IEC 11172-3 section
// 2.4.1.3).
func isMP3(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	sync, version, layer := b[0] == 0xff && b[1]&0xe0 == 0xe0, b[1]>>3&3, b[1]>>1&3
	bitrate, rate := b[2]>>4, b[2]>>2&3
	return sync && version >= 2 && layer == 1 && bitrate > 0 && bitrate < 15 && rate < 3
}

// mp3 reads an MP3 file.
func (s *sound) mp3(in io.Reader) error {
	d, err := mp3.NewDecoder(onlyReader{in})
	if err != nil {
		return fmt.Errorf("decode mp3: %w", err)
	}
	if err := s.at(d.SampleRate()); err != nil {
		return fmt.Errorf("decode mp3: %w", err)
	}
	raw, mono := make([]byte, 4*1152), make([]int16, 1152) // it always gives two channels
	for {
		n, err := io.ReadFull(d, raw)
		for i := range n / 4 {
			left, right := binary.LittleEndian.Uint16(raw[4*i:]), binary.LittleEndian.Uint16(raw[4*i+2:])
			mono[i] = int16((int(int16(left)) + int(int16(right))) / 2)
		}
		switch more := s.add(mono[:n/4]); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), err == nil && !more:
			return nil
		case err != nil:
			return fmt.Errorf("decode mp3: %w", err)
		}
	}
}

// onlyReader cannot seek: the decoder would read a file that can twice, to know how long it is.
type onlyReader struct{ io.Reader }
