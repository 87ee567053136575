package audio

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// network is a simulated call in one direction, in a time of its own: a sender that makes a packet
// every 20 ms, what the network does to it, and a device that pulls a Frame every 10 ms.
type network struct {
	t       *testing.T
	codec   Codec
	source  Source
	limits  DelayLimits
	delay   func(i int) time.Duration // of packet i
	lost    func(i int) bool
	drift   float64 // of the device's clock, parts in a million slow
	mutate  func(i int, p *Packet)
	bursts  int // Frames the device pulls at once; 0 is 1
	seconds int
}

// heard is what came out of it.
type heard struct {
	pcm    []int16
	stats  JitterStats
	delays []time.Duration // in effect, every second
}

func (n *network) run() heard {
	n.t.Helper()
	encoder, err := n.codec.NewEncoder()
	if err != nil {
		n.t.Fatal(err)
	}
	decoder, err := n.codec.NewDecoder()
	if err != nil {
		n.t.Fatal(err)
	}
	defer encoder.Close()
	defer decoder.Close()
	jitter := NewJitterBuffer(n.codec.ClockRate(), n.limits)
	play := newPlaybuffer(jitter, decoder)
	start := time.Unix(1000, 0)
	var packets []Packet
	pcm := make([]int16, PacketSamples)
	for i := range n.seconds * 50 {
		n.source.Fill(pcm[:FrameSamples])
		n.source.Fill(pcm[FrameSamples:])
		payload, err := encoder.Encode(nil, pcm)
		if err != nil {
			n.t.Fatal(err)
		}
		if n.lost != nil && n.lost(i) {
			continue
		}
		p := Packet{
			SSRC: 1, Sequence: uint16(65500 + i), Payload: payload,
			Timestamp: uint32(1<<32-50000) + uint32(i*n.codec.ClockRate()/50),
			Arrival:   start.Add(time.Duration(i) * 20 * time.Millisecond),
		}
		if n.delay != nil {
			p.Arrival = p.Arrival.Add(n.delay(i))
		}
		if n.mutate != nil {
			n.mutate(i, &p)
		}
		packets = append(packets, p)
	}
	slices.SortStableFunc(packets, func(a, b Packet) int { return a.Arrival.Compare(b.Arrival) })
	var h heard
	bursts := max(n.bursts, 1)
	frame := make(Frame, FrameSamples)
	end := start.Add(time.Duration(n.seconds) * time.Second)
	for k := 0; ; k += bursts {
		now := start.Add(time.Duration(float64(k)*float64(frameTime)*(1+n.drift/1e6)) + 7*time.Millisecond)
		if now.After(end) {
			break
		}
		for len(packets) > 0 && !packets[0].Arrival.After(now) {
			jitter.Put(packets[0])
			packets = packets[1:]
		}
		for range bursts {
			play.fill(frame, now)
			h.pcm = append(h.pcm, frame...)
		}
		if k%100 == 0 {
			h.delays = append(h.delays, jitter.Stats().Current)
		}
	}
	h.stats = jitter.Stats()
	return h
}

func (h heard) concealed() float64 {
	return float64(h.stats.Concealed) / float64(h.stats.Played)
}

// worst is the greatest delay in effect from second from on.
func (h heard) worst(from int) time.Duration { return slices.Max(h.delays[from:]) }

// tone440 is a tone that costs nothing to play: a second of it, which has whole periods, again and again.
func tone440() Source {
	return NewRecording(pull(NewToneSource(Tone{Notes: []Note{{
		Frequencies: []float64{440}, Level: -12, Start: -time.Second,
	}}}), time.Second), true)
}

// plain is a codec for these tests that costs nothing either: the samples themselves, with the clock
// of G.711, and silence for what is lost.
type plain struct{}

func (plain) Name() string                 { return "plain" }
func (plain) ClockRate() int               { return g711Rate }
func (plain) PacketTimes() []time.Duration { return wholeFrames() }
func (plain) NewEncoder() (Encoder, error) { return plain{}, nil }
func (plain) NewDecoder() (Decoder, error) { return plain{}, nil }
func (plain) Follow(Channel)               {}
func (plain) Close()                       {}

func (plain) Encode(dst []byte, pcm []int16) ([]byte, error) {
	for _, s := range pcm {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(s))
	}
	return dst, nil
}

func (plain) Decode(pcm []int16, payload []byte) (int, error) {
	n := len(payload) / 2
	for i := range pcm[:n] {
		pcm[i] = int16(binary.LittleEndian.Uint16(payload[2*i:]))
	}
	return n, nil
}

func (plain) DecodeLost(pcm []int16, _ []byte, want int) (int, error) {
	clear(pcm[:want])
	return want, nil
}

func TestJitterBufferPlaysACalmStreamWhole(t *testing.T) {
	n := network{t: t, codec: PCMU(), source: tone440(), seconds: 20}
	h := n.run()
	s := h.stats
	if s.Received != 1000 || s.Lost+s.Late+s.Duplicates+s.Concealed+s.Removed+s.Inserted+s.Resets != 0 {
		t.Errorf("figures %+v", s)
	}
	if s.Target != LeastDelay || h.worst(2) > LeastDelay+frameTime {
		t.Errorf("target %v, delay %v", s.Target, h.worst(2))
	}
	if m := MeasureTone(h.pcm); math.Abs(m.Frequency-440) > 0.5 || m.Purity < 0.99 {
		t.Errorf("heard %v, purity %.3f", m, m.Purity)
	}
}

func TestJitterBufferAdaptsToJitterAndBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	n := network{t: t, codec: plain{}, source: tone440(), seconds: 60, delay: func(i int) time.Duration {
		if i > 500 && i < 2000 {
			return time.Duration(random.Float64() * float64(60*time.Millisecond))
		}
		return 0
	}}
	h := n.run()
	t.Logf("delays %v, figures %+v", h.delays, h.stats)
	if worst := h.worst(0); worst > 100*time.Millisecond {
		t.Errorf("delay of %v for 60 ms of jitter", worst)
	}
	if c := h.concealed(); c > 0.01 {
		t.Errorf("%.2f %% concealed", 100*c)
	}
	if after := h.worst(51); after > 40*time.Millisecond {
		t.Errorf("delay of %v 10 s after the jitter", after)
	}
}

func TestJitterBufferConcealsRandomLossAndCountsIt(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	lost := uint64(0)
	n := network{t: t, codec: PCMU(), source: tone440(), seconds: 60, lost: func(i int) bool {
		gone := i > 0 && i < 2900 && random.Float64() < 0.05
		if gone {
			lost++
		}
		return gone
	}}
	h := n.run()
	if h.stats.Lost != lost || h.stats.Late != 0 {
		t.Errorf("%d packets lost, figures %+v", lost, h.stats)
	}
	if c := h.concealed(); c < 0.04 || c > 0.06 {
		t.Errorf("%.2f %% concealed", 100*c)
	}
	if worst := h.worst(2); worst > 70*time.Millisecond {
		t.Errorf("delay of %v", worst)
	}
	// A tone is repeated almost perfectly: most of its loss is not heard.
	if m := MeasureTone(h.pcm); math.Abs(m.Frequency-440) > 1 || m.Purity < 0.95 {
		t.Errorf("heard %v, purity %.3f", m, m.Purity)
	}
}

func TestJitterBufferOrdersAndDropsDuplicates(t *testing.T) {
	n := network{
		t: t, codec: plain{}, source: tone440(), seconds: 30,
		delay: func(i int) time.Duration {
			if i%20 == 10 {
				return 25 * time.Millisecond // behind the next one
			}
			return 0
		},
		mutate: func(i int, p *Packet) {
			if i%50 == 30 { // a copy of the one before, in its own place lost
				p.Sequence--
				p.Timestamp -= 160
			}
		},
	}
	h := n.run()
	if h.stats.Duplicates != 30 || h.stats.Lost != 30 {
		t.Errorf("figures %+v", h.stats)
	}
	if h.stats.Late > 3 {
		t.Errorf("%d late packets", h.stats.Late)
	}
}

func TestJitterBufferAbsorbsClockDrift(t *testing.T) {
	for _, ppm := range []float64{200, -200, 1000, -1000} {
		n := network{t: t, codec: plain{}, source: tone440(), seconds: 60, drift: ppm}
		h := n.run()
		t.Logf("%+.0f ppm: worst %v, figures %+v", ppm, h.worst(2), h.stats)
		if c := h.concealed(); c > 0 {
			t.Errorf("%+.0f ppm: %.3f %% concealed", ppm, 100*c)
		}
		low, high := slices.Min(h.delays[2:]), h.worst(2)
		if low < 0 || high-low > 40*time.Millisecond || high > 60*time.Millisecond {
			t.Errorf("%+.0f ppm: delay from %v to %v", ppm, low, high)
		}
		if m := MeasureTone(h.pcm); math.Abs(m.Frequency-440) > 0.6 || m.Purity < 0.98 {
			t.Errorf("%+.0f ppm: heard %v, purity %.3f", ppm, m, m.Purity)
		}
	}
}

func TestJitterBufferServesADeviceThatPullsInBursts(t *testing.T) {
	n := network{t: t, codec: plain{}, source: tone440(), seconds: 30, bursts: 4}
	h := n.run()
	t.Logf("%+v", h.stats)
	if c := h.concealed(); c > 0.005 {
		t.Errorf("%.3f %% concealed", 100*c)
	}
}

func TestJitterBufferBeginsAnewOnANewStream(t *testing.T) {
	for name, mutate := range map[string]func(i int, p *Packet){
		"another SSRC": func(i int, p *Packet) {
			p.SSRC, p.Sequence, p.Timestamp = 2, p.Sequence+7777,
				p.Timestamp+1e9
		},
		"timestamps jump":        func(i int, p *Packet) { p.Timestamp += 1e9 },
		"timestamps jump back":   func(i int, p *Packet) { p.Timestamp -= 1e8 },
		"sequence numbers jump":  func(i int, p *Packet) { p.Sequence += 20000 },
		"sequence numbers back":  func(i int, p *Packet) { p.Sequence -= 20000 },
		"both jump, rate stays ": func(i int, p *Packet) { p.Sequence += 20000; p.Timestamp += 12345678 },
	} {
		n := network{t: t, codec: plain{}, source: tone440(), seconds: 10, mutate: func(i int, p *Packet) {
			if i >= 250 {
				mutate(i, p)
			}
		}}
		h := n.run()
		if h.stats.Resets != 1 || h.stats.Late+h.stats.Duplicates != 0 {
			t.Errorf("%s: figures %+v", name, h.stats)
		}
		if m := MeasureTone(h.pcm[6*SampleRate:]); math.Abs(m.Frequency-440) > 0.5 || m.Seconds < 3.5 {
			t.Errorf("%s: afterwards heard %v", name, m)
		}
		if h.worst(7) > 60*time.Millisecond {
			t.Errorf("%s: delay of %v", name, h.worst(7))
		}
	}
}

func TestJitterBufferComesBackAfterAnOutage(t *testing.T) {
	for name, delayed := range map[string]bool{"packets lost": false, "packets delivered late, at once": true} {
		n := network{t: t, codec: plain{}, source: tone440(), seconds: 30}
		from, to := 500, 580 // 1.6 s
		if delayed {
			n.delay = func(i int) time.Duration {
				if i >= from && i < to {
					return time.Duration(to-i) * 20 * time.Millisecond
				}
				return 0
			}
		} else {
			n.lost = func(i int) bool { return i >= from && i < to }
		}
		h := n.run()
		t.Logf("%s: %+v", name, h.stats)
		if h.stats.Resets != 0 {
			t.Errorf("%s: figures %+v", name, h.stats)
		}
		if s := milliseconds(int64(h.stats.Concealed)); s < 1400 || s > 1800 {
			t.Errorf("%s: %.0f ms concealed of 1600", name, s)
		}
		if worst := h.worst(22); worst > 60*time.Millisecond {
			t.Errorf("%s: delay of %v 10 s later", name, worst)
		}
		if m := MeasureTone(h.pcm[12*SampleRate:]); math.Abs(m.Frequency-440) > 0.5 || m.Seconds < 17 {
			t.Errorf("%s: afterwards heard %v", name, m)
		}
	}
}

func TestJitterBufferTakesASendersPauseForWhatItIs(t *testing.T) {
	n := network{t: t, codec: plain{}, source: tone440(), seconds: 20, mutate: func(i int, p *Packet) {
		if i >= 500 { // silence for 5 s, with the sequence unbroken (RFC 3550 section 5.1)
			p.Timestamp += 5 * 8000
			p.Arrival = p.Arrival.Add(5 * time.Second)
		}
	}}
	h := n.run()
	if h.stats.Lost != 0 || h.stats.Resets != 0 || milliseconds(int64(h.stats.Concealed)) > 100 {
		t.Errorf("figures %+v", h.stats)
	}
	if worst := h.worst(16); worst > 50*time.Millisecond {
		t.Errorf("delay of %v after the pause", worst)
	}
}

func TestJitterBufferFollowsAChangeOfRoute(t *testing.T) {
	n := network{t: t, codec: plain{}, source: tone440(), seconds: 40, delay: func(i int) time.Duration {
		if i >= 500 && i < 1000 {
			return 150 * time.Millisecond
		}
		return 0
	}}
	h := n.run()
	t.Logf("delays %v, figures %+v", h.delays, h.stats)
	if ms := milliseconds(int64(h.stats.Concealed)); ms > 300 {
		t.Errorf("%.0f ms concealed", ms)
	}
	if worst := h.worst(31); worst > 50*time.Millisecond {
		t.Errorf("delay of %v 10 s after the way back", worst)
	}
}

func TestStretchKeepsAToneWhole(t *testing.T) {
	for _, hz := range []float64{330, 440, 1000} {
		source := NewToneSource(Sine(hz, -12))
		var out []int16
		pcm := make([]int16, PacketSamples+stretchLongest)
		want := -700
		for range 200 {
			source.Fill(pcm[:FrameSamples])
			source.Fill(pcm[FrameSamples:PacketSamples])
			n := stretch(pcm, PacketSamples, want, -1)
			if want < 0 && n >= PacketSamples || want > 0 && n <= PacketSamples {
				t.Fatalf("%.0f Hz: %d samples wanted, %d made", hz, want, n-PacketSamples)
			}
			out = append(out, pcm[:n]...)
			want = -want
		}
		if m := MeasureTone(out); math.Abs(m.Frequency-hz) > 1 || m.Purity < 0.99 {
			t.Errorf("%.0f Hz: heard %v, purity %.4f", hz, m, m.Purity)
		}
	}
}

func TestStretchLeavesAloneWhatWouldBeHeard(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	pcm := make([]int16, PacketSamples+stretchLongest)
	for i := range pcm {
		pcm[i] = int16(3000 * random.NormFloat64())
	}
	before := slices.Clone(pcm)
	if n := stretch(pcm, PacketSamples, -700, 0.7); n != PacketSamples || !slices.Equal(pcm, before) {
		t.Errorf("noise was cut to %d samples", n)
	}
	if n := stretch(pcm, PacketSamples, 100, -1); n != PacketSamples {
		t.Errorf("less than a period was put in: %d samples", n)
	}
}

// TestWhatIsNotToBeHeardIsNotMadeUp: the time in which nothing was to be heard, and the numbers that a relay left out
// meanwhile, count neither as loss nor as sound made up.
//
// Holds: true-quality
func TestWhatIsNotToBeHeardIsNotMadeUp(t *testing.T) {
	for _, v := range []struct {
		name        string
		seq         int // numbers left out
		time        int // ticks that go by meanwhile
		filled      bool
		broken      bool
		least, most int // milliseconds that are made up
	}{
		{"numbers go on, played meanwhile", 1000, 20 * 8000, true, true, 0, 0},
		{"numbers go on, not played meanwhile", 1000, 20 * 8000, false, true, 0, 0},
		{"a few numbers left out", 100, 20 * 8000, true, true, 0, 0},
		{"numbers stand still", 0, 20 * 8000, true, true, 0, 0},
		{"numbers and times stand still", 0, 0, true, true, 0, 0},
		{"comfort noise in a pause", 40, 20 * 8000, true, false, 0, 860},
		{"an outage", 100, 2 * 8000, true, false, 1900, 2100},
	} {
		t.Run(v.name, func(t *testing.T) {
			now := time.Unix(1000, 0)
			b := NewJitterBuffer(8000, DelayLimits{})
			p := Packet{SSRC: 1, Payload: []byte{1}}
			play := func() {
				for range 2 {
					switch step := b.Next(now, 0); step.Kind {
					case StepPacket:
						b.Decoded(PacketSamples)
						return
					case StepLost:
						b.Rebuilt(step.Samples, false)
						return
					default:
						b.Waited(PacketSamples / 2)
					}
				}
			}
			come := func(n int) {
				for range n {
					p.Arrival = now
					b.Put(p)
					play()
					p.Sequence++
					p.Timestamp += 160
					now = now.Add(20 * time.Millisecond)
				}
			}
			come(200)
			lost, made := b.Stats().Lost, b.Stats().Concealed
			if v.broken {
				b.Break()
			}
			for range v.time / 160 {
				if v.filled {
					play()
				}
				now = now.Add(20 * time.Millisecond)
			}
			p.Sequence += uint16(v.seq)
			p.Timestamp += uint32(v.time)
			if v.broken {
				b.Break()
			}
			come(200)
			s := b.Stats()
			if ms := int(s.Concealed-made) / 48; ms < v.least || ms > v.most || v.broken && s.Lost != lost {
				t.Errorf("lost %d, made up %d ms", s.Lost-lost, ms)
			}
			if s.Current > 100*time.Millisecond {
				t.Errorf("a delay of %v", s.Current)
			}
		})
	}
}

// TestWhatPacketsWaitIsLessThanTheDelay by as much as they come later than the fastest, in the mean.
func TestWhatPacketsWaitIsLessThanTheDelay(t *testing.T) {
	const ms = time.Millisecond
	for _, late := range [][]time.Duration{{0}, {0, 8 * ms}, {0, 5 * ms, 9 * ms, 2 * ms}} {
		mean := time.Duration(0)
		for _, d := range late {
			mean += d / time.Duration(len(late))
		}
		h := (&network{t: t, codec: plain{}, source: tone440(), seconds: 20, delay: func(i int) time.Duration {
			return late[i%len(late)]
		}}).run()
		off := h.stats.Current - mean - h.stats.Waited
		if off.Abs() > ms || h.stats.Concealed > 0 || h.stats.Waited < LeastDelay-mean {
			t.Errorf("late by %v: waited %v, delay %v", late, h.stats.Waited, h.stats.Current)
		}
	}
}

// milliseconds is how long n samples at SampleRate sound.
func milliseconds(n int64) float64 { return float64(n) * 1000 / SampleRate }
