package phone

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// TestCallsInTheSetHearAndAreHeard: however many calls have the sound, each far end hears the microphone and is heard,
// unless something befalls its own call.
func TestCallsInTheSetHearAndAreHeard(t *testing.T) {
	const alices, bobs, carols = 440, 700, 1100 // Hz
	type ends struct {
		alice, bob, carol *testPhone
		toBob, toCarol    CallState
	}
	for i, c := range []struct {
		name       string
		speak      bool
		do         func(e ends)
		bob, carol bool // hear Alice
		heard      []float64
		active     int
	}{
		{name: "both", do: func(ends) {}, bob: true, carol: true, heard: []float64{bobs, carols}, active: 2},
		{name: "one is muted", do: func(e ends) {
			e.alice.SetMuted(e.toCarol.ID, true)
		}, bob: true, heard: []float64{bobs, carols}, active: 2},
		{name: "one is held", do: func(e ends) {
			e.alice.SetHold(e.toCarol.ID, true)
			e.alice.callWith("carol", "held", heldCall)
		}, bob: true, heard: []float64{bobs}, active: 1},
		{name: "one ends", do: func(e ends) {
			e.carol.HangUp(e.carol.State().Calls[0].ID)
			e.alice.until("one call left", func(s State) bool { return len(s.Calls) == 1 })
		}, bob: true, heard: []float64{bobs}, active: 1},
		{name: "the first ends", do: func(e ends) {
			e.alice.HangUp(e.toBob.ID)
			e.alice.until("one call left", func(s State) bool { return len(s.Calls) == 1 })
		}, carol: true, heard: []float64{carols}, active: 1},
		{name: "the microphone is lost and back", do: func(e ends) {
			e.alice.host.Remove(audiotest.Microphone)
			time.Sleep(10 * time.Second)
			e.alice.plug("again", "Headset", alices)
			time.Sleep(10 * time.Second)
		}, bob: true, carol: true, heard: []float64{bobs, carols}, active: 2},
		{name: "the loudspeaker is lost and back", do: func(e ends) {
			e.alice.host.Remove(audiotest.Loudspeaker)
			time.Sleep(10 * time.Second)
			e.alice.host.AddPlayback(audiotest.Loudspeaker, "Loudspeaker")
			time.Sleep(10 * time.Second)
		}, bob: true, carol: true, heard: []float64{bobs, carols}, active: 2},
		{name: "one takes the sound", do: func(e ends) {
			e.alice.Swap(e.toBob.ID)
			e.alice.callWith("carol", "held", heldCall)
		}, bob: true, heard: []float64{bobs}, active: 1},
		{
			name: "what is spoken in the place of a microphone", speak: true, do: func(ends) {},
			bob: true, carol: true, heard: []float64{bobs, carols}, active: 2,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			alike(t, i)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice", func(o *Options) {
					if c.speak {
						o.Speak = audio.NewToneSource(audio.Sine(alices, -12))
					}
				})
				bob, carol := w.phone("bob"), w.phone("carol")
				alice.says(alices)
				e := ends{alice: alice, bob: bob, carol: carol}
				e.toBob, _ = alice.up(bob)
				e.toCarol, _ = alice.up(carol)
				alice.callWith("bob", "held", heldCall)
				alice.bringTogether(e.toBob.ID, e.toCarol.ID)
				bob.says(bobs)
				carol.says(carols)
				c.do(e)
				if n := len(alice.sounding()); n != c.active {
					t.Errorf("%d calls are active", n)
				}
				for who, hears := range map[*testPhone]bool{bob: c.bob, carol: c.carol} {
					got := who.hears()
					if hears != (math.Abs(got.Frequency-alices) < 1 && got.Purity > 0.98) ||
						!hears && got.Frequency != 0 {
						t.Errorf("%s hears %v, purity %.3f", who.name, got, got.Purity)
					}
				}
				alice.hearsAll(c.heard...)
				for _, call := range alice.sounding() {
					if _, far := alice.Levels(call.ID); math.Abs(far-saidLevel+3) > 1 {
						t.Errorf("the level of %s is %.1f dBFS", call.Address, far)
					}
				}
			})
		})
	}
}

// bringTogether puts calls into the set of those that have the sound.
func (p *testPhone) bringTogether(ids ...string) {
	p.t.Helper()
	p.loop.Do(func() {
		for _, id := range ids {
			c := p.call(id)
			p.active = p.active.with(c)
			c.setHold(false)
		}
	})
	p.until("together", func(s State) bool {
		n := 0
		for _, c := range s.Calls {
			if activeCall(c) {
				n++
			}
		}
		return n == len(ids)
	})
}

// sounding are the calls of the latest State that have the sound.
func (p *testPhone) sounding() (all []CallState) {
	for _, c := range p.State().Calls {
		if c.Active {
			all = append(all, c)
		}
	}
	return all
}

// hearsAll checks that p's loudspeaker plays tones of these frequencies, each of -15 dBFS, together and nothing else.
func (p *testPhone) hearsAll(tones ...float64) {
	p.t.Helper()
	time.Sleep(200 * time.Millisecond)
	p.host.TakePlayed(audiotest.Loudspeaker)
	time.Sleep(time.Second)
	pcm := p.host.TakePlayed(audiotest.Loudspeaker)
	rest := make([]float64, len(pcm))
	for i, s := range pcm {
		rest[i] = float64(s)
	}
	for _, hz := range tones { // each is taken out, and has to have been there
		var re, im float64
		for i, s := range rest {
			angle := 2 * math.Pi * hz * float64(i) / audio.SampleRate
			re, im = re+s*math.Cos(angle), im+s*math.Sin(angle)
		}
		re, im = 2*re/float64(len(rest)), 2*im/float64(len(rest))
		if level := 20 * math.Log10(math.Hypot(re, im)/32768); math.Abs(level-saidLevel) > 1 {
			p.t.Errorf("%s hears %.0f Hz at %.1f dBFS", p.name, hz, level)
		}
		for i := range rest {
			angle := 2 * math.Pi * hz * float64(i) / audio.SampleRate
			rest[i] -= re*math.Cos(angle) + im*math.Sin(angle)
		}
	}
	var power float64
	for _, s := range rest {
		power += s * s
	}
	if level := 10 * math.Log10(power/float64(len(rest))/(32768*32768)+1e-12); level > -32 {
		p.t.Errorf("%s hears more than %v Hz: %.1f dBFS", p.name, tones, level)
	}
}

// TestSpeechIsTheSameForAll: whoever is spoken to gets the same frames at the same pace, and one who is added later
// gets what follows.
func TestSpeechIsTheSameForAll(t *testing.T) {
	pcm := make([]int16, 200*audio.FrameSamples)
	for i := range pcm {
		pcm[i] = int16(i / audio.FrameSamples)
	}
	s := newSpeech(audio.NewRecording(pcm, false))
	frame := make(audio.Frame, audio.FrameSamples)
	next := func(v audio.Source) (int16, bool) {
		more := v.Fill(frame)
		return frame[0], more
	}
	a, b := s.voice(), s.voice()
	for i := range int16(10) {
		if got, _ := next(a); got != i {
			t.Fatalf("frame %d is %d", i, got)
		}
	}
	c := s.voice()
	if got, _ := next(c); got != 10 {
		t.Errorf("who comes later hears frame %d first", got)
	}
	for i := range int16(11) {
		if got, _ := next(b); got != i {
			t.Fatalf("frame %d of the second is %d", i, got)
		}
	}
	for range 150 {
		next(a)
	}
	if got, _ := next(b); got != 160-speechFrames {
		t.Errorf("who fell behind goes on with frame %d", got)
	}
	for i := int16(160); i < 200; i++ {
		if got, more := next(a); got != i || more != (i < 199) {
			t.Fatalf("frame %d is %d, %v", i, got, more)
		}
	}
	if got, more := next(s.voice()); got != 0 || more {
		t.Errorf("after the end there is %d, %v", got, more)
	}
}
