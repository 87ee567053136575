package tunem

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Device makes a TUN interface in the network namespace of the thread that calls; it is gone with Close. What is read
// are IP packets that the system sends by it, and what is written arrives by it.
func Device(name string) (io.ReadWriteCloser, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("make the interface %s: %w", name, err)
	}
	request, err := unix.NewIfreq(name)
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("make the interface %s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}
