// Package configtest has what tests of configurations need.
package configtest

import (
	"testing"

	"calla/netsip/config"
)

// Fill gives every parameter that c does not have a value its kind takes, so that a new parameter is in the tests that
// try them all. Secrets have "heim" in them, to be looked for
// where they must not be.
func Fill(t testing.TB, c *config.Config) {
	t.Helper()
	for _, p := range config.Parameters() {
		if v := some(p); v != nil && !p.Given(*c) {
			if err := p.Set(c, v); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// some is a value that is not the default; nil for the kinds that every test has to give itself.
func some(p config.Parameter) any {
	switch p.Name {
	case "calla.dial_rules":
		return []any{"+ -> 00"}
	case "calla.codecs":
		return []any{"PCMA", "opus"}
	case "calla.auto_answer_domains":
		return []any{"example.com"}
	case "calla.forward_after": // below all that ring
		return 3
	}
	switch p.Kind {
	case config.KindText:
		return "something"
	case config.KindSecret:
		return "geheim"
	case config.KindFile:
		return "/tmp/something"
	case config.KindSeconds:
		return 7
	case config.KindMilliseconds:
		return 700
	case config.KindBoolean:
		return p.Default == "false"
	case config.KindChoice:
		return p.Choices[len(p.Choices)-1]
	}
	return nil
}
