package dsp

import "math"

const (
	log2of10 = math.Ln10 / math.Ln2
	log2ofE  = 1 / math.Ln2

	floorBlocks = 8  // whose minima are kept
	floorBlock  = 20 // frames: 0.2 s
	// floorLeast and floorMost hold the floor between multiples of the least power of the last 1.6 s. The least of a
	// steady noise is about a third of its mean; a car that comes near is ten times as loud within that time.
	floorLeast, floorMost = 1.2, 40
	// floorPrior is the ratio of speech to noise that is expected where there is speech: 15 dB.
	floorPrior = 31.6
	// floorBabble is how much of the difference each frame takes away in a pause full of people who talk, whatever
	// stands out in it, and floorSilent how likely speech is where that ends.
	floorBabble, floorSilent = 0.05, 0.2
)

// noiseFloor follows the power of the noise in each bin: recursive averages controlled by the presence of speech
// (MCRA), with the fixed prior of Gerkmann and Hendriks ("Unbiased MMSE-based noise power estimation", IEEE TASL 20,
// 2012), held by the minimum statistics of the last 1.6 s on both sides.
type noiseFloor struct {
	noise    [voiceBins]float32
	smooth   [voiceBins]float32 // the power, over about five frames
	often    [voiceBins]float32 // how often there was speech
	least    [voiceBins]float32 // of smooth, in this block
	before   [floorBlocks][voiceBins]float32
	lowest   [voiceBins]float32 // of all of them
	block    int
	frames   int // of this block
	begun    bool
	presence [257]float32 // of speech, by 16 times the ratio of power to noise
}

func newNoiseFloor() noiseFloor {
	var f noiseFloor
	for i := range f.presence {
		f.presence[i] = float32(1 / (1 + (1+floorPrior)*math.Exp(-float64(i)/16*floorPrior/(1+floorPrior))))
	}
	return f
}

// follow takes the power of the next frame, in which somebody speaks with a likelihood of speech, and which is as much
// like people who talk elsewhere as babble says, 0 to 1.
func (f *noiseFloor) follow(power []float32, speech, babble float32) {
	if !f.begun {
		f.begun = true
		copy(f.noise[:], power)
		f.smooth, f.least, f.lowest = f.noise, f.noise, f.noise
		for i := range f.before {
			f.before[i] = f.noise
		}
	}
	rate := 0.2 * (1 - 0.8*speech)
	least := floorBabble * babble * max(0, 1-speech/floorSilent)
	for k, p := range power {
		f.smooth[k] += 0.2 * (p - f.smooth[k])
		s, n := f.smooth[k], f.noise[k]
		f.least[k] = min(f.least[k], s)
		f.lowest[k] = min(f.lowest[k], s)
		here := f.presence[int(min(256, 16*p/n))]
		f.often[k] += 0.1 * (here - f.often[k])
		if f.often[k] > 0.99 { // speech does not stay: what does is the noise
			here = min(here, 0.99)
		}
		n += max(least, rate*(1-here)) * (p - n)
		f.noise[k] = max(floorLeast*f.lowest[k], min(n, floorMost*f.lowest[k]))
	}
	if f.frames++; f.frames < floorBlock {
		return
	}
	f.frames = 0
	f.before[f.block] = f.least
	f.block = (f.block + 1) % floorBlocks
	f.least, f.lowest = f.smooth, f.smooth
	for i := range f.before {
		for k, l := range f.before[i] {
			f.lowest[k] = min(f.lowest[k], l)
		}
	}
}

const (
	// noisePause, noiseTalk and noiseFaint are how far, in dB at full strength, noise alone is lowered, what is heard
	// beside a voice that is up to 15 dB louder, and beside one that is 30 dB louder, which hides it. All bins of a
	// pause are lowered alike, so that nothing of it sings.
	noisePause, noiseTalk, noiseFaint = -22, -16, 0
	// noiseTalking and noiseIdle are the weights of the frame before in the a priori ratio of speech to noise
	// (decision-directed) while somebody speaks, and otherwise: quick for the voice, calm for the noise.
	noiseTalking, noiseIdle = 0.9, 0.93
	noiseLeast              = 0.003 // the smallest such ratio
	// noiseNear and noiseFar are how likely speech must be for a frame not to be taken for a pause, whatever stands out
	// in it: right after speech, where it is a word's weak end, and half a second later, where it is a key that is
	// struck. noiseClick is how far all of such a frame is lowered, in dB at full strength.
	noiseNear, noiseFar = 0.012, 0.08
	noiseClick          = -18

	lsaSteps, lsaLowest = 8, -14 // of the gain's table: steps for each doubling, and where it begins
)

// NoiseSuppressor lowers the noise in sound at 48 kHz, in frames of 10 ms. The clicks of keys are brought down to what
// is heard around them; then it is the spectral amplitude of least error in its logarithm (MMSE-LSA),
// decision-directed, weighed by the presence of speech in each bin (OM-LSA, Cohen and Berdugo 2001). Of a room full of
// people whose talk is 5 dB weaker than the speech it takes 11 dB, of one that is as loud 6: weak words are lowered
// with it there. To doubt more takes more of both. What comes out is 10 ms late. One goroutine uses it.
type NoiseSuppressor struct {
	voice    *Voice
	fft      *RealFFT
	window   []float32 // of what comes back, so that with the Voice's it adds up to one
	fade     []float32 // what is missing to one where it has just begun or ended
	overlap  []float32
	shaped   []float32
	spectrum []complex64
	strength float32 // 0 to 1
	running  bool

	clean  [voiceBins]float32 // the speech's power in the frame before
	ratio  [voiceBins]float32 // a priori
	smooth [voiceBins]float32 // of ratio
	sums   [voiceBins + 1]float32
	struck [voiceBins]float32       // what of the amplitude is no click's
	lsa    [20*lsaSteps + 1]float32 // log₂ of the gain beyond Wiener's
}

// NewNoiseSuppressor returns a NoiseSuppressor of the sound that voice hears: each frame goes to voice first. Its
// strength is 0.
func NewNoiseSuppressor(voice *Voice) *NoiseSuppressor {
	n := &NoiseSuppressor{
		voice: voice, fft: voice.fft, window: make([]float32, 2*voiceFrame), fade: make([]float32, voiceFrame),
		overlap: make([]float32, voiceFrame), shaped: make([]float32, voiceWindow),
		spectrum: make([]complex64, voiceBins),
	}
	for i := range n.window {
		s := math.Sin(math.Pi / 2 * (float64(i) + 0.5) / voiceFrame)
		n.window[i] = float32(s*s) / voice.window[voiceWindow-2*voiceFrame+i]
	}
	for i := range n.fade {
		c := math.Cos(math.Pi / 2 * (float64(i) + 0.5) / voiceFrame)
		n.fade[i] = float32(c * c)
	}
	for i := range n.lsa {
		n.lsa[i] = float32(0.5 * exponentialIntegral(math.Exp2(float64(i)/lsaSteps+lsaLowest)) / math.Ln2)
	}
	return n
}

// SetStrength says how much of the noise is taken: from 0, nothing, to 1, about 20 dB of it in a pause. At 0 the sound
// passes as it is, without delay, once a frame has faded from the one to the other.
func (n *NoiseSuppressor) SetStrength(strength float32) { n.strength = max(0, min(1, strength)) }

// Process cleans the frame that voice has heard last, in place.
func (n *NoiseSuppressor) Process(pcm []int16) {
	pcm = pcm[:voiceFrame]
	switch {
	case n.strength == 0 && !n.running:
		return
	case n.strength == 0: // from the late sound to the one of now
		n.running = false
		for i, s := range pcm {
			pcm[i] = Round16(n.overlap[i] + n.fade[len(pcm)-1-i]*float32(s))
		}
		clear(n.overlap)
		clear(n.clean[:])
		return
	}
	n.weigh()
	n.fft.Inverse(n.shaped, n.spectrum)
	back := n.shaped[voiceWindow-2*voiceFrame:]
	for i, x := range back {
		back[i] = x * n.window[i]
	}
	for i, s := range pcm {
		x := n.overlap[i] + back[i]
		if !n.running { // from the sound of now to the late one
			x = back[i] + n.fade[i]*float32(s)
		}
		pcm[i] = Round16(x)
	}
	copy(n.overlap, back[voiceFrame:])
	n.running = true
}

// weigh writes the spectrum of what is left.
func (n *NoiseSuppressor) weigh() {
	v := n.voice
	talk := max(min(1, float32(v.hang)/8), min(1, max(0, 2*v.steady-0.4)))
	memory := noiseIdle + (noiseTalking-noiseIdle)*talk
	noise := float32(0)
	for k, l := range v.floor.noise {
		if k >= voiceLow && k < voiceHigh {
			noise += l
		}
		above := max(0, min(1000, v.power[k]/l)-1)
		n.ratio[k] = max(noiseLeast, memory*n.clean[k]/l+(1-memory)*above)
		n.smooth[k] += 0.3 * (n.ratio[k] - n.smooth[k])
		n.sums[k+1] = n.sums[k] + min(n.smooth[k], 100)
	}
	const dB = log2of10 / 20 // of amplitude, as a power of two
	faint := max(0, min(1, (v.loudest-10/log2of10*log2(noise)-15)/15))
	beside := noiseTalk + (noiseFaint-noiseTalk)*faint
	lowest := n.strength * (noisePause + (beside-noisePause)*talk) * dB
	far := max(0, min(1, float32(v.idle-20)/30))
	open := max(talk, min(1, v.steady/(noiseNear+(noiseFar-noiseNear)*far)))
	shut := n.strength * noiseClick * dB
	never := 0.998 - (0.998-0.95)*talk // at most, speech is as unlikely as that
	v.clicks.leave(n.struck[:], n.strength)
	for k, c := range v.spectrum {
		gain, present := n.gain(k, never)
		estimate := exp2(gain)
		n.clean[k] = estimate * estimate * v.power[k]
		gain = max(lowest, present*gain+(1-present)*lowest)
		g := n.struck[k] * exp2(open*gain+(1-open)*shut)
		n.spectrum[k] = complex(g*real(c), g*imag(c))
	}
}

// gain is that of a bin in which there is speech, as a power of two, and how likely there is.
func (n *NoiseSuppressor) gain(k int, never float32) (gain, present float32) {
	ratio := n.ratio[k]
	wiener := ratio / (1 + ratio)
	x := max(1e-4, min(60, min(1000, n.voice.power[k]/n.voice.floor.noise[k])*wiener))
	gain = log2(wiener)
	at := (log2(x) - lsaLowest) * lsaSteps
	if i := int(at); i+1 < len(n.lsa) {
		gain += n.lsa[i] + (at-float32(i))*(n.lsa[i+1]-n.lsa[i])
	}
	absent := never
	if near := n.around(k, 1); near > 0 {
		absent = min(never, 1-near*n.around(k, 12))
	}
	present = 1
	if x < 20 { // above, nothing is left of what speaks against it
		present = 1 / (1 + absent/(1-absent+1e-6)*(1+ratio)*exp2(-log2ofE*x))
	}
	return min(0, gain), present
}

// around tells by the mean ratio of a bin and so many on each side whether there is speech: 0 below -10 dB, 1 above -5.
func (n *NoiseSuppressor) around(k, width int) float32 {
	from, to := max(0, k-width), min(voiceBins, k+width+1)
	switch mean := (n.sums[to] - n.sums[from]) / float32(to-from); {
	case mean < 0.1:
		return 0
	case mean < 0.3162:
		return (log2(mean) + log2of10) * (2 / log2of10)
	}
	return 1
}

// exponentialIntegral is the integral of exp(-t)/t from x on.
func exponentialIntegral(x float64) float64 {
	if x < 1 {
		const euler = 0.5772156649015329
		sum, term := -math.Log(x)-euler, 1.0
		for k := 1.0; k < 30; k++ {
			term *= -x / k
			sum -= term / k
		}
		return sum
	}
	fraction := 0.0
	for k := 60.0; k > 0; k-- {
		fraction = k / (1 + k/(x+fraction))
	}
	return math.Exp(-x) / (x + fraction)
}

// log2 is the logarithm of a positive number to within 0.004.
func log2(x float32) float32 {
	b := math.Float32bits(x)
	t := math.Float32frombits(b&0x7fffff|0x3f800000) - 1
	return float32(int32(b>>23)-127) + t + t*(1-t)*(0.404-0.127*t)
}

// exp2 is two to the power of x, between -120 and 120, to within 0.2 %.
func exp2(x float32) float32 {
	x = max(-120, min(120, x))
	n := int32(x)
	if float32(n) > x {
		n--
	}
	t := x - float32(n)
	return (1 + t - t*(1-t)*(0.3043+0.0777*t)) * math.Float32frombits(uint32(n+127)<<23)
}
