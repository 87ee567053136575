package account

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"calla/netsip"
)

// Format is a form of export.
type Format int

// The forms of export.
const (
	FormatJSON    Format = iota // an object in the page's names
	FormatJsSIP04               // a JavaScript snippet for JsSIP 0.4, in the page's names
	FormatJsSIP3                // a JavaScript snippet for JsSIP 3, with sockets and pcConfig
)

// Export writes the given parameters of a configuration for another program. Without secrets, which
// should be the default, there is no password and each TURN server's credential is left to fill in.
func Export(c netsip.Config, f Format, secrets bool) (string, error) {
	o, err := exported(c, f, secrets)
	if err != nil {
		return "", fmt.Errorf("export configuration: %w", err)
	}
	data, err := o.MarshalJSON()
	if err != nil {
		return "", fmt.Errorf("export configuration: %w", err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return "", fmt.Errorf("export configuration: %w", err)
	}
	text := b.String()
	switch f {
	case FormatJsSIP04:
		return "var configuration = " + text + ";\nvar ua = new JsSIP.UA(configuration);\n", nil
	case FormatJsSIP3:
		return snippet3(c, text, secrets)
	}
	return text + "\n", nil
}

// exported returns the given parameters in the names of the format.
func exported(c netsip.Config, f Format, secrets bool) (*jsonObject, error) {
	o := &jsonObject{}
	groups := make(map[string]*jsonObject)
	for _, p := range netsip.Parameters() {
		v := p.Value(c)
		if v == nil || f == FormatJsSIP3 && !in3(p) || f == FormatJsSIP04 && p.Since != "" || f != FormatJSON && p.Added {
			continue
		}
		switch p.Kind {
		case netsip.KindSecret:
			if !secrets {
				continue
			}
			v = v.(netsip.Secret).Reveal()
		case netsip.KindTurnServers:
			v = exportedTurn(c, secrets)
		case netsip.KindServers:
			if f == FormatJsSIP3 {
				continue
			}
		}
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
	return o, nil
}

func exportedTurn(c netsip.Config, secrets bool) []any {
	list := make([]any, 0, len(c.TurnServers))
	for _, t := range c.TurnServers {
		o := &jsonObject{}
		o.add("urls", t.URLs)
		o.add("username", t.Username)
		credential := ""
		if secrets {
			credential = t.Credential.Reveal()
		}
		o.add("credential", credential)
		list = append(list, o)
	}
	return list
}

// in3 tells whether JsSIP 3 has the parameter under the same name.
func in3(p netsip.Parameter) bool {
	switch p.Name {
	case "ws_servers", "hack_ip_in_contact", "hack_via_tcp", "hack_via_ws", "stun_servers", "turn_servers", "trace_sip":
		return false
	}
	return !p.Added && !strings.HasPrefix(p.Name, "log.")
}

// snippet3 completes a snippet for JsSIP 3: sockets are made before the configuration, and ICE servers are
// options of each call.
func snippet3(c netsip.Config, object string, secrets bool) (string, error) {
	var b strings.Builder
	var sockets []string
	via, err := json.Marshal(viaTransport(c))
	if err != nil {
		return "", fmt.Errorf("export configuration: %w", err)
	}
	for i, s := range c.WSServers {
		uri, err := json.Marshal(s.WSURI)
		if err != nil {
			return "", fmt.Errorf("export configuration: %w", err)
		}
		fmt.Fprintf(&b, "var socket%d = new JsSIP.WebSocketInterface(%s);\n", i+1, uri)
		if viaTransport(c) != "" {
			fmt.Fprintf(&b, "socket%d.via_transport = %s;\n", i+1, via)
		}
		sockets = append(sockets, fmt.Sprintf("{ socket: socket%d, weight: %v }", i+1, s.Weight))
	}
	fmt.Fprintf(&b, "var configuration = %s;\n", object)
	fmt.Fprintf(&b, "configuration.sockets = [%s];\n", strings.Join(sockets, ", "))
	if c.StunServers != nil || len(c.TurnServers) > 0 {
		list := exportedTurn(c, secrets)
		if len(c.StunServers) > 0 {
			stun := &jsonObject{}
			stun.add("urls", c.StunServers)
			list = append([]any{stun}, list...)
		}
		ice, err := json.Marshal(list)
		if err != nil {
			return "", fmt.Errorf("export configuration: %w", err)
		}
		b.WriteString("// For ua.call(target, options) and session.answer(options):\n")
		fmt.Fprintf(&b, "var options = { pcConfig: { iceServers: %s } };\n", ice)
	}
	b.WriteString("var ua = new JsSIP.UA(configuration);\n")
	return b.String(), nil
}

// viaTransport is what JsSIP 3 sets on a socket for hack_via_tcp and hack_via_ws.
func viaTransport(c netsip.Config) string {
	switch {
	case c.HackViaTCP:
		return "tcp"
	case c.HackViaWS:
		return "ws"
	}
	return ""
}
