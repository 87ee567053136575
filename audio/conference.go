package audio

import (
	"sync"

	"calla/audio/dsp"
)

// Conference lets several calls hear each other: each member's far end gets what the others say, beside the microphone,
// and nothing of itself.
//
//	each member's Receiver ─▶ level ─▶ sum ─▶ limiter ─▶ Fill: the Playout, and the sinks
//	                                    └─▶ less what that member said ─▶ limiter ─▶ its Sender, which adds the
//	                                                                                 microphone
//
// Who whispers and who shouts are made as loud as each other, by their speech alone: see dsp.GainControl.
//
// It is a Source of all of them together, and works at the pace of whoever fills from it, a Playout. A member's loss
// and jitter are its own Receiver's matter: a Receiver always has a frame. All methods may be called concurrently, but
// not from within a member's Fill.
type Conference struct {
	mu      sync.Mutex
	members []*conferee
	sinks   []Sink
	sum     []int32
	tail    []int32 // the fading end of who was removed, heard in the next frame
	rest    []int32 // the sum without one member
	part    Frame
	all     limiter
}

// conferee is one member.
type conferee struct {
	says   Source
	hears  *Sender
	frame  Frame
	voice  *dsp.Voice
	level  *dsp.GainControl
	others *elastic // to hears
	limit  limiter
}

// NewConference returns a Conference without members, which is silent.
func NewConference() *Conference {
	return &Conference{
		sum: make([]int32, FrameSamples), tail: make([]int32, FrameSamples), rest: make([]int32, FrameSamples),
		part: make(Frame, FrameSamples),
	}
}

// Add makes a call a member: what says has is heard by the others, and hears sends what they say. From now on says is
// filled by the Conference alone. Who is there already is not added again.
func (c *Conference) Add(says Source, hears *Sender) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.members {
		if m.hears == hears {
			return
		}
	}
	voice := dsp.NewVoice()
	m := &conferee{
		says: says, hears: hears, frame: make(Frame, FrameSamples), voice: voice, level: dsp.NewGainControl(voice),
		others: newElastic(elasticFirst),
	}
	c.members = append(c.members, m)
	hears.setOthers(m.others)
}

// Remove ends a membership with a short fade. When it returns the member's Source is no longer used, and its Sender
// sends the microphone alone. Removing who is not there does nothing.
func (c *Conference) Remove(hears *Sender) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, m := range c.members {
		if m.hears != hears {
			continue
		}
		hears.setOthers(nil)
		m.fill()
		for k, s := range m.frame {
			c.tail[k] += int32(s) * int32(FrameSamples-k) / FrameSamples
		}
		last := len(c.members) - 1
		copy(c.members[i:], c.members[i+1:])
		c.members[last] = nil
		c.members = c.members[:last]
		return
	}
}

// fill has the member say the next frame.
func (m *conferee) fill() {
	m.says.Fill(m.frame)
	m.voice.Process(m.frame)
	m.level.Process(m.frame)
}

// SetSinks passes what all members say together to these and to no others any more.
func (c *Conference) SetSinks(sinks ...Sink) {
	c.mu.Lock()
	c.sinks = sinks
	c.mu.Unlock()
}

// Fill implements Source. It never ends.
func (c *Conference) Fill(frame Frame) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	copy(c.sum, c.tail)
	clear(c.tail)
	for _, m := range c.members {
		m.fill()
		for k, s := range m.frame {
			c.sum[k] += int32(s)
		}
	}
	for _, m := range c.members {
		for k, s := range m.frame {
			c.rest[k] = c.sum[k] - int32(s)
		}
		m.limit.process(c.part, c.rest)
		m.others.Add(c.part)
	}
	c.all.process(frame, c.sum)
	for _, sink := range c.sinks {
		sink.Add(frame)
	}
	return true
}
