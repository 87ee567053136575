// Package journal keeps what is to be found again: calls, contacts and messages, in one SQLite file of the profile.
//
//	any goroutine ── facts as values ──▶ queue ──▶ writer: one goroutine, one connection ──▶ journal.db
//	any goroutine ◀───────────── rows, a page at a time ─── two reading connections ◀────────┘
//
// Nobody who makes a call waits for the disk: Record and its like put a value into a bounded queue and return.
// Whoever reads, or wants to know how a change ended, waits on its own goroutine with a context of its own.
//
// A row that anybody was shown is in the file: readers see what has been committed and nothing else. The file is
// whole whenever the program or the computer dies (a write-ahead log, synced with each commit). A file that is
// damaged is kept beside under a dated name and a new one begun; one that cannot be written just now is tried again.
package journal

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"sync/atomic"
	"time"
)

const (
	queuedJobs   = 1024            // that wait for the writer; more are refused
	retryTime    = 5 * time.Second // between two attempts where the file cannot be written
	tidyTime     = time.Hour       // between two looks at what is too old
	closeTime    = 2 * time.Second // that Close waits for what is still to be written
	busyTime     = time.Second     // that SQLite waits for a lock of somebody else
	readersAtOne = 2               // reading connections
)

// FileName is the name of the file in the profile's folder.
const FileName = "journal.db"

// ErrBusy is that so much waits to be written that no more is taken.
var ErrBusy = errors.New("journal: too much waits to be written")

// ErrClosed is that the journal has been closed.
var ErrClosed = errors.New("journal: closed")

// ErrNoRow is that there is no such call, contact or message, or no longer.
var ErrNoRow = errors.New("journal: not there")

// Options are what a Journal is made of.
type Options struct {
	Dir string // the profile's folder; made where there is none
	// Changed is called on the writer's goroutine after each change. nil: nobody looks.
	Changed func(Counts)
	// Told is called on the writer's goroutine with what is the matter with the file, and with nil when it is well
	// again. nil: nobody looks.
	Told func(*Trouble)
	// Sends tells that this program is the one that sends the profile's messages: those that are still under way in the
	// file are of a run that has ended.
	Sends bool
	// KeepDays is how long calls and messages are kept; 0 = for ever. See SetKeepDays.
	KeepDays int
}

// Counts is what there is to know without asking for rows.
type Counts struct {
	Missed int // missed calls that nobody has looked at
	Unread int // messages
	// Conversations is how many there are
	Conversations int

	// Each grows with every change of what it is named for: who shows such rows asks again.
	Calls, Contacts, Messages uint64
}

// Journal is the file at work. Its methods may be called from any goroutine. Those with a context block; the others
// return at once.
type Journal struct {
	o       Options
	jobs    chan job
	closing chan struct{}
	ended   chan struct{} // the writer has
	closed  atomic.Bool
	tried   chan struct{} // closed when the file has been opened, or could not be

	reader atomic.Pointer[reader]
	counts atomic.Pointer[Counts]
	lastID atomic.Int64
	keep   atomic.Int64 // days
	lost   atomic.Int64 // jobs refused, or given up, since it was told last

	examining atomic.Bool // a job that looks for damage waits

	// The writer's own:
	db      *sql.DB                // nil until the file could be opened
	files   map[string]os.FileInfo // that db has open, by their paths
	trouble *Trouble               // that lasts
	waiting []job                  // could not be done yet, in their order
	unclean bool                   // the log still has what was deleted: somebody reads it
	spared  bool                   // the last look at what is too old found nothing else
	moved   map[int64]int64        // messages under way by the IDs they were given, where a row had that one already
}

// reader is how rows are read, or why they cannot be.
type reader struct {
	db   *sql.DB
	err  error
	bars bool // as long as it is open, nobody can write
}

// job is one change: do in a transaction of its own, after everything that was put in before it.
type job struct {
	do    func(*sql.Tx) error
	after func(context.Context, *sql.DB) error // beyond the transaction, nil for nothing
	part  part                                 // what it changes
	done  func(error)                          // on the writer's goroutine, once, when it is done or given up; or nil
	now   bool                                 // it is done now or never: somebody waits
}

// part is what of the journal a job changes: a set.
type part int

const (
	partCalls part = 1 << iota
	partContacts
	partMessages
)

// Open begins to open the journal of a folder, and returns at once: until it is open, what is recorded waits. Close
// ends it.
func Open(o Options) *Journal {
	j := &Journal{
		o: o, jobs: make(chan job, queuedJobs), closing: make(chan struct{}), ended: make(chan struct{}),
		tried: make(chan struct{}), moved: map[int64]int64{},
	}
	j.counts.Store(&Counts{})
	j.reader.Store(&reader{err: ErrClosed})
	j.keep.Store(int64(o.KeepDays))
	go j.write()
	return j
}

// Close writes what waits, for at most two seconds, and closes the file. What is recorded afterwards is refused.
func (j *Journal) Close() {
	if j.closed.Swap(true) {
		<-j.ended
		return
	}
	close(j.closing)
	<-j.ended
}

// Counts returns the latest counts.
func (j *Journal) Counts() Counts { return *j.counts.Load() }

// SetKeepDays says how long calls and messages are kept, 0 = for ever; what is older goes at once.
func (j *Journal) SetKeepDays(days int) {
	if j.keep.Swap(int64(days)) != int64(days) {
		_ = j.post(j.tidying())
	}
}

// newID is the ID of a row of a time: the time in µs, or one soon after it that has not been given yet. Rows are in
// the order of their IDs.
func (j *Journal) newID(at time.Time) int64 {
	for {
		last, id := j.lastID.Load(), at.UnixMicro()
		if id <= last && last-id < time.Second.Microseconds() {
			id = last + 1
		}
		if j.lastID.CompareAndSwap(last, id) {
			return id
		}
	}
}

// post gives the writer a job. It does not block.
func (j *Journal) post(w job) error {
	if j.closed.Load() {
		return ErrClosed
	}
	select {
	case j.jobs <- w:
		return nil
	default:
		j.lost.Add(1)
		return ErrBusy
	}
}

// do gives the writer a job and waits until it is done.
func (j *Journal) do(ctx context.Context, w job) error {
	result := make(chan error, 1)
	w.done, w.now = func(err error) { result <- err }, true
	if j.closed.Load() {
		return ErrClosed
	}
	select {
	case j.jobs <- w:
	case <-ctx.Done():
		return ctx.Err()
	case <-j.ended:
		return ErrClosed
	}
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-j.ended:
		select {
		case err := <-result:
			return err
		default:
			return ErrClosed
		}
	}
}

// reading returns the connections for reading, once the file has been opened.
func (j *Journal) reading(ctx context.Context) (*sql.DB, error) {
	select {
	case <-j.tried:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r := j.reader.Load()
	return r.db, r.err
}
