package instance

import "golang.org/x/sys/unix"

// peerUser returns the user of the process at the other end of a socket, as it was when it connected.
func peerUser(fd int) (int, error) {
	cred, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return -1, err
	}
	return int(cred.Uid), nil
}
