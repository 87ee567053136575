//go:build !windows && !darwin

package links

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"calla/phone/xdg"
)

const (
	ownEntry     = "app.calla.Calla.Links.desktop" // written here
	packageEntry = "app.calla.Calla.desktop"       // of the package, if that is installed

	defaultGroup = "Default Applications"
	addedGroup   = "Added Associations"
	removedGroup = "Removed Associations"
)

// mime is the type that stands for a scheme.
func mime(scheme string) string { return "x-scheme-handler/" + scheme }

// desktop is where the user's and the system's choices are, by the XDG Base Directory Specification: the first one that
// says something counts.
type desktop struct {
	lists []string // mimeapps.list and those of single desktops
	apps  []string // folders of desktop entries
}

func newDesktop() (desktop, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return desktop{}, err
	}
	folders := func(first, firstElse, more, moreElse string) []string {
		all := []string{cmp.Or(xdg.Absolute(os.Getenv(first)), filepath.Join(home, firstElse))}
		for _, dir := range filepath.SplitList(cmp.Or(os.Getenv(more), moreElse)) {
			if xdg.Absolute(dir) != "" {
				all = append(all, dir)
			}
		}
		return all
	}
	var d desktop
	config := folders("XDG_CONFIG_HOME", ".config", "XDG_CONFIG_DIRS", "/etc/xdg")
	for _, dir := range folders("XDG_DATA_HOME", ".local/share", "XDG_DATA_DIRS", "/usr/local/share:/usr/share") {
		d.apps = append(d.apps, filepath.Join(dir, "applications"))
	}
	for _, dir := range append(config, d.apps...) {
		for name := range strings.SplitSeq(strings.ToLower(os.Getenv("XDG_CURRENT_DESKTOP")), ":") {
			if name != "" && !strings.Contains(name, "/") {
				d.lists = append(d.lists, filepath.Join(dir, name+"-mimeapps.list"))
			}
		}
		d.lists = append(d.lists, filepath.Join(dir, "mimeapps.list"))
	}
	return d, nil
}

// mine is the mimeapps.list that is the user's to write.
func (d desktop) mine() string {
	return d.lists[slices.IndexFunc(d.lists, func(l string) bool { return filepath.Base(l) == "mimeapps.list" })]
}

// entry returns a desktop entry by its ID, "" where it is not installed.
func (d desktop) entry(id string) xdg.KeyFile {
	if strings.Contains(id, "/") {
		return ""
	}
	for _, dir := range d.apps {
		for name := id; ; {
			text, err := xdg.Read(filepath.Join(dir, name))
			if err == nil && text != "" {
				if text.Get(xdg.Entry, "Hidden") == "true" || !runs(text.Get(xdg.Entry, "TryExec")) {
					return ""
				}
				return text
			}
			if !strings.Contains(name, "-") {
				break
			}
			name = strings.Replace(name, "-", "/", 1) // the ID of one in a folder
		}
	}
	return ""
}

// runs tells whether TryExec is met.
func runs(try string) bool {
	if try == "" {
		return true
	}
	_, err := exec.LookPath(xdg.Unescape(try))
	return err == nil
}

// opener returns the ID and the entry of the program that opens a scheme's links: the first choice that is installed,
// else the first program that can.
func (d desktop) opener(scheme string) (id string, entry xdg.KeyFile) {
	var chosen, can, removed []string
	for _, list := range d.lists {
		text, err := xdg.Read(list)
		if err != nil {
			continue // as the desktop does
		}
		chosen = append(chosen, text.List(defaultGroup, mime(scheme))...)
		for _, id := range text.List(addedGroup, mime(scheme)) {
			if !slices.Contains(removed, id) {
				can = append(can, id)
			}
		}
		removed = append(removed, text.List(removedGroup, mime(scheme))...)
	}
	for _, dir := range d.apps {
		text, err := xdg.Read(filepath.Join(dir, "mimeinfo.cache"))
		if err != nil {
			continue
		}
		for _, id := range text.List("MIME Cache", mime(scheme)) {
			if !slices.Contains(removed, id) {
				can = append(can, id)
			}
		}
	}
	for _, id := range append(chosen, can...) {
		if entry := d.entry(id); entry != "" {
			return id, entry
		}
	}
	return "", ""
}

// is tells whether an entry starts p.
func (p Program) is(entry xdg.KeyFile) bool {
	command := entry.Get(xdg.Entry, "Exec")
	if xdg.Unescape(command) == p.command() {
		return true
	}
	// The package's has the program's name without a path, and no profile.
	return len(p.Args) == 0 && slices.Equal(strings.Fields(command)[min(1, len(strings.Fields(command))):],
		[]string{"--", "%u"}) &&
		same(strings.Fields(command)[0], p.Path)
}

// same tells whether a command is the program at path.
func same(command, path string) bool {
	found, err := exec.LookPath(command)
	if err != nil {
		return false
	}
	a, err := os.Stat(found)
	b, err2 := os.Stat(path)
	return err == nil && err2 == nil && os.SameFile(a, b)
}

func (p Program) status() (Status, error) {
	d, err := newDesktop()
	if err != nil {
		return nil, err
	}
	var s Status
	for _, scheme := range Schemes() {
		id, entry := d.opener(scheme)
		o := Opener{Scheme: scheme}
		if id != "" {
			o.Name, o.Ours = cmp.Or(xdg.Unescape(entry.Get(xdg.Entry, "Name")), id), p.is(entry)
			if id == ownEntry && !o.Ours {
				o.Name = "another copy or profile of Calla"
			}
		}
		s = append(s, o)
	}
	return s, nil
}

// served tells whether the package's entry starts p: then ours is not needed.
func (p Program) served(d desktop) bool {
	entry := d.entry(packageEntry)
	for _, scheme := range Schemes() {
		if !slices.Contains(entry.List(xdg.Entry, "MimeType"), mime(scheme)) {
			return false
		}
	}
	return p.is(entry)
}

func (p Program) register() error {
	if err := p.usable(); err != nil {
		return err
	}
	if strings.Contains(p.Path, "%") { // GLib, which most desktops are made with, looks for it with "%%" in its name
		return fmt.Errorf("%s has a percent sign in its path, which desktops do not start from a link", p.Path)
	}
	d, err := newDesktop()
	if err != nil {
		return err
	}
	list, err := xdg.Read(d.mine())
	if err != nil {
		return err
	}
	id := packageEntry
	if !p.served(d) {
		id = ownEntry
		if err := xdg.Write(filepath.Join(d.apps[0], ownEntry), p.entry()); err != nil {
			return err
		}
	}
	for _, scheme := range Schemes() {
		list = list.Change(defaultGroup, mime(scheme),
			func(ids []string) []string { return append([]string{id}, without(ids)...) })
		list = list.Change(removedGroup, mime(scheme), without)
	}
	return xdg.Write(d.mine(), list)
}

func (p Program) unregister() error {
	d, err := newDesktop()
	if err != nil {
		return err
	}
	list, err := xdg.Read(d.mine())
	if err != nil {
		return err
	}
	before := list
	for _, scheme := range Schemes() {
		list = list.Change(defaultGroup, mime(scheme), without)
	}
	if list != before {
		if err := xdg.Write(d.mine(), list); err != nil {
			return err
		}
	}
	if err := os.Remove(filepath.Join(d.apps[0], ownEntry)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return p.leave(d, list)
}

// leave says for the package's entry, which can open links whether it is chosen or not, that it is not to.
func (p Program) leave(d desktop, list xdg.KeyFile) error {
	before := list
	for _, scheme := range Schemes() {
		if id, entry := d.opener(scheme); id == packageEntry && p.is(entry) {
			list = list.Change(removedGroup, mime(scheme),
				func(ids []string) []string { return append(without(ids), id) })
		}
	}
	if list == before {
		return nil
	}
	return xdg.Write(d.mine(), list)
}

// without leaves out our entries.
func without(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == ownEntry || id == packageEntry })
}

// entry is the desktop entry that starts p. It is in no menu: it only opens links.
func (p Program) entry() xdg.KeyFile {
	types := ""
	for _, scheme := range Schemes() {
		types += mime(scheme) + ";"
	}
	return xdg.KeyFile("[" + xdg.Entry + "]\nType=Application\nName=Calla\nComment=Opens links to phone numbers and " +
		"SIP addresses\n" +
		"Exec=" + xdg.Escape(p.command()) + "\nTryExec=" + xdg.Escape(p.Path) +
		"\nIcon=app.calla.Calla\nNoDisplay=true\nStartupNotify=true\nStartupWMClass=Calla\n" +
		"MimeType=" + types + "\n")
}

// command is p as the value of Exec, before it is escaped.
func (p Program) command() string {
	return xdg.Command(append([]string{p.Path}, p.Args...)...) + " -- %u"
}
