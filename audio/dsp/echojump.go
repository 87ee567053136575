package dsp

import "math"

const (
	agreeKeep  = 0.3  // so much of the agreement is kept from hop to hop
	agreeLeast = 5    // bands with an echo, counted double, from which on it tells something, …
	agreeAll   = 9    // … and from which on everything
	agreeBad   = 0.35 // agreement below which the echo that is expected is doubted …
	agreeNone  = 0.15 // … and at which it is worth nothing
	doubtKeep  = 0.6  // so much of a doubt remains in the next hop

	jumpKept   = findFar     // samples of the expected echo that are kept
	jumpWindow = 8 * echoHop // of the microphone's that are compared with it
	jumpLater  = 8 * echoHop // by which the echo may come later at most, and earlier by half of what is compared
	jumpLeast  = 4           // … and at least: less is a clock's or a room's matter
	jumpDoubt  = 0.5         // doubt that counts
	jumpFirst  = 3           // hops of doubt after which the echo is looked for elsewhere, …
	jumpEvery  = 2           // … and again, …
	jumpLast   = 9           // … until so many
	jumpClear  = 30          // power of the highest peak against the mean from which on it is one
	jumpBetter = 0.4         // part of what is left that the echo may leave elsewhere
	trustUp    = 0.05        // by so much of the difference trust grows with agreement in a hop, …
	trustDown  = 0.005       // … and falls: who talks takes less of it
	trustAfter = 0.9         // … and so much of it remains after a doubt that was for nothing
	trustLeast = 0.5         // of a filter that has known the room
	jumpFloor  = 1e-2        // of the mean amplitude of a bin, below which it tells no phase
)

// agreement tells whether the echo that is expected is in what the microphone hears: by how much of it is found there
// with its phase. A near talker adds to what is heard, and the echo still agrees; where the echo comes earlier or later
// than expected there is as much of it, and nothing agrees.
//
// An echo that has agreed for a while and does so no longer is doubted, for a while: then it has jumped, or the room is
// another one.
type agreement struct {
	with, of float32 // what agrees, and what is expected
	told     bool    // there is enough of an echo in this hop
	trust    float32 // how far it has agreed
	hops     int     // of doubt
	doubt    float32 // that the echo is as expected, 0 to 1
	wait     int     // hops that are not judged
}

// judge takes for all bands of a hop what agrees, and what is expected, each against both powers.
func (a *agreement) judge(with, of float32) {
	a.with = agreeKeep*a.with + (1-agreeKeep)*with
	a.of = agreeKeep*a.of + (1-agreeKeep)*of
	a.told = of > agreeLeast && a.wait == 0
	if a.wait > 0 {
		a.wait--
	}
	if !a.told {
		a.doubt *= doubtKeep
		return
	}
	share := max(a.with/a.of, with/of)
	doubt := (agreeBad - share) / (agreeBad - agreeNone) * (of - agreeLeast) / (agreeAll - agreeLeast)
	a.doubt = max(doubtKeep*a.doubt, min(doubt, 1))
	if up := share - a.trust; up > 0 {
		a.trust += trustUp * up
	} else {
		a.trust += trustDown * up
	}
	switch {
	case a.doubt < jumpDoubt:
		if a.hops > 0 { // for nothing
			a.trust *= trustAfter
		}
		a.hops = 0
	case a.hops == jumpLast: // another room, and not this one elsewhere
		a.hops, a.trust = 0, 0
	case a.hops > 0 || a.trust > trustLeast:
		a.hops++
	}
	if a.hops == 0 && a.trust <= trustLeast {
		a.doubt = 0
	}
}

// moved tells that the echo is expected elsewhere from now on.
func (a *agreement) moved() { a.with, a.of, a.hops, a.doubt, a.wait = 0, 0, 0, 0, 2 }

// jumpFinder finds by how much the echo comes earlier or later of a sudden, as it does when a device has run dry: the
// filter still knows the room and needs to be moved only.
type jumpFinder struct{ near, echo []float32 } // the last of what was heard, and of the echo that was expected

func newJumpFinder() *jumpFinder {
	return &jumpFinder{near: make([]float32, jumpWindow), echo: make([]float32, jumpKept)}
}

// look takes a hop of what was heard and of the echo that was expected in it. It tells by how many samples the echo is
// later than that. d lends its room for a transform.
func (j *jumpFinder) look(near, echo []float32, a *agreement, d *delayFinder) (later float64, found bool) {
	copy(j.near, j.near[echoHop:])
	copy(j.near[jumpWindow-echoHop:], near)
	copy(j.echo, j.echo[echoHop:])
	copy(j.echo[jumpKept-echoHop:], echo)
	if !a.told || a.hops < jumpFirst || (a.hops-jumpFirst)%jumpEvery != 0 {
		return 0, false
	}
	return j.compare(min(jumpWindow, (a.hops+1)*echoHop), d)
}

// compare looks for the echo in the last samples of the microphone.
func (j *jumpFinder) compare(window int, d *delayFinder) (later float64, found bool) {
	near := j.near[jumpWindow-window:]
	clear(d.block[:jumpKept-window])
	copy(d.block[jumpKept-window:], near)
	d.fft.Forward(d.nearSpec, d.block)
	copy(d.block, j.echo)
	clear(d.block[:window/2]) // which would seem to be the echo to come
	d.fft.Forward(d.farSpec, d.block)
	var mean float32
	for k, v := range d.nearSpec {
		c := across(v, d.farSpec[k])
		d.nearSpec[k] = c
		mean += square(c)
	}
	floor := jumpFloor*float32(math.Sqrt(float64(mean/float32(len(d.nearSpec))))) + 1e-12
	for k, v := range d.nearSpec {
		flat := 1 / (float32(math.Sqrt(float64(square(v)))) + floor)
		d.nearSpec[k] = complex(real(v)*flat, imag(v)*flat)
	}
	d.fft.Inverse(d.block, d.nearSpec)
	value := func(lag int) float32 { return d.block[(lag+jumpKept)%jumpKept] }
	at, top := 0, float32(0)
	for lag := -window / 2; lag <= jumpLater; lag++ {
		if v := value(lag); v > top {
			at, top = lag, v
		}
	}
	if at > -jumpLeast && at < jumpLeast || top*top*jumpKept < jumpClear*energy(d.block) ||
		j.left(window, at) > jumpBetter*j.left(window, 0) {
		return 0, false
	}
	// Between samples the peak is about a parabola's.
	before, after := value(at-1), value(at+1)
	return float64(at) + float64((after-before)/(2*(2*top-before-after)+1e-12)), true
}

// left is the power in the last samples of the microphone without the echo, if that comes so much later.
func (j *jumpFinder) left(window, later int) (sum float32) {
	n := window - max(0, -later)
	echo := j.echo[jumpKept-window-later:]
	for i, v := range j.near[jumpWindow-window:][:n] {
		v -= echo[i]
		sum += v * v
	}
	return sum / float32(n)
}

// delay makes the echo come so many samples later in the filter, or earlier. s lends how to weigh what is between
// samples.
func (f *echoFilter) delay(later float64, s *shifter) {
	const row = 2 * shiftReach
	whole := math.Floor(-later)
	taps := s.taps[int((-later-whole)*shiftPhases+0.5)*row:][:row]
	for p, w := range f.w {
		f.fft.Inverse(f.sound, w)
		copy(f.response[shiftReach+p*echoHop:], f.sound[:echoHop])
	}
	for p, w := range f.w {
		clear(f.sound)
		for i := range f.sound[:echoHop] {
			from := p*echoHop + i + int(whole) + 1
			if from < 0 || from+row > len(f.response) {
				continue
			}
			for k, v := range f.response[from:][:row] {
				f.sound[i] += taps[k] * v
			}
		}
		f.fft.Forward(w, f.sound)
	}
}
