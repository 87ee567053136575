package jssip

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"calla/netsip/config"
)

// Format is a form of export.
type Format int

// The forms of export.
const (
	FormatJSON       Format = iota // an object in the page's names
	FormatJsSIP04                  // a JavaScript snippet for JsSIP 0.4, in the page's names
	FormatJsSIP3                   // a JavaScript snippet for JsSIP 3, with sockets and pcConfig
	FormatJsSIP3JSON               // an object in JsSIP 3's names: sockets by their addresses, and pcConfig
)

// With is what an export carries beside the rest, where the user asks for it.
type With struct {
	Secrets    bool // passwords and credentials; without, each TURN server's credential is left to fill in
	InstanceID bool // the identity of this very phone, which two cannot share (RFC 5626 section 4.1)
}

// Export writes the given parameters of a configuration for another program.
func Export(c config.Config, f Format, with With) (string, error) {
	secrets := with.Secrets
	if !with.InstanceID {
		c.InstanceID = ""
	}
	o, err := exported(c, f, secrets)
	if err != nil {
		return "", fmt.Errorf("export configuration: %w", err)
	}
	if f == FormatJsSIP3JSON {
		o.add("sockets", sockets3(c))
		if pc := pcConfig3(c, secrets); pc != nil {
			o.add("pcConfig", pc)
		}
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
func exported(c config.Config, f Format, secrets bool) (*jsonObject, error) {
	o := &jsonObject{}
	groups := make(map[string]*jsonObject)
	for _, p := range config.Parameters() {
		v := p.Value(c)
		if v == nil || (f == FormatJsSIP3 || f == FormatJsSIP3JSON) && !in3(p) || f == FormatJsSIP04 && p.Since != "" ||
			f != FormatJSON && p.Added {
			continue
		}
		switch p.Kind {
		case config.KindSecret:
			if !secrets {
				continue
			}
			v = v.(config.Secret).Reveal()
		case config.KindTurnServers:
			v = exportedTurn(c, secrets)
		case config.KindServers:
			servers := make([]any, 0, len(c.WSServers))
			for _, s := range c.WSServers {
				o := &jsonObject{}
				o.add("ws_uri", s.WSURI)
				o.add("weight", s.Weight)
				servers = append(servers, o)
			}
			v = servers
		}
		o.addParameter(groups, p.Name, v)
	}
	return o, nil
}

func exportedTurn(c config.Config, secrets bool) []any {
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
func in3(p config.Parameter) bool {
	switch p.Name {
	case "ws_servers", "hack_ip_in_contact", "hack_via_tcp", "hack_via_ws", "stun_servers", "turn_servers", "trace_sip":
		return false
	}
	return !p.Added && !strings.HasPrefix(p.Name, "log.")
}

// snippet3 completes a snippet for JsSIP 3: sockets are made before the configuration, and ICE servers are
// options of each call.
func snippet3(c config.Config, object string, secrets bool) (string, error) {
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
	if pc := pcConfig3(c, secrets); pc != nil {
		options, err := pc.MarshalJSON()
		if err != nil {
			return "", fmt.Errorf("export configuration: %w", err)
		}
		b.WriteString("// For ua.call(target, options) and session.answer(options):\n")
		fmt.Fprintf(&b, "var options = { pcConfig: %s };\n", options)
	}
	b.WriteString("var ua = new JsSIP.UA(configuration);\n")
	return b.String(), nil
}

// sockets3 lists the servers as JsSIP 3's sockets, which JSON can only name by their addresses.
func sockets3(c config.Config) []any {
	var list []any
	for _, s := range c.WSServers {
		socket := &jsonObject{}
		socket.add("url", s.WSURI)
		if via := viaTransport(c); via != "" {
			socket.add("via_transport", via)
		}
		o := &jsonObject{}
		o.add("socket", socket)
		o.add("weight", s.Weight)
		list = append(list, o)
	}
	return list
}

// pcConfig3 is what the options of each call of JsSIP 3 have of STUN, TURN and the ways of sound; nil for nothing.
func pcConfig3(c config.Config, secrets bool) *jsonObject {
	pc := &jsonObject{}
	if c.StunServers != nil || len(c.TurnServers) > 0 {
		list := exportedTurn(c, secrets)
		if len(c.StunServers) > 0 {
			stun := &jsonObject{}
			stun.add("urls", c.StunServers)
			list = append([]any{stun}, list...)
		}
		pc.add("iceServers", list)
	}
	if c.Calla.ICETransportPolicy != "" {
		pc.add("iceTransportPolicy", c.Calla.ICETransportPolicy)
	}
	if len(pc.names) == 0 {
		return nil
	}
	return pc
}

// viaTransport is what JsSIP 3 sets on a socket for hack_via_tcp and hack_via_ws.
func viaTransport(c config.Config) string {
	switch {
	case c.HackViaTCP:
		return "tcp"
	case c.HackViaWS:
		return "ws"
	}
	return ""
}
