package history

import (
	"context"

	"calla/phone/journal"
	"calla/ui/tell"
)

// Recent is somebody whom a call was with lately.
type Recent struct {
	Number
}

const (
	mostRecent    = 8
	recentMatches = 100 // calls that are looked at for them
)

// Recents returns whom the last calls were with, each once, at most 8: those who can be called.
func Recents(ctx context.Context, j *journal.Journal) ([]Recent, error) {
	page, _, err := j.Calls(ctx, journal.CallQuery{Limit: recentMatches})
	if err != nil {
		return nil, err
	}
	var all []Recent
	seen := map[string]bool{}
	for _, c := range page {
		person := c.AccountID + " " + c.URI
		if c.URI == "" || seen[person] || c.Outcome == journal.Blocked || len(all) == mostRecent {
			continue
		}
		seen[person] = true
		all = append(all, Recent{entryOf(c).number()})
	}
	return all, nil
}

// Who is the name, or the address where there is none.
func (r Recent) Who() string { return tell.Who(r.Name, r.Text) }
