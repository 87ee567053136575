package phone

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio/audiotest"
)

// tellingHost tells of changes, as PulseAudio does.
type tellingHost struct {
	*audiotest.Host
	news chan struct{}
}

// Watch implements audio.Watching.
func (h *tellingHost) Watch(ctx context.Context, changed func()) {
	for {
		select {
		case <-h.news:
			changed()
		case <-ctx.Done():
			return
		}
	}
}

// TestNewsOfDevicesIsFollowedAtOnce: in a call, a device that goes is replaced, and one that comes back taken again,
// when the sound system tells of it and not at the next look.
//
// Holds: sound-returns
func TestNewsOfDevicesIsFollowedAtOnce(t *testing.T) {
	headset := account.DeviceChoice{ID: "headset", Name: "Headset"}
	for _, v := range []struct {
		name    string
		prepare func(h *audiotest.Host)
		role    account.Role // that has the headset chosen; "" = none
		happens func(h *audiotest.Host)
		opens   string
		burst   int // of news, all of one change
	}{
		{
			"the microphone goes", func(h *audiotest.Host) { h.AddCapture("headset", "Headset") },
			account.RoleMicrophone, func(h *audiotest.Host) { h.Remove("headset") }, audiotest.Microphone, 1,
		},
		{
			"the loudspeaker goes", func(h *audiotest.Host) { h.AddPlayback("headset", "Headset") },
			account.RoleSpeaker, func(h *audiotest.Host) { h.Remove("headset") }, audiotest.Loudspeaker, 1,
		},
		{
			"the chosen microphone comes", func(*audiotest.Host) {},
			account.RoleMicrophone, func(h *audiotest.Host) { h.AddCapture("headset", "Headset") }, "headset", 1,
		},
		{
			"the chosen loudspeaker comes", func(*audiotest.Host) {},
			account.RoleSpeaker, func(h *audiotest.Host) { h.AddPlayback("headset", "Headset") }, "headset", 1,
		},
		{
			"the default goes", func(h *audiotest.Host) { h.AddPlayback("other", "Other") },
			"", func(h *audiotest.Host) { h.Remove(audiotest.Loudspeaker) }, "other", 1,
		},
		{
			"news in a burst", func(*audiotest.Host) {},
			account.RoleSpeaker, func(h *audiotest.Host) { h.AddPlayback("headset", "Headset") }, "headset", 50,
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				host := &tellingHost{audiotest.NewHost(), make(chan struct{})}
				v.prepare(host.Host)
				alice := w.phone("alice", func(o *Options) { o.Host = host })
				if v.role != "" {
					alice.SetDevice(v.role, headset)
				}
				bob := w.phone("bob")
				alice.talk(bob)
				time.Sleep(pollTime)
				synctest.Wait()
				looks := host.Looks()
				time.Sleep(100 * time.Millisecond)
				v.happens(host.Host)
				for range v.burst {
					host.news <- struct{}{}
				}
				time.Sleep(50 * time.Millisecond)
				synctest.Wait()
				if !host.Open(v.opens) {
					t.Errorf("%q is not open 50 ms after the news", v.opens)
				}
				if n := host.Looks() - looks; n < 1 || n > v.burst+2 {
					t.Errorf("looked %d times", n)
				}
			})
		})
	}
}
