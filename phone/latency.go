package phone

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/latency"
	"calla/phone/cause"
)

const (
	steadyTime = 700 * time.Millisecond // that devices run before they are measured: they begin in another way
	readyTime  = openTime + slowTime    // for both to be open
	readyLook  = 100 * time.Millisecond
	doneTime   = 2 * time.Second // by which a measurement may be late

	// What a call adds to the devices where the network takes no time.
	opusAhead   = 6500 * time.Microsecond                // that libopus looks ahead: 312 samples, by OPUS_GET_LOOKAHEAD
	usualBuffer = audio.LeastDelay + 10*time.Millisecond // on a network without jitter, and until a packet is wanted
)

// Latency is what was measured of the devices, and what a call between two such phones makes of it.
type Latency struct {
	account.Latency
	// The basis of MouthToEar beside the devices: a packet, what the codec and the cleaning look ahead, and what the
	// jitter buffer keeps where there is no jitter.
	Packet, Codec, Cleaning, Buffer time.Duration
}

// MouthToEar is how long a word takes from the mouth to the ear at the other end, where the network takes no time: the
// two phones have a microphone and a loudspeaker like these.
func (l Latency) MouthToEar() time.Duration {
	return l.Delay + l.Packet + l.Codec + l.Cleaning + l.Buffer
}

// Cause tells it.
func (l Latency) Cause() cause.Cause {
	return cause.Cause{
		Kind: cause.LatencyMeasured, Count: int(l.Delay.Round(time.Millisecond) / time.Millisecond),
		Of: int(l.MouthToEar().Round(time.Millisecond) / time.Millisecond), Decibels: int(math.Round(l.EchoLoss)),
	}
}

// MeasureLatency plays sweeps of tone on the speaker and finds out how late the microphone delivers them. It starts a
// sound check where none runs. done is called on the phone's loop, with why there is no figure where there is none;
// otherwise it is kept in the settings, and the echo canceller begins with it in calls with these devices.
func (p *Phone) MeasureLatency(done func(l Latency, problem *cause.Cause)) {
	p.loop.Post(func() { p.sound.measureLatency(done) })
}

// measurement is a latency being measured.
type measurement struct {
	sound *sound
	check *soundCheck // that it is part of
	done  func(Latency, *cause.Cause)
	meter *latency.Meter // nil until the devices are ready
	tone  audio.Source   // of it
	limit time.Time      // for that
	mic   audio.Stream   // what is measured
	out   audio.Stream
}

func (s *sound) measureLatency(done func(Latency, *cause.Cause)) {
	switch {
	case s.measuring != nil || !s.startCheck():
		done(Latency{}, &cause.Cause{Kind: cause.SoundInUse})
		return
	case s.phone.o.Speak != nil || s.host == nil:
		done(Latency{}, &cause.Cause{Kind: cause.MicrophoneAbsent})
		return
	}
	m := &measurement{sound: s, check: s.check, done: done, limit: time.Now().Add(readyTime)}
	s.measuring = m
	m.wait()
}

// wait waits until both devices have been open for a while.
func (m *measurement) wait() {
	s := m.sound
	steady := func(p *port) bool { return p.stream != nil && time.Since(p.since) >= steadyTime }
	problem := s.unheard()
	switch {
	case s.check != m.check:
		m.end(Latency{}, &cause.Cause{Kind: cause.SoundInUse})
	case steady(&s.mic) && steady(&s.speaker):
		m.begin()
	case problem != nil:
		m.end(Latency{}, problem)
	case time.Now().Before(m.limit):
		s.phone.loop.AfterFunc(readyLook, m.wait)
	case s.mic.stream == nil:
		m.end(Latency{}, s.gone())
	default:
		m.end(Latency{}, &cause.Cause{Kind: cause.NoLoudspeaker, Action: cause.ActionChooseDevice})
	}
}

// begin plays and listens. What is heard meanwhile goes nowhere else, and nothing is taken out of it.
func (m *measurement) begin() {
	s := m.sound
	m.meter, m.mic, m.out = latency.NewMeter(rand.Uint64()), s.mic.stream, s.speaker.stream
	m.tone = m.meter.Source()
	s.clean()
	s.out.Add(m.tone)
	var reading latency.Reading
	var err error
	heard := false
	s.phone.loop.Go(func(ctx context.Context) {
		late := time.NewTimer(m.meter.Length() + doneTime)
		defer late.Stop()
		select {
		case <-m.meter.Done():
			heard = true
			reading, err = m.meter.Read()
		case <-late.C:
		case <-ctx.Done():
		}
	}, func() {
		switch {
		case s.check != m.check:
			m.end(Latency{}, &cause.Cause{Kind: cause.SoundInUse})
		case !heard, s.mic.stream != m.mic, s.speaker.stream != m.out:
			m.end(Latency{}, &cause.Cause{Kind: cause.LatencyDeviceLost, Action: cause.ActionChooseDevice})
		case err != nil:
			s.phone.log.Info("latency not measured", "error", err)
			m.end(Latency{}, whyNoLatency(err))
		default:
			m.keep(reading)
		}
	})
}

// keep keeps what was measured.
func (m *measurement) keep(r latency.Reading) {
	p := m.sound.phone
	l := account.Latency{
		Microphone: choiceOf(m.mic.Device()), Speaker: choiceOf(m.out.Device()),
		Delay: r.Delay, Spread: r.Spread, EchoLoss: r.EchoLoss, Measured: time.Now().UTC().Truncate(time.Second),
	}
	p.keepSettings(p.settings.Load().WithLatency(l), nil)
	m.end(p.latency(l), nil)
}

// latency adds what a call does.
func (p *Phone) latency(l account.Latency) Latency {
	all := Latency{
		Latency: l, Packet: audio.PacketSamples * time.Second / audio.SampleRate, Buffer: usualBuffer,
		Cleaning: p.sound.cleaned().Delay(),
	}
	if _, opus := codecNamed(p.o.Codecs, "opus"); opus {
		all.Codec = opusAhead
	}
	return all
}

// end has the microphone's sound go its usual way again, and tells what came of it.
func (m *measurement) end(l Latency, problem *cause.Cause) {
	s := m.sound
	s.measuring = nil
	if m.tone != nil && s.out != nil {
		s.out.Remove(m.tone)
	}
	s.clean()
	m.done(l, problem)
}

// whyNoLatency is a Failure as a cause.
func whyNoLatency(err error) *cause.Cause {
	c := &cause.Cause{Kind: cause.LatencyUnsteady, Action: cause.ActionChooseDevice}
	switch {
	case errors.Is(err, latency.Silent):
		c.Kind = cause.MicrophoneSilent
	case errors.Is(err, latency.Unheard):
		c.Kind = cause.LatencyUnheard
	case errors.Is(err, latency.Noisy):
		c.Kind = cause.LatencyNoisy
	}
	return c
}

// seed tells the echo canceller what was measured of the devices that are open.
func (s *sound) seed() {
	if s.in == nil {
		return
	}
	var known account.Latency
	if mic, speaker := s.mic.stream, s.speaker.stream; mic != nil && speaker != nil {
		known, _ = s.phone.settings.Load().LatencyOf(choiceOf(mic.Device()), choiceOf(speaker.Device()))
	}
	s.in.SetEchoDelay(known.Delay)
}
