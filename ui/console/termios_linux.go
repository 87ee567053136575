package console

import "golang.org/x/sys/unix"

// Requests of ioctl that read and set a terminal.
const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
)
