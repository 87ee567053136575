package account

import (
	"fmt"
	"slices"
	"strings"

	"calla/netsip/config"
)

// LocalSetting is a setting that makes Calla do something on this computer: run a command, read or write a file, or let
// callers hear the microphone. In
// a configuration from elsewhere it counts only where the user says so, of this very configuration.
type LocalSetting struct {
	Name  string // the parameter: "calla.log_command"
	Value string // the command line or path
	Does  string // what it does, for people: "runs a command"
}

// localSettings are the parameters of that kind and what they do. Every parameter that is a file is one, known here or
// not.
func localSettings() map[string]string {
	return map[string]string{
		"calla.log_command":         "runs a command",
		"calla.log_file":            "writes a file",
		"calla.client_certificate":  "reads a file and names you to the server with it",
		"calla.client_key":          "reads a secret key",
		"calla.tls_ca":              "reads a file and trusts the servers it vouches for",
		"calla.ringtone":            "plays a file when it rings",
		"calla.hold_music":          "plays a file to whoever is put on hold",
		"calla.auto_answer":         "lets whoever calls listen",
		"calla.auto_answer_domains": "lets callers of these domains listen",
	}
}

// LocalSettings returns what a configuration wants of this computer: a command first, then the files in the order of
// the parameters.
func LocalSettings(c config.Config) []LocalSetting {
	var list []LocalSetting
	known := localSettings()
	for _, p := range config.Parameters() {
		does, is := known[p.Name]
		if !is && p.Kind == config.KindFile {
			does, is = "uses a file", true
		}
		if value := shownValue(p.Value(c)); is && value != "" {
			list = append(list, LocalSetting{p.Name, value, does})
		}
	}
	if i := slices.IndexFunc(list, func(s LocalSetting) bool { return s.Name == "calla.log_command" }); i > 0 {
		list = slices.Insert(slices.Delete(list, i, i+1), 0,
			LocalSetting{"calla.log_command", c.Calla.LogCommand, known["calla.log_command"]})
	}
	return list
}

// shownValue is a value as people read it, "" where it is not given.
func shownValue(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		var all []string
		for _, line := range v {
			all = append(all, fmt.Sprint(line))
		}
		return strings.Join(all, ", ")
	}
	return fmt.Sprint(v)
}

// WithoutLocalSettings returns a configuration without what it wants of this computer, but for the parameters that the
// user has allowed by name, and what was left out. A key goes with its certificate.
func WithoutLocalSettings(c config.Config, allowed ...string) (config.Config, []LocalSetting) {
	var left []LocalSetting
	leaveOut := func(s LocalSetting) {
		if p, is := config.ParameterNamed(s.Name); is && p.Set(&c, nil) == nil {
			left = append(left, s)
		}
	}
	for _, s := range LocalSettings(c) {
		if !slices.Contains(allowed, s.Name) {
			leaveOut(s)
		}
	}
	if c.Calla.ClientCertificate == "" && c.Calla.ClientKey != "" {
		leaveOut(LocalSetting{"calla.client_key", c.Calla.ClientKey, localSettings()["calla.client_key"]})
	}
	return c, left
}
