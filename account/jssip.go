package account

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"calla/netsip"
)

// Finding is one thing to tell about a parameter of an imported configuration.
type Finding struct {
	Name   string // as in the source
	Reason string // for people
}

// Import is what was made of a configuration written for JsSIP.
type Import struct {
	Config     netsip.Config // as given, not normalised; with its secrets
	Understood []string      // parameters that were taken over, in the page's order
	Ignored    []Finding     // what was left out
	Changed    []Finding     // what was taken over in another form
}

// FixableError tells that a configuration is wrong in a way that there is an obvious remedy for.
type FixableError struct {
	Err   *netsip.ConfigError
	Offer string // what the remedy is, for a button: "Put ws_servers in a list"
	Fixed Import // the outcome with the remedy
}

func (e *FixableError) Error() string { return e.Err.Error() }

// Unwrap returns the *netsip.ConfigError.
func (e *FixableError) Unwrap() error { return e.Err }

// ImportJsSIP reads a configuration of JsSIP, of version 0.4 or later: JSON, a JavaScript object, or a whole
// pasted snippet. Each parameter is checked; a TURN server may lack its credential, and the configuration may
// be incomplete otherwise only where Normalize would give a default. The error is a *SyntaxError, a
// *netsip.ConfigError, or a *FixableError.
func ImportJsSIP(data []byte) (Import, error) {
	p, err := readPasted(data)
	if err != nil {
		return Import{}, err
	}
	return importValues(p, true)
}

// importValues takes the parameters of a pasted configuration over, offering remedies where offer is set.
func importValues(p pasted, offer bool) (Import, error) {
	in := Import{Ignored: p.notes}
	values := in.translate(p)
	turn, hasTurn := values["turn_servers"]
	delete(values, "turn_servers")
	c, ignored, err := netsip.ParseConfig(values)
	if err == nil {
		err = in.setTurn(&c, turn)
	}
	var wrong *netsip.ConfigError
	if err != nil && offer && errors.As(err, &wrong) {
		if remedy, text := remedyFor(wrong, values); remedy != nil {
			fixed, err := importValues(pasted{values: remedy}, true) // the rest is in remedy and in already
			var further *FixableError
			if errors.As(err, &further) && further.Err.Parameter != wrong.Parameter {
				text, fixed, err = text+", "+further.Offer, further.Fixed, nil
			}
			if err == nil {
				fixed.Changed = append(slices.Clone(in.Changed), append(fixed.Changed, Finding{wrong.Parameter, text})...)
				fixed.Ignored = append(in.Ignored, fixed.Ignored...)
				return Import{}, &FixableError{wrong, text, fixed}
			}
		}
	}
	if err != nil {
		return Import{}, err
	}
	if hasTurn {
		values["turn_servers"] = turn
	}
	in.Config = c
	in.tell(values, ignored)
	return in, nil
}

// setTurn takes turn_servers over; a credential may be missing.
func (in *Import) setTurn(c *netsip.Config, v any) error {
	p, _ := netsip.ParameterNamed("turn_servers")
	if err := p.SetStored(c, v); err != nil {
		return err
	}
	for _, t := range c.TurnServers {
		if t.Credential == "" {
			in.Changed = append(in.Changed, Finding{"turn_servers", "needs the credential of " + t.URLs[0] + " still"})
		}
	}
	return nil
}

// tell fills the lists from the source's values and what ParseConfig left out.
func (in *Import) tell(values map[string]any, ignored []netsip.Ignored) {
	for _, i := range ignored {
		reason := i.Reason
		if isLater(i.Parameter) {
			reason = "is a parameter of later JsSIP versions that Calla does not have"
		}
		in.Ignored = append(in.Ignored, Finding{i.Parameter, reason})
	}
	for _, p := range netsip.Parameters() {
		v, given := member(values, p.Name)
		left := slices.ContainsFunc(ignored, func(i netsip.Ignored) bool { return i.Parameter == p.Name })
		if !given || left {
			continue
		}
		now := p.Value(in.Config)
		if v == nil || v == "" {
			in.Ignored = append(in.Ignored, Finding{p.Name, "is empty: the default is used"})
			continue
		}
		in.Understood = append(in.Understood, p.Name)
		if reason := changed(p, v, now); reason != "" {
			in.Changed = append(in.Changed, Finding{p.Name, reason})
		}
	}
}

// changed tells in what way a value differs from the one given; secrets are not shown.
func changed(p netsip.Parameter, given, now any) string {
	switch p.Kind {
	case netsip.KindText, netsip.KindChoice, netsip.KindFile:
		switch {
		case p.Name == "calla.log_command":
			return fmt.Sprintf("runs on this computer as long as the account is on: %v", now)
		case p.Name == "calla.log_file":
			return fmt.Sprintf("is written on this computer: %v", now)
		case given != now:
			return fmt.Sprintf("is written as %v", now)
		}
	case netsip.KindHeaders:
		if now, _ := now.([]any); len(now) != reflect.ValueOf(given).Len() {
			return "is without what is not text now"
		}
	case netsip.KindSeconds, netsip.KindMilliseconds:
		if _, isText := given.(string); isText {
			return fmt.Sprintf("is the number %v now", now)
		}
	case netsip.KindServers, netsip.KindStunServers, netsip.KindTurnServers:
		if reflect.TypeOf(given) != reflect.TypeFor[[]any]() {
			return "is a list of one now"
		}
	}
	return ""
}

func member(values map[string]any, name string) (v any, given bool) {
	group, part, nested := strings.Cut(name, ".")
	v, given = values[group]
	if nested {
		parts, _ := v.(map[string]any)
		v, given = parts[part]
	}
	return v, given
}

// isLater tells whether JsSIP has the parameter in later versions than the page's, and Calla has not.
func isLater(name string) bool {
	return slices.Contains([]string{
		"register_from_tag_trail",
	}, name)
}

// translate returns the configuration's values in the names of the page: sockets and pcConfig, which
// later versions have, become ws_servers, stun_servers and turn_servers.
func (in *Import) translate(p pasted) map[string]any {
	values := maps.Clone(p.values)
	in.takeSIPJS(values)
	in.takeOrigin(values)
	if sockets, is := values["sockets"]; is {
		delete(values, "sockets")
		in.takeSockets(values, sockets)
	}
	options := append([]any{map[string]any{"pcConfig": values["pcConfig"], "pc_config": values["pc_config"]}}, p.calls...)
	delete(values, "pcConfig")
	delete(values, "pc_config")
	for _, o := range options {
		o, _ := o.(map[string]any)
		for _, name := range []string{"pcConfig", "pc_config"} {
			if pc, is := o[name].(map[string]any); is {
				in.takeICEServers(values, pc)
			}
		}
	}
	return values
}

// takeSockets turns sockets, one or a list, plain or as {socket, weight}, into ws_servers.
func (in *Import) takeSockets(values map[string]any, sockets any) {
	if _, is := values["ws_servers"]; is {
		in.Ignored = append(in.Ignored, Finding{"sockets", "ws_servers is there, too, and is taken"})
		return
	}
	list, isList := sockets.([]any)
	if !isList {
		list = []any{sockets}
	}
	servers := make([]any, 0, len(list))
	for _, entry := range list {
		var weight any
		if o, is := entry.(map[string]any); is {
			weight, entry = o["weight"], o["socket"]
		}
		switch socket := entry.(type) {
		case recordedSocket:
			entry = socket.url
			in.takeVia(values, socket.via)
			in.setOrigin(values, "origin", socket.origin)
		case map[string]any: // as JSON may have it
			entry = socket["url"]
			in.takeVia(values, socket["via_transport"])
		}
		servers = append(servers, map[string]any{"ws_uri": entry, "weight": weight})
	}
	values["ws_servers"] = servers
	in.Changed = append(in.Changed, Finding{"sockets", "is ws_servers now"})
}

// takeVia turns a socket's via_transport into the hack_ parameter that does the same.
func (in *Import) takeVia(values map[string]any, via any) {
	text, _ := via.(string)
	hacks := map[string]string{"tcp": "hack_via_tcp", "ws": "hack_via_ws"}
	if hack, is := hacks[strings.ToLower(text)]; is {
		values[hack] = true
		in.Changed = append(in.Changed, Finding{"via_transport", "is " + hack + " now"})
	} else if text != "" {
		in.Ignored = append(in.Ignored, Finding{"via_transport", "only tcp and ws can be written in its place"})
	}
}

// takeOrigin takes Origin out of what JsSIP has for a connection outside of a browser.
func (in *Import) takeOrigin(values map[string]any) {
	options, is := values["node_websocket_options"].(map[string]any)
	if !is {
		return
	}
	delete(values, "node_websocket_options")
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if name == "origin" {
			in.setOrigin(values, "node_websocket_options.origin", options[name])
			continue
		}
		in.Ignored = append(in.Ignored, Finding{"node_websocket_options." + name, "Calla has its own rule for it"})
	}
}

func (in *Import) setOrigin(values map[string]any, from string, origin any) {
	if origin != nil && origin != "" {
		in.rename(values, from, "calla.origin", origin)
	}
}

// takeICEServers turns pcConfig.iceServers into stun_servers and turn_servers; no STUN server in it
// means none. The rest of pcConfig is left out.
func (in *Import) takeICEServers(values map[string]any, pc map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(pc)) {
		if name == "iceTransportPolicy" {
			in.rename(values, "pcConfig."+name, "calla.ice_transport_policy", pc[name])
			continue
		}
		if name != "iceServers" {
			in.Ignored = append(in.Ignored, Finding{"pcConfig." + name, "Calla has its own rule for it"})
		}
	}
	list, is := pc["iceServers"].([]any)
	if !is {
		return
	}
	if values["stun_servers"] != nil || values["turn_servers"] != nil {
		in.Ignored = append(in.Ignored, Finding{"pcConfig.iceServers", "stun_servers or turn_servers is there, too, and is taken"})
		return
	}
	stun, turn := []any{}, []any{}
	for _, entry := range list {
		o, _ := entry.(map[string]any)
		urls := o["urls"]
		if urls == nil {
			urls = o["url"]
		}
		several, isList := urls.([]any)
		if !isList {
			several = []any{urls}
		}
		var relays []any
		for _, u := range several {
			if s, isText := u.(string); isText && strings.HasPrefix(strings.ToLower(s), "stun") {
				stun = append(stun, u)
			} else {
				relays = append(relays, u)
			}
		}
		if len(relays) > 0 {
			turn = append(turn, map[string]any{"urls": relays, "username": o["username"], "credential": o["credential"]})
		}
	}
	values["stun_servers"], values["turn_servers"] = stun, turn
	in.Changed = append(in.Changed, Finding{"pcConfig.iceServers", "is stun_servers and turn_servers now"})
}

// remedyFor returns the values with the obvious remedy of an error in them, and what it is; nil when there
// is none.
func remedyFor(wrong *netsip.ConfigError, values map[string]any) (remedy map[string]any, offer string) {
	remedy = maps.Clone(values)
	switch v := values[wrong.Parameter]; wrong.Parameter {
	case "ws_servers":
		if o, is := v.(map[string]any); is {
			remedy["ws_servers"] = []any{o}
			return remedy, "Put ws_servers in a list"
		}
	case "stun_servers":
		list, is := v.([]any)
		if !is {
			list = []any{v}
		}
		fixed := make([]any, len(list))
		for i, entry := range list {
			s, _ := entry.(string)
			if l := strings.ToLower(s); s != "" && !strings.HasPrefix(l, "stun:") && !strings.HasPrefix(l, "stuns:") {
				s = "stun:" + s
			}
			fixed[i] = s
		}
		remedy["stun_servers"] = fixed
		return remedy, "Put stun: before the servers of stun_servers"
	}
	return nil, ""
}
