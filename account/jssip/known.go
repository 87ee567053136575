package jssip

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// methodOf is a method of a text, a list or an agent.
func (f *folder) methodOf(of any, id string, args []any, n call, s *scope) (any, bool) {
	switch of := of.(type) {
	case string:
		return textMethod(of, id, args)
	case *list:
		return f.listMethod(of, id, args, n)
	case *record:
		if of.kind == recordAgent && id == "set" && len(args) == 2 && len(of.args) > 0 {
			key, is := args[0].(string)
			if r, isRecord := of.args[0].(*record); is && isRecord {
				r.set(key, f.either(r.members[key].value, args[1], n.start, r.level), n.start)
			}
			return nil, true
		}
		if id == "get" && len(args) > 0 {
			if key, is := args[0].(string); is && of.has(key) {
				return of.members[key].value, true
			}
		}
	case float64:
		if id == "toString" && len(args) == 0 {
			return numberText(of), true
		}
	}
	return nil, false
}

func textMethod(of, id string, args []any) (any, bool) {
	arg := func(i int) (string, bool) {
		if i >= len(args) {
			return "", false
		}
		text, is := args[i].(string)
		return text, is
	}
	first, isText := arg(0)
	second, areTexts := arg(1)
	switch id {
	case "toLowerCase", "lower":
		return strings.ToLower(of), true
	case "toUpperCase", "upper":
		return strings.ToUpper(of), true
	case "trim", "strip":
		return strings.TrimSpace(of), true
	case "toString", "valueOf", "trimEnd", "trimStart":
		return of, true
	case "concat":
		for i := range args {
			text, is := arg(i)
			if !is || len(of)+len(text) > maxString {
				return nil, false
			}
			of += text
		}
		return of, true
	case "replace":
		return strings.Replace(of, first, second, 1), isText && areTexts && len(of)+len(second) < maxString
	case "replaceAll":
		return strings.ReplaceAll(of, first, second),
			isText && areTexts && first != "" && len(of)*(len(second)+1) < maxString
	case "split":
		l := &list{}
		for _, part := range strings.SplitN(of, first, 50) {
			l.items = append(l.items, part)
		}
		return l, isText && first != ""
	case "startsWith":
		return strings.HasPrefix(of, first), isText
	case "endsWith":
		return strings.HasSuffix(of, first), isText
	case "includes":
		return strings.Contains(of, first), isText
	}
	return nil, false
}

func (f *folder) listMethod(of *list, id string, args []any, n call) (any, bool) {
	if f.spent(len(of.items)) {
		return nil, false
	}
	each, _ := append(args, nil)[0].(*closure)
	switch id {
	case "push", "append", "unshift":
		if len(of.items)+len(args) <= maxItems {
			if id == "unshift" {
				of.items = append(slices.Clone(args), of.items...)
			} else {
				of.items = append(of.items, args...)
			}
		}
		return float64(len(of.items)), true
	case "concat":
		all := slices.Clone(of.items)
		for _, a := range args {
			if l, is := a.(*list); is {
				all = append(all, l.items...)
			} else {
				all = append(all, a)
			}
		}
		return &list{of.span, all[:min(len(all), maxItems)]}, true
	case "filter", "slice", "sort", "flat":
		if len(args) > 0 && id == "slice" {
			return nil, false
		}
		return of, true
	case "map", "forEach":
		if each == nil {
			return nil, false
		}
		l := &list{span: of.span}
		for i, item := range of.items {
			l.items = append(l.items, f.enter(each, []any{item, float64(i)}, true))
		}
		return l, true
	case "join":
		by, is := append(args, ",")[0].(string)
		parts, size := make([]string, len(of.items)), 0
		for i, item := range of.items {
			text, lost := textOfValue(item, n.start)
			if size += len(text) + len(by); lost != nil || size > maxString {
				return nil, false
			}
			parts[i] = text
		}
		return strings.Join(parts, by), is
	}
	return nil, false
}

// knownFunction is a function of the language or of a framework that is about its argument alone.
func (f *folder) knownFunction(path, id string, args []any, n call) (any, bool) {
	var first any
	if len(args) > 0 {
		first = args[0]
	}
	text, isText := first.(string)
	switch id {
	case "assign", "extend", "merge", "defaultsDeep", "defaults", "mergeDeep", "dict", "array_merge":
		return f.mergedRecords(id, args, n), true
	case "freeze", "seal", "useState", "useRef", "ref", "reactive", "readonly", "shallowRef", "shallowReactive",
		"signal",
		"markRaw", "toRaw", "structuredClone", "cloneDeep", "clone", "observable", "createContext", "defineConfig",
		"resolve", "json_encode", "json", "stringify", "writable", "atom", "from", "of", "preventExtensions", "array":
		_, isRecord := first.(*record)
		_, isList := first.(*list)
		return first, isRecord || isList ||
			isText && (id == "useState" || id == "ref" || id == "useRef" || id == "signal" ||
				id == "resolve" && path == "Promise.resolve")
	case "values", "keys":
		if r, is := first.(*record); is && strings.HasPrefix(path, "Object.") && !f.spent(len(r.names)) {
			l := &list{span: n.span}
			for _, name := range r.names {
				if id == "keys" {
					l.items = append(l.items, name)
				} else {
					l.items = append(l.items, r.members[name].value)
				}
			}
			return l, true
		}
	case "useReducer", "withDefaults":
		if len(args) > 1 {
			return args[1], true
		}
	case "useMemo", "computed", "useCallback", "memo", "once":
		if c, is := first.(*closure); is {
			if id == "useCallback" || id == "once" || id == "memo" {
				return c, true
			}
			return f.enter(c, nil, true), true
		}
	case "require", "import":
		switch {
		case isText && strings.HasSuffix(text, "websocket"):
			return &library{"WebSocketInterface"}, true
		case isText && strings.Contains(text, "sip") && !strings.HasPrefix(text, "."):
			return &library{}, true
		}
		return &unknown{at: n.start, from: shortened(text)}, isText
	case "getenv", "env", "get", "config", "requireEnv":
		return f.environment(path, id, args, n)
	case "getDbItem", "getItem", "getSetting", "getOption", "getConfig", "getValue", "getParam", "load", "setting",
		"option":
		if len(args) == 2 && isText && !hollow(args[1]) && !isLost(args[1]) { // what is kept, or else a default
			return args[1], true
		}
	case "atob":
		if plain, err := base64.StdEncoding.DecodeString(text); isText && err == nil && utf8.Valid(plain) {
			return string(plain), true
		}
	case "String", "Number", "parseInt", "parseFloat", "Boolean", "encodeURIComponent", "str", "int":
		return converted(id, first)
	case "parse", "loads":
		if isText && strings.HasPrefix(strings.TrimSpace(text), "{") && f.calls < maxCalls {
			return f.parsedText(text, n.span)
		}
	}
	return nil, false
}

// environment is a function that reads a variable of the environment, and its default.
func (f *folder) environment(path, id string, args []any, n call) (any, bool) {
	if len(args) == 0 {
		return nil, false
	}
	variable, isText := args[0].(string)
	of := strings.TrimSuffix(path, "()")
	of = strings.TrimSuffix(of, "(…)")
	places := []string{"Deno.env.get", "os.environ.get", "os.getenv", "getenv", "env", "requireEnv", "ENV.get"}
	isPlace := slices.Contains(places, of)
	if !isText || !isPlace {
		return nil, false
	}
	if len(args) > 1 && !hollow(args[1]) {
		return args[1], true
	}
	return &unknown{n.start, CauseEnvironment, variable}, true
}

func (f *folder) mergedRecords(id string, args []any, n call) any {
	if len(args) > 0 {
		if _, is := args[0].(bool); is { // jQuery's deep
			args = args[1:]
		}
	}
	var into *record
	if len(args) > 0 && id != "dict" && id != "array_merge" && id != "defaults" {
		into, _ = args[0].(*record)
	}
	if into == nil {
		into = newRecord(n.span, f.maybe)
		f.records = append(f.records, into)
	} else {
		args = args[1:]
	}
	if id == "defaults" {
		args = slices.Clone(args)
		slices.Reverse(args)
	}
	for _, a := range args {
		f.spreadInto(into, a, n)
	}
	return into
}

// converted is what a function of the language makes of a plain value.
func converted(id string, v any) (any, bool) {
	switch v.(type) {
	case string, float64, bool:
	default:
		return nil, false
	}
	text, _ := textOfValue(v, 0)
	switch id {
	case "String", "str":
		return text, true
	case "encodeURIComponent":
		return strings.ReplaceAll(url.QueryEscape(text), "+", "%20"), true
	case "Boolean":
		is, known := truth(v)
		return is, known
	}
	number, is := numeric(v)
	return number, is
}

// parsedText is JSON.parse of a known text.
func (f *folder) parsedText(text string, where span) (any, bool) {
	var v any
	if f.spent(len(text)/8) || json.Unmarshal([]byte(text), &v) != nil {
		return nil, false
	}
	made := f.made(v, where, 0)
	return made, made != nil
}

// made is a value of JSON as one of a program.
func (f *folder) made(v any, where span, depth int) any {
	if depth > shownNesting || f.spent(1) {
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		r := newRecord(where, f.maybe)
		for name, m := range v {
			r.set(name, f.made(m, where, depth+1), where.start)
		}
		slices.Sort(r.names)
		f.records = append(f.records, r)
		return r
	case []any:
		l := &list{span: where}
		for _, item := range v[:min(len(v), maxItems)] {
			l.items = append(l.items, f.made(item, where, depth+1))
		}
		return l
	}
	return v
}
