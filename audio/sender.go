package audio

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// PacketSamples is how many samples at SampleRate one RTP packet holds where nobody asks for more or less: 20 ms.
const PacketSamples = PacketFrames * FrameSamples

const (
	packetTime = 20 * time.Millisecond
	frameTime  = 10 * time.Millisecond
	// longestSent is the most sound that one packet of ours holds: 60 ms.
	longestSent = 6 * FrameSamples
	// stallTime is how late a device may be before a ticker takes its place. Sound servers deliver in
	// bursts of up to 50 ms.
	stallTime = 80 * time.Millisecond
	// maxBacklog is how much captured sound may wait before the oldest is dropped: more is delay
	// that the far end would hear for the rest of the call.
	maxBacklog = 6 * PacketSamples
)

// SenderConfig says what a Sender is made of.
type SenderConfig struct {
	Format
	// Send is called on the Sender's goroutine with one RTP payload after the other, which it may not
	// keep, and the ticks of the codec's clock that it lasts. An empty payload means that nothing is
	// to be sent for this time (SetSending): the RTP timestamp moves on all the same.
	// Its errors are counted, and the first of a run of them is logged; they do not end the Sender.
	Send func(payload []byte, ticks uint32) error
	// SendPause is called in the place of Send in pauses, where the Format leaves these out. A payload tells what there
	// is in the pause: it is in the Codec's format, or with PausesTold comfort noise (RFC 3389).
	SendPause func(payload []byte, ticks uint32) error
	// Source, when not nil, is sent in the place of what is captured.
	Source Source
	// Muted and Paused are the state to begin with: see SetMuted and SetSending.
	Muted  bool
	Paused bool
	Log    *slog.Logger // nil: discard
}

// Format is how sound is sent.
type Format struct {
	Codec  Codec
	Packet time.Duration // how much of it a packet holds, one of the Codec's PacketTimes; 0 = 20 ms
	Pauses Pauses
}

// samples is how many at SampleRate a packet has.
func (f Format) samples() int {
	if f.Packet == 0 {
		return PacketSamples
	}
	return int(samples(f.Packet))
}

// ticks is how far the RTP timestamp moves with a packet.
func (f Format) ticks() uint32 { return uint32(f.samples() * f.Codec.ClockRate() / SampleRate) }

// Sender turns captured sound into RTP payloads, one for each packet's time:
//
//	Capture or Source → mute → level, sinks → + what others say (Conference) → encoder → Send
//	music on hold, in the place of all that ───────────────────────────────────────┘
//
// It has the microphone while it is added to a Capture, and keeps the device's time while the device delivers. With no
// device, with one that has stopped delivering, and for a Source, it keeps the time of the system's clock and sends
// silence or the Source's sound, so that the far end hears an unbroken stream. All methods may be called concurrently.
type Sender struct {
	send  func(payload []byte, ticks uint32) error
	pause func(payload []byte, ticks uint32) error
	log   *slog.Logger
	meter *Meter
	gate  Gain
	stop  chan struct{}
	wake  chan struct{} // an input has changed
	done  chan struct{}

	paused  atomic.Bool
	spoken  atomic.Bool // by the Capture: somebody speaks
	packets atomic.Uint64
	bytes   atomic.Uint64
	errors  atomic.Uint64

	mu     sync.Mutex
	input  *Ring
	fresh  bool // input has just been set: what it held before is stale
	source Source
	music  Source // sent in the place of all else; nil = none
	sinks  []Sink
	others *elastic // what the others in a Conference say; nil = none
	way    Channel
	next   *sending // takes the place of what encodes, with the next packet; nil = nothing does
	closed bool
}

// sending is a Format with its encoder.
type sending struct {
	Format
	encoder Encoder
}

func newSending(f Format) (*sending, error) {
	encoder, err := f.Codec.NewEncoder()
	if err != nil {
		return nil, fmt.Errorf("make %s encoder: %w", f.Codec.Name(), err)
	}
	return &sending{f, encoder}, nil
}

// SenderStats is what a Sender has done so far.
type SenderStats struct {
	Packets uint64 // handed to Send with a payload
	Bytes   uint64 // of payload
	Errors  uint64 // returned by Send
}

// NewSender starts a Sender. Close ends it.
func NewSender(cfg SenderConfig) (*Sender, error) {
	first, err := newSending(cfg.Format)
	if err != nil {
		return nil, err
	}
	s := &Sender{
		send: cfg.Send, pause: cfg.SendPause, log: logger(cfg.Log), meter: NewMeter(),
		stop: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{}),
		source: cfg.Source,
	}
	s.gate.Mute(cfg.Muted)
	s.paused.Store(cfg.Paused)
	go s.run(first)
	return s, nil
}

// setInput makes ring the one that a Capture fills. What it holds already is dropped. The Sender is then the ring's one
// consumer until the next setInput, leaveInput or Close.
func (s *Sender) setInput(ring *Ring) {
	s.mu.Lock()
	s.input, s.fresh = ring, true
	s.mu.Unlock()
	notify(s.wake)
}

// leaveInput goes on without a device, unless another ring than this has become the input.
func (s *Sender) leaveInput(ring *Ring) {
	s.mu.Lock()
	if s.input == ring {
		s.input = nil
	}
	s.mu.Unlock()
	notify(s.wake)
}

// SetSource sends src in the place of the captured sound until it ends or SetSource(nil).
func (s *Sender) SetSource(src Source) {
	s.mu.Lock()
	s.source = src
	s.mu.Unlock()
	notify(s.wake)
}

// SetMusic sends src, which begins softly and has no end, in the place of all else, muted or not: it is heard on hold.
// From the next packet on nothing of the microphone is sent, or of the others in a Conference, until SetMusic(nil); the
// music then fades out within a packet. Sinks and Level have silence meanwhile.
func (s *Sender) SetMusic(src Source) {
	s.mu.Lock()
	s.music = src
	s.mu.Unlock()
	notify(s.wake)
}

// SetSinks passes everything sent, after muting, to these and to no others any more.
func (s *Sender) SetSinks(sinks ...Sink) {
	s.mu.Lock()
	s.sinks = sinks
	s.mu.Unlock()
}

// setOthers sends what others holds beside the captured sound; nil = nothing. The Sender is then its one reader until
// the next setOthers.
func (s *Sender) setOthers(others *elastic) {
	s.mu.Lock()
	s.others = others
	s.mu.Unlock()
}

// SetFormat changes the format from the next packet on.
func (s *Sender) SetFormat(f Format) error {
	next, err := newSending(f)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		s.next.encoder.Close()
	}
	s.next = next
	if s.closed {
		s.dropNext()
	}
	return nil
}

// dropNext closes an encoder that is not used any more. The caller holds mu.
func (s *Sender) dropNext() {
	if s.next != nil {
		s.next.encoder.Close()
		s.next = nil
	}
}

// Follow tells the encoder what the way to the far end is like.
func (s *Sender) Follow(c Channel) {
	s.mu.Lock()
	s.way = c
	s.mu.Unlock()
}

// SetMuted makes the stream silent, without a click, or restores it. Packets go on.
func (s *Sender) SetMuted(on bool) { s.gate.Mute(on) }

// SetSending says whether packets are sent at all: not while the call is held (RFC 3264 section 8.4).
func (s *Sender) SetSending(on bool) { s.paused.Store(!on) }

// Level is the loudness of what is being sent, after muting.
func (s *Sender) Level() Level { return s.meter.Level() }

// Stats tells what has been sent so far.
func (s *Sender) Stats() SenderStats {
	return SenderStats{Packets: s.packets.Load(), Bytes: s.bytes.Load(), Errors: s.errors.Load()}
}

// Close ends the Sender and waits for its goroutine: Send is not called afterwards.
func (s *Sender) Close() {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if !closed {
		close(s.stop)
	}
	<-s.done
}

// run paces the packets.
func (s *Sender) run(first *sending) {
	defer close(s.done)
	packet := newPacketizer(s, first)
	defer packet.release()
	var pace pace
	pace.start(packet.pace())
	defer pace.stop()
	for {
		next := packet.read()
		pace.change(packet.pace())
		switch {
		case next.ready:
			packet.finish()
			pace.device()
		case pace.expired(next.device):
			if next.device {
				packet.owed++ // the device may yet deliver what silence stands for
			}
			packet.make(next)
			pace.tick()
		default:
			select {
			case <-next.readable:
			case <-pace.wait(next.device):
			case <-s.wake:
			case <-s.stop:
				return
			}
			continue
		}
		select {
		case <-s.stop:
			return
		default:
		}
	}
}

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

func logger(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}
