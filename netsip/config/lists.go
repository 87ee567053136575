package config

import (
	"maps"
	"math"
	"regexp"
	"strconv"
	"strings"
)

func getServers(c *Config) any {
	if len(c.WSServers) == 0 {
		return nil
	}
	list := make([]any, len(c.WSServers))
	for i, s := range c.WSServers {
		list[i] = map[string]any{"ws_uri": s.WSURI, "weight": s.Weight}
	}
	return list
}

// setServers takes a URI, or a list of URIs and {ws_uri, weight} objects. A lone object is refused,
// as JsSIP does.
func setServers(c *Config, v any) *Error {
	list, ok := v.([]any)
	if s, isText := v.(string); isText {
		list, ok = []any{s}, true
	}
	if !ok {
		reason := "must be a WebSocket address or a list of them"
		if _, isObject := v.(map[string]any); isObject {
			reason = "must be a list: put the object in square brackets, [{…}]"
		}
		return &Error{Value: v, Reason: reason}
	}
	servers := make([]Server, 0, len(list))
	for _, entry := range list {
		s, reason := serverOf(entry)
		if reason != "" {
			return &Error{Value: shownServer(entry), Reason: reason}
		}
		servers = append(servers, s)
	}
	c.WSServers = servers
	return nil
}

// shownServer is an entry of ws_servers that was refused, without the password that may be why.
func shownServer(entry any) any {
	switch v := entry.(type) {
	case string:
		scheme, rest, ok := strings.Cut(v, "://")
		if at := strings.LastIndex(rest, "@"); ok && at > 0 {
			return scheme + "://hidden" + rest[at:]
		}
	case map[string]any:
		shown := maps.Clone(v)
		if uri, ok := shown["ws_uri"]; ok {
			shown["ws_uri"] = shownServer(uri)
		}
		return shown
	}
	return entry
}

// serverOf reads one entry of ws_servers.
func serverOf(entry any) (Server, string) {
	var weight any
	if o, ok := entry.(map[string]any); ok {
		weight = o["weight"]
		if entry = o["ws_uri"]; entry == nil {
			return Server{}, "has a server without ws_uri"
		}
	}
	s, ok := entry.(string)
	if !ok {
		return Server{}, "has a server that is neither an address nor an object with ws_uri"
	}
	_, uri, reason := parseWebSocketURI(s)
	if reason != "" {
		return Server{}, reason
	}
	w, reason := weightOf(weight)
	return Server{WSURI: uri, Weight: w}, reason
}

// decimalText is a decimal number.
func decimalText() *regexp.Regexp {
	return regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)
}

// weightOf reads a weight: a finite number or the text of one; absent is 0.
func weightOf(v any) (float64, string) {
	if isEmpty(v) {
		return 0, ""
	}
	f, ok := numberOf(v)
	if s, isText := v.(string); isText && decimalText().MatchString(strings.TrimSpace(s)) {
		var err error
		f, err = strconv.ParseFloat(strings.TrimSpace(s), 64)
		ok = err == nil
	}
	if !ok || math.IsInf(f, 0) {
		return 0, "has a weight that is not a number"
	}
	if f == 0 {
		f = 0 // no negative zero
	}
	return f, ""
}

func getStunServers(c *Config) any {
	if c.StunServers == nil {
		return nil
	}
	list := make([]any, len(c.StunServers))
	for i, s := range c.StunServers {
		list[i] = s
	}
	return list
}

// setStunServers takes a URL or a list of them; [] means none and is not the default.
func setStunServers(c *Config, v any) *Error {
	list, ok := v.([]any)
	if s, isText := v.(string); isText && s != "" {
		list, ok = []any{s}, true
	}
	if !ok {
		if isEmpty(v) {
			c.StunServers = nil
			return nil
		}
		return &Error{Value: v, Reason: "must be a stun: address or a list of them"}
	}
	servers := make([]string, 0, len(list))
	for _, entry := range list {
		s, ok := entry.(string)
		if !ok {
			return &Error{Value: entry, Reason: "has an entry that is not text"}
		}
		s, reason := checkStunURI(s)
		if reason != "" {
			return &Error{Value: shownServer(entry), Reason: reason}
		}
		servers = append(servers, s)
	}
	c.StunServers = servers
	return nil
}

func getTurnServers(c *Config) any {
	if len(c.TurnServers) == 0 {
		return nil
	}
	list := make([]any, len(c.TurnServers))
	for i, s := range c.TurnServers {
		urls := make([]any, len(s.URLs))
		for j, u := range s.URLs {
			urls[j] = u
		}
		list[i] = map[string]any{"urls": urls, "username": s.Username, "credential": s.Credential}
	}
	return list
}

// setTurnServers takes {urls, username, credential} or a list of such.
func setTurnServers(c *Config, v any) *Error {
	servers, err := readTurnServers(v, true)
	if err == nil {
		c.TurnServers = servers
	}
	return err
}

// readTurnServers reads turn_servers. In the stored form, which has no secrets, credentials may be absent.
func readTurnServers(v any, wantCredential bool) ([]TurnServer, *Error) {
	if isEmpty(v) {
		return nil, nil
	}
	list, ok := v.([]any)
	if o, isObject := v.(map[string]any); isObject {
		list, ok = []any{o}, true
	}
	if !ok {
		return nil, &Error{Value: v, Reason: "must be an object with urls, username and credential, or a list of such"}
	}
	servers := make([]TurnServer, 0, len(list))
	for _, entry := range list {
		o, ok := entry.(map[string]any)
		if !ok {
			return nil, &Error{Reason: "has an entry that is not an object with urls, username and credential"}
		}
		s, reason := readTurnServer(o, wantCredential)
		if reason != "" {
			return nil, &Error{Value: withoutCredential(o), Reason: reason}
		}
		servers = append(servers, s)
	}
	return servers, nil
}

// readTurnServer reads one TURN server; server and password are older names of urls and credential.
func readTurnServer(o map[string]any, wantCredential bool) (TurnServer, string) {
	var s TurnServer
	urls := firstGiven(o, "urls", "server")
	list, ok := urls.([]any)
	if u, isText := urls.(string); isText {
		list, ok = []any{u}, true
	}
	if isEmpty(urls) {
		return s, "has a server without urls"
	}
	if !ok {
		return s, "has urls that are neither text nor a list"
	}
	for _, entry := range list {
		u, ok := entry.(string)
		if !ok {
			return s, "has an entry in urls that is not text"
		}
		u, reason := checkTurnURI(u)
		if reason != "" {
			return s, reason
		}
		s.URLs = append(s.URLs, u)
	}
	username := o["username"]
	if t, ok := scalarText(username); ok {
		username = t
	}
	if s.Username, ok = username.(string); !ok || s.Username == "" {
		return s, "has a server without username"
	}
	if reason := badText(s.Username); reason != "" {
		return s, "has a username that " + reason
	}
	credential, reason := secretText(firstGiven(o, "credential", "password"))
	if reason != "" {
		return s, "has a credential that " + reason
	}
	if credential == "" && wantCredential {
		return s, "has a server without credential"
	}
	s.Credential = credential
	return s, ""
}

func firstGiven(o map[string]any, names ...string) any {
	for _, name := range names {
		if !isEmpty(o[name]) {
			return o[name]
		}
	}
	return nil
}

// withoutCredential copies a TURN entry for an error, its secrets replaced.
func withoutCredential(o map[string]any) map[string]any {
	shown := make(map[string]any, len(o))
	for name, v := range o {
		switch name {
		case "urls", "server", "username", "url":
			shown[name] = v
		default:
			shown[name] = "hidden"
		}
	}
	return shown
}
