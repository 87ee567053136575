package audio

import (
	"time"

	"calla/audio/dsp"
)

const (
	// g722Rate is the sampling rate of G.722 in hertz.
	g722Rate = 16000
	// g722Octets is how many payload octets G.722 has in a second, each for two samples, and the clock of its RTP
	// timestamps: RFC 3551 section 4.5.2 keeps the number that RFC 1890 got wrong.
	g722Octets = 8000
	// g722Ratio is how many samples at SampleRate an octet stands for.
	g722Ratio = SampleRate / g722Octets
)

// G722 is G.722 at 64 kbit/s (mode 1 of ITU-T G.722): wide-band sound up to 7 kHz, as desk phones have it (RFC 3551
// section 4.5.2).
func G722() Codec { return g722{} }

type g722 struct{}

func (g722) Name() string   { return "G722" }
func (g722) ClockRate() int { return g722Octets }

func (g722) PacketTimes() []time.Duration { return wholeFrames() }

func (g722) NewEncoder() (Encoder, error) {
	down, err := dsp.NewResampler(SampleRate, g722Rate)
	if err != nil {
		return nil, err
	}
	const most = longestSent * g722Rate / SampleRate
	return &g722Encoder{
		adpcm: newADPCM(), low: lowBand(), high: highBand(), down: down, wide: make([]int16, 0, most),
		window: make([]int32, mirrorMemory, mirrorMemory+most),
	}, nil
}

func (g722) NewDecoder() (Decoder, error) {
	up, err := dsp.NewResampler(g722Rate, SampleRate)
	if err != nil {
		return nil, err
	}
	const most = longestPacket / g722Ratio
	return &g722Decoder{
		adpcm: newADPCM(), lowBand: lowBand(), highBand: highBand(), up: up, wide: make([]int16, 0, 2*most),
		low: make([]int16, most), high: make([]int16, most), lostLow: newConcealer(), lostHigh: newConcealer(),
		nextLow: make([]int16, most), nextHigh: make([]int16, most),
		window: make([]int32, mirrorMemory, mirrorMemory+2*most),
	}, nil
}

type g722Encoder struct {
	*adpcm
	low, high subband
	down      *dsp.Resampler
	wide      []int16 // at g722Rate
	window    []int32 // likewise, what the filter needs of before in front
}

func (e *g722Encoder) Encode(dst []byte, pcm []int16) ([]byte, error) {
	e.wide = e.down.Process(e.wide[:0], pcm)
	return e.encode(dst, e.wide), nil
}

// encode appends the octets of wide, which is at g722Rate and of whole pairs.
func (e *g722Encoder) encode(dst []byte, wide []int16) []byte {
	for _, s := range wide {
		e.window = append(e.window, int32(s))
	}
	pairs := len(wide) / 2
	for i := range pairs {
		even, odd := e.mirrored(e.window[2*i:])
		low := e.encodeLow(&e.low, (odd+even)>>14)
		high := e.encodeHigh(&e.high, (odd-even)>>14)
		dst = append(dst, high<<6|low)
	}
	e.window = e.window[:copy(e.window, e.window[2*pairs:])]
	return dst
}

func (e *g722Encoder) Follow(Channel) {}
func (e *g722Encoder) Close()         {}

// g722Decoder decodes the halves of the band, conceals what is lost in each by itself, and joins them.
type g722Decoder struct {
	*adpcm
	lowBand, highBand subband
	low, high         []int16 // decoded
	nextLow, nextHigh []int16 // what comes after a gap, likewise
	lostLow, lostHigh *concealer
	window            []int32 // what the filter takes, what it needs of before in front
	wide              []int16 // at g722Rate
	up                *dsp.Resampler
}

func (d *g722Decoder) Decode(pcm []int16, payload []byte) (int, error) {
	n := len(payload)
	if n == 0 || n > len(d.low) || n*g722Ratio > len(pcm) {
		return 0, errPacketLength
	}
	low, high := d.low[:n], d.high[:n]
	d.expand(low, high, payload)
	d.lostLow.good(low)
	d.lostHigh.good(high)
	return len(d.join(pcm[:0], low, high)), nil
}

// expand decodes the payload's halves, whose octets are as many as low and high have samples.
func (d *g722Decoder) expand(low, high []int16, payload []byte) {
	for i := range low {
		low[i] = d.decodeLow(&d.lowBand, int(payload[i]&63))
		high[i] = d.decodeHigh(&d.highBand, int(payload[i]>>6))
	}
}

func (d *g722Decoder) DecodeLost(pcm []int16, _ []byte, want int) (int, error) {
	return d.DecodeGap(pcm, nil, want, want)
}

// DecodeGap implements Interpolator.
func (d *g722Decoder) DecodeGap(pcm []int16, next []byte, want, gap int) (int, error) {
	want = min(want, len(pcm))
	n := (want + g722Ratio - 1) / g722Ratio
	if n > len(d.low) {
		return 0, errPacketLength
	}
	// What comes next is decoded as it will be again in its turn.
	lowBand, highBand := d.lowBand, d.highBand
	nextLow, nextHigh := d.nextLow[:min(len(next), len(d.nextLow))], d.nextHigh[:min(len(next), len(d.nextHigh))]
	d.expand(nextLow, nextHigh, next)
	d.lowBand, d.highBand = lowBand, highBand

	low, high := d.low[:n], d.high[:n]
	d.lostLow.between(low, nextLow, (gap+g722Ratio-1)/g722Ratio)
	d.lostHigh.between(high, nextHigh, (gap+g722Ratio-1)/g722Ratio)
	// As with G.711: a want that is no whole number of octets is cut short.
	whole := min(n, len(pcm)/g722Ratio)
	d.join(pcm[:0], low[:whole], high[:whole])
	clear(pcm[min(whole*g722Ratio, want):want])
	return want, nil
}

// Comfort implements Comforter. The noise is in the low half, whose samples are half as large.
func (d *g722Decoder) Comfort(payload []byte) error {
	level, colour, err := comfort(payload)
	if err == nil {
		d.lostLow.rest(level/2, colour)
		d.lostHigh.rest(0, white())
	}
	return err
}

// join appends to dst the sound at SampleRate of which low and high are the halves.
func (d *g722Decoder) join(dst, low, high []int16) []int16 {
	for i, l := range low {
		h := high[i]
		d.window = append(d.window, int32(l)+int32(h), int32(l)-int32(h))
	}
	d.wide = d.wide[:0]
	for i := range low {
		even, odd := d.mirrored(d.window[2*i:])
		d.wide = append(d.wide, int16(bounded(odd>>11)), int16(bounded(even>>11)))
	}
	d.window = d.window[:copy(d.window, d.window[2*len(low):])]
	return d.up.Process(dst, d.wide)
}

func (d *g722Decoder) Close() {}
