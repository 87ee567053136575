package config

import (
	"encoding/json"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxInteger bounds the integer parameters: 68 years in seconds.
const maxInteger = math.MaxInt32

// isEmpty tells whether v counts as absent: nil, "", an empty list or NaN. 0, false and {} do not.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case Secret:
		return v == ""
	case []any:
		return len(v) == 0
	case float64:
		return math.IsNaN(v)
	}
	return false
}

// numberOf returns v as a float where it is a JSON or Go number.
func numberOf(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	}
	switch rv := reflect.ValueOf(v); {
	case !rv.IsValid():
		return 0, false
	case rv.CanInt():
		return float64(rv.Int()), true
	case rv.CanUint():
		return float64(rv.Uint()), true
	}
	return 0, false
}

// scalarText returns numbers and booleans as JavaScript writes them.
func scalarText(v any) (string, bool) {
	if b, ok := v.(bool); ok {
		return strconv.FormatBool(b), true
	}
	if n, ok := v.(json.Number); ok && !strings.ContainsAny(n.String(), ".eE") {
		return n.String(), true
	}
	f, ok := numberOf(v)
	if !ok || math.IsNaN(f) || math.IsInf(f, 0) {
		return "", false
	}
	return strconv.FormatFloat(f, 'f', -1, 64), true
}

// badText returns why a configured string can never be used, or "".
func badText(s string) string {
	switch {
	case strings.ContainsAny(s, "\r\n"):
		return "has a line break in it"
	case strings.Contains(s, "\x00"):
		return "has a NUL character in it"
	case !utf8.ValidString(s):
		return "is not UTF-8 text"
	}
	return ""
}

func textParameter(name string, g Group, a About, field func(*Config) *string,
	check func(string) (string, string),
) Parameter {
	return Parameter{
		Name: name, Kind: KindText, Group: g, Default: "none", About: a,
		get: func(c *Config) any {
			if s := *field(c); s != "" {
				return s
			}
			return nil
		},
		set: func(c *Config, v any) *Error {
			if isEmpty(v) {
				*field(c) = ""
				return nil
			}
			s, ok := v.(string)
			if !ok {
				return &Error{Value: v, Reason: "must be text"}
			}
			if reason := badText(s); reason != "" {
				return &Error{Value: v, Reason: reason}
			}
			s, reason := check(s)
			if reason != "" {
				return &Error{Value: v, Reason: reason}
			}
			*field(c) = s
			return nil
		},
	}
}

func flagParameter(name string, g Group, a About, field func(*Config) *bool) Parameter {
	return Parameter{
		Name: name, Kind: KindBoolean, Group: g, Default: "false", About: a,
		get: func(c *Config) any {
			if *field(c) {
				return true
			}
			return nil
		},
		set: func(c *Config, v any) *Error {
			b, err := booleanOf(v, false)
			if err == nil {
				*field(c) = b
			}
			return err
		},
	}
}

func switchParameter(name string, g Group, a About, field func(*Config) *Switch) Parameter {
	return Parameter{
		Name: name, Kind: KindBoolean, Group: g, Default: "true", About: a,
		get: func(c *Config) any {
			if !field(c).Enabled() {
				return false
			}
			return nil
		},
		set: func(c *Config, v any) *Error {
			b, err := booleanOf(v, true)
			if err == nil {
				*field(c) = SwitchOf(b)
			}
			return err
		},
	}
}

func booleanOf(v any, def bool) (bool, *Error) {
	if isEmpty(v) {
		return def, nil
	}
	b, ok := v.(bool)
	if !ok {
		return false, &Error{Value: v, Reason: "must be true or false"}
	}
	return b, nil
}

func secondsParameter(name string, g Group, def string, a About, field func(*Config) *int) Parameter {
	return integerParameter(name, KindSeconds, g, def, a, field)
}

func integerParameter(name string, k Kind, g Group, def string, a About, field func(*Config) *int) Parameter {
	return Parameter{
		Name: name, Kind: k, Group: g, Default: def, About: a,
		get: func(c *Config) any {
			if n := *field(c); n != 0 {
				return n
			}
			return nil
		},
		set: func(c *Config, v any) *Error {
			if isEmpty(v) {
				*field(c) = 0
				return nil
			}
			n, reason := positiveInteger(v)
			if reason != "" {
				return &Error{Value: v, Reason: reason}
			}
			*field(c) = n
			return nil
		},
	}
}

// integerText is a decimal integer by value: "2", "+2", "2.0", but not "1e3".
func integerText() *regexp.Regexp { return regexp.MustCompile(`^[ \t]*[+-]?[0-9]+(\.0*)?[ \t]*$`) }

// positiveInteger applies the rule of the page's intervals and time-outs: a number, or the text
// of one, that is an integer by value and above 0.
func positiveInteger(v any) (int, string) {
	const reason = "must be a whole number above 0"
	f, ok := numberOf(v)
	if s, isText := v.(string); isText && integerText().MatchString(s) {
		var err error
		f, err = strconv.ParseFloat(strings.TrimSpace(s), 64)
		ok = err == nil
	}
	switch {
	case !ok || math.IsInf(f, 0) || f != math.Trunc(f) || f <= 0:
		return 0, reason
	case f > maxInteger:
		return 0, "must be at most " + strconv.Itoa(maxInteger)
	}
	return int(f), ""
}

func secretParameter(name string, g Group, a About, field func(*Config) *Secret) Parameter {
	return Parameter{
		Name: name, Kind: KindSecret, Group: g, Default: "none", About: a, secret: field,
		get: func(c *Config) any {
			if s := *field(c); s != "" {
				return s
			}
			return nil
		},
		set: func(c *Config, v any) *Error {
			s, reason := secretText(v)
			if reason != "" {
				return &Error{Value: "hidden", Reason: reason}
			}
			*field(c) = s
			return nil
		},
	}
}

// secretText reads a password from text, number or boolean; empty values are the empty Secret.
func secretText(v any) (Secret, string) {
	if isEmpty(v) {
		return "", ""
	}
	s, ok := v.(string)
	if secret, is := v.(Secret); is {
		s, ok = secret.Reveal(), true
	}
	if !ok {
		if s, ok = scalarText(v); !ok {
			return "", "must be text"
		}
	}
	if reason := badText(s); reason != "" {
		return "", reason
	}
	return Secret(s), ""
}

// linesParameter is a list of at most so many lines, each as check has it.
func linesParameter(name string, g Group, most int, a About, field func(*Config) *[]string,
	check func(string) (string, string),
) Parameter {
	return Parameter{
		Name: name, Kind: KindLines, Group: g, Default: "none", About: a,
		get: func(c *Config) any {
			if len(*field(c)) == 0 {
				return nil
			}
			list := make([]any, len(*field(c)))
			for i, line := range *field(c) {
				list[i] = line
			}
			return list
		},
		set: func(c *Config, v any) *Error {
			lines, reason := linesOf(v)
			if len(lines) > most {
				reason = "has more than " + strconv.Itoa(most) + " lines"
			}
			if reason != "" {
				return &Error{Value: v, Reason: reason}
			}
			var all []string
			for _, line := range lines {
				reason := badText(line)
				if reason == "" {
					line, reason = check(line)
				}
				if reason != "" {
					return &Error{Value: line, Reason: reason}
				}
				all = append(all, line)
			}
			*field(c) = all
			return nil
		},
	}
}

// linesOf reads a list of lines, without those that are blank.
func linesOf(v any) (lines []string, reason string) {
	if isEmpty(v) {
		return nil, ""
	}
	list, ok := v.([]any)
	if s, isText := v.(string); isText {
		ok = true
		for line := range strings.Lines(s) {
			list = append(list, line)
		}
	}
	if !ok {
		return nil, "must be a list of lines"
	}
	for _, entry := range list {
		line, isText := entry.(string)
		if !isText {
			return nil, "has an entry that is not text"
		}
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, ""
}

func getLevel(c *Config) any {
	if c.Log.Level == "" {
		return nil
	}
	return string(c.Log.Level)
}

// setLevel takes the four words in lower case, and the numbers 0 to 3; above 3 counts as 3.
func setLevel(c *Config, v any) *Error {
	if isEmpty(v) {
		c.Log.Level = ""
		return nil
	}
	levels := []LogLevel{LogError, LogWarn, LogNormal, LogDebug}
	if s, ok := v.(string); ok {
		for _, l := range levels {
			if s == string(l) {
				c.Log.Level = l
				return nil
			}
		}
		if integerText().MatchString(s) {
			v = json.Number(strings.TrimSuffix(strings.TrimSpace(s), "."))
		}
	}
	f, ok := numberOf(v)
	if !ok || f < 0 || f != math.Trunc(f) {
		return &Error{Value: v, Reason: "must be error, warn, log or debug, or a number from 0 to 3"}
	}
	c.Log.Level = levels[int(min(f, 3))]
	return nil
}

// setConnector refuses: a function cannot be told as text. The program sets LogConfig.Connector itself.
func setConnector(_ *Config, v any) *Error {
	if isEmpty(v) {
		return nil
	}
	return &Error{Reason: "is a function of a page's program and cannot be taken over"}
}

// checkDisplayName takes any text that is not wrapped in quotes: what needs escaping is escaped when
// written.
func checkDisplayName(s string) (string, string) {
	if len(s) >= 2 && strings.HasPrefix(s, `"`) && strings.HasSuffix(s, `"`) {
		return "", "must not be enclosed in quotes: write the name alone"
	}
	return s, badControl(s)
}

// checkAuthorizationUser wants the content of a quoted-string (RFC 3261 section 25.1).
func checkAuthorizationUser(s string) (string, string) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return "", `has a quote in it: write \" for one`
		case s[i] == '\\' && (i+1 == len(s) || s[i+1] >= utf8.RuneSelf):
			return "", `has a lone backslash in it: write \\ for one`
		case s[i] == '\\':
			i++
		}
	}
	return s, badControl(s)
}

// badControl refuses the control characters that quoted text cannot hold.
func badControl(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return "has a control character in it"
	}
	return ""
}

// checkInstanceID wants a UUID, with or without "uuid:" before it.
func checkInstanceID(s string) (string, string) {
	if len(s) > 5 && strings.EqualFold(s[:5], "uuid:") {
		s = s[5:]
	}
	const form = "00000000-0000-0000-0000-000000000000"
	if len(s) != len(form) {
		return "", "must be a UUID such as 8f1fa16a-1165-4a96-8341-785b1ef24f12"
	}
	for i := range len(s) {
		isHex := strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0
		if (form[i] == '-') != (s[i] == '-') || form[i] != '-' && !isHex {
			return "", "must be a UUID such as 8f1fa16a-1165-4a96-8341-785b1ef24f12"
		}
	}
	return s, ""
}
