//go:build !windows

package instance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// longestPath is what the name of a socket may take: less than sun_path of any Unix (104 on the BSDs and macOS, 108 on
// Linux, with the zero behind it), which would refuse a longer one as an "invalid argument".
const longestPath = 103

// socket is where a profile's instance listens, in a folder that only its user can enter: below XDG_RUNTIME_DIR, or
// where there is none below the folder for temporary files. Where one of them has so long a name that no socket can be
// in it, the next is taken, /tmp the last.
func socket(profile string) (string, error) {
	name, own := key(profile)+".sock", "calla-"+strconv.Itoa(os.Getuid())
	dir := filepath.Join("/tmp", own)
	if temporary := filepath.Join(os.TempDir(), own); holds(temporary, name) {
		dir = temporary
	}
	runtime := os.Getenv("XDG_RUNTIME_DIR")
	if info, err := os.Stat(runtime); err == nil && info.IsDir() && filepath.IsAbs(runtime) &&
		holds(filepath.Join(runtime, "calla"), name) {
		dir = filepath.Join(runtime, "calla")
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return "", fmt.Errorf("%s is no folder", dir)
	case !ok || int(stat.Uid) != os.Getuid():
		return "", fmt.Errorf("%s %w", dir, ErrForeigner)
	case info.Mode().Perm() != 0o700:
		if err := os.Chmod(dir, 0o700); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, name), nil
}

// holds tells whether a socket of a name can be in a folder.
func holds(dir, name string) bool { return len(filepath.Join(dir, name)) <= longestPath }

func listen(profile string) (net.Listener, error) {
	path, err := socket(profile)
	if err != nil {
		return nil, err
	}
	// Whoever listened there before held the profile's lock, which is ours now: it was killed.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func dial(ctx context.Context, profile string) (net.Conn, error) {
	path, err := socket(profile)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ECONNREFUSED):
		return nil, ErrNobody
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, syscall.EAGAIN):
		return nil, ErrNoAnswer
	}
	return conn, err
}

// letForward does nothing: a window is raised by the token in the Request.
func letForward(net.Conn) {}

// checkPeer refuses a process of another user.
func checkPeer(conn net.Conn) error {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return err
	}
	uid, failed := -1, error(nil)
	if err := raw.Control(func(fd uintptr) { uid, failed = peerUser(int(fd)) }); err != nil {
		return err
	}
	return sameUser(uid, failed)
}

// sameUser tells whether a peer's user is this process's.
func sameUser(uid int, err error) error {
	if err != nil {
		return fmt.Errorf("ask whose it is: %w", err)
	}
	if uid != os.Getuid() {
		return fmt.Errorf("user %d: %w", uid, ErrForeigner)
	}
	return nil
}
