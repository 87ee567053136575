package journal

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// header is how a file of SQLite begins (https://www.sqlite.org/fileformat.html section 1.3).
const (
	headerLength = 100
	headerMagic  = "SQLite format 3\x00"
)

// mostKept is how many damaged files are kept; the oldest go first.
const mostKept = 5

// examine follows what a reader has found: where the file is damaged, it is kept and a new one begun as if the writer
// had come to the damage. It returns at once.
func (j *Journal) examine(found *error) {
	t := troubleOf(j.path(), *found)
	if t == nil || t.Fault != FaultDamaged || j.examining.Swap(true) {
		return
	}
	done := func(error) { j.examining.Store(false) }
	if err := j.post(job{do: j.whole, part: partCalls | partContacts | partMessages, done: done}); err != nil {
		done(err)
	}
}

// whole is a *Trouble where the file is damaged in any part.
func (j *Journal) whole(tx *sql.Tx) error {
	var said string
	if err := tx.QueryRow("PRAGMA quick_check(1)").Scan(&said); err != nil {
		return err
	} else if said != "ok" {
		return &Trouble{Fault: FaultDamaged, File: j.path(), Err: errors.New(said)}
	}
	for _, table := range tables() {
		if !strings.HasSuffix(table, "_text") {
			continue
		}
		if _, err := tx.Exec("INSERT INTO " + table + " (" + table + ") VALUES ('integrity-check')"); err != nil {
			return err
		}
	}
	return nil
}

// sides are the files that SQLite keeps beside the one.
func sides() []string { return []string{"-wal", "-shm", "-journal"} }

// source is how the file at a path is opened, by SQLite's URI (https://www.sqlite.org/uri.html).
func source(path string, options ...string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	if !strings.HasPrefix(u.Path, "/") {
		u.Path = "/" + u.Path // a drive's letter
	}
	options = append(options, fmt.Sprintf("_pragma=busy_timeout(%d)", busyTime.Milliseconds()),
		"_pragma=temp_store(memory)", "_pragma=cache_size(-1024)", "_pragma=trusted_schema(0)")
	return u.String() + "?" + strings.Join(options, "&")
}

// openWriting opens the file for the writer: one connection, the log synced with each commit, what is deleted
// overwritten.
func openWriting(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", source(path, "_txlock=immediate", "_pragma=journal_mode(wal)",
		"_pragma=synchronous(full)", "_pragma=secure_delete(1)", "_pragma=foreign_keys(1)",
		"_pragma=journal_size_limit(1048576)", "mode=rwc"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// openReading opens the file for readers.
func openReading(path, how string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", source(path, how, "_pragma=query_only(1)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readersAtOne)
	var n int
	if err = db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&n); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// lookOnly opens a file for reading that cannot be written.
func lookOnly(path string, t *Trouble) (*reader, error) {
	if t.Fault == FaultNewer || t.Fault == FaultDamaged {
		return nil, t
	}
	if err := look(path); err != nil {
		return nil, err
	}
	r, how := new(reader), "mode=rw"
	switch {
	case t.Fault == FaultLocked: // another changes it
	case size(path+"-wal") == 0:
		how = "immutable=1"
	default: // SQLite would not write a file that this process has open for reading only
		how, r.bars = "mode=ro", true
	}
	var err error
	if r.db, err = openReading(path, how); err != nil {
		return nil, err
	}
	if has, err := schemaOf(r.db); err != nil || has != version() {
		return nil, errors.Join(t, err, r.db.Close())
	}
	return r, nil
}

// open opens the file for the writer and for readers, makes it where there is none, and keeps a damaged one beside.
// What it returns is a *Trouble where the file is at fault.
func (j *Journal) open() error {
	path := j.path()
	err := j.openOnce()
	t := troubleOf(path, err)
	if t == nil || t.Fault != FaultDamaged {
		return orErr(t, err)
	}
	if t, err = j.setAside(t); err != nil {
		return orErr(troubleOf(path, err), err)
	}
	j.tell(t) // also where no new one can be begun yet
	if err = j.openOnce(); err != nil {
		return orErr(troubleOf(path, err), err)
	}
	return nil
}

func orErr(t *Trouble, err error) error {
	if t != nil {
		return t
	}
	return err
}

func (j *Journal) path() string { return filepath.Join(j.o.Dir, FileName) }

// openOnce opens the file as it is.
func (j *Journal) openOnce() (err error) {
	path := j.path()
	if err := os.MkdirAll(j.o.Dir, 0o700); err != nil {
		return err
	}
	if err := look(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	unclean := size(path+"-wal") > 0
	if unclean && isNewerByLog(path) {
		return &Trouble{Fault: FaultNewer, File: path}
	}
	db, err := openWriting(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = db.Close()
		}
	}()
	if err = check(db, path, unclean); err != nil {
		return err
	}
	if err = upgrade(db); err != nil && troubleOf(path, err) == nil { // it is not what its version says
		return &Trouble{Fault: FaultDamaged, File: path, Err: err}
	} else if err != nil {
		return err
	}
	if err = complete(db, path); err != nil {
		return err
	}
	if j.o.Sends {
		if err = loseMessages(db); err != nil {
			return err
		}
	}
	readers, err := openReading(path, "mode=rw")
	if err != nil {
		return err
	}
	j.db = db
	j.offer(&reader{db: readers})
	j.files = map[string]os.FileInfo{}
	for _, name := range []string{path, path + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			j.files[name] = info
		}
	}
	return nil
}

// isGone tells whether the file that is open, or its log, is not the one of its name any more: somebody has deleted it,
// or put another in its place. What is written to it would be read by nobody.
func (j *Journal) isGone() bool {
	for name, was := range j.files {
		is, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(is, was) {
			return true
		}
	}
	return false
}

// offer gives readers other connections, or the reason why there are none.
func (j *Journal) offer(r *reader) {
	if before := j.reader.Swap(r); before.db != nil {
		_ = before.db.Close() // waits for those who read
	}
}

// look finds what is wrong with a file before SQLite is let near it: it may be of a newer version, which nothing is
// to touch, or cut short, which SQLite may find only when it comes to the missing part.
func look(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && size(path+"-wal") > 0 {
			return &Trouble{Fault: FaultDamaged, File: path, Err: errors.New("only its log is there")}
		}
		return err
	}
	damaged := func(why string) error { return &Trouble{Fault: FaultDamaged, File: path, Err: errors.New(why)} }
	for _, side := range sides() {
		if beside, err := os.Stat(path + side); err == nil && beside.IsDir() {
			return damaged("what belongs to it is a folder")
		}
	}
	if !info.Mode().IsRegular() {
		return damaged("it is no file")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var h [headerLength]byte
	if _, err := io.ReadFull(f, h[:]); err != nil {
		return damaged("it is cut short")
	}
	if !bytes.HasPrefix(h[:], []byte(headerMagic)) {
		return damaged("it is no database")
	}
	number := func(at int) int64 { return int64(binary.BigEndian.Uint32(h[at:])) }
	pageSize := int64(binary.BigEndian.Uint16(h[16:]))
	if pageSize == 1 {
		pageSize = 1 << 16
	}
	switch {
	case number(68) != application:
		return damaged("it is the database of another program")
	case number(60) > int64(version()):
		return &Trouble{Fault: FaultNewer, File: path}
	case size(path+"-wal") == 0 && number(28)*pageSize > info.Size():
		return damaged("it is cut short")
	}
	return nil
}

// isNewerByLog tells a file that a newer Calla has written where so far only its log says so. It is read as what cannot
// be written, so that nothing of either is touched.
func isNewerByLog(path string) bool {
	db, err := openReading(path, "mode=ro")
	if err != nil {
		return false // whoever opens it for writing finds out why
	}
	defer db.Close()
	has, err := schemaOf(db)
	return err == nil && has > version()
}

// check asks SQLite whether the file is whole. All of it is read only where the program did not end properly.
func check(db *sql.DB, path string, unclean bool) error {
	var app int
	if err := db.QueryRow("PRAGMA application_id").Scan(&app); err != nil {
		return err
	}
	has, err := schemaOf(db)
	switch {
	case err != nil:
		return err
	case app != application:
		return &Trouble{Fault: FaultDamaged, File: path, Err: errors.New("it is the database of another program")}
	case has > version() || has < 0:
		return &Trouble{Fault: FaultNewer, File: path}
	case !unclean:
		return nil
	}
	var said string
	if err := db.QueryRow("PRAGMA quick_check(1)").Scan(&said); err != nil {
		return err
	}
	if said != "ok" {
		return &Trouble{Fault: FaultDamaged, File: path, Err: errors.New(said)}
	}
	return nil
}

// complete finds what is missing in a file of the present version.
func complete(db *sql.DB, path string) error {
	for _, table := range tables() {
		columns := "*"
		switch table {
		case "calls":
			columns = callColumns + ", c.person, c.digits"
		case "contacts":
			columns = contactColumns + ", c.sorted, c.addresses, c.digits"
		case "messages":
			columns = messageColumns + ", m.digits"
		}
		rows, err := db.Query("SELECT " + columns + " FROM " + table + " AS " + table[:1] + " LIMIT 1")
		if err == nil {
			rows.Next()
			err = errorsOf(rows)
		}
		if err != nil && troubleOf(path, err) == nil {
			return &Trouble{Fault: FaultDamaged, File: path, Err: err}
		} else if err != nil {
			return err
		}
	}
	return nil
}

// create makes the file under another name: it is never there half made. Where another program has made one meanwhile,
// that one stays.
func create(path string) error {
	if err := os.RemoveAll(path + "-journal"); err != nil { // of a file that is gone: SQLite would undo ours by it
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), FileName+".new-*") // SQLite gives its other files the same rights
	if err != nil {
		return err
	}
	fresh := f.Name()
	defer func() {
		for _, side := range append(sides(), "") {
			_ = os.Remove(fresh + side)
		}
	}()
	if err := f.Close(); err != nil {
		return err
	}
	db, err := openWriting(fresh)
	if err != nil {
		return err
	}
	err = upgrade(db)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	err = os.Link(fresh, path)
	if _, there := os.Stat(path); errors.Is(err, fs.ErrExist) || there == nil {
		return nil
	}
	return os.Rename(fresh, path) // a disk without links
}

// setAside gives a damaged file, and what belongs to it, a dated name, and tells the name.
func (j *Journal) setAside(t *Trouble) (*Trouble, error) {
	path := j.path()
	kept := ""
	now := time.Now()
	for n := 0; kept == ""; n++ {
		name := path + ".damaged-" + now.Format("20060102-150405")
		if n > 0 {
			name += fmt.Sprintf("-%d", n)
		}
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			kept = name
		} else if err != nil {
			return nil, err
		}
	}
	if err := os.Rename(path, kept); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, side := range sides() {
		if err := os.Rename(path+side, kept+side); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	j.dropKept()
	return &Trouble{Fault: FaultDamaged, File: path, Kept: kept, Err: t.Err}, nil
}

// dropKept deletes the oldest of the damaged files where there are too many.
func (j *Journal) dropKept() {
	all, _ := filepath.Glob(escapeGlob(j.path()) + ".damaged-*")
	var main []string
	for _, name := range all { // sorted, and so by date
		if !slices.ContainsFunc(sides(), func(side string) bool { return strings.HasSuffix(name, side) }) {
			main = append(main, name)
		}
	}
	for len(main) > mostKept {
		for _, side := range append(sides(), "") {
			_ = os.RemoveAll(main[0] + side)
		}
		main = main[1:]
	}
}

// escapeGlob keeps the characters of a path from being a pattern's.
func escapeGlob(path string) string {
	return strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]").Replace(path)
}

// size is that of a file, 0 where there is none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// try writes a file and deletes it, and returns what the system says.
func try(path string) error {
	err := os.WriteFile(path, make([]byte, 4096), 0o600)
	return errors.Join(err, os.RemoveAll(path))
}
