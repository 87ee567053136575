package audio

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// machine receives a calm stream, in a time of its own. Who reads the network, and whom the loudspeaker wakes, get
// their turn late: each by itself, and both while all stands still. Then the loudspeaker gets its turn first, without
// what has come meanwhile.
type machine struct {
	woken time.Duration // each is woken late, at most
	still time.Duration // all stands still so long,
	every int           // at some time of every so-manieth second; 0 = never
	phase time.Duration // of the loudspeaker to the network
	drift float64       // of the loudspeaker, parts in a million slow
}

// turn is when somebody gets a turn who wants one at a time, 100 µs after others or more.
func (m machine) turn(r *rand.Rand, wanted time.Duration) time.Duration {
	at := wanted
	if m.woken > 0 {
		at += time.Duration(r.Int64N(int64(m.woken)))
	}
	if second := int(at / time.Second); m.every > 0 && second%m.every == 0 {
		begin := time.Duration(second)*time.Second + time.Duration(second*137%900)*time.Millisecond
		if at >= begin && at < begin+m.still {
			at = begin + m.still
		}
	}
	return at
}

// receives runs for so many seconds, and returns the figures after the fifth of them and at the end, and the most delay
// in between.
func (m machine) receives(codec plain, seconds int) (before, after JitterStats, most time.Duration) {
	r := rand.New(rand.NewPCG(4, 9))
	jitter := NewJitterBuffer(codec.ClockRate(), DelayLimits{})
	play := newPlaybuffer(jitter, codec)
	payload, frame := make([]byte, 2*PacketSamples), make(Frame, FrameSamples)
	type event struct {
		at     time.Duration
		packet int // -1: a frame is wanted
	}
	var events []event
	for i := range seconds * 50 {
		events = append(events, event{m.turn(r, time.Duration(i)*packetTime), i})
	}
	for k := range seconds * 100 {
		wanted := time.Duration(float64(k)*float64(frameTime)*(1+m.drift/1e6)) + m.phase
		events = append(events, event{m.turn(r, wanted), -1})
	}
	slices.SortStableFunc(events, func(a, b event) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return min(a.packet, 0) - min(b.packet, 0)
	})
	start := time.Unix(1000, 0)
	for _, e := range events {
		now := start.Add(e.at)
		if e.packet >= 0 {
			jitter.Put(Packet{
				Sequence: uint16(e.packet), Timestamp: uint32(e.packet * 160), Payload: payload, Arrival: now,
			})
			continue
		}
		play.fill(frame, now)
		if e.at < 5*time.Second {
			before = jitter.Stats()
		} else {
			most = max(most, jitter.Stats().Current)
		}
	}
	return before, jitter.Stats(), most
}

// TestALittleDelayIsEnoughForABusyMachine: on a calm network, a loudspeaker that takes a Frame every 10 ms is served
// with less than 20 ms of delay, without a gap; where either side gets its turn up to 10 ms late, without one, too; and
// where both get it later still, that is measured and borne.
func TestALittleDelayIsEnoughForABusyMachine(t *testing.T) {
	const ms = time.Millisecond
	for name, v := range map[string]struct {
		machine
		made float64 // milliseconds, at most, in half a minute
		most time.Duration
	}{
		"quick":                                {machine{}, 0, 20 * ms},
		"quick, its clock slow":                {machine{drift: 200}, 0, 30 * ms},
		"quick, its clock fast":                {machine{drift: -200}, 0, 30 * ms},
		"woken 3 ms late":                      {machine{woken: 3 * ms}, 0, 25 * ms},
		"woken 10 ms late":                     {machine{woken: 10 * ms}, 0, 40 * ms},
		"woken 10 ms late, its clock fast":     {machine{woken: 10 * ms, drift: -200}, 0, 40 * ms},
		"stands still for 10 ms":               {machine{still: 10 * ms, every: 1}, 0, 30 * ms},
		"stands still for 25 ms":               {machine{still: 25 * ms, every: 1}, 20, 60 * ms},
		"stands still for 25 ms, now and then": {machine{still: 25 * ms, every: 10}, 40, 55 * ms},
	} {
		for _, phase := range []time.Duration{0, 3 * ms, 9900 * time.Microsecond} { // the player's
			t.Run(fmt.Sprintf("%s, %v off", name, phase), func(t *testing.T) {
				v.phase = phase
				before, after, most := v.receives(plain{}, 35)
				made := milliseconds(int64(after.Concealed - before.Concealed))
				if made > v.made || most > v.most || after.Played < 34*SampleRate || after.Lost > 0 {
					t.Errorf("%.0f ms made up, a delay of up to %v: %+v", made, most, after)
				}
			})
		}
	}
}

// TestWhatALossNeedsIsWaitedFor: where packets are lost and the next one helps to make up what was in them, there is
// delay enough to have that one in time; and where it does not help, none.
func TestWhatALossNeedsIsWaitedFor(t *testing.T) {
	for _, v := range []struct {
		codec Codec
		every int // of so many packets one is lost; 0 = none
		least time.Duration
	}{
		{PCMU(), 0, LeastDelay},
		{PCMU(), 20, packetTime},
		{G722(), 20, packetTime},
		{plain{}, 20, LeastDelay},
	} {
		h := (&network{t: t, codec: v.codec, source: tone440(), seconds: 20, lost: func(i int) bool {
			return v.every > 0 && i%v.every == v.every/2
		}}).run()
		if most := v.least + frameTime; h.stats.Target < v.least || h.stats.Target > most {
			t.Errorf("%s, one lost of %d: %v wanted, not %v to %v", v.codec.Name(), v.every, h.stats.Target, v.least,
				most)
		}
		if after := h.delays[len(h.delays)-1]; after < v.least || after > v.least+2*frameTime {
			t.Errorf("%s, one lost of %d: a delay of %v", v.codec.Name(), v.every, after)
		}
	}
}
