package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"calla/phone/cause"
)

// Fault is what can be the matter with the file.
type Fault int

// The faults.
const (
	FaultOther    Fault = iota // the system says why, in Trouble.Err
	FaultNewer                 // a newer Calla has written it: nothing of it is touched
	FaultDamaged               // it was damaged: it is kept as Trouble.Kept, and a new one begun
	FaultLocked                // another program has it locked
	FaultFull                  // the disk is
	FaultReadOnly              // the file, its folder or the disk is
	FaultTooMuch               // more came than could be written: it is lost
)

// Trouble is what is the matter with the file. All but FaultNewer, FaultDamaged and FaultTooMuch are tried again
// until they are over.
type Trouble struct {
	Fault Fault
	File  string // path
	Kept  string // path of what was damaged, with FaultDamaged
	Err   error  // what the system or SQLite said, nil for nothing
}

// Error implements error.
func (t *Trouble) Error() string {
	what := [...]string{
		"cannot be used", "was written by a newer version", "is damaged", "is locked by another program",
		"does not fit on the disk", "cannot be written", "cannot be written as fast as it comes",
	}[t.Fault]
	if t.Err == nil {
		return fmt.Sprintf("journal: %s %s", t.File, what)
	}
	return fmt.Sprintf("journal: %s %s: %v", t.File, what, t.Err)
}

// Unwrap returns what the system or SQLite said.
func (t *Trouble) Unwrap() error { return t.Err }

// Cause is the trouble as it is told to people.
func (t *Trouble) Cause() cause.Cause {
	c := cause.Cause{File: filepath.Base(t.File), Folder: filepath.Dir(t.File)}
	if t.Err != nil {
		c = c.BySystem(t.Err)
	}
	switch t.Fault {
	case FaultNewer:
		c.Kind = cause.JournalNewer
	case FaultDamaged:
		c.Kind, c.File = cause.JournalDamaged, filepath.Base(t.Kept)
	case FaultLocked:
		c.Kind = cause.JournalLocked
	case FaultFull:
		c.Kind, c.System = cause.JournalNotWritten, cause.SystemDiskFull
	case FaultReadOnly:
		c.Kind = cause.JournalNotWritten
		if c.System == cause.SystemUnknown {
			c.System = cause.SystemReadOnly
		}
	case FaultTooMuch:
		c.Kind = cause.JournalBehind
	default:
		c.Kind = cause.JournalNotWritten
	}
	return c
}

// troubleOf finds the trouble an error is, nil where it is none of the file's.
func troubleOf(file string, err error) *Trouble {
	var t *Trouble
	if err == nil || errors.As(err, &t) {
		return t
	}
	var s *sqlite.Error
	fault := FaultOther
	switch {
	case errors.As(err, &s):
		switch s.Code() & 0xff {
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			fault = FaultDamaged
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL:
			fault = FaultLocked
		case sqlite3.SQLITE_FULL:
			fault = FaultFull
		case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
			fault = FaultReadOnly
		case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM:
		default:
			return nil
		}
	case cause.IsErrno(err, syscall.ENOSPC, 112):
		fault = FaultFull
	case errors.Is(err, fs.ErrPermission), cause.IsErrno(err, syscall.EROFS, 19):
		fault = FaultReadOnly
	case isPath(err):
	default:
		return nil
	}
	return &Trouble{Fault: fault, File: file, Err: err}
}

// isPath tells the errors of files.
func isPath(err error) bool {
	var p *fs.PathError
	return errors.As(err, &p)
}
