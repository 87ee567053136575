package ui

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"calla/account"
	"calla/netsip"
)

// isKeyringError tells that a secret could not be kept where it was to be kept, and that another place
// may do.
func isKeyringError(err error) bool {
	for _, known := range []error{account.ErrKeyringAbsent, account.ErrKeyringLocked, account.ErrKeyringStuck, account.ErrTooLarge} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// reasonOf returns what is wrong with a field, or "".
func reasonOf(err error) string {
	var wrong *netsip.ConfigError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &wrong):
		return wrong.Reason
	}
	return err.Error()
}

// sentence writes an error for people: a capital first and a full stop last.
func sentence(err error) string { return sentenceOf(err.Error()) }

func sentenceOf(s string) string {
	if s = sentenceStart(s); s == "" {
		return ""
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}

// sentenceStart writes words with a capital first.
func sentenceStart(s string) string {
	s = strings.TrimSpace(s)
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
