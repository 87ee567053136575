package audio_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
)

// damage is what becomes of packets on their way, one after the other, by dice.
type damage struct {
	r      *rand.Rand
	number uint16
	ticks  uint32
	source uint32
	held   []audio.Packet
}

// next gives what comes in the place of a packet.
func (d *damage) next(p audio.Packet) []audio.Packet {
	switch d.r.IntN(30) {
	case 0:
		d.number += uint16(d.r.Uint32N(800) - 400)
	case 1:
		d.ticks += d.r.Uint32N(60000) - 30000
	case 2:
		d.ticks += d.r.Uint32()
	case 3:
		d.source++
	}
	p.Sequence += d.number
	p.Timestamp += d.ticks
	p.SSRC += d.source
	switch d.r.IntN(12) {
	case 0:
		return nil
	case 1:
		return []audio.Packet{p, p}
	case 2:
		d.held = append(d.held, p)
		return nil
	case 3:
		all := append(d.held, p)
		d.held = nil
		return all
	case 4:
		p.Timestamp += d.r.Uint32N(3000) - 1500
	case 5:
		q := p
		q.Again, q.Sequence, q.Timestamp = true, q.Sequence-uint16(d.r.IntN(5)), q.Timestamp-d.r.Uint32N(5000)
		return []audio.Packet{q, p}
	case 6:
		p.SSRC++
	case 7:
		noise := []byte{60, byte(d.r.Uint32()), byte(d.r.Uint32()), byte(d.r.Uint32()), byte(d.r.Uint32())}
		return []audio.Packet{{
			SSRC: p.SSRC, Sequence: p.Sequence, Timestamp: p.Timestamp, Noise: true, Payload: noise[:1+d.r.IntN(5)],
		}}
	}
	return []audio.Packet{p}
}

// TestDamagedStreamsAreNoLouder than what is said, whatever comes of it, and at what time.
func TestDamagedStreamsAreNoLouder(t *testing.T) {
	said := spoken(6)
	for _, codec := range audio.Codecs(better(t)) {
		encoder := must(codec.NewEncoder())
		var payloads [][]byte
		for at := 0; at+audio.PacketSamples <= len(said); at += audio.PacketSamples {
			payloads = append(payloads, must(encoder.Encode(nil, said[at:at+audio.PacketSamples])))
		}
		encoder.Close()
		carry := func(d *damage) (loudest int, played uint64) {
			synctest.Test(t, func(*testing.T) {
				receiver := must(audio.NewReceiver(audio.ReceiverConfig{Codec: codec}))
				defer receiver.Close()
				frame := make(audio.Frame, audio.FrameSamples)
				for i, payload := range payloads {
					all := []audio.Packet{{
						Sequence: uint16(i), Timestamp: uint32(i * codec.ClockRate() / 50), Payload: payload,
					}}
					if d != nil {
						all = d.next(all[0])
					}
					for _, p := range all {
						if p.Noise && codec.Name() == "opus" {
							continue
						}
						p.Arrival = time.Now()
						receiver.Push(p)
					}
					for range audio.PacketFrames {
						time.Sleep(10 * time.Millisecond)
						receiver.Fill(frame)
						for _, s := range frame {
							loudest = max(loudest, int(s), -int(s))
						}
					}
				}
				played = receiver.Stats().Played
			})
			return loudest, played
		}
		clean, _ := carry(nil)
		for seed := range uint64(12) {
			loudest, played := carry(&damage{r: rand.New(rand.NewPCG(seed, 5))})
			if loudest > 2*clean || played < uint64(len(said)/2) {
				t.Errorf("%s, seed %d: as loud as %d, whole %d; %d samples", codec.Name(), seed, loudest, clean, played)
			}
		}
	}
}
