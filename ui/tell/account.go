package tell

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/widget"
)

// Since tells since when something is so: "14:03:21, 12 min".
func Since(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return Clock(at) + ", " + Lasting(now.Sub(at))
}

// Clock writes a time of day, with the day where it is not today's.
func Clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	if time.Since(at).Abs() > 12*time.Hour {
		return at.Format("2 Jan 15:04:05")
	}
	return at.Format("15:04:05")
}

// Lasting writes how long something lasts, in its greatest unit.
func Lasting(d time.Duration) string {
	if d < 48*time.Hour {
		return Of(cause.Cause{Kind: cause.LastsTime, After: max(0, d)}).Short
	}
	return Of(cause.Cause{Kind: cause.LastsDays, Count: int(d.Hours() / 24)}).Short
}

// ServerShape is the mark of how a server stands.
func ServerShape(s phone.ServerState) widget.Shape {
	switch {
	case s.Connected:
		return widget.Disc
	case s.Failed:
		return widget.Cross
	}
	return widget.Triangle // standby
}

// Server tells how a server stands, and what went wrong with it.
func Server(s phone.ServerState, now time.Time) string {
	words := SafeLine(Of(s.Cause).Short)
	if s.Failures > 1 {
		words += Dotted(Of(cause.Cause{Kind: cause.ServerFailures, Count: s.Failures}).Short)
	}
	if !s.LastErrorAt.IsZero() && !s.Connected {
		words += Dotted(Of(cause.Cause{Kind: cause.ServerErrorAt, Text: Clock(s.LastErrorAt)}).Short)
	}
	if s.NextTry.After(now) {
		words += Dotted(Of(cause.Cause{Kind: cause.ServerNextTry, Text: Clock(s.NextTry)}).Short)
	}
	return words
}

// ProblemAction is what the button of a problem says.
func ProblemAction(p cause.Cause) string {
	if p.Offer != "" {
		scheme, _, _ := strings.Cut(p.Offer, ":")
		return Of(cause.Cause{Kind: cause.ActUse, Text: scheme + ":"}).Short
	}
	return Action(p.Action)
}

// Action is what the button of a problem says.
func Action(a cause.Action) string {
	switch a {
	case cause.ActionRetry:
		return Word(cause.ActTryNow)
	case cause.ActionEditAccount:
		return Word(cause.ActEditAccount)
	case cause.ActionEnterPassword:
		return Word(cause.ActEnterPassword)
	case cause.ActionChooseDevice:
		return Word(cause.ActChooseDevice)
	case cause.ActionCallAgain:
		return Word(cause.ActCallAgain)
	case cause.ActionAcceptLogin:
		return Word(cause.ActAllowLogin)
	case cause.ActionStartEmpty:
		return Word(cause.ActStartEmpty)
	case cause.ActionAllowRealm:
		return Word(cause.ActAllowRealm)
	}
	return ""
}

func Dotted(s string) string {
	if s == "" {
		return ""
	}
	return " · " + s
}

// Value writes a parameter's value as one types it.
func Value(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
