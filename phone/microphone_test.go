package phone

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/audiotest"
	"calla/phone/cause"
)

const monitor = "Monitor of Loudspeaker"

// plugMonitor plugs in what records the loudspeaker, a tone of 700 Hz.
func (p *testPhone) plugMonitor(id, name string) {
	p.host.AddLoopback(id, name)
	p.host.SetSource(id, audio.NewToneSource(audio.Sine(700, -12)))
}

// plug plugs a microphone in that hears a tone.
func (p *testPhone) plug(id, name string, hz float64) {
	p.host.AddCapture(id, name)
	p.host.SetSource(id, audio.NewToneSource(audio.Sine(hz, -12)))
}

// TestMicrophoneIsNoLoopback: what records the loudspeaker is sent to nobody unless it was chosen by name; where
// there is no microphone, silence is sent and said.
//
// Holds: microphone
func TestMicrophoneIsNoLoopback(t *testing.T) {
	chosen := account.DeviceChoice{ID: "mon", Name: monitor, Loopback: true}
	headset := account.DeviceChoice{ID: "headset", Name: "Headset"}
	for _, v := range []struct {
		name   string
		choose account.DeviceChoice
		before func(p *testPhone) // the call
		during func(p *testPhone)
		heard  float64 // hertz; 0 = silence
		told   string  // the problem in the call begins so
	}{
		{
			"no microphone",
			account.DeviceChoice{},
			func(p *testPhone) { p.host.Remove(audiotest.Microphone) }, nil, 0,
			"No microphone:",
		},
		{"a monitor before the microphone", account.DeviceChoice{}, func(p *testPhone) {
			p.host.Remove(audiotest.Microphone)
			p.plugMonitor("other", "Stereo Mix")
			p.plug(audiotest.Microphone, "Microphone", 440)
		}, nil, 440, ""},
		{
			"unplugged in the call",
			account.DeviceChoice{},
			nil,
			func(p *testPhone) { p.host.Remove(audiotest.Microphone) }, 0, "No microphone:",
		},
		{"back in the call", account.DeviceChoice{}, nil, func(p *testPhone) {
			p.host.Remove(audiotest.Microphone)
			p.until("told", func(s State) bool { return s.Calls[0].Problem != nil })
			p.plug("again", "Microphone", 500)
			p.until("taken", func(s State) bool { return s.Calls[0].Problem == nil })
		}, 500, ""},
		{
			"another microphone in the call",
			account.DeviceChoice{},
			func(p *testPhone) { p.plug("webcam", "Webcam", 600) },
			func(p *testPhone) { p.host.Remove(audiotest.Microphone) }, 600, "Microphone is gone: Webcam is used.",
		},
		{"the chosen one is not there", headset, nil, nil, 440, "Headset is gone: Microphone is used."},
		{
			"the chosen one goes and the other too", headset, func(p *testPhone) { p.plug("headset", "Headset", 550) },
			func(p *testPhone) {
				p.host.Remove("headset")
				p.host.Remove(audiotest.Microphone)
			}, 0, "No microphone:",
		},
		{"the monitor is chosen", chosen, nil, nil, 700, ""},
		{
			"the monitor is chosen and has another ID",
			account.DeviceChoice{ID: "old", Name: monitor, Loopback: true},
			nil, nil, 700, "",
		},
		{
			"the chosen monitor goes", chosen, func(p *testPhone) { p.plugMonitor("mon2", "Monitor of HDMI") },
			func(p *testPhone) { p.host.Remove("mon") }, 440, monitor + " is gone: Microphone is used.",
		},
		{
			"a microphone had the monitor's name",
			account.DeviceChoice{ID: "old", Name: monitor},
			nil, nil, 440,
			monitor + " is gone",
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				alice.plugMonitor("mon", monitor)
				alice.says(440)
				if v.before != nil {
					v.before(alice)
				}
				alice.SetDevice(account.RoleMicrophone, v.choose)
				time.Sleep(pollTime)
				alice.talk(bob)
				if v.during != nil {
					v.during(alice)
				}
				time.Sleep(2 * pollTime)
				tone := bob.hears()
				if v.heard == 0 && bob.State().Calls[0].Quality.Packets < 200 {
					t.Errorf("only %d packets of silence came", bob.State().Calls[0].Quality.Packets)
				}
				if (v.heard != 0 || tone.Level > -100 && tone.Frequency != 0) && !near(tone.Frequency, v.heard) {
					t.Errorf("the other side hears %v, want %v Hz", tone, v.heard)
				}
				told := ""
				if p := alice.State().Calls[0].Problem; p != nil {
					told = tell(*p).Title
					if p.Action != cause.ActionChooseDevice {
						t.Errorf("no way to choose: %+v", p)
					}
				}
				if !strings.HasPrefix(told, v.told) || (v.told == "") != (told == "") {
					t.Errorf("told %q, want %q", told, v.told)
				}
			})
		})
	}
}

// TestLoopbacksAreListedLastAndMarked, so that nobody takes one for a microphone.
//
// Holds: microphone
func TestLoopbacksAreListedLastAndMarked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alice := newWorld(t).phone("alice")
		alice.host.Remove(audiotest.Microphone)
		alice.plugMonitor("mon", monitor)
		alice.host.AddCapture("", "") // the system's choice, which has no name
		alice.plug("webcam", "Webcam", 600)
		s := alice.until("listed", func(s State) bool { return len(s.Devices.Capture) == 3 })
		want := []account.DeviceChoice{{}, {ID: "webcam", Name: "Webcam"}, {ID: "mon", Name: monitor, Loopback: true}}
		if !slices.Equal(s.Devices.Capture, want) {
			t.Errorf("%+v", s.Devices.Capture)
		}
	})
}

// TestStandInIsToldUntilTheUserChooses: one line, which goes with the choice, the call or the device's return.
//
// Holds: microphone
func TestStandInIsToldUntilTheUserChooses(t *testing.T) {
	for _, v := range []struct {
		name string
		end  func(alice *testPhone)
	}{
		{"another one is chosen", func(p *testPhone) {
			p.SetDevice(account.RoleMicrophone, account.DeviceChoice{ID: audiotest.Microphone, Name: "Microphone"})
		}},
		{"the system is followed", func(p *testPhone) { p.SetDevice(account.RoleMicrophone, account.DeviceChoice{}) }},
		{"the device is back", func(p *testPhone) { p.plug("headset", "Headset", 500) }},
		{"the device is back with another ID", func(p *testPhone) { p.plug("headset 2", "Headset", 500) }},
		{"all are gone, which is worse", func(p *testPhone) {
			p.host.Remove(audiotest.Microphone)
			p.until("told", func(s State) bool {
				q := s.Calls[0].Problem
				return q != nil &&
					tell(*q).Short == "No microphone"
			})
			p.plug("headset", "Headset", 500)
		}},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				alice.says(440)
				alice.plug("headset", "Headset", 500)
				alice.until("listed", func(s State) bool { return len(s.Devices.Capture) == 3 })
				alice.SetDevice(account.RoleMicrophone, account.DeviceChoice{ID: "headset", Name: "Headset"})
				alice.talk(bob)
				alice.host.Remove("headset")
				alice.until("told", func(s State) bool {
					p := s.Calls[0].Problem
					return p != nil && tell(*p).Title == "Headset is gone: Microphone is used." && tell(*p).Do == "" &&
						tell(*p).Why == ""
				})
				v.end(alice)
				alice.until("well", func(s State) bool { return s.Calls[0].Problem == nil })
			})
		})
	}
	t.Run("both of a headset", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			alice, bob := w.phone("alice"), w.phone("bob")
			alice.SetDevice(account.RoleMicrophone, account.DeviceChoice{ID: "in", Name: "Headset"})
			alice.SetDevice(account.RoleSpeaker, account.DeviceChoice{ID: "out", Name: "Headset"})
			alice.says(440)
			alice.talk(bob)
			alice.until("told", func(s State) bool {
				p := s.Calls[0].Problem
				return p != nil && tell(*p).Title == "Headset is gone: Microphone and Loudspeaker are used."
			})
			alice.HangUp(alice.State().Calls[0].ID)
			alice.end()
			alice.until("nothing is in use", func(s State) bool { return s.Devices.Problem == nil })
		})
	})
}

// TestSoundCheckRecordsMicrophonesOnly: there is no voice in what is played.
//
// Holds: microphone
func TestSoundCheckRecordsMicrophonesOnly(t *testing.T) {
	for _, v := range []struct {
		name   string
		before func(p *testPhone)
		during func(p *testPhone)
		want   string // the problem begins so; "" for a good recording
	}{
		{"a microphone", nil, nil, ""},
		{
			"no microphone but a monitor", func(p *testPhone) { p.host.Remove(audiotest.Microphone) }, nil,
			"There is no microphone.",
		},
		{"the monitor is chosen", func(p *testPhone) {
			p.SetDevice(account.RoleMicrophone, account.DeviceChoice{ID: "mon", Name: monitor, Loopback: true})
		}, nil, "The chosen microphone records what this computer plays"},
		{
			"unplugged during the check", nil, func(p *testPhone) { p.host.Remove(audiotest.Microphone) },
			"There is no microphone.",
		},
		{"the chosen one is away", func(p *testPhone) {
			p.SetDevice(account.RoleMicrophone, account.DeviceChoice{ID: "headset", Name: "Headset"})
		}, nil, ""},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				alice := newWorld(t).phone("alice")
				alice.plugMonitor("mon", monitor)
				alice.says(440)
				if v.before != nil {
					v.before(alice)
				}
				time.Sleep(2 * pollTime)
				alice.StartSoundCheck()
				time.Sleep(time.Second)
				if open := alice.host.Open("mon"); open {
					t.Error("the monitor is open")
				}
				ended := make(chan *cause.Cause, 1)
				alice.RecordAndPlay(func(phase string, problem *cause.Cause) {
					if phase == "" {
						ended <- problem
					}
				})
				time.Sleep(time.Second)
				if v.during != nil {
					v.during(alice)
				}
				problem, got := <-ended, ""
				if problem != nil {
					got = tell(*problem).Title
				}
				if !strings.HasPrefix(got, v.want) || (v.want == "") != (got == "") {
					t.Errorf("told %q, want %q", got, v.want)
				}
				if alice.host.Open("mon") {
					t.Error("the monitor is open")
				}
			})
		})
	}
}
