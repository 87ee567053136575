package audio

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// odd is a far end whose packets are not as they should be. Each 10 ms of what it says has a level of its own, so that
// what is heard tells when it was said.
type odd struct {
	clock   float64 // hertz that its timestamps have in truth
	ssrc    uint32
	seq     uint16
	time    uint32
	at      time.Duration // when what it says next is said
	way     time.Duration
	said    []time.Duration
	packets []Packet
}

const oddLevel = 3000 // and one more for each 10 ms

func newOdd() *odd { return &odd{clock: g711Rate, ssrc: 1, seq: 65500, time: 1<<32 - 50000} }

// make returns the next packet, of so many milliseconds.
func (o *odd) make(ms int) Packet {
	var payload []byte
	pcm := make([]int16, FrameSamples)
	for k := range ms / 10 {
		for i := range pcm {
			pcm[i] = int16(oddLevel + len(o.said))
		}
		o.said = append(o.said, o.at+time.Duration(k)*frameTime)
		payload, _ = plain{}.Encode(payload, pcm)
	}
	p := Packet{
		SSRC: o.ssrc, Sequence: o.seq, Timestamp: o.time, Payload: payload,
		Arrival: time.Unix(1000, 0).Add(o.at + o.way),
	}
	o.seq++
	o.time += uint32(o.clock * float64(ms) / 1000)
	o.at += time.Duration(ms) * time.Millisecond
	return p
}

// send sends n packets of so many milliseconds.
func (o *odd) send(ms, n int) {
	for range n {
		o.packets = append(o.packets, o.make(ms))
	}
}

// each sends n packets of 20 ms, each of which may be changed, and others put before it.
func (o *odd) each(n int, change func(i int, p *Packet) []Packet) {
	for i := range n {
		p := o.make(20)
		before := change(i, &p)
		o.packets = append(append(o.packets, before...), p)
	}
}

// oddHeard is what was heard of an odd far end.
type oddHeard struct {
	missing int           // of 100 Frames, how many are not what was said in the last second
	delay   time.Duration // that the rest had, in the mean
	stats   JitterStats
}

// play plays all packets, and tells of each second.
func (o *odd) play(t *testing.T) []oddHeard {
	t.Helper()
	slices.SortStableFunc(o.packets, func(a, b Packet) int { return a.Arrival.Compare(b.Arrival) })
	play := newPlaybuffer(NewJitterBuffer(g711Rate, DelayLimits{}), plain{})
	start, packets, frame := time.Unix(1000, 0), o.packets, make(Frame, FrameSamples)
	var all []oddHeard
	for second := range o.at / time.Second {
		var h oddHeard
		for k := range 100 {
			now := start.Add(second*time.Second + time.Duration(k)*frameTime + 7*time.Millisecond)
			for len(packets) > 0 && !packets[0].Arrival.After(now) {
				play.jitter.Put(packets[0])
				packets = packets[1:]
			}
			play.fill(frame, now)
			i := int(frame[FrameSamples/2]) - oddLevel
			if i < 0 || i >= len(o.said) || now.Sub(start)-o.said[i] > time.Second {
				h.missing++
				continue
			}
			h.delay += now.Sub(start) - o.said[i]
		}
		h.delay /= time.Duration(max(1, 100-h.missing))
		h.stats = play.jitter.Stats()
		all = append(all, h)
	}
	return all
}

// TestOddStreamsAreHeardOn: whatever becomes of its numbers, its clock and its sources, what a far end says is heard
// but for a moment, and with no more delay than before.
func TestOddStreamsAreHeardOn(t *testing.T) {
	const ms = time.Millisecond
	then := func(change func(o *odd)) func(o *odd) {
		return func(o *odd) { o.send(20, 250); change(o); o.send(20, 500) }
	}
	for _, v := range []struct {
		name    string
		do      func(o *odd)
		missing int // Frames, after the first second
		delay   time.Duration
	}{
		{"nothing odd", then(func(*odd) {}), 0, 30 * ms},
		{"a pause of 300 ms that its clock does not count", then(func(o *odd) { o.at += 300 * ms }), 38, 40 * ms},
		{"a pause of 600 ms that its clock does not count", then(func(o *odd) { o.at += 600 * ms }), 72, 40 * ms},
		{"a pause of 1.5 s that its clock does not count", then(func(o *odd) { o.at += 1500 * ms }), 162, 40 * ms},
		{"a pause of 5 s that its clock does not count", then(func(o *odd) { o.at += 5000 * ms }), 505, 40 * ms},
		{"such pauses again and again", func(o *odd) {
			for range 5 {
				o.send(20, 100)
				o.at += 1000 * ms
			}
		}, 560, 40 * ms},
		{"its clock is set back by 0.4 s", then(func(o *odd) { o.time -= 3200 }), 10, 40 * ms},
		{"its clock is set back by 1 s", then(func(o *odd) { o.time -= 8000 }), 12, 40 * ms},
		{"its clock is set back by 1.99 s", then(func(o *odd) { o.time -= 15920 }), 12, 40 * ms},
		{"its clock is set forward by 1 s", then(func(o *odd) { o.time += 8000 }), 6, 40 * ms},
		{"its clock is set forward by 1.9 s", then(func(o *odd) { o.time += 15200 }), 6, 40 * ms},
		{"its clock and its numbers go forward", then(func(o *odd) { o.time += 14400; o.seq += 90 }), 14, 140 * ms},
		{"its numbers go forward by 200", then(func(o *odd) { o.seq += 200 }), 4, 40 * ms},
		{"its numbers go back by 5", then(func(o *odd) { o.seq -= 5 }), 12, 40 * ms},
		{"its numbers go back by 60", then(func(o *odd) { o.seq -= 60 }), 12, 40 * ms},
		{"its numbers go back by 500", then(func(o *odd) { o.seq -= 500 }), 12, 40 * ms},
		{"its numbers and its clock go back by 60", then(func(o *odd) { o.seq -= 60; o.time -= 9600 }), 12, 40 * ms},
		{"its numbers and its clock go back by 500", then(func(o *odd) { o.seq -= 500; o.time -= 80000 }), 12, 40 * ms},
		{"numbers from before, of 60 ms", func(o *odd) { o.send(60, 90); o.seq -= 300; o.send(60, 160) }, 36, 80 * ms},
		{"its way is 0.7 s longer", then(func(o *odd) { o.way = 700 * ms }), 85, 760 * ms},
		{"its way was 0.7 s longer", func(o *odd) {
			o.way = 700 * ms
			o.send(20, 250)
			o.way = 0
			o.send(20, 500)
		}, 85, 770 * ms},
		{"another source", then(func(o *odd) { o.ssrc, o.seq, o.time = 2, 7, 1e9 }), 4, 40 * ms},
		{"another source, and back", func(o *odd) {
			for i := range 7 {
				o.ssrc = uint32(i % 2)
				o.send(20, 100)
			}
		}, 120, 40 * ms},
		{"two sources at once", func(o *odd) {
			o.each(750, func(i int, p *Packet) []Packet {
				q := *p
				q.SSRC, q.Sequence, q.Timestamp, q.Payload = 2, q.Sequence+500, q.Timestamp+7e5, make([]byte, 960*2)
				q.Arrival = q.Arrival.Add(-9 * ms)
				if i < 100 {
					return nil
				}
				return []Packet{q}
			})
		}, 1310, 40 * ms}, // the newer one is heard, which says nothing
		{"two sources, the other one says little", func(o *odd) {
			o.each(750, func(i int, p *Packet) []Packet {
				q := *p
				q.SSRC, q.Sequence, q.Timestamp = 2, uint16(i/50), q.Timestamp+7e5
				if i%50 != 25 {
					return nil
				}
				return []Packet{q}
			})
		}, 40, 40 * ms},
		{"six sources in turn", func(o *odd) {
			o.each(750, func(i int, p *Packet) []Packet {
				p.SSRC = uint32(i % 6)
				return nil
			})
		}, 1400, 1000 * ms},
		{"each packet twice, by two numbers", func(o *odd) {
			o.each(500, func(_ int, p *Packet) []Packet {
				q := *p
				p.Sequence++
				o.seq++
				return []Packet{q}
			})
		}, 0, 40 * ms},
		{"one packet in fifty of another time", func(o *odd) {
			o.each(500, func(i int, p *Packet) []Packet {
				if i%50 == 49 {
					p.Timestamp += 1e8
				}
				return nil
			})
		}, 60, 40 * ms},
		{"one packet in fifty of another number", func(o *odd) {
			o.each(500, func(i int, p *Packet) []Packet {
				if i%50 == 49 {
					p.Sequence += 10000
				}
				return nil
			})
		}, 60, 40 * ms},
		{"ticks of 16 kHz", func(o *odd) { o.clock = 16000; o.send(20, 500) }, 20, 80 * ms},
		{"ticks of 16 kHz, and then of 8", func(o *odd) {
			o.clock = 16000
			o.send(20, 250)
			o.clock = 8000
			o.send(20, 250)
		}, 40, 80 * ms},
		{"ticks of 16 kHz, one packet in ten lost", func(o *odd) {
			o.clock = 16000
			for i := range 500 {
				if o.send(20, 1); i%10 == 9 {
					o.packets = o.packets[:len(o.packets)-1]
				}
			}
		}, 150, 100 * ms},
		{"a pause with a packet now and then", then(func(o *odd) {
			for range 50 { // as Opus does it
				o.send(20, 1)
				o.at += 380 * ms
				o.time += 3040
			}
		}), 1910, 40 * ms},
		{"ticks of 48 kHz", func(o *odd) { o.clock = 48000; o.send(20, 500) }, 20, 80 * ms},
		{"ticks of 4 kHz", func(o *odd) { o.clock = 4000; o.send(20, 500) }, 20, 80 * ms},
		{"packets of any length", func(o *odd) {
			for i := range 400 {
				o.send([]int{10, 120, 20, 60, 40, 10, 10, 100, 30}[i%9], 1)
			}
		}, 10, 180 * ms},
		{"short packets after long ones", func(o *odd) {
			o.send(20, 250)
			o.send(120, 80)
			o.send(10, 1500)
		}, 16, 150 * ms},
		{"3 % slow", func(o *odd) {
			for range 2000 {
				o.send(20, 1)
				o.at += 600 * time.Microsecond
			}
		}, 250, 200 * ms},
		{"3 % fast", func(o *odd) {
			for range 2000 {
				o.send(20, 1)
				o.at -= 600 * time.Microsecond
			}
		}, 0, 400 * ms},
	} {
		o := newOdd()
		v.do(o)
		all := o.play(t)
		missing, worst := 0, time.Duration(0)
		for _, h := range all[1:] {
			missing += h.missing
			worst = max(worst, h.delay)
		}
		last := all[len(all)-1]
		t.Logf("%s: %d missing, delay %v, at last %v, told %+v", v.name, missing, worst, last.delay, last.stats)
		made := milliseconds(int64(last.stats.Concealed))
		if missing > v.missing || worst > v.delay || made > 10*float64(v.missing) || last.stats.Current > v.delay {
			t.Errorf("%s: %d Frames are missing, and the delay was up to %v; %.0f ms told as made up",
				v.name, missing, worst, made)
		}
	}
}

// TestAnyStreamIsBorne: after packets of every kind, in any order, a calm stream is heard as one.
func TestAnyStreamIsBorne(t *testing.T) {
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 11))
		o := newOdd()
		var held []Packet
		o.each(200, func(_ int, p *Packet) []Packet {
			var extra []Packet
			switch r.IntN(24) {
			case 0:
				o.time += r.Uint32()
			case 1:
				o.time += r.Uint32N(40000) - 20000
			case 2:
				o.seq += uint16(r.Uint32())
			case 3:
				o.seq += uint16(r.Uint32N(600) - 300)
			case 4:
				o.ssrc = r.Uint32N(4)
			case 5:
				p.SSRC = r.Uint32()
			case 6:
				p.Timestamp += r.Uint32N(4000) - 2000
			case 7:
				p.Noise, p.Payload = true, []byte{byte(r.Uint32())}
			case 8:
				p.Payload = nil
			case 9:
				p.Payload = p.Payload[:2*r.IntN(FrameSamples)]
			case 10:
				held = append(held, *p)
			case 11:
				extra, held = held, nil
			case 12:
				q := *p
				q.Again, q.Sequence, q.Timestamp = true, q.Sequence-uint16(r.IntN(9)), q.Timestamp-r.Uint32N(9000)
				extra = append(extra, q)
			case 13:
				extra = append(extra, *p)
			case 14:
				o.at += time.Duration(r.IntN(800)) * time.Millisecond
			case 15:
				o.at -= time.Duration(r.IntN(100)) * time.Millisecond
			case 16:
				o.send(10*(1+r.IntN(12)), 1+r.IntN(5))
			case 17:
				o.way = time.Duration(r.IntN(500)) * time.Millisecond
			}
			for i := range extra {
				extra[i].Arrival = p.Arrival
			}
			return extra
		})
		o.way = 0
		o.at += time.Second
		o.send(20, 500)
		all := o.play(t)
		for k, h := range all {
			if s := h.stats; s.Concealed > s.Played || s.Recovered > s.Played || s.Current > 6*time.Second {
				t.Fatalf("seed %d, after %d s: %+v", seed, k, s)
			}
		}
		for _, h := range all[len(all)-6:] {
			if h.missing > 0 || h.delay > 60*time.Millisecond {
				t.Errorf("seed %d: %d missing, delay %v, %+v", seed, h.missing, h.delay, h.stats)
				break
			}
		}
	}
}
