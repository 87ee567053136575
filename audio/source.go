package audio

// Source is sound that is made when it is wanted: a tone, a recording, a call's Receiver. One
// goroutine at a time fills Frames from it.
type Source interface {
	// Fill writes the next FrameSamples samples over the whole frame. It returns false when the sound has
	// ended with this frame, whose rest it fills with silence.
	Fill(frame Frame) bool
}

// Sink takes sound as it passes by: a Recorder, a ToneMeter. Add may not block, keep
// the frame or change it.
type Sink interface {
	Add(frame Frame)
}

// Recording is a Source of sound that is wholly in memory.
type Recording struct {
	pcm  []int16
	at   int
	loop bool
}

// NewRecording returns a Source of pcm, mono at SampleRate, which it does not change; with loop it
// begins again at the end.
func NewRecording(pcm []int16, loop bool) *Recording {
	return &Recording{pcm: pcm, loop: loop && len(pcm) > 0}
}

// Fill implements Source.
func (r *Recording) Fill(frame Frame) bool {
	n := copy(frame, r.pcm[r.at:])
	r.at += n
	for r.loop && r.at == len(r.pcm) {
		r.at = copy(frame[n:], r.pcm)
		n += r.at
	}
	clear(frame[n:])
	return r.loop || r.at < len(r.pcm)
}
