package config

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// dialledAs is the user that a text is dialled as with rules, or why not.
func dialledAs(t *testing.T, text string, rules ...string) (user, rule string) {
	t.Helper()
	d, err := ParseDialled(text, "example.com")
	if err == nil {
		d, err = d.ByRules(rules)
	}
	var wrong *TargetError
	if errors.As(err, &wrong) {
		return "refused: " + wrong.Reason, ""
	} else if err != nil {
		t.Fatal(err)
	}
	if d.URI.Host != "example.com" {
		return d.URI.String(), d.Rule
	}
	return d.URI.UserDecoded(), d.Rule
}

// TestDialRules: a rule is followed where it is about the number, and nowhere else.
//
// Holds: dialled-text
func TestDialRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		rules []string
		text  string
		want  string
	}{
		{"+ to 00", []string{"+ -> 00"}, "+49 30 123456", "004930123456"},
		{"+ to 00, of a link", []string{"+ -> 00"}, "tel:+49-30-123456", "004930123456"},
		{"+ to 00, of another number", []string{"+ -> 00"}, "030123456", "030123456"},
		{"strip", []string{"9 ->"}, "9030123456", "030123456"},
		{"strip what is not there", []string{"9 ->"}, "030123456", "030123456"},
		{"prefix", []string{"-> 0"}, "123456", "0123456"},
		{"prefix a number with +", []string{"-> 0"}, "+49301", "0+49301"},
		{"prefix no service code", []string{"-> 0"}, "*43#", "*43#"},
		{"a service code that is meant", []string{"*4 -> *004"}, "*43", "*43"},
		{"a longer service code that is meant", []string{"*21 -> *22"}, "*21*0301#", "*22*0301#"},
		{"national to international", []string{"00 -> +", "0 -> +49"}, "030 123456", "+4930123456"},
		{"the first counts, once", []string{"0 -> 1", "1 -> 2", "0 -> 3"}, "0123", "1123"},
		{"extensions by a pattern", []string{`/([1-4]\d\d)/ -> 030555$1`}, "234", "030555234"},
		{"a pattern is about the whole number", []string{`/\d{4}/ -> 7`}, "12345", "12345"},
		{"alternatives are about the whole number", []string{`/1|23/ -> 4`}, "2345", "2345"},
		{"two groups", []string{`/(\d\d)(\d+)/ -> ${2}9$1`}, "123456", "3456912"},
		{"a group before a digit", []string{`/(\d{5})/ -> $10`}, "12345", "123450"},
		{"a pattern that begins with +", []string{`/+49(\d+)/ -> 0$1`}, "+4930123456", "030123456"},
		{"an optional group", []string{`/(\+49|0049)?30(\d+)/ -> $2`}, "30123456", "123456"},
		{"other arrows", []string{"+ → 00"}, "+4930", "004930"},
		{"in another script", []string{"٠٠ -> +"}, "0049301", "+49301"},
		{"digits for after the answer stay", []string{"+ -> 00"}, "+49301234,,12", "0049301234"},
		{"an address stays", []string{"+ -> 00"}, "sip:+4930123@example.org", "sip:+4930123@example.org"},
		{"an address of the account's domain stays", []string{"1 -> 2"}, "12345@example.com", "12345"},
		{"a user stays", []string{"-> 0", `/.*/ -> 5`}, "bob", "bob"},
		{"help is called", []string{"-> 0", "1 -> 0049"}, "112", "112"},
		{"help is called, whatever the pattern", []string{`/(\d+)/ -> 0$1`, `/1.2/ -> 5`}, "112", "112"},
		{"help is called elsewhere", []string{`/\d\d\d/ -> 030`}, "911", "911"},
		{"help, where the rule spells it out", []string{"112 -> 0112"}, "112", "0112"},
		{"help, where the pattern spells it out", []string{"/112/ -> 0112"}, "112", "0112"},
		{"short numbers stay for a beginning", []string{"-> 0", "1 -> 2"}, "10", "10"},
		{"a short number that is spelled out", []string{"10 -> 0301234"}, "10", "0301234"},
		{
			"nothing is left",
			[]string{"/12345/ ->"},
			"12345",
			"refused: is left without a digit by the dial rule /12345/ ->",
		},
		{
			"too much",
			[]string{`/(\d+)/ -> $1$1$1$1`},
			"12345678901234567890",
			`refused: gets too long by the dial rule /(\d+)/ -> $1$1$1$1`,
		},
		{"no rules", nil, "+4930", "+4930"},
		{"a rule that cannot be read is passed over", []string{"nonsense", "+ -> 00"}, "+4930", "004930"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, rule := dialledAs(t, c.text, c.rules...)
			plain, _ := dialledAs(t, c.text)
			if got != c.want || (rule != "") != (got != plain) && !strings.HasPrefix(got, "refused") {
				t.Errorf("%q is dialled as %q by %q, want %q", c.text, got, rule, c.want)
			}
		})
	}
}

// TestDialRulesAreChecked: as they are entered, in words.
//
// Holds: bounded-reads
func TestDialRulesAreChecked(t *testing.T) {
	p, ok := ParameterNamed("calla.dial_rules")
	if !ok {
		t.Fatal("no such parameter")
	}
	many := make([]any, maxDialRules+1)
	for i := range many {
		many[i] = "+ -> 00"
	}
	for _, c := range []struct {
		name  string
		given any
		want  []string // as kept; nil = refused
	}{
		{"a list", []any{"+->00", "9 -> ", " -> 0"}, []string{"+ -> 00", "9 ->", "-> 0"}},
		{"text of several lines", "+ → 00\r\n\n9 => 8\n", []string{"+ -> 00", "9 -> 8"}},
		{"a pattern", []any{`/(\d+)/ -> 0$1`}, []string{`/(\d+)/ -> 0$1`}},
		{"an arrow in a pattern", []any{`/1->2/ -> 3`}, nil},
		{"no arrow", []any{"+ 00"}, nil},
		{"words", []any{"bob -> alice"}, nil},
		{"an address as the result", []any{"1 -> 5@evil.example"}, nil},
		{"parameters as the result", []any{"1 -> 5;maddr=evil.example"}, nil},
		{"a line break in it", []any{"1 -> 2\r\nX: y"}, nil},
		{"a NUL in it", []any{"1\x00 -> 2"}, nil},
		{"it changes nothing", []any{"1 -> 1"}, nil},
		{"both sides are empty", []any{"->"}, nil},
		{"a pattern that is open", []any{"/1 -> 2"}, nil},
		{"a pattern that is empty", []any{"// -> 2"}, nil},
		{"a pattern of parentheses that do not fit", []any{"/1)|(2/ -> 3"}, nil},
		{"a pattern that cannot be read", []any{"/[1/ -> 2"}, nil},
		{"a pattern that repeats too often", []any{"/(1{1000}){1000}/ -> 2"}, nil},
		{"a group that is not there", []any{"/(1)2/ -> $2"}, nil},
		{"a dollar without a pattern", []any{"1 -> $1"}, nil},
		{"too long", []any{"1 -> " + strings.Repeat("2", longestRule)}, nil},
		{"too many", many, nil},
		{"a number", 7, nil},
		{"a list of numbers", []any{7}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var cfg Config
			err := p.Set(&cfg, c.given)
			if (err == nil) != (c.want != nil) || !reflect.DeepEqual(cfg.Calla.DialRules, c.want) {
				t.Fatalf("kept %q, %v", cfg.Calla.DialRules, err)
			}
			var wrong *Error
			if err != nil && (!errors.As(err, &wrong) || wrong.Parameter != p.Name || wrong.Reason == "") {
				t.Errorf("told %v", err)
			}
		})
	}
}

// TestDialRulesAreKeptWithTheAccount: and come back as they were.
func TestDialRulesAreKeptWithTheAccount(t *testing.T) {
	var c, again Config
	c.Calla.DialRules = []string{"+ -> 00", `/([1-4]\d\d)/ -> 030555$1`, "-> 0"}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &again); err != nil || !reflect.DeepEqual(again, c) {
		t.Errorf("%s\n%+v, %v", data, again, err)
	}
}

// TestNoDialRuleTakesLong: whatever pattern is written, and whatever is typed.
func TestNoDialRuleTakesLong(t *testing.T) {
	for name, rule := range map[string]string{
		"nested stars": `/(((1*)*)*)*2/ -> 3`, "alternatives": `/(1|1?)+2/ -> 3`,
		"many groups": "/" + strings.Repeat("(1*)", 40) + "2/ -> 3",
		"repeated":    `/(1{0,30}){0,30}2/ -> 3`, "classes": `/(\d*\d*\d*)*x/ -> 3`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, reason := checkDialRule(rule); reason != "" {
				t.Skip(reason)
			}
			rules := make([]string, maxDialRules)
			for i := range rules {
				rules[i] = rule
			}
			start := time.Now()
			dialledAs(t, strings.Repeat("1", longestPlain), rules...)
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func FuzzDialRules(f *testing.F) {
	for _, seed := range []string{
		"+ -> 00", "9 ->", "-> 0", `/(\d+)/ -> 0$1`, "/1)|(2/ -> 3", "112 -> 5", "/+/ -> 1", "٠ -> 1",
	} {
		f.Add(seed, "+49301234")
	}
	f.Fuzz(func(t *testing.T, rule, number string) {
		kept, reason := checkDialRule(rule)
		if reason != "" {
			return
		}
		if again, reason := checkDialRule(kept); again != kept || reason != "" {
			t.Errorf("%q is kept as %q, which is kept as %q, %s", rule, kept, again, reason)
		}
		before, err := ParseDialled(number, "example.com")
		if err != nil {
			return
		}
		after, err := before.ByRules([]string{kept})
		if err != nil {
			return
		}
		longest := max(longestResult, len(before.URI.UserDecoded()))
		if after.URI.Host != before.URI.Host || after.URI.Headers != "" || len(after.URI.UserDecoded()) > longest {
			t.Errorf("%q makes %s of %s", kept, after.URI, before.URI)
		}
	})
}
