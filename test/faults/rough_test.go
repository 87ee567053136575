package faults

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"calla/audio"
	"calla/phone/cause"
	"calla/test/peers"
	"calla/test/tunem"
)

// rough is a network that becomes bad in a call and good again.
type rough struct {
	name    string
	profile tunem.Profile
	far     string
	silent  time.Duration // the longest that either end may hear nothing
	bars    int           // that are shown at most while it is bad; 4 = it is good all the same
	made    float64       // percent of all sound that may be made up, beyond what is lost
	ci      bool          // not for soaking only
}

// How long the network is good, and then bad, and how long after that the user is told that it is good.
const (
	goodFor    = 2 * time.Second
	badFor     = 6 * time.Second
	goodWithin = 15 * time.Second // 5 s are told of at a time, and a jitter buffer may take 10 s to be small again
)

// seed of the runs of a row: each is another network, and the same one each time.
const seed = 18

// bars tells how many are shown now, and the fewest that were shown since the event of that number; next is the number
// of events.
func (m *moving) bars(since int) (now, fewest, next int) {
	events := m.near.Events()
	for i, e := range events {
		if e["event"] == "quality" {
			was := now
			if now = int(e["bars"].(float64)); i < since || was == 0 {
				fewest = now // and is still shown then
			}
			fewest = min(fewest, now)
		}
	}
	return now, fewest, len(events)
}

// stays looks that the call is up, and never was said to be reconnecting.
func (m *moving) stays() {
	m.t.Helper()
	for _, e := range m.near.Events() {
		if e["event"] == "ended" || e["event"] == "problem" && e["cause"] == string(cause.Reconnecting) {
			m.t.Errorf("the call did not stay as it was: %v", e)
		}
	}
}

// sounds counts what became of the packets of sound that the far end sent.
type sounds struct {
	mu                  sync.Mutex
	sent, lost, doubled int
}

// seen counts one, if that is what it is: RTP in UDP over IPv4, and not RTCP (RFC 5761 section 4).
func (s *sounds) seen(there bool, packet []byte, comes int) {
	if there || len(packet) < 40 || packet[0] != 0x45 || packet[9] != 17 || packet[28]>>6 != 2 ||
		packet[29]&127 >= 64 && packet[29]&127 < 96 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent++
	switch comes {
	case 0:
		s.lost++
	case 2:
		s.doubled++
	}
}

// run has a call over the network that becomes bad, and returns the longest silence.
func (v rough) run(t *testing.T, s *scene, way *tunem.Way, number int) time.Duration {
	t.Helper()
	way.Play(0, nil, nil)
	back := &sounds{}
	way.Watch(back.seen)
	m := s.talk(t, caller, 0)
	good := func(what string) {
		if soaking() { // elsewhere this computer makes it worse than the network is
			peers.Until(t, patience, what, func() bool {
				now, _, _ := m.bars(0)
				return now == 4
			})
		}
	}
	time.Sleep(goodFor)
	good("a good quality at first")
	_, _, then := m.bars(0)
	bad := tunem.Timeline{{Profile: v.profile, For: badFor}, {}}
	way.Play(uint64(seed+number), bad, bad)
	began := time.Now()
	time.Sleep(badFor + time.Second) // what is lost is noticed with the next that comes
	peers.Until(t, patience, fmt.Sprintf("%d bars at most", v.bars), func() bool {
		_, fewest, _ := m.bars(then)
		return fewest <= v.bars
	})
	good("a good quality again")
	if took := time.Since(began) - badFor; soaking() && took > goodWithin {
		t.Errorf("good again after %v", took)
	}
	m.stays()
	silent := m.hang()
	way.Watch(func(bool, []byte, int) {}) // and nothing is counted any more
	t.Logf("sent %d, lost %d, doubled %d", back.sent, back.lost, back.doubled)
	v.told(m, back)
	if v.far == withKeeper {
		v.once(m, back, began.Sub(m.began))
	}
	return silent
}

// told looks that what is said of the sound is what became of it.
func (v rough) told(m *moving, back *sounds) {
	m.t.Helper()
	events := m.near.Events()
	r := events[slices.IndexFunc(events, func(e map[string]any) bool { return e["event"] == "result" })]
	figure := func(name string) float64 {
		f, _ := r[name].(float64)
		return f
	}
	m.t.Logf("lost %v of %v, %v %%, made up %v %%", r["lost"], r["packets_received"], r["loss_percent"],
		r["concealed_percent"])
	lost := float64(back.lost)
	if got := figure("lost"); math.Abs(got-lost) > 3 { // the last ones may be told of by nothing that comes
		m.t.Errorf("told that %v are lost, of which there are %v", got, lost)
	}
	all := figure("packets_received") + lost
	if made := figure("concealed_percent"); soaking() && made > 100*lost/all+v.made {
		m.t.Errorf("%.1f %% of the sound is made up, of which %.1f %% is lost", made, 100*lost/all)
	}
}

// learns is in what time, from the moment on in which the network becomes bad, a tick may be missed where all came: a
// jitter buffer does not grow for a packet or two that come out of their order, and these are not heard. A recording
// may have begun a second before the call is said to be up.
const learns = 4 * time.Second

// once looks that nothing is heard twice: ticks are half a second apart. Where all came, all are heard, once it is
// known how late they come. bad is when the network became bad, from the begin of the call on.
func (v rough) once(m *moving, back *sounds, bad time.Duration) {
	m.t.Helper()
	pcm, err := audio.ReadWAVFile(m.heard)
	if err != nil {
		m.t.Fatal(err)
	}
	var ticks []time.Duration
	before, at := time.Duration(-1), time.Duration(0)
	for frame := range slices.Chunk(pcm, audio.FrameSamples) {
		if rms(frame) > tickLevel {
			if before < 0 || at-before > 60*time.Millisecond {
				ticks = append(ticks, at)
			}
			before = at
		}
		at += 10 * time.Millisecond
	}
	m.t.Logf("%d ticks in %v", len(ticks), at)
	const apart = tickEvery * 20 * time.Millisecond
	missed := false
	if n := len(ticks); n > int(at/apart)+2 || n < int(at/apart)/2 {
		m.t.Errorf("%d ticks in %v", n, at)
	}
	for i := 1; i < len(ticks) && soaking(); i++ {
		// The delay of what is heard may become another one meanwhile.
		switch d := ticks[i] - ticks[i-1]; {
		case d < apart*3/5:
			m.t.Errorf("two ticks %v apart, at %v", d, ticks[i])
		case back.lost == 0 && d > apart*8/5 && (ticks[i] < bad || ticks[i] > bad+learns || missed):
			m.t.Errorf("no tick for %v, at %v", d, ticks[i])
		default:
			missed = missed || d > apart*8/5
		}
	}
}

// tickLevel is the root of the mean square of a frame from which on it is a tick of the far end's.
const tickLevel = 10_000

// TestF18LossJitterReorderDuplicates, of networks that phones meet and of each by itself.
//
// Holds: faults
// Holds: true-quality
func TestF18LossJitterReorderDuplicates(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for _, v := range []rough{
		{"a loss of 1 %", tunem.Profile{Loss: 0.01}, withKeeper, 500 * ms, 4, 6, false},
		{"a loss of 10 %", tunem.Profile{Loss: 0.1}, withKeeper, 500 * ms, 2, 6, false},
		{"a loss of 10 %", tunem.Profile{Loss: 0.1}, withCalla, 500 * ms, 4, 6, false}, // it comes again, by RED
		{"Moderate", tunem.Moderate(), withKeeper, 500 * ms, 3, 6, true},
		{"Moderate", tunem.Moderate(), withCalla, 500 * ms, 3, 6, false},
		{"International", tunem.International(), withKeeper, 800 * ms, 2, 10, false},
		{"International", tunem.International(), withCalla, 800 * ms, 2, 10, false},
		{"SpikyLoss", tunem.Spike(), withKeeper, 800 * ms, 1, 6, true},
		{"SpikyLoss", tunem.Spike(), withCalla, 800 * ms, 1, 6, false},
		{"BurstyLoss of 5 %", tunem.BurstyLoss(0.05, 2), withKeeper, 500 * ms, 3, 6, false},
		{"BurstyLoss of 10 %", tunem.BurstyLoss(0.1, 3), withKeeper, 500 * ms, 2, 6, false},
		{
			"a jitter of 30 ms", tunem.Profile{Delay: 40 * ms, Jitter: 30 * ms}, withKeeper, 500 * ms, 4, 6, false,
		},
		{
			"a jitter of 100 ms", tunem.Profile{Delay: 110 * ms, Jitter: 100 * ms}, withKeeper, 500 * ms, 3, 8, false,
		},
		{"5 % out of order", tunem.Profile{Delay: 20 * ms, Reorder: 0.05}, withKeeper, 500 * ms, 4, 6, false},
		{"a fifth twice", tunem.Profile{Double: 0.2}, withKeeper, 500 * ms, 4, 6, false},
		{
			"a tenth out of order, a fifth twice",
			tunem.Profile{Delay: 20 * ms, Reorder: 0.1, Double: 0.2},
			withKeeper,
			500 * ms, 4, 6, true,
		},
	} {
		var s *scene
		var way *tunem.Way
		number := 0
		fault{
			name: "F18", done: fmt.Sprintf("%s for %v, with %s", v.name, badFor, v.far),
			required: "the call stays as it is; sound is heard all the time, and no packet twice; what is lost and " +
				"how good it is is told as it is, at the time and after",
			figure: "the longest silence at either end", limit: v.silent, quick: 1, long: !v.ci, beside: true,
			prepare: func(t *testing.T) {
				n := peers.StartNetwork(t)
				way = n.Tunnel(t)
				s = startSceneIn(t, n, v.far)
			},
		}.try(t, func(t *testing.T) time.Duration {
			number++
			return v.run(t, s, way, number)
		})
	}
}
