package faults

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"calla/test/peers"
)

// sounding is a call of alice's, who has microphone and loudspeaker, with bob.
type sounding struct {
	t     *testing.T
	pulse *peers.Pulse
	alice *peers.Calla
	bob   *peers.Calla
}

// startSounding has her call him, with the sound server there or not.
func startSounding(t *testing.T, there bool) *sounding {
	t.Helper()
	s, server := &sounding{t: t, pulse: peers.NewPulse(t)}, startServer(t, "127.0.0.1:0")
	if there {
		s.pulse.Restart()
	}
	s.bob = server.answering(t, "bob", "--tone", "1000")
	s.alice = peers.Run(t, s.pulse.Env, "call", "bob", "--config", server.config(t, "alice", nil), "--sound")
	waitCall(s.alice, "established")
	if there {
		s.flows("", "")
		time.Sleep(time.Second) // a device that has just been opened is given time to begin
	}
	return s
}

// flows waits until she plays and records, on other devices than those, and returns how long that took.
func (s *sounding) flows(notSink, notSource string) time.Duration {
	s.t.Helper()
	began := time.Now()
	for _, capture := range []bool{false, true} {
		not := notSink
		if capture {
			not = notSource
		}
		peers.Until(s.t, patience, "the sound", func() bool {
			on := s.pulse.Streams(capture)
			return len(on) > 0 && (not == "" || !slices.Contains(on, not))
		})
	}
	return time.Since(began)
}

// ends has her hang up: the call was there until then.
func (s *sounding) ends() {
	s.t.Helper()
	for _, e := range s.alice.Events() {
		if e["event"] == "ended" {
			s.t.Errorf("the call ended: %v", e)
		}
	}
	s.alice.Interrupt()
	if r, code := s.alice.Result(patience); code != 0 && code != 7 {
		s.t.Errorf("ended with %d: %v", code, r)
	}
	s.bob.WaitFor("ended", patience)
}

func (s *sounding) pactl(args ...string) {
	s.t.Helper()
	if err := s.pulse.Pactl(args...); err != nil {
		s.t.Fatalf("pactl %v: %v", args, err)
	}
}

// unplug takes the loudspeaker away.
func (s *sounding) unplug() time.Duration {
	s.t.Helper()
	ear := s.pulse.Device(false, peers.Ear)
	s.pulse.Unload(s.t, "sink_name="+peers.Ear)
	return s.flows(ear, "")
}

// plug brings it back.
func (s *sounding) plug() {
	s.t.Helper()
	s.pactl("load-module", "module-null-sink", "sink_name="+peers.Ear, "rate=48000", "channels=1")
	s.pactl("set-default-sink", peers.Ear)
}

// thrice takes it away and brings it back, three times.
func (s *sounding) thrice() time.Duration {
	var d time.Duration
	for range 3 {
		d = max(d, s.unplug())
		s.plug()
		time.Sleep(time.Second)
	}
	return max(d, s.flows("", ""))
}

// TestF19SoundDevicesComeAndGo in a call.
//
// Holds: faults
// Holds: sound-returns
func TestF19SoundDevicesComeAndGo(t *testing.T) {
	t.Parallel()
	killed := func(away time.Duration) func(s *sounding) time.Duration {
		return func(s *sounding) time.Duration {
			s.pulse.Kill()
			time.Sleep(away)
			s.pulse.Restart()
			return s.flows("", "")
		}
	}
	for _, v := range []struct {
		name  string
		limit time.Duration
		quick bool
		do    func(s *sounding) time.Duration
	}{
		{"the loudspeaker is unplugged", time.Second, true, (*sounding).unplug},
		{"the loudspeaker is unplugged and plugged in again, thrice", time.Second, false, (*sounding).thrice},
		{"the microphone is unplugged, another is there", time.Second, true, func(s *sounding) time.Duration {
			s.pactl("load-module", "module-remap-source", "source_name=other", "master="+peers.Mouth+".monitor")
			gone := s.pulse.Device(true, "microphone")
			s.pulse.Unload(s.t, "source_name=microphone")
			return s.flows("", gone)
		}},
		{"another loudspeaker is the default", time.Second, false, func(s *sounding) time.Duration {
			ear := s.pulse.Device(false, peers.Ear)
			s.pactl("load-module", "module-null-sink", "sink_name=other")
			s.pactl("set-default-sink", "other")
			return s.flows(ear, "")
		}},
		{"PulseAudio is killed, and back after 0.2 s", 3 * time.Second, false, killed(200 * time.Millisecond)},
		{"PulseAudio is killed, and back after 3 s", 3 * time.Second, true, killed(3 * time.Second)},
		{"PulseAudio is killed, and back after 10 s", 3 * time.Second, false, killed(10 * time.Second)},
		{"PulseAudio is not there before the call is", 3 * time.Second, true, func(s *sounding) time.Duration {
			time.Sleep(time.Second)
			s.pulse.Restart()
			return s.flows("", "")
		}},
	} {
		fault{
			name: "F19", done: v.name, required: "the call stays; sound both ways again within " + v.limit.String(),
			figure: "until she plays and records again", limit: v.limit, quick: 1, beside: true,
			long: !v.quick,
		}.try(t, func(t *testing.T) time.Duration {
			s := startSounding(t, v.name != "PulseAudio is not there before the call is")
			took := v.do(s)
			s.ends()
			return took
		})
	}
}

// TestF19UnpluggedAThousandTimes: nothing is left behind by a device that goes.
//
// Holds: faults
func TestF19UnpluggedAThousandTimes(t *testing.T) {
	t.Parallel()
	const grown = 4 << 20
	fault{
		name: "F19", done: "the loudspeaker is unplugged and plugged in again 1,000 times",
		required: "the call stays, no descriptor is lost, and memory grows by 4 MiB at most", long: true, soak: 1,
		beside: true,
	}.try(t, func(t *testing.T) time.Duration {
		s := startSounding(t, true)
		pid := s.alice.Cmd.Process.Pid
		files := func() int {
			all, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "fd"))
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		var before int64
		var open int
		for i := range 1100 {
			s.unplug()
			s.plug()
			s.flows("", "")
			if i == 99 {
				before, open = peers.UsageOf(pid).RSS, files()
			}
		}
		after := peers.UsageOf(pid).RSS
		t.Logf("%d KiB before, %d after", before>>10, after>>10)
		if after > before+grown {
			t.Errorf("%d KiB more", (after-before)>>10)
		}
		peers.Until(t, patience, "as few files as before", func() bool { return files() <= open })
		s.ends()
		return 0
	})
}
