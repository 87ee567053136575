package ws

import (
	"context"
	"errors"
	"fmt"
	"net"
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

// Events are what a flow tells, on its loop and in order.
type Events struct {
	// OnMessage is told of each message: of m, or of why there is none.
	OnMessage func(data []byte, m *sip.Message, err *sip.ParseError)
	// OnText is told of keep-alives that are no messages (RFC 5626 section 4.4.1), both ways.
	OnText func(text string, outgoing bool)
	// OnRTT is told how long the server took for each Pong.
	OnRTT func(time.Duration)
	// OnEnd is told once that the flow has ended: a *CloseError, nil after Close.
	OnEnd func(error)
}

// Flow is one WebSocket connection (RFC 7118; "flow" as in RFC 5626) that is kept alive. One goroutine reads, parses
// and posts messages to the loop in order; another writes what the loop has queued, so that a
// stalled socket holds neither. Everything here but read and write belongs to the loop.
//
//	open ──Close──▶ closing ──Close frame, or 1 s──▶ ended
//	  └───────────── error, silence ─────────────────▲
type Flow struct {
	loop    *loop.Loop
	conn    *websocket.Conn
	url     string
	since   time.Time
	on      Events
	pending chan struct{} // tokens of messages posted and not yet run
	quit    chan struct{} // closed when the flow has ended
	wake    chan struct{} // one token: outgoing may hold something

	mu       sync.Mutex
	outgoing []frame // waiting for the writer; guarded by mu

	keepalive keepalive
	closing   bool
	ended     bool
}

type frame struct {
	kind int // of gorilla's constants
	data []byte
}

// NewFlow takes a connection into use: it is read, and asked for a sign of life whenever it has been silent for a time.
// All of on must be set. It is called on the loop, as all methods are.
func NewFlow(l *loop.Loop, conn *Conn, silence time.Duration, on Events) *Flow {
	f := &Flow{
		loop: l, conn: conn.socket, url: conn.url, since: time.Now(), on: on,
		wake: make(chan struct{}, 1), pending: make(chan struct{}, readBacklog), quit: make(chan struct{}),
	}
	f.keepalive = keepalive{flow: f, every: silence}
	f.start()
	return f
}

// URL is the server's.
func (f *Flow) URL() string { return f.url }

// Since is when the flow was made.
func (f *Flow) Since() time.Time { return f.since }

// start lets the goroutines of the flow run.
func (f *Flow) start() {
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
func (f *Flow) read(ctx context.Context, in *inbound) error {
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
func (f *Flow) parsed(data []byte) func() {
	switch string(data) {
	case "\r\n\r\n": // a ping of RFC 5626 section 4.4.1 (Asterisk sends them)
		return func() {
			f.on.OnText("\r\n\r\n", false)
			f.queue(frame{websocket.TextMessage, []byte("\r\n")})
			f.on.OnText("\r\n", true)
		}
	case "\r\n", "":
		return func() { f.on.OnText(string(data), false) }
	}
	m, err := sip.Parse(data)
	if err == nil {
		return func() { f.on.OnMessage(data, m, nil) }
	}
	var bad *sip.ParseError
	if !errors.As(err, &bad) {
		bad = &sip.ParseError{Reason: err.Error()}
	}
	return func() { f.on.OnMessage(data, nil, bad) }
}

// write sends what is queued until the flow ends or the socket fails, and closes the socket.
func (f *Flow) write(ctx context.Context) error {
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
func (f *Flow) unblock() { _ = f.conn.NetConn().SetDeadline(time.Unix(1, 0)) }

// forget has what the far end has not taken yet thrown away when the socket is closed, in the place of being sent
// again by the system for minutes: an INVITE that was told as failed would ring when the network is back.
func (f *Flow) forget() {
	conn := f.conn.NetConn()
	for {
		switch c := conn.(type) {
		case interface{ SetLinger(sec int) error }:
			_ = c.SetLinger(0)
			return
		case interface{ NetConn() net.Conn }: // TLS, and what bounds a dial
			conn = c.NetConn()
		default:
			return
		}
	}
}

// queue gives a frame to the writer. A socket so far behind that nothing more fits is dead.
func (f *Flow) queue(fr frame) bool {
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
		f.loop.Post(func() { f.end(ErrStalled) }) // not while a caller is in the middle of something
		return false
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
	return true
}

// CheckAddress ends the flow where this computer no longer has the address it was made from: addresses or routes have
// changed.
func (f *Flow) CheckAddress() {
	gone := false
	f.loop.Go(func(context.Context) { gone = f.addressGone() }, func() {
		if gone {
			f.end(ErrAddressGone)
		}
	})
}

// addressGone is not for the loop.
func (f *Flow) addressGone() bool {
	local, ok := f.conn.LocalAddr().(*net.TCPAddr)
	if !ok || local.IP.IsLoopback() {
		return false
	}
	own, known := isOwn(local.IP)
	return known && !own
}

// Send queues one message: in a text frame, or in a binary one where it repeats what of another's is no UTF-8, as a
// server must cut the connection otherwise (RFC 6455 section 8.1, RFC 7118 section 5). It is false where the flow has
// ended, is closing, or is so far behind that it ends.
func (f *Flow) Send(data []byte) bool {
	kind := websocket.TextMessage
	if !utf8.Valid(data) {
		kind = websocket.BinaryMessage
	}
	return f.queue(frame{kind, data})
}

// Probe asks for a sign of life within 2 s: the network may have changed.
func (f *Flow) Probe() { f.keepalive.probe() }

// SetBusy tells whether somebody waits, so that a dead flow must be found within 8 s.
func (f *Flow) SetBusy(busy bool) { f.keepalive.setBusy(busy) }

// SetSilence changes the time of silence after which a sign of life is asked for.
func (f *Flow) SetSilence(d time.Duration) { f.keepalive.setEvery(d) }

// SetFlowTimer shortens that time to what the server counts on, as its Flow-Timer says (RFC 5626 section 4.4).
func (f *Flow) SetFlowTimer(d time.Duration) { f.keepalive.atMost(d) }

// alive notes that the far end has shown life; pong tells that it answered a Ping.
func (f *Flow) alive(pong bool) {
	if !f.ended {
		f.keepalive.alive(pong)
	}
}

// Close says good-bye after what is queued and ends the flow within a second.
func (f *Flow) Close() {
	if f.ended || f.closing {
		return
	}
	f.queue(frame{websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")})
	f.closing = true
	f.keepalive.stop()
	f.loop.AfterFunc(closePatience, func() { f.end(nil) })
}

// end ends the flow for err.
func (f *Flow) end(err error) {
	if f.ended {
		return
	}
	f.ended = true
	f.keepalive.stop()
	if errors.Is(err, ErrSilent) || errors.Is(err, ErrStalled) || errors.Is(err, ErrAddressGone) {
		f.forget()
	}
	close(f.quit)
	f.unblock()
	if f.closing {
		f.on.OnEnd(nil)
		return
	}
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		f.on.OnEnd(&CloseError{Code: closed.Code, Reason: closed.Text})
		return
	}
	f.on.OnEnd(&CloseError{Code: websocket.CloseAbnormalClosure, Err: err})
}
