package links

import (
	"cmp"
	"errors"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// Where the user's choices are, below HKEY_CURRENT_USER.
const (
	progID       = "Calla.Link"
	classes      = `Software\Classes\`
	before       = classes + progID + `\Before` // the command of each scheme that ours has taken the place of
	capabilities = `Software\Calla\Capabilities`
	registered   = `Software\RegisteredApplications`
	choices      = `Software\Microsoft\Windows\Shell\Associations\UrlAssociations\`
	shell        = `\shell\open\command`
)

// get returns a text in the registry, "" where it is not.
func get(root registry.Key, path, name string) string {
	key, err := registry.OpenKey(root, path, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer func() { _ = key.Close() }()
	value, _, err := key.GetStringValue(name)
	if err != nil {
		return ""
	}
	return value
}

// value is one text to be written: below a key, "" is its default value.
type value struct{ path, name, text string }

func set(values ...value) error {
	for _, v := range values {
		key, _, err := registry.CreateKey(registry.CURRENT_USER, v.path, registry.SET_VALUE)
		if err != nil {
			return err
		}
		if err := errors.Join(key.SetStringValue(v.name, v.text), key.Close()); err != nil {
			return err
		}
	}
	return nil
}

// drop deletes keys, those below first.
func drop(paths ...string) error {
	for _, path := range paths {
		if err := registry.DeleteKey(registry.CURRENT_USER, path); err != nil && !errors.Is(err, registry.ErrNotExist) {
			return err
		}
	}
	return nil
}

// command is p as a command line, the link at its end. A path on Windows has no quotation mark in it.
func (p Program) command() string {
	words := ""
	for _, word := range append([]string{p.Path}, p.Args...) {
		words += `"` + strings.TrimRight(word, `\`) + `" `
	}
	return words + `-- "%1"`
}

func (p Program) status() (Status, error) {
	var s Status
	for _, scheme := range Schemes() {
		id := cmp.Or(get(registry.CURRENT_USER, choices+scheme+`\UserChoice`, "ProgId"), scheme)
		command := cmp.Or(get(registry.CURRENT_USER, classes+id+shell, ""), get(registry.CLASSES_ROOT, id+shell, ""))
		name := command
		if id != scheme { // the name of what is no program of the old kind, from the Store
			name = cmp.Or(get(registry.CLASSES_ROOT, id+`\Application`, "ApplicationName"), command, id)
		}
		s = append(s, Opener{Scheme: scheme, Name: name, Ours: strings.EqualFold(command, p.command())})
	}
	return s, nil
}

func (p Program) register() error {
	if err := p.usable(); err != nil {
		return err
	}
	err := set(
		value{classes + progID, "", "Calla"},
		value{classes + progID, "URL Protocol", ""},
		value{classes + progID + `\DefaultIcon`, "", `"` + p.Path + `",0`},
		value{classes + progID + `\Application`, "ApplicationName", "Calla"},
		value{classes + progID + shell, "", p.command()},
		value{capabilities, "ApplicationName", "Calla"},
		value{capabilities, "ApplicationDescription", "Phone calls by SIP over WebSocket"},
		value{registered, "Calla", capabilities},
	)
	for _, scheme := range Schemes() {
		if old := get(registry.CURRENT_USER, classes+scheme+shell, ""); err == nil && old != "" && !p.wrote(scheme,
			old) {
			err = set(value{before, scheme, old})
		}
		if err == nil {
			err = set(
				value{capabilities + `\URLAssociations`, scheme, progID},
				value{classes + scheme, "", "URL:" + scheme},
				value{classes + scheme, "URL Protocol", ""},
				value{classes + scheme + shell, "", p.command()},
				value{classes + progID + `\Written`, scheme, p.command()},
			)
		}
	}
	return err
}

// wrote tells whether a scheme's command is one that register wrote, of this copy or another.
func (p Program) wrote(scheme, command string) bool {
	return command == p.command() || command == get(registry.CURRENT_USER, classes+progID+`\Written`, scheme)
}

func (p Program) unregister() error {
	for _, scheme := range Schemes() {
		path := classes + scheme
		if now := get(registry.CURRENT_USER, path+shell, ""); now == "" || !p.wrote(scheme, now) {
			continue // another has taken our place
		}
		var err error
		if old := get(registry.CURRENT_USER, before, scheme); old != "" {
			err = set(value{path + shell, "", old})
		} else {
			err = drop(path+shell, path+`\shell\open`, path+`\shell`, path)
		}
		if err != nil {
			return err
		}
	}
	if key, err := registry.OpenKey(registry.CURRENT_USER, registered, registry.SET_VALUE); err == nil {
		err = key.DeleteValue("Calla")
		_ = key.Close()
		if err != nil && !errors.Is(err, registry.ErrNotExist) {
			return err
		}
	}
	own := classes + progID
	return drop(capabilities+`\URLAssociations`, capabilities, `Software\Calla`, before, own+`\Written`,
		own+`\DefaultIcon`, own+`\Application`, own+shell, own+`\shell\open`, own+`\shell`, own)
}
