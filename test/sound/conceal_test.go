package sound

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/audio/opus"
)

// unconcealed is a codec that plays silence where something is lost.
type unconcealed struct{ audio.Codec }

func (u unconcealed) NewDecoder() (audio.Decoder, error) {
	d, err := u.Codec.NewDecoder()
	return silent{d}, err
}

type silent struct{ audio.Decoder }

func (silent) DecodeLost(pcm []int16, _ []byte, want int) (int, error) {
	clear(pcm[:want])
	return want, nil
}

// losses says which of n packets are lost: a share of them, in bursts of that many.
func losses(n int, share float64, burst int) []bool {
	r := rand.New(rand.NewPCG(1, uint64(burst)))
	lost := make([]bool, n+burst)
	for i := 10; i < n; i++ {
		if r.Float64() < share/(float64(burst)*(1-share)+share) {
			for range burst {
				lost[i] = true
				i++
			}
			i--
		}
	}
	return lost[:n]
}

// played is what a Receiver plays of pcm by that codec, in virtual time, over a network that loses packets and does
// nothing else. No packet carries another one.
func played(t *testing.T, codec audio.Codec, pcm []int16, lost []bool) (heard []int16) {
	synctest.Test(t, func(t *testing.T) {
		encoder, err := codec.NewEncoder()
		if err != nil {
			t.Fatal(err)
		}
		defer encoder.Close()
		r, err := audio.NewReceiver(audio.ReceiverConfig{Codec: codec})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		const samples = audio.PacketFrames * audio.FrameSamples
		frame := make(audio.Frame, audio.FrameSamples)
		for i, gone := range lost {
			payload, err := encoder.Encode(nil, pcm[i*samples:(i+1)*samples])
			if err != nil {
				t.Fatal(err)
			}
			if !gone {
				r.Push(audio.Packet{
					Sequence: uint16(i), Timestamp: uint32(i * codec.ClockRate() / 50), Payload: payload,
					Arrival: time.Now(),
				})
			}
			for range audio.PacketFrames {
				time.Sleep(10 * time.Millisecond)
				r.Fill(frame)
				heard = append(heard, frame...)
			}
		}
	})
	return heard
}

// TestConcealment measures what is left of speech when packets are lost and nothing brings them back.
func TestConcealment(t *testing.T) {
	measuring(t)
	codecs := []audio.Codec{unconcealed{audio.PCMU()}, audio.PCMU(), audio.G722()}
	table := Table{
		Title: "Lost packets made up",
		Text: "A minute of speech of each of two speakers, in packets of 20 ms, at Calla's Receiver; ESTOI. Opus " +
			"has libopus's own concealment here: no forward error correction. To be reached with G.711: .955 at " +
			"5 %, .94 at 10 %.",
		Head: []string{"lost", "G.711, silence", "G.711, Calla", "G.722, Calla"},
	}
	if o, err := opus.Load(); err == nil {
		codecs, table.Head = append(codecs, o), append(table.Head, "Opus, libopus")
	}
	var spokenBy [][]int16
	for voice := range voices() {
		spokenBy = append(spokenBy, speech(t, voice, spoken))
	}
	for _, line := range []struct {
		name  string
		share float64
		burst int
	}{
		{"nothing", 0, 1},
		{"5 %", 0.05, 1},
		{"10 %", 0.1, 1},
		{"20 %", 0.2, 1},
		{"10 % in twos", 0.1, 2},
		{"10 % in threes", 0.1, 3},
	} {
		row := []string{line.name}
		for _, codec := range codecs {
			sum := 0.0
			for _, pcm := range spokenBy {
				heard := played(t, codec, pcm, losses(int(spoken*50), line.share, line.burst))
				late := max(0, audiotest.Delay(pcm, heard, audio.SampleRate/5))
				sum += audiotest.ESTOI(pcm, heard[late:]) / float64(len(spokenBy))
			}
			row = append(row, fmt.Sprintf("%.3f", sum))
		}
		table.Rows = append(table.Rows, row)
	}
	record(t, table)
}
