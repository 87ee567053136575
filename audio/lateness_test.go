package audio

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// lateBy returns what is known of a way after so many packets of 20 ms, each that much later than the fastest.
func lateBy(packets int, late func(i int) time.Duration) *lateness {
	l := new(lateness)
	start := time.Unix(1000, 0)
	last := start
	for i := range packets {
		sent := start.Add(time.Duration(i) * packetTime)
		at := sent.Add(late(i))
		if at.Before(last) { // the order stays
			at = last
		}
		last = at
		l.add(at.Sub(sent), at)
		l.weigh(LeastDelay, MostDelay, packetTime)
	}
	return l
}

// stops is a way that stands still for so long once in so many packets.
func stops(outage time.Duration, every int) func(i int) time.Duration {
	return func(i int) time.Duration { return max(0, outage-time.Duration(i%every)*packetTime) }
}

func half(r *rand.Rand, sigma time.Duration) func(int) time.Duration {
	return func(int) time.Duration { return time.Duration(math.Abs(r.NormFloat64()) * float64(sigma)) }
}

func TestDelayWantedIsTheCheapest(t *testing.T) {
	const ms = time.Millisecond
	r := rand.New(rand.NewPCG(1, 9))
	for _, v := range []struct {
		name        string
		packets     int
		late        func(i int) time.Duration
		least, most time.Duration
	}{
		{"calm", 500, func(int) time.Duration { return 0 }, 10 * ms, 10 * ms},
		{"hardly any jitter", 1000, half(r, 2*ms), 10 * ms, 10 * ms},
		{"a little jitter", 1000, half(r, 5*ms), 15 * ms, 25 * ms},
		{"jitter of 30 ms", 1000, half(r, 30*ms), 60 * ms, 110 * ms},
		{"jitter of 60 ms", 1000, half(r, 60*ms), 110 * ms, 190 * ms},
		{"jitter of 120 ms", 1000, half(r, 120*ms), 200 * ms, 340 * ms},
		{"one packet in a thousand comes later", 1000, func(i int) time.Duration {
			if i%1000 == 500 {
				return 15 * ms
			}
			return 0
		}, 10 * ms, 10 * ms},
		{"one packet in fifty comes later", 1000, func(i int) time.Duration {
			if i%50 == 0 {
				return 15 * ms
			}
			return 0
		}, 20 * ms, 20 * ms},
		{"an outage each ten seconds", 1000, stops(300*ms, 500), 10 * ms, 10 * ms},
		{"an outage each second", 1000, stops(300*ms, 50), 250 * ms, 310 * ms},
		{"a longer way", 1000, func(i int) time.Duration {
			if i < 996 {
				return 0
			}
			return 150 * ms
		}, 150 * ms, 155 * ms},
		{"jitter that ended five seconds ago", 1250, func(i int) time.Duration {
			if i < 1000 {
				return half(r, 60*ms)(i)
			}
			return 0
		}, 10 * ms, 10 * ms},
	} {
		if l := lateBy(v.packets, v.late); l.target < v.least || l.target > v.most {
			t.Errorf("%s: %v wanted, not %v to %v", v.name, l.target, v.least, v.most)
		}
	}
}

// TestWhatCatchesUpIsNoLongerWay: packets that come together after an outage say nothing about the next one.
func TestWhatCatchesUpIsNoLongerWay(t *testing.T) {
	for _, outage := range []time.Duration{100 * time.Millisecond, 300 * time.Millisecond} {
		l := lateBy(505, func(i int) time.Duration {
			if i < 500 {
				return 0
			}
			return max(0, outage-time.Duration(i-500)*packetTime)
		})
		if l.target > 2*packetTime {
			t.Errorf("after an outage of %v a delay of %v is wanted", outage, l.target)
		}
	}
}

func TestChangesThatSaveLittleAreNotWorthIt(t *testing.T) {
	l := lateBy(1000, half(rand.New(rand.NewPCG(2, 9)), 60*time.Millisecond))
	for _, off := range []time.Duration{-5, 0, 5, 10} {
		if _, worth := l.better(l.target+off*time.Millisecond, 0, frameTime); worth >= 1 {
			t.Errorf("%d ms more than %v are worth a change", off, l.target)
		}
	}
	for _, off := range []time.Duration{-80, 60} {
		if _, worth := l.better(l.target+off*time.Millisecond, 0, frameTime); worth < 1 {
			t.Errorf("%d ms more than %v are worth no change", off, l.target)
		}
	}
}

// steps gives a JitterBuffer packets of 20 ms that come at these times, in milliseconds after they are sent, -1 never,
// and returns what it has the playing side do, a letter for each 10 ms: P a packet, p what is left of one, o one whose
// time is over, . nothing yet; and by how much the delay rose.
func steps(t *testing.T, late []int) (string, time.Duration) {
	t.Helper()
	b := NewJitterBuffer(8000, DelayLimits{})
	start := time.Unix(1000, 0)
	var done string
	var before time.Duration
	ready := 0
	for tick := range 2*len(late) + 20 {
		now := start.Add(time.Duration(tick)*frameTime + 7*time.Millisecond)
		for i, ms := range late {
			at := start.Add(time.Duration(i)*packetTime + time.Duration(ms)*time.Millisecond)
			if ms >= 0 && at.After(now.Add(-frameTime)) && !at.After(now) {
				b.Put(Packet{SSRC: 1, Sequence: uint16(i), Timestamp: uint32(160 * i), Payload: []byte{1}, Arrival: at})
			}
		}
		for ready < FrameSamples {
			switch step := b.Next(now, ready); step.Kind {
			case StepPacket:
				b.Decoded(PacketSamples)
				ready += PacketSamples - step.Skip
				if step.Skip > 0 {
					done += "p"
				} else {
					done += "P"
				}
			case StepPast:
				done += "o"
			default:
				b.Waited(step.Samples)
				ready += step.Samples
				done += "."
			}
		}
		ready -= FrameSamples
		if tick == 20 {
			before = b.Stats().Current
		}
	}
	return done, b.Stats().Current - before
}

func TestLatePacketIsHeardFromItsTimeOn(t *testing.T) {
	for _, v := range []struct {
		late []int // of packets in a row; a packet's time comes when it is 17 ms late
		want string
	}{
		{[]int{16}, "PPPP"},
		{[]int{23}, "PP.pP"},
		{[]int{35}, "PP..oP"},
		{[]int{65, 45, 25, 5}, "PP.....oopP"},
		{[]int{-1}, "PP..P"},
		{[]int{23, 0, 35}, "PP.pP..oP"},
	} {
		late := make([]int, 600)
		copy(late[400:], v.late)
		done, rose := steps(t, late)
		if done = strings.Trim(done, "."); !strings.Contains(done, v.want) || rose > time.Millisecond {
			t.Errorf("late by %v ms: no %s in %s, and the delay rose by %v", v.late, v.want, done[350:], rose)
		}
	}
}
