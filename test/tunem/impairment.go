// Package tunem is a network that is worse than it has to be, for tests: what goes over it is delayed, lost, doubled
// and put out of order, as a timeline says. Chance comes of a seed: what becomes of a packet depends on that, on its
// number, its time and its size alone, so that a run repeats exactly.
package tunem

import (
	"math"
	"math/rand/v2"
	"time"
)

// Profile is what a network does to packets for a while. The zero value is a perfect one.
type Profile struct {
	Name   string
	Delay  time.Duration // of every packet
	Jitter time.Duration // more or less delay, spread as Spread says; the order stays
	Spread Spread

	Loss         float64 // share of packets lost, each by itself
	Enter, Leave float64 // Gilbert's model: how likely a burst, in which all is lost, begins and ends with a packet

	Double  float64       // share of packets that come twice
	Reorder float64       // share of packets that are held back for Late, and so passed by others
	Late    time.Duration // 0 = 50 ms

	Rate      int           // bits a second; 0 = no limit
	Queue     time.Duration // how long packets wait for that at most, and are lost beyond; 0 = 200 ms
	Blackhole bool          // nothing gets through
}

// Spread is how jitter is spread.
type Spread int

// Ways in which jitter is spread.
const (
	Even       Spread = iota // up to Jitter more or less
	HalfNormal               // only more: the magnitude of a normal distribution whose deviation is Jitter
	Pareto                   // only more: mostly little, seldom very much, with a mean of Jitter (shape 3)
)

// jitter is the delay of a packet beyond the profile's, of a chance in [0, 1).
func (p Profile) jitter(chance float64) time.Duration {
	switch p.Spread {
	case HalfNormal:
		return time.Duration(float64(p.Jitter) * math.Sqrt2 * math.Erfinv(chance))
	case Pareto:
		return time.Duration(float64(p.Jitter) * 2 * (math.Pow(1-chance, -1.0/3) - 1))
	}
	return time.Duration((2*chance - 1) * float64(p.Jitter))
}

// What holds where a profile does not say.
const (
	lateOtherwise  = 50 * time.Millisecond
	queueOtherwise = 200 * time.Millisecond
)

// Stretch is a profile, and how long it holds.
type Stretch struct {
	Profile
	For time.Duration
}

// Timeline is one profile after the other; the last one holds for good. An empty one is a perfect network.
type Timeline []Stretch

// At is the profile that holds then.
func (l Timeline) At(at time.Duration) Profile {
	for _, s := range l {
		if at < s.For {
			return s.Profile
		}
		at -= s.For
	}
	if len(l) == 0 {
		return Profile{}
	}
	return l[len(l)-1].Profile
}

// Counts is what became of packets.
type Counts struct {
	Sent, Lost, Doubled, Reordered int
}

// Impairment is one direction of a network. It is not for several goroutines at once.
type Impairment struct {
	timeline Timeline
	chance   *rand.Rand
	lossy    bool          // in a burst
	busy     time.Duration // until when what was sent before takes the rate
	last     time.Duration // when what keeps its order leaves last
	counts   Counts
}

// NewImpairment returns the one of a seed.
func NewImpairment(seed uint64, timeline Timeline) *Impairment {
	return &Impairment{timeline: timeline, chance: rand.New(rand.NewPCG(seed, 0))}
}

// Counts returns what became of the packets so far.
func (i *Impairment) Counts() Counts { return i.counts }

// Packet tells when a packet of size octets, sent at a time since the beginning, comes out: never, once, or twice.
// Packets are told of in the order in which they are sent.
func (i *Impairment) Packet(at time.Duration, size int) []time.Duration {
	p := i.timeline.At(at)
	// As many draws for each packet, whatever the profile: what becomes of the next one does not depend on this one.
	jitter, loss, burst, double, reorder := i.draw(), i.draw(), i.draw(), i.draw(), i.draw()
	i.counts.Sent++
	// A burst ends with its profile.
	i.lossy = p.Enter > 0 && (i.lossy && burst >= p.Leave || !i.lossy && burst < p.Enter)
	sent, fits := i.queue(at, size, p)
	if p.Blackhole || i.lossy || loss < p.Loss || !fits {
		i.counts.Lost++
		return nil
	}
	leaves := sent + p.Delay + p.jitter(jitter)
	if reorder < p.Reorder {
		i.counts.Reordered++
		leaves += orElse(p.Late, lateOtherwise)
	} else {
		leaves = max(leaves, i.last)
		i.last = leaves
	}
	leaves = max(leaves, sent)
	if double < p.Double {
		i.counts.Doubled++
		return []time.Duration{leaves, leaves}
	}
	return []time.Duration{leaves}
}

func (i *Impairment) draw() float64 { return i.chance.Float64() }

// queue has a packet wait until those before it are sent, and be sent: when that is, and whether there is room for it.
func (i *Impairment) queue(at time.Duration, size int, p Profile) (sent time.Duration, fits bool) {
	if p.Rate <= 0 {
		return at, true
	}
	begins := max(at, i.busy)
	if begins-at > orElse(p.Queue, queueOtherwise) {
		return 0, false
	}
	i.busy = begins + time.Duration(size)*8*time.Second/time.Duration(p.Rate)
	return i.busy, true
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// Networks that phones meet, by the names that Signal's call simulator gives them; jitter is evenly spread here.

// Moderate is a mobile network.
func Moderate() Profile {
	return Profile{Name: "Moderate", Delay: 100 * time.Millisecond, Jitter: 25 * time.Millisecond, Loss: 0.05}
}

// International is a bad line round half the world.
func International() Profile {
	return Profile{
		Name: "International", Delay: 250 * time.Millisecond, Jitter: 100 * time.Millisecond, Enter: 0.03, Leave: 0.25,
		Double: 0.02, Reorder: 0.05, Rate: 300_000,
	}
}

// Spike is the bad time of SpikyLoss: a loss of some 30 %.
func Spike() Profile { return Profile{Name: "SpikyLoss", Enter: 0.11, Leave: 0.25} }

// BurstyLoss loses a share of packets, in bursts of so many in the mean.
func BurstyLoss(share, mean float64) Profile {
	leave := 1 / mean
	return Profile{Name: "BurstyLoss", Enter: leave * share / (1 - share), Leave: leave}
}
