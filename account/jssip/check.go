package jssip

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"calla/netsip/config"
)

// CheckResult is what "calla config check" prints. It marshals to {"ok":true,"config":{…}}, the
// configuration normalised, in the page's names and order, with secrets as "hidden"; or to
// {"ok":false,"parameter":…,"value":…,"reason":…}, where parameter is "" for a text that is no
// configuration at all, or several.
type CheckResult struct {
	OK     bool
	Config config.Config // normalised; with its secrets

	Parameter string
	Value     any
	Reason    string

	Ignored []config.Ignored // what is no parameter, or no log setting; not printed
	ToFill  []ToFill         // what the text does not say; printed as "to_fill" where there is something
	Agents  []Agent          // where the text holds several configurations and none was chosen; printed as "agents"
}

// Check reads a configuration as Import does, but with no remedies and nothing missing but what is not in the text and
// has a default, and normalises it. agent says which of several, from 1; 0 where there should be one.
func Check(data []byte, agent int) CheckResult {
	p, err := choose(data, agent)
	if err != nil {
		return failed(err)
	}
	var in Imported
	values := in.translate(p)
	toFill := p.toFill()
	in.ToFill = toFill
	for _, t := range toFill {
		if t.Parameter == "turn_servers" { // of no use without what is not known
			delete(values, t.Parameter)
		}
	}
	c, ignored, err := config.Parse(values, in.missing())
	for i := range ignored {
		ignored[i].Reason = ignoredReason(ignored[i], values)
	}
	if err == nil {
		err = in.mandatory(c)
	}
	if err == nil {
		c, err = c.Normalize()
	}
	if err != nil {
		r := failed(explained(err, values))
		r.ToFill = toFill
		return r
	}
	return CheckResult{OK: true, Config: c, Ignored: ignored, ToFill: toFill}
}

// mandatory returns the error of the first parameter that nothing can do without and that is to be filled in.
func (in *Imported) mandatory(c config.Config) error {
	for _, p := range config.Parameters() {
		if !p.Mandatory || p.Given(c) {
			continue
		}
		for _, t := range in.ToFill {
			if t.Parameter == p.Name {
				return &config.Error{
					Parameter: p.Name,
					Reason:    fmt.Sprintf("is %s, line %d, column %d", t, t.Line, t.Column),
				}
			}
		}
	}
	return nil
}

func failed(err error) CheckResult {
	var wrong *config.Error
	var syntax *SyntaxError
	var several *ChoiceError
	switch {
	case errors.As(err, &several):
		return CheckResult{Reason: several.Reason(), Agents: several.Agents}
	case errors.As(err, &wrong):
		return CheckResult{Parameter: wrong.Parameter, Value: showable(wrong.Value), Reason: wrong.Reason}
	case errors.As(err, &syntax):
		return CheckResult{Reason: syntax.Reason}
	}
	return CheckResult{Reason: err.Error()}
}

// MarshalJSON writes one of the two forms.
func (r CheckResult) MarshalJSON() ([]byte, error) {
	var o jsonObject
	o.add("ok", r.OK)
	if r.OK {
		o.add("config", normalizedJSON(r.Config))
	} else {
		o.add("parameter", r.Parameter)
		o.add("value", r.Value)
		o.add("reason", r.Reason)
	}
	if len(r.ToFill) > 0 {
		var all []*jsonObject
		for _, t := range r.ToFill {
			one := &jsonObject{}
			one.add("parameter", t.Parameter)
			one.add("told", t.String())
			one.add("line", t.Line)
			one.add("column", t.Column)
			all = append(all, one)
		}
		o.add("to_fill", all)
	}
	if len(r.Agents) > 0 {
		var all []*jsonObject
		for i, a := range r.Agents {
			one := &jsonObject{}
			one.add("agent", i+1)
			one.add("name", a.Name)
			one.add("line", a.Line)
			all = append(all, one)
		}
		o.add("agents", all)
	}
	return o.MarshalJSON()
}

// addParameter adds a parameter under its name; that of a group ("log.level") goes into the group's object, which is
// made when its first comes.
func (o *jsonObject) addParameter(groups map[string]*jsonObject, name string, v any) {
	group, part, nested := strings.Cut(name, ".")
	if !nested {
		o.add(name, v)
		return
	}
	if groups[group] == nil {
		groups[group] = &jsonObject{}
		o.add(group, groups[group])
	}
	groups[group].add(part, v)
}

// normalizedJSON writes every parameter of a normalised configuration, given or not.
func normalizedJSON(c config.Config) *jsonObject {
	o := &jsonObject{}
	groups := make(map[string]*jsonObject)
	for _, p := range config.Parameters() {
		v := normalizedValue(c, p)
		o.addParameter(groups, p.Name, v)
	}
	return o
}

// normalizedValue returns what is printed for a parameter.
func normalizedValue(c config.Config, p config.Parameter) any {
	v := p.Value(c)
	switch p.Kind {
	case config.KindBoolean:
		if v == nil {
			return p.Default == "true"
		}
	case config.KindText, config.KindFile:
		if v == nil {
			return ""
		}
	case config.KindHeaders, config.KindLines:
		if v == nil {
			return []any{}
		}
	case config.KindLevel:
		return c.Log.Level.Number()
	case config.KindSecret:
		if v != nil {
			return "hidden"
		}
	case config.KindServers:
		servers := []any{}
		for _, s := range c.WSServers {
			o := &jsonObject{}
			o.add("ws_uri", s.WSURI)
			o.add("weight", s.Weight)
			o.add("status", 0)
			o.add("scheme", s.Scheme())
			o.add("sip_uri", s.SIPURI())
			servers = append(servers, o)
		}
		return servers
	case config.KindTurnServers:
		servers := []any{}
		for _, t := range c.TurnServers {
			o := &jsonObject{}
			o.add("urls", t.URLs)
			o.add("username", t.Username)
			o.add("credential", "hidden")
			servers = append(servers, o)
		}
		return servers
	}
	return v
}

// jsonObject is a JSON object whose members keep their order.
type jsonObject struct {
	names  []string
	values []any
}

func (o *jsonObject) add(name string, v any) {
	o.names, o.values = append(o.names, name), append(o.values, v)
}

// MarshalJSON writes the members in the order they were added.
func (o *jsonObject) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range o.names {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{name, o.values[i]} {
			if j > 0 {
				b.WriteByte(':')
			}
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if err := e.Encode(part); err != nil {
				return nil, err
			}
			b.Truncate(b.Len() - 1) // Encode's line break
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// showable turns a value into one that JSON can hold, for messages.
func showable(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return numberText(v)
		}
	case recordedSocket:
		return showable(v.url)
	case callback:
		return "function"
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = showable(v[i])
		}
		return list
	case map[string]any:
		o := make(map[string]any, len(v))
		for name := range v {
			o[name] = showable(v[name])
		}
		return o
	}
	return v
}
