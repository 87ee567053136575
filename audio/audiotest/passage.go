package audiotest

import (
	"fmt"
	"slices"
	"time"

	"calla/audio"
)

// Passage is sound on its way through a network to a Receiver, in virtual time: it is meant for a bubble of
// testing/synctest, in which the same passage is the same each time.
type Passage struct {
	Codec audio.Codec
	// Loss is what the sender's encoder is told of, percent.
	Loss int
	// Network says when a packet of size octets, sent at a time since the beginning, comes out: never, once or twice.
	Network func(at time.Duration, size int) []time.Duration
	// Drift is by how much the playing clock is slow, parts in a million.
	Drift float64
}

// Heard is what came out of a Passage.
type Heard struct {
	PCM    []int16 // from the moment on at which the first sample was spoken, at the player's clock
	Stats  audio.ReceiverStats
	Delays []time.Duration // that the Receiver says it adds, every 100 ms
}

// Median is the delay that the Receiver said it added, in the median.
func (h Heard) Median() time.Duration {
	if len(h.Delays) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(h.Delays))
	return sorted[len(sorted)/2]
}

// Carry sends speech, mono at audio.SampleRate, and returns what is heard, half a second longer.
func (p Passage) Carry(speech []int16) (Heard, error) {
	packets, err := p.packets(speech)
	if err != nil {
		return Heard{}, err
	}
	receiver, err := audio.NewReceiver(audio.ReceiverConfig{Codec: p.Codec})
	if err != nil {
		return Heard{}, fmt.Errorf("make a receiver: %w", err)
	}
	defer receiver.Close()
	const tick = time.Second * audio.FrameSamples / audio.SampleRate
	h := Heard{PCM: make([]int16, 0, len(speech)+audio.SampleRate/2)}
	start := time.Now()
	frame := make(audio.Frame, audio.FrameSamples)
	for k := range (len(speech) + audio.SampleRate/2) / audio.FrameSamples {
		at := time.Duration(float64(k)*float64(tick)*(1+p.Drift/1e6)) + tick*7/10
		for len(packets) > 0 && packets[0].at <= at {
			time.Sleep(time.Until(start.Add(packets[0].at)))
			packets[0].Arrival = time.Now()
			receiver.Push(packets[0].Packet)
			packets = packets[1:]
		}
		time.Sleep(time.Until(start.Add(at)))
		receiver.Fill(frame)
		h.PCM = append(h.PCM, frame...)
		if k%10 == 9 {
			h.Delays = append(h.Delays, receiver.Stats().Current)
		}
	}
	h.Stats = receiver.Stats()
	return h, nil
}

// Lags tells how long after it was spoken sound is heard, once in every so long: by the sound itself, two seconds of it
// at a time, not by what the Receiver says. most is the longest that is looked for.
func (p Passage) Lags(speech []int16, h Heard, every, most time.Duration) (lags []time.Duration) {
	const window = 2 * audio.SampleRate
	samples := func(d time.Duration) int { return int(d.Seconds() * audio.SampleRate) }
	for at := 0; at+window+samples(most) <= len(h.PCM); at += samples(every) {
		then := int(float64(at)*(1+p.Drift/1e6)) + audio.FrameSamples*7/10 // when it is played
		if then+window > len(speech) {
			break
		}
		lag := Delay(speech[then:then+window], h.PCM[at:at+window+samples(most)], samples(most))
		lags = append(lags, time.Duration(lag)*time.Second/audio.SampleRate)
	}
	return lags
}

type carried struct {
	audio.Packet
	at time.Duration
}

// packets are those that come through, in the order in which they come.
func (p Passage) packets(speech []int16) ([]carried, error) {
	encoder, err := p.Codec.NewEncoder()
	if err != nil {
		return nil, fmt.Errorf("make an encoder: %w", err)
	}
	defer encoder.Close()
	encoder.Follow(audio.Channel{Loss: float64(p.Loss)})
	const packetTime = time.Second * audio.PacketSamples / audio.SampleRate
	var packets []carried
	for i := range len(speech) / audio.PacketSamples {
		payload, err := encoder.Encode(nil, speech[i*audio.PacketSamples:(i+1)*audio.PacketSamples])
		if err != nil {
			return nil, fmt.Errorf("encode: %w", err)
		}
		sent := time.Duration(i+1) * packetTime // when it has been spoken
		arrivals := []time.Duration{sent}
		if p.Network != nil {
			arrivals = p.Network(sent, len(payload)+54) // with RTP, SRTP, UDP and IP
		}
		for _, at := range arrivals {
			packets = append(packets, carried{at: at, Packet: audio.Packet{
				SSRC: 1, Sequence: uint16(65000 + i), Payload: payload,
				Timestamp: uint32(i * p.Codec.ClockRate() / int(time.Second/packetTime)),
			}})
		}
	}
	slices.SortStableFunc(packets, func(a, b carried) int { return int(a.at - b.at) })
	return packets, nil
}
