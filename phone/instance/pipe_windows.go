package instance

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// me returns the SID of this process's user.
func me() (*windows.SID, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("ask who we are: %w", err)
	}
	return user.User.Sid, nil
}

// pipe names the pipe of a profile of this user's.
func pipe(profile string) (name string, sid *windows.SID, err error) {
	sid, err = me()
	if err != nil {
		return "", nil, err
	}
	return `\\.\pipe\calla-` + sid.String() + "-" + key(profile), sid, nil
}

// listen makes the pipe; only this user may open it, and nobody may make a second one of its name.
func listen(profile string) (net.Listener, error) {
	name, sid, err := pipe(profile)
	if err != nil {
		return nil, err
	}
	return winio.ListenPipe(name, &winio.PipeConfig{SecurityDescriptor: "O:" + sid.String() + "D:P(A;;GA;;;" +
		sid.String() + ")"})
}

func dial(ctx context.Context, profile string) (net.Conn, error) {
	name, _, err := pipe(profile)
	if err != nil {
		return nil, err
	}
	conn, err := winio.DialPipeContext(ctx, name)
	switch {
	case errors.Is(err, windows.ERROR_FILE_NOT_FOUND):
		return nil, ErrNobody
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, winio.ErrTimeout):
		return nil, ErrNoAnswer
	}
	return conn, err
}

// handle is the pipe below a connection.
func handle(conn net.Conn) (windows.Handle, bool) {
	f, ok := conn.(interface{ Fd() uintptr })
	if !ok {
		return 0, false
	}
	return windows.Handle(f.Fd()), true
}

// checkPeer refuses a pipe that another user has made; who may open ours is said when it is made.
func checkPeer(conn net.Conn) error {
	h, ok := handle(conn)
	if !ok {
		return errors.New("ask whose it is: not a pipe")
	}
	info, err := windows.GetSecurityInfo(h, windows.SE_KERNEL_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("ask whose it is: %w", err)
	}
	owner, _, err := info.Owner()
	if err != nil {
		return fmt.Errorf("ask whose it is: %w", err)
	}
	sid, err := me()
	if err != nil {
		return err
	}
	if !windows.EqualSid(owner, sid) {
		return ErrForeigner
	}
	return nil
}

// letForward lets the one that runs bring its window to the front: this process may, for the user has just started it.
func letForward(conn net.Conn) {
	h, ok := handle(conn)
	if !ok {
		return
	}
	var pid uint32
	if windows.GetNamedPipeServerProcessId(h, &pid) == nil {
		_, _, _ = windows.NewLazySystemDLL("user32.dll").NewProc("AllowSetForegroundWindow").Call(uintptr(pid))
	}
}
