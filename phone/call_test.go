package phone

import (
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/audiotest"
	"calla/netsip/rtc"
	"calla/netsip/sandbox"
	"calla/phone/cause"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 5 }

func TestCallRingsTalksAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.Dial("", "bob")
		in := bob.phase(PhaseIncoming)
		if in.Name != "Alice" || in.Address != "alice" || in.Account != "bob@sandbox.invalid" || !in.Incoming {
			t.Errorf("incoming call shows %q %q for %q", in.Name, in.Address, in.Account)
		}
		if wait := time.Until(in.AnswerBy); wait < 59*time.Second || wait > time.Minute {
			t.Errorf("answer by in %v, want a minute", wait)
		}
		alice.phase(PhaseRinging)
		if tone := alice.hears(); !near(tone.Frequency, 425) {
			t.Errorf("caller hears %v, want ringback", tone)
		}
		if played := bob.hears(); played.Frequency == 0 {
			t.Error("callee's ringer is silent")
		}
		bob.Answer(in.ID)
		bob.phase(PhaseEstablished)
		alice.phase(PhaseEstablished)
		alice.says(440)
		bob.says(880)
		if tone := bob.hears(); !near(tone.Frequency, 440) || tone.Purity < 0.9 {
			t.Errorf("callee hears %v, want 440 Hz", tone)
		}
		if tone := alice.hears(); !near(tone.Frequency, 880) || tone.Purity < 0.9 {
			t.Errorf("caller hears %v, want 880 Hz", tone)
		}
		call := alice.State().Calls[0]
		if !call.Encrypted || call.Codec != "G722" || !call.Quality.Known ||
			call.Quality.RoundTrip != 20*time.Millisecond {
			t.Errorf("call shows %+v", call)
		}
		if mic, far := alice.Levels(call.ID); mic < -20 || far < -20 {
			t.Errorf("levels %.0f, %.0f dBFS with tones of %v", mic, far, saidLevel-3)
		}
		alice.HangUp(call.ID)
		if e := alice.end(); said(e.Cause) != "You hung up" || tell(e.Cause).Title != "" ||
			e.Duration < 2*time.Second || e.Quality.Packets == 0 {
			t.Errorf("caller: %+v", e)
		}
		if e := bob.end(); said(e.Cause) != "The other side hung up" || tell(e.Cause).Title != "" {
			t.Errorf("callee: %+v", e)
		}
		time.Sleep(endedTime + time.Second)
		for _, p := range []*testPhone{alice, bob} {
			if open, _ := p.host.Streams(); open != 0 {
				t.Errorf("%s: %d devices stay open", p.name, open)
			}
			if p.State().Ended != nil {
				t.Errorf("%s: the card of the ended call stays", p.name)
			}
		}
		if _, open := w.wire.count(); open != 0 {
			t.Errorf("%d media sessions stay open", open)
		}
	})
}

func TestDeclineIsToldToTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.Dial("", "sip:bob@sandbox.invalid")
		bob.Decline(bob.phase(PhaseIncoming).ID)
		if e := alice.end(); said(e.Cause) != "Declined by the other side" || e.Code != 603 {
			t.Errorf("caller: %+v", e)
		}
		if e := bob.end(); said(e.Cause) != "You declined" {
			t.Errorf("callee: %+v", e)
		}
	})
}

func TestCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.Dial("", "bob")
		bob.phase(PhaseIncoming)
		alice.HangUp(alice.phase(PhaseRinging).ID)
		if e := alice.end(); said(e.Cause) != "You cancelled the call" || e.Tone != ProgressNone {
			t.Errorf("caller: %+v", e)
		}
		if e := bob.end(); said(e.Cause) != "Missed call" {
			t.Errorf("callee: %+v", e)
		}
	})
}

func TestNobodyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.Dial("", "bob")
		in := bob.phase(PhaseIncoming)
		bob.Ignore(in.ID)
		bob.until("silent", func(s State) bool { return len(s.Calls) > 0 && s.Calls[0].Silenced })
		if tone := bob.hears(); tone.Frequency != 0 {
			t.Errorf("an ignored call rings: %v", tone)
		}
		if e := bob.end(); said(e.Cause) != "Missed call" || e.Code != 408 {
			t.Errorf("callee: %+v", e)
		}
		if e := alice.end(); said(e.Cause) != "No answer" {
			t.Errorf("caller: %+v", e)
		}
	})
}

func TestUnknownNumberIsExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice := w.phone("alice")
		alice.Dial("", "nobody")
		e := alice.end()
		if tell(e.Cause).Title == "" || tell(e.Cause).Why == "" || tell(e.Cause).Do == "" || e.Tone == ProgressNone {
			t.Errorf("%+v", e)
		}
	})
}

func TestMuteSilences(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.says(440)
		mine, _ := alice.talk(bob)
		if tone := bob.hears(); !near(tone.Frequency, 440) {
			t.Fatalf("callee hears %v before muting", tone)
		}
		alice.SetMuted(mine.ID, true)
		alice.until("muted", func(s State) bool { return s.Calls[0].Muted })
		if tone := bob.hears(); tone.Frequency != 0 {
			t.Errorf("callee hears %v of a muted phone", tone)
		}
		if sent := alice.session().Stats().PacketsSent; sent == 0 {
			t.Error("a muted phone sends nothing at all")
		}
		time.Sleep(5 * time.Second)
		if p := alice.State().Calls[0].Problem; p != nil {
			t.Errorf("muting is taken for a dead microphone: %+v", p)
		}
		alice.SetMuted(mine.ID, false)
		if tone := bob.hears(); !near(tone.Frequency, 440) {
			t.Errorf("callee hears %v after unmuting", tone)
		}
	})
}

func TestDigitsGoInTheSoundOrAsINFO(t *testing.T) {
	for _, byInfo := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.wire.noEvents = byInfo
			var infos []string
			stop := w.server.Observe(func(e sandbox.Event) {
				if m := e.Message; m != nil && !e.Sent && m.Method == "INFO" {
					infos = append(infos, string(m.Body))
				}
			})
			alice, bob := w.phone("alice"), w.phone("bob")
			mine, theirs := alice.talk(bob)
			alice.SendDTMF(mine.ID, "1 2-#x")
			sent := alice.until("sent", func(s State) bool { return s.Calls[0].Digits == "12#" }).Calls[0]
			if sent.ByInfo != byInfo {
				t.Errorf("by INFO %v, want %v", sent.ByInfo, byInfo)
			}
			bob.until("heard", func(s State) bool {
				return len(s.Calls) > 0 && s.Calls[0].ID == theirs.ID &&
					s.Calls[0].Heard == "12#"
			})
			stop()
			if got := strings.Join(infos, "|"); byInfo && !strings.HasPrefix(got, "Signal=1\r\nDuration=100") ||
				!byInfo && got != "" {
				t.Errorf("INFO %q", got)
			}
		})
	}
}

func TestAnswerDoesNotWaitForDevices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		var answered atomic.Int64
		stop := w.server.Observe(func(e sandbox.Event) {
			if m := e.Message; m != nil && !e.Sent && m.StatusCode == 200 && strings.HasSuffix(m.Get("CSeq"),
				"INVITE") {
				answered.CompareAndSwap(0, time.Now().UnixNano())
			}
		})
		defer stop()
		alice.Dial("", "bob")
		in := bob.phase(PhaseIncoming)
		bob.host.Hang(true)
		began := time.Now()
		bob.Answer(in.ID)
		bob.phase(PhaseEstablished)
		if took := time.Unix(0, answered.Load()).Sub(began); took < 0 || took > 50*time.Millisecond {
			t.Errorf("200 after %v with a stuck sound system", took)
		}
		told := bob.until("told", func(s State) bool {
			return len(s.Calls) > 0 &&
				s.Calls[0].Problem != nil
		}).Calls[0].Problem
		if told.Action != cause.ActionChooseDevice || tell(*told).Why == "" {
			t.Errorf("problem %+v", told)
		}
		bob.host.Hang(false)
		bob.until("well again", func(s State) bool { return s.Calls[0].Problem == nil })
		alice.says(440)
		if tone := bob.hears(); !near(tone.Frequency, 440) {
			t.Errorf("hears %v once the sound system answers", tone)
		}
	})
}

func TestDeviceLostAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.host.AddCapture("headset", "Headset")
		alice.until("listed", func(s State) bool { return len(s.Devices.Capture) == 3 })
		alice.SetDevice(account.RoleMicrophone, account.DeviceChoice{ID: "headset", Name: "Headset"})
		alice.says(440)
		alice.talk(bob)
		if tone := bob.hears(); tone.Frequency != 0 {
			t.Errorf("the headset is silent, the callee hears %v", tone)
		}
		alice.host.Remove("headset")
		time.Sleep(3 * time.Second)
		if tone := bob.hears(); !near(tone.Frequency, 440) {
			t.Errorf("after the headset went the callee hears %v, want the other microphone", tone)
		}
		alice.host.Remove(audiotest.Microphone)
		p := alice.until("told", func(s State) bool {
			return s.Calls[0].Problem != nil && tell(*s.Calls[0].Problem).Short == "No microphone"
		}).Calls[0]
		if p.Phase != PhaseEstablished {
			t.Errorf("%v %+v", p.Phase, p.Problem)
		}
		alice.host.AddCapture("again", "Headset") // another ID, the same name
		alice.until("well again", func(s State) bool { return s.Calls[0].Problem == nil })
		alice.host.SetSource("again", nil)
		silent := alice.until("told of silence",
			func(s State) bool { return s.Calls[0].Problem != nil }).Calls[0].Problem
		if tell(*silent).Short != "Microphone is silent" {
			t.Errorf("%+v", silent)
		}
	})
}

func TestCallWithoutAnyDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		bob.host.Remove(audiotest.Microphone)
		bob.host.Remove(audiotest.Loudspeaker)
		bob.until("told", func(s State) bool {
			return s.Devices.Problem != nil && tell(*s.Devices.Problem).Short == "No sound devices"
		})
		_, theirs := alice.talk(bob)
		time.Sleep(3 * time.Second)
		if q := alice.State().Calls[0].Quality; q.Packets < 90 {
			t.Errorf("a phone without devices sent %d packets in 3 s", q.Packets)
		}
		bob.HangUp(theirs.ID)
		alice.end()
	})
}

func TestSoundConnectionLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.talk(bob)
		media := alice.session()
		media.become(rtc.Disconnected)
		alice.until("reconnecting", func(s State) bool {
			p := s.Calls[0].Problem
			return p != nil &&
				tell(*p).Short == "Reconnecting"
		})
		media.become(rtc.Connected)
		alice.until("back", func(s State) bool { return s.Calls[0].Problem == nil })
		began := time.Now()
		media.become(rtc.Disconnected)
		time.Sleep(5 * time.Second)
		if restarts := media.restarted(); restarts == 0 {
			t.Error("no new path is looked for")
		}
		media.become(rtc.Failed)
		e := alice.end()
		if kept := time.Since(began); kept < time.Minute-time.Second || kept > time.Minute+5*time.Second ||
			tell(e.Cause).Title == "" || e.Cause.Action != cause.ActionCallAgain {
			t.Errorf("ended after %v: %+v", kept, e)
		}
		bob.end()
	})
}

func TestPreparedMediaIsUsedOrDiscarded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		count := func() (prepared, open int) {
			synctest.Wait()
			return w.wire.count()
		}
		for range 3 {
			alice.Prepare("")
		}
		if prepared, open := count(); prepared != 1 || open != 1 {
			t.Errorf("three keys: %d gathered, %d open", prepared, open)
		}
		time.Sleep(preparedTime + time.Second)
		if _, open := count(); open != 0 {
			t.Errorf("%d stay open when nobody calls", open)
		}
		alice.Prepare("")
		alice.talk(bob)
		if _, open := count(); open != 2 {
			t.Errorf("%d media sessions for the two ends of a call", open)
		}
	})
}

func TestInviteFollowsTheClickAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.Prepare("")
		mine, _ := alice.talk(bob)
		if mine.Quality.InviteDelay > 30*time.Millisecond || mine.Quality.SetupTime > 100*time.Millisecond {
			t.Errorf("INVITE after %v, established after %v", mine.Quality.InviteDelay, mine.Quality.SetupTime)
		}
	})
}

func TestSoundCheckMeasuresAndJudges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.StartSoundCheck()
		alice.says(440)
		time.Sleep(time.Second)
		if mic, speaker := alice.SoundLevels(); mic < -20 || speaker > -60 {
			t.Errorf("levels %.0f, %.0f dBFS with a tone at the microphone", mic, speaker)
		}
		alice.PlayTestTone()
		alice.host.TakePlayed(audiotest.Loudspeaker)
		time.Sleep(500 * time.Millisecond)
		if _, speaker := alice.SoundLevels(); speaker < -30 {
			t.Errorf("the test tone is at %.0f dBFS", speaker)
		}
		time.Sleep(2 * time.Second)
		alice.host.TakePlayed(audiotest.Loudspeaker)
		var phases []string
		done := make(chan *cause.Cause, 1)
		alice.RecordAndPlay(func(phase string, problem *cause.Cause) {
			phases = append(phases, phase)
			if phase == "" {
				done <- problem
			}
		})
		if problem := <-done; problem != nil || strings.Join(phases, " ") != "recording playing " {
			t.Errorf("recording: %v %+v", phases, problem)
		}
		if tone := audio.MeasureTone(alice.host.TakePlayed(audiotest.Loudspeaker)); !near(tone.Frequency, 440) ||
			tone.Seconds < 2 {
			t.Errorf("played back: %v", tone)
		}
		alice.talk(bob) // a call takes the sound
		if tone := bob.hears(); !near(tone.Frequency, 440) {
			t.Errorf("a call during a sound check is heard as %v", tone)
		}
		if mic, _ := alice.SoundLevels(); mic != floor {
			t.Errorf("the check goes on during a call: %.0f dBFS", mic)
		}
	})
}
