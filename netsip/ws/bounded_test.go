package ws

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/config"
)

// rawServer is a TCP server on loopback that answers what it is asked by HTTP as a script says; sent counts what it
// got rid of.
type rawServer struct {
	addr string
	sent atomic.Int64
}

func newRawServer(t *testing.T, answer func(w io.Writer, req *http.Request)) *rawServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &rawServer{addr: l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				req, err := http.ReadRequest(bufio.NewReader(conn))
				if err == nil {
					answer(counted{conn, &s.sent}, req)
				}
			}()
		}
	}()
	return s
}

type counted struct {
	io.Writer
	sent *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.sent.Add(int64(n))
	return n, err
}

// endless writes text until nobody reads any more, at most 64 MiB of it.
func endless(w io.Writer, text string) {
	block := []byte(strings.Repeat(text, 1+(32<<10)/len(text)))
	for n := 0; n < 64<<20; n += len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// switching is the answer that makes a WebSocket, with further header fields.
func switching(req *http.Request, lines ...string) string {
	sum := sha1.Sum([]byte(req.Header.Get("Sec-Websocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	head := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n"
	for _, l := range lines {
		head += l + "\r\n"
	}
	return head + "\r\n"
}

// An answer to the handshake, of whatever kind, is read only as far as its bound: what a server writes beyond stays
// in the sockets' buffers.
//
// Holds: bounded-reads
func TestHandshakeAnswerWithoutEndIsNotRead(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, c := range []struct {
		name  string
		begin string
		rest  string
	}{
		{"status line", "HTTP/1.1 101 ", "x"},
		{"one header field", "HTTP/1.1 101 Switching Protocols\r\nX: ", "x"},
		{"header fields", "HTTP/1.1 101 Switching Protocols\r\n", "X-Field: some value\r\n"},
		{"empty header fields", "HTTP/1.1 101 Switching Protocols\r\n", "a:\r\n"},
		{"folded header field", "HTTP/1.1 101 Switching Protocols\r\nX: y\r\n", " more\r\n"},
		{"interim answers", "", "HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"},
		{"body of an error", "HTTP/1.1 404 Not Found\r\n\r\n", "x"},
		{"chunked body", ok + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
		{"chunk extension", ok + "Transfer-Encoding: chunked\r\n\r\n1;", "x"},
		{"trailers", ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n"},
		{"no HTTP", "", "\x00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newRawServer(t, func(w io.Writer, _ *http.Request) {
				_, _ = io.WriteString(w, c.begin)
				endless(w, c.rest)
			})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			e := dialFailure(t, "ws://"+server.addr, nil, dialTimeout)
			runtime.ReadMemStats(&after)
			if e.Timeout || e.Stage != StageHTTP {
				t.Errorf("stage %v, timeout %v: %v", e.Stage, e.Timeout, e.Err)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
				t.Errorf("%d octets were allocated", grown)
			}
		})
	}
}

// What a proxy says to CONNECT is bounded, as what the server behind it says.
//
// Holds: bounded-reads
func TestProxyAnswerWithoutEndIsNotRead(t *testing.T) {
	for _, c := range []struct{ name, begin, rest string }{
		{"status line of a proxy", "HTTP/1.1 200 ", "x"},
		{"header fields of a proxy", "HTTP/1.1 200 OK\r\n", "X-Field: some value\r\n"},
		{"body of a proxy's error", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "x"},
		{"interim answers of a proxy", "", "HTTP/1.1 100 Continue\r\n\r\n"},
		{"answer behind a proxy", "HTTP/1.1 200 OK\r\n\r\n", "X: y\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newRawServer(t, func(w io.Writer, _ *http.Request) {
				_, _ = io.WriteString(w, c.begin)
				endless(w, c.rest)
			})
			config := config.Config{}
			config.Calla.Proxy = "http://" + server.addr
			start := time.Now()
			_, _, err := (&Dialer{Config: config.Calla}).Dial(t.Context(), "ws://pbx.example.com")
			if err == nil || time.Since(start) >= dialTimeout {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
			if n := server.sent.Load(); n >= 64<<20 {
				t.Errorf("%d octets were read", n)
			}
		})
	}
}

// A server that answers TLS without end is left.
//
// Holds: bounded-reads
func TestTLSWithoutEndIsNotRead(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	record := []byte{22, 3, 3, 0x40, 0}        // a handshake record of 16 KiB …
	record = append(record, 11, 0xff, 0xff, 0) // … of one message of 16 MB
	record = append(record, make([]byte, 0x4000-4)...)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		endless(conn, string(record))
	}()
	if e := dialFailure(t, "wss://"+l.Addr().String(), nil, dialTimeout); e.Timeout || e.Stage != StageTLS {
		t.Errorf("stage %v, timeout %v: %v", e.Stage, e.Timeout, e.Err)
	}
}

// RFC 6455 section 4.1: an extension or a subprotocol that was not offered, or two of these, fail the connection.
//
// Holds: bounded-reads
func TestWhatWasNotOfferedFailsTheHandshake(t *testing.T) {
	const sip = "Sec-WebSocket-Protocol: sip"
	extension := func(e error) bool { return errors.Is(e, ErrUnofferedExtension) }
	for _, c := range []struct {
		name  string
		lines []string
		right func(*DialError) bool // nil: it connects
	}{
		{name: "sip alone", lines: []string{sip}},
		{name: "an empty list of extensions", lines: []string{sip, "Sec-WebSocket-Extensions: ,"}},
		{"permessage-deflate", []string{sip, "Sec-WebSocket-Extensions: permessage-deflate"}, nil},
		{"permessage-deflate as gorilla has it", []string{
			sip, "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover",
		}, nil},
		{"x-webkit-deflate-frame", []string{sip, "sec-websocket-extensions: x-webkit-deflate-frame"}, nil},
		{"an unknown extension", []string{sip, "Sec-WebSocket-Extensions: mux; max-channels=4"}, nil},
		{"the second of two fields", []string{sip, "Sec-WebSocket-Extensions: ", "Sec-WebSocket-Extensions: foo"}, nil},
		{"no token", []string{sip, "Sec-WebSocket-Extensions: ;;"}, nil},
		{"another subprotocol", []string{"Sec-WebSocket-Protocol: xmpp"}, nil},
		{"two subprotocols in one field", []string{"Sec-WebSocket-Protocol: sip, xmpp"}, nil},
		{"two subprotocols in two fields", []string{sip, "Sec-WebSocket-Protocol: xmpp"}, nil},
		{"sip twice", []string{sip, sip}, nil},
		{"no subprotocol", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newRawServer(t, func(w io.Writer, req *http.Request) {
				_, _ = io.WriteString(w, switching(req, c.lines...))
				_, _ = io.Copy(io.Discard, readerOf(w))
			})
			conn, _, err := (&Dialer{}).Dial(t.Context(), "ws://"+server.addr)
			if conn != nil {
				conn.Close()
			}
			var e *DialError
			switch failed := errors.As(err, &e); {
			case strings.HasPrefix(c.name, "sip alone"), strings.HasPrefix(c.name, "an empty"):
				if failed {
					t.Errorf("refused: %v", err)
				}
			case !failed:
				t.Errorf("connected, %v", err)
			case strings.Contains(strings.ToLower(strings.Join(c.lines, " ")), "extensions") != extension(e):
				t.Errorf("%v", err)
			case !extension(e) && e.Stage != StageSubprotocol:
				t.Errorf("stage %v: %v", e.Stage, err)
			}
		})
	}
}

// readerOf is the other direction of a counted connection.
func readerOf(w io.Writer) io.Reader { return w.(counted).Writer.(io.Reader) }

// serverFrame is a frame as a server sends it, unmasked.
func serverFrame(final bool, opcode byte, payload []byte) []byte {
	if final {
		opcode |= 0x80
	}
	switch n := len(payload); {
	case n < 126:
		return append([]byte{opcode, byte(n)}, payload...)
	case n < 1<<16:
		return append(binary.BigEndian.AppendUint16([]byte{opcode, 126}, uint16(n)), payload...)
	default:
		return append(binary.BigEndian.AppendUint64([]byte{opcode, 127}, uint64(n)), payload...)
	}
}

// Frames that are no bounded message end the connection, and take no memory before.
//
// Holds: bounded-reads
func TestFramesWithoutEndCloseTheConnection(t *testing.T) {
	const text, more, ping = 1, 0, 9
	header := func(opcode, length byte, octets ...byte) []byte { return append([]byte{opcode, length}, octets...) }
	flood := func(frame []byte) []byte { return bytes.Repeat(frame, 1_000_000) }
	for _, c := range []struct {
		name   string
		frames []byte
		code   int // of our Close frame
	}{
		{
			"one of 2^63-1", header(0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
			websocket.CloseMessageTooBig,
		},
		{"one of 2^32", header(0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0), websocket.CloseMessageTooBig},
		{"one above the limit", serverFrame(true, text, make([]byte, readLimit+1)), websocket.CloseMessageTooBig},
		{
			"a million empty fragments", append(serverFrame(false, text, nil), flood(serverFrame(false, more, nil))...),
			websocket.CloseMessageTooBig,
		},
		{
			"a million pings inside a message",
			append(serverFrame(false, text, nil), flood(serverFrame(true, ping, nil))...),
			websocket.CloseMessageTooBig,
		},
		{"fragments above the limit", append(serverFrame(false, text, make([]byte, readLimit)),
			serverFrame(true, more, []byte("x"))...), websocket.CloseMessageTooBig},
		{"a masked frame", header(0x81, 0x81, 1, 2, 3, 4, 5), websocket.CloseProtocolError},
		{"a compressed frame", header(0xc1, 1, 'x'), websocket.CloseProtocolError},
		{"a fragmented ping", header(0x09, 0), websocket.CloseProtocolError},
		{"a long ping", header(0x89, 126, 0, 200), websocket.CloseProtocolError},
		{"an unknown opcode", header(0x83, 0), websocket.CloseProtocolError},
	} {
		t.Run(c.name, func(t *testing.T) {
			closed := make(chan int, 1)
			server := newRawServer(t, func(w io.Writer, req *http.Request) {
				_, _ = io.WriteString(w, switching(req, "Sec-WebSocket-Protocol: sip"))
				conn := w.(counted).Writer.(net.Conn)
				go func() { _, _ = w.Write(c.frames) }()
				closed <- closeCode(conn)
			})
			conn, _, err := (&Dialer{}).Dial(t.Context(), "ws://"+server.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			in := newInbound(conn.socket, func() {})
			before := live()
			if _, err := in.next(nil); err == nil {
				t.Error("a message was read")
			}
			after := live()
			select {
			case code := <-closed:
				if code != c.code {
					t.Errorf("closed with %d, want %d", code, c.code)
				}
			case <-time.After(time.Minute): // the server took so long to read that nothing could be said
				t.Error("closed without a word")
			}
			if grown := int64(after) - int64(before); grown > 1<<20 {
				t.Errorf("%d octets are kept", grown)
			}
		})
	}
}

// live is how much memory is in use after a collection.
func live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// closeCode reads a client's frames to its Close frame.
func closeCode(r io.Reader) int {
	for {
		var head [6]byte // with the mask; the client sends nothing long
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return 0
		}
		payload := make([]byte, head[1]&0x7f)
		if _, err := io.ReadFull(r, payload); err != nil {
			return 0
		}
		for i := range payload {
			payload[i] ^= head[2+i%4]
		}
		if head[0]&0xf == websocket.CloseMessage && len(payload) >= 2 {
			return int(binary.BigEndian.Uint16(payload))
		}
	}
}

// Pings alone never end a connection, however many: each counts from new.
//
// Holds: bounded-reads
func TestPingFloodIsBoundedAndKeepsTheConnection(t *testing.T) {
	const pings = 20_000
	server := newRawServer(t, func(w io.Writer, req *http.Request) {
		_, _ = io.WriteString(w, switching(req, "Sec-WebSocket-Protocol: sip"))
		go func() {
			_, _ = w.Write(bytes.Repeat(serverFrame(true, 9, make([]byte, 125)), pings))
			_, _ = w.Write(bytes.Repeat(serverFrame(true, 10, make([]byte, 125)), pings))
			_, _ = w.Write(serverFrame(true, 1, []byte("after")))
		}()
		_, _ = io.Copy(io.Discard, readerOf(w))
	})
	conn, _, err := (&Dialer{}).Dial(t.Context(), "ws://"+server.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if data, err := newInbound(conn.socket, func() {}).next(nil); string(data) != "after" || err != nil {
		t.Errorf("read %q, %v", data, err)
	}
}

// A file that the configuration names is a file, of a size that one of its kind has.
//
// Holds: bounded-reads
func TestFilesThatAreNamedAreReadOnlySoFar(t *testing.T) {
	dir := t.TempDir()
	huge := filepath.Join(dir, "huge.pem")
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 1<<40); err != nil { // without a block on the disk
		t.Skip("no sparse files here: ", err)
	}
	for _, c := range []struct{ name, path string }{
		{"a terabyte", huge},
		{"a folder", dir},
		{"no file", filepath.Join(dir, "missing.pem")},
		{"a device without end", "/dev/zero"},
		{"a FIFO", fifo(t, dir)},
		{"an empty name's folder", filepath.Join(huge, "below")},
	} {
		t.Run(c.name, func(t *testing.T) {
			for parameter, a := range map[string]config.Additions{
				"calla.tls_ca":             {TLSCA: c.path},
				"calla.client_certificate": {ClientCertificate: c.path},
				"calla.client_key":         {ClientCertificate: pemFile(t), ClientKey: c.path},
			} {
				done := make(chan error, 1)
				go func() {
					_, err := clientTLS("wss://h", a, nil)
					done <- err
				}()
				select {
				case err := <-done:
					var file *FileError
					if !errors.As(err, &file) || file.Parameter != parameter || file.Path != c.path {
						t.Errorf("%s: %v", parameter, err)
					}
				case <-time.After(10 * time.Second):
					t.Fatalf("%s: it is still read", parameter)
				}
			}
		})
	}
}

// pemFile is a file that can be read.
func pemFile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "a.pem")
	if err := os.WriteFile(path, []byte(fmt.Sprintln("none")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
