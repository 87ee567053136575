package jssip

import (
	"maps"
	"slices"
	"strings"
)

// sipJSName returns the parameter that one of SIP.js stands for, a fork of JsSIP that writes its names otherwise; ""
// for one that has no counterpart.
func sipJSName(name string) string {
	switch name {
	case "authorizationUser", "authorizationUsername":
		return "authorization_user"
	case "authorizationPassword":
		return "password"
	case "connectionRecoveryMaxInterval":
		return "connection_recovery_max_interval"
	case "connectionRecoveryMinInterval":
		return "connection_recovery_min_interval"
	case "displayName":
		return "display_name"
	case "hackIpInContact":
		return "hack_ip_in_contact"
	case "hackViaTcp":
		return "hack_via_tcp"
	case "instanceId":
		return "instance_id"
	case "noAnswerTimeout":
		return "no_answer_timeout"
	case "registerExpires":
		return "register_expires"
	case "registrarServer":
		return "registrar_server"
	case "stunServers":
		return "stun_servers"
	case "traceSip":
		return "trace_sip"
	case "turnServers":
		return "turn_servers"
	case "usePreloadedRoute":
		return "use_preloaded_route"
	case "userAgentString":
		return "user_agent"
	case "wsServers":
		return "ws_servers"
	case "forceRport":
		return "calla.force_rport"
	case "keepAliveInterval":
		return "calla.keep_alive_interval"
	case "iceCheckingTimeout":
		return "calla.ice_gathering_timeout"
	case "rel100":
		return "calla.reliable_provisional"
	}
	return ""
}

// takeSIPJS gives the parameters of SIP.js the page's names.
func (in *Imported) takeSIPJS(values map[string]any) {
	if options, is := values["transportOptions"].(map[string]any); is {
		delete(values, "transportOptions")
		for _, name := range slices.Sorted(maps.Keys(options)) {
			switch name {
			case "wsServers", "server":
				in.rename(values, "transportOptions."+name, "ws_servers", sipJSServers(options[name]))
			case "traceSip":
				in.rename(values, "transportOptions."+name, "trace_sip", options[name])
			case "keepAliveInterval":
				in.rename(values, "transportOptions."+name, "calla.keep_alive_interval",
					sipJSValue("keepAliveInterval", options[name]))
			default:
				in.Ignored = append(in.Ignored, Finding{"transportOptions." + name, "Calla has its own rule for it"})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		to := sipJSName(name)
		if to == "" {
			continue
		}
		v := values[name]
		delete(values, name)
		in.rename(values, name, to, sipJSValue(name, v))
	}
}

// rename puts a value under the page's name, where that is free.
func (in *Imported) rename(values map[string]any, from, to string, v any) {
	group, part, nested := strings.Cut(to, ".")
	place := values
	if nested {
		to = part
		place, _ = values[group].(map[string]any)
		place = maps.Clone(place)
		if place == nil {
			place = make(map[string]any)
		}
		values[group] = place
	}
	if _, taken := place[to]; taken {
		in.Ignored = append(in.Ignored, Finding{from, to + " is there, too, and is taken"})
		return
	}
	place[to] = v
	in.Changed = append(in.Changed, Finding{from, "is " + to + " now"})
}

// sipJSValue turns a value of SIP.js into the page's where the two differ.
func sipJSValue(name string, v any) any {
	switch name {
	case "wsServers":
		return sipJSServers(v)
	case "keepAliveInterval": // 0 switches it off, which Calla does not
		if isZero(v) {
			return nil
		}
	case "rel100":
		if v == "none" || v == "unsupported" {
			return "off"
		}
	}
	return v
}

func isZero(v any) bool {
	switch v := v.(type) {
	case float64:
		return v == 0
	case int64:
		return v == 0
	}
	return false
}

// sipJSServers writes {wsUri, weight} as {ws_uri, weight}.
func sipJSServers(v any) any {
	list, is := v.([]any)
	if !is {
		return v
	}
	servers := make([]any, len(list))
	for i, entry := range list {
		if o, is := entry.(map[string]any); is && o["wsUri"] != nil {
			entry = map[string]any{"ws_uri": o["wsUri"], "weight": o["weight"]}
		}
		servers[i] = entry
	}
	return servers
}
