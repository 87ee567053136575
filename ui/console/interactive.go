package console

import (
	"bufio"
	"context"
	"strings"

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
	var from *profile
	if c.Config == "" {
		opened, err := s.openOwn()
		if err != nil {
			return err
		}
		from = opened
		front := newFront()
		front.close(noWindow)
		deaf := s.hear(from.dir, front)
		defer deaf()
	}
	var err error
	if !c.NoSound {
		if o.Host, err = s.Host(s.log); err != nil {
			s.errs.line("calla: no sound:", err)
		}
	}
	if c.Config == "" {
		p, closed, err := s.openPhone(from, o.Host)
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

const consoleHelp = `Calls     call TARGET     anonymous TARGET     again: as it was     redirect [N]
          answer     ignore     decline     hangup [N]     calls
Sound     hold [N]     resume [N]     swap [N]     mute     dtmf DIGITS     send     drop
Transfer  transfer TARGET     ask TARGET, then complete or cancel     accept     decline transfer
Messages  message ADDRESS TEXT     messages [ADDRESS]
Account   account NAME     retry     check     password FILE     accept login     allow NAME
          bindings     sign-out-everywhere
Devices   devices     microphone N     speaker N     ringer N
Besides   status     try: the built-in server, call echo     help     quit
N is a number that calls, devices or the offer lists; without it, the call that has the sound is meant.`

// interact reads commands until quit, the end of input or ctx.
func (s *session) interact(ctx context.Context, p *phone.Phone) error {
	screen := &screen{out: s.out, told: map[string]string{}}
	cancel := p.Subscribe(screen.draw)
	defer cancel()
	s.out.line("Calla", s.Version, "· help shows the commands")
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
