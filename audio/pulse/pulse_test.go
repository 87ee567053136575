package pulse

import (
	"context"
	"encoding/binary"
	"io"
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
		{"nobody's", nil, "", ""}, // and not "pulse/native" of whatever folder this is
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

// TestCookieIsFoundWherePulseAudioKeepsIt, and nowhere else: what is in the folder that we are in is not the user's.
func TestCookieIsFoundWherePulseAudioKeepsIt(t *testing.T) {
	for _, v := range []struct {
		name string
		file string            // below a folder of the test's, in which the program is
		env  map[string]string // likewise
		want bool
	}{
		{"the settings' folder", "s/pulse/cookie", map[string]string{"XDG_CONFIG_HOME": "s", "HOME": "h"}, true},
		{"the user's folder", "h/.config/pulse/cookie", map[string]string{"XDG_CONFIG_HOME": "s", "HOME": "h"}, true},
		{"the old one", "h/.pulse-cookie", map[string]string{"HOME": "h"}, true},
		{"the folder that we are in", ".config/pulse/cookie", nil, false},
		{"there, as it was once", ".pulse-cookie", nil, false},
		{"there, as settings", "pulse/cookie", nil, false},
	} {
		t.Run(v.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			file := filepath.Join(dir, v.file)
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, slices.Repeat([]byte{7}, 256), 0o600); err != nil {
				t.Fatal(err)
			}
			got := cookie(func(name string) string {
				if v.env[name] == "" {
					return ""
				}
				return filepath.Join(dir, v.env[name])
			})
			if (got[0] == 7) != v.want {
				t.Errorf("found: %v", !v.want)
			}
		})
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

// TestChangesAreToldOneAtATime: those that come with the answer to the subscription too, of which none is forgotten.
func TestChangesAreToldOneAtATime(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Skip("sockets: ", err)
	}
	defer l.Close()
	t.Setenv("PULSE_SERVER", socket)
	end := make(chan struct{})
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		serve(c)
		<-end
	}()
	var now, all atomic.Int32
	told := make(chan int32, 10)
	listened := make(chan error, 1)
	go func() {
		listened <- listen(t.Context(), func() {
			if now.Add(1) > 1 {
				t.Error("called while it was")
			}
			time.Sleep(50 * time.Millisecond)
			now.Add(-1)
			told <- all.Add(1)
		})
	}()
	for n := int32(0); n < 2; { // what was before, and some of what came with the answer
		select {
		case n = <-told:
		case err := <-listened:
			t.Fatalf("after %d: %v", n, err)
		case <-time.After(20 * time.Second):
			t.Fatalf("told of %d changes", n)
		}
	}
	close(end)
	if err := <-listened; err != nil {
		t.Error(err)
	}
	// What comes while it is told is told once, all three devices at best; the last is that the server has gone.
	if n := all.Load(); n < 3 || n > 5 {
		t.Errorf("told of %d changes", n)
	}
}

// serve lets a client in, as PulseAudio does, and tells it of three new devices at the moment in which it has
// subscribed.
func serve(c net.Conn) {
	var descriptor [20]byte // of a packet: its length, and what is none of ours
	packet := func(content []byte) []byte {
		head := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
		head = append(head, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		return append(head, content...)
	}
	number := func(dst []byte, n uint32) []byte { return binary.BigEndian.AppendUint32(append(dst, 'L'), n) }
	for asked := range 3 { // to be let in, to be named, to subscribe
		if _, err := io.ReadFull(c, descriptor[:]); err != nil {
			return
		}
		request := make([]byte, binary.BigEndian.Uint32(descriptor[:]))
		if _, err := io.ReadFull(c, request); err != nil {
			return
		}
		reply := number(number(nil, proto.OpReply), binary.BigEndian.Uint32(request[6:]))
		if asked < 2 { // its version; whom it takes us for
			reply = number(reply, 32)
		}
		answer := packet(reply)
		for device := range uint32(3) {
			if asked == 2 {
				event := number(number(nil, proto.OpSubscribeEvent), 0xffffffff)
				event = number(number(event, uint32(proto.EventSink|proto.EventNew)), device)
				answer = append(answer, packet(event)...)
			}
		}
		if _, err := c.Write(answer); err != nil {
			return
		}
	}
}
