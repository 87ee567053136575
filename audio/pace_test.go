package audio_test

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
)

// TestPacketsAreSentOneByOne: without a device they are a packet's time apart, however soon after a line of the clock's
// grid they are due, and however long one takes to be sent. In pairs they would look like jitter to the far end.
func TestPacketsAreSentOneByOne(t *testing.T) {
	const ms, grid = time.Millisecond, 20 * time.Millisecond
	for _, packet := range []time.Duration{10 * ms, 20 * ms, 30 * ms, 60 * ms} {
		for _, after := range []time.Duration{0, 1, 100_000, ms / 2, 2 * ms, 5 * ms, 10 * ms, 19 * ms, grid - 1} {
			for _, takes := range []time.Duration{0, ms, 4 * ms} {
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(time.Until(time.Now().Truncate(grid).Add(grid + after)))
					var sent []time.Time
					s := must(audio.NewSender(audio.SenderConfig{
						Format: audio.Format{Codec: audio.PCMU(), Packet: packet},
						Send: func([]byte, uint32) error {
							sent = append(sent, time.Now())
							time.Sleep(takes)
							return nil
						},
					}))
					time.Sleep(time.Second)
					s.Close()
					if n := int(time.Second / packet); len(sent) < n-1 || len(sent) > n+1 {
						t.Fatalf("%v, %v after the line, taking %v: %d packets", packet, after, takes, len(sent))
					}
					for i := 1; i < len(sent); i++ {
						if apart := sent[i].Sub(sent[i-1]); apart != packet {
							t.Fatalf("%v, %v after the line, taking %v: %v apart", packet, after, takes, apart)
						}
					}
				})
			}
		}
	}
}
