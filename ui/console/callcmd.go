package console

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"calla/account"
	"calla/audio"
	"calla/phone"
)

// dtmfAfter is how long after the answer digits are sent: systems that answer by themselves need a moment.
const dtmfAfter = time.Second

// registerCmd registers and leaves again.
type registerCmd struct {
	accountFlags
	Duration          time.Duration `help:"Stay registered this long before leaving." placeholder:"TIME"`
	SignOutEverywhere bool          `help:"Remove the bindings of all other devices of the address."`
	JSON              bool          `help:"Print JSON lines." name:"json"`
}

// Run registers, tells how it went, stays as long as asked, and unregisters.
func (c *registerCmd) Run(ctx context.Context, s *session) error {
	a, err := c.load(ctx, s)
	if err != nil {
		return err
	}
	out := &printer{json: c.JSON, out: s.out}
	r, err := newRun(s, out, a, s.options())
	if err != nil {
		return err
	}
	defer r.phone.Close()
	code, err := r.register(ctx)
	if err == nil && code == ExitOK && c.SignOutEverywhere {
		r.phone.UnregisterAll(r.id)
		err = r.until(ctx, func() bool { return r.alone() })
	}
	if err == nil && code == ExitOK && c.Duration > 0 {
		stay, cancel := context.WithTimeout(ctx, c.Duration)
		defer cancel()
		_ = r.until(stay, func() bool { return false }) // its end is not an error
	}
	if err != nil {
		code = ExitInterrupted
	}
	bindings := []object{}
	words := []string{fmt.Sprintf("Registered %s at %s, %.0f ms after start", r.account.Address, r.account.Server,
		r.registered)}
	for _, b := range r.account.Bindings {
		bindings = append(bindings, object{{"contact", b.Address}, {"own", b.Own}})
		words = append(words, "  "+tell(b.Cause(time.Now())).Short+"  "+b.Address)
	}
	o := append(append(object{{"ok", code == ExitOK}}, r.registration()...), member{"bindings", bindings})
	if code != ExitOK {
		o = append(o, member{"problem", problemMember(r.account.Problem)})
		words = []string{problemWords(r.account.Problem)}
	}
	return r.finish(code, o, words)
}

// alone tells whether this program's binding is the only one of the address.
func (r *run) alone() bool {
	others := slices.ContainsFunc(r.account.Bindings, func(b phone.Binding) bool { return !b.Own })
	return r.account.Status == phone.StatusRegistered && len(r.account.Bindings) > 0 && !others
}

// finish writes the result and makes its exit code the program's.
func (r *run) finish(code int, o object, words []string) error {
	r.out.result(append(o, member{"exit", code}), words)
	if code != ExitOK {
		return &toldError{code}
	}
	return nil
}

// soundFlags say what is spoken and what becomes of what is heard.
type soundFlags struct {
	Duration  time.Duration `help:"${call_duration}" placeholder:"TIME"`
	Tone      float64       `help:"Send a tone of this frequency." placeholder:"HZ" xor:"speak"`
	Play      string        `help:"Send the sound of a WAV file." placeholder:"FILE" xor:"speak"`
	Record    string        `help:"Record what is heard as a WAV file." placeholder:"FILE"`
	Codec     []string      `help:"${codec}" placeholder:"NAME,…"`
	DTX       bool          `help:"Send nothing in pauses, where the other end does not mind." name:"dtx"`
	HoldMusic string        `help:"${hold_music}" placeholder:"FILE"`
	Sound     bool          `help:"${sound}"`
	Dtmf      string        `help:"${dtmf}" placeholder:"DIGITS"`
	MuteAfter time.Duration `help:"Mute the microphone this long after the answer." placeholder:"TIME"`
	JSON      bool          `help:"Print JSON lines." name:"json"`
}

// toneLevel is how loud --tone is, in dBFS: as loud as speech.
const toneLevel = -12

// check finds what is wrong with the flags before anything is started.
func (f soundFlags) check() error {
	if f.Tone < 0 || f.Tone > audio.SampleRate/2 {
		return fail(ExitUsage, fmt.Errorf("--tone %g: is not a frequency from 0 to %d Hz", f.Tone, audio.SampleRate/2))
	}
	return nil
}

// prepare puts what is spoken and heard into the options; done ends a recording.
func (f soundFlags) prepare(s *session, o *phone.Options, e *ear) (done func() error, err error) {
	done = func() error { return nil }
	if o.Codecs, err = f.chooseCodecs(o.Codecs); err != nil {
		return nil, err
	}
	if why := phone.CheckHoldMusic(f.HoldMusic, o.Codecs); why != nil {
		return nil, invalid(errors.New(tell(*why).Line()))
	}
	o.Heard = e.sinks()
	switch {
	case f.Tone > 0:
		o.Speak = audio.NewToneSource(audio.Sine(f.Tone, toneLevel))
	case f.Play != "":
		pcm, err := audio.ReadWAVFile(f.Play)
		if err != nil {
			return nil, invalid(err)
		}
		o.Speak = audio.NewRecording(pcm, false)
	}
	if f.Sound {
		if o.Host, err = s.Host(s.log); err != nil {
			return nil, invalid(fmt.Errorf("sound: %w", err))
		}
	}
	if f.Record != "" {
		recorder, err := audio.NewRecorder(f.Record)
		if err != nil {
			return nil, invalid(err)
		}
		o.Heard = append(o.Heard, recorder)
		done = func() error {
			err := recorder.Close()
			if missing := recorder.Missing(); err == nil && missing > 0 {
				err = fmt.Errorf("record %s: %d ms are missing: the disk was too slow", f.Record,
					missing*1000/audio.SampleRate)
			}
			return err
		}
	}
	return done, nil
}

// chooseCodecs picks from what this machine has, in the order asked for.
func (f soundFlags) chooseCodecs(have []audio.Codec) ([]audio.Codec, error) {
	if len(f.Codec) == 0 {
		return have, nil
	}
	var chosen []audio.Codec
	for _, name := range f.Codec {
		i := slices.IndexFunc(have, func(c audio.Codec) bool { return strings.EqualFold(c.Name(), name) })
		if i < 0 {
			return nil, invalid(fmt.Errorf("--codec %s: is not a codec this machine has", name))
		}
		chosen = append(chosen, have[i])
	}
	return chosen, nil
}

// callCmd calls somebody.
type callCmd struct {
	Target string `arg:"" help:"Number, user or address."`
	accountFlags
	soundFlags
	dialFlags
	stepFlags
	Ring time.Duration `help:"Give up when nobody has answered after this long." placeholder:"TIME"`
}

// Run makes the call.
func (c *callCmd) Run(ctx context.Context, s *session) error {
	o, err := c.dialFlags.options()
	if err != nil {
		return err
	}
	follow := steps{stepFlags: c.stepFlags, redirect: c.Redirect == "follow"}
	return c.soundFlags.converse(ctx, s, c.accountFlags, follow, func(ctx context.Context, r *run) error {
		r.callText(c.Target, o)
		if c.Ring > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, c.Ring)
			defer cancel()
		}
		return r.until(ctx, func() bool { return r.established() || r.over() })
	})
}

// answerCmd waits for a call.
type answerCmd struct {
	accountFlags
	soundFlags
	stepFlags
	refuseFlags
	Wait  time.Duration `help:"${call_wait}" placeholder:"TIME"`
	After time.Duration `help:"Let it ring this long before answering." placeholder:"TIME"`
}

// Run waits for a call and answers it.
func (c *answerCmd) Run(ctx context.Context, s *session) error {
	return c.soundFlags.converse(ctx, s, c.accountFlags, steps{stepFlags: c.stepFlags},
		func(ctx context.Context, r *run) error {
			wait := ctx
			if c.Wait > 0 {
				var cancel context.CancelFunc
				wait, cancel = context.WithTimeout(ctx, c.Wait)
				defer cancel()
			}
			if err := r.until(wait, func() bool { return r.call != nil }); err != nil {
				return err
			}
			ring, cancel := context.WithTimeout(ctx, c.After)
			defer cancel()
			_ = r.until(ring, r.over) // its end is the time to answer
			if r.declines = c.asked(); r.declines {
				c.refuse(r)
			} else {
				r.phone.Answer(r.call.ID)
			}
			return r.until(ctx, func() bool {
				return r.established() || r.over() || r.declines && r.refused != nil
			})
		})
}

// converse registers, has a call made or taken by begin, holds it as long as asked, and tells the result.
func (f soundFlags) converse(ctx context.Context, s *session, which accountFlags, follow steps,
	begin func(context.Context, *run) error,
) error {
	if err := errors.Join(f.check(), follow.check()); err != nil {
		return err
	}
	a, err := which.load(ctx, s)
	if err != nil {
		return err
	}
	return f.converseAs(ctx, s, a, follow, begin)
}

func (f soundFlags) converseAs(ctx context.Context, s *session, a account.Account, follow steps,
	begin func(context.Context, *run) error,
) error {
	e := newEar()
	o := s.options()
	finishRecording, err := f.prepare(s, &o, e)
	if err != nil {
		return err
	}
	if len(f.Codec) > 0 {
		a.Config.Calla.Codecs = nil // what is asked for here counts
	}
	a.Config.Calla.DTX = a.Config.Calla.DTX || f.DTX
	if f.HoldMusic != "" {
		a.Config.Calla.HoldMusic = f.HoldMusic
	}
	r, err := newRun(s, &printer{json: f.JSON, out: s.out}, a, o)
	if err != nil {
		return errors.Join(err, finishRecording())
	}
	r.steps = follow
	code, err := r.register(ctx)
	if err == nil && code == ExitOK {
		if err = begin(ctx, r); err == nil && !r.over() {
			f.stay(ctx, r)
		}
		r.hangUp()
		code = r.callCode(err)
	} else if err != nil {
		code = ExitInterrupted
	}
	r.phone.Close()
	if err := finishRecording(); err != nil {
		s.errs.fail(err)
		code = max(code, ExitInvalid)
	}
	return r.finish(code, r.callResult(code, e), r.callWords(code, e))
}

// callCode is the exit code of a call that is over; err is what kept it from being answered.
func (r *run) callCode(err error) int {
	switch {
	case r.declines && r.ended != nil:
		return ExitOK
	case r.established() && r.steps.transfers():
		if r.transferred() {
			return ExitOK
		}
		return ExitCall
	case r.established() && r.quality().Packets == 0:
		return ExitMedia
	case r.established():
		return ExitOK
	case r.ended != nil && r.ended.CallID == "" || err == nil:
		return ExitCall
	case r.call == nil:
		return ExitInterrupted
	}
	return ExitCall
}

// quality is the last figures of the call.
func (r *run) quality() phone.Quality {
	if r.ended != nil {
		return r.ended.Quality
	}
	if r.call != nil {
		return r.call.Quality
	}
	return phone.Quality{}
}

// callResult is all that is known of the call.
func (r *run) callResult(code int, e *ear) object {
	o := append(object{{"ok", code == ExitOK}}, r.registration()...)
	if code == ExitConnect || code == ExitRefused {
		return append(o, member{"problem", problemMember(r.account.Problem)})
	}
	q := r.quality()
	add := func(name string, value any) { o = append(o, member{name, value}) }
	took := func(name string, d time.Duration) {
		if d > 0 {
			add(name, milliseconds(d))
		}
	}
	if c := r.call; c != nil {
		add("incoming", c.Incoming)
		add("name", c.Name)
		add("address", c.Address)
		if c.Incoming {
			took("answer_ms", q.InviteDelay)
		} else {
			took("invite_ms", q.InviteDelay)
			took("ringing_ms", q.RingingTime)
		}
		took("setup_ms", q.SetupTime)
		took("media_ms", q.MediaTime)
		if c.Codec != "" {
			add("codec", c.Codec)
		}
		o = append(o, member{"encrypted", c.Encrypted}, member{"dtmf_sent", c.Digits}, member{"dtmf_received", c.Heard})
	}
	add("established", r.established())
	if r.established() {
		tone := e.tone.Reading()
		add("packets_sent", q.PacketsSent)
		add("packets_received", q.Packets)
		add("lost", q.Lost)
		add("loss_percent", round(q.LossPercent))
		add("rescued", q.Rescued)
		add("jitter_ms", milliseconds(q.Jitter))
		add("rtt_ms", milliseconds(q.RoundTrip))
		add("buffer_ms", milliseconds(q.BufferDelay))
		add("buffer_wait_ms", milliseconds(q.BufferWait))
		add("delay_ms", milliseconds(q.Delay()))
		add("concealed_percent", round(100*q.ConcealedFrac))
		if far := q.FarEnd; far.Known { // RFC 3611
			add("far_loss_percent", round(100*far.Loss))
			add("far_discard_percent", round(100*far.Discard))
			add("far_burst_ms", milliseconds(far.Burst))
			add("far_buffer_ms", milliseconds(far.Buffer))
			add("far_rating", round(far.R))
			add("far_mos", round(far.MOS))
			if far.Speech != 0 {
				add("far_level_dbfs", round(far.Speech))
			}
			if far.Noise != 0 {
				add("far_noise_dbfs", round(far.Noise))
			}
		}
		add("level_dbfs", round(e.level.Mean()))
		add("tone_hz", round(tone.Frequency))
		add("tone_dbfs", round(tone.Level))
		add("tone_seconds", round(tone.Seconds))
	}
	if r.steps.transfers() {
		add("transferred", r.transferred())
	}
	if r.ended != nil {
		took("duration_ms", r.ended.Duration)
		add("ended", tell(r.ended.Cause).Headline())
		add("cause", r.ended.Cause.Kind)
		add("facts", factsOf(r.ended.Cause))
		add("code", r.ended.Code)
		add("problem", problemMember(&r.ended.Cause))
	}
	return o
}

// round keeps two places.
func round(v float64) float64 { return math.Round(v*100) / 100 }

// callWords is the result for people.
func (r *run) callWords(code int, e *ear) []string {
	switch {
	case code == ExitConnect || code == ExitRefused:
		return []string{problemWords(r.account.Problem)}
	case !r.established() && r.ended != nil:
		return []string{wholeWords(r.ended.Cause)}
	case !r.established():
		return []string{"No call."}
	}
	q := r.quality()
	tone := e.tone.Reading()
	words := []string{
		fmt.Sprintf("Registered after %.0f ms; call set up in %.0f ms with %s.", r.registered,
			milliseconds(q.SetupTime), r.call.Codec),
		fmt.Sprintf("Sent %d packets, received %d, lost %d (%.1f %%); jitter %.1f ms, round trip %.1f ms.",
			q.PacketsSent, q.Packets, q.Lost, q.LossPercent, milliseconds(q.Jitter), milliseconds(q.RoundTrip)),
		fmt.Sprintf("Heard %.1f dBFS; tone: %s.", e.level.Mean(), tone),
	}
	if q.Packets == 0 {
		words = append(words, "Nothing was heard from the other side.")
	}
	if r.call.Heard != "" {
		words = append(words, "Digits heard: "+r.call.Heard)
	}
	return words
}
