package form

import "testing"

// TestANumberIsTriedWithTheRulesThatAreTyped: before they are saved.
func TestANumberIsTriedWithTheRulesThatAreTyped(t *testing.T) {
	for name, c := range map[string]struct {
		number string
		rules  any
		want   string
	}{
		"nothing":            {" ", nil, ""},
		"no rules":           {"030 12", nil, "03012 is dialled as it is."},
		"a rule":             {"+49 30 12", []any{"+ -> 00"}, "+493012 is dialled as 00493012, by + -> 00"},
		"a rule of others":   {"4711", []any{"+ -> 00"}, "4711 is dialled as it is."},
		"a rule being typed": {"4711", []any{"+ -"}, "Not to be tried: a rule is not right yet."},
		"help":               {"112", []any{"-> 0"}, "112 is dialled as it is."},
		"an address":         {"sip:47111@a.example", []any{"4 -> 5"}, "47111@a.example is dialled as it is."},
	} {
		t.Run(name, func(t *testing.T) {
			if got := triedWords(c.number, c.rules); got != c.want {
				t.Errorf("%q", got)
			}
		})
	}
}
