package phone

import (
	"slices"
	"time"

	"calla/audio"
	"calla/netsip/loop"
)

const (
	talkLook   = 250 * time.Millisecond // between two looks at whether somebody talks
	talkLooks  = 8                      // that are looked at together
	talkEnough = time.Second            // of talk in these, which is more than a cough or a word to the room
	// talkSyllables is how many there are in these at least: a fan that begins has none, and a tone neither.
	talkSyllables = 3
	talkOver      = 3 * time.Second // without any, after which nobody talks any more
)

// mutedTalk notices that somebody talks into a microphone that is muted in the call that has it. It looks only while it
// is.
type mutedTalk struct {
	told   bool           // somebody does
	timer  *loop.Timer    // to the next look; nil while it is not muted
	of     *audio.Capture // that spoken is of
	spoken []spoken       // at the last looks, the oldest first
	last   time.Time      // of a word
}

// spoken is what Capture.Spoken told.
type spoken struct {
	lasted    time.Duration
	syllables int
}

// watchMuted follows a State.
func (s *sound) watchMuted(now State) {
	muted := s.in != nil && slices.ContainsFunc(now.Calls, func(c CallState) bool {
		return c.Muted && c.Active && c.Phase == PhaseEstablished
	})
	switch m := &s.mutedTalk; {
	case muted && m.timer == nil:
		s.lookForTalk()
	case !muted && m.timer != nil:
		m.timer.Stop()
		*m = mutedTalk{}
	}
}

// lookForTalk looks now, and again and again.
func (s *sound) lookForTalk() {
	m := &s.mutedTalk
	m.timer = s.phone.loop.AfterFunc(talkLook, s.lookForTalk)
	if s.in == nil {
		return // it is being seen to
	}
	var heard spoken
	heard.lasted, heard.syllables = s.in.Spoken()
	now := time.Now()
	if m.of != s.in {
		m.of, m.spoken = s.in, nil
	}
	if n := len(m.spoken); n > 0 && heard.syllables > m.spoken[n-1].syllables {
		m.last = now
	}
	m.spoken = append(m.spoken, heard)
	m.spoken = m.spoken[max(0, len(m.spoken)-talkLooks-1):]
	before := m.spoken[0]
	told := m.told && now.Sub(m.last) < talkOver ||
		heard.lasted-before.lasted >= talkEnough && heard.syllables-before.syllables >= talkSyllables
	if told != m.told {
		m.told = told
		s.phone.changed()
	}
}

// mutedTalking tells whether somebody talks into the microphone of a call that is muted.
func (c *call) mutedTalking() bool {
	return c.p.sound.mutedTalk.told && c.muted && c.active() && c.phase() == PhaseEstablished
}
