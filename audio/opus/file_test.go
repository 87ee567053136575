//go:build cgo

package opus

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"calla/audio"
	"calla/audio/soundfile"
)

// TestOggOpusFilesAreRead: the sound that libopus has encoded is that of the file.
func TestOggOpusFilesAreRead(t *testing.T) {
	l := newLine(t, audio.NewToneSource(audio.Sine(440, -12)))
	var file []byte
	page := func(flags byte, granule int64, packet []byte) {
		file = append(append(file, "OggS\x00"...), flags)
		file = binary.LittleEndian.AppendUint64(file, uint64(granule))
		file = append(file, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte(len(packet)/255+1)) // no packet here has 510
		if len(packet) >= 255 {
			file = append(file, 255)
		}
		file = append(append(file, byte(len(packet)%255)), packet...)
	}
	page(2, 0, []byte("OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00"))
	page(0, 0, []byte("OpusTags\x00\x00\x00\x00\x00\x00\x00\x00"))
	const packets, skip, short = 51, 0x138, 300
	for n := range packets {
		_, payload := l.encode()
		flags, granule := byte(0), int64((n+1)*audio.PacketSamples)
		if n == packets-1 {
			flags, granule = 4, granule-short
		}
		page(flags, granule, payload)
	}
	name := filepath.Join(t.TempDir(), "music")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	pcm, err := soundfile.Ring(name, []audio.Codec{audio.PCMU(), codec(t)})
	if want := packets*audio.PacketSamples - skip - short; err != nil || len(pcm) != want {
		t.Fatalf("%d samples of %d, %v", len(pcm), want, err)
	}
	m := audio.MeasureTone(pcm[4*audio.PacketSamples:])
	if math.Abs(m.Frequency-440) > 1 || math.Abs(m.Level+15) > 1 || m.Purity < 0.98 {
		t.Errorf("%+v", m)
	}
}
