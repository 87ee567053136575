// Package tell says in the window's words and marks what the facts of a State are, how others' texts are shown, and
// what errors mean to people. It draws nothing.
package tell

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/words"
	"calla/ui/widget"
)

// StatusShape returns the mark of a registration status.
func StatusShape(s phone.RegistrationStatus) widget.Shape {
	switch s {
	case phone.StatusRegistered, phone.StatusConnected:
		return widget.Disc
	case phone.StatusConnecting, phone.StatusRegistering:
		return widget.Dots
	case phone.StatusRetrying, phone.StatusNoPassword:
		return widget.Triangle
	case phone.StatusFailed:
		return widget.Cross
	}
	return widget.Ring
}

// Status tells an account's status in a few words, the count-down included.
func Status(a phone.AccountState, now time.Time) string {
	if a.Status == phone.StatusRetrying && !a.RetryAt.IsZero() {
		left := SecondsLeft(a.RetryAt, now)
		if left <= 0 {
			return Word(cause.StatusTryingAgain)
		}
		return Of(cause.Cause{Kind: cause.StatusRetryIn, Text: strconv.Itoa(left)}).Short
	}
	if a.Standing.Kind == "" {
		return Word(cause.Off)
	}
	return Of(a.Standing).Short
}

// Of words what happened, in the language of this computer's user.
func Of(c cause.Cause) words.Told { return words.English().Tell(c) }

// Word is what a kind without facts is called: a whole sentence where it is one, else a few words. Whatever the window
// shows has such a kind, so that it can be told in another language.
func Word(kind cause.Kind) string { return WordOf(cause.Cause{Kind: kind}) }

// Counted is Word for a kind with a number in it.
func Counted(kind cause.Kind, n int) string { return WordOf(cause.Cause{Kind: kind, Count: n}) }

// WordOf is a cause in its words: its title, or in short where it has none.
func WordOf(c cause.Cause) string {
	told := Of(c)
	return cmp.Or(told.Title, told.Short)
}

// Short is what a kind is called in a few words where it has a sentence as well: on a button, say, or in a menu.
func Short(kind cause.Kind) string { return Of(cause.Cause{Kind: kind}).Short }

// Phase tells where a call stands.
func Phase(c phone.CallState) string {
	switch c.Phase {
	case phone.PhaseCalling:
		return Word(cause.PhaseCalling)
	case phone.PhaseRinging:
		if c.EarlyMedia {
			return Word(cause.PhaseRingingSound)
		}
		return Word(cause.PhaseRinging)
	case phone.PhaseIncoming:
		return Word(cause.PhaseIncoming)
	case phone.PhaseAnswering:
		return Word(cause.PhaseAnswering)
	case phone.PhaseEnding:
		return Word(cause.PhaseEnding)
	}
	if words := Hold(c); words != "" {
		return words
	}
	return Word(cause.PhaseConnected)
}

// Hold tells who holds a call, or "".
func Hold(c phone.CallState) string {
	switch {
	case c.Holding && c.Held:
		return Word(cause.HoldBegins)
	case c.Holding:
		return Word(cause.HoldEnds)
	case c.Held && c.RemoteHeld:
		return Word(cause.HoldBoth)
	case c.Held:
		return Word(cause.HoldOurs)
	case c.RemoteHeld:
		return Word(cause.HoldTheirs)
	}
	return ""
}

// Call tells where a call stands, with its timer once it has one.
func Call(c phone.CallState, now time.Time) string {
	if c.Phase != phone.PhaseEstablished || c.Connected.IsZero() {
		return Phase(c)
	}
	timer := Timer(now.Sub(c.Connected))
	if r := c.Recording; r != nil {
		sign := cause.CallRecording
		if r.Paused {
			sign = cause.CallRecordingPaused
		}
		timer += Dotted(Word(sign))
	}
	if words := Hold(c); words != "" {
		return words + " · " + timer
	}
	return timer
}

// Timer writes a duration as a telephone's timer: 02:13, 1:02:13.
func Timer(d time.Duration) string {
	s := int(max(d, 0) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// SecondsLeft counts the seconds until t, a begun one as whole.
func SecondsLeft(t, now time.Time) int {
	return int((t.Sub(now) + time.Second - 1) / time.Second)
}

// Milliseconds writes a duration as engineers read it.
func Milliseconds(d time.Duration) string {
	switch {
	case d <= 0:
		return "–"
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < 10*time.Second:
		return Grouped(d.Milliseconds()) + " ms"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// Codec is what a codec is called: SDP writes the name of one in small letters.
func Codec(encoding string) string {
	if strings.EqualFold(encoding, "opus") {
		return "Opus"
	}
	return SafeLine(encoding)
}

// Grouped writes a number with thin spaces between thousands.
func Grouped(n int64) string { return words.Grouped(n) }

// Kept tells where a password is kept.
func Kept(p account.SecretPlace) string {
	switch p {
	case account.SecretKeyring:
		return Word(cause.KeptInKeyring)
	case account.SecretSession:
		return Word(cause.KeptForSession)
	case account.SecretFile:
		return Word(cause.KeptInFile)
	}
	return Word(cause.KeptNowhere)
}

// NotAtHand tells of a password that cannot be had from where it is, or was, kept.
func NotAtHand(p account.SecretPlace) string {
	switch p {
	case account.SecretKeyring:
		return Word(cause.NotInKeyring)
	case account.SecretSession:
		return Word(cause.NotInSession)
	case account.SecretFile:
		return Word(cause.NotInFile)
	}
	return Word(cause.KeptNowhere)
}

// Password tells where an account's password is, if it is anywhere.
func Password(a phone.AccountState) string {
	if a.SecretAtHand {
		return Kept(a.SecretKept)
	}
	return NotAtHand(a.SecretKept)
}

// ToBeKept tells where a password that is typed will be kept.
func ToBeKept(p account.SecretPlace) string {
	switch p {
	case account.SecretSession:
		return Word(cause.ToKeepForSession)
	case account.SecretFile:
		return Word(cause.ToKeepInFile)
	}
	return Word(cause.ToKeepInKeyring)
}

// Who returns what a call is headed with: the name, or the address where there is none.
func Who(name, address string) string {
	if name = SafeLine(name); name != "" {
		return name
	}
	return Address(address)
}

// Below is AddressBelow for a call: where its far end's own name is not to be believed, that it calls itself so.
func Below(name, address, claims string) string {
	if claims == "" {
		return AddressBelow(name, address)
	}
	return Of(cause.Cause{Kind: cause.CallsItself, Party: SafeLine(claims)}).Short
}

// AddressBelow is what stands under the name: all of the address, or nothing where it stands in the name's place
// already.
func AddressBelow(name, address string) string {
	if below := WholeAddress(address, ""); below != Who(name, address) {
		return below
	}
	return ""
}

// wholeAddress is how much of an address is shown where all of it is to be seen, in characters.
const wholeAddress = 1000

// WholeAddress is all of an address, however long. What State shortened is taken from the URI, where there is one.
func WholeAddress(address, uri string) string {
	if strings.HasSuffix(address, "…") && uri != "" {
		address = uri
	}
	return SafeUpTo(bare(address), wholeAddress)
}

// bare is an address without its scheme.
func bare(address string) string {
	return strings.TrimPrefix(strings.TrimPrefix(address, "sip:"), "SIP:")
}

// Address is an address as people write it: without scheme, safe to show.
func Address(address string) string {
	return SafeLine(bare(address))
}

// Voicemail tells how many messages in the mailbox are new, or "".
func Voicemail(v *phone.Voicemail) string {
	switch {
	case v == nil || v.New <= 0:
		return ""
	}
	return Of(cause.Cause{Kind: cause.VoicemailNew, Count: v.New}).Short
}
