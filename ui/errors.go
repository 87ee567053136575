package ui

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"calla/account"
	"calla/account/jssip"
	"calla/netsip/config"
	"calla/phone/doctor"
	"calla/ui/widget"
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

// notKeptWords tells why a secret is not kept, "" where only the error's own text tells.
func notKeptWords(err error) string {
	for _, known := range keyringErrors() {
		if errors.Is(err, known) {
			return sentence(known)
		}
	}
	return doctor.Cause(err)
}

// smallPrint bounds how much of an error's text is shown, in characters.
const smallPrint = 300

// tellError shows what could not be done: why in our words, where we have any, and what the system or a library said in
// small print.
func (m *mainWindow) tellError(title string, err error) {
	content := column(8)
	if words := causeWords(err); words != "" {
		content.Add(widget.NewParagraph(words))
	}
	content.Add(widget.NewParagraph(safeUpTo(err.Error(), smallPrint)).Color(widget.ColorMuted).Sized(13))
	m.openSheet(title, content, widget.NewButton("OK", "", widget.Filled, m.closeSheet))
}

// causeWords words why something could not be done, "" where only the error's own text tells.
func causeWords(err error) string {
	for _, known := range append(keyringErrors(), account.ErrReadOnly, account.ErrNotKept) {
		if errors.Is(err, known) {
			return sentence(known)
		}
	}
	var wrong *config.Error
	if errors.As(err, &wrong) {
		return sentence(wrong)
	}
	return doctor.Cause(err)
}

// reasonOf returns what is wrong with a field, or "".
func reasonOf(err error) string {
	var wrong *config.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &wrong):
		return wrong.Reason
	}
	return err.Error()
}

// sentence writes an error for people: a capital first and a full stop last. The name of a parameter stays as it is
// written. An error that wraps what the system or a library said is none: see tellError.
func sentence(err error) string {
	var wrong *config.Error
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
