package console

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// cli is what may stand before every subcommand.
type cli struct {
	Profile string `help:"Profile to use: a name, or a folder." placeholder:"DIR"`

	Log string `help:"Write a log to standard error: ${enum}." enum:"${levels}" default:"off" placeholder:"LEVEL"`

	Trace   bool             `help:"Write every SIP message to standard error, secrets hidden."`
	Ladder  bool             `help:"At the end, draw the messages of the last call as a ladder on standard error."`
	Version kong.VersionFlag `help:"Show the version."`
}

const description = `A softphone for SIP over WebSocket with WebRTC media.

Exit codes: 0 done, 1 configuration or account cannot be used, 2 command line not understood, 3 no connection
to the server, 4 registration refused, 5 call not answered, or transfer, message or request refused (busy, declined,
unknown, …), 6 answered but nothing heard, 7 interrupted, or waited in vain.`

// exited is how kong's --help and --version end the program.
type exited struct{ code int }

// newParser makes the command line of the table of verbs, as far as args need it. Without args that is all of it.
func newParser(ctx context.Context, s *session, args ...string) (*kong.Kong, error) {
	options := []kong.Option{
		kong.Name("calla"), kong.Description(description), kong.Writers(s.out, s.errs),
		kong.Exit(func(code int) { panic(exited{code}) }),
		kong.Vars{"version": "Calla " + s.Version},
		helps(),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.BindTo(ctx, (*context.Context)(nil)),
	}
	return kong.New(s.cli, append(options, subcommands(args)...)...)
}

// subcommands are the verbs of the command line, families together. Where args begin with one, it is that one alone:
// kong takes longer to describe all of them than all else takes until the phone registers.
func subcommands(args []string) []kong.Option {
	all := verbs()
	asked := func(v verb) bool {
		first, _, _ := strings.Cut(v.name, " ")
		return len(args) > 0 && args[0] == first && v.subcommand != nil && !v.tellsOfAll()
	}
	if slices.ContainsFunc(all, asked) {
		all = slices.DeleteFunc(all, func(v verb) bool { return !asked(v) })
	}
	var options []kong.Option
	told := map[string]bool{}
	for _, v := range all {
		first, _, ofFamily := strings.Cut(v.name, " ")
		switch {
		case v.subcommand == nil || told[first]:
		case ofFamily:
			told[first] = true
			options = append(options, kong.DynamicCommand(first, families()[first], "", newFamily(first)))
		default:
			options = append(options, kong.DynamicCommand(v.name, v.aloneHelp(), "", newOf(v.subcommand), v.tags()...))
		}
	}
	return options
}

// tellsOfAll tells whether a subcommand is about all of them: then it asks kong for its parser.
func (v *verb) tellsOfAll() bool {
	run, _ := reflect.TypeOf(newOf(v.subcommand)).MethodByName("Run")
	return slices.Contains(slices.Collect(run.Type.Ins()), reflect.TypeFor[*kong.Kong]())
}

// newFamily makes the struct that kong takes for subcommands of two words: one field for each second word.
func newFamily(name string) any {
	var fields []reflect.StructField
	for _, v := range verbs() {
		first, second, _ := strings.Cut(v.name, " ")
		if first != name || second == "" || v.subcommand == nil {
			continue
		}
		fields = append(fields, reflect.StructField{
			Name: strings.ToUpper(second[:1]) + second[1:], Type: reflect.TypeOf(v.subcommand),
			Tag: reflect.StructTag(`cmd:"" help:` + strconv.Quote(v.aloneHelp())),
		})
	}
	return reflect.New(reflect.StructOf(fields)).Interface()
}

// tags are what else kong is to know of a subcommand.
func (v *verb) tags() []string {
	var tags []string
	if v.name == "window" { // what is run where no subcommand is given
		tags = append(tags, `default:"withargs"`)
	}
	if v.hidden {
		tags = append(tags, `hidden:""`)
	}
	return tags
}

// newOf makes a value of the same type to be filled in.
func newOf(subcommand any) any { return reflect.New(reflect.TypeOf(subcommand)).Interface() }

// aloneHelp is the help of a subcommand.
func (v *verb) aloneHelp() string {
	if v.alone != "" {
		return stopped(v.alone)
	}
	return stopped(v.help)
}

// stopped is a sentence with its full stop.
func stopped(sentence string) string {
	if strings.HasSuffix(sentence, "…") {
		return sentence
	}
	return sentence + "."
}

// helpCmd tells what --help tells.
type helpCmd struct {
	Command []string `arg:"" optional:"" help:"What to tell of; without it, of all."`
}

// Run ends the program, as --help does.
func (c *helpCmd) Run(parser *kong.Kong) error {
	node := parser.Model.Node
	for _, word := range c.Command {
		i := slices.IndexFunc(node.Children, func(child *kong.Node) bool { return child.Name == word })
		if i < 0 {
			return fail(ExitUsage, fmt.Errorf("help %s: there is no such command", strings.Join(c.Command, " ")))
		}
		node = node.Children[i]
	}
	_, err := parser.Parse(append(c.Command, "--help"))
	return err
}
