package audio

import (
	"time"

	"calla/audio/dsp"
)

// g711Rate is the sampling rate of G.711 in hertz, g711Ratio how many of Calla's samples one of its is.
const (
	g711Rate  = 8000
	g711Ratio = SampleRate / g711Rate
)

// PCMU is G.711 with µ-law: the codec that every SIP peer has (RFC 3551 section 4.5.14).
func PCMU() Codec { return g711{name: "PCMU", encode: encodeMuLaw, decode: decodeMuLaw} }

// PCMA is G.711 with A-law (RFC 3551 section 4.5.14).
func PCMA() Codec { return g711{name: "PCMA", encode: encodeALaw, decode: decodeALaw} }

// Codecs lists the codecs in the order of preference for an offer: the better ones that were found
// on this machine (nil are left out), then those always there.
func Codecs(better ...Codec) []Codec {
	var list []Codec
	for _, c := range better {
		if c != nil {
			list = append(list, c)
		}
	}
	return append(list, G722(), PCMU(), PCMA())
}

type g711 struct {
	name   string
	encode func(int16) byte
	decode func(byte) int16
}

func (c g711) Name() string   { return c.name }
func (c g711) ClockRate() int { return g711Rate }

func (c g711) PacketTimes() []time.Duration { return wholeFrames() }

func (c g711) NewEncoder() (Encoder, error) {
	down, err := dsp.NewResampler(SampleRate, g711Rate)
	if err != nil {
		return nil, err
	}
	e := &g711Encoder{down: down, narrow: make([]int16, 0, longestSent/g711Ratio)}
	for i := range e.table {
		e.table[i] = c.encode(int16(i<<2 - 32768))
	}
	return e, nil
}

func (c g711) NewDecoder() (Decoder, error) {
	up, err := dsp.NewResampler(g711Rate, SampleRate)
	if err != nil {
		return nil, err
	}
	d := &g711Decoder{
		up: up, narrow: make([]int16, 0, longestPacket), next: make([]int16, 0, longestPacket/g711Ratio),
		conceal: newConcealer(),
	}
	for i := range d.table {
		d.table[i] = c.decode(byte(i))
	}
	return d, nil
}

// g711Encoder encodes by a table over the upper 14 bits: µ-law has no finer steps.
type g711Encoder struct {
	down   *dsp.Resampler
	narrow []int16
	table  [1 << 14]byte
}

func (e *g711Encoder) Encode(dst []byte, pcm []int16) ([]byte, error) {
	e.narrow = e.down.Process(e.narrow[:0], pcm)
	for _, s := range e.narrow {
		dst = append(dst, e.table[(int(s)+32768)>>2])
	}
	return dst, nil
}

func (e *g711Encoder) Follow(Channel) {}
func (e *g711Encoder) Close()         {}

type g711Decoder struct {
	up      *dsp.Resampler
	narrow  []int16
	next    []int16 // what comes after a gap
	conceal *concealer
	table   [256]int16
}

func (d *g711Decoder) Decode(pcm []int16, payload []byte) (int, error) {
	if len(payload) == 0 || len(payload)*g711Ratio > len(pcm) {
		return 0, errPacketLength
	}
	d.narrow = d.expand(d.narrow[:0], payload)
	d.conceal.good(d.narrow)
	return len(d.up.Process(pcm[:0], d.narrow)), nil
}

// expand appends the payload's sound to narrow, as much as there is room for.
func (d *g711Decoder) expand(narrow []int16, payload []byte) []int16 {
	for _, b := range payload[:min(len(payload), cap(narrow)-len(narrow))] {
		narrow = append(narrow, d.table[b])
	}
	return narrow
}

func (d *g711Decoder) DecodeLost(pcm []int16, _ []byte, want int) (int, error) {
	return d.DecodeGap(pcm, nil, want, want)
}

// DecodeGap implements Interpolator.
func (d *g711Decoder) DecodeGap(pcm []int16, next []byte, want, gap int) (int, error) {
	want = min(want, len(pcm))
	n := (want + g711Ratio - 1) / g711Ratio
	if n > cap(d.narrow) {
		return 0, errPacketLength
	}
	d.narrow, d.next = d.narrow[:n], d.expand(d.next[:0], next)
	d.conceal.between(d.narrow, d.next, (gap+g711Ratio-1)/g711Ratio)
	// A want that is no whole number of G.711's samples cannot come from RTP, whose clock counts
	// those; the last is then cut short.
	if n*g711Ratio <= len(pcm) {
		d.up.Process(pcm[:0], d.narrow)
		return want, nil
	}
	d.up.Process(pcm[:0], d.narrow[:n-1])
	clear(pcm[(n-1)*g711Ratio : want])
	return want, nil
}

// Comfort implements Comforter.
func (d *g711Decoder) Comfort(payload []byte) error {
	level, colour, err := comfort(payload)
	if err == nil {
		d.conceal.rest(level, colour)
	}
	return err
}

func (d *g711Decoder) Close() {}

// The companding laws of ITU-T G.711, from 16-bit samples: µ-law keeps 14 bits of them, A-law 13.

const (
	muLawBias = 33 << 2
	muLawClip = 8158 << 2
)

func encodeMuLaw(s int16) byte {
	v, sign := int(s), byte(0x80)
	if v < 0 {
		v, sign = -v, 0
	}
	v = min(v, muLawClip) + muLawBias
	exponent := 7
	for mask := 0x4000; exponent > 0 && v&mask == 0; mask >>= 1 {
		exponent--
	}
	// All bits but the sign's are sent inverted, and the sign's is set for positive values.
	return sign | ^byte(exponent<<4|v>>(exponent+3)&0x0f)&0x7f
}

func decodeMuLaw(b byte) int16 {
	v := ^b
	exponent, mantissa := int(v>>4&7), int(v&0x0f)
	s := (mantissa<<3+muLawBias)<<exponent - muLawBias
	if b&0x80 == 0 {
		s = -s
	}
	return int16(s)
}

func encodeALaw(s int16) byte {
	v, sign := int(s)>>3, byte(0x80)
	if v < 0 {
		v, sign = ^v, 0
	}
	v <<= 3 // 13 bits in the place of 16
	exponent := 7
	for mask := 0x4000; exponent > 0 && v&mask == 0; mask >>= 1 {
		exponent--
	}
	shift := max(exponent, 1) + 3
	return (sign | byte(exponent<<4|v>>shift&0x0f)) ^ 0x55 // every second bit is sent inverted
}

func decodeALaw(b byte) int16 {
	b ^= 0x55
	exponent, mantissa := int(b>>4&7), int(b&0x0f)
	s := mantissa<<4 + 8
	if exponent > 0 {
		s = (s + 0x100) << (exponent - 1)
	}
	if b&0x80 == 0 {
		s = -s
	}
	return int16(s)
}
