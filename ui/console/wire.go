package console

import (
	"context"
	"fmt"
	"strings"

	"calla/netsip/ladder"
	"calla/netsip/trace"
)

// What is kept of the messages that went over the wire, for --trace, --ladder and the text phone's ladder.
const (
	tracedEntries = 1000
	tracedOctets  = 1 << 20
	drawnOctets   = 4 << 10 // of each message, where none is printed
)

// wiretap is where all phones of a session show their messages, and who prints them as they come.
type wiretap struct {
	trace *trace.Trace
	end   context.CancelFunc // of the printing; nil where nothing is printed
	ended chan struct{}      // nothing is printed any more
}

// newWiretap returns one that, with --trace, prints each message: at its own pace, which holds up no phone. What it was
// too slow for is told by number.
func (s *session) newWiretap() *wiretap {
	w := &wiretap{trace: trace.New(tracedEntries, tracedOctets)}
	if !s.cli.Trace {
		w.trace.Cut(drawnOctets)
		return w
	}
	ctx, end := context.WithCancel(context.Background())
	w.end, w.ended = end, make(chan struct{})
	messages := w.trace.Subscribe(false)
	show := func(e trace.Entry, missed int, ok bool) {
		if missed > 0 {
			s.errs.linef("calla: %d messages are not shown here: they came too quickly", missed)
		}
		if ok {
			s.showMessage(e)
		}
	}
	go func() {
		defer close(w.ended)
		for {
			e, missed, err := messages.Next(ctx)
			show(e, missed, err == nil)
			if err == nil {
				continue
			}
			for ok := true; ok; show(e, missed, ok) { // what came just before the end
				e, missed, ok = messages.Take()
			}
			return
		}
	}()
	return w
}

// close waits until what there is has been printed.
func (w *wiretap) close() {
	if w.end != nil {
		w.end()
		<-w.ended
	}
}

// showMessage writes a SIP message as it went over the wire, secrets hidden.
func (s *session) showMessage(e trace.Entry) {
	arrow := "<<<"
	if e.Outgoing {
		arrow = ">>>"
	}
	var refused []string
	if e.Error != "" {
		refused = []string{"refused: " + e.Error}
	}
	s.errs.message(fmt.Sprintf("%s %s %s", e.Time.Format("15:04:05.000"), arrow, e.Server), e.Text, refused...)
}

// ladderLines draw the messages of the call that was begun last or, with all, everything that is kept.
func (w *wiretap) ladderLines(all bool) []string {
	var entries []ladder.Entry
	for _, e := range w.trace.Entries() {
		entries = append(entries, ladder.Entry{Time: e.Time, Outgoing: e.Outgoing, Text: e.Text, Error: e.Error})
	}
	call := ladder.LastCall(entries)
	if all {
		call = nil
	} else if len(call) == 0 {
		return []string{"There was no call."}
	}
	text := ladder.Draw("calla", entries, call...)
	if text == "" {
		return []string{"No message went over the wire."}
	}
	return linesOf(strings.TrimRight(text, "\n"))
}

// ladder draws the last call.
func (o order) ladder() { o.screen.lines(o.session.wire.ladderLines(false)) }

// wholeLadder draws all messages that are kept.
func (o order) wholeLadder() { o.screen.lines(o.session.wire.ladderLines(true)) }
