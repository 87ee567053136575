package audio

import "time"

// longestPacket is the most sound that one RTP packet may hold: 120 ms, Opus's limit.
const longestPacket = SampleRate * 120 / 1000

// What changes that are heard a little have to be worth, in changes that are not, and how alike (normalised
// correlation) the places are to be that they join.
const (
	worthInSpeech = 3
	alikeInSpeech = 0.9
	worthAnywhere = 8
	alikeAtAll    = 0.7
)

// fadeOut is after how long without packets the decoder is no longer asked to make sound up: by then it has faded.
const fadeOut = SampleRate

// playbuffer is the playing side of a jitter buffer: decoded sound, of which it always has a frame.
type playbuffer struct {
	jitter  *JitterBuffer
	decoder Decoder
	pcm     []int16
	n       int // samples in pcm
	made    int // samples made up in a row
	level   loudness
	levels  levels
	refused uint64
	lastErr error
	sounds  bool // something has been decoded since the decoder came into use
	// What was made up, on beyond what is in pcm, and how much of that what is heard next is yet to fade from.
	tail [stretchFade]int16
	seam int
}

func newPlaybuffer(jitter *JitterBuffer, decoder Decoder) *playbuffer {
	p := &playbuffer{
		jitter: jitter,
		pcm:    make([]int16, FrameSamples+longestPacket+stretchLongest),
	}
	p.setDecoder(decoder)
	return p
}

// setDecoder changes what decodes from now on.
func (p *playbuffer) setDecoder(d Decoder) {
	p.decoder, p.sounds = d, false
	p.jitter.rebuilds = nil
	if r, ok := d.(Redundant); ok {
		p.jitter.rebuilds = r.Carries
	}
	_, p.jitter.interpolates = d.(Interpolator)
}

// leaveOff ends the sound softly: what decodes it is about to be another.
func (p *playbuffer) leaveOff() {
	out := p.pcm[p.n:]
	if !p.sounds || len(out) < FrameSamples {
		return
	}
	out = out[:FrameSamples]
	if got, err := p.decoder.DecodeLost(out, nil, len(out)); err != nil || got != len(out) {
		clear(out)
	}
	p.join(out)
	for i := range out {
		out[i] = fade(out[i], 0, i, len(out))
	}
	p.n += len(out)
}

// fill writes the next frame.
func (p *playbuffer) fill(frame Frame, now time.Time) {
	p.jitter.bursts.frame(now)
	for p.n < len(frame) {
		p.more(now)
	}
	copy(frame, p.pcm)
	copy(p.pcm, p.pcm[len(frame):p.n])
	p.n -= len(frame)
}

// more puts more into pcm, if only after another call.
func (p *playbuffer) more(now time.Time) {
	step := p.jitter.Next(now, p.n)
	p.sounds = p.sounds || step.Payload != nil
	switch step.Kind {
	case StepNothing, StepLate:
		p.wait(step)
	case StepLost:
		got, err := p.decoder.DecodeLost(p.pcm[p.n:p.n+step.Samples], step.Payload, step.Samples)
		recovered := err == nil && got == step.Samples
		if !recovered {
			clear(p.pcm[p.n : p.n+step.Samples])
		}
		got = step.Samples - leave(p.pcm[p.n:p.n+step.Samples], step.Skip)
		p.join(p.pcm[p.n : p.n+got])
		p.jitter.Rebuilt(got, recovered)
		p.n += got
		p.made = 0
	case StepPacket:
		p.decode(step)
	case StepPast:
		p.pass(step.Payload)
	case StepNoise:
		p.rest(step.Payload)
	}
}

// pass decodes what is not heard. What is heard goes on from what was made up in its place, which the decoder does not
// know of any more: the next sound is to fade from that.
func (p *playbuffer) pass(payload []byte) {
	if payload == nil {
		return
	}
	if p.seam == 0 {
		if got, err := p.decoder.DecodeLost(p.tail[:], nil, len(p.tail)); err == nil && got == len(p.tail) {
			p.seam = got
		}
	}
	_, _ = p.decoder.Decode(p.pcm[p.n:p.n+longestPacket], payload)
}

// join has the beginning of what is heard next fade from tail.
func (p *playbuffer) join(out []int16) {
	tail := p.tail[len(p.tail)-p.seam:]
	n := min(len(tail), len(out))
	for i := range n {
		out[i] = fade(tail[i], out[i], len(p.tail)-p.seam+i, len(p.tail))
	}
	p.seam -= n
}

// wait makes up sound while there is nothing.
func (p *playbuffer) wait(step Step) {
	n := step.Samples
	out := p.pcm[p.n : p.n+n]
	var got int
	var err error
	switch i, ok := p.decoder.(Interpolator); {
	case p.made >= fadeOut && !p.jitter.resting:
	case ok && step.After != nil:
		got, err = i.DecodeGap(out, step.After, n, step.Gap)
	default:
		got, err = p.decoder.DecodeLost(out, nil, n)
	}
	if err != nil || got != n {
		clear(out)
	}
	if kept := shorten(out, step.Spare); kept < n {
		p.jitter.Spared(n - kept)
		n = kept
	}
	p.join(out[:n])
	p.n += n
	p.made += n
	p.jitter.Waited(n)
}

// rest begins a pause of the far end's.
func (p *playbuffer) rest(payload []byte) {
	err := errNoComfort
	if c, ok := p.decoder.(Comforter); ok {
		err = c.Comfort(payload)
	}
	if err != nil {
		p.refused++
		p.lastErr = err
	}
}

func (p *playbuffer) decode(step Step) {
	got, err := p.decoder.Decode(p.pcm[p.n:p.n+longestPacket], step.Payload)
	if err != nil || got <= 0 {
		p.refused++
		p.lastErr = err
		got = p.jitter.lastSamples
		if made, err := p.decoder.DecodeLost(p.pcm[p.n:p.n+got], nil, got); err != nil || made != got {
			clear(p.pcm[p.n : p.n+got])
		}
	}
	p.made = 0
	heard := got - leave(p.pcm[p.n:p.n+got], step.Skip)
	p.join(p.pcm[p.n : p.n+heard])
	p.jitter.Decoded(got)
	if heard == got {
		p.level.hear(p.pcm[p.n : p.n+got])
		p.levels.hear(p.level.now)
		if want, worth := p.jitter.Adjust(); want != 0 {
			heard = p.stretch(got, want, worth)
			p.jitter.Adjusted(heard - got)
		}
	}
	p.n += heard
}

// stretch changes the n new samples by want where it is worth that: any sound that is as quiet as the pauses are, and
// of the rest what repeats itself. There, too, a delay that is a little too short is made longer, by a period.
func (p *playbuffer) stretch(n, want int, worth float64) int {
	pcm := p.pcm[p.n : p.n+n+stretchLongest]
	if p.level.quiet() {
		return change(pcm, n, min(stretchLongest, n, max(want, -want)), want)
	}
	if want > 0 {
		want = max(want, stretchShortest)
	}
	switch {
	case worth >= worthAnywhere:
		return stretch(pcm, n, want, alikeAtAll)
	case worth >= worthInSpeech:
		return stretch(pcm, n, want, alikeInSpeech)
	}
	return n
}

// loudness tells the pauses of speech from the speech, by the mean squares of packets.
type loudness struct {
	now, most, least float64 // the last one, and the loudest and softest of the last minute or so
}

func (l *loudness) hear(pcm []int16) {
	sum := 0.0
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	l.now = sum / float64(len(pcm))
	l.most = max(l.most*0.998, l.now)
	l.least = min(l.least*1.002+1, l.now)
}

// quiet says whether the last packet was a pause: all but silence, far below the speech, or nothing but the noise that
// is always there.
func (l *loudness) quiet() bool {
	return l.now < stretchQuiet || l.now < l.most/2000 || l.now < 2*l.least && l.least < l.most/50
}
