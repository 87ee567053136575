package console

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"calla/account"
	"calla/phone/links"
)

type (
	linksStatusCmd     struct{}
	linksRegisterCmd   struct{}
	linksUnregisterCmd struct{}
)

// opensLinks is this program, as it opens links.
func (s *session) opensLinks() (links.Program, error) {
	path, err := os.Executable()
	if err != nil {
		s.log.Warn("this program cannot be found", "error", err)
		path = ""
	}
	p := links.Program{Path: path}
	if profile := s.cli.Profile; profile != "" {
		dir, err := account.Dir(profile)
		if err != nil {
			return links.Program{}, invalid(err)
		}
		if filepath.Base(profile) != profile { // a folder, which may be named from here
			profile = dir
		}
		p.Args = []string{"--profile=" + profile}
	}
	return p, nil
}

// Run tells who opens links.
func (linksStatusCmd) Run(s *session) error {
	p, err := s.opensLinks()
	if err != nil {
		return err
	}
	status, err := p.Status()
	if err != nil {
		return invalid(err)
	}
	s.tellLinks(status)
	if !status.All() {
		return &toldError{ExitInvalid}
	}
	return nil
}

// Run registers the program.
func (linksRegisterCmd) Run(s *session) error {
	if s.Window == nil {
		return invalid(errors.New("this Calla has no window, which links would open"))
	}
	return s.changeLinks(links.Program.Register)
}

// Run takes the program out again.
func (linksUnregisterCmd) Run(s *session) error { return s.changeLinks(links.Program.Unregister) }

func (s *session) changeLinks(change func(links.Program) error) error {
	p, err := s.opensLinks()
	if err != nil {
		return err
	}
	if err := change(p); err != nil {
		return invalid(err)
	}
	status, err := p.Status()
	if err != nil {
		return invalid(err)
	}
	s.tellLinks(status)
	return nil
}

func (s *session) tellLinks(status links.Status) {
	for _, o := range status {
		who := o.Name
		switch {
		case o.Ours:
			who = "this Calla"
		case who == "":
			who = "nobody"
		}
		s.out.line(fmt.Sprintf("%-7s", o.Scheme+":"), strings.TrimSpace(who))
	}
}
