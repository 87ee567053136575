package account

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// maxFileSize is what a kept file may have; a larger one is damaged.
const maxFileSize = 4 << 20

// backups is how many previous versions of a kept file stay: NAME.1, the newest, to NAME.3.
const backups = 3

// errLost is a kept file that is damaged beyond its backups.
var errLost = errors.New("no earlier version can be read")

// keptFile is one file of the profile, written so that power may fail at any instant: the new
// content goes to a temporary file that is flushed, the present one gets a second name, then the new one is renamed
// into place and the folder flushed. Only then do the earlier versions move on: a save that fails costs none of them.
type keptFile struct {
	dir, name string
}

func (f keptFile) path() string { return filepath.Join(f.dir, f.name) }

func (f keptFile) backup(n int) string { return f.path() + "." + strconv.Itoa(n) }

// previous is the second name of the version that a save is about to replace, until it is backup 1.
func (f keptFile) previous() string { return f.backup(0) }

// content is what a kept file holds: parsed, and as it stands there.
type content struct {
	document
	text []byte
}

// load returns the newest content that is whole. A damaged file is moved aside and the backup put in its
// place. Nothing at all is no error: an empty document. The error is for a file that cannot be used and
// must not be written, whatever the content returned with it.
func (f keptFile) load(found *Loaded, check func(document) error) (content, error) {
	f.settle(check)
	c, n, err := f.look(found, check, found)
	if n == 0 || err != nil {
		return c, err
	}
	return c, f.restore(n, found)
}

// look is load without touching anything: it returns the newest content that is whole and the number of the backup
// it is in, 0 for the file itself. private, where it is not nil, gets the permissions that were tightened.
func (f keptFile) look(found *Loaded, check func(document) error, private *Loaded) (content, int, error) {
	if err := checkFile(f.dir, f.path(), private); err != nil {
		found.Damaged = err.Error()
		return content{}, 0, err
	}
	c, err := readWhole(f.path(), check)
	if err == nil || errors.Is(err, errNewer) {
		found.FromFile, found.Saved = f.name, c.saved()
		return c, 0, err
	}
	missing := errors.Is(err, os.ErrNotExist)
	backup, n := f.newestBackup(check, private)
	switch {
	case missing && n == 0:
		return content{}, 0, nil
	case missing:
		found.Damaged = f.name + " is gone"
	default:
		found.Damaged = damageWords(f.name, err)
	}
	if n == 0 {
		return content{}, 0, fmt.Errorf("%s, and %w", found.Damaged, errLost)
	}
	found.FromFile, found.Saved = filepath.Base(f.backup(n)), backup.saved()
	var unreadable *os.PathError
	if !missing && errors.As(err, &unreadable) {
		return backup, n, errors.New(found.Damaged) // the disk or the permissions, not the content: touch nothing
	}
	return backup, n, nil
}

// newestBackup returns the newest backup that is whole and its number; 0 when there is none.
func (f keptFile) newestBackup(check func(document) error, private *Loaded) (content, int) {
	for n := 1; n <= backups; n++ {
		if checkFile(f.dir, f.backup(n), private) != nil {
			continue
		}
		if c, err := readWhole(f.backup(n), check); err == nil {
			return c, n
		}
	}
	return content{}, 0
}

// settle finishes what a killed save left: a version that was replaced becomes backup 1, one that was not
// loses its second name.
func (f keptFile) settle(check func(document) error) {
	before, err := readWhole(f.previous(), check)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if now, nowErr := readWhole(f.path(), check); err == nil && (nowErr != nil || !bytes.Equal(now.text, before.text)) {
		if f.moveOn() == nil {
			return
		}
	}
	_ = os.Remove(f.previous())
}

// restore moves the damaged file aside, if there is one, and puts backup n in its place.
func (f keptFile) restore(n int, found *Loaded) error {
	if _, err := os.Lstat(f.path()); err == nil {
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
// backup 1. A content that is the same as before writes nothing. When it fails, the file and its backups are as they
// were.
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
	var unreadable *os.PathError
	keep := func() error { return nil }
	switch {
	case err == nil:
		keep = func() error { return f.keepPrevious(previous.document) }
	case errors.Is(err, os.ErrNotExist):
	case errors.As(err, &unreadable):
		return fmt.Errorf("save %s: %w", f.name, err)
	default: // damaged since it was read: keep it, but not among the good ones
		keep = func() error { return f.moveAside(new(Loaded)) }
	}
	if err := replaceFile(f.path(), data, keep); err != nil {
		_ = os.Remove(f.previous())
		return fmt.Errorf("write %s: %w", f.name, err)
	}
	if err == nil {
		_ = f.moveOn() // what it leaves is settled at the next start
	}
	return nil
}

// keepPrevious gives the file, which holds doc, its second name. The file itself stays in place. A password that
// somebody wrote into it by hand is not kept with it.
func (f keptFile) keepPrevious(doc document) error {
	if err := os.Remove(f.previous()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("keep previous %s: %w", f.name, err)
	}
	bare, had := withoutSecrets(doc)
	if !had && os.Link(f.path(), f.previous()) == nil {
		return nil
	}
	data, err := bare.encode() // also on a file system without links
	if err != nil {
		return fmt.Errorf("keep previous %s: %w", f.name, err)
	}
	return keptFile{f.dir, filepath.Base(f.previous())}.replace(data)
}

// moveOn makes the version that was replaced backup 1 and each backup the next one.
func (f keptFile) moveOn() error {
	for n := backups; n > 0; n-- {
		if err := os.Rename(f.backup(n-1), f.backup(n)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("keep previous %s: %w", f.name, err)
		}
	}
	return nil
}

// replace puts data in place of the file in one step, flushed to the disk.
func (f keptFile) replace(data []byte) error {
	if err := replaceFile(f.path(), data, func() error { return nil }); err != nil {
		return fmt.Errorf("write %s: %w", f.name, err)
	}
	return nil
}

// removeStray deletes temporary files that a killed process left; the profile's lock is held.
func (f keptFile) removeStray() {
	stray, err := os.ReadDir(f.dir)
	if err != nil {
		return
	}
	for _, entry := range stray {
		rest, is := strings.CutPrefix(entry.Name(), "."+f.name)
		if is && !strings.HasPrefix(rest, ".sw") { // which is an editor's, at work
			_ = os.Remove(filepath.Join(f.dir, entry.Name()))
		}
	}
}

// readWhole reads a kept file; the error says in words after the file's name what is wrong with it, a *os.PathError
// that it could not be read.
func readWhole(path string, check func(document) error) (content, error) {
	data, err := readRegular(path)
	if err != nil {
		return content{}, err
	}
	doc, err := parseDocument(data, check)
	return content{doc, data}, err
}

// readRegular reads a file that is one, and no more of it than shows that it is too large. It never waits, as the
// opening of a pipe would.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if kind := kindWords(info.Mode()); kind != "" {
		return nil, errors.New(kind)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxFileSize+1))
}

// kindWords tells what a file is that is none, "" for one.
func kindWords(mode os.FileMode) string {
	switch {
	case mode.IsRegular():
		return ""
	case mode.IsDir():
		return "is a folder, not a file"
	case mode&os.ModeNamedPipe != 0:
		return "is a pipe, not a file"
	case mode&os.ModeSocket != 0:
		return "is a socket, not a file"
	case mode&os.ModeDevice != 0:
		return "is a device, not a file"
	}
	return "is not a file"
}

// damageWords tells what is wrong with a file: "accounts.json, line 3: is not whole …".
func damageWords(name string, err error) string {
	var unreadable *os.PathError
	if errors.As(err, &unreadable) {
		if errors.Is(err, fs.ErrPermission) {
			return name + " cannot be read: this user may not"
		}
		return name + " cannot be read: the disk does not give it"
	}
	var at *lineError
	if errors.As(err, &at) {
		return fmt.Sprintf("%s, line %d, %s", name, at.line, at.reason)
	}
	return name + " " + err.Error()
}
