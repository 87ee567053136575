//go:build cgo

package opus

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// TestBitRateAndRepairFollowTheWay: what reports say, as it comes and goes, and what the far end wishes; a loss that
// swings about the limits changes nothing.
func TestBitRateAndRepairFollowTheWay(t *testing.T) {
	l := newLine(t, audiotest.NewSpeech(4))
	e := l.encoder.(*encoder)
	for i, c := range []struct {
		way    audio.Channel
		repair bool
		rate   int
	}{
		{audio.Channel{}, false, 32000},
		{audio.Channel{Loss: 0.9}, false, 32000},
		{audio.Channel{Loss: 1}, true, 40000},
		{audio.Channel{Loss: 0.6}, true, 40000},
		{audio.Channel{Loss: 1.2}, true, 40000},
		{audio.Channel{Loss: 0.4}, false, 32000},
		{audio.Channel{Loss: 0.9}, false, 32000},
		{audio.Channel{Loss: 30}, true, 40000},
		{audio.Channel{Loss: 30, Again: true}, false, 24000},
		{audio.Channel{Loss: 2, Again: true}, false, 24000},
		{audio.Channel{Loss: 0.9}, false, 32000},
		{audio.Channel{Loss: 5}, true, 40000},
		{audio.Channel{Loss: 5, NoRepair: true}, false, 32000},
		{audio.Channel{Loss: 5, MostRate: 36000}, true, 36000},
		{audio.Channel{MostRate: 20000}, false, 20000},
		{audio.Channel{Again: true, MostRate: 510000}, false, 24000},
		{audio.Channel{MostRate: 1}, false, 6000},
		{audio.Channel{Loss: 200}, true, 40000},
		{audio.Channel{}, false, 32000},
	} {
		e.Follow(c.way)
		if e.repair != c.repair || e.rate != c.rate {
			t.Errorf("step %d, %+v: repair %v at %d bit/s", i, c.way, e.repair, e.rate)
		}
		if i%3 > 0 && c.rate > 6000 { // and it is so
			continue
		}
		octets := 0
		for range 250 {
			_, payload := l.encode()
			octets += len(payload)
		}
		if rate := octets * 8 / 5; rate > c.rate*5/4 || rate < c.rate/2 {
			t.Errorf("step %d, %+v: %d bit/s", i, c.way, rate)
		}
	}
}

// TestPausesOfOpusAreNoLoss: a far end that sends nothing in them, as libopus and browsers do it: a packet of nothing
// at the beginning, or none, and a packet of noise every 0.4 s.
func TestPausesOfOpusAreNoLoss(t *testing.T) {
	for _, begins := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := newLine(t, audiotest.NewSpeech(5))
			r, err := audio.NewReceiver(audio.ReceiverConfig{Codec: codec(t)})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			frame, seq := make(audio.Frame, audio.FrameSamples), uint16(0)
			for i := range 400 {
				_, payload := l.encode()
				switch k := i%100 - 40; { // packets into a pause
				case k < 0, k > 0 && k%20 == 0:
				case k == 0 && begins:
					payload = payload[:1]
				default:
					payload = nil
				}
				if payload != nil {
					seq++
					r.Push(audio.Packet{
						Sequence: seq, Timestamp: uint32(i * 960), Payload: payload, Arrival: time.Now(),
					})
				}
				for range audio.PacketFrames {
					time.Sleep(10 * time.Millisecond)
					r.Fill(frame)
				}
			}
			s := r.Stats()
			if s.Lost > 0 || s.Resets > 0 || s.DecodeErrors > 0 || s.Current > 80*time.Millisecond ||
				s.Concealed > audio.SampleRate/10 { // of the last pause, which is not over
				t.Errorf("begins %v: %+v", begins, s)
			}
		})
	}
}
