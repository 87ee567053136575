package audio

import (
	"math/rand/v2"
	"testing"
	"time"
)

// repeating is a stream whose packets carry old frames again, after what the network does to it.
func repeating(old int, lost func(i int) bool, late func(i int) time.Duration) (JitterStats, *JitterBuffer) {
	jitter := NewJitterBuffer(g711Rate, DelayLimits{})
	play := newPlaybuffer(jitter, plain{})
	payload := make([]byte, 2*PacketSamples)
	packet := func(i int, arrival time.Time, again bool) Packet {
		return Packet{
			SSRC: 1, Sequence: uint16(65000 + i), Timestamp: uint32(1<<32 - 9000 + i*160), Payload: payload,
			Arrival: arrival, Again: again,
		}
	}
	frame := make(Frame, FrameSamples)
	start := time.Unix(1000, 0)
	var held []Packet
	for i := range 3000 {
		now := start.Add(time.Duration(i) * packetTime)
		if !lost(i) {
			if d := late(i); d > 0 {
				held = append(held, packet(i, now.Add(d), false))
			} else {
				for k := old; k > 0; k-- {
					jitter.Put(packet(i-k, now, true))
				}
				jitter.Put(packet(i, now, false))
			}
		}
		for len(held) > 0 && !held[0].Arrival.After(now) {
			jitter.Put(held[0])
			held = held[1:]
		}
		for k := range PacketFrames {
			play.fill(frame, now.Add(7*time.Millisecond+time.Duration(k)*frameTime))
		}
	}
	return jitter.Stats(), jitter
}

func never(int) bool           { return false }
func inTime(int) time.Duration { return 0 }

// TestFramesThatComeAgainAreHeard: what was lost is heard from the packets after it, once the delay has grown to that.
func TestFramesThatComeAgainAreHeard(t *testing.T) {
	for _, test := range []struct {
		name  string
		old   int
		every int // how many packets from one loss to the next
		run   int // how many are lost at once
		lost  [2]uint64
	}{
		{"no loss", 2, 1 << 30, 0, [2]uint64{0, 0}},
		{"nothing again", 0, 10, 1, [2]uint64{290, 300}},
		{"one again", 1, 10, 1, [2]uint64{0, 6}},
		{"two again", 2, 10, 2, [2]uint64{0, 12}},
		{"one again, two lost", 1, 10, 2, [2]uint64{290, 320}},
		{"two again, three lost", 2, 30, 3, [2]uint64{95, 125}},
	} {
		t.Run(test.name, func(t *testing.T) {
			gone := 0
			s, _ := repeating(test.old, func(i int) bool {
				lose := i%test.every >= 5 && i%test.every < 5+test.run
				if lose {
					gone++
				}
				return lose
			}, inTime)
			if s.Lost < test.lost[0] || s.Lost > test.lost[1] {
				t.Errorf("%d of %d missing packets are lost, want %v", s.Lost, gone, test.lost)
			}
			if missed := int(s.Lost + s.Rescued); missed < gone-5 || missed > gone+5 {
				t.Errorf("%d lost and %d rescued of %d", s.Lost, s.Rescued, gone)
			}
			if s.Duplicates+s.Late > 0 || s.Received != uint64(3000-gone) || s.Resets > 0 {
				t.Errorf("%+v", s)
			}
			if s.Recovered > s.Rescued*PacketSamples || s.Rescued > 0 && s.Recovered < s.Rescued*PacketSamples*9/10 {
				t.Errorf("%d samples of %d rescued packets", s.Recovered, s.Rescued)
			}
		})
	}
}

// TestALateTwinOfAFrameIsADuplicate: the packet whose frame came again in time comes after all.
func TestALateTwinOfAFrameIsADuplicate(t *testing.T) {
	s, _ := repeating(2, never, func(i int) time.Duration {
		if i%50 == 20 {
			return 35 * time.Millisecond
		}
		return 0
	})
	if s.Duplicates < 55 || s.Lost > 3 || s.Rescued < 55 {
		t.Errorf("of 60 late packets: %+v", s)
	}
}

// TestFramesThatComeAgainBeginNothing: whatever a packet says of others, they are no stream.
func TestFramesThatComeAgainBeginNothing(t *testing.T) {
	b := NewJitterBuffer(g711Rate, DelayLimits{})
	now := time.Unix(1000, 0)
	again := func(seq uint16, ssrc uint32) {
		b.Put(Packet{
			SSRC: ssrc, Sequence: seq, Timestamp: uint32(seq) * 160, Payload: []byte{1}, Arrival: now, Again: true,
		})
	}
	again(5, 1)
	if s := b.Next(now, 0); s.Kind != StepNothing {
		t.Errorf("alone it gives %v", s.Kind)
	}
	_, b = repeating(0, never, inTime)
	before, dice := b.Stats(), rand.New(rand.NewPCG(9, 9))
	for range 20000 {
		again(uint16(dice.Uint32()), 1+dice.Uint32N(2))
	}
	after := b.Stats()
	if after.Resets != before.Resets || after.Received != before.Received || after.Lost != before.Lost ||
		after.Duplicates != before.Duplicates || after.Target > 500*time.Millisecond {
		t.Errorf("%+v became %+v", before, after)
	}
}
