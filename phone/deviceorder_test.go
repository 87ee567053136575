package phone

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/audiotest"
)

// want chooses microphones, the best last.
func (p *testPhone) want(names ...string) {
	for _, name := range names {
		p.SetDevice(account.RoleMicrophone, account.DeviceChoice{ID: name, Name: name})
	}
	time.Sleep(pollTime)
}

// longestSilence is the longest stretch of nothing in sound that is none else.
func longestSilence(pcm []int16) time.Duration {
	longest, run := 0, 0
	for _, s := range pcm {
		if run++; s > 100 || s < -100 {
			run = 0
		}
		longest = max(longest, run)
	}
	return time.Duration(longest) * time.Second / audio.SampleRate
}

// TestTheFirstDeviceThatIsThereIsUsed: of those that the user wants, in their order, in a call too, with no more than
// 0.3 s of silence; the system's default where none of them is there.
func TestTheFirstDeviceThatIsThereIsUsed(t *testing.T) {
	errBusy := errors.New("busy")
	for i, v := range []struct {
		name   string
		before func(p *testPhone)
		during func(p *testPhone)
		heard  float64 // hertz
		told   string
		gap    bool // there is one
	}{
		{
			"all are there", func(p *testPhone) { p.plug("a", "a", 500); p.plug("b", "b", 600); p.want("a", "b") },
			nil, 600, "", false,
		},
		{
			"the best is not there", func(p *testPhone) { p.plug("a", "a", 500); p.want("a", "b") },
			nil, 500, "", false,
		},
		{
			"the second is not there either", func(p *testPhone) { p.plug("a", "a", 500); p.want("a", "b", "c") },
			nil, 500, "", false,
		},
		{
			"none is there", func(p *testPhone) { p.want("a", "b") },
			nil, 440, "b is gone: Microphone is used.", false,
		},
		{
			"a better one comes", func(p *testPhone) { p.plug("a", "a", 500); p.want("a", "b") },
			func(p *testPhone) { p.plug("b", "b", 600) }, 600, "", true,
		},
		{
			"a worse one comes", func(p *testPhone) { p.plug("b", "b", 600); p.want("a", "b") },
			func(p *testPhone) { p.plug("a", "a", 500) }, 600, "", false,
		},
		{
			"any comes after the system's", func(p *testPhone) { p.want("a", "b") },
			func(p *testPhone) { p.plug("a", "a", 500) }, 500, "b is gone: a is used.", true,
		},
		{
			"the best goes", func(p *testPhone) { p.plug("a", "a", 500); p.plug("b", "b", 600); p.want("a", "b") },
			func(p *testPhone) { p.host.Remove("b") }, 500, "b is gone: a is used.", true,
		},
		{
			"the best goes and comes",
			func(p *testPhone) { p.plug("a", "a", 500); p.plug("b", "b", 600); p.want("a", "b") },
			func(p *testPhone) {
				p.host.Remove("b")
				time.Sleep(2 * pollTime)
				p.plug("b", "b", 600)
			}, 600, "", true,
		},
		{
			"the best comes back under another ID",
			func(p *testPhone) { p.plug("a", "a", 500); p.plug("b", "b", 600); p.want("a", "b") },
			func(p *testPhone) {
				p.host.Remove("b")
				time.Sleep(2 * pollTime)
				p.plug("other", "b", 700)
			}, 700, "", true,
		},
		{
			"all go, one after the other",
			func(p *testPhone) { p.plug("a", "a", 500); p.plug("b", "b", 600); p.want("a", "b") },
			func(p *testPhone) {
				p.host.Remove("b")
				time.Sleep(time.Second)
				p.host.Remove("a")
			}, 440, "b is gone: Microphone is used.", true,
		},
		{
			"the best two cannot be opened",
			func(p *testPhone) {
				p.plug("a", "a", 500)
				p.plug("b", "b", 600)
				p.plug("c", "c", 700)
				p.want("a", "b", "c")
				p.host.Refuse("b", errBusy)
				p.host.Refuse("c", errBusy)
			}, nil, 500, "", false,
		},
		{
			"the best two stop", func(p *testPhone) {
				p.plug("a", "a", 500)
				p.plug("b", "b", 600)
				p.plug("c", "c", 700)
				p.want("a", "b", "c")
			},
			func(p *testPhone) {
				p.host.Refuse("b", errBusy)
				p.host.Refuse("c", errBusy)
				p.host.Lose("c")
			}, 500, "c is gone: a is used.", true,
		},
		{
			"another is chosen", func(p *testPhone) { p.plug("a", "a", 500); p.plug("b", "b", 600); p.want("a", "b") },
			func(p *testPhone) { p.want("a") }, 500, "", true,
		},
		{
			"the best is forgotten",
			func(p *testPhone) { p.plug("a", "a", 500); p.plug("b", "b", 600); p.want("a", "b") },
			func(p *testPhone) { p.ForgetDevice(account.RoleMicrophone, account.DeviceChoice{ID: "b", Name: "b"}) },
			500, "", true,
		},
		{
			"the system is followed",
			func(p *testPhone) { p.plug("a", "a", 500); p.plug("b", "b", 600); p.want("a", "b") },
			func(p *testPhone) { p.SetDevice(account.RoleMicrophone, account.DeviceChoice{}) }, 440, "", true,
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			alike(t, i)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				alice.says(440)
				v.before(alice)
				time.Sleep(pollTime)
				alice.talk(bob)
				time.Sleep(time.Second)
				bob.host.TakePlayed(audiotest.Loudspeaker)
				_, opened := alice.host.Streams()
				if v.during != nil {
					v.during(alice)
				}
				time.Sleep(2 * pollTime)
				gap := longestSilence(bob.host.TakePlayed(audiotest.Loudspeaker))
				if _, now := alice.host.Streams(); (now > opened) != v.gap || gap > 300*time.Millisecond {
					t.Errorf("%d devices opened, silence of %v", now-opened, gap)
				}
				if tone := bob.hears(); !near(tone.Frequency, v.heard) {
					t.Errorf("the other side hears %v, want %v Hz", tone, v.heard)
				}
				told := ""
				if p := alice.State().Calls[0].Problem; p != nil {
					told = tell(*p).Title
				}
				if told != v.told {
					t.Errorf("told %q, want %q", told, v.told)
				}
			})
		})
	}
}
