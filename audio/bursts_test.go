package audio

import (
	"fmt"
	"testing"
	"time"
)

// putSound has a packet of G.711 come now, the n-th of a far end's.
func putSound(t *testing.T, jitter *JitterBuffer, encoder Encoder, pcm []int16, n int, now time.Time) {
	t.Helper()
	payload, err := encoder.Encode(nil, pcm)
	if err != nil {
		t.Fatal(err)
	}
	jitter.Put(Packet{SSRC: 1, Sequence: uint16(n), Timestamp: uint32(n * 160), Arrival: now, Payload: payload})
}

// TestABurstOfFramesIsNotAnotherDelay: whoever plays several Frames at once, and whenever the far end's clock jumps:
// once the delay is the right one, nothing is made up, and nothing put in or taken out. A tone has places that are
// alike a little before and after each length that is wanted.
func TestABurstOfFramesIsNotAnotherDelay(t *testing.T) {
	const (
		ms    = time.Millisecond
		long  = 12 * time.Second
		jumps = 4 * time.Second
		calm  = 5 * time.Second // at the end
	)
	for _, burst := range []int{1, 2, 3, 4} {
		for _, jump := range []time.Duration{0, 7 * ms, 10 * ms, 20 * ms, 45 * ms} {
			for _, phase := range []time.Duration{0, 3 * ms} { // of the player to the network
				t.Run(fmt.Sprintf("%d, %v later, %v off", burst, jump, phase), func(t *testing.T) {
					encoder, _ := PCMU().NewEncoder()
					decoder, _ := PCMU().NewDecoder()
					jitter := NewJitterBuffer(g711Rate, DelayLimits{})
					play := newPlaybuffer(jitter, decoder)
					tone := NewToneSource(Sine(440, -12))
					start := time.Unix(1000, 0)
					frame, pcm := make(Frame, FrameSamples), make([]int16, PacketSamples)
					sent, asked := 0, 0
					var before JitterStats
					for at := time.Duration(0); at < long; at += ms {
						now := start.Add(at)
						// What the player wants in the moment in which a packet comes is wanted first.
						for at >= phase && time.Duration(asked)*frameTime <= at-phase {
							for range burst {
								play.fill(frame, now)
								asked++
							}
						}
						for {
							due := time.Duration(sent) * packetTime
							if due >= jumps {
								due += jump
							}
							if due > at {
								break
							}
							tone.Fill(pcm[:FrameSamples])
							tone.Fill(pcm[FrameSamples:])
							putSound(t, jitter, encoder, pcm, sent, now)
							sent++
						}
						if at == long-calm {
							before = jitter.Stats()
						}
					}
					s := jitter.Stats()
					if s.Concealed != before.Concealed || s.Removed != before.Removed || s.Inserted != before.Inserted {
						t.Errorf("%d made up, %d taken out, %d put in", s.Concealed-before.Concealed,
							s.Removed-before.Removed, s.Inserted-before.Inserted)
					}
					if most := 40*ms + jump + time.Duration(burst)*frameTime; s.Current > most {
						t.Errorf("a delay of %v, more than %v", s.Current, most)
					}
				})
			}
		}
	}
}

// TestADeviceThatCatchesUpIsNoBurst: what a device did not take while it stood still, it may take at once afterwards.
// All of that has come meanwhile: it is played, and the delay is what it was.
func TestADeviceThatCatchesUpIsNoBurst(t *testing.T) {
	const ms = time.Millisecond
	for _, burst := range []int{1, 2} { // Frames that it takes at once
		for _, stands := range []time.Duration{40 * ms, 80 * ms, 160 * ms} {
			for _, every := range []time.Duration{time.Hour, 5 * time.Second} {
				for _, first := range []time.Duration{0, 300 * ms, 2 * time.Second} {
					t.Run(fmt.Sprintf("%d, %v at %v and every %v", burst, stands, first, every), func(t *testing.T) {
						encoder, _ := PCMU().NewEncoder()
						decoder, _ := PCMU().NewDecoder()
						jitter := NewJitterBuffer(g711Rate, DelayLimits{})
						play := newPlaybuffer(jitter, decoder)
						start := time.Unix(1000, 0)
						frame, pcm := make(Frame, FrameSamples), make([]int16, PacketSamples)
						sent, asked := 0, 0
						for at := time.Duration(0); at < 20*time.Second; at += ms {
							now := start.Add(at)
							if due := time.Duration(sent) * packetTime; due <= at {
								putSound(t, jitter, encoder, pcm, sent, now)
								sent++
							}
							stood := at >= first && (at-first)%every < stands
							for !stood && time.Duration(asked)*frameTime+3*ms <= at {
								for range burst {
									play.fill(frame, now)
									asked++
								}
							}
							after := at - first - stands // the last time that it stood still, where that was
							if after >= every {
								after %= every
							}
							if s := jitter.Stats(); after > time.Second && s.Current > 40*ms {
								t.Fatalf("a delay of %v at %v, %+v", s.Current, at, jitter.bursts)
							}
						}
						if s := jitter.Stats(); s.Skipped > 10 {
							t.Errorf("%d packets left out", s.Skipped)
						}
					})
				}
			}
		}
	}
}
