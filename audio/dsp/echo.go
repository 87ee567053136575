package dsp

import "math"

// By how many samples what comes out of an EchoCanceller, and of a NoiseSuppressor at work, is late.
const (
	EchoLate  = 2*splitReach + echoFrame
	NoiseLate = echoFrame
)

const (
	echoFrame = echoHop * splitRatio           // samples of a Frame at 48 kHz
	echoKept  = 128                            // hops of what was played that are kept: more than delay and filter
	echoSlack = 8                              // hops that what was played may be late …
	echoLost  = 50                             // … and for how many of the microphone's it may be later
	echoJump  = 16                             // hops that come at once when the microphone stood still
	echoQuiet = echoBins * 2 * echoHop * 1e-10 // power of a hop of what was played below which it is silence: -100 dBFS
	echoBad   = 30                             // hops with more left than was heard, after which the filter begins anew
	echoLevel = 0.98                           // so much of the powers of both is kept from hop to hop
	echoKnown = 50                             // hops after which these tell how much the echo can be
)

// EchoCanceller takes out of what a microphone hears what comes from the loudspeaker: up to 8 kHz by a filter that
// learns the way from the one to the other, and what is left by a suppressor, which alone works above. It finds out by
// itself how the loudspeaker distorts, by how much the echo is late, up to half a second, and by how much the clocks of
// the two devices differ.
//
// What comes out is 11.5 ms late. Without an echo it is what went in. One goroutine uses it.
type EchoCanceller struct {
	raw      []float32 // the Frame at work
	nearDown *decimator
	farDown  *decimator
	up       *raiser
	shifter  *shifter
	wide     []float32 // of what was played, before the shifter
	far      []float32 // of what was played, not yet a whole hop
	block    []float32 // the last two hops of it
	spectra  [][]complex64
	powers   [][]float32 // their squares
	none     []complex64
	nothing  []float32
	fft      *RealFFT
	x        [][]complex64 // the spectra for the filter's parts
	power    [][]float32

	// Hop n of the microphone was heard when hop n+even of what was played had been taken, or later; the echo in it
	// begins delay hops earlier.
	hops, even, delay int
	taken             int // hops of what was played
	late, lateFrom    int // hops in a row in which that was late; taken when they began
	loud              int // hops for which what was played is still in the filter
	bad               int
	played, heard     float32 // power of a hop, while something was played
	known             int     // hops of that

	filter     *echoFilter
	tail       *lateEcho
	bend       *bend
	guess      *echoGuess // nil: none
	finder     *delayFinder
	drift      *driftMeter
	jump       *jumpFinder
	suppressor *echoSuppressor

	low, echo, left, out []float32 // a hop each
	before               []float32 // the low of the hop before
	above                []float32 // the last samples at 48 kHz, EchoLate and a Frame
	high                 float32   // gain of what is above
}

// NewEchoCanceller returns an EchoCanceller that knows nothing of the room yet.
func NewEchoCanceller() *EchoCanceller {
	f := func(n int) []float32 { return make([]float32, n) }
	e := &EchoCanceller{
		raw:      f(echoFrame),
		nearDown: newDecimator(splitRatio, splitReach, echoFrame),
		farDown:  newDecimator(splitRatio, splitReach, echoFrame), up: newRaiser(echoHop), shifter: newShifter(echoHop),
		wide: make([]float32, 0, echoHop), far: make([]float32, 0, 3*echoHop), block: f(2 * echoHop),
		none: make([]complex64, echoBins), nothing: f(echoBins), fft: NewRealFFT(2 * echoHop),
		x: make([][]complex64, echoParts), power: make([][]float32, echoParts),
		filter: newEchoFilter(), tail: newLateEcho(), bend: newBend(), finder: newDelayFinder(), drift: newDriftMeter(),
		jump: newJumpFinder(), suppressor: newEchoSuppressor(),
		low: f(echoHop), echo: f(echoHop), left: f(echoHop), out: f(echoHop), before: f(echoHop),
		above: make([]float32, EchoLate, EchoLate+echoFrame), high: 1,
	}
	for range echoKept {
		e.spectra, e.powers = append(e.spectra, make([]complex64, echoBins)), append(e.powers, f(echoBins))
	}
	return e
}

// Reference takes what the loudspeaker's device has taken since the last call, at 48 kHz, as much as that is. It comes
// before the Process of what the microphone heard meanwhile.
func (e *EchoCanceller) Reference(pcm []int16) {
	for len(pcm) > 0 {
		n := min(len(pcm), echoFrame)
		e.wide = e.wide[:0]
		e.wide = e.farDown.process(e.wide, e.toFloat(pcm[:n]))
		e.far = e.shifter.process(e.far, e.wide)
		pcm = pcm[n:]
		for len(e.far) >= echoHop {
			e.take(e.far[:echoHop])
			e.far = e.far[:copy(e.far, e.far[echoHop:])]
		}
	}
}

// toFloat makes full amplitude 1.
func (e *EchoCanceller) toFloat(pcm []int16) []float32 {
	x := e.raw[:len(pcm)]
	for i, s := range pcm {
		x[i] = float32(s) * (1.0 / 32768)
	}
	return x
}

// take keeps the spectrum of a hop of what was played.
func (e *EchoCanceller) take(x []float32) {
	copy(e.block, e.block[echoHop:])
	e.bend.play(e.block[echoHop:], x, e.taken)
	e.finder.hear(x)
	at := e.taken % echoKept
	e.fft.Forward(e.spectra[at], e.block)
	var sum float32
	for k, v := range e.spectra[at] {
		e.powers[at][k] = square(v)
		sum += square(v)
	}
	e.taken++
	if sum > echoQuiet {
		e.loud = echoKept
		e.played = echoLevel*e.played + (1-echoLevel)*sum/2
		e.heard = echoLevel*e.heard + (1-echoLevel)*echoHop*energy(e.low)
		if e.known++; e.known == echoKnown {
			e.filter.bound(e.heard / e.played)
		}
		e.guess.know(e.known, e.heard/e.played)
	}
}

// Process takes the echo out of frame, 10 ms at 48 kHz of what the microphone heard.
func (e *EchoCanceller) Process(frame []int16) {
	e.low = e.nearDown.process(e.low[:0], e.toFloat(frame))
	e.hops++
	e.keepEven()
	if lag, found := e.finder.look(e.low, e.hops+e.even-e.taken); found {
		e.guessed()
		e.align(lag)
	}
	misfit := float32(0)
	if e.loud > 0 {
		e.loud--
		e.cancel()
		misfit = e.filter.misfit
	} else {
		clear(e.echo)
		clear(e.filter.spread)
		clear(e.tail.power)
	}
	e.suppressor.process(e.out, e.low, e.echo, e.filter.spread, e.tail.power, misfit)
	if later, found := e.jump.look(e.low, e.echo, &e.suppressor.agreement, e.finder); found {
		e.follow(later)
	}
	e.filter.calm = e.suppressor.agreement.hops > 0
	e.join(frame)
}

// keepEven follows how much was played by the time of this hop. Both devices deliver in bursts: what comes early counts
// as there from then on, and what is late by a few hops is waited for.
func (e *EchoCanceller) keepEven() {
	ahead := e.taken - (e.hops + e.even)
	switch {
	case ahead >= -echoSlack:
		e.late, e.lateFrom = 0, e.taken
	case e.late < echoLost:
		e.late++
	}
	if ahead <= 0 && e.late < echoLost {
		return
	}
	// The filter stays where it is in what was played, unless one of the devices stood still: then the echo comes as
	// much later than before.
	still := ahead > echoJump || ahead < 0 && e.taken-e.lateFrom < echoLost/2
	e.even += ahead
	if !still {
		e.delay = max(0, e.delay+ahead)
		e.guess.shift(-ahead)
	}
	e.late, e.lateFrom = 0, e.taken
	e.finder.reset()
}

// align moves the filter to where the echo begins, with a hop before it.
func (e *EchoCanceller) align(lag int) {
	if within := lag - e.delay*findHop; within >= findHop/2 && within < 6*findHop {
		return
	}
	delay := max(0, lag/findHop-1)
	e.filter.shift(delay - e.delay)
	e.delay = delay
	e.drift.reset()
}

// follow makes the echo come so many samples later, or earlier: by hops in what was played, and by the rest in the
// filter.
func (e *EchoCanceller) follow(later float64) {
	hops := max(int(math.Round(later/echoHop)), -e.delay)
	e.delay += hops
	e.filter.delay(later-float64(hops*echoHop), e.shifter)
	e.suppressor.agreement.moved()
	e.drift.reset()
}

// cancel finds the echo in this hop and learns from what is left.
func (e *EchoCanceller) cancel() {
	e.parts(e.x, e.power, e.delay)
	f := e.filter
	f.expect(e.echo, e.x, e.power)
	for i, v := range e.low {
		e.left[i] = v - e.echo[i]
	}
	f.adapt(e.left, e.x, e.power)
	if f.turn == 0 {
		e.tail.learn(f)
	}
	_, before := e.part(e.delay, echoParts)
	e.tail.expect(before)
	if n := e.hops + e.even - e.delay - 1 - f.main; n > 0 && n < e.taken && n-1 >= e.taken-echoKept {
		e.bend.learn(f, e.fft, e.x[f.main], n)
	}
	if e.guess != nil && e.try(e.guess) {
		return
	}
	if change := e.drift.look(f, f.sumEcho > 1e-5*echoBins && f.sumEcho > f.sumLeft); change != 0 {
		e.shifter.rate = min(max(e.shifter.rate+change, 1-driftMost), 1+driftMost)
	}
	// A filter that adds to what was heard has gone wrong.
	if energy(e.left) > 1.2*energy(e.low)+1e-6 {
		if e.bad++; e.bad == echoBad {
			e.bad = 0
			f.reset()
			f.bound(e.heard / e.played)
			e.drift.reset()
		}
	} else {
		e.bad = max(0, e.bad-1)
	}
}

// parts finds the spectra and powers of what was played for the parts of a filter that begins so many hops ago.
func (e *EchoCanceller) parts(x [][]complex64, power [][]float32, delay int) {
	for p := range x {
		x[p], power[p] = e.part(delay, p)
	}
}

// part is the same for part p.
func (e *EchoCanceller) part(delay, p int) (x []complex64, power []float32) {
	at := e.hops + e.even - delay - 1 - p
	if at < 0 || at >= e.taken || at < e.taken-echoKept {
		return e.none, e.nothing
	}
	return e.spectra[at%echoKept], e.powers[at%echoKept]
}

// join writes what is left to be heard: the band up to 8 kHz, and what there was above by the gain of the upper bins.
func (e *EchoCanceller) join(frame []int16) {
	e.above = append(e.above, e.raw...)
	// What is above is the whole less what is below, and both come by the same way up.
	step := (e.suppressor.high - e.high) / echoHop
	for i, v := range e.before {
		e.high += step
		e.out[i] -= e.high * v
		a := e.above[splitRatio*i:][:splitRatio]
		for k := range a {
			a[k] *= e.high
		}
	}
	copy(e.before, e.low)
	e.up.process(e.raw, e.out)
	for i, v := range e.raw {
		frame[i] = Round16((v + e.above[i]) * 32768)
	}
	e.above = e.above[:copy(e.above, e.above[echoFrame:])]
}
