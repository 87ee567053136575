package audio

import (
	"fmt"
	"testing"
	"time"
)

// TestPacketsOfAnyLengthAreTaken: what our description promises, 10 to 120 ms.
func TestPacketsOfAnyLengthAreTaken(t *testing.T) {
	for _, codec := range []Codec{PCMU(), G722()} {
		for _, ms := range []int{10, 20, 30, 60, 100, 120} {
			for _, losing := range []int{0, 20} {
				t.Run(fmt.Sprint(codec.Name(), " ", ms, " ms, one lost of ", losing), func(t *testing.T) {
					takeLong(t, codec, ms, losing)
				})
			}
		}
	}
}

func takeLong(t *testing.T, codec Codec, ms, losing int) {
	const seconds = 6
	encoder, err := codec.NewEncoder()
	if err != nil {
		t.Fatal(err)
	}
	decoder, err := codec.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	play := newPlaybuffer(NewJitterBuffer(codec.ClockRate(), DelayLimits{}), decoder)
	source, start := tone440(), time.Unix(1000, 0)
	frame, n, lost := make(Frame, FrameSamples), 0, 0
	var pcm []int16
	for k := range 100 * seconds {
		now := start.Add(time.Duration(k) * frameTime)
		for (n+1)*ms <= 10*k {
			var payload []byte
			for range ms / 10 { // encoders of ours take no more than 60 ms at a time
				payload, err = encoder.Encode(payload, pull(source, frameTime))
				if err != nil {
					t.Fatal(err)
				}
			}
			if losing > 0 && n%losing == losing/2 {
				lost++
			} else {
				play.jitter.Put(Packet{
					Sequence: uint16(n), Timestamp: uint32(n * ms * codec.ClockRate() / 1000), Payload: payload,
					Arrival: now,
				})
			}
			n++
		}
		play.fill(frame, now.Add(7*time.Millisecond))
		pcm = append(pcm, frame...)
	}
	s, played := play.jitter.Stats(), uint64((seconds-1)*SampleRate)
	made := uint64(lost * ms * SampleRate / 1000)
	if s.Lost != uint64(lost) || s.Resets > 0 || play.refused > 0 || s.Played < played || s.Skipped > 0 {
		t.Errorf("%d lost of %d, %d refused: %+v", lost, n, play.refused, s)
	}
	// Nothing but what is missing is made up, and with nothing missing the buffer keeps to its least.
	if s.Concealed > made+made/10 || s.Concealed < made*8/10 {
		t.Errorf("%d samples made up of %d missing", s.Concealed, made)
	}
	if longest := time.Duration(ms)*time.Millisecond + 60*time.Millisecond; s.Current > longest {
		t.Errorf("delay of %v", s.Current)
	}
	if m := MeasureTone(pcm[SampleRate:]); m.Frequency < 439 || m.Frequency > 441 || lost == 0 && m.Purity < 0.98 {
		t.Errorf("heard %v, purity %.3f", m, m.Purity)
	}
}
