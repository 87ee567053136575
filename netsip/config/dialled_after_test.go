package config

import (
	"errors"
	"strings"
	"testing"
)

// TestDialledDigitsForAfterTheAnswer: what follows a comma, a semicolon, ext= and postd= is kept for after the answer.
//
// Holds: dialled-text
func TestDialledDigitsForAfterTheAnswer(t *testing.T) {
	for _, test := range []struct{ text, want, after string }{
		{"+1-555-438-3732,1234", "sip:+15554383732@example.com", ",1234"},
		{"+1-555-438-3732, 1234", "sip:+15554383732@example.com", ",1234"},
		{"+15554383732;ext=1234", "sip:+15554383732@example.com", ",1234"},
		{"5551234;1234", "sip:5551234@example.com", ";1234"},
		{"4711,,22", "sip:4711@example.com", ",,22"},
		{"030 1234567,,987 654 321#", "sip:0301234567@example.com", ",,987654321#"},
		{"030 1234567,*5,12", "sip:0301234567@example.com", ",*5,12"},
		{"０３０１２３４５６７，１２", "sip:0301234567@example.com", ",12"},
		{"Tel.: 030 1234567,12 (work)", "sip:0301234567@example.com", ",12"},
		{"tel:+15554383732;ext=1234", "sip:+15554383732@example.com", ",1234"},
		{"tel:+1-555-438-3732;ext=12-34", "sip:+15554383732@example.com", ",1234"},
		{"tel:+15554383732;postd=p22w7", "sip:+15554383732@example.com", ",22;7"},
		{"tel:+15554383732,99", "sip:+15554383732@example.com", ",99"},
		{"<tel:+15554383732;ext=5>", "sip:+15554383732@example.com", ",5"},
		{"sip:+15554383732;ext=5@x.com", "sip:+15554383732@x.com", ",5"},
		{"tel:+15554383732;ext=bob", "", ""},
		{"5551234,abc1", "", ""},
		{"5551234," + strings.Repeat(",1", 60), "", ""},
	} {
		if uri, after := reads(t, test.text); uri != test.want || after != test.after {
			_, err := ParseDialled(test.text, "example.com")
			t.Errorf("%q: calls %s then %q, want %s then %q (%v)", test.text, uri, after, test.want, test.after, err)
		}
	}
	for _, text := range []string{"5551234,12", "tel:5551234;ext=1"} { // a message, a transfer, a subscription
		var wrong *TargetError
		if u, err := DialTarget(text, "example.com"); !errors.As(err, &wrong) || wrong.Instead != "5551234" {
			t.Errorf("%q: %s, %v", text, u, err)
		}
	}
}

// TestTooManyDigitsForAfterTheAnswerAreCalledThat: however they are written, it is their number that is told.
//
// Holds: dialled-text
func TestTooManyDigitsForAfterTheAnswerAreCalledThat(t *testing.T) {
	many := strings.Repeat("1", longestAfter)
	for _, test := range []struct{ name, text string }{
		{"behind a comma", "5551234,,,#" + many},
		{"with pauses", "5551234" + strings.Repeat(",,12", 20)},
		{"an extension", "tel:+15554383732;ext=" + many},
		{"post-dial digits", "tel:+15554383732;postd=p" + many},
		{"several of both", "tel:+15554383732;ext=12" + strings.Repeat(";postd=p1234567890", 6)},
		{"an address", "sip:+15554383732;postd=p" + many + "@x.com"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseDialled(test.text, "example.com")
			var wrong *TargetError
			if !errors.As(err, &wrong) || wrong.Reason != "has too many digits for after the answer" {
				t.Errorf("%v", err)
			}
		})
	}
}
