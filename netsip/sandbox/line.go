package sandbox

import (
	"net"
	"os"
	"sync"
	"time"
)

// Line is what the way from the server to a client is like; the zero value is a good one. What the client sends is
// not held up.
type Line struct {
	Latency time.Duration // what is sent arrives so much later, in order
	PerByte time.Duration // and an octet at a time, one each so long
	CutAt   int           // the connection is cut when so many more octets have gone; 0 = never
}

// line is an accepted connection whose writes may suffer.
//
//	Write ──▶ inner                      as long as it was never slow
//	Write ──▶ queue ──pump──▶ inner      from the first latency on, so that nothing overtakes
type line struct {
	net.Conn
	running *sync.WaitGroup // of the server

	mu     sync.Mutex
	like   Line
	queue  chan parcel // nil until there is a latency
	closed chan struct{}
	once   sync.Once
}

// parcel is one write on its way.
type parcel struct {
	data []byte
	due  time.Time
}

// maxParcels bounds what a slow line holds; a client that is so far behind is cut.
const maxParcels = 4096

// become changes what the line is like from the next write on.
func (l *line) become(like Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.like = like
	if like.Latency > 0 && l.queue == nil {
		l.queue = make(chan parcel, maxParcels)
		l.running.Go(func() { l.pump(l.queue) })
	}
}

func (l *line) Write(p []byte) (int, error) {
	l.mu.Lock()
	like, queue := l.like, l.queue
	l.mu.Unlock()
	if queue == nil {
		return l.carry(p)
	}
	data := make([]byte, len(p))
	copy(data, p)
	select {
	case queue <- parcel{data, time.Now().Add(like.Latency)}:
		return len(p), nil
	case <-l.closed:
		return 0, net.ErrClosed
	default:
		_ = l.Close()
		return 0, os.ErrDeadlineExceeded
	}
}

// pump delivers what is due, in order.
func (l *line) pump(queue <-chan parcel) {
	for {
		select {
		case p := <-queue:
			if !l.wait(time.Until(p.due)) {
				return
			}
			if _, err := l.carry(p.data); err != nil {
				return
			}
		case <-l.closed:
			return
		}
	}
}

// wait returns false when the line was closed meanwhile.
func (l *line) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.closed:
		return false
	}
}

// carry writes to the client, as slowly and as far as the line is good for.
func (l *line) carry(p []byte) (n int, err error) {
	for n < len(p) {
		l.mu.Lock()
		slow, left := l.like.PerByte, l.like.CutAt
		size := len(p) - n
		if slow > 0 {
			size = 1
		}
		if left > 0 {
			size = min(size, left)
			l.like.CutAt -= size
		}
		l.mu.Unlock()
		if slow > 0 && !l.wait(slow) {
			return n, net.ErrClosed
		}
		written, err := l.Conn.Write(p[n : n+size])
		n += written
		if err == nil && left > 0 && size == left {
			err = net.ErrClosed
			_ = l.Close()
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// SetWriteDeadline is without effect on a line that is slow on purpose.
func (l *line) SetWriteDeadline(t time.Time) error {
	l.mu.Lock()
	slow := l.queue != nil || l.like.PerByte > 0
	l.mu.Unlock()
	if slow {
		t = time.Time{}
	}
	return l.Conn.SetWriteDeadline(t)
}

func (l *line) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Conn.Close()
}

// lines makes every accepted connection a line.
type lines struct {
	net.Listener
	running *sync.WaitGroup
}

func (l lines) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &line{Conn: conn, running: l.running, closed: make(chan struct{})}, nil
}

// become has the connection's line change.
func (c *connection) become(like Line) {
	if l, ok := c.ws.NetConn().(*line); ok {
		l.become(like)
	}
}
