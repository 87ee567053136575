package console

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"calla/account"
)

// completionCmd prints what has a shell complete Calla's command line.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Which shell: ${enum}."`
}

// Run prints the script. It asks "calla complete-line" at each press of Tab, so that it need not be made again.
func (c *completionCmd) Run(s *session) error {
	s.out.lines(map[string][]string{
		"bash": {
			`# source <(calla completion bash)`,
			`_calla() { local IFS=$'\n'; ` +
				`COMPREPLY=($("$1" complete-line -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)); }`,
			`complete -o default -F _calla calla`,
		},
		"zsh": {
			`# source <(calla completion zsh)`,
			`_calla() {`,
			`  local -a found=("${(@f)$("$words[1]" complete-line -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")`,
			`  if [[ -n "$found" ]]; then compadd -- "${found[@]}"; else _files; fi`,
			`}`,
			`compdef _calla calla`,
		},
		"fish": {
			`# calla completion fish | source`,
			`complete -c calla -a '(calla complete-line -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
		},
	}[c.Shell])
	return nil
}

// completeCmd tells how a command line may go on, for the scripts of completionCmd.
type completeCmd struct {
	Words []string `arg:"" optional:"" help:"The words so far, the last one as far as it is typed."`
}

// Run prints one word a line; none where the shell may complete files.
func (c *completeCmd) Run(s *session, parser *kong.Kong) error {
	for _, word := range s.shellWords(parser.Model.Node, c.Words) {
		if allVisible(word) {
			s.out.line(word)
		}
	}
	return nil
}

// shellWords are what the last word may become behind the others.
func (s *session) shellWords(node *kong.Node, words []string) []string {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "=" }) // bash sets it apart
	begun := ""
	if n := len(words); n > 0 {
		words, begun = words[:n-1], words[n-1]
	}
	var of *kong.Value // that the last word is a value of; nil for a command or a flag
	given := 0
	for _, word := range words {
		child := slices.IndexFunc(node.Children, func(c *kong.Node) bool { return c.Name == word })
		switch {
		case of != nil:
			of = nil
		case strings.HasPrefix(word, "-"):
			of = valueOf(node, word)
		case child >= 0:
			node = node.Children[child]
		default:
			given++
		}
	}
	var all []string
	switch {
	case of != nil:
		all = s.valuesOf(node, of)
	case strings.HasPrefix(begun, "-"):
		for _, group := range node.AllFlags(true) {
			for _, flag := range group {
				all = append(all, "--"+flag.Name)
			}
		}
	case len(node.Children) > 0:
		for _, child := range node.Children {
			if !child.Hidden {
				all = append(all, child.Name)
			}
		}
	case given < len(node.Positional):
		all = s.valuesOf(node, node.Positional[given])
	}
	return slices.DeleteFunc(all, func(word string) bool { return !strings.HasPrefix(word, begun) })
}

// valueOf is the value that a flag takes with the next word, nil for none.
func valueOf(node *kong.Node, word string) *kong.Value {
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			if word == "--"+flag.Name && !flag.IsBool() {
				return flag.Value
			}
		}
	}
	return nil
}

// valuesOf are what a flag or an argument may be, as far as that is known.
func (s *session) valuesOf(node *kong.Node, v *kong.Value) []string {
	if v.Enum != "" {
		return strings.Split(v.Enum, ",")
	}
	if v.Name != "account" && (v.Name != "name" || node.Parent == nil || node.Parent.Name != "account") {
		return nil
	}
	dir, err := account.Dir(s.cli.Profile)
	if err != nil {
		return nil
	}
	var all []string
	stored, _ := account.Read(dir)
	for _, a := range stored {
		all = append(all, a.Address())
	}
	return all
}
