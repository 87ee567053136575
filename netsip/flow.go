package netsip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

const (
	readLimit     = 128 << 10        // octets of one WebSocket message
	writeTimeout  = 10 * time.Second // of one frame
	writeBacklog  = 1024             // frames that wait for a stalled socket
	batchKept     = 16               // frames whose room is kept for the next ones
	readBacklog   = 64               // messages that wait for the loop, each tokenSize
	tokenSize     = 4 << 10          // octets of a message for one token; a larger one takes more
	closePatience = time.Second      // for the server's Close frame
)

// errStalled: the socket takes nothing and the frames that wait for it are too many.
var errStalled = errors.New("connection stalled")

// errAddressGone: the network that the connection went over is gone.
var errAddressGone = errors.New("the local address is gone")

// flow is one WebSocket connection (RFC 7118; "flow" as in RFC 5626). One goroutine reads, parses
// and posts messages to the loop in order; another writes what the loop has queued, so that a
// stalled socket holds neither. Everything here but read and write belongs to the loop.
//
//	open ──close──▶ closing ──Close frame, or 1 s──▶ ended
//	  └───────────── error, silence ─────────────────▲
type flow struct {
	loop    *loop.Loop
	conn    *websocket.Conn
	url     string
	since   time.Time
	pending chan struct{} // tokens of messages posted and not yet run
	quit    chan struct{} // closed when the flow has ended
	wake    chan struct{} // one token: outgoing may hold something
	large   largeSend     // the last large message

	mu       sync.Mutex
	outgoing []frame // waiting for the writer; guarded by mu

	keepalive *keepalive // set before start
	closing   bool
	ended     bool

	onMessage func(data []byte, m *sip.Message, err *sip.ParseError) // m or err
	onText    func(text string, outgoing bool)                       // keep-alives that are no messages, for the trace
	onEnd     func(error)                                            // once; nil error after close
}

type frame struct {
	kind int // of gorilla's constants
	data []byte
}

// start lets the goroutines of the flow run; the callbacks must be set.
func (f *flow) start() {
	f.since = time.Now()
	f.wake = make(chan struct{}, 1)
	f.pending = make(chan struct{}, readBacklog)
	f.quit = make(chan struct{})
	ponged := make(chan struct{}, 1) // however many come, one waits for the loop
	in := newInbound(f.conn, func() {
		select {
		case ponged <- struct{}{}:
			f.loop.Post(func() {
				<-ponged
				f.alive(true)
			})
		default:
		}
	})
	var readErr, writeErr error
	f.loop.Go(func(ctx context.Context) { readErr = f.read(ctx, in) }, func() { f.end(readErr) })
	f.loop.Go(func(ctx context.Context) { writeErr = f.write(ctx) }, func() {
		if writeErr != nil {
			f.end(writeErr)
		}
	})
	f.keepalive.schedule()
}

// read runs until the socket fails.
func (f *flow) read(ctx context.Context, in *inbound) error {
	release := context.AfterFunc(ctx, func() { f.unblock() })
	defer release()
	for {
		data, err := in.next(f.quit)
		if err != nil {
			return err
		}
		deliver := f.parsed(data)
		weight := 1 + len(data)/tokenSize
		for range weight {
			select {
			case f.pending <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		f.loop.Post(func() {
			for range weight {
				<-f.pending
			}
			if f.ended {
				return
			}
			f.alive(false)
			deliver()
		})
	}
}

// parsed reads one frame, off the loop, and returns what is to be done with it on the loop. Text
// and binary frames are the same (RFC 7118 section 5).
func (f *flow) parsed(data []byte) func() {
	switch string(data) {
	case "\r\n\r\n": // a ping of RFC 5626 section 4.4.1 (Asterisk sends them)
		return func() {
			f.onText("\r\n\r\n", false)
			f.queue(frame{websocket.TextMessage, []byte("\r\n")})
			f.onText("\r\n", true)
		}
	case "\r\n", "":
		return func() { f.onText(string(data), false) }
	}
	m, err := sip.Parse(data)
	if err == nil {
		return func() { f.onMessage(data, m, nil) }
	}
	var bad *sip.ParseError
	if !errors.As(err, &bad) {
		bad = &sip.ParseError{Reason: err.Error()}
	}
	return func() { f.onMessage(data, nil, bad) }
}

// write sends what is queued until the flow ends or the socket fails, and closes the socket.
func (f *flow) write(ctx context.Context) error {
	defer func() { _ = f.conn.Close() }()
	var batch []frame
	for {
		f.mu.Lock()
		batch, f.outgoing = f.outgoing, batch[:0]
		f.mu.Unlock()
		for i, fr := range batch {
			select {
			case <-f.quit: // whatever is still queued
				return nil
			default:
			}
			batch[i] = frame{}
			if err := f.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
				return err
			}
			if err := f.conn.WriteMessage(fr.kind, fr.data); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		if len(batch) > 0 {
			if cap(batch) > batchKept {
				batch = nil
			}
			continue
		}
		select {
		case <-f.wake:
		case <-f.quit:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// unblock makes the reads and writes that are under way fail; safe from any goroutine.
func (f *flow) unblock() { _ = f.conn.NetConn().SetDeadline(time.Unix(1, 0)) }

// queue gives a frame to the writer. A socket so far behind that nothing more fits is dead.
func (f *flow) queue(fr frame) bool {
	if f.ended || f.closing {
		return false
	}
	f.mu.Lock()
	full := len(f.outgoing) >= writeBacklog
	if !full {
		f.outgoing = append(f.outgoing, fr)
	}
	f.mu.Unlock()
	if full {
		f.loop.Post(func() { f.end(errStalled) }) // not while a caller is in the middle of something
		return false
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
	return true
}

// addressGone tells whether this computer no longer has the address the connection was made from; not for the loop.
func (f *flow) addressGone() bool {
	local, ok := f.conn.LocalAddr().(*net.TCPAddr)
	if !ok || local.IP.IsLoopback() {
		return false
	}
	addrs, err := net.InterfaceAddrs()
	return err == nil && !slices.ContainsFunc(addrs, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(local.IP)
	})
}

// send queues one message: in a text frame, or in a binary one where it repeats what of another's is no UTF-8, as a
// server must cut the connection otherwise (RFC 6455 section 8.1, RFC 7118 section 5).
func (f *flow) send(data []byte) bool {
	kind := websocket.TextMessage
	if !utf8.Valid(data) {
		kind = websocket.BinaryMessage
	}
	return f.queue(frame{kind, data})
}

// alive notes that the far end has shown life; pong tells that it answered a Ping.
func (f *flow) alive(pong bool) {
	if !f.ended {
		f.keepalive.alive(pong)
	}
}

// close says good-bye after what is queued and ends the flow within a second.
func (f *flow) close() {
	if f.ended || f.closing {
		return
	}
	f.queue(frame{websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")})
	f.closing = true
	f.keepalive.stop()
	f.loop.AfterFunc(closePatience, func() { f.end(nil) })
}

// end ends the flow for err.
func (f *flow) end(err error) {
	if f.ended {
		return
	}
	f.ended = true
	f.keepalive.stop()
	close(f.quit)
	f.unblock()
	if f.closing {
		f.onEnd(nil)
		return
	}
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		f.onEnd(&CloseError{Code: closed.Code, Reason: closed.Text})
		return
	}
	f.onEnd(&CloseError{Code: websocket.CloseAbnormalClosure, Err: err})
}
