package ui

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"calla/account"
	"calla/account/jssip"
	"calla/netsip"
)

// keyringErrors are why a keyring does not take a secret.
func keyringErrors() []error {
	return []error{account.ErrKeyringAbsent, account.ErrKeyringLocked, account.ErrKeyringStuck, account.ErrTooLarge}
}

// isNotKept tells that a secret could not be kept where it was to be kept, and that another place
// may do.
func isNotKept(err error) bool {
	return errors.Is(err, account.ErrNotKept) ||
		slices.ContainsFunc(keyringErrors(), func(known error) bool { return errors.Is(err, known) })
}

// notKeptWords tells why a secret is not kept.
func notKeptWords(err error) string {
	for _, known := range keyringErrors() {
		if errors.Is(err, known) {
			return sentence(known)
		}
	}
	return sentence(err)
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

// sentence writes an error for people: a capital first and a full stop last. The name of a parameter stays as it is
// written.
func sentence(err error) string {
	var wrong *netsip.ConfigError
	var syntax *jssip.SyntaxError
	switch {
	case errors.As(err, &wrong) && err.Error() == wrong.Error() && wrong.Parameter != "":
		return stopped(wrong.Parameter + " " + wrong.Reason)
	case errors.As(err, &syntax) && err.Error() == syntax.Error():
		return "The text " + stopped(syntax.Reason)
	}
	return sentenceOf(err.Error())
}

func sentenceOf(s string) string {
	if s = sentenceStart(s); s == "" {
		return ""
	}
	return stopped(s)
}

// stopped ends a sentence with a full stop, unless it has an end.
func stopped(s string) string {
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
