// Package pulse tells when PulseAudio's devices change (also PipeWire's, by its Pulse server): one comes or goes, or
// another one is the default. It neither lists nor opens any.
package pulse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

const (
	again    = 2 * time.Second // after a server was not there, or has gone
	patience = 5 * time.Second // with a server that does not answer
)

// Watch calls changed after changes of the devices, once the server has gone, and once it is there, until ctx ends.
// Without a server it waits for one. changed is called on Watch's own goroutine; what changes meanwhile is told once.
func Watch(ctx context.Context, changed func()) {
	for {
		_ = listen(ctx, changed) // that there is no server is nobody's fault, and who looks for devices tells of it
		select {
		case <-ctx.Done():
			return
		case <-time.After(again):
		}
	}
}

// listen is one connection: it returns when that ends.
func listen(ctx context.Context, changed func()) error {
	network, address, err := where(os.Getenv)
	if err != nil {
		return err
	}
	dialer := net.Dialer{Timeout: patience}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return fmt.Errorf("reach the sound server: %w", err)
	}
	defer conn.Close()
	end := context.AfterFunc(ctx, func() { conn.Close() })
	defer end()

	ended, news := make(chan struct{}), make(chan struct{}, 1)
	var client proto.Client
	client.SetTimeout(patience)
	client.Callback = func(message any) {
		if event, is := message.(*proto.SubscribeEvent); is && ofDevices(event.Event) {
			select {
			case news <- struct{}{}:
			default: // it is to be told already
			}
		}
	}
	client.Open(&stream{Conn: conn, in: bufio.NewReader(conn), ended: ended})
	var auth proto.AuthReply
	if err := client.Request(&proto.Auth{Version: client.Version(), Cookie: cookie(os.Getenv)}, &auth); err != nil {
		return fmt.Errorf("ask the sound server in: %w", err)
	}
	client.SetVersion(auth.Version)
	name := proto.PropList{"application.name": proto.PropListString("Calla")}
	if err := client.Request(&proto.SetClientName{Props: name}, &proto.SetClientNameReply{}); err != nil {
		return fmt.Errorf("tell the sound server who asks: %w", err)
	}
	const mask = proto.SubscriptionMaskSink | proto.SubscriptionMaskSource | proto.SubscriptionMaskServer
	if err := client.Request(&proto.Subscribe{Mask: mask}, nil); err != nil {
		return fmt.Errorf("subscribe to the sound server: %w", err)
	}
	changed() // whatever was before
	for {
		select {
		case <-news:
			changed()
		case <-ended:
			if ctx.Err() == nil {
				changed()
			}
			return nil
		}
	}
}

// stream is the connection; ended is closed when nothing more comes, of which the library tells in some cases only.
type stream struct {
	net.Conn
	in    io.Reader
	ended chan struct{}
	over  bool // of the goroutine that reads
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.in.Read(p)
	if err != nil && !s.over {
		s.over = true
		close(s.ended)
	}
	return n, err
}

// ofDevices tells an event after which there are other devices, or another default, from one of a volume.
func ofDevices(e proto.SubscriptionEventType) bool {
	switch e.GetFacility() {
	case proto.EventSink, proto.EventSource:
		return e.GetType() != proto.EventChange
	case proto.EventServer:
		return true
	}
	return false
}

// where is the server's address, as PulseAudio's own library finds it: what PULSE_SERVER says, or the user's socket.
func where(env func(string) string) (network, address string, err error) {
	given := strings.Fields(env("PULSE_SERVER"))
	if len(given) == 0 {
		dir := env("PULSE_RUNTIME_PATH")
		if run := env("XDG_RUNTIME_DIR"); dir == "" && run != "" {
			dir = filepath.Join(run, "pulse")
		}
		if dir == "" { // and not below the folder that we happen to be in
			return "", "", errors.New("neither PULSE_SERVER nor XDG_RUNTIME_DIR says where the sound server is")
		}
		return "unix", filepath.Join(dir, "native"), nil
	}
	server := given[0]
	if host, rest, found := strings.Cut(server, "}"); found && strings.HasPrefix(host, "{") {
		server = rest
	}
	network, address, found := strings.Cut(server, ":")
	switch {
	case strings.HasPrefix(server, "/"):
		return "unix", server, nil
	case found && network == "unix", found && (network == "tcp" || network == "tcp4" || network == "tcp6"):
		if _, _, err := net.SplitHostPort(address); network != "unix" && err != nil {
			address = net.JoinHostPort(strings.Trim(address, "[]"), "4713")
		}
		return network, address, nil
	}
	return "", "", fmt.Errorf("PULSE_SERVER %.100q names no server", server)
}

// cookie is what shows the server that it is the same user's program who asks; servers that need none take any.
func cookie(env func(string) string) []byte {
	const length = 256
	files := []string{env("PULSE_COOKIE")}
	if settings := env("XDG_CONFIG_HOME"); settings != "" {
		files = append(files, filepath.Join(settings, "pulse", "cookie"))
	}
	if home := env("HOME"); home != "" {
		files = append(files, filepath.Join(home, ".config", "pulse", "cookie"), filepath.Join(home, ".pulse-cookie"))
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			continue
		}
		data := make([]byte, length)
		_, err = io.ReadFull(f, data)
		_ = f.Close()
		if err == nil {
			return data
		}
	}
	return make([]byte, length)
}
