package phone

import (
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/netsip/rtc"
)

// pausing is the media of a call whose far end makes pauses.
type pausing struct {
	mediaSession
	packets chan rtc.Packet
}

func (*pausing) WriteAudio([]byte, uint32) error { return nil }

func (*pausing) WritePause([]byte, uint32) error { return nil }

func (*pausing) Wishes() rtc.Wishes { return rtc.Wishes{} }

func (p *pausing) ReadAudio(into *rtc.Packet) error {
	var ok bool
	if *into, ok = <-p.packets; !ok {
		return io.EOF
	}
	into.Arrival = time.Now()
	return nil
}

func (*pausing) ReceiveCodec(payloadType uint8) (rtc.Codec, bool) {
	switch payloadType {
	case 0:
		return rtc.Codec{Name: "PCMU", ClockRate: 8000}, true
	case 13:
		return rtc.Codec{Name: rtc.ComfortNoise, ClockRate: 8000}, true
	}
	return rtc.Codec{}, false
}

func TestComfortNoiseOfTheFarEndIsHeardInPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		media := &pausing{packets: make(chan rtc.Packet, 10)}
		b, err := newBridge(media, rtc.Codec{Name: "PCMU", ClockRate: 8000}, []audio.Codec{audio.PCMU()}, false, true,
			nil, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		frame := make(audio.Frame, audio.FrameSamples)
		heard := func(frames int) int {
			for range frames {
				time.Sleep(10 * time.Millisecond)
				b.receiver.Fill(frame)
			}
			loudest := 0
			for _, s := range frame {
				loudest = max(loudest, int(s), -int(s))
			}
			return loudest
		}
		media.packets <- rtc.Packet{PayloadType: 0, Payload: make([]byte, 160), SequenceNumber: 1}
		media.packets <- rtc.Packet{PayloadType: 13, Payload: []byte{50}, SequenceNumber: 2, Timestamp: 160}
		if peak := heard(300); peak < 100 || peak > 1000 {
			t.Errorf("in the pause: peak of %d", peak)
		}
		// The format is what it was before.
		media.packets <- rtc.Packet{PayloadType: 0, Payload: make([]byte, 160), SequenceNumber: 3, Timestamp: 24000}
		if peak := heard(4); peak < 10000 {
			t.Errorf("after the pause: peak of %d", peak)
		}
		if s := b.receiver.Stats(); s.Received != 3 || s.DecodeErrors > 0 || s.Lost > 0 || s.Resets > 0 {
			t.Errorf("%+v", s)
		}
		close(media.packets)
		b.close()
	})
}
