package phone

import (
	"context"
	"time"

	"calla/account"
	"calla/audio"
	"calla/netsip/loop"
	"calla/netsip/rtc"
)

// sound is everything heard and spoken: three ports, what is mixed into the two that play, and who
// gets the microphone: any number of calls. Which of it runs follows from State (see needsOf) and the sound check.
type sound struct {
	phone   *Phone
	host    audio.Host // nil: none
	devices audio.Devices
	looked  bool // devices has been filled
	listed  bool // the last look came about: what is not in devices is not there
	had     bool // there was once a device with a name
	looking bool
	news    bool        // devices have changed since the look that goes on began
	hurry   int         // how many looks are to follow one another quickly
	timer   *loop.Timer // to the next look

	mic, speaker, ringer port
	in                   *audio.Capture // from the microphone; nil while nobody is to be heard by it
	out                  *audio.Playout // to the speaker; nil while nothing is to be heard
	bell                 *audio.Playout // to the ringer; nil while nothing rings
	rings                *bellTone      // nil while nothing does
	read                 *soundRead     // the sound file that rang last
	progress             *audio.Volume
	knocking             *audio.Volume
	chiming              *audio.Volume // a message has come
	tried                *audio.Volume // played because the user asked for it
	trial                Tone          // which that is
	announced            string        // ID of the call whose being answered by itself was told last
	playing              Progress
	calls                callSet // that have the microphone and are heard
	table                *audio.Conference
	seated               callSet // of calls, those at the table
	check                *soundCheck
	measuring            *measurement // nil while no latency is measured
	need                 needs
	mutedTalk            mutedTalk
}

func newSound(p *Phone) *sound {
	s := &sound{phone: p, host: p.o.Host, table: audio.NewConference()}
	s.mic = port{role: account.RoleMicrophone, sound: s, use: func(ring *audio.Ring) {
		if s.in != nil {
			s.in.SetInput(ring)
		}
	}}
	s.speaker = port{role: account.RoleSpeaker, sound: s, use: func(ring *audio.Ring) {
		if s.out != nil {
			s.out.SetOutput(ring)
		}
	}}
	s.ringer = port{role: account.RoleRinger, sound: s, use: func(ring *audio.Ring) {
		if s.bell != nil {
			s.bell.SetOutput(ring)
		}
	}}
	return s
}

func (s *sound) ports() []*port { return []*port{&s.mic, &s.speaker, &s.ringer} }

// start looks at the devices, which also wakes the sound system before the first call, and again whenever there is
// news of them.
func (s *sound) start() {
	s.look()
	if host, tells := s.host.(audio.Watching); tells {
		loop := s.phone.loop
		loop.Go(func(ctx context.Context) { host.Watch(ctx, func() { loop.Post(s.lookAnew) }) }, nil)
	}
}

// release closes what is open, when the loop has stopped.
func (s *sound) release() {
	if s.in != nil {
		s.in.Close()
	}
	if s.check != nil {
		s.check.sender.Close()
	}
	for _, c := range s.phone.calls {
		for ; c != nil; c = c.replaces {
			if c.bridge != nil {
				_ = c.media.Close()
				c.bridge.close()
			}
			if t := c.taping; t != nil && t.recorder != nil {
				_ = t.recorder.Close()
			}
		}
	}
	for made := range s.phone.made {
		if b := *made; b != nil {
			_ = b.media.Close()
			b.close()
		}
	}
	for _, p := range []*audio.Playout{s.out, s.bell} {
		if p != nil {
			p.Close()
		}
	}
	for _, p := range s.ports() {
		if p.stream != nil {
			_ = p.stream.Close()
		}
	}
	if s.host != nil {
		if err := s.host.Close(); err != nil {
			s.phone.log.Warn("sound system not closed", "error", err)
		}
	}
}

// settle opens and closes devices as State and the sound check need them.
func (s *sound) settle() {
	checking := s.check != nil
	idle := !s.mic.wanted && !s.speaker.wanted && !s.ringer.wanted
	s.mic.wanted = (s.need.mic || checking && !s.loopback()) && s.phone.o.Speak == nil
	s.speaker.wanted = s.need.speaker || checking
	s.ringer.wanted = s.need.ringer || checking && s.check.ringing || s.chiming != nil && !s.need.mic
	if idle && (s.mic.wanted || s.speaker.wanted || s.ringer.wanted) && s.looked && !s.named() {
		s.look() // what was not there a while ago may be
	}
	s.in = s.capture(s.in)
	s.out = s.playout(s.out, &s.speaker)
	s.bell = s.playout(s.bell, &s.ringer)
	s.clean()
	s.setVolumes()
	for _, p := range s.ports() {
		p.settle()
	}
}

// capture makes or ends what takes the sound of the microphone, as that is wanted.
func (s *sound) capture(now *audio.Capture) *audio.Capture {
	switch {
	case s.mic.wanted && now == nil:
		return audio.NewCapture(s.mic.ring)
	case !s.mic.wanted && now != nil:
		now.SetReference(nil) // which is the next one's
		s.phone.loop.Go(func(context.Context) { now.Close() }, nil)
		return nil
	}
	return now
}

// playout makes or ends the mixer of a playing port, as it is wanted.
func (s *sound) playout(now *audio.Playout, p *port) *audio.Playout {
	switch {
	case p.wanted && now == nil:
		return audio.NewPlayout(p.ring)
	case !p.wanted && now != nil:
		s.phone.loop.Go(func(context.Context) { now.Close() }, nil)
		return nil
	}
	return now
}

// attach gives a call the microphone and lets it be heard, beside those that have the sound already: who those are is
// decided in hold.go. It may be called again.
func (s *sound) attach(c *call) {
	if s.calls.has(c) {
		return
	}
	s.stopCheck()
	if c.replaces != nil {
		s.detach(c.replaces)
	}
	s.calls = s.calls.with(c)
	c.spokenInto = time.Now()
	s.measure()
	s.listen()
}

// listen gives each call the microphone, mixes its far end into the speaker and, once it is established, speaks what is
// to be spoken.
func (s *sound) listen() {
	for _, c := range s.calls {
		if s.in != nil {
			s.in.Add(c.bridge.sender)
		}
		s.seat(c)
		if speak := s.phone.speech; speak != nil && !c.speaking && !c.connected.IsZero() && c.state == rtc.Connected {
			c.speaking = true
			c.bridge.sender.SetSource(speak.voice())
		}
	}
	s.tape()
}

// detach takes microphone and speaker from a call.
func (s *sound) detach(c *call) {
	if !s.calls.has(c) {
		return
	}
	s.stand(c)
	if s.out != nil {
		s.out.Remove(c.bridge.receiver)
	}
	if s.in != nil {
		s.in.Remove(c.bridge.sender)
	}
	if c.speaking {
		c.bridge.sender.SetSource(nil)
		c.speaking = false
	}
	s.calls = s.calls.without(c)
	s.tape()
	s.measure()
}

// seat has a call's far end heard: with the others of the conference, by them too, else in the loudspeaker alone.
func (s *sound) seat(c *call) {
	if !s.phone.conference.has(c) {
		s.stand(c)
		if s.out != nil {
			s.out.Add(c.bridge.receiver)
		}
		return
	}
	if !s.seated.has(c) {
		if s.out != nil {
			s.out.Remove(c.bridge.receiver)
		}
		s.seated = s.seated.with(c)
		s.table.Add(c.bridge.receiver, c.bridge.sender)
	}
	if s.out != nil {
		s.out.Add(s.table)
	}
}

// stand takes a call from the conference's table.
func (s *sound) stand(c *call) {
	if !s.seated.has(c) {
		return
	}
	s.table.Remove(c.bridge.sender)
	s.seated = s.seated.without(c)
	if len(s.seated) == 0 && s.out != nil {
		s.out.Remove(s.table)
	}
}

// measure tells Levels whose sound there is.
func (s *sound) measure() {
	all := make(map[string]meters, len(s.calls))
	for _, c := range s.calls {
		all[c.id] = meters{c.bridge.sender, c.bridge.receiver}
	}
	s.phone.meters.Store(&all)
}
