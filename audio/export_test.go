package audio

import (
	"slices"
	"testing"
	"time"

	"calla/audio/dsp"
)

// What the tests of package audio_test reach of the inside: they use codecs that import audio.

// SenderPacket returns what a Sender in that format does for one packet.
func SenderPacket(tb testing.TB, format Format, source Source) func() {
	tb.Helper()
	first, err := newSending(format)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(first.encoder.Close)
	ring := NewRing(8)
	s := &Sender{
		send: func([]byte, uint32) error { return nil }, log: logger(nil), meter: NewMeter(),
		input: ring, sinks: []Sink{NewMeter()},
	}
	s.pause = s.send
	p := newPacketizer(s, first)
	n := format.samples()
	pcm := pull(source, 1200*time.Millisecond) // as many packets of any length
	i := 0
	return func() {
		ring.Write(pcm[i : i+n])
		i = (i + n) % len(pcm)
		if !p.read().ready {
			tb.Fatal("no packet")
		}
		p.finish()
	}
}

// MusicPacket returns what a Sender does for one packet of music on hold.
func MusicPacket(tb testing.TB, format Format, source Source) func() {
	tb.Helper()
	first, err := newSending(format)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(first.encoder.Close)
	s := &Sender{
		send: func([]byte, uint32) error { return nil }, log: logger(nil), meter: NewMeter(), input: NewRing(8),
		sinks: []Sink{NewMeter()}, music: NewRecording(pull(source, 1010*time.Millisecond), true),
	}
	s.pause = s.send
	p := newPacketizer(s, first)
	return func() {
		in := p.read()
		if !in.music {
			tb.Fatal("no music")
		}
		p.make(in)
	}
}

// CaptureFrame returns what a Capture with this many Senders does for one frame of its device; nobody takes what the
// Senders get.
func CaptureFrame(tb testing.TB, senders int, source Source) func() {
	tb.Helper()
	device := NewRing(4)
	cleaner := newCleaner()
	cleaner.wanted.Store(&Cleaning{Noise: 1, Gain: true})
	c := &Capture{stages: []stage{dsp.NewHighPass(SampleRate, rumble), cleaner}, cleaner: cleaner, input: device}
	for range senders {
		s := &Sender{wake: make(chan struct{}, 1)}
		c.Add(s)
	}
	pcm := pull(source, 2*time.Second)
	frame, i := make(Frame, FrameSamples), 0
	return func() {
		device.Write(pcm[i : i+FrameSamples])
		i = (i + FrameSamples) % len(pcm)
		ring, ready := c.read(frame)
		if !ready {
			tb.Fatal("no frame")
		}
		for _, s := range c.stages {
			s.Process(frame)
		}
		c.pass(ring, frame)
		for _, t := range c.taps {
			t.ring.Discard(t.ring.Len())
		}
	}
}

// Cleaned is what a Capture makes of pcm after its high-pass; set is called before each frame.
func Cleaned(pcm []int16, set func(frame int) Cleaning) []int16 {
	c, out := newCleaner(), slices.Clone(pcm)
	for i := 0; i+FrameSamples <= len(out); i += FrameSamples {
		wanted := set(i / FrameSamples)
		c.wanted.Store(&wanted)
		c.Process(out[i : i+FrameSamples])
	}
	return out
}

// ReceiverPacket returns what a Receiver does for one packet, of which every losing-th is lost.
func ReceiverPacket(tb testing.TB, codec Codec, source Source, losing int) func() {
	tb.Helper()
	encoder, err := codec.NewEncoder()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(encoder.Close)
	encoder.Follow(Channel{Loss: float64(losing)})
	var payloads [][]byte
	for range 250 {
		payload, err := encoder.Encode(nil, pull(source, packetTime))
		if err != nil {
			tb.Fatal(err)
		}
		payloads = append(payloads, payload)
	}
	r, err := NewReceiver(ReceiverConfig{Codec: codec})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(r.Close)
	r.SetSinks(NewMeter())
	frame := make(Frame, FrameSamples)
	ticks := Format{Codec: codec}.ticks()
	now, i := time.Now(), 0
	return func() {
		i++
		now = now.Add(packetTime)
		if losing == 0 || i%losing != 0 {
			r.Push(Packet{
				Sequence: uint16(i), Timestamp: uint32(i) * ticks, Payload: payloads[i%len(payloads)],
				Arrival: now,
			})
		}
		for range PacketFrames {
			r.mu.Lock()
			r.play.fill(frame, now.Add(7*time.Millisecond))
			r.meter.Add(frame)
			for _, sink := range r.sinks {
				sink.Add(frame)
			}
			r.mu.Unlock()
		}
	}
}

// ConferenceFrame returns what a Conference with this many members does for one Frame, and what a Sender adds to its
// packet of it: both for one packet.
func ConferenceFrame(tb testing.TB, members int, source Source) func() {
	tb.Helper()
	c := NewConference()
	frame := make(Frame, FrameSamples)
	packets := make([]*packetizer, members)
	for i := range members {
		pcm := pull(source, 2*time.Second)
		s := &Sender{}
		packets[i] = newPacketizer(s, &sending{})
		copy(packets[i].pcm, pcm)
		c.Add(NewRecording(pcm, true), s)
	}
	return func() {
		for range PacketFrames {
			c.Fill(frame)
		}
		for _, p := range packets {
			p.mixed(p.s.others)
		}
	}
}

// MeanLevel is the RMS level in dBFS of everything heard so far.
func (r *Receiver) MeanLevel() float64 { return r.meter.Mean() }

// Playing says whether src is still there.
func (p *Playout) Playing(src Source) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range p.voices {
		if v == src {
			return true
		}
	}
	return false
}
