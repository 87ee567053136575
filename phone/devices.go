package phone

import (
	"context"
	"errors"
	"slices"
	"time"

	"calla/account"
	"calla/audio"
	"calla/phone/cause"
	"calla/phone/safe"
)

const (
	pollTime   = 2500 * time.Millisecond // between two looks at which devices there are
	openTime   = 5 * time.Second         // that a sound server may take to open a device
	slowTime   = time.Second             // of opening, after which the user is told
	hurryTime  = 500 * time.Millisecond  // the same, while a device that is wanted has gone
	hurryLooks = 120                     // so often, for a minute
	lostTime   = time.Minute             // at most, before a lost device is tried again while nothing has changed
	soundTime  = 10 * time.Second        // that a device works, and is no longer one that is lost again and again
	deviceRing = 20                      // frames between a device and the sound
)

// errSlow is shown while a device takes long to open.
var errSlow = errors.New("the sound system does not answer")

// port is one role's sound device. It is open while it is wanted: on the first of those that the user wants that is
// there, else on the system's default. What uses the sound never waits for it.
//
//	closed ──wanted──▶ opening ──▶ open ──lost, another one chosen, a better one is back──▶ closing ──▶ opening
//	                      │ failed
//	                      ▼
//	                   failed ──next look at the devices──▶ opening
type port struct {
	role   account.Role
	sound  *sound
	wanted bool
	use    func(*audio.Ring) // tells who uses the sound: the ring of the open device, or nil

	busy   bool         // opening or closing
	stream audio.Stream // nil while closed
	ring   *audio.Ring  // of stream
	asked  string       // ID that stream was opened with; "" = the default
	actual string       // the system's default when asked was ""
	closed chan struct{}
	refuse []string      // IDs that could not be opened, or were lost, until the devices change or again
	again  time.Time     // zero for none
	wait   time.Duration // from its last loss to again
	since  time.Time     // stream is open
	err    error         // why the last opening failed; nil when open
	failed bool          // not to be tried before the next look
	went   string        // the device that is not there or gave up while this one is wanted: another stands in for it
}

func (p *port) capture() bool { return p.role == account.RoleMicrophone }

// settle brings the port one step nearer to where it should be.
func (p *port) settle() {
	s := p.sound
	if p.busy || s.host == nil {
		return
	}
	id, system := s.choose(p)
	if !p.wanted {
		p.went = ""
	}
	switch {
	case p.stream != nil && (!p.wanted || p.asked != id || id == "" && p.actual != system):
		p.leave()
	case p.stream == nil && p.wanted && !p.failed && (!s.looked || id != "" || system != ""):
		p.open(id, system)
	}
}

// open opens a device off the loop.
func (p *port) open(id, system string) {
	s := p.sound
	loop := s.phone.loop
	p.busy = true
	ring := audio.NewRing(deviceRing)
	var stream audio.Stream
	var err error
	slow := loop.AfterFunc(slowTime, func() { p.err = errSlow; s.phone.changed() })
	loop.Go(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, openTime)
		defer cancel()
		if p.capture() {
			stream, err = s.host.OpenCapture(ctx, id, ring)
		} else {
			stream, err = s.host.OpenPlayback(ctx, id, ring)
		}
	}, func() {
		slow.Stop()
		p.busy, p.err = false, err
		if err != nil {
			s.phone.log.Warn("sound device not opened", "role", p.role, "device", id, "error", err)
			if id != "" {
				p.refuse = append(p.refuse, id)
			} else {
				p.failed = true
			}
		} else {
			p.stream, p.ring, p.asked, p.actual, p.closed = stream, ring, id, system, make(chan struct{})
			p.since = time.Now()
			s.phone.log.Info("sound device opened", "role", p.role, "device", stream.Device().Name)
			if system == "" { // nobody had looked yet
				p.actual = stream.Device().ID
			}
			p.compare(stream.Device())
			p.watch(stream, p.closed)
			p.use(ring)
			s.seed()
		}
		s.phone.changed()
		p.settle()
	})
}

// watch closes the port when its device stops by itself.
func (p *port) watch(stream audio.Stream, closed <-chan struct{}) {
	lost := false
	p.sound.phone.loop.Go(func(ctx context.Context) {
		select {
		case <-stream.Lost():
			lost = true
		case <-closed:
		case <-ctx.Done():
		}
	}, func() {
		if !lost || p.stream != stream {
			return
		}
		p.sound.phone.log.Warn("sound device lost", "role", p.role, "device", stream.Device().Name)
		p.refuse, p.went = append(p.refuse, p.asked), stream.Device().Name
		if time.Since(p.since) >= soundTime {
			p.wait = 0
		}
		p.wait = min(max(2*p.wait, pollTime), lostTime) // it may be listed still, or again, and the look sees no change
		p.again = time.Now().Add(p.wait)
		p.sound.hurry = hurryLooks
		p.close()
		p.sound.look()
	})
}

// leave closes the device for another one, or because it is not wanted any more.
func (p *port) leave() {
	here := p.stream.Device()
	if _, listed := audio.FindDevice(p.sound.list(p.role), here.ID, ""); !listed && p.wanted {
		p.went = here.Name
	}
	p.close()
}

// compare notes whether the device just opened stands in for another: one that the user wants too does so only where
// the better one was in use.
func (p *port) compare(now audio.Device) {
	first := p.sound.phone.settings.Load().Devices.Chosen(p.role)
	switch {
	case p.asked == "" && first != (account.DeviceChoice{}):
		p.went = first.Name
	case p.asked != "" && isChoice(now, first), p.went == now.Name:
		p.went = ""
	}
}

// chosen forgets what stood in for what: the user has seen to it.
func (s *sound) chosen() {
	for _, p := range s.ports() {
		p.went = ""
	}
}

// close closes the device off the loop; what uses the sound goes on without one.
func (p *port) close() {
	stream := p.stream
	p.use(nil)
	p.stream, p.ring = nil, nil
	close(p.closed)
	p.busy = true
	p.sound.phone.loop.Go(func(context.Context) { _ = stream.Close() }, func() {
		p.busy = false
		p.settle()
	})
	p.sound.phone.changed()
}

// choose returns which device a port should be on: the ID of the first that the user wants and that is there, else ""
// for the system's default, with the default's ID: "" where there is none that anybody should be heard by.
func (s *sound) choose(p *port) (id, system string) {
	list := s.list(p.role)
	if d, ok := audio.DefaultDevice(list); ok {
		system = d.ID
	}
	for _, choice := range s.phone.settings.Load().Devices.Order(p.role) {
		for _, same := range []func(audio.Device) bool{
			func(d audio.Device) bool { return d.ID == choice.ID },
			func(d audio.Device) bool { return isChoice(d, choice) },
		} {
			for _, d := range list {
				if same(d) && !slices.Contains(p.refuse, d.ID) {
					return d.ID, system
				}
			}
		}
	}
	return "", system
}

// isChoice tells whether a device is the one that was chosen, or has its name.
func isChoice(d audio.Device, choice account.DeviceChoice) bool {
	return d.ID == choice.ID || d.Name == choice.Name && d.Loopback == choice.Loopback
}

// list is the devices there are for a role.
func (s *sound) list(role account.Role) []audio.Device {
	if role == account.RoleMicrophone {
		return s.devices.Capture
	}
	return s.devices.Playback
}

// lookAnew is look where there is news: a look that has begun may not have seen it.
func (s *sound) lookAnew() {
	s.news, s.hurry = true, hurryLooks
	s.look()
}

// look lists the devices off the loop, one look at a time, and settles the ports.
func (s *sound) look() {
	if s.looking || s.host == nil {
		return
	}
	s.looking, s.news = true, false
	var found audio.Devices
	var err error
	s.phone.loop.Go(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, openTime)
		defer cancel()
		found, err = s.host.Devices(ctx)
	}, func() {
		s.looking = false
		if err != nil {
			s.phone.log.Warn("sound devices not listed", "error", err)
			found = audio.Devices{}
		}
		if !s.looked || !slices.Equal(found.Capture, s.devices.Capture) ||
			!slices.Equal(found.Playback, s.devices.Playback) {
			s.phone.changed()
			for _, p := range s.ports() {
				p.refuse, p.again, p.wait = nil, time.Time{}, 0
			}
		}
		s.devices, s.looked, s.listed = found, true, err == nil
		s.had = s.had || s.named()
		for _, p := range s.ports() {
			p.failed = false
			if !p.again.IsZero() && !time.Now().Before(p.again) {
				p.refuse, p.again = nil, time.Time{}
			}
			p.settle()
		}
		s.timer.Stop()
		s.timer = s.phone.loop.AfterFunc(s.untilNextLook(), s.look)
		if s.news {
			s.look()
		}
	})
}

// untilNextLook is shorter for a while after a device that is wanted has gone: its server may be back in a moment.
func (s *sound) untilNextLook() time.Duration {
	lacks := slices.ContainsFunc(s.ports(), func(p *port) bool { return p.wanted && p.stream == nil })
	if s.hurry == 0 || !lacks {
		return pollTime
	}
	s.hurry--
	return hurryTime
}

// named tells whether there is a device of which the system knows the name: what the system would take where nothing
// is chosen is listed without one, and without anything behind it too.
func (s *sound) named() bool {
	return slices.ContainsFunc(slices.Concat(s.devices.Capture, s.devices.Playback),
		func(d audio.Device) bool { return d.Name != "" })
}

// stopped tells whether the sound system has stopped, or was lost with all there was: a system that works and has
// nothing plugged in lists nothing.
func (s *sound) stopped() bool {
	nothing := len(s.devices.Capture)+len(s.devices.Playback) == 0
	return s.had && s.looked && !s.named() && (!s.listed || !nothing)
}

// state is the devices as shown.
func (s *sound) state() DeviceState {
	settings := s.phone.settings.Load()
	d := DeviceState{
		Settings: settings.Devices, Volume: settings.RingtoneVolume, Problem: s.problem(), Cleaning: s.cleaning(),
	}
	if d.Problem == nil && s.check != nil {
		d.Problem = s.standIn()
	}
	_, d.Opus = codecNamed(s.phone.o.Codecs, "opus")
	shown := func(list []audio.Device) []account.DeviceChoice {
		choices := []account.DeviceChoice{{}}
		for _, loopback := range []bool{false, true} { // those last
			for _, device := range list {
				if device.Loopback == loopback && device.Name != "" {
					choices = append(choices,
						account.DeviceChoice{
							ID: device.ID, Name: safe.Line(device.Name, shownText), Loopback: loopback,
						})
				}
			}
		}
		return choices
	}
	byDefault := func(list []audio.Device) string {
		device, _ := audio.DefaultDevice(list)
		return safe.Line(device.Name, shownText)
	}
	d.Capture, d.Playback = shown(s.devices.Capture), shown(s.devices.Playback)
	d.CaptureDefault, d.PlaybackDefault = byDefault(s.devices.Capture), byDefault(s.devices.Playback)
	return d
}

// problem is what is wrong with microphone or speaker; without a host nothing is.
func (s *sound) problem() *cause.Cause {
	if s.host == nil {
		return nil
	}
	mic := s.phone.o.Speak == nil && s.missing(&s.mic)
	speaker := s.missing(&s.speaker)
	c := cause.Cause{Action: cause.ActionChooseDevice}
	switch {
	case mic && speaker && s.stopped():
		return &cause.Cause{Kind: cause.SoundSystemGone}
	case mic && speaker:
		c.Kind = cause.NoSoundDevices
	case mic:
		c.Kind = cause.NoMicrophone
	case speaker:
		c.Kind = cause.NoLoudspeaker
	default:
		return nil
	}
	if mic && slices.ContainsFunc(s.devices.Capture, func(d audio.Device) bool { return d.Loopback }) {
		c.System = cause.SystemOnlyChosen
	}
	for _, port := range []*port{&s.mic, &s.speaker} {
		if err := port.trouble(); err != nil && s.missing(port) {
			c = bySound(c, err)
		}
	}
	return &c
}

// bySound returns c with why a sound device cannot be used.
func bySound(c cause.Cause, err error) cause.Cause {
	c.Detail = ""
	if c = c.BySystem(err); errors.Is(err, errSlow) {
		c.System = cause.SystemSlowSound
	}
	return c
}

// standIn tells which device stands in for one that is not there, while it is in use.
func (s *sound) standIn() *cause.Cause {
	c := &cause.Cause{Kind: cause.DeviceStandsIn, Action: cause.ActionChooseDevice}
	for _, port := range []*port{&s.mic, &s.speaker} {
		if port.went == "" || port.stream == nil {
			continue
		}
		if gone := safe.Line(port.went, shownText); !slices.Contains(c.Gone, gone) {
			c.Gone = append(c.Gone, gone)
		}
		if now := safe.Line(port.stream.Device().Name, shownText); !slices.Contains(c.Used, now) {
			c.Used = append(c.Used, now)
		}
	}
	if c.Used == nil {
		return nil
	}
	return c
}

// silent tells that the microphone gives no sound to a call that is to have some.
func (s *sound) silent(c *call) *cause.Cause {
	if s.in == nil || !s.capturing() || c.muted || !s.calls.has(c) {
		return nil
	}
	heard := s.in.Heard()
	if heard.Before(c.spokenInto) {
		heard = c.spokenInto
	}
	if time.Since(heard) < deafTime {
		return nil
	}
	silent := &cause.Cause{Kind: cause.MicrophoneSilent, Action: cause.ActionChooseDevice}
	if name := safe.Line(s.mic.stream.Device().Name, shownText); name != "" {
		silent.Used = []string{name}
	}
	return silent
}

// missing tells whether a port has no device it could use.
func (s *sound) missing(p *port) bool {
	id, system := s.choose(p)
	return s.looked && id == "" && system == "" || p.wanted && p.stream == nil && p.err != nil
}

// trouble is why a port's device could not be opened; nil where there is no device any more: one that was unplugged
// may have been tried once more before the next look.
func (p *port) trouble() error {
	if id, system := p.sound.choose(p); p.sound.listed && id == "" && system == "" {
		return nil
	}
	return p.err
}

// loopback tells whether the microphone that is chosen and there records what is played.
func (s *sound) loopback() bool {
	id, _ := s.choose(&s.mic)
	d, _ := audio.FindDevice(s.devices.Capture, id, "")
	return d.Loopback
}

// capturing tells whether a microphone is open.
func (s *sound) capturing() bool { return s.mic.stream != nil && s.phone.o.Speak == nil }
