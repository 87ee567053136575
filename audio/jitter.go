package audio

import (
	"slices"
	"time"
)

// DelayLimits bounds the delay that a JitterBuffer adds.
type DelayLimits struct {
	Min time.Duration // 0: LeastDelay
	Max time.Duration // 0: MostDelay
}

const (
	jitterSlots = 256 // packets that can wait: 5 s of 20 ms
	slackWindow = 50  // packets that the delay in effect is taken from, at most: 1 s of 20 ms
	slackLeast  = 5   // and at least, before it is lowered
	// againMost is how late a frame that comes again may be for the delay to grow to it.
	againMost = 100 * time.Millisecond
	// pauseAfter is how long nothing may come before the buffer is filled anew before it plays.
	pauseAfter = 60 * time.Millisecond
	// jumpAfter is how far a packet's time may be off before it is taken for a new stream.
	jumpAfter = 2 * time.Second
	// leastOfPacket is how little of a late packet is still played, in samples: 2.5 ms.
	leastOfPacket = SampleRate * 25 / 10000
	// pastDecoded is how long ago a packet's time may have been, in samples, for its decoding to matter to others.
	pastDecoded = SampleRate / 5
	// sourceSilent is how long a source says nothing until one that it took over from is heard again: that may have
	// gone on all the time.
	sourceSilent = 150 * time.Millisecond
	// A stream begins again where so many packets came one after the other, with numbers from before, at their pace:
	// what the network has held up comes at once, or with later ones in between.
	anewAfter = 4
	anewPace  = 10 * time.Millisecond
	// skipAfter is how much more delay than wanted makes missing sound be left out instead of made up.
	skipAfter = 60 * time.Millisecond
)

// LeastDelay and MostDelay are what a JitterBuffer adds at least and at most, where nobody bounds it otherwise. The
// least is as late as a machine that has something else to do may notice a packet, or want sound.
const (
	LeastDelay = 10 * time.Millisecond
	MostDelay  = 500 * time.Millisecond
)

// JitterStats is the figures of a JitterBuffer.
type JitterStats struct {
	Received   uint64 // packets, all that came
	Lost       uint64 // packets that never came, or came too late
	Late       uint64 // of the lost: came after their time
	Duplicates uint64
	Rescued    uint64 // packets that did not come, but whose frame came again in time (RFC 2198)
	Skipped    uint64 // packets dropped at the beginning, when more had come than is wanted
	Resets     uint64 // new streams: another SSRC, or a jump in time

	Played    uint64 // samples at SampleRate, all
	Concealed uint64 // of those, made up because nothing had come
	Recovered uint64 // of those, of packets that never came: rebuilt from, or carried again by, a later one
	Removed   uint64 // samples taken out to lower the delay
	Inserted  uint64 // samples put in to raise it

	Target  time.Duration // delay wanted now
	Current time.Duration // delay in effect: of the fastest packet
	Waited  time.Duration // what those heard waited here, in the mean; the later they came, the less
}

// JitterBuffer holds received packets until they are due and decides, each time the playing side
// wants sound, what it gets: a packet, the concealment of a lost one, or more of nothing yet.
//
//	           Put              delay of the next packet ≥ target
//	[empty] ────────→ [filling] ─────────────────────────────────→ [playing] ⟲ packet, lost, late
//	                      ↑          nothing came for pauseAfter        │
//	                      └─────────────────────────────────────────────┘
//	any state: another SSRC, a jump in time or sequence, Break → empty, then as new
//
// While it plays, the sound has a timeline, on which each packet has its slot, and the delay is how much later that is
// than the fastest packet of the last seconds would have allowed. What is made up while a packet is missing counts as
// played. What becomes of the packet when it comes all the same:
//
//	in its slot      the rest of it is played, and nothing moves
//	after its slot   it is decoded for what follows, and not heard
//	and the delay is too little: the timeline waits for the packet, until the delay is right or all of it is played
//
// So jitter stretches the sound only where more delay is wanted anyhow, and each time by what was made up already. In
// the pauses of a sender that sends nothing then, the timeline moves either way and unheard.
//
// How much delay is wanted, and whether it is worth a change, lateness says. What is left to be changed is taken out
// of, or put into, the sound (Adjust). That also absorbs the drift between the sender's clock and the playing device's.
//
// It does no decoding and starts no goroutine; its user keeps the calls apart. In the steady state it
// allocates nothing.
type JitterBuffer struct {
	rate     int64 // of the timestamps, hertz
	min, max time.Duration
	// rebuilds tells how much of the sound before it a payload carries as well, in samples; nil: none does.
	rebuilds func(payload []byte) int
	// interpolates tells that what is missing is made up better where the packet after it is here.
	interpolates bool

	slots   [jitterSlots]jitterSlot
	state   jitterState
	ssrc    uint32
	epoch   time.Time
	topSeq  int64 // extended sequence number of the newest packet, and its timestamp
	topTime int64
	next    int64 // extended sequence number to be played next
	due     int64 // extended timestamp of the next sample

	lastSamples int    // of the last packet played
	skipped     int    // of those, not heard
	bursts      bursts // of Frames that are wanted at once
	ready       int    // samples that are heard before what comes next
	waited      int64  // samples made up since due
	counted     int64  // of those, already in stats.Concealed
	silent      int64  // of those, of silence that may have been a pause of the sender's
	resting     bool   // the last packet was comfort noise: the far end makes a pause

	late      lateness
	slack     [slackWindow]time.Duration // delays of the last packets played; the least is in effect
	slackN    int
	stats     JitterStats
	delayed   time.Duration // smoothed delay
	waits     time.Duration // of all packets heard
	heard     int64         // how many these are
	restarted bool
	again     bool // the packet last taken is one that came again

	came  time.Time  // the last packet of ssrc
	left  [16]uint32 // sources that another one took over from, in turn
	lefts int
	// Packets that came one after the other, numbered from before what has been played, and nothing newer.
	older      int
	olderNext  int64 // the number after the last one
	olderSince time.Time
	ticking    ticking
}

type jitterState int

const (
	jitterEmpty jitterState = iota
	jitterFilling
	jitterPlaying
)

type jitterSlot struct {
	seq     int64
	time    int64
	full    bool
	again   bool // of a later packet
	noise   bool
	came    time.Time
	payload []byte
}

// NewJitterBuffer returns an empty JitterBuffer for RTP timestamps of clockRate hertz.
func NewJitterBuffer(clockRate int, limits DelayLimits) *JitterBuffer {
	b := &JitterBuffer{rate: int64(clockRate), min: limits.Min, max: limits.Max}
	if b.min <= 0 {
		b.min = LeastDelay
	}
	if b.max <= 0 {
		b.max = MostDelay
	}
	b.max = max(b.max, b.min)
	b.late.target = b.min
	b.lastSamples = PacketSamples
	return b
}

// SetClockRate begins anew with another clock: what waits is dropped.
func (b *JitterBuffer) SetClockRate(clockRate int) {
	b.rate = int64(clockRate)
	b.forget()
}

// forget empties the buffer; the figures stay.
func (b *JitterBuffer) forget() {
	for i := range b.slots {
		b.slots[i].full = false
		b.slots[i].seq = -1
	}
	b.state = jitterEmpty
	b.late.forget()
	b.slackN, b.delayed = 0, 0
	b.waited, b.counted, b.silent, b.older = 0, 0, 0, 0
	b.resting = false
}

// Break ends the stream for a time in which nothing is to be heard, as on hold: what waits is dropped, and nothing is
// missed until the next packet, which begins another one. What was made up since the last packet was none of the
// sound: the far end had stopped already.
func (b *JitterBuffer) Break() {
	b.stats.Concealed -= uint64(b.counted)
	b.forget()
}

// begin makes p the first packet of a stream.
func (b *JitterBuffer) begin(p *Packet) {
	if b.stats.Received > 0 {
		b.stats.Resets++
	}
	b.forget()
	b.state = jitterFilling
	b.restarted = true
	b.ssrc = p.SSRC
	b.epoch = p.Arrival
	// Extended numbers begin high enough to count backwards from.
	b.topSeq = 1<<20 + int64(p.Sequence)
	b.topTime = 1<<40 + int64(p.Timestamp)
	b.next, b.due = b.topSeq, b.topTime
}

// Put takes a packet from the network.
func (b *JitterBuffer) Put(p Packet) {
	if p.Again {
		b.putAgain(&p)
		return
	}
	switch {
	case b.state == jitterEmpty:
		b.begin(&p)
	case p.SSRC == b.ssrc:
	case b.takesOver(&p):
		b.begin(&p)
	default:
		b.stats.Received++
		return
	}
	b.came = p.Arrival
	seq, at := b.extend(&p)
	off := b.underway(&p, at) - b.late.base
	jumped := b.late.n > 0 && (off > jumpAfter || off < -jumpAfter)
	straggler := seq < b.next && seq > b.next-1000
	if seq-b.next >= jitterSlots || seq <= b.next-1000 || jumped && !straggler || b.anew(seq, p.Arrival) ||
		b.ticksOtherwise(seq, at, p.Arrival) {
		b.begin(&p)
		seq, at = b.extend(&p)
	}
	b.stats.Received++
	slot := &b.slots[seq%jitterSlots]
	if slot.seq == seq {
		b.stats.Duplicates++
		return
	}
	if !jumped || !straggler {
		b.observe(&p, seq, at)
	}
	if seq < b.next {
		if !b.restarted {
			b.stats.Late++
			return
		}
		b.next = seq // nothing has played yet: this is the true beginning
	}
	b.keep(slot, seq, at, &p)
}

// takesOver tells whether another source is heard from now on. Who changes its source leaves the one before.
func (b *JitterBuffer) takesOver(p *Packet) bool {
	if slices.Contains(b.left[:min(b.lefts, len(b.left))], p.SSRC) && p.Arrival.Sub(b.came) < sourceSilent {
		return false
	}
	b.left[b.lefts%len(b.left)] = b.ssrc
	b.lefts++
	return true
}

// anew tells whether the stream has begun again, with numbers from before.
func (b *JitterBuffer) anew(seq int64, arrival time.Time) bool {
	if seq >= b.next || b.restarted {
		b.older = 0
		return false
	}
	if b.older == 0 || seq != b.olderNext {
		b.older, b.olderSince = 0, arrival
	}
	b.older++
	b.olderNext = seq + 1
	return b.older >= anewAfter && arrival.Sub(b.olderSince) >= time.Duration(b.older-1)*anewPace
}

// ticksOtherwise takes the step from the newest packet to one that is newer, and tells whether the far end's clock is
// another one than its format has.
func (b *JitterBuffer) ticksOtherwise(seq, at int64, arrival time.Time) bool {
	if seq <= b.topSeq || b.heard == 0 {
		return false
	}
	clock := b.ticking.clock(seq-b.topSeq, at-b.topTime, int64(b.lastSamples), arrival, b.rate)
	if clock == b.rate {
		return false
	}
	b.rate = clock
	return true
}

// putAgain takes a frame that came again. One that was missed tells how late help comes, in time or not, so that the
// delay grows to what it takes.
func (b *JitterBuffer) putAgain(p *Packet) {
	if b.state == jitterEmpty || b.restarted || p.SSRC != b.ssrc {
		return
	}
	seq, at := b.extend(p)
	slot := &b.slots[seq%jitterSlots]
	if slot.seq >= seq || seq-b.next >= jitterSlots || seq <= b.next-jitterSlots {
		return
	}
	under := b.underway(p, at)
	if late := under - b.late.base; late >= 0 && late <= againMost {
		b.late.add(under, p.Arrival)
		b.late.weigh(b.min, b.max, duration(int64(b.lastSamples)))
	}
	if seq >= b.next {
		b.keep(slot, seq, at, p)
	} else if !slot.full {
		slot.seq = seq // its packet, should it come, and a later copy tell nothing more
	}
}

// keep puts a packet into its slot.
func (b *JitterBuffer) keep(slot *jitterSlot, seq, at int64, p *Packet) {
	slot.seq, slot.time, slot.full, slot.again, slot.noise, slot.came = seq, at, true, p.Again, p.Noise, p.Arrival
	slot.payload = append(slot.payload[:0], p.Payload...)
	if seq > b.topSeq {
		b.topSeq, b.topTime = seq, at
	}
}

// extend unwraps sequence number and timestamp against the newest packet's (RFC 3550 appendix A.1).
func (b *JitterBuffer) extend(p *Packet) (seq, at int64) {
	seq = b.topSeq + int64(int16(p.Sequence-uint16(b.topSeq)))
	at = b.topTime + int64(int32(p.Timestamp-uint32(b.topTime)))
	return seq, at
}

// underway is how long a packet took, up to a constant.
func (b *JitterBuffer) underway(p *Packet, at int64) time.Duration {
	return p.Arrival.Sub(b.epoch) - b.ticks(at-1<<40)
}

func (b *JitterBuffer) ticks(n int64) time.Duration {
	return time.Duration(n/b.rate)*time.Second + time.Duration(n%b.rate)*time.Second/time.Duration(b.rate)
}

// observe takes one packet's time under way into the target, and that of a lost one before it, which it brings, or
// without which that is made up worse.
func (b *JitterBuffer) observe(p *Packet, seq, at int64) {
	before, known := b.late.base, b.late.n > 0
	under := b.underway(p, at)
	if seq == b.topSeq+1 && known && under < before-latenessJump {
		b.late.begin() // no way is that much shorter from one packet to the next
	}
	b.late.add(under, p.Arrival)
	if before := &b.slots[(seq-1)%jitterSlots]; seq > b.topSeq+1 && before.seq != seq-1 {
		n := b.carries(p.Payload)
		if b.interpolates {
			n = int64(b.lastSamples)
		}
		if n > 0 {
			b.late.add(b.underway(p, at-n*b.rate/SampleRate), p.Arrival)
		}
	}
	b.late.weigh(b.min, b.max, duration(int64(b.lastSamples)))
	if moved := b.late.base - before; known && (moved > skipAfter || moved < -skipAfter) {
		b.slackN, b.delayed = 0, max(0, b.delayed-moved) // they were against the fastest of before
	}
}

// delay is how much later than at the earliest a packet would play now.
func (b *JitterBuffer) delay(slot *jitterSlot, now time.Time) time.Duration {
	return now.Sub(b.epoch) - b.ticks(slot.time-1<<40) - b.late.base
}

// Decoded tells how many samples at SampleRate the last StepPacket had, with those that it said to skip.
func (b *JitterBuffer) Decoded(n int) {
	b.lastSamples = n
	b.due += int64(n) * b.rate / SampleRate
	heard := uint64(max(0, n-b.skipped))
	b.stats.Played += heard
	if b.again {
		b.stats.Rescued++
		b.stats.Recovered += heard
	}
}

// Rebuilt tells that n samples of a StepLost are heard, recovered from the next packet or not.
func (b *JitterBuffer) Rebuilt(n int, recovered bool) {
	b.stats.Played += uint64(n)
	if recovered {
		b.stats.Recovered += uint64(n)
	} else {
		b.stats.Concealed += uint64(n)
	}
}

// Waited tells that n samples were made up for a StepLate, or of silence for a StepNothing.
func (b *JitterBuffer) Waited(n int) {
	if b.stats.Played == 0 || b.state == jitterEmpty {
		return
	}
	b.waited += int64(n)
	b.stats.Played += uint64(n)
	if b.state == jitterPlaying && !b.resting {
		b.counted += int64(n)
		b.stats.Concealed += uint64(n)
	} else {
		b.silent += int64(n)
	}
}

// Spared tells that n samples more were made up for a StepLate and left out.
func (b *JitterBuffer) Spared(n int) {
	b.waited += int64(n)
	b.moved(-int64(n))
}

// Adjust tells how many samples are best taken out of the sound (negative) or put in (positive) now, and how many
// times as much that is worth as a change that is not heard; 0, 0: none.
func (b *JitterBuffer) Adjust() (n int, worth float64) {
	window := b.slack[:min(b.slackN, slackWindow)]
	if b.state != jitterPlaying || len(window) == 0 {
		return 0, 0
	}
	lowest := slices.Min(window)
	to, worth := b.better(lowest, duration(int64(b.ready)))
	if worth < 1 || to < lowest && len(window) < slackLeast {
		return 0, 0
	}
	return int(nearest(to - lowest)), worth
}

// Adjusted tells what was done about Adjust.
func (b *JitterBuffer) Adjusted(n int) {
	if n == 0 {
		return
	}
	b.moved(int64(n))
	if n < 0 {
		b.stats.Removed += uint64(-n)
	} else {
		b.stats.Inserted += uint64(n)
	}
}

// moved tells that the delay is n samples more from now on.
func (b *JitterBuffer) moved(n int64) {
	b.slackN = 0
	b.delayed += duration(n)
}

// Stats tells the figures so far.
func (b *JitterBuffer) Stats() JitterStats {
	s := b.stats
	s.Target = b.late.target
	s.Current = max(0, b.delayed)
	if b.heard > 0 {
		s.Waited = b.waits / time.Duration(b.heard)
	}
	return s
}

// nearest is the number of samples at SampleRate that d is nearest to.
func nearest(d time.Duration) int64 {
	const half = time.Second / SampleRate / 2
	if d < 0 {
		return -samples(half - d)
	}
	return samples(half + d)
}

// duration is how long n samples at SampleRate sound.
func duration(n int64) time.Duration { return time.Duration(n) * time.Second / SampleRate }
