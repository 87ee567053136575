package ui

/*
#cgo LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct _XDisplay Display;

// xBroken is what Xlib calls on the thread that finds its connection broken, and ends the program when it returns.
static int xBroken(Display *display) {
	for (;;) pause();
	return 0;
}

// callaKeepX has Xlib wait for ever, where it would end the program. GLFW has loaded the library.
static int callaKeepX(void) {
	void *xlib = dlopen("libX11.so.6", RTLD_LAZY | RTLD_NOLOAD);
	if (xlib == NULL) return 0;
	typedef int (*broken)(Display *);
	broken (*set)(broken) = (broken (*)(broken))dlsym(xlib, "XSetIOErrorHandler");
	if (set == NULL) return 0;
	set(xBroken);
	return 1;
}

// callaFileOf is the descriptor of a connection to a display, by a function of the library that it belongs to; -1 for
// none.
static int callaFileOf(void *display, const char *library, const char *function) {
	void *lib = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
	if (lib == NULL || display == NULL) return -1;
	int (*file)(void *) = (int (*)(void *))dlsym(lib, function);
	return file == NULL ? -1 : file(display);
}
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"github.com/go-gl/glfw/v3.4/glfw"
	"golang.org/x/sys/unix"
)

// errNoConnection: GLFW has none that can be watched.
var errNoConnection = errors.New("no connection to a display")

// watchDisplay calls lost, on a goroutine of its own, when GLFW's connection to the X server or the Wayland compositor
// breaks: that has ended, or has shut this program out. It is called on the main goroutine, once GLFW is there; the
// returned function, called when the program ends by itself, ends the watch.
//
// Xlib ends a program whose connection breaks, at once. So it is made to wait, and whoever uses it waits with it: the
// main thread. What lost does is all that happens then.
func watchDisplay(lost func()) (stop func(), err error) {
	file := C.int(-1)
	switch glfw.GetPlatform() {
	case glfw.PlatformX11:
		if C.callaKeepX() != 0 {
			file = fileOf(unsafe.Pointer(glfw.GetX11Display()), "libX11.so.6", "XConnectionNumber")
		}
	case glfw.PlatformWayland:
		file = fileOf(unsafe.Pointer(glfw.GetWaylandDisplay()), "libwayland-client.so.0", "wl_display_get_fd")
	}
	if file < 0 {
		return nil, errNoConnection
	}
	own, err := unix.FcntlInt(uintptr(file), unix.F_DUPFD_CLOEXEC, 0) // it outlives GLFW's
	if err != nil {
		return nil, fmt.Errorf("watch the display: %w", err)
	}
	awake, end, err := os.Pipe()
	if err != nil {
		_ = unix.Close(own)
		return nil, fmt.Errorf("watch the display: %w", err)
	}
	go func() {
		defer awake.Close()
		defer unix.Close(own)
		if breaks(int32(own), int32(awake.Fd())) {
			lost()
		}
	}()
	return func() { _ = end.Close() }, nil
}

func fileOf(display unsafe.Pointer, library, function string) C.int {
	l, f := C.CString(library), C.CString(function)
	defer C.free(unsafe.Pointer(l))
	defer C.free(unsafe.Pointer(f))
	return C.callaFileOf(display, l, f)
}

// breaks waits until the far end of a connection has closed it, and is false when that of stop has before.
func breaks(connection, stop int32) bool {
	for {
		fds := []unix.PollFd{{Fd: connection, Events: unix.POLLRDHUP}, {Fd: stop}}
		_, err := unix.Poll(fds, -1)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil || fds[1].Revents != 0:
			return false
		case fds[0].Revents != 0:
			return true
		}
	}
}
