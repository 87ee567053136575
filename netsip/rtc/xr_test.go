package rtc

import (
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/transport/v5/vnet"
)

// TestVoiceMetricsAreAskedForAndAnswered: RFC 3611 section 5.2: by every offer of ours, and by answers to those who
// ask.
func TestVoiceMetricsAreAskedForAndAnswered(t *testing.T) {
	const line = "a=rtcp-xr:voip-metrics\r\n"
	for said, asked := range map[string]bool{
		line: true,
		"a=rtcp-xr:rcvr-rtt=all:10000 pkt-loss-rle=100 Voip-Metrics\r\n": true,
		"a=rtcp-xr:rcvr-rtt=all\r\na=rtcp-xr:voip-metrics\r\n":           true,
		"":                            false,
		"a=rtcp-xr\r\n":               false,
		"a=rtcp-xr:\r\n":              false,
		"a=rtcp-xr:voip-metricsx\r\n": false,
		"a=rtcp-xrs:voip-metrics\r\n": false,
	} {
		inBubble(t, func(t *testing.T, p *pair) {
			offer, err := p.a.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			o := replaceOnce(t, string(offer), line, said)
			if _, err := p.b.SetOffer(t.Context(), []byte(o)); err != nil {
				t.Fatal(err)
			}
			a, err := p.b.Answer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(a), line) != asked || p.b.Wishes().Metrics != asked {
				t.Errorf("%q is answered with\n%s", said, a)
			}
		})
	}
}

// TestLossRunsAreBurstsAndGaps: RFC 3611 section 4.7.2 and appendix A.2.
func TestLossRunsAreBurstsAndGaps(t *testing.T) {
	for name, c := range map[string]struct {
		period                      int
		lost                        func(i int) bool // of the period
		late                        int              // every late-th is that; 0 = none
		density, beside, burst, gap float64
	}{
		"none":            {100, func(int) bool { return false }, 0, 0, 0, 0, 0},
		"out of order":    {100, func(int) bool { return false }, 7, 0, 0, 0, 0},
		"far apart":       {100, func(i int) bool { return i == 50 }, 0, 0, 0.01, 0, 0},
		"five in a row":   {205, func(i int) bool { return i < 5 }, 0, 1, 0, 5, 201},
		"every other one": {220, func(i int) bool { return i < 20 && i%2 == 0 }, 0, 0.53, 0, 19, 202},
	} {
		var l lossRuns
		for i := range 100 * c.period {
			seq := uint16(65000 + i)
			switch {
			case c.lost(i % c.period):
			case c.late > 0 && i%c.late == 0:
			case c.late > 0 && i%c.late == 1:
				l.arrived(seq)
				l.arrived(seq - 1)
			default:
				l.arrived(seq)
			}
		}
		got := l.shape()
		if c.burst == 0 && got.gap > float64(98*c.period) { // all of it
			got.gap = 0
		}
		if math.Abs(got.burstDensity-c.density) > 0.05 || math.Abs(got.gapDensity-c.beside) > 0.002 ||
			math.Abs(got.burst-c.burst) > 1.5 || math.Abs(got.gap-c.gap) > 5 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestFarEndsTellHowTheyHear: loss on the way comes back as a figure, with what the far end's player told.
func TestFarEndsTellHowTheyHear(t *testing.T) {
	dice := rand.New(rand.NewPCG(6, 6))
	var mu sync.Mutex
	lossy := func(c vnet.Chunk) bool {
		mu.Lock()
		defer mu.Unlock()
		return !isRTP(c) || c.SourceAddr().String()[:12] != "198.51.100.1" || dice.IntN(10) > 0
	}
	for _, asked := range []bool{true, false} {
		inBubbleOn(t, lossy, nil, nil, func(t *testing.T, p *pair) {
			o, _ := p.offer(p.a, p.b)
			waitState(t, p.a, Connected)
			waitState(t, p.b, Connected)
			if !asked { // any more
				reoffer(t, p.b, replaceOnce(t, o, "a=rtcp-xr:voip-metrics\r\n", ""))
			}
			p.b.Tell(Heard{Discarded: 25, Buffer: ms(45), Most: ms(500), R: 80, Speech: -22.4, Noise: -61})
			for range 500 {
				_, _ = p.a.WriteAudio([]byte("hello"), 960), p.b.WriteAudio([]byte("hello"), 960)
				time.Sleep(ms(20))
			}
			time.Sleep(ms(100))
			m := p.a.Stats().Remote
			if m.Known != asked {
				t.Fatalf("asked %v, told %+v", asked, m)
			}
			if !asked {
				return
			}
			if math.Abs(m.Loss-0.1) > 0.04 || math.Abs(m.Discard-0.05) > 0.02 ||
				m.R != 80 || m.MOS < 3.9 || m.MOS > 4.1 ||
				m.Buffer != ms(45) || m.Most != ms(500) || m.EndDelay != ms(65) ||
				math.Abs(m.Speech+22.4) > 0.5 || math.Abs(m.Noise+61) > 0.5 ||
				m.RoundTrip < ms(35) || m.RoundTrip > ms(50) || m.Burst < ms(20) || m.BurstLoss < 0.05 {
				t.Errorf("%+v", m)
			}
			back := p.b.Stats().Remote
			if !back.Known || back.Loss > 0 || back.R != 0 || back.MOS != 0 || back.Burst > 0 ||
				back.Speech != 0 || back.Noise != 0 {
				t.Errorf("of a way without loss: %+v", back)
			}
		})
	}
}

// TestLevelsAreToldAgainstZeroOfATelephone: RFC 3611 section 4.7.4, in two's complement, and 127 for what is not known.
func TestLevelsAreToldAgainstZeroOfATelephone(t *testing.T) {
	for dBov, want := range map[float64]uint8{
		0: 127, -6.18: 0, -6.7: 255, -3: 3, -26.2: 236, -100: 162, -1000: 129, 1000: 126,
	} {
		f := figures{latest: &source{received: 1}, heard: Heard{Speech: dBov, Noise: dBov}}
		report := f.extended(1, usualPacket)[0].(*rtcp.ExtendedReport)
		b := report.Reports[0].(*rtcp.VoIPMetricsReportBlock)
		if b.SignalLevel != want || b.NoiseLevel != want {
			t.Errorf("%g dBov are told as %d and %d, not %d", dBov, b.SignalLevel, b.NoiseLevel, want)
		}
	}
}

// TestHostileVoiceMetrics: reports that are cut, of others, of values that there are not, and many.
func TestHostileVoiceMetrics(t *testing.T) {
	const ours = 7
	block := func(ssrc uint32, r uint8) *rtcp.VoIPMetricsReportBlock {
		return &rtcp.VoIPMetricsReportBlock{SSRC: ssrc, RFactor: r, MOSCQ: r, LossRate: 255}
	}
	var f figures
	take := func(blocks ...rtcp.ReportBlock) VoiceMetrics {
		f.far = VoiceMetrics{}
		f.incoming([]rtcp.Packet{&rtcp.ExtendedReport{SenderSSRC: 1, Reports: blocks}}, ours, time.Unix(1000, 0))
		return f.far
	}
	if m := take(block(8, 50)); m.Known {
		t.Errorf("of another stream: %+v", m)
	}
	if m := take(block(ours, 255)); !m.Known || m.R != 0 || m.MOS != 0 || m.Loss >= 1 {
		t.Errorf("of values that there are not: %+v", m)
	}
	many := make([]rtcp.ReportBlock, 1000)
	for i := range many {
		many[i] = block(uint32(min(ours, i)), 40) // the eighth is ours
	}
	if m := take(many...); m.R != 40 {
		t.Errorf("of many: %+v", m)
	}
	many[ours] = block(8, 40)
	if m := take(many...); m.Known {
		t.Errorf("of too many: %+v", m)
	}
	// Cut anywhere, and with any octet another.
	whole, err := rtcp.Marshal([]rtcp.Packet{
		&rtcp.ReceiverReport{SSRC: 1},
		&rtcp.ExtendedReport{SenderSSRC: 1, Reports: []rtcp.ReportBlock{block(ours, 50), block(ours, 60)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, taken := rand.New(rand.NewPCG(1, 2)), 0
	for i := range 20000 {
		bad := append([]byte(nil), whole[:len(whole)-i%len(whole)]...)
		for range r.IntN(4) {
			bad[r.IntN(len(bad))] = byte(r.Uint32())
		}
		packets, err := rtcp.Unmarshal(bad)
		if err != nil {
			continue
		}
		f.far = VoiceMetrics{}
		f.incoming(packets, ours, time.Unix(1000, 0))
		if taken++; f.far.R > 100 || f.far.MOS > 5 || f.far.Loss >= 1 || f.far.Burst > 66*time.Second {
			t.Fatalf("%x is taken as %+v", bad, f.far)
		}
	}
	if taken == 0 {
		t.Error("nothing was read")
	}
}
