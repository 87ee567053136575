package rtc

import (
	"math"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	reportInterval = time.Second
	maxSources     = 16   // SSRCs with figures of their own; the one silent longest makes room
	maxJump        = 3000 // sequence numbers; more is a restart of the source, not loss (RFC 3550 appendix A.1)
	usualPacket    = 20 * time.Millisecond
	otherSpoke     = time.Second // of a source's silence while another one was heard: it was not meant to be heard
	// A source begins again where so many packets came one after the other, with numbers from before, at their pace:
	// what the network has held up comes at once, or with later ones in between.
	anewAfter = 4
	anewPace  = 10 * time.Millisecond
	// longestRoundTrip is the most that is believed: nobody talks over longer ways, and far ends send what they like.
	longestRoundTrip = 10 * time.Second
)

// Stats are the figures of a session since its start.
type Stats struct {
	PacketsSent, BytesSent         uint64 // audio and telephone-event; bytes of payload
	PacketsReceived, BytesReceived uint64
	PacketsExpected                uint64        // of those that had to come: not while the call is held
	PacketsLost                    int64         // of PacketsExpected (RFC 3550 section 6.4.1)
	Jitter                         time.Duration // interarrival jitter of what we receive
	RoundTrip                      time.Duration // from RTCP; 0 = not known
	RemoteLost                     int64         // packets of ours the far end misses
	RemoteLossLately               float64       // 0…1, which follows the far end's reports up at once and down slowly
	RemoteJitter                   time.Duration // of our packets at the far end
	Remote                         VoiceMetrics  // how the far end says that it hears us
	GatherTime                     time.Duration // from the start of gathering to its end or cap
	ConnectTime                    time.Duration // from agreement to DTLS connected; 0 = not yet
	LocalCandidate                 string        // type of the selected pair's local end: host, srflx, prflx, relay
	RemoteCandidate                string
	Codec                          Codec // sent
	Redundant                      bool  // with the frames before each once more, as RED (RFC 2198)
}

// figures counts what one session received and what the far end reports of ours.
type figures struct {
	mu              sync.Mutex
	sources         map[uint32]*source
	latest          *source // the one heard last
	packets, octets uint64
	lostBefore      int64 // by sources no longer kept
	expectedBefore  uint64

	roundTrip    time.Duration
	remoteLost   int64
	remoteJitter uint32 // ticks of our clock
	lately       calmLoss
	red          redNeed

	heard Heard        // what the player knows
	far   VoiceMetrics // how the far end hears us, …
	farAt time.Time    // … told then
}

// lossFalls is how long what is followed of the far end's reports takes to fall to a third.
const lossFalls = 10 * time.Second

// calmLoss follows the loss that the far end reports: up at once, down slowly. Reports are of a second or some, in
// which a single packet is a percent or two: what is set by them is not to change with each.
type calmLoss struct {
	level float64
	at    time.Time // of the last report
}

func (l *calmLoss) report(loss float64, now time.Time) {
	l.level = max(loss, loss+(l.level-loss)*math.Exp(-now.Sub(l.at).Seconds()/lossFalls.Seconds()))
	l.at = now
}

// source is one SSRC of the far end (RFC 3550 appendix A). What is lost is counted in intervals: one ends where the far
// end was not to be heard, as on hold, or took another way or another codec. Relays that pass nothing on meanwhile
// leave its sequence numbers out.
type source struct {
	ssrc             uint32
	base, max        uint16
	cycles           uint32
	received         uint32
	expectedReported uint32
	receivedReported uint32
	lostBefore       int64 // in the intervals before
	expectedBefore   uint64
	wraps            uint32 // cycles of the intervals before: the reports' number goes on
	ended            bool   // the interval has: the next packet begins another

	// Packets that came one after the other, numbered from before, and nothing newer.
	older      uint16 // how many
	olderNext  uint16 // the number after the last one
	olderSince time.Time

	runs    lossRuns
	step    uint32 // ticks from packet to packet
	stamp   uint32 // of the newest
	clock   uint32
	started time.Time
	heard   time.Time
	transit int64
	jitter  float64 // ticks of clock

	lastSR   uint32 // middle bits of the NTP time in the last sender report
	lastSRAt time.Time
}

func (c *source) expected() uint32 { return c.cycles + uint32(c.max) - uint32(c.base) + 1 }

// lasting is how long its packets are.
func (c *source) lasting() time.Duration {
	if c.step == 0 || c.clock == 0 {
		return usualPacket
	}
	return time.Duration(c.step) * time.Second / time.Duration(c.clock)
}

func (c *source) lost() int64 {
	return c.lostBefore + int64(c.expected()) - int64(c.received)
}

// begin makes the packet with this sequence number the first of an interval.
func (c *source) begin(seq uint16) {
	c.lostBefore = c.lost()
	c.expectedBefore += uint64(c.expected())
	c.base, c.max, c.cycles, c.received, c.ended = seq, seq, 0, 0, false
	c.expectedReported, c.receivedReported, c.older = 0, 0, 0
	c.runs.restart()
}

// anew takes a packet that is not newer, and tells whether the source has begun again with those before it.
func (c *source) anew(seq uint16, arrival time.Time) bool {
	if c.older == 0 || seq != c.olderNext {
		c.older, c.olderSince = 0, arrival
	}
	c.older++
	c.olderNext = seq + 1
	return c.older >= anewAfter && arrival.Sub(c.olderSince) >= time.Duration(c.older-1)*anewPace
}

// interval ends the interval of every source.
func (f *figures) interval() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.sources {
		c.ended = true
	}
}

// received counts a packet. One that is not expected, because the call is held, is neither lost nor is what it follows.
func (f *figures) received(h *rtp.Header, octets int, clock uint32, arrival time.Time, expected bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.packets++
	f.octets += uint64(octets)
	if !expected {
		return
	}
	c := f.sources[h.SSRC]
	if c == nil {
		c = f.newSource(h, arrival)
	}
	if f.latest != nil && f.latest != c && arrival.Sub(c.heard) > otherSpoke {
		c.ended = true
	}
	f.latest, c.heard = c, arrival
	switch jump := int16(h.SequenceNumber - c.max); {
	case c.received == 0:
	case jump > maxJump || jump < -maxJump:
		c.begin(h.SequenceNumber)
		c.wraps = 0
	case jump > 0 && c.ended:
		c.wraps += c.cycles
		if h.SequenceNumber < c.max {
			c.wraps += 1 << 16
		}
		c.begin(h.SequenceNumber)
	case jump > 0:
		if h.SequenceNumber < c.max {
			c.cycles += 1 << 16
		}
		if step := h.Timestamp - c.stamp; jump == 1 && clock > 0 && step > 0 && step <= clock/5 {
			c.step = step
		}
		c.max, c.older = h.SequenceNumber, 0
	case c.anew(h.SequenceNumber, arrival):
		before := c.older - 1 // were counted as late
		c.received -= uint32(before)
		c.begin(h.SequenceNumber - before)
		c.max, c.received, c.wraps = h.SequenceNumber, uint32(before), 0
	}
	if c.max == h.SequenceNumber {
		c.stamp = h.Timestamp
	}
	c.runs.arrived(h.SequenceNumber)
	c.received++
	c.measure(h.Timestamp, clock, arrival)
}

// again counts the packets whose frames a packet of RED has once more: they are not lost any more.
func (f *figures) again(h *rtp.Header, blocks []redBlock) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, last := f.sources[h.SSRC], len(blocks)-1
	for i, b := range blocks[:last] {
		if c != nil && b.payloadType == blocks[last].payloadType {
			c.runs.arrived(h.SequenceNumber - uint16(last-i))
		}
	}
}

// measure takes one packet into the jitter (RFC 3550 section 6.4.1 and appendix A.8).
func (c *source) measure(timestamp, clock uint32, arrival time.Time) {
	if clock == 0 {
		return
	}
	ticks := int64(arrival.Sub(c.started).Seconds() * float64(clock))
	transit := ticks - int64(timestamp)
	if c.clock != clock {
		c.clock, c.transit, c.jitter = clock, transit, 0
		return
	}
	d := math.Abs(float64(int32(transit - c.transit)))
	c.transit = transit
	if d < float64(clock) { // a jump of a second is a pause in the stream, not jitter
		c.jitter += (d - c.jitter) / 16
	}
}

func (f *figures) newSource(h *rtp.Header, arrival time.Time) *source {
	if f.sources == nil {
		f.sources = map[uint32]*source{}
	}
	if len(f.sources) == maxSources {
		var silent *source
		for _, c := range f.sources {
			if silent == nil || c.heard.Before(silent.heard) {
				silent = c
			}
		}
		f.lostBefore += silent.lost()
		f.expectedBefore += silent.expectedBefore + uint64(silent.expected())
		delete(f.sources, silent.ssrc)
	}
	c := &source{ssrc: h.SSRC, base: h.SequenceNumber, max: h.SequenceNumber, started: arrival, heard: arrival}
	f.sources[h.SSRC] = c
	return c
}

// reports returns the report blocks of what was heard since the last two reports.
func (f *figures) reports(now time.Time) []rtcp.ReceptionReport {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []rtcp.ReceptionReport
	for _, c := range f.sources {
		if now.Sub(c.heard) > 2*reportInterval || c.received == 0 {
			continue
		}
		r := rtcp.ReceptionReport{
			SSRC: c.ssrc, LastSequenceNumber: c.wraps + c.cycles + uint32(c.max), Jitter: uint32(c.jitter),
			LastSenderReport: c.lastSR, TotalLost: uint32(min(max(c.lost(), 0), 1<<23-1)),
		}
		expected := int64(c.expected() - c.expectedReported)
		if lost := expected - int64(c.received-c.receivedReported); expected > 0 && lost > 0 {
			r.FractionLost = uint8(min(lost*256/expected, 255))
		}
		c.expectedReported, c.receivedReported = c.expected(), c.received
		if c.lastSR != 0 {
			r.Delay = uint32(now.Sub(c.lastSRAt).Seconds() * 65536)
		}
		all = append(all, r)
	}
	return all
}

// incoming takes RTCP of the far end; ssrc is ours.
func (f *figures) incoming(packets []rtcp.Packet, ssrc uint32, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range packets {
		var blocks []rtcp.ReceptionReport
		switch p := p.(type) {
		case *rtcp.SenderReport:
			blocks = p.Reports
			if c := f.sources[p.SSRC]; c != nil {
				c.lastSR, c.lastSRAt = uint32(p.NTPTime>>16), now
			}
		case *rtcp.ReceiverReport:
			blocks = p.Reports
		case *rtcp.ExtendedReport:
			f.reported(p, ssrc, now)
		}
		for _, b := range blocks {
			if b.SSRC != ssrc {
				continue
			}
			f.remoteLost = int64(int32(b.TotalLost<<8) >> 8) // 24 bits, signed
			loss := float64(b.FractionLost) / 256
			f.remoteJitter = b.Jitter
			f.red.report(loss, now)
			f.lately.report(loss, now)
			if b.LastSenderReport == 0 {
				continue
			}
			trip := time.Duration(int32(uint32(ntp(now)>>16)-b.LastSenderReport-b.Delay)) * time.Second / 65536
			if trip >= 0 && trip <= longestRoundTrip {
				f.roundTrip = trip
			}
		}
	}
}

// wantRED tells whether the far end misses so much that RED is to be sent.
func (f *figures) wantRED() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.red.sent
}

// ntp is the time in the 64-bit format of RFC 3550 section 4.
func ntp(t time.Time) uint64 {
	seconds := uint64(t.Unix()) + 2208988800
	fraction := uint64(t.Nanosecond()) << 32 / 1e9
	return seconds<<32 | fraction
}

// report makes the compound packet of RFC 3550 section 6.1; nil before anything was sent or heard, and while another
// transport carries the sound.
func (p *peer) report(now time.Time) []rtcp.Packet {
	o := &p.session.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.to != rtpSender(p) {
		return nil
	}
	blocks := p.session.figures.reports(now)
	var metrics []rtcp.Packet
	if a := p.session.agreed.Load(); a != nil && a.wishes.Metrics && len(blocks) > 0 {
		metrics = p.session.figures.extended(o.ssrc, o.lasting())
	}
	name := &rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{
		Source: o.ssrc, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: o.cname}},
	}}}
	switch {
	case o.packets > 0 && now.Sub(o.lastSent) < 2*reportInterval:
		return append([]rtcp.Packet{&rtcp.SenderReport{
			SSRC: o.ssrc, NTPTime: ntp(now), PacketCount: uint32(o.packets), OctetCount: uint32(o.octets),
			Reports: blocks, RTPTime: o.lastTimestamp + uint32(now.Sub(o.lastSent).Seconds()*float64(o.clock)),
		}, name}, metrics...)
	case len(blocks) > 0:
		return append([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: o.ssrc, Reports: blocks}, name}, metrics...)
	}
	return nil
}

func (p *peer) sendReports() {
	tick := time.NewTicker(reportInterval)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			if packets := p.report(now); packets != nil {
				if err := p.sendRTCP(packets); err != nil {
					p.session.engine.log.Debug("send RTCP report", "err", err)
				}
			}
		case <-p.alive.Done():
			return
		}
	}
}

// Stats returns the figures so far. It is cheap enough to be called once a second.
func (s *Session) Stats() Stats {
	f := &s.figures
	f.mu.Lock()
	t := Stats{
		PacketsReceived: f.packets, BytesReceived: f.octets,
		PacketsLost: f.lostBefore, PacketsExpected: f.expectedBefore,
		RoundTrip: f.roundTrip, RemoteLost: f.remoteLost,
		RemoteLossLately: f.lately.level, Remote: f.remote(time.Now()),
	}
	for _, c := range f.sources {
		t.PacketsLost += c.lost()
		t.PacketsExpected += c.expectedBefore + uint64(c.expected())
	}
	if c := f.latest; c != nil && c.clock > 0 {
		t.Jitter = time.Duration(c.jitter / float64(c.clock) * float64(time.Second))
	}
	remoteJitter, red := f.remoteJitter, f.red.sent
	f.mu.Unlock()
	if a := s.agreed.Load(); a != nil {
		t.Codec, t.Redundant = a.audio[0], red && a.sendsRED()
		t.RemoteJitter = time.Duration(remoteJitter) * time.Second / time.Duration(t.Codec.ClockRate)
	}
	s.out.mu.Lock()
	t.PacketsSent, t.BytesSent = s.out.packets, s.out.octets
	s.out.mu.Unlock()
	p := s.current.Load()
	if p == nil {
		return t
	}
	q := p.used.Load()
	t.GatherTime = time.Duration(q.gatherTook.Load())
	t.ConnectTime = time.Duration(p.connectsIn.Load())
	if t.ConnectTime == 0 {
		return t
	}
	if pair, err := q.agent.GetSelectedCandidatePair(); err == nil && pair != nil {
		t.LocalCandidate, t.RemoteCandidate = pair.Local.Type().String(), pair.Remote.Type().String()
	}
	return t
}
