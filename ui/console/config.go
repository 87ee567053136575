package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"calla/account/jssip"
	"calla/netsip/config"
)

// printJSON prints one line of JSON; <, > and & stay as they are.
func (s *session) printJSON(v any) error {
	encoder := json.NewEncoder(s.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

type configCheckCmd struct {
	Agent int    `help:"Which configuration, where the file holds several: 1 is the first." placeholder:"N"`
	File  string `arg:"" help:"${config_file}"`
}

// Run prints {"ok":true,"config":{…}} or {"ok":false,"parameter":…,"value":…,"reason":…}. What is no parameter
// and what is to be filled in is told on standard error, too.
func (c *configCheckCmd) Run(s *session) error {
	data, err := s.readInput(c.File)
	if err != nil {
		return err
	}
	result := jssip.Check(data, c.Agent)
	if result.OK && result.Config.UserAgent == "" {
		result.Config.UserAgent = "Calla/" + s.Version // as the phone names itself
	}
	for _, i := range result.Ignored {
		s.errs.linef("calla: %s: %s: ignored: %s", c.File, i.Parameter, i.Reason)
	}
	s.tellToFill(c.File, result.ToFill)
	for n, a := range result.Agents {
		s.errs.linef("calla: %s:%d: --agent %d is %s", c.File, a.Line, n+1, strings.TrimPrefix(a.Name, "sip:"))
	}
	if err := s.printJSON(result); err != nil {
		return err
	}
	if !result.OK {
		return &toldError{ExitInvalid}
	}
	return nil
}

// tellToFill tells what a configuration leaves open, each with its place in the file.
func (s *session) tellToFill(file string, all []jssip.ToFill) {
	for _, t := range all {
		s.errs.linef("calla: %s:%d:%d: %s: %s", file, t.Line, t.Column, t.Parameter, t)
	}
}

type configTargetCmd struct {
	URI  string   `required:"" name:"uri" help:"${target_uri}" placeholder:"AOR"`
	Rule []string `help:"${target_rule}" placeholder:"RULE" sep:"none"`
	Text string   `arg:"" help:"Number, user or address, as typed or pasted."`
}

// Run prints {"ok":true,"uri":…} or {"ok":false,"reason":…}, with postdial, rule and left_out, or instead, where there
// are any.
func (c *configTargetCmd) Run(s *session) error {
	d, err := c.target()
	if err == nil {
		o := object{{"ok", true}, {"uri", d.URI.String()}}
		if d.After != "" {
			o = append(o, member{"postdial", d.After})
		}
		if d.Rule != "" {
			o = append(o, member{"rule", d.Rule})
		}
		if d.Left != "" {
			o = append(o, member{"left_out", d.Left})
		}
		return s.printJSON(o)
	}
	o := object{{"ok", false}, {"reason", err.Error()}}
	if wrong := (*config.TargetError)(nil); errors.As(err, &wrong) {
		o[1].value = wrong.Reason
		if wrong.Instead != "" {
			o = append(o, member{"instead", wrong.Instead})
		}
	}
	if err := s.printJSON(o); err != nil {
		return err
	}
	return &toldError{ExitInvalid}
}

// target does with the text what the phone does with a dialled one.
func (c *configTargetCmd) target() (config.Dialled, error) {
	p, _ := config.ParameterNamed("uri")
	var cfg config.Config
	if err := p.Set(&cfg, c.URI); err != nil {
		return config.Dialled{}, fmt.Errorf("--uri: %w", err)
	}
	rules, _ := config.ParameterNamed("calla.dial_rules")
	var given []any
	for _, rule := range c.Rule {
		given = append(given, rule)
	}
	if err := rules.Set(&cfg, given); err != nil {
		return config.Dialled{}, fmt.Errorf("--rule: %w", err)
	}
	d, err := config.ParseDialled(c.Text, cfg.Domain())
	if err != nil {
		return d, err
	}
	return d.ByRules(cfg.Calla.DialRules)
}
