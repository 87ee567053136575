// Package links has the desktop open tel:, sip:, sips: and callto: links with Calla, for this user alone.
//
//	Unix      a desktop entry of ours, first in the user's mimeapps.list (freedesktop's MIME applications specification)
//	Windows   the user's classes and Capabilities in the registry
//	macOS     what Calla.app says of itself: nothing to do
//
// What was chosen before is kept behind ours, and is chosen again when ours goes.
package links

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Schemes are the schemes of the links that Calla opens.
func Schemes() []string { return []string{"tel", "sip", "sips", "callto"} }

// ErrPackage: links are the package's to register, here.
var ErrPackage = errors.New("macOS opens these links with Calla.app once it is in Applications; choose it there, or " +
	"FaceTime")

// Program is what is to open links: Path is called with Args, "--" and the link.
type Program struct {
	Path string   // absolute; "" = not known, which cannot be registered
	Args []string // such as those that say which profile
}

// Opener is who opens the links of a scheme.
type Opener struct {
	Scheme string
	Name   string // of the program, for people; "" = nobody
	Ours   bool   // it is the Program that asks
}

// Status is who opens each of Schemes, as the system has it now.
type Status []Opener

// All tells whether the Program opens all of them.
func (s Status) All() bool {
	for _, o := range s {
		if !o.Ours {
			return false
		}
	}
	return len(s) > 0
}

// ElsewhereError tells that the system goes on opening links with another program, or with this one, whatever the
// user's own registration says.
type ElsewhereError struct {
	Scheme, Name string
}

func (e *ElsewhereError) Error() string {
	return fmt.Sprintf("%s: links are still opened by %s: choose another in the settings of the system", e.Scheme,
		e.Name)
}

// Status reads from the system who opens links.
func (p Program) Status() (Status, error) {
	s, err := p.status()
	if err != nil {
		return nil, fmt.Errorf("who opens links: %w", err)
	}
	return s, nil
}

// Register has links opened by p, and makes sure that they are. Otherwise the error is an *ElsewhereError or tells what
// could not be written.
func (p Program) Register() error {
	if err := p.register(); err != nil {
		return fmt.Errorf("register for links: %w", err)
	}
	return p.check(true)
}

// Unregister takes p out again: links are opened by who opened them before.
func (p Program) Unregister() error {
	if err := p.unregister(); err != nil {
		return fmt.Errorf("unregister for links: %w", err)
	}
	return p.check(false)
}

// check makes sure that the system does as was asked.
func (p Program) check(ours bool) error {
	s, err := p.Status()
	if err != nil {
		return err
	}
	for _, o := range s {
		if o.Ours != ours {
			name := o.Name
			if name == "" {
				name = "no program"
			}
			return &ElsewhereError{o.Scheme, name}
		}
	}
	return nil
}

// usable refuses a path or argument that cannot be written down.
func (p Program) usable() error {
	if !filepath.IsAbs(p.Path) {
		return errors.New("the system does not tell where this program is")
	}
	for _, s := range append([]string{p.Path}, p.Args...) {
		if strings.ContainsAny(s, "\n\r\x00") {
			return fmt.Errorf("%q cannot be written into a link's command", s)
		}
	}
	return nil
}
