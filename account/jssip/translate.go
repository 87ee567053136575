package jssip

import (
	"maps"
	"slices"
	"strings"
)

func valueOf(values map[string]any, name string) (v any, given bool) {
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
func (in *Imported) translate(p pasted) map[string]any {
	values := maps.Clone(p.values)
	in.takeSIPJS(values)
	in.takeOrigin(values)
	if sockets, is := values["sockets"]; is {
		delete(values, "sockets")
		in.takeSockets(values, sockets)
	}
	options := append([]any{map[string]any{"pcConfig": values["pcConfig"], "pc_config": values["pc_config"]}},
		p.calls...)
	options = append(options, factoryOptions(values))
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

// factoryOptions are the options of calls that SIP.js has in its configuration, as pcConfig.
func factoryOptions(values map[string]any) any {
	options, is := values["sessionDescriptionHandlerFactoryOptions"].(map[string]any)
	if !is {
		return nil
	}
	if older, is := options["peerConnectionOptions"].(map[string]any); is {
		options = older
	}
	pc := firstOf(options, "peerConnectionConfiguration", "rtcConfiguration")
	if pc == nil {
		return nil
	}
	delete(values, "sessionDescriptionHandlerFactoryOptions")
	return map[string]any{"pcConfig": pc}
}

// firstOf is the first member there is of these.
func firstOf(o map[string]any, names ...string) any {
	for _, name := range names {
		if o[name] != nil {
			return o[name]
		}
	}
	return nil
}

// takeSockets turns sockets, one or a list, plain or as {socket, weight}, into ws_servers.
func (in *Imported) takeSockets(values map[string]any, sockets any) {
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
		if _, is := entry.(callback); is && len(list) > 1 { // the class in front of an object, as it is printed
			continue
		}
		if o, is := entry.(map[string]any); is {
			weight, entry = firstOf(o, "weight", "_weight"),
				firstOf(o, "socket", "url", "ws_uri", "uri", "_url", "_uri")
		}
		switch socket := entry.(type) {
		case recordedSocket:
			entry = socket.url
			in.takeVia(values, socket.via)
			in.setOrigin(values, "origin", socket.origin)
		case map[string]any: // as JSON may have it
			entry = firstOf(socket, "url", "_url")
			in.takeVia(values, socket["via_transport"])
		}
		servers = append(servers, map[string]any{"ws_uri": entry, "weight": weight})
	}
	values["ws_servers"] = servers
	in.Changed = append(in.Changed, Finding{"sockets", "is ws_servers now"})
}

// takeVia turns a socket's via_transport into the hack_ parameter that does the same.
func (in *Imported) takeVia(values map[string]any, via any) {
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
func (in *Imported) takeOrigin(values map[string]any) {
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

func (in *Imported) setOrigin(values map[string]any, from string, origin any) {
	if origin != nil && origin != "" {
		in.rename(values, from, "calla.origin", origin)
	}
}

// takeICEServers turns pcConfig.iceServers into stun_servers and turn_servers; no STUN server in it
// means none. The rest of pcConfig is left out.
func (in *Imported) takeICEServers(values map[string]any, pc map[string]any) {
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
		in.Ignored = append(in.Ignored, Finding{
			"pcConfig.iceServers",
			"stun_servers or turn_servers is there, too, and is taken",
		})
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
			turn = append(turn, map[string]any{
				"urls": relays, "username": o["username"],
				"credential": o["credential"],
			})
		}
	}
	values["stun_servers"], values["turn_servers"] = stun, turn
	in.Changed = append(in.Changed, Finding{"pcConfig.iceServers", "is stun_servers and turn_servers now"})
}
