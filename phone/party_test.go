package phone

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// partyTone is what somebody says, in hertz.
func partyTone(name string) float64 {
	return map[string]float64{"alice": 440, "bob": 700, "carol": 1130, "dave": 1570, "erin": 2290, "4711": 3010}[name]
}

// party is alice with calls to others, all of which say their tones.
type party struct {
	t      *testing.T
	w      *world
	alice  *testPhone
	guests map[string]*testPhone
	calls  map[string]string // IDs of alice's
}

// newParty has alice call these, who take the codecs that are named with them: "carol PCMA".
func newParty(t *testing.T, names ...string) *party {
	w := newWorld(t)
	a := &party{t: t, w: w, alice: w.phone("alice"), guests: map[string]*testPhone{}, calls: map[string]string{}}
	a.alice.says(partyTone("alice"))
	for _, name := range names {
		a.add(name)
	}
	return a
}

func (a *party) add(named string) {
	a.t.Helper()
	name, codec, _ := strings.Cut(named, " ")
	guest := a.w.phone(name, func(o *Options) {
		for _, c := range audio.Codecs() {
			if codec == "" || c.Name() == codec {
				o.Codecs = append(o.Codecs, c)
			}
		}
	})
	guest.says(partyTone(name))
	a.guests[name] = guest
	call, _ := a.alice.up(guest)
	a.calls[name] = call.ID
}

// ids are those of alice's calls with these.
func (a *party) ids(names ...string) (ids []string) {
	for _, name := range names {
		ids = append(ids, a.calls[name])
	}
	return ids
}

// confer brings these together.
func (a *party) confer(names ...string) {
	a.t.Helper()
	a.alice.Confer(a.ids(names...)...)
	a.together(names...)
}

// together waits until these are the conference and have the sound, and nobody else has.
func (a *party) together(names ...string) State {
	a.t.Helper()
	return a.alice.until("together: "+strings.Join(names, ", "), func(s State) bool {
		var sounding []string
		for _, c := range s.Calls {
			if activeCall(c) {
				sounding = append(sounding, c.ID)
			}
		}
		want := a.ids(names...)
		slices.Sort(want)
		in := slices.Sorted(slices.Values(s.Conference))
		slices.Sort(sounding)
		return slices.Equal(in, want) && slices.Equal(sounding, want)
	})
}

// hear checks what each hears: the tones of these, and no other.
func (a *party) hear(want map[string][]string) {
	a.t.Helper()
	time.Sleep(400 * time.Millisecond) // what was under way
	all := map[string]*testPhone{"alice": a.alice}
	for name, p := range a.guests {
		all[name] = p
	}
	for name := range want {
		all[name].host.TakePlayed(audiotest.Loudspeaker)
	}
	time.Sleep(500 * time.Millisecond)
	for name, hears := range want {
		pcm := all[name].host.TakePlayed(audiotest.Loudspeaker)
		for who := range all {
			level := toneLevel(pcm, partyTone(who))
			if is := slices.Contains(hears, who); is && math.Abs(level-saidLevel) > 1.5 || !is && level > -45 {
				a.t.Errorf("%s hears %s at %.1f dBFS", name, who, level)
			}
		}
	}
}

// eachOther checks that these and alice hear each other and nobody else.
func (a *party) eachOther(names ...string) {
	a.t.Helper()
	a.hear(amongst(append(slices.Clone(names), "alice")...))
}

// amongst is what each of some hears: the others.
func amongst(names ...string) map[string][]string {
	want := map[string][]string{}
	for _, name := range names {
		want[name] = slices.DeleteFunc(slices.Clone(names), func(other string) bool { return other == name })
	}
	return want
}

// toneLevel is the level of a tone in pcm, in dBFS of its amplitude.
func toneLevel(pcm []int16, hz float64) float64 {
	var re, im, weight float64
	for i, s := range pcm {
		w := 1 - math.Cos(2*math.Pi*float64(i)/float64(len(pcm))) // Hann
		angle := 2 * math.Pi * hz * float64(i) / audio.SampleRate
		re, im, weight = re+w*float64(s)*math.Cos(angle), im+w*float64(s)*math.Sin(angle), weight+w
	}
	return 20 * math.Log10(2*math.Hypot(re, im)/max(weight, 1)/32768+1e-9)
}
