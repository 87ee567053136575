package console

import (
	"errors"

	"calla/phone/autostart"
)

type (
	autostartStatusCmd struct{}
	autostartOffCmd    struct{}

	autostartOnCmd struct {
		Hidden bool `help:"Without showing its window: as an icon in the tray; where there is no tray, minimised."`
	}
)

// starts is this program, as it is started at log-in.
func (s *session) starts() (autostart.Program, error) {
	p, err := s.opensLinks()
	return autostart.Program(p), err
}

// Run tells whether Calla starts at log-in.
func (autostartStatusCmd) Run(s *session) error {
	p, err := s.starts()
	if err != nil {
		return err
	}
	status, err := p.Status()
	if err != nil {
		return invalid(err)
	}
	s.tellAutostart(status)
	if !status.On {
		return &toldError{ExitInvalid}
	}
	return nil
}

// Run has it started.
func (c *autostartOnCmd) Run(s *session) error {
	if s.Window == nil {
		return invalid(errors.New("this Calla has no window, which would open at log-in"))
	}
	return s.setAutostart(autostart.Status{On: true, Hidden: c.Hidden})
}

// Run has it started no longer.
func (autostartOffCmd) Run(s *session) error { return s.setAutostart(autostart.Status{}) }

func (s *session) setAutostart(want autostart.Status) error {
	p, err := s.starts()
	if err != nil {
		return err
	}
	if err := p.Set(want); err != nil {
		return invalid(err)
	}
	s.tellAutostart(want)
	return nil
}

func (s *session) tellAutostart(status autostart.Status) {
	switch {
	case status.Hidden:
		s.out.line("This Calla starts at log-in, without its window.")
	case status.On:
		s.out.line("This Calla starts at log-in.")
	default:
		s.out.line("This Calla does not start at log-in.")
	}
}
