package opus

import (
	"bytes"
	"testing"

	"calla/audio"
)

// TestWhatAPacketCarriesOfTheOneBefore: by the flags of its first frame, wherever that is (RFC 6716 sections 3.1, 3.2
// and 4.2.3).
func TestWhatAPacketCarriesOfTheOneBefore(t *testing.T) {
	const ms = audio.SampleRate / 1000
	long := bytes.Repeat([]byte{0xff}, 300)
	packet := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for _, v := range []struct {
		name   string
		packet []byte
		want   int
	}{
		{"nothing", nil, 0},
		{"no frame", []byte{8 << 3}, 0},
		{"nothing but a flag", []byte{8 << 3, 0x40}, 0},
		{"SILK, 10 ms", []byte{8 << 3, 0x40, 0}, 10 * ms},
		{"SILK, 20 ms", []byte{9 << 3, 0x40, 0}, 20 * ms},
		{"SILK, 20 ms, a voice and no more", []byte{9 << 3, 0xbf, 0}, 0},
		{"SILK, 40 ms", []byte{10 << 3, 0x20, 0}, 40 * ms},
		{"SILK, 40 ms, voices and no more", []byte{10 << 3, 0xdf, 0}, 0},
		{"SILK, 60 ms", []byte{11 << 3, 0x10, 0}, 60 * ms},
		{"SILK, 60 ms, voices and no more", []byte{11 << 3, 0xef, 0}, 0},
		{"narrow", []byte{3 << 3, 0x10, 0}, 60 * ms},
		{"hybrid, 10 ms", []byte{14 << 3, 0x40, 0}, 10 * ms},
		{"hybrid, 20 ms", []byte{15 << 3, 0x40, 0}, 20 * ms},
		{"CELT", []byte{16 << 3, 0xff, 0xff}, 0},
		{"stereo, in the middle", []byte{9<<3 | 4, 0x40, 0}, 20 * ms},
		{"stereo, at the side", []byte{9<<3 | 4, 0x10, 0}, 20 * ms},
		{"stereo, 60 ms, at the side", []byte{11<<3 | 4, 0x01, 0}, 60 * ms},
		{"stereo, voices and no more", []byte{9<<3 | 4, 0xaf, 0}, 0},
		{"two, as long", []byte{15<<3 | 1, 0x40, 0, 0, 0}, 20 * ms},
		{"two, as long, the second one does", []byte{15<<3 | 1, 0, 0, 0x40, 0}, 0},
		{"two", []byte{15<<3 | 2, 2, 0x40, 0, 0xff}, 20 * ms},
		{"two, the first one long", packet([]byte{15<<3 | 2, 252, 12, 0x40}, long), 20 * ms},
		{"two, the first one empty", []byte{15<<3 | 2, 0, 0xff, 0xff}, 0},
		{"two, one length cut", []byte{15<<3 | 2, 255}, 0},
		{"three, as long", []byte{15<<3 | 3, 3, 0x40, 0, 0, 0, 0, 0}, 20 * ms},
		{"three, the first one empty", []byte{15<<3 | 3, 0x83, 0, 2, 0xff, 0xff, 0xff, 0xff}, 0},
		{"three", []byte{15<<3 | 3, 0x83, 2, 2, 0x40, 0, 0, 0, 0}, 20 * ms},
		{"three, the first one long", packet([]byte{15<<3 | 3, 0x83, 253, 11, 1, 0x40}, long), 20 * ms},
		{"three, padded", []byte{15<<3 | 3, 0x43, 2, 0x40, 0, 0, 0, 0, 0, 0, 0}, 20 * ms},
		{"three, much padded", packet([]byte{15<<3 | 3, 0x43, 255, 2, 0x40, 0, 0, 0, 0, 0}, long[:256]), 20 * ms},
		{"nothing but padding", packet([]byte{15<<3 | 3, 0x43, 255, 255}, long), 0},
		{"padding cut", []byte{15<<3 | 3, 0x43, 255}, 0},
		{"no number", []byte{15<<3 | 3}, 0},
		{"none", []byte{15<<3 | 3, 0, 0xff, 0xff}, 0},
		{"one of any number", []byte{15<<3 | 3, 1, 0x40, 0}, 20 * ms},
	} {
		if got := carries(v.packet); got != v.want {
			t.Errorf("%s: %d ms, not %d", v.name, got/ms, v.want/ms)
		}
	}
	for n := range 1 << 16 { // any beginning
		carries([]byte{byte(n), byte(n >> 8), 3, 255})
	}
}
