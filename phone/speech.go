package phone

import (
	"sync"

	"calla/audio"
)

// speechFrames is how far one call may be behind another that is spoken to.
const speechFrames = 32

// speech is what is spoken in the place of a microphone (Options.Speak), to any number of calls: all get the same
// frames, and it goes on with whoever gets it after a pause. Its methods may be called from any goroutine.
type speech struct {
	mu     sync.Mutex
	source audio.Source
	made   int  // frames so far
	ended  bool // with the last of them
	last   [speechFrames]audio.Frame
}

func newSpeech(source audio.Source) *speech {
	s := &speech{source: source}
	for i := range s.last {
		s.last[i] = make(audio.Frame, audio.FrameSamples)
	}
	return s
}

// voice returns what one call's sender is given: the speech from here on.
func (s *speech) voice() audio.Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &voice{speech: s, at: s.made}
}

// voice is the speech as one call hears it.
type voice struct {
	speech *speech
	at     int // the next frame
}

// Fill implements audio.Source.
func (v *voice) Fill(frame audio.Frame) bool {
	s := v.speech
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.at == s.made {
		if s.ended {
			clear(frame)
			return false
		}
		s.ended = !s.source.Fill(s.last[s.made%speechFrames])
		s.made++
	}
	v.at = max(v.at, s.made-speechFrames)
	copy(frame, s.last[v.at%speechFrames])
	v.at++
	return !s.ended || v.at < s.made
}
