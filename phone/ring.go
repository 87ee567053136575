package phone

import (
	"strings"
	"time"

	"calla/audio"
)

// keyLength is how long the confirmation of a key sounds, and keyEvery how they follow each other.
const (
	keyLength = 100 * time.Millisecond
	keyEvery  = 150 * time.Millisecond
)

// needs is what a State calls for in sound.
type needs struct {
	mic, speaker, ringer bool
	waiting              bool // the call-waiting tone
	progress             Progress
}

// needsOf tells what a State calls for. Devices, ringtone and call-progress tones follow from it alone.
func needsOf(s State) needs {
	var n needs
	active := false
	for _, c := range s.Calls {
		switch {
		case c.Phase == PhaseIncoming && !c.Silenced:
			n.ringer, n.waiting = n.ringer || !c.Waiting, n.waiting || c.Waiting
		case !c.Active || c.Phase == PhaseIncoming || c.Phase == PhaseEnding:
		default:
			active, n.mic, n.speaker = true, true, true
			if c.Phase == PhaseRinging && !c.EarlyMedia {
				n.progress = ProgressRingback
			}
		}
	}
	if !active && s.Ended != nil && s.Ended.Tone != ProgressNone {
		n.speaker, n.progress = true, s.Ended.Tone
	}
	return n
}

// ringing are the calls that ring. Whose caller is being found yet rings once that is known, or at the end of findTime.
func ringing(s State) (calls []CallState) {
	for _, c := range s.Calls {
		if c.Phase == PhaseIncoming && !c.Silenced && !c.Waiting && !c.Finding {
			calls = append(calls, c)
		}
	}
	return calls
}

// follow makes the sound of a State, after that of the one before.
func (s *sound) follow(before, now State) {
	s.need = needsOf(now)
	if s.need.mic || s.need.ringer {
		s.stopCheck()
	}
	s.settle()
	s.ring(ringing(now))
	s.tell(s.need.progress)
	s.knock(s.need.waiting)
	s.listen()
	s.watchMuted(now)
	for _, c := range now.Calls {
		if c.ByItself && c.Active && s.out != nil && s.announced != c.ID {
			s.announced = c.ID
			s.out.Add(audio.NewToneSource(audio.Answered()))
		}
		for _, old := range before.Calls {
			if old.ID == c.ID && strings.HasPrefix(c.Digits, old.Digits) {
				s.keys(c.Digits[len(old.Digits):])
			}
		}
	}
}

// knock plays the call-waiting tone to the user who is talking, or not.
func (s *sound) knock(on bool) {
	switch {
	case s.out == nil:
		s.knocking = nil
	case on && s.knocking == nil:
		s.knocking = s.loud(ToneCallWaiting, audio.NewToneSource(audio.CallWaiting()))
		s.out.Add(s.knocking)
	case !on && s.knocking != nil:
		s.out.Remove(s.knocking)
		s.knocking = nil
	}
}

// tell plays a call-progress tone in the place of the one before.
func (s *sound) tell(p Progress) {
	if s.out == nil {
		s.progress, s.playing = nil, ProgressNone
		return
	}
	if p == s.playing {
		return
	}
	if s.progress != nil {
		s.out.Remove(s.progress)
	}
	s.playing, s.progress = p, nil
	var tone audio.Tone
	switch p {
	case ProgressNone:
		return
	case ProgressRingback:
		tone = audio.Ringback()
	case ProgressBusy:
		tone = audio.Busy()
	case ProgressCongestion:
		tone = audio.Congestion()
	}
	s.progress = s.loud(toneOf(p), audio.NewToneSource(tone))
	s.out.Add(s.progress)
}

// keys lets the user hear the digits that were sent.
func (s *sound) keys(digits string) {
	if digits == "" || s.out == nil {
		return
	}
	var all audio.Tone
	for i, digit := range digits {
		tone, ok := audio.DTMF(digit, keyLength)
		if !ok {
			continue
		}
		for _, note := range tone.Notes {
			note.Start += time.Duration(i) * keyEvery
			all.Notes = append(all.Notes, note)
		}
	}
	s.out.Add(audio.NewToneSource(all))
}
