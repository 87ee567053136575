package journal

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"calla/phone/contacts"
)

// CallFormat is a form in which calls are written for other programs.
type CallFormat string

// The forms.
const (
	CallsCSV  CallFormat = "csv"  // a table in UTF-8 with commas and CR LF (RFC 4180)
	CallsJSON CallFormat = "json" // an array of objects, an object a line
)

// WriteCalls writes all calls that a query asks for, whatever its Limit, newest first, a page at a time. It returns how
// many were written. w is the caller's to close.
func (j *Journal) WriteCalls(ctx context.Context, w io.Writer, q CallQuery, as CallFormat) (n int, err error) {
	buffered := bufio.NewWriter(w)
	out, err := newCallWriter(buffered, as)
	if err != nil {
		return 0, fmt.Errorf("write calls: %w", err)
	}
	for q.Limit = mostRows; ; {
		page, more, err := j.Calls(ctx, q)
		if err != nil {
			return n, err
		}
		for _, c := range page {
			if err := out.write(c); err != nil {
				return n, fmt.Errorf("write calls: %w", err)
			}
			n++
		}
		if !more {
			break
		}
		q.Before = page[len(page)-1].ID
	}
	if err = out.end(); err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return n, fmt.Errorf("write calls: %w", err)
	}
	return n, nil
}

// callWriter writes calls in a form.
type callWriter interface {
	write(c Call) error
	end() error
}

func newCallWriter(w io.Writer, as CallFormat) (callWriter, error) {
	switch as {
	case CallsCSV:
		t := csv.NewWriter(w)
		t.UseCRLF = true
		return &callTable{t}, t.Write([]string{
			"Began", "Answered", "Ended", "Seconds", "Direction", "Outcome", "Name", "Address", "URI", "Account",
			"Cause", "Code", "Codec", "Recording", "Note",
		})
	case CallsJSON:
		return &callArray{w: w}, nil
	}
	return nil, fmt.Errorf("there is no form %q", as)
}

// callTable writes a table.
type callTable struct{ to *csv.Writer }

func (t *callTable) write(c Call) error {
	direction := "out"
	if c.Incoming {
		direction = "in"
	}
	row := []string{
		writtenTime(c.Began), writtenTime(c.Answered), writtenTime(c.Ended),
		strconv.FormatFloat(c.Length().Seconds(), 'f', -1, 64), direction, string(c.Outcome), c.Name, c.Address, c.URI,
		c.Account, string(c.Cause.Kind), strconv.Itoa(c.Code), c.Codec, c.Recording, c.Note,
	}
	for i, cell := range row {
		row[i] = contacts.Guarded(cell) // nobody calls himself a formula
	}
	return t.to.Write(row)
}

func (t *callTable) end() error {
	t.to.Flush()
	return t.to.Error()
}

func writtenTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// callArray writes JSON.
type callArray struct {
	w     io.Writer
	begun bool
}

// writtenCall is a call in JSON, with the names that `calla history --json` has.
type writtenCall struct {
	ID        int64     `json:"id"`
	Outcome   Outcome   `json:"outcome"`
	Incoming  bool      `json:"incoming"`
	Name      string    `json:"name"`
	Address   string    `json:"address"`
	URI       string    `json:"uri"`
	Account   string    `json:"account"`
	Began     time.Time `json:"began"`
	Rang      time.Time `json:"rang,omitzero"`
	Answered  time.Time `json:"answered,omitzero"`
	Ended     time.Time `json:"ended"`
	Seconds   float64   `json:"seconds"`
	Cause     string    `json:"cause"`
	Code      int       `json:"code"`
	Codec     string    `json:"codec"`
	Quality   Quality   `json:"quality"`
	Recording string    `json:"recording"`
	Note      string    `json:"note"`
	Seen      bool      `json:"seen"`
	Timeline  []Moment  `json:"timeline"`
}

func (a *callArray) write(c Call) error {
	before := ",\n"
	if !a.begun {
		a.begun, before = true, "[\n"
	}
	text, err := json.Marshal(writtenCall{
		c.ID, c.Outcome, c.Incoming, c.Name, c.Address, c.URI, c.AccountID, c.Began, c.Rang, c.Answered, c.Ended,
		c.Length().Seconds(), string(c.Cause.Kind), c.Code, c.Codec, c.Quality, c.Recording, c.Note, c.Seen, c.Timeline,
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.w, "%s%s", before, text)
	return err
}

func (a *callArray) end() error {
	if !a.begun {
		_, err := io.WriteString(a.w, "[]\n")
		return err
	}
	_, err := io.WriteString(a.w, "\n]\n")
	return err
}
