package logs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"gopkg.in/natefinch/lumberjack.v2"
)

// A log file is rotated at 10 MB; five older ones are kept beside it, named by the time.
const (
	fileSize  = 10 // MB
	filesKept = 5
)

// Files are the files that accounts log to, by path. Its methods may be called from any goroutine.
type Files struct {
	mu    sync.Mutex
	files map[string]*rotated
}

// rotated is one file. It stays known when nobody uses it any more: its rotation has a goroutine for ever.
type rotated struct {
	rotation *lumberjack.Logger
	outlet   *outlet // nil while nobody uses it
	users    int
	closing  chan struct{} // closed when the last outlet is done with the file
}

// open returns the outlet to a file, and what to call when it is not used any more. tell is called with what fails, and
// with nil when it works again.
func (f *Files) open(path string, tell func(error)) (o *outlet, release func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	file := f.files[path]
	if file == nil {
		file = &rotated{rotation: &lumberjack.Logger{Filename: path, MaxSize: fileSize, MaxBackups: filesKept}}
		if f.files == nil {
			f.files = make(map[string]*rotated)
		}
		f.files[path] = file
	}
	file.users++
	if file.outlet == nil {
		before := file.closing
		file.closing = make(chan struct{})
		after := file.closing
		file.outlet = newOutlet(func(ctx context.Context, o *outlet) {
			defer close(after)
			if before != nil {
				<-before
			}
			writeFile(o, file.rotation, tell)
		})
	}
	return file.outlet, sync.OnceFunc(func() { f.leave(file) })
}

func (f *Files) leave(file *rotated) {
	f.mu.Lock()
	file.users--
	var last *outlet
	if file.users == 0 {
		last, file.outlet = file.outlet, nil
	}
	f.mu.Unlock()
	if last != nil {
		last.close()
	}
}

// writeFile writes lines until there are no more. What cannot be written is counted as dropped.
func writeFile(o *outlet, rotation *lumberjack.Logger, tell func(error)) {
	failing := false
	for {
		text, more := o.next(nil)
		if !more {
			_ = rotation.Close()
			return
		}
		err := privateFile(rotation.Filename)
		if err == nil {
			_, err = rotation.Write(text)
		}
		if err != nil {
			o.dropped.Add(1)
		}
		if failing != (err != nil) {
			failing = err != nil
			tell(err)
		}
	}
}

// privateFile sees to it that the file, which rotation makes for this user alone, is such also when it is there
// already, and is a file at all: opening a pipe would wait for its reader.
func privateFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is not a file")
	case info.Mode().Perm()&0o077 != 0:
		_ = os.Chmod(path, 0o600) // on Windows it means nothing
	}
	return nil
}
