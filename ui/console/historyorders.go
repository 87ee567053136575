package console

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"calla/phone/journal"
)

// historyShown is how many calls the text phone lists.
const historyShown = 20

// history lists calls with numbers, the last one first.
func (o order) history(q journal.CallQuery) {
	q.Limit = historyShown
	o.lastList = nil
	ok := o.ask(func(ctx context.Context, j *journal.Journal) (err error) {
		o.lastList, _, err = j.Calls(ctx, q)
		return err
	})
	switch {
	case !ok:
		return
	case len(o.lastList) == 0:
		o.screen.line("There is no such call.")
	}
	for i, c := range o.lastList {
		o.screen.line(fmt.Sprintf("%2d  %s", i+1, historyLine(c)))
	}
	o.phone.MarkMissedSeen()
}

// ask asks the journal something; false: it could not answer, and that has been told.
func (o order) ask(question func(context.Context, *journal.Journal) error) bool {
	if o.journal == nil {
		o.screen.line("No calls are kept.")
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), historyTime)
	defer cancel()
	err := question(ctx, o.journal)
	var trouble *journal.Trouble
	switch {
	case err == nil:
		return true
	case errors.Is(err, journal.ErrNoRow):
		o.screen.line("This call is not in the history any more.")
	case errors.As(err, &trouble):
		o.screen.line("! " + tell(trouble.Cause()).Line())
	default:
		o.screen.tellError("The history could not be used.", err)
	}
	return false
}

// ofHistory finds the call that the line names by its number in the last list.
func (o order) ofHistory() (journal.Call, bool) {
	n, err := strconv.Atoi(o.args[0])
	if err != nil || n < 1 || n > len(o.lastList) {
		o.screen.line("There is no call " + o.args[0] + " in the list. history lists them.")
		return journal.Call{}, false
	}
	return o.lastList[n-1], true
}

// historyCall calls whom a call was with.
func (o order) historyCall() {
	c, ok := o.ofHistory()
	switch {
	case !ok:
	case c.URI == "":
		o.screen.line("This caller told no number.")
	default:
		o.phone.Redial(c.AccountID, c.URI, c.After)
	}
}

// historyDelete deletes a call.
func (o order) historyDelete() {
	if c, ok := o.ofHistory(); ok && o.ask(func(ctx context.Context, j *journal.Journal) error {
		return j.DeleteCall(ctx, c.ID)
	}) {
		o.screen.line("It is deleted.")
	}
}

// historyDeleteAll deletes all calls.
func (o order) historyDeleteAll() {
	if o.ask(func(ctx context.Context, j *journal.Journal) error { return j.DeleteCalls(ctx) }) {
		o.screen.line("All calls are deleted.")
	}
}
