package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"calla/phone/cause"
)

// Outcome is what became of a call.
type Outcome string

// The outcomes.
const (
	Answered   Outcome = "answered"
	Missed     Outcome = "missed"     // came in, and nobody answered it
	Elsewhere  Outcome = "elsewhere"  // came in, and another phone of the address took or refused it
	Declined   Outcome = "declined"   // came in, and was refused here
	Blocked    Outcome = "blocked"    // came in, and was refused by a rule before it rang
	Refused    Outcome = "refused"    // went out: busy, or not wanted
	Unanswered Outcome = "unanswered" // went out, and nobody answered
	Cancelled  Outcome = "cancelled"  // went out, and was taken back here
	Failed     Outcome = "failed"     // nobody chose it
)

// Call is one call that has ended.
type Call struct {
	ID        int64 // grows with the time at which the call began; 0 before it is recorded
	AccountID string
	Account   string // label of the account, as it was then
	Incoming  bool
	Outcome   Outcome
	Name      string // as it was shown; "" where it was not told
	Address   string // number or address, as it was shown
	URI       string // of the far end in full, to call it again; "" where it cannot be called
	After     string // digits that were dialled behind the number

	Began, Rang, Answered, Ended time.Time // zero for what did not happen

	Cause     cause.Cause // of its end
	Code      int         // SIP status, 0 for none
	Codec     string
	Quality   Quality
	Recording string // path; "" for none
	Note      string
	Timeline  []Moment
	Seen      bool // false for a missed call that nobody has looked at
}

// Length is how long it was talked.
func (c *Call) Length() time.Duration {
	if c.Answered.IsZero() {
		return 0
	}
	return max(c.Ended.Sub(c.Answered), 0)
}

// Quality is the last figures of a call's media.
type Quality struct {
	LossPercent float64       `json:"loss_percent,omitempty"` // of what came to us
	Concealed   float64       `json:"concealed,omitempty"`    // share of the sound that was made up
	Jitter      time.Duration `json:"jitter_ns,omitempty"`
	RoundTrip   time.Duration `json:"round_trip_ns,omitempty"` // 0 = unknown
}

// Moment is something that happened in a call.
type Moment struct {
	At   time.Time `json:"at"`
	What What      `json:"what"`
	Who  string    `json:"who,omitempty"` // to whom it was transferred
}

// What is a thing that happens in a call.
type What string

// What happens.
const (
	Rang         What = "rang"
	WasAnswered  What = "answered"
	Held         What = "held" // by us
	Resumed      What = "resumed"
	HeldThere    What = "held-there" // by the far end
	ResumedThere What = "resumed-there"
	Transferring What = "transferring"
	Transferred  What = "transferred"
	NotHandedOn  What = "not-transferred"
	Joined       What = "joined" // a conference, or another call
	RecordingOn  What = "recording"
	RecordingOff What = "recording-stopped"
)

// Limits of what a row may have. Longer text is cut, a longer URI is left out: a piece of it would call somebody
// else.
const (
	longestName    = 256 // characters
	longestAddress = 512
	longestURI     = 4096 // bytes
	longestPath    = 4096
	longestNote    = 16 << 10
	longestJSON    = 16 << 10
	mostMoments    = 200
	mostDigits     = 20
)

// Record keeps a call that has ended, and returns its ID. It does not block; the call is there when Counts.Calls has
// grown. What does not fit into the queue is lost (ErrBusy).
func (j *Journal) Record(c Call) (int64, error) {
	c.ID = j.newID(c.Began)
	c.Timeline = c.Timeline[:min(len(c.Timeline), mostMoments)]
	err := j.post(job{do: func(tx *sql.Tx) error { return insertCall(tx, c) }, part: partCalls})
	return c.ID, err
}

func insertCall(tx *sql.Tx, c Call) error {
	address := cut(c.Address, longestAddress)
	c.Name, c.Note = cut(c.Name, longestName), cut(c.Note, longestNote)
	id, err := free(tx, "calls", c.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO calls (id, account, label, incoming, outcome, name, address, uri, after, person,
		digits, began, rang, answered, ended, cause, code, codec, quality, recording, note, timeline, seen)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, cut(c.AccountID, longestName), cut(c.Account, longestName), c.Incoming, string(c.Outcome),
		c.Name, address, whole(c.URI, longestURI), cut(c.After, longestName), Person(address),
		foundBy(digitsOf(address), c.Name, c.Note), micros(c.Began), micros(c.Rang), micros(c.Answered),
		micros(c.Ended), storeCause(c.Cause), c.Code, cut(c.Codec, longestName), stored(c.Quality),
		whole(c.Recording, longestPath), c.Note, stored(c.Timeline), c.Seen || c.Outcome != Missed)
	return err
}

// free is an ID that no row has, id or one soon after it.
func free(tx *sql.Tx, table string, id int64) (int64, error) {
	for {
		var taken bool
		if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM "+table+" WHERE id = ?)", id).Scan(&taken); err != nil {
			return 0, err
		}
		if !taken {
			return id, nil
		}
		id++
	}
}

// CallQuery says which calls are asked for: those for which all that is given is true, the newest first.
type CallQuery struct {
	Text     string  // as it is typed: names, notes, numbers in any spelling
	Outcome  Outcome // "" = all
	Way      Way
	Recorded bool   // there is a recording
	Person   string // as Person returns it
	Before   int64  // older than the call of this ID: the next page; 0 = the first
	After    int64  // newer than the call of this ID, those next to it: the page before; 0 = without Before, the first
	Limit    int    // at most 500; 0 = 50
}

// Way is where a call came from.
type Way int

// The ways.
const (
	AnyWay Way = iota
	CameIn
	WentOut
)

const (
	usualPage = 50
	mostRows  = 500 // of a page
)

func limit(n int) int {
	if n <= 0 {
		return usualPage
	}
	return min(n, mostRows)
}

const callColumns = `c.id, c.account, c.label, c.incoming <> 0, c.outcome, c.name, c.address, c.uri, c.after, c.began,
	c.rang, c.answered, c.ended, c.cause, c.code, c.codec, c.quality, c.recording, c.note, c.timeline, c.seen <> 0`

// Calls returns a page of calls, and whether there are more behind it: older ones, with After newer ones.
func (j *Journal) Calls(ctx context.Context, q CallQuery) (page []Call, more bool, err error) {
	defer j.examine(&err)
	s, ok := q.selection()
	if !ok {
		return nil, false, nil
	}
	db, err := j.reading(ctx)
	if err != nil {
		return nil, false, err
	}
	n := limit(q.Limit)
	rest := s.newest(n + 1)
	if q.After != 0 {
		rest = s.sorted(s.id, n+1)
	}
	rows, err := db.QueryContext(ctx, "SELECT "+callColumns+rest, s.values...)
	if err != nil {
		return nil, false, err
	}
	page, more, err = pageOf(rows, n, scanCall)
	if q.After != 0 {
		slices.Reverse(page)
	}
	return page, more, err
}

// selection is the query as a question to the database; false: nothing can be found by it.
func (q CallQuery) selection() (selection, bool) {
	s := selection{from: "calls c", id: "c.id"}
	if q.Text != "" {
		match, ok := matching(q.Text, "name note")
		if !ok {
			return s, false
		}
		match = "{name address digits note} : (" + match + ")"
		if q.Outcome != "" {
			match += " AND outcome : \"" + quoted(string(q.Outcome)) + "\""
		}
		s.from, s.id = "calls_text t JOIN calls c ON c.id = t.rowid", "t.rowid"
		s.where("calls_text MATCH ?", match)
	} else if q.Outcome != "" {
		s.where("c.outcome = ?", string(q.Outcome))
	}
	if q.Person != "" {
		s.where("c.person = ?", q.Person)
	}
	switch q.Way {
	case CameIn:
		s.where("c.incoming = ?", 1)
	case WentOut:
		s.where("c.incoming = ?", 0)
	}
	if q.Recorded {
		s.terms = append(s.terms, "c.recording <> ''") // as the index has it
	}
	if q.Before != 0 {
		s.where(s.id+" < ?", q.Before)
	}
	if q.After != 0 {
		s.where(s.id+" > ?", q.After)
	}
	return s, true
}

// Call returns one call: ErrNoRow where there is none.
func (j *Journal) Call(ctx context.Context, id int64) (Call, error) {
	page, _, err := j.Calls(ctx, CallQuery{Before: id + 1, Limit: 1})
	if err == nil && (len(page) == 0 || page[0].ID != id) {
		err = ErrNoRow
	}
	if err != nil {
		return Call{}, err
	}
	return page[0], nil
}

func scanCall(rows *sql.Rows) (Call, error) {
	var c Call
	var began, rang, answered, ended int64
	var why, quality, timeline string
	err := rows.Scan(&c.ID, &c.AccountID, &c.Account, &c.Incoming, &c.Outcome, &c.Name, &c.Address, &c.URI, &c.After,
		&began, &rang, &answered, &ended, &why, &c.Code, &c.Codec, &quality, &c.Recording, &c.Note, &timeline, &c.Seen)
	c.Began, c.Rang, c.Answered, c.Ended = at(began), at(rang), at(answered), at(ended)
	c.Cause = loadCause(why)
	_ = json.Unmarshal([]byte(quality), &c.Quality) // what another wrote there is nothing to fail for
	_ = json.Unmarshal([]byte(timeline), &c.Timeline)
	return c, err
}

// MarkSeen says that somebody has looked at the missed calls.
func (j *Journal) MarkSeen() error {
	return j.post(job{part: partCalls, do: func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE calls SET seen = 1 WHERE seen = 0")
		return err
	}})
}

// SetNote changes the note of a call.
func (j *Journal) SetNote(ctx context.Context, id int64, note string) error {
	return j.do(ctx, job{part: partCalls, do: func(tx *sql.Tx) error {
		var name, address string
		err := tx.QueryRow("SELECT name, address FROM calls WHERE id = ?", id).Scan(&name, &address)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoRow
		} else if err != nil {
			return err
		}
		note = cut(note, longestNote)
		return one(tx.Exec("UPDATE calls SET note = ?, digits = ? WHERE id = ?", note,
			foundBy(digitsOf(address), name, note), id))
	}})
}

// SetRecording says where the recording of a call is, "" for nowhere.
func (j *Journal) SetRecording(ctx context.Context, id int64, path string) error {
	return j.do(ctx, job{part: partCalls, do: func(tx *sql.Tx) error {
		return one(tx.Exec("UPDATE calls SET recording = ? WHERE id = ?", whole(path, longestPath), id))
	}})
}

// one is ErrNoRow where nothing was changed.
func one(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return ErrNoRow
}

// DeleteCall deletes one call. Nothing of it stays in the file.
func (j *Journal) DeleteCall(ctx context.Context, id int64) error {
	return j.do(ctx, job{part: partCalls, after: emptyLog, do: func(tx *sql.Tx) error {
		return one(tx.Exec("DELETE FROM calls WHERE id = ?", id))
	}})
}

// DeleteCalls deletes all calls. Nothing of them stays in the file or in its log; files that were damaged and kept
// beside are not touched.
func (j *Journal) DeleteCalls(ctx context.Context) error {
	return j.do(ctx, job{part: partCalls, after: compact, do: func(tx *sql.Tx) error {
		return clearSearchable(tx, "calls")
	}})
}

// clearSearchable empties a table and its index at once: the trigger would take each row's words out one by one.
func clearSearchable(tx *sql.Tx, table string) error {
	var trigger string
	row := tx.QueryRow("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?", table+"_removed")
	if err := row.Scan(&trigger); err != nil {
		return err
	}
	for _, s := range []string{
		"DROP TRIGGER " + table + "_removed",
		"DELETE FROM " + table,
		"INSERT INTO " + table + "_text (" + table + "_text) VALUES ('rebuild')",
		trigger,
	} {
		if _, err := tx.Exec(s); err != nil {
			return err
		}
	}
	return nil
}

// compact writes the file anew without the room of what was deleted, where the disk has room for that, and empties the
// log: what was deleted is overwritten in either case.
func compact(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "VACUUM")
	if t := troubleOf("", err); err != nil && (t == nil || t.Fault == FaultDamaged) {
		return err
	}
	return emptyLog(ctx, db)
}

// errLogRead is that the log cannot be emptied while somebody reads it.
var errLogRead = errors.New("journal: the log is being read")

// emptyLog takes what is in the log into the file, and overwrites it there. The error is errLogRead where somebody
// reads for longer than is waited.
func emptyLog(ctx context.Context, db *sql.DB) error {
	var busy, log, taken int
	err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &taken)
	if err == nil && busy != 0 {
		err = errLogRead
	}
	return err
}

// mostForgotten is how many rows go in one transaction for their age.
const mostForgotten = 2000

// tidying is the job of forgetOld.
func (j *Journal) tidying() job { return job{do: j.forgetOld, part: partCalls | partMessages} }

// tooOld is the time before which rows are not kept, in µs.
func tooOld(days int64) int64 { return time.Now().AddDate(0, 0, -int(days)).UnixMicro() }

// allTooOld tells whether nothing would be left for its age. Then the clock may not be set yet, as when its battery is
// empty, or may have been set wrong.
func (j *Journal) allTooOld() bool {
	var newest int64
	err := j.db.QueryRow("SELECT max(ifnull((SELECT max(id) FROM calls), 0), " +
		"ifnull((SELECT max(id) FROM messages), 0))").Scan(&newest)
	days := j.keep.Load()
	return err == nil && days > 0 && newest != 0 && newest < tooOld(days)
}

// forgetOld deletes calls and messages that are older than they are to be kept.
func (j *Journal) forgetOld(tx *sql.Tx) error {
	days := j.keep.Load()
	if days <= 0 {
		return nil
	}
	old := tooOld(days)
	gone, err := tx.Exec(`DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE id < ? ORDER BY id LIMIT ?)`,
		old, mostForgotten)
	if err != nil {
		return err
	}
	n, err := gone.RowsAffected()
	if err != nil {
		return err
	}
	more, err := forgetMessages(tx, old)
	if err == nil && (more || n == mostForgotten) {
		_ = j.post(j.tidying()) // the rest, behind what else waits
	}
	return err
}

// stored is a value as JSON, "" where it is too much.
func stored(v any) string {
	text, err := json.Marshal(v)
	if err != nil || len(text) > longestJSON {
		return ""
	}
	return string(text)
}

// storedCause is a cause with what its own JSON leaves out.
type storedCause struct {
	Kind    cause.Kind   `json:"kind,omitempty"`
	Detail  string       `json:"detail,omitempty"`
	Facts   *cause.Cause `json:"facts,omitempty"`
	Because *storedCause `json:"because,omitempty"`
}

func asStored(c cause.Cause) *storedCause {
	s := &storedCause{Kind: c.Kind, Detail: c.Detail, Facts: &c}
	if c.Because != nil {
		s.Because = asStored(*c.Because)
		c.Because = nil
	}
	return s
}

func (s *storedCause) cause() cause.Cause {
	var c cause.Cause
	if s.Facts != nil {
		c = *s.Facts
	}
	c.Kind, c.Detail = s.Kind, s.Detail
	if s.Because != nil {
		because := s.Because.cause()
		c.Because = &because
	}
	return c
}

// storeCause is a cause as it is kept; of one that is too much, the kind alone.
func storeCause(c cause.Cause) string {
	if text := stored(asStored(c)); text != "" {
		return text
	}
	return stored(storedCause{Kind: c.Kind})
}

func loadCause(text string) cause.Cause {
	var s storedCause
	if json.Unmarshal([]byte(text), &s) != nil {
		return cause.Cause{}
	}
	return s.cause()
}
