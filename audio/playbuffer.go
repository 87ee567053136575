package audio

import "time"

// longestPacket is the most sound that one RTP packet may hold: 120 ms, Opus's limit.
const longestPacket = SampleRate * 120 / 1000

// fadeOut is after how long without packets the decoder is no longer asked to make sound up: by then it has faded.
const fadeOut = SampleRate

// playbuffer is the playing side of a jitter buffer: decoded sound, of which it always has a frame.
type playbuffer struct {
	jitter  *JitterBuffer
	decoder Decoder
	pcm     []int16
	n       int // samples in pcm
	made    int // samples made up in a row
	refused uint64
	lastErr error
}

func newPlaybuffer(jitter *JitterBuffer, decoder Decoder) *playbuffer {
	return &playbuffer{
		jitter: jitter, decoder: decoder,
		pcm: make([]int16, FrameSamples+longestPacket+stretchLongest),
	}
}

// fill writes the next frame.
func (p *playbuffer) fill(frame Frame, now time.Time) {
	for p.n < len(frame) {
		p.more(now)
	}
	copy(frame, p.pcm)
	copy(p.pcm, p.pcm[len(frame):p.n])
	p.n -= len(frame)
}

// more puts more into pcm, if only after another call.
func (p *playbuffer) more(now time.Time) {
	step := p.jitter.Next(now)
	switch step.Kind {
	case StepNothing, StepLate:
		p.wait(FrameSamples)
	case StepLost:
		p.rebuild(step)
	case StepPacket:
		p.decode(step.Payload)
	case StepNoise:
		p.rest(step.Payload)
	}
}

// rebuild fills a gap, or its beginning: from the next packet where that carries the lost one, else by concealment.
func (p *playbuffer) rebuild(step Step) {
	n := min(step.Samples, longestPacket)
	out := p.pcm[p.n : p.n+n]
	next := step.Payload
	if r, ok := p.decoder.(Redundant); !ok || next == nil || !r.HasRedundancy(next) {
		next = nil
	}
	var got int
	var err error
	if i, ok := p.decoder.(Interpolator); ok && next == nil {
		got, err = i.DecodeGap(out, step.After, n, step.Gap)
	} else {
		got, err = p.decoder.DecodeLost(out, next, n)
	}
	if err != nil || got != n {
		clear(out)
	}
	p.n += n
	p.made = 0
	p.jitter.Rebuilt(n, err == nil && got == n && next != nil)
}

// wait makes up n samples while there is nothing.
func (p *playbuffer) wait(n int) {
	out := p.pcm[p.n : p.n+n]
	if p.made >= fadeOut && !p.jitter.resting {
		clear(out)
	} else if got, err := p.decoder.DecodeLost(out, nil, n); err != nil || got != n {
		clear(out)
	}
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

func (p *playbuffer) decode(payload []byte) {
	got, err := p.decoder.Decode(p.pcm[p.n:p.n+longestPacket], payload)
	if err != nil || got <= 0 {
		p.refused++
		p.lastErr = err
		got = p.jitter.lastSamples
		if made, err := p.decoder.DecodeLost(p.pcm[p.n:p.n+got], nil, got); err != nil || made != got {
			clear(p.pcm[p.n : p.n+got])
		}
	}
	p.made = 0
	p.jitter.Decoded(got)
	if want, urgent := p.jitter.Adjust(); want != 0 {
		n := stretch(p.pcm[p.n:p.n+got+stretchLongest], got, want, urgent)
		p.jitter.Adjusted(n - got)
		got = n
	}
	p.n += got
}
