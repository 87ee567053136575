package tell

import (
	"time"

	"calla/phone/cause"
)

// When tells when something was as people say it: the time of today, yesterday's with that word, a day of the last week
// by its name, others by their date, of another year with the year.
func When(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	at, now = at.Local(), now.Local()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	clock := at.Format("15:04")
	switch {
	case !at.Before(today.AddDate(0, 0, 1)): // a clock was set back
		return at.Format("2 Jan 2006 15:04")
	case !at.Before(today):
		return clock
	case !at.Before(today.AddDate(0, 0, -1)):
		return Of(cause.Cause{Kind: cause.WhenYesterday, Text: clock}).Short
	case !at.Before(today.AddDate(0, 0, -6)):
		return at.Format("Mon ") + clock
	case at.Year() == now.Year():
		return at.Format("2 Jan ") + clock
	}
	return at.Format("2 Jan 2006")
}
