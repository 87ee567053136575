package audio

import (
	"time"
)

// DelayLimits bounds the delay that a JitterBuffer adds.
type DelayLimits struct {
	Min time.Duration // 0: 20 ms
	Max time.Duration // 0: 500 ms
}

const (
	jitterSlots   = 256 // packets that can wait: 5 s of 20 ms
	transitWindow = 400 // packets or bursts that the target is taken from, at most
	transitTail   = 4   // of those, how many may come later than the target: 1 %
	transitMemory = 8 * time.Second
	burstTime     = 2 * time.Millisecond // packets that come closer together than this were held up together
	slackWindow   = 50                   // packets that the delay in effect is taken from: 1 s of 20 ms
	jitterMargin  = 15 * time.Millisecond
	// more delay under loss, so that the next packet's correction is there in time
	redundancyWait = 15 * time.Millisecond
	// Frames that come again are waited for as long as the latest of the last againMemory took, at most againMost. It
	// is a floor of the target and stays where it is: delay that comes and goes is heard more than delay.
	againMemory = 20 * time.Second
	againMost   = 100 * time.Millisecond
	againMargin = 5 * time.Millisecond
	// pauseAfter is how long nothing may come before the buffer is filled anew before it plays.
	pauseAfter = 60 * time.Millisecond
	// jumpAfter is how far a packet's time may be off before it is taken for a new stream.
	jumpAfter = 2 * time.Second
	// skipAfter is how much more delay than wanted makes missing sound be skipped instead of concealed.
	skipAfter = 60 * time.Millisecond
	// Sound is taken out when the delay is removeAfter above the target and put in when it is
	// insertAfter below: further apart than the largest change, so that it does not swing.
	removeAfter = 15 * time.Millisecond
	insertAfter = 5 * time.Millisecond
)

// JitterStats is the figures of a JitterBuffer.
type JitterStats struct {
	Received   uint64 // packets, all that came
	Lost       uint64 // packets that never came, or came too late
	Late       uint64 // of the lost: came after their time
	Duplicates uint64
	Rescued    uint64 // packets that did not come, but whose frame came again in time (RFC 2198)
	Skipped    uint64 // packets dropped to bring the delay down after an outage
	Resets     uint64 // new streams: another SSRC, or a jump in time

	Played    uint64 // samples at SampleRate, all
	Concealed uint64 // of those, made up because nothing had come
	Recovered uint64 // of those, of packets that never came: rebuilt from, or carried again by, a later one
	Removed   uint64 // samples taken out to lower the delay
	Inserted  uint64 // samples put in to raise it

	Target  time.Duration // delay wanted now
	Current time.Duration // delay in effect
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
// The delay of a packet is how much later it plays than the fastest packet of the last seconds would
// have allowed. Its target is the 99th percentile of how late packets came in those seconds, plus a
// margin; what the delay has too much or too little is taken out of, or put into, the sound (Adjust). That also
// absorbs the drift between the sender's clock and the playing device's.
//
// It does no decoding and starts no goroutine; its user keeps the calls apart. In the steady state it
// allocates nothing.
type JitterBuffer struct {
	rate     int64 // of the timestamps, hertz
	min, max time.Duration

	slots   [jitterSlots]jitterSlot
	state   jitterState
	ssrc    uint32
	epoch   time.Time
	topSeq  int64 // extended sequence number of the newest packet, and its timestamp
	topTime int64
	next    int64 // extended sequence number to be played next
	due     int64 // extended timestamp of the next sample

	lastSamples int   // of the last packet played
	waited      int64 // samples made up since the last packet, with the timeline standing still
	counted     int64 // of those, already in stats.Concealed
	loss        float64
	resting     bool // the last packet was comfort noise: the far end makes a pause

	transits    [transitWindow]transit
	transitTo   int // number of transits taken in
	transitFrom int // the oldest still counted
	arrived     time.Time
	base        time.Duration // the fastest of transits
	target      time.Duration
	slack       [slackWindow]time.Duration // delays of the last packets played
	slackN      int
	stats       JitterStats
	delayed     time.Duration // smoothed delay
	restarted   bool
	again       bool // the packet last taken is one that came again
	againWait   time.Duration
	againLast   time.Time // when a frame as late as againWait came
}

// transit is how long packets were under way, up to a constant: one packet, or several that were held
// up and came together, which say no more about the network than one.
type transit struct {
	at            time.Time
	first, latest time.Duration // the least and the most of them
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
	payload []byte
}

// Step is what a JitterBuffer gives the playing side.
type Step struct {
	Kind StepKind
	// Payload is the packet's to decode; for StepLost that of the packet after the lost one, in which
	// forward error correction may be found, or nil. It is good until the next Put.
	Payload []byte
	Samples int // for StepLost: how much sound at SampleRate is missing
	// Gap is for StepLost how much is missing in all until After, the payload of the next packet that is here.
	Gap   int
	After []byte
}

// StepKind tells the steps apart.
type StepKind int

// What the playing side is to do.
const (
	StepNothing StepKind = iota // nothing has come yet, or a pause: silence
	StepLate                    // the next packet is not here: conceal a while, then ask again
	StepLost                    // it never came: rebuild or conceal Samples
	StepPacket                  // decode Payload, then tell Decoded
	StepNoise                   // Payload is comfort noise: what is made up from now on, for which nothing is told
)

// NewJitterBuffer returns an empty JitterBuffer for RTP timestamps of clockRate hertz.
func NewJitterBuffer(clockRate int, limits DelayLimits) *JitterBuffer {
	b := &JitterBuffer{rate: int64(clockRate), min: limits.Min, max: limits.Max}
	if b.min <= 0 {
		b.min = 20 * time.Millisecond
	}
	if b.max <= 0 {
		b.max = 500 * time.Millisecond
	}
	b.max = max(b.max, b.min)
	b.target = b.min
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
	b.transitFrom, b.transitTo, b.slackN = 0, 0, 0
	b.againWait, b.againLast = 0, time.Time{}
	b.waited, b.counted = 0, 0
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
	if b.state == jitterEmpty || p.SSRC != b.ssrc {
		b.begin(&p)
	}
	seq, at := b.extend(&p)
	under := b.underway(&p, at)
	off := under - b.base
	jumped := b.transitTo > 0 && (off > jumpAfter || off < -jumpAfter)
	straggler := seq < b.next && seq > b.next-1000
	if seq-b.next >= jitterSlots || seq <= b.next-1000 || jumped && !straggler {
		b.begin(&p)
		seq, at = b.extend(&p)
		under = b.underway(&p, at)
	}
	b.stats.Received++
	slot := &b.slots[seq%jitterSlots]
	if slot.seq == seq {
		b.stats.Duplicates++
		return
	}
	if !jumped || !straggler {
		b.observe(under, p.Arrival)
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
	late := b.underway(p, at) - b.base + againMargin
	if late >= b.againWait && late <= againMost || p.Arrival.Sub(b.againLast) > againMemory {
		b.againWait, b.againLast = min(late, againMost), p.Arrival
	}
	if seq >= b.next {
		b.keep(slot, seq, at, p)
	} else if !slot.full {
		slot.seq = seq // its packet, should it come, and a later copy tell nothing more
	}
}

// keep puts a packet into its slot.
func (b *JitterBuffer) keep(slot *jitterSlot, seq, at int64, p *Packet) {
	slot.seq, slot.time, slot.full, slot.again, slot.noise = seq, at, true, p.Again, p.Noise
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

// observe takes one packet's transit time into the target.
func (b *JitterBuffer) observe(under time.Duration, now time.Time) {
	if last := &b.transits[max(b.transitTo-1, 0)%transitWindow]; b.transitTo > b.transitFrom &&
		now.Sub(b.arrived) < burstTime {
		last.first, last.latest = min(last.first, under), max(last.latest, under)
	} else {
		b.transits[b.transitTo%transitWindow] = transit{at: now, first: under, latest: under}
		b.transitTo++
	}
	b.arrived = now
	b.transitFrom = max(b.transitFrom, b.transitTo-transitWindow)
	for now.Sub(b.transits[b.transitFrom%transitWindow].at) > transitMemory {
		b.transitFrom++
	}
	b.base = under
	// The latest few are kept in order as they are found: the last of them is the percentile.
	var latest [transitTail + 1]time.Duration
	found := 0
	for i := b.transitFrom; i < b.transitTo; i++ {
		t := &b.transits[i%transitWindow]
		b.base = min(b.base, t.first)
		if found == len(latest) && t.latest <= latest[found-1] {
			continue
		}
		if found < len(latest) {
			found++
		}
		k := found - 1
		for ; k > 0 && latest[k-1] < t.latest; k-- {
			latest[k] = latest[k-1]
		}
		latest[k] = t.latest
	}
	// One in a hundred may be later; of few, none.
	allowed := min((b.transitTo-b.transitFrom)/100, found-1)
	b.target = latest[allowed] - b.base + jitterMargin
	if b.loss > 0.01 {
		b.target += redundancyWait
	}
	b.target = max(b.min, b.waitAgain(now), min(b.max, b.target))
}

// waitAgain is the delay that lets frames that come again be in time.
func (b *JitterBuffer) waitAgain(now time.Time) time.Duration {
	if now.Sub(b.againLast) > againMemory {
		return 0
	}
	return b.againWait
}

// delay is how much later than at the earliest a packet would play now.
func (b *JitterBuffer) delay(slot *jitterSlot, now time.Time) time.Duration {
	return now.Sub(b.epoch) - b.ticks(slot.time-1<<40) - b.base
}

// head is the first packet that waits, or nil.
func (b *JitterBuffer) head(from int64) *jitterSlot {
	for seq := from; seq <= b.topSeq; seq++ {
		if slot := &b.slots[seq%jitterSlots]; slot.full && slot.seq == seq {
			return slot
		}
	}
	return nil
}

// Next decides what is played now.
func (b *JitterBuffer) Next(now time.Time) Step {
	if b.state == jitterEmpty {
		return Step{}
	}
	head := b.head(b.next)
	if b.state == jitterFilling {
		return b.fill(head, now)
	}
	if head == nil {
		if b.waited >= samples(pauseAfter) {
			b.state = jitterFilling
			return Step{}
		}
		return Step{Kind: StepLate}
	}
	gap := (head.time - b.due) * SampleRate / b.rate
	missing := gap - b.waited
	switch {
	case missing <= 0 || b.delay(head, now) > b.target+skipAfter:
		return b.take(head, now)
	case head.seq == b.next: // nothing is lost: the sender made a pause
		return Step{Kind: StepLate}
	case b.resting && missing > (head.seq-b.next)*int64(b.lastSamples): // nothing yet: a pause, then what is lost
		return Step{Kind: StepLate}
	}
	step := Step{Kind: StepLost, Samples: int(min(missing, int64(b.lastSamples))), Gap: int(missing)}
	if !head.noise {
		step.After = head.payload
	}
	if missing <= int64(b.lastSamples) && b.waited == 0 && !head.noise {
		step.Payload = head.payload
	}
	b.due += int64(step.Samples) * b.rate / SampleRate
	if b.next < head.seq-1 || missing <= int64(b.lastSamples) {
		b.skip(b.next + 1)
	}
	return step
}

// fill waits until the first packet has the delay wanted. When more has come meanwhile than is
// wanted, it begins with a later one.
func (b *JitterBuffer) fill(head *jitterSlot, now time.Time) Step {
	if head == nil || b.delay(head, now) < b.target {
		return Step{}
	}
	if !b.restarted {
		b.stats.Concealed += uint64(b.missed(head))
	}
	for {
		following := b.head(head.seq + 1)
		if following == nil || b.delay(following, now) < b.target {
			break
		}
		b.skip(head.seq)
		head.full = false
		b.next = head.seq + 1
		b.stats.Skipped++
		head = following
	}
	if b.restarted {
		b.next = head.seq
	}
	b.state = jitterPlaying
	b.slackN = 0
	return b.take(head, now)
}

// missed is how much of the wait before head, beyond what is counted already, was no pause of the sender's. Where the
// sender's clock stood still, the network held up what came: all of it. Else the packets between are missing, but no
// more than these: comfort noise (RFC 3389) and telephone-events, which are none of ours, take a number now and then.
func (b *JitterBuffer) missed(head *jitterSlot) int64 {
	left := b.waited - b.counted
	if head.time == b.due && !b.resting {
		return left
	}
	return max(0, min(left, (head.seq-b.next)*int64(b.lastSamples)-b.counted))
}

// take gives out the packet at head.
func (b *JitterBuffer) take(head *jitterSlot, now time.Time) Step {
	gap := (head.time - b.due) * SampleRate / b.rate
	if head.seq == b.next { // as much of the wait was a pause of the sender's
		b.stats.Concealed -= uint64(max(0, min(b.counted, gap)))
	}
	b.skip(head.seq)
	// While nothing came the timeline stood still: all that follows plays so much later.
	b.shift(b.waited - gap)
	d := b.delay(head, now)
	if b.slackN == 0 {
		b.delayed = d
	}
	b.delayed += (d - b.delayed) / 16
	b.slack[b.slackN%slackWindow] = d
	b.slackN++
	head.full = false
	b.restarted, b.again = false, head.again
	b.next, b.due = head.seq+1, head.time
	b.waited, b.counted = 0, 0
	b.loss -= b.loss / 100
	if b.resting = head.noise; head.noise {
		return Step{Kind: StepNoise, Payload: head.payload}
	}
	return Step{Kind: StepPacket, Payload: head.payload}
}

// skip counts the packets before seq as lost.
func (b *JitterBuffer) skip(seq int64) {
	for ; b.next < seq; b.next++ {
		b.stats.Lost++
		b.loss += (1 - b.loss) / 100
	}
}

// Decoded tells how many samples at SampleRate the last StepPacket had.
func (b *JitterBuffer) Decoded(n int) {
	b.lastSamples = n
	b.due += int64(n) * b.rate / SampleRate
	b.stats.Played += uint64(n)
	if b.again {
		b.stats.Rescued++
		b.stats.Recovered += uint64(n)
	}
}

// Rebuilt tells that n samples of a StepLost were played, recovered from the next packet or not.
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
	}
}

// Adjust tells how many samples are best taken out of the sound (negative) or put in (positive) now,
// and whether that cannot wait for a place where it is not heard.
func (b *JitterBuffer) Adjust() (n int, urgent bool) {
	window := b.slack[:min(b.slackN, slackWindow)]
	if b.state != jitterPlaying || len(window) < 10 {
		return 0, false
	}
	lowest := window[0]
	for _, d := range window {
		lowest = min(lowest, d)
	}
	excess := lowest - b.target
	if excess < removeAfter && excess > -insertAfter {
		return 0, false
	}
	return -int(samples(excess)), excess > skipAfter || excess < -2*removeAfter
}

// Adjusted tells what was done about Adjust.
func (b *JitterBuffer) Adjusted(n int) {
	b.shift(int64(n))
	if n < 0 {
		b.stats.Removed += uint64(-n)
	} else {
		b.stats.Inserted += uint64(n)
	}
}

// shift moves the delays seen lately by n samples that were put into the sound.
func (b *JitterBuffer) shift(n int64) {
	by := time.Duration(n) * time.Second / SampleRate
	for i := range b.slack[:min(b.slackN, slackWindow)] {
		b.slack[i] += by
	}
	b.delayed += by
}

// Stats tells the figures so far.
func (b *JitterBuffer) Stats() JitterStats {
	s := b.stats
	s.Target = b.target
	s.Current = max(0, b.delayed)
	return s
}
