package audio

import (
	"math"
	"time"
)

// Note is one sound within a Tone.
type Note struct {
	Frequencies []float64     // hertz, sounding together
	Level       float64       // of each frequency's amplitude, in dBFS
	Start       time.Duration // after the Tone's (or its period's) beginning
	Length      time.Duration // 0: without end
	Decay       time.Duration // until it has fallen by 60 dB, as a bell does; 0: it does not
}

// Tone describes a synthesised sound: its Notes, begun again after every Period.
type Tone struct {
	Notes  []Note
	Period time.Duration // 0: once
}

// ramp is how long every note takes to come and go, so that nothing clicks.
const ramp = 5 * time.Millisecond

// callLevel is the level of call-progress tones: clearly heard, and below speech.
const callLevel = -18.0

// Sine is a continuous tone of hz at dbfs, for tests and for the sound check.
func Sine(hz, dbfs float64) Tone {
	return Tone{Notes: []Note{{Frequencies: []float64{hz}, Level: dbfs}}}
}

// Ringback is what a caller hears while the far end rings (ITU-T E.180: 425 Hz, 1 s on, 4 s off).
func Ringback() Tone {
	return Tone{
		Notes:  []Note{{Frequencies: []float64{425}, Level: callLevel, Length: time.Second}},
		Period: 5 * time.Second,
	}
}

// Busy is the tone for a busy or declining far end (ITU-T E.180: 425 Hz, 0.5 s on, 0.5 s off).
func Busy() Tone {
	return Tone{
		Notes:  []Note{{Frequencies: []float64{425}, Level: callLevel, Length: 500 * time.Millisecond}},
		Period: time.Second,
	}
}

// Congestion is the tone for a call that could not be put through (ITU-T E.180: 425 Hz, 0.25 s on, 0.25 s off).
func Congestion() Tone {
	return Tone{
		Notes:  []Note{{Frequencies: []float64{425}, Level: callLevel, Length: 250 * time.Millisecond}},
		Period: 500 * time.Millisecond,
	}
}

// CallWaiting tells somebody who talks that another call comes in (ITU-T E.180: 425 Hz, two short ones, then a rest).
// It is softer than the others: it sounds into speech.
func CallWaiting() Tone {
	note := Note{Frequencies: []float64{425}, Level: callLevel - 6, Length: 200 * time.Millisecond}
	second := note
	second.Start = 600 * time.Millisecond
	return Tone{Notes: []Note{note, second}, Period: 4 * time.Second}
}

// Answered tells the user that a call was answered by itself: two notes that rise, once.
func Answered() Tone {
	first := Note{Frequencies: []float64{660}, Level: callLevel, Length: 150 * time.Millisecond}
	second := Note{
		Frequencies: []float64{880}, Level: callLevel, Start: 200 * time.Millisecond, Length: 250 * time.Millisecond,
	}
	return Tone{Notes: []Note{first, second}}
}

// MessageCame tells the user that a message has come: three light notes, once. It begins after a moment, in which a
// device that was closed can open.
func MessageCame() Tone {
	var t Tone
	for i, hz := range []float64{880, 1108.73, 1318.51} { // A major
		t.Notes = append(t.Notes, Note{
			Frequencies: []float64{hz}, Level: callLevel,
			Start:  250*time.Millisecond + time.Duration(i)*90*time.Millisecond,
			Length: 500 * time.Millisecond, Decay: 500 * time.Millisecond,
		})
	}
	return t
}

// Ringtone is Calla's own: two rising chimes like small bells, then a rest.
func Ringtone() Tone {
	t := Tone{Period: 3 * time.Second}
	chime := func(at time.Duration, hz float64) {
		// A bell's partials: the higher they are, the softer and the shorter.
		t.Notes = append(t.Notes,
			Note{
				Frequencies: []float64{hz}, Level: -14, Start: at, Length: 1100 * time.Millisecond,
				Decay: 1100 * time.Millisecond,
			},
			Note{
				Frequencies: []float64{2 * hz}, Level: -22, Start: at, Length: 600 * time.Millisecond,
				Decay: 600 * time.Millisecond,
			},
			Note{
				Frequencies: []float64{3 * hz}, Level: -30, Start: at, Length: 300 * time.Millisecond,
				Decay: 300 * time.Millisecond,
			})
	}
	for i, hz := range []float64{587.33, 739.99, 880.00, 1174.66} { // D major: D5, F sharp 5, A5, D6
		chime(time.Duration(i)*140*time.Millisecond, hz)
		chime(900*time.Millisecond+time.Duration(i)*140*time.Millisecond, hz)
	}
	return t
}

// ToneSource synthesises a Tone. It allocates nothing while it plays.
type ToneSource struct {
	notes  []noteSamples
	period int64
	end    int64 // when the last note has ended, for a Tone without period; -1 for never
	at     int64
	mix    []float64 // of one run of samples
}

// noteSamples is a Note with its times in samples and its levels as amplitudes.
type noteSamples struct {
	frequencies        []float64
	amplitude          float64
	start, end, attack int64 // end -1: without end
	decay              float64
}

// NewToneSource returns a Source that plays t from its beginning.
func NewToneSource(t Tone) *ToneSource {
	s := &ToneSource{period: samples(t.Period), mix: make([]float64, FrameSamples)}
	for _, n := range t.Notes {
		note := noteSamples{
			frequencies: n.Frequencies, amplitude: amplitude(n.Level),
			start: samples(n.Start), end: -1, attack: samples(ramp),
		}
		if n.Decay > 0 {
			note.decay = math.Ln10 * 3 / float64(samples(n.Decay)) // 60 dB are a factor of 1000
		}
		if n.Length > 0 {
			note.end = note.start + samples(n.Length)
		}
		s.notes = append(s.notes, note)
		switch {
		case note.end < 0:
			s.end = -1
		case s.end >= 0:
			s.end = max(s.end, note.end)
		}
	}
	return s
}

// Fill implements Source.
func (s *ToneSource) Fill(frame Frame) bool {
	for len(frame) > 0 {
		at, n := s.at, min(len(frame), len(s.mix))
		if s.period > 0 { // a run of samples is within one period
			at %= s.period
			n = int(min(int64(n), s.period-at))
		}
		mix := s.mix[:n]
		clear(mix)
		for k := range s.notes {
			s.notes[k].add(mix, at)
		}
		for i, v := range mix {
			frame[i] = int16(math.Max(-32768, math.Min(32767, math.Round(v))))
		}
		frame = frame[n:]
		s.at += int64(n)
	}
	return s.period > 0 || s.end < 0 || s.at < s.end
}

// add adds what of the note sounds in the run of samples that begins at. The phase is reckoned once for the run and
// turned from there on, as is the decay: a sine and an exponential for each sample are what a ringing phone would do
// most of its work for.
func (n *noteSamples) add(mix []float64, at int64) {
	from, to := max(at, n.start), at+int64(len(mix))
	if n.end >= 0 {
		to = min(to, n.end)
	}
	if from >= to {
		return
	}
	level := n.amplitude * math.Exp(-n.decay*float64(from-n.start))
	fade := math.Exp(-n.decay)
	for _, hz := range n.frequencies {
		_, turns := math.Modf(hz * float64(from-n.start) / SampleRate)
		sin, cos := math.Sincos(2 * math.Pi * turns)
		turnSin, turnCos := math.Sincos(2 * math.Pi * hz / SampleRate)
		a := level
		for t := from; t < to; t++ {
			mix[t-at] += a * n.ramped(t) * sin
			sin, cos = sin*turnCos+cos*turnSin, cos*turnCos-sin*turnSin
			a *= fade
		}
	}
}

// ramped is how far a note has come, from 0 to 1, or has still to go.
func (n *noteSamples) ramped(at int64) float64 {
	r := 1.0
	if since := at - n.start; since < n.attack {
		r = float64(since) / float64(n.attack)
	}
	if left := n.end - at; n.end >= 0 && left < n.attack {
		r *= float64(left) / float64(n.attack)
	}
	return r
}

// samples is d at SampleRate.
func samples(d time.Duration) int64 { return int64(d) * SampleRate / int64(time.Second) }
