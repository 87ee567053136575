package console

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"calla/account"
	"calla/phone/journal"
)

// historyTime bounds what the history is asked for: another program may have locked its file.
const historyTime = 10 * time.Second

type historyCmd struct {
	Text      string `arg:"" optional:"" help:"Name, note, or number in any spelling. Without it: the last calls."`
	Missed    bool   `help:"Missed calls alone."`
	Limit     int    `help:"At most so many, the newest (${default}); 500 at most." default:"50" placeholder:"N"`
	Delete    int64  `help:"Delete the call with this ID." placeholder:"ID"`
	DeleteAll bool   `help:"Delete all calls."`
	JSON      bool   `help:"Print one JSON object a line." name:"json"`
}

// Run lists calls, or deletes them.
func (c *historyCmd) Run(ctx context.Context, s *session) error {
	if err := keptAsk(c.Limit, c.Text != "" || c.Missed, c.Delete != 0, c.DeleteAll); err != nil {
		return err
	}
	return s.withKept(ctx, c.Delete != 0, func(ctx context.Context, j *journal.Journal) error {
		return c.work(ctx, s, j)
	})
}

// keptAsk refuses what cannot be asked of the calls and messages that are kept: those that are chosen, or one or all of
// them deleted.
func keptAsk(limit int, chosen, one, all bool) error {
	switch {
	case limit < 1:
		return fail(ExitUsage, errors.New("--limit: is 1 or more"))
	case one && all, (one || all) && chosen:
		return fail(ExitUsage, errors.New("--delete and --delete-all go with nothing else"))
	}
	return nil
}

// withKept does something with the calls and messages that are kept. Where nothing ever was, nothing is done, and no
// file is made, unless what is asked for must be there.
func (s *session) withKept(
	ctx context.Context, must bool, do func(ctx context.Context, j *journal.Journal) error,
) error {
	dir, err := account.Dir(s.cli.Profile)
	if err != nil {
		return invalid(err)
	}
	if _, err := os.Lstat(filepath.Join(dir, journal.FileName)); errors.Is(err, os.ErrNotExist) && !must {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, historyTime)
	defer cancel()
	return s.withJournal(func(j *journal.Journal) error {
		if err := do(ctx, j); err != nil {
			return invalid(err)
		}
		return nil
	})
}

// tellJournal tells what is the matter with the file. It is called on the writer's goroutine.
func (s *session) tellJournal(t *journal.Trouble) {
	if t != nil && t.Fault == journal.FaultDamaged {
		s.errs.line("calla: " + tell(t.Cause()).Line())
	}
}

// work does what is asked.
func (c *historyCmd) work(ctx context.Context, s *session, j *journal.Journal) error {
	switch {
	case c.DeleteAll:
		return j.DeleteCalls(ctx)
	case c.Delete != 0:
		err := j.DeleteCall(ctx, c.Delete)
		if errors.Is(err, journal.ErrNoRow) {
			err = fmt.Errorf("there is no call %d", c.Delete)
		}
		return err
	}
	q := journal.CallQuery{Text: c.Text, Limit: c.Limit}
	if c.Missed {
		q.Outcome = journal.Missed
	}
	calls, _, err := j.Calls(ctx, q)
	if err != nil {
		return err
	}
	out := &printer{json: c.JSON, out: s.out}
	for _, call := range calls {
		out.plain(historyObject(call), historyLine(call))
	}
	return nil
}

// historyObject is a call of the history in JSON.
func historyObject(c journal.Call) object {
	o := object{
		{"id", c.ID},
		{"outcome", string(c.Outcome)},
		{"incoming", c.Incoming},
		{"name", c.Name},
		{"address", c.Address},
		{"uri", c.URI},
		{"account", c.AccountID},
		{"began", stamp(c.Began)},
		{"rang", stamp(c.Rang)},
		{"answered", stamp(c.Answered)},
		{"ended", stamp(c.Ended)},
		{"seconds", c.Length().Seconds()},
		{"cause", string(c.Cause.Kind)},
		{"code", c.Code},
		{"codec", c.Codec},
		{"quality", c.Quality},
		{"recording", c.Recording},
		{"note", c.Note},
		{"seen", c.Seen},
	}
	var moments []object
	for _, m := range c.Timeline {
		moments = append(moments, object{{"at", stamp(m.At)}, {"what", string(m.What)}, {"who", m.Who}})
	}
	return append(o, member{"timeline", moments})
}

// stamp is a time in JSON; nil where there was none.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Format(time.RFC3339Nano)
}

// historyLine is a call of the history in words.
func historyLine(c journal.Call) string {
	way := "→"
	if c.Incoming {
		way = "←"
	}
	line := fmt.Sprintf("%s  %s %-10s %s", c.Began.Local().Format("2006-01-02 15:04:05"), way, c.Outcome, c.Address)
	if c.Name != "" && c.Name != c.Address {
		line += "  " + c.Name
	}
	if length := c.Length(); length > 0 {
		line += "  " + length.Round(time.Second).String()
	}
	if c.Note != "" {
		line += "  (" + strings.Join(strings.Fields(c.Note), " ") + ")"
	}
	return line
}
