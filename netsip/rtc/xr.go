package rtc

import (
	"math"
	"strings"
	"time"

	"github.com/pion/rtcp"
)

// Reports on what is heard (RFC 3611 section 4.7): whoever wants them says so in SDP, a=rtcp-xr:voip-metrics.

const (
	metricsName  = "voip-metrics"
	metricsGmin  = 16          // packets without loss that end a burst (RFC 3611 section 4.7.2)
	metricsMost  = 8           // blocks of one report that are looked at
	metricsUnset = 127         // of levels, R and MOS that are not known
	metricsLast  = time.Minute // after a report, until what it tells is not known any more
	// metricsZero is 0 dBov in dBm0 (ITU-T G.100.1, with the µ-law of G.711).
	metricsZero = 6.18
)

// VoiceMetrics is how a stream of speech is heard, as one end tells the other (RFC 3611 section 4.7).
type VoiceMetrics struct {
	Known         bool
	Loss, Discard float64       // 0…1 of the packets: never came; came too late, or too many at once
	BurstLoss     float64       // 0…1 of the packets within bursts of loss
	Burst, Gap    time.Duration // how long bursts last, and what is between them, on average
	RoundTrip     time.Duration // 0 = not known
	EndDelay      time.Duration // within the reporting end, both ways together
	R             float64       // of the E-model, 0 to 100; 0 = not known
	MOS           float64       // of a conversation, 1 to 5; 0 = not known
	Buffer, Most  time.Duration // the jitter buffer now, and at most
	Speech, Noise float64       // how loud we are, and our pauses, in dBov (RFC 3551 section 4.1); 0 = not known
}

// Heard is what the player of what is received knows of it.
type Heard struct {
	Discarded    uint64        // packets that came and are not heard: too late, or too many at once
	Buffer, Most time.Duration // the jitter buffer now, and at most
	R            float64       // of the E-model
	// How loud speech and the noise in its pauses are, in dBov; 0 = not known.
	Speech, Noise float64
}

// Tell takes over how what is received is heard, for reports to a far end that wants them.
func (s *Session) Tell(h Heard) {
	s.figures.mu.Lock()
	defer s.figures.mu.Unlock()
	s.figures.heard = h
}

// wantsMetrics tells whether an SDP attribute rtcp-xr asks for voice metrics (RFC 3611 section 5.1).
func wantsMetrics(lines []string) bool {
	for _, value := range attributes(lines, "rtcp-xr") {
		for format := range strings.FieldsSeq(value) {
			if strings.EqualFold(format, metricsName) {
				return true
			}
		}
	}
	return false
}

// mos is the mean opinion score of a rating (ITU-T G.107 annex B).
func mos(r float64) float64 {
	r = max(0, min(100, r))
	return max(1, 1+0.035*r+r*(r-60)*(100-r)*7e-6)
}

// lossRuns counts where packets are missing: in bursts, or apart from each other (RFC 3611 section 4.7.2 and appendix
// A.2). A packet counts when 64 later ones have come: until then it may only be late.
type lossRuns struct {
	top   uint16
	came  uint64 // bit by bit, top's the lowest
	known int    // bits of it

	// What is missing near each other at the end, what came in between, and what has come since.
	lost, between, since int

	burstLost, burstCame, bursts int
	gapLost, gapCame             int
}

// arrived takes a packet, or one whose frame came again.
func (l *lossRuns) arrived(seq uint16) {
	ahead := int(int16(seq - l.top))
	if l.known == 0 {
		l.top, l.came, l.known = seq, 1, 1
		return
	}
	if ahead <= 0 {
		if ahead > -64 {
			l.came |= 1 << -ahead
		}
		return
	}
	for range ahead {
		if l.known == 64 {
			l.count(l.came>>63 == 1)
		} else {
			l.known++
		}
		l.came <<= 1
	}
	l.top, l.came = seq, l.came|1
}

// restart has the next packet follow nothing. What came until now counts as it is.
func (l *lossRuns) restart() {
	for ; l.known > 0; l.known-- {
		l.count(l.came>>(l.known-1)&1 == 1)
	}
}

func (l *lossRuns) count(came bool) {
	if came {
		l.since++
		return
	}
	if l.since >= metricsGmin || l.lost == 0 {
		l.end()
	}
	l.lost, l.between, l.since = l.lost+1, l.between+l.since, 0
}

// end ends what was lost in a row or nearly so, and the gap after it: a single packet is part of the gap.
func (l *lossRuns) end() {
	if l.lost > 1 {
		l.burstLost, l.burstCame, l.bursts = l.burstLost+l.lost, l.burstCame+l.between, l.bursts+1
	} else {
		l.gapLost += l.lost
	}
	l.gapCame += l.since
	l.lost, l.between, l.since = 0, 0, 0
}

// lossShape is how packets are missing.
type lossShape struct {
	all, burstDensity, gapDensity float64 // 0…1: of all packets, of those within bursts, of those in the gaps between
	burst, gap                    float64 // how long one is, in packets, on average
}

// shape is that of a stream which ends here.
func (l lossRuns) shape() lossShape {
	l.end()
	burst, gap := l.burstLost+l.burstCame, l.gapLost+l.gapCame
	s := lossShape{
		all:          ratio(l.burstLost+l.gapLost, burst+gap),
		burstDensity: ratio(l.burstLost, burst), gapDensity: ratio(l.gapLost, gap), gap: float64(gap),
	}
	if l.bursts > 0 { // a gap is from the last packet of a burst to the first of the next
		s.burst, s.gap = ratio(burst, l.bursts), ratio(gap+l.bursts, l.bursts)
	}
	return s
}

func ratio[N int | uint64](part, whole N) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// extended returns the report on the source heard last, if anything was heard. ssrc is ours, whose packets last so
// long. The figures of loss are of what neither came nor came again (RFC 2198), without what came and was discarded:
// of that the player tells how much it was, and not which.
func (f *figures) extended(ssrc uint32, own time.Duration) []rtcp.Packet {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.latest
	if c == nil || c.received == 0 {
		return nil
	}
	loss, packet := c.runs.shape(), float64(c.lasting())
	share := func(v float64) uint8 { return uint8(min(255, max(0, v*256))) }
	ms := func(d time.Duration) uint16 {
		return uint16(min(math.MaxUint16, max(0, d.Round(time.Millisecond).Milliseconds())))
	}
	level := func(dBov float64) uint8 {
		if dBov == 0 {
			return metricsUnset
		}
		return uint8(int8(min(metricsUnset-1, max(-metricsUnset, math.Round(dBov+metricsZero)))))
	}
	r, m := uint8(metricsUnset), uint8(metricsUnset)
	if f.heard.R > 0 {
		r, m = uint8(min(100, math.Round(f.heard.R))), uint8(math.Round(10*mos(f.heard.R)))
	}
	block := &rtcp.VoIPMetricsReportBlock{
		SSRC: c.ssrc, LossRate: share(loss.all),
		DiscardRate:  share(ratio(f.heard.Discarded, c.expectedBefore+uint64(c.expected()))),
		BurstDensity: share(loss.burstDensity), GapDensity: share(loss.gapDensity),
		BurstDuration: ms(time.Duration(loss.burst * packet)), GapDuration: ms(time.Duration(loss.gap * packet)),
		RoundTripDelay: ms(f.roundTrip), EndSystemDelay: ms(own + f.heard.Buffer),
		SignalLevel: level(f.heard.Speech), NoiseLevel: level(f.heard.Noise), RERL: metricsUnset, Gmin: metricsGmin,
		RFactor: r, ExtRFactor: metricsUnset, MOSLQ: metricsUnset, MOSCQ: m,
		RXConfig:  3<<6 | 3<<4, // what is missing is made up ("standard"), and the buffer adapts
		JBNominal: ms(f.heard.Buffer), JBMaximum: ms(f.heard.Buffer + c.lasting()), JBAbsMax: ms(f.heard.Most),
	}
	return []rtcp.Packet{&rtcp.ExtendedReport{SenderSSRC: ssrc, Reports: []rtcp.ReportBlock{block}}}
}

// remote is how the far end hears us, if it has told that lately. The caller holds mu.
func (f *figures) remote(now time.Time) VoiceMetrics {
	if now.Sub(f.farAt) > metricsLast {
		return VoiceMetrics{}
	}
	return f.far
}

// reported takes the far end's report on what we send. What it cannot mean is left out. The caller holds mu.
func (f *figures) reported(x *rtcp.ExtendedReport, ssrc uint32, now time.Time) {
	for _, block := range x.Reports[:min(len(x.Reports), metricsMost)] {
		b, ok := block.(*rtcp.VoIPMetricsReportBlock)
		if !ok || b.SSRC != ssrc {
			continue
		}
		ms := func(n uint16) time.Duration { return time.Duration(n) * time.Millisecond }
		m := VoiceMetrics{
			Known: true, Loss: float64(b.LossRate) / 256, Discard: float64(b.DiscardRate) / 256,
			BurstLoss: float64(b.BurstDensity) / 256, Burst: ms(b.BurstDuration), Gap: ms(b.GapDuration),
			RoundTrip: ms(b.RoundTripDelay), EndDelay: ms(b.EndSystemDelay),
			Buffer: ms(b.JBNominal), Most: ms(b.JBAbsMax),
		}
		if b.SignalLevel != metricsUnset {
			m.Speech = float64(int8(b.SignalLevel)) - metricsZero
		}
		if b.NoiseLevel != metricsUnset {
			m.Noise = float64(int8(b.NoiseLevel)) - metricsZero
		}
		if b.RFactor <= 100 {
			m.R = float64(b.RFactor)
		}
		if b.MOSCQ >= 10 && b.MOSCQ <= 50 {
			m.MOS = float64(b.MOSCQ) / 10
		}
		f.far, f.farAt = m, now
	}
}
