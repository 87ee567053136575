package console

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/words"
)

// screen writes a line for each thing in State that has changed.
type screen struct {
	mu       sync.Mutex
	out      *terminal
	told     map[string]string
	last     *phone.EndedCall // the last that could be called again; it stays when its card is gone
	messages recent           // of this run, which State only counts
}

// recent is who has the messages of this run of the program; it does not wait.
type recent interface{ Recent() []phone.Message }

func newScreen(out *terminal, messages recent) *screen {
	return &screen{out: out, told: map[string]string{}, messages: messages}
}

func (s *screen) line(text string) { s.out.line(text) }

// lines writes several lines together.
func (s *screen) lines(all []string) { s.out.lines(all) }

// item writes a line and those that belong to it.
func (s *screen) item(lines []string) { s.out.item(lines[0], lines[1:]...) }

// callable is the last call that could be called again, nil for none.
func (s *screen) callable() *phone.EndedCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// again writes everything, changed or not; of the calls that are over, those that a window would still show.
func (s *screen) again(state phone.State) {
	s.mu.Lock()
	clear(s.told)
	for _, e := range state.Ends {
		if shown := state.Ended; shown == nil || shown.CallID != e.CallID {
			s.told["ended "+e.CallID] = strings.Join(endedLines(e), "\n")
		}
	}
	for _, e := range state.TurnedAway[:max(0, len(state.TurnedAway)-1)] {
		s.told["turned away "+e.CallID] = turnedLine(e)
	}
	s.mu.Unlock()
	s.draw(state)
}

// draw writes what is new. It runs on the phone's loop.
func (s *screen) draw(state phone.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	there := map[string]bool{}
	say := func(key string, lines ...string) {
		there[key] = true
		if text := strings.Join(lines, "\n"); s.told[key] != text {
			s.told[key] = text
			s.item(lines)
		}
	}
	if len(state.Accounts) == 0 {
		say("accounts", "No account. Add one with: calla account add, or type: try")
	}
	for _, a := range state.Accounts {
		say("account "+a.ID, accountLine(a, state.Account))
	}
	for _, n := range state.Notices {
		say("notice "+n.ID, "! "+problemWords(&n.Cause))
	}
	if r := state.Refusal; r != nil {
		say("refusal "+r.ID, "! "+problemWords(&r.Cause))
	}
	if d := state.DoNotDisturb; d.On {
		say("quiet", quietLine(d))
	}
	for _, e := range state.TurnedAway {
		say("turned away "+e.CallID, turnedLine(e))
	}
	if d := state.Devices.Problem; d != nil {
		say("devices", "! "+problemWords(d))
	}
	for _, c := range state.Calls {
		say("call "+c.ID, callLine(c))
		if c.Problem != nil {
			say("problem "+c.ID, "! "+problemWords(c.Problem))
		}
		if c.MutedTalking {
			say("muted talking "+c.ID, "! "+problemWords(&cause.Cause{Kind: cause.MutedTalking}))
		}
		if c.Heard != "" {
			say("heard "+c.ID, "  digits heard: "+c.Heard)
		}
		if c.Transfer != nil {
			say("transfer "+c.ID, "  "+tell(c.Transfer.Cause).Headline())
		}
	}
	if len(state.Conference) > 0 {
		say("conference", conferenceLine(state))
	}
	for _, r := range state.Referrals {
		say("referral "+r.ID, fmt.Sprintf("? %s asks you to call %s: accept, or decline transfer?", r.From, r.Address))
	}
	for _, m := range s.messages.Recent() {
		if !m.Finding { // it is told with its name, at once
			say(fmt.Sprint("message ", m.ID), messageLines(m)...)
		}
	}
	for _, e := range state.Ends {
		if e.URI != "" {
			s.last = &e
		}
		say("ended "+e.CallID, endedLines(e)...)
	}
	for key := range s.told {
		if !there[key] {
			delete(s.told, key)
		}
	}
}

// endedLines are how a call ended, and whom its far end named in its place.
func endedLines(e phone.EndedCall) []string {
	told := tell(e.Cause)
	text := "■ " + told.Short
	if e.Duration > 0 {
		text += fmt.Sprintf(" after %s", e.Duration.Round(time.Second))
	}
	if told.Title != "" {
		text = "■ " + told.Line()
	}
	lines := []string{text}
	for i, r := range e.Redirect {
		lines = append(lines, fmt.Sprintf("Call %s instead: redirect %d", r.Address, i+1))
	}
	return lines
}

// turnedLine is a call that did not ring.
func turnedLine(e phone.EndedCall) string {
	who := e.Address
	switch {
	case e.Claims != "":
		who += " (" + tell(callsItself(e.Claims)).Short + ")"
	case e.Name != "" && e.Name != e.Address:
		who = e.Name + " (" + e.Address + ")"
	}
	return "■ " + tell(e.Cause).Short + ": " + who + " for " + e.Account
}

// smallPrint bounds how much of an error's own text is shown, in characters.
const smallPrint = 300

// tellError writes what could not be done: why in our words, where there are any, and below it what the system or a
// library said.
func (s *screen) tellError(what string, err error) {
	if why := words.English().OfError(err); why != "" {
		what += " " + why
	}
	own := []rune(err.Error())
	s.item([]string{what, string(own[:min(len(own), smallPrint)])})
}

// accountLine is an account on one line; the marks are told in words as well.
func accountLine(a phone.AccountState, dialing string) string {
	mark := map[phone.RegistrationStatus]string{
		phone.StatusRegistered: "●", phone.StatusConnected: "●", phone.StatusRetrying: "▲",
		phone.StatusFailed: "✕", phone.StatusNoPassword: "✕",
	}[a.Status]
	if mark == "" {
		mark = "○"
	}
	text := mark + " " + a.Label
	if a.Label != a.Address {
		text += " (" + a.Address + ")"
	}
	text += ": " + tell(a.Standing).Short
	if v := a.Voicemail; v != nil && v.New > 0 {
		text += fmt.Sprintf(" · %d new voice messages", v.New)
	}
	if a.Problem != nil {
		text += ". " + problemWords(a.Problem)
	}
	if a.ID == dialing {
		text += "  [dials]"
	}
	return text
}

// conferenceLine is who is in the conference.
func conferenceLine(state phone.State) string {
	var names []string
	for _, c := range state.Calls {
		if slices.Contains(state.Conference, c.ID) {
			names = append(names, whoOf(c))
		}
	}
	return "↔ In the conference: " + strings.Join(names, ", ")
}

// callLine is a call on one line.
func callLine(c phone.CallState) string {
	who := whoOf(c)
	text := map[phone.Phase]string{
		phone.PhaseCalling: "→ Calling " + who, phone.PhaseRinging: "→ Ringing at " + who,
		phone.PhaseIncoming:  "← Call from " + who + " for " + c.Account + ": answer or decline?",
		phone.PhaseAnswering: "← Answering " + who, phone.PhaseEstablished: "↔ Connected with " + who,
		phone.PhaseEnding: "  Ending the call with " + who,
	}[c.Phase]
	if c.Phase == phone.PhaseEstablished {
		if c.Codec != "" {
			text += " · " + c.Codec
		}
		if c.Encrypted {
			text += " · encrypted"
		}
		if c.Muted {
			text += " · muted"
		}
		if c.Held {
			text += " · on hold"
		}
		if c.Holding {
			text += ", not confirmed yet"
		}
		if c.RemoteHeld {
			text += " · held by the other side"
		}
		switch r := c.Recording; {
		case r == nil:
		case r.Paused:
			text += " · recording paused"
		default:
			text += " · recorded in " + r.File
		}
		if c.Digits != "" {
			text += " · sent " + c.Digits
		}
		switch left := c.PostDial; {
		case left.Waits:
			text += " · waits to send " + left.Digits
		case left.Digits != "":
			text += " · to send " + left.Digits
		}
	}
	return text
}

// messageLines is a message, with as many lines as its text has.
func messageLines(m phone.Message) []string {
	lines := linesOf(m.Text)
	if m.Incoming {
		lines[0] = "✉ " + writerOf(m) + ": " + lines[0]
		return lines
	}
	lines[0] = "✉ to " + writerOf(m) + ": " + lines[0]
	status := "  ✓"
	switch m.Status {
	case phone.MessageUnknown:
		status = "  ? " + messageWords(m)
	case phone.MessageSending:
		status = "  …"
	case phone.MessageFailed:
		status = "  ✕ " + messageWords(m)
	}
	lines[len(lines)-1] += status
	return lines
}

// writerOf is the other side of a message: the name is the user's own for it.
func writerOf(m phone.Message) string {
	if m.Name == "" {
		return m.Address
	}
	return m.Name + " <" + m.Address + ">"
}

// messageWords is why a message did not arrive, or that nobody knows; "" where it did.
func messageWords(m phone.Message) string {
	switch {
	case !m.Incoming && m.Status == phone.MessageUnknown:
		return tell(cause.Cause{Kind: cause.MessageUnknown}).Headline()
	case m.Cause == nil:
		return ""
	}
	return tell(*m.Cause).Headline()
}

// statusLines are what engineers want to know beside what is shown all the time.
func statusLines(state phone.State) []string {
	var lines []string
	add := func(is bool, format string, values ...any) {
		if is {
			lines = append(lines, "  "+fmt.Sprintf(format, values...))
		}
	}
	for _, a := range state.Accounts {
		lines = append(lines, a.Label)
		for _, s := range a.Servers {
			add(true, "server %s, weight %g: %s", s.URL, s.Weight, tell(s.Cause).Short)
			add(s.Failures > 0, "  failed %d times, last at %s", s.Failures, clock(s.LastErrorAt))
			add(!s.NextTry.IsZero(), "  tried again at %s", clock(s.NextTry))
		}
		k := a.Connection
		add(!k.Since.IsZero(), "connected since %s", clock(k.Since))
		add(k.Attempts > 0, "attempts to connect: %d", k.Attempts)
		add(!a.RetryAt.IsZero(), "next attempt at %s", clock(a.RetryAt))
		if k.Left != nil {
			why := "not known"
			if k.Left.Cause != nil {
				why = tell(*k.Left.Cause).Short
			}
			add(true, "left %s at %s: %s", k.Left.Server, clock(k.Left.At), why)
		}
		add(a.RegisterTime > 0, "registered within %.0f ms, for %s", milliseconds(a.RegisterTime), a.Expires)
		add(k.PublicGRUU != "", "public GRUU %s", k.PublicGRUU)
		add(k.TemporaryGRUU != "", "temporary GRUU %s", k.TemporaryGRUU)
		add(len(k.ServiceRoutes) > 0, "service route %s", strings.Join(k.ServiceRoutes, ", "))
		for _, b := range a.Bindings {
			add(true, "device %s  %s", tell(b.Cause(time.Now())).Short, b.Address)
		}
		if v := a.Voicemail; v != nil {
			add(true, "voice messages: %d new, %d old", v.New, v.Old)
		}
	}
	for _, c := range state.Calls {
		if q := c.Quality; q.Known {
			lines = append(lines, fmt.Sprintf("Call with %s: sent %d packets, received %d, lost %d (%.1f %%), "+
				"jitter %.1f ms, round trip %.1f ms, buffer %.0f ms",
				c.Address, q.PacketsSent, q.Packets, q.Lost, q.LossPercent, milliseconds(q.Jitter),
				milliseconds(q.RoundTrip), milliseconds(q.BufferDelay)))
			if far := q.FarEnd; far.Known { // RFC 3611
				lines = append(lines, fmt.Sprintf(
					"It hears: lost %.1f %%, too late %.1f %%, buffer %.0f ms, R %.0f, MOS %.1f",
					100*far.Loss, 100*far.Discard, milliseconds(far.Buffer), far.R, far.MOS))
			}
		}
	}
	lines = append(lines, fmt.Sprintf("Messages: %d unread", state.Messages.Unread))
	return lines
}

// clock is the time of day, to a second.
func clock(t time.Time) string { return t.Local().Format(time.TimeOnly) }
