package console

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"calla/account"
	"calla/phone"
)

// consoleCmd is the phone in text.
type consoleCmd struct {
	accountFlags
	NoSound bool `help:"Use no microphone and loudspeaker."`
}

// Run opens the console on the stored accounts, or on one configuration.
func (c *consoleCmd) Run(ctx context.Context, s *session) error {
	o := s.options()
	var err error
	if !c.NoSound {
		if o.Host, err = s.Host(s.log); err != nil {
			fmt.Fprintln(s.Stderr, "calla: no sound:", err)
		}
	}
	if c.Config == "" {
		p, closed, err := s.openPhone(o.Host)
		if err != nil {
			return err
		}
		defer closed()
		return s.interact(ctx, p)
	}
	a, err := c.load(ctx, s)
	if err != nil {
		return err
	}
	p, err := phone.New(o)
	if err != nil {
		return err
	}
	defer p.Close()
	saved := make(chan error, 1)
	p.SaveAccount(a, account.Secret{}, account.SecretSession, func(err error) { saved <- err })
	if err := <-saved; err != nil {
		return invalid(err)
	}
	return s.interact(ctx, p)
}

const consoleHelp = `call TARGET      call a number, user or address     answer    take the call     decline  refuse it
hangup           end the call                       mute      on and off        dtmf DIGITS
account NAME     call with another account          retry     connect now       try      the built-in server: call echo
status           show everything                    help      this              quit`

// interact reads commands until quit, the end of input or ctx.
func (s *session) interact(ctx context.Context, p *phone.Phone) error {
	screen := &screen{out: s.Stdout, told: map[string]string{}}
	cancel := p.Subscribe(screen.draw)
	defer cancel()
	fmt.Fprintln(s.Stdout, "Calla", s.Version, "· help shows the commands")
	lines := make(chan string)
	go func() { // ends with its input, or with the program
		defer close(lines)
		for in := bufio.NewScanner(s.Stdin); in.Scan(); {
			select {
			case lines <- in.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case line, ok := <-lines:
			if !ok || !s.command(p, screen, strings.TrimSpace(line)) {
				return nil
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// command does what a line says; false ends the console.
func (s *session) command(p *phone.Phone, screen *screen, line string) bool {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	state := p.State()
	var call phone.CallState
	if len(state.Calls) > 0 {
		call = state.Calls[len(state.Calls)-1]
	}
	switch strings.ToLower(word) {
	case "":
	case "quit", "exit", "q":
		return false
	case "help", "?":
		screen.line(consoleHelp)
	case "status":
		screen.again(state)
	case "call", "dial", "c":
		p.Dial("", rest)
	case "account":
		screen.choose(p, state, rest)
	case "retry":
		p.Retry("")
	case "try":
		p.StartSandbox(func(err error) {
			if err != nil {
				screen.line("The built-in server did not start: " + err.Error())
				return
			}
			p.UseAccount(phone.SandboxID)
			screen.line("The built-in server runs. Try: call echo")
		})
	default:
		if !inCall(p, call, strings.ToLower(word), rest) {
			screen.line("Unknown command or no call for it: " + word + ". help shows the commands.")
		}
	}
	return true
}

// inCall does what needs a call; false when there is none or the word is unknown.
func inCall(p *phone.Phone, call phone.CallState, word, rest string) bool {
	if call.ID == "" {
		return false
	}
	switch word {
	case "answer", "a":
		p.Answer(call.ID)
	case "decline", "d":
		p.Decline(call.ID)
	case "hangup", "h":
		p.HangUp(call.ID)
	case "mute", "m":
		p.SetMuted(call.ID, !call.Muted)
	case "dtmf":
		p.SendDTMF(call.ID, rest)
	default:
		return false
	}
	return true
}

// screen writes a line for each thing in State that has changed.
type screen struct {
	mu   sync.Mutex
	out  io.Writer
	told map[string]string
}

func (s *screen) line(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(s.out, text)
}

// again writes everything, changed or not.
func (s *screen) again(state phone.State) {
	s.mu.Lock()
	clear(s.told)
	s.mu.Unlock()
	s.draw(state)
}

// draw writes what is new. It runs on the phone's loop.
func (s *screen) draw(state phone.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	there := map[string]bool{}
	say := func(key, text string) {
		there[key] = true
		if s.told[key] != text {
			s.told[key] = text
			fmt.Fprintln(s.out, text)
		}
	}
	if len(state.Accounts) == 0 {
		say("accounts", "No account. Add one with: calla account add, or type: try")
	}
	for _, a := range state.Accounts {
		say("account "+a.ID, accountLine(a, state.Account))
	}
	for _, n := range state.Notices {
		say("notice "+n.ID, "! "+problemWords(&n.Problem))
	}
	if d := state.Devices.Problem; d != nil {
		say("devices", "! "+problemWords(d))
	}
	for _, c := range state.Calls {
		say("call "+c.ID, callLine(c))
		if c.Problem != nil {
			say("problem "+c.ID, "! "+problemWords(c.Problem))
		}
		if c.Heard != "" {
			say("heard "+c.ID, "  digits heard: "+c.Heard)
		}
	}
	if e := state.Ended; e != nil {
		text := "■ " + e.Words
		if e.Duration > 0 {
			text += fmt.Sprintf(" after %s", e.Duration.Round(time.Second))
		}
		if e.Problem != nil {
			text = "■ " + problemWords(e.Problem)
		}
		say(fmt.Sprint("ended ", e.At.UnixNano()), text)
	}
	for key := range s.told {
		if !there[key] {
			delete(s.told, key)
		}
	}
}

// choose makes another account the one that dials.
func (s *screen) choose(p *phone.Phone, state phone.State, name string) {
	for _, a := range state.Accounts {
		if a.ID == name || a.Label == name || a.Address == name {
			p.UseAccount(a.ID)
			return
		}
	}
	s.line("There is no account " + name + ".")
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
	text += ": " + a.Words
	if a.Problem != nil {
		text += ". " + problemWords(a.Problem)
	}
	if a.ID == dialing {
		text += "  [dials]"
	}
	return text
}

// callLine is a call on one line.
func callLine(c phone.CallState) string {
	who := c.Address
	if c.Name != "" {
		who = c.Name + " <" + c.Address + ">"
	}
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
		if c.RemoteHeld {
			text += " · held by the other side"
		}
		if c.Digits != "" {
			text += " · sent " + c.Digits
		}
	}
	return text
}
