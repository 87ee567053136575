package ws

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

// What a server may say at a time, in octets on the wire below TLS, with TLS's own and that of frames.
const (
	maxTLSHandshake = 64 << 10      // its certificates and those that vouch for them
	maxAnswer       = 16 << 10      // to the WebSocket handshake, and to CONNECT
	maxOnWire       = 2 * readLimit // one message, in however many frames, and the Pings and Pongs inside it
)

// messageTime bounds how long one message may take from its first frame to its last octet.
const messageTime = 30 * time.Second

// bounded is a connection on which the far end may say only so much before it is allowed more: what is read in one
// go, as an HTTP answer is, has no bound of its own. It belongs to the one goroutine that reads.
type bounded struct {
	net.Conn
	left int
}

// NetConn is the connection below, as that of tls.Conn.
func (b *bounded) NetConn() net.Conn { return b.Conn }

// allow lets the far end say n octets more from here on.
func (b *bounded) allow(n int) {
	if b != nil {
		b.left = n
	}
}

// Read implements io.Reader; the error is ErrEndless when the far end has said all it may.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrEndless
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// boundOf returns the bound of a WebSocket's connection, nil where a proxy of another kind than HTTP stands between.
func boundOf(conn net.Conn) *bounded {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	b, _ := conn.(*bounded)
	return b
}

// unoffered holds the answer to a handshake against what was offered, the subprotocol sip and no extension (RFC 6455
// sections 4.1 and 11.3); nil is an answer that chooses nothing else. An extension changes what frames mean:
// permessage-deflate would let a server write a gigabyte with a megabyte.
func unoffered(resp *http.Response) *DialError {
	if resp == nil || resp.StatusCode != http.StatusSwitchingProtocols {
		return nil
	}
	for _, list := range resp.Header.Values("Sec-Websocket-Extensions") {
		if strings.Trim(list, ", \t") != "" {
			return &DialError{Stage: StageHTTP, Err: ErrUnofferedExtension}
		}
	}
	if chosen := resp.Header.Values("Sec-Websocket-Protocol"); len(chosen) != 1 || chosen[0] != subprotocol {
		return &DialError{Stage: StageSubprotocol, Err: errors.New("no subprotocol sip")}
	}
	if len(resp.Header.Values("Sec-Websocket-Accept")) != 1 {
		return &DialError{Stage: StageHTTP, Err: websocket.ErrBadHandshake}
	}
	return nil
}

// inbound reads a flow's messages, each within its bounds of size, frames and time. It belongs to the goroutine that
// reads, which control frames are dealt with on too.
type inbound struct {
	conn   *websocket.Conn
	wire   *bounded     // may be nil
	inside bool         // a message, some frames of which may still come
	room   bytes.Buffer // for a message, and then for the next one
}

// newInbound gives a connection its bounds before the first frame is read. onPong is called for every Pong.
func newInbound(conn *websocket.Conn, onPong func()) *inbound {
	in := &inbound{conn: conn, wire: boundOf(conn.NetConn())}
	conn.SetReadLimit(readLimit)
	in.wire.allow(maxOnWire)
	answer := conn.PingHandler()
	conn.SetPingHandler(func(data string) error {
		in.control()
		return answer(data)
	})
	conn.SetPongHandler(func(string) error {
		in.control()
		onPong()
		return nil
	})
	return in
}

// control allows the next message anew after a control frame, which inside a message counts as part of it.
func (in *inbound) control() {
	if !in.inside {
		in.wire.allow(maxOnWire)
	}
}

// next reads one message, until over is closed. One that takes too long or too many frames is refused with 1008 or
// 1009 (RFC 6455 section 7.4.1) as one that is too long is by gorilla.
func (in *inbound) next(over <-chan struct{}) ([]byte, error) {
	_, r, err := in.conn.NextReader()
	if err != nil {
		return nil, in.refuse(err, over)
	}
	in.inside = true
	defer func() { in.inside = false }()
	if err := in.conn.SetReadDeadline(time.Now().Add(messageTime)); err != nil {
		return nil, err
	}
	if isClosed(over) { // the deadline that was to wake us may be the one just set
		return nil, net.ErrClosed
	}
	in.room.Reset()
	if _, err := in.room.ReadFrom(r); err != nil {
		return nil, in.refuse(err, over)
	}
	// Of what is too long, no more is kept than tells that it is.
	data := bytes.Clone(in.room.Bytes()[:min(in.room.Len(), sip.MaxMessageSize+1)])
	in.wire.allow(maxOnWire)
	return data, in.conn.SetReadDeadline(time.Time{})
}

// refuse tells the far end what was wrong with its message.
func (in *inbound) refuse(err error, over <-chan struct{}) error {
	code := 0
	var late net.Error
	switch {
	case isClosed(over):
		return err
	case errors.Is(err, ErrEndless):
		code = websocket.CloseMessageTooBig
	case in.inside && errors.As(err, &late) && late.Timeout():
		code, err = websocket.ClosePolicyViolation, ErrSlowMessage
	default:
		return err
	}
	farewell := websocket.FormatCloseMessage(code, "")
	_ = in.conn.WriteControl(websocket.CloseMessage, farewell, time.Now().Add(closePatience))
	return err
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
