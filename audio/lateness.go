package audio

import (
	"math"
	"time"
)

const (
	// latenessWindow is how many packets are looked back at, at most, and latenessMemory for how long. What is seldom
	// is known by nothing else: a target of a shorter time swings with each packet that is very late, and the sound
	// with it. Calm is believed in sooner.
	latenessWindow = 3000
	latenessMemory = time.Minute
	latenessCalm   = 4 * time.Second // after how long of calm what was before is forgotten
	latenessLeast  = 100             // as many as fewer count for: they say little
	latenessLast   = 4               // packets that tell of a longer way, one after the other
	// latenessJump is how much faster or slower than all before packets are that come by another way, or by another
	// clock of the far end's: what was before says nothing any more.
	latenessJump  = 60 * time.Millisecond
	latenessStep  = 5 * time.Millisecond
	latenessSteps = 400 // 2 s
	// latenessPrice is the delay that all sound made up in the place of late packets would be worth: 25 ms for each
	// hundredth.
	latenessPrice = 2500 * time.Millisecond
	// latenessCheap is a delay that nobody notices: it counts for a quarter. So what it takes for next to nothing to be
	// missed is not saved, where a machine is busy now and then.
	latenessCheap = 20 * time.Millisecond
	// A change that is not heard is to save at least that much, and that part of the target, more where the delay is to
	// fall: where there is jitter the target is never quite certain, and sound that swings is worse than a delay a
	// little off.
	latenessWorth = 3 * time.Millisecond
	latenessRise  = 12
	latenessFall  = 6
)

// lateness knows how much longer than the fastest the packets of the last minute were under way, and from that what
// each delay would cost: itself, and the sound that would be made up because packets come later still. The target is
// the cheapest delay. So a way that is slow now and then raises it by as much as is missed otherwise, however slow it
// is then; one outage in many seconds does not raise it at all. A lost packet that the next one carries came with that.
type lateness struct {
	under [latenessWindow]time.Duration // how long each was under way, up to a constant
	at    [latenessWindow]time.Duration // when it came, since began
	began time.Time
	n     int // taken in
	from  int // the oldest that counts

	base   time.Duration // the fastest
	target time.Duration
	costs  [latenessSteps]time.Duration
}

// forget begins anew.
func (l *lateness) forget() { l.n, l.from, l.base = 0, 0, 0 }

// begin forgets what was before the next packet: the far end's clock has become another one.
func (l *lateness) begin() { l.from = l.n }

// add takes in how long a packet was under way that comes now. Weigh makes it count.
func (l *lateness) add(under time.Duration, now time.Time) {
	if l.n == 0 {
		l.began = now
	}
	at := now.Sub(l.began)
	l.under[l.n%latenessWindow], l.at[l.n%latenessWindow] = under, at
	l.n++
	l.from = max(l.from, l.n-latenessWindow)
	for at-l.at[l.from%latenessWindow] > latenessMemory {
		l.from++
	}
	// Of the fastest, and of those of the last time the latest, the fastest and the first.
	l.base = under
	latest, soonest, recent := under, under, l.n
	for i := l.n - 1; i >= l.from; i-- {
		u := l.under[i%latenessWindow]
		l.base = min(l.base, u)
		if at-l.at[i%latenessWindow] < latenessCalm {
			latest, soonest, recent = max(latest, u), min(soonest, u), i
		}
	}
	if recent == l.from {
		return
	}
	if soonest > l.base+latenessJump && l.n-recent >= latenessLeast {
		l.from, l.base = recent, soonest
	} else if latest-l.base < l.target/2 {
		l.from = recent
	}
}

// weigh finds the target between least and most, for packets of that length. Where the last ones all came later than a
// delay may be, none is of any use, and where they came sooner than all before, none is needed for these: what was
// before is forgotten.
func (l *lateness) weigh(least, most, packet time.Duration) {
	if soonest, latest, ok := l.last(packet); ok && (soonest-l.base > most || l.sooner(latest)) {
		l.from, l.base = l.n-latenessLast, soonest
	}
	var later [latenessSteps + 1]int32 // packets that come in each step after the fastest
	for i := l.from; i < l.n; i++ {
		later[max(0, min(int((l.under[i%latenessWindow]-l.base)/latenessStep), latenessSteps))]++
	}
	for k := latenessSteps - 1; k >= 0; k-- { // in each step or after it
		later[k] += later[k+1]
	}
	steps := max(1, int(packet/latenessStep))
	longer := l.longer(packet)
	best := time.Duration(math.MaxInt64)
	for k := range l.costs {
		// Of a packet that comes late by less than its length, the rest is played.
		made := int32(0)
		for j := k; j < k+steps; j++ {
			made += later[min(j, latenessSteps)]
		}
		delay := time.Duration(k) * latenessStep
		cost := delay - min(delay, latenessCheap)*3/4 +
			latenessPrice*time.Duration(made)/time.Duration(max(l.n-l.from, latenessLeast)*steps)
		if delay < longer {
			cost += latenessPrice
		}
		l.costs[k] = cost + 2*max(0, least-delay)
		if delay >= least && delay <= most && cost < best {
			best, l.target = cost, delay
		}
	}
}

// longer is what each of the last packets needed that came at their pace: with any less delay, nothing would be heard.
func (l *lateness) longer(packet time.Duration) time.Duration {
	if soonest, _, ok := l.last(packet); ok {
		return soonest - l.base
	}
	return 0
}

// last is how long the last packets were under way, the fastest and the slowest of them, where they came at their pace:
// those that come faster make up for an outage.
func (l *lateness) last(packet time.Duration) (soonest, latest time.Duration, ok bool) {
	if l.n-l.from < latenessLast {
		return 0, 0, false
	}
	if l.at[(l.n-1)%latenessWindow]-l.at[(l.n-latenessLast)%latenessWindow] < packet*(latenessLast-2) {
		return 0, 0, false
	}
	soonest = l.under[(l.n-1)%latenessWindow]
	latest = soonest
	for i := l.n - latenessLast; i < l.n; i++ {
		u := l.under[i%latenessWindow]
		soonest, latest = min(soonest, u), max(latest, u)
	}
	return soonest, latest, true
}

// sooner tells whether the last packets, of which the slowest took that long, came sooner than all before.
func (l *lateness) sooner(latest time.Duration) bool {
	for i := l.from; i < l.n-latenessLast; i++ {
		if l.under[i%latenessWindow] <= latest+latenessJump {
			return false
		}
	}
	return l.from < l.n-latenessLast
}

// cost is what a delay costs.
func (l *lateness) cost(delay time.Duration) time.Duration {
	if delay < 0 {
		return l.costs[0] - delay
	}
	k := min(latenessSteps-2, int(delay/latenessStep))
	return l.costs[k] + (l.costs[k+1]-l.costs[k])*(delay-time.Duration(k)*latenessStep)/latenessStep
}

// better finds the delay that is wanted in the place of another one, and what it is worth to change, in changes that
// are not heard: from 1 on it is worth one. Packets are looked for once in a while: one that is to be heard in between
// has to have come so much before (early), which a delay of whole whiles from there saves.
func (l *lateness) better(delay, early, while time.Duration) (to time.Duration, worth float64) {
	used := delay - early
	more := l.target - used
	whiles := more / while
	if more > whiles*while {
		whiles++
	}
	to = used + whiles*while
	gain := l.cost(used) + early - l.cost(to)
	least := l.target / latenessRise
	if to < delay {
		least = l.target / latenessFall
	}
	return to, float64(gain) / float64(max(latenessWorth, least))
}
