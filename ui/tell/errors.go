package tell

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"calla/account"
	"calla/account/jssip"
	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/words"
)

// KeyringErrors are why a keyring does not take a secret.
func KeyringErrors() []error {
	return []error{account.ErrKeyringAbsent, account.ErrKeyringLocked, account.ErrKeyringStuck, account.ErrTooLarge}
}

// IsNotKept tells that a secret could not be kept where it was to be kept, and that another place
// may do.
func IsNotKept(err error) bool {
	return errors.Is(err, account.ErrNotKept) ||
		slices.ContainsFunc(KeyringErrors(), func(known error) bool { return errors.Is(err, known) })
}

// BySystem words why the system, or what keeps passwords, could not do a thing, "" where only the error's own text
// tells.
func BySystem(err error) string { return words.English().System(phone.SystemOf(err)) }

// SmallPrint bounds how much of an error's text is shown, in characters.
const SmallPrint = 300

// Cause words why something could not be done, "" where only the error's own text tells.
func Cause(err error) string {
	var wrong *config.Error
	if errors.As(err, &wrong) {
		return Sentence(wrong)
	}
	return BySystem(err)
}

// Reason returns what is wrong with a field, or "".
func Reason(err error) string {
	var wrong *config.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &wrong):
		return wrong.Reason
	}
	return err.Error()
}

// Sentence writes an error for people: a capital first and a full stop last. The name of a parameter stays as it is
// written. An error that wraps what the system or a library said is none: see TellError of the window.
func Sentence(err error) string {
	var wrong *config.Error
	var syntax *jssip.SyntaxError
	switch {
	case errors.As(err, &wrong) && err.Error() == wrong.Error() && wrong.Parameter != "":
		return stopped(wrong.Parameter + " " + wrong.Reason)
	case errors.As(err, &syntax) && err.Error() == syntax.Error():
		return Of(cause.Cause{Kind: cause.TextIsWrong, Reason: stopped(syntax.Reason)}).Title
	}
	return SentenceOf(err.Error())
}

func SentenceOf(s string) string {
	if s = SentenceStart(s); s == "" {
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

// SentenceStart writes words with a capital first.
func SentenceStart(s string) string {
	s = strings.TrimSpace(s)
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
