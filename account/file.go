package account

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// fileFormat is the version of the files this program writes.
const fileFormat = 1

// maxFileSize is what a kept file may have; a larger one is damaged.
const maxFileSize = 4 << 20

// backups is how many previous versions of a kept file stay: NAME.1, the newest, to NAME.3.
const backups = 3

// editedByHand, as the checksum, makes a file valid whatever it holds: for a person who edits it.
const editedByHand = "edited"

// What a kept file can be that is no damage of the disk.
var (
	errNewer = errors.New("was written by a newer Calla") // of a later format than this program knows
	errLost  = errors.New("no earlier version can be read")
)

// document is a kept file: a JSON object with "format", "saved", "checksum" and the members proper.
// Members that this program does not know stay in it.
type document map[string]json.RawMessage

// keptFile is one file of the profile, written so that power may fail at any instant: the new
// content goes to a temporary file that is flushed, the previous one is kept under another name, then
// the new one is renamed into place and the folder flushed.
type keptFile struct {
	dir, name string
}

func (f keptFile) path() string { return filepath.Join(f.dir, f.name) }

func (f keptFile) backup(n int) string { return f.path() + "." + strconv.Itoa(n) }

// load returns the newest content that is whole. A damaged file is moved aside and the backup put in its
// place. Nothing at all is no error: an empty document. The error is for a file that cannot be used and
// must not be written, whatever the document returned with it.
func (f keptFile) load(found *Loaded, check func(document) error) (document, error) {
	if err := checkFile(f.dir, f.path(), found); err != nil {
		found.Damaged = err.Error()
		return document{}, err
	}
	doc, err := readWhole(f.path(), check)
	if err == nil || errors.Is(err, errNewer) {
		found.FromFile, found.Saved = f.name, doc.saved()
		return doc, err
	}
	missing := errors.Is(err, os.ErrNotExist)
	backup, n := f.newestBackup(found, check)
	switch {
	case missing && n == 0:
		return document{}, nil
	case missing:
		found.Damaged = f.name + " is gone"
	default:
		found.Damaged = f.name + " " + err.Error()
	}
	if n == 0 {
		return document{}, fmt.Errorf("%s, and %w", found.Damaged, errLost)
	}
	found.FromFile, found.Saved = filepath.Base(f.backup(n)), backup.saved()
	var unreadable *os.PathError
	if !missing && errors.As(err, &unreadable) {
		return backup, err // the disk or the permissions, not the content: touch nothing
	}
	return backup, f.restore(n, missing, found)
}

// newestBackup returns the newest backup that is whole and its number; 0 when there is none.
func (f keptFile) newestBackup(found *Loaded, check func(document) error) (document, int) {
	for n := 1; n <= backups; n++ {
		if checkFile(f.dir, f.backup(n), found) != nil {
			continue
		}
		if doc, err := readWhole(f.backup(n), check); err == nil {
			return doc, n
		}
	}
	return nil, 0
}

// restore moves the damaged file aside and puts backup n in its place.
func (f keptFile) restore(n int, missing bool, found *Loaded) error {
	if !missing {
		if err := f.moveAside(found); err != nil {
			return err
		}
	}
	data, err := os.ReadFile(f.backup(n))
	if err != nil {
		return fmt.Errorf("restore %s: %w", f.name, err)
	}
	return f.replace(data)
}

// moveAside gives the damaged file a name that tells so.
func (f keptFile) moveAside(found *Loaded) error {
	stamp := time.Now().UTC().Format("20060102T150405Z")
	for i := range 100 {
		aside := f.path() + ".corrupt-" + stamp
		if i > 0 {
			aside += "-" + strconv.Itoa(i)
		}
		if _, err := os.Lstat(aside); err == nil {
			continue
		}
		if err := os.Rename(f.path(), aside); err != nil {
			return fmt.Errorf("move damaged %s aside: %w", f.name, err)
		}
		found.MovedTo = filepath.Base(aside)
		return nil
	}
	return fmt.Errorf("move damaged %s aside: too many damaged files", f.name)
}

// save writes doc in place of the file, after reading it back; the previous content becomes
// backup 1. A content that is the same as before writes nothing.
func (f keptFile) save(doc document, check func(document) error) error {
	previous, err := readWhole(f.path(), check)
	if err == nil && previous.same(doc) {
		return nil
	}
	data, encodeErr := doc.encode()
	if encodeErr != nil {
		return fmt.Errorf("save %s: %w", f.name, encodeErr)
	}
	if _, err := parseDocument(data, check); err != nil {
		return fmt.Errorf("save %s: what was to be written %w", f.name, err)
	}
	switch {
	case err == nil:
		err = f.keepPrevious()
	case errors.Is(err, os.ErrNotExist):
		err = nil
	default: // damaged since it was read: keep it, but not among the good ones
		err = f.moveAside(new(Loaded))
	}
	if err != nil {
		return err
	}
	return f.replace(data)
}

// keepPrevious makes the file backup 1 and moves the older ones on. The file itself stays in place.
func (f keptFile) keepPrevious() error {
	for n := backups; n > 1; n-- {
		if err := os.Rename(f.backup(n-1), f.backup(n)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("keep previous %s: %w", f.name, err)
		}
	}
	if os.Link(f.path(), f.backup(1)) == nil {
		return nil
	}
	data, err := os.ReadFile(f.path()) // a file system without links
	if err != nil {
		return fmt.Errorf("keep previous %s: %w", f.name, err)
	}
	return keptFile{f.dir, filepath.Base(f.backup(1))}.replace(data)
}

// replace puts data in place of the file in one step, flushed to the disk.
func (f keptFile) replace(data []byte) error {
	if err := replaceFile(f.path(), data); err != nil {
		return fmt.Errorf("write %s: %w", f.name, err)
	}
	return nil
}

// removeStray deletes temporary files that a killed process left; the profile's lock is held.
func (f keptFile) removeStray() {
	stray, err := filepath.Glob(filepath.Join(f.dir, "."+f.name+"*"))
	if err != nil {
		return
	}
	for _, path := range stray {
		_ = os.Remove(path)
	}
}

// readWhole reads a kept file; the error says in words after the file's name what is wrong with it.
func readWhole(path string, check func(document) error) (document, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("is not a file")
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFileSize+1))
	if err != nil {
		return nil, err
	}
	return parseDocument(data, check)
}

// parseDocument checks that data is one whole document.
func parseDocument(data []byte, check func(document) error) (document, error) {
	switch {
	case len(data) == 0:
		return nil, errors.New("is empty")
	case len(data) > maxFileSize:
		return nil, errors.New("is far too large")
	case !utf8.Valid(data):
		return nil, errors.New("is not UTF-8 text")
	}
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("is not whole: %w", err)
	}
	var sum string
	if err := json.Unmarshal(doc["checksum"], &sum); err != nil || sum != editedByHand && sum != doc.checksum() {
		return nil, errors.New("does not match its checksum")
	}
	var format int
	if err := json.Unmarshal(doc["format"], &format); err != nil || format < 1 {
		return nil, errors.New("has no format version")
	}
	if format > fileFormat {
		return doc, errNewer
	}
	if err := check(doc); err != nil {
		return nil, err
	}
	return doc, nil
}

// checksum covers every member but itself, whatever the white space between them.
func (d document) checksum() string {
	covered := make(document, len(d))
	for name, v := range d {
		if name != "checksum" {
			covered[name] = v
		}
	}
	data, err := json.Marshal(covered)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// encode returns the file's bytes: format and saved set, the checksum last.
func (d document) encode() ([]byte, error) {
	d["format"] = json.RawMessage(strconv.Itoa(fileFormat))
	saved, err := json.Marshal(time.Now().UTC().Format(time.RFC3339))
	if err != nil {
		return nil, err
	}
	d["saved"] = saved
	names := make([]string, 0, len(d))
	for name := range d {
		if name != "checksum" && name != "format" && name != "saved" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = append([]string{"format", "saved"}, names...)
	var b strings.Builder
	b.WriteByte('{')
	for _, name := range names {
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s:%s,", key, d[name])
	}
	fmt.Fprintf(&b, `"checksum":"%s"}`, d.checksum())
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(b.String()), "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// same tells whether two documents hold the same, apart from when they were saved.
func (d document) same(e document) bool {
	plain := func(d document) string {
		covered := make(document, len(d))
		for name, v := range d {
			if name != "saved" && name != "format" {
				covered[name] = v
			}
		}
		return covered.checksum()
	}
	return plain(d) == plain(e)
}

// saved returns when the document was written; zero when it does not tell.
func (d document) saved() time.Time {
	var s string
	if json.Unmarshal(d["saved"], &s) != nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
