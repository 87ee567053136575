package console

import (
	"context"
	"fmt"
	"time"

	"calla/phone"
	"calla/phone/cause"
)

// latencyCmd measures the delay of the sound devices.
type latencyCmd struct {
	JSON bool `help:"Print JSON lines." name:"json"`
}

// Run opens the devices that the profile's settings choose, measures, and keeps the result there. Its accounts stay
// away from their servers.
func (c *latencyCmd) Run(ctx context.Context, s *session) error {
	from, err := s.openOwn()
	if err != nil {
		return err
	}
	defer func() { _ = from.store.Close() }()
	o := s.options()
	o.Store, o.Loaded, o.Keeper, o.SoundAlone = from.store, from.found, from.keeper, true
	o.Changes = nil // of the network, which nothing needs
	if o.Host, err = s.Host(s.log); err != nil {
		return invalid(err)
	}
	p, err := phone.New(o)
	if err != nil {
		return err
	}
	defer p.Close()
	type outcome struct {
		latency phone.Latency
		problem *cause.Cause
	}
	measured := make(chan outcome, 1)
	p.MeasureLatency(func(l phone.Latency, problem *cause.Cause) { measured <- outcome{l, problem} })
	out := &printer{json: c.JSON, out: s.out}
	select {
	case got := <-measured:
		code := ExitOK
		if got.problem != nil {
			code = ExitMedia
		}
		members, words := latencyOf(got.latency, got.problem)
		out.result(append(append(object{{"ok", code == ExitOK}}, members...), member{"exit", code}), words)
		if code != ExitOK {
			return &toldError{code}
		}
		return nil
	case <-ctx.Done():
		out.result(object{{"ok", false}, {"exit", ExitInterrupted}}, []string{"Interrupted."})
		return &toldError{ExitInterrupted}
	}
}

// latencyOf tells what was measured, or why nothing was.
func latencyOf(l phone.Latency, problem *cause.Cause) (object, []string) {
	if problem != nil {
		return object{{"problem", problemMember(problem)}}, []string{problemWords(problem)}
	}
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", milliseconds(d)) }
	basis := []struct {
		name, words string
		takes       time.Duration
	}{
		{"devices_ms", "devices", l.Delay},
		{"packet_ms", "packet", l.Packet},
		{"codec_ms", "codec", l.Codec},
		{"cleaning_ms", "cleaning", l.Cleaning},
		{"buffer_ms", "jitter buffer without jitter", l.Buffer},
	}
	parts, words := object{}, []string{
		"Microphone    " + l.Microphone.Name,
		"Loudspeaker   " + l.Speaker.Name,
		"Devices       " + ms(l.Delay) + " from loudspeaker to microphone, within " + ms(l.Spread),
		fmt.Sprintf("Echo          %.0f dB weaker than what is played", l.EchoLoss),
		"Mouth to ear  " + ms(l.MouthToEar()) + " where the network takes no time:",
	}
	for _, b := range basis {
		parts = append(parts, member{b.name, milliseconds(b.takes)})
		words = append(words, fmt.Sprintf("  %9s  %s", ms(b.takes), b.words))
	}
	return object{
		{"microphone", l.Microphone.Name},
		{"speaker", l.Speaker.Name},
		{"delay_ms", milliseconds(l.Delay)},
		{"spread_ms", milliseconds(l.Spread)},
		{"echo_loss_db", round(l.EchoLoss)},
		{"mouth_to_ear_ms", milliseconds(l.MouthToEar())},
		{"basis", parts},
	}, words
}

// latency measures in the text phone.
func (o order) latency() {
	o.screen.line(tell(cause.Cause{Kind: cause.LatencyMeasuring}).Title)
	o.phone.MeasureLatency(func(l phone.Latency, problem *cause.Cause) {
		_, words := latencyOf(l, problem)
		o.screen.item(words)
		o.phone.StopSoundCheck()
	})
}
