package console

import (
	"context"
	"fmt"
	"math"
	"time"

	"calla/audio"
	"calla/phone"
	"calla/phone/robots"
)

const (
	demoHertz  = 440.0
	demoWithin = 5.0 // hertz that the measured tone may be off
)

// demoCmd shows that everything works, with nothing but this program.
type demoCmd struct {
	Duration time.Duration `help:"How long to talk." default:"3s" placeholder:"TIME"`
	JSON     bool          `help:"Print JSON lines." name:"json"`
}

// Run starts a sandbox, calls its echo with a tone and measures what comes back.
func (c *demoCmd) Run(ctx context.Context, s *session) error {
	sandbox, err := startSandbox(s.Codecs(s.log), s.log)
	if err != nil {
		return err
	}
	defer sandbox.Close()
	e := newEar()
	o := s.options()
	o.Speak, o.Heard = audio.NewToneSource(audio.Sine(demoHertz, toneLevel)), e.sinks()
	r, err := newRun(s, &printer{json: c.JSON, out: s.out}, sandbox.Account, o)
	if err != nil {
		return err
	}
	code, err := r.register(ctx)
	if err == nil && code == ExitOK {
		r.callText(robots.Echo, phone.CallOptions{})
		err = r.until(ctx, func() bool { return r.established() || r.over() })
		if err == nil && !r.over() {
			soundFlags{Duration: c.Duration}.stay(ctx, r)
		}
		r.hangUp()
		code = r.callCode(err)
	} else if err != nil {
		code = ExitInterrupted
	}
	r.phone.Close()
	tone := e.tone.Reading()
	if code == ExitOK && math.Abs(tone.Frequency-demoHertz) > demoWithin {
		code = ExitMedia
	}
	result := append(r.callResult(code, e), member{"packets", r.quality().Packets})
	words := r.callWords(code, e)
	if code == ExitOK {
		words = append(words, fmt.Sprintf("The echo brought %.1f Hz back for %g Hz sent. All is well.", tone.Frequency,
			demoHertz))
	}
	return r.finish(code, result, words)
}
