package config

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// asciiHost writes an internationalised host name in ASCII (RFC 5891). Names with letters beside the ASCII ones
// of the same script are taken where the registry watches over look-alikes; the open domains register all of them, and
// there the user is shown the ASCII form first.
func asciiHost(s string) (string, *refusal) {
	name, rest := s, ""
	if i := strings.IndexAny(s, ":;"); i >= 0 && !strings.HasPrefix(s, "[") {
		name, rest = s[:i], s[i:]
	}
	if !strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		return s, nil
	}
	ascii, err := idna.Lookup.ToASCII(name)
	if err != nil {
		return "", refused("has a host name that is none")
	}
	open := slices.Contains([]string{"com", "net", "org", "info", "biz", "name"},
		ascii[strings.LastIndexByte(ascii, '.')+1:])
	alike := func(r rune) bool {
		return r > unicode.MaxASCII && unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek)
	}
	mixed := strings.ContainsFunc(name, func(r rune) bool { return unicode.In(r, unicode.Cyrillic, unicode.Greek) }) &&
		strings.ContainsFunc(name[:max(strings.LastIndexByte(name, '.'), 0)],
			func(r rune) bool { return unicode.Is(unicode.Latin, r) })
	if mixed || open && strings.ContainsFunc(name, alike) {
		return "", &refusal{"has a host name with letters that are easily taken for others", ascii + rest}
	}
	return ascii + rest, nil
}
