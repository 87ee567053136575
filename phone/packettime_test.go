package phone

import (
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/netsip/rtc"
)

// wishing is the media of a call whose far end has wishes.
type wishing struct {
	pausing
	mu     sync.Mutex
	wishes rtc.Wishes
	sizes  []int
}

func (w *wishing) Wishes() rtc.Wishes {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wishes
}

func (w *wishing) WriteAudio(payload []byte, ticks uint32) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(payload) > 0 && len(payload) == int(ticks) {
		w.sizes = append(w.sizes, len(payload))
	}
	return nil
}

// TestPacketsFollowTheFarEnd: from the first packet on, and when a later description wishes others.
func TestPacketsFollowTheFarEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		media := &wishing{
			pausing: pausing{packets: make(chan rtc.Packet)}, wishes: rtc.Wishes{Packet: 40 * time.Millisecond},
		}
		pcmu := rtc.Codec{Name: "PCMU", ClockRate: 8000}
		b, err := newBridge(media, pcmu, audio.Codecs(), false, false, nil, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		b.sender.SetSending(true)
		sent := func() []int {
			time.Sleep(1201 * time.Millisecond) // never in the moment of a packet
			synctest.Wait()
			media.mu.Lock()
			defer media.mu.Unlock()
			sizes := media.sizes
			media.sizes = nil
			if n := len(sizes); n == 0 || n < 9600/sizes[0]-1 {
				t.Errorf("%d packets in 1.2 s", n)
			}
			return slices.Compact(sizes)
		}
		if got := sent(); !slices.Equal(got, []int{320}) {
			t.Errorf("for 40 ms: packets of %d", got)
		}
		for _, c := range []struct {
			wishes rtc.Wishes
			send   rtc.Codec
			want   []int
		}{
			{rtc.Wishes{Packet: 60 * time.Millisecond, MostPacket: 30 * time.Millisecond}, pcmu, []int{240}},
			{rtc.Wishes{Packet: 30 * time.Millisecond}, pcmu, []int{240}}, // the same
			{rtc.Wishes{}, rtc.Codec{Name: "G722", ClockRate: 8000}, []int{160}},
			{rtc.Wishes{Packet: 10 * time.Millisecond}, rtc.Codec{Name: "G722", ClockRate: 8000}, []int{80}},
		} {
			if err := b.use(c.send); err != nil {
				t.Fatal(err)
			}
			media.mu.Lock()
			media.wishes = c.wishes
			media.mu.Unlock()
			if err := b.use(c.send); err != nil {
				t.Fatal(err)
			}
			if got := sent(); !slices.Equal(got, c.want) {
				t.Errorf("%+v by %s: packets of %d", c.wishes, c.send.Name, got)
			}
		}
		close(media.packets)
		b.close()
	})
}
