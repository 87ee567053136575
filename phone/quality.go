package phone

import (
	"time"

	"calla/audio"
	"calla/netsip/rtc"
)

// measure takes the figures of a call, once a second, and passes the loss on to the encoder.
func (c *call) measure() {
	c.tick = c.p.loop.AfterFunc(figuresTime, c.measure)
	c.figures()
	c.p.changed()
}

// figures fills in what can be known now.
func (c *call) figures() {
	c.times()
	b := c.bridge
	if b == nil {
		return
	}
	rtp, sound := c.media.Stats(), b.receiver.Stats()
	c.quality.heard(rtp, sound)
	missed := c.quality.Lost - c.quality.Rescued
	c.lately(count{missed, rtp.PacketsExpected, sound.Concealed, sound.Played})
	b.follow(100*rtp.RemoteLossLately, rtp.Redundant)
	told := c.quality.forFarEnd(sound)
	if b.leavesPauses() {
		told.Noise = 0 // what there is of pauses is made here
	}
	c.media.Tell(told)
}

// forFarEnd is what the far end is told of how it is heard: with what the jitter buffer dropped for whatever reason.
func (q *Quality) forFarEnd(sound audio.ReceiverStats) rtc.Heard {
	return rtc.Heard{
		Discarded: sound.Late + sound.Skipped, Buffer: sound.Current, Most: audio.MostDelay, R: q.Rating(),
		Speech: sound.Speech, Noise: sound.Pauses,
	}
}

// heard takes over what was counted of the packets, and of the sound that was made of them.
func (q *Quality) heard(rtp rtc.Stats, sound audio.ReceiverStats) {
	q.Known = rtp.PacketsReceived > 0
	q.PacketsSent, q.Packets = rtp.PacketsSent, rtp.PacketsReceived
	q.Lost = uint64(max(rtp.PacketsLost, 0))
	q.Rescued = min(sound.Rescued, q.Lost) // one may come after all
	q.LossPercent = min(percent(float64(q.Lost), float64(rtp.PacketsExpected)), 100)
	q.Jitter, q.RoundTrip, q.BufferDelay, q.BufferWait = rtp.Jitter, rtp.RoundTrip, sound.Current, sound.Waited
	q.ConcealedFrac = percent(float64(sound.Concealed), float64(sound.Played)) / 100
	q.FarEnd = rtp.Remote
}

// latelyOf is how many measurements what is heard now is of: 5 s. Fewer would have the bars jump with every burst.
const latelyOf = 5

// count is what was counted since a call began.
type count struct{ lost, expected, concealed, played uint64 }

// lately keeps the counts of the last seconds, and has the figures of these.
func (c *call) lately(now count) {
	if n := len(c.counts); n > 0 && (now.played < c.counts[n-1].played || now.expected < c.counts[n-1].expected) {
		c.counts = nil // of another sound connection
	}
	c.counts = append(c.counts, now)
	c.counts = c.counts[max(0, len(c.counts)-latelyOf-1):]
	since := c.counts[0]
	if len(c.counts) <= latelyOf {
		since = count{} // of all of it
	}
	share := func(part, before, whole, wholeBefore uint64) float64 { // what was missed may still come
		return min(percent(float64(part)-float64(before), float64(whole)-float64(wholeBefore)), 100)
	}
	c.quality.Lately = Lately{
		LossPercent:   max(share(now.lost, since.lost, now.expected, since.expected), 0),
		ConcealedFrac: max(share(now.concealed, since.concealed, now.played, since.played), 0) / 100,
	}
}

// Bars turns the figures into none to four bars, by the worst of the loss, the concealment, the jitter and the delay
// that there are now. The limits are those of common monitoring practice (loss 3 % and jitter 30 ms are where trouble
// is heard) and of ITU-T G.107 for the delay: four bars up to 180 ms, three up to 240, two up to 385.
func (q Quality) Bars() int {
	if q.Packets == 0 {
		return 0
	}
	bad := max(q.Lately.LossPercent/3, q.Lately.ConcealedFrac*100/5,
		float64(q.Jitter)/float64(30*time.Millisecond)*0.8, q.DelayImpairment()/13)
	switch {
	case bad < 0.35:
		return 4
	case bad < 1:
		return 3
	case bad < 2.5:
		return 2
	}
	return 1
}

// Delay is how much later we hear than the far end speaks, as far as it is known: half of the round trip and the jitter
// buffer.
func (q Quality) Delay() time.Duration { return q.RoundTrip/2 + q.BufferDelay }

// DelayImpairment is what Delay costs of the 93 points of a perfect call: Id of ITU-T G.107 in its usual short form,
// little up to 177 ms and much beyond. From 10 on it is noticed, above 30 people interrupt each other.
func (q Quality) DelayImpairment() float64 {
	d := float64(q.Delay()) / float64(time.Millisecond)
	return 0.024*d + 0.11*max(d-177.3, 0)
}

// Rating is the rating R of the E-model (ITU-T G.107), from 0 to 93, for what is heard now. Its basis is the delay, and
// the loss that is heard, at what it costs with G.711's concealment (G.113: Bpl 25.1; the others are no worse). Echo,
// noise and loudness are taken to be as they should; 0 = nothing was heard yet.
func (q Quality) Rating() float64 {
	if q.Packets == 0 {
		return 0
	}
	loss := 100 * q.Lately.ConcealedFrac
	return max(1, 93.2-q.DelayImpairment()-95*loss/(loss+25.1))
}

// times fills in how long the set-up took.
func (c *call) times() {
	t := c.session.Times()
	q := &c.quality
	if c.incoming {
		if !c.answered.IsZero() && !t.Answered.IsZero() {
			q.InviteDelay = t.Answered.Sub(c.answered)
		}
		if !c.answered.IsZero() && !c.connected.IsZero() {
			q.SetupTime = c.connected.Sub(c.answered)
		}
	} else {
		if !t.InviteSent.IsZero() {
			q.InviteDelay = t.InviteSent.Sub(c.clicked)
		}
		if !t.Ringing.IsZero() {
			q.RingingTime = t.Ringing.Sub(c.clicked)
		}
		if !c.connected.IsZero() {
			q.SetupTime = c.connected.Sub(c.clicked)
		}
	}
	if c.bridge != nil && q.MediaTime == 0 {
		if first := c.bridge.firstPacket(); !first.IsZero() {
			since := c.clicked
			if c.incoming {
				since = c.answered
			}
			q.MediaTime = max(first.Sub(since), 0)
		}
	}
}

func percent(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * part / whole
}
