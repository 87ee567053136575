package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestCodecsAreNamedOnceAndKnown: what cannot be offered is refused by name, and leaves what was.
func TestCodecsAreNamedOnceAndKnown(t *testing.T) {
	p, ok := ParameterNamed("calla.codecs")
	if !ok {
		t.Fatal("no such parameter")
	}
	for _, test := range []struct {
		value any
		want  []string
		bad   string // what the refusal says
	}{
		{nil, nil, ""},
		{[]any{}, nil, ""},
		{[]any{"PCMA", "OPUS", "g722", "pcmu"}, []string{"PCMA", "opus", "G722", "PCMU"}, ""},
		{"pcmu\nopus\n", []string{"PCMU", "opus"}, ""},
		{[]any{"opus", ""}, []string{"opus"}, ""},
		{[]any{"opus", "G729"}, nil, "G729"},
		{[]any{"telephone-event"}, nil, "telephone-event"},
		{[]any{"", " "}, nil, "names no format"},
		{[]any{"opus", "PCMU", "Opus"}, nil, "opus twice"},
		{[]any{"opus", 9}, nil, "not text"},
		{9, nil, "list"},
	} {
		c := Config{Calla: Additions{Codecs: []string{"PCMU"}}}
		err := p.Set(&c, test.value)
		if test.bad == "" {
			if err != nil || !slices.Equal(c.Calla.Codecs, test.want) {
				t.Errorf("%v is taken as %v: %v", test.value, c.Calla.Codecs, err)
			}
			continue
		}
		var wrong *Error
		if !errors.As(err, &wrong) || wrong.Parameter != "calla.codecs" || !strings.Contains(wrong.Reason, test.bad) ||
			!slices.Equal(c.Calla.Codecs, []string{"PCMU"}) {
			t.Errorf("%v: %v, and %v is left", test.value, err, c.Calla.Codecs)
		}
	}
}
