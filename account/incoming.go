package account

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of the lists of callers.
const (
	MaxCallers    = 1000 // entries in a list
	LongestCaller = 128  // octets of an entry
)

// Incoming is what the user has said of calls that come in, on all accounts of the profile. Lists of callers have what
// package phone/callers reads: numbers, users and addresses, with * and ? for what may be anything.
type Incoming struct {
	DoNotDisturb DoNotDisturb `json:"do_not_disturb"`
	Blocked      []string     `json:"blocked,omitempty"`      // who never rings here
	BlockedBusy  bool         `json:"blocked_busy,omitempty"` // they are told busy (486), not declined (603)
}

// DoNotDisturb keeps calls from ringing, for a while or until it is switched off.
type DoNotDisturb struct {
	On      bool      `json:"on"`
	Until   time.Time `json:"until,omitzero"`    // zero = until it is switched off
	Through []string  `json:"through,omitempty"` // who rings all the same
}

// LongestQuiet is how long it may last where it has an end. One that is further off was meant by a clock that has been
// set back since: nobody is to miss calls for years.
const LongestQuiet = 31 * 24 * time.Hour

// Quiet tells whether it keeps calls from ringing at a time.
func (d DoNotDisturb) Quiet(now time.Time) bool {
	now = now.Round(0) // by the wall clock, which runs on while the computer sleeps
	return d.On && (d.Until.IsZero() || now.Before(d.Until) && d.Until.Sub(now) <= LongestQuiet)
}

// UntilTomorrow is when "until tomorrow" ends: at seven in the morning of the next day, where now is.
func UntilTomorrow(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day()+1, 7, 0, 0, 0, now.Location())
}

// NextTime is the next moment at which clocks show a time of day, where now is. Where they are put forward past it, it
// is that moment; where they show it twice, the first that is still to come.
func NextTime(now time.Time, hour, minute int) time.Time {
	const day = 24 * 60
	of := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	t := now.Round(0).Add(-time.Duration(now.Second())*time.Second - time.Duration(now.Nanosecond()))
	for last := of(t); ; last = of(t) {
		t = t.Add(time.Minute)
		left, gone := (hour*60+minute-last+day)%day, (of(t)-last+day)%day
		if left == gone || left > 0 && left < gone && gone < day/2 {
			return t
		}
	}
}

// normalized is the same without what cannot be used.
func (i Incoming) normalized() Incoming {
	i.Blocked, i.DoNotDisturb.Through = callers(i.Blocked), callers(i.DoNotDisturb.Through)
	if i.DoNotDisturb.Until = i.DoNotDisturb.Until.Round(0); !i.DoNotDisturb.On {
		i.DoNotDisturb.Until = time.Time{}
	}
	return i
}

// callers is a list of callers without what is no entry, or there twice, or too much.
func callers(list []string) []string {
	var all []string
	for _, entry := range list[:min(len(list), 2*MaxCallers)] {
		entry = strings.TrimSpace(entry)
		if IsCaller(entry) && len(all) < MaxCallers && !slices.Contains(all, entry) {
			all = append(all, entry)
		}
	}
	return all
}

// IsCaller tells whether a text can be an entry of a list of callers.
func IsCaller(entry string) bool {
	return strings.TrimSpace(entry) != "" && len(entry) <= LongestCaller && utf8.ValidString(entry) &&
		!strings.ContainsFunc(entry, unicode.IsControl)
}
