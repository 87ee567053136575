package autostart

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// place is the launch agent of p's profile.
func (p Program) place() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "LaunchAgents", p.id()+".plist"), err
}

// own reads what is in our place; "" = nothing. What others wrote is a *ForeignError.
func (p Program) own() (file, text string, err error) {
	if file, err = p.place(); err != nil {
		return "", "", err
	}
	raw, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return file, "", nil
	case err == nil && !strings.Contains(string(raw), plistMark):
		err = &ForeignError{file}
	}
	return file, string(raw), err
}

func (p Program) status() (Status, error) {
	_, text, err := p.own()
	if err != nil {
		return Status{}, err
	}
	return p.either(text, func(words []string) string { return plist(p.id(), words) }), nil
}

func (p Program) enable(command []string) error {
	file, _, err := p.own()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	// It is read at log-in only, and nobody reads it half-written before.
	return os.WriteFile(file, []byte(plist(p.id(), command)), 0o644)
}

func (p Program) disable() error {
	file, text, err := p.own()
	if err != nil || text == "" {
		return err
	}
	return os.Remove(file)
}
