package audio

import "math"

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

// Volume is a Source at another volume, which may be changed while it plays.
type Volume struct {
	source Source
	gain   Gain
}

// NewVolume returns source, changed by so many dB; at Silence and below it is not heard.
func NewVolume(source Source, db float64) *Volume {
	v := &Volume{source: source}
	v.gain.Set(db)
	v.gain.now = math.Float64frombits(v.gain.loss.Load()) // from its beginning
	return v
}

// Set changes the volume, without a click. It may be called from any goroutine.
func (v *Volume) Set(db float64) { v.gain.Set(db) }

// Fill implements Source.
func (v *Volume) Fill(frame Frame) bool {
	more := v.source.Fill(frame)
	v.gain.Process(frame)
	return more
}
