package opus

import "calla/audio"

// carries is how much sound the packet carries of what was before it, in samples at audio.SampleRate.
func carries(packet []byte) int {
	frame := firstFrame(packet)
	if len(frame) < 2 { // a frame that says to conceal (RFC 6716 section 2.1.9), or none
		return 0
	}
	// Frames of SILK alone last 10, 20, 40 or 60 ms, with CELT above it 10 or 20, and CELT alone carries nothing
	// (section 3.1). SILK begins with a voice flag for every 20 ms, then the flag sought (section 4.2.3), and the same
	// again for the side of stereo.
	config, flags := packet[0]>>3, 1
	ms := 10 << (config & 1)
	switch {
	case config >= 16:
		return 0
	case config < 12 && config&3 >= 2:
		flags = int(config & 3)
		ms = 20 * flags
	}
	carried := frame[0] >> (7 - flags)
	if stereo := packet[0]&4 != 0; stereo {
		carried |= frame[0] >> (6 - 2*flags)
	}
	if carried&1 == 0 {
		return 0
	}
	return ms * audio.SampleRate / 1000
}

// firstFrame is the first frame of a packet (RFC 6716 section 3.2); nil where there is none.
func firstFrame(packet []byte) []byte {
	if len(packet) == 0 {
		return nil
	}
	data := packet[1:]
	switch packet[0] & 3 {
	case 0:
		return data
	case 1: // two, as long
		return data[:len(data)/2]
	case 2: // two
		n, data := frameLength(data)
		return data[:min(n, len(data))]
	}
	if len(data) == 0 {
		return nil
	}
	count := data[0]
	data = data[1:]
	padding := 0
	for more := count&0x40 != 0; more; {
		if len(data) == 0 {
			return nil
		}
		padding += min(int(data[0]), 254)
		more = data[0] == 255
		data = data[1:]
	}
	data = data[:max(0, len(data)-padding)]
	frames := int(count & 0x3f)
	switch {
	case frames == 0:
		return nil
	case count&0x80 == 0: // all as long
		return data[:len(data)/frames]
	}
	n := len(data)
	for i := range frames - 1 { // of all but the last one
		var length int
		if length, data = frameLength(data); i == 0 {
			n = length
		}
	}
	return data[:min(n, len(data))]
}

// frameLength reads the length of a frame (RFC 6716 section 3.2.1).
func frameLength(data []byte) (n int, rest []byte) {
	switch {
	case len(data) == 0:
		return 0, nil
	case data[0] < 252:
		return int(data[0]), data[1:]
	case len(data) == 1:
		return 0, nil
	}
	return int(data[0]) + 4*int(data[1]), data[2:]
}
