package contacts

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"calla/netsip/config"
)

// Own is what a contact has of its own for its calls. Each field wins over what the account has; of the zero value all
// is as the account has it.
//
// It is said on this computer and nowhere else: files of contacts neither bring nor get it. A card that somebody sends
// could have the microphone opened or calls recorded by it, and a path means nothing on another computer.
type Own struct {
	Ringtone string // path of a sound file, config.RingtoneNone or config.RingtoneOwn; "" = the account's
	Answer   Choice // whether a call that comes in is answered by itself
	After    int    // seconds that it rings before, 0 to LongestAfter; 0 unless Answer is Yes
	Record   Choice // whether calls are recorded, from their answer on
}

// Choice is whether something is done.
type Choice string

// The choices.
const (
	AsAccount Choice = ""
	Yes       Choice = "yes"
	No        Choice = "no"
)

// LongestAfter bounds Own.After, in seconds: nobody lets it ring for longer.
const LongestAfter = 600

// longestRingtone bounds Own.Ringtone, in bytes: no system has longer paths.
const longestRingtone = 4096

// ReadRingtone returns a ringtone as it is kept; false where it is too long to be one, or has controls in it.
func ReadRingtone(text string) (string, bool) {
	ok := len(text) <= longestRingtone && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
	if !ok {
		return "", false
	}
	return config.ReadRingtone(text), true
}

// ReadAfter reads Own.After; false where it is no number, or not within its bounds.
func ReadAfter(text string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n >= 0 && n <= LongestAfter
}

// Clean is what of it can be used; the rest is as the account has it.
func (o Own) Clean() Own {
	o.Ringtone, _ = ReadRingtone(o.Ringtone)
	o.Answer, o.Record = o.Answer.clean(), o.Record.clean()
	switch {
	case o.Answer != Yes:
		o.After = 0
	case o.After < 0 || o.After > LongestAfter:
		o.Answer, o.After = AsAccount, 0
	}
	return o
}

func (c Choice) clean() Choice {
	if c != Yes && c != No {
		return AsAccount
	}
	return c
}

// With is it with what another says where it says nothing.
func (o Own) With(other Own) Own {
	if o.Ringtone == "" {
		o.Ringtone = other.Ringtone
	}
	if o.Answer == AsAccount {
		o.Answer, o.After = other.Answer, other.After
	}
	if o.Record == AsAccount {
		o.Record = other.Record
	}
	return o
}
