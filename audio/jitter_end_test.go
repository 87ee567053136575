package audio

import (
	"testing"
	"time"
)

// TestEndOfTheSoundIsNotMadeUp: a far end that holds stops a moment before we know of it. What was made up meanwhile is
// none of its sound.
//
// Holds: true-quality
func TestEndOfTheSoundIsNotMadeUp(t *testing.T) {
	for _, waited := range []int{0, 1, 2, 5, 100} { // halves of a packet
		b := NewJitterBuffer(8000, DelayLimits{})
		now := time.Now()
		p := Packet{SSRC: 1, Payload: make([]byte, 160)}
		play := func() {
			for range 2 {
				switch step := b.Next(now, 0); step.Kind {
				case StepPacket:
					b.Decoded(PacketSamples)
					return
				default:
					b.Waited(PacketSamples / 2)
				}
			}
		}
		for range 50 {
			p.Arrival = now
			b.Put(p)
			play()
			p.Sequence++
			p.Timestamp += 160
			now = now.Add(20 * time.Millisecond)
		}
		before := b.Stats().Concealed
		for range waited {
			b.Next(now, 0)
			b.Waited(PacketSamples / 2)
			now = now.Add(10 * time.Millisecond)
		}
		b.Break()
		b.Break()
		if s := b.Stats(); s.Concealed > before {
			t.Errorf("%.0f ms made up after %d ms of nothing", milliseconds(int64(s.Concealed-before)), waited*10)
		}
	}
}
