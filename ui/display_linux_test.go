package ui

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestABrokenConnectionToTheDisplayIsSeen: whatever way it breaks, and nothing else is taken for that.
//
// Holds: ends-on-its-own
func TestABrokenConnectionToTheDisplayIsSeen(t *testing.T) {
	for _, v := range []struct {
		name   string
		remote bool
		do     func(server net.Conn, end *os.File)
		broken bool
	}{
		{"the server closes", false, func(s net.Conn, _ *os.File) { s.Close() }, true},
		{"the server closes with messages unread", false, func(s net.Conn, _ *os.File) {
			_, _ = s.Write([]byte("event"))
			s.Close()
		}, true},
		{"the server ends what it sends", false, func(s net.Conn, _ *os.File) {
			_ = s.(*net.UnixConn).CloseWrite()
		}, true},
		{"the server is on another computer", true, func(s net.Conn, _ *os.File) { s.Close() }, true},
		{"the server sends, then the program ends", false, func(s net.Conn, end *os.File) {
			_, _ = s.Write([]byte("event"))
			time.Sleep(20 * time.Millisecond)
			end.Close()
		}, false},
		{"the program ends", false, func(_ net.Conn, end *os.File) { end.Close() }, false},
	} {
		t.Run(v.name, func(t *testing.T) {
			network, address := "unix", filepath.Join(t.TempDir(), "display")
			if v.remote {
				network, address = "tcp", "127.0.0.1:0"
			}
			l, err := net.Listen(network, address)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			client, err := net.Dial(network, l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			server, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			file, err := client.(interface{ File() (*os.File, error) }).File()
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			var pipe [2]int
			if err := unix.Pipe(pipe[:]); err != nil {
				t.Fatal(err)
			}
			defer unix.Close(pipe[0])
			end := os.NewFile(uintptr(pipe[1]), "end")
			defer end.Close()
			connection := int32(file.Fd())
			told := make(chan bool, 1)
			go func() { told <- breaks(connection, int32(pipe[0])) }()
			v.do(server, end)
			select {
			case broken := <-told:
				if broken != v.broken {
					t.Errorf("broken: %v", broken)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("not seen")
			}
		})
	}
}
