package phone

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"calla/audio"
	"calla/phone/cause"
)

const (
	recordTime = 3 * time.Second
	tooQuiet   = -60.0 // dBFS of a recording, below which nobody would understand it
	clipRun    = 6     // samples at full scale in a row that are heard as distortion
)

// soundCheck is the sound of the set-up: a microphone that goes nowhere, and a speaker.
type soundCheck struct {
	sender  *audio.Sender
	ringing bool // the ringer is wanted too
}

// checkLevels are the levels of a sound check.
type checkLevels struct {
	mic *audio.Sender
	out *audio.Playout
}

// StartSoundCheck opens microphone and speaker for SoundLevels, PlayTestTone and RecordAndPlay, until
// StopSoundCheck or a call.
func (p *Phone) StartSoundCheck() { p.loop.Post(func() { p.sound.startCheck() }) }

// StopSoundCheck closes what StartSoundCheck opened.
func (p *Phone) StopSoundCheck() { p.loop.Post(p.sound.stopCheck) }

// startCheck starts the check if no call has the sound; it tells whether the check runs.
func (s *sound) startCheck() bool {
	if s.check != nil {
		return true
	}
	if s.need.mic || s.need.ringer {
		return false
	}
	// The sender keeps the microphone's pace and measures; what it makes is thrown away.
	sender, err := audio.NewSender(audio.SenderConfig{
		Format: audio.Format{Codec: audio.PCMU()}, Send: func([]byte, uint32) error { return nil }, Log: s.phone.log,
	})
	if err != nil {
		s.phone.log.Error("sound check", "error", err)
		return false
	}
	s.check = &soundCheck{sender: sender}
	s.settle()
	if s.in != nil {
		s.in.Add(sender)
	}
	s.phone.checking.Store(&checkLevels{sender, s.out})
	s.phone.changed()
	return true
}

func (s *sound) stopCheck() {
	c := s.check
	if c == nil {
		return
	}
	s.endTrial()
	s.check = nil
	s.phone.checking.Store(nil)
	if s.in != nil {
		s.in.Remove(c.sender)
	}
	s.phone.loop.Go(func(context.Context) { c.sender.Close() }, nil)
	s.settle()
	s.phone.changed()
}

// SoundLevels returns how loud microphone and speaker are during a sound check, in dBFS; -120 is silence.
func (p *Phone) SoundLevels() (mic, speaker float64) {
	l := p.checking.Load()
	if l == nil {
		return floor, floor
	}
	mic, speaker = shownLevel(l.mic.Level().RMS), floor
	if l.out != nil {
		speaker = shownLevel(l.out.Level().RMS)
	}
	return mic, speaker
}

// PlayTestTone plays a short tone on the speaker. It starts a sound check where none runs.
func (p *Phone) PlayTestTone() {
	p.loop.Post(func() {
		s := p.sound
		if !s.startCheck() {
			return
		}
		tone := audio.Sine(440, -18)
		tone.Notes[0].Length = time.Second
		s.out.Add(audio.NewToneSource(tone))
	})
}

// RecordAndPlay records three seconds from the microphone and plays them on the speaker. progress is told
// "recording", "playing" and "" at the end, on the phone's loop; problem says at the end what was wrong
// with the recording, nil when it was good or a call ended the check.
func (p *Phone) RecordAndPlay(progress func(phase string, problem *cause.Cause)) {
	p.loop.Post(func() {
		s := p.sound
		if s.measuring != nil || !s.startCheck() {
			progress("", &cause.Cause{Kind: cause.SoundInUse})
			return
		}
		if problem := s.unheard(); problem != nil {
			progress("", problem)
			return
		}
		check := s.check
		r := &recording{pcm: make([]int16, recordTime/time.Second*audio.SampleRate)}
		check.sender.SetSinks(r)
		progress("recording", nil)
		p.loop.AfterFunc(recordTime, func() {
			check.sender.SetSinks()
			if s.check != check || s.out == nil {
				progress("", nil)
				return
			}
			if s.mic.stream == nil && s.phone.o.Speak == nil {
				progress("", s.gone())
				return
			}
			pcm := r.pcm[:r.n.Load()]
			s.out.Add(audio.NewRecording(pcm, false))
			progress("playing", nil)
			length := time.Duration(len(pcm)) * time.Second / audio.SampleRate
			p.loop.AfterFunc(length, func() { progress("", judge(pcm)) })
		})
	})
}

// unheard tells why there is no voice to record; nil where there may be one.
func (s *sound) unheard() *cause.Cause {
	switch {
	case s.phone.o.Speak != nil:
		return nil
	case s.loopback():
		return &cause.Cause{Kind: cause.MicrophoneRecordsLoudspeaker, Action: cause.ActionChooseDevice}
	case s.missing(&s.mic):
		return s.gone()
	}
	return nil
}

// gone tells that no microphone is open.
func (s *sound) gone() *cause.Cause {
	c := cause.Cause{Kind: cause.MicrophoneAbsent, Action: cause.ActionChooseDevice}
	if err := s.mic.trouble(); err != nil {
		c.Kind = cause.MicrophoneUnusable
		c = bySound(c, err)
	}
	return &c
}

// recording keeps sound in memory until it is full.
type recording struct {
	pcm []int16
	n   atomic.Int64 // samples that are there
}

// Add implements audio.Sink.
func (r *recording) Add(frame audio.Frame) {
	n := r.n.Load()
	r.n.Store(n + int64(copy(r.pcm[n:], frame)))
}

// judge tells what is wrong with a recording of a voice.
func judge(pcm []int16) *cause.Cause {
	silent, longest, run := true, 0, 0
	var square float64
	for _, s := range pcm {
		if s > 1 || s < -1 {
			silent = false
		}
		if s == math.MaxInt16 || s <= -math.MaxInt16 {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
		square += float64(s) * float64(s)
	}
	c := &cause.Cause{Action: cause.ActionChooseDevice}
	switch {
	case silent:
		c.Kind = cause.MicrophoneSilent
	case 10*math.Log10(square/float64(len(pcm))/(32768*32768)) < tooQuiet:
		c.Kind = cause.MicrophoneTooQuiet
	case longest > clipRun:
		c.Kind = cause.MicrophoneTooLoud
	default:
		return nil
	}
	return c
}
