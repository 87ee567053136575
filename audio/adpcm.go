package audio

// subband is the ADPCM of one half of G.722's band at 8 kHz: the quantiser's step and the predictor with two poles and
// six zeros. Encoder and decoder adapt both alike, from the codes alone (ITU-T G.722 section 3; the names in the
// comments are the recommendation's). All values are integers of 16 bits, fractions in units of 2^-15 or 2^-14 as
// section 6 has them.
type subband struct {
	step      int    // DET: by what the quantiser's levels are scaled
	logStep   int    // NB: its logarithm, in units of 2^-11
	shift     int    // of the step for a logStep of 0
	logMost   int    // the most of logStep
	predicted int    // S: the next sample as the predictor has it
	byZeros   int    // SZ: what the zeros add to that
	pole      [2]int // A
	zero      [6]int // B
	gap       [6]int // D: the last differences to what was predicted, the newest first
	last      int    // R: the last sample
	signs     [2]int // P: the last samples without the poles' part, of which the signs count
}

// lowBand and highBand are the halves at the beginning of a stream.
func lowBand() subband  { return subband{step: 32, shift: 8, logMost: 18432} }
func highBand() subband { return subband{step: 8, shift: 10, logMost: 22528} }

// adapt takes in one sample: the difference that its code stands for, and what the code does to the step.
func (b *subband) adapt(gap, change int, powers *[32]int) {
	b.logStep = min(max(b.logStep*127>>7+change, 0), b.logMost)
	power := powers[b.logStep>>6&31]
	if down := b.shift - b.logStep>>11; down >= 0 {
		b.step = power >> down << 2
	} else {
		b.step = power << -down << 2
	}

	sample, sign := bounded(b.predicted+gap), bounded(b.byZeros+gap)
	first := bounded(4 * b.pole[0])
	if alike(sign, b.signs[0]) {
		first = -first
	}
	second := min(first, 32767)>>7 + towards(alike(sign, b.signs[1]), 128) + b.pole[1]*32512>>15
	b.pole[1] = min(max(second, -12288), 12288)
	limit := bounded(15360 - b.pole[1])
	first = bounded(towards(alike(sign, b.signs[0]), 192) + b.pole[0]*32640>>15)
	b.pole[0] = min(max(first, -limit), limit)
	gain := 128
	if gap == 0 {
		gain = 0
	}
	for i, before := range b.gap {
		b.zero[i] = bounded(towards(alike(gap, before), gain) + b.zero[i]*32640>>15)
	}
	copy(b.gap[1:], b.gap[:])
	b.gap[0] = gap

	b.byZeros = 0
	for i, before := range b.gap {
		b.byZeros += b.zero[i] * bounded(2*before) >> 15
	}
	b.byZeros = bounded(b.byZeros)
	byPoles := b.pole[0]*bounded(2*sample)>>15 + b.pole[1]*bounded(2*b.last)>>15
	b.predicted = bounded(bounded(byPoles) + b.byZeros)
	b.last = sample
	b.signs = [2]int{sign, b.signs[0]}
}

// alike tells whether two values have the same sign; 0 has that of what is above it.
func alike(x, y int) bool { return x < 0 == (y < 0) }

// towards is by where up, else -by.
func towards(up bool, by int) int {
	if up {
		return by
	}
	return -by
}

// bounded clips to 16 bits.
func bounded(v int) int { return min(max(v, -32768), 32767) }

// adpcm has the tables of ITU-T G.722 section 6 and what stands in them.
type adpcm struct {
	mirror    [12]int // H: every second coefficient of the quadrature mirror filter; the others are the same backwards
	bounds    [30]int // Q6: where the low band's intervals begin; the last has no end
	fine      [64]int // QM6: the low band's values of all six bits, which are heard
	coarse    [16]int // QM4: those of the upper four, which both ends predict from
	lowSteps  [16]int // WL by code: what the upper four bits do to the step
	high      [4]int  // QM2: the high band's values
	highSteps [4]int  // WH by code
	powers    [32]int // ILB: 2^(11+i/32)
}

func newADPCM() *adpcm {
	return &adpcm{
		mirror: [12]int{3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11},
		bounds: [30]int{
			0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219,
			1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
		},
		fine: [64]int{
			-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360,
			-8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688,
			-1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192,
			6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432,
			-136,
		},
		coarse: [16]int{
			0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0,
		},
		lowSteps: [16]int{
			-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60,
		},
		high:      [4]int{-7408, -1616, 7408, 1616},
		highSteps: [4]int{798, -214, 798, -214},
		powers: [32]int{
			2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960,
			3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
		},
	}
}

// encodeLow returns the six bits of a sample of the low band.
func (t *adpcm) encodeLow(b *subband, sample int) byte {
	gap := bounded(sample - b.predicted)
	size := gap
	if gap < 0 {
		size = -gap - 1
	}
	i := 1
	for i < len(t.bounds) && size >= t.bounds[i]*b.step>>12 {
		i++
	}
	code := 62 - i
	switch {
	case gap < 0 && i <= 2:
		code = 64 - i
	case gap < 0:
		code = 34 - i
	}
	t.adaptLow(b, code)
	return byte(code)
}

func (t *adpcm) adaptLow(b *subband, code int) {
	upper := code >> 2
	b.adapt(t.coarse[upper]*b.step>>15, t.lowSteps[upper], &t.powers)
}

// encodeHigh returns the two bits of a sample of the high band.
func (t *adpcm) encodeHigh(b *subband, sample int) byte {
	gap := bounded(sample - b.predicted)
	size, code := gap, 3
	if gap < 0 {
		size, code = -gap-1, 1
	}
	if size >= 564*b.step>>12 {
		code--
	}
	t.adaptHigh(b, code)
	return byte(code)
}

func (t *adpcm) adaptHigh(b *subband, code int) {
	b.adapt(t.high[code]*b.step>>15, t.highSteps[code], &t.powers)
}

// decodeLow returns the sample of the low band that six bits stand for, which takes 15 bits.
func (t *adpcm) decodeLow(b *subband, code int) int16 {
	sample := b.predicted + t.fine[code]*b.step>>15
	t.adaptLow(b, code)
	return int16(min(max(sample, -16384), 16383))
}

// decodeHigh returns the sample of the high band that two bits stand for.
func (t *adpcm) decodeHigh(b *subband, code int) int16 {
	sample := b.predicted + t.high[code]*b.step>>15
	t.adaptHigh(b, code)
	return int16(min(max(sample, -16384), 16383))
}

// mirrorMemory is how many samples before a pair the quadrature mirror filter reaches.
const mirrorMemory = 22

// mirrored is the filter's two sums over a pair of samples, which stands last in window, and those before it.
func (t *adpcm) mirrored(window []int32) (even, odd int) {
	_ = window[mirrorMemory+1]
	for i, c := range t.mirror {
		even += c * int(window[2*i])
		odd += t.mirror[len(t.mirror)-1-i] * int(window[2*i+1])
	}
	return even, odd
}
