// Package robots answers calls at the sandbox with real media, so that a phone can be tried without an
// account or anybody at the other end:
//
//	echo      sends back what it hears, a little later, and every digit
//	tone      sends 440 Hz
//	busy      refuses every call as busy (486)
//	noanswer  rings for ever
//
// Each is a user agent of its own, registered like any other.
package robots

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"calla/audio"
	"calla/netsip"
	"calla/netsip/rtc"
)

// Names of the robots, the user parts of their addresses.
const (
	Echo     = "echo"
	Tone     = "tone"
	Busy     = "busy"
	NoAnswer = "noanswer"
)

// Names lists all robots.
func Names() []string { return []string{Echo, Tone, Busy, NoAnswer} }

// ToneHertz is the frequency that the tone robot sends, and ToneLevel its level in dBFS.
const (
	ToneHertz = 440.0
	ToneLevel = -12.0
)

const (
	forever   = 24 * 60 * 60 // seconds that noanswer rings
	readyTime = 5 * time.Second
)

// Options are where the robots live and what they speak.
type Options struct {
	Account func(name string) netsip.Config // the account of a robot at the server
	Dial    netsip.DialFunc                 // nil: TCP and TLS
	Codecs  []audio.Codec
	Formats []rtc.Codec // of Codecs, in SDP's terms
	Logger  *slog.Logger
}

// Robots are at work until Close.
type Robots struct {
	loop    *netsip.Loop
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
	r := &Robots{loop: netsip.NewLoop(), engine: engine, waiting: map[string]error{}, ready: make(chan struct{})}
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
		ua, err := netsip.New(netsip.Options{
			Loop: r.loop, Config: c, Media: r.engine, Dial: o.Dial, Logger: o.Logger, UserAgent: "Calla robot",
			OnState: func(s netsip.State) { r.registered(name, s) },
			OnInvite: func(s *netsip.Session) {
				v := &visit{name: name, session: s, codecs: o.Codecs, loop: r.loop, log: o.Logger}
				v.come()
			},
		})
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
	session *netsip.Session
	media   *rtc.Session
	codecs  []audio.Codec
	loop    *netsip.Loop
	log     *slog.Logger
	sender  *audio.Sender // of the tone robot
	started bool
}

// come does what the robot does when it is called.
func (v *visit) come() {
	media, ok := v.session.Media().(*rtc.Session)
	switch {
	case v.name == Busy:
		v.session.Reject(486, "Busy Here")
	case v.name == NoAnswer:
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
		if v.sender != nil {
			sender := v.sender
			v.sender = nil
			v.loop.Go(func(context.Context) { sender.Close() }, nil)
		}
		return
	}
	format, ok := v.media.SendCodec()
	if !ok || v.started {
		return
	}
	v.started = true
	switch v.name {
	case Echo:
		v.media.OnDTMF(func(digit rune, d time.Duration) {
			if err := v.media.SendDTMF(string(digit), d, d); err != nil {
				v.log.Warn("digit not echoed", "error", err)
			}
		})
		v.loop.Go(func(context.Context) { echo(v.media, format) }, nil)
	case Tone:
		v.loop.Go(func(context.Context) { drain(v.media) }, nil)
		v.startTone(format)
	}
}

func (v *visit) startTone(format rtc.Codec) {
	for _, c := range v.codecs {
		if !strings.EqualFold(c.Name(), format.Name) {
			continue
		}
		sender, err := audio.NewSender(audio.SenderConfig{
			Codec: c, Send: v.media.WriteAudio, Source: audio.NewToneSource(audio.Sine(ToneHertz, ToneLevel)), Log: v.log,
		})
		if err != nil {
			v.log.Error("tone robot has no sound", "error", err)
			return
		}
		v.sender = sender
	}
}
