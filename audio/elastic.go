package audio

const (
	// elasticRoom is how many Frames an elastic holds.
	elasticRoom = 30
	// How much lies in an elastic when it is first read, beside what is read: what a loudspeaker takes at once, a
	// quarter of a packet more whenever it was not enough, up to what sound servers deliver in two bursts, and less
	// when for elasticCalm reads that much was never needed.
	elasticFirst = PacketFrames * FrameSamples
	elasticMost  = 10 * FrameSamples
	elasticCalm  = 250 // packets: 5 s
	// elasticOfRecorder is how much a recording keeps at first: nobody waits for it, and a gap would stay for ever.
	elasticOfRecorder = 6 * FrameSamples
)

// elastic carries sound from a goroutine that keeps one clock to a goroutine that keeps another: the loudspeaker's and
// the microphone's. It keeps as little as the two need to not run dry; where one clock is faster, 10 ms are left out
// now and then, or silence is put in, with a cross-fade. One goroutine adds, one reads; neither ever waits.
type elastic struct {
	ring *Ring

	// the reader's
	keep    int  // samples that lie in it at least, once it has been read
	filling bool // silence is given until there is level
	level   int  // samples to keep
	least   int  // the fewest that were left since the last look
	reads   int  // since then
	spare   []int16
}

func newElastic(keep int) *elastic {
	return &elastic{
		ring: NewRing(elasticRoom), filling: true, keep: keep, level: keep, least: elasticRoom * FrameSamples,
		spare: make([]int16, FrameSamples),
	}
}

// Add implements Sink. What there is no room for, as nobody reads, is lost.
func (e *elastic) Add(frame Frame) { e.ring.Write(frame) }

// read fills pcm, which is at least one Frame long.
func (e *elastic) read(pcm []int16) {
	n := e.ring.Len()
	if e.filling {
		if n < len(pcm)+e.level {
			clear(pcm)
			return
		}
		e.ring.Discard(n - len(pcm) - e.level)
		e.ring.Read(pcm)
		e.filling = false
		e.look()
		for i := range stretchFade {
			pcm[i] = fade(0, pcm[i], i, stretchFade)
		}
		return
	}
	got := e.ring.Read(pcm)
	if got < len(pcm) {
		e.dry(pcm, got)
		return
	}
	e.least = min(e.least, n-got)
	e.reads++
	switch most := e.level + elasticMost; {
	case n-got > most: // the reader stood still, or begins
		e.skip(pcm, n-got-e.level)
	case e.reads < elasticCalm:
		return
	case e.least >= e.keep+FrameSamples/2: // more than was ever needed
		e.skip(pcm, e.least-e.keep+FrameSamples/2)
	case e.least >= FrameSamples/2 && e.level > e.keep:
		e.level -= FrameSamples / 2
	}
	e.look()
}

// look begins to watch anew how much is left.
func (e *elastic) look() { e.least, e.reads = elasticRoom*FrameSamples, 0 }

// dry ends what came in time softly, and keeps more from now on.
func (e *elastic) dry(pcm []int16, got int) {
	clear(pcm[got:])
	for i := range min(got, stretchFade) {
		at := got - min(got, stretchFade) + i
		pcm[at] = fade(pcm[at], 0, i, stretchFade)
	}
	e.filling = true
	e.level = min(e.level+FrameSamples/2, elasticMost)
	e.look()
}

// skip leaves n samples out, a Frame at least: the end of pcm fades into what lies that much later.
func (e *elastic) skip(pcm []int16, n int) {
	e.ring.Discard(n - FrameSamples)
	e.ring.Read(e.spare)
	from, to := pcm[len(pcm)-stretchFade:], e.spare[FrameSamples-stretchFade:]
	for i := range from {
		from[i] = fade(from[i], to[i], i, stretchFade)
	}
}
