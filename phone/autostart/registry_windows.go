package autostart

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// Where programs are that start at log-in, below HKEY_CURRENT_USER; where the task manager switches them off; and what
// was written here.
const (
	runKey   = `Software\Microsoft\Windows\CurrentVersion\Run`
	approved = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
	ours     = `Software\app.calla.Calla\Autostart`

	longest = 260 // characters of a command that Windows starts from there
)

// get returns a text of the user's registry, "" where it is not.
func get(path, value string) (string, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER, path, registry.QUERY_VALUE)
	if err != nil {
		return "", known(err)
	}
	defer func() { _ = key.Close() }()
	text, _, err := key.GetStringValue(value)
	return text, known(err)
}

// known forgets that something is not there.
func known(err error) error {
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	return err
}

// set writes a text, "" deletes it.
func set(path, value, text string) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.SET_VALUE)
	if err != nil {
		return err
	}
	if text == "" {
		err = known(key.DeleteValue(value))
	} else {
		err = key.SetStringValue(value, text)
	}
	return errors.Join(err, key.Close())
}

// line writes a command line. Neither a path nor a profile's name on Windows has a quotation mark in it.
func line(words []string) string {
	var all []string
	for _, word := range words {
		all = append(all, `"`+strings.TrimRight(word, `\`)+`"`)
	}
	return strings.Join(all, " ")
}

// own reads the command in our place; "" = none. What others wrote is a *ForeignError.
func (p Program) own() (string, error) {
	have, err := get(runKey, p.id())
	if err != nil || have == "" || p.either(have, line).On {
		return have, err
	}
	wrote, err := get(ours, p.id())
	if err == nil && wrote != have {
		err = &ForeignError{`HKEY_CURRENT_USER\` + runKey + `\` + p.id()}
	}
	return have, err
}

func (p Program) status() (Status, error) {
	have, err := p.own()
	if err != nil || p.switchedOff() {
		return Status{}, err
	}
	return p.either(have, line), nil
}

// switchedOff tells whether the user has switched it off in the task manager: then the first of the octets is odd.
func (p Program) switchedOff() bool {
	key, err := registry.OpenKey(registry.CURRENT_USER, approved, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer func() { _ = key.Close() }()
	state, _, err := key.GetBinaryValue(p.id())
	return err == nil && len(state) > 0 && state[0]&1 != 0
}

func (p Program) enable(words []string) error {
	command := line(words)
	if len(command) > longest {
		return fmt.Errorf("%s is longer than the %d characters that Windows starts at log-in", command, longest)
	}
	if _, err := p.own(); err != nil {
		return err
	}
	err := errors.Join(set(ours, p.id(), command), set(runKey, p.id(), command))
	if p.switchedOff() {
		err = errors.Join(err, set(approved, p.id(), ""))
	}
	return err
}

func (p Program) disable() error {
	if have, err := p.own(); err != nil || have == "" {
		return err
	}
	err := errors.Join(set(runKey, p.id(), ""), set(ours, p.id(), ""))
	if p.switchedOff() {
		err = errors.Join(err, set(approved, p.id(), ""))
	}
	return err
}
