package display

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"calla/phone/cause"
)

// TestDisplaysAreProbedAsTheyAre: X servers and compositors that are there, half there and not there.
func TestDisplaysAreProbedAsTheyAre(t *testing.T) {
	for _, v := range []struct {
		name string
		env  func(t *testing.T) (name, value string)
		want cause.Kind
	}{
		{"a port where nobody listens", func(t *testing.T) (string, string) {
			return x11Display, numbered(deaf(t))
		}, cause.DisplayUnreachable},
		{"a socket that is not there", func(*testing.T) (string, string) {
			return x11Display, ":59000" // at no port that somebody is given
		}, cause.DisplayUnreachable},
		{"no name of a display", func(*testing.T) (string, string) {
			return x11Display, "what\nis this"
		}, cause.DisplayUnreachable},
		{"a server that takes connections and says nothing", func(t *testing.T) (string, string) {
			l := listen(t)
			go answerEach(t, l, nil)
			return x11Display, numbered(port(l))
		}, cause.DisplayNoAnswer},
		{"a server that hangs up", func(t *testing.T) (string, string) {
			l := listen(t)
			go answerEach(t, l, []byte{})
			return x11Display, numbered(port(l))
		}, cause.DisplayRefuses},
		{"a server that refuses", func(t *testing.T) (string, string) { // X Window System Protocol, section 8
			l := listen(t)
			go answerEach(t, l, append([]byte{0, 8, 11, 0, 0, 0, 2, 0}, "go away!"...))
			return x11Display, numbered(port(l))
		}, cause.DisplayRefuses},
		{"a compositor that is not there", func(t *testing.T) (string, string) {
			return waylandDisplay, filepath.Join(t.TempDir(), "wayland")
		}, cause.WaylandUnreachable},
		{"a compositor that says nothing", func(t *testing.T) (string, string) {
			path := filepath.Join(t.TempDir(), "w")
			l, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
			go answerEach(t, l, nil)
			return waylandDisplay, path
		}, cause.DisplayNoAnswer},
		{"an X server without OpenGL", func(t *testing.T) (string, string) {
			return x11Display, xvfb(t, "-extension", "GLX")
		}, cause.DisplayWithoutGL},
		{"an X server that wants another cookie", func(t *testing.T) (string, string) {
			cookies := filepath.Join(t.TempDir(), "cookies")
			if err := os.WriteFile(cookies, cookie("0123456789abcdef"), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("XAUTHORITY", "/dev/null")
			return x11Display, xvfb(t, "-auth", cookies)
		}, cause.DisplayRefuses},
		{"an X server", func(t *testing.T) (string, string) { return x11Display, xvfb(t) }, ""},
	} {
		t.Run(v.name, func(t *testing.T) {
			for _, name := range []string{x11Display, waylandDisplay, waylandSocket, fynePlatform} {
				t.Setenv(name, "")
				if err := os.Unsetenv(name); err != nil { // until the end of the test
					t.Fatal(err)
				}
			}
			name, value := v.env(t)
			t.Setenv(name, value)
			got := cause.Kind("")
			why := Probe()
			for range 5 { // a busy computer may let one answer too late that does
				if why == nil || why.Kind != cause.DisplayNoAnswer || v.want == cause.DisplayNoAnswer {
					break
				}
				why = Probe()
			}
			if why != nil {
				got = why.Kind
			}
			if got != v.want || why != nil && why.Address != value {
				t.Errorf("found %+v, want %q", why, v.want)
			}
		})
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// deaf is a port where nobody listens, nor comes to listen before the test is over.
func deaf(t *testing.T) int {
	t.Helper()
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(s) })
	if err := unix.Bind(s, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	at, err := unix.Getsockname(s)
	if err != nil {
		t.Fatal(err)
	}
	return at.(*unix.SockaddrInet4).Port
}

// numbered is the display at a port: the first is at 6000.
func numbered(port int) string { return "127.0.0.1:" + strconv.Itoa(port-6000) }

// answerEach answers what comes first over each connection, and hangs up; nil: it says nothing until the test is over.
func answerEach(t *testing.T, l net.Listener, answer []byte) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			first := make([]byte, 512)
			_, _ = conn.Read(first)
			if answer == nil {
				<-t.Context().Done() // which frees whoever waits within Xlib, and the locks that he holds
				return
			}
			_, _ = conn.Write(answer)
		}()
	}
}

// cookie is a file of MIT-MAGIC-COOKIE-1 for every display (FamilyWild).
func cookie(value string) []byte {
	file := []byte{0xff, 0xff, 0, 0, 0, 0}
	for _, s := range []string{"MIT-MAGIC-COOKIE-1", value} {
		file = append(append(file, 0, byte(len(s))), s...)
	}
	return file
}

// xvfb starts an X server and returns the display that it is.
func xvfb(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		if os.Getenv("CALLA_E2E") != "" {
			t.Fatal("Xvfb is missing")
		}
		t.Skip("Xvfb is missing")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(path, append(args, "-displayfd", "3", "-screen", "0", "64x64x24", "-nolisten", "tcp",
		"-noreset")...)
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if err := r.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}
