// Package robots answers calls at the sandbox with real media, so that a phone can be tried without an
// account or anybody at the other end:
//
//	echo      sends back what it hears, a little later, and every digit
//	tone      sends 440 Hz
//	busy      refuses every call as busy (486)
//	noanswer  rings for ever
//	hold      holds the call after 2 s and resumes it after 2 s more; else as echo
//	transfer  asks the caller after 1 s to call echo instead
//	forward   names echo as who to call instead (302)
//	message   answers every message (SIP MESSAGE) with its text; calls are as to echo
//
// Each is a user agent of its own, registered like any other.
package robots

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"calla/audio"
	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/rtc"
	"calla/netsip/sip"
	"calla/phone/cause"
)

// Names of the robots, the user parts of their addresses.
const (
	Echo     = "echo"
	Tone     = "tone"
	Busy     = "busy"
	NoAnswer = "noanswer"
	Hold     = "hold"
	Transfer = "transfer"
	Forward  = "forward"
	Message  = "message"
)

// Robot is one of them, as people are told of it.
type Robot struct {
	Name   string     // its number
	Does   cause.Kind // what it does, in a line
	Sounds cause.Kind // what whoever is connected with it hears; "" where nobody is
}

// All lists all robots, in the order in which they are shown.
func All() []Robot {
	return []Robot{
		{Echo, cause.RobotEcho, cause.HearYourself},
		{Tone, cause.RobotTone, cause.HearTone},
		{Busy, cause.RobotBusy, ""},
		{NoAnswer, cause.RobotNoAnswer, ""},
		{Hold, cause.RobotHold, cause.HearYourself},
		{Transfer, cause.RobotTransfer, cause.HearYourself},
		{Forward, cause.RobotForward, ""},
		{Message, cause.RobotMessage, cause.HearYourself},
	}
}

// Names lists the names of all robots.
func Names() []string {
	var all []string
	for _, r := range All() {
		all = append(all, r.Name)
	}
	return all
}

// ToneHertz is the frequency that the tone robot sends, and ToneLevel its level in dBFS.
const (
	ToneHertz = 440.0
	ToneLevel = -12.0
)

const (
	forever   = 24 * 60 * 60 // seconds that noanswer rings
	readyTime = 5 * time.Second

	holdAfter     = 2 * time.Second // of talking, and then of holding
	transferAfter = time.Second     // of talking
)

// Options are where the robots live and what they speak.
type Options struct {
	// Dial opens the way to a server, what its WebSocket is spoken over; nil: TCP, TLS and the configured proxy.
	Dial func(ctx context.Context, url string) (net.Conn, error)

	Account func(name string) config.Config // the account of a robot at the server
	Codecs  []audio.Codec
	Formats []rtc.Codec // of Codecs, in SDP's terms
	Logger  *slog.Logger
}

// Robots are at work until Close.
type Robots struct {
	loop    *loop.Loop
	engine  *rtc.Engine
	agents  []*netsip.UserAgent // loop only
	waiting map[string]error    // loop only: robots not registered yet, and why
	ready   chan struct{}
}

// Start starts all robots. They register on their own; Ready waits for it.
func Start(o Options) (*Robots, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	engine, err := rtc.NewEngine(rtc.Config{Codecs: o.Formats, IncludeLoopback: true, Logger: o.Logger})
	if err != nil {
		return nil, fmt.Errorf("start robots: %w", err)
	}
	r := &Robots{loop: loop.New(), engine: engine, waiting: map[string]error{}, ready: make(chan struct{})}
	r.loop.Do(func() { err = r.start(o) })
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("start robots: %w", err)
	}
	return r, nil
}

func (r *Robots) start(o Options) error {
	for _, name := range Names() {
		c := o.Account(name)
		c.NoAnswerTimeout = forever
		var ua *netsip.UserAgent
		options := netsip.Options{
			Loop: r.loop, Config: c, Media: r.engine, Dial: o.Dial, Logger: o.Logger, UserAgent: "Calla robot",
			OnState: func(s netsip.State) { r.registered(name, s) },
			OnInvite: func(s *netsip.Session) {
				v := &visit{name: name, domain: c.Domain(), session: s, codecs: o.Codecs, loop: r.loop, log: o.Logger}
				v.come()
			},
		}
		if name == Message {
			options.OnMessage = func(m *netsip.Message) { r.write(ua, m, o.Logger) }
		}
		ua, err := netsip.New(options)
		if err != nil {
			return fmt.Errorf("robot %s: %w", name, err)
		}
		r.agents = append(r.agents, ua)
		r.waiting[name] = netsip.ErrNotConnected
		ua.Start()
	}
	return nil
}

func (r *Robots) registered(name string, s netsip.State) {
	if _, ok := r.waiting[name]; !ok {
		return
	}
	if s.Registration != netsip.Registered {
		if s.Err != nil {
			r.waiting[name] = s.Err
		}
		return
	}
	delete(r.waiting, name)
	if len(r.waiting) == 0 {
		close(r.ready)
	}
}

// write answers a message.
func (r *Robots) write(ua *netsip.UserAgent, m *netsip.Message, log *slog.Logger) {
	text := slices.Concat([]byte("You wrote: "), m.Body)
	err := ua.SendMessage(m.From.URI, "text/plain;charset=utf-8", text, func(err error) {
		if err != nil {
			log.Info("message not answered", "error", err)
		}
	})
	if err != nil {
		log.Info("message not answered", "error", err)
	}
}

// Ready returns when every robot can be called, or with the reason why one cannot.
func (r *Robots) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	select {
	case <-r.ready:
		return nil
	case <-ctx.Done():
	}
	var err error
	r.loop.Do(func() {
		for name, why := range r.waiting {
			err = errors.Join(err, fmt.Errorf("robot %s is not registered: %w", name, why))
		}
	})
	return err
}

// Close ends all calls of the robots and the robots.
func (r *Robots) Close() {
	done := make(chan struct{})
	r.loop.Do(func() {
		left := len(r.agents)
		if left == 0 {
			close(done)
		}
		for _, ua := range r.agents {
			ua.Stop(func() {
				if left--; left == 0 {
					close(done)
				}
			})
		}
	})
	<-done
	r.loop.Stop()
	_ = r.engine.Close()
}

// visit is one call to a robot. Its fields belong to the loop.
type visit struct {
	name    string
	domain  string // of the server
	session *netsip.Session
	media   *rtc.Session
	codecs  []audio.Codec
	loop    *loop.Loop
	log     *slog.Logger
	sender  *audio.Sender // of the tone robot
	started bool          // the sound
	acted   bool          // hold and transfer have set their clock
	timer   *loop.Timer   // of hold and transfer
}

// come does what the robot does when it is called.
func (v *visit) come() {
	media, ok := v.session.Media().(*rtc.Session)
	switch {
	case v.name == Busy:
		v.session.Reject(486, "Busy Here")
	case v.name == NoAnswer:
	case v.name == Forward:
		v.session.Redirect(v.echo())
	case !ok:
		v.session.Reject(500, "")
	default:
		v.media = media
		v.session.OnChange(func(*netsip.Session) { v.changed() })
		media.OnChange(func(rtc.MediaState) { v.loop.Post(v.changed) })
		// Answering within OnInvite would put the 200 before the 180.
		v.loop.Post(v.session.Answer)
	}
}

// changed starts the sound once a codec is agreed on, and ends it with the call.
func (v *visit) changed() {
	if v.session.State() == netsip.SessionEnded {
		v.timer.Stop()
		if v.sender != nil {
			sender := v.sender
			v.sender = nil
			v.loop.Go(func(context.Context) { sender.Close() }, nil)
		}
		return
	}
	if v.session.State() == netsip.SessionEstablished && !v.acted {
		v.acted = true
		v.act()
	}
	format, ok := v.media.SendCodec()
	if !ok || v.started {
		return
	}
	v.started = true
	switch v.name {
	case Tone:
		v.loop.Go(func(context.Context) { drain(v.media) }, nil)
		v.startTone(format)
	default:
		v.media.OnDTMF(func(digit rune, d time.Duration) {
			if err := v.media.SendDTMF(string(digit), d, d); err != nil {
				v.log.Warn("digit not echoed", "error", err)
			}
		})
		v.loop.Go(func(context.Context) { echo(v.media, format) }, nil)
	}
}

// echo is the address of the echo robot.
func (v *visit) echo() sip.Address {
	return sip.Address{Display: "Echo", URI: sip.URI{Scheme: "sip", User: Echo, Host: v.domain}}
}

// act sets the clock of the robots that do something to a call.
func (v *visit) act() {
	switch v.name {
	case Hold:
		v.timer = v.loop.AfterFunc(holdAfter, func() {
			v.session.SetHold(true)
			v.timer = v.loop.AfterFunc(holdAfter, func() { v.session.SetHold(false) })
		})
	case Transfer:
		v.timer = v.loop.AfterFunc(transferAfter, func() {
			if _, err := v.session.Transfer(v.echo().URI.String(), nil); err != nil {
				v.log.Info("caller not transferred", "error", err)
			}
		})
	}
}

func (v *visit) startTone(format rtc.Codec) {
	for _, c := range v.codecs {
		if !strings.EqualFold(c.Name(), format.Name) {
			continue
		}
		w := v.media.Wishes()
		sender, err := audio.NewSender(audio.SenderConfig{
			Format: audio.Format{Codec: c, Packet: audio.PacketTime(c, w.Packet, w.LeastPacket, w.MostPacket)},
			Send:   v.media.WriteAudio, Source: audio.NewToneSource(audio.Sine(ToneHertz, ToneLevel)),
			Log: v.log,
		})
		if err != nil {
			v.log.Error("tone robot has no sound", "error", err)
			return
		}
		v.sender = sender
	}
}
