package pulse

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

func TestServerIsFoundAsPulseAudioFindsIt(t *testing.T) {
	for _, v := range []struct {
		name             string
		env              map[string]string
		network, address string
	}{
		{"the user's", map[string]string{"XDG_RUNTIME_DIR": "/run/user/7"}, "unix", "/run/user/7/pulse/native"},
		{"of a folder", map[string]string{"PULSE_RUNTIME_PATH": "/tmp/p"}, "unix", "/tmp/p/native"},
		{"a socket", map[string]string{"PULSE_SERVER": "unix:/tmp/p/native"}, "unix", "/tmp/p/native"},
		{"a path", map[string]string{"PULSE_SERVER": "/tmp/p/native"}, "unix", "/tmp/p/native"},
		{"of one machine", map[string]string{"PULSE_SERVER": "{4f}unix:/tmp/native tcp:h"}, "unix", "/tmp/native"},
		{"far away", map[string]string{"PULSE_SERVER": "tcp:sound.test"}, "tcp", "sound.test:4713"},
		{"with a port", map[string]string{"PULSE_SERVER": "tcp4:sound.test:99"}, "tcp4", "sound.test:99"},
		{"by IPv6", map[string]string{"PULSE_SERVER": "tcp6:[::1]"}, "tcp6", "[::1]:4713"},
		{"a brace alone", map[string]string{"PULSE_SERVER": "{"}, "", ""},
		{"nonsense", map[string]string{"PULSE_SERVER": "gopher:x"}, "", ""},
		{"a word", map[string]string{"PULSE_SERVER": "sound"}, "", ""},
		{"braces and nothing", map[string]string{"PULSE_SERVER": "{x}"}, "", ""},
	} {
		network, address, err := where(func(name string) string { return v.env[name] })
		if network != v.network || address != v.address || (err != nil) != (v.network == "") {
			t.Errorf("%s: %q %q %v", v.name, network, address, err)
		}
	}
}

func TestCookieIsWholeOrNone(t *testing.T) {
	dir := t.TempDir()
	whole := slices.Repeat([]byte{7}, 300)
	for name, content := range map[string][]byte{"whole": whole, "short": whole[:255], "empty": {}} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]byte{"whole": 7, "short": 0, "empty": 0, "missing": 0} {
		got := cookie(func(v string) string {
			return map[string]string{"PULSE_COOKIE": filepath.Join(dir, name), "HOME": dir}[v]
		})
		if len(got) != 256 || got[0] != want || got[255] != want {
			t.Errorf("%s: %d octets, %d first", name, len(got), got[0])
		}
	}
}

// TestVolumesAreNoNews: only what changes which devices there are, or the default.
func TestVolumesAreNoNews(t *testing.T) {
	for e, want := range map[proto.SubscriptionEventType]bool{
		proto.EventSink | proto.EventNew:           true,
		proto.EventSink | proto.EventRemove:        true,
		proto.EventSink | proto.EventChange:        false,
		proto.EventSource | proto.EventNew:         true,
		proto.EventSource | proto.EventRemove:      true,
		proto.EventSource | proto.EventChange:      false,
		proto.EventServer | proto.EventChange:      true,
		proto.EventSinkSinkInput | proto.EventNew:  false,
		proto.EventClient | proto.EventNew:         false,
		proto.SubscriptionEventType(0xFFFF_FFFF):   false,
		proto.EventCard | proto.EventRemove:        false,
		proto.EventModule | proto.EventNew:         false,
		proto.EventSampleCache | proto.EventRemove: false,
	} {
		if ofDevices(e) != want {
			t.Errorf("%v: %v", e, !want)
		}
	}
}

// TestAServerThatBreaksOffIsLeft: whatever it does first, nothing hangs and nothing is called that was not so.
func TestAServerThatBreaksOffIsLeft(t *testing.T) {
	for name, does := range map[string]func(c net.Conn){
		"closes":            func(c net.Conn) {},
		"says half a word":  func(c net.Conn) { _, _ = c.Write(make([]byte, 7)) },
		"closes after Auth": func(c net.Conn) { _, _ = c.Read(make([]byte, 64)) },
		"resets": func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "s")
			l, err := net.Listen("unix", socket)
			if err != nil {
				t.Skip("sockets: ", err)
			}
			defer l.Close()
			t.Setenv("PULSE_SERVER", socket)
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					does(c)
					_ = c.Close()
				}
			}()
			var calls atomic.Int32
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := listen(ctx, func() { calls.Add(1) }); err == nil || ctx.Err() != nil {
				t.Errorf("%v, %v", err, ctx.Err())
			}
			if n := calls.Load(); n > 0 {
				t.Errorf("told of %d changes", n)
			}
		})
	}
}
