package phone

import (
	"math"
	"time"
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
	q := &c.quality
	q.Known = rtp.PacketsReceived > 0
	q.PacketsSent, q.Packets, q.Lost = rtp.PacketsSent, rtp.PacketsReceived, uint64(max(rtp.PacketsLost, 0))
	q.LossPercent = min(percent(float64(q.Lost), float64(rtp.PacketsExpected)), 100)
	q.Jitter, q.RoundTrip, q.BufferDelay = rtp.Jitter, rtp.RoundTrip, sound.Current
	q.ConcealedFrac = percent(float64(sound.Concealed), float64(sound.Played)) / 100
	b.sender.SetLoss(int(math.Ceil(rtp.RemoteLossFraction * 100)))
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
