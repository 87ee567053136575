package console

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestTheVerbAskedForIsAsAmongAll: where the command line begins with a verb, only that one is described to kong; what
// it takes, what its help says and how a wrong line is refused are as among all of them.
func TestTheVerbAskedForIsAsAmongAll(t *testing.T) {
	told := func(args, asked []string) (text string, leaves int) {
		var b bytes.Buffer
		s := &session{out: newTerminal(&b), errs: newTerminal(&b), cli: new(cli)}
		parser, err := newParser(t.Context(), s, asked...)
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer func() {
				if r := recover(); r != nil {
					b.WriteString("ended")
				}
			}()
			found, err := parser.Parse(args)
			if err != nil {
				b.WriteString(err.Error())
				return
			}
			b.WriteString(found.Command())
		}()
		return b.String(), len(parser.Model.Leaves(false))
	}
	firsts := map[string]bool{}
	for _, v := range verbs() {
		if first, _, _ := strings.Cut(v.name, " "); v.subcommand != nil && !v.tellsOfAll() {
			firsts[first] = true
		}
	}
	for first := range firsts {
		for _, rest := range [][]string{
			nil, {"--help"}, {"--nonsense"}, {"call"}, {"a", "b", "c", "d"}, {"add", "--help"}, {"--log", "loud"},
		} {
			args := append([]string{first}, rest...)
			all, of := told(args, nil)
			alone, leaves := told(args, args)
			if alone != all {
				t.Errorf("%q: alone it says\n%s\namong all\n%s", args, alone, all)
			}
			if leaves >= of {
				t.Errorf("%q: %d of %d verbs are described", args, leaves, of)
			}
		}
	}
	// What does not begin with a verb is told of all.
	for _, args := range [][]string{
		{"help"},
		{"help", "call"},
		{"complete-line", "--", "sand"},
		{"--help"},
		{"cal", "bob"},
		{"tel:123"},
		{"--profile", "x", "call", "bob"},
		{""},
	} {
		all, of := told(args, nil)
		if alone, leaves := told(args, args); alone != all || leaves != of {
			t.Errorf("%q: %d of %d verbs, says\n%s\nnot\n%s", args, leaves, of, alone, all)
		}
	}
	if all, _ := told([]string{"--help"}, nil); !slices.ContainsFunc(strings.Fields(all), func(w string) bool {
		return w == "register"
	}) {
		t.Errorf("the help of all is\n%s", all)
	}
}
