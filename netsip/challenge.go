package netsip

import (
	"slices"
	"strings"
	"unicode/utf8"

	"calla/netsip/sip"
)

// What of a challenge stands in the requests after it, in octets. All that servers send is far below.
const (
	maxRealm  = 128
	maxNonce  = 512
	maxOpaque = 256
)

// realmKey tells protection spaces apart: servers challenge with WWW-Authenticate, proxies with
// Proxy-Authenticate, and a realm of one is not that of the other.
type realmKey struct {
	proxy bool
	realm string
}

// grade is how strong a digest is, in its algorithm and in what beside the server's words goes into it.
type grade struct {
	algorithm int // 1 MD5, 2 SHA-256, 3 SHA-512-256; 0 = none we can answer
	qop       int // 0 none (RFC 2069: the server alone chooses what is hashed with the password), 1 auth, 2 auth-int
}

func gradeOf(algorithm, qop string) grade {
	_, _, strength := digestAlgorithm(algorithm)
	return grade{strength, slices.Index([]string{"", "auth", "auth-int"}, qop)}
}

// weaker tells whether g falls behind other in the algorithm or in the qop.
func (g grade) weaker(other grade) bool { return g.algorithm < other.algorithm || g.qop < other.qop }

// atLeast is the stronger of the two in each.
func (g grade) atLeast(other grade) grade {
	return grade{max(g.algorithm, other.algorithm), max(g.qop, other.qop)}
}

// challenge is the best of the challenges of one realm in one response.
type challenge struct {
	key       realmKey
	nonce     string
	opaque    string
	algorithm string
	qop       string
	stale     bool
	long      bool // more than is put into a request
	grade     grade
}

// better tells whether a challenge is to be answered rather than another of its realm: the one that is not weaker than
// least, then the stronger one.
func (ch challenge) better(other challenge, least grade) bool {
	if fits, fit := !ch.grade.weaker(least), !other.grade.weaker(least); fits != fit {
		return fits
	}
	if ch.grade.algorithm != other.grade.algorithm {
		return ch.grade.algorithm > other.grade.algorithm
	}
	return ch.grade.qop > 0 && other.grade.qop == 0
}

// challengesOf returns one challenge for each realm of a response, the best that can be answered, as able tells;
// the topmost among equals (RFC 8760 section 2.3).
func challengesOf(resp *sip.Message, able func(realm, algorithm string) int, least grade) []challenge {
	var list []challenge
	for _, h := range resp.Headers {
		proxy := strings.EqualFold(h.Name, "Proxy-Authenticate")
		if !proxy && !strings.EqualFold(h.Name, "WWW-Authenticate") {
			continue
		}
		parsed, err := sip.ParseChallenges(h.Value)
		if err != nil {
			continue
		}
		for _, p := range parsed {
			ch, ok := readChallenge(p, proxy, able)
			if !ok {
				continue
			}
			at := slices.IndexFunc(list, func(other challenge) bool { return other.key == ch.key })
			switch {
			case at < 0:
				list = append(list, ch)
			case ch.better(list[at], least):
				list[at] = ch
			}
		}
	}
	return list
}

// readChallenge reads a Digest challenge; other schemes, those without realm or nonce, and those that say two things in
// one are passed over. Basic is never answered.
func readChallenge(p sip.Challenge, proxy bool, able func(realm, algorithm string) int) (challenge, bool) {
	if !strings.EqualFold(p.Scheme, "Digest") {
		return challenge{}, false
	}
	for _, name := range []string{"realm", "nonce", "opaque", "algorithm", "qop"} {
		if ambiguous(p.Params, name) {
			return challenge{}, false
		}
	}
	ch := challenge{
		key:       realmKey{proxy, rawParam(p.Params, "realm")},
		nonce:     rawParam(p.Params, "nonce"),
		opaque:    rawParam(p.Params, "opaque"),
		algorithm: rawParam(p.Params, "algorithm"),
		stale:     strings.EqualFold(rawParam(p.Params, "stale"), "true"),
	}
	if _, ok := p.Params.Get("realm"); !ok || ch.nonce == "" {
		return challenge{}, false
	}
	if !quotable(ch.key.realm) || !quotable(ch.nonce) || !quotable(ch.opaque) {
		return challenge{}, false
	}
	ch.long = len(ch.key.realm) > maxRealm || len(ch.nonce) > maxNonce || len(ch.opaque) > maxOpaque
	offered := rawParam(p.Params, "qop")
	if offered != "" {
		ch.qop = chooseQop(offered)
	}
	ch.grade = gradeOf(ch.algorithm, ch.qop)
	ch.grade.algorithm = able(ch.key.realm, ch.algorithm)
	if ch.long || offered != "" && ch.qop == "" {
		ch.grade.algorithm = 0
	}
	return ch, true
}

// chooseQop prefers auth: auth-int breaks where a gateway touches the body.
func chooseQop(offered string) string {
	var integrity string
	for qop := range strings.SplitSeq(offered, ",") {
		switch strings.ToLower(strings.TrimSpace(qop)) {
		case "auth":
			return "auth"
		case "auth-int":
			integrity = "auth-int"
		}
	}
	return integrity
}

// ambiguous tells whether a parameter is there more often than once, with different values.
func ambiguous(params sip.Params, name string) bool {
	var first *sip.Param
	for i := range params {
		switch {
		case !strings.EqualFold(params[i].Name, name):
		case first == nil:
			first = &params[i]
		case first.Value != params[i].Value:
			return true
		}
	}
	return false
}

// rawParam returns a parameter without its quotes and with its escapes: what the digest is
// computed over and what is sent back.
func rawParam(params sip.Params, name string) string {
	for _, p := range params {
		if strings.EqualFold(p.Name, name) {
			v := p.Value
			if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
				v = v[1 : len(v)-1]
			}
			return v
		}
	}
	return ""
}

// quotable tells whether what a server said can be said back between quotes, in a text frame: UTF-8 without control
// characters, and no quote that would end it.
func quotable(raw string) bool {
	escaped := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c < ' ' && c != '\t', c == 0x7f:
			return false
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			return false
		}
	}
	return !escaped && utf8.ValidString(raw)
}
