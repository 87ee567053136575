//go:build !windows && !darwin

package autostart

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"calla/phone/xdg"
)

// written marks an entry that Calla has written.
const written = "X-Calla-Autostart"

// place is the entry of p's profile.
func (p Program) place() (string, error) {
	dir, err := xdg.ConfigHome()
	return filepath.Join(dir, "autostart", p.id()+".desktop"), err
}

// own reads the entry in our place; "" = there is none. What others wrote is a *ForeignError.
func (p Program) own() (string, xdg.KeyFile, error) {
	file, err := p.place()
	if err != nil {
		return "", "", err
	}
	if _, err := os.Lstat(file); errors.Is(err, os.ErrNotExist) {
		return file, "", nil
	}
	text, err := xdg.Read(file)
	if err == nil && text.Get(xdg.Entry, written) != "true" {
		err = &ForeignError{file}
	}
	return file, text, err
}

func (p Program) status() (Status, error) {
	_, entry, err := p.own()
	if err != nil || entry.Get(xdg.Entry, "Hidden") == "true" ||
		entry.Get(xdg.Entry, "X-GNOME-Autostart-enabled") == "false" { // as desktops switch one off
		return Status{}, err
	}
	return p.either(xdg.Unescape(entry.Get(xdg.Entry, "Exec")),
		func(words []string) string { return xdg.Command(words...) }), nil
}

func (p Program) enable(command []string) error {
	if strings.Contains(p.Path, "%") { // GLib looks for it with "%%" in its name
		return fmt.Errorf("%s has a percent sign in its path, which desktops do not start", p.Path)
	}
	if strings.Contains(p.Path, "=") { // not allowed in the name of a program (section "The Exec key")
		return fmt.Errorf("%s has an equals sign in its path, which desktops do not start", p.Path)
	}
	file, _, err := p.own()
	if err != nil {
		return err
	}
	return xdg.Write(file, xdg.KeyFile("["+xdg.Entry+"]\nType=Application\nName=Calla\n"+
		"Comment=Phone calls by SIP over WebSocket\n"+
		"Exec="+xdg.Escape(xdg.Command(command...))+"\nTryExec="+xdg.Escape(p.Path)+
		"\nIcon=app.calla.Calla\nStartupNotify=false\nStartupWMClass=Calla\n"+written+"=true\n"))
}

func (p Program) disable() error {
	file, entry, err := p.own()
	if err != nil || entry == "" {
		return err
	}
	return os.Remove(file)
}
