package jssip

import (
	"strings"
	"unicode"

	"calla/netsip/config"
)

// meantBy returns the parameter that a member which is none was probably meant for, and how that is written in the
// names that are nearest; "" where no parameter is near, or the one that is, is there.
func meantBy(id string, values map[string]any) (parameter, as string) {
	if len(id) > 60 || pageName(id) != "" || id == "log" || id == "calla" {
		return "", ""
	}
	if p := otherName(bare(id)); p != "" {
		if _, given := values[p]; !given {
			return p, p
		}
	}
	group, _, nested := strings.Cut(id, ".")
	nearest := 3
	consider := func(written, of string) {
		if in, _, is := strings.Cut(of, "."); is != nested || nested && in != group {
			return
		}
		if _, given := valueOf(values, of); given {
			return
		}
		if d := distance(bare(id), bare(written)); d < nearest && d*3 <= len(bare(written)) {
			parameter, as, nearest = of, written, d
		}
	}
	for _, p := range config.Parameters() {
		consider(p.Name, p.Name)
	}
	for _, later := range []string{
		"sockets", "wsServers", "authorizationUser", "authorizationUsername", "authorizationPassword", "displayName",
		"registerExpires",
		"registrarServer", "stunServers", "turnServers", "userAgentString", "noAnswerTimeout", "instanceId",
	} {
		consider(later, pageName(later))
	}
	return parameter, as
}

// otherName is the parameter that people and other programs call so; "" for none.
func otherName(id string) string {
	switch id {
	case "ws", "wss", "wsuri", "wssuri", "wsurl", "wssurl", "wsaddress", "wsserverurl", "wsserveruri", "websocket",
		"websocketurl", "websocketuri", "websocketserver", "websocketservers", "websocketaddress", "socketurl",
		"socketuri", "socketserver", "server", "serverurl", "serveruri",
		"serveraddress", "wshost", "outboundproxy", "proxy":
		return "ws_servers"
	case "sipuri", "aor", "address", "sipaddress", "user", "username", "sip", "identity", "publicidentity", "impu",
		"extension", "account", "login", "sipuser", "sipusername", "useruri":
		return "uri"
	case "pass", "passwd", "pwd", "secret", "sippassword", "userpassword", "authpassword":
		return "password"
	case "authuser", "authusername", "authid", "authname", "authorizationid", "privateidentity", "impi":
		return "authorization_user"
	case "name", "fullname", "callerid", "callername", "fromname", "fromdisplayname":
		return "display_name"
	case "expires", "expiry", "registrationexpires", "registerinterval", "registerttl":
		return "register_expires"
	case "registrar", "registrarhost", "registraruri", "sipserver":
		return "registrar_server"
	case "stun":
		return "stun_servers"
	case "turn":
		return "turn_servers"
	case "autoregister", "registeronstart":
		return "register"
	case "useragentname", "agent":
		return "user_agent"
	}
	return ""
}

// bare is a name without what people write in one way or another.
func bare(id string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return unicode.ToLower(r)
	}, id)
}

// distance is how many letters have to be put in, left out, changed or swapped to make b of a.
func distance(a, b string) int {
	older, old, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			differs := 1
			if a[i-1] == b[j-1] {
				differs = 0
			}
			now[j] = min(old[j]+1, now[j-1]+1, old[j-1]+differs)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], older[j-2]+1)
			}
		}
		older, old, now = old, now, older
	}
	return old[len(b)]
}
