package console

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// groups are the headings of the text phone's help in their order.
func groups() []group {
	return []group{
		groupCalls, groupSound, groupTransfer, groupConference, groupMessages, groupAccount, groupDevices, groupBesides,
	}
}

// helpWidth is how wide the text phone's help is, in characters.
const helpWidth = 78

// helpLines are the text phone's commands by their groups.
func helpLines() []string {
	var lines []string
	for _, g := range groups() {
		line := string(g) + strings.Repeat(" ", 10-len(g))
		for _, v := range verbs() {
			if v.do == nil || v.group != g {
				continue
			}
			usage := v.usage()
			if utf8.RuneCountInString(line+usage) > helpWidth {
				lines, line = append(lines, strings.TrimRight(line, " ")), strings.Repeat(" ", 10)
			}
			line += usage + "     "
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return append(lines,
		"N is a number that calls, devices or the offer lists; without it, the call that has the sound is meant.",
		"help COMMAND tells what one does.")
}

// tellHelp tells what the commands are, or what one does.
func (o order) tellHelp() {
	if o.args[0] == "" {
		o.screen.lines(helpLines())
		return
	}
	said := readLine(o.args[0])
	if said.verb == nil {
		o.screen.line("Unknown command: " + o.args[0] + ". help shows the commands.")
		return
	}
	line := said.verb.usage()
	if len(said.verb.also) > 0 {
		line += "  (or " + strings.Join(said.verb.also, ", ") + ")"
	}
	o.screen.item([]string{line, stopped(said.verb.help)})
}

// WriteVerbs writes the two lists of docs/commands.md: subcommands, and the commands of the text phone.
func WriteVerbs(w io.Writer) error {
	s := &session{cli: new(cli)}
	parser, err := newParser(context.Background(), s)
	if err != nil {
		return fmt.Errorf("make command line: %w", err)
	}
	var b strings.Builder
	b.WriteString("| command | what it does |\n|---|---|\n")
	for _, leaf := range parser.Model.Leaves(true) {
		b.WriteString(fmt.Sprintf("| `calla %s` | %s |\n", subcommandUsage(leaf), leaf.Help))
	}
	b.WriteString("\nIn the text phone, `calla console`, which completes them with Tab:\n\n")
	b.WriteString("| command | or | what it does |\n|---|---|---|\n")
	for _, v := range verbs() {
		if v.do != nil {
			b.WriteString(fmt.Sprintf("| `%s` | %s | %s |\n", v.usage(), codes(v.also), stopped(v.help)))
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// subcommandUsage is how a subcommand is typed, with those of its flags that it needs.
func subcommandUsage(n *kong.Node) string {
	words := []string{n.Path()}
	for _, f := range n.Flags {
		if f.Required {
			words = append(words, "--"+f.Name+" "+f.FormatPlaceHolder())
		}
	}
	for _, a := range n.Positional {
		word := strings.ToUpper(a.Name)
		if a.IsCumulative() {
			word += "…"
		}
		if !a.Required {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// codes are words as Markdown's code.
func codes(words []string) string {
	marked := make([]string, len(words))
	for i, word := range words {
		marked[i] = "`" + word + "`"
	}
	return strings.Join(marked, ", ")
}
