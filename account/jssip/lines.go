package jssip

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxLines is how long a file of names and values may be.
const maxLines = 1000

// lines reads a text that is no program as lines of name: value or NAME=value, as YAML, .env and .ini files have them:
// lists are - value below their name. It returns nil where that makes no configuration.
func (s *source) lines() []*record {
	pair := regexp.MustCompile(`^\s*(?:export\s+|set\s+|-\s+)?` +
		`["']?([A-Za-z][\w.-]*(?: [A-Za-z][\w.-]*){0,2})["']?\s*[:=]\s*(.*?)\s*,?\s*$`)
	entry := regexp.MustCompile(`^\s*-\s+(.*?)\s*$`)
	variable := regexp.MustCompile(`^\s*- [A-Z][A-Z0-9_]*=`)
	r := newRecord(span{0, len(s.text)}, 0)
	all := []*record{r}
	at, name := 0, ""
	if strings.Count(s.text, "\n") > maxLines {
		return nil
	}
	for line := range strings.Lines(s.text) {
		start := at
		at += len(line)
		line = plainLine(strings.TrimRight(line, "\r\n"))
		if trimmed := strings.TrimSpace(line); trimmed == "" || strings.HasPrefix(trimmed, "#") ||
			strings.HasPrefix(trimmed, ";") {
			continue
		}
		if len(line) > maxTag {
			return nil
		}
		isVariable := variable.MatchString(line)
		if m := entry.FindStringSubmatch(line); m != nil && !isVariable && (name != "" && !pair.MatchString(line) ||
			strings.Contains(m[1], "://")) {
			value := m[1]
			if _, after, is := strings.Cut(value, "ws_uri:"); is {
				value = strings.TrimSpace(after)
			}
			l, is := r.members[name].value.(*list)
			if !is {
				l = &list{}
			}
			v, is := lineValue(value)
			if !is {
				return nil
			}
			l.items = append(l.items, v)
			r.set(name, l, start)
			continue
		}
		m := pair.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name = lineName(m[1])
		if (name == "uri" || name == "ws_servers") && r.has(name) && len(all) < maxAgents { // another one
			r = newRecord(span{start, len(s.text)}, 0)
			all = append(all, r)
		}
		if name != "" && !r.has(name) {
			v, is := lineValue(m[2])
			if !is {
				return nil
			}
			r.set(name, v, start)
		}
	}
	all = slices.DeleteFunc(all, func(r *record) bool { return likeness(r) < 2 })
	if len(all) == 0 {
		return nil
	}
	return distinct(all)
}

// lineName is the parameter that the name of a line stands for: SIP_PASSWORD is password.
func lineName(id string) string {
	id = strings.ToLower(strings.NewReplacer("-", "_", ".", "_", " ", "_").Replace(id))
	for _, prefix := range []string{"react_app_", "next_public_", "vite_", "vue_app_", "jssip_", "sip_", "calla_"} {
		if rest := strings.TrimPrefix(id, prefix); rest != "" {
			id = rest
		}
	}
	switch id {
	case "ws_uri", "ws_url", "ws_server", "websocket", "websocket_url", "wss_url", "ws", "wss", "socket", "wss_server",
		"websocket_server", "websocket_servers", "socket_url", "wss_uri", "websocket_uri", "server_url",
		"websocket_address", "wss_address":
		return "ws_servers"
	case "sip_uri", "address", "aor", "sip_address":
		return "uri"
	case "pass", "secret":
		return "password"
	}
	return id
}

// lineValue is what stands behind a line's name: a comment, quotes and types are told apart. An expression is no value.
func lineValue(text string) (v any, is bool) {
	if len(text) > 1 && (text[0] == '"' || text[0] == '\'') {
		if end := strings.IndexByte(text[1:], text[0]); end >= 0 {
			rest := strings.TrimLeft(text[2+end:], " \t,")
			return text[1 : 1+end], rest == "" || rest[0] == '#' || strings.HasPrefix(rest, "//")
		}
	}
	if strings.ContainsAny(text, "'\"`") && !strings.HasPrefix(text, "[") {
		return nil, false
	}
	if i := strings.Index(text, " #"); i >= 0 {
		text = strings.TrimSpace(text[:i])
	}
	switch strings.ToLower(text) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off":
		return false, true
	case "", "null", "~":
		return nil, true
	}
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		l := &list{}
		for part := range strings.SplitSeq(text[1:len(text)-1], ",") {
			if part = strings.TrimSpace(part); part != "" {
				v, is := lineValue(part)
				if !is {
					return nil, false
				}
				l.items = append(l.items, v)
			}
		}
		return l, true
	}
	isNumber := len(text) < 7 && strings.Trim(text, "0123456789.") == "" && text[0] != '0'
	if number, err := strconv.ParseFloat(text, 64); err == nil && isNumber {
		return number, true
	}
	return text, true
}

// plainLine is a line without what Markdown puts around it: | name | value |, `name`, **name**.
func plainLine(line string) string {
	if strings.Count(line, "|") == 3 && strings.HasPrefix(strings.TrimSpace(line), "|") {
		cells := strings.Split(line, "|")
		line = strings.TrimSpace(cells[1]) + ": " + strings.TrimSpace(cells[2])
	}
	if strings.Contains(line, "`") && strings.Count(line, "`")%2 == 0 && !strings.Contains(line, "${") ||
		strings.Contains(line, "**") {
		line = strings.NewReplacer("`", "", "**", "").Replace(line)
	}
	return line
}
