package console

import (
	"context"

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
