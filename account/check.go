package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"calla/netsip"
)

// CheckResult is what "calla config check" prints. It marshals to {"ok":true,"config":{…}}, the
// configuration normalised, in the page's names and order, with secrets as "hidden"; or to
// {"ok":false,"parameter":…,"value":…,"reason":…}, where parameter is "" for a text that is no
// configuration at all.
type CheckResult struct {
	OK     bool
	Config netsip.Config // normalised; with its secrets

	Parameter string
	Value     any
	Reason    string

	Ignored []netsip.Ignored // what is no parameter, or no log setting; not printed
}

// Check reads a configuration as ImportJsSIP does, but with no remedies and nothing missing, and normalises it.
func Check(data []byte) CheckResult {
	p, err := readPasted(data)
	if err != nil {
		return failed(err)
	}
	var in Import
	c, ignored, err := netsip.ParseConfig(in.translate(p))
	if err == nil {
		c, err = c.Normalize()
	}
	if err != nil {
		return failed(err)
	}
	return CheckResult{OK: true, Config: c, Ignored: ignored}
}

func failed(err error) CheckResult {
	var wrong *netsip.ConfigError
	var syntax *SyntaxError
	switch {
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
	return o.MarshalJSON()
}

// normalizedJSON writes every parameter of a normalised configuration, given or not.
func normalizedJSON(c netsip.Config) *jsonObject {
	o := &jsonObject{}
	groups := make(map[string]*jsonObject)
	for _, p := range netsip.Parameters() {
		v := normalizedValue(c, p)
		group, part, nested := strings.Cut(p.Name, ".")
		if !nested {
			o.add(p.Name, v)
			continue
		}
		if groups[group] == nil {
			groups[group] = &jsonObject{}
			o.add(group, groups[group])
		}
		groups[group].add(part, v)
	}
	return o
}

// normalizedValue returns what is printed for a parameter.
func normalizedValue(c netsip.Config, p netsip.Parameter) any {
	v := p.Value(c)
	switch p.Kind {
	case netsip.KindBoolean:
		if v == nil {
			return p.Default == "true"
		}
	case netsip.KindText, netsip.KindFile:
		if v == nil {
			return ""
		}
	case netsip.KindHeaders:
		if v == nil {
			return []any{}
		}
	case netsip.KindLevel:
		return c.Log.Level.Number()
	case netsip.KindSecret:
		if v != nil {
			return "hidden"
		}
	case netsip.KindServers:
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
	case netsip.KindTurnServers:
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
