package audio_test

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// TestLatePacketsDoNotClick: what is heard after a packet that came too late goes on from what was made up in its
// place, though the decoder has had that packet meanwhile.
func TestLatePacketsDoNotClick(t *testing.T) {
	for _, hz := range []float64{85, 310} {
		said := hum(hz, 5)
		for _, codec := range audio.Codecs(better(t)) {
			carry := func(late time.Duration) (h audiotest.Heard) {
				i := -1
				network := func(at time.Duration, _ int) []time.Duration {
					if i++; i%100 >= 98 {
						at += late
					}
					return []time.Duration{at}
				}
				passage := audiotest.Passage{Codec: codec, Network: network}
				synctest.Test(t, func(*testing.T) { h = must(passage.Carry(said)) })
				return h
			}
			whole, h := carry(0), carry(55*time.Millisecond)
			got, clean := roughness(h.PCM[audio.SampleRate:]), roughness(whole.PCM[audio.SampleRate:])
			if h.Stats.Late < 3 || got > 1.25*clean {
				t.Errorf("%s, %.0f Hz: a second difference of %.0f, of the sound's own %.0f; %d late",
					codec.Name(), hz, got, clean, h.Stats.Late)
			}
		}
	}
}

// TestCodecsChangeWithoutAClick: what was before ends softly, and what comes begins so; however often.
func TestCodecsChangeWithoutAClick(t *testing.T) {
	codecs := audio.Codecs(better(t))
	for _, hz := range []float64{85, 310} {
		said := hum(hz, 3)
		for _, each := range []int{25, 7, 1} { // packets
			synctest.Test(t, func(t *testing.T) {
				clean := 0.0
				for _, codec := range codecs {
					h := must(audiotest.Passage{Codec: codec}.Carry(said[:audio.SampleRate]))
					clean = max(clean, roughness(h.PCM[audio.SampleRate/2:audio.SampleRate]))
				}
				receiver := must(audio.NewReceiver(audio.ReceiverConfig{Codec: codecs[0]}))
				defer receiver.Close()
				var encoders []audio.Encoder
				for _, codec := range codecs {
					encoders = append(encoders, must(codec.NewEncoder()))
				}
				var pcm []int16
				var payload []byte
				frame := make(audio.Frame, audio.FrameSamples)
				for i := range len(said) / audio.PacketSamples {
					k := i / each % len(codecs)
					if i%each == 0 {
						if err := receiver.SetCodec(codecs[k]); err != nil {
							t.Fatal(err)
						}
					}
					for n, encoder := range encoders {
						all := must(encoder.Encode(payload[:0], said[i*audio.PacketSamples:][:audio.PacketSamples]))
						if n == k {
							receiver.Push(audio.Packet{
								Sequence: uint16(i), Timestamp: uint32(i * codecs[k].ClockRate() / 50), Payload: all,
								Arrival: time.Now(),
							})
						}
					}
					for range audio.PacketFrames {
						time.Sleep(10 * time.Millisecond)
						receiver.Fill(frame)
						pcm = append(pcm, frame...)
					}
				}
				if got := roughness(pcm); got > 1.4*clean && each > 1 || got > 2*clean {
					t.Errorf("each %d packets, %.0f Hz: a second difference of %.0f, of the sound's own %.0f",
						each, hz, got, clean)
				}
				silent := 0
				for at := 0; at < len(pcm); at += audio.FrameSamples {
					if rms(pcm[at:at+audio.FrameSamples]) < -50 {
						silent++
					}
				}
				if changes := 150 / each; silent > 4*changes && each > 1 {
					t.Errorf("each %d packets: %d Frames of silence in %d changes", each, silent, changes)
				}
			})
		}
	}
}
