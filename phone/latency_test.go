package phone

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio/audiotest"
	"calla/phone/cause"
)

// inRoom puts the devices of a phone into a room.
func (p *testPhone) inRoom(a audiotest.Acoustics) {
	p.host.SetRoom(audiotest.NewRoom(1, a), audiotest.Microphone, audiotest.Loudspeaker)
}

func desk(delay time.Duration) audiotest.Acoustics {
	return audiotest.Acoustics{
		Delay: delay, Gain: -12, Reverb: 80 * time.Millisecond, Direct: 4, Noise: -70,
	}
}

// measures has the latency measured and waits for what comes of it.
func (p *testPhone) measures() (Latency, *cause.Cause) {
	type outcome struct {
		l       Latency
		problem *cause.Cause
	}
	done := make(chan outcome, 1)
	p.MeasureLatency(func(l Latency, problem *cause.Cause) { done <- outcome{l, problem} })
	got := <-done
	return got.l, got.problem
}

// TestTheDelayOfTheDevicesIsMeasuredAndKept, for these two, with the date and what a call makes of it.
func TestTheDelayOfTheDevicesIsMeasuredAndKept(t *testing.T) {
	for _, delay := range []time.Duration{30 * time.Millisecond, 240 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			alice := newWorld(t).bare("alice")
			alice.inRoom(desk(delay))
			l, problem := alice.measures()
			if problem != nil {
				t.Fatalf("not measured: %+v", problem)
			}
			// What the devices have in hand when they begin differs by a period.
			if off := (l.Delay - delay).Abs(); off > 11*time.Millisecond || l.Spread > time.Millisecond ||
				l.EchoLoss < 9 || l.EchoLoss > 15 {
				t.Errorf("%v, spread %v, %.1f dB", l.Delay, l.Spread, l.EchoLoss)
			}
			if l.Microphone.Name != "Microphone" || l.Speaker.Name != "Loudspeaker" ||
				time.Since(l.Measured) > time.Minute {
				t.Errorf("measured of %v and %v at %v", l.Microphone, l.Speaker, l.Measured)
			}
			if rest := l.MouthToEar() - l.Delay; rest < 35*time.Millisecond || rest > 60*time.Millisecond {
				t.Errorf("a call adds %v", rest)
			}
			kept := alice.Settings().Latencies
			if len(kept) != 1 || kept[0] != l.Latency {
				t.Errorf("kept: %+v", kept)
			}
			if again, problem := alice.measures(); problem != nil || len(alice.Settings().Latencies) != 1 {
				t.Errorf("again: %+v, %+v", again, problem)
			}
		})
	}
}

// TestTheDelayIsNotToldWhereItIsNotKnown, and why; and the sound check goes on.
func TestTheDelayIsNotToldWhereItIsNotKnown(t *testing.T) {
	silent := audiotest.Acoustics{Gain: -120}
	for i, v := range []struct {
		name   string
		before func(p *testPhone)
		during func(p *testPhone)
		want   cause.Kind
	}{
		{"a headset", func(p *testPhone) { p.says(0.01) }, nil, cause.MicrophoneSilent},
		{"a microphone that is off", func(p *testPhone) { p.inRoom(silent) }, nil, cause.MicrophoneSilent},
		{"turned down", func(p *testPhone) {
			p.inRoom(audiotest.Acoustics{Gain: -110, Noise: -70})
		}, nil, cause.LatencyUnheard},
		{"noise", func(p *testPhone) {
			p.inRoom(audiotest.Acoustics{Gain: -60, Noise: -20})
		}, nil, cause.LatencyNoisy},
		{"no microphone", func(p *testPhone) { p.host.Remove(audiotest.Microphone) }, nil, cause.MicrophoneAbsent},
		{"no loudspeaker", func(p *testPhone) { p.host.Remove(audiotest.Loudspeaker) }, nil, cause.NoLoudspeaker},
		{"the microphone goes", nil, func(p *testPhone) {
			p.host.Remove(audiotest.Microphone)
		}, cause.LatencyDeviceLost},
		{"the loudspeaker goes", nil, func(p *testPhone) {
			p.host.Remove(audiotest.Loudspeaker)
		}, cause.LatencyDeviceLost},
		{"the loudspeaker is another one", nil, func(p *testPhone) {
			p.host.AddPlayback("other", "Other")
			p.host.Remove(audiotest.Loudspeaker)
		}, cause.LatencyDeviceLost},
		{"the check ends", nil, func(p *testPhone) { p.StopSoundCheck() }, cause.SoundInUse},
	} {
		t.Run(v.name, func(t *testing.T) {
			alike(t, i)
			synctest.Test(t, func(t *testing.T) {
				alice := newWorld(t).bare("alice")
				alice.inRoom(desk(60 * time.Millisecond))
				if v.before != nil {
					alice.host.SetRoom(nil, audiotest.Microphone, audiotest.Loudspeaker)
					v.before(alice)
				}
				time.Sleep(2 * pollTime)
				if v.during != nil {
					time.AfterFunc(3*time.Second, func() { v.during(alice) })
				}
				l, problem := alice.measures()
				if problem == nil || problem.Kind != v.want {
					t.Fatalf("%+v, %+v, want %s", l, problem, v.want)
				}
				if kept := alice.Settings().Latencies; len(kept) > 0 {
					t.Errorf("kept: %+v", kept)
				}
			})
		})
	}
}

// TestNothingIsMeasuredInACall: the sound is the call's, and a call that begins takes it.
func TestNothingIsMeasuredInACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.inRoom(desk(60 * time.Millisecond))
		problems := make(chan *cause.Cause, 1)
		alice.MeasureLatency(func(_ Latency, problem *cause.Cause) { problems <- problem })
		time.Sleep(2 * time.Second)
		alice.talk(bob)
		if problem := <-problems; problem == nil || problem.Kind != cause.SoundInUse {
			t.Errorf("a call began, and told: %+v", problem)
		}
		if _, problem := alice.measures(); problem == nil || problem.Kind != cause.SoundInUse {
			t.Errorf("in a call: %+v", problem)
		}
		hearEachOther(t, alice, bob)
	})
}

// TestWhatWasMeasuredSeedsTheEchoCanceller: a far end hears itself for less long where the devices are late and that is
// known, and for no longer where what is known is wrong.
func TestWhatWasMeasuredSeedsTheEchoCanceller(t *testing.T) {
	// heardAfter is how loud bob hears himself in the first seconds that he speaks, in dBFS.
	heardAfter := func(t *testing.T, known, pause time.Duration) (db float64) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			alice, bob := w.phone("alice"), w.phone("bob")
			alice.inRoom(desk(240 * time.Millisecond))
			s := alice.Settings()
			if known > 0 {
				device := func(name string) account.DeviceChoice { return account.DeviceChoice{Name: name} }
				s = s.WithLatency(account.Latency{
					Microphone: device("Microphone"), Speaker: device("Loudspeaker"), Delay: known,
					Measured: time.Now(),
				})
			}
			alice.saveSettings(s)
			alice.SetCleaning(account.Cleaning{Echo: true, Noise: account.NoiseKept})
			alice.talk(bob)
			time.Sleep(pause)
			bob.host.SetSource(audiotest.Microphone, audiotest.NewSpeech(6))
			db = bob.hearing(2)
		})
		return db
	}
	// The delay is looked for every 0.1 s: how soon it is found depends on when he begins.
	heard := func(t *testing.T, known time.Duration) (mean float64) {
		for k := range time.Duration(4) {
			mean += heardAfter(t, known, k*30*time.Millisecond) / 4
		}
		return mean
	}
	unknown, right, wrong := heard(t, 0), heard(t, 240*time.Millisecond), heard(t, 450*time.Millisecond)
	t.Logf("%.1f dBFS without, %.1f with the right delay, %.1f with a wrong one", unknown, right, wrong)
	if right > unknown-3 {
		t.Errorf("%.1f dBFS where the delay is known, %.1f where it is not", right, unknown)
	}
	if wrong > unknown+3 {
		t.Errorf("%.1f dBFS where a wrong delay is known, %.1f without", wrong, unknown)
	}
}

// TestAnEchoThatIsLouderIsRoundedToo: a sensitive microphone may give more back than was played.
func TestAnEchoThatIsLouderIsRoundedToo(t *testing.T) {
	for loss, want := range map[float64]int{12.4: 12, 12.6: 13, 0: 0, -0.4: 0, -0.6: -1, -6.4: -6, -6.6: -7} {
		if got := (Latency{Latency: account.Latency{EchoLoss: loss}}).Cause().Decibels; got != want {
			t.Errorf("%.1f dB are told as %d, want %d", loss, got, want)
		}
	}
}
