package audio

import "time"

// Step is what a JitterBuffer gives the playing side.
type Step struct {
	Kind StepKind
	// Payload is the packet's to decode; for StepLost that of the packet after the lost one, which carries
	// Samples of it by forward error correction. It is good until the next Put.
	Payload []byte
	Samples int // for StepNothing, StepLate and StepLost: how much sound at SampleRate is missing
	Skip    int // of the payload's sound, how much at its beginning has been made up already and is not to be heard
	// Gap is for StepLate how much is missing in all until After, the payload of the next packet that is here, if any.
	Gap   int
	After []byte
	Spare int // for StepLate: how much of Samples is best left out
}

// StepKind tells the steps apart.
type StepKind int

// What the playing side is to do.
const (
	StepNothing StepKind = iota // nothing has come yet, or a pause: silence
	StepLate                    // the next packet is not here: conceal a while, then ask again
	StepLost                    // it never came: rebuild Samples from Payload
	StepPacket                  // decode Payload, then tell Decoded
	StepNoise                   // Payload is comfort noise: what is made up from now on, for which nothing is told
	StepPast                    // decode Payload, if any, of which nothing is to be heard, for what follows
)

// head is the first packet that waits, or nil.
func (b *JitterBuffer) head(from int64) *jitterSlot {
	for seq := from; seq <= b.topSeq; seq++ {
		if slot := &b.slots[seq%jitterSlots]; slot.full && slot.seq == seq {
			return slot
		}
	}
	return nil
}

// Next decides what is played, after what is ready already, in samples, and will be heard from now on.
func (b *JitterBuffer) Next(now time.Time, ready int) Step {
	b.ready = b.bursts.before + ready
	if b.state == jitterEmpty {
		return Step{Samples: FrameSamples}
	}
	head := b.head(b.next)
	switch {
	case head == nil && b.state == jitterPlaying && b.waited < samples(pauseAfter):
		return Step{Kind: StepLate, Samples: FrameSamples}
	case head == nil:
		b.state = jitterFilling
		return Step{Samples: FrameSamples}
	case b.restarted:
		return b.fill(head, now)
	case b.state == jitterFilling:
		missed := b.missed(head)
		b.stats.Concealed += uint64(missed)
		b.counted += missed
		b.silent = 0
		b.state = jitterPlaying
	}
	carried := int64(0)
	if b.waited < b.gap(head) {
		carried = b.carries(head.payload)
	}
	over, spare := b.settle(head, carried, now)
	part := int(min(max(0, -over), FrameSamples))
	switch {
	case over > max(0, int64(b.lastSamples)-leastOfPacket) && !head.noise:
		return b.pass(head, over)
	case over >= 0:
		return b.take(head, over, now)
	case b.paused(head):
		b.state = jitterFilling
		return Step{Samples: part}
	case head.noise:
		return Step{Kind: StepLate, Samples: part}
	case -over > carried:
		// What is missing may yet come: no more is made up at a time than is needed.
		most := int64(FrameSamples)
		if spare > 0 {
			most = longestPacket
		}
		return Step{
			Kind: StepLate, Samples: int(min(-over-carried, most)), Gap: int(-over), After: head.payload,
			Spare: int(spare),
		}
	}
	b.skip(head.seq)
	b.due = head.time
	b.waited, b.counted, b.silent = 0, 0, 0
	return Step{Kind: StepLost, Payload: head.payload, Samples: int(carried), Skip: int(carried + over)}
}

// gap is how much sound, in samples, lies between what is due and head.
func (b *JitterBuffer) gap(head *jitterSlot) int64 { return (head.time - b.due) * SampleRate / b.rate }

// paused says whether the sender sends nothing now, before head and what is lost before that.
func (b *JitterBuffer) paused(head *jitterSlot) bool {
	if head.seq == b.next {
		return head.time > b.due
	}
	return b.resting && b.gap(head)-b.waited > (head.seq-b.next)*int64(b.lastSamples)
}

// carries is how much of the sound before it a payload carries as well, in samples.
func (b *JitterBuffer) carries(payload []byte) int64 {
	if b.rebuilds == nil {
		return 0
	}
	return int64(b.rebuilds(payload))
}

// settle moves the timeline where that is worth it and not heard, and returns how much has been made up in the time of
// head, which carries so much of the sound before it, and after it; below 0: how much is to be made up before, of which
// spare is best left out.
func (b *JitterBuffer) settle(head *jitterSlot, carried int64, now time.Time) (over, spare int64) {
	over = b.waited - b.gap(head)
	asked := b.delay(head, now)
	delay := asked + duration(int64(b.ready)-over)
	to, worth := b.better(delay, delay-asked)
	// With less delay than that, nothing that is carried is ever here in time; and there is a hole already.
	tooLittle := over < 0 && nearest(delay) < carried && worth > 0
	if worth < 1 && !tooLittle {
		return over, 0
	}
	moves := nearest(to - delay)
	switch {
	case b.paused(head):
		moves = max(moves, min(over, 0))
	case over+carried >= 0:
		moves = max(0, min(moves, over+carried))
	case delay > b.late.target+skipAfter:
		return over, max(0, -moves)
	default:
		moves = 0
	}
	b.waited -= moves
	b.counted = max(0, min(b.counted, b.waited))
	if moves != 0 {
		b.moved(moves)
	}
	return over - moves, 0
}

// better finds the delay that is wanted in the place of another one, at which a packet is looked for so much before it
// is heard, and what it is worth to change.
func (b *JitterBuffer) better(delay, early time.Duration) (to time.Duration, worth float64) {
	ahead, while := b.bursts.ahead(b.lastSamples)
	if early %= while; early < 0 {
		early += while
	}
	to, worth = b.late.better(delay-ahead, early, while)
	return to + ahead, worth
}

// pass gives out the packet at head whose time is over.
func (b *JitterBuffer) pass(head *jitterSlot, over int64) Step {
	b.skip(head.seq + 1)
	if !head.again {
		b.stats.Late++
	}
	head.full = false
	b.waited -= b.gap(head) + int64(b.lastSamples)
	b.counted = max(0, min(b.counted, b.waited))
	b.due = head.time + int64(b.lastSamples)*b.rate/SampleRate
	if over > pastDecoded {
		return Step{Kind: StepPast}
	}
	return Step{Kind: StepPast, Payload: head.payload}
}

// fill begins a stream: it waits until the first packet has the delay wanted. When more has come meanwhile than is
// wanted, it begins with a later one.
func (b *JitterBuffer) fill(head *jitterSlot, now time.Time) Step {
	// How long the packets are is not known yet: where Frames are wanted in bursts, each is taken for one.
	ahead, _ := b.bursts.ahead(FrameSamples)
	least := b.late.target + ahead - duration(int64(b.ready))
	if b.delay(head, now) < least {
		return Step{Samples: FrameSamples}
	}
	for {
		following := b.head(head.seq + 1)
		if following == nil || b.delay(following, now) < least {
			break
		}
		b.skip(head.seq)
		head.full = false
		b.next = head.seq + 1
		b.stats.Skipped++
		head = following
	}
	b.next = head.seq
	b.state = jitterPlaying
	return b.take(head, 0, now)
}

// missed is how much of the wait before head, beyond what is counted already, was no pause of the sender's. Where the
// sender's clock stood still, the network held up what came: all of it. Else the packets between are missing, but no
// more than these: comfort noise (RFC 3389) and telephone-events, which are none of ours, take a number now and then.
func (b *JitterBuffer) missed(head *jitterSlot) int64 {
	left := min(b.waited-b.counted, b.silent)
	if head.time == b.due && !b.resting {
		return left
	}
	return max(0, min(left, (head.seq-b.next)*int64(b.lastSamples)-b.counted))
}

// take gives out the packet at head, of whose sound skip samples have been made up already.
func (b *JitterBuffer) take(head *jitterSlot, skip int64, now time.Time) Step {
	if head.seq == b.next { // as much of the wait was a pause of the sender's
		b.stats.Concealed -= uint64(max(0, min(b.counted, b.gap(head))))
	}
	b.skip(head.seq)
	if n := b.waited - skip - b.gap(head); n != 0 {
		b.moved(n)
	}
	d := b.delay(head, now) + duration(int64(b.ready)-skip)
	if b.delayed == 0 {
		b.delayed = d
	}
	b.delayed += (d - b.delayed) / 16
	b.slack[b.slackN%slackWindow] = d
	b.slackN++
	head.full = false
	b.waits += now.Sub(head.came) + duration(int64(b.ready))
	b.heard++
	b.restarted, b.again = false, head.again
	b.next, b.due = head.seq+1, head.time
	b.waited, b.counted, b.silent, b.skipped = 0, 0, 0, int(skip)
	if b.resting = head.noise; head.noise {
		b.waited = skip
		return Step{Kind: StepNoise, Payload: head.payload}
	}
	return Step{Kind: StepPacket, Payload: head.payload, Skip: int(skip)}
}

// skip counts the packets before seq as lost.
func (b *JitterBuffer) skip(seq int64) {
	for ; b.next < seq; b.next++ {
		b.stats.Lost++
	}
}
