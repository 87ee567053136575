package audio

import "time"

// packetizer is the Sender's work on one packet, with its buffers.
type packetizer struct {
	s       *Sender
	format  *sending
	pcm     []int16 // of the microphone, or of what is spoken in its place: one packet
	theirs  []int16 // what is said in the conference, and then all that is sent
	music   Source  // sent in the place of both; nil = none
	sum     []int32
	limit   limiter
	pauses  *pausing
	spoken  bool // somebody is known to speak in pcm
	payload []byte
	owed    int // packets of silence sent while the device was late
	failing bool
}

func newPacketizer(s *Sender, first *sending) *packetizer {
	p := &packetizer{
		s: s, pcm: make([]int16, longestSent), theirs: make([]int16, longestSent),
		sum: make([]int32, longestSent), pauses: newPausing(), payload: make([]byte, 0, 1500),
	}
	p.use(first)
	return p
}

// use sends in another format from now on.
func (p *packetizer) use(f *sending) {
	n := f.samples()
	p.format, p.owed = f, 0
	p.pcm, p.theirs, p.sum = p.pcm[:n], p.theirs[:n], p.sum[:n]
}

// pace is how long a packet lasts, and the grid of the clock that packets go by where there is no device: one that
// they are a multiple of.
func (p *packetizer) pace() (step, grid time.Duration) {
	step = duration(int64(len(p.pcm)))
	if step%packetTime > 0 {
		return step, frameTime
	}
	return step, packetTime
}

// release closes the encoders.
func (p *packetizer) release() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.s.closed = true
	p.s.dropNext()
	p.format.encoder.Close()
}

// input is where the next packet comes from.
type input struct {
	ready    bool // a packet from the device is in pcm
	device   bool // a device sets the pace
	source   Source
	music    bool // is sent
	fades    bool // for the last time
	readable <-chan struct{}
}

// read takes the next packet from the device's ring if it holds one, in the format wanted now. It works under the
// lock, so that after setInput the old ring is no longer touched.
func (p *packetizer) read() input {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		p.format.encoder.Close()
		p.use(s.next)
		s.next = nil
	}
	if p.music == nil {
		p.music = s.music
	}
	in := input{source: s.source, music: p.music != nil, fades: p.music != s.music}
	ring := s.input
	if ring == nil {
		return in
	}
	in.readable = ring.Readable()
	if s.fresh || s.source != nil || in.music { // a Source plays: keep the ring fresh for when it ends
		ring.Discard(ring.Len())
		s.fresh, p.owed = false, 0
	}
	if s.source == nil && !in.music {
		in.device = true
		in.ready = p.ready(ring)
	}
	return in
}

// ready reads a packet from the ring if it holds one, after dropping what came too late: the sound
// for which silence has been sent already, and whatever is more than maxBacklog.
func (p *packetizer) ready(ring *Ring) bool {
	n, packet := ring.Len(), len(p.pcm)
	for p.owed > 0 && n >= 2*packet {
		n -= ring.Discard(packet)
		p.owed--
	}
	if n > maxBacklog {
		n -= ring.Discard(n - packet)
	}
	if n < packet {
		return false
	}
	if n < 2*packet {
		p.owed = 0 // it delivers in time again
	}
	ring.Read(p.pcm)
	p.spoken = p.s.spoken.Load()
	return true
}

// make sends a packet of what is sent where no device sets the pace, or of silence.
func (p *packetizer) make(in input) {
	if in.music {
		p.play(in.fades)
		return
	}
	clear(p.pcm)
	source := in.source
	p.spoken = source != nil
	for i := 0; source != nil && i < len(p.pcm); i += FrameSamples {
		if !source.Fill(p.pcm[i : i+FrameSamples]) {
			p.s.mu.Lock()
			if p.s.source == source {
				p.s.source = nil
			}
			p.s.mu.Unlock()
			source = nil
		}
	}
	p.finish()
}

// play sends a packet of music, which fades where it is the last one.
func (p *packetizer) play(fades bool) {
	for i := 0; i < len(p.pcm); i += FrameSamples {
		p.music.Fill(p.pcm[i : i+FrameSamples])
	}
	if fades {
		for i, v := range p.pcm {
			p.pcm[i] = int16(int(v) * (len(p.pcm) - i) / len(p.pcm))
		}
		p.music = nil
	}
	p.s.gate.begin() // whoever is heard again is so softly, and who was muted meanwhile not for a moment
	p.limit = limiter{}
	p.s.mu.Lock()
	sinks, way := p.s.sinks, p.s.way
	p.s.mu.Unlock()
	send, payload, err := p.encode(way, p.pcm, true)
	clear(p.pcm) // nobody here has said anything
	p.tell(sinks)
	p.pass(send, payload, err)
}

func (p *packetizer) finish() {
	s := p.s
	s.gate.Process(p.pcm)
	s.mu.Lock()
	sinks, way, sent, spoken := s.sinks, s.way, p.mixed(s.others), p.spoken || s.others != nil
	s.mu.Unlock()
	send, payload, err := p.encode(way, sent, spoken)
	p.tell(sinks)
	p.pass(send, payload, err)
}

// encode makes the payload of a packet, empty where none is sent, and knows how it is sent.
func (p *packetizer) encode(way Channel, sent []int16, spoken bool) (send func([]byte, uint32) error, payload []byte,
	err error,
) {
	send, payload = p.s.send, p.payload[:0]
	if p.s.paused.Load() {
		return send, payload, nil
	}
	p.format.encoder.Follow(way)
	payload, err = p.format.encoder.Encode(payload, sent)
	if p.format.Pauses != PausesSent {
		send, payload = p.rest(payload, sent, spoken)
	}
	return send, payload, err
}

// tell passes what is in pcm to those who listen here.
func (p *packetizer) tell(sinks []Sink) {
	for i := 0; i < len(p.pcm); i += FrameSamples {
		frame := p.pcm[i : i+FrameSamples]
		p.s.meter.Add(frame)
		for _, sink := range sinks {
			sink.Add(frame)
		}
	}
}

// pass sends a payload, and counts it.
func (p *packetizer) pass(send func([]byte, uint32) error, payload []byte, err error) {
	s := p.s
	if err == nil {
		err = send(payload, p.format.ticks())
	}
	switch {
	case err != nil:
		s.errors.Add(1)
		if !p.failing {
			s.log.Warn("sending sound fails", "error", err)
		}
	case len(payload) > 0:
		s.packets.Add(1)
		s.bytes.Add(uint64(len(payload)))
	}
	p.failing = err != nil
}

// rest finds out whether what is sent, with that payload, is part of a pause, and what is sent then.
func (p *packetizer) rest(payload []byte, sent []int16, spoken bool) (func([]byte, uint32) error, []byte) {
	switch pause, news := p.pauses.hear(sent, spoken); {
	case !pause:
		return p.s.send, payload
	case !news:
		return p.s.pause, payload[:0]
	case p.format.Pauses == PausesTold:
		return p.s.pause, p.pauses.comfort(payload[:0])
	}
	return p.s.pause, payload
}

// mixed is what is sent of one packet: the microphone with what the others say.
func (p *packetizer) mixed(others *elastic) []int16 {
	if others == nil {
		p.limit = limiter{}
		return p.pcm
	}
	others.read(p.theirs)
	for i, s := range p.theirs {
		p.sum[i] = int32(s) + int32(p.pcm[i])
	}
	p.limit.process(p.theirs, p.sum)
	return p.theirs
}
