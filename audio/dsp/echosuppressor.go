package dsp

import "math"

const (
	restBands = 20   // neighbouring bins that are learnt together, in wider bands the higher they are
	restDecay = 0.75 // of the echo's power from hop to hop, where no more comes: 60 dB in half a second
	restUp    = 1.01 // by which a band's share grows in a hop with more left than it says, …
	restDown  = 0.95 // … and shrinks in one with less
	restFar   = 8    // so many times more than it says is a near talker, …
	restSlow  = 0.1  // … from whom the share learns only so much
	restMost  = 1
	restLeast = 1e-4

	nearMost = 20   // so much of a band's power against the echo's rest counts, so that no band decides alone
	nearFrom = 2.4  // mean over the bands up to which nobody is near
	nearFall = 1.86 // power of that by which less is taken out from there on
	overMost = 40   // times that the rest is taken for, where nobody is near, …
	overNone = 1    // … and where somebody is

	echoKeep  = 0.6  // share of the last hop in the signal-to-echo ratio
	echoLeast = 0.01 // -40 dB
)

// echoSuppressor lowers what the filter leaves of the echo, in each frequency where no near talker covers it.
//
// How much is left is learnt in bands: the power of what is left against that of the echo that is expected, against how
// unsure the filter is, and against the echo that comes later than it is long. Each figure goes down quickly and up
// slowly, so that a near talker hardly raises it: it is that of the moments in which he is silent. When the filter no
// longer fits the room they go up at once; and all of the echo is left that is not where it was expected.
type echoSuppressor struct {
	fft      *RealFFT
	window   []float32
	in, echo []float32 // the last two hops
	block    []float32
	inSpec   []complex64
	echoSpec []complex64
	left     []complex64
	tail     []float32 // power of the echo that is expected, with its decay
	rest     []float32 // power of the echo that is left
	clean    []float32 // power of the last hop that was let through
	gain     []float32
	bands    [restBands]restBand
	over     float32   // the rest is taken for so many times as much
	overlap  []float32 // the half of the last block that is still to be added
	comfort  comfortNoise

	agreement agreement

	high float32 // gain of what is above the bins
}

// restBand is some neighbouring bins.
type restBand struct {
	from, to           int
	echo, unsure, late float32 // the share of each that is left
}

func newEchoSuppressor() *echoSuppressor {
	f := func() []float32 { return make([]float32, echoBins) }
	c := func() []complex64 { return make([]complex64, echoBins) }
	s := &echoSuppressor{
		fft: NewRealFFT(2 * echoHop), window: make([]float32, 2*echoHop),
		in: make([]float32, 2*echoHop), echo: make([]float32, 2*echoHop), block: make([]float32, 2*echoHop),
		inSpec: c(), echoSpec: c(), left: c(), tail: f(), rest: f(), clean: f(), gain: f(),
		over: overNone, overlap: make([]float32, echoHop), comfort: newComfortNoise(), high: 1,
	}
	for i := range s.window {
		s.window[i] = float32(math.Sin(math.Pi * (float64(i) + 0.5) / (2 * echoHop)))
	}
	for b := range s.bands {
		s.bands[b] = restBand{from: restEdge(b), to: restEdge(b + 1), echo: 0.3, unsure: 1, late: 1}
	}
	return s
}

// restEdge is where band b begins, of bands that grow wider.
func restEdge(b int) int {
	x := float64(b) / restBands
	return int(math.Round(echoBins * (0.6*x + 0.4*x*x*x)))
}

// process takes a hop of what the microphone heard and of the echo that was expected in it, the variance of that, the
// power of the echo that comes later than the filter is long, and how little the filter fits. It writes what is to be
// heard of the hop before into out.
func (s *echoSuppressor) process(out, in, echo, spread, late []float32, misfit float32) {
	s.analyse(s.inSpec, s.in, in)
	s.analyse(s.echoSpec, s.echo, echo)
	for k, v := range s.inSpec {
		s.left[k] = v - s.echoSpec[k]
		s.tail[k] = max(square(s.echoSpec[k]), restDecay*s.tail[k])
	}
	s.agree()
	s.estimate(spread, late, misfit)
	s.weigh()
	s.comfort.learn(s.left, s.gain)
	for k, g := range s.gain {
		v := complex(g*real(s.left[k]), g*imag(s.left[k]))
		if g < 0.99 { // never more than was heard
			v += s.comfort.draw(k, 1-g*g, square(s.inSpec[k])-square(v))
		}
		s.left[k] = v
	}
	s.fft.Inverse(s.block, s.left)
	for i := range out {
		out[i] = s.overlap[i] + s.block[i]*s.window[i]
		s.overlap[i] = s.block[echoHop+i] * s.window[echoHop+i]
	}
}

// analyse writes the spectrum of the last two hops.
func (s *echoSuppressor) analyse(spectrum []complex64, past, x []float32) {
	copy(past, past[echoHop:])
	copy(past[echoHop:], x)
	for i, w := range s.window {
		s.block[i] = past[i] * w
	}
	s.fft.Forward(spectrum, s.block)
}

// agree finds how far what is heard agrees with the echo. Each band counts by how much of it is echo.
func (s *echoSuppressor) agree() {
	var with, of float32
	for i := range s.bands {
		b := &s.bands[i]
		both := 1e-6 * float32(b.to-b.from)
		var same, echo float32
		for k := b.from; k < b.to; k++ {
			same += real(across(s.inSpec[k], s.echoSpec[k]))
			echo += square(s.echoSpec[k])
			both += square(s.inSpec[k])
		}
		with += same / (both + echo)
		of += echo / (both + echo)
	}
	s.agreement.judge(with, of)
}

// estimate learns how much echo is left.
func (s *echoSuppressor) estimate(spread, late []float32, misfit float32) {
	up := restUp + max(0, misfit-0.1)
	var near, weight float32
	for i := range s.bands {
		b := &s.bands[i]
		var left, echo, unsure, tail, rest, noise float32
		for k := b.from; k < b.to; k++ {
			left += square(s.left[k])
			echo += s.tail[k]
			unsure += spread[k] / 2
			tail += late[k] / 2
		}
		quiet := 1e-6 * float32(b.to-b.from)
		if echo+unsure > quiet {
			follow(&b.echo, left, echo, up)
			follow(&b.unsure, left, unsure, up)
		}
		if tail > quiet {
			follow(&b.late, left, tail, restUp)
		}
		for k := b.from; k < b.to; k++ {
			s.rest[k] = b.late*late[k]/2 +
				max(b.echo*s.tail[k], b.unsure*spread[k]/2, s.agreement.doubt*s.tail[k])
			rest += s.rest[k]
			noise += s.comfort.floor[k]
		}
		w := root(left) // a band with nothing in it tells little
		near += w * min(left/(rest+4*noise+1e-9), nearMost)
		weight += w
	}
	// Where what is left is little more than the echo's rest, nobody talks, and nothing is spoilt by taking out more.
	over := float32(overMost)
	if mean := near / (weight + 1e-9); mean > nearFrom {
		over = max(overNone, overMost*float32(math.Pow(float64(mean/nearFrom), -nearFall)))
	}
	s.over = min(over, s.over+(over-s.over)*0.3)
}

// follow brings the share nearer to left/of.
func follow(share *float32, left, of, up float32) {
	switch {
	case left > restFar*(*share)*of && up == restUp:
		*share = min(*share*(1+(up-1)*restSlow), restMost)
	case left > *share*of:
		*share = min(*share*up, restMost)
	default:
		*share = max(*share*restDown, restLeast)
	}
}

// weigh finds the gain of each bin by Ephraim's and Malah's way, directed by the decision of the hop before.
func (s *echoSuppressor) weigh() {
	var through, heard float32
	for k, v := range s.left {
		power, rest := square(v), s.over*s.rest[k]+1e-12
		ratio := echoKeep*s.clean[k]/rest + (1-echoKeep)*max(power/rest-1, 0)
		g := max(ratio/(1+ratio), echoLeast)
		if in := square(s.inSpec[k]); g*g*power > in {
			g = float32(math.Sqrt(float64(in / power)))
		}
		s.gain[k], s.clean[k] = g, g*g*power
		if k > echoBins/2 {
			through += g * g * power
			heard += power
		}
	}
	s.high = float32(math.Sqrt(float64((through + 1e-12) / (heard + 1e-12))))
}

// comfortNoise is noise like that of the room, for where the suppressor would leave silence. It is what is heard at the
// quietest: a bin follows it down at once, and up slowly, while there is no echo in it.
type comfortNoise struct {
	smooth, floor []float32
	hops          int
	seed          uint32
}

const (
	comfortFirst = 30     // hops without comfort noise, in which the first floor is found
	comfortKeep  = 0.9    // so much of a bin's power is kept from hop to hop
	comfortUp    = 1.0023 // 1 dB in a second
	comfortAbove = 1.5    // the mean of noise against the least of its smoothed power
)

func newComfortNoise() comfortNoise {
	return comfortNoise{smooth: make([]float32, echoBins), floor: make([]float32, echoBins), seed: 1}
}

// learn takes what was heard without the echo, and by how much the suppressor lowers it.
func (c *comfortNoise) learn(spectrum []complex64, gain []float32) {
	c.hops++
	for k, v := range spectrum {
		c.smooth[k] = comfortKeep*c.smooth[k] + (1-comfortKeep)*square(v)
		switch now := comfortAbove * c.smooth[k]; {
		case c.hops == comfortFirst/2, now < c.floor[k]:
			c.floor[k] = now
		case gain[k] > 0.9:
			c.floor[k] = min(c.floor[k]*comfortUp, now)
		}
	}
}

// draw is this share of the noise's power in bin k, and no more than most.
func (c *comfortNoise) draw(k int, share, most float32) complex64 {
	if c.hops < comfortFirst {
		return 0
	}
	amplitude := float32(math.Sqrt(float64(max(0, min(share*c.floor[k], most)))))
	// Two values between ±√1.5 have the power 1.
	random := func() float32 {
		c.seed = c.seed*1664525 + 1013904223
		return float32(int32(c.seed)) * (1.2247449 / (1 << 31))
	}
	re := random()
	return complex(amplitude*re, amplitude*random())
}

// root is the 16th root.
func root(x float32) float32 {
	return float32(math.Sqrt(math.Sqrt(math.Sqrt(math.Sqrt(float64(x))))))
}
