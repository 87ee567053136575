package audio_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// The tones of the microphone and of the members, in hertz: none is a multiple of another, nor the sum or difference of
// two.
const ownTone = 440

// toneLevel is the amplitude of the tones in dBFS: that of a voice which is as loud as all are made.
const toneLevel = -15

func toneOf(member int) float64 { return []float64{700, 1130, 1570, 2290}[member] }

// guest is one member of a conference: the far end of one of our calls, and our end of it.
type guest struct {
	sender, own     *audio.Sender   // theirs, ours
	receiver, their *audio.Receiver // ours, theirs
	toUs, toThem    *wire
	heard           *heard // by them
}

// table is a desk with a conference.
type table struct {
	*testing.T
	host       *audiotest.Host
	capture    *audio.Capture
	playout    *audio.Playout
	conference *audio.Conference
	guests     []*guest
}

// newTable makes a conference with a microphone and a loudspeaker; it must be closed before the bubble ends.
func newTable(t *testing.T, codecs ...audio.Codec) *table {
	b := &table{T: t, host: audiotest.NewHost(), conference: audio.NewConference()}
	b.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(ownTone, toneLevel)))
	in, out := audio.NewRing(20), audio.NewRing(8)
	must(b.host.OpenCapture(t.Context(), "", in))
	must(b.host.OpenPlayback(t.Context(), "", out))
	b.capture, b.playout = audio.NewCapture(in), audio.NewPlayout(out)
	b.playout.Add(b.conference)
	for _, codec := range codecs {
		b.sit(b.invite(codec))
	}
	return b
}

// invite makes a call whose far end says its tone, outside the conference.
func (b *table) invite(codec audio.Codec) *guest {
	g := &guest{heard: new(heard), toUs: &wire{}, toThem: &wire{}}
	g.receiver = must(audio.NewReceiver(audio.ReceiverConfig{Codec: codec}))
	g.their = must(audio.NewReceiver(audio.ReceiverConfig{Codec: codec}))
	g.toUs.to, g.toThem.to = g.receiver, g.their
	g.their.SetSinks(g.heard)
	ear := audio.NewPlayout(nil)
	ear.Add(g.their)
	tone := audio.NewToneSource(audio.Sine(toneOf(len(b.guests)), toneLevel))
	format := audio.Format{Codec: codec}
	g.sender = must(audio.NewSender(audio.SenderConfig{Format: format, Send: g.toUs.send, Source: tone}))
	g.own = must(audio.NewSender(audio.SenderConfig{Format: format, Send: g.toThem.send}))
	b.capture.Add(g.own)
	b.guests = append(b.guests, g)
	b.Cleanup(func() {
		g.sender.Close()
		g.own.Close()
		ear.Close()
		g.receiver.Close()
		g.their.Close()
	})
	return g
}

func (b *table) sit(g *guest)   { b.conference.Add(g.receiver, g.own) }
func (b *table) leave(g *guest) { b.conference.Remove(g.own) }

func (b *table) close() {
	b.capture.Close()
	b.playout.Close()
	b.host.Close()
}

// levelOf is the level of a tone in pcm, in dBFS of its amplitude.
func levelOf(pcm []int16, hz float64) float64 {
	var re, im, weight float64
	for i, s := range pcm {
		w := 1 - math.Cos(2*math.Pi*float64(i)/float64(len(pcm))) // Hann
		angle := 2 * math.Pi * hz * float64(i) / audio.SampleRate
		re, im, weight = re+w*float64(s)*math.Cos(angle), im+w*float64(s)*math.Sin(angle), weight+w
	}
	return 20 * math.Log10(2*math.Hypot(re, im)/weight/32768+1e-9)
}

// told checks which tones are in pcm, and that no other of the table's are.
func (b *table) told(who string, pcm []int16, within float64, tones ...float64) {
	b.Helper()
	if len(pcm) < audio.SampleRate/2 {
		b.Errorf("%s heard %d samples", who, len(pcm))
		return
	}
	for _, hz := range []float64{ownTone, toneOf(0), toneOf(1), toneOf(2), toneOf(3)} {
		want := false
		for _, tone := range tones {
			want = want || tone == hz
		}
		switch level := levelOf(pcm, hz); {
		case want && math.Abs(level-toneLevel) > within:
			b.Errorf("%s hears %.0f Hz at %.1f dBFS", who, hz, level)
		case !want && level > -50:
			b.Errorf("%s hears %.0f Hz, at %.1f dBFS", who, hz, level)
		}
	}
}

// everybody checks that of the members in the conference each hears the microphone and the others, not itself, and that
// the loudspeaker plays all.
func (b *table) everybody(within float64, members ...int) {
	b.Helper()
	b.quiet()
	time.Sleep(time.Second)
	var all []float64
	for _, i := range members {
		tones := []float64{ownTone}
		for _, k := range members {
			if k != i {
				tones = append(tones, toneOf(k))
			}
		}
		b.told(fmt.Sprintf("member %d", i), b.guests[i].heard.take(), within, tones...)
		all = append(all, toneOf(i))
	}
	b.told("the loudspeaker", b.host.TakePlayed(audiotest.Loudspeaker), within, all...)
}

// quiet lets what is under way pass.
func (b *table) quiet() {
	time.Sleep(400 * time.Millisecond)
	b.host.TakePlayed(audiotest.Loudspeaker)
	for _, g := range b.guests {
		g.heard.take()
	}
}

// TestEachMemberHearsTheOthersAndNotItself, whatever the codecs, the clocks of the devices, and whether there are any.
func TestEachMemberHearsTheOthersAndNotItself(t *testing.T) {
	opus := better(t)
	if opus == nil {
		opus = audio.PCMU()
	}
	for _, c := range []struct {
		name   string
		codecs []audio.Codec
		do     func(b *table)
		within float64 // dB
	}{
		{"two", []audio.Codec{audio.PCMU(), audio.PCMU()}, nil, 0.7},
		{"three", []audio.Codec{audio.PCMU(), audio.PCMA(), audio.PCMU()}, nil, 0.7},
		{"four of three codecs", []audio.Codec{audio.PCMU(), opus, audio.PCMA(), opus}, nil, 1.5},
		{"a slow loudspeaker", []audio.Codec{audio.PCMU(), opus, audio.PCMA()}, func(b *table) {
			b.host.SetDrift(audiotest.Loudspeaker, 300)
			time.Sleep(20 * time.Second)
		}, 1.5},
		{"a fast loudspeaker", []audio.Codec{audio.PCMU(), audio.PCMA()}, func(b *table) {
			b.host.SetDrift(audiotest.Loudspeaker, -300)
			time.Sleep(20 * time.Second)
		}, 1.5},
		{"the loudspeaker stands still", []audio.Codec{audio.PCMU(), audio.PCMA()}, func(b *table) {
			b.host.Stall(audiotest.Loudspeaker, true)
			time.Sleep(time.Second)
			b.host.Stall(audiotest.Loudspeaker, false)
			time.Sleep(time.Second)
		}, 0.7},
		{"packets come in any order", []audio.Codec{audio.PCMU(), audio.PCMA(), audio.PCMU()}, func(b *table) {
			random := rand.New(rand.NewPCG(1, 2))
			b.guests[0].toUs.mistreat(nil, func(uint16) time.Duration {
				return time.Duration(random.IntN(60)) * time.Millisecond
			})
			time.Sleep(10 * time.Second)
			b.guests[0].toUs.mistreat(nil, nil)
			time.Sleep(10 * time.Second)
		}, 1.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newTable(t, c.codecs...)
				defer b.close()
				time.Sleep(time.Second)
				if c.do != nil {
					c.do(b)
				}
				var members []int
				for i := range c.codecs {
					members = append(members, i)
				}
				b.everybody(c.within, members...)
			})
		})
	}
}

// TestWithoutAMicrophoneMembersHearEachOther: what the others say does not wait for a device.
func TestWithoutAMicrophoneMembersHearEachOther(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(b *table)
	}{
		{"muted", func(b *table) {
			for _, g := range b.guests {
				g.own.SetMuted(true)
			}
		}},
		{"no microphone", func(b *table) { b.capture.SetInput(nil) }},
		{"one that stands still", func(b *table) { b.host.Stall(audiotest.Microphone, true) }},
		{"no loudspeaker either", func(b *table) { b.capture.SetInput(nil); b.playout.SetOutput(nil) }},
		{"silence is spoken in its place", func(b *table) {
			for _, g := range b.guests {
				g.own.SetSource(audio.NewRecording(make([]int16, audio.FrameSamples), true))
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newTable(t, audio.PCMU(), audio.PCMA(), audio.PCMU())
				defer b.close()
				time.Sleep(time.Second)
				c.do(b)
				time.Sleep(time.Second)
				b.quiet()
				time.Sleep(time.Second)
				for i, g := range b.guests {
					var tones []float64
					for k := range b.guests {
						if k != i {
							tones = append(tones, toneOf(k))
						}
					}
					b.told(fmt.Sprintf("member %d", i), g.heard.take(), 0.7, tones...)
				}
			})
		})
	}
}

// TestMembersComeAndGo: who leaves neither hears the others nor is heard, and is spoken to all the same; who joins is
// one of them from then on. Nobody hears a click.
func TestMembersComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newTable(t, audio.PCMU(), audio.PCMU(), audio.PCMU())
		defer b.close()
		time.Sleep(time.Second)
		b.everybody(0.7, 0, 1, 2)
		b.leave(b.guests[1])
		b.leave(b.guests[1])
		b.everybody(0.7, 0, 2)
		b.told("who left", b.guests[1].heard.take(), 0.7, ownTone)
		b.sit(b.invite(audio.PCMA()))
		b.everybody(0.7, 0, 2, 3)
		b.sit(b.guests[1])
		b.sit(b.guests[1])
		b.everybody(1.2, 0, 1, 2, 3) // four such tones are more than there is room for
		for _, g := range b.guests[1:] {
			b.leave(g)
		}
		b.everybody(0.7, 0)
		b.leave(b.guests[0])
		b.quiet()
		time.Sleep(time.Second)
		b.told("the loudspeaker of nobody", b.host.TakePlayed(audiotest.Loudspeaker), 0.7)
	})
}

// TestLossOfOneMemberIsNotTheOthers: what the others say to each other is whole, and nothing of it is made up.
func TestLossOfOneMemberIsNotTheOthers(t *testing.T) {
	for _, c := range []struct {
		name string
		lost func(random *rand.Rand) func(uint16) bool
	}{
		{"40 % at random", func(random *rand.Rand) func(uint16) bool {
			return func(uint16) bool { return random.IntN(100) < 40 }
		}},
		{"two of five", func(*rand.Rand) func(uint16) bool { return func(n uint16) bool { return n%5 < 2 } }},
		{"in bursts of half a second", func(*rand.Rand) func(uint16) bool {
			return func(n uint16) bool { return n/25%2 == 0 }
		}},
		{"everything", func(*rand.Rand) func(uint16) bool { return func(uint16) bool { return true } }},
		{"all but each tenth", func(*rand.Rand) func(uint16) bool { return func(n uint16) bool { return n%10 > 0 } }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newTable(t, audio.PCMU(), audio.PCMA(), audio.PCMU())
				defer b.close()
				b.guests[0].toUs.mistreat(c.lost(rand.New(rand.NewPCG(3, 4))), func(n uint16) time.Duration {
					return time.Duration(n*7%40) * time.Millisecond
				})
				time.Sleep(2 * time.Second)
				b.quiet()
				time.Sleep(4 * time.Second)
				for i, other := range map[int]int{1: 2, 2: 1} {
					pcm := b.guests[i].heard.take()
					for _, hz := range []float64{ownTone, toneOf(other)} {
						if level := levelOf(pcm, hz); math.Abs(level-toneLevel) > 0.7 {
							t.Errorf("member %d hears %.0f Hz at %.1f dBFS", i, hz, level)
						}
					}
					if s := b.guests[i].their.Stats(); s.Concealed > 0 || s.Lost > 0 {
						t.Errorf("member %d: %+v", i, s)
					}
				}
				pcm := b.guests[0].heard.take()
				b.told("who loses", pcm, 0.7, ownTone, toneOf(1), toneOf(2))
			})
		})
	}
}
