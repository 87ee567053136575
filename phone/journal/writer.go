package journal

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// write is the writer: it alone changes the file.
func (j *Journal) write() {
	defer close(j.ended)
	defer func() {
		j.offer(&reader{err: ErrClosed})
		if j.db != nil {
			_ = j.db.Close()
		}
	}()
	tidy, again := time.NewTicker(tidyTime), time.NewTicker(retryTime)
	defer tidy.Stop()
	defer again.Stop()
	j.first()
	for {
		select {
		case w := <-j.jobs:
			j.take(w)
		case <-tidy.C:
			j.tidy()
		case <-again.C:
			if j.trouble != nil || len(j.waiting) > 0 {
				j.retry()
			}
			if j.unclean && j.db != nil {
				j.unclean = emptyLog(context.Background(), j.db) != nil
			}
		case <-j.closing:
			j.rest()
			return
		}
	}
}

// first opens the file, and tells when it cannot.
func (j *Journal) first() {
	defer close(j.tried)
	if err := j.open(); err != nil {
		j.failed(err)
		return
	}
	j.recount()
	j.tidy()
}

// tidy deletes what is too old. Where nothing would be left, the clock may be wrong: then all is spared until the next
// look.
func (j *Journal) tidy() {
	if j.spared = !j.spared && j.db != nil && j.allTooOld(); !j.spared {
		j.take(j.tidying())
	}
}

// failed follows that the file cannot be written: where it can be read, it is.
func (j *Journal) failed(err error) {
	t := j.faulty(err)
	if j.db != nil && t.Fault == FaultReadOnly { // what was opened for reading alone stays so: it is opened anew
		_ = j.db.Close()
		j.db = nil
		j.offer(&reader{err: t})
	}
	if j.db == nil && j.reader.Load().db == nil {
		r, err := lookOnly(j.path(), t)
		if err != nil {
			r = &reader{err: t}
		}
		j.offer(r)
	}
	j.tell(t)
}

// faulty is an error as a trouble. SQLite does not always say what the system said: then it is tried.
func (j *Journal) faulty(err error) *Trouble {
	t := troubleOf(j.path(), err)
	if t == nil {
		t = &Trouble{File: j.path(), Err: err}
	}
	if t.Fault == FaultOther {
		if said := troubleOf(j.path(), try(j.path()+".new")); said != nil {
			return said
		}
	}
	return t
}

// take does a job. One that cannot be done now and that nobody waits for is done later, and what comes behind it
// after it.
func (j *Journal) take(w job) {
	if n := j.lost.Swap(0); n > 0 {
		j.tell(&Trouble{Fault: FaultTooMuch, File: j.path()})
	}
	if !w.now && len(j.waiting) > 0 {
		j.later(w)
		return
	}
	err := j.attempt(w)
	switch {
	case err == nil: // in has told it
	case !w.now && troubleOf(j.path(), err) != nil:
		j.later(w)
	default:
		w.end(err)
	}
}

// later keeps a job for another attempt.
func (j *Journal) later(w job) {
	switch {
	case j.trouble != nil && j.trouble.Fault == FaultNewer: // never
		w.end(j.trouble)
	case len(j.waiting) >= queuedJobs:
		j.lost.Add(1)
		w.end(ErrBusy)
	default:
		j.waiting = append(j.waiting, w)
	}
}

// retry does what waits, as far as it can be done.
func (j *Journal) retry() {
	if len(j.waiting) == 0 {
		closed := j.db == nil
		if j.attempt(job{do: func(*sql.Tx) error { return nil }}) == nil && closed {
			j.tidy()
		}
		return
	}
	for len(j.waiting) > 0 {
		err := j.attempt(j.waiting[0])
		if err != nil && troubleOf(j.path(), err) != nil {
			return
		}
		if err != nil {
			j.waiting[0].end(err)
		}
		j.waiting = j.waiting[1:]
	}
	j.waiting = nil
}

// attempt does a job once, and once more where the file was damaged and a new one could be begun. What is the matter
// with the file is told.
func (j *Journal) attempt(w job) error {
	err := j.in(w)
	if t := troubleOf(j.path(), err); t != nil && t.Fault == FaultDamaged {
		if err = j.anew(t); err == nil {
			err = j.in(w)
		}
	}
	if troubleOf(j.path(), err) == nil {
		j.well()
		return err
	}
	t := j.faulty(err)
	j.failed(t)
	return t
}

// end tells whoever waits how a job ended.
func (w job) end(err error) {
	if w.done != nil {
		w.done(err)
	}
}

// anew keeps the damaged file beside and begins a new one.
func (j *Journal) anew(t *Trouble) error {
	if j.db != nil {
		_ = j.db.Close()
		j.db = nil
	}
	j.offer(&reader{err: t})
	kept, err := j.setAside(t)
	if err != nil {
		return err
	}
	j.tell(kept) // also where no new one can be begun yet
	if err := j.openOnce(); err != nil {
		return err
	}
	j.recount()
	return nil
}

// in does a job in a transaction. One that is done is ended before what it changed is told.
func (j *Journal) in(w job) error {
	if j.trouble != nil && j.trouble.Fault == FaultNewer {
		return j.trouble
	}
	if j.db != nil && j.isGone() {
		j.offer(&reader{err: ErrClosed})
		_ = j.db.Close()
		j.db = nil
	}
	if j.db == nil {
		if j.reader.Load().bars {
			j.offer(&reader{err: j.trouble})
		}
		if err := j.open(); err != nil {
			return err
		}
		j.recount()
	}
	ctx := context.Background()
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := w.do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if w.after != nil {
		err = w.after(ctx, j.db)
		j.unclean = err != nil // it is deleted, and the log follows
		if errors.Is(err, errLogRead) {
			err = nil
		}
	}
	c := j.count(w.part)
	if err == nil {
		w.end(nil)
	}
	j.announce(c)
	return err
}

// recount tells that everything may be otherwise.
func (j *Journal) recount() { j.announce(j.count(partCalls | partContacts | partMessages)) }

// count counts what there is now, after a change of some parts.
func (j *Journal) count(changed part) Counts {
	c := j.Counts()
	if changed&partCalls != 0 {
		c.Calls++
		_ = j.db.QueryRow("SELECT count(*) FROM calls WHERE seen = 0").Scan(&c.Missed)
	}
	if changed&partContacts != 0 {
		c.Contacts++
	}
	if changed&partMessages != 0 {
		c.Messages++
		_ = j.db.QueryRow("SELECT count(*) FROM messages WHERE unread = 1").Scan(&c.Unread)
		_ = j.db.QueryRow("SELECT count(*) FROM conversations").Scan(&c.Conversations)
	}
	j.counts.Store(&c)
	return c
}

// announce tells the counts.
func (j *Journal) announce(c Counts) {
	if j.o.Changed != nil {
		j.o.Changed(c)
	}
}

// rest does what waits when the journal is closed.
func (j *Journal) rest() {
	until := time.Now().Add(closeTime)
	all := j.waiting
	for {
		select {
		case w := <-j.jobs:
			all = append(all, w)
			continue
		default:
		}
		break
	}
	for _, w := range all {
		err := ErrClosed
		if time.Now().Before(until) {
			err = j.in(w)
		}
		if err != nil {
			w.end(err)
		}
	}
}

// tell tells a trouble, once.
func (j *Journal) tell(t *Trouble) {
	lasts := t.Fault != FaultDamaged && t.Fault != FaultTooMuch
	if lasts && j.trouble != nil && j.trouble.Fault == t.Fault {
		return
	}
	if lasts {
		j.trouble = t
	}
	if j.o.Told != nil {
		j.o.Told(t)
	}
}

// well tells that what could not be done can be done again.
func (j *Journal) well() {
	if j.trouble == nil {
		return
	}
	j.trouble = nil
	if j.o.Told != nil {
		j.o.Told(nil)
	}
}
