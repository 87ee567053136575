package console

import (
	"slices"
	"strings"
	"testing"
)

// TestShellCompletesTheCommandLine, from the table and from what is stored.
func TestShellCompletesTheCommandLine(t *testing.T) {
	atHome(t)
	for _, uri := range []string{"alice@example.com", "albert@example.com", "bob@example.com"} {
		in := inFile(t, `{"uri":"`+uri+`","ws_servers":"wss://h","register":false}`)
		if _, errs, code := ran(t, "", "account", "add", "--config", in, "--secret", "session"); code != ExitOK {
			t.Fatal(errs)
		}
	}
	for _, v := range []struct {
		name  string
		words []string
		want  string
	}{
		{"a subcommand's beginning", []string{"sand"}, "sandbox"},
		{"several", []string{"con"}, "console config contacts"},
		{"of two words", []string{"account", ""}, "add list export remove"},
		{"the second's beginning", []string{"links", "un"}, "unregister"},
		{"a flag", []string{"call", "bob", "--du"}, "--duration"},
		{"a flag of all", []string{"--prof"}, "--profile"},
		{"and behind a subcommand", []string{"call", "--prof"}, "--profile"},
		{"a flag's choice", []string{"--log", "w"}, "warn"},
		{"as bash takes it apart", []string{"--log", "=", "d"}, "debug"},
		{"an argument's choice", []string{"completion", "z"}, "zsh"},
		{"behind a flag with a value", []string{"--log", "debug", "sand"}, "sandbox"},
		{"behind a flag without", []string{"--trace", "sand"}, "sandbox"},
		{"an account", []string{"call", "bob", "--account", "al"}, "alice@example.com albert@example.com"},
		{"the account of an argument", []string{"account", "export", "b"}, "bob@example.com"},
		{"a file is the shell's", []string{"config", "check", "x"}, ""},
		{"a file of a flag, too", []string{"call", "bob", "--config", ""}, ""},
		{"whom to call is the user's", []string{"call", ""}, ""},
		{"nothing after the last argument", []string{"account", "remove", "x", ""}, ""},
		{"nothing such", []string{"xyz"}, ""},
		{"what is hidden", []string{"comple"}, "completion"},
	} {
		t.Run(v.name, func(t *testing.T) {
			out, errs, code := ran(t, "", append([]string{"complete-line", "--"}, v.words...)...)
			if got := strings.Join(strings.Fields(out), " "); got != v.want || code != ExitOK || errs != "" {
				t.Errorf("%q, want %q; exit code %d, %s", got, v.want, code, errs)
			}
		})
	}
	everything, _, _ := ran(t, "", "complete-line")
	for _, v := range verbs() {
		first, _, _ := strings.Cut(v.name, " ")
		if offered := slices.Contains(strings.Fields(everything),
			first); offered != (v.subcommand != nil && !v.hidden) && v.do == nil {
			t.Errorf("%s: offered %t", v.name, offered)
		}
	}
}
