package display

/*
#cgo LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <unistd.h>

enum { works, noLibrary, nobody, noGL };

typedef struct _XDisplay Display;

// broken is what Xlib calls when its connection breaks, and ends the program when it returns.
static int broken(Display *display) {
	for (;;) pause();
	return 0;
}

// askX asks the X server that DISPLAY names whether it lets us in and has GLX: by Xlib, as GLFW does after it.
static int askX(void) {
	void *lib = dlopen("libX11.so.6", RTLD_LAZY);
	if (lib == NULL) return noLibrary;
	int (*threads)(void) = (int (*)(void))dlsym(lib, "XInitThreads");
	Display *(*open)(const char *) = (Display *(*)(const char *))dlsym(lib, "XOpenDisplay");
	int (*shut)(Display *) = (int (*)(Display *))dlsym(lib, "XCloseDisplay");
	int (*extension)(Display *, const char *, int *, int *, int *) =
		(int (*)(Display *, const char *, int *, int *, int *))dlsym(lib, "XQueryExtension");
	typedef int (*handler)(Display *);
	handler (*onBroken)(handler) = (handler (*)(handler))dlsym(lib, "XSetIOErrorHandler");
	if (threads == NULL || open == NULL || shut == NULL || extension == NULL || onBroken == NULL) return noLibrary;
	threads();
	handler before = onBroken(broken);
	Display *display = open(NULL);
	int result = nobody, opcode, event, error;
	if (display != NULL) {
		result = extension(display, "GLX", &opcode, &event, &error) ? works : noGL;
		// A server may begin anew, and take nobody meanwhile, when its last client goes: this one stays until GLFW is
		// there, and longer, since it costs nothing.
		if (result != works) shut(display);
	}
	onBroken(before);
	return result;
}

// askWayland asks the compositor that WAYLAND_DISPLAY names whether it is there.
static int askWayland(void) {
	void *lib = dlopen("libwayland-client.so.0", RTLD_LAZY);
	if (lib == NULL) return noLibrary;
	void *(*open)(const char *) = (void *(*)(const char *))dlsym(lib, "wl_display_connect");
	int (*trip)(void *) = (int (*)(void *))dlsym(lib, "wl_display_roundtrip");
	void (*shut)(void *) = (void (*)(void *))dlsym(lib, "wl_display_disconnect");
	if (open == NULL || trip == NULL || shut == NULL) return noLibrary;
	void *display = open(NULL);
	if (display == NULL) return nobody;
	int result = trip(display) < 0 ? nobody : works;
	shut(display);
	return result;
}
*/
import "C"

import (
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"calla/phone/cause"
)

// Probe finds why no window can be opened; nil where one can. It takes a few milliseconds where one can, and some
// seconds at most. Where only one of two displays works it tells Fyne, by the environment, to take that one: it is to
// be called before Fyne is there.
func Probe() *cause.Cause {
	return environment{
		get: os.Getenv,
		set: func(name, value string) { _ = os.Setenv(name, value) },
		x11: func() outcome { return outcome(C.askX()) }, wayland: func() outcome { return outcome(C.askWayland()) },
		listens: func() bool { return listens(os.Getenv(x11Display)) },
	}.probe()
}

// listens tells whether somebody takes connections at the address of an X server, "host:number.screen", whose host is
// this computer where it is left out. It need not know all ways to write one: it only tells why Xlib found none.
func listens(display string) bool {
	host, number, found := cutLast(display, ":")
	number, _, _ = strings.Cut(number, ".")
	n, err := strconv.ParseUint(number, 10, 16)
	if !found || err != nil {
		return false
	}
	network, address := "unix", "/tmp/.X11-unix/X"+number
	if host != "" && host != "unix" {
		network, address = "tcp", net.JoinHostPort(strings.Trim(host, "[]"), strconv.FormatUint(6000+n, 10))
	}
	conn, err := net.DialTimeout(network, address, time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
