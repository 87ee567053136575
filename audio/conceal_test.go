package audio

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// voice is n samples at concealRate of a voice of so many hertz: harmonics up to 3.4 kHz, ever softer.
func voice(hz float64, n int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		v := 0.0
		for k := 1.0; k*hz < 3400; k++ {
			v += 4000 / k * math.Cos(2*math.Pi*hz*k*float64(i)/concealRate+k*k)
		}
		pcm[i] = clip16(v)
	}
	return pcm
}

// rustle is n samples of white noise of that RMS.
func rustle(level float64, n int) []int16 {
	r := rand.New(rand.NewPCG(7, 7))
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = clip16(level * r.NormFloat64())
	}
	return pcm
}

// without gives pcm to a concealer in packets of 20 ms, but for those from the from-th to before the
// to-th, and returns what is heard. The packet after the gap is there when so much of the gap is left.
func without(pcm []int16, from, to int, ahead time.Duration) []int16 {
	const packet, step = concealRate / 50, concealRate / 100
	c := newConcealer()
	var out []int16
	for at := 0; at+packet <= len(pcm); {
		gap := to*packet - at
		if at < from*packet || gap <= 0 {
			heard := append([]int16(nil), pcm[at:at+packet]...)
			c.good(heard)
			out, at = append(out, heard...), at+packet
			continue
		}
		heard := make([]int16, step)
		if time.Duration(gap)*time.Second/concealRate <= ahead {
			c.between(heard, pcm[to*packet:(to+1)*packet], gap)
		} else {
			c.lost(heard)
		}
		out, at = append(out, heard...), at+step
	}
	return out
}

// levelOf is the RMS of pcm.
func levelOf(pcm []int16) float64 {
	square := 0.0
	for _, s := range pcm {
		square += float64(s) * float64(s)
	}
	return math.Sqrt(square / float64(len(pcm)))
}

// aheads are how long before it is due the packet after a gap is there.
func aheads() []time.Duration { return []time.Duration{0, 20 * time.Millisecond, time.Second} }

func TestConcealmentDoesNotClick(t *testing.T) {
	for name, pcm := range map[string][]int16{
		"deep": voice(85, concealRate), "high": voice(310, concealRate), "tone": voice(3000, concealRate),
	} {
		for lost := 1; lost <= 12; lost += 2 {
			for _, ahead := range aheads() {
				heard := without(pcm, 20, 20+lost, ahead)
				if got, clean := roughest(heard), roughest(pcm); float64(got) > 1.25*float64(clean) {
					t.Errorf("%s, %d lost, ahead %v: second difference of %d, the sound's own is %d",
						name, lost, ahead, got, clean)
				}
			}
		}
	}
}

func TestOneLostPacketOfASteadyVoiceIsHardlyMissed(t *testing.T) {
	for _, hz := range []float64{80, 125, 210, 333} {
		for _, ahead := range aheads() {
			pcm := voice(hz, concealRate)
			heard := without(pcm, 20, 21, ahead)
			wrong := make([]int16, concealRate/50)
			for i := range wrong {
				wrong[i] = heard[20*len(wrong)+i] - pcm[20*len(wrong)+i]
			}
			if snr := 20 * math.Log10(levelOf(pcm)/levelOf(wrong)); snr < 6 {
				t.Errorf("%.0f Hz, ahead %v: %.1f dB of what was lost", hz, ahead, snr)
			}
		}
	}
}

func TestConcealmentGoesFromOneLoudnessToTheOther(t *testing.T) {
	const packet = concealRate / 50
	for name, pcm := range map[string][]int16{"voice": voice(140, concealRate), "hiss": rustle(2000, concealRate)} {
		for _, rise := range []float64{0.05, 0.5, 1, 2, 20} {
			for lost := 1; lost <= 2; lost++ {
				changed := append([]int16(nil), pcm...)
				for i := range 25 * packet {
					changed[i] = clip16(float64(pcm[i]) / max(1, rise))
					changed[25*packet+i] = clip16(float64(pcm[25*packet+i]) * min(1, rise))
				}
				heard := without(changed, 25-lost, 25, time.Second)[(25-lost)*packet : 25*packet]
				loud, soft := levelOf(pcm), levelOf(pcm)*min(rise, 1/rise)
				first, last := levelOf(heard[:40]), levelOf(heard[len(heard)-40:])
				if rise > 1 {
					first, last = last, first
				}
				if first < loud*0.5 || first > loud*1.5 || last > max(soft*2, loud*0.4) || last < soft*0.5 {
					t.Errorf("%s, %d lost, becomes %.2f: from %.0f to %.0f instead of %.0f to %.0f",
						name, lost, rise, first, last, loud, soft)
				}
			}
		}
	}
}

func TestLongLossFadesIntoTheBackground(t *testing.T) {
	for _, level := range []float64{0, 10, 60, 200, 2000} {
		// Words with pauses in between, and the background all the time.
		pcm, floor := voice(130, 3*concealRate), rustle(level, 3*concealRate)
		for i := range pcm {
			if i/(concealRate/5)%2 == 1 {
				pcm[i] = 0
			}
			pcm[i] = clip16(float64(pcm[i]) + float64(floor[i]))
		}
		heard := without(pcm, 125, 150, 0)[125*concealRate/50:]
		part := func(from, to int) float64 { return levelOf(heard[from*concealMS : to*concealMS]) }
		if l := part(0, 20); l < 2000 {
			t.Errorf("background %.0f: begins at %.0f", level, l)
		}
		want := min(level, floorLoudest) // louder ones are none
		for from := 60; from < 400; from += 20 {
			if l := part(from, from+20); l < want*0.6 || l > want*1.4 {
				t.Errorf("background %.0f: at %.0f after %d ms", level, l, from)
			}
		}
		if l := part(60, 80); level == 0 && l != 0 {
			t.Errorf("without background there is some: %.1f", l)
		}
	}
}

func TestNoTonesAreTakenForTheBackground(t *testing.T) {
	for _, hz := range []float64{50, 425, 1004, 3000} {
		pcm := make([]int16, 16000)
		for i := range pcm {
			pcm[i] = clip16(2000 * math.Sin(2*math.Pi*hz*float64(i)/8000))
		}
		if l := levelOf(without(pcm, 50, 60, 0)[50*160+480:][:400]); l > 3 {
			t.Errorf("%.0f Hz: %.0f is left after 60 ms", hz, l)
		}
	}
}

func TestConcealmentOfNothingIsNothing(t *testing.T) {
	for _, level := range []int16{0, 8, -1000, 32767} {
		pcm := make([]int16, 8000)
		for i := range pcm {
			pcm[i] = level
		}
		for _, ahead := range aheads() {
			heard := without(pcm, 20, 24, ahead)
			for i, s := range heard {
				lowest, highest := min(level, 0), max(level, 0)
				if s < lowest || s > highest {
					t.Fatalf("level %d, ahead %v: sample %d is %d", level, ahead, i, s)
				}
			}
			if got, most := roughest(heard), 8+int(math.Abs(float64(level)))/50; got > most {
				t.Errorf("level %d, ahead %v: second difference of %d", level, ahead, got)
			}
		}
	}
	c := newConcealer()
	pcm := make([]int16, 160)
	c.between(pcm, []int16{1}, 160) // nothing has come before, and next to nothing comes after
	c.between(pcm[:80], voice(100, 160), 80)
	c.between(pcm, nil, 160)
	c.between(pcm, voice(100, 160), 100000)
	c.good(pcm[:1])
}

func TestLostSoundIsMadeUpFromBothSidesInCalls(t *testing.T) {
	for _, codec := range []Codec{PCMU(), PCMA(), G722()} {
		// A tone that is four times as loud from the lost packet's end on: one side alone knows half of it.
		var loud []int16
		for _, level := range []float64{-30, -18} {
			loud = append(loud, pull(NewToneSource(Sine(440, level)), time.Second)...)
		}
		n := network{
			t: t, codec: codec, source: NewRecording(loud, false), seconds: 2,
			limits: DelayLimits{Min: packetTime}, lost: func(i int) bool { return i == 49 },
		}
		pcm := n.run().pcm
		// Found by the loudness that follows: just before, it has risen already.
		at := 0
		for levelOf(pcm[at:at+FrameSamples]) < 2200 {
			at += 48
		}
		before, made := levelOf(pcm[at-SampleRate/2:][:FrameSamples]), levelOf(pcm[at-FrameSamples:at])
		if made < 1.5*before {
			t.Errorf("%s: from %.0f by %.0f", codec.Name(), before, made)
		}
	}
}

func TestJitterBufferTellsWhatComesAfterAGap(t *testing.T) {
	start := time.Unix(1000, 0)
	b := NewJitterBuffer(g711Rate, DelayLimits{Min: 60 * time.Millisecond})
	for _, i := range []int{0, 1, 4} {
		b.Put(Packet{
			Sequence: uint16(i), Timestamp: uint32(i) * 160, Payload: fmt.Append(nil, i),
			Arrival: start.Add(time.Duration(i) * packetTime),
		})
	}
	var told string
	now := start.Add(60 * time.Millisecond)
	for range 7 {
		step := b.Next(now, 0)
		if step.Kind == StepPacket {
			b.Decoded(PacketSamples)
			now = now.Add(packetTime)
		} else {
			b.Waited(step.Samples)
			now = now.Add(frameTime)
		}
		told += fmt.Sprintf("%d %q %d %q; ", step.Kind, step.Payload, step.Gap, step.After)
	}
	if want := `3 "0" 0 ""; 3 "1" 0 ""; 1 "" 1920 "4"; 1 "" 1440 "4"; ` +
		`1 "" 960 "4"; 1 "" 480 "4"; 3 "4" 0 ""; `; told != want {
		t.Errorf("told  %s\nwant  %s", told, want)
	}
}
