package jssip

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// What the parts of a program amount to, beside nil, bool, float64 and string.
type (
	// record is an object.
	record struct {
		span
		names   []string
		members map[string]slot
		lost    []*unknown // what was spread into it and is not known
		kind    recordKind
		level   int     // of maybe, when it was made
		args    []any   // of new kind(…)
		outer   *record // of methods, actions and computed: the component
		state   *record // of a component: what its data() returns, once it has been asked for
		of      node    // what it was made from
	}
	// list is an array.
	list struct {
		span
		items []any
	}
	// closure is a function, with what it sees.
	closure struct {
		*function
		scope   *scope
		this    *record
		called  bool
		getter  bool
		deriver *classValue // of a constructor
	}
	// classValue is a class.
	classValue struct {
		*class
		scope *scope
		made  bool
		own   *record // its static members, once they have been asked for
	}
	// library is JsSIP, SIP.js, or a part of one.
	library struct{ part string }
	// unknown is what only the running program knows.
	unknown struct {
		at    int
		cause Cause
		from  string
	}
	// slot is a member's value and where it stands.
	slot struct {
		value any
		at    int
	}
)

// recordKind is what made an object.
type recordKind uint8

const (
	recordPlain  recordKind = iota
	recordSocket            // new JsSIP.WebSocketInterface(url)
	recordAgent             // new JsSIP.UA(configuration)
	recordOther             // new anything
)

// Cause is why a value is not known.
type Cause uint8

// The causes.
const (
	CauseProgram     Cause = iota // it is made while the program runs
	CauseEnvironment              // it is a variable of the environment
	CauseTemplate                 // a template puts it into the page
	CausePage                     // it is the address of the page
	CauseChoice                   // it depends on what is found while the program runs
	CauseBlank                    // it was left to be filled in: <password>
)

const (
	maxString = 64 << 10 // octets of a text that is put together
	maxItems  = 1000     // of a list
)

func newRecord(where span, level int) *record {
	return &record{span: where, members: map[string]slot{}, level: level}
}

func (r *record) set(name string, v any, at int) {
	if _, is := r.members[name]; !is {
		if len(r.names) >= maxItems {
			return
		}
		r.names = append(r.names, name)
	}
	r.members[name] = slot{v, at}
}

func (r *record) remove(name string) {
	delete(r.members, name)
	r.names = slices.DeleteFunc(r.names, func(n string) bool { return n == name })
}

func (r *record) has(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { _, is := r.members[n]; return is })
}

// truth is what a value counts as in a test, where that is known.
func truth(v any) (is, known bool) {
	switch v := v.(type) {
	case nil:
		return false, true
	case bool:
		return v, true
	case float64:
		return v != 0 && !math.IsNaN(v), true
	case string:
		return v != "", true
	case *unknown:
		return false, false
	}
	return true, true
}

// hollow tells whether a value is an empty text, list or object, or nothing: no default to speak of.
func hollow(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case *list:
		return len(v.items) == 0
	case *record:
		return len(v.names) == 0 && v.kind == recordPlain
	}
	return false
}

// textOfValue is a value as JavaScript puts it into a text, or why it is not known.
func textOfValue(v any, at int) (string, *unknown) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return numberText(v), nil
	case *unknown:
		return "", v
	}
	return "", &unknown{at: at}
}

func numberText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 0):
		return strings.TrimPrefix(strings.Replace(strconv.FormatFloat(f, 'g', -1, 64), "Inf", "Infinity", 1), "+")
	case f == math.Trunc(f) && math.Abs(f) < 1e21:
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// arithmetic carries an operator of two numbers out.
func arithmetic(operator string, a, b float64) any {
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "%":
		return math.Mod(a, b)
	case "**":
		return math.Pow(a, b)
	case "<":
		return a < b
	case ">":
		return a > b
	case "<=":
		return a <= b
	case ">=":
		return a >= b
	}
	return nil
}

// numeric is a value as a number, as unary + makes one.
func numeric(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case nil:
		return 0, true
	case string:
		if strings.TrimSpace(v) == "" {
			return 0, true
		}
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err != nil {
			return math.NaN(), true
		}
		return f, true
	}
	return 0, false
}

// same tells whether two values are equal, where that is known.
func same(a, b any) (equal, known bool) {
	_, lostA := a.(*unknown)
	_, lostB := b.(*unknown)
	if lostA || lostB {
		return false, false
	}
	switch a.(type) {
	case nil, bool, float64, string, *record, *list, *closure:
		return a == b, true
	}
	return false, false
}

func typeName(v any, at int) any {
	switch v.(type) {
	case nil:
		return "undefined"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case *closure:
		return "function"
	case *record, *list:
		return "object"
	}
	return &unknown{at: at}
}
