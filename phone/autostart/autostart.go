// Package autostart has this computer start Calla when its user logs in, and takes that back.
//
//	Unix      a desktop entry in the user's autostart folder (freedesktop's Desktop Application Autostart Specification)
//	Windows   a value of the user's Run key
//	macOS     a launch agent of the user's
//
// There is one for each profile. What stands in its place and was not written by Calla is left as it is.
package autostart

import (
	"errors"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"strings"
)

// name names what is written, for the profile that is used where none is given.
const name = "app.calla.Calla"

// Program is what is to be started: Path is called with Args.
type Program struct {
	Path string   // absolute; "" = not known, which cannot be started
	Args []string // such as those that say which profile
}

// Status is what happens at log-in.
type Status struct {
	On     bool // the Program that asks is started
	Hidden bool // without showing its window
}

// ForeignError tells that something stands in the place of ours that Calla has not written.
type ForeignError struct {
	Place string // a file, or where in the registry
}

func (e *ForeignError) Error() string {
	return e.Place + " was not written by Calla, and stays as it is: what happens at log-in is chosen there"
}

// Status reads from the system what happens now.
func (p Program) Status() (Status, error) {
	s, err := p.status()
	if err != nil {
		return Status{}, fmt.Errorf("what is started at log-in: %w", err)
	}
	return s, nil
}

// Set has the system do so from the next log-in on, and makes sure that it will.
func (p Program) Set(s Status) error {
	if !s.On {
		if err := p.disable(); err != nil {
			return fmt.Errorf("do not start at log-in: %w", err)
		}
		return nil
	}
	err := p.usable()
	if err == nil {
		err = p.enable(p.command(s.Hidden))
	}
	if err != nil {
		return fmt.Errorf("start at log-in: %w", err)
	}
	if have, err := p.Status(); err != nil || have != s {
		return errors.Join(errors.New("the system does not start Calla at log-in, though it was told to"), err)
	}
	return nil
}

// id names what is written for the profile of p.
func (p Program) id() string {
	if len(p.Args) == 0 {
		return name
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(p.Args, "\x00")))
	return fmt.Sprintf("%s.%016x", name, h.Sum64())
}

// hiddenFlag is what starts Calla without showing its window.
const hiddenFlag = "--hidden"

// command is what is called.
func (p Program) command(hidden bool) []string {
	words := append([]string{p.Path}, p.Args...)
	if hidden {
		words = append(words, hiddenFlag)
	}
	return words
}

// either is the status of something that is written where it holds one of the two commands of p, as written by write.
func (p Program) either(have string, write func([]string) string) Status {
	for _, hidden := range []bool{false, true} {
		if have == write(p.command(hidden)) {
			return Status{On: true, Hidden: hidden}
		}
	}
	return Status{}
}

// usable refuses a path or argument that cannot be written down.
func (p Program) usable() error {
	if !filepath.IsAbs(p.Path) {
		return errors.New("the system does not tell where this program is")
	}
	for _, s := range p.command(false) {
		if strings.ContainsAny(s, "\n\r\x00") {
			return fmt.Errorf("%q cannot be written into a command", s)
		}
	}
	return nil
}
