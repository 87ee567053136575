package phone

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/audiotest"
	"calla/phone/cause"
)

// spell is a source that ends after so many frames.
type spell struct {
	source audio.Source
	frames int
}

// Fill implements audio.Source.
func (s *spell) Fill(frame audio.Frame) bool {
	s.frames--
	return s.source.Fill(frame) && s.frames > 0
}

// talksFor has somebody talk into p's microphone for a time, and waits for the end of it.
func (p *testPhone) talksFor(d time.Duration) {
	p.host.SetSource(audiotest.Microphone, &spell{audiotest.NewSpeech(2), int(d / (10 * time.Millisecond))})
	time.Sleep(d)
}

// changesOfTalk follows what is told of talk into a muted microphone: when it began and ended, by turns.
func (p *testPhone) changesOfTalk(began time.Time) (changes func() []time.Duration) {
	var mu sync.Mutex
	var all []time.Duration
	p.Subscribe(func(s State) {
		mu.Lock()
		defer mu.Unlock()
		told := slices.ContainsFunc(s.Calls, func(c CallState) bool { return c.MutedTalking })
		if told != (len(all)%2 == 1) {
			all = append(all, time.Since(began))
		}
	})
	return func() []time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

// TestWhoTalksWhileMutedIsTold: after a second of talk, until there has been none for three or the call is muted no
// more, and never for less than that. What was said before counts for nothing.
func TestWhoTalksWhileMutedIsTold(t *testing.T) {
	const ms = time.Millisecond
	for i, v := range []struct {
		name string
		do   func(alice *testPhone, call string) // it is muted
		want []time.Duration                     // about when it begins and ends
		hum  audio.Source                        // what there is before and all the time
	}{
		{"talk", func(p *testPhone, _ string) {
			p.talksFor(4 * time.Second)
		}, []time.Duration{1300 * ms, 7300 * ms}, nil},
		{"a word", func(p *testPhone, _ string) { p.talksFor(400 * ms) }, nil, nil},
		{"a word now and then", func(p *testPhone, _ string) {
			for range 4 {
				p.talksFor(300 * ms)
				time.Sleep(3 * time.Second)
			}
		}, nil, nil},
		{"talk with pauses is one talk", func(p *testPhone, _ string) {
			for range 4 {
				p.talksFor(1700 * ms)
				time.Sleep(1800 * ms)
			}
		}, []time.Duration{1300 * ms, 15500 * ms}, nil},
		{"talk and talk again", func(p *testPhone, _ string) {
			p.talksFor(2 * time.Second)
			time.Sleep(5 * time.Second)
			p.talksFor(2 * time.Second)
		}, []time.Duration{1300 * ms, 5300 * ms, 8300 * ms, 12300 * ms}, nil},
		{"a fan", func(*testPhone, string) {}, nil, audiotest.NewFan(1)},
		{"a tone", func(*testPhone, string) {}, nil, audio.NewToneSource(audio.Sine(440, -20))},
		{"a fan begins", func(p *testPhone, _ string) {
			p.host.SetSource(audiotest.Microphone, audiotest.NewFan(1))
			time.Sleep(8 * time.Second)
		}, nil, nil},
		{"a fan begins and ends", func(p *testPhone, _ string) {
			for range 3 {
				p.host.SetSource(audiotest.Microphone, &spell{audiotest.NewFan(1), 300})
				time.Sleep(4 * time.Second)
			}
		}, nil, nil},
		{"a tone begins", func(p *testPhone, _ string) {
			p.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(440, -20)))
			time.Sleep(8 * time.Second)
		}, nil, nil},
		{"a dial tone begins", func(p *testPhone, _ string) {
			p.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Tone{Notes: []audio.Note{{
				Frequencies: []float64{350, 440}, Level: -20, Length: 8 * time.Second,
			}}}))
			time.Sleep(8 * time.Second)
		}, nil, nil},
		{"unmuted while it is told", func(p *testPhone, call string) {
			p.talksFor(3 * time.Second)
			p.SetMuted(call, false)
			p.talksFor(3 * time.Second)
		}, []time.Duration{1300 * ms, 3000 * ms}, nil},
		{"on hold while it is told", func(p *testPhone, call string) {
			p.talksFor(3 * time.Second)
			p.SetHold(call, true)
			p.talksFor(3 * time.Second)
		}, []time.Duration{1300 * ms, 3000 * ms}, nil},
		{"muted again in the middle of a word", func(p *testPhone, call string) {
			p.SetMuted(call, false)
			p.talksFor(4 * time.Second)
			p.SetMuted(call, true)
			p.talksFor(400 * ms)
		}, nil, nil},
		{"never muted", func(p *testPhone, call string) {
			p.SetMuted(call, false)
			p.talksFor(4 * time.Second)
		}, nil, nil},
		{"the microphone goes", func(p *testPhone, _ string) {
			p.talksFor(3 * time.Second)
			p.host.Remove(audiotest.Microphone)
			time.Sleep(6 * time.Second)
		}, []time.Duration{1300 * ms, 6000 * ms}, nil},
		{"hung up while it is told", func(p *testPhone, call string) {
			p.talksFor(3 * time.Second)
			p.HangUp(call)
		}, []time.Duration{1300 * ms, 3000 * ms}, nil},
	} {
		t.Run(v.name, func(t *testing.T) {
			alike(t, i)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				mine, _ := alice.talk(bob)
				if v.hum != nil {
					alice.host.SetSource(audiotest.Microphone, v.hum)
					time.Sleep(3 * time.Second)
				}
				alice.SetMuted(mine.ID, true)
				time.Sleep(time.Second)
				changes := alice.changesOfTalk(time.Now())
				v.do(alice, mine.ID)
				time.Sleep(4 * time.Second)
				got := changes()
				near := func(a, b time.Duration) bool { return (a - b).Abs() <= 500*ms }
				if !slices.EqualFunc(got, v.want, near) {
					t.Errorf("told at %v, want %v", got, v.want)
				}
			})
		})
	}
}

// TestASilentMicrophoneIsNamed: after five seconds in which it could have been heard, with its name; not while nobody
// is to hear it, nor once it gives a sound or is another one.
func TestASilentMicrophoneIsNamed(t *testing.T) {
	for i, v := range []struct {
		name  string
		do    func(alice *testPhone, call string) // with a silent microphone, from the answer on
		after time.Duration
		told  string // "" = nothing is wrong
	}{
		{"five seconds", nil, 7 * time.Second, "Microphone gives no sound: check its switch, or choose another one."},
		{"four seconds", nil, 4 * time.Second, ""},
		{"muted", func(p *testPhone, call string) { p.SetMuted(call, true) }, 20 * time.Second, ""},
		{"unmuted a while ago", func(p *testPhone, call string) {
			p.SetMuted(call, true)
			time.Sleep(20 * time.Second)
			p.SetMuted(call, false)
		}, 4 * time.Second, ""},
		{"on hold", func(p *testPhone, call string) { p.SetHold(call, true) }, 20 * time.Second, ""},
		{"it gives a sound", func(p *testPhone, _ string) {
			time.Sleep(7 * time.Second)
			p.says(440)
		}, 2 * time.Second, ""},
		{"it stands still", func(p *testPhone, _ string) {
			p.says(440)
			time.Sleep(7 * time.Second)
			p.host.Stall(audiotest.Microphone, true)
		}, 7 * time.Second, "Microphone gives no sound: check its switch, or choose another one."},
		{"another one is chosen", func(p *testPhone, _ string) {
			p.plug("headset", "Headset", 440)
			time.Sleep(7 * time.Second)
			p.SetDevice(account.RoleMicrophone, account.DeviceChoice{ID: "headset", Name: "Headset"})
		}, 2 * time.Second, ""},
		{"another one is silent too", func(p *testPhone, _ string) {
			p.host.AddCapture("headset", "Headset")
			time.Sleep(7 * time.Second)
			p.SetDevice(account.RoleMicrophone, account.DeviceChoice{ID: "headset", Name: "Headset"})
		}, 7 * time.Second, "Headset gives no sound: check its switch, or choose another one."},
	} {
		t.Run(v.name, func(t *testing.T) {
			alike(t, i)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				mine, _ := alice.talk(bob)
				if v.do != nil {
					v.do(alice, mine.ID)
				}
				time.Sleep(v.after)
				told, problem := "", alice.State().Calls[0].Problem
				if problem != nil {
					told = tell(*problem).Title
				}
				if told != v.told {
					t.Errorf("told %q, want %q", told, v.told)
				}
				if v.told != "" && (problem.Kind != cause.MicrophoneSilent ||
					problem.Action != cause.ActionChooseDevice) {
					t.Errorf("%+v", problem)
				}
			})
		})
	}
}
