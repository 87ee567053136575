package dsp

const (
	guessBefore = 3   // hops that a guess begins before the echo: devices are not as late each time
	guessLeast  = 6   // hops with an echo before it is judged …
	guessMost   = 300 // … and after which it is given up
	guessKept   = 0.8 // so much of what was left is kept from hop to hop
	guessBetter = 0.5 // part of what is heard, and of what the filter leaves, that a guess may leave to be taken for it
)

// echoGuess is a second filter that learns beside the first one, from where the echo was when it was measured. The
// canceller takes it for its own as soon as it leaves much less, and gives it up when it has found the echo by itself:
// a wrong guess costs some work for a while, and nothing that is heard.
type echoGuess struct {
	filter     *echoFilter
	delay      int // hops, as the canceller's
	x          [][]complex64
	power      [][]float32
	echo, left []float32
	hops       int     // with an echo
	own, other float32 // energy that this one and the canceller's own left, …
	heard      float32 // … and that was heard
}

// Expect tells where the echo probably begins, as it was measured: so many samples at 48 kHz after what was played. It
// comes before the first Reference.
func (e *EchoCanceller) Expect(samples int) {
	e.guess = &echoGuess{
		filter: newEchoFilter(), delay: max(0, samples/echoFrame-guessBefore),
		x: make([][]complex64, echoParts), power: make([][]float32, echoParts),
		echo: make([]float32, echoHop), left: make([]float32, echoHop),
	}
}

// know is told after so many hops what share of the power of what is played is heard: an echo that comes late is in it
// later.
func (g *echoGuess) know(hops int, share float32) {
	if g != nil && hops == echoKnown+g.delay {
		g.filter.bound(share)
	}
}

// shift moves what was learnt by so many hops: the guess itself stays where it was measured.
func (g *echoGuess) shift(n int) {
	if g != nil {
		g.filter.shift(n)
	}
}

// try goes on with a guess in this hop. It tells whether that is the canceller's filter from now on.
func (e *EchoCanceller) try(g *echoGuess) bool {
	e.parts(g.x, g.power, g.delay)
	g.filter.expect(g.echo, g.x, g.power)
	for i, v := range e.low {
		g.left[i] = v - g.echo[i]
	}
	g.filter.adapt(g.left, g.x, g.power)
	g.own = guessKept*g.own + energy(g.left)
	g.other = guessKept*g.other + energy(e.left)
	g.heard = guessKept*g.heard + energy(e.low)
	g.hops++
	switch {
	case g.fits() && g.own < guessBetter*g.other:
		e.adopt(g)
		return true
	case g.hops >= guessMost:
		e.guess = nil
		return false
	}
	// Until it is known which one is right, an echo may be where either of them has it.
	for k, v := range g.filter.spread {
		e.filter.spread[k] = max(e.filter.spread[k], v)
	}
	return false
}

// fits tells whether a guess takes much of what is heard: a filter that has just begun may well do harm.
func (g *echoGuess) fits() bool { return g.hops >= guessLeast && g.own < guessBetter*g.heard }

// guessed is told that the echo has been found: whichever filter leaves less is the one to go on with.
func (e *EchoCanceller) guessed() {
	if g := e.guess; g != nil && g.fits() && g.own < g.other {
		e.adopt(g)
	}
	e.guess = nil
}

// adopt makes a guess the canceller's filter.
func (e *EchoCanceller) adopt(g *echoGuess) {
	e.filter, e.delay, e.guess = g.filter, g.delay, nil
	e.echo, g.echo = g.echo, e.echo
	e.left, g.left = g.left, e.left
	e.bad = 0
	e.drift.reset()
}
